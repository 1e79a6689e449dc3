#include "access/callers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"

/* ---- Memory ---- */

static char *copy_text(const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = malloc(bytes);
    if (copy != NULL) memcpy(copy, text, bytes);
    return copy;
}

static void account_done(struct account *account)
{
    free(account->name);
    free(account->secret);
    free(account->holder);
    free(account->purpose);
    scope_done(&account->scope);
}

void callers_init(struct callers *callers, const uint8_t key[16])
{
    *callers = (struct callers){0};
    memcpy(callers->names.key, key, 16);
    memcpy(callers->hashes.key, key, 16);
}

void callers_done(struct callers *callers)
{
    for (size_t i = 0; i < callers->count; i++) {
        account_done(&callers->at[i]);
    }
    LIST_DONE(callers);
    LIST_DONE(&callers->owners);
    names_done(&callers->names);
    names_done(&callers->hashes);
}

/* ---- Loading ---- */

/* "0ann": the kind and the name. */
static size_t key_of(wb_credential_kind kind, const char *name, char out[160])
{
    return (size_t)snprintf(out, 160, "%d%.128s", (int)kind, name);
}

static wb_status add_hash(struct callers *callers, const char *hash)
{
    size_t bytes = strlen(hash);
    /* "" is no hash; two of the same are one secret: the first counts. */
    if (bytes == 0 || names_find(&callers->hashes, hash, bytes) != NAMES_NONE) return WB_OK;
    if (!LIST_PUSH(&callers->owners, (uint32_t)(callers->count - 1)) ||
        names_add(&callers->hashes, hash, bytes) == NAMES_NONE) {
        return WB_ENOMEM;
    }
    return WB_OK;
}

static wb_status read_session(const struct wb_credential *c, struct session *out)
{
    if (strlen(c->name) != sizeof out->id - 1 || strlen(c->secret) != SECRET_HASH_BYTES) {
        return WB_EDAMAGED;
    }
    memcpy(out->id, c->name, sizeof out->id);
    memcpy(out->hash.hex, c->secret, sizeof out->hash.hex);
    out->made_us = c->made_us;
    return session_read(c->scope, out) ? WB_OK : WB_EDAMAGED;
}

static wb_status fill_account(const struct wb_credential *c, struct account *out)
{
    out->kind = c->kind;
    out->role = access_role_of(c->role);
    out->made_us = c->made_us;
    out->expires_us = c->expires_us;
    out->name = copy_text(c->name);
    out->secret = copy_text(c->secret);
    out->holder = copy_text(c->holder);
    out->purpose = copy_text(c->purpose);
    if (out->name == NULL || out->secret == NULL || out->holder == NULL || out->purpose == NULL) {
        return WB_ENOMEM;
    }
    if (c->kind == WB_SESSION) return read_session(c, &out->session);
    wb_status status = scope_read(c->scope, strlen(c->scope), &out->scope, NULL);
    return status == WB_EREFUSED ? WB_EDAMAGED : status;
}

/* The account is the newest of the list: find it by its name and by what it shows. */
static wb_status index_account(struct callers *callers, const struct account *account)
{
    char key[160];
    size_t bytes = key_of(account->kind, account->name, key);
    if (names_add(&callers->names, key, bytes) == NAMES_NONE) return WB_ENOMEM;
    if (account->kind == WB_OPERATOR) return WB_OK;
    wb_status status = add_hash(callers, account->secret);
    if (status == WB_OK && account->kind == WB_SESSION) {
        status = add_hash(callers, account->session.old.hex);
    }
    return status;
}

struct loading {
    struct callers callers;
    wb_status status;
};

static bool take_credential(void *context, const struct wb_credential *credential)
{
    struct loading *loading = context;
    struct account account = {0};
    loading->status = fill_account(credential, &account);
    if (loading->status == WB_OK && !LIST_PUSH(&loading->callers, account)) {
        loading->status = WB_ENOMEM;
    }
    if (loading->status != WB_OK) {
        account_done(&account);
        return false;
    }
    loading->status = index_account(&loading->callers, &account);
    return loading->status == WB_OK;
}

wb_status callers_load(struct callers *callers, struct wb *wb)
{
    struct loading loading = {.status = WB_OK};
    callers_init(&loading.callers, callers->names.key);
    wb_status status = wb_credentials_all(wb, take_credential, &loading);
    if (status == WB_OK) status = loading.status;
    if (status != WB_OK) {
        callers_done(&loading.callers);
        return status;
    }
    callers_done(callers);
    *callers = loading.callers;
    return WB_OK;
}

/* ---- Finding ---- */

const struct account *callers_find(const struct callers *callers, wb_credential_kind kind,
                                   const char *name)
{
    char key[160];
    if (strlen(name) > 128) return NULL;
    size_t bytes = key_of(kind, name, key);
    uint32_t n = names_find(&callers->names, key, bytes);
    return n == NAMES_NONE ? NULL : &callers->at[n];
}

static const struct account *find_hash(const struct callers *callers, const char *hash)
{
    uint32_t n = names_find(&callers->hashes, hash, strlen(hash));
    return n == NAMES_NONE ? NULL : &callers->at[callers->owners.at[n]];
}

