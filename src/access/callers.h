/* callers: everybody who may call, in memory as the file has them; and putting them there.
 *
 * Load them at the start and again after each turn that put or removed a credential: some thousand
 * take about a millisecond. Who calls is found by the hash of what they show, in one step. */
#ifndef ACCESS_CALLERS_H
#define ACCESS_CALLERS_H

#include "access/rights.h"
#include "access/scope.h"
#include "access/secret.h"
#include "access/session.h"
#include "base/names.h"

#define ACCESS_COOKIE             "whereabouts_session"
#define ACCESS_NAME_BYTES_MAX     64u  /* of an operator */
#define ACCESS_TEXT_BYTES_MAX     500u /* of a purpose */
#define ACCESS_TOKEN_ID_BYTES     4u   /* random ones; its id is "t-" and twice as many letters */
#define ACCESS_INVITATION_US      INT64_C(3600000000)
#define ACCESS_TOKEN_RANDOM_BYTES (SECRET_BYTES + ACCESS_TOKEN_ID_BYTES)

/* One credential of the file. */
struct account {
    wb_credential_kind kind;
    enum access_role role; /* ACCESS_ANONYMOUS: it has none of its own */
    char *name, *secret, *holder, *purpose;
    struct scope scope;
    int64_t made_us, expires_us;
    struct session session; /* of WB_SESSION */
};

struct callers {
    struct account *at; /* by kind, then by name */
    size_t count, capacity;
    struct names names;  /* kind and name -> index */
    struct names hashes; /* of tokens, sessions, invitations -> index in owners */

    struct callers_owners {
        uint32_t *at;
        size_t count, capacity;
    } owners;
};

/* key: random, so that nobody can choose names that meet */
void callers_init(struct callers *callers, const uint8_t key[16]);
void callers_done(struct callers *callers);

/* Read them anew. On failure they are as they were.
 * errors: WB_EIO, WB_EDAMAGED a row makes no sense, WB_ENOMEM */
wb_status callers_load(struct callers *callers, struct wb *wb);

/* The account of a name; NULL. Borrowed until they are loaded again. */
const struct account *callers_find(const struct callers *callers, wb_credential_kind kind,
                                   const char *name);

/* How many operators with a role. */
size_t callers_count(const struct callers *callers, enum access_role role);

/* ---- Who calls ---- */

struct access_caller {
    enum access_role role;
    wb_credential_kind kind; /* WB_TOKEN or WB_SESSION */
    char name[129];          /* the operator, or the token's id; "" of nobody */
    char session[2 * SESSION_ID_BYTES + 1];
    char purpose[ACCESS_TEXT_BYTES_MAX + 1];
    struct scope scope; /* its own */
    bool rotate;        /* give the session a new secret with this answer */
};

enum caller_found {
    CALLER_NOBODY, /* nothing was shown */
    CALLER_FOUND,
    CALLER_REFUSED, /* what was shown is not good, or not any more: 401 */
    CALLER_FAILED,  /* memory is used up */
};

/* Who shows these headers (NULL: not sent). With both, the bearer counts. In any case *out is
 * somebody or nobody, to be ended by caller_done.  cost: one hash, the scope is copied */
enum caller_found callers_identify(const struct callers *callers, const char *authorization,
                                   const char *cookie, int64_t now_us, struct access_caller *out);
void caller_done(struct access_caller *caller);

/* Whether the caller may still do what they could: the account is there with the same role and
 * limits, and not over. For streams, once a second. */
bool callers_still(const struct callers *callers, const struct access_caller *caller,
                   int64_t now_us);

/* Whether a code makes the first admin: it is that of the invitation, not expired, and there is no
 * admin yet. */
bool callers_accept(const struct callers *callers, const char *code, size_t bytes, int64_t now_us);

/* ---- Into the open turn ---- */

/* errors: WB_EREFUSED why says what is wrong with name, role or purpose; WB_ENOMEM, WB_EIO */
wb_status issue_operator(struct wb *wb, const struct account *given, struct wb_fault *why);

/* A token of .role, .scope, .purpose, .made_us, .expires_us. id and secret are made. */
wb_status issue_token(struct wb *wb, const struct account *token,
                      const uint8_t random[ACCESS_TOKEN_RANDOM_BYTES], char id[16],
                      struct secret *secret, struct wb_fault *why);

/* The code that makes the first operator, in place of one before. */
wb_status issue_invitation(struct wb *wb, const uint8_t random[SECRET_BYTES], int64_t now_us,
                           struct secret *code);

wb_status issue_session(struct wb *wb, const struct session *session, const char *operator_name,
                        const char *purpose);

/* Remove an operator and their sessions, which ends them. */
wb_status revoke_operator(struct wb *wb, const char *name);

#endif
