/* Any bytes as a block of 64 people: whole and person by person; what is read is written and read
 * again. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "unit/history/random_block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#define BASE_US INT64_C(1468540800000000) /* 2016-07-15 */

static struct person_block *new_block(void)
{
    struct person_block *block = calloc(1, sizeof *block);
    if (block == NULL) abort();
    return block;
}

/* A share by itself is what it is in the whole. */
static void read_alone(const uint8_t *data, size_t bytes, const struct person_block *whole)
{
    struct member member = {0};
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        bool no_memory;
        timeline_clear(&member.scans);
        bool good = person_block_read_member(data, bytes, BASE_US, i, true, &member, &no_memory);
        assert(!no_memory);
        assert(member.scans.capacity <= bytes * 16 + 64);
        assert(whole == NULL || (good && same_member(&member, &whole->member[i])));
        timeline_clear(&member.scans);
        (void)person_block_read_member(data, bytes, BASE_US, i, false, &member, &no_memory);
        for (size_t k = 1; k < member.scans.count; k++) {
            assert(member.scans.at[k - 1].at_us <= member.scans.at[k].at_us);
        }
    }
    timeline_done(&member.scans);
}

static void write_again(const struct person_block *block)
{
    struct bytes_out out = {0};
    person_block_write(block, BASE_US, &out);
    size_t written = out.count;
    for (unsigned i = 0; i < BITS_SLACK; i++) {
        bytes_put_u8(&out, 0x5a);
    }
    assert(!out.failed);
    struct person_block *back = new_block();
    bool no_memory;
    bool good = person_block_read(out.at, written, BASE_US, back, &no_memory);
    assert(good);
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        assert(same_member(&block->member[i], &back->member[i]));
    }
    person_block_done(back);
    free(back);
    bytes_out_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    uint8_t *copy = malloc(bytes + BITS_SLACK);
    if (copy == NULL) return 0;
    if (bytes > 0) memcpy(copy, data, bytes);
    memset(copy + bytes, 0xa5, BITS_SLACK);
    struct person_block *block = new_block();
    bool no_memory;
    bool good = person_block_read(copy, bytes, BASE_US, block, &no_memory);
    assert(!no_memory);
    read_alone(copy, bytes, good ? block : NULL);
    if (good) write_again(block);
    person_block_done(block);
    free(block);
    free(copy);
    return 0;
}
