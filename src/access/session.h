/* session: how long a sign-in holds.
 *
 * Its secret changes when it is used after SESSION_ROTATE_US; the one before it is taken for
 * SESSION_GRACE_US more, for requests that were on their way. Who does not use it for
 * SESSION_IDLE_US since then, or signed in SESSION_WHOLE_US ago, signs in again. */
#ifndef ACCESS_SESSION_H
#define ACCESS_SESSION_H

#include "access/secret.h"

#define SESSION_ROTATE_US INT64_C(900000000)   /* 15 minutes */
#define SESSION_GRACE_US  INT64_C(60000000)    /* a minute */
#define SESSION_IDLE_US   INT64_C(2700000000)  /* 45 minutes: half an hour after any use at least */
#define SESSION_WHOLE_US  INT64_C(43200000000) /* 12 hours */

#define SESSION_ID_BYTES     8u /* random ones; twice as many letters */
#define SESSION_RANDOM_BYTES (SECRET_BYTES + SESSION_ID_BYTES)
#define SESSION_TEXT_BYTES   160u

struct session {
    char id[2 * SESSION_ID_BYTES + 1];
    struct secret_hash hash;
    struct secret_hash old; /* "" without one */
    int64_t made_us;
    int64_t rotated_us; /* when the secret was made */
    int64_t old_until_us;
};

enum session_state {
    SESSION_GOOD,
    SESSION_ROTATE, /* good; give it a new secret with this answer */
    SESSION_OVER
};

/* Begin one; cookie is its secret. */
void session_begin(const uint8_t random[SESSION_RANDOM_BYTES], int64_t now_us, struct session *out,
                   struct secret *cookie);

/* How it is with a session for somebody who shows a secret of that hash. */
enum session_state session_state(const struct session *session, const char *hash, int64_t now_us);

/* Whether it is over, whatever is shown. */
bool session_is_over(const struct session *session, int64_t now_us);

/* Give it a new secret. */
void session_rotate(struct session *session, const uint8_t random[SECRET_BYTES], int64_t now_us,
                    struct secret *cookie);

/* When it is over if it is not used again. */
int64_t session_expires_us(const struct session *session);

/* What is kept beside hash and made_us, as text and back. false: not such a text. */
void session_write(const struct session *session, char out[SESSION_TEXT_BYTES]);
bool session_read(const char *text, struct session *session);

#endif
