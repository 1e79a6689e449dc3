/* Segments: sealed commits packed together. See commit.h and docs/formats/journal.md.
 *
 *   segment = item*;  item = u8 0, a commit as it is: learnt step (signed), length, bytes
 *                          | u8 1, a run of short commits of scans only, in columns
 *
 * In a run a scan's time stands as its distance from its commit's learnt time: small for prompt
 * scans, whatever the commits' sizes are. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "store/commit.h"

#define RUN_SCANS   64u   /* a commit of more scans than that is kept as it is */
#define RUN_COMMITS 4096u /* commits in one run */
#define CHUNK       64u

enum { ITEM_VERBATIM = 0, ITEM_RUN = 1 };

void segment_writer_done(struct segment_writer *writer)
{
    bytes_out_done(&writer->out);
    bytes_out_done(&writer->run);
    LIST_DONE(&writer->scans);
    LIST_DONE(&writer->commits);
}

void segment_begin(struct segment_writer *writer)
{
    writer->out.count = 0;
    writer->scans.count = 0;
    writer->commits.count = 0;
    writer->learnt_us = 0;
    writer->scan_count = 0;
}

static uint64_t zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

/* Any two times have a difference: what does not fit wraps around, and back when it is added. */
static int64_t minus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static int64_t unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}

/* Numbers in chunks, each with its own width. */
static void column_write(const uint64_t *values, size_t count, struct bytes_out *out)
{
    for (size_t i = 0; i < count; i += CHUNK) {
        size_t n = count - i < CHUNK ? count - i : CHUNK;
        uint64_t all = 0;
        for (size_t k = i; k < i + n; k++) {
            all |= values[k];
        }
        unsigned width = bits_needed(all);
        bytes_put_bits(out, width, 7);
        for (size_t k = i; k < i + n; k++) {
            bytes_put_bits(out, values[k], width);
        }
    }
}

static bool column_read(struct bits_in *bits, size_t bytes, uint64_t *values, size_t count)
{
    for (size_t i = 0; i < count; i += CHUNK) {
        size_t n = count - i < CHUNK ? count - i : CHUNK;
        if (bits->bit + 7 > (uint64_t)bytes * 8) return false;
        unsigned width = (unsigned)bits_next(bits, 7);
        if (width > 64 || bits->bit + n * (uint64_t)width > (uint64_t)bytes * 8) return false;
        for (size_t k = i; k < i + n; k++) {
            values[k] = bits_next_wide(bits, width);
        }
    }
    return true;
}

/* Six columns: learnt steps and sizes of commits; lateness, band, reader, direction of scans. */
static uint64_t *run_columns(const struct segment_writer *writer, int64_t before_us)
{
    size_t commits = writer->commits.count;
    size_t scans = writer->scans.count;
    uint64_t *columns = malloc((commits * 2 + scans * 4 + 1) * sizeof *columns);
    if (columns == NULL) return NULL;
    uint64_t *late = columns + commits * 2;
    size_t s = 0;
    for (size_t c = 0; c < commits; c++) {
        const struct run_commit *commit = &writer->commits.at[c];
        columns[c] = zigzag(minus(commit->learnt_us, before_us));
        columns[commits + c] = commit->scan_count;
        before_us = commit->learnt_us;
        for (size_t i = 0; i < commit->scan_count; i++, s++) {
            const struct fact_scan *scan = &writer->scans.at[s];
            late[s] = zigzag(minus(commit->learnt_us, scan->at_us));
            late[scans + s] = scan->band;
            late[scans * 2 + s] = scan->reader;
            late[scans * 3 + s] = scan->direction;
        }
    }
    return columns;
}

