/* text: UTF-8, judged strictly (RFC 3629: no overlong forms, no surrogates). */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes of the character that begins at text[0], 1 to 4; 0 where none is well formed.
 * bytes: how many may be looked at, at least 1. */
size_t text_character_bytes(const char *text, size_t bytes);

bool text_is_utf8(const char *text, size_t bytes);

#endif
