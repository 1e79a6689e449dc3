/* timeline: a person's scans in the order of their times, with what belief needs beside them.
 *
 * Most scans are prompt: learnt by a commit of their own between `ahead` before and a minute
 * after they happened; their learnt time is found in the journal when a question needs it. The
 * others carry a note. */
#ifndef HISTORY_TIMELINE_H
#define HISTORY_TIMELINE_H

#include "presence/fold.h"

/* What is remarkable about a scan; a field that is not set is WB_NO_TIME. */
struct note {
    int64_t learnt_us;    /* not prompt: when it was learnt */
    int64_t withdrawn_us; /* when its withdrawal was learnt */
    int64_t raw_us;       /* released: its time by the reader's clock */
    int64_t released_us;  /* released: when the release was learnt */
};

struct notes {
    struct note *at;
    size_t count, capacity;
};

struct timeline {
    struct seen *at; /* by time, reader, direction, band; .note: index + 1 in notes, 0 without */
    size_t count, capacity;
    struct notes notes;
};

extern const struct note NOTE_EMPTY;

void timeline_done(struct timeline *timeline);
void timeline_clear(struct timeline *timeline);

/* The note of a scan; NOTE_EMPTY without one. */
const struct note *timeline_note(const struct timeline *timeline, const struct seen *scan);

/* Append a scan and its note (NULL or NOTE_EMPTY's content: none). false: no memory. */
bool timeline_push(struct timeline *timeline, const struct seen *scan, const struct note *note);

/* Append all of another, whose scans are not earlier. */
bool timeline_append(struct timeline *timeline, const struct timeline *more);

/* Its time by the reader's clock. */
int64_t timeline_raw_us(const struct timeline *timeline, const struct seen *scan);

/* The order of scans in a timeline: time, reader, direction, band. */
int seen_compare(const struct seen *a, const struct seen *b);

/* The first index whose time is at or after at_us. */
size_t timeline_from(const struct timeline *timeline, int64_t at_us);

/* The scans that move somebody: those that are not withdrawn. Borrowed: from the timeline where
 * all of them do, else from scratch. false: no memory. */
bool timeline_counting(const struct timeline *scans, struct timeline *scratch,
                       const struct seen **at, size_t *count);

#endif
