#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "lines.h"
#include "question.h"
#include "question_lines.h"

struct asked {
    struct wb *wb;
    const struct question *q;
    wb_person person;
    wb_zone zone;
    struct wb_moment moment;
    struct wb_window window;
    const struct wb_limit *limit; /* NULL: none */
    struct lines *out;
};

static const char *reader_text(const struct asked *a, wb_reader reader)
{
    return reader.n == WB_NONE ? "none" : wb_reader_id(a->wb, reader);
}

static void add_where(const struct asked *a, const struct wb_whereabouts *where)
{
    lines_add_where(a->out, &(struct where_line){
                                .person = wb_person_id(a->wb, where->person),
                                .zone = wb_zone_id(a->wb, where->zone),
                                .last_zone = wb_zone_id(a->wb, where->last_zone),
                                .reader = reader_text(a, where->reader),
                                .since_us = where->since_us,
                                .last_seen_us = where->last_seen_us,
                            });
}

static wb_status add_people(const struct asked *a, const char *before, wb_status status,
                            struct wb_people *people)
{
    for (size_t i = 0; status == WB_OK && i < people->count; i++)
        lines_add(a->out, "%s%s", before, wb_person_id(a->wb, people->at[i]));
    wb_list_done(people);
    return status;
}

static wb_status ask_inside(const struct asked *a)
{
    struct wb_people people = {0};
    wb_status status = wb_inside(a->wb, a->zone, &a->moment, &people);
    return add_people(a, "", status, &people);
}

static wb_status ask_at(const struct asked *a)
{
    struct wb_whereabouts_list list = {0};
    wb_status status = a->q->kind == ASK_AT ? wb_at(a->wb, a->zone, &a->moment, &list)
                                            : wb_everybody(a->wb, &a->moment, &list);
    for (size_t i = 0; status == WB_OK && i < list.count; i++)
        add_where(a, &list.at[i]);
    wb_list_done(&list);
    return status;
}

static wb_status ask_where(const struct asked *a)
{
    struct wb_whereabouts where;
    wb_status status = wb_where(a->wb, a->person, &a->moment, &where);
    if (status == WB_OK) add_where(a, &where);
    return status;
}

static wb_status ask_head_count(const struct asked *a)
{
    struct wb_head_counts counts = {0};
    wb_status status = wb_head_count(a->wb, &a->moment, a->limit, &counts);
    for (size_t i = 0; status == WB_OK && i < counts.count; i++) {
        lines_add_head_count(a->out, wb_zone_id(a->wb, counts.at[i].zone), counts.at[i].count,
                             counts.at[i].direct);
    }
    if (status == WB_OK) {
        lines_add(a->out, "outside %" PRIu32, counts.outside);
        lines_add(a->out, "unknown %" PRIu32, counts.unknown);
    }
    wb_list_done(&counts);
    return status;
}

static wb_status ask_path(const struct asked *a)
{
    struct wb_stays stays = {0};
    wb_status status = wb_path(a->wb, a->person, &a->window, &stays);
    for (size_t i = 0; status == WB_OK && i < stays.count; i++) {
        lines_add_stay(a->out, wb_zone_id(a->wb, stays.at[i].zone), &stays.at[i]);
        if (i > 0 && stays.at[i].from_us < stays.at[i - 1].until_us)
            lines_add(a->out, "stays are not in the order of time");
    }
    wb_list_done(&stays);
    return status;
}

static wb_status ask_with(const struct asked *a)
{
    struct wb_company_list list = {0};
    wb_status status = wb_with(a->wb, a->person, &a->window, a->q->least_us, a->limit, &list);
    for (size_t i = 0; status == WB_OK && i < list.count; i++) {
        const struct wb_company *company = &list.at[i];
        struct lines zones = {0};
        for (uint32_t j = 0; j < company->zone_count; j++)
            lines_add(&zones, "%s", wb_zone_id(a->wb, list.zones.at[company->first_zone + j]));
        lines_add_company(a->out, wb_person_id(a->wb, company->person), company, &zones);
    }
    wb_list_done(&list.zones);
    wb_list_done(&list);
    return status;
}

