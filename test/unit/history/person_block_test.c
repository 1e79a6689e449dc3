#include "history/person_block.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/history/random_block.h"

#define BASE_US INT64_C(1468540800000000) /* 2016-07-15 */

/* The bytes alone on the heap, with the slack that a reader may look at: a step further is seen by
 * the sanitizers. */
struct packed {
    uint8_t *at;
    size_t bytes;
};

static struct packed pack(const struct person_block *block)
{
    struct bytes_out out = {0};
    person_block_write(block, BASE_US, &out);
    assert_false(out.failed);
    struct packed packed = {.at = malloc(out.count + BITS_SLACK), .bytes = out.count};
    assert_non_null(packed.at);
    memcpy(packed.at, out.at, out.count);
    memset(packed.at + out.count, 0xa5, BITS_SLACK);
    bytes_out_done(&out);
    return packed;
}

/* Part of the bytes in a buffer that is no longer than that. */
static struct packed cut(const struct packed *packed, size_t bytes)
{
    struct packed part = {.at = malloc(bytes + BITS_SLACK), .bytes = bytes};
    assert_non_null(part.at);
    memcpy(part.at, packed->at, bytes);
    memset(part.at + bytes, 0xa5, BITS_SLACK);
    return part;
}

static struct person_block *new_block(void)
{
    struct person_block *block = calloc(1, sizeof *block);
    assert_non_null(block);
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        fold_init(&block->member[i].state);
    }
    return block;
}

static void free_block(struct person_block *block)
{
    person_block_done(block);
    free(block);
}

static bool read_whole(const struct packed *packed, struct person_block *out)
{
    bool no_memory = true;
    person_block_clear(out);
    bool good = person_block_read(packed->at, packed->bytes, BASE_US, out, &no_memory);
    assert_false(no_memory);
    return good;
}

static void an_empty_block_is_ten_bytes(void **state)
{
    (void)state;
    struct person_block *block = new_block();
    struct packed packed = pack(block);
    assert_int_equal(packed.bytes, 10);
    struct person_block *back = new_block();
    assert_true(read_whole(&packed, back));
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        assert_false(back->member[i].has_state);
        assert_int_equal(back->member[i].scans.count, 0);
    }
    free(packed.at);
    free_block(block);
    free_block(back);
}

static void assert_members(const struct packed *packed, const struct person_block *wanted,
                           const struct person_block *whole, unsigned seed)
{
    struct member member = {0};
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        bool no_memory;
        timeline_clear(&member.scans);
        bool good = person_block_read_member(packed->at, packed->bytes, BASE_US, i, true, &member,
                                             &no_memory);
        if (!good || !same_member(&wanted->member[i], &member)) {
            fail_msg("seed %u: member %u read alone differs", seed, i);
        }
        if (!same_member(&wanted->member[i], &whole->member[i])) {
            fail_msg("seed %u: member %u differs", seed, i);
        }
    }
    timeline_done(&member.scans);
}

static void random_blocks_come_back_whole_and_member_by_member(void **state)
{
    (void)state;
    struct person_block *block = new_block();
    struct person_block *back = new_block();
    for (unsigned seed = 0; seed < 150; seed++) {
        uint64_t chance = seed;
        random_person_block(&chance, BASE_US, block);
        struct packed packed = pack(block);
        assert_true(read_whole(&packed, back));
        assert_members(&packed, block, back, seed);
        free(packed.at);
    }
    free_block(block);
    free_block(back);
}

static bool folds_alike(const struct timeline *a, const struct timeline *b)
{
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        if (seen_compare(&a->at[i], &b->at[i]) != 0 || a->at[i].flags != b->at[i].flags ||
            timeline_note(a, &a->at[i])->withdrawn_us !=
                timeline_note(b, &b->at[i])->withdrawn_us) {
            return false;
        }
    }
    return true;
}

/* Without them a fold is the same: withdrawn and flagged scans are known as such. */
static void notes_may_be_left_out_where_a_fold_does_not_look(void **state)
{
    (void)state;
    struct person_block *block = new_block();
    struct member member = {0};
    for (unsigned seed = 0; seed < 150; seed++) {
        uint64_t chance = seed;
        random_person_block(&chance, BASE_US, block);
        struct packed packed = pack(block);
        for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
            bool no_memory;
            timeline_clear(&member.scans);
            assert_true(person_block_read_member(packed.at, packed.bytes, BASE_US, i, false,
                                                 &member, &no_memory));
            assert_true(folds_alike(&block->member[i].scans, &member.scans));
        }
        free(packed.at);
    }
    timeline_done(&member.scans);
    free_block(block);
}

static void equal_content_gives_equal_bytes(void **state)
{
    (void)state;
    struct person_block *block = new_block();
    struct person_block *back = new_block();
    for (unsigned seed = 0; seed < 50; seed++) {
        uint64_t chance = seed;
        random_person_block(&chance, BASE_US, block);
        struct packed packed = pack(block);
        assert_true(read_whole(&packed, back));
        struct packed again = pack(back);
        assert_int_equal(packed.bytes, again.bytes);
        assert_memory_equal(packed.at, again.at, packed.bytes);
        free(packed.at);
        free(again.at);
    }
    free_block(block);
    free_block(back);
}

