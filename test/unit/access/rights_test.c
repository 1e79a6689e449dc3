/* The table of rights. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "access/rights.h"

static const struct right *find(const char *method, const char *pattern)
{
    for (size_t i = 0; i < right_count; i++) {
        if (strcmp(rights[i].method, method) == 0 && strcmp(rights[i].pattern, pattern) == 0) {
            return &rights[i];
        }
    }
    fail_msg("%s %s is not in the table", method, pattern);
    return NULL;
}

static void no_endpoint_stands_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < right_count; i++) {
        const struct right *right = &rights[i];
        assert_ptr_equal(find(right->method, right->pattern), right);
        assert_int_equal(right->pattern[0], '/');
        assert_true(right->handler[0] != '\0');
    }
}

static void an_admin_may_do_whatever_anybody_signed_in_may(void **state)
{
    (void)state;
    for (size_t i = 0; i < right_count; i++) {
        bool anybody = false;
        for (int role = ACCESS_READER; role < ACCESS_ROLES; role++) {
            anybody = anybody || rights[i].cell[role] != ACCESS_NO;
        }
        assert_int_equal(rights[i].cell[ACCESS_ADMIN], anybody ? ACCESS_YES : ACCESS_NO);
    }
}

static void a_warden_may_do_whatever_a_viewer_may(void **state)
{
    (void)state;
    for (size_t i = 0; i < right_count; i++) {
        if (rights[i].cell[ACCESS_VIEWER] == ACCESS_NO) continue;
        assert_int_equal(rights[i].cell[ACCESS_WARDEN], rights[i].cell[ACCESS_VIEWER]);
    }
}

/* The contract: "sends scans and heartbeats of its readers and nothing else". */
static void a_reader_sends_and_does_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < right_count; i++) {
        const struct right *right = &rights[i];
        bool sends = right == find("POST", "/v1/scans") ||
                     right == find("POST", "/v1/readers/{R}/heartbeat");
        if (sends) assert_int_equal(right->cell[ACCESS_READER], ACCESS_OWN);
        if (sends || right->cell[ACCESS_ANONYMOUS] == ACCESS_YES) continue;
        assert_int_equal(right->cell[ACCESS_READER], ACCESS_NO);
    }
}

static void nobody_but_whoever_signs_in_gets_past_the_door(void **state)
{
    (void)state;
    for (size_t i = 0; i < right_count; i++) {
        if (strncmp(rights[i].pattern, "/v1/", 4) != 0) continue;
        if (rights[i].cell[ACCESS_ANONYMOUS] == ACCESS_NO) continue;
        assert_true(&rights[i] == find("POST", "/v1/session") ||
                    &rights[i] == find("POST", "/v1/operators/first") ||
                    &rights[i] == find("GET", "/v1/openapi.json") ||
                    &rights[i] == find("GET", "/v1/purposes")); /* to choose from; names nobody */
    }
}

static void cells_become_answers(void **state)
{
    (void)state;
    const struct right *now = find("GET", "/v1/now");
    const struct right *scans = find("POST", "/v1/scans");
    assert_int_equal(access_decide(ACCESS_ANONYMOUS, now), ACCESS_SIGN_IN);
    assert_int_equal(access_decide(ACCESS_READER, now), ACCESS_REFUSED);
    assert_int_equal(access_decide(ACCESS_VIEWER, now), ACCESS_MAY_SCOPED);
    assert_int_equal(access_decide(ACCESS_ADMIN, now), ACCESS_MAY);
    assert_int_equal(access_decide(ACCESS_READER, scans), ACCESS_MAY_OWN);
    assert_int_equal(access_decide(ACCESS_VIEWER, scans), ACCESS_REFUSED);
}

static void roles_are_words(void **state)
{
    (void)state;
    for (int role = ACCESS_READER; role < ACCESS_ROLES; role++) {
        const char *word = access_role_word((enum access_role)role);
        assert_int_equal(access_role_of(word), role);
    }
    assert_int_equal(access_role_of("anonymous"), ACCESS_ANONYMOUS);
    assert_int_equal(access_role_of("root"), ACCESS_ANONYMOUS);
    assert_int_equal(access_role_of(""), ACCESS_ANONYMOUS);
    assert_string_equal(access_role_word(ACCESS_ANONYMOUS), "anonymous");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_endpoint_stands_twice),
        cmocka_unit_test(an_admin_may_do_whatever_anybody_signed_in_may),
        cmocka_unit_test(a_warden_may_do_whatever_a_viewer_may),
        cmocka_unit_test(a_reader_sends_and_does_nothing_else),
        cmocka_unit_test(nobody_but_whoever_signs_in_gets_past_the_door),
        cmocka_unit_test(cells_become_answers),
        cmocka_unit_test(roles_are_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
