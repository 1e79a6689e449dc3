/* The journal's scans read back, in bounded slices: a segment, or some thousand rows. What a slice
 * needs is copied out of the file at once and unpacked afterwards, so nothing holds the file. */
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

#define SLICE_ROWS  512u
#define SLICE_BYTES (256u << 10) /* of journal rows; the last one may go beyond */
#define TRIES       4u           /* to find a commit that moves from a row into a segment */

/* A row of the journal that a slice holds; its bytes stand in the slice's. */
struct slice_row {
    uint64_t seq;
    int64_t learnt_us;
    size_t from, bytes;
};

struct wb_scans {
    struct wb *wb;
    int64_t from_us, until_us;
    uint64_t next_seq, last_seq; /* last: the newest commit when it was opened */
    struct wb_scans_slice slice;

    struct slice_rows {
        struct slice_row *at;
        size_t count, capacity;
    } rows;

    struct slice_bytes {
        uint8_t *at;
        size_t count, capacity;
    } bytes;

    struct segment_reader segment;
    struct commit commit;

    struct slice_scans {
        struct wb_scan *at;
        size_t count, capacity;
    } out;
};

wb_status wb_scans_open(struct wb *wb, int64_t from_us, int64_t until_us, struct wb_scans **out)
{
    TRY(ask_open(wb));
    struct wb_scans *scans = calloc(1, sizeof *scans);
    if (scans == NULL) return engine_no_memory(wb);
    scans->wb = wb;
    scans->from_us = from_us;
    scans->until_us = until_us;
    scans->next_seq = 1;
    scans->last_seq = wb->seq;
    scans->slice.total = wb->scan_count;
    *out = scans;
    return WB_OK;
}

void wb_scans_close(struct wb_scans *scans)
{
    if (scans == NULL) return;
    LIST_DONE(&scans->rows);
    LIST_DONE(&scans->bytes);
    LIST_DONE(&scans->out);
    segment_reader_done(&scans->segment);
    commit_done(&scans->commit);
    free(scans);
}

static wb_status damaged(const struct wb_scans *scans, uint64_t seq)
{
    return engine_fail(scans->wb, WB_EDAMAGED,
                       "the journal is damaged at commit %llu: restore a backup.",
                       (unsigned long long)seq);
}

/* ---- Copied out of the file ---- */

/* Readers of packed bits look a little beyond the end. */
static bool keep_bytes(struct wb_scans *scans, const struct cell *data, struct slice_row row)
{
    row.from = scans->bytes.count;
    row.bytes = data->bytes;
    if (!LIST_ROOM(&scans->bytes, data->bytes + BITS_SLACK)) return false;
    if (data->bytes > 0) memcpy(scans->bytes.at + row.from, data->data, data->bytes);
    memset(scans->bytes.at + row.from + row.bytes, 0, BITS_SLACK);
    scans->bytes.count += row.bytes + BITS_SLACK;
    return LIST_PUSH(&scans->rows, row);
}

/* The segment that holds next_seq; its row's seq is that of its first commit. */
static wb_status take_segment(void *context, const struct cell *cells)
{
    struct wb_scans *scans = context;
    struct slice_row row = {.seq = (uint64_t)cells[0].number};
    if (row.seq > scans->next_seq) return WB_ESTOPPED;
    return keep_bytes(scans, &cells[6], row) ? WB_ESTOPPED : WB_ENOMEM;
}

static wb_status take_journal_row(void *context, const struct cell *cells)
{
    struct wb_scans *scans = context;
    struct slice_row row = {.seq = (uint64_t)cells[0].number, .learnt_us = cells[1].number};
    uint64_t expected = scans->next_seq + scans->rows.count;
    if (row.seq != expected || row.seq > scans->last_seq) return WB_ESTOPPED;
    if (!keep_bytes(scans, &cells[3], row)) return WB_ENOMEM;
    bool full = scans->rows.count == SLICE_ROWS || scans->bytes.count >= SLICE_BYTES;
    return full ? WB_ESTOPPED : WB_OK;
}

