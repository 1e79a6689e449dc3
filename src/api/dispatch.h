/* dispatch: from a request to its row of src/access/rights.def. */
#ifndef API_DISPATCH_H
#define API_DISPATCH_H

#include "api/exchange.h"

/* Find the row and take the path's parts. false: there is none, and the answer says so.
 * cost: one pass over the table's patterns */
bool dispatch_find(struct exchange *x);

/* The bound on the body of what was found, in bytes. */
size_t dispatch_body_limit(const struct exchange *x);

#endif
