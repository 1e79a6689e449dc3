#include "store/commit.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"

#define VERSION 1u
#define CHUNK   64u /* scans that share the width of their columns' times */

#define SCANS_MAX (UINT32_C(1) << 20) /* in a commit; far more than a turn takes */

static const int64_t UNIT_US[4] = {1, 1000, 1000000, 60000000};

enum { FORM_DIRECTIONS = 0x04, FORM_DIRECTION_SHIFT = 3, FORM_LEARNT = 0x20 };

void commit_done(struct commit *commit)
{
    LIST_DONE(&commit->scans);
    LIST_DONE(&commit->facts);
}

void commit_clear(struct commit *commit)
{
    commit->scans.count = 0;
    commit->facts.count = 0;
}

static int scan_compare(const void *left, const void *right)
{
    const struct fact_scan *a = left;
    const struct fact_scan *b = right;
    if (a->at_us != b->at_us) return a->at_us < b->at_us ? -1 : 1;
    if (a->reader != b->reader) return a->reader < b->reader ? -1 : 1;
    if (a->band != b->band) return a->band < b->band ? -1 : 1;
    if (a->direction != b->direction) return a->direction < b->direction ? -1 : 1;
    return (a->learnt_us > b->learnt_us) - (a->learnt_us < b->learnt_us);
}

/* Scans arrive almost in order: by insertion, unless that turns out to move too much. */
static void scans_sort(struct fact_scans *scans)
{
    size_t moves_left = scans->count * 64;
    for (size_t i = 1; i < scans->count; i++) {
        if (scan_compare(&scans->at[i - 1], &scans->at[i]) <= 0) continue;
        struct fact_scan scan = scans->at[i];
        size_t k = i;
        for (; k > 0 && scan_compare(&scans->at[k - 1], &scan) > 0; k--) {
            scans->at[k] = scans->at[k - 1];
        }
        scans->at[k] = scan;
        if (i - k < moves_left) {
            moves_left -= i - k;
            continue;
        }
        qsort(scans->at, scans->count, sizeof *scans->at, scan_compare);
        return;
    }
}

/* How the columns of a set of scans look. */
struct form {
    unsigned unit;
    bool directions, learnt;
    unsigned direction;       /* of all, where there is no column of them */
    unsigned direction_width; /* of the column: 1 where all are in or out */
    unsigned reader_width, band_width;
};

static struct form form_of(const struct fact_scans *scans)
{
    struct form form = {.unit = 3, .direction = scans->at[0].direction, .direction_width = 1};
    uint32_t reader = 0;
    uint32_t band = 0;
    for (size_t i = 0; i < scans->count; i++) {
        const struct fact_scan *scan = &scans->at[i];
        while (form.unit > 0 && scan->at_us % UNIT_US[form.unit] != 0) {
            form.unit--;
        }
        reader |= scan->reader;
        band |= scan->band;
        if (scan->direction != form.direction) form.directions = true;
        if (scan->direction == WB_NO_DIRECTION) form.direction_width = 2;
        if (scan->learnt_us != WB_NO_TIME) form.learnt = true;
    }
    form.reader_width = bits_needed(reader);
    form.band_width = bits_needed(band);
    if (!form.directions) form.direction_width = 0;
    return form;
}

static void form_write(const struct form *form, struct bytes_out *out)
{
    unsigned direction = form->directions ? form->direction_width : form->direction;
    unsigned head = form->unit | direction << FORM_DIRECTION_SHIFT;
    if (form->directions) head |= FORM_DIRECTIONS;
    if (form->learnt) head |= FORM_LEARNT;
    bytes_put_u8(out, (uint8_t)head);
    bytes_put_u8(out, (uint8_t)form->reader_width);
    bytes_put_u8(out, (uint8_t)form->band_width);
}

