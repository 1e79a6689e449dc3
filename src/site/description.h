/* description: the site as one JSON document says it: its policy, zones and readers.
 *
 * Values only: no clock, no file. Whether the time zone exists is not known here (see
 * description_locate). What is equal in shape folds every fact alike. */
#ifndef SITE_DESCRIPTION_H
#define SITE_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "whereabouts/types.h"

#define DESCRIPTION_BYTES_MAX   (16u << 20)
#define DESCRIPTION_ZONES_MAX   65000u
#define DESCRIPTION_READERS_MAX 65000u
#define DESCRIPTION_DEPTH_MAX   64u /* zones in one another; a root zone is the first */

/* In place of a zone's index. */
#define DESCRIPTION_OUTSIDE (-1) /* no parent; the A of a reader between outside and a zone */
#define DESCRIPTION_NO_ZONE (-2) /* the b of a reader that enters or leaves */

struct policy {
    int64_t forget_us; /* 0: never */
    int64_t debounce_us;
    int64_t ahead_us;     /* how far a reader's clock may be ahead */
    int64_t heartbeat_us; /* 0: none */
    bool adopt;           /* unknown bands are adopted, not held */
};

enum forget {
    FORGET_AS_POLICY = 0, /* not given */
    FORGET_NEVER = 1,
    FORGET_AFTER = 2, /* after forget_us */
};

struct description_zone {
    const char *id;
    const char *name;  /* "" without one */
    int32_t in;        /* index of its parent, before or after it; DESCRIPTION_OUTSIDE */
    uint32_t capacity; /* 0 without one */
    enum forget forget;
    int64_t forget_us; /* 0 but with FORGET_AFTER; see description_forget_us() */
    bool muster;
};

struct description_reader {
    const char *id;
    const char *name;    /* "" without one */
    const char *purpose; /* "muster", "alarm", "till"; "" without one; static */
    char kind;           /* 'e' enter, 'l' leave, 'b' between */
    int32_t a;           /* the zone; of between [A, B] the A, may be DESCRIPTION_OUTSIDE */
    int32_t b;           /* of between [A, B] the B; else DESCRIPTION_NO_ZONE */
};

/* Zeroed it is empty. Strings are UTF-8, end with NUL and live as long as it does. */
struct description {
    const char *id;
    const char *name;     /* "" without one */
    const char *timezone; /* shaped like an IANA name; not known to exist */
    struct policy policy;
    struct description_zone *zones; /* [zone_count], as in the document */
    struct description_reader *readers;
    size_t zone_count;
    size_t reader_count;
    char *text; /* where the strings are */
};

/* Read and check a document.
 *
 *   json    [bytes], UTF-8; may be freed at once
 *   out     yours, for description_done(); untouched on failure
 *   why     line and column of the key or value that is wrong; may be NULL
 *   cost    O(n log n)
 *   errors  WB_EREFUSED the document is not as the contract says; WB_ENOMEM */
wb_status description_read(const char *json, size_t bytes, struct description *out,
                           struct wb_fault *why);

/* Free it. Accepts a zeroed or half-built one; it is zeroed afterwards. */
void description_done(struct description *description);

/* Find where a value stands, to refuse it for a reason that is not known here.
 *
 *   json    [bytes], a document that description_read() took
 *   path    such as "timezone", "zones[3].in", "readers[0].between[1]"
 *   why     its line and column are set; untouched when there is no such value
 *   errors  false: there is no such value, or memory is used up */
bool description_locate(const char *json, size_t bytes, const char *path, struct wb_fault *why);

/* How long after their last scan people in the zone itself are forgotten; 0: never. */
int64_t description_forget_us(const struct description *description, size_t zone);

/* Whether two descriptions fold all facts alike: policy but for the heartbeat, zones (id,
 * parent, forgetting) and readers (id, kind, zones), in whatever order they are listed.
 * False also when memory is used up: folding anew is never wrong. */
bool description_same_shape(const struct description *a, const struct description *b);

#endif
