/* dice: numbers that look random and are the same on every machine for the same seed.
 *
 * SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
 * For inventions only: nothing that must be secret comes from here. */
#ifndef TOOL_DICE_H
#define TOOL_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

/* Dice of their own for each pair of numbers under a seed. */
struct dice dice_of(uint64_t seed, uint64_t a, uint64_t b);

uint64_t dice_next(struct dice *dice);

/* A number from 0 up to but not with `below` (at least 1). */
uint32_t dice_below(struct dice *dice, uint32_t below);

/* True so many times in a thousand. */
bool dice_chance(struct dice *dice, uint32_t per_mille);

#endif
