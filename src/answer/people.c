/* Who is where: people, head counts, one person. */
#include <stdlib.h>
#include <string.h>

#include "answer/answer.h"
#include "answer/document.h"
#include "base/limit.h"

/* The readers that could still change the answer, by id. The last member of the document. */
static wb_status put_could_change(struct wb *wb, const struct answer_question *question,
                                  struct document *document)
{
    struct wb_readers readers = {0};

    wb_status status =
        wb_could_change(wb, question->evidence_us, question->moment.known_us, &readers);
    document_array(document, "could_change");
    for (size_t i = 0; status == WB_OK && i < readers.count; i++)
        document_text(document, NULL, wb_reader_id(wb, readers.at[i]));
    document_array_end(document);
    wb_list_done(&readers);
    return status;
}

static void put_head(struct document *document, const struct answer_question *question)
{
    document_begin(document);
    document_time(document, "as_of", question->moment.as_of_us);
    document_time(document, "known", question->moment.known_us);
}

/* ---- People ---- */

/* Keep of the list only whom the limit lets through, and where. */
static wb_status keep_within(struct wb_whereabouts_list *list, const struct wb_limit *limit)
{
    struct limit within;
    size_t kept = 0;
    bool memory = limit_open(limit, &within);

    for (size_t i = 0; memory && i < list->count; i++) {
        const struct wb_whereabouts *where = &list->at[i];
        if (limit_has_person(&within, where->person) && limit_has_zone(&within, where->zone)) {
            list->at[kept++] = *where;
        }
    }
    list->count = kept;
    limit_close(&within);
    return memory ? WB_OK : WB_ENOMEM;
}

static const char *reader_id_or_null(struct wb *wb, wb_reader reader)
{
    return reader.n == WB_NONE ? NULL : wb_reader_id(wb, reader);
}

/* What the register says that a list of people needs. */
static wb_status put_name(struct wb *wb, struct document *document, wb_person person)
{
    struct wb_person_row row;

    wb_status status = wb_person_row(wb, person, &row);
    if (status != WB_OK) return status;
    document_text(document, "name", row.name != NULL ? row.name : "");
    document_true(document, "needs_help", row.needs_help);
    return WB_OK;
}

static wb_status put_person_row(struct wb *wb, struct document *document,
                                const struct wb_whereabouts *where, bool names)
{
    wb_status status = WB_OK;

    document_row(document);
    document_person(document, "person", wb, where->person);
    document_id(document, "zone", wb_zone_id(wb, where->zone));
    document_time(document, "since", where->since_us);
    document_time(document, "last_seen", where->last_seen_us);
    document_id(document, "reader", reader_id_or_null(wb, where->reader));
    if (names) status = put_name(wb, document, where->person);
    document_row_end(document);
    return status;
}

static wb_status put_people(struct wb *wb, struct document *document,
                            const struct wb_whereabouts_list *list, bool names)
{
    wb_status status = WB_OK;
    struct document_order *order = document_order_new(list->count);
    if (order == NULL) return WB_ENOMEM;

    for (size_t i = 0; i < list->count; i++)
        order[i] = (struct document_order){wb_person_id(wb, list->at[i].person), i};
    document_order_sort(order, list->count);

    document_array(document, "people");
    for (size_t i = 0; status == WB_OK && i < list->count && !document->failed; i++)
        status = put_person_row(wb, document, &list->at[order[i].place], names);
    document_array_end(document);

    free(order);
    return status;
}

wb_status answer_people(struct wb *wb, const struct answer_question *question, struct answer *out)
{
    struct wb_whereabouts_list list = {0};
    struct document document;

    put_head(&document, question);
    document_id(&document, "zone", question->zone != NULL ? wb_zone_id(wb, *question->zone) : NULL);

    wb_status status = question->zone != NULL ? wb_at(wb, *question->zone, &question->moment, &list)
                                              : wb_everybody(wb, &question->moment, &list);
    if (status == WB_OK && question->limit != NULL) status = keep_within(&list, question->limit);
    if (status == WB_OK) {
        document_number(&document, "count", (int64_t)list.count);
        status = put_people(wb, &document, &list, question->names);
    }
    if (status == WB_OK) status = put_could_change(wb, question, &document);

    wb_list_done(&list);
    return document_end(&document, status, out);
}

/* ---- Head counts ---- */

