/* limits: the options --role, --zone, --group and --reader of operators and tokens. */
#ifndef TOOL_LIMITS_H
#define TOOL_LIMITS_H

#include <jansson.h>

#include "access/callers.h"
#include "tool/sheet.h"
#include "tool/site.h"

/* The role of a call. */
int limits_role(const struct call *call, enum access_role *out);

/* The limits of a call, into an empty scope that is the caller's to scope_done, also on failure.
 * What is named must be there. readers: the call has --reader. */
int limits_scope(const struct call *call, const struct site *site, bool readers, struct scope *out);

/* A list of accounts, as a server gives it and as it is printed. */
struct limits_list {
    const char *path, *key;
    wb_credential_kind kind;
    json_t *(*row)(const struct account *account); /* of a file; the caller's */
    const struct sheet_column *columns;
    size_t column_count;
    const char *empty; /* what a table says of no rows */
};

/* Run the command that lists them. Returns an exit status. */
int limits_list_run(const struct call *call, const struct limits_list *list);

/* The members "zones", "groups" and, where wanted, "readers" of a row. */
void limits_put(json_t *row, const struct scope *scope, bool readers);

/* ---- Of a server: exit statuses; what is not SAY_DONE has been said ---- */

/* The members "role", "zones", "groups", and "readers", of an account that is to be made. */
json_t *limits_body(const struct account *account, bool readers);

/* Make an account; the body is ended, the answer the caller's. */
int limits_tell(const struct site *site, const char *path, json_t *body, json_t **answer);

/* Whether a list, "operators" or "tokens", has a row whose key is the word; remove that row. */
int limits_find(const struct site *site, const char *list, const char *key, const char *word,
                bool *found);
int limits_remove(const struct site *site, const char *list, const char *word);

/* ---- Of a file ---- */

/* Everybody of the file; the caller's to callers_done. */
int limits_callers(const struct site *site, struct callers *out);

#endif
