/* column: chunks of numbers, packed to the bits that they need. docs/formats/journal.md.
 *
 * A chunk has one width, or two: then each number says by a bit which of them it has. So a few
 * large numbers among small ones, and zeros among others, do not cost everybody their width. */
#ifndef STORE_COLUMN_H
#define STORE_COLUMN_H

#include "base/bytes.h"

#define COLUMN_CHUNK 128u /* numbers that share their widths */

/* Append a chunk to the bits of out.
 *
 *   numbers  [count], count 1 to COLUMN_CHUNK */
void chunk_write(const uint64_t *numbers, size_t count, struct bytes_out *out);

/* A reader of bits that come from a file: each step is held against the end. */
struct column_in {
    struct bits_in bits;
    uint64_t end; /* bits that are there; BITS_SLACK bytes are behind them */
};

/* Read the next `width` bits (0 to 64). false: they are not there. */
bool column_bits(struct column_in *in, unsigned width, uint64_t *out);

/* Read a chunk of `count` numbers. false: malformed; numbers are then of no use. */
bool chunk_read(struct column_in *in, uint64_t *numbers, size_t count);

#endif
