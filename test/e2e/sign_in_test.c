/* Signing in over HTTP: the first operator, sessions and their cookies, wrong passwords, and being
 * removed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <sodium.h>

#include "access/callers.h"
#include "room.h"
#include "served.h"
#include "whereabouts.h"

#define OURS "Sec-Fetch-Site: same-origin\r\n"

static const char SITE[] = "{\"id\":\"s\",\"timezone\":\"UTC\",\"zones\":[{\"id\":\"hall\"}],"
                           "\"readers\":[{\"id\":\"door\",\"enter\":\"hall\"}]}";

static char path[ROOM_PATH_BYTES];
static struct served served;
static char admin[200]; /* headers of her session */

static bool random_bytes(void *context, void *out, size_t bytes)
{
    (void)context;
    randombytes_buf(out, bytes);
    return true;
}

static int open_site(void **state)
{
    (void)state;
    struct wb *wb = NULL;
    assert_true(sodium_init() >= 0);
    room_make("site.db", path);
    struct wb_options options = {.mode = WB_CREATE, .random = random_bytes};
    assert_int_equal(wb_open(path, &options, &wb, NULL), WB_OK);
    assert_int_equal(wb_describe(wb, SITE, sizeof SITE - 1, INT64_C(1710000000000000), NULL),
                     WB_OK);
    assert_int_equal(wb_close(wb), WB_OK);
    served_start(&served, path);
    return 0;
}

static int close_site(void **state)
{
    (void)state;
    served_stop(&served);
    room_remove(path);
    return 0;
}

/* The status; the answer stays in *out where it is wanted. */
static int ask(const char *method, const char *target, const char *headers, const char *body,
               struct served_answer *out)
{
    struct served_answer answer;
    struct served_question question = {method, target, headers, body, NULL};
    served_ask(&served, &question, &answer);
    int status = answer.status;
    if (out != NULL) {
        *out = answer;
    } else {
        served_answer_done(&answer);
    }
    return status;
}

static int sign_in(const char *name, const char *password, struct served_answer *out)
{
    char body[300];
    (void)snprintf(body, sizeof body, "{\"operator\":\"%s\",\"password\":\"%s\",\"purpose\":\"\"}",
                   name, password);
    return ask("POST", "/v1/session", OURS, body, out);
}

/* The cookie that an answer sets, as a header that shows it. */
static void take_cookie(const struct served_answer *answer, char out[200])
{
    const char *line = strstr(answer->head, "\r\nSet-Cookie: ");
    assert_non_null(line);
    line += strlen("\r\nSet-Cookie: ");
    const char *end = strstr(line, "\r\n");
    assert_non_null(end);
    const char *rest = strchr(line, ';');
    assert_true(rest != NULL && rest < end);
    char attributes[200];
    (void)snprintf(attributes, sizeof attributes, "%.*s;", (int)(end - rest), rest);
    assert_non_null(strstr(attributes, "; HttpOnly;"));
    assert_non_null(strstr(attributes, "; SameSite=Strict;"));
    assert_non_null(strstr(attributes, "; Path=/;"));
    assert_null(strstr(attributes, "Domain"));
    (void)snprintf(out, 200, "Cookie: %.*s\r\n" OURS, (int)(rest - line), line);
}

