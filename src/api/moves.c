#include "api/moves.h"

#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "http/response.h"

/* ---- What a channel shows ---- */

static bool is_below(struct wb *wb, wb_zone zone, wb_zone top)
{
    for (unsigned depth = 0; depth < UINT16_MAX; depth++) {
        struct wb_zone_row row;
        if (zone.n == top.n) return true;
        if (zone.n < WB_FIRST_ZONE || wb_zone_row(wb, zone, &row) != WB_OK) return false;
        zone = row.parent;
    }
    return false;
}

/* Whether somebody who is in a zone is shown. Without a zone and a limit, everybody is. */
static bool shows(struct wb *wb, const struct channel *channel, wb_person person, wb_zone zone)
{
    if (channel->counts_alone) return false;
    if (!reach_person(&channel->reach, person)) return false;
    if (!reach_zone(&channel->reach, zone)) return false;
    return channel->zone.n == WB_ZONE_EVERY || is_below(wb, zone, channel->zone);
}

static uint32_t *was_of(struct channel *channel, wb_person person)
{
    while (channel->people <= person.n) {
        size_t people = channel->people < 1024 ? 1024 : channel->people * 2;
        uint32_t *was = realloc(channel->was, people * sizeof *was);
        if (was == NULL) response_no_memory();
        for (size_t i = channel->people; i < people; i++)
            was[i] = WB_NONE;
        channel->was = was;
        channel->people = people;
    }
    return &channel->was[person.n];
}

static struct wb_moment moment_of(int64_t now_us)
{
    return (struct wb_moment){now_us, WB_EVERYTHING, now_us};
}

static void remember(struct channels *channels, struct channel *channel,
                     const struct wb_whereabouts_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct wb_whereabouts *where = &list->at[i];
        if (shows(channels->wb, channel, where->person, where->zone)) {
            *was_of(channel, where->person) = where->zone.n;
        }
    }
}

/* Remember who is shown where, so that who leaves can be told. Where every zone is shown nobody
 * leaves, so those in no real zone are of interest only where they are named in a limit. */
wb_status moves_look_around(struct channels *channels, struct channel *channel, int64_t now_us)
{
    static const wb_zone beside[] = {{WB_ZONE_OUTSIDE}, {WB_ZONE_UNKNOWN}};
    struct wb_moment moment = moment_of(now_us);
    struct wb_whereabouts_list list = {0};

    for (size_t i = 0; i < channel->people; i++)
        channel->was[i] = WB_NONE;
    wb_status status = wb_everybody(channels->wb, &moment, &list);
    if (status == WB_OK) remember(channels, channel, &list);
    for (size_t i = 0; status == WB_OK && !channel->reach.every_zone && i < 2; i++) {
        if (!reach_zone(&channel->reach, beside[i])) continue;
        status = wb_at(channels->wb, beside[i], &moment, &list);
        if (status == WB_OK) remember(channels, channel, &list);
    }
    wb_list_done(&list);
    return status;
}

/* ---- Moves ---- */

static void put_person(struct wb *wb, struct document *document, const struct wb_whereabouts *where,
                       bool is_shown)
{
    document_row(document);
    document_person(document, "person", wb, where->person);
    /* Where somebody went who is not shown any more is nobody's business here. */
    document_id(document, "zone", is_shown ? wb_zone_id(wb, where->zone) : NULL);
    document_time(document, "since", is_shown ? where->since_us : WB_NO_TIME);
    document_time(document, "last_seen", is_shown ? where->last_seen_us : WB_NO_TIME);
    document_id(document, "reader",
                is_shown && where->reader.n != WB_NONE ? wb_reader_id(wb, where->reader) : NULL);
    document_row_end(document);
}

/* One who may have moved. Returns whether there is something to say. */
static bool put_move(struct channels *channels, struct channel *channel, struct document *document,
                     wb_person person, int64_t now_us)
{
    struct wb_moment moment = moment_of(now_us);
    struct wb_whereabouts where;
    uint32_t *was = was_of(channel, person);

    if (wb_where(channels->wb, person, &moment, &where) != WB_OK) return false;
    bool is_shown = shows(channels->wb, channel, person, where.zone);
    if (!is_shown && *was == WB_NONE) return false;
    *was = is_shown ? where.zone.n : WB_NONE;
    put_person(channels->wb, document, &where, is_shown);
    return true;
}

static int by_number(const void *a, const void *b)
{
    const wb_person *one = a;
    const wb_person *other = b;
    return one->n < other->n ? -1 : one->n > other->n;
}

static bool put_moves(struct channels *channels, struct channel *channel, struct document *document,
                      int64_t now_us)
{
    struct wb_people *moved = &channel->moved;
    bool any = false;

    if (moved->count > 1) qsort(moved->at, moved->count, sizeof *moved->at, by_number);
    for (size_t i = 0; i < moved->count; i++) {
        if (i > 0 && moved->at[i].n == moved->at[i - 1].n) continue;
        any = put_move(channels, channel, document, moved->at[i], now_us) || any;
    }
    moved->count = 0;
    return any;
}

