#include "history/zone_block.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"

#define VERSION 1u

#ifndef WB_PLANT
#define WB_PLANT 0 /* planted bugs prove that the tests can fail; see test/fault */
#endif

static const int64_t UNIT_US[4] = {1, 1000, 1000000, 60000000};

/* The directory has a fixed-width entry a frame: where its bytes begin, how far after the base its
 * first event is (in units), how many are inside before it, and whether it lists them. */
#define ENTRY_BYTES 16u
#define ENTRY_LISTS UINT32_C(0x80000000)
#define INSIDE_MAX  (UINT64_C(1) << 30) /* more are not inside anything */

int event_compare(const struct event *a, const struct event *b)
{
    if (a->at_us != b->at_us) return a->at_us < b->at_us ? -1 : 1;
    if (a->in != b->in) return a->in < b->in ? -1 : 1;
    return (a->person > b->person) - (a->person < b->person);
}

void zone_block_done(struct zone_block *block)
{
    LIST_DONE(&block->start);
    LIST_DONE(&block->events);
}

void zone_part_done(struct zone_part *part)
{
    LIST_DONE(&part->stays);
    LIST_DONE(&part->inside);
    LIST_DONE(&part->since);
}

void zone_block_clear(struct zone_block *block)
{
    block->start.count = 0;
    block->events.count = 0;
}

/* ---- Writing ---- */

struct frame_writer {
    unsigned unit;
    unsigned person_width;
    int64_t base_us;
    struct crowd inside; /* in the order in which a reader has them */
    struct bytes_out frames, directory;
    size_t since_list; /* events since the last list */
    struct places *places;
};

static bool has(const struct frame_writer *writer, uint32_t person)
{
    uint32_t place = writer->places->at[person];
    return place < writer->inside.count && writer->inside.at[place] == person;
}

static bool come(struct frame_writer *writer, uint32_t person)
{
    if (has(writer, person)) return false;
    writer->places->at[person] = (uint32_t)writer->inside.count;
    if (!LIST_PUSH(&writer->inside, person)) writer->frames.failed = true;
    return true;
}

static bool leave(struct frame_writer *writer, uint32_t person, uint32_t *place)
{
    if (!has(writer, person)) return false;
    *place = writer->places->at[person];
    uint32_t last = writer->inside.at[--writer->inside.count];
    writer->inside.at[*place] = last;
    writer->places->at[last] = *place;
    return true;
}

static void put_u64(struct bytes_out *out, uint64_t value)
{
    bytes_put_u32(out, (uint32_t)value);
    bytes_put_u32(out, (uint32_t)(value >> 32));
}

static void entry_write(struct frame_writer *writer, const struct event *first, bool lists)
{
    bytes_put_u32(&writer->directory, (uint32_t)writer->frames.count);
    bytes_put_u32(&writer->directory, (uint32_t)writer->inside.count | (lists ? ENTRY_LISTS : 0));
    put_u64(&writer->directory,
            (uint64_t)((first->at_us - writer->base_us) / UNIT_US[writer->unit]));
}

/* A person who leaves is named by the place in the list of those inside, and the last one takes
 * that place; whoever comes in goes to the end. */
static bool people_write(struct frame_writer *writer, const struct event *events, size_t count,
                         unsigned place_width)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t place;
        if (events[i].in) {
            if (!come(writer, events[i].person)) return false;
            bytes_put_bits(&writer->frames, events[i].person, writer->person_width);
        } else {
            if (!leave(writer, events[i].person, &place)) return false;
            bytes_put_bits(&writer->frames, place, place_width);
        }
    }
    return true;
}

