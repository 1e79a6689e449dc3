/* whereabouts lookups: who looked at somebody. */
#include <stdio.h>
#include <stdlib.h>

#include "answer/answer.h"
#include "tool/sheet.h"

static const struct sheet_column columns[] = {
    {"at",       "AT",       SHEET_TIME  },
    {"who",      "WHO",      SHEET_TEXT  },
    {"purpose",  "PURPOSE",  SHEET_TEXT  },
    {"kind",     "KIND",     SHEET_TEXT  },
    {"question", "QUESTION", SHEET_TEXT  },
    {"zone",     "ZONE",     SHEET_TEXT  },
    {"from",     "FROM",     SHEET_TIME  },
    {"until",    "UNTIL",    SHEET_TIME  },
    {"people",   "PEOPLE",   SHEET_NUMBER},
};

static int take_most(const struct call *call, uint64_t *out)
{
    const char *word = call_value(call, "most");
    char *end = NULL;
    if (word == NULL) return SAY_DONE;
    *out = strtoull(word, &end, 10);
    if (*word >= '0' && *word <= '9' && *end == '\0' && *out > 0) return SAY_DONE;
    return say(SAY_WRONG_USE, "--most '%s' is not a whole number greater than zero", word);
}

static int answer(const struct call *call, const struct site *site)
{
    struct answer_log log = {.now_us = site->now_us};
    struct answer answered;
    wb_person person;
    int status = take_most(call, &log.most);
    if (status == SAY_DONE) status = site_person(site, call->arguments[0], &person);
    if (status != SAY_DONE) return status;
    wb_status asked = answer_lookups(site->wb, person, &log, &answered);
    if (asked != WB_OK) return site_failed(site, asked);
    json_t *document = sheet_read(&answered);
    const json_t *rows = json_object_get(document, "lookups");
    if (call->format == FORMAT_TABLE && json_array_size(rows) == 0) {
        (void)printf("nobody looked at %s\n", call->arguments[0]);
    } else {
        struct sheet sheet = {call, site, columns, sizeof columns / sizeof columns[0],
                              site->now_us};
        status = sheet_print(&sheet, document, rows);
    }
    json_decref(document);
    return status;
}

int lookups_run(const struct call *call)
{
    struct site site;
    int status = site_open(&site, call, WB_READ);
    if (status == SAY_DONE) status = answer(call, &site);
    return site_close(&site, status);
}
