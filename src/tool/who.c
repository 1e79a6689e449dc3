#include "tool/who.h"

#include <stdio.h>
#include <string.h>

#include "answer/answer.h"
#include "base/time.h"
#include "tool/remote.h"
#include "tool/sheet.h"

int who_check(const struct call *call)
{
    static const char *const others[] = {"zone", "group", "counts"};

    if (!call_has(call, "person")) return SAY_DONE;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (call_has(call, others[i])) {
            return say(SAY_WRONG_USE,
                       "--person asks about one person and does not go with --%s; leave one out",
                       others[i]);
        }
    }
    return SAY_DONE;
}

/* When the answer is about, in words: before a table. */
static void print_moment(const struct site *site, const json_t *document)
{
    const json_t *known = json_object_get(document, "known");
    char text[TIME_TEXT_MAX];

    sheet_time_text(site, json_object_get(document, "as_of"), text);
    (void)printf("%s", text);
    if (!json_is_string(known)) return;
    sheet_time_text(site, known, text);
    (void)printf(", as known at %s", text);
}

/* ---- People ---- */

static const struct sheet_column people_columns[] = {
    {"person",    "PERSON",    SHEET_TEXT},
    {"zone",      "ZONE",      SHEET_TEXT},
    {"since",     "SINCE",     SHEET_TIME},
    {"last_seen", "LAST SEEN", SHEET_TIME},
    {"last_seen", "AGO",       SHEET_AGO },
    {"reader",    "READER",    SHEET_TEXT},
};

static int print_people(const struct sheet *sheet, const json_t *document)
{
    const char *zone = json_string_value(json_object_get(document, "zone"));
    json_int_t count = json_integer_value(json_object_get(document, "count"));

    if (sheet->call->format == FORMAT_TABLE) {
        (void)printf("%lld %s %s%s, ", (long long)count, count == 1 ? "person" : "people",
                     zone != NULL ? "in " : "in the zones of ",
                     zone != NULL ? zone : sheet->site->id);
        print_moment(sheet->site, document);
        (void)printf(count > 0 ? "\n\n" : "\n");
    }
    int status = sheet_print(sheet, document, json_object_get(document, "people"));
    if (sheet->call->format == FORMAT_TABLE && count > 0) (void)fputc('\n', stdout);
    return status;
}

/* ---- Head counts ---- */

static const struct sheet_column count_columns[] = {
    {"zone",   "ZONE",   SHEET_TEXT  },
    {"count",  "COUNT",  SHEET_NUMBER},
    {"direct", "DIRECT", SHEET_NUMBER},
};

/* The two zones that every site has stand as rows beside the others, but not in JSON. */
static void add_reserved(json_t *rows, const json_t *document, const char *zone)
{
    json_t *count = json_object_get(document, zone);
    if (json_is_null(count)) return; /* not told to who is limited to some zones */
    json_t *row = json_pack("{s:s, s:O, s:O}", "zone", zone, "count", count, "direct", count);
    if (json_array_append_new(rows, row) != 0) say_no_memory();
}

static int print_counts(const struct sheet *sheet, const json_t *document)
{
    json_t *rows = json_copy(json_object_get(document, "zones"));
    if (rows == NULL) say_no_memory();
    add_reserved(rows, document, "outside");
    add_reserved(rows, document, "unknown");

    if (sheet->call->format == FORMAT_TABLE) {
        (void)printf("head counts, ");
        print_moment(sheet->site, document);
        (void)printf("\n\n");
    }
    int status = sheet_print(sheet, document, rows);
    if (sheet->call->format == FORMAT_TABLE) (void)fputc('\n', stdout);
    json_decref(rows);
    return status;
}

/* ---- One person ---- */

static const struct sheet_column person_columns[] = {
    {"person",    "person",    SHEET_TEXT},
    {"zone",      "zone",      SHEET_TEXT},
    {"since",     "since",     SHEET_TIME},
    {"last_seen", "last seen", SHEET_TIME},
    {"last_seen", "ago",       SHEET_AGO },
    {"reader",    "reader",    SHEET_TEXT},
    {"last_zone", "last zone", SHEET_TEXT},
};

