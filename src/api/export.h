/* export: all scans, told piece by piece while the reading thread makes the next. */
#ifndef API_EXPORT_H
#define API_EXPORT_H

#include "api/exchange.h"

struct export;

/* Those under way. */
struct exports {
    struct export *first;
};

/* End them all in the middle: the server stops. Those whose slice is being made end afterwards. */
void export_end_all(struct service *service);

#endif
