/* The command line that all programs of the bench share: a command and its options. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "asking.h"

struct options {
    const char *command;  /* the first word */
    const char *workload; /* --workload PREFIX, as prepare wrote it */
    const char *file;     /* --file: the database, or how to connect to it */
    const char *way;      /* --way: one of several ways to do it */
    const char *answers;  /* --answers FILE: write the answers of the sets there */
    size_t batch;         /* --batch: scans a commit */
    size_t scans;         /* --scans: at most so many */
    size_t cache_bytes;   /* --cache-mib: 0: as much as it likes */
    double late;          /* --late: part of the scans that come late */
    double wait_seconds;  /* --wait: a batch is closed so long after its first scan */
    struct asking asking; /* --figure --people --days --sets --seconds --samples --ask */
};

/* Read the command line; dies with the usage when it is wrong. usage: the commands. */
void options_read(struct options *out, int count, char **words, const char *usage);

/* The scans of the workload, at most .scans of them. Lives until the program ends. */
const struct workload_scan *options_scans(const struct options *options, size_t *count);

/* Ask an opened system what the command says: "hot", "cold" or "answers".
 * Dies when it says something else. */
void options_ask(const struct options *options, const struct asker *asker);

#endif
