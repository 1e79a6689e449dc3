/* Segments: sealed commits packed together. See commit.h and docs/formats/journal.md.
 *
 *   segment = item*;  item = u8 0, a commit as it is: learnt step (signed), length, bytes
 *                          | u8 2, a run of short commits of scans only, in columns
 *
 * In a run a scan's time stands as its distance from its commit's learnt time, in the largest unit
 * that the times have: small for prompt scans, whatever the commits' sizes are. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "store/column.h"
#include "store/commit.h"

#define RUN_SCANS   64u   /* a commit of more scans than that is kept as it is */
#define RUN_COMMITS 4096u /* commits in one run */

/* 1 was a run whose times stood in microseconds; no release wrote it. */
enum { ITEM_VERBATIM = 0, ITEM_RUN = 2 };

#define UNIT_BITS 2u
static const int64_t UNIT_US[1u << UNIT_BITS] = {1, 1000, 1000000, 60000000};

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

/* Any two times have a difference: what does not fit wraps around, and back when it is added. */
static int64_t minus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static size_t chunk_at(size_t i, size_t count)
{
    return count - i < COLUMN_CHUNK ? count - i : COLUMN_CHUNK;
}

/* Learnt times grow. A commit that came before the clock had moved on was learnt a microsecond
 * after the one before it: that is a tick, and its number 0. Any other is a whole multiple of the
 * chunk's unit, its number how many units have begun since the one before it. */
static void learnt_chunk_write(const struct run_commit *commits, size_t count, int64_t before_us,
                               struct bytes_out *out)
{
    uint64_t numbers[COLUMN_CHUNK];
    unsigned unit = (1u << UNIT_BITS) - 1;
    int64_t last_us = before_us;
    for (size_t i = 0; i < count; i++) {
        bool tick = commits[i].learnt_us == last_us + 1;
        while (!tick && commits[i].learnt_us % UNIT_US[unit] != 0) {
            unit--;
        }
        last_us = commits[i].learnt_us;
    }
    for (size_t i = 0; i < count; i++) {
        int64_t learnt_us = commits[i].learnt_us;
        bool tick = learnt_us == before_us + 1;
        numbers[i] = tick ? 0 : (uint64_t)(learnt_us / UNIT_US[unit] - before_us / UNIT_US[unit]);
        before_us = learnt_us;
    }
    bytes_put_bits(out, unit, UNIT_BITS);
    chunk_write(numbers, count, out);
}

/* How late scans were learnt, in the unit of the scans' own times: whole units from a scan to the
 * unit in which its commit was learnt. Below zero where a reader's clock is ahead. */
static void late_chunk_write(const struct fact_scan *scans, size_t count, struct bytes_out *out)
{
    uint64_t numbers[COLUMN_CHUNK];
    unsigned unit = (1u << UNIT_BITS) - 1;
    for (size_t i = 0; i < count; i++) {
        while (scans[i].at_us % UNIT_US[unit] != 0) {
            unit--;
        }
    }
    bool ahead = false;
    for (size_t i = 0; i < count; i++) {
        int64_t late = scans[i].learnt_us / UNIT_US[unit] - scans[i].at_us / UNIT_US[unit];
        ahead = ahead || late < 0;
        numbers[i] = (uint64_t)late;
    }
    for (size_t i = 0; ahead && i < count; i++) {
        bool below = (int64_t)numbers[i] < 0;
        numbers[i] = numbers[i] << 1 ^ (below ? UINT64_MAX : 0);
    }
    bytes_put_bits(out, unit, UNIT_BITS);
    bytes_put_bits(out, ahead, 1);
    chunk_write(numbers, count, out);
}

static void sizes_write(const struct run_commits *commits, struct bytes_out *out)
{
    uint64_t numbers[COLUMN_CHUNK];
    for (size_t i = 0; i < commits->count; i += COLUMN_CHUNK) {
        size_t n = chunk_at(i, commits->count);
        for (size_t k = 0; k < n; k++) {
            numbers[k] = commits->at[i + k].scan_count - 1;
        }
        chunk_write(numbers, n, out);
    }
}

static void learnt_write(const struct run_commits *commits, struct bytes_out *out)
{
    for (size_t i = 1; i < commits->count; i += COLUMN_CHUNK) {
        size_t n = chunk_at(i, commits->count);
        learnt_chunk_write(commits->at + i, n, commits->at[i - 1].learnt_us, out);
    }
}

/* Who was scanned where, less the least of each. */
static void who_write(const struct fact_scans *scans, struct fact_scan least, struct bytes_out *out)
{
    uint64_t numbers[COLUMN_CHUNK];
    for (size_t i = 0; i < scans->count; i += COLUMN_CHUNK) {
        size_t n = chunk_at(i, scans->count);
        const struct fact_scan *scan = scans->at + i;
        late_chunk_write(scan, n, out);
        for (size_t k = 0; k < n; k++) {
            numbers[k] = scan[k].band - least.band;
        }
        chunk_write(numbers, n, out);
        for (size_t k = 0; k < n; k++) {
            numbers[k] = scan[k].reader - least.reader;
        }
        chunk_write(numbers, n, out);
        for (size_t k = 0; k < n; k++) {
            numbers[k] = scan[k].direction - least.direction;
        }
        chunk_write(numbers, n, out);
    }
}

