/* /v1/operators and /v1/tokens: who may ask. */
#include <sodium.h>
#include <string.h>

#include "api/asking.h"
#include "api/password_work.h"
#include "api/resources.h"
#include "base/duration.h"

/* ---- Lists ---- */

static void put_scope(struct document *document, const struct scope *scope, bool readers)
{
    static const char *const key[SCOPE_LISTS] = {
        [SCOPE_ZONES] = "zones", [SCOPE_GROUPS] = "groups", [SCOPE_READERS] = "readers"};

    for (int i = 0; i < SCOPE_LISTS; i++) {
        if (i == SCOPE_READERS && !readers) continue;
        document_array(document, key[i]);
        for (size_t j = 0; j < scope->list[i].count; j++)
            document_text(document, NULL, scope->list[i].at[j]);
        document_array_end(document);
    }
}

static void list(struct exchange *x, wb_credential_kind kind, const char *name)
{
    const struct callers *callers = &x->service->callers;
    bool tokens = kind == WB_TOKEN;
    struct document document;

    document_begin(&document);
    document_array(&document, name);
    for (size_t i = 0; i < callers->count; i++) {
        const struct account *account = &callers->at[i];
        if (account->kind != kind) continue;
        document_row(&document);
        document_text(&document, tokens ? "id" : "name", account->name);
        document_text(&document, "role", access_role_word(account->role));
        put_scope(&document, &account->scope, tokens);
        if (tokens) document_text(&document, "purpose", account->purpose);
        document_time(&document, "made", account->made_us);
        if (tokens) document_time(&document, "expires", account->expires_us);
        document_row_end(&document);
    }
    document_array_end(&document);
    exchange_document(x, 200, &document);
}

void operators_get(struct exchange *x)
{
    if (asking_knows(x, "")) list(x, WB_OPERATOR, "operators");
}

void tokens_get(struct exchange *x)
{
    if (asking_knows(x, "")) list(x, WB_TOKEN, "tokens");
}

/* ---- Making ---- */

/* role, zones, groups, readers of a body. false: the answer is set. */
static bool take_limits(struct exchange *x, const json_t *body, struct account *account)
{
    static const char *const keys[] = {"zones", "groups", "readers"};
    struct wb_fault fault = {0};
    struct text role;

    if (!asking_text(x, body, "role", true, &role)) return false;
    account->role = access_role_of(role.at);
    json_t *limits = json_object();
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        json_t *value = json_object_get(body, keys[i]);
        if (value != NULL && json_object_set(limits, keys[i], value) != 0) response_no_memory();
    }
    wb_status status = scope_from(limits, &account->scope, &fault);
    json_decref(limits);
    if (status == WB_OK) return true;
    exchange_problem(x, 400, "bad-body", fault.text[0] != '\0' ? fault.text : "that is no scope");
    return false;
}

/* What issue_... refuses is a body that is wrong, not a conflict. */
static void failed(struct exchange *x, wb_status status, const struct wb_fault *fault)
{
    if (status == WB_EREFUSED) {
        exchange_problem(x, 400, "bad-body", fault->text);
    } else {
        exchange_failed(x, status, fault);
    }
}

static void make_operator(struct exchange *x, struct account *account)
{
    struct wb_fault fault = {0};
    struct document document;

    wb_status status = issue_operator(x->wb, account, &fault);
    if (status != WB_OK) {
        failed(x, status, &fault);
        return;
    }
    x->service->callers_changed = x->service->operators_changed = true;
    document_begin(&document);
    document_text(&document, "name", account->name);
    document_text(&document, "role", access_role_word(account->role));
    exchange_document(x, 201, &document);
}

/* What one turn did to operators is seen by the next only. */
static bool changed_at_once(struct exchange *x)
{
    if (!x->service->operators_changed) return false;
    exchange_problem(x, 409, "refused", "another operator was changed at this moment; try again");
    return true;
}

static bool hash_failed(struct exchange *x)
{
    if (x->password->status == WB_OK) return false;
    exchange_failed(x, x->password->status, NULL);
    return true;
}

void operators_post(struct exchange *x)
{
    struct password_work *work = x->password;
    struct account account = {.kind = WB_OPERATOR,
                              .name = (char *)work->name,
                              .secret = work->hash,
                              .made_us = x->now_us,
                              .expires_us = WB_STILL_THERE};

    if (!asking_knows(x, "") || hash_failed(x) || changed_at_once(x)) return;
    if (callers_find(&x->service->callers, WB_OPERATOR, work->name) != NULL) {
        exchange_problem(x, 409, "refused", "there is an operator of that name already");
        return;
    }
    if (take_limits(x, work->body, &account)) make_operator(x, &account);
    scope_done(&account.scope);
}

