/* shape: the part of a site's description that the fold of a person's scans looks at. */
#ifndef PRESENCE_SHAPE_H
#define PRESENCE_SHAPE_H

#include <stdbool.h>

#include "base/names.h"
#include "whereabouts/types.h"

/* What a scan at a reader does. A reader that is not described moves nobody. */
enum rule_kind { RULE_NONE, RULE_ENTER, RULE_LEAVE, RULE_BETWEEN };

struct rule {
    uint8_t kind;
    uint32_t a, b; /* zones; enter and leave: a. between [a, b]: a may be outside */
    uint32_t rank; /* of the reader's id among all, in byte order */
};

struct shape_zone {
    uint32_t parent; /* WB_ZONE_OUTSIDE for a root */
    uint32_t depth;  /* of a root: 1 */
    /* Zone y is x or below it when enter[x] <= enter[y] < leave[x] (Euler tour). */
    uint32_t enter, leave;
    int64_t forget_us; /* 0: never */
};

struct shape {
    struct shape_zone *zones; /* [zone_count], by number; unknown and outside are there, too */
    size_t zone_count;
    struct rule *rules; /* [rule_count], by the reader's number */
    size_t rule_count;
    int64_t debounce_us;
    bool forgets;              /* some zone does */
    const struct names *bands; /* their ids order scans that are alike but for the band */
};

/* Whether zone is `above` or below it. */
static inline bool shape_within(const struct shape *shape, uint32_t zone, uint32_t above)
{
    return shape->zones[above].enter <= shape->zones[zone].enter &&
           shape->zones[zone].enter < shape->zones[above].leave;
}

#endif
