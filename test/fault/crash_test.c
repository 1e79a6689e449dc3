/* The power goes at any moment: what was acknowledged is there, a turn is whole or absent,
 * and what is there answers as if nothing had happened.
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

#define CRASHES_TRIED 90
#define SEED_COUNT    4

static uint64_t boundary_count;

/* The whole script, or the part of it that the plan lets happen. */
static struct script run_with(struct faulty_plan plan)
{
    struct script script = reference_script();
    faulty_vfs_reset();
    faulty_vfs_plan(plan);
    script.status = script_open(&script, WB_CREATE);
    if (script.status == WB_OK) script_run(&script);
    return script;
}

static void close_quietly(struct script *script)
{
    (void)script_close(script);
}

static struct script crash_at(uint64_t boundary)
{
    struct script script = run_with((struct faulty_plan){FAULTY_CRASH, boundary, false});
    close_quietly(&script);
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
    print_message("%" PRIu64 " boundaries, every %" PRIu64 "th is tried\n", boundary_count,
                  reference_stride(boundary_count, CRASHES_TRIED));
    return 0;
}

static int clean(void **state)
{
    (void)state;
    reference_done();
    return 0;
}

static bool has_line(const char *text, const char *line)
{
    return strstr(text, line) != NULL;
}

/* So that the reference is not merely equal to itself: one person's answers by hand. */
static void the_known_morning_is_answered_as_by_hand(void **state)
{
    (void)state;
    const char *end = reference_answers(script_fact_count());
    /* All facts: the kitchen was withdrawn, the hall is forgotten after 3 h. */
    assert_true(has_line(end, "\npath of p11 known ever: 20m0 to 30m0 in house seen 20m0"));
    assert_true(
        has_line(end, "\npath of p11 known ever: 30m0 to 210m0 in hall seen 30m0 scans 1 flags 0"));
    /* Known at 07:15, before the late scan came at 07:20: no kitchen; at 11:00: withdrawn. */
    assert_true(has_line(end, "\npath of p11 known 75m0: 30m0 to ever in hall seen 30m0 scans 1"));
    /* After the late scan and before its withdrawal. */
    const char *late = reference_answers(7);
    assert_true(has_line(late, "\npath of p11 known ever: 20m0 to 25m0 in house seen 20m0"));
    assert_true(has_line(late, "\npath of p11 known ever: 25m0 to 30m0 in kitchen seen 25m0"));
    assert_true(has_line(late, "\npath of p11 known ever: 30m0 to 150m0 in hall seen 30m0"));
    assert_true(has_line(late, "\nwhere at 27m0 known ever: p11 in kitchen last kitchen"));
    assert_true(has_line(late, "\nwhere at 120m0 known ever: p11 in hall last hall"));
}

static void repeated_scans_are_counted_as_such(void **state)
{
    (void)state;
    struct script script = run_with((struct faulty_plan){0});
    assert_int_equal(script.status, WB_OK);
    assert_true(script.sum.duplicates > 10);
    assert_true(script.sum.held > 10);
    assert_true(script.sum.quarantined > 10);
    assert_int_equal(script_close(&script), WB_OK);
}

static void a_crash_loses_nothing_acknowledged_and_halves_no_turn(void **state)
{
    (void)state;
    for (uint64_t boundary = 1; boundary <= boundary_count;
         boundary += reference_stride(boundary_count, CRASHES_TRIED)) {
        struct script crashed = crash_at(boundary);
        assert_true(faulty_vfs_fired());
        faulty_vfs_power_cut();
        for (uint64_t seed = 0; seed < SEED_COUNT; seed++) {
            char what[80];
            (void)snprintf(what, sizeof what, "crash at boundary %" PRIu64 " seed %" PRIu64,
                           boundary, seed);
            struct script script = crashed;
            faulty_vfs_recover((enum disk_policy)(seed % DISK_POLICY_COUNT), boundary + seed);
            reference_check(&script, what);
            assert_int_equal(script_close(&script), WB_OK);
        }
    }
}

