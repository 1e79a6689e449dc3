/* The library's side of http: its callbacks, and how it is driven. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/guard.h"
#include "http/listen.h"
#include "http/peers.h"
#include "http/request.h"
#include "http/response.h"

#define CONNECTION_MEMORY (HTTP_HEADER_BYTES_MAX + 8192u) /* a head, and what the answer needs */
/* A head is looked through from its beginning with each piece that is read. */
#define PIECE_BYTES 8192u
#define SWEEP_MS    1000u
/* AES-128 first: nine clients in ten have it in hardware, and with SHA-256 behind it to shake hands
 * takes two thirds of the time that it takes with SHA-384. */
#define TLS_PRIORITIES                                                                        \
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-GCM:+CHACHA20-POLY1305:" \
    "+AES-256-GCM:%SERVER_PRECEDENCE"
#define DRIVE_ROUNDS     8
#define DRIVE_US         2000u /* after that the loop goes round first */
#define SMALL_BODY_BYTES ((size_t)64 << 10)

/* ---- The head ---- */

/* The request line is there. What is returned is handed to the other callbacks. */
static void *line_is_in(void *context, const char *target, struct MHD_Connection *connection)
{
    struct http *http = context;
    struct request *request = request_new(http, target);

    if (request == NULL) response_no_memory();
    request->connection = connection;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (info != NULL && info->socket_context != NULL) {
        request->peer = info->socket_context;
        peers_begin(http->peers, request->peer, request, clock_ticks_ms(http->loop));
    }
    http->numbers.requests++;
    return request;
}

