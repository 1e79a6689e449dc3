#include "base/zoneinfo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/time.h"
#include "base/time_zone.h"

/* Zones with every kind of trouble: half hours, summer below standard, rules for ever, days
 * that were skipped, changes at midnight, offsets with odd seconds. */
static const char *const hard_zone[] = {
    "Europe/London",    "America/New_York",    "Australia/Lord_Howe", "Australia/Sydney",
    "Europe/Dublin",    "Africa/Casablanca",   "Pacific/Apia",        "America/Sao_Paulo",
    "America/Toronto",  "Asia/Tehran",         "America/St_Johns",    "Antarctica/Troll",
    "America/Santiago", "Asia/Kathmandu",      "Europe/Amsterdam",    "Asia/Gaza",
    "America/Havana",   "America/Los_Angeles", "America/Chicago",     "Africa/Monrovia",
    "Asia/Kolkata",     "Pacific/Kwajalein",   "America/Nuuk",        "Europe/Moscow",
};
#define HARD_ZONES (sizeof hard_zone / sizeof hard_zone[0])

static uint64_t random_state;

static uint64_t random_number(void)
{
    uint64_t z = (random_state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static struct time_zone *load(const char *name)
{
    struct time_zone *zone = NULL;
    enum zoneinfo_result result = zoneinfo_load(name, &zone);
    if (result == ZONEINFO_NOT_FOUND) {
        print_message("%s is not on this machine: tzdata is not installed\n", name);
        skip();
    }
    assert_int_equal(result, ZONEINFO_OK);
    return zone;
}

static void assert_local(const struct time_zone *zone, const char *text, enum time_result wanted,
                         const char *utc)
{
    int64_t us = 0;
    char out[TIME_TEXT_MAX];
    enum time_result result = time_parse(text, strlen(text), zone, &us);
    (void)time_format(us, out);
    if (result != wanted || strcmp(out, utc) != 0)
        fail_msg("%s is %s (%d), not %s", text, out, (int)result, utc);
}

static void london_changes_by_an_hour(void **state)
{
    (void)state;
    struct time_zone *zone = load("Europe/London");
    assert_local(zone, "2016-07-15T08:30:00", TIME_OK, "2016-07-15T07:30:00Z");
    assert_local(zone, "2016-01-15 08:30:00.5", TIME_OK, "2016-01-15T08:30:00.5Z");
    assert_local(zone, "2016-07-15T08:30:00+02:00", TIME_OK, "2016-07-15T06:30:00Z");

    assert_local(zone, "2016-03-27T00:59:59", TIME_OK, "2016-03-27T00:59:59Z");
    assert_local(zone, "2016-03-27T01:00:00", TIME_AMBIGUOUS, "2016-03-27T01:00:00Z");
    assert_local(zone, "2016-03-27T01:30:00", TIME_AMBIGUOUS, "2016-03-27T01:30:00Z");
    assert_local(zone, "2016-03-27T02:00:00", TIME_OK, "2016-03-27T01:00:00Z");

    assert_local(zone, "2016-10-30T00:59:59.999999", TIME_OK, "2016-10-29T23:59:59.999999Z");
    assert_local(zone, "2016-10-30T01:00:00", TIME_AMBIGUOUS, "2016-10-30T00:00:00Z");
    assert_local(zone, "2016-10-30T01:59:59.999999", TIME_AMBIGUOUS, "2016-10-30T00:59:59.999999Z");
    assert_local(zone, "2016-10-30T02:00:00", TIME_OK, "2016-10-30T02:00:00Z");
    time_zone_free(zone);
}

static void new_york_changes_at_two_in_the_morning(void **state)
{
    (void)state;
    struct time_zone *zone = load("America/New_York");
    assert_local(zone, "2016-03-13T02:30:00", TIME_AMBIGUOUS, "2016-03-13T07:30:00Z");
    assert_local(zone, "2016-03-13T03:00:00", TIME_OK, "2016-03-13T07:00:00Z");
    assert_local(zone, "2016-11-06T01:30:00", TIME_AMBIGUOUS, "2016-11-06T05:30:00Z");
    assert_local(zone, "2016-11-06T02:00:00", TIME_OK, "2016-11-06T07:00:00Z");
    assert_local(zone, "2016-12-31T18:59:60", TIME_OK, "2017-01-01T00:00:00Z");
    time_zone_free(zone);
}

static void lord_howe_changes_by_half_an_hour(void **state)
{
    (void)state;
    struct time_zone *zone = load("Australia/Lord_Howe");
    assert_local(zone, "2016-10-02T01:59:59", TIME_OK, "2016-10-01T15:29:59Z");
    assert_local(zone, "2016-10-02T02:15:00", TIME_AMBIGUOUS, "2016-10-01T15:45:00Z");
    assert_local(zone, "2016-10-02T02:30:00", TIME_OK, "2016-10-01T15:30:00Z");
    assert_local(zone, "2016-04-03T01:29:59", TIME_OK, "2016-04-02T14:29:59Z");
    assert_local(zone, "2016-04-03T01:45:00", TIME_AMBIGUOUS, "2016-04-02T14:45:00Z");
    assert_local(zone, "2016-04-03T02:00:00", TIME_OK, "2016-04-02T15:30:00Z");
    time_zone_free(zone);
}

static void rules_go_on_for_ever(void **state)
{
    (void)state;
    struct time_zone *north = load("America/New_York");
    assert_local(north, "2500-07-15T08:30:00", TIME_OK, "2500-07-15T12:30:00Z");
    assert_local(north, "2500-01-15T08:30:00", TIME_OK, "2500-01-15T13:30:00Z");
    assert_local(north, "9998-07-15T08:30:00", TIME_OK, "9998-07-15T12:30:00Z");
    assert_local(north, "2500-03-14T02:30:00", TIME_AMBIGUOUS, "2500-03-14T07:30:00Z");
    assert_local(north, "9998-11-01T01:30:00", TIME_AMBIGUOUS, "9998-11-01T05:30:00Z");
    time_zone_free(north);

    struct time_zone *south = load("Australia/Sydney");
    assert_local(south, "2016-01-15T10:00:00", TIME_OK, "2016-01-14T23:00:00Z");
    assert_local(south, "2016-07-15T10:00:00", TIME_OK, "2016-07-15T00:00:00Z");
    assert_local(south, "2500-01-15T10:00:00", TIME_OK, "2500-01-14T23:00:00Z");
    assert_local(south, "2500-07-15T10:00:00", TIME_OK, "2500-07-15T00:00:00Z");
    time_zone_free(south);
}

static void before_the_first_change_the_sun_decides(void **state)
{
    (void)state;
    struct time_zone *zone = load("America/New_York");
    assert_local(zone, "1800-07-15T08:30:00", TIME_OK, "1800-07-15T13:26:02Z");
    assert_local(zone, "0000-07-15T08:30:00", TIME_OK, "0000-07-15T13:26:02Z");
    time_zone_free(zone);
}

static void utc_needs_no_file(void **state)
{
    (void)state;
    struct time_zone *zone = NULL;
    assert_int_equal(zoneinfo_load("UTC", &zone), ZONEINFO_OK);
    assert_local(zone, "2016-07-15T08:30:00", TIME_OK, "2016-07-15T08:30:00Z");
    time_zone_free(zone);
    assert_int_equal(zoneinfo_load("Etc/UTC", &zone), ZONEINFO_OK);
    assert_int_equal(time_zone_offset(zone, 0), 0);
    time_zone_free(zone);
}

static void a_name_leads_nowhere_but_to_a_zone(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "Europe/Atlantis",
        "../../../etc/passwd",
        "/etc/passwd",
        "Europe/../UTC",
        "Europe",
        "Europe/",
        "/",
        "Europe//London",
        "localtime",
        "Europe/London ",
        "Europe\\London",
        "europe.london",
        ".",
        "..",
        "Europe/Lon\ndon",
    };
    struct time_zone *zone = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (zoneinfo_load(bad[i], &zone) != ZONEINFO_NOT_FOUND) fail_msg("\"%s\" is found", bad[i]);
    }
    char name[5000];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(zoneinfo_load(name, &zone), ZONEINFO_NOT_FOUND);
    assert_null(zone);
}

