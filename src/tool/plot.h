/* plot: curves and paths drawn with characters.
 *
 * As wide as the terminal; blocks where the locale is UTF-8, else ASCII. Times by the site's
 * clock. Colour only on a terminal, and never the only sign. */
#ifndef TOOL_PLOT_H
#define TOOL_PLOT_H

#include <jansson.h>

#include "tool/command.h"
#include "tool/site.h"

/* Refuse --plot together with --json or --csv. */
int plot_check(const struct call *call);

/* Draw the points [{"at","count"}] of a zone as a curve over the window (both ends given). */
int plot_occupancy(const struct site *site, const char *zone, const json_t *points,
                   const struct wb_window *window);

/* Draw stays [{"zone","from","until"}] as bands: a day of the site's clock at a time, a lane a
 * zone. An open stay is drawn up to the end of the window or, without one, up to asked. */
int plot_path(const struct site *site, const json_t *stays, const struct wb_window *window);

#endif