static wb_status ask_occupancy(const struct asked *a)
{
    struct wb_counts counts = {0};
    wb_status status = wb_occupancy(a->wb, a->zone, &a->window, a->q->every_us, a->limit, &counts);
    for (size_t i = 0; status == WB_OK && i < counts.count; i++)
        lines_add(a->out, "%08zu %" PRIu32, i, counts.at[i]);
    wb_list_done(&counts);
    return status;
}

static wb_status ask_could_change(const struct asked *a)
{
    struct wb_readers readers = {0};
    wb_status status = wb_could_change(a->wb, a->q->as_of_us, a->q->known_us, &readers);
    for (size_t i = 0; status == WB_OK && i < readers.count; i++)
        lines_add(a->out, "%s", reader_text(a, readers.at[i]));
    wb_list_done(&readers);
    return status;
}

static wb_status ask_people(const struct asked *a)
{
    struct wb_people people = {0};
    wb_status status = wb_people_all(a->wb, &people);
    status = add_people(a, "", status, &people);
    if (status != WB_OK) return status;
    status = wb_people_unseen(a->wb, &people);
    return add_people(a, "unseen ", status, &people);
}

/* Whether a scan that was withdrawn stands in the lists is left open: leave it out. */
static void add_kept(const struct asked *a, const char *what, struct wb_kept_scans *kept)
{
    for (size_t i = 0; i < kept->count; i++) {
        const struct wb_kept_scan *scan = &kept->at[i];
        if (scan->withdrawn_us != WB_NO_TIME) continue;
        lines_add(a->out, "%s %s %s direction=%d at=%" PRId64 " learnt=%" PRId64, what,
                  reader_text(a, scan->reader), wb_band_id(a->wb, scan->band), (int)scan->direction,
                  scan->at_us, scan->learnt_us);
    }
}

static wb_status ask_kept(const struct asked *a)
{
    struct wb_kept_scans kept = {0};
    wb_status status = wb_held(a->wb, &kept);
    if (status == WB_OK) {
        add_kept(a, "held", &kept);
        status = wb_quarantined(a->wb, &kept);
    }
    if (status == WB_OK) {
        add_kept(a, "quarantined", &kept);
        status = wb_withdrawn(a->wb, &kept);
    }
    for (size_t i = 0; status == WB_OK && i < kept.count; i++) {
        lines_add(a->out, "withdrawn %s %s direction=%d at=%" PRId64,
                  reader_text(a, kept.at[i].reader), wb_band_id(a->wb, kept.at[i].band),
                  (int)kept.at[i].direction, kept.at[i].at_us);
    }
    wb_list_done(&kept);
    return status;
}

static wb_status ask_readers(const struct asked *a)
{
    struct wb_readers readers = {0};
    wb_status status = wb_readers_all(a->wb, &readers);
    for (size_t i = 0; status == WB_OK && i < readers.count; i++) {
        struct wb_reader_row row;
        status = wb_reader_row(a->wb, readers.at[i], &row);
        if (status != WB_OK) break;
        char retired[24];
        char complete[24];
        lines_add(a->out, "%s %c %s %s retired=%s complete=%s", row.id, row.kind,
                  wb_zone_id(a->wb, row.a), row.kind == 'b' ? wb_zone_id(a->wb, row.b) : "-",
                  time_text(row.retired_us, retired), time_text(row.complete_us, complete));
    }
    wb_list_done(&readers);
    return status;
}

static wb_status ask_pairings(const struct asked *a)
{
    struct wb_pairings pairings = {0};
    wb_status status = wb_pairings(a->wb, &pairings);
    for (size_t i = 0; status == WB_OK && i < pairings.count; i++) {
        const struct wb_pairing *row = &pairings.at[i];
        const char *band = wb_band_id(a->wb, row->band);
        if (model_person_of_reserved_band(band)) continue;
        char from[24];
        char until[24];
        lines_add(a->out, "%s %s from=%s until=%s", band, wb_person_id(a->wb, row->person),
                  time_text(row->from_us, from), time_text(row->until_us, until));
    }
    wb_list_done(&pairings);
    return status;
}

