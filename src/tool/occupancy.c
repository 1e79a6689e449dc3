/* whereabouts occupancy: how many were in a zone, over time. */
#include <stdio.h>
#include <string.h>

#include "answer/answer.h"
#include "base/duration.h"
#include "tool/plot.h"
#include "tool/sheet.h"
#include "tool/site.h"

static const struct sheet_column columns[] = {
    {"at",    "AT",    SHEET_TIME  },
    {"count", "COUNT", SHEET_NUMBER},
};

static int take_every(const struct call *call, int64_t *every_us)
{
    const char *every = call_value(call, "every");

    if (duration_parse(every, strlen(every), every_us) && *every_us > 0) return SAY_DONE;
    return say(SAY_WRONG_USE,
               "--every '%s' is not a duration above zero; write it like 90s, 5m, 18h or 30d",
               every);
}

static int answer(const struct call *call, const struct site *site, int64_t every_us)
{
    struct wb_window window;
    wb_zone zone;

    int status = site_window(site, call, &window);
    if (status == SAY_DONE) status = site_zone(site, call->arguments[0], &zone);
    if (status != SAY_DONE) return status;

    json_t *document = NULL;
    wb_status asked = answer_occupancy(site->wb, zone, &window, every_us, &document);
    if (asked == WB_EFULL) {
        return say(SAY_WRONG_USE,
                   "that would be more than %d points; choose a longer --every or a shorter time",
                   ANSWER_POINTS_MAX);
    }
    if (asked != WB_OK) return site_failed(site, asked);

    const json_t *points = json_object_get(document, "points");
    if (call_has(call, "plot")) {
        status = plot_occupancy(site, call->arguments[0], points, &window);
    } else {
        struct sheet sheet = {call, site, columns, sizeof columns / sizeof columns[0],
                              window.asked_us};
        status = sheet_print(&sheet, document, points);
    }
    json_decref(document);
    return status;
}

int occupancy_run(const struct call *call)
{
    struct site site;
    int64_t every_us;

    int status = take_every(call, &every_us);
    if (status == SAY_DONE) status = plot_check(call);
    if (status != SAY_DONE) return status;
    status = site_open(&site, call, WB_READ);
    if (status == SAY_DONE) status = answer(call, &site, every_us);
    return site_close(&site, status);
}
