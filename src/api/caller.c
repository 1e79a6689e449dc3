#include "api/caller.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- Who asks ---- */

/* Whether a request that changes something comes from our own pages. A cookie comes along with
 * whatever a browser is made to send, so the browser has to say where it was made to
 * (Fetch Metadata; RFC 6454). Programs with a token are not concerned. */
static bool is_same_origin(struct exchange *x)
{
    const char *site = request_header(x->request, "Sec-Fetch-Site");
    const char *origin = request_header(x->request, "Origin");
    const char *host = request_header(x->request, "Host");

    if (site != NULL && strcmp(site, "same-origin") != 0) return false;
    if (origin == NULL) return site != NULL;
    const char *scheme = request_is_tls(x->request) ? "https://" : "http://";
    size_t bytes = strlen(scheme);
    return strncmp(origin, scheme, bytes) == 0 && host != NULL &&
           strcasecmp(origin + bytes, host) == 0;
}

static bool changes_something(const struct exchange *x)
{
    return strcmp(x->right->method, "GET") != 0;
}

static bool refuse_caller(struct exchange *x, unsigned status, const char *word, const char *detail)
{
    exchange_problem(x, status, word, detail);
    if (status == 401) response_header(x->response, "WWW-Authenticate", "Bearer");
    return false;
}

static bool decide(struct exchange *x)
{
    x->allowed = access_decide(x->caller.role, x->right);
    switch (x->allowed) {
    case ACCESS_MAY:
    case ACCESS_MAY_SCOPED:
    case ACCESS_MAY_OWN:
        return true;
    case ACCESS_SIGN_IN:
        return refuse_caller(x, 401, "sign-in", "sign in, or send a token");
    case ACCESS_REFUSED:
        break;
    }
    return caller_forbidden(x);
}

bool caller_admit(struct exchange *x)
{
    const char *authorization = request_header(x->request, "Authorization");
    const char *cookie = request_header(x->request, "Cookie");
    bool stands_open = x->right->cell[ACCESS_ANONYMOUS] == ACCESS_YES;

    switch (callers_identify(&x->service->callers, authorization, cookie, x->now_us, &x->caller)) {
    case CALLER_FAILED:
        return refuse_caller(x, 503, "busy", "memory is used up");
    case CALLER_REFUSED:
        /* What stands open stays open to who has an old cookie. */
        if (stands_open) break;
        return refuse_caller(x, 401, "sign-in", "this sign-in or token is not good any more");
    case CALLER_NOBODY:
    case CALLER_FOUND:
        break;
    }
    bool by_cookie = x->caller.role != ACCESS_ANONYMOUS && x->caller.kind == WB_SESSION;
    bool from_browser = request_header(x->request, "Origin") != NULL ||
                        request_header(x->request, "Sec-Fetch-Site") != NULL;
    bool must_be_ours = by_cookie || (stands_open && from_browser);
    if (changes_something(x) && must_be_ours && !is_same_origin(x)) {
        return refuse_caller(x, 403, "other-origin",
                             "this change was not asked for by a page of this server");
    }
    return decide(x);
}

/* ---- What they may see ---- */

bool caller_sees_all(const struct exchange *x)
{
    return x->allowed == ACCESS_MAY || scope_is_empty(&x->caller.scope);
}

bool caller_has_zones(const struct exchange *x)
{
    return !caller_sees_all(x) && x->caller.scope.list[SCOPE_ZONES].count > 0;
}

bool caller_has_groups(const struct exchange *x)
{
    return !caller_sees_all(x) && x->caller.scope.list[SCOPE_GROUPS].count > 0;
}

bool caller_forbidden(struct exchange *x)
{
    exchange_problem(x, 403, "forbidden", "that is not yours to see or to do");
    return false;
}

const struct reach *caller_reach(struct exchange *x)
{
    static const struct scope no_limit = {0};

    if (!x->reach_is_open) {
        const struct scope *scope = caller_sees_all(x) ? &no_limit : &x->caller.scope;
        wb_status status = reach_open(x->wb, scope, &x->reach);
        if (status != WB_OK) {
            exchange_failed(x, status, NULL);
            return NULL;
        }
        x->reach_is_open = true;
    }
    return &x->reach;
}

void caller_keep_people(struct exchange *x, struct wb_people *people)
{
    const struct reach *reach = &x->reach;
    size_t kept = 0;

    assert(x->reach_is_open);
    for (size_t i = 0; i < people->count; i++) {
        if (reach_person(reach, people->at[i])) people->at[kept++] = people->at[i];
    }
    people->count = kept;
}

/* Whether the person is in reach, or ever was. */
static bool was_in_reach(struct exchange *x, wb_person person)
{
    struct wb_moment moment = {x->now_us, WB_EVERYTHING, x->now_us};
    struct wb_window always = {WB_NO_TIME, WB_STILL_THERE, WB_EVERYTHING, x->now_us};
    struct wb_whereabouts where;
    struct wb_stays stays = {0};

    bool was =
        wb_where(x->wb, person, &moment, &where) == WB_OK && reach_zone(&x->reach, where.zone);
    if (!was && wb_path(x->wb, person, &always, &stays) == WB_OK) {
        for (size_t i = 0; i < stays.count && !was; i++)
            was = reach_zone(&x->reach, stays.at[i].zone);
    }
    wb_list_done(&stays);
    return was;
}

bool caller_may_see_person(struct exchange *x, wb_person person)
{
    const struct reach *reach = caller_reach(x);

    if (reach == NULL) return false;
    if (!reach_person(reach, person)) return caller_forbidden(x);
    return reach->every_zone || was_in_reach(x, person) || caller_forbidden(x);
}

bool caller_may_see_zone(struct exchange *x, wb_zone zone)
{
    const struct reach *reach = caller_reach(x);

    return reach != NULL && (reach_zone(reach, zone) || caller_forbidden(x));
}

/* By id, so that a reader that is not there looks as one that is somebody else's. */
bool caller_may_use_reader(struct exchange *x, const char *id, size_t bytes)
{
    const struct scope_ids *readers = &x->caller.scope.list[SCOPE_READERS];

    if (x->allowed != ACCESS_MAY_OWN || readers->count == 0) return true;
    for (size_t i = 0; i < readers->count; i++) {
        if (strlen(readers->at[i]) == bytes && memcmp(readers->at[i], id, bytes) == 0) return true;
    }
    return caller_forbidden(x);
}

/* ---- Cookies ---- */

void caller_put_cookie(struct exchange *x)
{
    char text[200];

    if (!x->has_cookie) return;
    assert(!x->is_shared); /* or everybody would be given it */
    (void)snprintf(text, sizeof text, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s", ACCESS_COOKIE,
                   x->cookie.text, request_is_tls(x->request) ? "; Secure" : "",
                   x->cookie.text[0] == '\0' ? "; Max-Age=0" : "");
    response_header(x->response, "Set-Cookie", text);
    sodium_memzero(text, sizeof text);
    sodium_memzero(&x->cookie, sizeof x->cookie);
}

wb_status caller_rotate(struct exchange *x)
{
    const struct account *account =
        callers_find(&x->service->callers, WB_SESSION, x->caller.session);
    uint8_t random[SECRET_BYTES];

    if (account == NULL) return WB_OK; /* signed out meanwhile */
    struct session session = account->session;
    randombytes_buf(random, sizeof random);
    session_rotate(&session, random, x->now_us, &x->cookie);
    sodium_memzero(random, sizeof random);
    wb_status status = issue_session(x->wb, &session, account->holder, account->purpose);
    x->has_cookie = status == WB_OK;
    x->service->callers_changed = true;
    return status;
}
