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
    /* A scan a commit: steps of seconds, the same lateness to the microsecond, nine bits a band. */
    assert_true(journal.segment_bytes < (size_t)9000 * 6);
    journal_done(&journal);
}

static void take_one(struct journal *journal, int64_t at_us, int64_t learnt_us, uint64_t *chance)
{
    struct commit commit = {0};
    struct fact_scan scan = {.at_us = at_us,
                             .learnt_us = WB_NO_TIME,
                             .reader = seeded_below(chance, 256),
                             .band = seeded_below(chance, 4096),
                             .direction = 1 + seeded_below(chance, 2)};
    assert_true(LIST_PUSH(&commit.scans, scan));
    take(journal, learnt_us, &commit);
}

static double bits_a_scan(struct journal *journal)
{
    pack(journal);
    assert_comes_back(journal, true, 0);
    return (double)journal->segment_bytes * 8 / (double)journal->count;
}

/* 20 bits say which band, reader and direction; seconds need no more than lateness in seconds. */
static void times_stand_in_their_own_unit(void **state)
{
    (void)state;
    static const int64_t unit_us[] = {1, 1000, 1000000};
    double bits[3];
    for (unsigned u = 0; u < 3; u++) {
        uint64_t chance = 9;
        struct journal journal = {0};
        int64_t learnt_us = ABOUT_US;
        for (unsigned i = 0; i < 4096; i++) {
            learnt_us += (1 + (int64_t)seeded_below(&chance, 31)) * unit_us[u];
            int64_t at_us = learnt_us - (int64_t)seeded_below(&chance, 16) * unit_us[u];
            take_one(&journal, at_us, learnt_us, &chance);
        }
        bits[u] = bits_a_scan(&journal);
        journal_done(&journal);
    }
    /* 21 bits who, 5 step, 4 lateness, and half a bit of heads. */
    for (unsigned u = 0; u < 3; u++) {
        assert_true(bits[u] > 29 && bits[u] < 31);
    }
}

/* Commits before the clock has moved on: each is learnt a microsecond after the one before. */
static void ticks_of_a_resting_clock_take_a_bit(void **state)
{
    (void)state;
    uint64_t chance = 10;
    struct journal journal = {0};
    int64_t learnt_us = ABOUT_US;
    for (unsigned i = 0; i < 4096; i++) {
        learnt_us = i % 8 == 0 ? ABOUT_US + (int64_t)i * 1000 : learnt_us + 1;
        take_one(&journal, ABOUT_US + (int64_t)(i - i % 8) * 1000, learnt_us, &chance);
    }
    /* 21 bits who; a bit, and an eighth of the time four more; lateness 0. */
    assert_true(bits_a_scan(&journal) < 21 + 1.5 + 0.6);
    journal_done(&journal);
}

static void learnt_times_to_the_microsecond_cost_scans_of_seconds_nothing(void **state)
{
    (void)state;
    uint64_t chance = 11;
    struct journal journal = {0};
    int64_t learnt_us = ABOUT_US + 123456;
    for (unsigned i = 0; i < 4096; i++) {
        learnt_us += 1 + (int64_t)seeded_below(&chance, (1u << 20) - 1);
        int64_t late_us = (int64_t)seeded_below(&chance, 4) * 1000000;
        take_one(&journal, learnt_us / 1000000 * 1000000 - late_us, learnt_us, &chance);
    }
    assert_true(bits_a_scan(&journal) < 21 + 20 + 2 + 0.6);
    journal_done(&journal);
}

static void scans_ahead_late_and_of_before_1970_come_back(void **state)
{
    (void)state;
    uint64_t chance = 12;
    struct journal journal = {0};
    static const int64_t at_us[] = {
        WB_TIME_MIN,         -1,         0, ABOUT_US - 604800000000, ABOUT_US, ABOUT_US + 999,
        ABOUT_US + 90000000, WB_TIME_MAX};
    int64_t learnt_us = ABOUT_US;
    for (unsigned i = 0; i < 1000; i++) {
        take_one(&journal, at_us[seeded_below(&chance, 8)], ++learnt_us, &chance);
    }
    (void)bits_a_scan(&journal);
    journal_done(&journal);
}

