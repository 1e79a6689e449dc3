/* seeded: numbers at random for unit tests, the same on every machine.
 *
 * SplitMix64, https://prng.di.unimi.it/splitmix64.c */
#ifndef TEST_UNIT_BASE_SEEDED_H
#define TEST_UNIT_BASE_SEEDED_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

static inline uint64_t seeded_next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* One of 0 .. limit - 1. */
static inline uint32_t seeded_below(uint64_t *state, uint32_t limit)
{
    assert(limit > 0);
    return (uint32_t)(seeded_next(state) % limit);
}

/* True in `percent` of 100 cases. */
static inline bool seeded_percent(uint64_t *state, uint32_t percent)
{
    return seeded_below(state, 100) < percent;
}

#endif
