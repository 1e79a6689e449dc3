/* guard: what a request's head must be before anything looks at it.
 *
 * libmicrohttpd 0.9.75 takes heads that other programs on the way may read otherwise (request
 * smuggling, CWE-444): Content-Length twice, Content-Length beside Transfer-Encoding, none or
 * more than one Host, and lines that are folded (RFC 9112, 5.2), which it joins without a word. */
#ifndef HTTP_GUARD_H
#define HTTP_GUARD_H

#include <stdbool.h>
#include <stddef.h>

struct request;

/* Look at the head. NULL: it is right. Else a sentence (static), and *status is 400 or 431. */
const char *guard_check(struct request *request, unsigned *status);

/* The same for one header by itself, for tests: whether name and value stand side by side.
 *
 *   name   [name_bytes], where the read buffer has it
 *   value  where the read buffer, or some other place, has that */
bool guard_is_unfolded(const char *name, size_t name_bytes, const char *value);

#endif
