/* The journal again, from any commit on: sealed ones from segments, the newest from rows. */
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

struct row {
    struct buffer block;
    uint64_t seq;
    int64_t learnt_us;
    uint8_t hash[HASH_BYTES];
    bool found;
    bool only_head;
};

static bool buffer_fill(struct buffer *buffer, const void *data, size_t bytes)
{
    if (bytes + BITS_SLACK > buffer->capacity) {
        uint8_t *grown = realloc(buffer->at, bytes + BITS_SLACK);
        if (grown == NULL) return false;
        buffer->at = grown;
        buffer->capacity = bytes + BITS_SLACK;
    }
    if (bytes > 0) memcpy(buffer->at, data, bytes);
    memset(buffer->at + bytes, 0, BITS_SLACK);
    buffer->bytes = bytes;
    return true;
}

/* Only the first row: the statement is free again when it is worked on. */
static wb_status take_row(void *context, const struct cell *cells)
{
    struct row *row = context;
    row->seq = (uint64_t)cells[0].number;
    row->learnt_us = cells[1].number;
    row->found = true;
    if (cells[2].bytes == HASH_BYTES) memcpy(row->hash, cells[2].data, HASH_BYTES);
    if (!row->only_head && !buffer_fill(&row->block, cells[3].data, cells[3].bytes)) {
        return WB_ENOMEM;
    }
    return WB_ESTOPPED;
}

static wb_status row_from(struct wb *wb, uint64_t seq, struct row *row)
{
    struct cell cell = CELL_OF(seq);
    row->found = false;
    wb_status status = store_each(wb->store, JOURNAL_FROM, &cell, 1, take_row, row);
    return status == WB_ESTOPPED ? WB_OK : engine_store(wb, status);
}

static wb_status damaged_row(struct wb *wb, uint64_t seq)
{
    return engine_fail(wb, WB_EDAMAGED, "the journal is damaged at commit %llu: restore a backup.",
                       (unsigned long long)seq);
}

static wb_status replay_rows(struct wb *wb, uint64_t from_seq, int64_t until_us, replay_commit each,
                             void *context)
{
    struct row row = {0};
    struct commit commit = {0};
    wb_status status = WB_OK;
    for (uint64_t seq = from_seq; status == WB_OK; seq = row.seq + 1) {
        status = row_from(wb, seq, &row);
        if (status != WB_OK || !row.found || row.learnt_us > until_us) break;
        bool no_memory;
        commit_clear(&commit);
        if (!commit_read(row.block.at, row.block.bytes, &commit, &no_memory)) {
            status = no_memory ? engine_no_memory(wb) : damaged_row(wb, row.seq);
            break;
        }
        struct replayed at = {.seq = row.seq,
                              .learnt_us = row.learnt_us,
                              .commit = &commit,
                              .block = row.block.at,
                              .bytes = row.block.bytes,
                              .hash = row.hash};
        status = each(context, &at);
    }
    free(row.block.at);
    commit_done(&commit);
    return status;
}

static wb_status take_hash(void *context, const struct cell *cells)
{
    uint8_t *hash = context;
    if (cells[5].bytes == HASH_BYTES) memcpy(hash, cells[5].data, HASH_BYTES);
    return WB_ESTOPPED;
}

struct segment_replay {
    uint64_t from_seq;
    int64_t after_us, until_us;
    bool want_block;
    replay_commit each;
    void *context;
};

