/* Lists of the register and of what is kept aside. */
#include <stdlib.h>
#include <string.h>

#include "answer/answer.h"
#include "answer/document.h"
#include "base/limit.h"

/* ---- People ---- */

/* "a;b" as an array, in the order that was given. */
static void put_groups(struct document *document, const char *groups)
{
    document_array(document, "groups");

    while (*groups != '\0') {
        size_t bytes = strcspn(groups, ";");
        if (bytes > 0) document_part(document, NULL, groups, bytes);
        groups += bytes;
        if (*groups == ';') groups++;
    }
    document_array_end(document);
}

static wb_status put_register_members(struct wb *wb, struct document *document, wb_person person)
{
    struct wb_person_row person_row;
    wb_status status = wb_person_row(wb, person, &person_row);
    if (status != WB_OK) return status;

    document_person(document, "id", wb, person);
    document_text(document, "name", person_row.name != NULL ? person_row.name : "");
    put_groups(document, person_row.groups != NULL ? person_row.groups : "");
    document_true(document, "needs_help", person_row.needs_help);
    document_text(document, "notes", person_row.notes != NULL ? person_row.notes : "");
    return WB_OK;
}

static wb_status put_register_row(struct wb *wb, struct document *document, wb_person person)
{
    document_row(document);
    wb_status status = put_register_members(wb, document, person);
    document_row_end(document);
    return status;
}

wb_status answer_register(struct wb *wb, const struct wb_people *people, struct answer *out)
{
    struct document document;
    wb_status status = WB_OK;

    document_begin(&document);
    document_array(&document, "people");
    for (size_t i = 0; status == WB_OK && i < people->count && !document.failed; i++)
        status = put_register_row(wb, &document, people->at[i]);
    document_array_end(&document);
    return document_end(&document, status, out);
}

wb_status answer_register_one(struct wb *wb, wb_person person, struct answer *out)
{
    struct document document;

    document_begin(&document);
    wb_status status = put_register_members(wb, &document, person);
    return document_end(&document, status, out);
}

typedef wb_status (*people_question)(struct wb *wb, struct wb_people *out);

static wb_status people_list(struct wb *wb, people_question question, const char *key,
                             struct answer *out)
{
    struct wb_people people = {0};
    struct document_order *order = NULL;
    struct document document;

    document_begin(&document);
    wb_status status = question(wb, &people);
    if (status != WB_OK) goto done;

    order = document_order_new(people.count);
    if (order == NULL) {
        status = WB_ENOMEM;
        goto done;
    }
    for (size_t i = 0; i < people.count; i++)
        order[i] = (struct document_order){wb_person_id(wb, people.at[i]), i};
    document_order_sort(order, people.count);

    document_array(&document, key);
    for (size_t i = 0; status == WB_OK && i < people.count && !document.failed; i++)
        status = put_register_row(wb, &document, people.at[order[i].place]);
    document_array_end(&document);

done:
    free(order);
    wb_list_done(&people);
    return document_end(&document, status, out);
}

wb_status answer_list_people(struct wb *wb, struct answer *out)
{
    return people_list(wb, wb_people_all, "people", out);
}

wb_status answer_list_unseen(struct wb *wb, struct answer *out)
{
    return people_list(wb, wb_people_unseen, "unseen", out);
}

/* ---- Bands ---- */

static int compare_bands(const void *a, const void *b, void *context)
{
    struct wb *wb = context;
    const struct wb_pairing *one = a;
    const struct wb_pairing *other = b;

    if (one->band.n != other->band.n) {
        return strcmp(wb_band_id(wb, one->band), wb_band_id(wb, other->band));
    }
    return one->from_us < other->from_us ? -1 : one->from_us > other->from_us;
}

