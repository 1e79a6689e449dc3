/* TZif files made by hand: what they mean, and that damaged ones are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "base/time_zone.h"
#include "base/zone_rule.h"
#include "base/zoneinfo.h"

struct tzif {
    unsigned char at[4096];
    size_t bytes;
};

static void put(struct tzif *file, int64_t value, size_t bytes)
{
    for (size_t i = bytes; i > 0; i--)
        file->at[file->bytes++] = (unsigned char)((uint64_t)value >> (i - 1) * 8);
}

static void put_header(struct tzif *file, char version, uint32_t leaps, uint32_t moments,
                       uint32_t types)
{
    memcpy(file->at + file->bytes, "TZif", 4);
    file->bytes += 4;
    put(file, version, 1);
    put(file, 0, 8);
    put(file, 0, 7);
    put(file, 0, 4);
    put(file, 0, 4);
    put(file, leaps, 4);
    put(file, moments, 4);
    put(file, types, 4);
    put(file, 4, 4); /* letters */
}

static void put_types(struct tzif *file, const int32_t *offset_s, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put(file, offset_s[i], 4);
        put(file, 0, 2);
    }
    put(file, 0x41414100, 4);
}

/* A file of version 2: its first block empty, as slim files have it. */
static struct tzif version_2(const int64_t *moment, size_t moments, const int32_t *offset_s,
                             size_t types, const char *footer)
{
    struct tzif file = {.bytes = 0};
    static const int32_t utc = 0;
    put_header(&file, '2', 0, 0, 1);
    put_types(&file, &utc, 1);
    put_header(&file, '2', 0, (uint32_t)moments, (uint32_t)types);
    for (size_t i = 0; i < moments; i++)
        put(&file, moment[i], 8);
    for (size_t i = 0; i < moments; i++)
        put(&file, (int64_t)((i + 1) % types), 1);
    put_types(&file, offset_s, types);
    put(&file, '\n', 1);
    memcpy(file.at + file.bytes, footer, strlen(footer));
    file.bytes += strlen(footer);
    put(&file, '\n', 1);
    return file;
}

static const int64_t two_moments[2] = {1000000, 2000000};
static const int32_t two_offsets[2] = {3600, 7200};

static struct time_zone *parse(const struct tzif *file)
{
    struct time_zone *zone = NULL;
    assert_int_equal(zoneinfo_parse(file->at, file->bytes, &zone), ZONEINFO_OK);
    return zone;
}

static void assert_damaged(const struct tzif *file)
{
    struct time_zone *zone = NULL;
    unsigned char *copy = malloc(file->bytes + 1); /* of its own, for the sanitizer */
    assert_non_null(copy);
    memcpy(copy + 1, file->at, file->bytes);
    assert_int_equal(zoneinfo_parse(copy + 1, file->bytes, &zone), ZONEINFO_DAMAGED);
    assert_null(zone);
    free(copy);
}

static void changes_hold_from_their_moment_on(void **state)
{
    (void)state;
    struct tzif file = version_2(two_moments, 2, two_offsets, 2, "");
    struct time_zone *zone = parse(&file);
    assert_int_equal(time_zone_offset(zone, INT64_C(-9000000000000)), 3600);
    assert_int_equal(time_zone_offset(zone, 999999), 3600);
    assert_int_equal(time_zone_offset(zone, 1000000), 7200);
    assert_int_equal(time_zone_offset(zone, 1999999), 7200);
    assert_int_equal(time_zone_offset(zone, 2000000), 3600);
    assert_int_equal(time_zone_offset(zone, INT64_C(9000000000000)), 3600);
    time_zone_free(zone);
}

static void a_change_to_the_same_offset_makes_nothing_ambiguous(void **state)
{
    (void)state;
    const int32_t same[2] = {3600, 3600};
    struct tzif file = version_2(two_moments, 2, same, 2, "");
    struct time_zone *zone = parse(&file);
    int64_t utc_s = 0;
    assert_int_equal(zone->count, 0);
    assert_true(time_zone_from_local(zone, 1003600, &utc_s));
    assert_int_equal(utc_s, 1000000);
    time_zone_free(zone);
}

