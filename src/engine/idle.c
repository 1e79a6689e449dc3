/* What can wait: the tail into blocks, blocks to disk, small journal rows into segments, the WAL
 * into the file. All of it goes in bounded pieces, so that nobody waits for long: a piece in
 * memory is a group of people or a zone; what goes to the disk is gathered first, as an errand,
 * and may then run on another thread while questions are asked. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

#define PIECES        4u     /* groups and zones in one step: about a millisecond */
#define SEGMENT_BYTES 65536u /* a segment is finished when it is as large */

/* ---- Statements for later ---- */

bool puts_add(struct puts *puts, enum statement statement, const struct cell *cells, size_t count)
{
    assert(count <= PUT_CELLS_MAX);
    if (!LIST_ROOM(puts, 1)) return false;
    struct put *put = &puts->at[puts->count++];
    put->statement = statement;
    put->count = (uint32_t)count;
    memcpy(put->cells, cells, count * sizeof *cells);
    return true;
}

static bool copy_cell(struct puts *puts, struct cell *cell)
{
    if (cell->kind != CELL_TEXT && cell->kind != CELL_BLOB) return true;
    void *copy = malloc(cell->bytes + 1);
    if (copy == NULL || !LIST_PUSH(&puts->copies, copy)) {
        free(copy);
        return false;
    }
    memcpy(copy, cell->data, cell->bytes);
    cell->data = copy;
    return true;
}

wb_status engine_put(struct wb *wb, struct puts *puts, enum statement statement,
                     const struct cell *cells, size_t count)
{
    if (puts == NULL) return engine_store(wb, store_put(wb->store, statement, cells, count));
    bool memory = puts_add(puts, statement, cells, count);
    struct put *put = memory ? &puts->at[puts->count - 1] : NULL;
    for (size_t i = 0; memory && i < count; i++) {
        memory = copy_cell(puts, &put->cells[i]);
    }
    return memory ? WB_OK : engine_no_memory(wb);
}

static void puts_clear(struct puts *puts)
{
    for (size_t i = 0; i < puts->copies.count; i++) {
        free(puts->copies.at[i]);
    }
    puts->copies.count = 0;
    puts->count = 0;
}

/* Half of an errand is none. */
wb_status drop_errand(struct wb *wb, wb_status status)
{
    puts_clear(&wb->errand.puts);
    wb->errand.spans.count = 0;
    wb->errand.kind = ERRAND_NONE;
    wb->errand.erases = false;
    wb->failed = status;
    return status;
}

void errand_done(struct errand *errand)
{
    puts_clear(&errand->puts);
    LIST_DONE(&errand->puts.copies);
    LIST_DONE(&errand->puts);
    LIST_DONE(&errand->spans);
    *errand = (struct errand){0};
}

/* ---- Blocks and their watermark ---- */

static wb_status put_number(struct wb *wb, struct puts *puts, const char *key, uint64_t value)
{
    struct cell cells[] = {CELL_OF_TEXT(key, strlen(key)), CELL_OF(value)};
    return engine_put(wb, puts, META_PUT, cells, 2);
}

static wb_status put_heard(struct wb *wb, struct puts *puts)
{
    for (size_t r = 0; r < wb->reader_states.count; r++) {
        struct reader_state *reader = &wb->reader_states.at[r];
        if (!reader->heard_changed) continue;
        int64_t heard_us = reader->heard_us == WB_NO_TIME ? USED_UNHEARD : reader->heard_us;
        struct cell cells[] = {CELL_OF(r), CELL_OF(heard_us)};
        TRY(engine_put(wb, puts, READER_HEARD, cells, 2));
        reader->heard_changed = false;
    }
    return WB_OK;
}

/* Whether blocks in memory are newer than on disk. Commits without a scan go by without them. */
bool blocks_wait(struct wb *wb)
{
    if (!apply_is_due(wb)) {
        wb->applied_seq = wb->believed_seq;
        wb->applied_scans = wb->scan_count;
    }
    return wb->written_seq != wb->applied_seq || wb->shelf.changed > 0;
}

wb_status put_watermark(struct wb *wb, const struct wb *view, struct puts *puts)
{
    TRY(put_heard(wb, puts));
    TRY(put_number(wb, puts, "blocks_seq", view->applied_seq));
    TRY(put_number(wb, puts, "blocks_version", view->plan.folds));
    TRY(put_number(wb, puts, "blocks_generation", view->shelf.generation));
    return put_number(wb, puts, "scans", view->applied_scans);
}