wb_status answer_list_bands(struct wb *wb, struct answer *out)
{
    struct wb_pairings pairings = {0};
    struct document document;

    document_begin(&document);
    wb_status status = wb_bands_all(wb, &pairings);
    if (status == WB_OK && pairings.count > 0) {
        qsort_r(pairings.at, pairings.count, sizeof *pairings.at, compare_bands, wb);
    }
    document_array(&document, "bands");
    for (size_t i = 0; status == WB_OK && i < pairings.count && !document.failed; i++) {
        const struct wb_pairing *pairing = &pairings.at[i];
        bool paired = pairing->person.n != WB_NONE;
        document_row(&document);
        document_id(&document, "band", wb_band_id(wb, pairing->band));
        if (paired) {
            document_person(&document, "person", wb, pairing->person);
        } else {
            document_null(&document, "person");
        }
        document_time(&document, "from", paired ? pairing->from_us : WB_NO_TIME);
        document_time(&document, "until", paired ? pairing->until_us : WB_STILL_THERE);
        document_time(&document, "learnt", paired ? pairing->learnt_us : WB_NO_TIME);
        document_row_end(&document);
    }
    document_array_end(&document);
    wb_list_done(&pairings);
    return document_end(&document, status, out);
}

/* ---- Zones and readers ---- */

static void put_zone(struct wb *wb, struct document *document, const struct wb_zone_row *zone)
{
    document_row(document);
    bool is_root = zone->parent.n < WB_FIRST_ZONE;

    document_id(document, "zone", zone->id);
    document_text(document, "name", zone->name);
    document_id(document, "in", is_root ? NULL : wb_zone_id(wb, zone->parent));
    if (zone->capacity > 0) {
        document_number(document, "capacity", zone->capacity);
    } else {
        document_null(document, "capacity");
    }
    document_true(document, "muster", zone->muster);
    document_true(document, "retired", zone->retired);
    document_row_end(document);
}

wb_status answer_list_zones(struct wb *wb, struct answer *out)
{
    return answer_zones(wb, NULL, out);
}

wb_status answer_zones(struct wb *wb, const struct wb_limit *limit, struct answer *out)
{
    struct wb_zones zones = {0};
    struct limit within;
    struct document_order *order = NULL;
    struct document document;

    document_begin(&document);
    wb_status status = limit_open(limit, &within) ? wb_zones_all(wb, &zones) : WB_ENOMEM;
    if (status != WB_OK) goto done;

    order = document_order_new(zones.count);
    if (order == NULL) {
        status = WB_ENOMEM;
        goto done;
    }
    for (size_t i = 0; i < zones.count; i++)
        order[i] = (struct document_order){wb_zone_id(wb, zones.at[i]), i};
    document_order_sort(order, zones.count);

    document_array(&document, "zones");
    for (size_t i = 0; status == WB_OK && i < zones.count; i++) {
        struct wb_zone_row row;
        if (!limit_has_zone(&within, zones.at[order[i].place])) continue;
        status = wb_zone_row(wb, zones.at[order[i].place], &row);
        if (status == WB_OK) put_zone(wb, &document, &row);
    }
    document_array_end(&document);

done:
    free(order);
    limit_close(&within);
    wb_list_done(&zones);
    return document_end(&document, status, out);
}

static const char *zone_or_null(struct wb *wb, bool is_there, wb_zone zone)
{
    return is_there ? wb_zone_id(wb, zone) : NULL;
}

static void put_reader(struct wb *wb, struct document *document, const struct wb_reader_row *reader)
{
    document_row(document);

    document_id(document, "reader", reader->id);
    document_text(document, "name", reader->name);
    document_id(document, "enter", zone_or_null(wb, reader->kind == 'e', reader->a));
    document_id(document, "leave", zone_or_null(wb, reader->kind == 'l', reader->a));
    if (reader->kind == 'b') {
        document_array(document, "between");
        document_text(document, NULL, wb_zone_id(wb, reader->a));
        document_text(document, NULL, wb_zone_id(wb, reader->b));
        document_array_end(document);
    } else {
        document_null(document, "between");
    }
    document_text(document, "purpose", reader->purpose);
    document_time(document, "complete_until", reader->complete_us);
    document_time(document, "last_scan", reader->last_heard_us);
    document_time(document, "retired", reader->retired_us);
    document_row_end(document);
}

wb_status answer_list_readers(struct wb *wb, struct answer *out)
{
    return answer_readers(wb, NULL, out);
}