/* ---- Against the C library, which reads the same files by itself ----------------------- */

static void use_zone(const char *name)
{
    assert_int_equal(setenv("TZ", name, 1), 0); /* NOLINT(concurrency-mt-unsafe): one thread */
    tzset();
}

static void offsets_agree_with_the_c_library(void **state)
{
    (void)state;
    random_state = 3;
    for (size_t i = 0; i < HARD_ZONES; i++) {
        struct time_zone *zone = load(hard_zone[i]);
        use_zone(hard_zone[i]);
        for (int n = 0; n < 20000; n++) {
            /* Half of them where clocks have changed, half up to the year 3000. */
            uint64_t span_s = UINT64_C(86400) * 365 * (n % 2 == 0 ? 150 : 1500);
            time_t at = (int64_t)(random_number() % span_s) - INT64_C(86400) * 365 * 120;
            struct tm local;
            assert_non_null(localtime_r(&at, &local));
            if (time_zone_offset(zone, at) != local.tm_gmtoff)
                fail_msg("%s at %lld", hard_zone[i], (long long)at);

            struct time_civil civil = time_civil_at(at * TIME_SECOND_US, zone);
            assert_int_equal(civil.year, local.tm_year + 1900);
            assert_int_equal(civil.month, local.tm_mon + 1);
            assert_int_equal(civil.day, local.tm_mday);
            assert_int_equal(civil.hour, local.tm_hour);
            assert_int_equal(civil.minute, local.tm_min);
            assert_int_equal(civil.second, local.tm_sec);
        }
        time_zone_free(zone);
    }
}

