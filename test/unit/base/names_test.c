#include "base/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint32_t add(struct names *names, const char *text)
{
    return names_add(names, text, strlen(text));
}

static uint32_t find(const struct names *names, const char *text)
{
    return names_find(names, text, strlen(text));
}

static void names_count_from_nought_and_are_found(void **state)
{
    (void)state;
    struct names names = {.key = "sixteen bytes k"};
    assert_int_equal(find(&names, "ada"), NAMES_NONE);
    assert_int_equal(add(&names, "ada"), 0);
    assert_int_equal(add(&names, "bo"), 1);
    assert_int_equal(find(&names, "ada"), 0);
    assert_int_equal(find(&names, "bo"), 1);
    assert_int_equal(find(&names, "ad"), NAMES_NONE);
    assert_int_equal(find(&names, "adam"), NAMES_NONE);
    assert_int_equal(find(&names, "Ada"), NAMES_NONE);
    assert_string_equal(names_text(&names, 0), "ada");
    assert_string_equal(names_text(&names, 1), "bo");
    names_done(&names);
    assert_int_equal(find(&names, "ada"), NAMES_NONE);
}

static void thousands_of_names_are_told_apart(void **state)
{
    (void)state;

    enum { COUNT = 20000 };
    struct names names = {0};
    char text[32];
    for (uint32_t i = 0; i < COUNT; i++) {
        (void)snprintf(text, sizeof text, "person-%u", i);
        assert_int_equal(add(&names, text), i);
    }
    for (uint32_t i = 0; i < COUNT; i++) {
        (void)snprintf(text, sizeof text, "person-%u", i);
        assert_int_equal(find(&names, text), i);
        assert_string_equal(names_text(&names, i), text);
        (void)snprintf(text, sizeof text, "person-%u", i + COUNT);
        assert_int_equal(find(&names, text), NAMES_NONE);
    }
    names_done(&names);
}

/* With 48 names in 64 places nearly every one stands behind another that hashed to its place;
 * whatever the key, each is found behind the others. */
static void names_that_collide_are_found_behind_each_other(void **state)
{
    (void)state;
    for (uint8_t key = 0; key < 50; key++) {
        struct names names = {.key = {key}};
        char text[2] = {0};
        for (uint32_t i = 0; i < 48; i++) {
            text[0] = (char)('0' + i);
            assert_int_equal(add(&names, text), i);
        }
        assert_int_equal(names.slot_count, 64);
        for (uint32_t i = 0; i < 48; i++) {
            text[0] = (char)('0' + i);
            assert_int_equal(find(&names, text), i);
        }
        text[0] = 'z';
        assert_int_equal(find(&names, text), NAMES_NONE);
        names_done(&names);
    }
}

static void an_empty_name_is_kept_and_not_found(void **state)
{
    (void)state;
    struct names names = {0};
    assert_int_equal(names_add(&names, NULL, 0), 0);
    assert_int_equal(add(&names, "a"), 1);
    assert_int_equal(names_add(&names, "", 0), 2);
    assert_int_equal(find(&names, ""), NAMES_NONE);
    assert_int_equal(find(&names, "a"), 1);
    assert_string_equal(names_text(&names, 0), "");
    assert_string_equal(names_text(&names, 2), "");
    names_done(&names);
}

static void a_name_is_its_bytes_up_to_the_length(void **state)
{
    (void)state;
    struct names names = {0};
    assert_int_equal(names_add(&names, "adam", 3), 0);
    assert_string_equal(names_text(&names, 0), "ada");
    assert_int_equal(find(&names, "ada"), 0);
    assert_int_equal(find(&names, "adam"), NAMES_NONE);
    assert_int_equal(names_find(&names, "ada\0x", 5), NAMES_NONE);
    assert_int_equal(names_find(&names, "ada\0", 4), NAMES_NONE);
    names_done(&names);
}

static void the_newest_names_can_be_dropped_again(void **state)
{
    (void)state;
    struct names names = {0};
    char text[32];
    for (uint32_t i = 0; i < 500; i++) {
        (void)snprintf(text, sizeof text, "band-%u", i);
        assert_int_equal(add(&names, text), i);
    }
    names_shrink(&names, 600);
    assert_int_equal(names.count, 500);
    names_shrink(&names, 100);
    assert_int_equal(names.count, 100);
    for (uint32_t i = 0; i < 500; i++) {
        (void)snprintf(text, sizeof text, "band-%u", i);
        assert_int_equal(find(&names, text), i < 100 ? i : NAMES_NONE);
    }
    assert_int_equal(add(&names, "band-300"), 100);
    assert_int_equal(find(&names, "band-300"), 100);
    assert_string_equal(names_text(&names, 99), "band-99");
    names_shrink(&names, 0);
    assert_int_equal(find(&names, "band-0"), NAMES_NONE);
    assert_int_equal(add(&names, "again"), 0);
    assert_string_equal(names_text(&names, 0), "again");
    names_done(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_count_from_nought_and_are_found),
        cmocka_unit_test(thousands_of_names_are_told_apart),
        cmocka_unit_test(names_that_collide_are_found_behind_each_other),
        cmocka_unit_test(an_empty_name_is_kept_and_not_found),
        cmocka_unit_test(a_name_is_its_bytes_up_to_the_length),
        cmocka_unit_test(the_newest_names_can_be_dropped_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
