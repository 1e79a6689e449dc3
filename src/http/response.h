/* response: answers that are ready to be sent, with the headers that every answer has. */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

#define RESPONSE_JSON    "application/json"
#define RESPONSE_PROBLEM "application/problem+json"

/* A response over a text. Memory used up ends the program: a server that cannot answer is better
 * started anew.
 *
 *   take  the text is malloc'd and freed with the response; else it is copied */
struct MHD_Response *response_text(const char *type, const char *text, size_t bytes, bool take);

/* A response without content. */
struct MHD_Response *response_nothing(void);

/* A copy of a text, with no header but its type. */
struct MHD_Response *response_text_only(const char *type, const char *text, size_t bytes);

/* The same over bytes that live as long as the program. */
struct MHD_Response *response_static(const char *type, const void *bytes, size_t count);

/* {"type":"urn:whereabouts:problem:WORD","title","status","detail"} (RFC 9457). */
struct MHD_Response *response_problem(unsigned status, const char *word, const char *detail);

/* The usual title of a status: 404 is "Not Found". */
const char *response_title(unsigned status);

/* Add a header. Name and value must be right: what strangers chose is not put here. */
void response_header(struct MHD_Response *response, const char *name, const char *value);

/* What every answer has: no sniffing, no caching, no framing, no scripts. */
void response_api_headers(struct MHD_Response *response);

_Noreturn void response_no_memory(void);

#endif