static void form_read(struct bytes_in *in, struct form *out)
{
    unsigned head = bytes_get_u8(in);
    out->unit = head & 3;
    out->directions = head & FORM_DIRECTIONS;
    out->direction = head >> FORM_DIRECTION_SHIFT & 3;
    out->direction_width = out->directions ? out->direction : 0;
    if (out->directions && out->direction_width != 1 && out->direction_width != 2) in->bad = true;
    out->learnt = head & FORM_LEARNT;
    out->reader_width = bytes_get_u8(in);
    out->band_width = bytes_get_u8(in);
    if (out->reader_width > 32 || out->band_width > 32 || out->direction > 2) in->bad = true;
}

static void who_write(const struct form *form, const struct fact_scan *scan, struct bytes_out *out)
{
    bytes_put_bits(out, scan->band, form->band_width);
    bytes_put_bits(out, scan->reader, form->reader_width);
    unsigned coded = form->direction_width == 1 ? scan->direction - WB_IN : scan->direction;
    bytes_put_bits(out, form->directions ? coded : 0, form->direction_width);
}

static unsigned who_width(const struct form *form)
{
    return form->band_width + form->reader_width + form->direction_width;
}

static void who_read(const struct form *form, struct bits_in *bits, struct fact_scan *out)
{
    out->band = (uint32_t)bits_next(bits, form->band_width);
    out->reader = (uint32_t)bits_next(bits, form->reader_width);
    uint32_t coded = (uint32_t)bits_next(bits, form->direction_width);
    out->direction = !form->directions            ? form->direction
                     : form->direction_width == 1 ? coded + WB_IN
                                                  : coded;
    out->learnt_us = WB_NO_TIME;
    out->unused = 0;
}

/* Steps in time of up to CHUNK scans: their width, then they. */
static void times_write(const struct fact_scan *scans, size_t count, int64_t before_us,
                        const struct form *form, struct bytes_out *out)
{
    uint64_t unit_us = (uint64_t)UNIT_US[form->unit];
    uint64_t step[CHUNK];
    uint64_t all = 0;
    for (size_t i = 0; i < count; i++) {
        step[i] = (uint64_t)(scans[i].at_us - before_us) / unit_us;
        before_us = scans[i].at_us;
        all |= step[i];
    }
    unsigned width = bits_needed(all);
    bytes_put_bits(out, width, 7);
    for (size_t i = 0; i < count; i++) {
        bytes_put_bits(out, step[i], width);
    }
}

static void learnt_write(const struct fact_scans *scans, struct bytes_out *out)
{
    int64_t before_us = scans->at[0].at_us;
    for (size_t i = 0; i < scans->count; i++) {
        int64_t learnt_us = scans->at[i].learnt_us;
        bytes_put_u8(out, learnt_us != WB_NO_TIME);
        if (learnt_us == WB_NO_TIME) continue;
        bytes_put_signed(out, (int64_t)((uint64_t)learnt_us - (uint64_t)before_us));
        before_us = learnt_us;
    }
}

static void scans_write(const struct fact_scans *scans, struct bytes_out *out)
{
    bytes_put_varint(out, scans->count);
    if (scans->count == 0) return;
    struct form form = form_of(scans);
    form_write(&form, out);
    int64_t before_us = scans->at[0].at_us;
    bytes_put_signed(out, before_us / UNIT_US[form.unit]);
    for (size_t i = 0; i < scans->count; i += CHUNK) {
        size_t count = scans->count - i < CHUNK ? scans->count - i : CHUNK;
        times_write(scans->at + i, count, before_us, &form, out);
        for (size_t k = i; k < i + count; k++) {
            who_write(&form, &scans->at[k], out);
        }
        before_us = scans->at[i + count - 1].at_us;
    }
    bytes_put_align(out);
    if (form.learnt) learnt_write(scans, out);
}

/* A time of a fact is often an open end: those two take one byte. The zigzag form, plus two: it
 * wraps around just there. */
static void moment_write(int64_t us, struct bytes_out *out)
{
    uint64_t zigzag = (uint64_t)us << 1 ^ (us < 0 ? UINT64_MAX : 0);
    bytes_put_varint(out, zigzag + 2);
}

