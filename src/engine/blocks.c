/* Packed blocks: read through one bounded cache, changed ones kept until they are written.
 *
 * A block's row in the file is numbered n << 32 | second: all blocks of a group or zone stand
 * together, in the order of time. The first block of each begins at second 0, which stands for all
 * earlier times, too; the last one reaches to the end of time. Bit 62 is the generation: blocks
 * that a changed site asks for are written beside those in use (refold.c), until they take their
 * place.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

static const enum statement GET[BLOCK_KINDS] = {PERSON_BLOCK_GET, ZONE_BLOCK_GET};

static const enum statement PUT[BLOCK_KINDS] = {PERSON_BLOCK_PUT, ZONE_BLOCK_PUT};

static const enum statement IDS[BLOCK_KINDS] = {PERSON_BLOCK_IDS, ZONE_BLOCK_IDS};

static const enum statement ANY[BLOCK_KINDS] = {PERSON_BLOCK_ANY, ZONE_BLOCK_ANY};

static const enum statement SWEEP[BLOCK_KINDS] = {PERSON_BLOCK_SWEEP, ZONE_BLOCK_SWEEP};

uint32_t block_second(int64_t at_us)
{
    int64_t second = at_us / 1000000 - (at_us % 1000000 < 0) - EARLIEST_US / 1000000;
    if (second < 0) return 0;
    return second > UINT32_MAX ? UINT32_MAX : (uint32_t)second;
}

int64_t block_base_us(uint32_t second)
{
    return EARLIEST_US + (int64_t)second * 1000000;
}

struct spine *spine_of(struct wb *wb, enum block_kind kind, uint32_t n)
{
    struct spines *spines = &wb->shelf.spines[kind];
    if (n >= spines->count) {
        size_t more = n + 1 - spines->count;
        if (!LIST_ROOM(spines, more)) return NULL;
        memset(spines->at + spines->count, 0, more * sizeof *spines->at);
        spines->count += more;
    }
    return &spines->at[n];
}

size_t spine_at(const struct spine *spine, int64_t at_us)
{
    assert(spine->count > 0);
    uint32_t second = block_second(at_us);
    size_t low = 0;
    size_t high = spine->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (spine->at[middle] <= second) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* ---- The cache ---- */

static uint64_t row_id(const struct shelf *shelf, uint64_t hot_id)
{
    return hot_id >> 1 | (uint64_t)shelf->generation << 62;
}

static uint64_t hot_id(enum block_kind kind, uint32_t n, uint32_t second)
{
    return ((uint64_t)n << 32 | second) << 1 | (uint64_t)kind;
}

static size_t hot_hash(uint64_t id)
{
    id *= UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(id ^ id >> 32);
}

static size_t slot_of(const struct shelf *shelf, uint64_t id)
{
    size_t mask = shelf->slot_count - 1;
    size_t i = hot_hash(id) & mask;
    while (shelf->slot[i] != 0 && shelf->at[shelf->slot[i] - 1].id != id) {
        i = (i + 1) & mask;
    }
    return i;
}

static struct hot *hot_find(struct shelf *shelf, uint64_t id)
{
    if (shelf->slot_count == 0) return NULL;
    uint32_t entry = shelf->slot[slot_of(shelf, id)];
    return entry == 0 ? NULL : &shelf->at[entry - 1];
}

/* Close the gap that a removal leaves (Knuth, The Art of Computer Programming 3, 6.4, R). */
static void slot_clear(struct shelf *shelf, size_t gap)
{
    size_t mask = shelf->slot_count - 1;
    size_t i = gap;
    shelf->slot[gap] = 0;
    for (;;) {
        i = (i + 1) & mask;
        if (shelf->slot[i] == 0) return;
        size_t home = hot_hash(shelf->at[shelf->slot[i] - 1].id) & mask;
        bool stays = gap <= i ? gap < home && home <= i : gap < home || home <= i;
        if (stays) continue;
        shelf->slot[gap] = shelf->slot[i];
        shelf->slot[i] = 0;
        gap = i;
    }
}

