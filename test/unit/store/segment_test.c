#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/store/random_commit.h"

#define ABOUT_US INT64_C(1468540800000000) /* 2016-07-15 */

/* Sealed commits: what the journal had. */
struct sealed {
    int64_t learnt_us;
    uint8_t *block;
    size_t bytes;
    struct commit commit;
};

struct journal {
    struct sealed *at;
    size_t count, capacity;
    uint8_t *segment; /* with slack */
    size_t segment_bytes;
};

static void journal_done(struct journal *journal)
{
    for (size_t i = 0; i < journal->count; i++) {
        free(journal->at[i].block);
        commit_done(&journal->at[i].commit);
    }
    LIST_DONE(journal);
    free(journal->segment);
    journal->segment = NULL;
}

static void take(struct journal *journal, int64_t learnt_us, struct commit *commit)
{
    struct bytes_out out = {0};
    commit_write(commit, &out);
    assert_false(out.failed);
    struct sealed sealed = {
        .learnt_us = learnt_us, .block = out.at, .bytes = out.count, .commit = *commit};
    assert_true(LIST_PUSH(journal, sealed));
    *commit = (struct commit){0};
}

static void pack(struct journal *journal)
{
    struct segment_writer writer = {0};
    segment_begin(&writer);
    uint64_t scans = 0;
    for (size_t i = 0; i < journal->count; i++) {
        const struct sealed *sealed = &journal->at[i];
        segment_add(&writer, sealed->learnt_us, &sealed->commit, sealed->block, sealed->bytes);
        scans += sealed->commit.scans.count;
    }
    segment_end(&writer);
    assert_false(writer.out.failed);
    assert_int_equal(writer.scan_count, scans);
    journal->segment_bytes = writer.out.count;
    free(journal->segment);
    journal->segment = malloc(writer.out.count + BITS_SLACK);
    assert_non_null(journal->segment);
    if (writer.out.count > 0) memcpy(journal->segment, writer.out.at, writer.out.count);
    memset(journal->segment + writer.out.count, 0xa5, BITS_SLACK);
    segment_writer_done(&writer);
}

/* Every commit comes back with its learnt time, its facts and, byte for byte, its block. */
static void assert_comes_back(struct journal *journal, bool want_block, unsigned seed)
{
    struct segment_reader reader = {.want_block = want_block};
    segment_open(&reader, journal->segment, journal->segment_bytes);
    for (size_t i = 0; i < journal->count; i++) {
        const struct sealed *sealed = &journal->at[i];
        if (!segment_next(&reader)) fail_msg("seed %u: commit %zu is not there", seed, i);
        if (reader.learnt_us != sealed->learnt_us ||
            !same_commit(&reader.commit, &sealed->commit)) {
            fail_msg("seed %u: commit %zu differs", seed, i);
        }
        if (!want_block) continue;
        if (reader.byte_count != sealed->bytes ||
            memcmp(reader.bytes, sealed->block, sealed->bytes) != 0) {
            fail_msg("seed %u: the block of commit %zu is made otherwise", seed, i);
        }
    }
    assert_false(segment_next(&reader));
    assert_false(reader.in.bad);
    assert_false(reader.no_memory);
    segment_reader_done(&reader);
}

static void random_journal(uint64_t *chance, struct journal *out)
{
    static const uint32_t most[] = {1, 3, 60, 300};
    uint32_t commits = most[seeded_below(chance, 4)];
    int64_t learnt_us = ABOUT_US;
    struct commit commit = {0};
    for (uint32_t i = 0; i < commits; i++) {
        learnt_us += 1 + seeded_below(chance, 1u << seeded_below(chance, 30));
        uint32_t scans = seeded_percent(chance, 60) ? 1 : seeded_below(chance, 80);
        random_fact_scans(chance, scans, learnt_us - 1000000, seeded_percent(chance, 10),
                          &commit.scans);
        if (seeded_percent(chance, 10)) random_facts(chance, 1 + i % 3, &commit.facts);
        take(out, learnt_us, &commit);
    }
}

static void an_empty_segment_has_no_commits(void **state)
{
    (void)state;
    struct journal journal = {0};
    pack(&journal);
    assert_int_equal(journal.segment_bytes, 0);
    assert_comes_back(&journal, true, 0);
    journal_done(&journal);
}

static void random_commits_come_back_byte_for_byte(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 200; seed++) {
        uint64_t chance = seed;
        struct journal journal = {0};
        random_journal(&chance, &journal);
        pack(&journal);
        assert_comes_back(&journal, true, seed);
        assert_comes_back(&journal, false, seed);
        journal_done(&journal);
    }
}

