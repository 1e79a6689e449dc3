/* Whether two descriptions fold all facts alike. */
#include <string.h>

#include "base/names.h"
#include "site/description.h"

static bool same_policy(const struct policy *a, const struct policy *b)
{
    return a->forget_us == b->forget_us && a->debounce_us == b->debounce_us &&
           a->ahead_us == b->ahead_us && a->adopt == b->adopt;
}

/* The id of a zone; "" for outside and for none, which are no ids. */
static const char *zone_id(const struct description *description, int32_t zone)
{
    return zone < 0 ? "" : description->zones[zone].id;
}

static bool same_zone(const struct description *a, size_t i, const struct description *b, size_t j)
{
    return description_forget_us(a, i) == description_forget_us(b, j) &&
           strcmp(zone_id(a, a->zones[i].in), zone_id(b, b->zones[j].in)) == 0;
}

static bool same_reader(const struct description *a, size_t i, const struct description *b,
                        size_t j)
{
    const struct description_reader *left = &a->readers[i];
    const struct description_reader *right = &b->readers[j];
    return left->kind == right->kind && strcmp(zone_id(a, left->a), zone_id(b, right->a)) == 0 &&
           strcmp(zone_id(a, left->b), zone_id(b, right->b)) == 0;
}

static bool add(struct names *names, const char *id)
{
    return names_add(names, id, strlen(id)) != NAMES_NONE;
}

static bool same_zones(const struct description *a, const struct description *b, struct names *of_b)
{
    if (a->zone_count != b->zone_count) return false;

    for (size_t j = 0; j < b->zone_count; j++)
        if (!add(of_b, b->zones[j].id)) return false;

    for (size_t i = 0; i < a->zone_count; i++) {
        uint32_t j = names_find(of_b, a->zones[i].id, strlen(a->zones[i].id));
        if (j == NAMES_NONE || !same_zone(a, i, b, j)) return false;
    }
    return true;
}

static bool same_readers(const struct description *a, const struct description *b,
                         struct names *of_b)
{
    if (a->reader_count != b->reader_count) return false;

    for (size_t j = 0; j < b->reader_count; j++)
        if (!add(of_b, b->readers[j].id)) return false;

    for (size_t i = 0; i < a->reader_count; i++) {
        uint32_t j = names_find(of_b, a->readers[i].id, strlen(a->readers[i].id));
        if (j == NAMES_NONE || !same_reader(a, i, b, j)) return false;
    }
    return true;
}

bool description_same_shape(const struct description *a, const struct description *b)
{
    struct names zones = {0};
    struct names readers = {0};
    bool same = same_policy(&a->policy, &b->policy) && same_zones(a, b, &zones) &&
                same_readers(a, b, &readers);
    names_done(&zones);
    names_done(&readers);
    return same;
}