static wb_status put_blocks(struct wb *wb, struct puts *puts)
{
    TRY(record_names(wb, puts));
    if (!blocks_put(wb, puts, SIZE_MAX)) return engine_no_memory(wb);
    return put_watermark(wb, wb, puts);
}

/* Blocks hold what was believed up to applied_seq, and nothing of what came after. */
static wb_status gather_blocks(struct wb *wb)
{
    struct errand *errand = &wb->errand;
    wb_status status = put_blocks(wb, &errand->puts);
    if (status != WB_OK) return drop_errand(wb, status);
    errand->kind = ERRAND_BLOCKS;
    errand->seq = wb->applied_seq;
    errand->bands = wb->bands.count;
    errand->people = wb->owners.count;
    return WB_OK;
}

/* ---- Segments ---- */

struct sealing {
    struct wb *wb;
    struct segment_writer writer;
    struct learnt_span span;
    uint8_t hash[HASH_BYTES];
    size_t most; /* segments to make still */
};

static wb_status finish_segment(struct sealing *sealing)
{
    struct wb *wb = sealing->wb;
    struct learnt_span *span = &sealing->span;
    struct errand *errand = &wb->errand;
    if (span->first == 0) return WB_OK;
    segment_end(&sealing->writer);
    span->scans = sealing->writer.scan_count;
    if (sealing->writer.out.failed || !LIST_PUSH(&errand->spans, *span) ||
        !LIST_ROOM(&wb->segments, errand->spans.count)) {
        return engine_no_memory(wb);
    }
    struct cell cells[] = {CELL_OF(span->first),
                           CELL_OF(span->last),
                           CELL_OF(span->learnt_first),
                           CELL_OF(span->learnt_last),
                           CELL_OF(span->scans),
                           CELL_OF_BLOB(sealing->hash, HASH_BYTES),
                           CELL_OF_BLOB(sealing->writer.out.at, sealing->writer.out.count)};
    struct cell drop[] = {CELL_OF(span->first), CELL_OF(span->last)};
    TRY(engine_put(wb, &errand->puts, SEGMENT_PUT, cells, 7));
    TRY(engine_put(wb, &errand->puts, JOURNAL_DROP, drop, 2));
    errand->kind = ERRAND_SEGMENTS;
    segment_begin(&sealing->writer);
    *span = (struct learnt_span){0};
    return --sealing->most > 0 ? WB_OK : WB_ESTOPPED;
}

static wb_status seal_commit(void *context, const struct replayed *at)
{
    struct sealing *sealing = context;
    if (at->seq > sealing->wb->written_seq) return WB_ESTOPPED;
    if (sealing->span.first == 0) {
        sealing->span.first = at->seq;
        sealing->span.learnt_first = at->learnt_us;
    }
    sealing->span.last = at->seq;
    sealing->span.learnt_last = at->learnt_us;
    memcpy(sealing->hash, at->hash, HASH_BYTES);
    segment_add(&sealing->writer, at->learnt_us, at->commit, at->block, at->bytes);
    size_t waiting = sealing->writer.scans.count * 8;
    return sealing->writer.out.count + waiting >= SEGMENT_BYTES ? finish_segment(sealing) : WB_OK;
}

/* The next segments, at most so many, of rows that are in blocks on disk. */
static wb_status gather_segments(struct wb *wb, size_t most)
{
    struct sealing sealing = {.wb = wb, .most = most};
    segment_begin(&sealing.writer);
    wb_status status = replay(wb, wb->sealed_seq + 1, true, seal_commit, &sealing);
    if (status == WB_OK || status == WB_ESTOPPED) status = finish_segment(&sealing);
    segment_writer_done(&sealing.writer);
    if (status == WB_OK || status == WB_ESTOPPED) return WB_OK;
    return drop_errand(wb, status);
}

/* Rows wait until there are many, then they go all at once, one segment after the other. */
static bool rows_wait(struct wb *wb, uint64_t least)
{
    uint64_t rows = wb->written_seq > wb->sealed_seq ? wb->written_seq - wb->sealed_seq : 0;
    if (rows >= least) wb->sealing_until = wb->written_seq;
    return wb->sealing_until > wb->sealed_seq && rows > 0;
}

/* ---- An errand ---- */

static wb_status run_puts(struct wb *wb)
{
    const struct puts *puts = &wb->errand.puts;
    TRY(store_begin(wb->store));
    for (size_t i = 0; i < puts->count; i++) {
        const struct put *put = &puts->at[i];
        TRY(store_put(wb->store, put->statement, put->cells, put->count));
    }
    if (wb->errand.erases) TRY(store_rewrite_texts(wb->store));
    return store_commit(wb->store);
}

