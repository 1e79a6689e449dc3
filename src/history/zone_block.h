/* zone_block: who came into a zone and who left it in a span of time, packed.
 *
 * Only the zone itself, not those below it. Events stand in frames of ZONE_FRAME; a frame's head
 * says when it begins and how many are inside then; some frames (the first, and about as often as
 * it pays) list who. docs/formats/blocks.md describes the bytes. */
#ifndef HISTORY_ZONE_BLOCK_H
#define HISTORY_ZONE_BLOCK_H

#include "base/bytes.h"
#include "whereabouts/types.h"

#define ZONE_FRAME 64u

/* A person came in at at_us, or was inside until at_us. */
struct event {
    int64_t at_us;
    uint32_t person;
    uint32_t in; /* 1 or 0 */
};

struct events {
    struct event *at;
    size_t count, capacity;
};

/* People, each at most once. */
struct crowd {
    uint32_t *at;
    size_t count, capacity;
};

/* The order of events: time, then out before in, then person. */
int event_compare(const struct event *a, const struct event *b);

struct zone_block {
    struct crowd start; /* who is inside when the span begins, sorted */
    struct events events;
};

void zone_block_done(struct zone_block *block);
void zone_block_clear(struct zone_block *block);

/* Where in a list a person stands, for people up to a number: memory that a writer keeps between
 * blocks. What stands in it means nothing until the list is looked at (Briggs, Torczon 1993). */
struct places {
    uint32_t *at;
    size_t count, capacity;
};

/* Append the packed block to out. Every event must fit: nobody comes in twice, nobody leaves who
 * is not there; false when one does not (nothing useful is written). Look at out->failed.
 * cost: O(events + inside) */
bool zone_block_write(const struct zone_block *block, int64_t base_us, struct places *places,
                      struct bytes_out *out);

/* Read a whole block into a cleared one; checks every inner list against the events.
 * The data of all readers here must have BITS_SLACK bytes behind it. */
bool zone_block_read(const uint8_t *data, size_t bytes, int64_t base_us, struct zone_block *out,
                     bool *no_memory);

/* Who is inside at at_us, into a cleared crowd, in no order.
 * cost: one list and at most a few frames */
bool zone_block_inside(const uint8_t *data, size_t bytes, int64_t base_us, int64_t at_us,
                       struct crowd *out, bool *no_memory);

/* What a stay has in common with a part of a block's span. */
struct zone_stay {
    int64_t from_us, until_us;
    uint32_t person;
};

struct zone_stays {
    struct zone_stay *at;
    size_t count, capacity;
};

struct moments {
    int64_t *at;
    size_t count, capacity;
};

/* Who was in the zone in a part of a block's span. */
struct zone_part {
    struct zone_stays stays; /* one person's by time */
    size_t ended;            /* stays [0, ended) ended in it, the others last longer */
    /* Scratch: who is inside so far, and since when. */
    struct crowd inside;
    struct moments since;
};

void zone_part_done(struct zone_part *part);

/* Read the part inside a window, of which only the two ends matter here.
 * cost: one list, a few frames, and those of the part */
bool zone_block_part(const uint8_t *data, size_t bytes, int64_t base_us,
                     const struct wb_window *window, struct zone_part *out, bool *no_memory);

/* How many are inside when the span begins. */
bool zone_block_start_count(const uint8_t *data, size_t bytes, size_t *count);

/* Add to change[i] the comings less the goings between grid point i - 1 and grid point i, where
 * point i stands at from_us + i * every_us: an event at t counts from the first point at or after
 * t on. Events before from_us go to change[0], those after the last point nowhere. */
struct grid {
    int64_t from_us;
    int64_t every_us;
    size_t count;
    int32_t *change; /* [count] */
    bool started;    /* those inside before the first event looked at are counted already */
};

/* Count the events of frames that can matter; unless it is started already, the people inside
 * before the first of them are added to change[0]. */
bool zone_block_curve(const uint8_t *data, size_t bytes, int64_t base_us, struct grid *grid,
                      bool *no_memory);

#endif
