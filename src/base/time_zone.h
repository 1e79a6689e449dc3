/* time_zone: the offsets from UTC that a place has had and will have.
 *
 * Not a zone of the site: a zone of clocks. Made by base/zoneinfo.h, then never changed, so
 * it may be shared by threads. Seconds, not microseconds, since that is what TZif speaks; they
 * stay within what int64_t microseconds can say. */
#ifndef BASE_TIME_ZONE_H
#define BASE_TIME_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A change of clocks. */
struct time_change {
    int64_t at_s;          /* from this moment on, seconds since 1970-01-01 UTC */
    int64_t local_until_s; /* wall clock from which on the new offset alone is meant */
    int32_t before_s;      /* offset before, seconds east of UTC */
    int32_t after_s;
};

struct time_zone {
    struct time_change *change; /* [count], by time; each truly changes the offset */
    size_t count, capacity;
    int32_t first_s;        /* the offset before the first change */
    bool repeats;           /* 400 years of changes repeat for ever, as the calendar does */
    bool always;            /* and backwards too: the zone has nothing but a rule */
    int64_t repeats_from_s; /* where those 400 years begin */
};

/* ---- Asking ------------------------------------------------------------------------- */

/* The offset at a moment, seconds east of UTC.  cost: one binary search */
int32_t time_zone_offset(const struct time_zone *zone, int64_t utc_s);

/* The moment of a wall clock reading, given as if it were UTC. One that occurs twice is the
 * first, one that does not occur takes the offset before the gap (RFC 5545, 3.3.5); both
 * return false: it was ambiguous. */
bool time_zone_from_local(const struct time_zone *zone, int64_t local_s, int64_t *utc_s);

/* The newest change at or before a moment. false: there is none. */
bool time_zone_last_change(const struct time_zone *zone, int64_t utc_s, int64_t *at_s);

/* ---- Making ------------------------------------------------------------------------- */

/* A zone with one offset and room for some changes. NULL: no memory. */
struct time_zone *time_zone_new(int32_t first_s, size_t capacity);

/* Free a zone. Accepts NULL. */
void time_zone_free(struct time_zone *zone);

/* Add a change behind the others; one to the same offset is left out, one at the same moment
 * as the last takes its place. There must be room. */
void time_zone_add(struct time_zone *zone, int64_t at_s, int32_t after_s);

#endif
