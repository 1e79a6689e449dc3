/* A row of scans: a reader saw a band. Nothing is allocated for it. */
#include <stdlib.h>
#include <string.h>

#include "base/chip.h"
#include "intake/intake.h"

enum {
    TIME = INTAKE_SCAN_TIME,
    BAND = INTAKE_SCAN_BAND,
    READER = INTAKE_SCAN_READER,
    DIRECTION = INTAKE_SCAN_DIRECTION,
    LEARNT = INTAKE_SCAN_LEARNT,
};

/* ---- Readers ---- */

/* Readers by name, the few that a file has: a row costs one comparison. A place holds the
 * reader that was met there last. */
#define CACHE_PLACES   1024
#define CACHE_ID_BYTES 40

struct intake_readers {
    struct {
        char id[CACHE_ID_BYTES];
        size_t bytes; /* 0: empty */
        wb_reader reader;
    } place[CACHE_PLACES];
};

struct intake_readers *intake_readers_new(void)
{
    return calloc(1, sizeof(struct intake_readers));
}

void intake_readers_free(struct intake_readers *readers)
{
    free(readers);
}

/* FNV-1a: keys are the site's own readers, which no stranger chooses. */
static size_t cache_place(const char *id, size_t bytes)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < bytes; i++)
        hash = (hash ^ (unsigned char)id[i]) * 16777619u;
    return (hash ^ hash >> 15) % CACHE_PLACES;
}

static bool find_reader(const struct intake *intake, const char *id, size_t bytes, wb_reader *out)
{
    if (intake->readers == NULL || bytes > CACHE_ID_BYTES) {
        return wb_reader_find(intake->wb, id, bytes, out) == WB_OK;
    }
    size_t place = cache_place(id, bytes);
    if (bytes > 0 && intake->readers->place[place].bytes == bytes &&
        memcmp(intake->readers->place[place].id, id, bytes) == 0) {
        *out = intake->readers->place[place].reader;
        return true;
    }
    if (wb_reader_find(intake->wb, id, bytes, out) != WB_OK) return false;
    memcpy(intake->readers->place[place].id, id, bytes);
    intake->readers->place[place].bytes = bytes;
    intake->readers->place[place].reader = *out;
    return true;
}

/* ---- The row ---- */

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

/* Everything of the row but the band, which must not be made for a scan that is refused. */
static wb_status read_row(const struct intake *intake, const struct intake_row *row,
                          struct wb_scan *scan, struct intake_taken *taken)
{
    if (row->bytes[TIME] == 0) return intake_refuse(taken, "there is no time");
    wb_status status = intake_time(intake, row, TIME, "time", taken, &scan->at_us);
    if (status == WB_OK && intake->trust_learnt) {
        status = intake_time(intake, row, LEARNT, "learnt", taken, &scan->learnt_us);
    }
    if (status != WB_OK) return status;
    if (!read_direction(row->at[DIRECTION], row->bytes[DIRECTION], &scan->direction)) {
        return intake_refuse(taken, "direction '%.*s' is neither in nor out nor empty",
                             intake_shown(row, DIRECTION), row->at[DIRECTION]);
    }
    if (!find_reader(intake, row->at[READER], row->bytes[READER], &scan->reader)) {
        return intake_refuse(taken, "there is no reader '%.*s' at this site",
                             intake_shown(row, READER), row->at[READER]);
    }
    return WB_OK;
}

static wb_status refuse_band(const struct intake_row *row, struct intake_taken *taken,
                             wb_status status)
{
    if (row->bytes[BAND] == 0) return intake_refuse(taken, "there is no band");
    if (status == WB_EINVAL) {
        return intake_refuse(taken,
                             "band '%.*s' is not 1 to %u bytes of UTF-8 without control characters",
                             intake_shown(row, BAND), row->at[BAND], WB_ID_BYTES_MAX);
    }
    if (status == WB_EREFUSED) {
        return intake_refuse(taken, "band '%.*s' names nobody of the register",
                             intake_shown(row, BAND), row->at[BAND]);
    }
    return status;
}

/* Whether the row would be taken, without making its band. */
static wb_status check_row(const struct intake *intake, const struct intake_row *row,
                           const struct wb_scan *scan, struct intake_taken *taken)
{
    static const char by_name[] = "person:";
    const size_t name_bytes = sizeof by_name - 1;
    const char *band = row->at[BAND];
    size_t bytes = row->bytes[BAND];
    struct wb_reader_row reader;
    wb_person person;

    if (!id_is_valid(band, bytes)) return refuse_band(row, taken, WB_EINVAL);
    if (bytes > name_bytes && memcmp(band, by_name, name_bytes) == 0 &&
        wb_person_find(intake->wb, band + name_bytes, bytes - name_bytes, &person) != WB_OK) {
        return refuse_band(row, taken, WB_EREFUSED);
    }
    if (wb_reader_row(intake->wb, scan->reader, &reader) == WB_OK &&
        scan->at_us >= reader.retired_us) {
        return intake_refuse(taken, "reader '%s' was retired before", reader.id);
    }
    taken->verdict = WB_ACCEPTED;
    return WB_OK;
}

wb_status intake_scan(const struct intake *intake, const struct intake_row *row,
                      struct intake_taken *taken)
{
    struct wb_scan scan = {.learnt_us = WB_NO_TIME};
    struct wb_fault why;

    taken->ambiguous_times = 0;
    wb_status status = read_row(intake, row, &scan, taken);
    if (status != WB_OK) return status;
    taken->reader = scan.reader;
    taken->at_us = scan.at_us;
    if (intake->checking) return check_row(intake, row, &scan, taken);

    status = wb_band_intern(intake->wb, row->at[BAND], row->bytes[BAND], &scan.band);
    if (status != WB_OK) return refuse_band(row, taken, status);
    status = wb_observe(intake->wb, &scan, &taken->verdict, &why);
    return status == WB_EREFUSED ? intake_refuse(taken, "%s", why.text) : status;
}