static bool frame_write(struct frame_writer *writer, const struct event *events, size_t count)
{
    bool lists = writer->directory.count == 0 || writer->since_list >= writer->inside.count * 4;
    entry_write(writer, events, lists);
    struct bytes_out *out = &writer->frames;
    uint64_t unit_us = (uint64_t)UNIT_US[writer->unit];
    unsigned step_width = 0;
    size_t most = writer->inside.count;
    size_t now = most;
    for (size_t i = 0; i < count; i++) {
        uint64_t step = i == 0 ? 0 : (uint64_t)(events[i].at_us - events[i - 1].at_us) / unit_us;
        if (bits_needed(step) > step_width) step_width = bits_needed(step);
        now += events[i].in ? 1 : (size_t)-1;
        if (events[i].in && now > most) most = now;
    }
    unsigned place_width = bits_needed(most);
    bytes_put_u8(out, (uint8_t)step_width);
    bytes_put_u8(out, (uint8_t)place_width);
    if (lists) {
        writer->since_list = 0;
        for (size_t i = 0; i < writer->inside.count; i++) {
            bytes_put_bits(out, writer->inside.at[i], writer->person_width);
        }
    }
    writer->since_list += count;
    for (size_t i = 0; i < count; i++) {
        bytes_put_bits(out, events[i].in, 1);
    }
    for (size_t i = 1; i < count; i++) {
        bytes_put_bits(out, (uint64_t)(events[i].at_us - events[i - 1].at_us) / unit_us,
                       step_width);
    }
    bool good = people_write(writer, events, count, place_width);
    bytes_put_align(out);
    return good;
}

/* Choose the unit of times and the width of people; false: no memory for their places. */
static bool unit_choose(const struct zone_block *block, struct frame_writer *writer)
{
    uint32_t person_max = 0;
    writer->unit = 3;
    for (size_t i = 0; i < block->start.count; i++) {
        if (block->start.at[i] > person_max) person_max = block->start.at[i];
    }
    for (size_t i = 0; i < block->events.count; i++) {
        const struct event *event = &block->events.at[i];
        if (event->person > person_max) person_max = event->person;
        while (writer->unit > 0 && (event->at_us - writer->base_us) % UNIT_US[writer->unit] != 0) {
            writer->unit--;
        }
    }
    writer->person_width = bits_needed(person_max);
    struct places *places = writer->places;
    size_t known = places->count;
    if (known > person_max) return true;
    if (!LIST_ROOM(places, (size_t)person_max + 1 - known)) return false;
    memset(places->at + known, 0, (places->capacity - known) * sizeof *places->at);
    places->count = places->capacity;
    return true;
}

bool zone_block_write(const struct zone_block *block, int64_t base_us, struct places *places,
                      struct bytes_out *out)
{
    struct frame_writer writer = {.base_us = base_us, .places = places};
    bool good = true;
    bool memory = unit_choose(block, &writer) && LIST_ROOM(&writer.inside, block->start.count + 1);
    for (size_t i = 0; memory && good && i < block->start.count; i++) {
        good = come(&writer, block->start.at[i]);
    }
    /* A block without events still has one frame, which lists who is inside. */
    static const struct event nothing;
    size_t count = block->events.count;
    for (size_t i = 0; memory && good && (i == 0 || i < count); i += ZONE_FRAME) {
        size_t n = count - i < ZONE_FRAME ? count - i : ZONE_FRAME;
        struct event empty = nothing;
        empty.at_us = base_us;
        good = frame_write(&writer, count == 0 ? &empty : block->events.at + i, n);
    }
    bytes_put_u8(out, VERSION);
    bytes_put_u8(out, (uint8_t)writer.unit);
    bytes_put_u8(out, (uint8_t)writer.person_width);
    bytes_put_u32(out, (uint32_t)count);
    bytes_put(out, writer.directory.at, writer.directory.count);
    bytes_put(out, writer.frames.at, writer.frames.count);
    if (!memory || writer.directory.failed || writer.frames.failed) out->failed = true;
    bytes_out_done(&writer.directory);
    bytes_out_done(&writer.frames);
    LIST_DONE(&writer.inside);
    return good;
}

/* ---- Reading ---- */

struct head {
    unsigned person_width;
    int64_t unit_us;
    int64_t base_us;
    size_t event_count, frame_count;
    const uint8_t *directory;
    const uint8_t *frames;
    size_t frames_bytes;
};