static void every_note_comes_back(void **state)
{
    (void)state;
    struct person_block *block = new_block();
    struct person_block *back = new_block();
    struct timeline *scans = &block->member[5].scans;
    for (unsigned kinds = 0; kinds < 16; kinds++) {
        struct seen seen = {.at_us = BASE_US + kinds, .reader = 3, .band = 9};
        struct note note = NOTE_EMPTY;
        if (kinds & 1) note.learnt_us = BASE_US + (int64_t)1000 * kinds;
        if (kinds & 2) note.withdrawn_us = BASE_US - kinds;
        if (kinds & 4) {
            note.raw_us = BASE_US - 3600;
            note.released_us = WB_TIME_MAX;
        }
        if (kinds & 8) seen.flags = WB_FLAG_AFTER_COMPLETE;
        assert_true(timeline_push(scans, &seen, &note));
    }
    struct packed packed = pack(block);
    assert_true(read_whole(&packed, back));
    assert_int_equal(back->member[5].scans.count, 16);
    assert_true(same_member(&block->member[5], &back->member[5]));
    free(packed.at);
    free_block(block);
    free_block(back);
}

/* Steps of more than 56 bits take two looks at the column. */
static void times_far_apart_come_back(void **state)
{
    (void)state;
    static const int64_t at_us[] = {WB_TIME_MIN + 1, -1, 0, 1, BASE_US, WB_TIME_MAX - 1};
    struct person_block *block = new_block();
    struct person_block *back = new_block();
    for (unsigned i = 0; i < sizeof at_us / sizeof at_us[0]; i++) {
        struct seen seen = {.at_us = at_us[i], .reader = UINT32_MAX, .band = UINT32_MAX};
        assert_true(timeline_push(&block->member[63].scans, &seen, NULL));
    }
    struct packed packed = pack(block);
    assert_true(read_whole(&packed, back));
    assert_true(same_member(&block->member[63], &back->member[63]));
    free(packed.at);
    free_block(block);
    free_block(back);
}

/* A block of people who scan once a minute on the minute is small. */
static void a_day_of_a_person_takes_few_bytes_a_scan(void **state)
{
    (void)state;
    struct person_block *block = new_block();
    for (int i = 0; i < 1000; i++) {
        struct seen seen = {
            .at_us = BASE_US + i * INT64_C(60000000), .reader = (uint32_t)(i % 16), .band = 4711};
        assert_true(timeline_push(&block->member[0].scans, &seen, NULL));
    }
    struct packed packed = pack(block);
    assert_in_range(packed.bytes, 500, 700); /* a bit of time and four of the reader a scan */
    free(packed.at);
    free_block(block);
}

static void a_block_that_was_cut_off_is_refused(void **state)
{
    (void)state;
    struct person_block *block = new_block();
    struct person_block *back = new_block();
    struct member member = {0};
    for (unsigned seed = 0; seed < 3; seed++) {
        uint64_t chance = seed;
        random_person_block(&chance, BASE_US, block);
        struct packed packed = pack(block);
        size_t stride = packed.bytes / 400 + 1;
        for (size_t bytes = 0; bytes < packed.bytes; bytes += bytes < 500 ? 1 : stride) {
            struct packed part = cut(&packed, bytes);
            if (read_whole(&part, back)) fail_msg("seed %u: %zu bytes are read", seed, bytes);
            bool no_memory;
            timeline_clear(&member.scans);
            (void)person_block_read_member(part.at, part.bytes, BASE_US, (unsigned)bytes % 64,
                                           bytes % 2 == 0, &member, &no_memory);
            free(part.at);
        }
        free(packed.at);
    }
    timeline_done(&member.scans);
    free_block(block);
    free_block(back);
}

static void a_block_with_changed_bits_is_read_within_bounds(void **state)
{
    (void)state;
    struct person_block *block = new_block();
    struct person_block *back = new_block();
    struct member member = {0};
    uint64_t chance = 99;
    random_person_block(&chance, BASE_US, block);
    struct packed packed = pack(block);
    for (unsigned i = 0; i < 3000; i++) {
        struct packed bent = cut(&packed, packed.bytes);
        for (unsigned flips = 1 + seeded_below(&chance, 3); flips > 0; flips--) {
            uint32_t end = seeded_percent(&chance, 50) ? 200 : (uint32_t)bent.bytes;
            bent.at[seeded_below(&chance, end)] ^= (uint8_t)(1u << seeded_below(&chance, 8));
        }
        (void)read_whole(&bent, back);
        bool no_memory;
        timeline_clear(&member.scans);
        (void)person_block_read_member(bent.at, bent.bytes, BASE_US, i % 64, i % 128 < 64, &member,
                                       &no_memory);
        free(bent.at);
    }
    free(packed.at);
    timeline_done(&member.scans);
    free_block(block);
    free_block(back);
}

static void a_block_of_another_version_is_refused(void **state)
{
    (void)state;
    struct person_block *block = new_block();
    struct person_block *back = new_block();
    struct packed packed = pack(block);
    packed.at[0]++;
    assert_false(read_whole(&packed, back));
    free(packed.at);
    free_block(block);
    free_block(back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_block_is_ten_bytes),
        cmocka_unit_test(random_blocks_come_back_whole_and_member_by_member),
        cmocka_unit_test(notes_may_be_left_out_where_a_fold_does_not_look),
        cmocka_unit_test(equal_content_gives_equal_bytes),
        cmocka_unit_test(every_note_comes_back),
        cmocka_unit_test(times_far_apart_come_back),
        cmocka_unit_test(a_day_of_a_person_takes_few_bytes_a_scan),
        cmocka_unit_test(a_block_that_was_cut_off_is_refused),
        cmocka_unit_test(a_block_with_changed_bits_is_read_within_bounds),
        cmocka_unit_test(a_block_of_another_version_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
