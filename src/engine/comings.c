/* Changes of who is inside a zone when go into zone blocks. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "engine/engine.h"

/* A shift: a person who is inside (+1) or not inside (-1) at the start of a block, otherwise than
 * it says. The person is its key; the number of a sort_key says by how much. */
static struct sort_key shift_of(uint32_t person, int32_t by)
{
    return (struct sort_key){person, (uint32_t)by};
}

static int32_t shift_by(const struct sort_key *shift)
{
    return (int32_t)shift->index;
}

struct sorter {
    struct sort_keys keys, scratch;
    struct edits sorted;
};

struct zone_mender {
    struct sorter sorter;
    struct zone_block block, piece;
    struct events merged;
    struct sort_keys shifts, spare, sort_scratch;
    struct crowd crowd;
    struct bytes_out packed;
};

static void mender_done(struct zone_mender *mender)
{
    LIST_DONE(&mender->sorter.keys);
    LIST_DONE(&mender->sorter.scratch);
    LIST_DONE(&mender->sorter.sorted);
    zone_block_done(&mender->block);
    zone_block_done(&mender->piece);
    LIST_DONE(&mender->merged);
    LIST_DONE(&mender->shifts);
    LIST_DONE(&mender->spare);
    LIST_DONE(&mender->sort_scratch);
    LIST_DONE(&mender->crowd);
    bytes_out_done(&mender->packed);
}

/* One shift a person, sorted; those that cancel out go. false: no memory. */
static bool shifts_join(struct zone_mender *mender)
{
    struct sort_keys *shifts = &mender->shifts;
    if (!sort_by_key(shifts, &mender->sort_scratch)) return false;
    size_t kept = 0;
    for (size_t i = 0; i < shifts->count;) {
        int64_t person = shifts->at[i].key;
        int32_t by = 0;
        for (; i < shifts->count && shifts->at[i].key == person; i++) {
            by += shift_by(&shifts->at[i]);
        }
        if (by != 0) shifts->at[kept++] = shift_of((uint32_t)person, by);
    }
    shifts->count = kept;
    return true;
}

/* Who is inside after the shifts: both lists are sorted. false: they do not fit, or no memory. */
static bool crowd_shift(struct zone_mender *mender, struct crowd *inside, bool *no_memory)
{
    struct crowd *out = &mender->crowd;
    const struct sort_keys *shifts = &mender->shifts;
    out->count = 0;
    if (!LIST_ROOM(out, inside->count + shifts->count)) {
        *no_memory = true;
        return false;
    }
    size_t s = 0;
    for (size_t i = 0; i < inside->count || s < shifts->count;) {
        bool from_list =
            i < inside->count && (s == shifts->count || inside->at[i] <= shifts->at[s].key);
        uint32_t person = from_list ? inside->at[i] : (uint32_t)shifts->at[s].key;
        int32_t count = from_list ? 1 : 0;
        i += from_list;
        if (s < shifts->count && shifts->at[s].key == person) count += shift_by(&shifts->at[s++]);
        if (count < 0 || count > 1) return false;
        if (count == 1) out->at[out->count++] = person;
    }
    struct crowd swap = *inside;
    *inside = *out;
    *out = swap;
    return true;
}

static bool push_shift(struct sort_keys *shifts, uint32_t person, bool comes)
{
    return LIST_PUSH(shifts, shift_of(person, comes ? 1 : -1));
}

static struct event event_of(const struct edit *edit)
{
    return (struct event){edit->at_us, edit->person, edit->in};
}

/* The block's events with those that come and without those that go. */
static bool merge(struct zone_mender *mender, const struct edit *edits, size_t count,
                  bool *no_memory)
{
    struct events *old = &mender->block.events;
    struct events *out = &mender->merged;
    out->count = 0;
    if (!LIST_ROOM(out, old->count + count)) {
        *no_memory = true;
        return false;
    }
    size_t i = 0;
    for (size_t e = 0; i < old->count || e < count;) {
        struct event event = {0};
        if (e < count) event = event_of(&edits[e]);
        int by = i == old->count ? 1 : e == count ? -1 : event_compare(&old->at[i], &event);
        if (by < 0) {
            out->at[out->count++] = old->at[i++];
        } else if (by == 0) {
            if (!edits[e].remove) return false;
            i++;
            e++;
        } else {
            if (edits[e].remove) return false;
            out->at[out->count++] = event;
            e++;
        }
    }
    struct events swap = *old;
    *old = *out;
    *out = swap;
    return true;
}

