/* source: the bytes of a file that is imported, or of standard input. */
#ifndef TOOL_SOURCE_H
#define TOOL_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct source {
    const char *name; /* how sentences call it */
    int descriptor;   /* -1: closed */
    int error;        /* errno of a read that failed; 0 */
    char head[512];   /* what was read to tell the format, and is handed out first */
    size_t head_bytes, head_used;
    uint64_t taken; /* bytes handed out */
};

/* Open a file; "-" is standard input. Says why not. Returns an exit status. */
int source_open(struct source *source, const char *name);
void source_close(struct source *source);

/* Whether it holds JSON objects, one a line: by its name, else by its first byte that is no
 * blank. Reads the head. */
bool source_is_ndjson(struct source *source);

/* A lines_fill; the context is a struct source. */
ptrdiff_t source_fill(void *context, char *out, size_t out_bytes);

/* Copy what cannot be read twice to a file without a name, so that it can. */
int source_make_rewindable(struct source *source);
int source_rewind(struct source *source);

/* The size of a file; 0 when it has none (a pipe, a terminal). */
uint64_t source_size(const char *name);

#endif
