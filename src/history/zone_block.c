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

/* The events of one frame, with a list of who is inside kept beside when inside is not NULL.
 * Each width was bounded by frame_read; what people take is bounded here. */
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

/* false: malformed. */
static bool steps_read(const struct head *head, struct frame *frame, struct steps *out)
{
    size_t count = frame->event_count;
    out->in = 0;
    if (count == 0) return true;
    out->in = bits_next(&frame->bits, count > 32 ? 32 : (unsigned)count);
    if (count > 32) out->in |= bits_next(&frame->bits, (unsigned)count - 32) << 32;
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

/* Read who an event is about and keep the list. false: malformed. */
static inline bool person_read(const struct head *head, struct frame *frame, bool in,
                               struct crowd *inside, uint32_t *person)
{
    uint64_t limit = (uint64_t)(head->frames + head->frames_bytes - frame->bits.at) * 8;
    unsigned width = in ? head->person_width : frame->place_width;
    if (frame->bits.bit + width > limit) return false;
    uint64_t value = bits_next(&frame->bits, width);
    if (in) {
        *person = (uint32_t)value;
        inside->at[inside->count++] = (uint32_t)value;
        return true;
    }
    if (value >= inside->count) return false;
    *person = inside->at[value];
    inside->at[value] = inside->at[--inside->count];
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

enum walk { WALK_ON, WALK_STOP };

/* Walk through events from a listing frame on, up to (and without) until_us, keeping the list. */
struct walker {
    struct crowd *inside;
    int64_t until_us;      /* stop before events at or after it */
    int64_t from_us;       /* collect events at or after it */
    struct events *events; /* NULL: collect none */
    struct crowd *before;  /* a copy of the list just before from_us; NULL: none */
    bool copied;
};

static bool walker_copy(struct walker *walker)
{
    walker->copied = true;
    if (walker->before == NULL) return true;
    walker->before->count = 0;
    if (walker->inside->count == 0) return true;
    if (!LIST_ROOM(walker->before, walker->inside->count)) return false;
    memcpy(walker->before->at, walker->inside->at,
           walker->inside->count * sizeof *walker->inside->at);
    walker->before->count = walker->inside->count;
    return true;
}

static bool walk_frame(const struct head *head, struct frame *frame, struct walker *walker,
                       enum walk *next, bool *no_memory)
{
    struct steps steps;
    if (!steps_read(head, frame, &steps)) return false;
    if (!LIST_ROOM(walker->inside, ZONE_FRAME) ||
        (walker->events != NULL && !LIST_ROOM(walker->events, ZONE_FRAME))) {
        *no_memory = true;
        return false;
    }
    for (size_t i = 0; i < frame->event_count; i++) {
        if (steps.at_us[i] >= walker->until_us) {
            *next = WALK_STOP;
            return true;
        }
        bool collect = steps.at_us[i] >= walker->from_us;
        if (collect && !walker->copied && !walker_copy(walker)) {
            *no_memory = true;
            return false;
        }
        bool in = steps.in >> i & 1;
        uint32_t person;
        if (!person_read(head, frame, in, walker->inside, &person)) return false;
        if (!collect || walker->events == NULL) continue;
        walker->events->at[walker->events->count++] =
            (struct event){.at_us = steps.at_us[i], .person = person, .in = in};
    }
    return true;
}

static bool walk(const struct head *head, size_t frame_index, struct walker *walker,
                 bool *no_memory)
{
    enum walk next = WALK_ON;
    for (size_t i = frame_index; next == WALK_ON && i < head->frame_count; i++) {
        struct frame frame;
        if (!frame_read(head, i, &frame)) return false;
        if (i == frame_index) {
            if (!frame.lists) return false;
            if (!list_read(head, &frame, walker->inside)) {
                *no_memory = true;
                return false;
            }
        } else {
            if (frame.inside_count != walker->inside->count) return false;
            list_skip(head, &frame);
        }
        if (!walk_frame(head, &frame, walker, &next, no_memory)) return false;
    }
    if (!walker->copied && !walker_copy(walker)) {
        *no_memory = true;
        return false;
    }
    return true;
}

bool zone_block_inside(const uint8_t *data, size_t bytes, int64_t base_us, int64_t at_us,
                       struct crowd *out, bool *no_memory)
{
    *no_memory = false;
    struct head head;
    if (!head_read(data, bytes, base_us, &head)) return false;
#if WB_PLANT == 4
    int64_t until_us = at_us; /* planted: who comes at the very moment is left out */
#else
    int64_t until_us = at_us == INT64_MAX ? at_us : at_us + 1;
#endif
    struct walker walker = {.inside = out, .until_us = until_us, .from_us = INT64_MAX};
    return walk(&head, frame_listing(&head, frame_at(&head, at_us)), &walker, no_memory);
}

/* A block, a window, what comes out. NOLINTNEXTLINE(readability-function-size) */
bool zone_block_between(const uint8_t *data, size_t bytes, int64_t base_us, int64_t from_us,
                        int64_t until_us, struct zone_part *out, bool *no_memory)
{
    *no_memory = false;
    struct head head;
    if (!head_read(data, bytes, base_us, &head)) return false;
    /* Events at from_us itself may stand in frames before the one that begins with it. */
    size_t first = from_us == INT64_MIN ? 0 : frame_at(&head, from_us - 1);
    struct walker walker = {.inside = &out->after,
                            .until_us = until_us,
                            .from_us = from_us,
                            .events = &out->events,
                            .before = &out->before};
    return walk(&head, frame_listing(&head, first), &walker, no_memory);
}

bool zone_block_start_count(const uint8_t *data, size_t bytes, size_t *count)
{
    struct head head;
    struct frame frame;
    if (!head_read(data, bytes, 0, &head) || !frame_read(&head, 0, &frame)) return false;
    *count = frame.inside_count;
    return true;
}

/* Where on the grid the events are; they come in order, mostly near to each other. */
struct place_on_grid {
    int64_t point_us;
    size_t point;
};

#define NEAR_POINTS 16

static inline void step_to(const struct grid *grid, struct place_on_grid *place, int64_t at_us)
{
    int64_t every_us = grid->every_us;
    if (at_us <= place->point_us) return;
    uint64_t ahead_us = (uint64_t)at_us - (uint64_t)place->point_us;
    if (ahead_us / NEAR_POINTS > (uint64_t)every_us) {
        uint64_t points = (ahead_us - 1) / (uint64_t)every_us + 1;
        place->point += (size_t)points;
        place->point_us += (int64_t)(points * (uint64_t)every_us);
        return;
    }
    while (at_us > place->point_us) {
        place->point++;
        place->point_us += every_us;
    }
}

/* Count the events of a frame. Whether one of them is after the last point: none that follows
 * matters. The point is never past the last one, whatever a damaged block says. */
static bool curve_of_frame(const struct head *head, struct frame *frame, struct grid *grid,
                           struct place_on_grid *place, int64_t last_us)
{
    size_t count = frame->event_count;
    if (count == 0) return false;
    uint64_t in = bits_next(&frame->bits, count > 32 ? 32 : (unsigned)count);
    if (count > 32) in |= bits_next(&frame->bits, (unsigned)count - 32) << 32;
    struct bits_in bits = frame->bits;
    struct place_on_grid here = *place;
    int32_t *change = grid->change;
    uint64_t at_us = (uint64_t)frame->first_us;
    uint64_t unit_us = (uint64_t)head->unit_us;
    unsigned width = frame->step_width;
    for (size_t i = 0;;) {
        if ((int64_t)at_us > last_us) return true;
        step_to(grid, &here, (int64_t)at_us);
        change[here.point] += (int32_t)(in & 1) * 2 - 1;
        if (++i == count) break;
        in >>= 1;
        at_us += (width <= 56 ? bits_next(&bits, width) : bits_next_wide(&bits, width)) * unit_us;
    }
    *place = here;
    return false;
}

bool zone_block_curve(const uint8_t *data, size_t bytes, int64_t base_us, struct grid *grid,
                      bool *no_memory)
{
    *no_memory = false;
    struct head head;
    if (!head_read(data, bytes, base_us, &head)) return false;
    size_t first = grid->from_us == INT64_MIN ? 0 : frame_at(&head, grid->from_us - 1);
    int64_t last_us = grid->from_us + (int64_t)((grid->count - 1) * (uint64_t)grid->every_us);
    struct place_on_grid place = {grid->from_us, 0};
    for (size_t f = first; f < head.frame_count; f++) {
        struct frame frame;
        if (!frame_read(&head, f, &frame)) return false;
        if (!grid->started) grid->change[0] += (int32_t)frame.inside_count;
        grid->started = true;
        if (frame.event_count > 0 && frame.first_us > last_us) break;
        list_skip(&head, &frame);
        if (curve_of_frame(&head, &frame, grid, &place, last_us)) return true;
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
        struct walker walker = {.inside = inside,
                                .until_us = INT64_MAX,
                                .from_us = INT64_MIN,
                                .events = &out->events,
                                .copied = true};
        enum walk next = WALK_ON;
        size_t first = out->events.count;
        if (!walk_frame(head, &frame, &walker, &next, no_memory)) return false;
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