static void hot_drop(struct shelf *shelf, size_t index)
{
    struct hot *hot = &shelf->at[index];
    slot_clear(shelf, slot_of(shelf, hot->id));
    shelf->bytes -= hot->bytes;
    /* Each block once: it is out of use then. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
    free(hot->data);
    *hot = (struct hot){0};
}

/* Let go of blocks that were not asked for since the hand came by (Corbato's clock). */
static void make_room(struct shelf *shelf)
{
    for (size_t steps = 0; shelf->bytes > shelf->bytes_max && steps < 2 * shelf->count; steps++) {
        shelf->hand = shelf->hand + 1 < shelf->count ? shelf->hand + 1 : 0;
        struct hot *hot = &shelf->at[shelf->hand];
        if (!hot->in_use || hot->changed) continue;
        if (hot->recent) {
            hot->recent = false;
            continue;
        }
        hot_drop(shelf, shelf->hand);
    }
}

static bool slots_for_one(struct shelf *shelf)
{
    if ((shelf->count + 1) * 2 <= shelf->slot_count) return true;
    size_t slots = shelf->slot_count == 0 ? 1024 : shelf->slot_count * 2;
    uint32_t *grown = calloc(slots, sizeof *grown);
    if (grown == NULL) return false;
    free(shelf->slot);
    shelf->slot = grown;
    shelf->slot_count = slots;
    for (size_t i = 0; i < shelf->count; i++) {
        if (shelf->at[i].in_use) shelf->slot[slot_of(shelf, shelf->at[i].id)] = (uint32_t)i + 1;
    }
    return true;
}

/* A free place; NULL: no memory. */
static struct hot *hot_new(struct shelf *shelf, uint64_t id)
{
    size_t index = shelf->count;
    assert(index == 0 || shelf->at != NULL);
    for (size_t tries = 0; tries < 8 && tries < shelf->count; tries++) {
        size_t i = (shelf->hand + tries) % shelf->count;
        if (!shelf->at[i].in_use) {
            index = i;
            break;
        }
    }
    if (!slots_for_one(shelf)) return NULL;
    if (index == shelf->count) {
        if (!LIST_ROOM(shelf, 1)) return NULL;
        shelf->count++;
    }
    assert(shelf->at != NULL && shelf->slot != NULL);
    shelf->at[index] = (struct hot){.id = id, .in_use = true};
    shelf->slot[slot_of(shelf, id)] = (uint32_t)index + 1;
    return &shelf->at[index];
}

static bool hot_fill(struct shelf *shelf, struct hot *hot, const void *data, size_t bytes)
{
    uint8_t *copy = malloc(bytes + BITS_SLACK);
    if (copy == NULL) return false;
    memcpy(copy, data, bytes);
    memset(copy + bytes, 0, BITS_SLACK);
    if (hot->writing) {
        if (!LIST_PUSH(&shelf->outworn, hot->data)) {
            free(copy);
            return false;
        }
        hot->writing = false;
    } else {
        free(hot->data);
    }
    shelf->bytes += bytes;
    shelf->bytes -= hot->bytes;
    hot->data = copy;
    hot->bytes = (uint32_t)bytes;
    hot->recent = true;
    return true;
}

wb_status block_damaged(struct wb *wb, enum block_kind kind, uint32_t n, uint32_t second)
{
    if (kind == BLOCK_ZONE && n < wb->zones.count) {
        return engine_fail(wb, WB_EDAMAGED,
                           "the block of zone \"%s\" that begins at second %u is damaged; "
                           "`whereabouts rebuild` makes it again from the journal.",
                           names_text(&wb->zones, n), second);
    }
    return engine_fail(wb, WB_EDAMAGED,
                       "the person block of group %u that begins at second %u is damaged; "
                       "`whereabouts rebuild` makes it again from the journal.",
                       n, second);
}

wb_status block_get(struct wb *wb, enum block_kind kind, uint32_t n, uint32_t second,
                    const uint8_t **data, size_t *bytes)
{
    struct shelf *shelf = &wb->shelf;
    uint64_t id = hot_id(kind, n, second);
    struct hot *hot = hot_find(shelf, id);
    if (hot == NULL) {
        wb_status status =
            store_blob(wb->store, GET[kind], (int64_t)row_id(shelf, id), &shelf->buffer);
        if (status == WB_ENOENT) return block_damaged(wb, kind, n, second);
        TRY(engine_store(wb, status));
        make_room(shelf);
        hot = hot_new(shelf, id);
        if (hot == NULL) return engine_no_memory(wb);
        if (!hot_fill(shelf, hot, shelf->buffer.at, shelf->buffer.bytes)) {
            hot_drop(shelf, (size_t)(hot - shelf->at));
            return engine_no_memory(wb);
        }
    }
    hot->recent = true;
    *data = hot->data;
    *bytes = hot->bytes;
    return WB_OK;
}

bool member_is_sound(const struct wb *wb, const struct member *member)
{
    const struct fold *state = &member->state;
    if (member->has_state && (state->now.zone >= wb->plan.shape.zone_count ||
                              state->last_real >= wb->plan.shape.zone_count ||
                              state->reader >= wb->plan.shape.rule_count)) {
        return false;
    }
    uint32_t readers = (uint32_t)wb->plan.shape.rule_count;
    uint32_t bands = (uint32_t)wb->band_states.count;
    bool sound = true;
    for (size_t i = 0; i < member->scans.count; i++) {
        sound = sound && member->scans.at[i].reader < readers && member->scans.at[i].band < bands;
    }
    return sound;
}

bool people_are_sound(const struct wb *wb, const struct crowd *crowd)
{
    uint32_t most = 0;
    for (size_t i = 0; i < crowd->count; i++) {
        if (crowd->at[i] > most) most = crowd->at[i];
    }
    return crowd->count == 0 || most < wb->owners.count;
}

bool events_are_sound(const struct wb *wb, const struct events *events)
{
    uint32_t most = 0;
    for (size_t i = 0; i < events->count; i++) {
        if (events->at[i].person > most) most = events->at[i].person;
    }
    return events->count == 0 || most < wb->owners.count;
}

static bool spine_insert(struct spine *spine, uint32_t second)
{
    size_t i = spine->count;
    while (i > 0 && spine->at[i - 1] >= second) {
        if (spine->at[i - 1] == second) return true;
        i--;
    }
    if (!LIST_ROOM(spine, 1)) return false;
    memmove(spine->at + i + 1, spine->at + i, (spine->count - i) * sizeof *spine->at);
    spine->at[i] = second;
    spine->count++;
    return true;
}

uint64_t group_epoch(const struct wb *wb, uint32_t group)
{
    uint64_t changed = group < wb->shelf.epochs.count ? wb->shelf.epochs.at[group] : 0;
    return changed + 1 + wb->shelf.cleared_epoch;
}

static bool note_change(struct wb *wb, uint32_t group)
{
    struct epochs *epochs = &wb->shelf.epochs;
    while (group >= epochs->count) {
        if (!LIST_PUSH(epochs, 0)) return false;
    }
    epochs->at[group] = wb->epoch;
    return true;
}

wb_status block_put(struct wb *wb, enum block_kind kind, uint32_t n, uint32_t second,
                    const struct bytes_out *content)
{
    struct shelf *shelf = &wb->shelf;
    struct spine *spine = spine_of(wb, kind, n);
    wb->epoch++;
    if (kind == BLOCK_PERSON && !note_change(wb, n)) return engine_no_memory(wb);
    if (spine == NULL || !spine_insert(spine, second)) return engine_no_memory(wb);
    uint64_t id = hot_id(kind, n, second);
    struct hot *hot = hot_find(shelf, id);
    if (hot == NULL) hot = hot_new(shelf, id);
    if (hot == NULL) return engine_no_memory(wb);
    if (!hot_fill(shelf, hot, content->at, content->count)) return engine_no_memory(wb);
    if (!hot->changed) shelf->changed++;
    hot->changed = true;
    return WB_OK;
}

bool blocks_put(struct wb *wb, struct puts *puts, size_t bytes)
{
    struct shelf *shelf = &wb->shelf;
    size_t left = shelf->changed;
    size_t put = 0;
    for (size_t i = 0; left > 0 && put < bytes && i < shelf->count; i++) {
        struct hot *hot = &shelf->at[i];
        if (!hot->in_use || !hot->changed) continue;
        struct cell cells[] = {CELL_OF(row_id(shelf, hot->id)),
                               CELL_OF_BLOB(hot->data, hot->bytes)};
        if (!puts_add(puts, PUT[hot->id & 1], cells, 2)) return false;
        hot->writing = true;
        put += hot->bytes;
        left--;
    }
    return true;
}

static void drop_outworn(struct shelf *shelf)
{
    for (size_t i = 0; i < shelf->outworn.count; i++) {
        free(shelf->outworn.at[i]);
    }
    shelf->outworn.count = 0;
}

void blocks_written(struct wb *wb)
{
    struct shelf *shelf = &wb->shelf;
    for (size_t i = 0; i < shelf->count; i++) {
        struct hot *hot = &shelf->at[i];
        if (!hot->writing) continue; /* also what was changed again meanwhile */
        hot->writing = false;
        hot->changed = false;
        shelf->changed--;
    }
    drop_outworn(shelf);
}

void shelf_clear(struct wb *wb)
{
    wb->epoch++;
    struct shelf *shelf = &wb->shelf;
    shelf->cleared_epoch = wb->epoch;
    shelf->epochs.count = 0;
    for (size_t i = 0; i < shelf->count; i++) {
        free(shelf->at[i].data);
    }
    shelf->count = 0;
    shelf->bytes = 0;
    shelf->changed = 0;
    shelf->hand = 0;
    if (shelf->slot_count > 0) memset(shelf->slot, 0, shelf->slot_count * sizeof *shelf->slot);
    for (int kind = 0; kind < BLOCK_KINDS; kind++) {
        for (size_t i = 0; i < shelf->spines[kind].count; i++) {
            shelf->spines[kind].at[i].count = 0;
        }
    }
}

void shelf_done(struct shelf *shelf)
{
    for (size_t i = 0; i < shelf->count; i++) {
        free(shelf->at[i].data);
    }
    for (int kind = 0; kind < BLOCK_KINDS; kind++) {
        for (size_t i = 0; i < shelf->spines[kind].count; i++) {
            LIST_DONE(&shelf->spines[kind].at[i]);
        }
        LIST_DONE(&shelf->spines[kind]);
    }
    drop_outworn(shelf);
    LIST_DONE(&shelf->outworn);
    LIST_DONE(&shelf->epochs);
    free(shelf->at);
    free(shelf->slot);
    free(shelf->buffer.at);
    *shelf = (struct shelf){0};
}

struct id_loader {
    struct wb *wb;
    enum block_kind kind;
};

static int64_t generation_first(unsigned generation)
{
    return (int64_t)generation << 62;
}

static int64_t generation_last(unsigned generation)
{
    return generation_first(generation) + ((INT64_C(1) << 62) - 1);
}

static wb_status load_id(void *context, const struct cell *cells)
{
    struct id_loader *loader = context;
    uint64_t id = (uint64_t)cells[0].number & ~(UINT64_C(1) << 62);
    struct spine *spine = spine_of(loader->wb, loader->kind, (uint32_t)(id >> 32));
    if (spine == NULL || !LIST_PUSH(spine, (uint32_t)id)) return engine_no_memory(loader->wb);
    return WB_OK;
}

wb_status shelf_load(struct wb *wb)
{
    for (int kind = 0; kind < BLOCK_KINDS; kind++) {
        struct id_loader loader = {wb, (enum block_kind)kind};
        struct cell cells[] = {CELL_OF(generation_first(wb->shelf.generation)),
                               CELL_OF(generation_last(wb->shelf.generation))};
        TRY(engine_store(wb, store_each(wb->store, IDS[kind], cells, 2, load_id, &loader)));
    }
    return WB_OK;
}

wb_status blocks_any(struct wb *wb, unsigned generation, bool *any)
{
    *any = false;
    for (int kind = 0; kind < BLOCK_KINDS; kind++) {
        struct cell cells[] = {CELL_OF(generation_first(generation)),
                               CELL_OF(generation_last(generation))};
        int64_t id = 0;
        TRY(engine_store(wb, store_number(wb->store, ANY[kind], cells, 2, -1, &id)));
        *any = *any || id != -1;
    }
    return WB_OK;
}

bool blocks_sweep(struct puts *puts, unsigned generation, size_t most)
{
    for (int kind = 0; kind < BLOCK_KINDS; kind++) {
        struct cell cells[] = {CELL_OF(generation_first(generation)),
                               CELL_OF(generation_last(generation)), CELL_OF(most)};
        if (!puts_add(puts, SWEEP[kind], cells, 3)) return false;
    }
    return true;
}
