#include "api/password_work.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "api/asking.h"
#include "api/resources.h"

static bool too_often(struct exchange *x, const char *name)
{
    int64_t wait_us = 0;
    char wait[24];

    if (limiter_try(&x->service->limiter, name, request_address(x->request), x->now_us, &wait_us)) {
        return false;
    }
    exchange_problem(x, 429, "too-often", "too many tries; wait before the next");
    (void)snprintf(wait, sizeof wait, "%" PRId64, wait_us / 1000000 + 1);
    response_header(x->response, "Retry-After", wait);
    return true;
}

/* Sign-in: against the hash of the operator, or of nobody. */
static bool begin_check(struct exchange *x, struct password_work *work)
{
    struct text name;
    struct text password;

    if (!asking_text(x, work->body, "operator", true, &name) ||
        !asking_text(x, work->body, "password", true, &password) || too_often(x, name.at)) {
        return false;
    }
    const struct account *account = callers_find(&x->service->callers, WB_OPERATOR, name.at);
    work->name = name.at;
    work->password = password.at;
    work->password_bytes = password.bytes;
    work->checks = true;
    work->is_nobody = account == NULL || strlen(account->secret) >= sizeof work->hash;
    if (!work->is_nobody) memcpy(work->hash, account->secret, strlen(account->secret) + 1);
    return true;
}

static bool begin_hash(struct exchange *x, struct password_work *work)
{
    struct text name;
    struct text password;
    struct wb_fault why = {0};

    if (!asking_text(x, work->body, "name", true, &name) ||
        !asking_text(x, work->body, "password", true, &password)) {
        return false;
    }
    /* The first operator's code is tried here already: hashing is not for everybody. */
    if (x->handler == first_operator_post) {
        struct text code;
        if (!asking_text(x, work->body, "code", true, &code) || too_often(x, name.at)) return false;
        if (!callers_accept(&x->service->callers, code.at, code.bytes, x->now_us)) {
            exchange_problem(x, 403, "forbidden", "this code is not good, or not any more");
            return false;
        }
    }
    if (password_check(password.at, password.bytes, &why) != WB_OK) {
        exchange_problem(x, 400, "bad-password", why.text);
        return false;
    }
    work->name = name.at;
    work->password = password.at;
    work->password_bytes = password.bytes;
    return true;
}

static const char *members_of(const struct exchange *x)
{
    if (x->handler == session_post) return "operator password purpose";
    if (x->handler == first_operator_post) return "code name password";
    return "name password role zones groups readers";
}

bool password_work_begin(struct exchange *x)
{
    bool signs_in = x->handler == session_post;

    if (!signs_in && x->handler != operators_post && x->handler != first_operator_post) return true;

    struct password_work *work = calloc(1, sizeof *work);
    if (work == NULL) response_no_memory();
    x->password = work;
    if (!asking_object(x, members_of(x), &work->body)) return false;
    return signs_in ? begin_check(x, work) : begin_hash(x, work);
}

void password_work_do(struct password_work *work)
{
    if (work->checks) {
        work->is_right =
            password_is(work->is_nobody ? NULL : work->hash, work->password, work->password_bytes);
    } else {
        work->status = password_hash(work->password, work->password_bytes, work->hash);
    }
}

void password_work_free(struct password_work *work)
{
    if (work == NULL) return;
    if (work->password != NULL) {
        sodium_memzero((char *)work->password, work->password_bytes);
    }
    json_decref(work->body);
    free(work);
}