static void run_write(struct segment_writer *writer)
{
    size_t commits = writer->commits.count;
    size_t scans = writer->scans.count;
    if (commits == 0) return;
    uint64_t *columns = run_columns(writer, writer->learnt_us);
    if (columns == NULL) {
        writer->out.failed = true;
        return;
    }
    bytes_put_u8(&writer->out, ITEM_RUN);
    bytes_put_varint(&writer->out, commits);
    bytes_put_varint(&writer->out, scans);
    column_write(columns, commits, &writer->out);
    column_write(columns + commits, commits, &writer->out);
    for (size_t i = 0; i < 4; i++) {
        column_write(columns + commits * 2 + scans * i, scans, &writer->out);
    }
    bytes_put_align(&writer->out);
    free(columns);
    writer->learnt_us = writer->commits.at[commits - 1].learnt_us;
    writer->commits.count = 0;
    writer->scans.count = 0;
}

/* Whether the commit can stand in columns: it is short, and the bytes that are made of them again
 * are those that the chain covers. */
static bool is_short(struct segment_writer *writer, const struct commit *commit,
                     const uint8_t *block, size_t bytes)
{
    if (commit->facts.count > 0 || commit->scans.count > RUN_SCANS) return false;
    for (size_t i = 0; i < commit->scans.count; i++) {
        if (commit->scans.at[i].learnt_us != WB_NO_TIME) return false;
    }
    struct commit same = *commit; /* its scans are sorted: writing it changes nothing */
    writer->run.count = 0;
    commit_write(&same, &writer->run);
    if (writer->run.failed) writer->out.failed = true;
    return writer->run.count == bytes && memcmp(writer->run.at, block, bytes) == 0;
}

void segment_add(struct segment_writer *writer, int64_t learnt_us, const struct commit *commit,
                 const uint8_t *block, size_t bytes)
{
    writer->scan_count += commit->scans.count;
    if (!is_short(writer, commit, block, bytes)) {
        run_write(writer);
        bytes_put_u8(&writer->out, ITEM_VERBATIM);
        bytes_put_signed(&writer->out, minus(learnt_us, writer->learnt_us));
        bytes_put_varint(&writer->out, bytes);
        bytes_put(&writer->out, block, bytes);
        writer->learnt_us = learnt_us;
        return;
    }
    struct run_commit run = {.learnt_us = learnt_us, .scan_count = commit->scans.count};
    bool room = LIST_PUSH(&writer->commits, run) && LIST_ROOM(&writer->scans, commit->scans.count);
    if (!room) {
        writer->out.failed = true;
        return;
    }
    for (size_t i = 0; i < commit->scans.count; i++) {
        writer->scans.at[writer->scans.count++] = commit->scans.at[i];
    }
    if (writer->commits.count == RUN_COMMITS) run_write(writer);
}

void segment_end(struct segment_writer *writer)
{
    run_write(writer);
}

/* ---- Reading ---- */

void segment_reader_done(struct segment_reader *reader)
{
    commit_done(&reader->commit);
    bytes_out_done(&reader->block);
    LIST_DONE(&reader->scans);
    LIST_DONE(&reader->commits);
}

void segment_open(struct segment_reader *reader, const uint8_t *data, size_t bytes)
{
    reader->in = (struct bytes_in){.at = data, .left = bytes};
    reader->learnt_us = 0;
    reader->scans.count = 0;
    reader->commits.count = 0;
    reader->next_commit = 0;
    reader->next_scan = 0;
    reader->no_memory = false;
}

static bool run_take(struct segment_reader *reader, const uint64_t *columns, size_t commits,
                     size_t scans)
{
    const uint64_t *late = columns + commits * 2;
    int64_t learnt_us = reader->learnt_us;
    size_t s = 0;
    for (size_t c = 0; c < commits; c++) {
        learnt_us = (int64_t)((uint64_t)learnt_us + (uint64_t)unzigzag(columns[c]));
        uint64_t count = columns[commits + c];
        if (count > scans - s) return false;
        reader->commits.at[c] =
            (struct run_commit){.learnt_us = learnt_us, .scan_count = (size_t)count};
        for (uint64_t i = 0; i < count; i++, s++) {
            uint64_t direction = late[scans * 3 + s];
            int64_t at_us = minus(learnt_us, unzigzag(late[s]));
            if (late[scans + s] > UINT32_MAX || late[scans * 2 + s] > UINT32_MAX || direction > 2 ||
                at_us < WB_TIME_MIN || at_us > WB_TIME_MAX) {
                return false;
            }
            reader->scans.at[s] = (struct fact_scan){.at_us = at_us,
                                                     .learnt_us = WB_NO_TIME,
                                                     .band = (uint32_t)late[scans + s],
                                                     .reader = (uint32_t)late[scans * 2 + s],
                                                     .direction = (uint32_t)direction};
        }
    }
    reader->commits.count = commits;
    reader->scans.count = scans;
    return s == scans;
}

