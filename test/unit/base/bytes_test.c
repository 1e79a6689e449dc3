#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/base/seeded.h"

static const uint64_t telling[] = {
    0,          1,          2,          127,        128,
    255,        256,        16383,      16384,      2097151,
    2097152,    UINT32_MAX, UINT64_MAX, INT64_MAX,  1ull << 7,
    1ull << 14, 1ull << 21, 1ull << 28, 1ull << 56, UINT64_MAX - 1,
    1ull << 63,
};

#define TELLING (sizeof telling / sizeof telling[0])

/* What was written, with the slack that bit columns want behind it. */
static struct bytes_in readable(struct bytes_out *out)
{
    assert_false(out->failed);
    size_t bytes = out->count;
    for (unsigned i = 0; i < BITS_SLACK; i++) {
        bytes_put_u8(out, 0xa5);
    }
    return (struct bytes_in){.at = out->at, .left = bytes};
}

static void a_varint_is_leb128(void **state)
{
    (void)state;
    struct bytes_out out = {0};
    bytes_put_varint(&out, 0);
    bytes_put_varint(&out, 127);
    bytes_put_varint(&out, 128);
    bytes_put_varint(&out, 300);
    const uint8_t wanted[] = {0x00, 0x7f, 0x80, 0x01, 0xac, 0x02};
    assert_int_equal(out.count, sizeof wanted);
    assert_memory_equal(out.at, wanted, sizeof wanted);
    bytes_out_done(&out);
}

static void a_signed_number_is_zigzag(void **state)
{
    (void)state;
    struct bytes_out out = {0};
    bytes_put_signed(&out, 0);
    bytes_put_signed(&out, -1);
    bytes_put_signed(&out, 1);
    bytes_put_signed(&out, -64);
    bytes_put_signed(&out, 64);
    const uint8_t wanted[] = {0x00, 0x01, 0x02, 0x7f, 0x80, 0x01};
    assert_int_equal(out.count, sizeof wanted);
    assert_memory_equal(out.at, wanted, sizeof wanted);
    bytes_out_done(&out);
}

static void numbers_come_back(void **state)
{
    (void)state;
    struct bytes_out out = {0};
    for (size_t i = 0; i < TELLING; i++) {
        bytes_put_varint(&out, telling[i]);
        bytes_put_signed(&out, (int64_t)telling[i]);
        bytes_put_u32(&out, (uint32_t)telling[i]);
        bytes_put_u8(&out, (uint8_t)telling[i]);
    }
    struct bytes_in in = readable(&out);
    for (size_t i = 0; i < TELLING; i++) {
        assert_true(bytes_get_varint(&in) == telling[i]);
        assert_true(bytes_get_signed(&in) == (int64_t)telling[i]);
        assert_true(bytes_get_u32(&in) == (uint32_t)telling[i]);
        assert_true(bytes_get_u8(&in) == (uint8_t)telling[i]);
    }
    assert_false(in.bad);
    assert_int_equal(in.left, 0);
    bytes_out_done(&out);
}

