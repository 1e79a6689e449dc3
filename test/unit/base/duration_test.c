#include "base/duration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)

static void assert_span(const char *text, int64_t wanted_us)
{
    int64_t us = -1;
    if (!duration_parse(text, strlen(text), &us)) fail_msg("%s is a duration", text);
    assert_int_equal(us, wanted_us);
}

static void assert_bad(const char *text)
{
    int64_t us = 4711;
    if (duration_parse(text, strlen(text), &us)) fail_msg("%s is no duration", text);
    assert_int_equal(us, 4711);
}

static void digits_and_a_unit_are_a_duration(void **state)
{
    (void)state;
    assert_span("90s", 90 * SECOND);
    assert_span("5m", 300 * SECOND);
    assert_span("18h", 64800 * SECOND);
    assert_span("30d", 2592000 * SECOND);
    assert_span("0s", 0);
    assert_span("007m", 420 * SECOND);
}

static void nothing_else_is_one(void **state)
{
    (void)state;
    static const char *const bad[] = {"",    "s",    "5",   "5 m", " 5m",  "5m ",  "5M",   "-3h",
                                      "+3h", "1.5h", "5ms", "5w",  "1h5m", "0x5s", "never"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_bad(bad[i]);
    int64_t us = 0;
    assert_false(duration_parse("5s\0", 3, &us));
}

static void a_duration_too_long_for_its_number_is_refused(void **state)
{
    (void)state;
    assert_span("9223372036854s", INT64_C(9223372036854000000));
    assert_bad("9223372036855s");
    assert_span("106751991d", INT64_C(106751991) * 86400 * SECOND);
    assert_bad("106751992d");
    assert_bad("99999999999999999999999999999999999999d");
    assert_span("00000000000000000000000000000000000001s", SECOND);
}

static void a_shift_may_have_a_sign(void **state)
{
    (void)state;
    int64_t us = 0;
    assert_true(duration_parse_signed("-3h", 3, &us));
    assert_int_equal(us, -10800 * SECOND);
    assert_true(duration_parse_signed("+3h", 3, &us));
    assert_int_equal(us, 10800 * SECOND);
    assert_true(duration_parse_signed("3h", 2, &us));
    assert_int_equal(us, 10800 * SECOND);
    assert_false(duration_parse_signed("--3h", 4, &us));
    assert_false(duration_parse_signed("-", 1, &us));
    assert_false(duration_parse_signed("", 0, &us));
    assert_false(duration_parse_signed("- 3h", 4, &us));
}

static void assert_written(int64_t us, const char *wanted)
{
    char out[DURATION_TEXT_MAX];
    size_t bytes = duration_format(us, out);
    assert_string_equal(out, wanted);
    assert_int_equal(bytes, strlen(wanted));
}

static void a_duration_is_written_in_its_two_largest_units(void **state)
{
    (void)state;
    assert_written(0, "0s");
    assert_written(SECOND, "1s");
    assert_written(1250000, "1.25s");
    assert_written(1, "0.000001s");
    assert_written(59999999, "59.999999s");
    assert_written(60 * SECOND, "1m");
    assert_written(310 * SECOND, "5m 10s");
    assert_written(3605 * SECOND, "1h");
    assert_written(2 * (86400 * SECOND) + 4 * (3600 * SECOND) + 59, "2d 4h");
    assert_written(-10800 * SECOND, "-3h");
    assert_written(INT64_MAX, "106751991d 4h");
    assert_written(INT64_MIN, "-106751991d 4h");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_and_a_unit_are_a_duration),
        cmocka_unit_test(nothing_else_is_one),
        cmocka_unit_test(a_duration_too_long_for_its_number_is_refused),
        cmocka_unit_test(a_shift_may_have_a_sign),
        cmocka_unit_test(a_duration_is_written_in_its_two_largest_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
