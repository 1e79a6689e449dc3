#include "history/person_block.h"

#include <assert.h>
#include <string.h>

#include "base/list.h"

#define VERSION 1u

/* A member's times are whole multiples of one of these. */
static const int64_t UNIT_US[4] = {1, 1000, 1000000, 60000000};

enum { STATE_NONE = 0x80, STATE_COUNTED = 0x40, STATE_LAST_REAL = 0x20, STATE_FLAGS_SHIFT = 2 };

enum {
    FORM_DIRECTIONS = 0x04,
    FORM_BANDS = 0x20,
    FORM_NOTES = 0x40,
    FORM_MARKED = 0x80, /* some scan is withdrawn or has a flag: notes that a fold looks at */
    FORM_DIRECTION_SHIFT = 3
};

enum { NOTE_LEARNT = 1, NOTE_WITHDRAWN = 2, NOTE_RELEASED = 4, NOTE_AFTER_COMPLETE = 8 };

void person_block_done(struct person_block *block)
{
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        timeline_done(&block->member[i].scans);
    }
}

void person_block_clear(struct person_block *block)
{
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        block->member[i].has_state = false;
        timeline_clear(&block->member[i].scans);
    }
}

/* Any two times have a difference: what does not fit wraps around, and back when it is added. */
static int64_t minus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static void state_write(const struct member *member, int64_t base_us, struct bytes_out *out)
{
    if (!member->has_state) {
        bytes_put_u8(out, STATE_NONE);
        return;
    }
    const struct fold *fold = &member->state;
    assert(!fold->has_before);
    int64_t since = minus(base_us, fold->now.from_us);
    int64_t seen = minus(fold->last_seen_us, fold->now.from_us);
    unsigned unit = 2;
    while (unit > 0 && (since % UNIT_US[unit] != 0 || seen % UNIT_US[unit] != 0)) {
        unit--;
    }
    unsigned head = unit | fold->now.flags << STATE_FLAGS_SHIFT;
    if (fold->counted_count > 0) head |= STATE_COUNTED;
    if (fold->last_real != WB_ZONE_UNKNOWN) head |= STATE_LAST_REAL;
    bytes_put_u8(out, (uint8_t)head);
    bytes_put_varint(out, fold->now.zone);
    bytes_put_signed(out, since / UNIT_US[unit]);
    bytes_put_signed(out, seen / UNIT_US[unit]);
    bytes_put_varint(out, fold->reader);
    bytes_put_varint(out, fold->now.scans);
    if (fold->last_real != WB_ZONE_UNKNOWN) bytes_put_varint(out, fold->last_real);
    if (fold->counted_count == 0) return;
    bytes_put_varint(out, fold->counted_count);
    for (uint32_t i = 0; i < fold->counted_count; i++) {
        bytes_put_varint(out, fold->counted[i].reader);
        bytes_put_signed(out, minus(base_us, fold->counted[i].at_us));
        bytes_put_u8(out, (uint8_t)fold->counted[i].direction);
    }
}

/* A damaged block may hold anything: no overflow is undefined here. */
static int64_t plus(int64_t base_us, int64_t units, int64_t unit_us)
{
    return (int64_t)((uint64_t)base_us + (uint64_t)units * (uint64_t)unit_us);
}

static bool is_time(int64_t at_us)
{
    return at_us >= WB_TIME_MIN && at_us <= WB_TIME_MAX;
}

static void state_read(struct bytes_in *in, int64_t base_us, struct member *out)
{
    fold_init(&out->state);
    unsigned head = bytes_get_u8(in);
    out->has_state = !in->bad && head != STATE_NONE;
    if (!out->has_state) return;

    struct fold *fold = &out->state;
    int64_t unit_us = UNIT_US[head & 3];
    fold->now.flags = head >> STATE_FLAGS_SHIFT & 3;
    fold->now.zone = (uint32_t)bytes_get_bounded(in, UINT32_MAX);
    fold->now.from_us = plus(base_us, bytes_get_signed(in), -unit_us);
    fold->last_seen_us = plus(fold->now.from_us, bytes_get_signed(in), unit_us);
    fold->now.last_seen_us = fold->last_seen_us;
    if (!is_time(fold->now.from_us) || !is_time(fold->last_seen_us)) in->bad = true;
    fold->reader = (uint32_t)bytes_get_bounded(in, UINT32_MAX);
    fold->now.scans = (uint32_t)bytes_get_bounded(in, UINT32_MAX);
    if (head & STATE_LAST_REAL) fold->last_real = (uint32_t)bytes_get_bounded(in, UINT32_MAX);
    if (!(head & STATE_COUNTED)) return;
    fold->counted_count = (uint32_t)bytes_get_bounded(in, FOLD_COUNTED_MAX);
    for (uint32_t i = 0; i < fold->counted_count; i++) {
        fold->counted[i].reader = (uint32_t)bytes_get_bounded(in, UINT32_MAX);
        fold->counted[i].at_us = plus(base_us, bytes_get_signed(in), -1);
        if (!is_time(fold->counted[i].at_us)) in->bad = true;
        fold->counted[i].direction = bytes_get_u8(in);
    }
}

