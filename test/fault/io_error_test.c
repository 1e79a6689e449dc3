/* A read or write fails, or the disk is full, at any boundary: WB_EIO and a sentence, no answer
 * from that handle any more, and all that was acknowledged is in the file.
 *
 * WB_FAULT_ALL=1 in the environment tries every boundary; else a sample of them is tried. */
#include "reference.h"

#include "lib/faulty_vfs.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FAULTS_TRIED 160

static uint64_t boundary_count;
static uint64_t read_count;

static struct script run_with(struct faulty_plan plan)
{
    struct script script = reference_script();
    faulty_vfs_reset();
    faulty_vfs_plan(plan);
    script.status = script_open(&script, WB_CREATE);
    if (script.status == WB_OK) script_run(&script);
    return script;
}

static int count_boundaries(void **state)
{
    (void)state;
    reference_make();
    struct script script = run_with((struct faulty_plan){0});
    assert_int_equal(script.status, WB_OK);
    assert_int_equal(script_close(&script), WB_OK);
    boundary_count = faulty_vfs_boundaries();
    read_count = faulty_vfs_reads();
    print_message("%" PRIu64 " boundaries, %" PRIu64 " reads\n", boundary_count, read_count);
    return 0;
}

static int clean(void **state)
{
    (void)state;
    reference_done();
    return 0;
}

/* One plain sentence of some length, without a line break. */
static void check_sentence(const char *text, const char *what)
{
    if (strlen(text) < 12 || strchr(text, '\n')) {
        fail_msg("%s: no plain sentence says why: \"%s\"", what, text);
    }
}

static void fail_on_answer(wb_status status, const char *question, const char *what)
{
    if (status != WB_EIO) {
        fail_msg("%s: %s gave status %d on a handle that failed", what, question, (int)status);
    }
}

/* The handle says no to everything, with the sentence of its failure. */
static void check_silence(struct wb *wb, const char *what)
{
    const struct wb_moment moment = {SCRIPT_START_US, WB_EVERYTHING, SCRIPT_START_US};
    const struct wb_window window = {WB_NO_TIME, WB_STILL_THERE, WB_EVERYTHING, SCRIPT_START_US};
    struct wb_whereabouts_list list = {0};
    struct wb_whereabouts where = {0};
    struct wb_head_counts counts = {0};
    struct wb_stays stays = {0};
    check_sentence(wb_last_error(wb), what);
    fail_on_answer(wb_begin(wb, SCRIPT_START_US + 99 * SCRIPT_HOUR_US), "wb_begin", what);
    fail_on_answer(wb_everybody(wb, &moment, &list), "wb_everybody", what);
    fail_on_answer(wb_head_count(wb, &moment, NULL, &counts), "wb_head_count", what);
    fail_on_answer(wb_where(wb, (wb_person){0}, &moment, &where), "wb_where", what);
    fail_on_answer(wb_path(wb, (wb_person){0}, &window, &stays), "wb_path", what);
    fail_on_answer(wb_idle(wb), "wb_idle", what);
    wb_list_done(&list);
    wb_list_done(&counts);
    wb_list_done(&stays);
}

static bool speaks_of_room(const char *text)
{
    return strstr(text, "full") || strstr(text, "space") || strstr(text, "room");
}

