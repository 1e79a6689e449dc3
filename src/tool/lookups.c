/* whereabouts lookups: who looked at somebody. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "answer/answer.h"
#include "tool/remote.h"
#include "tool/sheet.h"

#define PIECE UINT64_C(10000) /* that a server gives at a time */

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

static int ask_file(const struct call *call, const struct site *site, uint64_t most,
                    json_t **document)
{
    struct answer_log log = {.most = most, .now_us = site->now_us};
    struct answer answered;
    wb_person person;

    int status = site_person(site, call->arguments[0], &person);
    if (status != SAY_DONE) return status;
    wb_status asked = answer_lookups(site->wb, person, &log, &answered);
    if (asked != WB_OK) return site_failed(site, asked);
    *document = sheet_read(&answered);
    return SAY_DONE;
}

/* A piece of the log: below a number, 0 for the newest. */
static int ask_piece(const struct call *call, const struct site *site, json_int_t below,
                     uint64_t most, json_t **piece)
{
    struct address address;
    char number[24];

    address_begin(&address, "/v1/people");
    address_part(&address, call->arguments[0]);
    address_path(&address, "/lookups");
    (void)snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, below);
    address_query(&address, "below", below > 0 ? number : NULL);
    (void)snprintf(number, sizeof number, "%" PRIu64, most < PIECE ? most : PIECE);
    address_query(&address, "limit", number);
    return remote_get(site->remote, &address, piece);
}

static int ask_server(const struct call *call, const struct site *site, uint64_t most,
                      json_t **document)
{
    uint64_t left = most > 0 ? most : UINT64_MAX;
    json_t *whole;

    int status = ask_piece(call, site, 0, left, &whole);
    if (status != SAY_DONE) return status;
    json_t *rows = json_object_get(whole, "lookups");
    while (status == SAY_DONE && json_array_size(rows) < left) {
        json_int_t below = json_integer_value(json_object_get(whole, "next"));
        json_t *piece;
        if (below == 0) break;
        status = ask_piece(call, site, below, left - json_array_size(rows), &piece);
        if (status != SAY_DONE) break;
        if (json_array_extend(rows, json_object_get(piece, "lookups")) != 0 ||
            json_object_set(whole, "next", json_object_get(piece, "next")) != 0) {
            say_no_memory();
        }
        json_decref(piece);
    }
    if (status == SAY_DONE) {
        *document = whole;
    } else {
        json_decref(whole);
    }
    return status;
}

static int answer(const struct call *call, const struct site *site)
{
    uint64_t most = 0;
    json_t *document = NULL;

    int status = take_most(call, &most);
    if (status != SAY_DONE) return status;
    status = site->remote != NULL ? ask_server(call, site, most, &document)
                                  : ask_file(call, site, most, &document);
    if (status != SAY_DONE) return status;
    char empty[2 * WB_ID_BYTES_MAX];
    (void)snprintf(empty, sizeof empty, "nobody looked at %s", call->arguments[0]);
    struct sheet sheet = {call, site, columns, sizeof columns / sizeof columns[0], site->now_us};
    return sheet_print_list(&sheet, document, "lookups", empty);
}

int lookups_run(const struct call *call)
{
    struct site site;
    int status = site_open(&site, call, WB_READ);
    if (status == SAY_DONE) status = answer(call, &site);
    return site_close(&site, status);
}
