/* ndjson: scans, one JSON object a line.
 *
 *   {"reader":"hall-door","band":"04A22B","time":"2016-07-15T08:30:00Z","direction":"in"}
 *
 * reader, band and time are required texts; direction and learnt are texts, null or left out.
 * Other keys are passed over, whatever their value. Strict: RFC 8259, UTF-8, no key of the
 * object twice, no NUL in a text, at most NDJSON_DEPTH_MAX deep. Whether the texts are ids and
 * times is for others to say. Lines end with LF or CRLF; empty ones are passed over. */
#ifndef CODEC_NDJSON_H
#define CODEC_NDJSON_H

#include "codec/lines.h"
#include "codec/pull.h"

#define NDJSON_DEPTH_MAX PULL_DEPTH_MAX
#define NDJSON_KEYS_MAX  32 /* keys of the object that are passed over */

struct ndjson_scan {
    struct pull_string reader, band, time, direction, learnt;
    uint64_t line;     /* from 1 */
    size_t column;     /* of the fault, in bytes from 1; 0 without one */
    const char *fault; /* NULL, or why the line is bad (static); the texts are not there then */
};

struct ndjson {
    struct lines lines;
};

/* false: no memory. ndjson_done is welcome then too. */
bool ndjson_open(struct ndjson *ndjson, lines_fill fill, void *context);
void ndjson_done(struct ndjson *ndjson);

/* Take the next line, good or bad. Its texts are borrowed until the next call.
 * false: the end, or ndjson_failed. */
bool ndjson_next(struct ndjson *ndjson, struct ndjson_scan *scan);

/* Whether reading ended because the fill function failed. */
bool ndjson_failed(const struct ndjson *ndjson);

/* Parse one line by itself; the text is written to (escapes are resolved in place).
 * scan->line is left alone. Returns scan->fault == NULL. */
bool ndjson_parse(char *text, size_t bytes, struct ndjson_scan *scan);

/* Take one object out of a longer text; pull->at is before it and is left behind it. The fault is
 * in pull as well. */
bool ndjson_take(struct pull *pull, struct ndjson_scan *scan);

#endif