size_t callers_count(const struct callers *callers, enum access_role role)
{
    size_t count = 0;
    for (size_t i = 0; i < callers->count; i++) {
        count += callers->at[i].kind == WB_OPERATOR && callers->at[i].role == role;
    }
    return count;
}

/* ---- Who calls ---- */

static wb_status copy_scope(const struct scope *from, struct scope *to)
{
    for (int l = 0; l < SCOPE_LISTS; l++) {
        for (size_t i = 0; i < from->list[l].count; i++) {
            const char *id = from->list[l].at[i];
            wb_status status = scope_add(to, (enum scope_list)l, id, strlen(id));
            if (status != WB_OK) return status;
        }
    }
    return WB_OK;
}

/* rights: the account whose role and limits count. */
static enum caller_found fill_caller(const struct account *account, const struct account *rights_of,
                                     struct access_caller *out)
{
    out->role = rights_of->role;
    out->kind = account->kind;
    (void)snprintf(out->name, sizeof out->name, "%s", rights_of->name);
    (void)snprintf(out->purpose, sizeof out->purpose, "%s", account->purpose);
    if (copy_scope(&rights_of->scope, &out->scope) == WB_OK) return CALLER_FOUND;
    caller_done(out);
    return CALLER_FAILED;
}

static enum caller_found by_token(const struct callers *callers, const struct secret *secret,
                                  int64_t now_us, struct access_caller *out)
{
    struct secret_hash hash;
    secret_hash(secret, &hash);
    const struct account *account = find_hash(callers, hash.hex);
    if (account == NULL || account->kind != WB_TOKEN || account->role == ACCESS_ANONYMOUS ||
        now_us >= account->expires_us) {
        return CALLER_REFUSED;
    }
    return fill_caller(account, account, out);
}

static enum caller_found by_session(const struct callers *callers, const struct secret *secret,
                                    int64_t now_us, struct access_caller *out)
{
    struct secret_hash hash;
    secret_hash(secret, &hash);
    const struct account *account = find_hash(callers, hash.hex);
    if (account == NULL || account->kind != WB_SESSION) return CALLER_REFUSED;
    const struct account *holder = callers_find(callers, WB_OPERATOR, account->holder);
    if (holder == NULL || holder->role == ACCESS_ANONYMOUS) return CALLER_REFUSED;
    enum session_state state = session_state(&account->session, hash.hex, now_us);
    if (state == SESSION_OVER) return CALLER_REFUSED;
    enum caller_found found = fill_caller(account, holder, out);
    if (found != CALLER_FOUND) return found;
    out->rotate = state == SESSION_ROTATE;
    memcpy(out->session, account->session.id, sizeof out->session);
    return CALLER_FOUND;
}

enum caller_found callers_identify(const struct callers *callers, const char *authorization,
                                   const char *cookie, int64_t now_us, struct access_caller *out)
{
    struct secret secret;
    *out = (struct access_caller){.role = ACCESS_ANONYMOUS};
    if (authorization != NULL) {
        return secret_from_bearer(authorization, strlen(authorization), &secret)
                   ? by_token(callers, &secret, now_us, out)
                   : CALLER_REFUSED;
    }
    /* Cookies of others are nothing that was shown. */
    if (cookie == NULL || strstr(cookie, ACCESS_COOKIE) == NULL) return CALLER_NOBODY;
    return secret_from_cookie(cookie, strlen(cookie), ACCESS_COOKIE, &secret)
               ? by_session(callers, &secret, now_us, out)
               : CALLER_REFUSED;
}

void caller_done(struct access_caller *caller)
{
    scope_done(&caller->scope);
    *caller = (struct access_caller){.role = ACCESS_ANONYMOUS};
}

static bool same_ids(const struct scope_ids *a, const struct scope_ids *b)
{
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->at[i], b->at[i]) != 0) return false;
    }
    return true;
}

static bool same_scope(const struct scope *a, const struct scope *b)
{
    for (int l = 0; l < SCOPE_LISTS; l++) {
        if (!same_ids(&a->list[l], &b->list[l])) return false;
    }
    return true;
}

bool callers_still(const struct callers *callers, const struct access_caller *caller,
                   int64_t now_us)
{
    if (caller->role == ACCESS_ANONYMOUS) return false;
    wb_credential_kind kind = caller->kind == WB_SESSION ? WB_OPERATOR : WB_TOKEN;
    const struct account *account = callers_find(callers, kind, caller->name);
    if (account == NULL || account->role != caller->role || now_us >= account->expires_us ||
        !same_scope(&account->scope, &caller->scope)) {
        return false;
    }
    if (kind == WB_TOKEN) return true;
    const struct account *session = callers_find(callers, WB_SESSION, caller->session);
    return session != NULL && strcmp(session->holder, caller->name) == 0 &&
           !session_is_over(&session->session, now_us);
}

bool callers_accept(const struct callers *callers, const char *code, size_t bytes, int64_t now_us)
{
    struct secret secret;
    struct secret_hash hash;
    if (!secret_read(code, bytes, &secret)) return false;
    secret_hash(&secret, &hash);
    const struct account *account = find_hash(callers, hash.hex);
    return account != NULL && account->kind == WB_INVITATION && now_us < account->expires_us &&
           callers_count(callers, ACCESS_ADMIN) == 0;
}
