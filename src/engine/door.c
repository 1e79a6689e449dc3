/* Opening and closing: the registry and the newest state into memory, then what is not in blocks.
 */
#include <assert.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

#define CACHE_BYTES (32u << 20)

const char *wb_version(void)
{
    return WB_VERSION;
}

/* ---- Failures ---- */

wb_status engine_fail(struct wb *wb, wb_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(wb->error, sizeof wb->error, format, arguments);
    va_end(arguments);
    return status;
}

wb_status engine_no_memory(struct wb *wb)
{
    return engine_fail(wb, WB_ENOMEM, "memory is used up.");
}

/* Storage failures stay; a damaged block does not stop the others from answering. */
wb_status engine_store(struct wb *wb, wb_status status)
{
    if (status == WB_OK) return WB_OK;
    if (store_status(wb->store) != WB_OK) {
        wb->failed = store_status(wb->store);
        (void)snprintf(wb->error, sizeof wb->error, "%s", store_failure(wb->store));
        return wb->failed;
    }
    if (status == WB_ENOMEM) return engine_no_memory(wb);
    return status;
}

wb_status refuse(struct wb_fault *why, const char *format, ...)
{
    if (why == NULL) return WB_EREFUSED;
    *why = (struct wb_fault){0};
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(why->text, sizeof why->text, format, arguments);
    va_end(arguments);
    return WB_EREFUSED;
}

const char *wb_last_error(const struct wb *wb)
{
    return wb->error;
}

void wb_release_memory(void *memory)
{
    free(memory);
}

/* ---- Loading ---- */

static wb_status meta(struct wb *wb, const char *key, int64_t without, int64_t *out)
{
    struct cell cell = CELL_OF_TEXT(key, strlen(key));
    return engine_store(wb, store_number(wb->store, META_GET, &cell, 1, without, out));
}

static wb_status load_span(void *context, const struct cell *cells)
{
    struct wb *wb = context;
    struct learnt_span span = {.first = (uint64_t)cells[0].number,
                               .last = (uint64_t)cells[1].number,
                               .learnt_first = cells[2].number,
                               .learnt_last = cells[3].number,
                               .scans = (uint64_t)cells[4].number};
    wb->sealed_seq = span.last;
    return LIST_PUSH(&wb->segments, span) ? WB_OK : WB_ENOMEM;
}

static wb_status load_last_segment(void *context, const struct cell *cells)
{
    struct wb *wb = context;
    wb->seq = (uint64_t)cells[1].number;
    wb->learnt_us = cells[3].number;
    if (cells[5].bytes == HASH_BYTES) memcpy(wb->hash, cells[5].data, HASH_BYTES);
    return WB_OK;
}

static wb_status load_last_row(void *context, const struct cell *cells)
{
    struct wb *wb = context;
    wb->seq = (uint64_t)cells[0].number;
    wb->learnt_us = cells[1].number;
    if (cells[2].bytes == HASH_BYTES) memcpy(wb->hash, cells[2].data, HASH_BYTES);
    return WB_OK;
}

static wb_status load_journal(struct wb *wb)
{
    wb->learnt_us = WB_NO_TIME;
    TRY(engine_store(wb, store_each(wb->store, SEGMENT_SPANS, NULL, 0, load_span, wb)));
    TRY(engine_store(wb, store_each(wb->store, SEGMENT_LAST, NULL, 0, load_last_segment, wb)));
    TRY(engine_store(wb, store_each(wb->store, JOURNAL_LAST, NULL, 0, load_last_row, wb)));
    int64_t number = 0;
    TRY(meta(wb, "scans", 0, &number));
    wb->scan_count = (uint64_t)number;
    TRY(engine_store(wb, store_number(wb->store, JOURNAL_COUNT, NULL, 0, 0, &number)));
    wb->rows_since_seal = (uint64_t)number;
    return engine_store(wb, store_number(wb->store, NOTE_LAST, NULL, 0, 0, &wb->note_last));
}

