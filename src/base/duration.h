/* duration: spans of time as people write them: 90s, 5m, 18h, 30d. A day is 24 hours. */
#ifndef BASE_DURATION_H
#define BASE_DURATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DURATION_TEXT_MAX 32

/* Read one: digits and one of s, m, h, d; nothing else. Zero is a duration.
 * false: not one, or more than int64_t microseconds; *us is untouched. */
bool duration_parse(const char *text, size_t bytes, int64_t *us);

/* The same, and a sign may lead: -3h, +3h. */
bool duration_parse_signed(const char *text, size_t bytes, int64_t *us);

/* Write one for people, its two largest units, the rest cut: 2d 4h, 5m 10s, 1.25s, 0s, -3h.
 * Returns the bytes written, without the NUL that ends them. */
size_t duration_format(int64_t us, char out[DURATION_TEXT_MAX]);

#endif