/* Paths and queries are decoded by us, after they are parted. */
static size_t leave_encoded(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

static void answer_and_close(struct request *request, unsigned status, const char *word,
                             const char *detail)
{
    struct MHD_Response *response = response_problem(status, word, detail);

    response_header(response, "Connection", "close");
    request_answer(request, status, response, false);
}

/* Whether so much more of a body would be too much. Who is nobody, and whoever sends much, cannot
 * take all the room there is: that of single scans is never theirs. */
static bool is_too_busy(const struct request *request, uint64_t bytes)
{
    const struct http_numbers *numbers = &request->http->numbers;
    size_t most = request->http->options.limits.queued_bytes;

    if (!request->is_known && numbers->nobodys_bytes + bytes > most / 16) return true;
    if (request->body_bytes + bytes > SMALL_BODY_BYTES) most -= most / 4;
    return numbers->queued_bytes + bytes > most;
}

static void answer_too_busy(struct request *request)
{
    struct MHD_Response *response =
        response_problem(503, "busy", "too much is waiting for the disk; send it again later");

    response_header(response, "Retry-After", "1");
    request->http->numbers.too_busy++;
    request_answer(request, 503, response, false);
}

static void answer_too_large(struct request *request)
{
    char detail[100];

    (void)snprintf(detail, sizeof detail, "the body is larger than the %zu bytes that are taken",
                   request->body_limit);
    answer_and_close(request, 413, "too-large", detail);
}

static uint64_t content_length(struct request *request)
{
    const char *text = request_header(request, "Content-Length");
    return text == NULL ? 0 : strtoull(text, NULL, 10); /* the guard saw that it is a number */
}

static bool has_body(struct request *request)
{
    return content_length(request) > 0 || request_header(request, "Transfer-Encoding") != NULL;
}

static void look_at_head(struct request *request)
{
    unsigned status = 400;
    const char *fault = guard_check(request, &status);

    if (fault == NULL && !request_read_query(request)) {
        fault = "the query is malformed or has too many parameters";
    }
    if (fault != NULL) {
        request->http->numbers.bad_heads++;
        request->is_bad = true;
        answer_and_close(request, status, status == 431 ? "headers-too-large" : "bad-request",
                         fault);
        return;
    }
    request->body_limit = request->http->options.head(request->http->options.context, request);
    if (request->answer != NULL) return;

    uint64_t length = content_length(request);
    if (length > request->body_limit) {
        answer_too_large(request);
    } else if (is_too_busy(request, length)) {
        answer_too_busy(request);
    }
}

/* ---- The body ---- */

/* false: it goes on too long; the connection is to be cut. */
static bool take_piece(struct request *request, const char *piece, size_t bytes)
{
    if (!request->is_dropping) {
        if (request->body_bytes + bytes > request->body_limit) {
            answer_too_large(request);
        } else if (is_too_busy(request, bytes)) {
            answer_too_busy(request);
        } else {
            if (!request_take(request, piece, bytes)) response_no_memory();
            return true;
        }
        request->is_dropping = true;
        request_forget(request);
    }
    /* Who sends has to be let finish, or would not read the answer; but not for ever. */
    size_t kept = request->http->options.limits.body_kept_bytes;
    request->body_limit += bytes;
    return request->body_limit <= kept;
}

static enum MHD_Result send_answer(struct request *request)
{
    request->phase = REQUEST_ANSWER;
    if (request->peer != NULL) request->peer->since_ms = clock_ticks_ms(request->http->loop);
    return MHD_queue_response(request->connection, request->status, request->answer);
}

/* The library's own number of parameters. NOLINTNEXTLINE(readability-function-size) */
static enum MHD_Result take(void *context, struct MHD_Connection *connection, const char *url,
                            const char *method, const char *version, const char *piece,
                            size_t *piece_bytes, void **own)
{
    struct http *http = context;
    struct request *request = *own;

    (void)url;
    (void)version;
    if (request->phase == REQUEST_HELD) return send_answer(request);
    if (request->phase == REQUEST_HEAD) {
        request->connection = connection;
        request->method = method;
        request->phase = REQUEST_BODY;
        look_at_head(request);
        /* A body that nobody wants is not read: the library closes the connection. Without one,
         * the answer waits for the next call, and the connection stays. */
        bool at_once = request->answer != NULL && (request->is_bad || has_body(request));
        return at_once ? send_answer(request) : MHD_YES;
    }
    if (*piece_bytes > 0) {
        bool goes_on = take_piece(request, piece, *piece_bytes);
        *piece_bytes = 0;
        return goes_on ? MHD_YES : MHD_NO;
    }
    if (request->answer == NULL) http->options.whole(http->options.context, request);
    if (request->answer != NULL) return send_answer(request);
    request->phase = REQUEST_HELD;
    MHD_suspend_connection(connection);
    return MHD_YES;
}

static void is_over(void *context, struct MHD_Connection *connection, void **own,
                    enum MHD_RequestTerminationCode code)
{
    struct http *http = context;
    struct request *request = *own;

    (void)connection;
    (void)code;
    if (request == NULL) return;
    *own = NULL;
    if (request->peer != NULL) {
        peers_end(http->peers, request->peer, clock_ticks_ms(http->loop));
    }
    if (request->phase != REQUEST_HEAD) http->options.over(http->options.context, request);
    request_free(request);
}

/* ---- Connections ---- */

static void opened_or_closed(void *context, struct MHD_Connection *connection, void **own,
                             enum MHD_ConnectionNotificationCode code)
{
    struct http *http = context;

    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (*own != NULL) peers_remove(http->peers, *own);
        *own = NULL;
        return;
    }
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    int number = fd->connect_fd;
    const union MHD_ConnectionInfo *from =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    *own = peers_add(http->peers, from != NULL ? from->client_addr : NULL, number,
                     clock_ticks_ms(http->loop));
    if (*own == NULL) response_no_memory();
    http->numbers.connections++;
}

/* ---- Driving ---- */

void http_drive(struct http *http)
{
    MHD_UNSIGNED_LONG_LONG wait_ms = 0;

    if (http->is_driving || http->daemon == NULL) return;
    http->is_driving = true;
    bool waits = true;
    uint64_t began_us = clock_ticks_us();
    for (int i = 0; i < DRIVE_ROUNDS; i++) {
        (void)MHD_run(http->daemon);
        waits = MHD_get_timeout(http->daemon, &wait_ms) == MHD_YES;
        if (!waits || wait_ms > 0 || clock_ticks_us() - began_us > DRIVE_US) break;
    }
    if (waits) {
        timer_set(&http->timer, wait_ms, 0);
    } else {
        timer_clear(&http->timer);
    }
    http->numbers.open = http->peers->peers;
    http->is_driving = false;
}

