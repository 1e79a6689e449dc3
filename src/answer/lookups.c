/* Who looked at whom. */
#include <stdio.h>
#include <string.h>

#include "answer/answer.h"
#include "answer/document.h"
#include "base/limit.h"

#define QUESTION_BYTES 40 /* of one without ids */

struct writer {
    struct wb *wb;
    const struct answer_log *log;
    const char *id;  /* of the person */
    bool is_limited; /* somehow */
    bool has_zones;  /* the reader is limited to some; these are the person's stays in them: */
    struct wb_stays stays;
    struct document document;
    uint64_t left;
    int64_t next; /* where to go on; 0: that was all */
    int64_t last;
};

/* ---- For a reader with limits ---- */

/* What follows the person's id where the text begins with it; NULL: it does not. */
static const char *after_id(const struct writer *writer, const char *text)
{
    size_t bytes = strlen(writer->id);
    return strncmp(text, writer->id, bytes) == 0 ? text + bytes : NULL;
}

/* Whether a question names the person itself: then it says nothing about where they were. */
static bool is_about(const struct writer *writer, const char *question)
{
    static const char people[] = "/v1/people/";
    const char *end = NULL;

    if (strncmp(question, people, sizeof people - 1) == 0) {
        end = after_id(writer, question + sizeof people - 1);
        return end != NULL && strchr("/?", *end) != NULL;
    }
    const char *person = strstr(question, "person=");
    if (person != NULL) end = after_id(writer, person + strlen("person="));
    return end != NULL && strchr("&", *end) != NULL;
}

/* A question without its ids and parameters: "/v1/people/{P}/with". */
static void without_ids(const char *question, char out[QUESTION_BYTES])
{
    static const struct {
        const char *path, *part, *tail[4];
    } forms[] = {
        {"/v1/people/", "{P}", {"/path", "/with", "/lookups"}},
        {"/v1/zones/",  "{Z}", {"/occupancy"}                },
        {"/v1/bands/",  "{B}", {NULL}                        },
    };

    int bytes = (int)strcspn(question, "?");
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const char *tail = "";
        size_t path = strlen(forms[i].path);
        if (strncmp(question, forms[i].path, path) != 0) continue;
        for (size_t k = 0; k < 4 && forms[i].tail[k] != NULL; k++) {
            size_t most = strlen(forms[i].tail[k]);
            bool ends = (size_t)bytes > path + most &&
                        memcmp(question + bytes - most, forms[i].tail[k], most) == 0;
            if (ends) tail = forms[i].tail[k];
        }
        (void)snprintf(out, QUESTION_BYTES, "%s%s%s", forms[i].path, forms[i].part, tail);
        return;
    }
    (void)snprintf(out, QUESTION_BYTES, "%.*s", bytes, question);
}

/* Whether a zone is another or stands below it. The tree is at most so deep. */
static bool is_within(struct wb *wb, wb_zone zone, wb_zone top)
{
    struct wb_zone_row row;

    for (unsigned depth = 0; depth < UINT16_MAX && zone.n != top.n; depth++) {
        if (zone.n < WB_FIRST_ZONE || wb_zone_row(wb, zone, &row) != WB_OK) return false;
        zone = row.parent;
    }
    return zone.n == top.n;
}

/* Whether the person was in the reader's zones when they were seen: at the moment or in the window
 * that the look-up is about, or in the zone that was watched while it was. */
static bool was_seen_inside(const struct writer *writer, const struct wb_lookup *lookup)
{
    bool watch = lookup->kind == WB_LOOKUP_WATCH;
    int64_t from_us = watch ? lookup->at_us : lookup->as_of_us;
    int64_t until_us = lookup->until_us;

    if (lookup->kind == WB_LOOKUP_EXPORT) return true; /* it named everybody, wherever they were */
    if (from_us == WB_NO_TIME && until_us == WB_NO_TIME) return true; /* of the register */
    if (until_us == WB_NO_TIME) until_us = from_us + 1;
    for (size_t i = 0; i < writer->stays.count; i++) {
        const struct wb_stay *stay = &writer->stays.at[i];
        if (stay->from_us >= until_us || stay->until_us <= from_us) continue;
        if (!watch || lookup->zone.n == WB_ZONE_EVERY) return true;
        if (is_within(writer->wb, stay->zone, lookup->zone)) return true;
    }
    return false;
}