/* What the columns of one member's scans look like. */
struct form {
    unsigned unit;
    bool directions; /* a column of them; else all are `direction` */
    unsigned direction;
    unsigned direction_width; /* of the column: 1 where all are in or out */
    /* Of a time's distance from the one before, by the scan's direction. Where there are
     * exceptions, the greatest number of a width stands for one of them. */
    unsigned width[4];
    size_t exceptions;
    unsigned exception_width;
    unsigned reader_width;
    unsigned band_width;
    uint32_t *bands; /* [band_count] the bands in use, a small dictionary */
    size_t band_count, band_capacity;
    uint32_t band; /* the only one, where a block is read */
    bool notes, marked;
};

static uint32_t band_index(const struct form *form, uint32_t band)
{
    for (size_t i = 0; i < form->band_count; i++) {
        if (form->bands[i] == band) return (uint32_t)i;
    }
    return UINT32_MAX;
}

static unsigned larger(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

static bool form_add_band(struct form *form, uint32_t band)
{
    if (band_index(form, band) != UINT32_MAX) return true;
    if (!list_reserve((void **)&form->bands, &form->band_capacity, form->band_count + 1,
                      sizeof *form->bands)) {
        return false;
    }
    form->bands[form->band_count++] = band;
    return true;
}

static uint64_t step_of(const struct seen *scan, const struct form *form)
{
    return (uint64_t)(scan->at_us - scan[-1].at_us) / (uint64_t)UNIT_US[form->unit];
}

/* Steps of one direction: how many there are that need so many bits to be less than an exception.
 */
struct steps {
    size_t count;
    size_t needing[66];
};

/* The width that makes a column and its exceptions shortest. */
static unsigned best_width(const struct steps *steps, unsigned exception_width, size_t *exceptions)
{
    unsigned best = exception_width + 1;
    uint64_t least = steps->count * (uint64_t)best;
    size_t above = 0;
    *exceptions = 0;
    for (unsigned width = exception_width + 1; width-- > 0;) {
        above += steps->needing[width + 1];
        uint64_t bits = steps->count * (uint64_t)width + above * (uint64_t)exception_width;
        if (bits >= least) continue;
        least = bits;
        best = width;
        *exceptions = above;
    }
    return best;
}

/* One night's gap must not make all steps wide: choose exceptions where they pay. */
static void choose_widths(const struct timeline *scans, struct form *form)
{
    struct steps steps[3] = {0};
    uint64_t exact_bits = 0;
    for (size_t i = 1; i < scans->count; i++) {
        const struct seen *scan = &scans->at[i];
        uint64_t step = step_of(scan, form);
        unsigned *width = &form->width[scan->direction];
        *width = larger(*width, bits_needed(step));
        form->exception_width = larger(form->exception_width, *width);
        steps[scan->direction].count++;
        steps[scan->direction].needing[step == UINT64_MAX ? 65 : bits_needed(step + 1)]++;
    }
    unsigned width[3];
    uint64_t bits = 16; /* for saying so */
    size_t exceptions = 0;
    for (unsigned d = 0; d < 3; d++) {
        size_t more = 0;
        exact_bits += steps[d].count * (uint64_t)form->width[d];
        width[d] = best_width(&steps[d], form->exception_width, &more);
        bits += steps[d].count * (uint64_t)width[d] + more * (uint64_t)form->exception_width;
        exceptions += more;
    }
    if (exceptions == 0 || bits >= exact_bits ||
        larger(larger(width[0], width[1]), width[2]) > 64) {
        return;
    }
    memcpy(form->width, width, sizeof width);
    form->exceptions = exceptions;
}

/* What one scan asks of the form. */
static void form_widen(const struct timeline *scans, const struct seen *scan, int64_t base_us,
                       struct form *form)
{
    while (form->unit > 0 && (scan->at_us - base_us) % UNIT_US[form->unit] != 0) {
        form->unit--;
    }
    if (scan->direction != form->direction) form->directions = true;
    if (scan->direction == WB_NO_DIRECTION) form->direction_width = 2;
    if (scan->note != 0 || scan->flags != 0) form->notes = true;
    if (scan->flags != 0 || timeline_note(scans, scan)->withdrawn_us != WB_NO_TIME) {
        form->marked = true;
    }
}

static bool form_choose(const struct timeline *scans, int64_t base_us, struct form *form)
{
    *form = (struct form){.unit = 3, .direction = scans->at[0].direction, .direction_width = 1};
    uint32_t reader_max = 0;
    for (size_t i = 0; i < scans->count; i++) {
        const struct seen *scan = &scans->at[i];
        form_widen(scans, scan, base_us, form);
        if (scan->reader > reader_max) reader_max = scan->reader;
        if ((i == 0 || scan->band != scans->at[i - 1].band) && !form_add_band(form, scan->band)) {
            return false;
        }
    }
    if (!form->directions) form->direction_width = 0;
    form->reader_width = bits_needed(reader_max);
    form->band_width = bits_needed(form->band_count - 1);
    choose_widths(scans, form);
    return true;
}

static void note_write(const struct timeline *scans, const struct seen *scan, struct bytes_out *out)
{
    const struct note *note = timeline_note(scans, scan);
    unsigned kinds = scan->flags & WB_FLAG_AFTER_COMPLETE ? NOTE_AFTER_COMPLETE : 0;
    if (note->learnt_us != WB_NO_TIME) kinds |= NOTE_LEARNT;
    if (note->withdrawn_us != WB_NO_TIME) kinds |= NOTE_WITHDRAWN;
    if (note->released_us != WB_NO_TIME) kinds |= NOTE_RELEASED;
    bytes_put_u8(out, (uint8_t)kinds);
    if (kinds & NOTE_WITHDRAWN) bytes_put_signed(out, minus(note->withdrawn_us, scan->at_us));
    if (kinds & NOTE_RELEASED) {
        bytes_put_signed(out, minus(note->raw_us, scan->at_us));
        bytes_put_signed(out, minus(note->released_us, scan->at_us));
    }
}

static void notes_write(const struct timeline *scans, struct bytes_out *out)
{
    size_t count = 0;
    for (size_t i = 0; i < scans->count; i++) {
        count += scans->at[i].note != 0 || scans->at[i].flags != 0;
    }
    bytes_put_varint(out, count);
    size_t before = 0;
    int64_t learnt_us = scans->at[0].at_us;
    for (size_t i = 0; i < scans->count; i++) {
        const struct seen *scan = &scans->at[i];
        if (scan->note == 0 && scan->flags == 0) continue;
        bytes_put_varint(out, i - before);
        before = i;
        note_write(scans, scan, out);
        const struct note *note = timeline_note(scans, scan);
        if (note->learnt_us == WB_NO_TIME) continue;
        bytes_put_signed(out, minus(note->learnt_us, learnt_us));
        learnt_us = note->learnt_us;
    }
}

static bool is_exception(const struct form *form, unsigned width, uint64_t step)
{
    return form->exceptions > 0 && (width == 0 || step >= UINT64_MAX >> (64 - width));
}

static void columns_write(const struct timeline *scans, const struct form *form,
                          struct bytes_out *out)
{
    for (size_t i = 0; form->directions && i < scans->count; i++) {
        unsigned direction = scans->at[i].direction;
        bytes_put_bits(out, form->direction_width == 1 ? direction - WB_IN : direction,
                       form->direction_width);
    }
    for (size_t i = 1; i < scans->count; i++) {
        unsigned width = form->width[scans->at[i].direction];
        uint64_t step = step_of(&scans->at[i], form);
        bytes_put_bits(out, is_exception(form, width, step) ? UINT64_MAX : step, width);
    }
    for (size_t i = 0; i < scans->count; i++) {
        bytes_put_bits(out, scans->at[i].reader, form->reader_width);
    }
    for (size_t i = 0; form->band_count > 1 && i < scans->count; i++) {
        bytes_put_bits(out, band_index(form, scans->at[i].band), form->band_width);
    }
    for (size_t i = 1; form->exceptions > 0 && i < scans->count; i++) {
        uint64_t step = step_of(&scans->at[i], form);
        if (!is_exception(form, form->width[scans->at[i].direction], step)) continue;
        bytes_put_bits(out, step, form->exception_width);
    }
    bytes_put_align(out);
}

/* Whether scans of a direction may be there. */
static bool has_class(const struct form *form, unsigned direction)
{
    if (!form->directions) return direction == form->direction;
    return form->direction_width == 2 || direction != WB_NO_DIRECTION;
}

static void scans_write(const struct timeline *scans, int64_t base_us, struct bytes_out *out)
{
    bytes_put_varint(out, scans->count);
    if (scans->count == 0) return;

    struct form form;
    if (!form_choose(scans, base_us, &form)) {
        out->failed = true;
        list_free(form.bands);
        return;
    }
    unsigned direction = form.directions ? form.direction_width : form.direction;
    unsigned head = form.unit | direction << FORM_DIRECTION_SHIFT;
    if (form.directions) head |= FORM_DIRECTIONS;
    if (form.band_count > 1) head |= FORM_BANDS;
    if (form.notes) head |= FORM_NOTES;
    if (form.marked) head |= FORM_MARKED;
    bytes_put_u8(out, (uint8_t)head);
    if (form.band_count > 1) bytes_put_varint(out, form.band_count);
    for (size_t i = 0; i < form.band_count; i++) {
        bytes_put_varint(out, form.bands[i]);
    }
    bytes_put_u8(out, (uint8_t)form.reader_width);
    for (unsigned d = 0; d < 3; d++) {
        if (has_class(&form, d)) bytes_put_u8(out, (uint8_t)form.width[d]);
    }
    bytes_put_varint(out, form.exceptions);
    if (form.exceptions > 0) bytes_put_u8(out, (uint8_t)form.exception_width);
    bytes_put_signed(out, (scans->at[0].at_us - base_us) / UNIT_US[form.unit]);
    columns_write(scans, &form, out);
    if (form.notes) notes_write(scans, out);
    list_free(form.bands);
}

void person_block_write(const struct person_block *block, int64_t base_us, struct bytes_out *out)
{
    struct bytes_out shares = {0};
    uint32_t length[GROUP_PEOPLE] = {0};
    uint64_t present = 0;
    uint32_t longest = 0;
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        const struct member *member = &block->member[i];
        if (!member->has_state && member->scans.count == 0) continue;
        size_t start = shares.count;
        state_write(member, base_us, &shares);
        scans_write(&member->scans, base_us, &shares);
        present |= UINT64_C(1) << i;
        length[i] = (uint32_t)(shares.count - start);
        if (length[i] > longest) longest = length[i];
    }
    unsigned length_bytes = longest < 0x100 ? 1 : longest < 0x10000 ? 2 : 4;
    bytes_put_u8(out, VERSION);
    bytes_put_u8(out, (uint8_t)length_bytes);
    bytes_put_u32(out, (uint32_t)present);
    bytes_put_u32(out, (uint32_t)(present >> 32));
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        if (present >> i & 1) bytes_put_bits(out, length[i], length_bytes * 8);
    }
    bytes_put_align(out);
    bytes_put(out, shares.at, shares.count);
    if (shares.failed) out->failed = true;
    bytes_out_done(&shares);
}

