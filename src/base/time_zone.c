#include "base/time_zone.h"

#include <assert.h>
#include <stdlib.h>

#define S_OF_400_YEARS (INT64_C(146097) * 86400)

struct time_zone *time_zone_new(int32_t first_s, size_t capacity)
{
    struct time_zone *zone = calloc(1, sizeof *zone);
    if (zone == NULL) return NULL;
    zone->first_s = first_s;
    zone->capacity = capacity;
    if (capacity == 0) return zone;
    zone->change = calloc(capacity, sizeof *zone->change);
    if (zone->change == NULL) {
        free(zone);
        return NULL;
    }
    return zone;
}

void time_zone_free(struct time_zone *zone)
{
    if (zone == NULL) return;
    free(zone->change);
    free(zone);
}

void time_zone_add(struct time_zone *zone, int64_t at_s, int32_t after_s)
{
    assert(zone->count == 0 || zone->change[zone->count - 1].at_s <= at_s);

    if (zone->count > 0 && zone->change[zone->count - 1].at_s == at_s) zone->count--;
    const struct time_change *last = zone->count > 0 ? &zone->change[zone->count - 1] : NULL;
    int32_t before_s = last != NULL ? last->after_s : zone->first_s;
    if (after_s == before_s) return;

    assert(zone->count < zone->capacity);
    int64_t local_until_s = at_s + (before_s > after_s ? before_s : after_s);
    /* Two changes nearer to each other than their size: keep the order that search needs. */
    if (last != NULL && last->local_until_s > local_until_s) local_until_s = last->local_until_s;
    zone->change[zone->count++] = (struct time_change){
        .at_s = at_s, .local_until_s = local_until_s, .before_s = before_s, .after_s = after_s};
}

/* How far a moment lies beyond the changes that are written out, in whole cycles of 400
 * years: what to take away before looking it up. */
static int64_t beyond(const struct time_zone *zone, int64_t seconds)
{
    if (!zone->repeats) return 0;
    int64_t since = seconds - zone->repeats_from_s;
    if (since >= S_OF_400_YEARS) return since / S_OF_400_YEARS * S_OF_400_YEARS;
    if (since < 0 && zone->always) {
        return (since - (S_OF_400_YEARS - 1)) / S_OF_400_YEARS * S_OF_400_YEARS;
    }
    return 0;
}

/* How many changes are at or before a moment. */
static size_t changes_by(const struct time_zone *zone, int64_t utc_s)
{
    size_t low = 0;
    size_t high = zone->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->change[middle].at_s <= utc_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

int32_t time_zone_offset(const struct time_zone *zone, int64_t utc_s)
{
    size_t count = changes_by(zone, utc_s - beyond(zone, utc_s));
    return count == 0 ? zone->first_s : zone->change[count - 1].after_s;
}

bool time_zone_last_change(const struct time_zone *zone, int64_t utc_s, int64_t *at_s)
{
    int64_t cycles_s = beyond(zone, utc_s);
    size_t count = changes_by(zone, utc_s - cycles_s);
    if (count == 0) return false;
    *at_s = zone->change[count - 1].at_s + cycles_s;
    return true;
}

bool time_zone_from_local(const struct time_zone *zone, int64_t local_s, int64_t *utc_s)
{
    int64_t cycles_s = beyond(zone, local_s);
    int64_t wanted_s = local_s - cycles_s;
    size_t low = 0;
    size_t high = zone->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->change[middle].local_until_s <= wanted_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == zone->count) {
        *utc_s = local_s - (low == 0 ? zone->first_s : zone->change[low - 1].after_s);
        return true;
    }
    /* Between the smaller and the larger of its two local times, a change makes readings that
     * occur twice (back) or never (forward). For both the offset before it is the answer. */
    const struct time_change *next = &zone->change[low];
    int32_t smaller_s = next->before_s < next->after_s ? next->before_s : next->after_s;
    *utc_s = local_s - next->before_s;
    return wanted_s < next->at_s + smaller_s;
}
