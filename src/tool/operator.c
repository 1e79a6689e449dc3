/* whereabouts operator add, list, remove: who may sign in. */
#include <stdio.h>

#include "base/time.h"
#include "tool/limits.h"
#include "tool/prompt.h"
#include "tool/sheet.h"

/* ---- add ---- */

static int check_new(const struct site *site, const char *name)
{
    struct callers callers;
    int status = limits_callers(site, &callers);
    if (status != SAY_DONE) return status;
    if (callers_find(&callers, WB_OPERATOR, name) != NULL) {
        status = say(SAY_NO,
                     "there is an operator '%s' already; to change them: whereabouts operator "
                     "remove, then add",
                     name);
    }
    callers_done(&callers);
    return status;
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

static int hash_of(const char *name, char hash[PASSWORD_HASH_BYTES])
{
    struct prompt_password password;
    int status = prompt_new_password(name, &password);
    if (status == SAY_DONE && password_hash(password.text, password.bytes, hash) != WB_OK) {
        status = say(SAY_NO, "hashing a password needs 64 MiB of memory, which is not there");
    }
    prompt_wipe(&password);
    return status;
}

static int add(const struct call *call, const struct site *site)
{
    char hash[PASSWORD_HASH_BYTES];
    struct account account = {
        .name = (char *)call->arguments[0], .secret = hash, .made_us = site->now_us};

    int status = limits_role(call, &account.role);
    if (status == SAY_DONE) status = limits_scope(call, site, false, &account.scope);
    if (status == SAY_DONE) status = check_new(site, account.name);
    if (status == SAY_DONE) status = hash_of(account.name, hash);
    if (status == SAY_DONE) status = put(site, &account);
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

static int list(const struct call *call, const struct site *site)
{
    struct callers callers;
    int status = limits_callers(site, &callers);
    if (status != SAY_DONE) return status;
    json_t *rows = json_array();
    for (size_t i = 0; i < callers.count; i++) {
        if (callers.at[i].kind != WB_OPERATOR) continue;
        if (json_array_append_new(rows, row_of(&callers.at[i])) != 0) say_no_memory();
    }
    callers_done(&callers);
    json_t *document = json_pack("{s:o}", "operators", rows);
    if (document == NULL) say_no_memory();
    if (call->format == FORMAT_TABLE && json_array_size(rows) == 0) {
        (void)printf("nobody may sign in yet; see: whereabouts help operator add\n");
    } else {
        struct sheet sheet = {call, site, columns, sizeof columns / sizeof columns[0],
                              site->now_us};
        status = sheet_print(&sheet, document, rows);
    }
    json_decref(document);
    return status;
}

int operator_list_run(const struct call *call)
{
    struct site site;
    int status = site_open(&site, call, WB_READ);
    if (status == SAY_DONE) status = list(call, &site);
    return site_close(&site, status);
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
    struct callers callers;
    int status = limits_callers(site, &callers);
    if (status != SAY_DONE) return status;
    if (callers_find(&callers, WB_OPERATOR, name) == NULL) {
        status = say(SAY_NO, "there is no operator '%s'; see: whereabouts operator list", name);
    }
    callers_done(&callers);
    if (status == SAY_DONE) status = revoke(site, name);
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
