/* access: who may ask and do what.
 *
 *   rights    the table: which role may do what with which endpoint
 *   scope     the zones, groups and readers that a caller is limited to; reach: those of the site
 *   secret    tokens, cookies and codes: how they are made, read and kept
 *   password  what operators sign in with
 *   session   how long a sign-in holds
 *   callers   everybody who may call, from the file's rows
 *   limiter   how often a sign-in may be tried
 *
 * Nothing here reads a clock or knows HTTP: the moment and random bytes are arguments. Only
 * password_hash draws its salt itself. */
#ifndef ACCESS_RIGHTS_H
#define ACCESS_RIGHTS_H

#include <stddef.h>

enum access_role {
    ACCESS_ANONYMOUS, /* nobody signed in */
    ACCESS_READER,
    ACCESS_VIEWER,
    ACCESS_WARDEN,
    ACCESS_ADMIN,
    ACCESS_ROLES
};

enum access_cell { ACCESS_NO, ACCESS_YES, ACCESS_SCOPED, ACCESS_OWN };

enum access_kind { ACCESS_QUESTION, ACCESS_CHANGE, ACCESS_STREAM, ACCESS_PLAIN };

struct right {
    const char *method, *pattern, *handler; /* handler: its name */
    enum access_kind kind;
    enum access_cell cell[ACCESS_ROLES];
};

/* The rows of rights.def, in their order. */
extern const struct right rights[];
extern const size_t right_count;

enum access_answer {
    ACCESS_MAY,        /* anything of it */
    ACCESS_MAY_SCOPED, /* what is within the caller's zones and groups */
    ACCESS_MAY_OWN,    /* of the caller's readers */
    ACCESS_SIGN_IN,    /* 401 */
    ACCESS_REFUSED     /* 403 */
};

/* What the table says to a role. */
enum access_answer access_decide(enum access_role role, const struct right *right);

/* "reader", "viewer", "warden", "admin"; ACCESS_ANONYMOUS for any other word. */
enum access_role access_role_of(const char *word);
const char *access_role_word(enum access_role role);

#endif