/* Everybody's state at the end of what is in blocks: one block a group. */
static wb_status load_group(struct wb *wb, uint32_t group, struct person_block *block)
{
    struct spine *spine = spine_of(wb, BLOCK_PERSON, group);
    if (spine == NULL) return engine_no_memory(wb);
    if (spine->count == 0) return WB_OK;
    uint32_t second = spine->at[spine->count - 1];
    const uint8_t *data;
    size_t bytes;
    bool no_memory;
    TRY(block_get(wb, BLOCK_PERSON, group, second, &data, &bytes));
    person_block_clear(block);
    if (!person_block_read(data, bytes, block_base_us(second), block, &no_memory)) {
        return no_memory ? engine_no_memory(wb) : block_damaged(wb, BLOCK_PERSON, group, second);
    }
    for (uint32_t i = 0; i < GROUP_PEOPLE; i++) {
        uint32_t owner = group * GROUP_PEOPLE + i;
        if (owner >= wb->owners.count) break;
        if (!member_is_sound(wb, &block->member[i])) {
            return block_damaged(wb, BLOCK_PERSON, group, second);
        }
        if (!presence_from_block(wb, owner, &block->member[i], second)) {
            return engine_no_memory(wb);
        }
    }
    return WB_OK;
}

static wb_status load_presence(struct wb *wb)
{
    struct person_block *block = calloc(1, sizeof *block);
    if (block == NULL) return engine_no_memory(wb);
    wb_status status = WB_OK;
    for (uint32_t g = 0; status == WB_OK && (size_t)g * GROUP_PEOPLE < wb->owners.count; g++) {
        status = load_group(wb, g, block);
        /* The rest still answers; questions that need the block name it. */
        if (status == WB_EDAMAGED && wb->failed == WB_OK) {
            status = LIST_PUSH(&wb->groups_damaged, g) ? WB_OK : engine_no_memory(wb);
        }
    }
    person_block_done(block);
    free(block);
    return status;
}

/* The blocks may have been made for a site that folds otherwise: a change of the site was committed
 * and its refold not finished. Then it goes on as that one says. */
static wb_status load_blocks(struct wb *wb)
{
    int64_t version = 0;
    int64_t seq = 0;
    TRY(meta(wb, "blocks_version", 0, &version));
    TRY(meta(wb, "blocks_seq", 0, &seq));
    int64_t generation = 0;
    TRY(meta(wb, "blocks_generation", 0, &generation));
    wb->shelf.generation = generation == 1;
    if (wb->writes) TRY(blocks_any(wb, !wb->shelf.generation, &wb->sweeps));
    if (seq == 0) wb->scan_count = 0;
    if (seq > 0) TRY(plan_over(wb, (size_t)version));
    wb->believed_seq = (uint64_t)seq;
    wb->applied_seq = (uint64_t)seq;
    wb->applied_scans = wb->scan_count;
    wb->written_seq = (uint64_t)seq;
    TRY(shelf_load(wb));
    return load_presence(wb);
}

static wb_status load_register(struct wb *wb)
{
    TRY(engine_store(wb, names_load(wb)));
    wb->people_recorded = wb->owners.count;
    wb->bands_recorded = wb->bands.count;
    TRY(engine_store(wb, whose_load(wb)));
    return engine_store(wb, plan_load(wb));
}

static wb_status load(struct wb *wb)
{
    TRY(load_register(wb));
    TRY(load_journal(wb));
    int64_t erased = 0;
    TRY(meta(wb, "log_has_erased", 0, &erased));
    wb->log_has_erased = wb->writes && erased != 0;
    TRY(erase_finish(wb));
    if (!wb->described) return WB_OK;
    TRY(load_blocks(wb));
    TRY(replay_tail(wb));
    TRY(plan_refresh(wb));
    bool waits = refold_is_due(wb) && !wb->host_idles;
    return waits ? refold_finish(wb, NULL, NULL) : WB_OK;
}

/* ---- Opening ---- */

void view_done(struct wb *wb)
{
    LIST_DONE(&wb->owners);
    LIST_DONE(&wb->mores);
    LIST_DONE(&wb->free_mores);
    plan_done(&wb->plan);
    LIST_DONE(&wb->tail);
    LIST_DONE(&wb->tail.newest);
    free(wb->tail.slot);
    LIST_DONE(&wb->changes);
    LIST_DONE(&wb->pending);
    edits_clear(wb);
    LIST_DONE(&wb->edits);
    applying_free(wb->applying);
    shelf_done(&wb->shelf);
    LIST_DONE(&wb->places);
    LIST_DONE(&wb->crowd);
    LIST_DONE(&wb->doubtful);
    zone_part_done(&wb->part);
    timeline_done(&wb->member.scans);
    timeline_done(&wb->gathered);
    in_flight_done(wb->in_flight);
    company_free(wb->company);
    folded_table_free(wb->folded);
    late_index_free(wb->late);
    free(wb->row_text);
    LIST_DONE(&wb->scratch_counts);
    LIST_DONE(&wb->groups_damaged);
    commit_done(&wb->turn.commit);
    bytes_out_done(&wb->turn.block);
    LIST_DONE(&wb->turn.ops);
    LIST_DONE(&wb->turn.bands_touched);
    LIST_DONE(&wb->turn.registered);
    LIST_DONE(&wb->news.moved);
    LIST_DONE(&wb->news.changed);
}

