/* whereabouts with: who was in the same places as one person. */
#include <stdio.h>
#include <string.h>

#include "answer/answer.h"
#include "base/duration.h"
#include "base/time.h"
#include "tool/sheet.h"
#include "tool/site.h"

#define LEAST_US (300 * TIME_SECOND_US) /* of the contract */

static const struct sheet_column columns[] = {
    {"person",  "PERSON",   SHEET_TEXT},
    {"seconds", "TOGETHER", SHEET_SPAN},
    {"first",   "FIRST",    SHEET_TIME},
    {"last",    "LAST",     SHEET_TIME},
    {"zones",   "ZONES",    SHEET_LIST},
};

static int take_least(const struct call *call, int64_t *least_us)
{
    const char *least = call_value(call, "min");

    if (least == NULL || duration_parse(least, strlen(least), least_us)) return SAY_DONE;
    return say(SAY_WRONG_USE, "--min '%s' is not a duration; write it like 90s, 5m, 18h or 30d",
               least);
}

static int answer(const struct call *call, const struct site *site, int64_t least_us)
{
    struct wb_window window;
    wb_person person;

    int status = site_window(site, call, &window);
    if (status == SAY_DONE) status = site_person(site, call->arguments[0], &person);
    if (status != SAY_DONE) return status;

    struct answer answered;
    wb_status asked = answer_with(site->wb, person, &window, least_us, &answered);
    if (asked != WB_OK) return site_failed(site, asked);
    json_t *document = sheet_read(&answered);

    const json_t *people = json_object_get(document, "people");
    if (call->format == FORMAT_TABLE && json_array_size(people) == 0) {
        char text[DURATION_TEXT_MAX];
        (void)duration_format(least_us, text);
        (void)printf("nobody was in the same zone as %s for %s\n", call->arguments[0], text);
    } else {
        struct sheet sheet = {call, site, columns, sizeof columns / sizeof columns[0],
                              window.asked_us};
        status = sheet_print(&sheet, document, people);
    }
    json_decref(document);
    return status;
}

int with_run(const struct call *call)
{
    struct site site;
    int64_t least_us = LEAST_US;

    int status = take_least(call, &least_us);
    if (status != SAY_DONE) return status;
    status = site_open(&site, call, WB_READ);
    if (status == SAY_DONE) status = answer(call, &site, least_us);
    return site_close(&site, status);
}
