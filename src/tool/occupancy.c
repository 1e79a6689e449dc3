/* whereabouts occupancy: how many were in a zone, over time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer/answer.h"
#include "base/duration.h"
#include "base/time.h"
#include "tool/plot.h"
#include "tool/remote.h"
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

static int plot_points(const struct call *call, const struct site *site, const json_t *points,
                       const struct wb_window *window, int64_t every_us)
{
    struct plot plot = {stdout, screen_of(stdout), site->clock};
    char from[TIME_TEXT_MAX];
    char until[TIME_TEXT_MAX];
    char title[300];
    size_t count = json_array_size(points);

    uint32_t *counts = calloc(count, sizeof *counts); /* a window has at least one point */
    if (counts == NULL) say_no_memory();
    for (size_t i = 0; i < count; i++) {
        const json_t *number = json_object_get(json_array_get(points, i), "count");
        counts[i] = (uint32_t)json_integer_value(number);
    }
    (void)time_local_text(window->from_us, site->clock, from);
    (void)time_local_text(window->until_us, site->clock, until);
    (void)snprintf(title, sizeof title, "people in %s, %s to %s", call->arguments[0], from, until);
    plot_curve(&plot, title, counts, count, window->from_us, every_us);
    free(counts);
    return SAY_DONE;
}

static int too_many_points(void)
{
    return say(SAY_WRONG_USE,
               "that would be more than %d points; choose a longer --every or a shorter time",
               ANSWER_POINTS_MAX);
}

struct question {
    struct wb_window window;
    int64_t every_us;
};

static int ask_file(const struct call *call, const struct site *site,
                    const struct question *question, json_t **document)
{
    struct answer answered;
    wb_zone zone;

    int status = site_zone(site, call->arguments[0], &zone);
    if (status != SAY_DONE) return status;
    wb_status asked =
        answer_occupancy(site->wb, zone, &question->window, question->every_us, NULL, &answered);
    if (asked == WB_EFULL) return too_many_points();
    if (asked != WB_OK) return site_failed(site, asked);
    *document = sheet_read(&answered);
    return SAY_DONE;
}

static int ask_server(const struct call *call, const struct site *site,
                      const struct question *question, json_t **document)
{
    struct remote_problem problem;
    struct address address;

    address_begin(&address, "/v1/zones");
    address_part(&address, call->arguments[0]);
    address_path(&address, "/occupancy");
    site_put_window(&address, &question->window);
    address_query(&address, "every", call_value(call, "every"));
    int status = remote_try(site->remote, "GET", &address, NULL, &problem, document);
    if (status != SAY_DONE || problem.status == 0) return status;
    if (strcmp(problem.word, "too-much") == 0) return too_many_points();
    return remote_say(site->remote, &problem);
}

static int answer(const struct call *call, const struct site *site, int64_t every_us)
{
    struct question question = {.every_us = every_us};
    const struct wb_window *window = &question.window;
    json_t *document = NULL;

    int status = site_window(site, call, &question.window);
    if (status != SAY_DONE) return status;
    status = site->remote != NULL ? ask_server(call, site, &question, &document)
                                  : ask_file(call, site, &question, &document);
    if (status != SAY_DONE) return status;

    const json_t *points = json_object_get(document, "points");
    if (call_has(call, "plot")) {
        status = plot_points(call, site, points, window, every_us);
    } else {
        struct sheet sheet = {call, site, columns, sizeof columns / sizeof columns[0],
                              window->asked_us};
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
    if (status == SAY_DONE) status = call_check_plot(call);
    if (status != SAY_DONE) return status;
    status = site_open(&site, call, WB_READ);
    if (status == SAY_DONE) status = answer(call, &site, every_us);
    return site_close(&site, status);
}