static void a_varint_of_more_than_64_bits_is_malformed(void **state)
{
    (void)state;
    const uint8_t most[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
    const uint8_t more[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
    const uint8_t longer[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00};
    struct bytes_in in = {.at = most, .left = sizeof most};
    assert_true(bytes_get_varint(&in) == UINT64_MAX);
    assert_false(in.bad);
    in = (struct bytes_in){.at = more, .left = sizeof more};
    assert_true(bytes_get_varint(&in) == 0);
    assert_true(in.bad);
    in = (struct bytes_in){.at = longer, .left = sizeof longer};
    assert_true(bytes_get_varint(&in) == 0);
    assert_true(in.bad);
}

static void a_bounded_number_keeps_to_its_bound(void **state)
{
    (void)state;
    const uint8_t bytes[] = {10, 11};
    struct bytes_in in = {.at = bytes, .left = sizeof bytes};
    assert_int_equal(bytes_get_bounded(&in, 10), 10);
    assert_false(in.bad);
    assert_int_equal(bytes_get_bounded(&in, 10), 0);
    assert_true(in.bad);
}

static void reading_past_the_end_is_sticky(void **state)
{
    (void)state;
    const uint8_t bytes[] = {0x80, 7};
    struct bytes_in in = {.at = bytes, .left = 1};
    assert_int_equal(bytes_get_varint(&in), 0);
    assert_true(in.bad);
    assert_null(bytes_get(&in, 0));
    assert_int_equal(bytes_get_u32(&in), 0);
    assert_int_equal(bytes_get_signed(&in), 0);
    assert_true(in.bad);

    in = (struct bytes_in){.at = bytes, .left = 2};
    assert_null(bytes_get(&in, 3));
    assert_true(in.bad);
    assert_int_equal(in.left, 2);
    assert_null(bytes_get(&in, 1));

    struct bits_in bits;
    in = (struct bytes_in){.at = bytes, .left = 2};
    assert_false(bits_open(&in, 17, &bits));
    assert_true(in.bad);
    in = (struct bytes_in){.at = bytes, .left = 2};
    assert_false(bits_open(&in, UINT64_MAX, &bits));
    assert_true(in.bad);
}

static void bits_needed_is_the_width_of_a_number(void **state)
{
    (void)state;
    assert_int_equal(bits_needed(0), 0);
    for (unsigned width = 1; width <= 64; width++) {
        assert_int_equal(bits_needed(UINT64_C(1) << (width - 1)), width);
        assert_int_equal(bits_needed(UINT64_MAX >> (64 - width)), width);
    }
}

static uint64_t of_width(uint64_t *chance, unsigned width)
{
    return width == 0 ? 0 : seeded_next(chance) >> (64 - width);
}

static void a_bit_column_of_every_width_comes_back(void **state)
{
    (void)state;

    enum { COUNT = 131 };

    for (unsigned width = 0; width <= 64; width++) {
        uint64_t value[COUNT];
        uint64_t chance = width;
        struct bytes_out out = {0};
        bytes_put_u8(&out, 0x5a); /* columns begin anywhere */
        for (size_t i = 0; i < COUNT; i++) {
            value[i] = of_width(&chance, width);
            /* What stands above the width does not matter. */
            bytes_put_bits(&out, width < 64 ? value[i] | UINT64_MAX << width : value[i], width);
        }
        bytes_put_align(&out);
        bytes_put_u8(&out, 0x77);
        assert_int_equal(out.count, 1 + (COUNT * (size_t)width + 7) / 8 + 1);

        struct bytes_in in = readable(&out);
        (void)bytes_get_u8(&in);
        struct bits_in bits;
        assert_true(bits_open(&in, COUNT * (uint64_t)width, &bits));
        for (size_t i = 0; i < COUNT; i++) {
            uint64_t got = width <= 56 ? bits_next(&bits, width) : bits_next_wide(&bits, width);
            if (got != value[i]) fail_msg("width %u, number %zu", width, i);
        }
        assert_int_equal(bytes_get_u8(&in), 0x77);
        assert_int_equal(in.left, 0);
        bytes_out_done(&out);
    }
}

static void widths_may_change_inside_a_column(void **state)
{
    (void)state;

    enum { COUNT = 4000 };

    uint64_t chance = 4711;
    struct bytes_out out = {0};
    uint64_t value[COUNT];
    unsigned width[COUNT];
    uint64_t total = 0;
    for (size_t i = 0; i < COUNT; i++) {
        width[i] = seeded_below(&chance, 65);
        value[i] = of_width(&chance, width[i]);
        bytes_put_bits(&out, value[i], width[i]);
        total += width[i];
    }
    bytes_put_align(&out);
    struct bytes_in in = readable(&out);
    struct bits_in bits;
    assert_true(bits_open(&in, total, &bits));
    for (size_t i = 0; i < COUNT; i++) {
        if (bits_next_wide(&bits, width[i]) != value[i]) fail_msg("number %zu", i);
    }
    assert_int_equal(in.left, 0);
    bytes_out_done(&out);
}

static void a_failed_writer_stays_failed(void **state)
{
    (void)state;
    struct bytes_out out = {.failed = true};
    bytes_put(&out, "abc", 3);
    bytes_put_u8(&out, 1);
    bytes_put_varint(&out, 1);
    bytes_put_u32(&out, 1);
    for (unsigned i = 0; i < 100; i++) {
        bytes_put_bits(&out, UINT64_MAX, i % 65);
    }
    bytes_put_align(&out);
    assert_true(out.failed);
    assert_int_equal(out.count, 0);
    assert_null(out.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_varint_is_leb128),
        cmocka_unit_test(a_signed_number_is_zigzag),
        cmocka_unit_test(numbers_come_back),
        cmocka_unit_test(a_varint_of_more_than_64_bits_is_malformed),
        cmocka_unit_test(a_bounded_number_keeps_to_its_bound),
        cmocka_unit_test(reading_past_the_end_is_sticky),
        cmocka_unit_test(bits_needed_is_the_width_of_a_number),
        cmocka_unit_test(a_bit_column_of_every_width_comes_back),
        cmocka_unit_test(widths_may_change_inside_a_column),
        cmocka_unit_test(a_failed_writer_stays_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
