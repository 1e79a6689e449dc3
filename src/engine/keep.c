/* Keeping the file: journal rows into segments, blocks anew, a copy. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

/* ---- Compaction ---- */

#define SEGMENT_BYTES 65536u /* a segment is finished when it is as large */

struct sealing {
    struct wb *wb;
    struct segment_writer writer;
    struct learnt_span span;
    uint8_t hash[HASH_BYTES];
};

static wb_status finish_segment(struct sealing *sealing)
{
    struct wb *wb = sealing->wb;
    struct learnt_span *span = &sealing->span;
    if (span->first == 0) return WB_OK;
    segment_end(&sealing->writer);
    if (sealing->writer.out.failed) return engine_no_memory(wb);
    struct cell cells[] = {CELL_OF(span->first),
                           CELL_OF(span->last),
                           CELL_OF(span->learnt_first),
                           CELL_OF(span->learnt_last),
                           CELL_OF(sealing->writer.scan_count),
                           CELL_OF_BLOB(sealing->hash, HASH_BYTES),
                           CELL_OF_BLOB(sealing->writer.out.at, sealing->writer.out.count)};
    struct cell drop[] = {CELL_OF(span->first), CELL_OF(span->last)};
    span->scans = sealing->writer.scan_count;
    if (!LIST_ROOM(&wb->segments, 1)) return engine_no_memory(wb);
    TRY(engine_store(wb, store_put(wb->store, SEGMENT_PUT, cells, 7)));
    TRY(engine_store(wb, store_put(wb->store, JOURNAL_DROP, drop, 2)));
    wb->segments.at[wb->segments.count++] = *span;
    wb->rows_since_seal -= span->last - span->first + 1;
    wb->sealed_seq = span->last;
    segment_begin(&sealing->writer);
    *span = (struct learnt_span){0};
    return WB_OK;
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

/* All in one transaction: some hundred syncs fewer than one for each segment. What was finished
 * before a failure is good, so it is committed, too; a failure of the store stays with it. */
static wb_status seal_rows(struct wb *wb)
{
    struct sealing sealing = {.wb = wb};
    TRY(engine_store(wb, store_begin(wb->store)));
    segment_begin(&sealing.writer);
    wb_status status = replay(wb, wb->sealed_seq + 1, true, seal_commit, &sealing);
    if (status == WB_ESTOPPED) status = WB_OK;
    if (status == WB_OK) status = finish_segment(&sealing);
    segment_writer_done(&sealing.writer);
    wb_status committed = engine_store(wb, store_commit(wb->store));
    return status == WB_OK ? committed : status;
}

wb_status seal(struct wb *wb, bool all)
{
    if (wb->written_seq <= wb->sealed_seq) return WB_OK;
    if (!all && wb->written_seq - wb->sealed_seq < SEAL_ROWS) return WB_OK;
    if (all && wb->written_seq - wb->sealed_seq < SEAL_ROWS / 64) return WB_OK;
    TRY(seal_rows(wb));
    return engine_store(wb, store_checkpoint(wb->store, false));
}

wb_status wb_idle(struct wb *wb)
{
    if (wb->failed != WB_OK) return wb->failed;
    if (!wb->writes || wb->turn.open) return WB_EINVAL;
    if (!wb->described) return WB_OK;
    TRY(write_blocks(wb));
    return seal(wb, false);
}

/* ---- Rebuild ---- */

static wb_status clear_blocks(struct wb *wb)
{
    TRY(engine_store(wb, store_begin(wb->store)));
    TRY(engine_store(wb, store_put(wb->store, PERSON_BLOCK_CLEAR, NULL, 0)));
    TRY(engine_store(wb, store_put(wb->store, ZONE_BLOCK_CLEAR, NULL, 0)));
    struct cell cells[] = {CELL_OF_TEXT("blocks_seq", 10), CELL_OF(0)};
    TRY(engine_store(wb, store_put(wb->store, META_PUT, cells, 2)));
    return engine_store(wb, store_commit(wb->store));
}

static void forget_presence(struct wb *wb)
{
    wb->tail.believed = 0;
    tail_shrink(&wb->tail, 0);
    wb->changes.count = 0;
    edits_clear(wb);
    wb->groups_damaged.count = 0;
    wb->mores.count = 0;
    wb->free_mores.count = 0;
    for (size_t o = 0; o < wb->owners.count; o++) {
        struct owner *owner = &wb->owners.at[o];
        *owner = (struct owner){.since_us = WB_NO_TIME,
                                .last_seen_us = WB_NO_TIME,
                                .reader = WB_NONE,
                                .what = owner->what,
                                .kind = owner->kind};
    }
}

wb_status wb_rebuild(struct wb *wb, wb_progress progress, void *context)
{
    if (wb->failed != WB_OK) return wb->failed;
    if (!wb->writes || wb->turn.open || !wb->described) return WB_EINVAL;
    TRY(clear_blocks(wb));
    shelf_clear(wb);
    forget_presence(wb);
    wb->believed_seq = 0;
    wb->written_seq = 0;
    wb->scan_count = 0;
    wb->replay_progress = progress;
    wb->replay_context = context;
    wb->replay_writes = true;
    wb_status status = replay_tail(wb);
    wb->replay_progress = NULL;
    wb->replay_writes = false;
    if (status == WB_OK) status = write_blocks(wb);
    if (status != WB_OK) {
        wb->failed = status;
        return status;
    }
    TRY(plan_refresh(wb));
    return engine_store(wb, store_checkpoint(wb->store, false));
}

/* ---- Backup ---- */

struct copying {
    wb_progress progress;
    void *context;
};

static bool tell_copying(void *context, uint64_t done, uint64_t total)
{
    struct copying *copying = context;
    return copying->progress == NULL || copying->progress(copying->context, "copying", done, total);
}

wb_status wb_backup(struct wb *wb, const char *path, wb_progress progress, void *context,
                    struct wb_fault *why)
{
    if (wb->failed != WB_OK) return wb->failed;
    FILE *there = fopen(path, "r");
    if (there != NULL) {
        (void)fclose(there);
        return refuse(why, "%.200s exists already; name a new file", path);
    }
    struct copying copying = {progress, context};
    return store_backup(wb->store, path, tell_copying, &copying, why);
}
