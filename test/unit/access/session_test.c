/* Sessions and the limiter: both know the time only from their arguments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "access/limiter.h"
#include "access/session.h"

#define START_US  INT64_C(1710000000000000)
#define SECOND_US INT64_C(1000000)

static uint8_t random_bytes[SESSION_RANDOM_BYTES];

static struct session begin(struct secret *cookie)
{
    struct session session;
    for (size_t i = 0; i < sizeof random_bytes; i++) {
        random_bytes[i] = (uint8_t)(random_bytes[i] + i + 1);
    }
    session_begin(random_bytes, START_US, &session, cookie);
    return session;
}

static enum session_state state_at(const struct session *session, const struct secret *cookie,
                                   int64_t after_us)
{
    struct secret_hash hash;
    secret_hash(cookie, &hash);
    return session_state(session, hash.hex, START_US + after_us);
}

static void a_session_is_good_until_its_secret_is_old(void **state)
{
    (void)state;
    struct secret cookie;
    struct session session = begin(&cookie);
    assert_int_equal(strlen(session.id), 16);
    assert_int_equal(state_at(&session, &cookie, 0), SESSION_GOOD);
    assert_int_equal(state_at(&session, &cookie, -SECOND_US), SESSION_GOOD);
    assert_int_equal(state_at(&session, &cookie, SESSION_ROTATE_US - 1), SESSION_GOOD);
    assert_int_equal(state_at(&session, &cookie, SESSION_ROTATE_US), SESSION_ROTATE);
    assert_int_equal(state_at(&session, &cookie, SESSION_IDLE_US - 1), SESSION_ROTATE);
    assert_int_equal(state_at(&session, &cookie, SESSION_IDLE_US), SESSION_OVER);
    assert_true(session_is_over(&session, START_US + SESSION_IDLE_US));
}

static void a_strangers_secret_is_no_session(void **state)
{
    (void)state;
    struct secret mine;
    struct secret other;
    struct session session = begin(&mine);
    (void)begin(&other);
    assert_int_equal(state_at(&session, &other, 0), SESSION_OVER);
    assert_int_equal(session_state(&session, "", START_US), SESSION_OVER);
}

static void the_old_secret_is_taken_for_a_minute_more(void **state)
{
    (void)state;
    struct secret old;
    struct secret fresh;
    struct session session = begin(&old);
    random_bytes[3]++;
    session_rotate(&session, random_bytes, START_US + SESSION_ROTATE_US, &fresh);
    assert_string_not_equal(old.text, fresh.text);
    int64_t at_us = SESSION_ROTATE_US;
    assert_int_equal(state_at(&session, &old, at_us), SESSION_GOOD);
    assert_int_equal(state_at(&session, &old, at_us + SESSION_GRACE_US - 1), SESSION_GOOD);
    assert_int_equal(state_at(&session, &old, at_us + SESSION_GRACE_US), SESSION_OVER);
    assert_int_equal(state_at(&session, &fresh, at_us + SESSION_GRACE_US), SESSION_GOOD);
    assert_int_equal(state_at(&session, &fresh, at_us + SESSION_ROTATE_US), SESSION_ROTATE);
}

static void no_session_is_longer_than_the_whole(void **state)
{
    (void)state;
    struct secret cookie;
    struct session session = begin(&cookie);
    int64_t at_us = 0;
    for (; at_us + SESSION_ROTATE_US < SESSION_WHOLE_US; at_us += SESSION_ROTATE_US) {
        assert_int_not_equal(state_at(&session, &cookie, at_us), SESSION_OVER);
        random_bytes[5]++;
        session_rotate(&session, random_bytes, START_US + at_us, &cookie);
    }
    assert_int_not_equal(state_at(&session, &cookie, SESSION_WHOLE_US - 1), SESSION_OVER);
    assert_int_equal(state_at(&session, &cookie, SESSION_WHOLE_US), SESSION_OVER);
}

static void a_session_is_kept_as_text(void **state)
{
    (void)state;
    char text[SESSION_TEXT_BYTES];
    struct secret cookie;
    struct session session = begin(&cookie);
    for (int round = 0; round < 2; round++) {
        struct session again = {.made_us = session.made_us, .hash = session.hash};
        memcpy(again.id, session.id, sizeof again.id);
        session_write(&session, text);
        assert_true(session_read(text, &again));
        assert_int_equal(again.rotated_us, session.rotated_us);
        assert_int_equal(again.old_until_us, session.old_until_us);
        assert_string_equal(again.old.hex, session.old.hex);
        session_rotate(&session, random_bytes, START_US + 5, &cookie);
    }
    static const char *const wrong[] = {"", "1", "1 2", "x 2 ", "1 x ", "1 2 abc", "1  2 "};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        bool is_number_again = strcmp(wrong[i], "1  2 ") == 0; /* strtoll steps over spaces */
        assert_int_equal(session_read(wrong[i], &session), is_number_again);
    }
}

