/* whereabouts path: where one person went. */
#include <stdio.h>
#include <stdlib.h>

#include "answer/answer.h"
#include "base/time.h"
#include "tool/plot.h"
#include "tool/remote.h"
#include "tool/sheet.h"
#include "tool/site.h"

static const struct sheet_column columns[] = {
    {"zone",      "ZONE",      SHEET_TEXT  },
    {"from",      "FROM",      SHEET_TIME  },
    {"until",     "UNTIL",     SHEET_TIME  },
    {"last_seen", "LAST SEEN", SHEET_TIME  },
    {"scans",     "SCANS",     SHEET_NUMBER},
    {"flags",     "FLAGS",     SHEET_LIST  },
};

static int64_t time_of(const json_t *stay, const char *key, int64_t otherwise_us)
{
    const json_t *time = json_object_get(stay, key);
    int64_t us = otherwise_us;

    if (json_is_string(time)) {
        (void)time_parse(json_string_value(time), json_string_length(time), NULL, &us);
    }
    return us;
}

static int plot(const struct site *site, const json_t *stays, const struct wb_window *window)
{
    struct plot where = {stdout, screen_of(stdout), site->clock};
    size_t count = json_array_size(stays);
    size_t drawn = 0;

    struct plot_stay *list = calloc(count, sizeof *list);
    if (list == NULL) say_no_memory();
    for (size_t i = 0; i < count; i++) {
        const json_t *stay = json_array_get(stays, i);
        struct plot_stay *next = &list[drawn];
        next->zone = json_string_value(json_object_get(stay, "zone"));
        next->from_us = time_of(stay, "from", WB_NO_TIME);
        next->until_us = time_of(stay, "until", window->asked_us);
        if (next->until_us > next->from_us) drawn++; /* not what begins only after asked */
    }
    plot_stays(&where, list, drawn, window->from_us, window->until_us);
    free(list);
    return SAY_DONE;
}

static int print(const struct call *call, const struct site *site, const struct wb_window *window,
                 const json_t *document)
{
    const json_t *stays = json_object_get(document, "stays");

    if (call->format == FORMAT_TABLE && json_array_size(stays) == 0) {
        (void)printf("%s was in no zone in that time\n", call->arguments[0]);
        return SAY_DONE;
    }
    if (call_has(call, "plot")) return plot(site, stays, window);

    struct sheet sheet = {call, site, columns, sizeof columns / sizeof columns[0],
                          window->asked_us};
    return sheet_print(&sheet, document, stays);
}

static int ask_file(const struct call *call, const struct site *site,
                    const struct wb_window *window, json_t **document)
{
    struct answer answered;
    wb_person person;

    int status = site_person(site, call->arguments[0], &person);
    if (status != SAY_DONE) return status;
    wb_status asked = answer_path(site->wb, person, window, NULL, &answered);
    if (asked != WB_OK) return site_failed(site, asked);
    *document = sheet_read(&answered);
    return SAY_DONE;
}

static int ask_server(const struct call *call, const struct site *site,
                      const struct wb_window *window, json_t **document)
{
    struct address address;

    address_begin(&address, "/v1/people");
    address_part(&address, call->arguments[0]);
    address_path(&address, "/path");
    site_put_window(&address, window);
    return remote_get(site->remote, &address, document);
}

static int answer(const struct call *call, const struct site *site)
{
    struct wb_window window;
    json_t *document = NULL;

    int status = site_window(site, call, &window);
    if (status != SAY_DONE) return status;
    status = site->remote != NULL ? ask_server(call, site, &window, &document)
                                  : ask_file(call, site, &window, &document);
    if (status != SAY_DONE) return status;

    status = print(call, site, &window, document);
    json_decref(document);
    return status;
}

int path_run(const struct call *call)
{
    struct site site;

    int status = call_check_plot(call);
    if (status != SAY_DONE) return status;
    status = site_open(&site, call, WB_READ);
    if (status == SAY_DONE) status = answer(call, &site);
    return site_close(&site, status);
}