static void run_read(struct segment_reader *reader)
{
    struct bytes_in *in = &reader->in;
    size_t commits = (size_t)bytes_get_bounded(in, RUN_COMMITS);
    size_t scans = (size_t)bytes_get_bounded(in, (uint64_t)RUN_COMMITS * RUN_SCANS);
    reader->next_commit = 0;
    reader->next_scan = 0;
    reader->commits.count = 0;
    reader->scans.count = 0;
    if (in->bad || commits == 0) {
        in->bad = true;
        return;
    }
    uint64_t *columns = malloc((commits * 2 + scans * 4 + 1) * sizeof *columns);
    if (columns == NULL || !LIST_ROOM(&reader->commits, commits) ||
        !LIST_ROOM(&reader->scans, scans + 1)) {
        reader->no_memory = true;
        free(columns);
        return;
    }
    struct bits_in bits = {.at = in->at};
    bool good = column_read(&bits, in->left, columns, commits) &&
                column_read(&bits, in->left, columns + commits, commits);
    for (size_t i = 0; good && i < 4; i++) {
        good = column_read(&bits, in->left, columns + commits * 2 + scans * i, scans);
    }
    if (good) good = bytes_get(in, (size_t)((bits.bit + 7) / 8)) != NULL;
    if (!good || !run_take(reader, columns, commits, scans)) in->bad = true;
    free(columns);
}

static bool next_of_run(struct segment_reader *reader)
{
    const struct run_commit *run = &reader->commits.at[reader->next_commit++];
    commit_clear(&reader->commit);
    if (!LIST_ROOM(&reader->commit.scans, run->scan_count + 1)) {
        reader->no_memory = true;
        return false;
    }
    memcpy(reader->commit.scans.at, reader->scans.at + reader->next_scan,
           run->scan_count * sizeof *reader->scans.at);
    reader->commit.scans.count = run->scan_count;
    reader->next_scan += run->scan_count;
    reader->learnt_us = run->learnt_us;
    if (reader->want_block) {
        reader->block.count = 0;
        commit_write(&reader->commit, &reader->block);
        if (reader->block.failed) reader->no_memory = true;
        reader->bytes = reader->block.at;
        reader->byte_count = reader->block.count;
    }
    return !reader->no_memory;
}

static bool next_verbatim(struct segment_reader *reader)
{
    struct bytes_in *in = &reader->in;
    reader->learnt_us = (int64_t)((uint64_t)reader->learnt_us + (uint64_t)bytes_get_signed(in));
    reader->byte_count = (size_t)bytes_get_bounded(in, in->left);
    reader->bytes = bytes_get(in, reader->byte_count);
    commit_clear(&reader->commit);
    if (in->bad) return false;
    if (!commit_read(reader->bytes, reader->byte_count, &reader->commit, &reader->no_memory)) {
        in->bad = !reader->no_memory;
        return false;
    }
    return true;
}

bool segment_next(struct segment_reader *reader)
{
    if (reader->next_commit < reader->commits.count) return next_of_run(reader);
    if (reader->in.bad || reader->no_memory || reader->in.left == 0) return false;
    switch (bytes_get_u8(&reader->in)) {
    case ITEM_VERBATIM:
        return next_verbatim(reader);
    case ITEM_RUN:
        run_read(reader);
        if (reader->in.bad || reader->no_memory) return false;
        return next_of_run(reader);
    default:
        reader->in.bad = true;
        return false;
    }
}
