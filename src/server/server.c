#include "server/server.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "answer/answer.h"
#include "api/caller.h"
#include "api/export.h"
#include "api/health.h"
#include "api/metrics.h"
#include "api/search.h"
#include "api/stream.h"
#include "base/list.h"
#include "base/time_zone.h"
#include "http/listen.h"
#include "http/peers.h"
#include "server/log.h"
#include "server/notify.h"
#include "server/turn.h"

#define QUEUED_BYTES    ((size_t)64 << 20)
#define BODY_KEPT_BYTES ((size_t)32 << 20)
#define GOODBYE_STEP_MS 10u
#define GOODBYE_STEPS   200u /* two seconds for answers that are on their way */

struct server {
    struct loop loop;
    struct http http;
    struct service service;
    struct metrics metrics;
    struct turn turn;
    struct every_round round;
    struct timer goodbye;
    struct timer frames; /* of the live pages */
    struct timer watchdog;
    struct channels channels;
    struct stream_ended watches_ended;
    struct reading reading;
    struct exports exports;
    uint64_t frames_told;
    unsigned goodbye_steps;
    bool is_stopping, disk_failed;
};

/* ---- Requests ---- */

static size_t head_is_in(void *context, struct request *request)
{
    struct server *server = context;
    struct exchange *x = request_own(request);

    x->request = request;
    x->service = &server->service;
    x->wb = server->service.wb;
    x->now_us = clock_now_us();
    x->as_of_us = x->until_us = WB_NO_TIME;
    bool may = dispatch_find(x) && caller_admit(x);
    request_know(request, x->caller.role != ACCESS_ANONYMOUS);
    if (may) return dispatch_body_limit(x);
    exchange_finish(x);
    server->metrics.answers[x->status / 100 % 6]++;
    request_answer(request, x->status, x->response, false);
    x->response = NULL;
    return 0;
}

static void is_whole(void *context, struct request *request)
{
    struct server *server = context;
    turn_take(&server->turn, request_own(request));
}

static void is_over(void *context, struct request *request)
{
    struct exchange *x = request_own(request);

    (void)context;
    exchange_done(x);
}

/* ---- Stopping ---- */

static void say_goodbye(void *context)
{
    struct server *server = context;

    http_drive(&server->http);
    if (peers_any_waits(server->http.peers) && ++server->goodbye_steps < GOODBYE_STEPS) return;
    loop_stop(&server->loop);
}

/* Everything that was committed is answered, and the rest refused; or the disk failed, and then
 * nobody is answered. */
static void turn_stopped(void *context, wb_status status)
{
    struct server *server = context;

    if (status != WB_OK) {
        server->disk_failed = true;
        loop_stop(&server->loop);
        return;
    }
    timer_set(&server->goodbye, 0, GOODBYE_STEP_MS);
}

static void stop(void *context)
{
    struct server *server = context;

    if (server->is_stopping) return;
    server->is_stopping = true;
    notify_send("STOPPING=1");
    log_event(LOG_INFO, "stopping", NULL, 0);
    http_stop_listening(&server->http);
    stream_end_all(&server->service);
    turn_stop(&server->turn);
}

/* ---- Starting ---- */

/* As many descriptors as the connections need, if the system allows it. */
static unsigned allowed_connections(unsigned wanted)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
        (void)getrlimit(RLIMIT_NOFILE, &limit);
    }
    rlim_t own = 64 + HTTP_ACCEPT_MOST;
    rlim_t room = limit.rlim_cur > 2 * own ? limit.rlim_cur - own : own;
    return wanted < room ? wanted : (unsigned)room;
}

static struct MHD_Response *make_one_accepted(void)
{
    struct wb_summary summary = {.accepted = 1};
    struct answer document = {0};

    if (answer_summary(&summary, 0, &document) != WB_OK) response_no_memory();
    return response_text(RESPONSE_JSON, document.text, document.bytes, true);
}

/* Ten times a second: what happened since, in one frame. Each second: who may still watch. */
static void tell_pages(void *context)
{
    struct server *server = context;
    int64_t now_us = clock_now_us();

    if (server->channels.all == NULL) return;
    channels_tell(&server->channels, now_us);
    if (++server->frames_told % 10 == 0) stream_check(&server->service, now_us);
    http_drive(&server->http);
}

/* The loop goes round. Whoever watches starts the server anew where it does not. */
static void tell_watchdog(void *context)
{
    (void)context;
    notify_send("WATCHDOG=1");
}

static void round_ends(void *context)
{
    struct server *server = context;
    turn_begin(&server->turn);
}

static bool open_all(struct server *server, const struct server_options *options, char *why,
                     size_t why_bytes)
{
    struct http_options http = {
        .address = options->listen,
        .tls_cert = options->tls_cert,
        .tls_key = options->tls_key,
        .limits = {allowed_connections(options->connections), options->per_address, options->idle_s,
                   options->request_s, QUEUED_BYTES, BODY_KEPT_BYTES},
        .own_bytes = sizeof(struct exchange),
        .context = server,
        .head = head_is_in,
        .whole = is_whole,
        .over = is_over,
    };

    if (!http_open(&server->http, &server->loop, &http, why, why_bytes)) return false;
    if (reading_open(&server->reading, &server->loop, options->data) &&
        turn_open(&server->turn, &server->service, &server->loop, turn_stopped, server) &&
        timer_open(&server->frames, &server->loop, tell_pages, server) &&
        timer_open(&server->watchdog, &server->loop, tell_watchdog, server) &&
        timer_open(&server->goodbye, &server->loop, say_goodbye, server) &&
        every_round_open(&server->round, &server->loop, round_ends, server) &&
        loop_on_stop(&server->loop, stop, server)) {
        timer_set(&server->frames, CHANNELS_FRAME_MS, CHANNELS_FRAME_MS);
        uint64_t watchdog_ms = notify_watchdog_ms();
        if (watchdog_ms > 0) timer_set(&server->watchdog, watchdog_ms, watchdog_ms);
        return true;
    }
    (void)snprintf(why, why_bytes, "the system gives no thread or no timer");
    return false;
}