static wb_status put_packed(struct wb *wb, struct zone_mender *mender,
                            const struct zone_block *block, uint32_t zone, uint32_t second)
{
    mender->packed.count = 0;
    bool good = zone_block_write(block, block_base_us(second), &wb->places, &mender->packed);
    if (mender->packed.failed) return engine_no_memory(wb);
    if (!good) return block_damaged(wb, BLOCK_ZONE, zone, second);
    return block_put(wb, BLOCK_ZONE, zone, second, &mender->packed);
}

/* The first events of the block as one of their own; the block goes on after them. */
static wb_status put_piece(struct wb *wb, struct zone_mender *mender, uint32_t zone,
                           uint32_t second, size_t first, size_t count)
{
    bool last = first + count == mender->block.events.count;
    struct zone_block *block = &mender->block;
    struct zone_block piece = {
        .start = block->start, .events = {.at = block->events.at + first, .count = count}
    };
    TRY(put_packed(wb, mender, &piece, zone, second));
    if (last) return WB_OK;
    mender->shifts.count = 0;
    for (size_t i = first; i < first + count; i++) {
        const struct event *event = &block->events.at[i];
        if (!push_shift(&mender->shifts, event->person, event->in)) return engine_no_memory(wb);
    }
    if (!shifts_join(mender)) return engine_no_memory(wb);
    bool no_memory = false;
    if (crowd_shift(mender, &block->start, &no_memory)) return WB_OK;
    return no_memory ? engine_no_memory(wb) : block_damaged(wb, BLOCK_ZONE, zone, second);
}

/* Write the block back; cut it at whole seconds when it has grown too large. */
static wb_status put_block(struct wb *wb, struct zone_mender *mender, uint32_t zone,
                           uint32_t second)
{
    const struct events *events = &mender->block.events;
    size_t done = 0;
    for (;;) {
        size_t target = mender->block.start.count * 2;
        if (target < ZONE_TARGET) target = ZONE_TARGET;
        size_t left = events->count - done;
        if (left <= target + target / 2) return put_piece(wb, mender, zone, second, done, left);
        size_t cut = done + target;
        uint32_t next = block_second(events->at[cut].at_us);
        while (cut < events->count && block_second(events->at[cut].at_us) <= second) {
            cut++;
        }
        if (cut == events->count) return put_piece(wb, mender, zone, second, done, left);
        if (next <= second) next = block_second(events->at[cut].at_us);
        while (cut > done && block_second(events->at[cut - 1].at_us) >= next) {
            cut--;
        }
        TRY(put_piece(wb, mender, zone, second, done, cut - done));
        second = next;
        done = cut;
    }
}

static wb_status read_block(struct wb *wb, struct zone_mender *mender, uint32_t zone,
                            uint32_t second, bool exists)
{
    zone_block_clear(&mender->block);
    if (!exists) return WB_OK;
    const uint8_t *data;
    size_t bytes;
    TRY(block_get(wb, BLOCK_ZONE, zone, second, &data, &bytes));
    bool no_memory;
    if (zone_block_read(data, bytes, block_base_us(second), &mender->block, &no_memory) &&
        people_are_sound(wb, &mender->block.start) && events_are_sound(wb, &mender->block.events)) {
        return WB_OK;
    }
    return no_memory ? engine_no_memory(wb) : block_damaged(wb, BLOCK_ZONE, zone, second);
}

/* Edits that fall into one block. */
struct edits_part {
    const struct edit *at;
    size_t count;
};

/* Mend one block with the edits that fall into it and the shifts that come from before it. */
static wb_status mend_block(struct wb *wb, struct zone_mender *mender, uint32_t zone,
                            uint32_t second, bool exists, const struct edits_part *edits)
{
    TRY(read_block(wb, mender, zone, second, exists));
    bool no_memory = false;
    bool good = crowd_shift(mender, &mender->block.start, &no_memory) &&
                merge(mender, edits->at, edits->count, &no_memory);
    if (!good) {
        return no_memory ? engine_no_memory(wb) : block_damaged(wb, BLOCK_ZONE, zone, second);
    }
    struct sort_keys going = mender->shifts;
    mender->shifts = mender->spare;
    wb_status status = put_block(wb, mender, zone, second);
    mender->spare = mender->shifts;
    mender->shifts = going;
    return status;
}

/* The shifts that go on past a block with these edits. */
static bool shifts_go_on(struct zone_mender *mender, const struct edits_part *edits)
{
    for (size_t i = 0; i < edits->count; i++) {
        const struct edit *edit = &edits->at[i];
        if (!push_shift(&mender->shifts, edit->person, edit->in != edit->remove)) return false;
    }
    return shifts_join(mender);
}

