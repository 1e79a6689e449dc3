/* Scopes, what they reach in a site, and who calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "access/callers.h"
#include "room.h"
#include "site_file.h"

#define START_US INT64_C(1710000000000000)

static const char SITE[] =
    "{\"id\":\"s\",\"timezone\":\"UTC\",\"zones\":[{\"id\":\"house\"},"
    "{\"id\":\"hall\",\"in\":\"house\"},{\"id\":\"nook\",\"in\":\"hall\"},{\"id\":\"shed\"}],"
    "\"readers\":[{\"id\":\"door\",\"enter\":\"nook\"},{\"id\":\"gate\",\"enter\":\"shed\"}]}";

struct place {
    char path[ROOM_PATH_BYTES];
    struct wb *wb;
    struct callers callers;
    uint8_t random[SESSION_RANDOM_BYTES];
};

static const uint8_t *more_random(struct place *place)
{
    for (size_t i = 0; i < sizeof place->random; i++) {
        place->random[i] = (uint8_t)(5u * (size_t)place->random[i] + i + 1);
    }
    return place->random;
}

static int open_place(void **state)
{
    static const uint8_t key[16] = {9, 8, 7};
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    room_make("site.db", place->path);
    place->wb = site_file_make(place->path, SITE, START_US);
    assert_int_equal(wb_begin(place->wb, START_US), WB_OK);
    (void)site_file_person(place->wb, "ann", "staff;night");
    (void)site_file_person(place->wb, "ben", "guests");
    (void)site_file_person(place->wb, "cat", "");
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
    callers_init(&place->callers, key);
    *state = place;
    return 0;
}

static int close_place(void **state)
{
    struct place *place = *state;
    callers_done(&place->callers);
    assert_int_equal(wb_close(place->wb), WB_OK);
    room_remove(place->path);
    free(place);
    return 0;
}

/* ---- Scopes ---- */

static struct scope scope_of(const char *json)
{
    struct scope scope = {0};
    struct wb_fault why = {0};
    assert_int_equal(scope_read(json, strlen(json), &scope, &why), WB_OK);
    return scope;
}

static void a_scope_is_kept_as_text(void **state)
{
    (void)state;
    static const char whole[] =
        "{\"zones\":[\"hall\",\"shed\"],\"groups\":[],\"readers\":[\"door\"]}";
    struct scope scope = scope_of(whole);
    assert_int_equal(scope.list[SCOPE_ZONES].count, 2);
    assert_string_equal(scope.list[SCOPE_READERS].at[0], "door");
    char *text = scope_text(&scope);
    assert_string_equal(text, whole);
    free(text);
    scope_done(&scope);
    assert_true(scope_is_empty(&scope));
    text = scope_text(&scope);
    assert_string_equal(text, "");
    free(text);
    scope = scope_of("");
    assert_true(scope_is_empty(&scope));
}

static void a_malformed_scope_is_refused_whole(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "[]",
        "{",
        "{\"zones\":\"hall\"}",
        "{\"zones\":[1]}",
        "{\"zones\":[\"\"]}",
        "{\"zones\":[\"a\\nb\"]}",
        "{\"zones\":[\"a\"],\"zones\":[\"b\"]}",
        "{\"zone\":[\"hall\"]}",
        "{\"zones\":[\"hall\"]} x",
        "{\"zones\":[\"ha\\u0000ll\"]}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct scope scope = {0};
        struct wb_fault why = {0};
        assert_int_equal(scope_read(wrong[i], strlen(wrong[i]), &scope, &why), WB_EREFUSED);
        assert_true(why.text[0] != '\0');
        assert_true(scope_is_empty(&scope));
    }
}

static void a_list_has_an_end_and_each_id_once(void **state)
{
    (void)state;
    struct scope scope = {0};
    for (unsigned i = 0; i < SCOPE_IDS_MAX; i++) {
        char id[16];
        int bytes = snprintf(id, sizeof id, "z%u", i);
        assert_int_equal(scope_add(&scope, SCOPE_ZONES, id, (size_t)bytes), WB_OK);
        assert_int_equal(scope_add(&scope, SCOPE_ZONES, id, (size_t)bytes), WB_OK);
    }
    assert_int_equal(scope_add(&scope, SCOPE_ZONES, "more", 4), WB_EFULL);
    assert_int_equal(scope.list[SCOPE_ZONES].count, SCOPE_IDS_MAX);
    scope_done(&scope);
}