/* false: no memory. */
static bool bands_read(struct bytes_in *in, bool several, struct form *form)
{
    form->band_count = several ? (size_t)bytes_get_bounded(in, UINT32_MAX) : 1;
    if (form->band_count == 0 || form->band_count > in->left) in->bad = true;
    if (in->bad) return true;
    form->band_width = bits_needed(form->band_count - 1);
    if (form->band_count == 1) {
        form->band = (uint32_t)bytes_get_bounded(in, UINT32_MAX);
        return true;
    }
    if (!list_reserve((void **)&form->bands, &form->band_capacity, form->band_count,
                      sizeof *form->bands)) {
        return false;
    }
    for (size_t i = 0; i < form->band_count; i++) {
        form->bands[i] = (uint32_t)bytes_get_bounded(in, UINT32_MAX);
    }
    return true;
}

/* false: no memory. */
static bool form_read(struct bytes_in *in, struct form *form)
{
    *form = (struct form){0};
    unsigned head = bytes_get_u8(in);
    form->unit = head & 3;
    form->directions = head & FORM_DIRECTIONS;
    form->direction = head >> FORM_DIRECTION_SHIFT & 3;
    if (form->directions) {
        form->direction_width = form->direction;
        form->direction = 0;
        if (form->direction_width != 1 && form->direction_width != 2) in->bad = true;
    }
    form->notes = head & FORM_NOTES;
    form->marked = head & FORM_MARKED;
    if (!bands_read(in, head & FORM_BANDS, form)) return false;
    form->reader_width = bytes_get_u8(in);
    if (form->reader_width > 32 || form->direction > 2) in->bad = true;
    for (unsigned d = 0; d < 3; d++) {
        if (has_class(form, d)) form->width[d] = bytes_get_u8(in);
        if (form->width[d] > 64) in->bad = true;
    }
    form->exceptions = (size_t)bytes_get_bounded(in, (uint64_t)in->left * 8);
    if (form->exceptions > 0) form->exception_width = bytes_get_u8(in);
    if (form->exception_width > 64) in->bad = true;
    return true;
}