/* One run with one fault. Returns whether the fault came to the script's notice. */
static bool check_fault(struct faulty_plan plan, const char *name)
{
    char what[160];
    struct script script = run_with(plan);
    bool failed = script.status != WB_OK;
    (void)snprintf(what, sizeof what, "%s at %" PRIu64 "%s, at \"%s\"", name, plan.boundary,
                   plan.sticky ? " for good" : " once", script_step_name(script.next));
    if (failed) {
        /* SQLite's own check of the file takes a page that it cannot read for a damaged one. */
        bool in_verify = plan.mode == FAULTY_READ && script.status == WB_EREFUSED &&
                         strcmp(script_step_name(script.next), "verify") == 0;
        if (script.status != WB_EIO && !in_verify) {
            fail_msg("%s: status %d (%s)", what, (int)script.status, script.why.text);
        }
        /* A wb_close that failed leaves no handle that could say why. */
        bool in_close = !script.wb && script.why.text[0] == '\0' && script.next > 0;
        if (!in_close) check_sentence(script.why.text, what);
        if (script.wb && !in_verify) check_silence(script.wb, what);
    }
    if (failed && plan.mode == FAULTY_DISK_FULL && script.wb && !plan.sticky &&
        !speaks_of_room(script.why.text)) {
        print_message("%s: \"%s\" does not say that the disk is full\n", what, script.why.text);
    }
    (void)script_close(&script);
    faulty_vfs_plan((struct faulty_plan){0});
    if (plan.boundary % 2 == 0) {
        faulty_vfs_power_cut();
        faulty_vfs_recover((enum disk_policy)(plan.boundary / 2 % DISK_POLICY_COUNT), 1);
    }
    reference_check(&script, what);
    assert_int_equal(script_close(&script), WB_OK);
    return failed;
}

static void check_faults(enum faulty_mode mode, bool sticky, const char *name)
{
    int noticed = 0;
    int tried = 0;
    uint64_t count = mode == FAULTY_READ ? read_count : boundary_count;
    for (uint64_t at = 1; at <= count; at += reference_stride(count, FAULTS_TRIED)) {
        noticed += check_fault((struct faulty_plan){mode, at, sticky}, name);
        tried++;
    }
    print_message("%s%s: %d tried, %d noticed\n", name, sticky ? " for good" : " once", tried,
                  noticed);
    assert_true(noticed > 0);
}

static void an_io_error_once_is_said_and_loses_nothing(void **state)
{
    (void)state;
    check_faults(FAULTY_IO_ERROR, false, "I/O error");
}

static void an_io_error_for_good_is_said_and_loses_nothing(void **state)
{
    (void)state;
    check_faults(FAULTY_IO_ERROR, true, "I/O error");
}

static void a_full_disk_once_is_said_and_loses_nothing(void **state)
{
    (void)state;
    check_faults(FAULTY_DISK_FULL, false, "full disk");
}

static void a_full_disk_for_good_is_said_and_loses_nothing(void **state)
{
    (void)state;
    check_faults(FAULTY_DISK_FULL, true, "full disk");
}

static void a_read_error_once_is_said_and_loses_nothing(void **state)
{
    (void)state;
    check_faults(FAULTY_READ, false, "read error");
}

static void a_read_error_for_good_is_said_and_loses_nothing(void **state)
{
    (void)state;
    check_faults(FAULTY_READ, true, "read error");
}

/* A disk that is full at a commit: the sentence names it. */
static void a_full_disk_is_called_a_full_disk(void **state)
{
    (void)state;
    struct script script = reference_script();
    faulty_vfs_reset();
    assert_int_equal(script_open(&script, WB_CREATE), WB_OK);
    while (script.facts < 4) {
        script_step(&script);
        assert_int_equal(script.status, WB_OK);
    }
    faulty_vfs_plan((struct faulty_plan){FAULTY_DISK_FULL, 1, true});
    script_step(&script);
    assert_int_equal(script.status, WB_EIO);
    print_message("the sentence: %s\n", script.why.text);
    assert_true(speaks_of_room(script.why.text));
    (void)script_close(&script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_full_disk_is_called_a_full_disk, reference_tidy),
        cmocka_unit_test_teardown(an_io_error_once_is_said_and_loses_nothing, reference_tidy),
        cmocka_unit_test_teardown(an_io_error_for_good_is_said_and_loses_nothing, reference_tidy),
        cmocka_unit_test_teardown(a_full_disk_once_is_said_and_loses_nothing, reference_tidy),
        cmocka_unit_test_teardown(a_full_disk_for_good_is_said_and_loses_nothing, reference_tidy),
        cmocka_unit_test_teardown(a_read_error_once_is_said_and_loses_nothing, reference_tidy),
        cmocka_unit_test_teardown(a_read_error_for_good_is_said_and_loses_nothing, reference_tidy),
    };
    return cmocka_run_group_tests_name("io_error", tests, count_boundaries, clean);
}
