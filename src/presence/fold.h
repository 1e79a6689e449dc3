/* fold: one person's scans, in the order of their times, become stays.
 *
 * Rules 3.4 to 3.8 of the contract. Pure: the state is a value, the site's shape an argument.
 *
 * An interval of no length is no stay. Whether two intervals of one zone are parted by such
 * only is known when time has moved on, so the state keeps the interval before the current one
 * until then ("settled"). */
#ifndef PRESENCE_FOLD_H
#define PRESENCE_FOLD_H

#include "presence/shape.h"

/* A scan as the fold sees it. */
struct seen {
    int64_t at_us; /* the shifted time after a release */
    uint32_t reader;
    uint32_t band;
    uint8_t direction;
    uint8_t flags;   /* WB_FLAG_AFTER_COMPLETE */
    uint16_t unused; /* zero */
    uint32_t note;   /* the fold does not look at it: see history/timeline.h */
};

/* The last counted scan at a reader, while a debounce could still look at it. */
struct counted {
    int64_t at_us;
    uint32_t reader;
    uint32_t direction;
};

/* A bound on the readers at which one person can be within one debounce and not be forgotten;
 * the oldest gives way. */
#define FOLD_COUNTED_MAX 64u

struct interval {
    int64_t from_us;
    int64_t last_seen_us;
    uint32_t zone;
    uint32_t scans;
    uint32_t flags;
};

struct fold {
    struct interval now;  /* zone unknown: never seen, or forgotten since now.from_us */
    int64_t last_seen_us; /* WB_NO_TIME: never seen */
    uint32_t reader;      /* of the newest scan; WB_NONE */
    uint32_t last_real;   /* zone of the last finished stay; WB_ZONE_UNKNOWN */
    bool has_before;
    struct interval before; /* ended at now.from_us by a move, not finished yet */
    uint32_t counted_count;
    struct counted counted[FOLD_COUNTED_MAX];
};

/* Where finished stays go; stays of real zones only. A fold without a sink gives none. */
struct fold_sink {
    struct wb_stays *stays;
    bool failed; /* memory was used up */
};

/* The state before any scan. */
void fold_init(struct fold *fold);

/* Copy a state; cheaper than an assignment, since few places of `counted` are in use. */
void fold_copy(struct fold *to, const struct fold *from);

/* Fold scans, sorted by time. Scans at one microsecond are put into the contract's order here.
 * cost: O(1) a scan; ties O(n log n) */
void fold_scans(struct fold *fold, const struct shape *shape, uint32_t person,
                const struct seen *scans, size_t count, struct fold_sink *sink);

/* Finish what can be finished now that time has moved past the last scan. */
void fold_settle(struct fold *fold, uint32_t person, struct fold_sink *sink);

/* When the person will be forgotten if no scan comes; WB_STILL_THERE: never. */
int64_t fold_forgotten_at(const struct fold *fold, const struct shape *shape);

/* Forget the person if that falls at or before until_us. */
void fold_forget(struct fold *fold, const struct shape *shape, uint32_t person, int64_t until_us,
                 struct fold_sink *sink);

/* Drop what no later scan at or after at_us can ask for, so that equal beliefs are equal states. */
void fold_trim(struct fold *fold, const struct shape *shape, int64_t at_us);

/* Whether two settled and trimmed states are the same. */
bool fold_equal(const struct fold *a, const struct fold *b);

#endif
