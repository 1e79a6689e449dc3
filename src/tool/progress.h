/* progress: how far long work is, as one line on a terminal that is drawn over and over.
 *
 * On anything but a terminal nothing is drawn: logs are not for bars. */
#ifndef TOOL_PROGRESS_H
#define TOOL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "tool/screen.h"

struct progress {
    struct screen screen; /* of standard error */
    const char *what;     /* "rows", "commits" */
    int64_t begun_us;
    int64_t drawn_us; /* when the line was drawn last */
    bool drawn;
};

void progress_begin(struct progress *progress, const char *what);

/* Draw, at most ten times a second. done of total of the work (total 0: unknown); count of
 * whatever the rate is told in. cost: a clock reading, where there is a terminal */
void progress_draw(struct progress *progress, const char *step, uint64_t done, uint64_t total,
                   uint64_t count);

/* Wipe the line. */
void progress_end(struct progress *progress);

/* Microseconds since progress_begin, at least 1. */
int64_t progress_took_us(const struct progress *progress);

/* A wb_progress; the context is a struct progress. */
bool progress_told(void *context, const char *step, uint64_t done, uint64_t total);

#endif
