#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

struct pairs {
    struct pair {
        uint32_t a, b;
    } * at;

    size_t count, capacity;
};

static void a_list_grows_item_by_item(void **state)
{
    (void)state;
    struct pairs list = {0};
    for (uint32_t i = 0; i < 10000; i++) {
        struct pair pair = {i, ~i};
        assert_true(LIST_PUSH(&list, pair));
    }
    assert_int_equal(list.count, 10000);
    assert_true(list.capacity >= list.count);
    for (uint32_t i = 0; i < 10000; i++) {
        assert_int_equal(list.at[i].a, i);
        assert_int_equal(list.at[i].b, ~i);
    }
    LIST_DONE(&list);
    assert_null(list.at);
    assert_int_equal(list.count, 0);
    assert_int_equal(list.capacity, 0);
}

static void room_that_is_there_moves_nothing(void **state)
{
    (void)state;
    struct pairs list = {0};
    assert_true(LIST_ROOM(&list, 100));
    struct pair *at = list.at;
    size_t capacity = list.capacity;
    assert_true(capacity >= 100);
    assert_true(LIST_ROOM(&list, capacity));
    assert_ptr_equal(list.at, at);
    assert_int_equal(list.capacity, capacity);
    LIST_DONE(&list);
}

static void a_list_that_cannot_grow_is_as_it_was(void **state)
{
    (void)state;
    struct pairs list = {0};
    struct pair pair = {1, 2};
    assert_true(LIST_PUSH(&list, pair));
    struct pair *at = list.at;
    size_t capacity = list.capacity;
    assert_false(LIST_ROOM(&list, SIZE_MAX / sizeof *list.at));
    assert_false(LIST_ROOM(&list, SIZE_MAX / 2));
    assert_ptr_equal(list.at, at);
    assert_int_equal(list.capacity, capacity);
    assert_int_equal(list.at[0].b, 2);
    LIST_DONE(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_grows_item_by_item),
        cmocka_unit_test(room_that_is_there_moves_nothing),
        cmocka_unit_test(a_list_that_cannot_grow_is_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