/* Nothing is open by default: on a site without operators only a code makes the first, and it
 * works once. It is made anew at each start. */
static wb_status invite(struct server *server, struct secret *code)
{
    struct service *service = &server->service;
    uint8_t random[SECRET_BYTES];

    randombytes_buf(random, sizeof random);
    wb_status status = wb_begin(service->wb, clock_now_us());
    if (status == WB_OK) status = wb_lookup_end(service->wb, 0, clock_now_us());
    if (status == WB_OK && callers_count(&service->callers, ACCESS_ADMIN) == 0) {
        status = issue_invitation(service->wb, random, clock_now_us(), code);
    }
    if (status == WB_OK) status = wb_turn(service->wb, NULL);
    sodium_memzero(random, sizeof random);
    if (status == WB_OK) status = callers_load(&service->callers, service->wb);
    return status;
}

static bool open_callers(struct server *server, struct secret *code, char *why, size_t why_bytes)
{
    struct service *service = &server->service;
    uint8_t key[16];

    randombytes_buf(key, sizeof key);
    callers_init(&service->callers, key);
    randombytes_buf(key, sizeof key);
    limiter_init(&service->limiter, key);
    wb_status status = callers_load(&service->callers, service->wb);
    if (status == WB_OK) status = invite(server, code);
    if (status == WB_OK) return true;
    (void)snprintf(why, why_bytes, "the operators and tokens cannot be read: %s",
                   wb_last_error(service->wb));
    return false;
}

static void say_listening(const struct server *server, const struct server_options *options,
                          const struct secret *code)
{
    const char *scheme = options->tls_cert != NULL ? "https" : "http";
    int host = (int)(strrchr(options->listen, ':') - options->listen);

    (void)printf("listening on %s://%.*s:%u\n", scheme, host, options->listen,
                 (unsigned)server->http.port);
    if (code->text[0] != '\0') {
        (void)printf("there is no operator yet; this link makes the first one, once, within an "
                     "hour:\n%s://%.*s:%u/first#%s\n",
                     scheme, host, options->listen, (unsigned)server->http.port, code->text);
    }
    (void)fflush(stdout);
    log_event(LOG_INFO, "listening", "port", server->http.port);
    notify_send("READY=1");
}

/* Pages that were open till now looked till now. Where this fails, the next start ends them. */
static void end_watches(struct server *server)
{
    int64_t now_us = clock_now_us();

    wb_status status = wb_begin(server->service.wb, now_us);
    if (status == WB_OK) status = wb_lookup_end(server->service.wb, 0, now_us);
    if (status == WB_OK) status = wb_turn(server->service.wb, NULL);
    if (status != WB_OK) log_event(LOG_ERROR, "open pages were not recorded", "status", status);
}

enum server_result server_run(struct wb *wb, struct time_zone *clock,
                              const struct server_options *options, char *why, size_t why_bytes)
{
    struct server *server = calloc(1, sizeof *server);
    enum server_result result = SERVER_CANNOT;

    if (server == NULL) response_no_memory();
    if (!loop_open(&server->loop)) {
        free(server);
        (void)snprintf(why, why_bytes, "the system gives no event loop");
        return SERVER_CANNOT;
    }
    server->metrics.started_us = clock_now_us();
    server->channels.wb = wb;
    (void)snprintf(server->channels.boot, sizeof server->channels.boot, "%08" PRIx32,
                   randombytes_random());
    server->service = (struct service){.wb = wb,
                                       .clock = clock,
                                       .one_accepted = make_one_accepted(),
                                       .channels = &server->channels,
                                       .watches_ended = &server->watches_ended,
                                       .reading = &server->reading,
                                       .exports = &server->exports,
                                       .http = &server->http,
                                       .metrics = &server->metrics};
    struct secret code = {0};
    if (open_callers(server, &code, why, why_bytes) && open_all(server, options, why, why_bytes)) {
        say_listening(server, options, &code);
        sodium_memzero(&code, sizeof code);
        loop_run(&server->loop);
        result = server->disk_failed ? SERVER_DISK_FAILED : SERVER_STOPPED;
        log_event(LOG_INFO, "stopped", "requests", (int64_t)server->http.numbers.requests);
    }
    /* After a failed disk nobody may be answered and nothing tidied: the caller ends. */
    if (result != SERVER_DISK_FAILED) {
        turn_close(&server->turn);
        every_round_close(&server->round);
        timer_close(&server->goodbye);
        timer_close(&server->frames);
        timer_close(&server->watchdog);
        http_close(&server->http);
        reading_close(&server->reading);
        if (result == SERVER_STOPPED) end_watches(server);
        channels_done(&server->channels);
        LIST_DONE(&server->watches_ended);
        loop_close(&server->loop);
        MHD_destroy_response(server->service.one_accepted);
        free(server->service.openapi);
        scans_done(&server->service.scans);
        callers_done(&server->service.callers);
        search_forget(&server->service.people);
        time_zone_free(server->service.own_clock);
        service_forget_clocks(&server->service);
        LIST_DONE(&server->service.old_clocks);
        LIST_DONE(&server->service.health);
        free(server);
    }
    return result;
}
