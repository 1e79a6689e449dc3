/* chance: random numbers of a seed, the same on every machine (splitmix64). */
#ifndef TEST_LIB_CHANCE_H
#define TEST_LIB_CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chance {
    uint64_t state;
};

uint64_t chance_next(struct chance *chance);

/* One of 0 .. bound - 1; bound > 0. */
int chance_below(struct chance *chance, int bound);

/* Low .. high, both ends included. */
int64_t chance_between(struct chance *chance, int64_t low, int64_t high);

/* True in `percent` of 100 cases. */
bool chance_percent(struct chance *chance, int percent);

/* struct wb_options.random: the context is a struct chance. */
bool chance_fill(void *context, void *out, size_t bytes);

#endif