static void a_file_of_version_1_has_moments_of_four_bytes(void **state)
{
    (void)state;
    struct tzif file = {.bytes = 0};
    put_header(&file, '\0', 0, 2, 2);
    put(&file, -1000000, 4);
    put(&file, 2000000, 4);
    put(&file, 0x0100, 2);
    put_types(&file, two_offsets, 2);
    struct time_zone *zone = parse(&file);
    assert_int_equal(time_zone_offset(zone, -1000001), 3600);
    assert_int_equal(time_zone_offset(zone, -1000000), 7200);
    assert_int_equal(time_zone_offset(zone, INT64_C(9000000000000)), 3600);
    time_zone_free(zone);
}

static void a_zone_with_nothing_but_a_rule_has_it_always(void **state)
{
    (void)state;
    const int32_t standard = -18000;
    struct tzif file = version_2(NULL, 0, &standard, 1, "EST5EDT,M3.2.0,M11.1.0");
    struct time_zone *zone = parse(&file);
    for (int64_t year = -9000; year < 20000; year += 37) {
        int64_t summer_s = time_days_from_civil(year, 7, 1) * 86400;
        int64_t winter_s = time_days_from_civil(year, 1, 15) * 86400;
        int64_t utc_s = 0;
        assert_int_equal(time_zone_offset(zone, summer_s), -14400);
        assert_int_equal(time_zone_offset(zone, winter_s), -18000);
        assert_true(time_zone_from_local(zone, summer_s, &utc_s));
        assert_int_equal(utc_s, summer_s + 14400);
        assert_true(time_zone_last_change(zone, summer_s, &utc_s));
        assert_true(utc_s <= summer_s && utc_s > summer_s - INT64_C(200) * 86400);
    }
    time_zone_free(zone);
}

static void a_rule_without_summer_is_one_offset(void **state)
{
    (void)state;
    const int32_t other = 0;
    struct tzif file = version_2(NULL, 0, &other, 1, "<+0545>-5:45");
    struct time_zone *zone = parse(&file);
    assert_int_equal(time_zone_offset(zone, 0), 20700);
    assert_int_equal(time_zone_offset(zone, INT64_C(9000000000000)), 20700);
    time_zone_free(zone);
}

static void summer_all_year_never_changes(void **state)
{
    (void)state;
    struct tzif file = version_2(two_moments, 2, two_offsets, 2, "XXX3EDT4,0/0,J365/23");
    struct time_zone *zone = parse(&file);
    for (int64_t year = 1972; year < 9999; year++) {
        int64_t new_year_s = time_days_from_civil(year, 1, 1) * 86400;
        int64_t utc_s = 0;
        assert_true(time_zone_from_local(zone, new_year_s, &utc_s));
        assert_int_equal(utc_s, new_year_s + 14400);
        assert_int_equal(time_zone_offset(zone, new_year_s + 14399), -14400);
    }
    time_zone_free(zone);
}

static void rules_begin_behind_the_last_change_of_the_file(void **state)
{
    (void)state;
    /* 2016-05-01 and 2016-06-01: the rule's end of 2016 is the next change. */
    const int64_t moment[2] = {1462060800, 1464739200};
    const int32_t offset_s[2] = {3600, 0};
    struct tzif file = version_2(moment, 2, offset_s, 2, "GMT0BST,M3.5.0/1,M10.5.0");
    struct time_zone *zone = parse(&file);
    assert_int_equal(zone->change[0].at_s, moment[0]);
    assert_int_equal(zone->change[1].at_s, moment[1]);
    assert_int_equal(zone->change[2].at_s, 1477789200); /* 2016-10-30T01:00:00Z */
    time_zone_free(zone);
}