/* ---- The question ---- */

struct who {
    struct answer_question question;
    wb_zone zone;
    wb_person person;
    struct wb_people group;
    struct wb_limit limit;
};

static int take_group(const struct site *site, const char *word, struct wb_people *out)
{
    wb_status status = wb_people_of_group(site->wb, word, strlen(word), out);
    if (status == WB_OK) return SAY_DONE;
    if (status != WB_ENOENT) return site_failed(site, status);
    return say(SAY_NO, "there is no group '%s' in %s; see: whereabouts list people", word,
               site->path);
}

static int take_filters(const struct call *call, const struct site *site, struct who *who)
{
    const char *zone = call_value(call, "zone");
    const char *person = call_value(call, "person");
    const char *group = call_value(call, "group");
    int status = SAY_DONE;

    if (person != NULL) status = site_person(site, person, &who->person);
    if (status == SAY_DONE && zone != NULL) {
        status = site_zone(site, zone, &who->zone);
        who->question.zone = &who->zone;
    }
    if (status == SAY_DONE && group != NULL) {
        status = take_group(site, group, &who->group);
        who->limit.people = &who->group;
        who->question.limit = &who->limit;
    }
    return status;
}

/* Print the document, which is ended. */
static int print(const struct call *call, const struct site *site, json_t *document)
{
    struct sheet sheet = {.call = call, .site = site};
    int status;

    (void)sheet_time(json_object_get(document, "as_of"), &sheet.asked_us);
    if (call_has(call, "person")) {
        sheet.columns = person_columns;
        sheet.column_count = sizeof person_columns / sizeof person_columns[0];
        status = sheet_print_one(&sheet, document);
    } else if (call_has(call, "counts")) {
        sheet.columns = count_columns;
        sheet.column_count = sizeof count_columns / sizeof count_columns[0];
        status = print_counts(&sheet, document);
    } else {
        sheet.columns = people_columns;
        sheet.column_count = sizeof people_columns / sizeof people_columns[0];
        status = print_people(&sheet, document);
    }
    if (status == SAY_DONE && call->format == FORMAT_TABLE) {
        status = sheet_print_could_change(site, json_object_get(document, "could_change"));
    }
    json_decref(document);
    return status;
}

static int ask_file(const struct call *call, const struct site *site, const struct who *who)
{
    struct answer answered;
    wb_status asked;

    if (call_has(call, "person")) {
        asked = answer_person(site->wb, &who->question, who->person, &answered);
    } else if (call_has(call, "counts")) {
        asked = answer_counts(site->wb, &who->question, &answered);
    } else {
        asked = answer_people(site->wb, &who->question, &answered);
    }
    if (asked != WB_OK) return site_failed(site, asked);
    return print(call, site, sheet_read(&answered));
}

int who_ask_server(const struct call *call, const struct site *site, const struct wb_moment *moment)
{
    struct address address;
    json_t *document = NULL;

    address_begin(&address, moment != NULL ? "/v1/at" : "/v1/now");
    if (moment != NULL) {
        address_time(&address, "time", moment->as_of_us);
        address_time(&address, "known", moment->known_us);
    }
    address_query(&address, "zone", call_value(call, "zone"));
    address_query(&address, "person", call_value(call, "person"));
    address_query(&address, "group", call_value(call, "group"));
    if (call_has(call, "counts")) address_query(&address, "counts", "true");
    int status = remote_get(site->remote, &address, &document);
    return status == SAY_DONE ? print(call, site, document) : status;
}

int who_answer(const struct call *call, const struct site *site, const struct wb_moment *moment,
               int64_t evidence_us)
{
    struct who who = {
        .question = {.moment = *moment, .evidence_us = evidence_us}
    };

    int status = take_filters(call, site, &who);
    if (status == SAY_DONE) status = ask_file(call, site, &who);
    wb_list_done(&who.group);
    return status;
}