static wb_status take(struct wb_scans *scans, enum statement statement, store_row row)
{
    struct cell cell = CELL_OF(scans->next_seq);
    wb_status status = store_each(scans->wb->store, statement, &cell, 1, row, scans);
    return status == WB_ESTOPPED ? WB_OK : engine_store(scans->wb, status);
}

/* What next_seq stands in. Between the two looks it may have gone from a row into a segment. */
static wb_status copy(struct wb_scans *scans, bool *is_segment)
{
    scans->rows.count = scans->bytes.count = 0;
    for (unsigned tried = 0; tried < TRIES && scans->rows.count == 0; tried++) {
        TRY(take(scans, SEGMENT_FROM, take_segment));
        *is_segment = scans->rows.count > 0;
        if (!*is_segment) TRY(take(scans, JOURNAL_FROM, take_journal_row));
    }
    return scans->rows.count > 0 ? WB_OK : damaged(scans, scans->next_seq);
}

/* ---- Unpacked ---- */

static wb_status add_commit(struct wb_scans *scans, const struct commit *commit, uint64_t seq,
                            int64_t learnt_us)
{
    const struct wb *wb = scans->wb;
    if (!LIST_ROOM(&scans->out, commit->scans.count)) return engine_no_memory(scans->wb);
    for (size_t i = 0; i < commit->scans.count; i++) {
        const struct fact_scan *scan = &commit->scans.at[i];
        if (scan->reader >= wb->readers.count || scan->band >= wb->bands.count ||
            scan->direction > WB_OUT) {
            return damaged(scans, seq);
        }
        if (scan->at_us < scans->from_us || scan->at_us >= scans->until_us) continue;
        int64_t scan_learnt_us = scan->learnt_us == WB_NO_TIME ? learnt_us : scan->learnt_us;
        if (scan_is_erased(wb, scan, scan_learnt_us)) continue;
        scans->out.at[scans->out.count++] = (struct wb_scan){
            .reader = {scan->reader},
            .band = {scan->band},
            .at_us = scan->at_us,
            .learnt_us = scan_learnt_us,
            .direction = (wb_direction)scan->direction,
        };
    }
    scans->slice.passed += commit->scans.count;
    return WB_OK;
}

static wb_status unpack_segment(struct wb_scans *scans)
{
    const struct slice_row *row = &scans->rows.at[0];
    struct segment_reader *reader = &scans->segment;
    uint64_t seq = row->seq;
    segment_open(reader, scans->bytes.at, row->bytes);
    for (; segment_next(reader); seq++) {
        if (seq < scans->next_seq || seq > scans->last_seq) continue;
        TRY(add_commit(scans, &reader->commit, seq, reader->learnt_us));
    }
    if (reader->no_memory) return engine_no_memory(scans->wb);
    if (reader->in.bad || seq <= scans->next_seq) return damaged(scans, seq);
    scans->next_seq = seq;
    return WB_OK;
}

static wb_status unpack_rows(struct wb_scans *scans)
{
    for (size_t i = 0; i < scans->rows.count; i++) {
        const struct slice_row *row = &scans->rows.at[i];
        bool no_memory;
        commit_clear(&scans->commit);
        if (!commit_read(scans->bytes.at + row->from, row->bytes, &scans->commit, &no_memory)) {
            return no_memory ? engine_no_memory(scans->wb) : damaged(scans, row->seq);
        }
        TRY(add_commit(scans, &scans->commit, row->seq, row->learnt_us));
    }
    scans->next_seq += scans->rows.count;
    return WB_OK;
}

wb_status wb_scans_next(struct wb_scans *scans, struct wb_scans_slice *out)
{
    struct wb *wb = scans->wb;
    if (wb->failed != WB_OK) return wb->failed;
    TRY(engine_store(wb, store_rest(wb->store)));
    scans->out.count = 0;
    if (scans->next_seq <= scans->last_seq) {
        bool is_segment = false;
        TRY(copy(scans, &is_segment));
        TRY(is_segment ? unpack_segment(scans) : unpack_rows(scans));
    }
    scans->slice.at = scans->out.at;
    scans->slice.count = scans->out.count;
    scans->slice.done = scans->next_seq > scans->last_seq;
    *out = scans->slice;
    return WB_OK;
}
