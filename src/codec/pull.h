/* pull: JSON, taken piece by piece from one stretch of memory, without allocation.
 *
 * Strict: RFC 8259, UTF-8, no NUL in a text, values at most PULL_DEPTH_MAX deep. Escapes are
 * resolved in place: what is written never overtakes what is read, since every escape is longer
 * than its character. The first fault is remembered with its place; the caller stops there. */
#ifndef CODEC_PULL_H
#define CODEC_PULL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PULL_DEPTH_MAX   32 /* brackets open at once, that of the object around them among them */
#define PULL_FAULT_COMMA "a comma or the closing bracket should stand here"

struct pull_string {
    const char *at; /* [bytes], escapes resolved, not NUL-terminated; NULL: not there */
    size_t bytes;
};

struct pull {
    char *begin, *at, *end;
    const char *fault; /* NULL, or why it is bad (static) */
    size_t column;     /* of the fault, in bytes from 1 */
};

/* Remember a fault at a place. Returns false, so that it can be returned. */
bool pull_refuse(struct pull *pull, const char *at, const char *why);

/* Step over blanks; the next byte then, NUL at the end (where a NUL is, nothing is right). */
void pull_blanks(struct pull *pull);
char pull_next(struct pull *pull);

/* Take a text; pull->at is on its opening quote. */
bool pull_text(struct pull *pull, struct pull_string *text);

/* Take a key and the colon behind it. */
bool pull_key(struct pull *pull, struct pull_string *key);

/* Take a word: true, false, null. */
bool pull_word(struct pull *pull, const char *word);

/* Pass over any value, without recursion. */
bool pull_pass(struct pull *pull);

#endif
