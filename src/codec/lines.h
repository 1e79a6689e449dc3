/* lines: a stream of bytes, taken line by line in bounded memory.
 *
 * Bytes come from the caller's fill function in pieces; lines are handed out where they lie,
 * nothing is copied but the rest of a piece when the next one is fetched. A line longer than
 * LINES_BYTES_MAX is passed over without being kept. csv and ndjson read through this. */
#ifndef CODEC_LINES_H
#define CODEC_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINES_BYTES_MAX   ((size_t)1 << 20) /* of one line, or of one row of csv */
#define LINES_PIECE_BYTES ((size_t)1 << 18) /* asked for at a time */

/* Put up to out_bytes into out. Returns how many; 0 at the end; -1 when it cannot be read. */
typedef ptrdiff_t (*lines_fill)(void *context, char *out, size_t out_bytes);

/* A text in memory as a source: fill with lines_text_fill, the text's struct as context. */
struct lines_text {
    const char *at;
    size_t left;
};

ptrdiff_t lines_text_fill(void *context, char *out, size_t out_bytes);

struct lines {
    lines_fill fill;
    void *context;
    char *buffer;       /* LINES_BYTES_MAX + LINES_PIECE_BYTES; what is not used is not touched */
    size_t begin, end;  /* what is fetched and not handed out: buffer[begin, end) */
    uint64_t line;      /* number of the line at begin, from 1 */
    bool ended, failed; /* no more will come; because it cannot be read */
};

enum lines_result {
    LINES_LINE = 0,
    LINES_TOO_LONG = 1, /* the line is passed over; the next call goes on after it */
    LINES_END = 2,
    LINES_FAILED = 3, /* the fill function failed */
};

/* Begin. A byte order mark at the start is skipped. false: no memory (lines_done is welcome). */
bool lines_open(struct lines *lines, lines_fill fill, void *context);

/* Free the buffer. Accepts a zeroed one. */
void lines_done(struct lines *lines);

/* Hand out the next line, without its line feed; a last line without one counts.
 *
 *   text, bytes  borrowed until the next call; may be written to
 *   number       of the line, from 1; set for LINES_TOO_LONG too */
enum lines_result lines_next(struct lines *lines, char **text, size_t *bytes, uint64_t *number);

/* For readers whose rows are not lines: fetch more behind `end`. What is not handed out stays
 * but may move to the front. false: nothing was fetched (ended, failed or LINES_BYTES_MAX). */
bool lines_more(struct lines *lines);

/* Drop everything up to and with the next line feed, however far it is. */
void lines_skip(struct lines *lines);

#endif
