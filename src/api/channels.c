#include "api/channels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer/document.h"
#include "base/list.h"
#include "http/response.h"

#define SWEEP_US   INT64_C(10000000)
#define COMMENT_US INT64_C(10000000)
#define READERS_US INT64_C(5000000)

/* ---- Frames ---- */

/* Takes the text over. number 0: a frame that is not counted, and not come back to. */
static void put_frame(struct channel *channel, char *text, size_t bytes, uint64_t number)
{
    struct channels_frame *frame = &channel->frame[channel->count % CHANNELS_FRAMES];

    if (channel->count - channel->first == CHANNELS_FRAMES) channel->first++;
    free(frame->text);
    *frame = (struct channels_frame){text, bytes, number};
    channel->count++;
}

static void put_event(struct channels *channels, struct channel *channel, const char *event,
                      const char *data)
{
    char *text = NULL;
    uint64_t number = ++channels->numbers;

    int bytes = asprintf(&text, "event: %s\nid: %s-%llu\ndata: %s\n\n", event, channels->boot,
                         (unsigned long long)number, data);
    if (bytes < 0) response_no_memory();
    put_frame(channel, text, (size_t)bytes, number);
}

static void put_document(struct channels *channels, struct channel *channel, const char *event,
                         struct document *document)
{
    struct answer answer = {0};

    if (document_end(document, WB_OK, &answer) != WB_OK) response_no_memory();
    put_event(channels, channel, event, answer.text);
    answer_done(&answer);
}

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

/* Remember who is shown where, so that who leaves can be told. */
static wb_status look_around(struct channels *channels, struct channel *channel, int64_t now_us)
{
    struct wb_moment moment = moment_of(now_us);
    struct wb_whereabouts_list list = {0};

    wb_status status = wb_everybody(channels->wb, &moment, &list);
    for (size_t i = 0; i < channel->people; i++)
        channel->was[i] = WB_NONE;
    for (size_t i = 0; status == WB_OK && i < list.count; i++) {
        const struct wb_whereabouts *where = &list.at[i];
        if (shows(channels->wb, channel, where->person, where->zone)) {
            *was_of(channel, where->person) = where->zone.n;
        }
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
    document_id(document, "zone", is_shown ? wb_zone_id(wb, where->zone) : "outside");
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
    bool unlimited = channel->zone.n == WB_ZONE_EVERY && channel->reach.every_zone;
    put_person(channels->wb, document, &where, is_shown || unlimited);
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
static void compare_all(struct channels *channels, struct channel *channel, int64_t now_us)
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

/* Whose counts are counted where: of a scope with groups, of those people only. */
static wb_status count_now(struct channels *channels, const struct channel *channel, int64_t now_us,
                           struct wb_head_counts *out)
{
    struct wb_moment moment = moment_of(now_us);
    struct wb_people people = {0};
    size_t kept = 0;

    if (channel->reach.every_person) return wb_head_count(channels->wb, &moment, NULL, out);
    wb_status status = wb_people_all(channels->wb, &people);
    for (size_t i = 0; i < people.count; i++) {
        if (reach_person(&channel->reach, people.at[i])) people.at[kept++] = people.at[i];
    }
    people.count = kept;
    if (status == WB_OK) status = wb_head_count(channels->wb, &moment, &people, out);
    wb_list_done(&people);
    return status;
}

static bool put_counts(struct channels *channels, struct channel *channel,
                       struct document *document, int64_t now_us)
{
    struct wb_head_counts now = {0};
    bool any = false;

    document_array(document, "zones");
    if (count_now(channels, channel, now_us, &now) == WB_OK) {
        for (size_t i = 0; i < now.count; i++) {
            const struct wb_head_count *count = &now.at[i];
            const struct wb_head_count *old = count_of(&channel->counts, count->zone);
            if (old != NULL && old->count == count->count && old->direct == count->direct) continue;
            if (!reach_zone(&channel->reach, count->zone)) continue;
            any = true;
            document_row(document);
            document_id(document, "zone", wb_zone_id(channels->wb, count->zone));
            document_number(document, "count", count->count);
            document_number(document, "direct", count->direct);
            document_row_end(document);
        }
    }
    document_array_end(document);
    bool all = channel->reach.every_zone;
    any = any || now.outside != channel->counts.outside || now.unknown != channel->counts.unknown;
    document_number(document, "outside", all ? now.outside : 0);
    document_number(document, "unknown", all ? now.unknown : 0);
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

static void tell_moves(struct channels *channels, struct channel *channel, int64_t now_us)
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
        put_document(channels, channel, "moves", &document);
    } else if (document_end(&document, WB_OK, &dropped) == WB_OK) {
        answer_done(&dropped);
    }
}

/* ---- Conclusions about the past ---- */

static void tell_changed(struct channels *channels, struct channel *channel)
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
        document_person(&document, NULL, channels->wb, person);
        any = true;
    }
    document_array_end(&document);
    document_time(&document, "from", channel->changed_from_us);
    changed->count = 0;
    channel->changed_from_us = WB_STILL_THERE;
    struct answer dropped = {0};
    if (any) {
        put_document(channels, channel, "changed", &document);
    } else if (document_end(&document, WB_OK, &dropped) == WB_OK) {
        answer_done(&dropped);
    }
}

/* ---- Readers ---- */

static uint64_t hash_text(const char *text)
{
    uint64_t hash = 14695981039346656037u;
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return hash;
}

