/* health: what readers said of themselves since the start, and whether the server is well. */
#ifndef API_HEALTH_H
#define API_HEALTH_H

#include "api/service.h"

struct reader_health {
    int64_t heard_us;  /* by our clock; 0: never */
    int64_t offset_us; /* its clock less ours, by its last heartbeat */
};

/* A heartbeat of a reader came: its clock said time_us, ours now_us. */
void health_heard(struct service *service, wb_reader reader, int64_t time_us, int64_t now_us);

/* NULL: it has not been heard since the start. */
const struct reader_health *health_of(const struct service *service, wb_reader reader);

#endif
