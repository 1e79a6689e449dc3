/* limits: the options --role, --zone, --group and --reader of operators and tokens. */
#ifndef TOOL_LIMITS_H
#define TOOL_LIMITS_H

#include <jansson.h>

#include "access/callers.h"
#include "tool/site.h"

/* The role of a call. */
int limits_role(const struct call *call, enum access_role *out);

/* The limits of a call, into an empty scope that is the caller's to scope_done, also on failure.
 * What is named must be there. readers: the call has --reader. */
int limits_scope(const struct call *call, const struct site *site, bool readers, struct scope *out);

/* The members "zones", "groups" and, where wanted, "readers" of a row. */
void limits_put(json_t *row, const struct scope *scope, bool readers);

/* Everybody of the file; the caller's to callers_done. */
int limits_callers(const struct site *site, struct callers *out);

#endif