/* How many edits stand before a moment. */
static size_t edits_before(const struct edit *edits, size_t count, int64_t until_us)
{
    size_t before = 0;
    while (before < count && edits[before].at_us < until_us) {
        before++;
    }
    return before;
}

static wb_status mend_zone(struct wb *wb, struct zone_mender *mender, uint32_t zone,
                           const struct edit *edits, size_t count)
{
    mender->shifts.count = 0;
    size_t index = 0;
    for (size_t e = 0; e < count || mender->shifts.count > 0;) {
        struct spine *spine = spine_of(wb, BLOCK_ZONE, zone);
        if (spine == NULL) return engine_no_memory(wb);
        size_t blocks = spine->count;
        bool exists = blocks > 0;
        if (exists && mender->shifts.count == 0) index = spine_at(spine, edits[e].at_us);
        if (exists && index >= blocks) return WB_OK; /* the shifts go past the last block */
        uint32_t second = exists ? spine->at[index] : 0;
        bool last = index + 1 >= blocks;
        size_t until =
            last ? count
                 : e + edits_before(edits + e, count - e, block_base_us(spine->at[index + 1]));
        struct edits_part here = {.at = edits + e, .count = until - e};
        TRY(mend_block(wb, mender, zone, second, exists, &here));
        if (last) return WB_OK;
        if (!shifts_go_on(mender, &here)) return engine_no_memory(wb);
        e = until;
        index += 1 + (spine_of(wb, BLOCK_ZONE, zone)->count - blocks);
    }
    return WB_OK;
}

/* ---- All zones ---- */

static int compare_edits(const void *left, const void *right)
{
    struct event a = event_of(left);
    struct event b = event_of(right);
    return event_compare(&a, &b);
}

/* By time first, then those of one moment among themselves. false: no memory. */
static bool sort_by_time(struct sorter *sorter, const struct edits *edits)
{
    size_t count = edits->count;
    struct edits *sorted = &sorter->sorted;
    sorter->keys.count = 0;
    sorted->count = 0;
    if (!LIST_ROOM(&sorter->keys, count) || !LIST_ROOM(sorted, count)) return false;
    for (size_t i = 0; i < count; i++) {
        sorter->keys.at[i] = (struct sort_key){edits->at[i].at_us, (uint32_t)i};
    }
    sorter->keys.count = count;
    if (!sort_by_key(&sorter->keys, &sorter->scratch)) return false;
    for (size_t i = 0; i < count; i++) {
        sorted->at[i] = edits->at[sorter->keys.at[i].index];
    }
    sorted->count = count;
    for (size_t i = 0; i < count;) {
        size_t tie = i + 1;
        while (tie < count && sorted->at[tie].at_us == sorted->at[i].at_us) {
            tie++;
        }
        if (tie - i > 1) qsort(sorted->at + i, tie - i, sizeof *sorted->at, compare_edits);
        i = tie;
    }
    return true;
}

bool edits_add(struct wb *wb, uint32_t zone, const struct event *event, bool remove)
{
    static const struct edits none;
    while (zone >= wb->edits.count) {
        if (!LIST_PUSH(&wb->edits, none)) return false;
    }
    struct edit edit = {event->at_us, event->person, event->in, remove};
    return LIST_PUSH(&wb->edits.at[zone], edit);
}

void edits_clear(struct wb *wb)
{
    for (size_t z = 0; z < wb->edits.count; z++) {
        LIST_DONE(&wb->edits.at[z]);
    }
    wb->edits.count = 0;
}

/* Zone by zone; it may stand still between two. */
struct comings {
    struct zone_mender mender;
    uint32_t zone; /* the next */
};

void comings_free(struct comings *comings)
{
    if (comings == NULL) return;
    mender_done(&comings->mender);
    free(comings);
}

wb_status comings_some(struct wb *wb, struct comings **comings, size_t pieces, bool *done)
{
    if (*comings == NULL) {
        *comings = calloc(1, sizeof **comings);
        if (*comings == NULL) return engine_no_memory(wb);
        (*comings)->zone = WB_FIRST_ZONE;
    }
    struct comings *c = *comings;
    for (; pieces > 0 && c->zone < wb->edits.count; c->zone++) {
        const struct edits *edits = &wb->edits.at[c->zone];
        if (edits->count == 0) continue;
        if (!sort_by_time(&c->mender.sorter, edits)) return engine_no_memory(wb);
        const struct edits *sorted = &c->mender.sorter.sorted;
        TRY(mend_zone(wb, &c->mender, c->zone, sorted->at, sorted->count));
        pieces--;
    }
    *done = c->zone >= wb->edits.count;
    if (*done) edits_clear(wb);
    return WB_OK;
}
