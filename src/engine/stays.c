/* What was folded lately: the same people and days are asked for again and again, by pages that
 * are open and people who look something up. Two small tables, one way: stays by person and block,
 * which whatever changes a block empties; and where people were believed to be, which whatever is
 * learnt empties. */
#include <assert.h>
#include <stdlib.h>

#include "engine/ask.h"

#define PLACES    1024u
#define STAYS_MAX 512u /* longer lists are folded each time */
#define BELIEVED  4096u

struct folded {
    uint64_t key;
    uint64_t epoch; /* of wb->epoch when it was folded; 0: empty */
    struct wb_stays stays;
};

struct believed {
    int64_t as_of_us, known_us;
    uint64_t seq; /* of wb->seq when it was folded; 0: empty */
    uint32_t person, zone;
};

struct folded_table {
    struct folded place[PLACES];
    struct believed believed[BELIEVED];
    struct wb_stays once; /* a long list */
    struct timeline counting;
};

void folded_table_free(struct folded_table *table)
{
    if (table == NULL) return;
    for (size_t i = 0; i < PLACES; i++) {
        LIST_DONE(&table->place[i].stays);
    }
    LIST_DONE(&table->once);
    timeline_done(&table->counting);
    free(table);
}

/* Fold what the block holds of the person, from the state at its start. */
static wb_status fold_block(struct wb *wb, uint32_t person, uint32_t second, struct wb_stays *out)
{
    TRY(member_read(wb, person, second, false));
    const struct timeline *scans = &wb->member.scans;
    struct timeline *counting = &wb->folded->counting;
    struct fold_sink sink = {.stays = out};
    out->count = 0;
    const struct seen *at;
    size_t count;
    if (!timeline_counting(scans, counting, &at, &count)) return engine_no_memory(wb);
    struct fold *fold = &wb->member.state;
    fold_scans(fold, &wb->plan.shape, person, at, count, &sink);
    fold_settle(fold, person, &sink);
    return sink.failed ? engine_no_memory(wb) : WB_OK;
}

static wb_status table_ready(struct wb *wb)
{
    if (wb->folded == NULL) wb->folded = calloc(1, sizeof *wb->folded);
    return wb->folded == NULL ? engine_no_memory(wb) : WB_OK;
}

wb_status stays_ended(struct wb *wb, uint32_t person, uint32_t second, const struct wb_stay **at,
                      size_t *count)
{
    TRY(table_ready(wb));
    uint64_t key = (uint64_t)person << 32 | second;
    uint64_t hash = key * UINT64_C(0x9e3779b97f4a7c15);
    struct folded *place = &wb->folded->place[hash >> 54];
    struct wb_stays *stays = &place->stays;
    if (place->epoch != wb->epoch || place->key != key) {
        place->epoch = 0;
        TRY(fold_block(wb, person, second, stays));
        if (stays->count <= STAYS_MAX) {
            place->epoch = wb->epoch;
            place->key = key;
        } else {
            struct wb_stays swap = wb->folded->once;
            wb->folded->once = *stays;
            *stays = swap;
            stays = &wb->folded->once;
        }
    }
    *at = stays->at;
    *count = stays->count;
    return WB_OK;
}

wb_status believed_zone(struct wb *wb, const struct belief *belief, uint32_t person,
                        const struct wb_moment *moment, uint32_t *zone)
{
    assert(moment->known_us == belief->known_us && moment->asked_us == belief->known_us);
    TRY(table_ready(wb));
    uint64_t hash = ((uint64_t)moment->as_of_us ^ (uint64_t)moment->known_us << 20 ^ person) *
                    UINT64_C(0x9e3779b97f4a7c15);
    struct believed *place = &wb->folded->believed[(hash >> 32) % BELIEVED];
    if (place->seq != wb->seq || place->person != person || place->as_of_us != moment->as_of_us ||
        place->known_us != moment->known_us) {
        struct fold fold;
        TRY(fold_at(wb, belief, person, moment, &fold));
        *place = (struct believed){.as_of_us = moment->as_of_us,
                                   .known_us = moment->known_us,
                                   .seq = wb->seq,
                                   .person = person,
                                   .zone = fold.now.zone};
    }
    *zone = place->zone;
    return WB_OK;
}
