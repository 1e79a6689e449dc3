/* whereabouts import scans: a reader saw a band, row by row. */
#include <stdlib.h>
#include <string.h>

#include "base/chip.h"
#include "base/list.h"
#include "tool/import.h"

enum { TIME, BAND, READER, DIRECTION, LEARNT };

static const struct csv_column columns[] = {
    [TIME] = {.name = "time",    .required = true},
    [BAND] = {.name = "band",                 .required = true},
    [READER] = {.name = "reader",.required = true},
    [DIRECTION] = {.name = "direction" },
    [LEARNT] = {.name = "learnt"                },
};

/* Readers by name, the few that a file has: a row costs one comparison. A place holds the
 * reader that was met there last. */
#define CACHE_PLACES   1024
#define CACHE_ID_BYTES 40

struct cached_reader {
    char id[CACHE_ID_BYTES];
    size_t bytes; /* 0: empty */
    wb_reader reader;
};

/* The last scan of each reader in the files, for --complete; by the reader's number. */
struct lasts {
    int64_t *at;
    size_t count, capacity;
};

struct scans {
    struct cached_reader *cache; /* [CACHE_PLACES] */
    struct lasts lasts;
    bool complete, trust_learnt;
};

/* FNV-1a: keys are the site's own readers, which no stranger chooses. */
static size_t cache_place(const char *id, size_t bytes)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < bytes; i++)
        hash = (hash ^ (unsigned char)id[i]) * 16777619u;
    return (hash ^ hash >> 15) % CACHE_PLACES;
}

static bool find_reader(const struct import *import, struct scans *scans, const char *id,
                        size_t bytes, wb_reader *out)
{
    struct cached_reader *cached = &scans->cache[cache_place(id, bytes)];

    if (bytes > 0 && cached->bytes == bytes && memcmp(cached->id, id, bytes) == 0) {
        *out = cached->reader;
        return true;
    }
    if (wb_reader_find(import->site->wb, id, bytes, out) != WB_OK) return false;
    if (bytes <= CACHE_ID_BYTES) {
        memcpy(cached->id, id, bytes);
        cached->bytes = bytes;
        cached->reader = *out;
    }
    return true;
}

static bool read_direction(const char *text, size_t bytes, wb_direction *out)
{
    if (bytes == 0) {
        *out = WB_NO_DIRECTION;
    } else if (bytes == 2 && memcmp(text, "in", 2) == 0) {
        *out = WB_IN;
    } else if (bytes == 3 && memcmp(text, "out", 3) == 0) {
        *out = WB_OUT;
    } else {
        return false;
    }
    return true;
}

static int shown(size_t bytes)
{
    return (int)(bytes < 60 ? bytes : 60);
}

/* Everything of the row but the band. false: refused. */
static bool read_row(struct import *import, const struct import_row *row, struct wb_scan *scan,
                     uint64_t *ambiguous)
{
    struct scans *scans = import->own;

    if (row->bytes[TIME] == 0) {
        (void)import_refuse(import, row, "there is no time");
        return false;
    }
    if (!import_time(import, row, TIME, &scan->at_us, ambiguous)) return false;
    if (scans->trust_learnt && !import_time(import, row, LEARNT, &scan->learnt_us, ambiguous)) {
        return false;
    }
    if (!read_direction(row->at[DIRECTION], row->bytes[DIRECTION], &scan->direction)) {
        (void)import_refuse(import, row, "direction '%.*s' is neither in nor out nor empty",
                            shown(row->bytes[DIRECTION]), row->at[DIRECTION]);
        return false;
    }
    if (!find_reader(import, scans, row->at[READER], row->bytes[READER], &scan->reader)) {
        (void)import_refuse(import, row, "there is no reader '%.*s' at this site",
                            shown(row->bytes[READER]), row->at[READER]);
        return false;
    }
    return true;
}

static int refuse_band(struct import *import, const struct import_row *row, wb_status status)
{
    int bytes = shown(row->bytes[BAND]);

    if (row->bytes[BAND] == 0) return import_refuse(import, row, "there is no band");
    if (status == WB_EINVAL) {
        return import_refuse(import, row,
                             "band '%.*s' is not 1 to %u bytes of UTF-8 without control characters",
                             bytes, row->at[BAND], WB_ID_BYTES_MAX);
    }
    if (status == WB_EREFUSED) {
        return import_refuse(import, row, "band '%.*s' names nobody of the register", bytes,
                             row->at[BAND]);
    }
    return site_failed(import->site, status);
}

