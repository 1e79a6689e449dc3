#include "tool/dice.h"

#include <assert.h>

uint64_t dice_next(struct dice *dice)
{
    dice->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = dice->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

struct dice dice_of(uint64_t seed, uint64_t a, uint64_t b)
{
    struct dice dice = {seed};

    /* Each number goes through the mixer, so that neighbours have nothing in common. */
    dice.state = dice_next(&dice) ^ (a * UINT64_C(0xd1342543de82ef95));
    dice.state = dice_next(&dice) ^ (b * UINT64_C(0xaf251af3b0f025b5));
    (void)dice_next(&dice);
    return dice;
}

uint32_t dice_below(struct dice *dice, uint32_t below)
{
    assert(below > 0);
    /* The upper half times the bound; the bias is below one in 2^32 / below. */
    return (uint32_t)(((dice_next(dice) >> 32) * below) >> 32);
}

bool dice_chance(struct dice *dice, uint32_t per_mille)
{
    return dice_below(dice, 1000) < per_mille;
}
