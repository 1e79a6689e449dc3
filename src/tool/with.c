/* whereabouts with: who was in the same places as one person. */
#include <stdio.h>
#include <string.h>

#include "answer/answer.h"
#include "base/duration.h"
#include "base/time.h"
#include "tool/remote.h"
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

struct question {
    struct wb_window window;
    int64_t least_us;
};

static int ask_file(const struct call *call, const struct site *site,
                    const struct question *question, json_t **document)
{
    struct answer answered;
    wb_person person;

    int status = site_person(site, call->arguments[0], &person);
    if (status != SAY_DONE) return status;
    wb_status asked =
        answer_with(site->wb, person, &question->window, question->least_us, NULL, &answered);
    if (asked != WB_OK) return site_failed(site, asked);
    *document = sheet_read(&answered);
    return SAY_DONE;
}

static int ask_server(const struct call *call, const struct site *site,
                      const struct question *question, json_t **document)
{
    struct address address;

    address_begin(&address, "/v1/people");
    address_part(&address, call->arguments[0]);
    address_path(&address, "/with");
    site_put_window(&address, &question->window);
    address_query(&address, "min", call_value(call, "min"));
    return remote_get(site->remote, &address, document);
}

static int answer(const struct call *call, const struct site *site, int64_t least_us)
{
    struct question question = {.least_us = least_us};
    json_t *document = NULL;

    int status = site_window(site, call, &question.window);
    if (status != SAY_DONE) return status;
    status = site->remote != NULL ? ask_server(call, site, &question, &document)
                                  : ask_file(call, site, &question, &document);
    if (status != SAY_DONE) return status;

    const json_t *people = json_object_get(document, "people");
    if (call->format == FORMAT_TABLE && json_array_size(people) == 0) {
        char text[DURATION_TEXT_MAX];
        (void)duration_format(least_us, text);
        (void)printf("nobody was in the same zone as %s for %s\n", call->arguments[0], text);
    } else {
        struct sheet sheet = {call, site, columns, sizeof columns / sizeof columns[0],
                              question.window.asked_us};
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
