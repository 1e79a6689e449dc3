/* person_block: the scans of 64 people for a span of time, packed, each with the state of
 * their fold just before it. docs/formats/blocks.md describes the bytes.
 *
 * base_us is the moment at which the span starts; it stands in the block's key, not in it. */
#ifndef HISTORY_PERSON_BLOCK_H
#define HISTORY_PERSON_BLOCK_H

#include "base/bytes.h"
#include "history/timeline.h"

#ifndef WB_SMALL
#define WB_SMALL 0 /* small blocks and groups, so that little stories have many; see test/sim */
#endif

#define GROUP_PEOPLE (WB_SMALL ? 4u : 64u)

struct member {
    bool has_state; /* seen before the span */
    struct fold state;
    struct timeline scans;
};

struct person_block {
    struct member member[GROUP_PEOPLE];
};

void person_block_done(struct person_block *block);
void person_block_clear(struct person_block *block);

/* Append the packed block to out; the states must be settled. Look at out->failed. */
void person_block_write(const struct person_block *block, int64_t base_us, struct bytes_out *out);

/* Read a whole block into a cleared one. The data must have BITS_SLACK bytes behind it.
 * false: malformed, or memory was used up (no_memory). */
bool person_block_read(const uint8_t *data, size_t bytes, int64_t base_us, struct person_block *out,
                       bool *no_memory);

/* Read one person's share. What is not there gives the initial state and no scans.
 * notes: false leaves them out, unless a scan is withdrawn or flagged: enough for a plain fold.
 * cost: a sum of 64 lengths, then that share only */
bool person_block_read_member(const uint8_t *data, size_t bytes, int64_t base_us, unsigned index,
                              bool notes, struct member *out, bool *no_memory);

#endif