wb_status answer_readers(struct wb *wb, const struct wb_limit *limit, struct answer *out)
{
    struct wb_readers readers = {0};
    struct limit within;
    struct document document;

    document_begin(&document);
    wb_status status = limit_open(limit, &within) ? wb_readers_all(wb, &readers) : WB_ENOMEM;
    document_array(&document, "readers");
    for (size_t i = 0; status == WB_OK && i < readers.count; i++) {
        struct wb_reader_row row;
        status = wb_reader_row(wb, readers.at[i], &row);
        bool leads =
            limit_has_zone(&within, row.a) || (row.kind == 'b' && limit_has_zone(&within, row.b));
        if (status == WB_OK && leads) put_reader(wb, &document, &row);
    }
    document_array_end(&document);
    limit_close(&within);
    wb_list_done(&readers);
    return document_end(&document, status, out);
}

/* ---- Scans that are kept aside ---- */

/* By time, then reader, band, direction: the same facts give the same bytes. */
static int compare_kept(const void *a, const void *b, void *context)
{
    struct wb *wb = context;
    const struct wb_kept_scan *one = a;
    const struct wb_kept_scan *other = b;

    if (one->at_us != other->at_us) return one->at_us < other->at_us ? -1 : 1;
    int order = strcmp(wb_reader_id(wb, one->reader), wb_reader_id(wb, other->reader));
    if (order == 0) order = strcmp(wb_band_id(wb, one->band), wb_band_id(wb, other->band));
    return order != 0 ? order : (int)one->direction - (int)other->direction;
}

static const char *direction_word(wb_direction direction)
{
    switch (direction) {
    case WB_IN:
        return "in";
    case WB_OUT:
        return "out";
    case WB_NO_DIRECTION:
    case WB_EVERY_DIRECTION:
        return NULL;
    }
    return NULL;
}

static void put_kept(struct wb *wb, struct document *document, const struct wb_kept_scan *scan)
{
    document_row(document);

    document_id(document, "reader", wb_reader_id(wb, scan->reader));
    document_id(document, "band", wb_band_id(wb, scan->band));
    document_time(document, "time", scan->at_us);
    document_id(document, "direction", direction_word(scan->direction));
}

static void sort_kept(struct wb *wb, struct wb_kept_scans *scans)
{
    if (scans->count == 0) return;
    qsort_r(scans->at, scans->count, sizeof *scans->at, compare_kept, wb);
}

typedef wb_status (*kept_question)(struct wb *wb, struct wb_kept_scans *out);

static wb_status kept_list(struct wb *wb, kept_question question, const char *key,
                           struct answer *out)
{
    struct wb_kept_scans scans = {0};
    struct document document;

    document_begin(&document);
    wb_status status = question(wb, &scans);
    if (status == WB_OK) sort_kept(wb, &scans);

    document_array(&document, key);
    for (size_t i = 0; status == WB_OK && i < scans.count && !document.failed; i++) {
        put_kept(wb, &document, &scans.at[i]);
        document_time(&document, "learnt", scans.at[i].learnt_us);
        document_row_end(&document);
    }
    document_array_end(&document);
    wb_list_done(&scans);
    return document_end(&document, status, out);
}

wb_status answer_list_held(struct wb *wb, struct answer *out)
{
    return kept_list(wb, wb_held, "held", out);
}

wb_status answer_list_quarantined(struct wb *wb, struct answer *out)
{
    return kept_list(wb, wb_quarantined, "quarantined", out);
}

wb_status answer_list_withdrawn(struct wb *wb, struct answer *out)
{
    struct wb_kept_scans scans = {0};
    struct document document;

    document_begin(&document);
    wb_status status = wb_withdrawn(wb, &scans);
    if (status == WB_OK) sort_kept(wb, &scans);

    document_array(&document, "withdrawn");
    for (size_t i = 0; status == WB_OK && i < scans.count && !document.failed; i++) {
        char why[4096] = "";
        status = wb_withdrawn_reason(wb, &scans.at[i], why, sizeof why);
        if (status == WB_ENOENT) status = WB_OK; /* the reason was erased; the fact stays */
        put_kept(wb, &document, &scans.at[i]);
        document_time(&document, "withdrawn", scans.at[i].withdrawn_us);
        document_text(&document, "why", why);
        document_row_end(&document);
    }
    document_array_end(&document);
    wb_list_done(&scans);
    return document_end(&document, status, out);
}