/* How many scans of each direction there are: the widths of their steps differ. */
static bool directions_count(const struct form *form, const uint8_t *start, size_t count,
                             size_t of[3])
{
    of[0] = of[1] = of[2] = 0;
    if (!form->directions) {
        of[form->direction] = count;
        return true;
    }
    size_t low_count = 0;
    size_t high_count = 0;
    struct bits_in bits = {.at = start};
    if (form->direction_width == 1) {
        for (size_t i = 0; i < count; i += 32) {
            uint64_t word = bits_next(&bits, count - i < 32 ? (unsigned)(count - i) : 32);
            high_count += (size_t)__builtin_popcountll(word);
        }
        of[WB_IN] = count - high_count;
        of[WB_OUT] = high_count;
        return true;
    }
    for (size_t i = 0; i < count; i += 16) {
        uint64_t word = bits_next(&bits, count - i < 16 ? (unsigned)(count - i) * 2 : 32);
        uint64_t low = word & UINT64_C(0x55555555);
        uint64_t high = word >> 1 & UINT64_C(0x55555555);
        if (low & high) return false;
        low_count += (size_t)__builtin_popcountll(low);
        high_count += (size_t)__builtin_popcountll(high);
    }
    of[WB_IN] = low_count;
    of[WB_OUT] = high_count;
    of[WB_NO_DIRECTION] = count - low_count - high_count;
    return true;
}