/* Whoever is elsewhere than they were shown becomes one who moved: by being forgotten, say. */
void moves_compare_all(struct channels *channels, struct channel *channel, int64_t now_us)
{
    struct wb_moment moment = moment_of(now_us);

    for (uint32_t n = 0; n < channel->people; n++) {
        struct wb_whereabouts where;
        if (channel->was[n] == WB_NONE) continue;
        if (wb_where(channels->wb, (wb_person){n}, &moment, &where) == WB_OK &&
            where.zone.n != channel->was[n] && !LIST_PUSH(&channel->moved, (wb_person){n})) {
            response_no_memory();
        }
    }
}

/* ---- Counts ---- */

static const struct wb_head_count *count_of(const struct wb_head_counts *counts, wb_zone zone)
{
    for (size_t i = 0; i < counts->count; i++) {
        if (counts->at[i].zone.n == zone.n) return &counts->at[i];
    }
    return NULL;
}

/* Within the channel's limits, whatever zone of them it is about. */
wb_status moves_count(struct channels *channels, const struct channel *channel, int64_t now_us,
                      struct wb_head_counts *out)
{
    struct wb_moment moment = moment_of(now_us);
    struct wb_limit limit = reach_limit(&channel->reach);

    return wb_head_count(channels->wb, &moment, &limit, out);
}

/* Null where the limits leave them out: 0 would be a lie. */
static void put_beside(struct document *document, const char *key, const struct channel *channel,
                       uint32_t zone, uint32_t count)
{
    if (reach_zone(&channel->reach, (wb_zone){zone})) {
        document_number(document, key, count);
    } else {
        document_null(document, key);
    }
}

static bool put_counts(struct channels *channels, struct channel *channel,
                       struct document *document, int64_t now_us)
{
    struct wb_head_counts now = {0};
    bool any = false;

    document_array(document, "zones");
    if (moves_count(channels, channel, now_us, &now) == WB_OK) {
        for (size_t i = 0; i < now.count; i++) {
            const struct wb_head_count *count = &now.at[i];
            const struct wb_head_count *old = count_of(&channel->counts, count->zone);
            if (old != NULL && old->count == count->count && old->direct == count->direct) continue;
            any = true;
            document_row(document);
            document_id(document, "zone", wb_zone_id(channels->wb, count->zone));
            document_number(document, "count", count->count);
            document_number(document, "direct", count->direct);
            document_row_end(document);
        }
    }
    document_array_end(document);
    any = any || now.outside != channel->counts.outside || now.unknown != channel->counts.unknown;
    put_beside(document, "outside", channel, WB_ZONE_OUTSIDE, now.outside);
    put_beside(document, "unknown", channel, WB_ZONE_UNKNOWN, now.unknown);
    wb_list_done(&channel->counts);
    channel->counts = now;
    return any;
}

static void put_could_change(struct channels *channels, struct document *document, int64_t now_us)
{
    struct wb_readers readers = {0};
    int64_t evidence_us = now_us - wb_site_heartbeat_us(channels->wb);

    document_array(document, "could_change");
    if (wb_could_change(channels->wb, evidence_us, WB_EVERYTHING, &readers) == WB_OK) {
        for (size_t i = 0; i < readers.count; i++)
            document_text(document, NULL, wb_reader_id(channels->wb, readers.at[i]));
    }
    document_array_end(document);
    wb_list_done(&readers);
}

void moves_tell(struct channels *channels, struct channel *channel, int64_t now_us)
{
    struct document document;
    struct answer dropped = {0};

    document_begin(&document);
    document_time(&document, "as_of", now_us);
    document_array(&document, "people");
    bool any = put_moves(channels, channel, &document, now_us);
    document_array_end(&document);
    any = put_counts(channels, channel, &document, now_us) || any;
    if (any) {
        put_could_change(channels, &document, now_us);
        channels_put(channels, channel, "moves", &document);
    } else if (document_end(&document, WB_OK, &dropped) == WB_OK) {
        answer_done(&dropped);
    }
}

/* ---- Conclusions about the past ---- */

void moves_tell_changed(struct channels *channels, struct channel *channel)
{
    struct wb_people *changed = &channel->changed;
    struct document document;
    bool any = false;

    if (changed->count > 1) qsort(changed->at, changed->count, sizeof *changed->at, by_number);
    document_begin(&document);
    document_array(&document, "people");
    for (size_t i = 0; i < changed->count; i++) {
        wb_person person = changed->at[i];
        if (i > 0 && person.n == changed->at[i - 1].n) continue;
        if (!reach_person(&channel->reach, person)) continue;
        if (!channel->reach.every_zone && *was_of(channel, person) == WB_NONE) continue;
        /* Counts say that the past changed, and not whose. */
        if (!channel->counts_alone) document_person(&document, NULL, channels->wb, person);
        any = true;
    }
    document_array_end(&document);
    document_time(&document, "from", channel->changed_from_us);
    changed->count = 0;
    channel->changed_from_us = WB_STILL_THERE;
    struct answer dropped = {0};
    if (any) {
        channels_put(channels, channel, "changed", &document);
    } else if (document_end(&document, WB_OK, &dropped) == WB_OK) {
        answer_done(&dropped);
    }
}