static void mad_rules_and_moments_are_survived(void **state)
{
    (void)state;
    const int64_t moment[2] = {-(INT64_C(1) << 59), INT64_C(1) << 59};
    static const char *const rule[] = {
        "AAA0BBB,0/-167,J365/167", "AAA24BBB-24,J365/167,0/-167",     "AAA0BBB,5,5",
        "AAA0BBB,J60/0,59/0",      "AAA0BBB,M12.5.6/167,M1.1.0/-167",
    };
    for (size_t i = 0; i < sizeof rule / sizeof rule[0]; i++) {
        for (size_t moments = 0; moments <= 2; moments++) {
            struct tzif file = version_2(moment, moments, two_offsets, 2, rule[i]);
            struct time_zone *zone = parse(&file);
            for (int64_t s = -INT64_C(9000000000000); s < INT64_C(9000000000000);
                 s += 77777777777) {
                int64_t utc_s = 0;
                int32_t offset_s = time_zone_offset(zone, s);
                assert_in_range(offset_s + 86400, 0, 2 * 86400);
                (void)time_zone_from_local(zone, s, &utc_s);
                assert_in_range(utc_s - s + 86400, 0, 2 * 86400);
            }
            time_zone_free(zone);
        }
    }
}

static void a_file_cut_off_anywhere_is_refused(void **state)
{
    (void)state;
    struct tzif whole = version_2(two_moments, 2, two_offsets, 2, "GMT0BST,M3.5.0/1,M10.5.0");
    for (size_t bytes = 0; bytes < whole.bytes; bytes++) {
        struct tzif cut = whole;
        cut.bytes = bytes;
        assert_damaged(&cut);
    }
}

static void a_changed_byte_is_survived(void **state)
{
    (void)state;
    struct tzif whole = version_2(two_moments, 2, two_offsets, 2, "GMT0BST,M3.5.0/1,M10.5.0");
    for (size_t at = 0; at < whole.bytes; at++) {
        for (int value = 0; value < 256; value++) {
            struct tzif changed = whole;
            changed.at[at] = (unsigned char)value;
            struct time_zone *zone = NULL;
            int64_t us = 0;
            if (zoneinfo_parse(changed.at, changed.bytes, &zone) != ZONEINFO_OK) continue;
            (void)time_parse("2016-03-27T01:30:00", 19, zone, &us);
            time_zone_free(zone);
        }
    }
}

static void lies_are_refused(void **state)
{
    (void)state;
    struct tzif file = version_2(two_moments, 2, two_offsets, 2, "GMT0");
    struct tzif bad = file;
    bad.at[0] = 't';
    assert_damaged(&bad);

    const int64_t backwards[2] = {2000000, 1000000};
    bad = version_2(backwards, 2, two_offsets, 2, "");
    assert_damaged(&bad);
    const int64_t twice[2] = {2000000, 2000000};
    bad = version_2(twice, 2, two_offsets, 2, "");
    assert_damaged(&bad);
    const int64_t too_early[2] = {INT64_MIN, 0};
    bad = version_2(too_early, 2, two_offsets, 2, "");
    assert_damaged(&bad);
    const int32_t too_far[2] = {0, 93601};
    bad = version_2(two_moments, 2, too_far, 2, "");
    assert_damaged(&bad);
    const int32_t farthest[2] = {0, INT32_MIN};
    bad = version_2(two_moments, 2, farthest, 2, "");
    assert_damaged(&bad);
    bad = version_2(two_moments, 2, two_offsets, 2, "Europe/London");
    assert_damaged(&bad);

    /* No types; a type that is not there; more moments than bytes; leap seconds. */
    bad = (struct tzif){.bytes = 0};
    put_header(&bad, '\0', 0, 0, 0);
    put(&bad, 0, 4);
    assert_damaged(&bad);
    bad = (struct tzif){.bytes = 0};
    put_header(&bad, '\0', 0, 1, 2);
    put(&bad, 5, 4);
    put(&bad, 2, 1);
    put_types(&bad, two_offsets, 2);
    assert_damaged(&bad);
    bad = (struct tzif){.bytes = 0};
    put_header(&bad, '\0', 0, UINT32_MAX, 2);
    put_types(&bad, two_offsets, 2);
    assert_damaged(&bad);
    bad = (struct tzif){.bytes = 0};
    put_header(&bad, '\0', 1, 0, 2);
    put_types(&bad, two_offsets, 2);
    put(&bad, 5, 8);
    assert_damaged(&bad);
}