/* What a wall clock reading means, found by trying every offset of the days around it. */
static bool from_local_slowly(const struct time_zone *zone, int64_t local_s, int64_t *utc_s)
{
    size_t found = 0;
    for (int64_t quarter = -104; quarter <= 104; quarter++) {
        int64_t around = local_s + quarter * 900;
        int64_t guess = local_s - time_zone_offset(zone, around);
        if (guess + time_zone_offset(zone, guess) != local_s) continue;
        if (found > 0 && guess == *utc_s) continue;
        if (found == 0 || guess < *utc_s) *utc_s = guess;
        found++;
    }
    if (found > 0) return found == 1;
    /* It never was: walk back to a reading that was, and go on from there. */
    for (int64_t back = 1;; back++) {
        int64_t before = local_s - back - time_zone_offset(zone, local_s - back - 93600);
        if (before + time_zone_offset(zone, before) != local_s - back) continue;
        *utc_s = before + back;
        return false;
    }
}

static void assert_found(const char *name, const struct time_zone *zone, int64_t local_s)
{
    int64_t wanted_s = 0;
    int64_t utc_s = 0;
    bool plain = from_local_slowly(zone, local_s, &wanted_s);
    bool judged = time_zone_from_local(zone, local_s, &utc_s);
    if (judged == plain && utc_s == wanted_s) return;
    fail_msg("%s, local %lld: %lld %d, not %lld %d", name, (long long)local_s, (long long)utc_s,
             judged, (long long)wanted_s, plain);
}

static void assert_found_around(const char *name, const struct time_zone *zone,
                                const struct time_change *change)
{
    int64_t before_s = change->at_s + change->before_s;
    int64_t after_s = change->at_s + change->after_s;
    if (llabs(after_s - before_s) > INT64_C(14400)) return; /* a skipped day: tested by itself */
    for (int64_t odd_s = -2; odd_s <= 2; odd_s++) {
        assert_found(name, zone, before_s + odd_s);
        assert_found(name, zone, after_s + odd_s);
        assert_found(name, zone, (before_s + after_s) / 2 + odd_s);
    }
}

