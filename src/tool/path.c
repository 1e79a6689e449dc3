/* whereabouts path: where one person went. */
#include <stdio.h>

#include "answer/answer.h"
#include "tool/plot.h"
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

static int print(const struct call *call, const struct site *site, const struct wb_window *window,
                 const json_t *document)
{
    const json_t *stays = json_object_get(document, "stays");

    if (call_has(call, "plot")) return plot_path(site, stays, window);
    if (call->format == FORMAT_TABLE && json_array_size(stays) == 0) {
        (void)printf("%s was in no zone in that time\n", call->arguments[0]);
        return SAY_DONE;
    }
    struct sheet sheet = {call, site, columns, sizeof columns / sizeof columns[0],
                          window->asked_us};
    return sheet_print(&sheet, document, stays);
}

static int answer(const struct call *call, const struct site *site)
{
    struct wb_window window;
    wb_person person;

    int status = site_window(site, call, &window);
    if (status == SAY_DONE) status = site_person(site, call->arguments[0], &person);
    if (status != SAY_DONE) return status;

    json_t *document = NULL;
    wb_status asked = answer_path(site->wb, person, &window, &document);
    if (asked != WB_OK) return site_failed(site, asked);

    status = print(call, site, &window, document);
    json_decref(document);
    return status;
}

int path_run(const struct call *call)
{
    struct site site;

    int status = plot_check(call);
    if (status != SAY_DONE) return status;
    status = site_open(&site, call, WB_READ);
    if (status == SAY_DONE) status = answer(call, &site);
    return site_close(&site, status);
}
