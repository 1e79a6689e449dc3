#include "api/channels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/moves.h"
#include "base/list.h"
#include "http/response.h"

#define SWEEP_US   INT64_C(10000000)
#define COMMENT_US INT64_C(10000000)
#define READERS_US INT64_C(5000000)

/* ---- Frames ---- */

/* Takes the text over. number 0: a frame that is not counted, and not come back to. */
/* NOLINTNEXTLINE(readability-non-const-parameter): it is kept */
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

void channels_put(struct channels *channels, struct channel *channel, const char *event,
                  struct document *document)
{
    struct answer answer = {0};

    if (document_end(document, WB_OK, &answer) != WB_OK) response_no_memory();
    put_event(channels, channel, event, answer.text);
    answer_done(&answer);
}

/* ---- Readers ---- */

static uint64_t hash_text(const char *text)
{
    uint64_t hash = 14695981039346656037u;
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return hash;
}

/* How the readers are that lead into or out of what a channel reaches. When somebody was scanned
 * elsewhere says something about elsewhere. */
static wb_status write_readers(struct channels *channels, const struct reach *reach,
                               struct answer *out)
{
    struct wb_readers readers = {0};
    struct document document;

    wb_status status = wb_readers_all(channels->wb, &readers);
    document_begin(&document);
    document_array(&document, "readers");
    for (size_t i = 0; status == WB_OK && i < readers.count; i++) {
        struct wb_reader_row row;
        status = wb_reader_row(channels->wb, readers.at[i], &row);
        if (status != WB_OK) break;
        if (!reach_leads(reach, &row)) continue;
        document_row(&document);
        document_id(&document, "id", row.id);
        document_time(&document, "last_heard", row.last_heard_us);
        document_time(&document, "complete_until", row.complete_us);
        document_row_end(&document);
    }
    document_array_end(&document);
    wb_list_done(&readers);
    return document_end(&document, status, out);
}

static void tell_channel_readers(struct channels *channels, struct channel *channel,
                                 const struct answer *answer)
{
    uint64_t hash = hash_text(answer->text);

    if (hash != channel->readers_hash) put_event(channels, channel, "readers", answer->text);
    channel->readers_hash = hash;
}

/* Most channels reach every zone: what they are told is written once. */
static void tell_readers(struct channels *channels)
{
    struct answer all = {0};
    struct answer part = {0};

    for (struct channel *channel = channels->all; channel != NULL; channel = channel->next) {
        struct answer *answer = channel->reach.every_zone ? &all : &part;
        if (answer->text == NULL && write_readers(channels, &channel->reach, answer) != WB_OK) {
            break;
        }
        tell_channel_readers(channels, channel, answer);
        answer_done(&part);
    }
    answer_done(&all);
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
    if (status == WB_OK) status = moves_look_around(channels, channel, now_us);
    if (status == WB_OK) status = moves_count(channels, channel, now_us, &channel->counts);
    return status;
}

struct channel *channels_join(struct channels *channels, const struct scope *scope, wb_zone zone,
                              bool counts, int64_t now_us, wb_status *status)
{
    char *key = NULL;
    char *text = scope_text(scope);

    if (text == NULL || asprintf(&key, "%u%s %s", zone.n, counts ? " counts" : "", text) < 0)
        response_no_memory();
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
        channel->counts_alone = counts;
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

/* Who is not of the channel's groups changes nothing for it. */
static void hear_changes(struct channel *channel, const struct wb_news *news)
{
    size_t before = channel->changed.count;

    for (size_t i = 0; i < news->changed_count; i++) {
        if (reach_person(&channel->reach, news->changed[i])) {
            add_people(&channel->changed, &news->changed[i], 1);
        }
    }
    if (channel->changed.count > before && news->changed_from_us < channel->changed_from_us) {
        channel->changed_from_us = news->changed_from_us;
    }
}

void channels_hear(struct channels *channels, const struct wb_news *news)
{
    for (struct channel *channel = channels->all; channel != NULL; channel = channel->next) {
        add_people(&channel->moved, news->moved, news->moved_count);
        add_people(&channel->moved, news->changed, news->changed_count);
        hear_changes(channel, news);
    }
}

static void open_reach_again(struct channels *channels, struct channel *channel)
{
    reach_close(&channel->reach);
    if (reach_open(channels->wb, &channel->scope, &channel->reach) != WB_OK) {
        channel->reach = (struct reach){0};
    }
}

void channels_register(struct channels *channels)
{
    for (struct channel *channel = channels->all; channel != NULL; channel = channel->next) {
        if (channel->reach.every_person) continue;
        /* Who was in and who is: each is looked at as one who may have moved. */
        add_people(&channel->moved, channel->reach.people.at, channel->reach.people.count);
        open_reach_again(channels, channel);
        add_people(&channel->moved, channel->reach.people.at, channel->reach.people.count);
    }
}

void channels_reset(struct channels *channels)
{
    for (struct channel *channel = channels->all; channel != NULL; channel = channel->next) {
        open_reach_again(channels, channel);
        channel->looks_at_all = true;
        put_event(channels, channel, "reset", "{}");
        stream_wake(channel->streams);
    }
}

void channels_forget(struct channels *channels)
{
    for (struct channel *channel = channels->all; channel != NULL; channel = channel->next) {
        for (size_t i = 0; i < CHANNELS_FRAMES; i++) {
            free(channel->frame[i].text);
            channel->frame[i] = (struct channels_frame){0};
        }
        channel->first = channel->count;
        channel->moved.count = channel->changed.count = 0;
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
        if (sweeps || channel->looks_at_all) moves_compare_all(channels, channel, now_us);
        if (channel->changed.count > 0) moves_tell_changed(channels, channel);
        if (channel->moved.count > 0 || channel->looks_at_all)
            moves_tell(channels, channel, now_us);
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