static void run_write(struct segment_writer *writer)
{
    const struct run_commits *commits = &writer->commits;
    const struct fact_scans *scans = &writer->scans;
    struct bytes_out *out = &writer->out;
    if (commits->count == 0) return;
    struct fact_scan least = scans->at[0];
    for (size_t i = 1; i < scans->count; i++) {
        const struct fact_scan *scan = &scans->at[i];
        if (scan->band < least.band) least.band = scan->band;
        if (scan->reader < least.reader) least.reader = scan->reader;
        if (scan->direction < least.direction) least.direction = scan->direction;
    }
    bytes_put_u8(out, ITEM_RUN);
    bytes_put_varint(out, commits->count);
    bytes_put_varint(out, scans->count);
    bytes_put_varint(out, (uint64_t)(commits->at[0].learnt_us - writer->learnt_us));
    bytes_put_varint(out, least.band);
    bytes_put_varint(out, least.reader);
    bytes_put_u8(out, (uint8_t)least.direction);
    learnt_write(commits, out);
    sizes_write(commits, out);
    who_write(scans, least, out);
    bytes_put_align(out);
    writer->learnt_us = commits->at[commits->count - 1].learnt_us;
    writer->commits.count = 0;
    writer->scans.count = 0;
}

/* Whether the commit can stand in columns: it is short, and the bytes that are made of them again
 * are those that the chain covers. */
static bool is_short(struct segment_writer *writer, const struct commit *commit,
                     const uint8_t *block, size_t bytes)
{
    if (commit->facts.count > 0) return false;
    if (commit->scans.count == 0 || commit->scans.count > RUN_SCANS) return false;
    for (size_t i = 0; i < commit->scans.count; i++) {
        if (commit->scans.at[i].learnt_us != WB_NO_TIME) return false;
    }
    struct commit same = *commit; /* its scans are sorted: writing it changes nothing */
    writer->run.count = 0;
    commit_write(&same, &writer->run);
    if (writer->run.failed) writer->out.failed = true;
    return writer->run.count == bytes && memcmp(writer->run.at, block, bytes) == 0;
}

/* Whether a time can follow in a run. Only a damaged journal has one that cannot. */
static bool goes_on(const struct segment_writer *writer, int64_t learnt_us)
{
    size_t count = writer->commits.count;
    int64_t before_us = count > 0 ? writer->commits.at[count - 1].learnt_us : writer->learnt_us;
    return before_us >= 0 && learnt_us > before_us && learnt_us <= WB_TIME_MAX;
}

