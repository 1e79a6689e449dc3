#include "store/column.h"

#include <assert.h>

#define WIDTH_BITS 7u /* of a width, 0 to 64 */

struct widths {
    unsigned wide, narrow; /* the same: there is one */
};

/* The two widths that cost least: every number is narrow if it can be. */
static struct widths widths_of(const uint64_t *numbers, size_t count)
{
    size_t of_width[65] = {0};
    unsigned wide = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned width = bits_needed(numbers[i]);
        of_width[width]++;
        if (width > wide) wide = width;
    }
    struct widths best = {wide, wide};
    size_t least = count * wide;
    size_t small = 0;
    for (unsigned narrow = 0; narrow < wide; narrow++) {
        small += of_width[narrow];
        size_t bits = WIDTH_BITS + count + small * narrow + (count - small) * wide;
        if (bits >= least) continue;
        least = bits;
        best.narrow = narrow;
    }
    return best;
}

void chunk_write(const uint64_t *numbers, size_t count, struct bytes_out *out)
{
    assert(count > 0 && count <= COLUMN_CHUNK);
    struct widths widths = widths_of(numbers, count);
    bool two = widths.narrow < widths.wide;
    bytes_put_bits(out, widths.wide, WIDTH_BITS);
    bytes_put_bits(out, two, 1);
    if (two) bytes_put_bits(out, widths.narrow, WIDTH_BITS);
    for (size_t i = 0; i < count; i++) {
        bool is_wide = bits_needed(numbers[i]) > widths.narrow;
        if (two) bytes_put_bits(out, is_wide, 1);
        bytes_put_bits(out, numbers[i], is_wide ? widths.wide : widths.narrow);
    }
}

bool column_bits(struct column_in *in, unsigned width, uint64_t *out)
{
    if (width > in->end - in->bits.bit) return false;
    *out = bits_next_wide(&in->bits, width);
    return true;
}

static bool one_width_read(struct column_in *in, unsigned width, uint64_t *numbers, size_t count)
{
    if (count * (uint64_t)width > in->end - in->bits.bit) return false;
    for (size_t i = 0; i < count; i++) {
        numbers[i] = bits_next_wide(&in->bits, width);
    }
    return true;
}

bool chunk_read(struct column_in *in, uint64_t *numbers, size_t count)
{
    uint64_t wide;
    uint64_t two;
    uint64_t narrow;
    if (!column_bits(in, WIDTH_BITS, &wide) || wide > 64) return false;
    if (!column_bits(in, 1, &two)) return false;
    if (two == 0) return one_width_read(in, (unsigned)wide, numbers, count);
    if (!column_bits(in, WIDTH_BITS, &narrow) || narrow >= wide) return false;
    for (size_t i = 0; i < count; i++) {
        uint64_t is_wide;
        if (!column_bits(in, 1, &is_wide)) return false;
        if (!column_bits(in, (unsigned)(is_wide != 0 ? wide : narrow), &numbers[i])) return false;
    }
    return true;
}
