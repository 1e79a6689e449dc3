/* limiter: how often a sign-in may be tried, by name and by address.
 *
 * A cell holds when its tries will be paid off (the generic cell rate algorithm of ATM, ITU-T
 * I.371). Each key falls on one cell of each row and is let in if any of them lets it: so a
 * stranger's tries shut somebody else out only where all their cells meet. Memory is constant,
 * whoever tries. */
#ifndef ACCESS_LIMITER_H
#define ACCESS_LIMITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIMITER_ROWS  2u
#define LIMITER_CELLS 2048u

#define LIMITER_NAME_EVERY_US    INT64_C(15000000) /* a try each 15 s in the long run */
#define LIMITER_NAME_BURST       8                 /* and so many at once */
#define LIMITER_ADDRESS_EVERY_US INT64_C(3000000)
#define LIMITER_ADDRESS_BURST    20

struct limiter_table {
    int64_t paid_us[LIMITER_ROWS][LIMITER_CELLS];
};

struct limiter {
    struct limiter_table names, addresses;
    uint8_t key[16]; /* so that nobody can choose names that meet */
};

void limiter_init(struct limiter *limiter, const uint8_t key[16]);

/* Whether one more try is let in; it counts. wait_us: else how long to wait; may be NULL.
 * cost: four hashes */
bool limiter_try(struct limiter *limiter, const char *name, const char *address, int64_t now_us,
                 int64_t *wait_us);

/* A try that succeeded does not count against its name. */
void limiter_forgive(struct limiter *limiter, const char *name);

#endif
