/* plot: curves and paths drawn with characters.
 *
 * As wide as the screen; blocks where it shows UTF-8, else ASCII. Times by the site's clock.
 * Colour only where the screen has it, and never the only sign. */
#ifndef TOOL_PLOT_H
#define TOOL_PLOT_H

#include <stdint.h>
#include <stdio.h>

#include "tool/screen.h"

struct time_zone; /* base/time_zone.h */

/* Where to draw and whose clock stands at the axis (NULL: UTC). */
struct plot {
    FILE *stream;
    struct screen screen;
    const struct time_zone *clock;
};

/* Draw counts[count], one every every_us from from_us on, as a curve. Where there are more
 * points than columns, a column shows its highest. count: at least 1 */
void plot_curve(const struct plot *plot, const char *title, const uint32_t *counts, size_t count,
                int64_t from_us, int64_t every_us);

/* A stay to draw: borrowed zone id, and an end even where it lasts. */
struct plot_stay {
    const char *zone;
    int64_t from_us, until_us;
};

/* Draw stays (by time) as bands inside [from_us, until_us): a day of the clock at a time, a
 * lane a zone. Days without stays are left out. */
void plot_stays(const struct plot *plot, const struct plot_stay *stays, size_t count,
                int64_t from_us, int64_t until_us);

#endif