static int64_t moment_read(struct bytes_in *in)
{
    uint64_t zigzag = bytes_get_varint(in) - 2;
    return (int64_t)(zigzag >> 1 ^ (zigzag & 1 ? UINT64_MAX : 0));
}

static void fact_write(const struct fact *fact, struct bytes_out *out)
{
    bytes_put_u8(out, (uint8_t)fact->kind);
    bytes_put_varint(out, fact->a);
    bytes_put_varint(out, fact->b);
    bytes_put_varint(out, fact->c);
    moment_write(fact->x, out);
    moment_write(fact->y, out);
    moment_write(fact->z, out);
    if (fact->kind == FACT_WITHDRAWAL || fact->kind == FACT_RELEASE) {
        bytes_put(out, fact->commitment, COMMITMENT_BYTES);
    }
    if (fact->kind == FACT_SITE) {
        bytes_put_varint(out, fact->text_bytes);
        bytes_put(out, fact->text, fact->text_bytes);
    }
}

void commit_write(struct commit *commit, struct bytes_out *out)
{
    scans_sort(&commit->scans);
    bytes_put_u8(out, VERSION);
    scans_write(&commit->scans, out);
    bytes_put_varint(out, commit->facts.count);
    for (size_t i = 0; i < commit->facts.count; i++) {
        fact_write(&commit->facts.at[i], out);
    }
}

/* Whether `bits` more are there, counted from the start of the column. */
static bool enough(const struct bits_in *bits, size_t bytes, uint64_t more)
{
    return bits->bit + more <= (uint64_t)bytes * 8;
}

static int64_t plus(int64_t a, uint64_t b)
{
    return (int64_t)((uint64_t)a + b);
}

/* From the earliest to the latest time of a scan; what lies outside cannot have been written. */
#define TIME_SPAN ((uint64_t)WB_TIME_MAX - (uint64_t)WB_TIME_MIN)

static bool chunk_read(struct bits_in *bits, size_t bytes, const struct form *form, int64_t *at_us,
                       struct fact_scan *out, size_t count)
{
    if (!enough(bits, bytes, 7)) return false;
    unsigned width = (unsigned)bits_next(bits, 7);
    if (width > 64 || !enough(bits, bytes, count * (width + who_width(form)))) return false;
    uint64_t unit_us = (uint64_t)UNIT_US[form->unit];
    uint64_t step_max = TIME_SPAN / unit_us;
    uint64_t since_us = (uint64_t)*at_us - (uint64_t)WB_TIME_MIN;
    for (size_t i = 0; i < count; i++) {
        uint64_t step = width <= 56 ? bits_next(bits, width) : bits_next_wide(bits, width);
        since_us += step * unit_us;
        if (step > step_max || since_us > TIME_SPAN) return false;
        out[i].at_us = plus(WB_TIME_MIN, since_us);
    }
    *at_us = out[count - 1].at_us;
    for (size_t i = 0; i < count; i++) {
        who_read(form, bits, &out[i]);
        if (out[i].direction > 2) return false;
    }
    return true;
}

static void learnt_read(struct bytes_in *in, struct fact_scan *scans, size_t count)
{
    int64_t before_us = scans[0].at_us;
    for (size_t i = 0; i < count && !in->bad; i++) {
        if (bytes_get_u8(in) == 0) continue;
        before_us = plus(before_us, (uint64_t)bytes_get_signed(in));
        scans[i].learnt_us = before_us;
        if (before_us == WB_NO_TIME) in->bad = true; /* it was said to be given */
    }
}

static bool are_sorted(const struct fact_scan *scans, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (scan_compare(&scans[i - 1], &scans[i]) > 0) return false;
    }
    return true;
}