static bool head_read(const uint8_t *data, size_t bytes, int64_t base_us, struct head *out)
{
    struct bytes_in in = {.at = data, .left = bytes};
    if (bytes_get_u8(&in) != VERSION) return false;
    unsigned unit = bytes_get_u8(&in);
    out->person_width = bytes_get_u8(&in);
    out->event_count = bytes_get_u32(&in);
    if (in.bad || unit > 3 || out->person_width > 32) return false;
    out->unit_us = UNIT_US[unit];
    out->base_us = base_us;
    out->frame_count = out->event_count == 0 ? 1 : (out->event_count + ZONE_FRAME - 1) / ZONE_FRAME;
    out->directory = bytes_get(&in, out->frame_count * ENTRY_BYTES);
    out->frames = in.at;
    out->frames_bytes = in.left;
    return !in.bad;
}

struct frame {
    struct bits_in bits; /* at the list, or at the kinds where there is none */
    int64_t first_us;
    size_t inside_count;
    size_t event_count;
    unsigned step_width, place_width;
    bool lists;
};

static int64_t frame_first_us(const struct head *head, size_t index)
{
    uint64_t units = bits_load(head->directory + index * ENTRY_BYTES + 8);
    return (int64_t)((uint64_t)head->base_us + units * (uint64_t)head->unit_us);
}

static bool frame_read(const struct head *head, size_t index, struct frame *out)
{
    uint64_t entry = bits_load(head->directory + index * ENTRY_BYTES);
    size_t offset = entry & UINT32_MAX;
    uint32_t count = (uint32_t)(entry >> 32);
    out->lists = count & ENTRY_LISTS;
    out->inside_count = count & ~ENTRY_LISTS;
    out->first_us = frame_first_us(head, index);
    size_t left = head->event_count - index * ZONE_FRAME;
    out->event_count = left < ZONE_FRAME ? left : ZONE_FRAME;
    if (offset > head->frames_bytes) return false;
    struct bytes_in in = {.at = head->frames + offset, .left = head->frames_bytes - offset};
    out->step_width = bytes_get_u8(&in);
    out->place_width = bytes_get_u8(&in);
    if (in.bad || out->step_width > 64 || out->place_width > 32) return false;
    /* No two people have one number: a damaged count cannot ask for all memory. */
    if (out->inside_count > UINT64_C(1) << head->person_width || out->inside_count > INSIDE_MAX) {
        return false;
    }
    /* The widest that the frame can be must be there, but for its last byte's filling. */
    uint64_t least = out->event_count;
    if (out->lists) least += (uint64_t)out->inside_count * head->person_width;
    if (out->event_count > 0) least += (out->event_count - 1) * (uint64_t)out->step_width;
    out->bits = (struct bits_in){.at = in.at};
    return least <= (uint64_t)in.left * 8;
}

/* Which events of one frame are comings, one bit an event, and when they were. */
struct steps {
    uint64_t in;
    int64_t at_us[ZONE_FRAME];
};

/* Whether times that were added up stand in order and are times. Unless steps are so wide that
 * their sum may go around, it is enough to look at the ends. */
static bool steps_are_sound(const struct frame *frame, uint64_t unit_us, const struct steps *steps)
{
    int64_t last_us = steps->at_us[frame->event_count - 1];
    if (frame->first_us < WB_TIME_MIN || last_us < frame->first_us || last_us > WB_TIME_MAX) {
        return false;
    }
    if (frame->step_width + bits_needed(unit_us) + bits_needed(ZONE_FRAME) <= 64) return true;
    for (size_t i = 1; i < frame->event_count; i++) {
        if (steps->at_us[i] < steps->at_us[i - 1]) return false;
    }
    return true;
}

/* Which of a frame's events are comings. */
static uint64_t kinds_read(struct frame *frame)
{
    unsigned count = (unsigned)frame->event_count;
    uint64_t in = bits_next(&frame->bits, count > 32 ? 32 : count);
    if (count > 32) in |= bits_next(&frame->bits, count - 32) << 32;
    return in;
}

