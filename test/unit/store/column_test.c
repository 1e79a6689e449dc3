#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "store/column.h"
#include "unit/base/seeded.h"

#define ROOM 2048u

/* A chunk's bytes; how many bits they are. Behind them stands what a reader must not depend on. */
static uint64_t written(const uint64_t *numbers, size_t count, uint8_t bytes[ROOM])
{
    struct bytes_out out = {0};
    chunk_write(numbers, count, &out);
    uint64_t bits = (uint64_t)out.count * 8 + out.pending_bits;
    bytes_put_align(&out);
    assert_false(out.failed);
    assert_true(out.count + BITS_SLACK <= ROOM);
    memset(bytes, 0xa5, ROOM);
    memcpy(bytes, out.at, out.count);
    bytes_out_done(&out);
    return bits;
}

static uint64_t bits_of(const uint64_t *numbers, size_t count)
{
    uint8_t bytes[ROOM];
    uint64_t again[COLUMN_CHUNK];
    uint64_t bits = written(numbers, count, bytes);
    struct column_in in = {.bits = {.at = bytes}, .end = bits};
    assert_true(chunk_read(&in, again, count));
    assert_memory_equal(again, numbers, count * sizeof *numbers);
    assert_true(in.bits.bit == bits);
    return bits;
}

static void numbers_of_every_width_come_back(void **state)
{
    (void)state;
    uint64_t chance = 1;
    uint64_t numbers[COLUMN_CHUNK];
    for (unsigned narrow = 0; narrow <= 64; narrow++) {
        for (unsigned wide = narrow; wide <= 64; wide += 1 + wide / 8) {
            size_t count = 1 + seeded_below(&chance, COLUMN_CHUNK);
            for (size_t i = 0; i < count; i++) {
                unsigned width = seeded_percent(&chance, 10) ? wide : narrow;
                numbers[i] = width == 0 ? 0 : seeded_next(&chance) >> (64 - width);
            }
            (void)bits_of(numbers, count);
        }
    }
}

static void equal_zeros_take_eight_bits(void **state)
{
    (void)state;
    static const uint64_t zeros[COLUMN_CHUNK];
    assert_int_equal(bits_of(zeros, COLUMN_CHUNK), 8);
    assert_int_equal(bits_of(zeros, 1), 8);
}

static void an_outlier_pays_for_itself(void **state)
{
    (void)state;
    uint64_t numbers[100];
    for (size_t i = 0; i < 100; i++) {
        numbers[i] = 512 + i;
    }
    assert_int_equal(bits_of(numbers, 100), 8 + 100 * 10);
    numbers[50] = UINT64_C(1) << 29;
    assert_int_equal(bits_of(numbers, 100), 15 + 100 * 11 + 20);
}

static void zeros_among_others_take_a_bit(void **state)
{
    (void)state;
    uint64_t numbers[100] = {0};
    for (size_t i = 0; i < 100; i += 4) {
        numbers[i] = 1000;
    }
    assert_int_equal(bits_of(numbers, 100), 15 + 100 + 25 * 10);
}

static void a_chunk_that_is_cut_off_is_refused(void **state)
{
    (void)state;
    uint64_t chance = 2;
    uint64_t numbers[COLUMN_CHUNK];
    uint64_t again[COLUMN_CHUNK];
    uint8_t bytes[ROOM];
    for (size_t i = 0; i < COLUMN_CHUNK; i++) {
        numbers[i] = seeded_percent(&chance, 20) ? seeded_next(&chance) : 5;
    }
    uint64_t bits = written(numbers, COLUMN_CHUNK, bytes);
    for (uint64_t end = 0; end < bits; end++) {
        struct column_in in = {.bits = {.at = bytes}, .end = end};
        assert_false(chunk_read(&in, again, COLUMN_CHUNK));
        assert_true(in.bits.bit <= end);
    }
}

static void widths_that_cannot_be_are_refused(void **state)
{
    (void)state;

    static const struct {
        uint64_t wide, narrow;
    } widths[] = {
        {65,  0 },
        {127, 3 },
        {10,  10},
        {10,  11},
        {0,   0 }
    };

    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        uint64_t number;
        struct bytes_out out = {0};
        bytes_put_bits(&out, widths[i].wide, 7);
        bytes_put_bits(&out, 1, 1);
        bytes_put_bits(&out, widths[i].narrow, 7);
        for (unsigned k = 0; k < 32; k++) {
            bytes_put_bits(&out, 0, 64);
        }
        assert_false(out.failed);
        struct column_in in = {.bits = {.at = out.at}, .end = (uint64_t)out.count * 8 - 64};
        assert_false(chunk_read(&in, &number, 1));
        bytes_out_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_every_width_come_back),
        cmocka_unit_test(equal_zeros_take_eight_bits),
        cmocka_unit_test(an_outlier_pays_for_itself),
        cmocka_unit_test(zeros_among_others_take_a_bit),
        cmocka_unit_test(a_chunk_that_is_cut_off_is_refused),
        cmocka_unit_test(widths_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
