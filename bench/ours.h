/* The library in the bench: a site's file made of the workload, filled and asked. */
#ifndef BENCH_OURS_H
#define BENCH_OURS_H

#include <stdbool.h>
#include <stdint.h>

#include "options.h"
#include "whereabouts.h"

/* An open file and the numbers that the workload's names have in it. */
struct ours {
    struct wb *wb;
    wb_zone *zones;     /* [500]: of z0, z1, ... */
    wb_reader *readers; /* [1000]: of r0, r1, ... */
    wb_person *people;  /* [people]: of p0, p1, ...; NULL until ours_people_find */
};

/* Open the file; dies when that fails. cache_bytes: 0 leaves it to the library. */
struct wb *ours_open(const char *path, uint32_t mode, size_t cache_bytes);
void ours_close(struct wb *wb);

/* Die with the handle's own sentence unless status is WB_OK. */
void must(const struct wb *wb, wb_status status, const char *what);

void ours_places_find(struct ours *ours);
void ours_people_find(struct ours *ours, uint32_t people);
void ours_done(struct ours *ours);

/* Memory of this process at its highest so far, in bytes. */
int64_t ours_memory_highest(void);

/* The commands. */
void ours_ingest(const struct options *options);
void ours_questions(const struct options *options);
void ours_first_answer(const struct options *options);
void ours_verify(const struct options *options);

#endif
