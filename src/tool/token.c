/* whereabouts token add, list, revoke: what readers and programs show. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/time.h"
#include "tool/limits.h"
#include "tool/remote.h"
#include "tool/sheet.h"

/* ---- add ---- */

static int take_expiry(const struct call *call, const struct site *site, int64_t *out)
{
    const char *word = call_value(call, "expires");
    int64_t good_us;
    *out = WB_STILL_THERE;
    if (word == NULL) return SAY_DONE;
    if (!duration_parse(word, strlen(word), &good_us) || good_us == 0 ||
        good_us >= WB_TIME_MAX - site->now_us) {
        return say(SAY_WRONG_USE, "--expires '%s' is not a duration; write it like 30d or 12h",
                   word);
    }
    *out = site->now_us + good_us;
    return SAY_DONE;
}

static void print(const char *id, const char *secret)
{
    say_note("token %s; this is the only time it is shown:", id);
    (void)printf("%s\n", secret);
}

/* How long it is good counts from the server's present moment. */
static int tell_server(const struct call *call, const struct site *site,
                       const struct account *account)
{
    json_t *body = limits_body(account, true);
    json_t *answer;
    remote_put(body, "purpose", account->purpose);
    remote_put(body, "expires", call_value(call, "expires"));
    int status = limits_tell(site, "/v1/tokens", body, &answer);
    if (status == SAY_DONE) print(remote_text(answer, "id"), remote_text(answer, "token"));
    json_decref(answer);
    return status;
}

static int tell_file(const struct site *site, const struct account *account)
{
    uint8_t random[ACCESS_TOKEN_RANDOM_BYTES];
    char id[16];
    struct secret secret;
    struct wb_fault why = {0};
    int status = site_begin(site);
    if (status != SAY_DONE) return status;
    randombytes_buf(random, sizeof random);
    wb_status issued = issue_token(site->wb, account, random, id, &secret, &why);
    if (issued != WB_OK) return site_refused(site, issued, &why);
    status = site_commit(site);
    if (status == SAY_DONE) print(id, secret.text);
    sodium_memzero(&secret, sizeof secret);
    sodium_memzero(random, sizeof random);
    return status;
}

static int add(const struct call *call, const struct site *site)
{
    struct account account = {.purpose = (char *)call_value(call, "purpose"),
                              .made_us = site->now_us};
    int status = limits_role(call, &account.role);
    if (status == SAY_DONE) status = take_expiry(call, site, &account.expires_us);
    if (status == SAY_DONE) status = limits_scope(call, site, true, &account.scope);
    if (status == SAY_DONE) {
        status =
            site->remote != NULL ? tell_server(call, site, &account) : tell_file(site, &account);
    }
    scope_done(&account.scope);
    return status;
}

int token_add_run(const struct call *call)
{
    struct site site;
    int status = site_open(&site, call, WB_WRITE);
    if (status == SAY_DONE) status = add(call, &site);
    return site_close(&site, status);
}

/* ---- list ---- */

static const struct sheet_column columns[] = {
    {"id",      "TOKEN",   SHEET_TEXT},
    {"role",    "ROLE",    SHEET_TEXT},
    {"readers", "READERS", SHEET_LIST},
    {"zones",   "ZONES",   SHEET_LIST},
    {"groups",  "GROUPS",  SHEET_LIST},
    {"purpose", "PURPOSE", SHEET_TEXT},
    {"made",    "MADE",    SHEET_TIME},
    {"expires", "EXPIRES", SHEET_TIME},
};

static json_t *time_of(int64_t us)
{
    char text[TIME_TEXT_MAX];
    if (us == WB_STILL_THERE) return json_null();
    (void)time_format(us, text);
    return json_string(text);
}

static json_t *row_of(const struct account *account)
{
    json_t *row =
        json_pack("{s:s, s:s}", "id", account->name, "role", access_role_word(account->role));
    if (row == NULL) say_no_memory();
    limits_put(row, &account->scope, true);
    if (json_object_set_new(row, "purpose", json_string(account->purpose)) != 0 ||
        json_object_set_new(row, "made", time_of(account->made_us)) != 0 ||
        json_object_set_new(row, "expires", time_of(account->expires_us)) != 0) {
        say_no_memory();
    }
    return row;
}

int token_list_run(const struct call *call)
{
    static const struct limits_list list = {
        "/v1/tokens",
        "tokens",
        WB_TOKEN,
        row_of,
        columns,
        sizeof columns / sizeof columns[0],
        "there are no tokens",
    };
    return limits_list_run(call, &list);
}

/* ---- revoke ---- */

static int no_token(const char *id)
{
    return say(SAY_NO, "there is no token '%s'; see: whereabouts token list", id);
}

static int revoke_in_file(const struct site *site, const char *id)
{
    struct callers callers;
    int status = limits_callers(site, &callers);
    if (status != SAY_DONE) return status;
    bool found = callers_find(&callers, WB_TOKEN, id) != NULL;
    callers_done(&callers);
    if (!found) return no_token(id);
    status = site_begin(site);
    if (status != SAY_DONE) return status;
    wb_status removed = wb_credential_remove(site->wb, WB_TOKEN, id);
    return removed == WB_OK ? site_commit(site) : site_failed(site, removed);
}

static int revoke_on_server(const struct site *site, const char *id)
{
    bool found;
    int status = limits_find(site, "tokens", "id", id, &found);
    if (status != SAY_DONE) return status;
    return found ? limits_remove(site, "tokens", id) : no_token(id);
}

static int revoke(const struct call *call, const struct site *site)
{
    const char *id = call->arguments[0];
    int status = site->remote != NULL ? revoke_on_server(site, id) : revoke_in_file(site, id);
    if (status == SAY_DONE) (void)printf("token %s is worth nothing now\n", id);
    return status;
}

int token_revoke_run(const struct call *call)
{
    struct site site;
    int status = site_open(&site, call, WB_WRITE);
    if (status == SAY_DONE) status = revoke(call, &site);
    return site_close(&site, status);
}
