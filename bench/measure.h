/* What every program of the bench needs: a clock, samples and their median, the lines that
 * it prints, and files in memory. Whatever goes wrong ends the program with one sentence. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

/* Say what went wrong on standard error and end the program with status 1. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Zeroed memory; dies when there is none. */
void *take_memory(size_t bytes);

int64_t clock_ns(void); /* monotonic */

/* Times of one kind. Zeroed is empty. */
struct samples {
    int64_t *ns;
    size_t count, capacity;
};

void samples_add(struct samples *samples, int64_t ns);
int64_t samples_median(struct samples *samples); /* sorts them; 0 without any */
void samples_done(struct samples *samples);

/* Print one measured figure: a line of figure, system, value, parted by tabs. */
void result(const char *figure, const char *system, double value);

/* A whole file, read-only. Lives until the program ends. */
const void *file_map(const char *path, size_t *bytes);

/* Bytes of a SQLite database with its write-ahead log. */
int64_t file_size_with_log(const char *path);

/* A whole number or a fraction from the command line; dies if it is not one. */
int64_t number_of(const char *text);
double fraction_of(const char *text);

#endif
