#include "access/limiter.h"

#include <sodium.h>
#include <string.h>

void limiter_init(struct limiter *limiter, const uint8_t key[16])
{
    memset(limiter, 0, sizeof *limiter);
    memcpy(limiter->key, key, sizeof limiter->key);
}

/* One hash gives the cells of all rows. */
static void find_cells(struct limiter *limiter, struct limiter_table *table, const char *text,
                       int64_t *cells[LIMITER_ROWS])
{
    uint8_t hash[crypto_shorthash_BYTES];
    (void)crypto_shorthash(hash, (const uint8_t *)text, strlen(text), limiter->key);
    for (size_t row = 0; row < LIMITER_ROWS; row++) {
        size_t cell = ((size_t)hash[2 * row] << 8 | hash[2 * row + 1]) % LIMITER_CELLS;
        cells[row] = &table->paid_us[row][cell];
    }
}

/* How long until a try of these cells is let in; 0: now. */
static int64_t wait_of(int64_t *const cells[LIMITER_ROWS], int64_t every_us, int64_t burst,
                       int64_t now_us)
{
    int64_t least_us = INT64_MAX;
    for (size_t row = 0; row < LIMITER_ROWS; row++) {
        int64_t wait_us = *cells[row] - (burst - 1) * every_us - now_us;
        if (wait_us < least_us) least_us = wait_us;
    }
    return least_us > 0 ? least_us : 0;
}

static void charge(int64_t *const cells[LIMITER_ROWS], int64_t every_us, int64_t now_us)
{
    for (size_t row = 0; row < LIMITER_ROWS; row++) {
        if (*cells[row] < now_us) *cells[row] = now_us;
        *cells[row] += every_us;
    }
}

bool limiter_try(struct limiter *limiter, const char *name, const char *address, int64_t now_us,
                 int64_t *wait_us)
{
    int64_t *names[LIMITER_ROWS];
    int64_t *addresses[LIMITER_ROWS];
    find_cells(limiter, &limiter->names, name, names);
    find_cells(limiter, &limiter->addresses, address, addresses);
    int64_t wait = wait_of(names, LIMITER_NAME_EVERY_US, LIMITER_NAME_BURST, now_us);
    int64_t more = wait_of(addresses, LIMITER_ADDRESS_EVERY_US, LIMITER_ADDRESS_BURST, now_us);
    if (more > wait) wait = more;
    if (wait_us != NULL) *wait_us = wait;
    if (wait > 0) return false;
    charge(names, LIMITER_NAME_EVERY_US, now_us);
    charge(addresses, LIMITER_ADDRESS_EVERY_US, now_us);
    return true;
}

void limiter_forgive(struct limiter *limiter, const char *name)
{
    int64_t *names[LIMITER_ROWS];
    find_cells(limiter, &limiter->names, name, names);
    for (size_t row = 0; row < LIMITER_ROWS; row++) {
        *names[row] -= LIMITER_NAME_EVERY_US;
    }
}