static wb_status replay_segment(struct wb *wb, const struct learnt_span *span,
                                const struct segment_replay *how)
{
    struct buffer buffer = {0};
    struct segment_reader reader = {.want_block = how->want_block};
    uint8_t hash[HASH_BYTES] = {0};
    struct cell cell = CELL_OF(span->last);
    wb_status status = store_each(wb->store, SEGMENT_FROM, &cell, 1, take_hash, hash);
    if (status == WB_ESTOPPED) status = WB_OK;
    if (status == WB_OK) status = store_blob(wb->store, SEGMENT_AT, (int64_t)span->first, &buffer);
    if (status == WB_ENOENT) status = damaged_row(wb, span->first);
    status = engine_store(wb, status);
    uint64_t seq = span->first;
    if (status == WB_OK) segment_open(&reader, buffer.at, buffer.bytes);
    while (status == WB_OK && segment_next(&reader)) {
        bool wanted = seq >= how->from_seq && reader.learnt_us > how->after_us;
        if (reader.learnt_us > how->until_us) break;
        if (wanted) {
            struct replayed at = {.seq = seq,
                                  .learnt_us = reader.learnt_us,
                                  .commit = &reader.commit,
                                  .block = reader.bytes,
                                  .bytes = reader.byte_count,
                                  .hash = seq == span->last ? hash : NULL};
            status = how->each(how->context, &at);
        }
        seq++;
    }
    bool whole = seq == span->last + 1 || reader.learnt_us > how->until_us;
    if (status == WB_OK && reader.no_memory) status = engine_no_memory(wb);
    if (status == WB_OK && (reader.in.bad || !whole)) status = damaged_row(wb, seq);
    segment_reader_done(&reader);
    free(buffer.at);
    return status;
}

wb_status replay(struct wb *wb, uint64_t from_seq, bool want_block, replay_commit each,
                 void *context)
{
    struct segment_replay how = {.from_seq = from_seq,
                                 .after_us = INT64_MIN,
                                 .until_us = INT64_MAX,
                                 .want_block = want_block,
                                 .each = each,
                                 .context = context};
    for (size_t i = 0; i < wb->segments.count; i++) {
        if (wb->segments.at[i].last < from_seq) continue;
        TRY(replay_segment(wb, &wb->segments.at[i], &how));
    }
    uint64_t rows_from = wb->sealed_seq + 1 > from_seq ? wb->sealed_seq + 1 : from_seq;
    return replay_rows(wb, rows_from, INT64_MAX, each, context);
}