static unsigned next_direction(const struct form *form, struct bits_in *bits)
{
    if (!form->directions) return form->direction;
    unsigned coded = (unsigned)bits_next(bits, form->direction_width);
    return form->direction_width == 1 ? coded + WB_IN : coded;
}

/* Where the columns begin, in bits from their start. */
struct columns {
    const uint8_t *start;
    uint64_t steps, readers, bands, exceptions, end;
};

/* Find the columns of `count` scans; false: they cannot be as the form says. */
static bool columns_find(const struct form *form, const struct bytes_in *in, size_t count,
                         struct columns *out)
{
    *out = (struct columns){.start = in->at};
    out->steps = (uint64_t)count * (form->directions ? form->direction_width : 0);
    size_t of[3];
    if (out->steps > (uint64_t)in->left * 8 || !directions_count(form, in->at, count, of)) {
        return false;
    }
    /* The first scan has no step. */
    struct bits_in first = {.at = in->at};
    of[next_direction(form, &first)]--;
    out->readers = out->steps;
    for (unsigned d = 0; d < 3; d++) {
        out->readers += of[d] * (uint64_t)form->width[d];
    }
    out->bands = out->readers + (uint64_t)count * form->reader_width;
    out->exceptions = out->bands + (uint64_t)count * form->band_width;
    out->end = out->exceptions + (uint64_t)form->exceptions * form->exception_width;
    return true;
}

