/* chip: identifiers, and the one spelling of those that are chips. */
#ifndef BASE_CHIP_H
#define BASE_CHIP_H

#include <stdbool.h>
#include <stddef.h>

#include "whereabouts/types.h"

/* Whether a text can be an id of a person, zone, reader or band: 1 to WB_ID_BYTES_MAX bytes of
 * UTF-8 without control characters (U+0000 to 001F, 007F to 009F). */
bool id_is_valid(const char *id, size_t bytes);

/* Write the one spelling of a band. A chip, 4, 7, 8, 10 or 12 bytes of hex, plain or with the
 * same `:` or `-` between all of them, becomes upper-case hex without separators; any other
 * band is copied as it is.
 *
 *   id      [bytes], bytes at most WB_ID_BYTES_MAX
 *   out     not NUL-terminated
 *   returns the bytes written, never more than were given */
size_t chip_canonical(const char *id, size_t bytes, char out[WB_ID_BYTES_MAX]);

#endif
