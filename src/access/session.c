#include "access/session.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void session_begin(const uint8_t random[SESSION_RANDOM_BYTES], int64_t now_us, struct session *out,
                   struct secret *cookie)
{
    *out = (struct session){.made_us = now_us, .rotated_us = now_us};
    (void)sodium_bin2hex(out->id, sizeof out->id, random + SECRET_BYTES, SESSION_ID_BYTES);
    secret_make(random, cookie);
    secret_hash(cookie, &out->hash);
}

int64_t session_expires_us(const struct session *session)
{
    int64_t idle_us = session->rotated_us + SESSION_IDLE_US;
    int64_t whole_us = session->made_us + SESSION_WHOLE_US;
    return idle_us < whole_us ? idle_us : whole_us;
}

bool session_is_over(const struct session *session, int64_t now_us)
{
    return now_us >= session_expires_us(session);
}

enum session_state session_state(const struct session *session, const char *hash, int64_t now_us)
{
    if (session_is_over(session, now_us)) return SESSION_OVER;
    if (secret_hash_equal(hash, session->hash.hex)) {
        return now_us - session->rotated_us >= SESSION_ROTATE_US ? SESSION_ROTATE : SESSION_GOOD;
    }
    bool graced = secret_hash_equal(hash, session->old.hex) && now_us < session->old_until_us;
    return graced ? SESSION_GOOD : SESSION_OVER;
}

void session_rotate(struct session *session, const uint8_t random[SECRET_BYTES], int64_t now_us,
                    struct secret *cookie)
{
    session->old = session->hash;
    session->old_until_us = now_us + SESSION_GRACE_US;
    session->rotated_us = now_us;
    secret_make(random, cookie);
    secret_hash(cookie, &session->hash);
}

void session_write(const struct session *session, char out[SESSION_TEXT_BYTES])
{
    (void)snprintf(out, SESSION_TEXT_BYTES, "%" PRId64 " %" PRId64 " %s", session->rotated_us,
                   session->old_until_us, session->old.hex);
}

/* A whole number and the space behind it; NULL: not one. */
static const char *read_number(const char *text, int64_t *out)
{
    char *end = NULL;
    *out = strtoll(text, &end, 10);
    return end != text && *end == ' ' ? end + 1 : NULL;
}

bool session_read(const char *text, struct session *session)
{
    int64_t rotated_us;
    int64_t until_us;
    const char *rest = read_number(text, &rotated_us);
    if (rest != NULL) rest = read_number(rest, &until_us);
    if (rest == NULL) return false;
    size_t bytes = strlen(rest);
    if (bytes != 0 && bytes != SECRET_HASH_BYTES) return false;
    session->rotated_us = rotated_us;
    session->old_until_us = until_us;
    memcpy(session->old.hex, rest, bytes + 1);
    return true;
}
