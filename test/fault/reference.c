#include "reference.h"

#include "lib/faulty_vfs.h"

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FACTS_MAX 128

static char *reference[FACTS_MAX + 1];
static char folder[] = "/tmp/whereabouts-fault-XXXXXX";

const char *reference_path(const char *name)
{
    static char path[200];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

uint64_t reference_stride(uint64_t count, uint64_t tried)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment */
    if (getenv("WB_FAULT_ALL")) return 1;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe) */
    const char *thin = getenv("WB_FAULT_THIN");
    uint64_t times = thin == NULL ? 1 : strtoull(thin, NULL, 10);
    assert(times > 0);
    return (count <= tried ? 1 : (count + tried - 1) / tried) * times;
}

struct script reference_script(void)
{
    static char path[200];
    (void)snprintf(path, sizeof path, "%s/site.db", folder);
    return (struct script){.path = path, .vfs = FAULTY_VFS_NAME};
}

const char *reference_answers(size_t facts)
{
    return reference[facts];
}

static void fail_on_broken_laws(const char *text, const char *step)
{
    const char *broken = strstr(text, "BROKEN");
    if (broken) fail_msg("after \"%s\": %.*s", step, (int)strcspn(broken, "\n"), broken);
}

static void fail_on_difference(const char *want, const char *got, const char *what)
{
    char difference[1200];
    if (strcmp(want, got) == 0) return;
    script_difference(want, got, difference, sizeof difference);
    fail_msg("%s:\n%s", what, difference);
}

static char *answers_of(struct wb *wb, const char *what)
{
    char *text = NULL;
    wb_status status = script_answers(wb, &text);
    if (status != WB_OK) {
        fail_msg("%s: a question gave status %d: %s", what, (int)status, wb_last_error(wb));
    }
    return text;
}

static void fail_on_verification(struct wb *wb, const char *what)
{
    if (!wb_is_described(wb)) return; /* nothing to verify yet */
    struct wb_verification verification = {0};
    wb_status status = wb_verify(wb, NULL, NULL, &verification);
    if (status != WB_OK) {
        fail_msg("%s: verify gave status %d: %s", what, (int)status,
                 verification.first_fault[0] ? verification.first_fault : wb_last_error(wb));
    }
}

/* Keep what the file answers now, or hold it against what it answered before. */
static void reference_take(const struct script *script, const char *step)
{
    fail_on_verification(script->wb, step);
    char *text = answers_of(script->wb, step);
    fail_on_broken_laws(text, step);
    if (!reference[script->facts]) {
        reference[script->facts] = text;
        return;
    }
    fail_on_difference(reference[script->facts], text, step);
    free(text);
}

void reference_make(void)
{
    faulty_vfs_register();
    assert_non_null(mkdtemp(folder));
    assert_true(script_fact_count() <= FACTS_MAX);
    faulty_vfs_reset();
    struct script script = reference_script();
    wb_status status = script_open(&script, WB_CREATE);
    if (status != WB_OK) fail_msg("the file cannot be made: %d %s", (int)status, script.why.text);
    reference_take(&script, "opening");
    while (script.next < script_step_count()) {
        const char *step = script_step_name(script.next);
        script_step(&script);
        if (script.status != WB_OK) {
            fail_msg("step %zu, \"%s\": status %d: %s", script.next, step, (int)script.status,
                     script.why.text);
        }
        reference_take(&script, step);
    }
    assert_int_equal(script_close(&script), WB_OK);
}

void reference_done(void)
{
    for (size_t i = 0; i <= FACTS_MAX; i++) {
        free(reference[i]);
        reference[i] = NULL;
    }
    (void)unlink(reference_path("site.db-lock"));
    (void)rmdir(reference_path(""));
}

int reference_tidy(void **state)
{
    (void)state;
    faulty_vfs_plan((struct faulty_plan){0});
    script_close_left_open();
    return 0;
}

void reference_check(struct script *script, const char *what)
{
    char full[400];
    (void)snprintf(full, sizeof full, "%s, at \"%s\" (step %zu) with %zu facts acknowledged", what,
                   script_step_name(script->next), script->next, script->facts);
    bool may_be_there = script->status != WB_OK && script_step_is_fact(script->next);
    wb_status status = script_open(script, script->facts == 0 ? WB_CREATE : WB_WRITE);
    if (status != WB_OK) {
        fail_msg("%s: opening gave status %d: %s", full, (int)status, script->why.text);
    }
    fail_on_verification(script->wb, full);
    char *text = answers_of(script->wb, full);
    if (may_be_there && strcmp(text, reference[script->facts + 1]) == 0) {
        script->facts++;
        script->next++;
    } else {
        fail_on_difference(reference[script->facts], text, full);
    }
    free(text);
}
