/* Scans that are believed and not in blocks yet, and those that the open turn took. */
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

/* Times are chosen by strangers, so the hash has a seed. */
static size_t identity_hash(const struct tail *tail, uint32_t reader, uint32_t band, int64_t at_us,
                            uint32_t direction)
{
    uint64_t h = ((uint64_t)at_us ^ tail->seed) * UINT64_C(0x9e3779b97f4a7c15);
    h ^= h >> 29;
    h += ((uint64_t)reader << 34 ^ (uint64_t)band << 2 ^ direction) ^ tail->seed >> 7;
    h *= UINT64_C(0xbf58476d1ce4e5b9);
    return (size_t)(h ^ h >> 29);
}

static uint64_t slot_entry(size_t hash, size_t index)
{
    return ((uint64_t)hash & UINT64_C(0xffffffff00000000)) | (uint64_t)(index + 1);
}

static void put_slot(struct tail *tail, size_t index)
{
    const struct tail_scan *t = &tail->at[index];
    size_t mask = tail->slot_count - 1;
    size_t hash = identity_hash(tail, t->reader, t->band, t->at_us, t->direction);
    size_t i = hash & mask;
    while (tail->slot[i] != 0) {
        i = (i + 1) & mask;
    }
    tail->slot[i] = slot_entry(hash, index);
}

/* Most scans are newer than all of their band, so nobody looks for an equal one: scans are put
 * into the slots when the first look-up comes that needs them. */
static void index_rest(struct tail *tail)
{
    for (; tail->indexed < tail->count; tail->indexed++) {
        put_slot(tail, tail->indexed);
    }
}

/* The tail holds effective scans; identity is the raw one. Only released scans differ in that, and
 * they are never in the tail (see turn.c). */
uint32_t tail_find(struct wb *wb, const struct fact_scan *scan)
{
    struct tail *tail = &wb->tail;
    if (tail->count == 0 || scan->band >= tail->newest.count ||
        scan->at_us > tail->newest.at[scan->band]) {
        return WB_NONE;
    }
    index_rest(tail);
    size_t mask = tail->slot_count - 1;
    size_t hash = identity_hash(tail, scan->reader, scan->band, scan->at_us, scan->direction);
    for (size_t i = hash & mask; tail->slot[i] != 0; i = (i + 1) & mask) {
        if (tail->slot[i] >> 32 != (uint64_t)hash >> 32) continue;
        uint32_t index = (uint32_t)tail->slot[i] - 1;
        const struct tail_scan *t = &tail->at[index];
        if (t->at_us == scan->at_us && t->band == scan->band && t->reader == scan->reader &&
            t->direction == scan->direction) {
            return index;
        }
    }
    return WB_NONE;
}

/* The slots are filled again by the next look-up. */
static void index_drop(struct tail *tail)
{
    if (tail->indexed > 0) memset(tail->slot, 0, tail->slot_count * sizeof *tail->slot);
    tail->indexed = 0;
}

static bool slots_for(struct tail *tail, size_t count)
{
    if (count * 3 <= tail->slot_count * 2) return true;
    size_t slots = tail->slot_count == 0 ? 256 : tail->slot_count * 2;
    uint64_t *grown = calloc(slots, sizeof *grown);
    if (grown == NULL) return false;
    free(tail->slot);
    tail->slot = grown;
    tail->slot_count = slots;
    tail->indexed = 0;
    return true;
}

bool tail_add(struct wb *wb, const struct placed *placed)
{
    struct tail *tail = &wb->tail;
    if (!slots_for(tail, tail->count + 1)) return false;
    struct tail_scan scan = {.at_us = placed->scan.at_us,
                             .learnt_us = placed->note.learnt_us,
                             .owner = placed->owner,
                             .band = placed->scan.band,
                             .reader = placed->scan.reader,
                             .direction = placed->scan.direction,
                             .flags = placed->scan.flags};
    while (scan.band >= tail->newest.count) {
        if (!LIST_PUSH(&tail->newest, WB_NO_TIME)) return false;
    }
    if (!LIST_PUSH(tail, scan)) return false;
    if (scan.at_us > tail->newest.at[scan.band]) tail->newest.at[scan.band] = scan.at_us;
    return true;
}

void tail_keep_from(struct tail *tail, size_t first)
{
    if (first == 0) return;
    memmove(tail->at, tail->at + first, (tail->count - first) * sizeof *tail->at);
    tail->count -= first;
    tail->believed = tail->believed > first ? tail->believed - first : 0;
    index_drop(tail);
}

void tail_shrink(struct tail *tail, size_t count)
{
    if (count >= tail->count) return;
    tail->count = count;
    index_drop(tail);
}
