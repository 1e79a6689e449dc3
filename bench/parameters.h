/* The parameter sets that the questions are asked with: always the same ones for the same
 * numbers of people and days, so that every system answers the same questions. */
#ifndef BENCH_PARAMETERS_H
#define BENCH_PARAMETERS_H

#include <stddef.h>
#include <stdint.h>

struct parameter_set {
    uint32_t zone;   /* 0 .. 499 */
    uint32_t person; /* 0 .. people - 1 */
    int64_t at_ms;   /* a moment between 10:00 and 18:00 UTC */
    int64_t day_ms;  /* the start of that day */
};

/* Draw the first count sets. The first fifty of 100,000 are the fifty. */
void parameters_draw(struct parameter_set *out, size_t count, uint32_t people, uint32_t days);

#endif