/* One pass over the columns side by side. Their bits are known to be there. */
static bool columns_read(const struct columns *columns, const struct form *form, struct seen *out,
                         size_t count, int64_t first_us)
{
    struct bits_in directions = {.at = columns->start};
    struct bits_in steps = {.at = columns->start, .bit = columns->steps};
    struct bits_in readers = {.at = columns->start, .bit = columns->readers};
    struct bits_in exceptions = {.at = columns->start, .bit = columns->exceptions};
    size_t exceptions_left = form->exceptions;
    uint64_t unit_us = (uint64_t)UNIT_US[form->unit];
    uint64_t at_us = (uint64_t)first_us;
    for (size_t i = 0; i < count; i++) {
        unsigned direction = next_direction(form, &directions);
        if (i > 0) {
            unsigned width = form->width[direction];
            uint64_t step = bits_next_wide(&steps, width);
            if (is_exception(form, width, step)) {
                if (exceptions_left-- == 0) return false;
                step = bits_next_wide(&exceptions, form->exception_width);
            }
            at_us += step * unit_us;
        }
        out[i] = (struct seen){.at_us = (int64_t)at_us,
                               .reader = (uint32_t)bits_next(&readers, form->reader_width),
                               .band = form->band,
                               .direction = (uint8_t)direction};
    }
    struct bits_in bands = {.at = columns->start, .bit = columns->bands};
    for (size_t i = 0; form->band_count > 1 && i < count; i++) {
        size_t index = (size_t)bits_next(&bands, form->band_width);
        out[i].band = form->bands[index < form->band_count ? index : 0];
    }
    return exceptions_left == 0;
}

/* Whether a time that stands there is that which says that there is none. */
static bool note_lacks(const struct note *note, unsigned kinds)
{
    return ((kinds & NOTE_WITHDRAWN) && note->withdrawn_us == WB_NO_TIME) ||
           ((kinds & NOTE_RELEASED) && note->released_us == WB_NO_TIME) ||
           ((kinds & NOTE_LEARNT) && note->learnt_us == WB_NO_TIME);
}

static bool notes_read(struct bytes_in *in, struct timeline *out, size_t first)
{
    uint64_t count = bytes_get_bounded(in, out->count - first);
    size_t index = first;
    int64_t learnt_us = out->at[first].at_us;
    for (uint64_t i = 0; i < count && !in->bad; i++) {
        index += bytes_get_bounded(in, out->count - 1 - index);
        struct seen *scan = &out->at[index];
        unsigned kinds = bytes_get_u8(in);
        struct note note = NOTE_EMPTY;
        if (kinds & NOTE_AFTER_COMPLETE) scan->flags = WB_FLAG_AFTER_COMPLETE;
        if (kinds & NOTE_WITHDRAWN) note.withdrawn_us = plus(scan->at_us, bytes_get_signed(in), 1);
        if (kinds & NOTE_RELEASED) {
            note.raw_us = plus(scan->at_us, bytes_get_signed(in), 1);
            note.released_us = plus(scan->at_us, bytes_get_signed(in), 1);
        }
        if (kinds & NOTE_LEARNT) {
            learnt_us = plus(learnt_us, bytes_get_signed(in), 1);
            note.learnt_us = learnt_us;
        }
        if (note_lacks(&note, kinds)) in->bad = true;
        if (!(kinds & (NOTE_WITHDRAWN | NOTE_RELEASED | NOTE_LEARNT))) continue;
        if (!LIST_PUSH(&out->notes, note)) return false;
        scan->note = (uint32_t)out->notes.count;
    }
    return true;
}

/* Whether times that were added up stand in order and are times. Unless steps are so wide that
 * their sum may go around, it is enough to look at the ends. */
static bool times_are_sound(const struct form *form, const struct seen *at, size_t count)
{
    if (!is_time(at[0].at_us) || !is_time(at[count - 1].at_us)) return false;
    unsigned width = larger(form->width[0], larger(form->width[1], form->width[2]));
    width = larger(width, form->exception_width);
    width += bits_needed((uint64_t)UNIT_US[form->unit]) + bits_needed(count);
    if (width <= 64) return at[0].at_us <= at[count - 1].at_us;
    for (size_t i = 1; i < count; i++) {
        if (at[i].at_us < at[i - 1].at_us) return false;
    }
    return true;
}

/* Append the scans of one share; without notes where those say nothing to a fold and are not
 * wanted. false: no memory. */
