/* position: where in a JSON text a key, a value or a broken token stands.
 *
 * jansson reads documents and forgets where their parts stood; this finds them again, in a
 * second bounded pass that stops at what it looks for. Made for texts that jansson took; of
 * any other it reads no byte outside [0, bytes) and answers something in [0, bytes]. */
#ifndef SITE_POSITION_H
#define SITE_POSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Find the start of a value below the root, or of the key before it.
 *
 *   steps   [count], from the root down: the n-th member or element, from 0
 *   key     the last step's key; false: its value
 *   cost    one pass over what stands before it */
size_t position_of(const char *json, size_t bytes, const uint32_t *steps, size_t count, bool key);

/* Find the start of the token that covers an offset; the offset itself between tokens. */
size_t position_token(const char *json, size_t bytes, size_t offset);

/* Tell line and column, both from 1, the column in bytes. offset at most bytes. */
void position_line(const char *json, size_t offset, int *line, int *column);

#endif
