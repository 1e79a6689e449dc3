/* whereabouts operator add, list, remove: who may sign in. */
#include <stdio.h>

#include "base/time.h"
#include "tool/limits.h"
#include "tool/prompt.h"
#include "tool/remote.h"
#include "tool/sheet.h"

/* ---- add ---- */

static int is_there(const struct site *site, const char *name, bool *found)
{
    struct callers callers;
    if (site->remote != NULL) return limits_find(site, "operators", "name", name, found);
    int status = limits_callers(site, &callers);
    if (status != SAY_DONE) return status;
    *found = callers_find(&callers, WB_OPERATOR, name) != NULL;
    callers_done(&callers);
    return SAY_DONE;
}

static int check_new(const struct site *site, const char *name)
{
    bool found = false;
    int status = is_there(site, name, &found);
    if (status != SAY_DONE || !found) return status;
    return say(SAY_NO,
               "there is an operator '%s' already; to change them: whereabouts operator "
               "remove, then add",
               name);
}

static int put(const struct site *site, const struct account *account)
{
    struct wb_fault why = {0};
    int status = site_begin(site);
    if (status != SAY_DONE) return status;
    wb_status issued = issue_operator(site->wb, account, &why);
    if (issued != WB_OK) return site_refused(site, issued, &why);
    return site_commit(site);
}

static int tell_file(const struct site *site, struct account *account,
                     const struct prompt_password *password)
{
    char hash[PASSWORD_HASH_BYTES];
    if (password_hash(password->text, password->bytes, hash) != WB_OK) {
        return say(SAY_NO, "hashing a password needs 64 MiB of memory, which is not there");
    }
    account->secret = hash;
    int status = put(site, account);
    account->secret = NULL;
    return status;
}

static int tell_server(const struct site *site, const struct account *account,
                       const struct prompt_password *password)
{
    json_t *body = limits_body(account, false);
    json_t *answer;
    remote_put(body, "name", account->name);
    if (json_object_set_new(body, "password", json_stringn(password->text, password->bytes)) != 0) {
        json_decref(body);
        return say(SAY_NO, "a server takes passwords of UTF-8 only");
    }
    int status = limits_tell(site, "/v1/operators", body, &answer);
    json_decref(answer);
    return status;
}

static int make(const struct site *site, struct account *account)
{
    struct prompt_password password;
    int status = prompt_new_password(account->name, &password);
    if (status == SAY_DONE) {
        status = site->remote != NULL ? tell_server(site, account, &password)
                                      : tell_file(site, account, &password);
    }
    prompt_wipe(&password);
    return status;
}

static int add(const struct call *call, const struct site *site)
{
    struct account account = {.name = (char *)call->arguments[0], .made_us = site->now_us};

    int status = limits_role(call, &account.role);
    if (status == SAY_DONE) status = limits_scope(call, site, false, &account.scope);
    if (status == SAY_DONE) status = check_new(site, account.name);
    if (status == SAY_DONE) status = make(site, &account);
    if (status == SAY_DONE) {
        (void)printf("operator %s may sign in as %s\n", account.name,
                     access_role_word(account.role));
    }
    scope_done(&account.scope);
    return status;
}

int operator_add_run(const struct call *call)
{
    struct site site;
    int status = site_open(&site, call, WB_WRITE);
    if (status == SAY_DONE) status = add(call, &site);
    return site_close(&site, status);
}

/* ---- list ---- */

static const struct sheet_column columns[] = {
    {"name",   "OPERATOR", SHEET_TEXT},
    {"role",   "ROLE",     SHEET_TEXT},
    {"zones",  "ZONES",    SHEET_LIST},
    {"groups", "GROUPS",   SHEET_LIST},
    {"made",   "MADE",     SHEET_TIME},
};

static json_t *row_of(const struct account *account)
{
    char made[TIME_TEXT_MAX];
    (void)time_format(account->made_us, made);
    json_t *row =
        json_pack("{s:s, s:s}", "name", account->name, "role", access_role_word(account->role));
    if (row == NULL) say_no_memory();
    limits_put(row, &account->scope, false);
    if (json_object_set_new(row, "made", json_string(made)) != 0) say_no_memory();
    return row;
}

int operator_list_run(const struct call *call)
{
    static const struct limits_list list = {
        "/v1/operators",
        "operators",
        WB_OPERATOR,
        row_of,
        columns,
        sizeof columns / sizeof columns[0],
        "nobody may sign in yet; see: whereabouts help operator add",
    };
    return limits_list_run(call, &list);
}

/* ---- remove ---- */

static int revoke(const struct site *site, const char *name)
{
    int status = site_begin(site);
    if (status != SAY_DONE) return status;
    wb_status revoked = revoke_operator(site->wb, name);
    if (revoked != WB_OK) return site_failed(site, revoked);
    return site_commit(site);
}

static int remove_one(const struct call *call, const struct site *site)
{
    const char *name = call->arguments[0];
    bool found = false;
    int status = is_there(site, name, &found);
    if (status == SAY_DONE && !found) {
        status = say(SAY_NO, "there is no operator '%s'; see: whereabouts operator list", name);
    }
    if (status == SAY_DONE) {
        status = site->remote != NULL ? limits_remove(site, "operators", name) : revoke(site, name);
    }
    if (status == SAY_DONE) (void)printf("operator %s may sign in no more\n", name);
    return status;
}

int operator_remove_run(const struct call *call)
{
    struct site site;
    int status = site_open(&site, call, WB_WRITE);
    if (status == SAY_DONE) status = remove_one(call, &site);
    return site_close(&site, status);
}
