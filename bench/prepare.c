/* prepare PEOPLE DAYS PREFIX: write the workload and all that describes it.
 *
 *   PREFIX.scans      records of 24 bytes in the order of arrival
 *   PREFIX.stays      records of 24 bytes, what the scans mean, for the peers
 *   PREFIX.params     the parameter sets: zone, moment, person, day, its end, day
 *   PREFIX.site.json, .people.csv, .bands.csv
 *
 * prepare csv PREFIX ROWS: write PREFIX.stays.csv and of the scans the first ROWS as
 * PREFIX.scans.csv.
 *
 * prepare fsync DIR: print how long a small durable write takes there, in microseconds. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure.h"
#include "parameters.h"
#include "workload.h"

static void path_of(char path[4096], const char *prefix, const char *ending)
{
    int length = snprintf(path, 4096, "%s%s", prefix, ending);
    if (length < 0 || length >= 4096) die("%s is too long a path", prefix);
}

static FILE *file_make(const char *prefix, const char *ending)
{
    char path[4096];
    path_of(path, prefix, ending);
    FILE *file = fopen(path, "wb");
    if (file == NULL) die("%s cannot be written", path);
    return file;
}

static void file_finish(FILE *file)
{
    if (ferror(file) != 0 || fclose(file) != 0) die("the workload could not be written");
}

static void write_site(const char *prefix)
{
    FILE *file = file_make(prefix, ".site.json");
    (void)fputs("{\"id\": \"bench\", \"timezone\": \"UTC\",\n \"zones\": [", file);
    for (int zone = 0; zone < WORKLOAD_ZONES; zone++)
        (void)fprintf(file, "%s\n  {\"id\": \"z%d\"}", zone > 0 ? "," : "", zone);
    (void)fputs("],\n \"readers\": [", file);
    for (int reader = 0; reader < WORKLOAD_READERS; reader++) {
        (void)fprintf(file, "%s\n  {\"id\": \"r%d\", \"between\": [\"outside\", \"z%d\"]}",
                      reader > 0 ? "," : "", reader, reader / 2);
    }
    (void)fputs("]}\n", file);
    file_finish(file);
}

static void write_people(const char *prefix, uint32_t people)
{
    FILE *register_csv = file_make(prefix, ".people.csv");
    FILE *bands_csv = file_make(prefix, ".bands.csv");
    (void)fputs("id,name,groups\n", register_csv);
    (void)fputs("band,person\n", bands_csv);
    for (uint32_t person = 0; person < people; person++) {
        (void)fprintf(register_csv, "p%" PRIu32 ",Person %" PRIu32 ",\n", person, person);
        (void)fprintf(bands_csv, "%016" PRIX64 ",p%" PRIu32 "\n", workload_band_of(person), person);
    }
    file_finish(register_csv);
    file_finish(bands_csv);
}

static void write_scans_csv(const char *prefix, size_t rows)
{
    char path[4096];
    size_t bytes;
    path_of(path, prefix, ".scans");
    const struct workload_scan *scans = file_map(path, &bytes);
    if (rows > bytes / sizeof *scans) rows = bytes / sizeof *scans;

    FILE *file = file_make(prefix, ".scans.csv");
    (void)fputs("time,band,reader,direction\n", file);
    for (size_t i = 0; i < rows; i++) {
        int64_t day = (scans[i].at_ms - WORKLOAD_EPOCH_MS) / WORKLOAD_DAY_MS;
        int64_t ms = (scans[i].at_ms - WORKLOAD_EPOCH_MS) % WORKLOAD_DAY_MS;
        if (day >= 31) die("the first %zu scans do not end with December", rows);
        (void)fprintf(file, "2025-12-%02dT%02d:%02d:%02d.%03dZ,%016" PRIX64 ",r%" PRIu32 ",%s\n",
                      (int)day + 1, (int)(ms / 3600000), (int)(ms / 60000 % 60),
                      (int)(ms / 1000 % 60), (int)(ms % 1000), scans[i].band, scans[i].reader,
                      scans[i].in ? "in" : "out");
    }
    file_finish(file);
}

static void write_stays_csv(const char *prefix)
{
    char path[4096];
    size_t bytes;
    path_of(path, prefix, ".stays");
    const struct workload_stay *stays = file_map(path, &bytes);
    FILE *file = file_make(prefix, ".stays.csv");
    for (size_t i = 0; i < bytes / sizeof *stays; i++) {
        (void)fprintf(file, "%" PRIu32 ",%" PRIu32 ",%" PRId64 ",%" PRId64 "\n", stays[i].person,
                      stays[i].zone, stays[i].from_ms, stays[i].until_ms);
    }
    file_finish(file);
}

static void write_parameters(const char *prefix, const struct workload_size *size)
{
    enum { SETS = 100000 };
    struct parameter_set *sets = take_memory(SETS * sizeof *sets);
    FILE *file = file_make(prefix, ".params");
    parameters_draw(sets, SETS, size->people, size->days);
    for (int i = 0; i < SETS; i++) {
        (void)fprintf(file,
                      "%" PRIu32 " %" PRId64 " %" PRIu32 " %" PRId64 " %" PRId64 " %" PRId64 "\n",
                      sets[i].zone, sets[i].at_ms, sets[i].person, sets[i].day_ms,
                      sets[i].day_ms + WORKLOAD_DAY_MS, sets[i].day_ms);
    }
    file_finish(file);
    free(sets);
}

static void write_workload(const char *prefix, struct workload_size *size)
{
    FILE *scans = file_make(prefix, ".scans");
    FILE *stays = file_make(prefix, ".stays");
    workload_write(size, scans, stays);
    file_finish(scans);
    file_finish(stays);
}

/* The median of 500 appends of 4 KiB, each made durable. */
static void measure_fsync(const char *folder)
{
    char path[4096];
    static const char page[4096];
    struct samples samples = {0};
    path_of(path, folder, "/fsync.probe");
    int file = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0) die("%s cannot be written", path);
    for (int i = 0; i < 500; i++) {
        int64_t before = clock_ns();
        if (write(file, page, sizeof page) != (ssize_t)sizeof page || fsync(file) != 0)
            die("%s cannot be written", path);
        samples_add(&samples, clock_ns() - before);
    }
    (void)close(file);
    (void)unlink(path);
    printf("%.0f\n", (double)samples_median(&samples) / 1000);
    samples_done(&samples);
}

int main(int count, char **words)
{
    if (count == 3 && strcmp(words[1], "fsync") == 0) {
        measure_fsync(words[2]);
    } else if (count == 4 && strcmp(words[1], "csv") == 0) {
        write_stays_csv(words[2]);
        write_scans_csv(words[2], (size_t)number_of(words[3]));
    } else if (count == 4) {
        struct workload_size size = {
            .people = (uint32_t)number_of(words[1]),
            .days = (uint32_t)number_of(words[2]),
        };
        write_workload(words[3], &size);
        write_parameters(words[3], &size);
        write_site(words[3]);
        write_people(words[3], size.people);
        printf("people=%" PRIu32 " days=%" PRIu32 " scans=%zu stays=%zu\n", size.people, size.days,
               size.scans, size.stays);
    } else {
        die("usage: prepare PEOPLE DAYS PREFIX | prepare csv PREFIX ROWS | prepare fsync DIR");
    }
    return 0;
}