/* Readers are no people: everybody who sees a board may see how they are. */
static void tell_readers(struct channels *channels)
{
    struct wb_readers readers = {0};
    struct document document;
    struct answer answer = {0};

    wb_status status = wb_readers_all(channels->wb, &readers);
    document_begin(&document);
    document_array(&document, "readers");
    for (size_t i = 0; status == WB_OK && i < readers.count; i++) {
        struct wb_reader_row row;
        status = wb_reader_row(channels->wb, readers.at[i], &row);
        if (status != WB_OK) break;
        document_row(&document);
        document_id(&document, "id", row.id);
        document_time(&document, "last_heard", row.last_heard_us);
        document_time(&document, "complete_until", row.complete_us);
        document_row_end(&document);
    }
    document_array_end(&document);
    wb_list_done(&readers);
    if (document_end(&document, status, &answer) != WB_OK) return;
    uint64_t hash = hash_text(answer.text);
    for (struct channel *channel = channels->all; channel != NULL && hash != channels->readers_hash;
         channel = channel->next)
        put_event(channels, channel, "readers", answer.text);
    channels->readers_hash = hash;
    answer_done(&answer);
}

/* ---- Channels ---- */

static void channel_free(struct channel *channel)
{
    for (size_t i = 0; i < CHANNELS_FRAMES; i++)
        free(channel->frame[i].text);
    free(channel->key);
    free(channel->was);
    scope_done(&channel->scope);
    reach_close(&channel->reach);
    wb_list_done(&channel->counts);
    LIST_DONE(&channel->moved);
    LIST_DONE(&channel->changed);
    free(channel);
}

static wb_status channel_fill(struct channels *channels, struct channel *channel,
                              const char *scope_as_text, int64_t now_us)
{
    wb_status status = scope_read(scope_as_text, strlen(scope_as_text), &channel->scope, NULL);
    if (status == WB_OK) status = reach_open(channels->wb, &channel->scope, &channel->reach);
    if (status == WB_OK) status = look_around(channels, channel, now_us);
    if (status == WB_OK) status = count_now(channels, channel, now_us, &channel->counts);
    return status;
}

struct channel *channels_join(struct channels *channels, const struct scope *scope, wb_zone zone,
                              int64_t now_us, wb_status *status)
{
    char *key = NULL;
    char *text = scope_text(scope);

    if (text == NULL || asprintf(&key, "%u %s", zone.n, text) < 0) response_no_memory();
    struct channel *channel = channels->all;
    while (channel != NULL && strcmp(channel->key, key) != 0)
        channel = channel->next;
    *status = WB_OK;
    if (channel != NULL) {
        free(key);
    } else {
        channel = calloc(1, sizeof *channel);
        if (channel == NULL) response_no_memory();
        channel->key = key;
        channel->zone = zone;
        channel->began = channels->numbers;
        channel->changed_from_us = WB_STILL_THERE;
        *status = channel_fill(channels, channel, text, now_us);
        if (*status == WB_OK) {
            channel->next = channels->all;
            channels->all = channel;
        } else {
            channel_free(channel);
            channel = NULL;
        }
    }
    free(text);
    return channel;
}

static void add_people(struct wb_people *list, const wb_person *people, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!LIST_PUSH(list, people[i])) response_no_memory();
    }
}

void channels_hear(struct channels *channels, const struct wb_news *news)
{
    for (struct channel *channel = channels->all; channel != NULL; channel = channel->next) {
        add_people(&channel->moved, news->moved, news->moved_count);
        add_people(&channel->moved, news->changed, news->changed_count);
        add_people(&channel->changed, news->changed, news->changed_count);
        if (news->changed_from_us < channel->changed_from_us) {
            channel->changed_from_us = news->changed_from_us;
        }
    }
}

void channels_reset(struct channels *channels)
{
    for (struct channel *channel = channels->all; channel != NULL; channel = channel->next) {
        reach_close(&channel->reach);
        if (reach_open(channels->wb, &channel->scope, &channel->reach) != WB_OK) {
            channel->reach = (struct reach){0};
        }
        channel->looks_at_all = true;
        put_event(channels, channel, "reset", "{}");
        stream_wake(channel->streams);
    }
}

static void drop_left(struct channels *channels, int64_t now_us)
{
    for (struct channel **link = &channels->all; *link != NULL;) {
        struct channel *channel = *link;
        if (channel->streams == NULL && now_us - channel->left_us > CHANNELS_KEPT_US) {
            *link = channel->next;
            channel_free(channel);
        } else {
            link = &channel->next;
        }
    }
}

static void comment(struct channel *channel)
{
    char *text = strdup(": still here\n\n");
    if (text == NULL) response_no_memory();
    put_frame(channel, text, strlen(text), 0);
}

void channels_tell(struct channels *channels, int64_t now_us)
{
    bool sweeps = now_us - channels->last_sweep_us >= SWEEP_US;
    bool comments = now_us - channels->last_comment_us >= COMMENT_US;

    if (channels->all == NULL) return;
    drop_left(channels, now_us);
    if (now_us - channels->last_readers_us >= READERS_US) {
        channels->last_readers_us = now_us;
        tell_readers(channels);
    }
    if (sweeps) channels->last_sweep_us = now_us;
    if (comments) channels->last_comment_us = now_us;
    for (struct channel *channel = channels->all; channel != NULL; channel = channel->next) {
        if (sweeps || channel->looks_at_all) compare_all(channels, channel, now_us);
        if (channel->changed.count > 0) tell_changed(channels, channel);
        if (channel->moved.count > 0 || channel->looks_at_all)
            tell_moves(channels, channel, now_us);
        channel->looks_at_all = false;
        if (comments) comment(channel);
        stream_wake(channel->streams); /* who has nothing new stays asleep */
    }
}

void channels_done(struct channels *channels)
{
    while (channels->all != NULL) {
        struct channel *channel = channels->all;
        channels->all = channel->next;
        channel_free(channel);
    }
}
