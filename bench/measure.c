#include "measure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

_Noreturn void die(const char *format, ...)
{
    (void)fflush(stdout);
    va_list arguments;
    va_start(arguments, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is two lines above */
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
    _Exit(1);
}

void *take_memory(size_t bytes)
{
    void *memory = calloc(1, bytes > 0 ? bytes : 1);
    if (memory == NULL) die("no memory for %zu bytes", bytes);
    return memory;
}

int64_t clock_ns(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) die("no clock");
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void samples_add(struct samples *samples, int64_t ns)
{
    if (samples->count == samples->capacity) {
        size_t capacity = samples->capacity > 0 ? 2 * samples->capacity : 1024;
        int64_t *grown = realloc(samples->ns, capacity * sizeof *grown);
        if (grown == NULL) die("no memory for %zu samples", capacity);
        samples->ns = grown;
        samples->capacity = capacity;
    }
    samples->ns[samples->count++] = ns;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int64_t samples_median(struct samples *samples)
{
    if (samples->count == 0) return 0;
    qsort(samples->ns, samples->count, sizeof *samples->ns, by_time);
    return samples->ns[samples->count / 2];
}

void samples_done(struct samples *samples)
{
    free(samples->ns);
    *samples = (struct samples){0};
}

void result(const char *figure, const char *system, double value)
{
    printf("%s\t%s\t%.9g\n", figure, system, value);
    (void)fflush(stdout);
}

const void *file_map(const char *path, size_t *bytes)
{
    struct stat about;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &about) != 0) die("%s cannot be read", path);
    *bytes = (size_t)about.st_size;
    /* Populated: the reading of the workload is not what is measured. */
    void *at = mmap(NULL, *bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (at == MAP_FAILED) die("%s cannot be mapped", path);
    (void)close(file);
    return at;
}

int64_t file_size_with_log(const char *path)
{
    char log[4096];
    struct stat about;
    if (stat(path, &about) != 0) die("%s is not there", path);
    int64_t bytes = about.st_size;
    int length = snprintf(log, sizeof log, "%s-wal", path);
    if (length < 0 || length >= (int)sizeof log) die("%s is too long a path", path);
    if (stat(log, &about) == 0) bytes += about.st_size;
    return bytes;
}

int64_t number_of(const char *text)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0') die("%s is not a whole number", text);
    return number;
}

double fraction_of(const char *text)
{
    char *end;
    errno = 0;
    double fraction = strtod(text, &end);
    if (errno != 0 || end == text || *end != '\0') die("%s is not a number", text);
    return fraction;
}