static void assert_reach(struct place *place, const char *json, const char *want)
{
    static const char *const zones[] = {"house", "hall", "nook", "shed", "outside", "unknown"};
    static const char *const people[] = {"ann", "ben", "cat"};
    static const char *const readers[] = {"door", "gate"};
    struct scope scope = scope_of(json);
    struct reach reach;
    char got[200] = "";
    assert_int_equal(reach_open(place->wb, &scope, &reach), WB_OK);
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        wb_zone zone;
        assert_int_equal(wb_zone_find(place->wb, zones[i], strlen(zones[i]), &zone), WB_OK);
        size_t bytes = strlen(got);
        if (reach_zone(&reach, zone)) (void)snprintf(got + bytes, 200 - bytes, "%s ", zones[i]);
    }
    for (size_t i = 0; i < sizeof people / sizeof *people; i++) {
        wb_person person;
        assert_int_equal(wb_person_find(place->wb, people[i], 3, &person), WB_OK);
        size_t bytes = strlen(got);
        if (reach_person(&reach, person))
            (void)snprintf(got + bytes, 200 - bytes, "%s ", people[i]);
    }
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        wb_reader reader;
        assert_int_equal(wb_reader_find(place->wb, readers[i], 4, &reader), WB_OK);
        size_t bytes = strlen(got);
        if (reach_reader(&reach, reader))
            (void)snprintf(got + bytes, 200 - bytes, "%s ", readers[i]);
    }
    assert_string_equal(got, want);
    assert_int_equal(reach_person(&reach, (wb_person){999999}), reach.every_person);
    reach_close(&reach);
    scope_done(&scope);
}

static void no_list_is_no_limit_and_both_lists_are_both_limits(void **state)
{
    struct place *place = *state;
    assert_reach(place, "", "house hall nook shed outside unknown ann ben cat door gate ");
    assert_reach(place, "{\"zones\":[\"hall\"]}", "hall nook ann ben cat door gate ");
    assert_reach(place, "{\"zones\":[\"house\",\"unknown\"]}",
                 "house hall nook unknown ann ben cat door gate ");
    assert_reach(place, "{\"groups\":[\"staff\",\"guests\"]}",
                 "house hall nook shed outside unknown ann ben door gate ");
    assert_reach(place, "{\"zones\":[\"shed\"],\"groups\":[\"night\"],\"readers\":[\"gate\"]}",
                 "shed ann gate ");
    assert_reach(place, "{\"zones\":[\"cellar\"],\"groups\":[\"crew\"],\"readers\":[\"hatch\"]}",
                 "");
}

/* ---- Who calls ---- */

static void begin(struct place *place)
{
    assert_int_equal(wb_begin(place->wb, START_US), WB_OK);
}

static void commit(struct place *place)
{
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
    assert_int_equal(callers_load(&place->callers, place->wb), WB_OK);
}

static void add_operator(struct place *place, const char *name, enum access_role role,
                         const char *scope)
{
    struct account account = {.name = (char *)name,
                              .role = role,
                              .secret = (char *)"a hash",
                              .scope = scope_of(scope),
                              .made_us = START_US};
    struct wb_fault why = {0};
    begin(place);
    assert_int_equal(issue_operator(place->wb, &account, &why), WB_OK);
    commit(place);
    scope_done(&account.scope);
}

static struct secret add_token(struct place *place, enum access_role role, const char *scope,
                               int64_t expires_us, char id[16])
{
    struct account account = {.role = role,
                              .scope = scope_of(scope),
                              .purpose = (char *)"a screen",
                              .made_us = START_US,
                              .expires_us = expires_us};
    struct secret secret;
    struct wb_fault why = {0};
    begin(place);
    assert_int_equal(issue_token(place->wb, &account, more_random(place), id, &secret, &why),
                     WB_OK);
    commit(place);
    scope_done(&account.scope);
    return secret;
}

static struct secret add_session(struct place *place, const char *name, struct session *session)
{
    struct secret cookie;
    session_begin(more_random(place), START_US, session, &cookie);
    begin(place);
    assert_int_equal(issue_session(place->wb, session, name, "the night round"), WB_OK);
    commit(place);
    return cookie;
}

static enum caller_found call_by_token(struct place *place, const struct secret *secret,
                                       int64_t now_us, struct access_caller *out)
{
    char header[80];
    (void)snprintf(header, sizeof header, "Bearer %s", secret->text);
    return callers_identify(&place->callers, header, NULL, now_us, out);
}

