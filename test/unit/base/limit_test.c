/* Limits: no list limits nothing, an empty one leaves nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limit.h"

static void without_a_limit_everybody_and_everywhere_is_within(void **state)
{
    struct limit limit;
    struct wb_limit none = {0};
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_true(limit_open(i == 0 ? NULL : &none, &limit));
        assert_true(limit_has_person(&limit, (wb_person){0}));
        assert_true(limit_has_person(&limit, (wb_person){UINT32_MAX}));
        assert_true(limit_has_zone(&limit, (wb_zone){WB_ZONE_UNKNOWN}));
        limit_close(&limit);
    }
}

static void an_empty_list_leaves_nothing(void **state)
{
    struct limit limit;
    struct wb_people nobody = {0};
    struct wb_zones nowhere = {0};
    struct wb_limit both = {&nobody, &nowhere};
    (void)state;
    assert_true(limit_open(&both, &limit));
    assert_false(limit_has_person(&limit, (wb_person){0}));
    assert_false(limit_has_zone(&limit, (wb_zone){0}));
    limit_close(&limit);
}

static void whoever_is_listed_is_within_and_nobody_else(void **state)
{
    struct limit limit;
    wb_person people[] = {{9}, {0}, {64}, {9}};
    struct wb_people list = {.at = people, .count = 4};
    struct wb_limit only = {.people = &list};
    (void)state;
    assert_true(limit_open(&only, &limit));
    for (uint32_t n = 0; n < 200; n++) {
        assert_int_equal(limit_has_person(&limit, (wb_person){n}), n == 0 || n == 9 || n == 64);
    }
    assert_true(limit_has_zone(&limit, (wb_zone){7}));
    limit_close(&limit);
    limit_close(&limit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_limit_everybody_and_everywhere_is_within),
        cmocka_unit_test(an_empty_list_leaves_nothing),
        cmocka_unit_test(whoever_is_listed_is_within_and_nobody_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
