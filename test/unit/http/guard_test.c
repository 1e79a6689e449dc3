/* Whether a value stands beside its name, as libmicrohttpd leaves a head behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/guard.h"

static void a_value_behind_its_colon_and_blanks_is_not_folded(void **state)
{
    static const char memory[] = "Host\0 \t x\0\0";

    (void)state;
    assert_true(guard_is_unfolded(memory, 4, memory + 8));
}

static void an_empty_value_is_not_folded(void **state)
{
    static const char memory[] = "Host\0\0\0";

    (void)state;
    assert_true(guard_is_unfolded(memory, 4, memory + 5));
}

/* A joined value is a copy further up in the same memory. */
static void a_copy_elsewhere_is_folded(void **state)
{
    static const char memory[] = "Host\0a\0\0 b\0\0\0\0a b";

    (void)state;
    assert_false(guard_is_unfolded(memory, 4, memory + 14));
}

static void a_copy_of_a_value_that_began_blank_is_folded(void **state)
{
    static const char memory[] = "Host\0 \0\0 b\0\0\0\0b";

    (void)state;
    assert_false(guard_is_unfolded(memory, 4, memory + 14));
}

static void a_value_before_its_name_is_folded(void **state)
{
    static const char memory[] = "x\0Host\0";

    (void)state;
    assert_false(guard_is_unfolded(memory + 2, 4, memory));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_behind_its_colon_and_blanks_is_not_folded),
        cmocka_unit_test(an_empty_value_is_not_folded),
        cmocka_unit_test(a_copy_elsewhere_is_folded),
        cmocka_unit_test(a_copy_of_a_value_that_began_blank_is_folded),
        cmocka_unit_test(a_value_before_its_name_is_folded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
