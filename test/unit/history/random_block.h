/* random_block: blocks with random content of every kind, and whether two hold the same. */
#ifndef TEST_UNIT_HISTORY_RANDOM_BLOCK_H
#define TEST_UNIT_HISTORY_RANDOM_BLOCK_H

#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "history/person_block.h"
#include "history/zone_block.h"
#include "unit/base/seeded.h"

static const int64_t random_unit_us[] = {1, 1000, 1000000, 60000000};

static inline int random_seen_compare(const void *left, const void *right)
{
    return seen_compare(left, right);
}

static inline int64_t random_time(uint64_t *chance)
{
    return (int64_t)(seeded_next(chance) >> 7) - INT64_C(72057594037927936);
}

static inline void random_note(uint64_t *chance, struct seen *scan, struct note *note)
{
    if (seeded_percent(chance, 50)) note->learnt_us = random_time(chance);
    if (seeded_percent(chance, 30)) note->withdrawn_us = random_time(chance);
    if (seeded_percent(chance, 30)) {
        note->raw_us = random_time(chance);
        note->released_us = random_time(chance);
    }
    if (seeded_percent(chance, 30)) scan->flags = WB_FLAG_AFTER_COMPLETE;
}

/* Scans of one member at whole units, sorted, no two equal; some with notes. */
static inline void random_scans(uint64_t *chance, int64_t base_us, struct timeline *out)
{
    static const uint32_t most[] = {0, 1, 2, 9, 70, 300};
    uint32_t count = most[seeded_below(chance, 6)];
    int64_t unit_us = random_unit_us[seeded_below(chance, 4)];
    uint32_t pace = 1u << seeded_below(chance, 20);
    uint32_t readers = 1u << seeded_below(chance, 10);
    uint32_t bands = 1 + seeded_below(chance, 4);
    uint32_t first_band = seeded_percent(chance, 20) ? UINT32_MAX - 3 : seeded_below(chance, 5000);
    bool one_direction = seeded_percent(chance, 60);
    uint32_t direction = seeded_below(chance, 3);
    uint32_t noted = seeded_percent(chance, 50) ? 0 : 1 + seeded_below(chance, 60);
    int64_t at_us = base_us / unit_us * unit_us;
    struct seen scans[300] = {0};
    for (uint32_t i = 0; i < count; i++) {
        at_us += (int64_t)seeded_below(chance, pace) * unit_us;
        if (seeded_percent(chance, 1)) at_us += INT64_C(3000000000) * unit_us / 60;
        scans[i] = (struct seen){
            .at_us = at_us,
            .reader = seeded_below(chance, readers),
            .band = first_band + seeded_below(chance, bands),
            .direction = (uint8_t)(one_direction ? direction : seeded_below(chance, 3))};
    }
    qsort(scans, count, sizeof scans[0], random_seen_compare);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0 && seen_compare(&scans[i - 1], &scans[i]) == 0) continue;
        struct note note = NOTE_EMPTY;
        if (seeded_percent(chance, noted)) random_note(chance, &scans[i], &note);
        if (!timeline_push(out, &scans[i], &note)) abort();
    }
}

static inline void random_state(uint64_t *chance, int64_t base_us, struct member *out)
{
    int64_t unit_us = random_unit_us[seeded_below(chance, 4)];
    struct fold *fold = &out->state;
    fold_init(fold);
    out->has_state = seeded_percent(chance, 70);
    if (!out->has_state) return;
    fold->now.from_us = base_us - (int64_t)seeded_below(chance, 1000000) * unit_us;
    fold->last_seen_us = fold->now.from_us + (int64_t)seeded_below(chance, 1000) * unit_us;
    fold->now.last_seen_us = fold->last_seen_us;
    fold->now.zone = 1 + seeded_below(chance, 300);
    fold->now.scans = 1 + seeded_below(chance, 100);
    fold->now.flags = seeded_below(chance, 4);
    fold->reader = seeded_below(chance, 40);
    if (seeded_percent(chance, 50)) fold->last_real = WB_FIRST_ZONE + seeded_below(chance, 90);
    if (seeded_percent(chance, 70)) return;
    fold->counted_count = 1 + seeded_below(chance, FOLD_COUNTED_MAX);
    for (uint32_t i = 0; i < fold->counted_count; i++) {
        fold->counted[i] = (struct counted){.at_us = base_us - seeded_below(chance, 100000000),
                                            .reader = seeded_below(chance, 1000),
                                            .direction = seeded_below(chance, 3)};
    }
}