static void the_first_link_works_once(void **state)
{
    (void)state;
    char body[300];
    const char *hash = strstr(served.said, "/first#wb_");
    assert_non_null(hash);
    static const char form[] =
        "{\"code\":\"%.46s\",\"name\":\"ada\",\"password\":\"a few good words\"}";
    (void)snprintf(body, sizeof body, form, "wb_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
    assert_int_equal(ask("POST", "/v1/operators/first", OURS, body, NULL), 403);
    (void)snprintf(body, sizeof body, form, hash + 7);
    assert_int_equal(
        ask("POST", "/v1/operators/first", "Sec-Fetch-Site: cross-site\r\n", body, NULL), 403);
    int status = ask("POST", "/v1/operators/first", OURS, body, NULL);
    assert_true(status == 200 || status == 201 || status == 204);
    assert_int_equal(ask("POST", "/v1/operators/first", OURS, body, NULL), 403);
}

static void who_signs_in_is_known_until_they_sign_out(void **state)
{
    (void)state;
    struct served_answer answer;
    char cookie[200];
    assert_int_equal(ask("GET", "/v1/session", "", NULL, NULL), 401);
    assert_int_equal(sign_in("ada", "a few good words", &answer), 200);
    assert_non_null(strstr(answer.body, "\"role\":\"admin\""));
    assert_non_null(strstr(answer.head, "Cache-Control: no-store"));
    take_cookie(&answer, cookie);
    served_answer_done(&answer);
    assert_int_equal(ask("GET", "/v1/session", cookie, NULL, NULL), 200);
    assert_int_equal(ask("GET", "/v1/operators", cookie, NULL, NULL), 200);
    int status = ask("DELETE", "/v1/session", cookie, NULL, NULL);
    assert_true(status == 200 || status == 204);
    assert_int_equal(ask("GET", "/v1/session", cookie, NULL, NULL), 401);
    assert_int_equal(sign_in("ada", "a few good words", &answer), 200);
    take_cookie(&answer, admin);
    served_answer_done(&answer);
}

/* The answer to a name that is not there is that to a wrong password. */
static void a_wrong_name_looks_like_a_wrong_password(void **state)
{
    (void)state;
    struct served_answer name;
    struct served_answer password;
    assert_int_equal(sign_in("nobody", "a few good words", &name), 401);
    assert_int_equal(sign_in("ada", "a few bad words", &password), 401);
    assert_string_equal(name.body, password.body);
    assert_null(strstr(name.head, "Set-Cookie"));
    served_answer_done(&name);
    served_answer_done(&password);
}

static void another_page_cannot_sign_anybody_in(void **state)
{
    (void)state;
    static const char body[] = "{\"operator\":\"ada\",\"password\":\"a few good words\"}";
    assert_int_equal(ask("POST", "/v1/session", "Sec-Fetch-Site: cross-site\r\n", body, NULL), 403);
    assert_int_equal(ask("POST", "/v1/session", "Origin: http://evil.example\r\n", body, NULL),
                     403);
}

static void a_restart_signs_nobody_out(void **state)
{
    (void)state;
    served_stop(&served);
    served_start(&served, path);
    assert_null(strstr(served.said, "/first#"));
    assert_int_equal(ask("GET", "/v1/session", admin, NULL, NULL), 200);
}

static int64_t wall_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Let every session in the file be so old that its next answer brings a new cookie. */
static void age_sessions(void)
{
    struct wb *wb = NULL;
    struct callers callers = {0};
    struct wb_options options = {.mode = WB_WRITE, .random = random_bytes};
    assert_int_equal(wb_open(path, &options, &wb, NULL), WB_OK);
    assert_int_equal(callers_load(&callers, wb), WB_OK);
    assert_int_equal(wb_begin(wb, wall_us()), WB_OK);
    for (size_t i = 0; i < callers.count; i++) {
        const struct account *account = &callers.at[i];
        if (account->kind != WB_SESSION) continue;
        struct session session = account->session;
        session.rotated_us -= SESSION_ROTATE_US;
        assert_int_equal(issue_session(wb, &session, account->holder, account->purpose), WB_OK);
    }
    assert_int_equal(wb_sync(wb), WB_OK);
    assert_int_equal(wb_end(wb, NULL), WB_OK);
    callers_done(&callers);
    assert_int_equal(wb_close(wb), WB_OK);
}

/* One scan that is accepted; whether its answer brought a cookie, which is taken. */
static bool scan_brings_cookie(const char *headers, const char *time, char cookie[200])
{
    struct served_answer answer;
    char body[200];
    (void)snprintf(body, sizeof body,
                   "{\"scans\":[{\"reader\":\"door\",\"band\":\"person:ann\",\"time\":\"%s\"}]}",
                   time);
    assert_int_equal(ask("POST", "/v1/scans", headers, body, &answer), 200);
    assert_non_null(strstr(answer.body, "\"accepted\":1,"));
    bool brings = strstr(answer.head, "Set-Cookie") != NULL;
    if (brings) take_cookie(&answer, cookie);
    served_answer_done(&answer);
    return brings;
}

/* The answer to one accepted scan is made once and given to all: never with somebody's cookie. */
static void a_new_cookie_is_given_to_its_owner_only(void **state)
{
    (void)state;
    struct served_answer answer;
    char reader[200];
    char other[200];
    assert_int_equal(ask("PUT", "/v1/people/ann", admin, "{}", NULL), 201);
    assert_int_equal(ask("POST", "/v1/tokens", admin, "{\"role\":\"reader\"}", &answer), 201);
    const char *token = strstr(answer.body, "\"token\":\"");
    assert_non_null(token);
    token += strlen("\"token\":\"");
    (void)snprintf(reader, sizeof reader, "Authorization: Bearer %.*s\r\n",
                   (int)strcspn(token, "\""), token);
    served_answer_done(&answer);

    served_stop(&served);
    age_sessions();
    served_start(&served, path);
    assert_true(scan_brings_cookie(admin, "2024-05-01T08:00:00Z", admin));
    assert_false(scan_brings_cookie(reader, "2024-05-01T08:01:00Z", other));
    assert_false(scan_brings_cookie(admin, "2024-05-01T08:02:00Z", other));
}

static void a_removed_operator_is_out_at_once(void **state)
{
    (void)state;
    struct served_answer answer;
    char cookie[200];
    int status = ask("POST", "/v1/operators", admin,
                     "{\"name\":\"vic\",\"role\":\"viewer\",\"zones\":[\"hall\"],"
                     "\"password\":\"other good words\"}",
                     NULL);
    assert_true(status == 200 || status == 201);
    assert_int_equal(sign_in("vic", "other good words", &answer), 200);
    assert_non_null(strstr(answer.body, "\"zones\":[\"hall\"]"));
    take_cookie(&answer, cookie);
    served_answer_done(&answer);
    assert_int_equal(ask("GET", "/v1/now", cookie, NULL, NULL), 200);
    assert_int_equal(ask("GET", "/v1/operators", cookie, NULL, NULL), 403);
    status = ask("DELETE", "/v1/operators/vic", admin, NULL, NULL);
    assert_true(status == 200 || status == 204);
    assert_int_equal(ask("GET", "/v1/now", cookie, NULL, NULL), 401);
    assert_int_equal(sign_in("vic", "other good words", NULL), 401);
}

static void the_last_admin_stays(void **state)
{
    (void)state;
    int status = ask("DELETE", "/v1/operators/ada", admin, NULL, NULL);
    assert_int_equal(status, 409);
    assert_int_equal(ask("GET", "/v1/session", admin, NULL, NULL), 200);
}

/* Last: ada has no tries left afterwards. */
static void who_tries_too_often_waits(void **state)
{
    (void)state;
    struct served_answer answer = {0};
    int status = 401;
    for (int i = 0; i < 12 && status == 401; i++) {
        served_answer_done(&answer);
        status = sign_in("ada", "a guessed password", &answer);
    }
    assert_int_equal(status, 429);
    assert_non_null(strstr(answer.head, "\r\nRetry-After: "));
    served_answer_done(&answer);
    assert_int_equal(sign_in("ada", "a few good words", NULL), 429);
    /* Who is signed in already does not notice. */
    assert_int_equal(ask("GET", "/v1/session", admin, NULL, NULL), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_link_works_once),
        cmocka_unit_test(who_signs_in_is_known_until_they_sign_out),
        cmocka_unit_test(a_wrong_name_looks_like_a_wrong_password),
        cmocka_unit_test(another_page_cannot_sign_anybody_in),
        cmocka_unit_test(a_restart_signs_nobody_out),
        cmocka_unit_test(a_new_cookie_is_given_to_its_owner_only),
        cmocka_unit_test(a_removed_operator_is_out_at_once),
        cmocka_unit_test(the_last_admin_stays),
        cmocka_unit_test(who_tries_too_often_waits),
    };
    return cmocka_run_group_tests(tests, open_site, close_site);
}