static enum caller_found call_by_cookie(struct place *place, const struct secret *secret,
                                        int64_t now_us, struct access_caller *out)
{
    char header[120];
    (void)snprintf(header, sizeof header, "a=b; " ACCESS_COOKIE "=%s", secret->text);
    return callers_identify(&place->callers, NULL, header, now_us, out);
}

static void a_token_calls_with_its_role_and_limits(void **state)
{
    struct place *place = *state;
    char id[16];
    struct access_caller caller;
    struct secret other;
    struct secret secret =
        add_token(place, ACCESS_VIEWER, "{\"zones\":[\"hall\"]}", START_US + 100, id);
    assert_int_equal(call_by_token(place, &secret, START_US + 99, &caller), CALLER_FOUND);
    assert_int_equal(caller.role, ACCESS_VIEWER);
    assert_int_equal(caller.kind, WB_TOKEN);
    assert_string_equal(caller.name, id);
    assert_string_equal(caller.purpose, "a screen");
    assert_string_equal(caller.scope.list[SCOPE_ZONES].at[0], "hall");
    assert_false(caller.rotate);
    assert_true(callers_still(&place->callers, &caller, START_US + 99));
    assert_false(callers_still(&place->callers, &caller, START_US + 100));
    begin(place);
    assert_int_equal(wb_credential_remove(place->wb, WB_TOKEN, id), WB_OK);
    commit(place);
    assert_false(callers_still(&place->callers, &caller, START_US));
    caller_done(&caller);
    assert_int_equal(call_by_token(place, &secret, START_US, &caller), CALLER_REFUSED);
    assert_int_equal(caller.role, ACCESS_ANONYMOUS);
    secret_make(more_random(place), &other);
    assert_int_equal(call_by_token(place, &other, START_US, &caller), CALLER_REFUSED);
}

static void a_token_that_expired_is_none(void **state)
{
    struct place *place = *state;
    char id[16];
    struct access_caller caller;
    struct secret secret = add_token(place, ACCESS_READER, "", START_US + 100, id);
    assert_int_equal(call_by_token(place, &secret, START_US + 100, &caller), CALLER_REFUSED);
}

static void who_shows_nothing_is_nobody_and_nonsense_is_refused(void **state)
{
    struct place *place = *state;
    struct access_caller caller;
    const struct callers *callers = &place->callers;
    assert_int_equal(callers_identify(callers, NULL, NULL, START_US, &caller), CALLER_NOBODY);
    assert_int_equal(callers_identify(callers, NULL, "theme=dark", START_US, &caller),
                     CALLER_NOBODY);
    assert_int_equal(callers_identify(callers, NULL, ACCESS_COOKIE "=x", START_US, &caller),
                     CALLER_REFUSED);
    assert_int_equal(callers_identify(callers, "Basic x", NULL, START_US, &caller), CALLER_REFUSED);
    assert_int_equal(caller.role, ACCESS_ANONYMOUS);
    assert_false(callers_still(callers, &caller, START_US));
}

static void a_session_calls_for_its_operator(void **state)
{
    struct place *place = *state;
    struct access_caller caller;
    struct session session;
    add_operator(place, "ann", ACCESS_WARDEN, "{\"groups\":[\"staff\"]}");
    struct secret cookie = add_session(place, "ann", &session);
    assert_int_equal(call_by_cookie(place, &cookie, START_US, &caller), CALLER_FOUND);
    assert_int_equal(caller.role, ACCESS_WARDEN);
    assert_string_equal(caller.name, "ann");
    assert_string_equal(caller.session, session.id);
    assert_string_equal(caller.purpose, "the night round");
    assert_string_equal(caller.scope.list[SCOPE_GROUPS].at[0], "staff");
    assert_true(callers_still(&place->callers, &caller, START_US));
    caller_done(&caller);
    /* A cookie's secret is no bearer's. */
    assert_int_equal(call_by_token(place, &cookie, START_US, &caller), CALLER_REFUSED);
}

