#include "base/sort.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/list.h"
#include "unit/base/seeded.h"

/* By key, then by the place where it stood: what a stable sort gives. */
static int compare(const void *left, const void *right)
{
    const struct sort_key *a = left;
    const struct sort_key *b = right;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

struct sorting {
    struct sort_keys keys, scratch, wanted;
};

static void add(struct sorting *s, int64_t key)
{
    struct sort_key item = {.key = key, .index = (uint32_t)s->keys.count};
    assert_true(LIST_PUSH(&s->keys, item));
    assert_true(LIST_PUSH(&s->wanted, item));
}

static void assert_sorts(struct sorting *s)
{
    if (s->wanted.count > 0) qsort(s->wanted.at, s->wanted.count, sizeof *s->wanted.at, compare);
    size_t count = s->keys.count;
    assert_true(sort_by_key(&s->keys, &s->scratch));
    assert_int_equal(s->keys.count, count);
    for (size_t i = 0; i < count; i++) {
        if (compare(&s->keys.at[i], &s->wanted.at[i]) != 0) fail_msg("place %zu of %zu", i, count);
    }
    s->keys.count = s->wanted.count = 0;
}

static void done(struct sorting *s)
{
    LIST_DONE(&s->keys);
    LIST_DONE(&s->scratch);
    LIST_DONE(&s->wanted);
}

static void lists_of_every_length_are_sorted_as_qsort_does(void **state)
{
    (void)state;
    struct sorting s = {0};
    uint64_t chance = 1;
    for (uint32_t count = 0; count < 300; count++) {
        for (uint32_t i = 0; i < count; i++) {
            add(&s, (int64_t)seeded_next(&chance));
        }
        assert_sorts(&s);
    }
    done(&s);
}

static void keys_of_every_width_are_sorted(void **state)
{
    (void)state;
    struct sorting s = {0};
    uint64_t chance = 2;
    for (unsigned shift = 1; shift < 64; shift++) {
        for (uint32_t i = 0; i < 1000; i++) {
            int64_t key = (int64_t)(seeded_next(&chance) >> shift);
            add(&s, i % 2 == 0 ? key : -key);
        }
        assert_sorts(&s);
    }
    done(&s);
}

static void negative_keys_and_the_extremes_come_first_and_last(void **state)
{
    (void)state;
    static const int64_t telling[] = {INT64_MIN, INT64_MIN + 1, -256, -255, -1,       0,
                                      1,         255,           256,  257,  INT64_MAX};
    struct sorting s = {0};
    uint64_t chance = 3;
    for (uint32_t i = 0; i < 500; i++) {
        add(&s, telling[seeded_below(&chance, sizeof telling / sizeof telling[0])]);
    }
    assert_sorts(&s);
    done(&s);
}

static void equal_keys_keep_their_order(void **state)
{
    (void)state;
    struct sorting s = {0};
    uint64_t chance = 4;
    for (uint32_t count = 10; count < 3000; count = count * 2) {
        for (uint32_t i = 0; i < count; i++) {
            add(&s, (int64_t)seeded_below(&chance, 3) - 1);
        }
        assert_sorts(&s);
    }
    for (uint32_t i = 0; i < 100; i++) {
        add(&s, 7);
    }
    assert_sorts(&s);
    done(&s);
}

static void a_sorted_and_a_reversed_list_are_sorted(void **state)
{
    (void)state;
    struct sorting s = {0};
    for (int64_t i = 0; i < 5000; i++) {
        add(&s, i * 1000000);
    }
    assert_sorts(&s);
    for (int64_t i = 5000; i > 0; i--) {
        add(&s, i * 1000000);
    }
    assert_sorts(&s);
    done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_every_length_are_sorted_as_qsort_does),
        cmocka_unit_test(keys_of_every_width_are_sorted),
        cmocka_unit_test(negative_keys_and_the_extremes_come_first_and_last),
        cmocka_unit_test(equal_keys_keep_their_order),
        cmocka_unit_test(a_sorted_and_a_reversed_list_are_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