wb_status wb_idle_sync(struct wb *wb)
{
    if (wb->failed != WB_OK) return wb->failed;
    if (wb->errand.kind == ERRAND_NONE || wb->errand.ran) return WB_EINVAL;
    wb_status status = wb->errand.puts.count > 0 ? run_puts(wb) : WB_OK;
    bool due = wb->errand.kind == ERRAND_CHECKPOINT || store_wants_checkpoint(wb->store);
    if (status == WB_OK && due) status = store_checkpoint(wb->store, false);
    wb->errand.ran = status == WB_OK;
    return status;
}

wb_status wb_idle_end(struct wb *wb)
{
    struct errand *errand = &wb->errand;
    if (wb->failed != WB_OK) return wb->failed;
    TRY(engine_store(wb, store_status(wb->store)));
    if (!errand->ran) return WB_EINVAL;
    if (errand->kind == ERRAND_BLOCKS) {
        blocks_written(wb);
        wb->written_seq = errand->seq;
        wb->bands_recorded = errand->bands;
        wb->people_recorded = errand->people;
    }
    if (errand->kind >= ERRAND_REFOLD) TRY(refold_written(wb));
    for (size_t i = 0; i < errand->spans.count; i++) {
        const struct learnt_span *span = &errand->spans.at[i];
        wb->segments.at[wb->segments.count++] = *span;
        wb->rows_since_seal -= span->last - span->first + 1;
        wb->sealed_seq = span->last;
    }
    errand->spans.count = 0;
    puts_clear(&errand->puts);
    errand->kind = ERRAND_NONE;
    errand->ran = false;
    errand->erases = false;
    return WB_OK;
}

wb_status errand_run(struct wb *wb)
{
    if (wb->errand.ran) return wb_idle_end(wb);
    wb_status status = wb_idle_sync(wb);
    return status == WB_OK ? wb_idle_end(wb) : engine_store(wb, status);
}

/* ---- Steps ---- */

/* What is next for the disk when all blocks are there, if anything is. */
static wb_status gather(struct wb *wb)
{
    if (rows_wait(wb, SEAL_ROWS)) return gather_segments(wb, 1);
    TRY(erase_finish(wb));
    if (store_wants_checkpoint(wb->store)) wb->errand.kind = ERRAND_CHECKPOINT;
    return WB_OK;
}

wb_status wb_idle_step(struct wb *wb, enum wb_idle_next *next)
{
    if (wb->failed != WB_OK) return wb->failed;
    if (!wb->writes || wb->errand.kind != ERRAND_NONE) return WB_EINVAL;
    *next = WB_IDLE_DONE;
    if (!wb->described) return WB_OK;
    wb->refold_next = !wb->refold_next && refold_is_due(wb) && !wb->turn.open;
    if (wb->refold_next) return refold_step(wb, false, next);
    bool written = wb->applying != NULL || !blocks_wait(wb);
    if (written && apply_is_due(wb)) {
        TRY(apply_some(wb, PIECES));
        *next = WB_IDLE_MORE;
        return WB_OK;
    }
    if (wb->turn.open) return WB_OK;
    TRY(written ? gather(wb) : gather_blocks(wb));
    if (wb->errand.kind != ERRAND_NONE) {
        *next = WB_IDLE_SYNC;
    } else if (refold_is_due(wb)) {
        return refold_step(wb, false, next);
    }
    return WB_OK;
}

wb_status write_blocks(struct wb *wb)
{
    TRY(apply(wb));
    if (!blocks_wait(wb)) return WB_OK;
    TRY(gather_blocks(wb));
    TRY(errand_run(wb));
    return engine_store(wb, store_checkpoint(wb->store, false));
}

wb_status write_with_errand(struct wb *wb)
{
    (void)blocks_wait(wb); /* the watermark is that of all that is believed */
    TRY(gather_blocks(wb));
    return errand_run(wb);
}

/* All in one transaction: some hundred syncs fewer than one for each segment. */
wb_status seal(struct wb *wb, bool all)
{
    if (!rows_wait(wb, all ? SEAL_ROWS / 64 : SEAL_ROWS)) return WB_OK;
    TRY(gather_segments(wb, SIZE_MAX));
    TRY(errand_run(wb));
    return engine_store(wb, store_checkpoint(wb->store, false));
}

wb_status wb_idle(struct wb *wb)
{
    if (wb->failed != WB_OK) return wb->failed;
    if (!wb->writes || wb->turn.open || wb->errand.kind != ERRAND_NONE) return WB_EINVAL;
    if (!wb->described) return WB_OK;
    TRY(write_blocks(wb));
    TRY(seal(wb, false));
    return erase_finish(wb);
}
