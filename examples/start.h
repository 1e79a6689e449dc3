/* start: what every example needs before its story begins.
 *
 * Time and randomness come from the host; here time is a fixed morning, so that an example
 * prints the same lines on every run. */
#ifndef EXAMPLES_START_H
#define EXAMPLES_START_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "whereabouts.h"

#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US   (60 * MINUTE_US)
#define DAY       (INT64_C(1714694400) * SECOND_US) /* 2024-05-03T00:00:00Z */
#define AT(h, m)  (DAY + (h)*HOUR_US + (m)*MINUTE_US)

static inline bool fill_random(void *context, void *out, size_t bytes)
{
    (void)context;
    FILE *source = fopen("/dev/urandom", "rb");
    if (source == NULL) return false;
    size_t count = fread(out, 1, bytes, source);
    return fclose(source) == 0 && count == bytes;
}

/* Anything else than WB_OK ends the example. */
static inline void must(wb_status status, const char *what, const struct wb_fault *why)
{
    if (status == WB_OK) return;
    (void)fprintf(stderr, "%s: status %d: %s\n", what, (int)status, why != NULL ? why->text : "");
    exit(1); /* NOLINT(concurrency-mt-unsafe): an example has one thread */
}

/* So does an answer that is not the expected one. */
static inline void expect(bool holds, const char *what)
{
    if (holds) return;
    (void)fprintf(stderr, "this should hold and does not: %s\n", what);
    exit(1); /* NOLINT(concurrency-mt-unsafe): an example has one thread */
}

/* Make a new site's file, in place of an older run's. */
static inline struct wb *start(const char *file, const char *site, int64_t now_us)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char name[100];
        (void)snprintf(name, sizeof name, "%s%s", file, ends[i]);
        (void)remove(name);
    }
    struct wb *wb = NULL;
    struct wb_fault why = {0};
    const struct wb_options options = {.mode = WB_CREATE, .random = fill_random};
    must(wb_open(file, &options, &wb, &why), file, &why);
    must(wb_describe(wb, site, strlen(site), now_us, &why), "the site", &why);
    return wb;
}

static inline wb_person person(struct wb *wb, const char *id)
{
    wb_person found;
    must(wb_person_find(wb, id, strlen(id), &found), id, NULL);
    return found;
}

static inline wb_zone zone(struct wb *wb, const char *id)
{
    wb_zone found;
    must(wb_zone_find(wb, id, strlen(id), &found), id, NULL);
    return found;
}

static inline wb_reader reader(struct wb *wb, const char *id)
{
    wb_reader found;
    must(wb_reader_find(wb, id, strlen(id), &found), id, NULL);
    return found;
}

static inline wb_band band(struct wb *wb, const char *id)
{
    wb_band found;
    must(wb_band_intern(wb, id, strlen(id), &found), id, NULL);
    return found;
}

/* In a turn: take a person into the register. */
static inline void enrol(struct wb *wb, const char *id, const char *name)
{
    struct wb_fault why = {0};
    const struct wb_person_row row = {.id = id, .name = name, .groups = "", .notes = ""};
    must(wb_person_put(wb, &row, NULL, &why), id, &why);
}

/* In a turn: a band is somebody's, always was and stays so. */
static inline void give(struct wb *wb, const char *band_id, const char *person_id)
{
    struct wb_fault why = {0};
    const struct wb_pairing pairing = {
        .band = band(wb, band_id),
        .person = person(wb, person_id),
        .from_us = WB_NO_TIME,
        .until_us = WB_STILL_THERE,
        .learnt_us = WB_NO_TIME,
    };
    must(wb_pair(wb, &pairing, NULL, &why), band_id, &why);
}

/* In a turn: a reader saw a band. */
static inline wb_verdict scan(struct wb *wb, const char *reader_id, const char *band_id,
                              int64_t at_us)
{
    struct wb_fault why = {0};
    wb_verdict verdict = WB_REFUSED;
    const struct wb_scan seen = {
        .reader = reader(wb, reader_id),
        .band = band(wb, band_id),
        .at_us = at_us,
        .learnt_us = WB_NO_TIME,
    };
    must(wb_observe(wb, &seen, &verdict, &why), reader_id, &why);
    return verdict;
}

/* The id of the zone that somebody is in at a moment. */
static inline const char *where(struct wb *wb, const char *person_id,
                                const struct wb_moment *moment)
{
    struct wb_whereabouts found;
    must(wb_where(wb, person(wb, person_id), moment, &found), person_id, NULL);
    return wb_zone_id(wb, found.zone);
}

static inline bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

#endif