void segment_add(struct segment_writer *writer, int64_t learnt_us, const struct commit *commit,
                 const uint8_t *block, size_t bytes)
{
    writer->scan_count += commit->scans.count;
    if (!goes_on(writer, learnt_us) || !is_short(writer, commit, block, bytes)) {
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
        struct fact_scan *scan = &writer->scans.at[writer->scans.count++];
        *scan = commit->scans.at[i];
        scan->learnt_us = learnt_us; /* with its commit: what its lateness is measured from */
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

static bool learnt_chunk_read(struct column_in *in, struct run_commit *commits, size_t count,
                              int64_t before_us)
{
    uint64_t numbers[COLUMN_CHUNK];
    uint64_t unit;
    if (!column_bits(in, UNIT_BITS, &unit) || !chunk_read(in, numbers, count)) return false;
    for (size_t i = 0; i < count; i++) {
        uint64_t units = (uint64_t)(before_us / UNIT_US[unit]);
        uint64_t most = (uint64_t)WB_TIME_MAX / (uint64_t)UNIT_US[unit];
        if (numbers[i] > most - units) return false;
        before_us = numbers[i] == 0 ? before_us + 1 : (int64_t)(units + numbers[i]) * UNIT_US[unit];
        if (before_us > WB_TIME_MAX) return false;
        commits[i].learnt_us = before_us;
    }
    return true;
}

/* The first learnt time is there already. */
static bool learnt_read(struct column_in *in, struct run_commits *commits)
{
    for (size_t i = 1; i < commits->count; i += COLUMN_CHUNK) {
        size_t n = chunk_at(i, commits->count);
        if (!learnt_chunk_read(in, commits->at + i, n, commits->at[i - 1].learnt_us)) return false;
    }
    return true;
}

/* The sizes, and with them each scan's learnt time, that of its commit. */
static bool sizes_read(struct column_in *in, struct run_commits *commits, struct fact_scans *scans)
{
    uint64_t numbers[COLUMN_CHUNK];
    size_t left = scans->count;
    struct fact_scan *scan = scans->at;
    for (size_t i = 0; i < commits->count; i++) {
        struct run_commit *commit = &commits->at[i];
        bool first = i % COLUMN_CHUNK == 0;
        if (first && !chunk_read(in, numbers, chunk_at(i, commits->count))) return false;
        uint64_t more = numbers[i % COLUMN_CHUNK];
        if (more >= RUN_SCANS || more >= left) return false;
        commit->scan_count = (size_t)more + 1;
        left -= commit->scan_count;
        for (size_t k = 0; k < commit->scan_count; k++) {
            *scan++ = (struct fact_scan){.learnt_us = commit->learnt_us};
        }
    }
    return left == 0;
}

static bool late_chunk_read(struct column_in *in, struct fact_scan *scans, size_t count)
{
    uint64_t numbers[COLUMN_CHUNK];
    uint64_t unit;
    uint64_t ahead;
    if (!column_bits(in, UNIT_BITS, &unit) || !column_bits(in, 1, &ahead)) return false;
    if (!chunk_read(in, numbers, count)) return false;
    for (size_t i = 0; i < count; i++) {
        bool below = ahead != 0 && (numbers[i] & 1) != 0;
        uint64_t late = (ahead != 0 ? numbers[i] >> 1 : numbers[i]) ^ (below ? UINT64_MAX : 0);
        int64_t units = minus(scans[i].learnt_us / UNIT_US[unit], (int64_t)late);
        int64_t at_us;
        if (__builtin_mul_overflow(units, UNIT_US[unit], &at_us) || at_us < WB_TIME_MIN ||
            at_us > WB_TIME_MAX) {
            return false;
        }
        scans[i].at_us = at_us;
    }
    return true;
}

static bool who_chunk_read(struct column_in *in, const struct fact_scan *least,
                           struct fact_scan *scans, size_t count)
{
    uint64_t bands[COLUMN_CHUNK];
    uint64_t readers[COLUMN_CHUNK];
    uint64_t directions[COLUMN_CHUNK];
    if (!chunk_read(in, bands, count) || !chunk_read(in, readers, count) ||
        !chunk_read(in, directions, count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (bands[i] > UINT32_MAX - least->band || readers[i] > UINT32_MAX - least->reader ||
            directions[i] > 2 - least->direction) {
            return false;
        }
        scans[i].band = least->band + (uint32_t)bands[i];
        scans[i].reader = least->reader + (uint32_t)readers[i];
        scans[i].direction = least->direction + (uint32_t)directions[i];
        scans[i].learnt_us = WB_NO_TIME; /* not given: with the commit */
    }
    return true;
}

static bool run_take(struct segment_reader *reader, const struct fact_scan *least)
{
    struct bytes_in *in = &reader->in;
    struct fact_scans *scans = &reader->scans;
    struct column_in column = {.bits = {.at = in->at}, .end = (uint64_t)in->left * 8};
    if (!learnt_read(&column, &reader->commits)) return false;
    if (!sizes_read(&column, &reader->commits, scans)) return false;
    for (size_t i = 0; i < scans->count; i += COLUMN_CHUNK) {
        size_t n = chunk_at(i, scans->count);
        if (!late_chunk_read(&column, scans->at + i, n)) return false;
        if (!who_chunk_read(&column, least, scans->at + i, n)) return false;
    }
    return bytes_get(in, (size_t)((column.bits.bit + 7) / 8)) != NULL;
}

static void run_read(struct segment_reader *reader)
{
    struct bytes_in *in = &reader->in;
    reader->next_commit = 0;
    reader->next_scan = 0;
    reader->commits.count = 0;
    reader->scans.count = 0;
    size_t commits = (size_t)bytes_get_bounded(in, RUN_COMMITS);
    size_t scans = (size_t)bytes_get_bounded(in, (uint64_t)RUN_COMMITS * RUN_SCANS);
    uint64_t step_us = bytes_get_bounded(in, WB_TIME_MAX);
    struct fact_scan least = {0};
    least.band = (uint32_t)bytes_get_bounded(in, UINT32_MAX);
    least.reader = (uint32_t)bytes_get_bounded(in, UINT32_MAX);
    least.direction = bytes_get_u8(in);
    bool whole = !in->bad && commits > 0 && least.direction <= 2 && step_us > 0 &&
                 reader->learnt_us >= 0 && reader->learnt_us <= WB_TIME_MAX - (int64_t)step_us;
    if (!whole) {
        in->bad = true;
        return;
    }
    if (!LIST_ROOM(&reader->commits, commits) || !LIST_ROOM(&reader->scans, scans + 1)) {
        reader->no_memory = true;
        return;
    }
    reader->commits.count = commits;
    reader->scans.count = scans;
    reader->commits.at[0].learnt_us = reader->learnt_us + (int64_t)step_us;
    if (run_take(reader, &least)) return;
    in->bad = true;
    reader->commits.count = 0;
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
