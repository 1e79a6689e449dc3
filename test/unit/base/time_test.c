#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/time_zone.h"

/* The same numbers on every run (splitmix64). */
static uint64_t random_state;

static uint64_t random_number(void)
{
    uint64_t z = (random_state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static enum time_result parse(const char *text, int64_t *us)
{
    return time_parse(text, strlen(text), NULL, us);
}

static void assert_moment(const char *text, const char *wanted)
{
    int64_t us = 0;
    char out[TIME_TEXT_MAX];
    if (parse(text, &us) != TIME_OK) fail_msg("%s is a time", text);
    assert_int_equal(time_format(us, out), strlen(wanted));
    assert_string_equal(out, wanted);
}

static void assert_bad(const char *text)
{
    int64_t us = 4711;
    if (parse(text, &us) != TIME_BAD) fail_msg("%s is no time", text);
    assert_int_equal(us, 4711);
}

static void a_time_with_an_offset_is_read_as_utc(void **state)
{
    (void)state;
    int64_t us = 0;
    assert_int_equal(parse("1970-01-01T00:00:00Z", &us), TIME_OK);
    assert_int_equal(us, 0);
    assert_int_equal(parse("2016-07-15T08:30:00-04:00", &us), TIME_OK);
    assert_int_equal(us, INT64_C(1468585800000000));

    assert_moment("2016-07-15T08:30:00-04:00", "2016-07-15T12:30:00Z");
    assert_moment("2016-07-15T08:30:00+05:45", "2016-07-15T02:45:00Z");
    assert_moment("2016-07-15T08:30:00Z", "2016-07-15T08:30:00Z");
    assert_moment("2016-07-15t08:30:00z", "2016-07-15T08:30:00Z");
    assert_moment("2016-07-15 08:30:00-00:00", "2016-07-15T08:30:00Z");
    assert_moment("2016-12-31T23:59:59-23:59", "2017-01-01T23:58:59Z");
    assert_moment("2016-01-01T00:00:00+23:59", "2015-12-31T00:01:00Z");
}

static void a_fraction_is_cut_after_the_microsecond(void **state)
{
    (void)state;
    assert_moment("2016-07-15T08:30:00.5Z", "2016-07-15T08:30:00.5Z");
    assert_moment("2016-07-15T08:30:00.123456Z", "2016-07-15T08:30:00.123456Z");
    assert_moment("2016-07-15T08:30:00.1234569Z", "2016-07-15T08:30:00.123456Z");
    assert_moment("2016-07-15T08:30:00.0000009Z", "2016-07-15T08:30:00Z");
    assert_moment("2016-07-15T08:30:00.000001000000000000000000000000Z",
                  "2016-07-15T08:30:00.000001Z");
    assert_moment("2016-07-15T08:30:00.250000-04:00", "2016-07-15T12:30:00.25Z");
    /* Before 1970 too, cutting leads to the earlier digit and not nearer to 1970. */
    assert_moment("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z");
}

static void a_leap_second_is_the_first_second_of_the_next_minute(void **state)
{
    (void)state;
    assert_moment("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z");
    assert_moment("2016-12-31T18:59:60.25-05:00", "2017-01-01T00:00:00.25Z");
    assert_moment("1990-06-30T23:59:60Z", "1990-07-01T00:00:00Z");
}

static void a_sixtieth_second_anywhere_else_is_no_time(void **state)
{
    (void)state;
    assert_bad("2016-12-31T22:59:60Z");
    assert_bad("2016-12-31T23:59:60-05:00");
    assert_bad("2016-12-30T23:59:60Z");
    assert_bad("2016-07-15T08:30:60Z");
    assert_bad("2016-12-31T23:59:61Z");
}

static void leap_days_are_where_they_are(void **state)
{
    (void)state;
    assert_moment("2016-02-29T00:00:00Z", "2016-02-29T00:00:00Z");
    assert_moment("2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z");
    assert_moment("0000-02-29T00:00:00Z", "0000-02-29T00:00:00Z");
    assert_bad("2015-02-29T00:00:00Z");
    assert_bad("1900-02-29T00:00:00Z");
    assert_bad("2016-02-30T00:00:00Z");
}

static void what_is_not_quite_a_time_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2016",
        "2016-07-15",
        "2016-07-15T08:30Z",
        "2016-07-15T08:30:00",
        "2016-07-15T08:30:00.Z",
        "2016-07-15T08:30:00,5Z",
        "2016-07-15T08:30:00.5",
        "2016-07-15T08:30:00ZZ",
        "2016-07-15T08:30:00Z ",
        " 2016-07-15T08:30:00Z",
        "2016-07-15T08:30:00 Z",
        "2016-07-15T08:30:00-0400",
        "2016-07-15T08:30:00-04",
        "2016-07-15T08:30:00-4:00",
        "2016-07-15T08:30:00-24:00",
        "2016-07-15T08:30:00+00:60",
        "2016-07-15T08:30:00-04:00Z",
        "2016-07-15T08:30:00-04:00:00",
        "2016-00-15T08:30:00Z",
        "2016-13-15T08:30:00Z",
        "2016-07-00T08:30:00Z",
        "2016-07-32T08:30:00Z",
        "2016-04-31T08:30:00Z",
        "2016-07-15T24:00:00Z",
        "2016-07-15T08:60:00Z",
        "2016-07-15_08:30:00Z",
        "2016/07/15T08:30:00Z",
        "2016-07-15T08.30.00Z",
        "2016-7-15T08:30:00Z",
        "-016-07-15T08:30:00Z",
        "+2016-07-15T08:30:00Z",
        "20160715T083000Z",
        "2016-07-15T08:30:0xZ",
        "2016-07-15T0:030:00Z",
        "12016-07-15T08:30:00Z",
        "2016-W28-5T08:30:00Z",
        "1468585800",
        "2016-07-15T08:30:00\342\210\22204:00",
        "2016-07-15T08:30:00.5.5Z",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_bad(bad[i]);
}

static void a_nul_byte_ends_no_time(void **state)
{
    (void)state;
    int64_t us = 0;
    assert_int_equal(time_parse("2016-07-15T08:30:00Z", 21, NULL, &us), TIME_BAD);
    assert_int_equal(time_parse("2016-07-15T08:30:00\0Z", 21, NULL, &us), TIME_BAD);
}

static void every_shorter_text_is_refused(void **state)
{
    (void)state;
    static const char text[] = "2016-07-15T08:30:00.25-04:00";
    for (size_t bytes = 0; bytes < sizeof text - 1; bytes++) {
        int64_t us = 0;
        char *copy = malloc(bytes + 1); /* of its own, so that a sanitizer sees reads beyond */
        assert_non_null(copy);
        memcpy(copy + 1, text, bytes);
        assert_int_equal(time_parse(copy + 1, bytes, NULL, &us), TIME_BAD);
        free(copy);
    }
}

static void years_0000_to_9999_in_utc_are_times_and_others_are_not(void **state)
{
    (void)state;
    assert_moment("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z");
    assert_moment("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z");
    assert_bad("0000-01-01T00:00:00+00:01");
    assert_bad("9999-12-31T23:59:59-00:01");
    assert_bad("9999-12-31T23:59:60Z");
}

static void any_moment_can_be_written(void **state)
{
    (void)state;
    char out[TIME_TEXT_MAX];
    assert_int_equal(time_format(INT64_MIN, out), 20);
    assert_string_equal(out, "0000-01-01T00:00:00Z");
    (void)time_format(INT64_MAX, out);
    assert_string_equal(out, "9999-12-31T23:59:59.999999Z");
    (void)time_format(-1, out);
    assert_string_equal(out, "1969-12-31T23:59:59.999999Z");
    (void)time_local_text(INT64_MAX, NULL, out);
    assert_string_equal(out, "9999-12-31 23:59:59");
    (void)time_local_text(INT64_C(1468585800250000), NULL, out);
    assert_string_equal(out, "2016-07-15 12:30:00");
}

static void moments_agree_with_the_c_library(void **state)
{
    (void)state;
    random_state = 1;
    for (int i = 0; i < 200000; i++) {
        uint64_t span = (uint64_t)(TIME_LATEST_S - TIME_EARLIEST_S) + 1;
        time_t seconds = TIME_EARLIEST_S + (int64_t)(random_number() % span);
        uint32_t microsecond = (uint32_t)(random_number() % 1000000);
        int32_t offset_min = (int32_t)(random_number() % 2879) - 1439;

        struct tm civil;
        assert_non_null(gmtime_r(&seconds, &civil));
        char text[80];
        (void)snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06u%c%02d:%02d",
                       civil.tm_year + 1900, civil.tm_mon + 1, civil.tm_mday, civil.tm_hour,
                       civil.tm_min, civil.tm_sec, microsecond, offset_min < 0 ? '-' : '+',
                       (offset_min < 0 ? -offset_min : offset_min) / 60,
                       (offset_min < 0 ? -offset_min : offset_min) % 60);
        int64_t us = 0;
        int64_t wanted_s = (int64_t)timegm(&civil) - (int64_t)offset_min * 60;
        bool sayable = wanted_s >= TIME_EARLIEST_S && wanted_s <= TIME_LATEST_S;
        assert_int_equal(parse(text, &us), sayable ? TIME_OK : TIME_BAD);
        if (sayable) assert_int_equal(us, wanted_s * 1000000 + microsecond);
    }
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    random_state = 2;
    for (int i = 0; i < 200000; i++) {
        uint64_t span = ((uint64_t)(TIME_LATEST_S - TIME_EARLIEST_S) + 1) * 1000000;
        int64_t us = TIME_EARLIEST_S * 1000000 + (int64_t)(random_number() % span);
        if (i % 3 == 0) us -= us % 1000000;
        char out[TIME_TEXT_MAX];
        size_t bytes = time_format(us, out);
        int64_t back = 0;
        assert_int_equal(time_parse(out, bytes, NULL, &back), TIME_OK);
        assert_int_equal(back, us);
    }
}