static void a_session_rotates_and_the_old_cookie_ends(void **state)
{
    struct place *place = *state;
    struct access_caller caller;
    struct session session;
    struct secret fresh;
    int64_t at_us = START_US + SESSION_ROTATE_US;
    add_operator(place, "ann", ACCESS_ADMIN, "");
    struct secret old = add_session(place, "ann", &session);
    assert_int_equal(call_by_cookie(place, &old, at_us, &caller), CALLER_FOUND);
    assert_true(caller.rotate);
    caller_done(&caller);
    session_rotate(&session, more_random(place), at_us, &fresh);
    begin(place);
    assert_int_equal(issue_session(place->wb, &session, "ann", "the night round"), WB_OK);
    commit(place);
    assert_int_equal(call_by_cookie(place, &old, at_us + 1, &caller), CALLER_FOUND);
    assert_false(caller.rotate);
    caller_done(&caller);
    assert_int_equal(call_by_cookie(place, &fresh, at_us + 1, &caller), CALLER_FOUND);
    assert_false(caller.rotate);
    caller_done(&caller);
    assert_int_equal(call_by_cookie(place, &old, at_us + SESSION_GRACE_US, &caller),
                     CALLER_REFUSED);
    assert_int_equal(call_by_cookie(place, &fresh, at_us + SESSION_IDLE_US, &caller),
                     CALLER_REFUSED);
}

static void a_removed_operator_is_out_at_once(void **state)
{
    struct place *place = *state;
    struct access_caller caller;
    struct access_caller late;
    struct session session;
    add_operator(place, "ann", ACCESS_ADMIN, "");
    struct secret cookie = add_session(place, "ann", &session);
    assert_int_equal(call_by_cookie(place, &cookie, START_US, &caller), CALLER_FOUND);
    begin(place);
    assert_int_equal(revoke_operator(place->wb, "ann"), WB_OK);
    commit(place);
    assert_false(callers_still(&place->callers, &caller, START_US));
    assert_int_equal(call_by_cookie(place, &cookie, START_US, &late), CALLER_REFUSED);
    /* Nor does a new one of that name get the old one's session. */
    add_operator(place, "ann", ACCESS_ADMIN, "");
    assert_false(callers_still(&place->callers, &caller, START_US));
    assert_int_equal(call_by_cookie(place, &cookie, START_US, &late), CALLER_REFUSED);
    caller_done(&caller);
}

static void changed_limits_end_a_stream(void **state)
{
    struct place *place = *state;
    struct access_caller caller;
    struct session session;
    add_operator(place, "ann", ACCESS_VIEWER, "{\"zones\":[\"hall\"]}");
    struct secret cookie = add_session(place, "ann", &session);
    assert_int_equal(call_by_cookie(place, &cookie, START_US, &caller), CALLER_FOUND);
    assert_true(callers_still(&place->callers, &caller, START_US));
    assert_false(callers_still(&place->callers, &caller, START_US + SESSION_IDLE_US));
    add_operator(place, "ann", ACCESS_VIEWER, "{\"zones\":[\"shed\"]}");
    assert_false(callers_still(&place->callers, &caller, START_US));
    add_operator(place, "ann", ACCESS_WARDEN, "{\"zones\":[\"hall\"]}");
    assert_false(callers_still(&place->callers, &caller, START_US));
    caller_done(&caller);
}

static void the_first_code_works_until_there_is_an_admin(void **state)
{
    struct place *place = *state;
    struct secret code;
    struct secret later;
    begin(place);
    assert_int_equal(issue_invitation(place->wb, more_random(place), START_US, &code), WB_OK);
    commit(place);
    const struct callers *callers = &place->callers;
    assert_true(callers_accept(callers, code.text, SECRET_TEXT_BYTES, START_US));
    assert_false(callers_accept(callers, code.text, SECRET_TEXT_BYTES - 1, START_US));
    assert_false(
        callers_accept(callers, code.text, SECRET_TEXT_BYTES, START_US + ACCESS_INVITATION_US));
    begin(place);
    assert_int_equal(issue_invitation(place->wb, more_random(place), START_US, &later), WB_OK);
    commit(place);
    assert_false(callers_accept(callers, code.text, SECRET_TEXT_BYTES, START_US));
    assert_true(callers_accept(callers, later.text, SECRET_TEXT_BYTES, START_US));
    add_operator(place, "vic", ACCESS_VIEWER, "");
    assert_true(callers_accept(callers, later.text, SECRET_TEXT_BYTES, START_US));
    /* It is neither a token nor a cookie. */
    struct access_caller caller;
    assert_int_equal(call_by_token(place, &later, START_US, &caller), CALLER_REFUSED);
    assert_int_equal(call_by_cookie(place, &later, START_US, &caller), CALLER_REFUSED);
    add_operator(place, "ann", ACCESS_ADMIN, "");
    assert_false(callers_accept(callers, later.text, SECRET_TEXT_BYTES, START_US));
}