static wb_status ask(const struct asked *a)
{
    switch (a->q->kind) {
    case ASK_INSIDE:
        return ask_inside(a);
    case ASK_AT:
    case ASK_EVERYBODY:
        return ask_at(a);
    case ASK_WHERE:
        return ask_where(a);
    case ASK_HEAD_COUNT:
        return ask_head_count(a);
    case ASK_PATH:
        return ask_path(a);
    case ASK_WITH:
        return ask_with(a);
    case ASK_OCCUPANCY:
        return ask_occupancy(a);
    case ASK_COULD_CHANGE:
        return ask_could_change(a);
    case ASK_PEOPLE:
        return ask_people(a);
    case ASK_KEPT:
        return ask_kept(a);
    case ASK_READERS:
        return ask_readers(a);
    case ASK_PAIRINGS:
        return ask_pairings(a);
    case ASK_KINDS:
        break;
    }
    assert(false && "a question of no kind");
    return WB_EINVAL;
}

static void push_zone(struct wb_zones *zones, wb_zone zone)
{
    zones->at = make_room(zones->at, &zones->capacity, zones->count + 1, sizeof *zones->at);
    zones->at[zones->count++] = zone;
}

static void limit_zones(const struct asked *a, struct wb_zones *out)
{
    static const wb_zone beside[] = {{WB_ZONE_UNKNOWN}, {WB_ZONE_OUTSIDE}};
    struct wb_zones all = {0};
    wb_status status = wb_zones_all(a->wb, &all);
    assert(status == WB_OK);
    for (size_t i = 0; i < 2; i++)
        if (question_has_zone(a->q, wb_zone_id(a->wb, beside[i]))) push_zone(out, beside[i]);
    for (size_t i = 0; i < all.count; i++)
        if (question_has_zone(a->q, wb_zone_id(a->wb, all.at[i]))) push_zone(out, all.at[i]);
    wb_list_done(&all);
}

static void limit_people(const struct asked *a, struct wb_people *out)
{
    out->at = calloc(a->q->only_count + 1, sizeof *out->at);
    assert(out->at);
    for (size_t i = 0; i < a->q->only_count; i++) {
        const char *id = a->q->only[i];
        wb_person person;
        if (wb_person_find(a->wb, id, strlen(id), &person) == WB_OK) out->at[out->count++] = person;
    }
}

/* Sums alone take a limit. */
static wb_status ask_within(struct asked *a)
{
    struct wb_people people = {0};
    struct wb_zones zones = {0};
    struct wb_limit limit = {a->q->only ? &people : NULL, a->q->zones_salt != 0 ? &zones : NULL};
    bool sums =
        a->q->kind == ASK_HEAD_COUNT || a->q->kind == ASK_WITH || a->q->kind == ASK_OCCUPANCY;
    if (sums && limit.people) limit_people(a, &people);
    if (sums && limit.zones) limit_zones(a, &zones);
    if (limit.people || limit.zones) a->limit = &limit;
    wb_status status = ask(a);
    a->limit = NULL;
    free(people.at);
    free(zones.at);
    return status;
}

char *question_ask_library(struct wb *wb, const struct question *q)
{
    struct lines lines = {0};
    struct asked a = {
        .wb = wb,
        .q = q,
        .moment = {q->as_of_us, q->known_us, q->asked_us},
        .window = q->window,
        .out = &lines,
    };
    bool named = q->kind == ASK_WHERE || q->kind == ASK_PATH || q->kind == ASK_WITH;
    bool placed = q->kind == ASK_INSIDE || q->kind == ASK_AT || q->kind == ASK_OCCUPANCY;
    if (named && wb_person_find(wb, q->person, strlen(q->person), &a.person) != WB_OK) {
        lines_add(&lines, "nobody");
        return lines_sorted(&lines);
    }
    if (placed && wb_zone_find(wb, q->zone, strlen(q->zone), &a.zone) != WB_OK) {
        lines_add(&lines, "no such zone");
        return lines_sorted(&lines);
    }
    wb_status status = ask_within(&a);
    if (status != WB_OK) lines_add(&lines, "status %d: %s", (int)status, wb_last_error(wb));
    return lines_sorted(&lines);
}
