#include "access/rights.h"

#include <string.h>

#define CELL(cell) ACCESS_##cell

/* clang-format off */
/* As many as the table has. NOLINTBEGIN(bugprone-macro-parentheses) */
#define RIGHT(method, pattern, handler, kind, anonymous, reader, viewer, warden, admin)   \
    {#method, pattern, #handler, ACCESS_##kind,                                           \
     {CELL(anonymous), CELL(reader), CELL(viewer), CELL(warden), CELL(admin)}},
/* NOLINTEND(bugprone-macro-parentheses) */
/* clang-format on */

const struct right rights[] = {
#include "access/rights.def"
};

const size_t right_count = sizeof rights / sizeof *rights;

enum access_answer access_decide(enum access_role role, const struct right *right)
{
    switch (right->cell[role]) {
    case ACCESS_YES:
        return ACCESS_MAY;
    case ACCESS_SCOPED:
        return ACCESS_MAY_SCOPED;
    case ACCESS_OWN:
        return ACCESS_MAY_OWN;
    case ACCESS_NO:
        break;
    }
    return role == ACCESS_ANONYMOUS ? ACCESS_SIGN_IN : ACCESS_REFUSED;
}

static const char *const words[ACCESS_ROLES] = {
    [ACCESS_ANONYMOUS] = "anonymous", [ACCESS_READER] = "reader", [ACCESS_VIEWER] = "viewer",
    [ACCESS_WARDEN] = "warden",       [ACCESS_ADMIN] = "admin",
};

enum access_role access_role_of(const char *word)
{
    for (int role = ACCESS_READER; role < ACCESS_ROLES; role++) {
        if (strcmp(word, words[role]) == 0) return (enum access_role)role;
    }
    return ACCESS_ANONYMOUS;
}

const char *access_role_word(enum access_role role)
{
    return words[role];
}
