/* limit: a struct wb_limit with a bit for each number, so that one look says whether somebody or
 * some zone is within it. */
#ifndef BASE_LIMIT_H
#define BASE_LIMIT_H

#include "whereabouts/types.h"

struct limit {
    uint8_t *people, *zones; /* NULL: all of them */
    size_t person_count, zone_count;
};

/* limit: NULL is none.  cost: the lists; nothing without one
 * errors: false, memory is used up; *out is to be closed all the same */
bool limit_open(const struct wb_limit *limit, struct limit *out);
void limit_close(struct limit *limit);

static inline bool limit_has(const uint8_t *bits, size_t count, uint32_t n)
{
    return bits == NULL || (n < count && (bits[n / 8] >> (n % 8) & 1) != 0);
}

static inline bool limit_has_person(const struct limit *limit, wb_person person)
{
    return limit_has(limit->people, limit->person_count, person.n);
}

static inline bool limit_has_zone(const struct limit *limit, wb_zone zone)
{
    return limit_has(limit->zones, limit->zone_count, zone.n);
}

#endif
