#include "http/guard.h"

#include <string.h>
#include <strings.h>

#include "http/request.h"

struct look {
    const char *fault;
    unsigned status;
    unsigned headers, hosts, lengths, encodings;
    size_t bytes;
    const char *line; /* where the next line has to begin; NULL: this is the first */
};

/* The characters of a name (RFC 9110, 5.6.2). */
static bool is_token(const char *text, size_t bytes)
{
    static const char also[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < bytes; i++) {
        char c = text[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && (c == '\0' || strchr(also, c) == NULL)) return false;
    }
    return bytes > 0;
}

static bool is_number(const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
    }
    return bytes > 0 && bytes < 19;
}

/* A value (RFC 9110, 5.5): no control characters but the tab. */
static bool is_value(const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c < 0x20 && c != '\t') || c == 0x7F) return false;
    }
    return true;
}

/* The library reads a head where it lies: it puts a NUL over the colon and over the line's end, so
 * that a value follows its name with nothing but that NUL and blanks between. A folded value is
 * copied elsewhere in the connection's memory to be joined; then the rest of the first line, at
 * least its end, stands between. Both lie in one block of memory, so what is between is ours to
 * read, and a copy can only lie behind: memory is taken upwards. */
bool guard_is_unfolded(const char *name, size_t name_bytes, const char *value)
{
    const char *at = name + name_bytes;

    if (value <= at || *at != '\0') return false;
    at++;
    while (at < value && (*at == ' ' || *at == '\t'))
        at++;
    return at == value;
}

/* The library takes a value to end at a NUL and a line to end at a bare LF. It puts NULs over CR
 * and LF, so after a value there are two of them and then the next line, and nothing between. */
static bool ends_right(struct look *look, const char *name, const char *value, size_t bytes)
{
    const char *begins = look->line;

    look->line = value + bytes + 2;
    return (begins == NULL || begins == name) && value[bytes] == '\0' && value[bytes + 1] == '\0';
}

static bool is_named(const char *name, size_t bytes, const char *wanted)
{
    return bytes == strlen(wanted) && strncasecmp(name, wanted, bytes) == 0;
}

static enum MHD_Result look_at(void *context, enum MHD_ValueKind kind, const char *name,
                               size_t name_bytes, const char *value, size_t value_bytes)
{
    struct look *look = context;

    (void)kind;
    look->bytes += name_bytes + value_bytes + 4;
    look->headers++;
    look->status = 400;
    if (value == NULL || !guard_is_unfolded(name, name_bytes, value)) {
        look->fault = "a header line is folded";
    } else if (!is_token(name, name_bytes)) {
        look->fault = "a header's name has a character that names do not have";
    } else if (strlen(value) != value_bytes || !is_value(value, value_bytes)) {
        look->fault = "a header has a control character";
    } else if (!ends_right(look, name, value, value_bytes)) {
        look->fault = "a header line has a NUL, or does not end with CR and LF";
    } else if (is_named(name, name_bytes, "Host")) {
        look->hosts++;
    } else if (is_named(name, name_bytes, "Content-Length")) {
        look->lengths++;
        if (!is_number(value, value_bytes)) look->fault = "Content-Length is not a number";
    } else if (is_named(name, name_bytes, "Transfer-Encoding")) {
        look->encodings++;
        if (strcasecmp(value, "chunked") != 0) look->fault = "Transfer-Encoding is not chunked";
    }
    return look->fault == NULL ? MHD_YES : MHD_NO;
}

const char *guard_check(struct request *request, unsigned *status)
{
    struct look look = {.status = 400};

    (void)MHD_get_connection_values_n(request->connection, MHD_HEADER_KIND, look_at, &look);
    if (look.fault == NULL) {
        if (look.bytes > HTTP_HEADER_BYTES_MAX || look.headers > HTTP_HEADERS_MAX) {
            look.fault = "the headers are too large: at most 16 KiB and 100 lines are taken";
            look.status = 431;
        } else if (look.lengths > 1) {
            look.fault = "Content-Length is there twice";
        } else if (look.lengths > 0 && look.encodings > 0) {
            look.fault = "Content-Length and Transfer-Encoding are both there";
        } else if (look.encodings > 1) {
            look.fault = "Transfer-Encoding is there twice";
        } else if (look.hosts != 1) {
            look.fault = "Host is not there exactly once";
        }
    }
    *status = look.status;
    return look.fault;
}
