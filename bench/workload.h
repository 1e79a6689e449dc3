/* The reference workload: people who walk about a site of 500 zones, in and out pairs.
 *
 * The zones are a grid of 25 by 20, each with two readers. A move is a scan out of the old
 * zone and a scan into a neighbour; some 40 scans a person and day; times to the
 * millisecond; scans arrive up to one second out of order. The same arguments give the
 * same bytes on every machine. */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    WORKLOAD_COLUMNS = 25,
    WORKLOAD_ROWS = 20,
    WORKLOAD_ZONES = WORKLOAD_COLUMNS * WORKLOAD_ROWS,
    WORKLOAD_READERS = 2 * WORKLOAD_ZONES,
};

#define WORKLOAD_EPOCH_MS INT64_C(1764547200000) /* 2025-12-01T00:00Z */
#define WORKLOAD_DAY_MS   INT64_C(86400000)

/* Reader n stands between outside and zone n / 2. On disk as it is in memory, 24 bytes. */
struct workload_scan {
    uint64_t band;
    int64_t at_ms;
    uint32_t reader;
    uint8_t in; /* 1: in, 0: out */
    uint8_t pad[3];
};

struct workload_stay {
    uint32_t person;
    uint32_t zone;
    int64_t from_ms;
    int64_t until_ms;
};

struct workload_size {
    uint32_t people;
    uint32_t days;
    size_t scans;
    size_t stays;
};

/* Make people x days of it.
 *
 *   scans  records in the order of arrival
 *   stays  records ordered by their end; they are what the scans mean
 *   size   .people and .days come in, .scans and .stays go out
 *   cost   one day in memory; dies when memory or disk is used up */
void workload_write(struct workload_size *size, FILE *scans, FILE *stays);

/* The chip of person p, as eight bytes. Different people, different chips. */
uint64_t workload_band_of(uint32_t person);

#endif
