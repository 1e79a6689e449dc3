/* Secrets, the headers that carry them, passwords. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "access/password.h"
#include "access/secret.h"

#define TEXT "wb_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

static struct secret made(void)
{
    uint8_t random[SECRET_BYTES];
    struct secret secret;
    for (size_t i = 0; i < sizeof random; i++) {
        random[i] = (uint8_t)i;
    }
    secret_make(random, &secret);
    return secret;
}

static void a_secret_is_a_text_that_is_read_back(void **state)
{
    (void)state;
    struct secret secret = made();
    struct secret again = {0};
    assert_string_equal(secret.text, TEXT);
    assert_true(secret_read(TEXT, strlen(TEXT), &again));
    assert_string_equal(again.text, TEXT);
}

static void what_is_not_quite_a_secret_is_none(void **state)
{
    static const char *const texts[] = {
        "",
        "wb_",
        "wb_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8A",
        "xb_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        "wb_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh",
        "wb_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9", /* bits left over: not canonical */
        "wb_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdH+8",
        "wb_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdH =",
    };
    (void)state;
    struct secret out = {.text = "untouched"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_false(secret_read(texts[i], strlen(texts[i]), &out));
        assert_string_equal(out.text, "untouched");
    }
}

static void a_hash_says_which_secret_it_is_and_no_more(void **state)
{
    (void)state;
    struct secret secret = made();
    struct secret_hash hash;
    struct secret_hash other;
    secret_hash(&secret, &hash);
    assert_int_equal(strlen(hash.hex), SECRET_HASH_BYTES);
    assert_null(strstr(hash.hex, "AAEC"));
    secret.text[10] = 'x';
    secret_hash(&secret, &other);
    assert_true(secret_hash_equal(hash.hex, hash.hex));
    assert_false(secret_hash_equal(hash.hex, other.hex));
    assert_false(secret_hash_equal(hash.hex, ""));
    assert_false(secret_hash_equal("", ""));
}

static bool bearer(const char *header)
{
    struct secret out = {0};
    bool found = secret_from_bearer(header, strlen(header), &out);
    if (found) assert_string_equal(out.text, TEXT);
    return found;
}

static void the_bearer_of_a_secret_is_found(void **state)
{
    (void)state;
    assert_true(bearer("Bearer " TEXT));
    assert_true(bearer("bEARER   " TEXT "  "));
    assert_false(bearer("Bearer" TEXT));
    assert_false(bearer("Bearer"));
    assert_false(bearer("Bearer "));
    assert_false(bearer("Basic " TEXT));
    assert_false(bearer("Bearer " TEXT " " TEXT));
    assert_false(bearer("Bearer " TEXT ","));
    assert_false(bearer(" Bearer " TEXT));
    assert_false(bearer(""));
}

static bool cookie(const char *header)
{
    struct secret out = {0};
    bool found = secret_from_cookie(header, strlen(header), "sid", &out);
    if (found) assert_string_equal(out.text, TEXT);
    return found;
}

static void a_cookie_is_found_among_others_and_only_once(void **state)
{
    (void)state;
    assert_true(cookie("sid=" TEXT));
    assert_true(cookie("a=b; sid=" TEXT));
    assert_true(cookie("a=b;sid=" TEXT " ; c"));
    assert_true(cookie(";;; \tsid=" TEXT ";"));
    assert_false(cookie("sid=" TEXT "; sid=" TEXT));
    assert_false(cookie("sid=x; sid=" TEXT));
    assert_false(cookie("xsid=" TEXT));
    assert_false(cookie("sidx=" TEXT));
    assert_false(cookie("SID=" TEXT));
    assert_false(cookie("sid =" TEXT));
    assert_false(cookie("sid=\"" TEXT "\""));
    assert_false(cookie("sid="));
    assert_false(cookie("sid"));
    assert_false(cookie(""));
}

/* ---- Passwords ---- */

static void a_password_is_known_again_and_no_other(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_BYTES];
    char again[PASSWORD_HASH_BYTES];
    assert_int_equal(password_hash("correct horse", 13, hash), WB_OK);
    assert_int_equal(password_hash("correct horse", 13, again), WB_OK);
    assert_string_not_equal(hash, again);
    assert_non_null(strstr(hash, "$argon2id$v=19$m=65536,t=3,p=1$"));
    assert_true(password_is(hash, "correct horse", 13));
    assert_true(password_is(again, "correct horse", 13));
    assert_false(password_is(hash, "correct horsf", 13));
    assert_false(password_is(hash, "correct hors", 12));
    assert_false(password_is("no hash", "correct horse", 13));
    assert_false(password_is("", "correct horse", 13));
}

static double seconds_of(const char *hash)
{
    struct timespec from;
    struct timespec until;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    assert_false(password_is(hash, "a wrong password", 16));
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &until);
    return (double)(until.tv_sec - from.tv_sec) + (double)(until.tv_nsec - from.tv_nsec) / 1e9;
}

/* Of a few, in turns, the least of each: other programs only make it longer. */
static void nobody_takes_as_long_as_somebody(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_BYTES];
    assert_int_equal(password_hash("correct horse", 13, hash), WB_OK);
    double somebody = seconds_of(hash);
    double nobody = seconds_of(NULL);
    for (int i = 0; i < 5; i++) {
        somebody = fmin(somebody, seconds_of(hash));
        nobody = fmin(nobody, seconds_of(NULL));
    }
    assert_true(nobody > somebody / 2);
    assert_true(nobody < somebody * 2);
}

static void short_and_endless_passwords_are_refused(void **state)
{
    (void)state;
    struct wb_fault why = {0};
    char endless[2000];
    memset(endless, 'x', sizeof endless);
    assert_int_equal(password_check("123456789", 9, &why), WB_EREFUSED);
    assert_non_null(strstr(why.text, "at least 10"));
    assert_int_equal(password_check("1234567890", 10, &why), WB_OK);
    assert_int_equal(password_check(endless, 1024, &why), WB_OK);
    assert_int_equal(password_check(endless, 1025, NULL), WB_EREFUSED);
    assert_false(password_is(NULL, endless, 1025));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_a_text_that_is_read_back),
        cmocka_unit_test(what_is_not_quite_a_secret_is_none),
        cmocka_unit_test(a_hash_says_which_secret_it_is_and_no_more),
        cmocka_unit_test(the_bearer_of_a_secret_is_found),
        cmocka_unit_test(a_cookie_is_found_among_others_and_only_once),
        cmocka_unit_test(a_password_is_known_again_and_no_other),
        cmocka_unit_test(nobody_takes_as_long_as_somebody),
        cmocka_unit_test(short_and_endless_passwords_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
