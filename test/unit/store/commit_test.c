#include "store/commit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/store/random_commit.h"

struct packed {
    uint8_t *at;
    size_t bytes;
};

/* The bytes alone on the heap with the slack that a reader may look at. */
static struct packed alone(const uint8_t *at, size_t bytes)
{
    struct packed packed = {.at = malloc(bytes + BITS_SLACK), .bytes = bytes};
    assert_non_null(packed.at);
    if (bytes > 0) memcpy(packed.at, at, bytes);
    memset(packed.at + bytes, 0xa5, BITS_SLACK);
    return packed;
}

static struct packed pack(struct commit *commit)
{
    struct bytes_out out = {0};
    commit_write(commit, &out);
    assert_false(out.failed);
    struct packed packed = alone(out.at, out.count);
    bytes_out_done(&out);
    return packed;
}

static bool read_whole(const struct packed *packed, struct commit *out)
{
    bool no_memory = true;
    commit_clear(out);
    bool good = commit_read(packed->at, packed->bytes, out, &no_memory);
    assert_false(no_memory);
    return good;
}

static void random_commit(uint64_t *chance, struct commit *out)
{
    static const uint32_t scans[] = {0, 1, 2, 63, 64, 65, 1000};
    commit_clear(out);
    random_fact_scans(chance, scans[seeded_below(chance, 7)], INT64_C(1468540800000000),
                      seeded_percent(chance, 40), &out->scans);
    random_facts(chance, seeded_percent(chance, 50) ? 0 : seeded_below(chance, 9), &out->facts);
}

static void a_commit_of_nothing_is_three_bytes(void **state)
{
    (void)state;
    struct commit commit = {0};
    struct packed packed = pack(&commit);
    const uint8_t wanted[] = {1, 0, 0};
    assert_int_equal(packed.bytes, 3);
    assert_memory_equal(packed.at, wanted, 3);
    assert_true(read_whole(&packed, &commit));
    free(packed.at);
    commit_done(&commit);
}

/* docs/formats/journal.md says what each is. */
static void one_scan_is_these_bytes(void **state)
{
    (void)state;
    struct commit commit = {0};
    struct fact_scan scan = {.at_us = INT64_C(1468571400000000), /* 2016-07-15T08:30:00Z */
                             .learnt_us = WB_NO_TIME,
                             .reader = 3,
                             .band = 4711,
                             .direction = WB_IN};
    assert_true(LIST_PUSH(&commit.scans, scan));
    struct packed packed = pack(&commit);
    const uint8_t wanted[] = {
        0x01,                   /* version */
        0x01,                   /* one scan */
        0x0b,                   /* unit: minutes; all directions: in */
        0x02, 0x0d,             /* readers of 2 bits, bands of 13 */
        0xbc, 0xe8, 0xab, 0x17, /* 24476190 minutes since 1970 */
        0x80, 0x33, 0x39,       /* 7 bits: steps of no bits; 13 bits: 4711; 2 bits: 3 */
        0x00,                   /* no other facts */
    };
    assert_int_equal(packed.bytes, sizeof wanted);
    assert_memory_equal(packed.at, wanted, sizeof wanted);
    assert_true(read_whole(&packed, &commit));
    assert_int_equal(commit.scans.count, 1);
    assert_true(same_fact_scan(&commit.scans.at[0], &scan));
    free(packed.at);
    commit_done(&commit);
}

static void random_commits_come_back(void **state)
{
    (void)state;
    struct commit commit = {0};
    struct commit back = {0};
    for (unsigned seed = 0; seed < 1000; seed++) {
        uint64_t chance = seed;
        random_commit(&chance, &commit);
        struct packed packed = pack(&commit); /* sorts the scans */
        if (!read_whole(&packed, &back)) fail_msg("seed %u is not read", seed);
        if (!same_commit(&commit, &back)) fail_msg("seed %u differs", seed);
        free(packed.at);
    }
    commit_done(&commit);
    commit_done(&back);
}

