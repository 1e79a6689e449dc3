/* http: libmicrohttpd on its epoll descriptor inside our loop, without threads of its own.
 *
 * The house above gives three functions: what to do with a request's head, with a whole request,
 * and with one that is over. A request is answered at once or held and answered later; while it
 * is held nothing is read from its connection. Bad heads, limits and slow clients are answered
 * here and never get that far. */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/loop.h"

#define HTTP_HEADER_BYTES_MAX 16384u
#define HTTP_HEADERS_MAX      100u
#define HTTP_QUERY_MAX        24u /* parameters of a query */
/* Connections taken in one round; so many may be open beside the limit, while those that made room
 * for them are being closed. Few, so that who is here already does not wait for who comes. */
#define HTTP_ACCEPT_MOST 16u

struct http;
struct request;
struct peers;

struct http_limits {
    unsigned connections; /* open at once */
    unsigned per_address; /* of them, from one address */
    unsigned idle_s;      /* a connection may wait so long between requests */
    unsigned request_s;   /* a request must be in within this, an answer taken */
    size_t queued_bytes;  /* bodies that are not answered yet, all together; the large ones of them
                           * have three quarters of that, those of nobody a sixteenth */
    size_t body_kept_bytes; /* what a refused request may still send before it is cut off */
};

struct http_options {
    const char *address;            /* "127.0.0.1:8080", "[::1]:0" */
    const char *tls_cert, *tls_key; /* PEM texts; NULL: plain HTTP */
    struct http_limits limits;

    /* Each request has own_bytes zeroed bytes for the house above: request_own(). */
    size_t own_bytes;
    void *context;
    /* The head is in: give the bound on its body, or answer already (request_answer). */
    size_t (*head)(void *context, struct request *request);
    /* The whole request is in: answer, or request_hold. */
    void (*whole)(void *context, struct request *request);
    /* It is over, however it ended; own is gone afterwards. Only if `head` was called. */
    void (*over)(void *context, struct request *request);
};

struct http_numbers {
    uint64_t connections, requests, refused_connections, made_room, bad_heads, timeouts, too_busy;
    size_t open, queued_bytes;
    size_t nobodys_bytes; /* of them, in bodies of who is nobody */
};

struct http {
    struct http_options options;
    struct MHD_Daemon *daemon;
    struct loop *loop;
    struct watch watch, listening;
    struct timer timer, sweep;
    struct peers *peers;
    struct request *spare; /* requests that are over, to be used again */
    struct http_numbers numbers;
    struct MHD_Response *busy_answer;
    int listen_fd;
    uint16_t port;
    bool is_driving, is_stopping;
};

/* Begin to listen. why: [why_bytes], a sentence on failure. http_close is welcome after one. */
bool http_open(struct http *http, struct loop *loop, const struct http_options *options, char *why,
               size_t why_bytes);

/* Take no more connections. */
void http_stop_listening(struct http *http);

/* Let the library do what it can without waiting. Call it after answering held requests. */
void http_drive(struct http *http);

/* End all connections. No request may be held. */
void http_close(struct http *http);

#endif
