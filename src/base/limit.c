#include "base/limit.h"

#include <stdlib.h>

static uint8_t *new_bits(size_t count)
{
    return calloc(count / 8 + 1, 1);
}

static void set_bit(uint8_t *bits, uint32_t n)
{
    bits[n / 8] |= (uint8_t)(1u << (n % 8));
}

static bool open_people(const struct wb_people *people, struct limit *out)
{
    size_t count = 0;
    for (size_t i = 0; i < people->count; i++) {
        if (people->at[i].n >= count) count = (size_t)people->at[i].n + 1;
    }
    out->people = new_bits(count);
    if (out->people == NULL) return false;
    for (size_t i = 0; i < people->count; i++) {
        set_bit(out->people, people->at[i].n);
    }
    out->person_count = count;
    return true;
}

static bool open_zones(const struct wb_zones *zones, struct limit *out)
{
    size_t count = 0;
    for (size_t i = 0; i < zones->count; i++) {
        if (zones->at[i].n >= count) count = (size_t)zones->at[i].n + 1;
    }
    out->zones = new_bits(count);
    if (out->zones == NULL) return false;
    for (size_t i = 0; i < zones->count; i++) {
        set_bit(out->zones, zones->at[i].n);
    }
    out->zone_count = count;
    return true;
}

bool limit_open(const struct wb_limit *limit, struct limit *out)
{
    *out = (struct limit){0};
    if (limit == NULL) return true;
    return (limit->people == NULL || open_people(limit->people, out)) &&
           (limit->zones == NULL || open_zones(limit->zones, out));
}

void limit_close(struct limit *limit)
{
    free(limit->people);
    free(limit->zones);
    *limit = (struct limit){0};
}
