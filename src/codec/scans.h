/* scans: the JSON body that readers post.
 *
 *   {"scans":[{"reader":R,"band":B,"time":T,"direction":"in"}, ...], "complete_until":{R:T}}
 *
 * Both members may be left out; others are passed over. The whole body is read before anything
 * is handed out, so a body that is malformed at its end has changed nothing. Each scan is as in
 * codec/ndjson.h; whether its texts are ids and times is for others to say. */
#ifndef CODEC_SCANS_H
#define CODEC_SCANS_H

#include "codec/ndjson.h"

/* A reader and a time: it is complete up to then. */
struct scans_complete {
    struct pull_string reader, time;
};

/* Keeps its memory from one body to the next; zeroed is empty. */
struct scans {
    struct ndjson_scan *at; /* texts borrowed from the body; .line is 0 */
    size_t count, capacity;

    struct {
        struct scans_complete *at;
        size_t count, capacity;
    } complete;

    const char *fault; /* NULL, or why the body is bad (static) */
    size_t column;     /* of the fault, in bytes from 1; 0 without a place */
};

void scans_done(struct scans *scans);

/* Read a body, which is written to (escapes are resolved in place).
 * cost: one pass; allocates only where a body has more scans than any before
 * false: scans->fault says why, and the lists are empty */
bool scans_read(struct scans *scans, char *body, size_t bytes);

#endif
