/* GET /v1/stream: a live page, server-sent events. */
#include "api/stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/asking.h"
#include "api/caller.h"
#include "api/metrics.h"
#include "api/resources.h"
#include "base/list.h"
#include "base/time.h"
#include "io/loop.h"

#define BLOCK_BYTES 4096u

/* ---- What the library asks for ---- */

static size_t give(const char *text, size_t bytes, size_t *offset, char *out, size_t most)
{
    size_t piece = bytes - *offset < most ? bytes - *offset : most;

    memcpy(out, text + *offset, piece);
    *offset += piece;
    return piece;
}

/* Whether the stream fell out of the ring; it is told to load anew and goes on with what is new. */
static bool fell_out(struct stream *stream)
{
    const struct channel *channel = stream->channel;

    if (stream->at >= channel->first) return false;
    stream->at = channel->count;
    stream->offset = 0;
    stream->first_bytes =
        (size_t)snprintf(stream->first, sizeof stream->first, "event: reset\ndata: {}\n\n");
    stream->first_sent = 0;
    return true;
}

static ssize_t next_piece(void *context, uint64_t position, char *out, size_t most)
{
    struct stream *stream = context;
    const struct channel *channel = stream->channel;

    (void)position;
    if (stream->first_sent < stream->first_bytes) {
        return (ssize_t)give(stream->first, stream->first_bytes, &stream->first_sent, out, most);
    }
    if (stream->ends) return MHD_CONTENT_READER_END_OF_STREAM;
    /* In the middle of a frame the ring may have moved on; then the stream cannot be mended. */
    if (stream->offset > 0 && stream->at < channel->first) return MHD_CONTENT_READER_END_WITH_ERROR;
    if (fell_out(stream)) {
        return (ssize_t)give(stream->first, stream->first_bytes, &stream->first_sent, out, most);
    }
    if (stream->at == channel->count) {
        stream->sleeps = true;
        MHD_suspend_connection(stream->connection);
        return 0;
    }
    const struct channels_frame *frame = &channel->frame[stream->at % CHANNELS_FRAMES];
    size_t piece = give(frame->text, frame->bytes, &stream->offset, out, most);
    if (stream->offset == frame->bytes) {
        stream->at++;
        stream->offset = 0;
    }
    return (ssize_t)piece;
}

static void wake(struct stream *stream)
{
    if (!stream->sleeps) return;
    stream->sleeps = false;
    MHD_resume_connection(stream->connection);
}

void stream_wake(struct stream *streams)
{
    for (struct stream *stream = streams; stream != NULL; stream = stream->next) {
        if (stream->at != stream->channel->count || stream->ends) wake(stream);
    }
}

/* ---- Its end ---- */

static void leave(struct stream *stream)
{
    struct channel *channel = stream->channel;

    if (stream->previous != NULL) {
        stream->previous->next = stream->next;
    } else {
        channel->streams = stream->next;
    }
    if (stream->next != NULL) stream->next->previous = stream->previous;
    if (channel->streams == NULL) channel->left_us = clock_now_us();
}

static void over(void *context)
{
    struct stream *stream = context;
    struct service *service = stream->service;

    leave(stream);
    service->metrics->streams--;
    for (size_t i = 0; i < stream->watches.count; i++) {
        if (!LIST_PUSH(service->watches_ended, stream->watches.at[i])) response_no_memory();
    }
    LIST_DONE(&stream->watches);
    caller_done(&stream->caller);
    free(stream);
}

wb_status stream_record_ended(struct service *service, int64_t now_us)
{
    wb_status status = WB_OK;

    for (size_t i = 0; status == WB_OK && i < service->watches_ended->count; i++)
        status = wb_lookup_end(service->wb, service->watches_ended->at[i], now_us);
    service->watches_ended->count = 0;
    return status;
}

void stream_check(struct service *service, int64_t now_us)
{
    for (struct channel *channel = service->channels->all; channel != NULL;
         channel = channel->next) {
        for (struct stream *stream = channel->streams; stream != NULL; stream = stream->next) {
            if (callers_still(&service->callers, &stream->caller, now_us)) continue;
            stream->ends = true;
            wake(stream);
        }
    }
}

void stream_end_all(struct service *service)
{
    for (struct channel *channel = service->channels->all; channel != NULL;
         channel = channel->next) {
        for (struct stream *stream = channel->streams; stream != NULL; stream = stream->next) {
            stream->ends = true;
            wake(stream);
        }
    }
}

/* ---- Its beginning ---- */

/* Where a page that was here before goes on. false: it is too long ago, or of another start. */
static bool resume(struct stream *stream, const char *last_id)
{
    const struct channels *channels = stream->channels;
    const struct channel *channel = stream->channel;
    size_t boot = strlen(channels->boot);
    char *end;

    if (strncmp(last_id, channels->boot, boot) != 0 || last_id[boot] != '-') return false;
    uint64_t number = strtoull(last_id + boot + 1, &end, 10);
    if (*end != '\0' || number < channel->began || number > channels->numbers) return false;
    if (channel->first > 0) {
        const struct channels_frame *oldest = &channel->frame[channel->first % CHANNELS_FRAMES];
        if (oldest->number > number + 1 || oldest->number == 0) return false;
    }
    stream->at = channel->count;
    while (stream->at > channel->first &&
           channel->frame[(stream->at - 1) % CHANNELS_FRAMES].number > number)
        stream->at--;
    return true;
}