/* false: malformed. */
static bool steps_read(const struct head *head, struct frame *frame, struct steps *out)
{
    size_t count = frame->event_count;
    out->in = 0;
    if (count == 0) return true;
    out->in = kinds_read(frame);
    uint64_t at_us = (uint64_t)frame->first_us;
    uint64_t unit_us = (uint64_t)head->unit_us;
    unsigned width = frame->step_width;
    out->at_us[0] = frame->first_us;
    for (size_t i = 1; i < count; i++) {
        at_us +=
            (width <= 56 ? bits_next(&frame->bits, width) : bits_next_wide(&frame->bits, width)) *
            unit_us;
        out->at_us[i] = (int64_t)at_us;
    }
    return steps_are_sound(frame, unit_us, out);
}

static bool list_read(const struct head *head, struct frame *frame, struct crowd *inside)
{
    if (!LIST_ROOM(inside, frame->inside_count + ZONE_FRAME)) return false;
    inside->count = frame->inside_count;
    for (size_t i = 0; i < inside->count; i++) {
        inside->at[i] = (uint32_t)bits_next(&frame->bits, head->person_width);
    }
    return true;
}

static void list_skip(const struct head *head, struct frame *frame)
{
    if (frame->lists) frame->bits.bit += (uint64_t)frame->inside_count * head->person_width;
}

/* Whether those whom a frame's events are about stand in the block. */
static bool people_fit(const struct head *head, const struct frame *frame, uint64_t in)
{
    uint64_t left = (uint64_t)(head->frames + head->frames_bytes - frame->bits.at) * 8;
    uint64_t comings = (uint64_t)__builtin_popcountll(in);
    return frame->bits.bit + comings * head->person_width +
               (frame->event_count - comings) * frame->place_width <=
           left;
}

/* Those inside while events are read, one after the other. */
struct turnstile {
    struct bits_in bits; /* at the next event's person */
    unsigned width[2];   /* of places of who goes, of people who come */
    uint32_t *inside;    /* has room for those who come */
    size_t count;
    /* What the newest event was: who, at which place in the list, and which one went there. */
    uint32_t person;
    size_t place, taker;
};

static struct turnstile turnstile_at(const struct head *head, const struct frame *frame,
                                     const struct crowd *inside)
{
    return (struct turnstile){
        .bits = frame->bits,
        .width = {frame->place_width, head->person_width},
        .inside = inside->at,
        .count = inside->count
    };
}

/* One event. Nobody can foretell whether people come or go: there is no branch for it, and what
 * is read beyond the list's end is not used. false: malformed. */
static inline bool turnstile_next(struct turnstile *stile, bool in)
{
    uint32_t value = (uint32_t)bits_next(&stile->bits, stile->width[in]);
    size_t place = in ? stile->count : value;
    if (place >= stile->count + in) return false;
    size_t taker = stile->count - 1 + in;
    uint32_t there = stile->inside[place];
    uint32_t last = stile->inside[taker];
    stile->person = in ? value : there;
    stile->inside[place] = in ? value : last;
    stile->place = place;
    stile->taker = taker;
    stile->count = taker + in;
    return true;
}

/* Read who the first `count` events of a frame are about and keep the list. false: malformed. */
static bool people_pass(const struct head *head, const struct frame *frame, uint64_t in,
                        size_t count, struct crowd *inside)
{
    if (!people_fit(head, frame, in)) return false;
    struct turnstile stile = turnstile_at(head, frame, inside);
    for (size_t i = 0; i < count; i++) {
        if (!turnstile_next(&stile, in >> i & 1)) return false;
    }
    inside->count = stile.count;
    return true;
}

