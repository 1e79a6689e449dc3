/* /v1/session: sign in, who am I, for what purpose, sign out. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "api/asking.h"
#include "api/caller.h"
#include "api/password_work.h"
#include "api/purposes.h"
#include "api/resources.h"

static void put_ids(struct document *document, const char *key, const struct scope_ids *ids)
{
    document_array(document, key);
    for (size_t i = 0; i < ids->count; i++)
        document_text(document, NULL, ids->at[i]);
    document_array_end(document);
}

/* The rows of the table that let a role do something: "GET /v1/now" and so on. What it does not say
 * a page does not ask for, and offers nobody. */
static void put_rights(struct document *document, enum access_role role)
{
    document_array(document, "may");
    for (size_t i = 0; i < right_count; i++) {
        enum access_answer answer = access_decide(role, &rights[i]);
        char row[200];
        if (answer == ACCESS_SIGN_IN || answer == ACCESS_REFUSED) continue;
        (void)snprintf(row, sizeof row, "%s %s", rights[i].method, rights[i].pattern);
        document_text(document, NULL, row);
    }
    document_array_end(document);
}

/* {"name","role","zones","groups","may","purpose","expires","purposes"} */
static void answer_session(struct exchange *x, const struct account *who,
                           const struct session *session, const char *purpose)
{
    struct document document;

    document_begin(&document);
    document_text(&document, "name", who->name);
    document_text(&document, "role", access_role_word(who->role));
    put_ids(&document, "zones", &who->scope.list[SCOPE_ZONES]);
    put_ids(&document, "groups", &who->scope.list[SCOPE_GROUPS]);
    put_rights(&document, who->role);
    document_text(&document, "purpose", purpose);
    document_time(&document, "expires", session_expires_us(session));
    purposes_put_list(x, &document);
    exchange_document(x, 200, &document);
}

/* The purpose must be of the site's list, if it has one. NULL: the answer is set. */
static const char *take_purpose(struct exchange *x, const json_t *body)
{
    struct text purpose;

    if (!asking_text(x, body, "purpose", false, &purpose)) return NULL;
    const char *text = purpose.at != NULL ? purpose.at : "";
    if (purposes_has(x, text)) return text;
    exchange_problem(x, 400, "bad-purpose", "purpose is one of the site's list of purposes");
    return NULL;
}

void session_post(struct exchange *x)
{
    const struct password_work *work = x->password;
    uint8_t random[SESSION_RANDOM_BYTES];
    struct session session;

    const struct account *who = callers_find(&x->service->callers, WB_OPERATOR, work->name);
    if (!work->is_right || who == NULL || strcmp(who->secret, work->hash) != 0) {
        exchange_problem(x, 401, "sign-in", "name or password is wrong");
        response_header(x->response, "WWW-Authenticate", "Bearer");
        return;
    }
    limiter_forgive(&x->service->limiter, work->name);
    const char *purpose = take_purpose(x, work->body);
    if (purpose == NULL) return;

    randombytes_buf(random, sizeof random);
    session_begin(random, x->now_us, &session, &x->cookie);
    sodium_memzero(random, sizeof random);
    wb_status status = issue_session(x->wb, &session, who->name, purpose);
    if (status != WB_OK) {
        exchange_failed(x, status, NULL);
        return;
    }
    x->has_cookie = true;
    x->service->callers_changed = true;
    answer_session(x, who, &session, purpose);
}

/* The session of the caller and its operator. false: they called with a token; answered. */
static bool find(struct exchange *x, const struct account **who, struct session *session)
{
    const struct callers *callers = &x->service->callers;
    const struct account *account =
        x->caller.kind == WB_SESSION ? callers_find(callers, WB_SESSION, x->caller.session) : NULL;

    *who = account != NULL ? callers_find(callers, WB_OPERATOR, account->holder) : NULL;
    if (*who == NULL) {
        exchange_problem(x, 404, "not-found", "there is no sign-in; this is a token");
        return false;
    }
    *session = account->session;
    return true;
}

void session_get(struct exchange *x)
{
    const struct account *who;
    struct session session;

    if (!asking_knows(x, "") || !find(x, &who, &session)) return;
    answer_session(x, who, &session, x->caller.purpose);
}

static void put_purpose(struct exchange *x, const json_t *body)
{
    const struct account *who;
    struct session session;

    if (!find(x, &who, &session)) return;
    const char *purpose = take_purpose(x, body);
    if (purpose == NULL) return;
    wb_status status = issue_session(x->wb, &session, who->name, purpose);
    if (status != WB_OK) {
        exchange_failed(x, status, NULL);
        return;
    }
    x->service->callers_changed = true;
    x->caller.rotate = false; /* the row was just put as it is */
    answer_session(x, who, &session, purpose);
}

void session_put(struct exchange *x)
{
    json_t *body;

    if (!asking_knows(x, "") || !asking_object(x, "purpose", &body)) return;
    put_purpose(x, body);
    json_decref(body);
}

void session_delete(struct exchange *x)
{
    const struct account *who;
    struct session session;

    if (!asking_knows(x, "") || !find(x, &who, &session)) return;
    wb_status status = wb_credential_remove(x->wb, WB_SESSION, session.id);
    if (status != WB_OK) {
        exchange_failed(x, status, NULL);
        return;
    }
    x->service->callers_changed = true;
    x->caller.rotate = false;
    x->has_cookie = true; /* an empty one */
    exchange_nothing(x);
}
