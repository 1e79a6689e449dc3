/* sort: orders items by a signed 64-bit key, stable, for lists that are mostly times.
 *
 * Least significant digit radix sort on the bits in which keys differ (Knuth, The Art of Computer
 * Programming 3, 5.2.5); insertion where the list is short. */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sort_key {
    int64_t key;
    uint32_t index; /* the caller's */
};

struct sort_keys {
    struct sort_key *at;
    size_t count, capacity;
};

/* Sort; scratch grows to the same size and keeps its memory. cost: O(n), at most 8 passes.
 * false: no memory, nothing is sorted. */
bool sort_by_key(struct sort_keys *keys, struct sort_keys *scratch);

#endif
