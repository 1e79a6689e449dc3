/* metrics: what is counted, for GET /metrics. No name and no whereabouts is in it. */
#ifndef API_METRICS_H
#define API_METRICS_H

#include <stdint.h>

#include "whereabouts/types.h"

#define METRICS_BOUNDS 12 /* of a histogram, in METRICS_BOUND_US */

struct metrics_histogram {
    uint64_t count[METRICS_BOUNDS + 1]; /* the last: above all bounds */
    uint64_t sum_us;
};

struct metrics {
    uint64_t answers[6]; /* by the first digit of the status */
    struct wb_summary scans;
    uint64_t turns, lookups, people_named, streams_opened;
    uint64_t streams;                /* open now */
    struct metrics_histogram commit; /* wb_sync */
    struct metrics_histogram answer; /* from the whole request to its answer: changes */
    int64_t started_us;
};

void metrics_scans(struct metrics *metrics, const struct wb_summary *summary);
void metrics_took(struct metrics_histogram *histogram, uint64_t us);

#endif
