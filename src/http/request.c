#include "http/request.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "http/peers.h"

#define BODY_KEPT_BYTES 8192u /* a body's memory up to this stays with the request */

struct request *request_new(struct http *http, const char *target)
{
    struct request *request = http->spare;
    char *body = NULL;
    size_t capacity = 0;

    if (request != NULL) {
        http->spare = request->next;
        body = request->body;
        capacity = request->body_capacity;
    } else {
        request = malloc(sizeof *request + http->options.own_bytes);
        if (request == NULL) return NULL;
    }
    memset(request, 0, offsetof(struct request, target));
    request->long_target = NULL;
    memset(request->own, 0, http->options.own_bytes);
    request->http = http;
    request->body = body;
    request->body_capacity = capacity;

    size_t bytes = strlen(target) + 1;
    char *kept = request->target;
    if (bytes > sizeof request->target) kept = request->long_target = malloc(bytes);
    if (kept == NULL) {
        request_free(request);
        return NULL;
    }
    memcpy(kept, target, bytes);
    request->path = kept;
    char *mark = strchr(kept, '?');
    if (mark != NULL) {
        *mark = '\0';
        request->query = mark + 1;
    }
    return request;
}

void request_free(struct request *request)
{
    struct http *http = request->http;

    request_forget(request);
    if (request->answer != NULL && !request->answer_is_shared)
        MHD_destroy_response(request->answer);
    request->answer = NULL;
    free(request->long_target);
    request->long_target = NULL;
    if (request->body_capacity > BODY_KEPT_BYTES) {
        free(request->body);
        request->body = NULL;
        request->body_capacity = 0;
    }
    request->next = http->spare;
    http->spare = request;
}

bool request_take(struct request *request, const char *piece, size_t bytes)
{
    size_t needed = request->body_bytes + bytes + 1;

    if (needed > request->body_capacity) {
        size_t capacity = request->body_capacity < 2048 ? 2048 : request->body_capacity * 2;
        while (capacity < needed)
            capacity *= 2;
        char *grown = realloc(request->body, capacity);
        if (grown == NULL) return false;
        request->body = grown;
        request->body_capacity = capacity;
    }
    memcpy(request->body + request->body_bytes, piece, bytes);
    request->body_bytes += bytes;
    request->body[request->body_bytes] = '\0';
    request->http->numbers.queued_bytes += bytes;
    if (!request->is_known) request->http->numbers.nobodys_bytes += bytes;
    return true;
}

void request_forget(struct request *request)
{
    request->http->numbers.queued_bytes -= request->body_bytes;
    if (!request->is_known) request->http->numbers.nobodys_bytes -= request->body_bytes;
    request->body_bytes = 0;
}

void request_know(struct request *request, bool is_known)
{
    assert(request->body_bytes == 0); /* its bytes are counted as nobody's or not */
    request->is_known = is_known;
    if (request->peer != NULL) peers_know(request->http->peers, request->peer, is_known);
}

bool request_stream(struct request *request)
{
    if (request->peer != NULL && !peers_stream(request->http, request->peer)) return false;
    request->is_stream = true;
    return true;
}

void request_goes_on(struct request *request)
{
    if (request->peer != NULL) request->peer->since_ms = clock_ticks_ms(request->http->loop);
}

bool request_is_gone(const struct request *request)
{
    char byte;
    return request->peer != NULL && recv(request->peer->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void request_answer(struct request *request, unsigned status, struct MHD_Response *response,
                    bool is_shared)
{
    assert(request->answer == NULL && response != NULL);
    request->answer = response;
    request->answer_is_shared = is_shared;
    request->status = status;
    if (request->phase == REQUEST_HELD) MHD_resume_connection(request->connection);
}

/* ---- What was sent ---- */

const char *request_header(struct request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *request_parameter(const struct request *request, const char *name, size_t *bytes)
{
    for (unsigned i = 0; i < request->parameter_count; i++) {
        if (strcmp(request->parameter[i].name, name) != 0) continue;
        if (bytes != NULL) *bytes = request->parameter[i].bytes;
        return request->parameter[i].value;
    }
    return NULL;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool request_decode(char *text, size_t *bytes, bool plus)
{
    char *out = text;

    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '+' && plus) {
            *out++ = ' ';
        } else if (*at != '%') {
            *out++ = *at;
        } else {
            int high = hex_value(at[1]);
            int low = high < 0 ? -1 : hex_value(at[2]);
            if (low < 0 || (high == 0 && low == 0)) return false;
            *out++ = (char)(high << 4 | low);
            at += 2;
        }
    }
    *out = '\0';
    *bytes = (size_t)(out - text);
    return true;
}

/* "name=value", parted and decoded in place. */
static bool read_parameter(struct request *request, char *text)
{
    size_t name_bytes;

    if (request->parameter_count == HTTP_QUERY_MAX) return false;
    struct request_parameter *parameter = &request->parameter[request->parameter_count];
    char *value = strchr(text, '=');
    if (value != NULL) *value++ = '\0';
    if (value == NULL) value = text + strlen(text);
    if (!request_decode(text, &name_bytes, true)) return false;
    if (*value != '\0' && !request_decode(value, &parameter->bytes, true)) return false;
    parameter->name = text;
    parameter->value = value;
    request->parameter_count++;
    return true;
}

bool request_read_query(struct request *request)
{
    char *rest = request->query;

    for (char *text = strsep(&rest, "&"); text != NULL; text = strsep(&rest, "&")) {
        if (*text != '\0' && !read_parameter(request, text)) return false;
    }
    return true;
}

const char *request_address(const struct request *request)
{
    return request->peer != NULL ? request->peer->text : "";
}

bool request_is_tls(const struct request *request)
{
    return request->http->options.tls_cert != NULL;
}
