#include "history/zone_block.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/history/random_block.h"

#define BASE_US INT64_C(1468540800000000) /* 2016-07-15 */

struct packed {
    uint8_t *at;
    size_t bytes;
};

static struct packed alone(const uint8_t *at, size_t bytes)
{
    struct packed packed = {.at = malloc(bytes + BITS_SLACK), .bytes = bytes};
    assert_non_null(packed.at);
    if (bytes > 0) memcpy(packed.at, at, bytes);
    memset(packed.at + bytes, 0xa5, BITS_SLACK);
    return packed;
}

static struct packed pack(const struct zone_block *block)
{
    struct bytes_out out = {0};
    struct places places = {0};
    assert_true(zone_block_write(block, BASE_US, &places, &out));
    assert_false(out.failed);
    struct packed packed = alone(out.at, out.count);
    bytes_out_done(&out);
    LIST_DONE(&places);
    return packed;
}

static bool read_whole(const struct packed *packed, struct zone_block *out)
{
    bool no_memory = true;
    zone_block_clear(out);
    bool good = zone_block_read(packed->at, packed->bytes, BASE_US, out, &no_memory);
    assert_false(no_memory);
    return good;
}

static int compare_people(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static void sort_crowd(struct crowd *crowd)
{
    if (crowd->count > 1) qsort(crowd->at, crowd->count, sizeof *crowd->at, compare_people);
}

/* Who is inside after all events at or before at_us: one after the other, in a plain list. */
static void plain_inside(const struct zone_block *block, int64_t at_us, struct crowd *out)
{
    out->count = 0;
    for (size_t i = 0; i < block->start.count; i++) {
        assert_true(LIST_PUSH(out, block->start.at[i]));
    }
    for (size_t i = 0; i < block->events.count && block->events.at[i].at_us <= at_us; i++) {
        const struct event *event = &block->events.at[i];
        if (event->in) {
            assert_true(LIST_PUSH(out, event->person));
            continue;
        }
        size_t place = 0;
        while (place < out->count && out->at[place] != event->person) {
            place++;
        }
        if (out->at == NULL || place >= out->count) {
            fail_msg("%u leaves, but is not there", event->person);
            return;
        }
        out->at[place] = out->at[--out->count];
    }
    sort_crowd(out);
}

/* A moment of an event, or just before or after it, or any. */
static int64_t some_moment(const struct zone_block *block, uint64_t *chance)
{
    switch (seeded_below(chance, 12)) {
    case 0:
        return INT64_MIN + 1;
    case 1:
        return INT64_MAX;
    case 2:
        return BASE_US - 1;
    case 3:
        return BASE_US;
    default:
        break;
    }
    if (block->events.count == 0) return BASE_US + seeded_below(chance, 1000);
    uint32_t i = seeded_below(chance, (uint32_t)block->events.count);
    return block->events.at[i].at_us + (int64_t)seeded_below(chance, 3) - 1;
}

static void random_blocks_come_back(void **state)
{
    (void)state;
    struct zone_block block = {0};
    struct zone_block back = {0};
    for (unsigned seed = 0; seed < 400; seed++) {
        uint64_t chance = seed;
        random_zone_block(&chance, BASE_US, &block);
        struct packed packed = pack(&block);
        if (!read_whole(&packed, &back)) fail_msg("seed %u is not read", seed);
        if (!same_zone_block(&block, &back)) fail_msg("seed %u differs", seed);
        size_t count = SIZE_MAX;
        assert_true(zone_block_start_count(packed.at, packed.bytes, &count));
        assert_int_equal(count, block.start.count);
        struct packed again = pack(&back);
        assert_int_equal(again.bytes, packed.bytes);
        assert_memory_equal(again.at, packed.at, packed.bytes);
        free(again.at);
        free(packed.at);
    }
    zone_block_done(&block);
    zone_block_done(&back);
}

static void who_is_inside_at_a_moment_is_who_a_walk_finds(void **state)
{
    (void)state;
    struct zone_block block = {0};
    struct crowd wanted = {0};
    struct crowd got = {0};
    for (unsigned seed = 0; seed < 200; seed++) {
        uint64_t chance = seed + 1000;
        random_zone_block(&chance, BASE_US, &block);
        struct packed packed = pack(&block);
        for (unsigned i = 0; i < 30; i++) {
            int64_t at_us = some_moment(&block, &chance);
            bool no_memory;
            plain_inside(&block, at_us, &wanted);
            got.count = 0;
            assert_true(
                zone_block_inside(packed.at, packed.bytes, BASE_US, at_us, &got, &no_memory));
            sort_crowd(&got);
            if (!same_crowd(&wanted, &got)) fail_msg("seed %u, moment %u", seed, i);
        }
        free(packed.at);
    }
    LIST_DONE(&wanted);
    LIST_DONE(&got);
    zone_block_done(&block);
}

/* What a walk through a whole block finds in [from_us, until_us): stays that ended in it, and then
 * those that last longer. Returns how many ended. */
static size_t plain_stays(const struct zone_block *block, int64_t from_us, int64_t until_us,
                          struct zone_stays *out)
{
    struct zone_stays open = {0};
    out->count = 0;
    for (size_t i = 0; i < block->start.count; i++) {
        assert_true(LIST_PUSH(&open, (struct zone_stay){from_us, until_us, block->start.at[i]}));
    }
    for (size_t e = 0; e < block->events.count; e++) {
        const struct event *event = &block->events.at[e];
        if (event->at_us >= until_us) break;
        int64_t at_us = event->at_us < from_us ? from_us : event->at_us;
        if (event->in) {
            assert_true(LIST_PUSH(&open, (struct zone_stay){at_us, until_us, event->person}));
            continue;
        }
        size_t i = 0;
        while (i < open.count && open.at[i].person != event->person) {
            i++;
        }
        if (open.at == NULL || i == open.count) {
            fail_msg("person %u was not inside", event->person);
            break;
        }
        struct zone_stay stay = {open.at[i].from_us, event->at_us, event->person};
        open.at[i] = open.at[--open.count];
        if (event->at_us >= from_us) assert_true(LIST_PUSH(out, stay));
    }
    size_t ended = out->count;
    for (size_t i = 0; i < open.count; i++) {
        assert_true(LIST_PUSH(out, open.at[i]));
    }
    LIST_DONE(&open);
    return ended;
}

static int compare_stays(const void *left, const void *right)
{
    const struct zone_stay *a = left;
    const struct zone_stay *b = right;
    return (a->person > b->person) - (a->person < b->person);
}

static void sort_lasting(struct zone_stays *stays, size_t ended)
{
    size_t count = stays->count - ended;
    if (count > 0) qsort(stays->at + ended, count, sizeof *stays->at, compare_stays);
}

static void assert_part(const struct zone_block *block, const struct wb_window *window,
                        struct zone_part *part, struct zone_stays *wanted)
{
    size_t ended = plain_stays(block, window->from_us, window->until_us, wanted);
    assert_int_equal(part->ended, ended);
    assert_int_equal(part->stays.count, wanted->count);
    sort_lasting(wanted, ended);
    sort_lasting(&part->stays, ended);
    for (size_t i = 0; i < wanted->count; i++) {
        assert_int_equal(part->stays.at[i].person, wanted->at[i].person);
        assert_int_equal(part->stays.at[i].from_us, wanted->at[i].from_us);
        assert_int_equal(part->stays.at[i].until_us, wanted->at[i].until_us);
    }
}

static void the_stays_in_a_part_are_those_of_a_walk(void **state)
{
    (void)state;
    struct zone_block block = {0};
    struct zone_stays wanted = {0};
    struct zone_part part = {0};
    for (unsigned seed = 0; seed < 200; seed++) {
        uint64_t chance = seed + 2000;
        random_zone_block(&chance, BASE_US, &block);
        struct packed packed = pack(&block);
        for (unsigned i = 0; i < 30; i++) {
            struct wb_window window = {.from_us = some_moment(&block, &chance),
                                       .until_us = some_moment(&block, &chance)};
            if (window.until_us < window.from_us) window.until_us = window.from_us;
            bool no_memory;
            assert_true(
                zone_block_part(packed.at, packed.bytes, BASE_US, &window, &part, &no_memory));
            assert_part(&block, &window, &part, &wanted);
        }
        free(packed.at);
    }
    LIST_DONE(&wanted);
    zone_part_done(&part);
    zone_block_done(&block);
}

static void assert_counts(const struct zone_block *block, const struct grid *grid,
                          struct crowd *wanted)
{
    int32_t count = 0;
    for (size_t p = 0; p < grid->count; p++) {
        count += grid->change[p];
        plain_inside(block, grid->from_us + (int64_t)p * grid->every_us, wanted);
        assert_int_equal(count, wanted->count);
    }
}

static void a_curve_counts_whom_a_walk_counts(void **state)
{
    (void)state;

    enum { POINTS = 50 };

    static const int64_t every_us[] = {1, 999, 60000000, 3600000000};
    struct zone_block block = {0};
    struct crowd wanted = {0};
    for (unsigned seed = 0; seed < 200; seed++) {
        uint64_t chance = seed + 3000;
        random_zone_block(&chance, BASE_US, &block);
        struct packed packed = pack(&block);
        for (unsigned i = 0; i < 6; i++) {
            int32_t change[POINTS] = {0};
            int64_t from_us = some_moment(&block, &chance);
            if (from_us > WB_TIME_MAX) from_us = BASE_US;
            struct grid grid = {.from_us = from_us,
                                .every_us = every_us[seeded_below(&chance, 4)],
                                .count = 1 + seeded_below(&chance, POINTS),
                                .change = change};
            bool no_memory;
            assert_true(zone_block_curve(packed.at, packed.bytes, BASE_US, &grid, &no_memory));
            assert_true(grid.started);
            assert_counts(&block, &grid, &wanted);
        }
        free(packed.at);
    }
    LIST_DONE(&wanted);
    zone_block_done(&block);
}

/* A curve that is started counts comings and goings only. */
static void a_curve_goes_on_through_the_next_block(void **state)
{
    (void)state;
    struct zone_block block = {0};
    uint32_t start[] = {4, 9};
    struct event events[] = {
        {BASE_US + 5, 9, 0},
        {BASE_US + 7, 1, 1},
    };
    struct zone_block given = {
        .start = {start,  2, 2},
          .events = {events, 2, 2}
    };
    struct packed packed = pack(&given);
    int32_t change[10] = {0};
    struct grid grid = {
        .from_us = BASE_US, .every_us = 1, .count = 10, .change = change, .started = true};
    bool no_memory;
    assert_true(zone_block_curve(packed.at, packed.bytes, BASE_US, &grid, &no_memory));
    for (size_t i = 0; i < 10; i++) {
        assert_int_equal(change[i], i == 5 ? -1 : i == 7 ? 1 : 0);
    }
    free(packed.at);
    zone_block_done(&block);
}

static void what_does_not_fit_is_not_written(void **state)
{
    (void)state;
    uint32_t start[] = {4, 9};
    uint32_t twice[] = {4, 4};
    struct event in_again[] = {
        {BASE_US, 9, 1}
    };
    struct event not_there[] = {
        {BASE_US, 5, 0}
    };
    const struct zone_block wrong[] = {
        {.start = {start, 2, 2},       .events = {in_again, 1, 1}},
        {.start = {start, 2, 2},                            .events = {not_there, 1, 1}},
        {.start = {twice, 2, 2}},
    };
    for (size_t i = 0; i < 3; i++) {
        struct bytes_out out = {0};
        struct places places = {0};
        assert_false(zone_block_write(&wrong[i], BASE_US, &places, &out));
        bytes_out_done(&out);
        LIST_DONE(&places);
    }
}

static void ask_everything(const struct packed *packed, uint64_t *chance)
{
    struct zone_block back = {0};
    struct crowd crowd = {0};
    struct zone_part part = {0};
    int32_t change[20] = {0};
    int64_t at_us = BASE_US + seeded_below(chance, 1u << 30);
    bool no_memory;
    size_t count;
    (void)zone_block_read(packed->at, packed->bytes, BASE_US, &back, &no_memory);
    assert_false(no_memory);
    (void)zone_block_inside(packed->at, packed->bytes, BASE_US, at_us, &crowd, &no_memory);
    assert_false(no_memory);
    struct wb_window window = {.from_us = at_us, .until_us = at_us + 1000000};
    (void)zone_block_part(packed->at, packed->bytes, BASE_US, &window, &part, &no_memory);
    assert_false(no_memory);
    (void)zone_block_start_count(packed->at, packed->bytes, &count);
    struct grid grid = {.from_us = at_us, .every_us = 1000, .count = 20, .change = change};
    (void)zone_block_curve(packed->at, packed->bytes, BASE_US, &grid, &no_memory);
    zone_block_done(&back);
    LIST_DONE(&crowd);
    zone_part_done(&part);
}

static void a_block_that_was_cut_off_is_refused(void **state)
{
    (void)state;
    struct zone_block block = {0};
    struct zone_block back = {0};
    for (unsigned seed = 0; seed < 20; seed++) {
        uint64_t chance = seed;
        random_zone_block(&chance, BASE_US, &block);
        struct packed packed = pack(&block);
        size_t stride = packed.bytes / 200 + 1;
        for (size_t bytes = 0; bytes < packed.bytes; bytes += bytes < 100 ? 1 : stride) {
            struct packed part = alone(packed.at, bytes);
            if (read_whole(&part, &back)) fail_msg("seed %u: %zu bytes are read", seed, bytes);
            ask_everything(&part, &chance);
            free(part.at);
        }
        free(packed.at);
    }
    zone_block_done(&block);
    zone_block_done(&back);
}

static void a_block_with_changed_bits_is_read_within_bounds(void **state)
{
    (void)state;
    struct zone_block block = {0};
    for (unsigned seed = 0; seed < 30; seed++) {
        uint64_t chance = seed;
        random_zone_block(&chance, BASE_US, &block);
        struct packed packed = pack(&block);
        for (unsigned i = 0; i < 100; i++) {
            struct packed bent = alone(packed.at, packed.bytes);
            for (unsigned flips = 1 + seeded_below(&chance, 3); flips > 0; flips--) {
                uint32_t end = (uint32_t)bent.bytes;
                if (end > 40 && seeded_percent(&chance, 50)) end = 40;
                bent.at[seeded_below(&chance, end)] ^= (uint8_t)(1u << seeded_below(&chance, 8));
            }
            ask_everything(&bent, &chance);
            free(bent.at);
        }
        free(packed.at);
    }
    zone_block_done(&block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_blocks_come_back),
        cmocka_unit_test(who_is_inside_at_a_moment_is_who_a_walk_finds),
        cmocka_unit_test(the_stays_in_a_part_are_those_of_a_walk),
        cmocka_unit_test(a_curve_counts_whom_a_walk_counts),
        cmocka_unit_test(a_curve_goes_on_through_the_next_block),
        cmocka_unit_test(what_does_not_fit_is_not_written),
        cmocka_unit_test(a_block_that_was_cut_off_is_refused),
        cmocka_unit_test(a_block_with_changed_bits_is_read_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