/* The engine writes no such times; whatever a file holds is kept as it is. */
static void learnt_times_that_do_not_grow_come_back(void **state)
{
    (void)state;
    uint64_t chance = 13;
    struct journal journal = {0};
    static const int64_t learnt_us[] = {
        5,         4,           4,           -1, -1, 0,        7, WB_TIME_MAX, WB_TIME_MAX + 1,
        INT64_MAX, WB_TIME_MIN, WB_TIME_MAX, 1,  2,  INT64_MIN};
    for (size_t i = 0; i < sizeof learnt_us / sizeof learnt_us[0]; i++) {
        take_one(&journal, ABOUT_US, learnt_us[i], &chance);
    }
    (void)bits_a_scan(&journal);
    journal_done(&journal);
}

/* The example of docs/formats/journal.md. */
static void the_example_of_the_document_is_right(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x02, 0x01, 0x02, 0xec, 0xb9, 0xb2, 0xe6, 0x94, 0xf4,
                                    0xcd, 0x02, 0x41, 0x03, 0x00, 0x01, 0x41, 0x91, 0xe9,
                                    0xa3, 0xcc, 0x6b, 0x52, 0x00, 0xa8, 0x80, 0x00, 0x00};
    struct commit commit = {0};
    int64_t learnt_us = INT64_C(1468540801293548);
    struct fact_scan scans[] = {
        {.at_us = learnt_us - 671385, .learnt_us = WB_NO_TIME, .band = 65, .reader = 5},
        {.at_us = learnt_us - 158668, .learnt_us = WB_NO_TIME, .band = 85, .reader = 3}
    };
    assert_true(LIST_PUSH(&commit.scans, scans[0]) && LIST_PUSH(&commit.scans, scans[1]));
    struct journal journal = {0};
    take(&journal, learnt_us, &commit);
    pack(&journal);
    assert_int_equal(journal.segment_bytes, sizeof bytes);
    assert_memory_equal(journal.segment, bytes, sizeof bytes);
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

/* 1 was a run in another form; it must not be read as one of today's. */
static void an_item_of_another_kind_is_refused(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 256; kind++) {
        uint8_t data[27 + BITS_SLACK] = {0x02, 0x01, 0x02, 0xec, 0xb9, 0xb2, 0xe6, 0x94, 0xf4,
                                         0xcd, 0x02, 0x41, 0x03, 0x00, 0x01, 0x41, 0x91, 0xe9,
                                         0xa3, 0xcc, 0x6b, 0x52, 0x00, 0xa8, 0x80, 0x00, 0x00};
        bool good;
        data[0] = (uint8_t)kind;
        assert_int_equal(walk(data, 27, &good), kind == 2);
        assert_true(good == (kind == 2));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_segment_has_no_commits),
        cmocka_unit_test(random_commits_come_back_byte_for_byte),
        cmocka_unit_test(a_long_run_is_parted),
        cmocka_unit_test(times_stand_in_their_own_unit),
        cmocka_unit_test(ticks_of_a_resting_clock_take_a_bit),
        cmocka_unit_test(learnt_times_to_the_microsecond_cost_scans_of_seconds_nothing),
        cmocka_unit_test(scans_ahead_late_and_of_before_1970_come_back),
        cmocka_unit_test(learnt_times_that_do_not_grow_come_back),
        cmocka_unit_test(the_example_of_the_document_is_right),
        cmocka_unit_test(the_chain_goes_through_a_segment),
        cmocka_unit_test(a_reader_may_be_opened_again),
        cmocka_unit_test(an_item_of_another_kind_is_refused),
        cmocka_unit_test(a_segment_that_was_cut_off_is_never_whole),
        cmocka_unit_test(a_segment_with_changed_bits_is_read_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