static void every_day_of_800_years_follows_the_day_before(void **state)
{
    (void)state;
    int64_t day = time_days_from_civil(1600, 1, 1);
    int64_t last = time_days_from_civil(2400, 1, 1);
    struct time_civil before = time_civil_at((day - 1) * 86400 * TIME_SECOND_US, NULL);
    for (; day < last; day++) {
        struct time_civil civil = time_civil_at(day * 86400 * TIME_SECOND_US, NULL);
        assert_int_equal(time_days_from_civil(civil.year, civil.month, civil.day), day);
        bool next_day = civil.day == before.day + 1 && civil.month == before.month;
        bool next_month = civil.day == 1 && civil.month == before.month % 12 + 1;
        assert_true(next_day || next_month);
        before = civil;
    }
}

static void midnight_is_that_of_the_same_day(void **state)
{
    (void)state;
    int64_t us = 0;
    char out[TIME_TEXT_MAX];
    assert_int_equal(parse("2016-07-15T08:30:00.5Z", &us), TIME_OK);
    (void)time_format(time_local_midnight(us, NULL), out);
    assert_string_equal(out, "2016-07-15T00:00:00Z");
    assert_int_equal(parse("1969-12-31T23:59:59.5Z", &us), TIME_OK);
    (void)time_format(time_local_midnight(us, NULL), out);
    assert_string_equal(out, "1969-12-31T00:00:00Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_with_an_offset_is_read_as_utc),
        cmocka_unit_test(a_fraction_is_cut_after_the_microsecond),
        cmocka_unit_test(a_leap_second_is_the_first_second_of_the_next_minute),
        cmocka_unit_test(a_sixtieth_second_anywhere_else_is_no_time),
        cmocka_unit_test(leap_days_are_where_they_are),
        cmocka_unit_test(what_is_not_quite_a_time_is_refused),
        cmocka_unit_test(a_nul_byte_ends_no_time),
        cmocka_unit_test(every_shorter_text_is_refused),
        cmocka_unit_test(years_0000_to_9999_in_utc_are_times_and_others_are_not),
        cmocka_unit_test(any_moment_can_be_written),
        cmocka_unit_test(moments_agree_with_the_c_library),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(every_day_of_800_years_follows_the_day_before),
        cmocka_unit_test(midnight_is_that_of_the_same_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
