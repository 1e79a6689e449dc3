/* whereabouts list: the register, the site, and what is kept aside. */
#include <stdio.h>
#include <string.h>

#include "answer/answer.h"
#include "tool/remote.h"
#include "tool/sheet.h"
#include "tool/site.h"

static const struct sheet_column people[] = {
    {"id",         "PERSON",     SHEET_TEXT},
    {"name",       "NAME",       SHEET_TEXT},
    {"groups",     "GROUPS",     SHEET_LIST},
    {"needs_help", "NEEDS HELP", SHEET_YES },
    {"notes",      "NOTES",      SHEET_TEXT},
};

static const struct sheet_column bands[] = {
    {"band",   "BAND",   SHEET_TEXT},
    {"person", "PERSON", SHEET_TEXT},
    {"from",   "FROM",   SHEET_TIME},
    {"until",  "UNTIL",  SHEET_TIME},
    {"learnt", "LEARNT", SHEET_TIME},
};

static const struct sheet_column zones[] = {
    {"zone",     "ZONE",     SHEET_TEXT  },
    {"name",     "NAME",     SHEET_TEXT  },
    {"in",       "IN",       SHEET_TEXT  },
    {"capacity", "CAPACITY", SHEET_NUMBER},
    {"muster",   "MUSTER",   SHEET_YES   },
    {"retired",  "RETIRED",  SHEET_YES   },
};

static const struct sheet_column readers[] = {
    {"reader",         "READER",         SHEET_TEXT},
    {"name",           "NAME",           SHEET_TEXT},
    {"enter",          "ENTER",          SHEET_TEXT},
    {"leave",          "LEAVE",          SHEET_TEXT},
    {"between",        "BETWEEN",        SHEET_LIST},
    {"purpose",        "PURPOSE",        SHEET_TEXT},
    {"complete_until", "COMPLETE UNTIL", SHEET_TIME},
    {"last_scan",      "LAST SCAN",      SHEET_TIME},
    {"retired",        "RETIRED",        SHEET_TIME},
};

static const struct sheet_column kept[] = {
    {"reader",    "READER",    SHEET_TEXT},
    {"band",      "BAND",      SHEET_TEXT},
    {"time",      "TIME",      SHEET_TIME},
    {"direction", "DIRECTION", SHEET_TEXT},
    {"learnt",    "LEARNT",    SHEET_TIME},
};

static const struct sheet_column withdrawn[] = {
    {"reader",    "READER",    SHEET_TEXT},
    {"band",      "BAND",      SHEET_TEXT},
    {"time",      "TIME",      SHEET_TIME},
    {"direction", "DIRECTION", SHEET_TEXT},
    {"withdrawn", "WITHDRAWN", SHEET_TIME},
    {"why",       "WHY",       SHEET_TEXT},
};

#define COLUMNS(of) of, sizeof(of) / sizeof((of)[0])

/* A list: its word, the question of a file and of a server, its columns, and what a table says when
 * it is empty. */
static const struct list {
    const char *word;
    wb_status (*question)(struct wb *wb, struct answer *out);
    const char *path;
    const struct sheet_column *columns;
    size_t column_count;
    const char *none;
} lists[] = {
    {"people",      answer_list_people,      "people?limit=1000000", COLUMNS(people),
     "nobody is in the register"                                                                                                },
    {"bands",       answer_list_bands,       "bands",                COLUMNS(bands),     "no band is known"                     },
    {"zones",       answer_list_zones,       "zones",                COLUMNS(zones),     "the site has no zones"                },
    {"readers",     answer_list_readers,     "readers?list=true",    COLUMNS(readers),
     "the site has no readers"                                                                                                  },
    {"held",        answer_list_held,        "held",                 COLUMNS(kept),      "no scan is held: every band is paired"},
    {"quarantined", answer_list_quarantined, "quarantined",          COLUMNS(kept),
     "no scan is quarantined"                                                                                                   },
    {"withdrawn",   answer_list_withdrawn,   "withdrawn",            COLUMNS(withdrawn), "no scan is withdrawn"                 },
    {"unseen",      answer_list_unseen,      "unseen",               COLUMNS(people),    "everybody has been seen"              },
};

static const struct list *find(const char *word)
{
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (strcmp(lists[i].word, word) == 0) return &lists[i];
    }
    return NULL;
}

static int ask_file(const struct site *site, const struct list *list, json_t **document)
{
    struct answer answered;

    wb_status asked = list->question(site->wb, &answered);
    if (asked != WB_OK) return site_failed(site, asked);
    *document = sheet_read(&answered);
    return SAY_DONE;
}

static int ask_server(const struct site *site, const struct list *list, json_t **document)
{
    struct address address;

    address_begin(&address, "/v1/");
    address_path(&address, list->path);
    return remote_get(site->remote, &address, document);
}

static int answer(const struct call *call, const struct site *site, const struct list *list)
{
    json_t *document = NULL;

    int status =
        site->remote != NULL ? ask_server(site, list, &document) : ask_file(site, list, &document);
    if (status != SAY_DONE) return status;

    struct sheet sheet = {call, site, list->columns, list->column_count, site->now_us};
    return sheet_print_list(&sheet, document, list->word, list->none);
}

int list_run(const struct call *call)
{
    const struct list *list = find(call->arguments[0]);
    if (list == NULL) {
        return say(SAY_WRONG_USE,
                   "there is no list of '%s'; there are people, bands, zones, readers, held, "
                   "quarantined, withdrawn and unseen",
                   call->arguments[0]);
    }
    struct site site;
    int status = site_open(&site, call, WB_READ);
    if (status == SAY_DONE) status = answer(call, &site, list);
    return site_close(&site, status);
}
