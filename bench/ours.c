/* ours COMMAND --file FILE ...: the library on the bench's workload, by its public door only.
 *
 *   ingest       fill a new file: --workload --people --batch --scans --late
 *   hot, cold    the four questions; cold with --cache-mib; --way moment or hour: as known at
 *                the moment itself or an hour later
 *   answers      the answers themselves
 *   open         from nothing to the first answer
 *   verify       check everything */
#include "ours.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "measure.h"
#include "workload.h"

void must(const struct wb *wb, wb_status status, const char *what)
{
    if (status != WB_OK) die("%s: status %d: %s", what, (int)status, wb_last_error(wb));
}

static bool random_fill(void *context, void *out, size_t bytes)
{
    (void)context;
    return getentropy(out, bytes) == 0;
}

struct wb *ours_open(const char *path, uint32_t mode, size_t cache_bytes)
{
    struct wb_options options = {.mode = mode, .cache_bytes = cache_bytes, .random = random_fill};
    struct wb_fault why = {0};
    struct wb *wb;
    if (wb_open(path, &options, &wb, &why) != WB_OK) die("%s: %s", path, why.text);
    return wb;
}

void ours_close(struct wb *wb)
{
    if (wb_close(wb) != WB_OK) die("the file could not be closed");
}

static int name_of(char out[16], char letter, uint32_t number)
{
    return snprintf(out, 16, "%c%u", letter, number);
}

void ours_places_find(struct ours *ours)
{
    char name[16];
    ours->zones = take_memory(WORKLOAD_ZONES * sizeof *ours->zones);
    ours->readers = take_memory(WORKLOAD_READERS * sizeof *ours->readers);
    for (uint32_t i = 0; i < WORKLOAD_ZONES; i++) {
        size_t bytes = (size_t)name_of(name, 'z', i);
        must(ours->wb, wb_zone_find(ours->wb, name, bytes, &ours->zones[i]), name);
    }
    for (uint32_t i = 0; i < WORKLOAD_READERS; i++) {
        size_t bytes = (size_t)name_of(name, 'r', i);
        must(ours->wb, wb_reader_find(ours->wb, name, bytes, &ours->readers[i]), name);
    }
}

void ours_people_find(struct ours *ours, uint32_t people)
{
    char name[16];
    ours->people = take_memory(people * sizeof *ours->people);
    for (uint32_t i = 0; i < people; i++) {
        size_t bytes = (size_t)name_of(name, 'p', i);
        must(ours->wb, wb_person_find(ours->wb, name, bytes, &ours->people[i]), name);
    }
}

void ours_done(struct ours *ours)
{
    free(ours->zones);
    free(ours->readers);
    free(ours->people);
    if (ours->wb != NULL) ours_close(ours->wb);
    *ours = (struct ours){0};
}

int64_t ours_memory_highest(void)
{
    char line[256];
    int64_t kibibytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    if (status == NULL) die("/proc/self/status cannot be read");
    while (fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "VmHWM:", 6) == 0) kibibytes = strtoll(line + 6, NULL, 10);
    (void)fclose(status);
    return kibibytes * 1024;
}

int main(int count, char **words)
{
    struct options options;
    options_read(&options, count, words, "ours ingest|hot|cold|answers|open|verify --file FILE");
    if (strcmp(options.command, "ingest") == 0) {
        ours_ingest(&options);
    } else if (strcmp(options.command, "open") == 0) {
        ours_first_answer(&options);
    } else if (strcmp(options.command, "verify") == 0) {
        ours_verify(&options);
    } else {
        ours_questions(&options);
    }
    return 0;
}
