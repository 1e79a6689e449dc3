/* password_work: the slow part of signing in and of making operators, done on a thread of its own
 * before the request's turn. */
#ifndef API_PASSWORD_WORK_H
#define API_PASSWORD_WORK_H

#include <jansson.h>

#include "access/password.h"
#include "api/exchange.h"

struct password_work {
    json_t *body;                /* of the request */
    const char *name, *password; /* in the body */
    size_t password_bytes;
    bool checks;                    /* against hash; else it makes hash */
    bool is_nobody;                 /* no operator of that name: checked as long, and wrong */
    char hash[PASSWORD_HASH_BYTES]; /* in or out */
    bool is_right;
    wb_status status;
};

/* Where a request brings a password: read it and set x->password. false: the answer is set. */
bool password_work_begin(struct exchange *x);

/* On the worker's thread. Touches nothing but the work. */
void password_work_do(struct password_work *work);

/* Accepts NULL. The body, with the password in it, is wiped by the request's own memory. */
void password_work_free(struct password_work *work);

#endif
