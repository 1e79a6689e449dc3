#include "parameters.h"

#include "workload.h"

#define HOUR_MS INT64_C(3600000)

/* xorshift64* (Marsaglia 2003, Vigna 2014), the low bits cut off. */
static uint64_t draw(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (*state * UINT64_C(2685821657736338717)) >> 20;
}

void parameters_draw(struct parameter_set *out, size_t count, uint32_t people, uint32_t days)
{
    uint64_t state = UINT64_C(88172645463325252);
    for (size_t i = 0; i < count; i++) {
        uint64_t zone = draw(&state);
        uint64_t day = draw(&state);
        uint64_t moment = draw(&state);
        uint64_t person = draw(&state);
        (void)draw(&state); /* a fifth draw was never used; it belongs to the sequence */

        out[i].zone = (uint32_t)(zone % WORKLOAD_ZONES);
        out[i].person = (uint32_t)(person % people);
        out[i].day_ms = WORKLOAD_EPOCH_MS + (int64_t)(day % days) * WORKLOAD_DAY_MS;
        out[i].at_ms = out[i].day_ms + 10 * HOUR_MS + (int64_t)(moment % (uint64_t)(8 * HOUR_MS));
    }
}
