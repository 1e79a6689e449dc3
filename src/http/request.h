/* request: one request, from its head to its answer. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "http/http.h"

enum request_phase {
    REQUEST_HEAD,   /* the head is being read */
    REQUEST_BODY,   /* the body is */
    REQUEST_HELD,   /* it is whole and waits for its answer */
    REQUEST_ANSWER, /* the answer is being sent */
};

struct request_parameter {
    const char *name, *value; /* decoded, NUL-terminated */
    size_t bytes;             /* of the value */
};

struct request {
    struct http *http;
    struct MHD_Connection *connection;
    struct peer *peer;
    enum request_phase phase;
    const char *method;
    char *path;  /* as it was sent, percent-encoded, without the query */
    char *query; /* as it was sent; NULL without one */
    struct request_parameter parameter[HTTP_QUERY_MAX];
    unsigned parameter_count;
    char *body; /* [body_bytes], and one byte more for a NUL */
    size_t body_bytes, body_capacity, body_limit;
    bool is_bad;      /* the guard refused its head */
    bool is_stream;   /* the answer goes on without end */
    bool is_dropping; /* the body is not kept: the answer is known */
    bool is_known;    /* somebody's: request_know */
    struct MHD_Response *answer;
    bool answer_is_shared;
    unsigned status;
    struct request *next; /* for whoever has the request */
    char target[512];     /* memory of path and query where they fit */
    char *long_target;
    _Alignas(16) char own[];
};

static inline void *request_own(struct request *request)
{
    return request->own;
}

/* A header's value; NULL where it is not there. name in any case. */
const char *request_header(struct request *request, const char *name);

/* A parameter of the query; NULL where it is not there. bytes may be NULL. */
const char *request_parameter(const struct request *request, const char *name, size_t *bytes);

/* Decode percent-encoding in place; plus: '+' is a space. false: malformed, or a NUL. */
bool request_decode(char *text, size_t *bytes, bool plus);

/* The address that the connection came from, as text; "" if unknown. Borrowed. */
const char *request_address(const struct request *request);
bool request_is_tls(const struct request *request);

/* Who asks has a right, or is nobody; nobody as long as it is not said. Somebody's connection is
 * not cut off while it works, and their bodies have more room. */
void request_know(struct request *request, bool is_known);

/* Its answer goes on without end. false: there are too many such answers, be it from its address.
 */
bool request_stream(struct request *request);

/* A long answer goes on: the time that its client has to take the rest counts from now. */
void request_goes_on(struct request *request);

/* Whether whoever sent it has closed the connection. On any thread, of a held request. */
bool request_is_gone(const struct request *request);

/* Answer it, once. A held request goes on with the next http_drive.
 *
 *   response   taken over, its reference is dropped after sending; is_shared: it stays the
 *              caller's, and lives until http_close */
void request_answer(struct request *request, unsigned status, struct MHD_Response *response,
                    bool is_shared);

/* ---- for daemon.c ---- */

struct request *request_new(struct http *http, const char *target);
void request_free(struct request *request);

/* Read the query into parameters. false: malformed or too many. */
bool request_read_query(struct request *request);

/* Keep a piece of the body. false: no memory. */
bool request_take(struct request *request, const char *piece, size_t bytes);

/* Forget what was kept. */
void request_forget(struct request *request);

#endif