/* The code is tried again here: it works once, also for two who use it at the same time. */
void first_operator_post(struct exchange *x)
{
    struct password_work *work = x->password;
    struct account account = {.kind = WB_OPERATOR,
                              .role = ACCESS_ADMIN,
                              .name = (char *)work->name,
                              .secret = work->hash,
                              .made_us = x->now_us,
                              .expires_us = WB_STILL_THERE};
    const json_t *code = json_object_get(work->body, "code");

    if (!asking_knows(x, "") || hash_failed(x) || changed_at_once(x)) return;
    if (!callers_accept(&x->service->callers, json_string_value(code), json_string_length(code),
                        x->now_us)) {
        exchange_problem(x, 403, "forbidden", "this code is not good, or not any more");
        return;
    }
    wb_status status = wb_credential_remove(x->wb, WB_INVITATION, "first");
    if (status != WB_OK) {
        exchange_failed(x, status, NULL);
        return;
    }
    make_operator(x, &account);
}

static bool take_expires(struct exchange *x, const json_t *body, int64_t *expires_us)
{
    struct text text;
    int64_t lasts_us;

    *expires_us = WB_STILL_THERE;
    if (!asking_text(x, body, "expires", false, &text)) return false;
    if (text.at == NULL) return true;
    if (duration_parse(text.at, text.bytes, &lasts_us) && lasts_us > 0 &&
        lasts_us < WB_TIME_MAX - x->now_us) {
        *expires_us = x->now_us + lasts_us;
        return true;
    }
    return asking_moment(x, body, "expires", true, expires_us);
}

static void make_token(struct exchange *x, struct account *account)
{
    uint8_t random[ACCESS_TOKEN_RANDOM_BYTES];
    struct wb_fault fault = {0};
    struct document document;
    struct secret secret;
    char id[16];

    randombytes_buf(random, sizeof random);
    wb_status status = issue_token(x->wb, account, random, id, &secret, &fault);
    sodium_memzero(random, sizeof random);
    if (status != WB_OK) {
        failed(x, status, &fault);
        return;
    }
    x->service->callers_changed = true;
    document_begin(&document);
    document_text(&document, "id", id);
    document_text(&document, "token", secret.text);
    exchange_document(x, 201, &document);
    sodium_memzero(&secret, sizeof secret);
}

void tokens_post(struct exchange *x)
{
    struct account account = {.kind = WB_TOKEN, .made_us = x->now_us};
    struct text purpose;
    json_t *body;

    if (!asking_knows(x, "") ||
        !asking_object(x, "role zones groups readers purpose expires", &body))
        return;
    if (take_limits(x, body, &account) && take_expires(x, body, &account.expires_us) &&
        asking_text(x, body, "purpose", false, &purpose)) {
        account.purpose = (char *)purpose.at;
        make_token(x, &account);
    }
    scope_done(&account.scope);
    json_decref(body);
}

/* ---- Removing ---- */

void operator_delete(struct exchange *x)
{
    const struct callers *callers = &x->service->callers;

    if (!asking_knows(x, "") || changed_at_once(x)) return;
    const struct account *account = callers_find(callers, WB_OPERATOR, x->part[0].at);
    if (account == NULL) {
        exchange_problem(x, 404, "not-found", "there is no operator of that name");
        return;
    }
    if (account->role == ACCESS_ADMIN && callers_count(callers, ACCESS_ADMIN) == 1) {
        exchange_problem(x, 409, "refused", "this is the last admin; make another first");
        return;
    }
    wb_status status = revoke_operator(x->wb, account->name);
    x->service->callers_changed = x->service->operators_changed = true;
    if (status != WB_OK) {
        exchange_failed(x, status, NULL);
    } else {
        exchange_nothing(x);
    }
}

void token_delete(struct exchange *x)
{
    if (!asking_knows(x, "")) return;
    if (callers_find(&x->service->callers, WB_TOKEN, x->part[0].at) == NULL) {
        exchange_problem(x, 404, "not-found", "there is no token of that id");
        return;
    }
    wb_status status = wb_credential_remove(x->wb, WB_TOKEN, x->part[0].at);
    x->service->callers_changed = true;
    if (status != WB_OK) {
        exchange_failed(x, status, NULL);
    } else {
        exchange_nothing(x);
    }
}
