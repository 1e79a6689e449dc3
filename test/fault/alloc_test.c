/* The n-th allocation fails: a status, no crash, no leak, nothing acknowledged lost.
 *
 * WB_FAULT_ALL=1 in the environment tries every allocation; else a sample of them is tried. */
#include "reference.h"

#include "lib/failing_malloc.h"
#include "lib/faulty_vfs.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#define FAULTS_TRIED 400

static uint64_t allocation_count;

static struct script run_with(uint64_t n, bool sticky)
{
    struct script script = reference_script();
    faulty_vfs_reset();
    failing_malloc_arm(n, sticky);
    script.status = script_open(&script, WB_CREATE);
    if (script.status == WB_OK) script_run(&script);
    return script;
}

static int count_allocations(void **state)
{
    (void)state;
    reference_make();
    struct script script = run_with(0, false);
    assert_int_equal(script.status, WB_OK);
    assert_int_equal(script_close(&script), WB_OK);
    allocation_count = failing_malloc_count();
    print_message("%" PRIu64 " allocations, every %" PRIu64 "th fails\n", allocation_count,
                  reference_stride(allocation_count, FAULTS_TRIED));
    return 0;
}

static int clean(void **state)
{
    (void)state;
    reference_done();
    return 0;
}

static void ask_again(struct script *script, const char *what)
{
    failing_malloc_arm(0, false);
    if (script->status != WB_ENOMEM || !script->wb) return;
    if (strcmp(script_step_name(script->next), "ask") != 0) return;
    script_step(script);
    /* A store that failed stays failed; it must not answer otherwise. */
    if (script->status != WB_OK && script->status != WB_ENOMEM) {
        fail_msg("%s: asked again with memory there: status %d", what, (int)script->status);
    }
}

static bool check_allocation(uint64_t n, bool sticky, int64_t sqlite_bytes_before)
{
    char what[120];
    struct script script = run_with(n, sticky);
    bool fired = failing_malloc_fired();
    (void)snprintf(what, sizeof what, "allocation %" PRIu64 " fails%s, at \"%s\"", n,
                   sticky ? " with all after it" : "", script_step_name(script.next));
    if (script.status != WB_OK && script.status != WB_ENOMEM && script.status != WB_EIO) {
        fail_msg("%s: status %d (%s)", what, (int)script.status, script.why.text);
    }
    if (sticky && fired && script.status == WB_OK && script.next < script_step_count()) {
        fail_msg("%s: nobody noticed", what);
    }
    bool failed = script.status != WB_OK;
    if (!sticky) ask_again(&script, what);
    (void)script_close(&script);
    failing_malloc_arm(0, false);
    if (sqlite3_memory_used() != sqlite_bytes_before) {
        fail_msg("%s: %" PRId64 " bytes of SQLite's memory are still held", what,
                 (int64_t)sqlite3_memory_used() - sqlite_bytes_before);
    }
    reference_check(&script, what);
    assert_int_equal(script_close(&script), WB_OK);
    return failed;
}

static void check_allocations(bool sticky)
{
    int failed = 0;
    int64_t sqlite_bytes = sqlite3_memory_used();
    for (uint64_t n = 1; n <= allocation_count;
         n += reference_stride(allocation_count, FAULTS_TRIED)) {
        failed += check_allocation(n, sticky, sqlite_bytes);
    }
    print_message("%d runs ended early\n", failed);
    assert_true(failed > 0);
}

static void one_failed_allocation_loses_nothing(void **state)
{
    (void)state;
    check_allocations(false);
}

static void memory_that_has_ended_loses_nothing(void **state)
{
    (void)state;
    check_allocations(true);
}

int main(void)
{
    failing_malloc_into_sqlite();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(one_failed_allocation_loses_nothing, reference_tidy),
        cmocka_unit_test_teardown(memory_that_has_ended_loses_nothing, reference_tidy),
    };
    return cmocka_run_group_tests_name("alloc", tests, count_allocations, clean);
}