static void drive(void *context)
{
    http_drive(context);
}

static void accept_and_drive(void *context)
{
    listen_accept(context);
    http_drive(context);
}

static void sweep(void *context)
{
    peers_sweep(context);
}

/* ---- Opening and closing ---- */

/* What the library has to say is of no use to who runs the site: a client went away. */
static void say_nothing(void *context, const char *format, va_list arguments)
{
    (void)context;
    (void)format;
    (void)arguments;
}

static struct MHD_Daemon *start(struct http *http)
{
    const struct http_options *options = &http->options;
    unsigned flags =
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT,   0, (void *)options->tls_cert},
        {MHD_OPTION_HTTPS_MEM_KEY,    0, (void *)options->tls_key },
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)TLS_PRIORITIES   },
        {MHD_OPTION_END,              0, NULL                     },
    };
    struct MHD_OptionItem none[] = {
        {MHD_OPTION_END, 0, NULL},
    };

    if (options->tls_cert != NULL) flags |= MHD_USE_TLS;
    return MHD_start_daemon(
        flags, 0, NULL, NULL, take, http, MHD_OPTION_EXTERNAL_LOGGER, say_nothing, NULL,
        MHD_OPTION_URI_LOG_CALLBACK, line_is_in, http, MHD_OPTION_UNESCAPE_CALLBACK, leave_encoded,
        NULL, MHD_OPTION_NOTIFY_COMPLETED, is_over, http, MHD_OPTION_NOTIFY_CONNECTION,
        opened_or_closed, http, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)PIECE_BYTES, MHD_OPTION_CONNECTION_LIMIT,
        options->limits.connections + HTTP_ACCEPT_MOST + 8, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_CONNECTION_TIMEOUT,
        options->limits.idle_s + options->limits.request_s, MHD_OPTION_ARRAY,
        options->tls_cert != NULL ? tls : none, MHD_OPTION_END);
}

bool http_open(struct http *http, struct loop *loop, const struct http_options *options, char *why,
               size_t why_bytes)
{
    *http = (struct http){.options = *options, .loop = loop, .listen_fd = -1};
    http->peers = peers_new();
    if (http->peers == NULL) response_no_memory();
    http->listen_fd = listen_open(options->address, &http->port, why, why_bytes);
    if (http->listen_fd < 0) return false;

    http->daemon = start(http);
    if (http->daemon == NULL) {
        (void)snprintf(why, why_bytes,
                       options->tls_cert != NULL
                           ? "the TLS certificate or its key is not what it should be (PEM, one "
                             "belonging to the other)"
                           : "the HTTP library does not start");
        return false;
    }
    const union MHD_DaemonInfo *epoll = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (epoll == NULL || !timer_open(&http->timer, loop, drive, http) ||
        !timer_open(&http->sweep, loop, sweep, http) ||
        !watch_open(&http->watch, loop, epoll->epoll_fd, drive, http) ||
        !watch_open(&http->listening, loop, http->listen_fd, accept_and_drive, http)) {
        (void)snprintf(why, why_bytes, "the event loop does not take the server's sockets");
        return false;
    }
    timer_set(&http->sweep, SWEEP_MS, SWEEP_MS);
    return true;
}

void http_stop_listening(struct http *http)
{
    watch_close(&http->listening);
    if (http->listen_fd >= 0) (void)close(http->listen_fd);
    http->listen_fd = -1;
    http->is_stopping = true;
}

void http_close(struct http *http)
{
    http_stop_listening(http);
    watch_close(&http->watch);
    timer_close(&http->timer);
    timer_close(&http->sweep);
    if (http->daemon != NULL) MHD_stop_daemon(http->daemon);
    http->daemon = NULL;
    while (http->spare != NULL) {
        struct request *request = http->spare;
        http->spare = request->next;
        free(request->body);
        free(request);
    }
    peers_free(http->peers);
    http->peers = NULL;
}