static void accounts_are_found_by_kind_and_name(void **state)
{
    struct place *place = *state;
    add_operator(place, "ann", ACCESS_ADMIN, "");
    add_operator(place, "ben", ACCESS_VIEWER, "{\"zones\":[\"hall\"]}");
    const struct account *ben = callers_find(&place->callers, WB_OPERATOR, "ben");
    assert_non_null(ben);
    assert_string_equal(ben->secret, "a hash");
    assert_int_equal(ben->role, ACCESS_VIEWER);
    assert_null(callers_find(&place->callers, WB_TOKEN, "ben"));
    assert_null(callers_find(&place->callers, WB_OPERATOR, "bea"));
    assert_int_equal(callers_count(&place->callers, ACCESS_ADMIN), 1);
    assert_int_equal(callers_count(&place->callers, ACCESS_WARDEN), 0);
}

static void what_makes_no_sense_is_not_issued(void **state)
{
    struct place *place = *state;

    static const struct {
        const char *name;
        enum access_role role;
        const char *scope, *secret;
    } wrong[] = {
        {"",     ACCESS_ADMIN,     "",                         "hash"},
        {"a\nb", ACCESS_ADMIN,     "",                         "hash"},
        {"ann",  ACCESS_READER,    "",                         "hash"},
        {"ann",  ACCESS_ANONYMOUS, "",                         "hash"},
        {"ann",  ACCESS_ADMIN,     "{\"zones\":[\"hall\"]}",   "hash"},
        {"ann",  ACCESS_VIEWER,    "{\"readers\":[\"door\"]}", "hash"},
        {"ann",  ACCESS_VIEWER,    "",                         ""    },
    };

    begin(place);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct wb_fault why = {0};
        struct account account = {.name = (char *)wrong[i].name,
                                  .role = wrong[i].role,
                                  .secret = (char *)wrong[i].secret,
                                  .scope = scope_of(wrong[i].scope)};
        assert_int_equal(issue_operator(place->wb, &account, &why), WB_EREFUSED);
        assert_true(why.text[0] != '\0');
        scope_done(&account.scope);
    }

    static const struct {
        enum access_role role;
        const char *scope;
    } tokens[] = {
        {ACCESS_ANONYMOUS, ""                        },
        {ACCESS_READER,    "{\"zones\":[\"hall\"]}"  },
        {ACCESS_VIEWER,    "{\"readers\":[\"door\"]}"},
        {ACCESS_ADMIN,     "{\"groups\":[\"staff\"]}"},
    };

    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        struct wb_fault why = {0};
        char id[16];
        struct secret secret;
        struct account account = {.role = tokens[i].role, .scope = scope_of(tokens[i].scope)};
        assert_int_equal(issue_token(place->wb, &account, more_random(place), id, &secret, &why),
                         WB_EREFUSED);
        assert_true(why.text[0] != '\0');
        scope_done(&account.scope);
    }
    commit(place);
    assert_int_equal(place->callers.count, 0);
}

static void damaged_rows_change_nothing(void **state)
{
    struct place *place = *state;
    add_operator(place, "ann", ACCESS_ADMIN, "");
    struct wb_credential wrong = {.kind = WB_TOKEN,
                                  .name = "t",
                                  .role = "viewer",
                                  .secret = "s",
                                  .scope = "not json",
                                  .holder = "",
                                  .purpose = ""};
    begin(place);
    assert_int_equal(wb_credential_put(place->wb, &wrong), WB_OK);
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
    assert_int_equal(callers_load(&place->callers, place->wb), WB_EDAMAGED);
    assert_non_null(callers_find(&place->callers, WB_OPERATOR, "ann"));
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, open_place, close_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scope_is_kept_as_text),
        cmocka_unit_test(a_malformed_scope_is_refused_whole),
        cmocka_unit_test(a_list_has_an_end_and_each_id_once),
        WITH_PLACE(no_list_is_no_limit_and_both_lists_are_both_limits),
        WITH_PLACE(a_token_calls_with_its_role_and_limits),
        WITH_PLACE(a_token_that_expired_is_none),
        WITH_PLACE(who_shows_nothing_is_nobody_and_nonsense_is_refused),
        WITH_PLACE(a_session_calls_for_its_operator),
        WITH_PLACE(a_session_rotates_and_the_old_cookie_ends),
        WITH_PLACE(a_removed_operator_is_out_at_once),
        WITH_PLACE(changed_limits_end_a_stream),
        WITH_PLACE(the_first_code_works_until_there_is_an_admin),
        WITH_PLACE(accounts_are_found_by_kind_and_name),
        WITH_PLACE(what_makes_no_sense_is_not_issued),
        WITH_PLACE(damaged_rows_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