static void say_hello(struct stream *stream, const char *last_id, int64_t now_us)
{
    char time[TIME_TEXT_MAX];
    bool resumed = last_id != NULL && resume(stream, last_id);

    (void)time_format(now_us, time);
    if (!resumed) stream->at = stream->channel->count;
    stream->first_bytes = (size_t)snprintf(
        stream->first, sizeof stream->first,
        "event: hello\nid: %s-%" PRIu64 "\ndata: {\"as_of\":\"%s\"}\n\n%s", stream->channels->boot,
        resumed ? (uint64_t)strtoull(last_id + strlen(stream->channels->boot) + 1, NULL, 10)
                : stream->channels->numbers,
        time, last_id != NULL && !resumed ? "event: reset\ndata: {}\n\n" : "");
}

static char *groups_text(const struct scope_ids *groups)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);

    if (out == NULL) response_no_memory();
    for (size_t i = 0; i < groups->count; i++)
        (void)fprintf(out, "%s%s", i > 0 ? ";" : "", groups->at[i]);
    if (fclose(out) != 0) response_no_memory();
    return text;
}

static wb_status record_watch(struct exchange *x, wb_zone zone, struct stream_ended *numbers)
{
    char *question = exchange_question(x);
    char *groups = groups_text(&x->caller.scope.list[SCOPE_GROUPS]);
    struct wb_lookup lookup = {.kind = WB_LOOKUP_WATCH,
                               .who = x->caller.name,
                               .purpose = x->caller.purpose,
                               .question = question,
                               .groups = caller_has_groups(x) ? groups : "",
                               .at_us = x->now_us,
                               .as_of_us = x->now_us,
                               .until_us = WB_STILL_THERE,
                               .zone = zone};
    int64_t number = 0;

    wb_status status = wb_lookup_put(x->wb, &lookup, &number);
    if (status == WB_OK && !LIST_PUSH(numbers, number)) response_no_memory();
    free(groups);
    free(question);
    return status;
}

/* A record names one zone: who is limited to some watches each of them. */
static wb_status record_watches(struct exchange *x, wb_zone zone, struct stream_ended *numbers)
{
    const struct scope_ids *zones = &x->caller.scope.list[SCOPE_ZONES];
    wb_status status = WB_OK;

    if (zone.n != WB_ZONE_EVERY || !caller_has_zones(x)) return record_watch(x, zone, numbers);
    for (size_t i = 0; status == WB_OK && i < zones->count; i++) {
        wb_zone one;
        if (wb_zone_find(x->wb, zones->at[i], strlen(zones->at[i]), &one) == WB_OK) {
            status = record_watch(x, one, numbers);
        }
    }
    return status;
}

static struct stream *stream_new(struct exchange *x, struct channel *channel)
{
    struct stream *stream = calloc(1, sizeof *stream);

    if (stream == NULL) response_no_memory();
    stream->channel = channel;
    stream->channels = x->service->channels;
    stream->service = x->service;
    stream->connection = x->request->connection;
    /* The exchange's caller is not needed any more: it is the stream's. */
    stream->caller = x->caller;
    x->caller = (struct access_caller){.role = ACCESS_ANONYMOUS};
    stream->next = channel->streams;
    if (stream->next != NULL) stream->next->previous = stream;
    channel->streams = stream;
    channel->left_us = 0;
    x->service->metrics->streams++;
    x->service->metrics->streams_opened++;
    return stream;
}

static void answer_stream(struct exchange *x, struct stream *stream)
{
    x->status = 200;
    x->response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, next_piece, stream, over);
    if (x->response == NULL) response_no_memory();
    response_header(x->response, "Content-Type", "text/event-stream");
    response_header(x->response, "X-Accel-Buffering", "no");
    response_api_headers(x->response);
}

/* Which people are watched: those of a zone, everybody, or with counts=true nobody. */
static bool take_watched(struct exchange *x, wb_zone *zone, bool *counts)
{
    size_t bytes = 0;

    if (!asking_knows(x, "zone counts") || !asking_switch(x, "counts", counts)) return false;
    const char *id = request_parameter(x->request, "zone", &bytes);
    if (id == NULL) return true;
    if (*counts) {
        exchange_problem(x, 400, "bad-parameter",
                         "counts are of every zone: it does not go with zone");
        return false;
    }
    return asking_zone(x, id, bytes, zone);
}

/* Whoever watches people is recorded, and nothing is shown before that is durable. Counts name
 * nobody: of them there is no record. */
void stream_get(struct exchange *x)
{
    static const struct scope no_limit = {0};
    wb_zone zone = {WB_ZONE_EVERY};
    bool counts = false;
    struct stream_ended watches = {0};

    if (!take_watched(x, &zone, &counts)) return;
    wb_status status;
    const struct scope *scope = caller_sees_all(x) ? &no_limit : &x->caller.scope;
    struct channel *channel =
        channels_join(x->service->channels, scope, zone, counts, x->now_us, &status);
    if (status == WB_OK && !request_stream(x->request)) {
        exchange_problem(x, 503, "too-many-streams", "too many live pages are open");
        return;
    }
    if (status == WB_OK && !counts) status = record_watches(x, zone, &watches);
    if (status != WB_OK || channel == NULL) {
        LIST_DONE(&watches);
        exchange_failed(x, status, NULL);
        return;
    }
    x->service->metrics->lookups += watches.count;
    struct stream *stream = stream_new(x, channel);
    stream->watches = watches;
    say_hello(stream, request_header(x->request, "Last-Event-ID"), x->now_us);
    answer_stream(x, stream);
}