/* Whatever the order in which scans were taken, the bytes are the same, and those of what was
 * read are. */
static void the_bytes_are_a_function_of_the_facts(void **state)
{
    (void)state;
    struct commit commit = {0};
    struct commit back = {0};
    for (unsigned seed = 0; seed < 300; seed++) {
        uint64_t chance = seed;
        random_commit(&chance, &commit);
        struct packed packed = pack(&commit);
        for (size_t i = commit.scans.count; i > 1; i--) {
            size_t k = seeded_below(&chance, (uint32_t)i);
            struct fact_scan swap = commit.scans.at[i - 1];
            commit.scans.at[i - 1] = commit.scans.at[k];
            commit.scans.at[k] = swap;
        }
        struct packed shuffled = pack(&commit);
        assert_int_equal(packed.bytes, shuffled.bytes);
        assert_memory_equal(packed.at, shuffled.at, packed.bytes);
        assert_true(read_whole(&packed, &back));
        struct packed again = pack(&back);
        assert_int_equal(packed.bytes, again.bytes);
        assert_memory_equal(packed.at, again.at, packed.bytes);
        free(packed.at);
        free(shuffled.at);
        free(again.at);
    }
    commit_done(&commit);
    commit_done(&back);
}

/* Copies of one scan, each with another learnt time, take no bits of their own. */
static void copies_of_a_scan_come_back(void **state)
{
    (void)state;
    struct commit commit = {0};
    struct commit back = {0};
    for (int64_t i = 0; i < 500; i++) {
        struct fact_scan scan = {.at_us = 0, .learnt_us = i == 0 ? WB_NO_TIME : i};
        assert_true(LIST_PUSH(&commit.scans, scan));
    }
    struct packed packed = pack(&commit);
    assert_true(read_whole(&packed, &back));
    assert_true(same_commit(&commit, &back));
    free(packed.at);
    commit_done(&commit);
    commit_done(&back);
}

static void times_at_the_ends_of_time_come_back(void **state)
{
    (void)state;
    struct commit commit = {0};
    struct commit back = {0};
    static const int64_t at_us[] = {WB_TIME_MIN + 1, -1, 0, 1, WB_TIME_MAX - 1};
    for (size_t i = 0; i < sizeof at_us / sizeof at_us[0]; i++) {
        struct fact_scan scan = {.at_us = at_us[i],
                                 .learnt_us = i % 2 == 0 ? INT64_MIN + 1 : INT64_MAX,
                                 .reader = UINT32_MAX,
                                 .band = UINT32_MAX};
        assert_true(LIST_PUSH(&commit.scans, scan));
    }
    struct packed packed = pack(&commit);
    assert_true(read_whole(&packed, &back));
    assert_true(same_commit(&commit, &back));
    free(packed.at);
    commit_done(&commit);
    commit_done(&back);
}

static void a_commit_that_was_cut_off_is_refused(void **state)
{
    (void)state;
    struct commit commit = {0};
    struct commit back = {0};
    for (unsigned seed = 0; seed < 40; seed++) {
        uint64_t chance = seed;
        random_commit(&chance, &commit);
        struct packed packed = pack(&commit);
        size_t stride = packed.bytes / 200 + 1;
        for (size_t bytes = 0; bytes < packed.bytes; bytes += stride) {
            struct packed part = alone(packed.at, bytes);
            if (read_whole(&part, &back)) fail_msg("seed %u: %zu bytes are read", seed, bytes);
            free(part.at);
        }
        /* And one that has a byte too many. */
        struct packed more = alone(packed.at, packed.bytes);
        more.bytes++;
        assert_false(read_whole(&more, &back));
        free(more.at);
        free(packed.at);
    }
    commit_done(&commit);
    commit_done(&back);
}

