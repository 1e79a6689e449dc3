/* The invented school: the same seed gives the same school, and it is one worth asking about. */
#include "tool/school.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/list.h"

#define MONDAY 0
#define DAYS   14

static void the_same_seed_gives_the_same_day_and_another_another(void **state)
{
    struct school one = school_of(7, 100, DAYS, MONDAY);
    struct school other = school_of(8, 100, DAYS, MONDAY);
    struct school_scans a = {0};
    struct school_scans b = {0};
    struct school_scans c = {0};
    (void)state;

    assert_true(school_day(&one, 3, &a));
    assert_true(school_day(&one, 3, &b));
    assert_true(school_day(&other, 3, &c));
    assert_true(a.count > 1000);
    assert_int_equal(a.count, b.count);
    assert_memory_equal(a.at, b.at, a.count * sizeof *a.at);
    assert_true(a.count != c.count || memcmp(a.at, c.at, a.count * sizeof *a.at) != 0);
    LIST_DONE(&a);
    LIST_DONE(&b);
    LIST_DONE(&c);
}

/* What the two weeks have in them. */
struct seen {
    size_t scans, late, by_name, second_band, visitor, wrong_clock, muster, directed;
};

static void look_at(const struct school *school, const struct school_scan *scan, struct seen *seen)
{
    assert_true(scan->reader < school_reader_count(school));
    assert_true(scan->person <= school->people);
    assert_true(scan->learnt_ms < 24 * 60 * SCHOOL_MINUTE_MS);
    seen->scans++;
    seen->by_name += scan->band == SCHOOL_BY_NAME;
    seen->second_band += scan->band == SCHOOL_SECOND_BAND;
    seen->visitor += scan->person == school->people;
    seen->muster += scan->reader == SCHOOL_OAK;
    seen->directed += scan->direction != 0;
    if (scan->time_ms > scan->learnt_ms) {
        seen->wrong_clock++;
        assert_int_equal(scan->reader, SCHOOL_LIBRARY);
        return;
    }
    if (scan->learnt_ms - scan->time_ms > SCHOOL_MINUTE_MS) {
        seen->late++;
        assert_int_equal(scan->reader, SCHOOL_FIELD);
    }
}

static void two_weeks_have_everything_that_can_go_wrong(void **state)
{
    struct school school = school_of(1, 300, DAYS, MONDAY);
    struct school_scans scans = {0};
    struct seen seen = {0};
    (void)state;

    for (uint32_t day = 0; day < DAYS; day++) {
        assert_true(school_day(&school, day, &scans));
        for (size_t i = 0; i < scans.count; i++) {
            look_at(&school, &scans.at[i], &seen);
            assert_true(i == 0 || scans.at[i - 1].learnt_ms <= scans.at[i].learnt_ms);
        }
    }
    assert_true(seen.scans > 50000);
    assert_true(seen.late > 500);
    assert_true(seen.second_band > 10);
    assert_true(seen.visitor > 10);
    assert_true(seen.wrong_clock > 0);
    assert_true(seen.muster > 200);
    assert_true(seen.directed > 1000);
    LIST_DONE(&scans);
}

static int compare_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void no_two_bands_and_no_two_readers_are_the_same(void **state)
{
    struct school school = school_of(99, 3000, DAYS, MONDAY);
    uint32_t bands = school.people * 2;
    uint32_t readers = school_reader_count(&school);
    char(*ids)[SCHOOL_ID_BYTES] = calloc(bands + readers, sizeof *ids);
    (void)state;

    assert_non_null(ids);
    for (uint32_t i = 0; i < bands; i++)
        school_band_id(&school, i / 2, i % 2, ids[i]);
    for (uint32_t i = 0; i < readers; i++)
        assert_true(school_reader_id(&school, i, ids[bands + i]) < SCHOOL_ID_BYTES);
    qsort(ids, bands + readers, sizeof *ids, compare_text);
    for (uint32_t i = 1; i < bands + readers; i++)
        assert_string_not_equal(ids[i - 1], ids[i]);
    free(ids);
}

static void the_smallest_school_has_a_day(void **state)
{
    struct school school = school_of(0, 1, 1, 6);
    struct school_scans scans = {0};
    (void)state;

    assert_true(school_day(&school, 0, &scans));
    LIST_DONE(&scans);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_day_and_another_another),
        cmocka_unit_test(two_weeks_have_everything_that_can_go_wrong),
        cmocka_unit_test(no_two_bands_and_no_two_readers_are_the_same),
        cmocka_unit_test(the_smallest_school_has_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