static void readings_around_every_change_mean_what_a_slow_search_finds(void **state)
{
    (void)state;
    for (size_t i = 0; i < HARD_ZONES; i++) {
        struct time_zone *zone = load(hard_zone[i]);
        for (size_t c = 0; c < zone->count && c < 400; c++)
            assert_found_around(hard_zone[i], zone, &zone->change[c]);
        time_zone_free(zone);
    }
}

static void samoa_skipped_a_day(void **state)
{
    (void)state;
    struct time_zone *zone = load("Pacific/Apia");
    assert_local(zone, "2011-12-29T23:59:59", TIME_OK, "2011-12-30T09:59:59Z");
    assert_local(zone, "2011-12-30T12:00:00", TIME_AMBIGUOUS, "2011-12-30T22:00:00Z");
    assert_local(zone, "2011-12-31T00:00:00", TIME_OK, "2011-12-30T10:00:00Z");
    time_zone_free(zone);
}

static void assert_midnight(const struct time_zone *zone, const char *text, const char *wanted)
{
    int64_t us = 0;
    char out[TIME_TEXT_MAX];
    assert_int_not_equal(time_parse(text, strlen(text), zone, &us), TIME_BAD);
    (void)time_format(time_local_midnight(us, zone), out);
    assert_string_equal(out, wanted);
}

static void a_local_day_begins_at_midnight_or_when_it_was_skipped(void **state)
{
    (void)state;
    struct time_zone *zone = load("Europe/London");
    assert_midnight(zone, "2016-07-15T08:30:00", "2016-07-14T23:00:00Z");
    assert_midnight(zone, "2016-07-15T00:00:00", "2016-07-14T23:00:00Z");
    time_zone_free(zone);
    zone = load("America/Sao_Paulo"); /* clocks went from 24:00 to 01:00 */
    assert_midnight(zone, "2016-10-16T08:30:00", "2016-10-16T03:00:00Z");
    time_zone_free(zone);
    zone = load("America/Havana"); /* from 01:00 to 00:00: midnight came twice */
    assert_midnight(zone, "2016-11-06T08:30:00", "2016-11-06T04:00:00Z");
    time_zone_free(zone);
    zone = load("America/Toronto"); /* from 23:30 to 00:30 */
    assert_midnight(zone, "1919-03-31T08:30:00", "1919-03-31T04:30:00Z");
    time_zone_free(zone);
    zone = load("Pacific/Apia");
    assert_midnight(zone, "2011-12-31T08:30:00", "2011-12-30T10:00:00Z");
    time_zone_free(zone);
}

static void local_text_is_the_wall_clock(void **state)
{
    (void)state;
    char out[TIME_TEXT_MAX];
    struct time_zone *zone = load("America/New_York");
    assert_int_equal(time_local_text(INT64_C(1468585800999999), zone, out), 19);
    assert_string_equal(out, "2016-07-15 08:30:00");
    (void)time_local_text(INT64_MAX, zone, out);
    assert_string_equal(out, "9999-12-31 23:59:59");
    (void)time_local_text(INT64_MIN, zone, out);
    assert_string_equal(out, "0000-01-01 00:00:00");
    time_zone_free(zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(london_changes_by_an_hour),
        cmocka_unit_test(new_york_changes_at_two_in_the_morning),
        cmocka_unit_test(lord_howe_changes_by_half_an_hour),
        cmocka_unit_test(rules_go_on_for_ever),
        cmocka_unit_test(before_the_first_change_the_sun_decides),
        cmocka_unit_test(utc_needs_no_file),
        cmocka_unit_test(a_name_leads_nowhere_but_to_a_zone),
        cmocka_unit_test(offsets_agree_with_the_c_library),
        cmocka_unit_test(readings_around_every_change_mean_what_a_slow_search_finds),
        cmocka_unit_test(samoa_skipped_a_day),
        cmocka_unit_test(a_local_day_begins_at_midnight_or_when_it_was_skipped),
        cmocka_unit_test(local_text_is_the_wall_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