/* The last frame that begins at or before at_us (0 without one). */
static size_t frame_at(const struct head *head, int64_t at_us)
{
    size_t low = 0;
    size_t high = head->frame_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (frame_first_us(head, middle) <= at_us) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The newest frame at or before index that lists who is inside. */
static size_t frame_listing(const struct head *head, size_t index)
{
    while (index > 0 && !(bits_load(head->directory + index * ENTRY_BYTES) >> 32 & ENTRY_LISTS)) {
        index--;
    }
    return index;
}

/* How many of a frame's events happened before a moment. */
static size_t steps_before(const struct steps *steps, size_t count, int64_t until_us)
{
    size_t before = 0;
    for (size_t i = 0; i < count; i++) {
        before += steps->at_us[i] < until_us;
    }
    return before;
}

/* Read a frame's head, and the list when it is the first one that is read; else the list that was
 * kept goes on and must be as long as the frame says. */
static bool frame_enter(const struct head *head, size_t index, bool first, struct frame *frame,
                        struct crowd *inside, bool *no_memory)
{
    if (!frame_read(head, index, frame)) return false;
    if (first) {
        if (!frame->lists) return false;
        *no_memory = !list_read(head, frame, inside);
        return !*no_memory;
    }
    if (frame->inside_count != inside->count) return false;
    list_skip(head, frame);
    *no_memory = !LIST_ROOM(inside, ZONE_FRAME);
    return !*no_memory;
}

/* Who is inside when the frame begins. Times do not matter up to there. */
static bool walk_to(const struct head *head, size_t index, struct frame *frame,
                    struct crowd *inside, bool *no_memory)
{
    size_t first = frame_listing(head, index);
    for (size_t i = first; i < index; i++) {
        if (!frame_enter(head, i, i == first, frame, inside, no_memory)) return false;
        uint64_t in = kinds_read(frame);
        frame->bits.bit += (frame->event_count - 1) * (uint64_t)frame->step_width;
        if (!people_pass(head, frame, in, frame->event_count, inside)) return false;
    }
    return frame_enter(head, index, index == first, frame, inside, no_memory);
}

bool zone_block_inside(const uint8_t *data, size_t bytes, int64_t base_us, int64_t at_us,
                       struct crowd *out, bool *no_memory)
{
    *no_memory = false;
    struct head head;
    struct frame frame;
    struct steps steps;
    if (!head_read(data, bytes, base_us, &head)) return false;
#if WB_PLANT == 4
    int64_t until_us = at_us; /* planted: who comes at the very moment is left out */
#else
    int64_t until_us = at_us == INT64_MAX ? at_us : at_us + 1;
#endif
    if (!walk_to(&head, frame_at(&head, until_us - 1), &frame, out, no_memory)) return false;
    if (!steps_read(&head, &frame, &steps)) return false;
    return people_pass(&head, &frame, steps.in, steps_before(&steps, frame.event_count, until_us),
                       out);
}

/* ---- A part ---- */

/* Everybody who is inside is so since a moment: before it they do not matter. */
static void part_begin(struct zone_part *part, int64_t from_us)
{
    for (size_t i = 0; i < part->inside.count; i++) {
        part->since.at[i] = from_us;
    }
}

/* Take the events [first, last) of a frame. false: malformed. */
static bool part_pass(struct turnstile *at, const struct steps *steps, size_t first, size_t last,
                      struct zone_part *part)
{
    struct turnstile stile = *at;
    int64_t *since = part->since.at;
    struct zone_stay *stays = part->stays.at;
    size_t count = part->stays.count;
    for (size_t i = first; i < last; i++) {
        bool in = steps->in >> i & 1;
        if (!turnstile_next(&stile, in)) return false;
        int64_t at_us = steps->at_us[i];
        int64_t taker_us = since[stile.taker];
        /* Written whether or not they go, counted when they do. */
        stays[count] = (struct zone_stay){since[stile.place], at_us, stile.person};
        count += !in;
        since[stile.place] = in ? at_us : taker_us;
    }
    part->stays.count = count;
    part->inside.count = stile.count;
    return true;
}

static bool part_of_frame(const struct head *head, struct frame *frame,
                          const struct wb_window *window, bool first, struct zone_part *part,
                          bool *no_memory)
{
    struct steps steps;
    if (!steps_read(head, frame, &steps) || !people_fit(head, frame, steps.in)) return false;
    size_t from = first ? steps_before(&steps, frame->event_count, window->from_us) : 0;
    size_t until = steps_before(&steps, frame->event_count, window->until_us);
    struct turnstile stile = turnstile_at(head, frame, &part->inside);
    for (size_t i = 0; i < from; i++) {
        if (!turnstile_next(&stile, steps.in >> i & 1)) return false;
    }
    part->inside.count = stile.count;
    *no_memory = !LIST_ROOM(&part->stays, ZONE_FRAME) ||
                 !LIST_ROOM(&part->since, part->inside.count + ZONE_FRAME);
    if (*no_memory) return false;
    if (first) part_begin(part, window->from_us);
    return part_pass(&stile, &steps, from, until, part);
}

/* Those who are still inside when the part ends. */
static bool part_end(struct zone_part *part, int64_t until_us)
{
    part->ended = part->stays.count;
    if (!LIST_ROOM(&part->stays, part->inside.count)) return false;
    for (size_t i = 0; i < part->inside.count; i++) {
        part->stays.at[part->stays.count++] =
            (struct zone_stay){part->since.at[i], until_us, part->inside.at[i]};
    }
    return true;
}

bool zone_block_part(const uint8_t *data, size_t bytes, int64_t base_us,
                     const struct wb_window *window, struct zone_part *out, bool *no_memory)
{
    *no_memory = false;
    out->stays.count = out->inside.count = 0;
    struct head head;
    struct frame frame;
    if (!head_read(data, bytes, base_us, &head)) return false;
    /* Events at from_us itself may stand in frames before the one that begins with it. */
    size_t first = window->from_us == INT64_MIN ? 0 : frame_at(&head, window->from_us - 1);
    if (!walk_to(&head, first, &frame, &out->inside, no_memory)) return false;
    for (size_t i = first;;) {
        if (!part_of_frame(&head, &frame, window, i == first, out, no_memory)) return false;
        i++;
        if (i == head.frame_count || frame_first_us(&head, i) >= window->until_us) break;
        if (!frame_enter(&head, i, false, &frame, &out->inside, no_memory)) return false;
    }
    *no_memory = !part_end(out, window->until_us);
    return !*no_memory;
}

bool zone_block_start_count(const uint8_t *data, size_t bytes, size_t *count)
{
    struct head head;
    struct frame frame;
    if (!head_read(data, bytes, 0, &head) || !frame_read(&head, 0, &frame)) return false;
    *count = frame.inside_count;
    return true;
}

__extension__ typedef unsigned __int128 product;

struct grid_points {
    int64_t from_us;
    uint64_t every_us;
    uint64_t inverse; /* 2^64 / every_us or a little less: a quotient by it may be 1 too small */
};

/* The first point at or after a moment. Whether events share a point cannot be foretold: there is
 * no branch for it. */
static inline uint64_t point_at(const struct grid_points *points, int64_t at_us)
{
    uint64_t ahead_us = at_us > points->from_us ? (uint64_t)at_us - (uint64_t)points->from_us : 0;
    uint64_t point = (uint64_t)((product)ahead_us * points->inverse >> 64);
    uint64_t rest_us = ahead_us - point * points->every_us;
    return point + (rest_us > 0) + (rest_us > points->every_us);
}

/* Count a frame's events. Whether one of them is after the last point: none that follows matters.
 * No other is past it, whatever a damaged block says: they stand in order. */
static bool curve_of_frame(const struct frame *frame, const struct steps *steps,
                           const struct grid_points *points, int64_t last_us, int32_t *change)
{
    size_t count = frame->event_count;
    bool past = steps->at_us[count - 1] > last_us;
    if (past) count = steps_before(steps, count, last_us + 1);
    for (size_t i = 0; i < count; i++) {
        change[point_at(points, steps->at_us[i])] += (int32_t)(steps->in >> i & 1) * 2 - 1;
    }
    return past;
}

bool zone_block_curve(const uint8_t *data, size_t bytes, int64_t base_us, struct grid *grid,
                      bool *no_memory)
{
    *no_memory = false;
    struct head head;
    if (!head_read(data, bytes, base_us, &head)) return false;
    size_t first = grid->from_us == INT64_MIN ? 0 : frame_at(&head, grid->from_us - 1);
    int64_t last_us = grid->from_us + (int64_t)((grid->count - 1) * (uint64_t)grid->every_us);
    uint64_t every_us = (uint64_t)grid->every_us;
    struct grid_points points = {grid->from_us, every_us, UINT64_MAX / every_us};
    for (size_t f = first; f < head.frame_count; f++) {
        struct frame frame;
        struct steps steps;
        if (!frame_read(&head, f, &frame)) return false;
        if (!grid->started) grid->change[0] += (int32_t)frame.inside_count;
        grid->started = true;
        if (frame.event_count == 0 || frame.first_us > last_us) break;
        list_skip(&head, &frame);
        if (!steps_read(&head, &frame, &steps)) return false;
        if (curve_of_frame(&frame, &steps, &points, last_us, grid->change)) break;
    }
    return true;
}

static int compare_people(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* Whether the list inside a frame is that which the events led to. */
static bool lists_agree(const struct head *head, const struct frame *frame,
                        const struct crowd *inside)
{
    if (!frame->lists) return true;
    struct bits_in bits = frame->bits;
    for (size_t i = 0; i < inside->count; i++) {
        if ((uint32_t)bits_next(&bits, head->person_width) != inside->at[i]) return false;
    }
    return true;
}

/* The first frame's list: who is inside when the span begins. false: malformed, or no memory. */
static bool start_read(const struct head *head, struct frame *frame, struct zone_block *out,
                       struct crowd *inside, bool *no_memory)
{
    if (!frame->lists) return false;
    if (!list_read(head, frame, inside) || !LIST_ROOM(&out->start, inside->count + 1)) {
        *no_memory = true;
        return false;
    }
    if (inside->count > 0) {
        memcpy(out->start.at, inside->at, inside->count * sizeof *inside->at);
        qsort(out->start.at, inside->count, sizeof *inside->at, compare_people);
    }
    out->start.count = inside->count;
    return true;
}

/* From the event at `first` on, which must come after the one before it. */
static bool events_in_order(const struct events *events, size_t first)
{
    for (size_t i = first > 0 ? first : 1; i < events->count; i++) {
        const struct event *before = &events->at[i - 1];
        const struct event *event = &events->at[i];
        if (before->at_us < event->at_us) continue;
        if (event_compare(before, event) >= 0) return false;
    }
    return true;
}

static bool events_read(const struct head *head, struct frame *frame, struct events *events,
                        struct crowd *inside, bool *no_memory)
{
    struct steps steps;
    if (!steps_read(head, frame, &steps) || !people_fit(head, frame, steps.in)) return false;
    *no_memory = !LIST_ROOM(inside, ZONE_FRAME) || !LIST_ROOM(events, ZONE_FRAME);
    if (*no_memory) return false;
    struct turnstile stile = turnstile_at(head, frame, inside);
    struct event *out = events->at + events->count;
    for (size_t i = 0; i < frame->event_count; i++) {
        bool in = steps.in >> i & 1;
        if (!turnstile_next(&stile, in)) return false;
        out[i] = (struct event){.at_us = steps.at_us[i], .person = stile.person, .in = in};
    }
    events->count += frame->event_count;
    inside->count = stile.count;
    return true;
}

static bool read_frames(const struct head *head, struct zone_block *out, struct crowd *inside,
                        bool *no_memory)
{
    for (size_t i = 0; i < head->frame_count; i++) {
        struct frame frame;
        if (!frame_read(head, i, &frame)) return false;
        if (i == 0) {
            if (!start_read(head, &frame, out, inside, no_memory)) return false;
        } else {
            if (frame.inside_count != inside->count || !lists_agree(head, &frame, inside)) {
                return false;
            }
            list_skip(head, &frame);
        }
        size_t first = out->events.count;
        if (!events_read(head, &frame, &out->events, inside, no_memory)) return false;
        if (!events_in_order(&out->events, first)) return false;
    }
    return out->events.count == head->event_count;
}

bool zone_block_read(const uint8_t *data, size_t bytes, int64_t base_us, struct zone_block *out,
                     bool *no_memory)
{
    *no_memory = false;
    struct head head;
    if (!head_read(data, bytes, base_us, &head)) return false;
    struct crowd inside = {0};
    bool good = read_frames(&head, out, &inside, no_memory);
    LIST_DONE(&inside);
    return good;
}
