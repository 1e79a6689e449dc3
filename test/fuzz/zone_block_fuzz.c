/* Any bytes as a block of a zone: every question is answered within bounds; what is read whole is
 * written and read again, and the questions agree with it. The first 8 bytes choose the moment. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "unit/history/random_block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#define BASE_US INT64_C(1468540800000000) /* 2016-07-15 */
#define POINTS  64u

struct answers {
    struct zone_block block;
    struct crowd inside;
    struct zone_part part;
    int32_t change[POINTS];
    struct grid grid;
    bool reads, says_inside, says_part, says_curve;
};

static void ask(const uint8_t *data, size_t bytes, int64_t at_us, struct answers *out)
{
    bool no_memory;
    size_t count = 0;
    out->grid = (struct grid){
        .from_us = at_us, .every_us = 60000000, .count = POINTS, .change = out->change};
    struct wb_window hour = {.from_us = at_us, .until_us = at_us + 3600000000};
    out->reads = zone_block_read(data, bytes, BASE_US, &out->block, &no_memory);
    assert(!no_memory);
    out->says_inside = zone_block_inside(data, bytes, BASE_US, at_us, &out->inside, &no_memory);
    assert(!no_memory);
    out->says_part = zone_block_part(data, bytes, BASE_US, &hour, &out->part, &no_memory);
    assert(!no_memory);
    out->says_curve = zone_block_curve(data, bytes, BASE_US, &out->grid, &no_memory);
    assert(!no_memory);
    bool starts = zone_block_start_count(data, bytes, &count);
    assert(!out->reads || (starts && count == out->block.start.count));
    assert(out->inside.capacity <= bytes * 16 + 512 &&
           out->part.inside.capacity <= bytes * 16 + 512);
}

static void done(struct answers *answers)
{
    zone_block_done(&answers->block);
    LIST_DONE(&answers->inside);
    zone_part_done(&answers->part);
}

/* A block that reads whole answers everything, and its numbers agree. */
static void agree(const struct answers *answers, int64_t at_us)
{
    size_t inside = answers->block.start.count;
    size_t last = inside;
    size_t gone = 0;
    for (size_t i = 0; i < answers->block.events.count; i++) {
        const struct event *event = &answers->block.events.at[i];
        bool in_hour = event->at_us >= at_us && event->at_us < at_us + 3600000000;
        if (event->at_us <= at_us) inside += event->in ? 1 : (size_t)-1;
        if (event->at_us < at_us + 3600000000) last += event->in ? 1 : (size_t)-1;
        if (in_hour && !event->in) gone++;
    }
    assert(answers->says_inside && answers->says_part && answers->says_curve);
    assert(answers->inside.count == inside);
    assert(answers->part.ended == gone && answers->part.stays.count == gone + last);
    assert((size_t)answers->change[0] == inside);
}

/* The whole again; false from the writer: somebody comes in twice. Places take memory by the
 * greatest number of a person. */
static void write_again(const struct answers *answers)
{
    const struct zone_block *block = &answers->block;
    for (size_t i = 0; i < block->start.count; i++) {
        if (block->start.at[i] > 1u << 20) return;
    }
    for (size_t i = 0; i < block->events.count; i++) {
        if (block->events.at[i].person > 1u << 20) return;
    }
    struct bytes_out out = {0};
    struct places places = {0};
    bool fits = zone_block_write(block, BASE_US, &places, &out);
    size_t written = out.count;
    for (unsigned i = 0; i < BITS_SLACK; i++) {
        bytes_put_u8(&out, 0x5a);
    }
    assert(!out.failed);
    if (fits) {
        struct zone_block back = {0};
        bool no_memory;
        bool good = zone_block_read(out.at, written, BASE_US, &back, &no_memory);
        assert(good && same_zone_block(block, &back));
        zone_block_done(&back);
    }
    bytes_out_done(&out);
    LIST_DONE(&places);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes < 8) return 0;
    int64_t offset_us = (int64_t)(bits_load(data) >> 24); /* two weeks */
    int64_t at_us = BASE_US + offset_us;
    data += 8;
    bytes -= 8;
    uint8_t *copy = malloc(bytes + BITS_SLACK);
    struct answers *answers = calloc(1, sizeof *answers);
    if (copy != NULL && answers != NULL) {
        if (bytes > 0) memcpy(copy, data, bytes);
        memset(copy + bytes, 0xa5, BITS_SLACK);
        ask(copy, bytes, at_us, answers);
        if (answers->reads) {
            agree(answers, at_us);
            write_again(answers);
        }
        done(answers);
    }
    free(answers);
    free(copy);
    return 0;
}
