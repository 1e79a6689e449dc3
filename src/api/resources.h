/* resources: the functions that src/access/rights.def names, one file a resource. */
#ifndef API_RESOURCES_H
#define API_RESOURCES_H

#include "api/exchange.h"

#define RIGHT(method, pattern, handler, kind, anonymous, reader, viewer, warden, admin) \
    void handler(struct exchange *x);
#include "access/rights.def"
#undef RIGHT

/* Of a change that has rows, before it is queued: how many facts it may have at most. 0: refused,
 * answered. */
size_t scans_weight(struct exchange *x);

#endif
