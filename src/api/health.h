/* health: what is known of the readers' own state since the start, and whether the server is well.
 * None of it is in the file. */
#ifndef API_HEALTH_H
#define API_HEALTH_H

#include "api/service.h"

#define HEALTH_SLOTS   12u /* of five minutes: the last hour */
#define HEALTH_SLOT_US INT64_C(300000000)

struct reader_health {
    int64_t heard_us;  /* by our clock; 0: never */
    int64_t offset_us; /* its clock less ours, by its last heartbeat */
    bool has_offset;
    uint32_t scans[HEALTH_SLOTS];
    int64_t slot; /* of scans that was counted last: time / HEALTH_SLOT_US */
};

/* A heartbeat of a reader came: its clock said time_us, ours now_us. */
void health_heartbeat(struct service *service, wb_reader reader, int64_t time_us, int64_t now_us);

/* A scan of it came. */
void health_scan(struct service *service, wb_reader reader, int64_t now_us);

/* NULL: it has not been heard since the start. */
const struct reader_health *health_of(const struct service *service, wb_reader reader);

/* How many scans came within the last hour, to five minutes. */
uint32_t health_rate(const struct reader_health *health, int64_t now_us);

#endif