static inline void random_person_block(uint64_t *chance, int64_t base_us, struct person_block *out)
{
    person_block_clear(out);
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        fold_init(&out->member[i].state);
        if (seeded_percent(chance, 40)) continue;
        random_state(chance, base_us, &out->member[i]);
        random_scans(chance, base_us, &out->member[i].scans);
    }
}

static inline bool same_timeline(const struct timeline *a, const struct timeline *b)
{
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct note *m = timeline_note(a, &a->at[i]);
        const struct note *n = timeline_note(b, &b->at[i]);
        if (seen_compare(&a->at[i], &b->at[i]) != 0 || a->at[i].flags != b->at[i].flags ||
            memcmp(m, n, sizeof *m) != 0) {
            return false;
        }
    }
    return true;
}

static inline bool same_member(const struct member *a, const struct member *b)
{
    return a->has_state == b->has_state && fold_equal(&a->state, &b->state) &&
           same_timeline(&a->scans, &b->scans);
}

/* ---- Zone blocks ---- */

static inline int random_event_compare(const void *left, const void *right)
{
    return event_compare(left, right);
}

/* Who is inside at the start, and comings and goings that fit. */
static inline void random_zone_block(uint64_t *chance, int64_t base_us, struct zone_block *out)
{
    enum { PEOPLE = 200 };

    static const uint32_t most[] = {0, 1, 2, 63, 64, 65, 128, 700, 1500};
    zone_block_clear(out);
    int64_t unit_us = random_unit_us[seeded_below(chance, 4)];
    uint32_t people = 1 + seeded_below(chance, PEOPLE);
    uint32_t stride = 1u << seeded_below(chance, 16);
    uint32_t pace = 1u << seeded_below(chance, 16);
    bool inside[PEOPLE] = {false};
    int64_t last_us[PEOPLE];
    for (uint32_t p = 0; p < people; p++) {
        last_us[p] = INT64_MIN;
        inside[p] = seeded_percent(chance, 30);
        if (inside[p] && !LIST_PUSH(&out->start, p * stride)) abort();
    }
    uint32_t count = most[seeded_below(chance, 9)];
    int64_t at_us = base_us + (int64_t)seeded_below(chance, 100) * unit_us;
    for (uint32_t i = 0; i < count; i++) {
        at_us += (int64_t)(seeded_percent(chance, 20) ? 0 : seeded_below(chance, pace)) * unit_us;
        uint32_t p = seeded_below(chance, people);
        if (last_us[p] == at_us) continue; /* a stay has some length */
        last_us[p] = at_us;
        inside[p] = !inside[p];
        struct event event = {.at_us = at_us, .person = p * stride, .in = inside[p]};
        if (!LIST_PUSH(&out->events, event)) abort();
    }
    if (out->events.count > 1) {
        qsort(out->events.at, out->events.count, sizeof *out->events.at, random_event_compare);
    }
}

static inline bool same_crowd(const struct crowd *a, const struct crowd *b)
{
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->at, b->at, a->count * sizeof *a->at) == 0);
}

static inline bool same_zone_block(const struct zone_block *a, const struct zone_block *b)
{
    if (!same_crowd(&a->start, &b->start) || a->events.count != b->events.count) return false;
    for (size_t i = 0; i < a->events.count; i++) {
        if (event_compare(&a->events.at[i], &b->events.at[i]) != 0) return false;
    }
    return true;
}

#endif