/* false: no memory. */
static bool scans_read(struct bytes_in *in, struct fact_scans *out)
{
    /* A commit may repeat a scan (with another learnt time), so a scan may take no bit at all;
     * each chunk takes seven. A damaged count cannot ask for all memory. */
    uint64_t most = (uint64_t)in->left * (CHUNK * 8 / 7 + 1) + 1;
    uint64_t count = bytes_get_bounded(in, most < SCANS_MAX ? most : SCANS_MAX);
    if (in->bad || count == 0) return true;
    struct form form;
    form_read(in, &form);
    int64_t at_us;
    if (__builtin_mul_overflow(bytes_get_signed(in), UNIT_US[form.unit], &at_us) ||
        at_us < WB_TIME_MIN || at_us > WB_TIME_MAX) {
        in->bad = true;
    }
    if (in->bad) return true;
    if (!LIST_ROOM(out, (size_t)count)) return false;

    struct bits_in bits = {.at = in->at};
    for (size_t i = 0; i < count; i += CHUNK) {
        size_t n = count - i < CHUNK ? (size_t)count - i : CHUNK;
        if (!chunk_read(&bits, in->left, &form, &at_us, out->at + out->count + i, n)) {
            in->bad = true;
            return true;
        }
    }
    (void)bytes_get(in, (size_t)((bits.bit + 7) / 8));
    if (form.learnt) learnt_read(in, out->at + out->count, (size_t)count);
    if (!are_sorted(out->at + out->count, (size_t)count)) in->bad = true;
    out->count += (size_t)count;
    return true;
}

static void fact_read(struct bytes_in *in, struct fact *out)
{
    unsigned kind = bytes_get_u8(in);
    *out = (struct fact){0};
    if (kind == 0 || kind >= FACT_KIND_END) {
        in->bad = true;
        return;
    }
    out->kind = (enum fact_kind)kind;
    out->a = (uint32_t)bytes_get_bounded(in, UINT32_MAX);
    out->b = (uint32_t)bytes_get_bounded(in, UINT32_MAX);
    out->c = (uint32_t)bytes_get_bounded(in, UINT32_MAX);
    out->x = moment_read(in);
    out->y = moment_read(in);
    out->z = moment_read(in);
    if (out->kind == FACT_WITHDRAWAL || out->kind == FACT_RELEASE) {
        const uint8_t *commitment = bytes_get(in, COMMITMENT_BYTES);
        if (commitment != NULL) memcpy(out->commitment, commitment, COMMITMENT_BYTES);
    }
    if (out->kind == FACT_SITE) {
        out->text_bytes = (size_t)bytes_get_bounded(in, in->left);
        out->text = (const char *)bytes_get(in, out->text_bytes);
    }
}

bool commit_read(const uint8_t *data, size_t bytes, struct commit *out, bool *no_memory)
{
    *no_memory = false;
    struct bytes_in in = {.at = data, .left = bytes};
    if (bytes_get_u8(&in) != VERSION) return false;
    if (!scans_read(&in, &out->scans)) {
        *no_memory = true;
        return false;
    }
    uint64_t count = bytes_get_bounded(&in, in.left);
    for (uint64_t i = 0; i < count && !in.bad; i++) {
        struct fact fact;
        fact_read(&in, &fact);
        if (!LIST_PUSH(&out->facts, fact)) {
            *no_memory = true;
            return false;
        }
    }
    return !in.bad && in.left == 0;
}

static void number_bytes(uint64_t value, uint8_t out[8])
{
    for (unsigned i = 0; i < 8; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

void commit_hash(const uint8_t before[HASH_BYTES], uint64_t seq, int64_t learnt_us,
                 const uint8_t *block, size_t bytes, uint8_t out[HASH_BYTES])
{
    uint8_t text[HASH_BYTES + 16 + HASH_BYTES];
    memcpy(text, before, HASH_BYTES);
    number_bytes(seq, text + HASH_BYTES);
    number_bytes((uint64_t)learnt_us, text + HASH_BYTES + 8);
    (void)crypto_generichash(text + HASH_BYTES + 16, HASH_BYTES, block, bytes, NULL, 0);
    (void)crypto_generichash(out, HASH_BYTES, text, sizeof text, NULL, 0);
}
