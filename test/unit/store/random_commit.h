/* random_commit: commits with random content of every kind, and whether two hold the same. */
#ifndef TEST_UNIT_STORE_RANDOM_COMMIT_H
#define TEST_UNIT_STORE_RANDOM_COMMIT_H

#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "store/commit.h"
#include "unit/base/seeded.h"

static inline bool same_fact_scan(const struct fact_scan *a, const struct fact_scan *b)
{
    return a->at_us == b->at_us && a->learnt_us == b->learnt_us && a->reader == b->reader &&
           a->band == b->band && a->direction == b->direction;
}

/* Scans at whole units, in no order; every second commit has given learnt times. */
static inline void random_fact_scans(uint64_t *chance, uint32_t count, int64_t about_us,
                                     bool learnt, struct fact_scans *out)
{
    static const int64_t unit_us[] = {1, 1000, 1000000, 60000000};
    int64_t unit = unit_us[seeded_below(chance, 4)];
    uint32_t spread = 1u << seeded_below(chance, 24);
    uint32_t readers = 1u << seeded_below(chance, 10);
    uint32_t bands = 1u << seeded_below(chance, 32);
    bool directions = seeded_percent(chance, 50);
    uint32_t direction = seeded_below(chance, 3);
    for (uint32_t i = 0; i < count; i++) {
        struct fact_scan scan = {
            .at_us = (about_us / unit + (int64_t)seeded_below(chance, spread)) * unit,
            .learnt_us = WB_NO_TIME,
            .reader = seeded_below(chance, readers),
            .band = seeded_below(chance, bands),
            .direction = directions ? seeded_below(chance, 3) : direction};
        if (learnt && seeded_percent(chance, 60)) {
            scan.learnt_us = scan.at_us + seeded_below(chance, 100000000);
        }
        if (!LIST_PUSH(out, scan)) abort();
    }
}

static inline void random_facts(uint64_t *chance, uint32_t count, struct facts *out)
{
    static const char text[] = "{\"id\":\"larch\",\"timezone\":\"Europe/London\"}";
    for (uint32_t i = 0; i < count; i++) {
        struct fact fact = {.kind = (enum fact_kind)(1 + seeded_below(chance, FACT_KIND_END - 1)),
                            .a = (uint32_t)seeded_next(chance) >> seeded_below(chance, 32),
                            .b = (uint32_t)seeded_next(chance) >> seeded_below(chance, 32),
                            .c = seeded_below(chance, 4),
                            .x = (int64_t)seeded_next(chance) >> seeded_below(chance, 64),
                            .y = WB_STILL_THERE,
                            .z = WB_NO_TIME};
        if (fact.kind == FACT_WITHDRAWAL || fact.kind == FACT_RELEASE) {
            for (unsigned k = 0; k < COMMITMENT_BYTES; k++) {
                fact.commitment[k] = (uint8_t)seeded_next(chance);
            }
        }
        if (fact.kind == FACT_SITE) {
            fact.text = text;
            fact.text_bytes = seeded_below(chance, sizeof text);
        }
        if (!LIST_PUSH(out, fact)) abort();
    }
}

static inline bool same_fact(const struct fact *a, const struct fact *b)
{
    return a->kind == b->kind && a->a == b->a && a->b == b->b && a->c == b->c && a->x == b->x &&
           a->y == b->y && a->z == b->z &&
           memcmp(a->commitment, b->commitment, COMMITMENT_BYTES) == 0 &&
           a->text_bytes == b->text_bytes &&
           (a->text_bytes == 0 || memcmp(a->text, b->text, a->text_bytes) == 0);
}

static inline bool same_commit(const struct commit *a, const struct commit *b)
{
    if (a->scans.count != b->scans.count || a->facts.count != b->facts.count) return false;
    for (size_t i = 0; i < a->scans.count; i++) {
        if (!same_fact_scan(&a->scans.at[i], &b->scans.at[i])) return false;
    }
    for (size_t i = 0; i < a->facts.count; i++) {
        if (!same_fact(&a->facts.at[i], &b->facts.at[i])) return false;
    }
    return true;
}

#endif