/* More short commits than one run holds. */
static void a_long_run_is_parted(void **state)
{
    (void)state;
    struct journal journal = {0};
    struct commit commit = {0};
    for (int64_t i = 0; i < 9000; i++) {
        struct fact_scan scan = {.at_us = ABOUT_US + i * 1000000,
                                 .learnt_us = WB_NO_TIME,
                                 .reader = (uint32_t)(i % 7),
                                 .band = (uint32_t)(i * 37 % 500)};
        assert_true(LIST_PUSH(&commit.scans, scan));
        take(&journal, scan.at_us + 12345, &commit);
    }
    pack(&journal);
    assert_comes_back(&journal, true, 0);
    /* A scan a commit, and yet less than seven bytes each. */
    assert_true(journal.segment_bytes < (size_t)9000 * 7);
    journal_done(&journal);
}

/* The chain over what a segment gives is that over what the journal had. */
static void the_chain_goes_through_a_segment(void **state)
{
    (void)state;
    struct journal journal = {0};
    uint64_t chance = 77;
    random_journal(&chance, &journal);
    pack(&journal);
    uint8_t before[HASH_BYTES] = {0};
    uint8_t again[HASH_BYTES] = {0};
    struct segment_reader reader = {.want_block = true};
    segment_open(&reader, journal.segment, journal.segment_bytes);
    uint64_t seq = 0;
    while (segment_next(&reader)) {
        const struct sealed *sealed = &journal.at[seq++];
        commit_hash(before, seq, sealed->learnt_us, sealed->block, sealed->bytes, before);
        commit_hash(again, seq, reader.learnt_us, reader.bytes, reader.byte_count, again);
        assert_memory_equal(before, again, HASH_BYTES);
    }
    assert_int_equal(seq, journal.count);
    segment_reader_done(&reader);
    journal_done(&journal);
}

static void a_reader_may_be_opened_again(void **state)
{
    (void)state;
    uint64_t chance = 5;
    struct segment_reader reader = {.want_block = true};
    for (unsigned round = 0; round < 3; round++) {
        struct journal journal = {0};
        random_journal(&chance, &journal);
        pack(&journal);
        segment_open(&reader, journal.segment, journal.segment_bytes);
        for (size_t i = 0; i < journal.count / 2 + 1; i++) {
            assert_true(segment_next(&reader));
            assert_true(reader.learnt_us == journal.at[i].learnt_us);
        }
        journal_done(&journal);
    }
    segment_reader_done(&reader);
}

static size_t walk(uint8_t *data, size_t bytes, bool *good)
{
    struct segment_reader reader = {.want_block = true};
    size_t commits = 0;
    segment_open(&reader, data, bytes);
    while (segment_next(&reader)) {
        commits++;
    }
    assert_false(reader.no_memory);
    *good = !reader.in.bad;
    segment_reader_done(&reader);
    return commits;
}

/* Cut between two items it is a shorter segment; anywhere else it is refused. */
static void a_segment_that_was_cut_off_is_never_whole(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 20; seed++) {
        uint64_t chance = seed;
        struct journal journal = {0};
        random_journal(&chance, &journal);
        pack(&journal);
        size_t stride = journal.segment_bytes / 100 + 1;
        for (size_t bytes = 0; bytes < journal.segment_bytes; bytes += stride) {
            uint8_t *part = malloc(bytes + BITS_SLACK);
            assert_non_null(part);
            memcpy(part, journal.segment, bytes);
            memset(part + bytes, 0xff, BITS_SLACK);
            bool good;
            size_t commits = walk(part, bytes, &good);
            assert_true(!good || commits < journal.count);
            free(part);
        }
        journal_done(&journal);
    }
}

static void a_segment_with_changed_bits_is_read_within_bounds(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 20; seed++) {
        uint64_t chance = seed;
        struct journal journal = {0};
        random_journal(&chance, &journal);
        pack(&journal);
        for (unsigned i = 0; i < 60; i++) {
            uint32_t end = (uint32_t)journal.segment_bytes;
            if (end > 32 && seeded_percent(&chance, 50)) end = 32;
            uint32_t at = seeded_below(&chance, end);
            uint8_t bit = (uint8_t)(1u << seeded_below(&chance, 8));
            bool good;
            journal.segment[at] ^= bit;
            (void)walk(journal.segment, journal.segment_bytes, &good);
            journal.segment[at] ^= bit;
        }
        journal_done(&journal);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_segment_has_no_commits),
        cmocka_unit_test(random_commits_come_back_byte_for_byte),
        cmocka_unit_test(a_long_run_is_parted),
        cmocka_unit_test(the_chain_goes_through_a_segment),
        cmocka_unit_test(a_reader_may_be_opened_again),
        cmocka_unit_test(a_segment_that_was_cut_off_is_never_whole),
        cmocka_unit_test(a_segment_with_changed_bits_is_read_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
