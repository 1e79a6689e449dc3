#include "chance.h"

#include <assert.h>

uint64_t chance_next(struct chance *chance)
{
    uint64_t z = chance->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int chance_below(struct chance *chance, int bound)
{
    assert(bound > 0);
    return (int)(chance_next(chance) % (uint64_t)bound);
}

int64_t chance_between(struct chance *chance, int64_t low, int64_t high)
{
    assert(low <= high);
    return low + (int64_t)(chance_next(chance) % ((uint64_t)(high - low) + 1));
}

bool chance_percent(struct chance *chance, int percent)
{
    return chance_below(chance, 100) < percent;
}

bool chance_fill(void *context, void *out, size_t bytes)
{
    unsigned char *at = out;
    for (size_t i = 0; i < bytes; i++)
        at[i] = (unsigned char)chance_next(context);
    return true;
}