/* ---- Rows ---- */

static void put_row(struct writer *writer, int64_t number, const struct wb_lookup *lookup,
                    bool whole)
{
    struct document *document = &writer->document;
    static const char *const kinds[] = {
        [WB_LOOKUP_ANSWER] = "answer", [WB_LOOKUP_WATCH] = "watch", [WB_LOOKUP_EXPORT] = "export"};
    bool watch = lookup->kind == WB_LOOKUP_WATCH;
    char cut[QUESTION_BYTES];

    if (!whole) without_ids(lookup->question, cut);
    document_row(document);
    document_number(document, "lookup", number);
    document_time(document, "at", lookup->at_us);
    document_text(document, "who", lookup->who);
    document_text(document, "purpose", lookup->purpose);
    document_text(document, "question", whole ? lookup->question : cut);
    document_text(document, "kind", kinds[lookup->kind]);
    if (watch && lookup->zone.n != WB_ZONE_EVERY) {
        document_id(document, "zone", wb_zone_id(writer->wb, lookup->zone));
    } else {
        document_null(document, "zone");
    }
    document_time(document, "from", watch ? lookup->at_us : lookup->as_of_us);
    document_time(document, "until", lookup->until_us);
    if (lookup->kind == WB_LOOKUP_ANSWER && whole) {
        document_number(document, "people", (int64_t)lookup->count);
    } else {
        document_null(document, "people");
    }
    document_row_end(document);
}

static bool write_row(void *context, int64_t number, const struct wb_lookup *lookup)
{
    struct writer *writer = context;
    bool whole = !writer->is_limited || is_about(writer, lookup->question);
    if (writer->has_zones && !is_about(writer, lookup->question) &&
        !was_seen_inside(writer, lookup)) {
        return true;
    }
    if (writer->left == 0) {
        writer->next = writer->last;
        return false;
    }
    writer->left--;
    writer->last = number;
    put_row(writer, number, lookup, whole);
    return !writer->document.failed;
}

/* The person's stays in the reader's zones. */
static wb_status take_limit(struct writer *writer, wb_person person)
{
    const struct wb_limit *limit = writer->log->limit;
    struct wb_window always = {WB_NO_TIME, WB_STILL_THERE, WB_EVERYTHING, writer->log->now_us};
    struct limit within;
    size_t kept = 0;

    writer->is_limited = limit != NULL && (limit->zones != NULL || limit->people != NULL);
    writer->has_zones = limit != NULL && limit->zones != NULL;
    if (!writer->has_zones) return WB_OK;
    wb_status status = limit_open(limit, &within)
                           ? wb_path(writer->wb, person, &always, &writer->stays)
                           : WB_ENOMEM;
    for (size_t i = 0; i < writer->stays.count; i++) {
        const struct wb_stay *stay = &writer->stays.at[i];
        if (limit_has_zone(&within, stay->zone)) writer->stays.at[kept++] = *stay;
    }
    writer->stays.count = kept;
    limit_close(&within);
    return status;
}

wb_status answer_lookups(struct wb *wb, wb_person person, const struct answer_log *log,
                         struct answer *out)
{
    struct writer writer = {.wb = wb, .log = log, .id = wb_person_id(wb, person)};
    writer.left = log->most > 0 ? log->most : UINT64_MAX;
    document_begin(&writer.document);
    document_person(&writer.document, "person", wb, person);
    document_array(&writer.document, "lookups");
    wb_status status = take_limit(&writer, person);
    if (status == WB_OK) {
        status = wb_lookups_of(wb, person, log->below, log->now_us, write_row, &writer);
    }
    document_array_end(&writer.document);
    if (writer.next > 0) {
        document_number(&writer.document, "next", writer.next);
    } else {
        document_null(&writer.document, "next");
    }
    wb_list_done(&writer.stays);
    return document_end(&writer.document, status, out);
}
