/* Any bytes as a segment. Its commits put into a segment again are the same ones, and so are the
 * bytes of their blocks. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "unit/store/random_commit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Put every commit into another segment; the first `most` of a segment without end. */
static size_t seal_again(struct segment_reader *reader, struct segment_writer *writer, size_t most)
{
    size_t commits = 0;
    segment_begin(writer);
    while (commits < most && segment_next(reader)) {
        assert(reader->byte_count > 0);
        segment_add(writer, reader->learnt_us, &reader->commit, reader->bytes, reader->byte_count);
        commits++;
    }
    assert(!reader->no_memory);
    segment_end(writer);
    return commits;
}

static void compare(struct segment_reader *a, struct segment_reader *b, size_t commits)
{
    for (size_t i = 0; i < commits; i++) {
        bool good = segment_next(a) && segment_next(b);
        assert(good && a->learnt_us == b->learnt_us && a->byte_count == b->byte_count);
        assert(memcmp(a->bytes, b->bytes, a->byte_count) == 0);
    }
    bool more = segment_next(b);
    assert(!more && !b->in.bad && !b->no_memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    uint8_t *copy = malloc(bytes + BITS_SLACK);
    if (copy == NULL) return 0;
    if (bytes > 0) memcpy(copy, data, bytes);
    memset(copy + bytes, 0xa5, BITS_SLACK);
    struct segment_reader reader = {.want_block = true};
    struct segment_reader again = {.want_block = true};
    struct segment_writer writer = {0};
    segment_open(&reader, copy, bytes);
    size_t commits = seal_again(&reader, &writer, 20000);
    size_t written = writer.out.count;
    for (unsigned i = 0; i < BITS_SLACK; i++) {
        bytes_put_u8(&writer.out, 0x5a);
    }
    assert(!writer.out.failed);
    segment_open(&reader, copy, bytes);
    segment_open(&again, writer.out.at, written);
    compare(&reader, &again, commits);
    segment_reader_done(&reader);
    segment_reader_done(&again);
    segment_writer_done(&writer);
    free(copy);
    return 0;
}
