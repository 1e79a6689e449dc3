/* lines: an answer as sorted lines of text, so that two answers can be held against each other. */
#ifndef TEST_LIB_LINES_H
#define TEST_LIB_LINES_H

#include <stddef.h>
#include <stdint.h>

struct lines {
    char **at;
    size_t count, capacity;
};

void lines_add(struct lines *lines, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The lines in byte order, each with a line break; the caller's to free. Empties the list. */
char *lines_sorted(struct lines *lines);

/* The same in the order in which they were added. */
char *lines_joined(struct lines *lines);

/* The lines of one sorted text that are not in another, each after "  "; the caller's to free. */
char *lines_only_in(const char *text, const char *other);

/* A time as text: microseconds, "none" or "open".
 *
 *   out  [24]; returned */
const char *time_text(int64_t time_us, char *out);

#endif
