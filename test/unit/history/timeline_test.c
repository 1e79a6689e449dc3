#include "history/timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void a_note_goes_with_its_scan(void **state)
{
    (void)state;
    struct timeline timeline = {0};
    struct timeline more = {0};
    struct note note = NOTE_EMPTY;
    note.raw_us = 5;
    note.released_us = 99;
    struct seen plain = {.at_us = 10, .reader = 1};
    struct seen noted = {.at_us = 20, .reader = 2};
    assert_true(timeline_push(&timeline, &plain, NULL));
    assert_true(timeline_push(&timeline, &noted, &note));
    assert_true(timeline_push(&timeline, &plain, &NOTE_EMPTY));
    assert_int_equal(timeline.notes.count, 1);
    assert_int_equal(timeline_note(&timeline, &timeline.at[1])->released_us, 99);
    assert_int_equal(timeline_raw_us(&timeline, &timeline.at[0]), 10);
    assert_int_equal(timeline_raw_us(&timeline, &timeline.at[1]), 5);

    assert_true(timeline_push(&more, &noted, &note));
    assert_true(timeline_append(&more, &timeline));
    assert_int_equal(more.count, 4);
    assert_int_equal(more.notes.count, 2);
    assert_int_equal(timeline_note(&more, &more.at[2])->raw_us, 5);
    assert_int_equal(timeline_note(&more, &more.at[3])->raw_us, WB_NO_TIME);
    timeline_clear(&more);
    assert_int_equal(more.count, 0);
    assert_int_equal(more.notes.count, 0);
    timeline_done(&more);
    timeline_done(&timeline);
}

static void the_first_scan_at_or_after_a_moment_is_found(void **state)
{
    (void)state;
    static const int64_t at_us[] = {10, 20, 20, 30};
    struct timeline timeline = {0};
    assert_int_equal(timeline_from(&timeline, 5), 0);
    for (size_t i = 0; i < 4; i++) {
        struct seen seen = {.at_us = at_us[i], .reader = (uint32_t)i};
        assert_true(timeline_push(&timeline, &seen, NULL));
    }
    assert_int_equal(timeline_from(&timeline, INT64_MIN), 0);
    assert_int_equal(timeline_from(&timeline, 10), 0);
    assert_int_equal(timeline_from(&timeline, 11), 1);
    assert_int_equal(timeline_from(&timeline, 20), 1);
    assert_int_equal(timeline_from(&timeline, 21), 3);
    assert_int_equal(timeline_from(&timeline, 31), 4);
    timeline_done(&timeline);
}

static void scans_are_ordered_by_time_reader_direction_band(void **state)
{
    (void)state;
    const struct seen a = {.at_us = 1, .reader = 2, .direction = 1, .band = 5};
    struct seen b = a;
    assert_int_equal(seen_compare(&a, &b), 0);
    b.flags = 1; /* not a part of it */
    assert_int_equal(seen_compare(&a, &b), 0);
    b.band = 6;
    assert_true(seen_compare(&a, &b) < 0);
    b.direction = 0;
    assert_true(seen_compare(&a, &b) > 0);
    b.reader = 3;
    assert_true(seen_compare(&a, &b) < 0);
    b.at_us = 0;
    assert_true(seen_compare(&a, &b) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_note_goes_with_its_scan),
        cmocka_unit_test(the_first_scan_at_or_after_a_moment_is_found),
        cmocka_unit_test(scans_are_ordered_by_time_reader_direction_band),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