static bool scans_read(struct bytes_in *in, int64_t base_us, bool notes, struct timeline *out)
{
    /* No two scans are equal, so more than a few take a bit each at least: a damaged count cannot
     * ask for all memory. */
    uint64_t count = bytes_get_bounded(in, (uint64_t)in->left * 8 + 8);
    if (in->bad || count == 0) return true;

    struct form form;
    if (!form_read(in, &form)) return false;
    int64_t first_us = plus(base_us, bytes_get_signed(in), UNIT_US[form.unit]);
    if (in->bad || !LIST_ROOM(out, (size_t)count)) {
        list_free(form.bands);
        return in->bad;
    }
    size_t first = out->count;
    struct columns columns;
    struct bits_in column;
    bool good = columns_find(&form, in, (size_t)count, &columns) &&
                bits_open(in, columns.end, &column) &&
                columns_read(&columns, &form, out->at + first, (size_t)count, first_us) &&
                times_are_sound(&form, out->at + first, (size_t)count);
    if (good) {
        out->count += (size_t)count;
    } else {
        in->bad = true;
    }
    list_free(form.bands);
    if (good && form.notes && !form.marked && !notes) {
        (void)bytes_get(in, in->left);
        return true;
    }
    return !good || !form.notes || notes_read(in, out, first);
}

struct directory {
    uint64_t present;
    unsigned length_bytes;
    const uint8_t *lengths;
    struct bytes_in shares;
};

static bool directory_read(const uint8_t *data, size_t bytes, struct directory *out)
{
    struct bytes_in in = {.at = data, .left = bytes};
    if (bytes_get_u8(&in) != VERSION) return false;
    out->length_bytes = bytes_get_u8(&in);
    out->present = bytes_get_u32(&in);
    out->present |= (uint64_t)bytes_get_u32(&in) << 32;
    if (in.bad || out->length_bytes == 0 || out->length_bytes > 4) return false;
    unsigned count = (unsigned)__builtin_popcountll(out->present);
    out->lengths = bytes_get(&in, (size_t)count * out->length_bytes);
    out->shares = in;
    return !in.bad;
}

static size_t share_length(const struct directory *directory, unsigned index)
{
    return bits_load(directory->lengths + (size_t)index * directory->length_bytes) &
           ((UINT64_C(1) << directory->length_bytes * 8) - 1);
}

static bool share_read(const uint8_t *data, size_t bytes, int64_t base_us, bool notes,
                       struct member *out, bool *no_memory)
{
    struct bytes_in in = {.at = data, .left = bytes};
    state_read(&in, base_us, out);
    *no_memory = !scans_read(&in, base_us, notes, &out->scans);
    return !*no_memory && !in.bad && in.left == 0;
}

bool person_block_read(const uint8_t *data, size_t bytes, int64_t base_us, struct person_block *out,
                       bool *no_memory)
{
    *no_memory = false;
    struct directory directory;
    if (!directory_read(data, bytes, &directory)) return false;
    unsigned share = 0;
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        if (!(directory.present >> i & 1)) {
            fold_init(&out->member[i].state);
            continue;
        }
        size_t length = share_length(&directory, share++);
        const uint8_t *at = bytes_get(&directory.shares, length);
        if (at == NULL || !share_read(at, length, base_us, true, &out->member[i], no_memory)) {
            return false;
        }
    }
    return directory.shares.left == 0;
}

/* A block, whose share, what comes out. NOLINTNEXTLINE(readability-function-size) */
bool person_block_read_member(const uint8_t *data, size_t bytes, int64_t base_us, unsigned index,
                              bool notes, struct member *out, bool *no_memory)
{
    assert(index < GROUP_PEOPLE);
    *no_memory = false;
    out->has_state = false;
    fold_init(&out->state);
    struct directory directory;
    if (!directory_read(data, bytes, &directory)) return false;
    if (!(directory.present >> index & 1)) return true;
    unsigned share =
        (unsigned)__builtin_popcountll(directory.present & ((UINT64_C(1) << index) - 1));
    size_t before = 0;
    for (unsigned i = 0; i < share; i++) {
        before += share_length(&directory, i);
    }
    size_t length = share_length(&directory, share);
    if (bytes_get(&directory.shares, before) == NULL) return false;
    const uint8_t *at = bytes_get(&directory.shares, length);
    return at != NULL && share_read(at, length, base_us, notes, out, no_memory);
}
