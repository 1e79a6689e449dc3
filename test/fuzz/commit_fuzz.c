/* Any bytes as a commit; what is read is written and read again. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "unit/store/random_commit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    uint8_t *copy = malloc(bytes + BITS_SLACK);
    if (copy == NULL) return 0;
    if (bytes > 0) memcpy(copy, data, bytes);
    memset(copy + bytes, 0xa5, BITS_SLACK);
    struct commit commit = {0};
    struct commit back = {0};
    struct bytes_out out = {0};
    struct bytes_out again = {0};
    bool no_memory;
    bool good = commit_read(copy, bytes, &commit, &no_memory);
    assert(!no_memory);
    assert(commit.scans.capacity <= bytes * 80 + 64);
    if (good) {
        commit_write(&commit, &out); /* sorts the scans */
        size_t written = out.count;
        for (unsigned i = 0; i < BITS_SLACK; i++) {
            bytes_put_u8(&out, 0x5a);
        }
        assert(!out.failed);
        good = commit_read(out.at, written, &back, &no_memory);
        assert(good && same_commit(&commit, &back));
        commit_write(&back, &again);
        assert(again.count == written && memcmp(again.at, out.at, written) == 0);
    }
    bytes_out_done(&out);
    bytes_out_done(&again);
    commit_done(&commit);
    commit_done(&back);
    free(copy);
    return 0;
}
