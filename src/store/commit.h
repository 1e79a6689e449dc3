/* commit: the facts of one turn and their bytes, which are what the hash chain covers.
 * docs/formats/journal.md describes them. The bytes are a function of the facts: a set of scans is
 * written in one order (time, reader, band, direction), so bytes can be made again and compared. */
#ifndef STORE_COMMIT_H
#define STORE_COMMIT_H

#include "base/bytes.h"
#include "whereabouts/types.h"

struct fact_scan {
    int64_t at_us;
    int64_t learnt_us; /* given; WB_NO_TIME: with the commit */
    uint32_t reader;
    uint32_t band;
    uint32_t direction;
    uint32_t unused; /* zero */
};

struct fact_scans {
    struct fact_scan *at;
    size_t count, capacity;
};

enum fact_kind {
    FACT_PAIRING = 1, /* a: band, b: person; x: from, y: until, z: learnt (given or WB_NO_TIME) */
    FACT_WITHDRAWAL,  /* a: reader, b: band, c: direction; x: time; commitment */
    FACT_RELEASE,     /* a: reader; x: from, y: until, z: shift; commitment */
    FACT_COMPLETE,    /* a: reader; x: until */
    FACT_SITE,        /* text */
    FACT_KIND_END
};

#define COMMITMENT_BYTES 32u /* BLAKE2b-256 of salt and text of a note */

/* A fact that is not a scan. */
struct fact {
    enum fact_kind kind;
    uint32_t a, b, c;
    int64_t x, y, z;
    uint8_t commitment[COMMITMENT_BYTES];
    const char *text; /* borrowed */
    size_t text_bytes;
};

struct facts {
    struct fact *at;
    size_t count, capacity;
};

struct commit {
    struct fact_scans scans;
    struct facts facts;
};

void commit_done(struct commit *commit);
void commit_clear(struct commit *commit);

/* Append the commit's bytes to out; sorts its scans. Look at out->failed. */
void commit_write(struct commit *commit, struct bytes_out *out);

/* Read a commit's bytes into a cleared one. Texts are borrowed from data, which must have
 * BITS_SLACK bytes behind it. false: malformed, or no memory. */
bool commit_read(const uint8_t *data, size_t bytes, struct commit *out, bool *no_memory);

/* The chain: H(before | seq | learnt | H(block)), BLAKE2b-256, numbers as 8 bytes little-endian. */
#define HASH_BYTES 32u
void commit_hash(const uint8_t before[HASH_BYTES], uint64_t seq, int64_t learnt_us,
                 const uint8_t *block, size_t bytes, uint8_t out[HASH_BYTES]);

/* ---- Segments: sealed commits, packed together ---- */

/* Commits one after the other. Short ones that hold nothing but scans learnt with them are put
 * into common columns; the others stand there byte for byte. */
struct segment_writer {
    struct bytes_out out;
    struct bytes_out run; /* bytes of a commit made again; unused between calls */
    struct fact_scans scans;

    struct run_commits {
        struct run_commit {
            int64_t learnt_us;
            size_t scan_count;
        } * at;

        size_t count, capacity;
    } commits;

    int64_t learnt_us; /* of the newest commit written */
    uint64_t scan_count;
};

void segment_writer_done(struct segment_writer *writer);
void segment_begin(struct segment_writer *writer);

/* Add a commit; bytes are its block, commit the same read. */
void segment_add(struct segment_writer *writer, int64_t learnt_us, const struct commit *commit,
                 const uint8_t *block, size_t bytes);

/* Finish; the segment is writer->out (look at out.failed). */
void segment_end(struct segment_writer *writer);

/* Reads the commits of a segment in their order. */
struct segment_reader {
    struct bytes_in in;
    int64_t learnt_us;
    struct commit commit;   /* the current one */
    struct bytes_out block; /* its bytes, made again where it stood in columns */
    const uint8_t *bytes;   /* the block */
    size_t byte_count;
    bool want_block;         /* make block bytes (for the chain) */
    struct fact_scans scans; /* of the run that is being read */
    struct run_commits commits;
    size_t next_commit, next_scan;
    bool no_memory;
};

void segment_reader_done(struct segment_reader *reader);
void segment_open(struct segment_reader *reader, const uint8_t *data, size_t bytes);

/* Step to the next commit. false: at the end (in.bad and no_memory say whether it was a good one).
 */
bool segment_next(struct segment_reader *reader);

#endif
