/* Over time: a path, with whom, an occupancy curve. */
#include <stdlib.h>

#include "answer/answer.h"
#include "answer/document.h"
#include "base/limit.h"
#include "base/time.h"

static void put_window(struct document *document, const struct wb_window *window)
{
    document_time(document, "from", window->from_us);
    document_time(document, "until", window->until_us);
    document_time(document, "known", window->known_us);
}

/* ---- A path ---- */

/* A sorted set: the names stand here in byte order. */
static void put_flags(struct document *document, uint32_t flags)
{
    document_array(document, "flags");
    if (flags & WB_FLAG_AFTER_COMPLETE) document_text(document, NULL, "after_complete");
    if (flags & WB_FLAG_UNSEEN_ENTRY) document_text(document, NULL, "unseen_entry");
    document_array_end(document);
}

wb_status answer_path(struct wb *wb, wb_person person, const struct wb_window *window,
                      const struct wb_limit *limit, struct answer *out)
{
    struct wb_stays stays = {0};
    struct limit within;
    struct document document;

    document_begin(&document);
    wb_status status = limit_open(limit, &within) ? wb_path(wb, person, window, &stays) : WB_ENOMEM;
    document_person(&document, "person", wb, person);
    put_window(&document, window);

    document_array(&document, "stays");
    for (size_t i = 0; status == WB_OK && i < stays.count && !document.failed; i++) {
        const struct wb_stay *stay = &stays.at[i];
        if (!limit_has_zone(&within, stay->zone)) continue;
        document_row(&document);
        document_id(&document, "zone", wb_zone_id(wb, stay->zone));
        document_time(&document, "from", stay->from_us);
        document_time(&document, "until", stay->until_us);
        document_time(&document, "last_seen", stay->last_seen_us);
        document_number(&document, "scans", stay->scans);
        put_flags(&document, stay->flags);
        document_row_end(&document);
    }
    document_array_end(&document);
    wb_list_done(&stays);
    limit_close(&within);
    return document_end(&document, status, out);
}

/* ---- With whom ---- */

static wb_status put_zones(struct wb *wb, struct document *document,
                           const struct wb_company_list *list, const struct wb_company *company)
{
    struct document_order *order = document_order_new(company->zone_count);
    if (order == NULL) return WB_ENOMEM;

    for (size_t i = 0; i < company->zone_count; i++) {
        wb_zone zone = list->zones.at[company->first_zone + i];
        order[i] = (struct document_order){wb_zone_id(wb, zone), i};
    }
    document_order_sort(order, company->zone_count);

    document_array(document, "zones");
    for (size_t i = 0; i < company->zone_count; i++)
        document_text(document, NULL, order[i].id);
    document_array_end(document);
    free(order);
    return WB_OK;
}

static wb_status put_company(struct wb *wb, struct document *document,
                             const struct wb_company_list *list)
{
    struct document_order *order = document_order_new(list->count);
    if (order == NULL) return WB_ENOMEM;

    for (size_t i = 0; i < list->count; i++)
        order[i] = (struct document_order){wb_person_id(wb, list->at[i].person), i};
    document_order_sort(order, list->count);

    wb_status status = WB_OK;
    document_array(document, "people");
    for (size_t i = 0; status == WB_OK && i < list->count && !document->failed; i++) {
        const struct wb_company *company = &list->at[order[i].place];
        document_row(document);
        document_person(document, "person", wb, company->person);
        document_number(document, "seconds", company->together_us / TIME_SECOND_US);
        document_time(document, "first", company->first_us);
        document_time(document, "last", company->last_us);
        status = put_zones(wb, document, list, company);
        document_row_end(document);
    }
    document_array_end(document);
    free(order);
    return status;
}

wb_status answer_with(struct wb *wb, wb_person person, const struct wb_window *window,
                      int64_t least_us, const struct wb_limit *limit, struct answer *out)
{
    struct wb_company_list list = {0};
    struct document document;

    document_begin(&document);
    wb_status status = wb_with(wb, person, window, least_us, limit, &list);
    document_person(&document, "person", wb, person);
    put_window(&document, window);
    document_number(&document, "min_s", least_us / TIME_SECOND_US);
    if (status == WB_OK) status = put_company(wb, &document, &list);

    wb_list_done(&list.zones);
    wb_list_done(&list);
    return document_end(&document, status, out);
}

/* ---- How many ---- */

wb_status answer_occupancy(struct wb *wb, wb_zone zone, const struct wb_window *window,
                           int64_t every_us, const struct wb_limit *limit, struct answer *out)
{
    /* Unsigned: the window may be longer than INT64_MAX. The caller's contract is judged by
     * the library; here only that the document stays bounded. */
    uint64_t length_us = (uint64_t)window->until_us - (uint64_t)window->from_us;
    if (every_us > 0 && length_us / (uint64_t)every_us >= ANSWER_POINTS_MAX) return WB_EFULL;

    struct wb_counts counts = {0};
    struct document document;

    document_begin(&document);
    wb_status status = wb_occupancy(wb, zone, window, every_us, limit, &counts);
    document_id(&document, "zone", wb_zone_id(wb, zone));
    put_window(&document, window);
    document_number(&document, "every_s", every_us / TIME_SECOND_US);

    document_array(&document, "points");
    for (size_t i = 0; status == WB_OK && i < counts.count && !document.failed; i++) {
        document_row(&document);
        document_time(&document, "at", window->from_us + (int64_t)i * every_us);
        document_number(&document, "count", counts.at[i]);
        document_row_end(&document);
    }
    document_array_end(&document);
    wb_list_done(&counts);
    return document_end(&document, status, out);
}

wb_status answer_summary(const struct wb_summary *summary, uint64_t ambiguous_times,
                         struct answer *out)
{
    struct document document;

    document_begin(&document);
    document_summary(&document, summary, ambiguous_times);
    return document_end(&document, WB_OK, out);
}