/* ---- The limiter ---- */

static struct limiter limiter;

static void fresh_limiter(void)
{
    static const uint8_t key[16] = {1, 2, 3};
    limiter_init(&limiter, key);
}

static int tries(const char *name, const char *address, int64_t now_us, int most)
{
    int count = 0;
    while (count < most && limiter_try(&limiter, name, address, now_us, NULL))
        count++;
    return count;
}

static void a_name_is_tried_a_few_times_then_slowly(void **state)
{
    (void)state;
    fresh_limiter();
    int64_t wait_us = -1;
    assert_int_equal(tries("ann", "10.0.0.1", START_US, 100), LIMITER_NAME_BURST);
    assert_false(limiter_try(&limiter, "ann", "10.0.0.2", START_US, &wait_us));
    assert_int_equal(wait_us, LIMITER_NAME_EVERY_US);
    assert_false(
        limiter_try(&limiter, "ann", "10.0.0.2", START_US + LIMITER_NAME_EVERY_US - 1, NULL));
    assert_true(
        limiter_try(&limiter, "ann", "10.0.0.2", START_US + LIMITER_NAME_EVERY_US, &wait_us));
    assert_int_equal(wait_us, 0);
    assert_int_equal(tries("ben", "10.0.0.3", START_US, 100), LIMITER_NAME_BURST);
}

static void an_address_that_tries_many_names_is_slowed(void **state)
{
    (void)state;
    fresh_limiter();
    int count = 0;
    for (int i = 0; i < 100; i++) {
        char name[20];
        (void)snprintf(name, sizeof name, "guess %d", i);
        count += limiter_try(&limiter, name, "10.0.0.1", START_US, NULL);
    }
    assert_int_equal(count, LIMITER_ADDRESS_BURST);
    assert_true(limiter_try(&limiter, "guess 99", "10.0.0.9", START_US, NULL));
}

static void after_a_while_all_tries_are_there_again(void **state)
{
    (void)state;
    fresh_limiter();
    int64_t later_us = START_US + LIMITER_NAME_BURST * LIMITER_NAME_EVERY_US;
    assert_int_equal(tries("ann", "10.0.0.1", START_US, 100), LIMITER_NAME_BURST);
    assert_int_equal(tries("ann", "10.0.0.1", later_us, 100), LIMITER_NAME_BURST);
}

static void who_signs_in_is_forgiven_the_try(void **state)
{
    (void)state;
    fresh_limiter();
    for (int i = 0; i < 3 * LIMITER_NAME_BURST; i++) {
        char address[20];
        (void)snprintf(address, sizeof address, "10.0.0.%d", i);
        assert_true(limiter_try(&limiter, "ann", address, START_US, NULL));
        limiter_forgive(&limiter, "ann");
    }
}

/* A flood of names fills cells, but one who meets none of it in some row is let in. */
static void a_flood_shuts_few_others_out(void **state)
{
    (void)state;
    fresh_limiter();
    for (int i = 0; i < 400; i++) {
        char text[20];
        (void)snprintf(text, sizeof text, "flood %d", i);
        (void)tries(text, text, START_US, LIMITER_NAME_BURST);
    }
    int shut_out = 0;
    for (int i = 0; i < 1000; i++) {
        char text[20];
        (void)snprintf(text, sizeof text, "guest %d", i);
        shut_out += !limiter_try(&limiter, text, text, START_US, NULL);
    }
    assert_true(shut_out < 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_good_until_its_secret_is_old),
        cmocka_unit_test(a_strangers_secret_is_no_session),
        cmocka_unit_test(the_old_secret_is_taken_for_a_minute_more),
        cmocka_unit_test(no_session_is_longer_than_the_whole),
        cmocka_unit_test(a_session_is_kept_as_text),
        cmocka_unit_test(a_name_is_tried_a_few_times_then_slowly),
        cmocka_unit_test(an_address_that_tries_many_names_is_slowed),
        cmocka_unit_test(after_a_while_all_tries_are_there_again),
        cmocka_unit_test(who_signs_in_is_forgiven_the_try),
        cmocka_unit_test(a_flood_shuts_few_others_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