/* Whether a zone is `top` or stands below it. The tree is as deep as it has zones at most. */
static bool is_within(struct wb *wb, wb_zone zone, wb_zone top, size_t zone_count)
{
    for (size_t depth = 0; depth <= zone_count; depth++) {
        if (zone.n == top.n) return true;
        struct wb_zone_row row;
        if (zone.n < WB_FIRST_ZONE || wb_zone_row(wb, zone, &row) != WB_OK) return false;
        zone = row.parent;
    }
    return false;
}

/* How many are in no real zone. Where a limit leaves them out nobody is counted, and 0 would be a
 * lie. */
static void put_beside(struct document *document, const char *key, const struct wb_limit *limit,
                       uint32_t zone, uint32_t count)
{
    bool told = limit == NULL || limit->zones == NULL;

    for (size_t i = 0; !told && i < limit->zones->count; i++)
        told = limit->zones->at[i].n == zone;
    if (told) {
        document_number(document, key, count);
    } else {
        document_null(document, key);
    }
}

static wb_status put_counts(struct wb *wb, struct document *document,
                            const struct wb_head_counts *counts,
                            const struct answer_question *question)
{
    const wb_zone *top = question->zone;
    struct document_order *order = document_order_new(counts->count);
    if (order == NULL) return WB_ENOMEM;

    size_t kept = 0;
    for (size_t i = 0; i < counts->count; i++) {
        wb_zone zone = counts->at[i].zone;
        if (top != NULL && !is_within(wb, zone, *top, counts->count)) continue;
        order[kept++] = (struct document_order){wb_zone_id(wb, zone), i};
    }
    document_order_sort(order, kept);

    document_array(document, "zones");
    for (size_t i = 0; i < kept; i++) {
        const struct wb_head_count *count = &counts->at[order[i].place];
        document_row(document);
        document_id(document, "zone", order[i].id);
        document_number(document, "count", count->count);
        document_number(document, "direct", count->direct);
        document_row_end(document);
    }
    document_array_end(document);
    put_beside(document, "outside", question->limit, WB_ZONE_OUTSIDE, counts->outside);
    put_beside(document, "unknown", question->limit, WB_ZONE_UNKNOWN, counts->unknown);
    free(order);
    return WB_OK;
}

wb_status answer_counts(struct wb *wb, const struct answer_question *question, struct answer *out)
{
    struct wb_head_counts counts = {0};
    struct document document;

    put_head(&document, question);
    wb_status status = wb_head_count(wb, &question->moment, question->limit, &counts);
    if (status == WB_OK) status = put_counts(wb, &document, &counts, question);
    if (status == WB_OK) status = put_could_change(wb, question, &document);

    wb_list_done(&counts);
    return document_end(&document, status, out);
}

/* ---- One person ---- */

static const char *last_zone_id(struct wb *wb, const struct limit *within, wb_zone zone)
{
    bool is_told = zone.n != WB_ZONE_UNKNOWN && limit_has_zone(within, zone);
    return is_told ? wb_zone_id(wb, zone) : NULL;
}

static void put_where(struct wb *wb, struct document *document, const struct limit *within,
                      const struct wb_whereabouts *where)
{
    bool is_told = limit_has_zone(within, where->zone);

    document_person(document, "person", wb, where->person);
    document_id(document, "zone", is_told ? wb_zone_id(wb, where->zone) : NULL);
    document_time(document, "since", is_told ? where->since_us : WB_NO_TIME);
    document_time(document, "last_seen", is_told ? where->last_seen_us : WB_NO_TIME);
    document_id(document, "reader", is_told ? reader_id_or_null(wb, where->reader) : NULL);
    document_id(document, "last_zone", is_told ? last_zone_id(wb, within, where->last_zone) : NULL);
}

wb_status answer_person(struct wb *wb, const struct answer_question *question, wb_person person,
                        struct answer *out)
{
    struct wb_whereabouts where;
    struct limit within;
    struct document document;

    put_head(&document, question);
    wb_status status = limit_open(question->limit, &within)
                           ? wb_where(wb, person, &question->moment, &where)
                           : WB_ENOMEM;
    if (status == WB_OK) {
        put_where(wb, &document, &within, &where);
        if (question->names) status = put_name(wb, &document, person);
    }
    if (status == WB_OK) {
        status = put_could_change(wb, question, &document);
    }
    limit_close(&within);
    return document_end(&document, status, out);
}