static void a_commit_with_changed_bits_is_read_within_bounds(void **state)
{
    (void)state;
    struct commit commit = {0};
    struct commit back = {0};
    for (unsigned seed = 0; seed < 60; seed++) {
        uint64_t chance = seed;
        random_commit(&chance, &commit);
        struct packed packed = pack(&commit);
        for (unsigned i = 0; i < 100; i++) {
            struct packed bent = alone(packed.at, packed.bytes);
            uint32_t end = (uint32_t)bent.bytes;
            if (end > 16 && seeded_percent(&chance, 50)) end = 16;
            bent.at[seeded_below(&chance, end)] ^= (uint8_t)(1u << seeded_below(&chance, 8));
            (void)read_whole(&bent, &back);
            free(bent.at);
        }
        free(packed.at);
    }
    commit_done(&commit);
    commit_done(&back);
}

/* Times that nobody could have written: a first one past the end, and a step past it. */
static void times_beyond_all_times_are_refused(void **state)
{
    (void)state;
    struct commit back = {0};
    const uint8_t first[] = {1,    1,    0,    0,    0,    0xfe, 0xff, 0xff, 0xff,
                             0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0,    0};
    struct packed packed = alone(first, sizeof first);
    assert_false(read_whole(&packed, &back));
    free(packed.at);
    const uint8_t step[] = {1,    1,    0,    0,    0,    0,    0x3f, 0xff,
                            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f, 0};
    packed = alone(step, sizeof step);
    assert_false(read_whole(&packed, &back));
    free(packed.at);
    commit_done(&back);
}

/* Made with another program's BLAKE2b: H(before | seq | learnt | H(block)). */
static void the_chain_is_blake2b_over_what_was_before(void **state)
{
    (void)state;
    static const uint8_t first[HASH_BYTES] = {0xb2, 0xc5, 0x0f, 0xe4, 0xa5, 0x6c, 0x0c, 0x72,
                                              0x5a, 0x0e, 0x71, 0x57, 0x29, 0xfe, 0xc3, 0x95,
                                              0xfc, 0x0b, 0xc0, 0x21, 0x61, 0x25, 0x7e, 0x36,
                                              0x89, 0xbc, 0xcb, 0x1d, 0x09, 0x8d, 0xc7, 0xb3};
    static const uint8_t second[HASH_BYTES] = {0x8f, 0x50, 0x8e, 0x2d, 0x46, 0x42, 0x49, 0xf0,
                                               0x2d, 0x75, 0x0a, 0xb5, 0xa0, 0x8c, 0x64, 0x48,
                                               0x65, 0xed, 0x3e, 0xcb, 0xf9, 0x56, 0x02, 0xc3,
                                               0x5b, 0xe4, 0x67, 0xe4, 0x50, 0xb5, 0x93, 0x06};
    uint8_t nothing[HASH_BYTES] = {0};
    uint8_t hash[HASH_BYTES];
    commit_hash(nothing, 1, INT64_C(1468571400123456), (const uint8_t *)"\1\0\0", 3, hash);
    assert_memory_equal(hash, first, HASH_BYTES);
    uint8_t next[HASH_BYTES];
    commit_hash(hash, 2, -5, (const uint8_t *)"whereabouts", 11, next);
    assert_memory_equal(next, second, HASH_BYTES);
    uint8_t other[HASH_BYTES];
    commit_hash(hash, 3, -5, (const uint8_t *)"whereabouts", 11, other);
    assert_memory_not_equal(next, other, HASH_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_commit_of_nothing_is_three_bytes),
        cmocka_unit_test(one_scan_is_these_bytes),
        cmocka_unit_test(random_commits_come_back),
        cmocka_unit_test(the_bytes_are_a_function_of_the_facts),
        cmocka_unit_test(copies_of_a_scan_come_back),
        cmocka_unit_test(times_at_the_ends_of_time_come_back),
        cmocka_unit_test(a_commit_that_was_cut_off_is_refused),
        cmocka_unit_test(a_commit_with_changed_bits_is_read_within_bounds),
        cmocka_unit_test(times_beyond_all_times_are_refused),
        cmocka_unit_test(the_chain_is_blake2b_over_what_was_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