static void after_a_crash_life_goes_on_to_the_same_end(void **state)
{
    (void)state;
    for (uint64_t boundary = 2; boundary <= boundary_count;
         boundary += reference_stride(boundary_count, 20)) {
        char what[80];
        (void)snprintf(what, sizeof what, "going on after a crash at boundary %" PRIu64, boundary);
        struct script script = crash_at(boundary);
        faulty_vfs_power_cut();
        faulty_vfs_recover(DISK_TORN, boundary);
        reference_check(&script, what);
        script_run(&script);
        if (script.status != WB_OK) {
            fail_msg("%s: \"%s\" gave status %d: %s", what, script_step_name(script.next),
                     (int)script.status, script.why.text);
        }
        assert_int_equal(script_close(&script), WB_OK);
        reference_check(&script, what);
        assert_int_equal(script_close(&script), WB_OK);
    }
}

/* The power goes again while the file is opened and blocks are made. */
static void a_crash_during_recovery_loses_nothing(void **state)
{
    (void)state;
    for (uint64_t boundary = 3; boundary <= boundary_count;
         boundary += reference_stride(boundary_count, 20)) {
        struct script crashed = crash_at(boundary);
        faulty_vfs_power_cut();
        bool came_through = false;
        for (uint64_t second = 1; second <= 12 && !came_through; second += 2) {
            char what[80];
            (void)snprintf(what, sizeof what, "crash at %" PRIu64 " and at %" PRIu64 " after it",
                           boundary, second);
            struct script script = crashed;
            struct script again = crashed;
            faulty_vfs_recover(DISK_SOME, boundary);
            faulty_vfs_plan((struct faulty_plan){FAULTY_CRASH, second, false});
            if (script_open(&again, again.facts == 0 ? WB_CREATE : WB_WRITE) == WB_OK) {
                again.status = wb_idle(again.wb);
            }
            (void)script_close(&again);
            came_through = !faulty_vfs_fired();
            faulty_vfs_power_cut();
            faulty_vfs_recover(DISK_TORN, second);
            reference_check(&script, what);
            assert_int_equal(script_close(&script), WB_OK);
            /* Back to the disk that the first crash left. */
            crashed = crash_at(boundary);
            faulty_vfs_power_cut();
        }
    }
}

/* The fsync fails once and says yes afterwards, but the data is gone: whatever is then
 * acknowledged must not rest on it. */
static void a_lying_fsync_loses_nothing_acknowledged(void **state)
{
    (void)state;
    for (uint64_t boundary = 1; boundary <= boundary_count;
         boundary += reference_stride(boundary_count, 60)) {
        char what[80];
        struct script script = run_with((struct faulty_plan){FAULTY_SYNC_LIES, boundary, false});
        (void)snprintf(what, sizeof what, "an fsync that lied from boundary %" PRIu64, boundary);
        close_quietly(&script);
        if (!faulty_vfs_fired()) break; /* no sync is left */
        faulty_vfs_power_cut();
        for (uint64_t seed = 0; seed < SEED_COUNT; seed++) {
            struct script again = script;
            faulty_vfs_recover((enum disk_policy)(seed % DISK_POLICY_COUNT), seed);
            reference_check(&again, what);
            assert_int_equal(script_close(&again), WB_OK);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_known_morning_is_answered_as_by_hand, reference_tidy),
        cmocka_unit_test_teardown(repeated_scans_are_counted_as_such, reference_tidy),
        cmocka_unit_test_teardown(a_crash_loses_nothing_acknowledged_and_halves_no_turn,
                                  reference_tidy),
        cmocka_unit_test_teardown(after_a_crash_life_goes_on_to_the_same_end, reference_tidy),
        cmocka_unit_test_teardown(a_crash_during_recovery_loses_nothing, reference_tidy),
        cmocka_unit_test_teardown(a_lying_fsync_loses_nothing_acknowledged, reference_tidy),
    };
    return cmocka_run_group_tests_name("crash", tests, count_boundaries, clean);
}