static void unload(struct wb *wb)
{
    refold_drop(wb);
    names_done(&wb->people);
    names_done(&wb->bands);
    names_done(&wb->zones);
    names_done(&wb->readers);
    names_done(&wb->groups);
    for (size_t i = 0; i < wb->versions.count; i++) {
        description_done(&wb->versions.at[i].description);
        free(wb->versions.at[i].json);
    }
    for (size_t i = 0; i < wb->reader_states.count; i++) {
        LIST_DONE(&wb->reader_states.at[i].completions);
    }
    LIST_DONE(&wb->versions);
    LIST_DONE(&wb->band_states);
    LIST_DONE(&wb->reader_states);
    LIST_DONE(&wb->rows);
    LIST_DONE(&wb->spans);
    LIST_DONE(&wb->withdrawals);
    free(wb->withdrawals.slot);
    LIST_DONE(&wb->releases);
    LIST_DONE(&wb->segments);
    errand_done(&wb->errand);
    view_done(wb);
}

static void start(struct wb *wb, size_t cache_bytes)
{
    wb->shelf.bytes_max = cache_bytes;
    wb->rows_learnt_us = WB_NO_TIME;
    wb->epoch = 1;
    if (wb->random != NULL) {
        (void)wb->random(wb->random_context, &wb->tail.seed, sizeof wb->tail.seed);
    }
}

/* Forget all and load again: somebody else has written. */
static wb_status reload(struct wb *wb)
{
    struct wb fresh = {.store = wb->store,
                       .writes = wb->writes,
                       .random = wb->random,
                       .random_context = wb->random_context};
    size_t cache_bytes = wb->shelf.bytes_max;
    unload(wb);
    *wb = fresh;
    start(wb, cache_bytes);
    return load(wb);
}

wb_status engine_refresh(struct wb *wb)
{
    bool changed;
    TRY(engine_store(wb, store_refresh(wb->store, &changed)));
    return changed ? reload(wb) : WB_OK;
}

wb_status wb_rest(struct wb *wb)
{
    if (wb->failed != WB_OK) return wb->failed;
    return engine_store(wb, store_rest(wb->store));
}

static enum store_access access_of(uint32_t mode)
{
    return mode == WB_CREATE ? STORE_CREATE : mode == WB_WRITE ? STORE_WRITE : STORE_READ;
}

wb_status wb_open(const char *path, const struct wb_options *options, struct wb **out,
                  struct wb_fault *why)
{
    if (sodium_init() < 0) return WB_EIO;
    struct wb *wb = calloc(1, sizeof *wb);
    if (wb == NULL) return WB_ENOMEM;
    wb->writes = options->mode != WB_READ;
    wb->random = options->random;
    wb->random_context = options->random_context;
    wb->host_idles = options->idles;
    start(wb, options->cache_bytes == 0 ? CACHE_BYTES : options->cache_bytes);
    wb_status status = store_open(path, access_of(options->mode), options->vfs, &wb->store, why);
    if (status != WB_OK) {
        free(wb);
        return status;
    }
    bool changed;
    status = engine_store(wb, store_refresh(wb->store, &changed));
    if (status == WB_OK) status = load(wb);
    if (status == WB_OK) {
        *out = wb;
        return WB_OK;
    }
    if (why != NULL) {
        *why = (struct wb_fault){0};
        (void)snprintf(why->text, sizeof why->text, "%s", wb->error);
    }
    unload(wb);
    store_close(wb->store);
    free(wb);
    return status;
}

wb_status wb_close(struct wb *wb)
{
    if (wb == NULL) return WB_OK;
    wb_status status = WB_OK;
    if (wb->writes && wb->failed == WB_OK && wb->described) {
        wb_abandon(wb);
        if (wb->errand.kind != ERRAND_NONE) status = errand_run(wb);
        if (status == WB_OK) status = write_blocks(wb);
        if (status == WB_OK) status = seal(wb, true);
        if (status == WB_OK) status = erase_finish(wb);
        if (status == WB_OK) status = engine_store(wb, store_shrink(wb->store));
    }
    unload(wb);
    store_close(wb->store);
    free(wb);
    return status;
}