static const struct learnt_span *span_holding(const struct wb *wb, uint64_t seq)
{
    size_t low = 0;
    size_t high = wb->segments.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (wb->segments.at[middle].last < seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool there = low < wb->segments.count && wb->segments.at[low].first <= seq;
    return there ? &wb->segments.at[low] : NULL;
}

static void segment_leave(struct replay_place *place)
{
    if (place->reader != NULL) segment_reader_done(place->reader);
    free(place->reader);
    place->reader = NULL;
}

void replay_place_done(struct replay_place *place)
{
    segment_leave(place);
    commit_done(&place->row_commit);
    free(place->block.at);
    *place = (struct replay_place){0};
}

static wb_status next_in_segment(struct wb *wb, struct replay_place *place)
{
    if (!segment_next(place->reader)) {
        return place->reader->no_memory ? engine_no_memory(wb) : damaged_row(wb, place->seq + 1);
    }
    place->seq++;
    place->learnt_us = place->reader->learnt_us;
    place->commit = &place->reader->commit;
    return WB_OK;
}

/* What is in a segment stays there, so a copy of it may be read on however late. */
static wb_status segment_enter(struct wb *wb, struct replay_place *place,
                               const struct learnt_span *span)
{
    uint64_t wanted = place->seq + 1;
    wb_status status = store_blob(wb->store, SEGMENT_AT, (int64_t)span->first, &place->block);
    if (status == WB_ENOENT) return damaged_row(wb, span->first);
    TRY(engine_store(wb, status));
    place->reader = calloc(1, sizeof *place->reader);
    if (place->reader == NULL) return engine_no_memory(wb);
    segment_open(place->reader, place->block.at, place->block.bytes);
    place->segment_last = span->last;
    place->seq = span->first - 1;
    while (place->seq < wanted) {
        TRY(next_in_segment(wb, place));
    }
    return WB_OK;
}

static wb_status next_row(struct wb *wb, struct replay_place *place)
{
    struct row row = {.block = place->block};
    wb_status status = row_from(wb, place->seq + 1, &row);
    place->block = row.block;
    if (status != WB_OK || !row.found) return status;
    bool no_memory;
    commit_clear(&place->row_commit);
    if (!commit_read(row.block.at, row.block.bytes, &place->row_commit, &no_memory)) {
        return no_memory ? engine_no_memory(wb) : damaged_row(wb, row.seq);
    }
    place->seq = row.seq;
    place->learnt_us = row.learnt_us;
    place->commit = &place->row_commit;
    return WB_OK;
}

wb_status replay_next(struct wb *wb, struct replay_place *place)
{
    place->commit = NULL;
    if (place->reader != NULL && place->seq < place->segment_last) {
        return next_in_segment(wb, place);
    }
    segment_leave(place);
    const struct learnt_span *span = span_holding(wb, place->seq + 1);
    return span != NULL ? segment_enter(wb, place, span) : next_row(wb, place);
}

/* The first row learnt after a moment. */
static wb_status row_after(struct wb *wb, int64_t after_us, uint64_t *out)
{
    uint64_t low = wb->sealed_seq + 1;
    uint64_t high = wb->seq + 1;
    struct row row = {.only_head = true};
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        TRY(row_from(wb, middle, &row));
        if (row.found && row.learnt_us <= after_us) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *out = low;
    return WB_OK;
}

wb_status replay_learnt(struct wb *wb, int64_t after_us, int64_t until_us, replay_commit each,
                        void *context)
{
    struct segment_replay how = {
        .after_us = after_us, .until_us = until_us, .each = each, .context = context};
    for (size_t i = 0; i < wb->segments.count; i++) {
        const struct learnt_span *span = &wb->segments.at[i];
        if (span->learnt_last <= after_us || span->learnt_first > until_us) continue;
        TRY(replay_segment(wb, span, &how));
    }
    uint64_t first;
    TRY(row_after(wb, after_us, &first));
    return replay_rows(wb, first, until_us, each, context);
}

bool replayed_is_sound(const struct wb *wb, const struct fact_scan *scan)
{
    return scan->reader < wb->reader_states.count && scan->band < wb->band_states.count;
}

static wb_status believe_again(void *context, const struct replayed *at)
{
    struct wb *wb = context;
    const struct commit *commit = at->commit;
    for (size_t i = 0; i < commit->scans.count; i++) {
        const struct fact_scan *scan = &commit->scans.at[i];
        if (!replayed_is_sound(wb, scan)) return damaged_row(wb, at->seq);
        wb_verdict verdict;
        bool keep;
        TRY(take_scan(wb, scan, scan->learnt_us == WB_NO_TIME ? at->learnt_us : scan->learnt_us,
                      &verdict, &keep));
    }
    TRY(believe_scans(wb));
    for (size_t i = 0; i < commit->facts.count; i++) {
        if (commit->facts.at[i].kind != FACT_PAIRING) {
            TRY(fact_again(wb, &commit->facts.at[i]));
        }
    }
    TRY(run_ops(wb));
    wb->believed_seq = at->seq;
    wb->scan_count += commit->scans.count;
    if (wb->replay_progress != NULL && at->seq % 64 == 0 &&
        !wb->replay_progress(wb->replay_context, "folding commits", at->seq, wb->seq)) {
        return WB_ESTOPPED;
    }
    if (wb->tail.count >= TAIL_MAX) {
        TRY(wb->writes && wb->replay_writes ? write_blocks(wb) : apply(wb));
    }
    return WB_OK;
}

static wb_status pair_again(void *context, const struct replayed *at)
{
    struct wb *wb = context;
    const struct commit *commit = at->commit;
    for (size_t i = 0; i < commit->facts.count; i++) {
        if (commit->facts.at[i].kind == FACT_PAIRING) TRY(fact_again(wb, &commit->facts.at[i]));
    }
    return run_ops(wb);
}

/* All pairings are in force from the start, so what blocks hold must go to whose it is by them
 * before anything is looked up. */
wb_status replay_tail(struct wb *wb)
{
    bool blocks = wb->believed_seq > 0;
    if (blocks) TRY(replay(wb, wb->believed_seq + 1, false, pair_again, wb));
    return replay(wb, wb->believed_seq + 1, false, believe_again, wb);
}
