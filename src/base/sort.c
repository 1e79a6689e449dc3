#include "base/sort.h"

#include <string.h>

#include "base/list.h"

#define SHORT 48u

static void insertion(struct sort_key *at, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct sort_key item = at[i];
        size_t k = i;
        for (; k > 0 && at[k - 1].key > item.key; k--) {
            at[k] = at[k - 1];
        }
        at[k] = item;
    }
}

static void pass(const struct sort_key *from, struct sort_key *to, size_t count, int64_t least,
                 unsigned shift)
{
    uint32_t start[256] = {0};
    for (size_t i = 0; i < count; i++) {
        start[((uint64_t)from[i].key - (uint64_t)least) >> shift & 255]++;
    }
    uint32_t sum = 0;
    for (unsigned d = 0; d < 256; d++) {
        uint32_t here = start[d];
        start[d] = sum;
        sum += here;
    }
    for (size_t i = 0; i < count; i++) {
        to[start[((uint64_t)from[i].key - (uint64_t)least) >> shift & 255]++] = from[i];
    }
}

bool sort_by_key(struct sort_keys *keys, struct sort_keys *scratch)
{
    size_t count = keys->count;
    if (count <= SHORT) {
        insertion(keys->at, count);
        return true;
    }
    int64_t least = keys->at[0].key;
    int64_t most = least;
    bool sorted = true;
    for (size_t i = 1; i < count; i++) {
        int64_t key = keys->at[i].key;
        if (key < keys->at[i - 1].key) sorted = false;
        if (key < least) least = key;
        if (key > most) most = key;
    }
    if (sorted) return true;
    scratch->count = 0;
    if (!LIST_ROOM(scratch, count)) return false;
    uint64_t range = (uint64_t)most - (uint64_t)least;
    for (unsigned shift = 0; shift < 64 && range >> shift != 0; shift += 8) {
        pass(keys->at, scratch->at, count, least, shift);
        struct sort_key *swap = keys->at;
        size_t capacity = keys->capacity;
        keys->at = scratch->at;
        keys->capacity = scratch->capacity;
        scratch->at = swap;
        scratch->capacity = capacity;
    }
    return true;
}
