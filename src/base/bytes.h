/* bytes: the one way in which bytes are written and read.
 *
 * Both ends are sticky: after the first failure (no memory; read past the end) further calls
 * do nothing and give zeros, and the failure is asked for once at the end.
 *
 * varint is LEB128, least significant group first, at most 10 bytes; signed numbers are
 * zigzag-coded (0, -1, 1, -2, ...) as in Protocol Buffers. Fixed widths are little-endian. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes_out {
    uint8_t *at;
    size_t count, capacity;
    bool failed;           /* memory was used up */
    unsigned pending_bits; /* of a bit column that is being written */
    uint64_t pending;
};

void bytes_out_done(struct bytes_out *out);
void bytes_put(struct bytes_out *out, const void *data, size_t bytes);
void bytes_put_u8(struct bytes_out *out, uint8_t value);
void bytes_put_u32(struct bytes_out *out, uint32_t value);
void bytes_put_varint(struct bytes_out *out, uint64_t value);
void bytes_put_signed(struct bytes_out *out, int64_t value);

/* Write out four whole bytes of a column of bits: at least 32 are pending. */
void bytes_put_pending(struct bytes_out *out);

/* At most 32 bits: with those that are pending they fit into 64. */
static inline void bytes_put_few_bits(struct bytes_out *out, uint64_t value, unsigned width)
{
    out->pending |= (value & ((UINT64_C(1) << width) - 1)) << out->pending_bits;
    out->pending_bits += width;
    if (out->pending_bits >= 32) bytes_put_pending(out);
}

/* Write the low `width` bits (0 to 64) of value; a column ends with bytes_put_align, which
 * fills up to a whole byte with zero bits. */
static inline void bytes_put_bits(struct bytes_out *out, uint64_t value, unsigned width)
{
    if (width > 32) {
        bytes_put_few_bits(out, value, 32);
        value >>= 32;
        width -= 32;
    }
    bytes_put_few_bits(out, value, width);
}

void bytes_put_align(struct bytes_out *out);

/* Bits that are needed to write value: 0 for 0. */
static inline unsigned bits_needed(uint64_t value)
{
    return value == 0 ? 0 : 64u - (unsigned)__builtin_clzll(value);
}

struct bytes_in {
    const uint8_t *at;
    size_t left;
    bool bad; /* it was read past the end, or a number was malformed */
};

uint8_t bytes_get_u8(struct bytes_in *in);
uint32_t bytes_get_u32(struct bytes_in *in);
uint64_t bytes_get_varint(struct bytes_in *in);
int64_t bytes_get_signed(struct bytes_in *in);

/* A varint that must not exceed max; else bad and 0. */
uint64_t bytes_get_bounded(struct bytes_in *in, uint64_t max);

/* The next `bytes` bytes, borrowed; NULL when there are fewer. */
const uint8_t *bytes_get(struct bytes_in *in, size_t bytes);

/* A column of bits inside a region whose size was checked once, when it was opened. The memory
 * behind the region must have BITS_SLACK readable bytes more; their content does not matter. */
#define BITS_SLACK 8u

struct bits_in {
    const uint8_t *at;
    uint64_t bit;
};

/* Open a column of `bits` bits and step over it; false (and bad) when it is not there. */
bool bits_open(struct bytes_in *in, uint64_t bits, struct bits_in *out);

static inline uint64_t bits_load(const uint8_t *at)
{
    uint64_t word;
    __builtin_memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* Read `width` bits (0 to 56) at the position and step on. The caller keeps to the region. */
static inline uint64_t bits_next(struct bits_in *in, unsigned width)
{
    uint64_t word = bits_load(in->at + (in->bit >> 3)) >> (in->bit & 7);
    in->bit += width;
    return word & ((UINT64_C(1) << width) - 1);
}

/* The same for any width up to 64. */
static inline uint64_t bits_next_wide(struct bits_in *in, unsigned width)
{
    if (width <= 56) return bits_next(in, width);
    uint64_t low = bits_next(in, 32);
    return low | bits_next(in, width - 32) << 32;
}

#endif