/* The first pass of --strict: whether the row would be taken. Nothing is. */
static int check_row(struct import *import, const struct import_row *row,
                     const struct wb_scan *scan)
{
    static const char by_name[] = "person:";
    const size_t name_bytes = sizeof by_name - 1;
    const char *band = row->at[BAND];
    size_t bytes = row->bytes[BAND];
    struct wb_reader_row reader;
    wb_person person;

    if (!id_is_valid(band, bytes)) return refuse_band(import, row, WB_EINVAL);
    if (bytes > name_bytes && memcmp(band, by_name, name_bytes) == 0 &&
        wb_person_find(import->site->wb, band + name_bytes, bytes - name_bytes, &person) != WB_OK) {
        return refuse_band(import, row, WB_EREFUSED);
    }
    if (wb_reader_row(import->site->wb, scan->reader, &reader) == WB_OK &&
        scan->at_us >= reader.retired_us) {
        return import_refuse(import, row, "reader '%s' was retired before", reader.id);
    }
    return SAY_DONE;
}

static void note_last(struct scans *scans, const struct wb_scan *scan)
{
    struct lasts *lasts = &scans->lasts;

    if (!scans->complete) return;
    while (lasts->count <= scan->reader.n) {
        if (!LIST_PUSH(lasts, WB_NO_TIME)) say_no_memory();
    }
    if (scan->at_us > lasts->at[scan->reader.n]) lasts->at[scan->reader.n] = scan->at_us;
}

static int take(struct import *import, const struct import_row *row)
{
    struct scans *scans = import->own;
    struct wb_scan scan = {.learnt_us = WB_NO_TIME};
    struct wb_fault why = {0};
    wb_verdict verdict = WB_REFUSED;
    uint64_t ambiguous = 0;

    if (!read_row(import, row, &scan, &ambiguous)) return SAY_DONE;
    if (import->checking) return check_row(import, row, &scan);

    int status = import_turn(import);
    if (status != SAY_DONE) return status;
    wb_status taken = wb_band_intern(import->site->wb, row->at[BAND], row->bytes[BAND], &scan.band);
    if (taken != WB_OK) return refuse_band(import, row, taken);

    taken = wb_observe(import->site->wb, &scan, &verdict, &why);
    if (taken == WB_EFULL) {
        status = import_commit(import);
        if (status == SAY_DONE) status = import_turn(import);
        if (status != SAY_DONE) return status;
        taken = wb_observe(import->site->wb, &scan, &verdict, &why);
    }
    if (taken == WB_EREFUSED) return import_refuse(import, row, "%s", why.text);
    if (taken != WB_OK) return site_failed(import->site, taken);

    import->ambiguous_times += ambiguous;
    if (verdict != WB_QUARANTINED) note_last(scans, &scan);
    return import_took(import, verdict);
}

/* --complete: a turn of its own, after all scans are in. */
static int declare_complete(struct import *import)
{
    const struct lasts *lasts = &((struct scans *)import->own)->lasts;

    for (size_t i = 0; i < lasts->count; i++) {
        if (lasts->at[i] == WB_NO_TIME) continue;
        int status = import_turn(import);
        if (status != SAY_DONE) return status;
        wb_status completed = wb_complete(import->site->wb, (wb_reader){(uint32_t)i}, lasts->at[i]);
        if (completed != WB_OK) return site_failed(import->site, completed);
    }
    return import_commit(import);
}

int import_scans_run(const struct call *call)
{
    static const struct import_kind kind = {
        .what = "scans",
        .columns = columns,
        .column_count = sizeof columns / sizeof columns[0],
        .takes_ndjson = true,
        .takes_learnt = true,
        .take = take,
    };
    struct scans scans = {
        .complete = call_has(call, "complete"),
        .trust_learnt = call_has(call, "trust-learnt"),
    };

    scans.cache = calloc(CACHE_PLACES, sizeof *scans.cache);
    if (scans.cache == NULL) say_no_memory();
    int status = import_run(call, &kind, &scans, declare_complete);
    free(scans.cache);
    LIST_DONE(&scans.lasts);
    return status;
}