static void rules_are_read_strictly(void **state)
{
    (void)state;
    static const char *const good[] = {
        "UTC0",
        "GMT0BST,M3.5.0/1,M10.5.0",
        "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
        "IST-1GMT0,M10.5.0,M3.5.0/1",
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
        "EST+5EDT+4:00:00,J1/+2:00:00,364",
        "XXX-24",
    };
    static const char *const bad[] = {
        "",
        "UTC",
        "0",
        "UT0",
        "UTC25",
        "UTC0:60",
        "UTC0:",
        "UTC0 ",
        "<UTC0",
        "<+1>0",
        "EST5EDT",
        "EST5EDT,M3.2.0",
        "EST5EDT,M3.2.0,M11.1.0,",
        "EST5EDT,M13.2.0,M11.1.0",
        "EST5EDT,M0.2.0,M11.1.0",
        "EST5EDT,M3.0.0,M11.1.0",
        "EST5EDT,M3.6.0,M11.1.0",
        "EST5EDT,M3.2.7,M11.1.0",
        "EST5EDT,J0,J5",
        "EST5EDT,J366,J5",
        "EST5EDT,366,5",
        "EST5EDT,M3.2.0/168,M11.1.0",
        "EST5EDT,M3.2.0/,M11.1.0",
        "EST5EDT,M3.2,M11.1.0",
        "EST5EDT;M3.2.0,M11.1.0",
        "EST5EDT,99999999999999999999,5",
    };
    struct zone_rule rule;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!zone_rule_parse(good[i], strlen(good[i]), &rule)) fail_msg("%s is a rule", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (zone_rule_parse(bad[i], strlen(bad[i]), &rule)) fail_msg("%s is no rule", bad[i]);
    }
}

static void the_days_of_a_rule_are_found(void **state)
{
    (void)state;
    struct zone_rule rule;
    static const char text[] = "AAA0BBB,J60/0,59/0";
    assert_true(zone_rule_parse(text, sizeof text - 1, &rule));
    int64_t first_of_march = time_days_from_civil(2016, 3, 1) * 86400;
    assert_int_equal(zone_rule_summer_begins(&rule, 2016), first_of_march);
    /* Day 59 from 0 is the leap day where there is one. */
    assert_int_equal(zone_rule_summer_ends(&rule, 2016), first_of_march - 86400 - 3600);
    assert_int_equal(zone_rule_summer_ends(&rule, 2015),
                     time_days_from_civil(2015, 3, 1) * 86400 - 3600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_hold_from_their_moment_on),
        cmocka_unit_test(a_change_to_the_same_offset_makes_nothing_ambiguous),
        cmocka_unit_test(a_file_of_version_1_has_moments_of_four_bytes),
        cmocka_unit_test(a_zone_with_nothing_but_a_rule_has_it_always),
        cmocka_unit_test(a_rule_without_summer_is_one_offset),
        cmocka_unit_test(summer_all_year_never_changes),
        cmocka_unit_test(rules_begin_behind_the_last_change_of_the_file),
        cmocka_unit_test(mad_rules_and_moments_are_survived),
        cmocka_unit_test(a_file_cut_off_anywhere_is_refused),
        cmocka_unit_test(a_changed_byte_is_survived),
        cmocka_unit_test(lies_are_refused),
        cmocka_unit_test(rules_are_read_strictly),
        cmocka_unit_test(the_days_of_a_rule_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
