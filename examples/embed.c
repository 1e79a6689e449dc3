/* Embed the library: make a site's file, take scans, ask where somebody is and was.
 *
 *   cc embed.c $(pkg-config --cflags --libs whereabouts) && ./a.out
 *
 * Time and randomness come from the host; here time is a fixed morning, so that the same
 * lines are printed on every run. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "whereabouts.h"

#define FILE_NAME "embed.db"
#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define MORNING   (INT64_C(1714719600) * SECOND_US) /* 2024-05-03T07:00:00Z */

static const char site[] =
    "{ \"id\": \"larch\", \"timezone\": \"Europe/London\","
    "  \"zones\": [{ \"id\": \"house\" }, { \"id\": \"library\", \"in\": \"house\" }],"
    "  \"readers\": [{ \"id\": \"front-door\", \"enter\": \"house\" },"
    "                { \"id\": \"library-door\", \"between\": [\"house\", \"library\"] }] }";

static bool fill_random(void *context, void *out, size_t bytes)
{
    (void)context;
    FILE *source = fopen("/dev/urandom", "rb");
    if (source == NULL) return false;
    size_t count = fread(out, 1, bytes, source);
    return fclose(source) == 0 && count == bytes;
}

/* Anything else than WB_OK ends this program with the library's own sentence. */
static void must(wb_status status, const char *what, const struct wb_fault *why)
{
    if (status == WB_OK) return;
    (void)fprintf(stderr, "%s: status %d: %s\n", what, (int)status, why->text);
    exit(1); /* NOLINT(concurrency-mt-unsafe): this program has one thread */
}

static void scan(struct wb *wb, const char *reader, const char *band, int64_t at_us)
{
    struct wb_fault why = {0};
    struct wb_scan seen = {.at_us = at_us, .learnt_us = WB_NO_TIME};
    must(wb_reader_find(wb, reader, strlen(reader), &seen.reader), reader, &why);
    must(wb_band_intern(wb, band, strlen(band), &seen.band), band, &why);
    must(wb_observe(wb, &seen, NULL, &why), "the scan", &why);
}

static void tell(struct wb *wb, const char *question, const struct wb_moment *moment)
{
    struct wb_fault why = {0};
    wb_person ada;
    struct wb_whereabouts where;
    must(wb_person_find(wb, "ada", 3, &ada), "ada", &why);
    must(wb_where(wb, ada, moment, &where), question, &why);
    printf("%-34s %s\n", question, wb_zone_id(wb, where.zone));
}

static void take_scans(struct wb *wb)
{
    struct wb_fault why = {0};
    const struct wb_person_row ada = {
        .id = "ada", .name = "Ada Larch", .groups = "year 9;choir", .notes = ""};

    /* Three facts and a row of the register: one turn, one commit. */
    must(wb_begin(wb, MORNING + MINUTE_US), "begin", &why);
    must(wb_person_put(wb, &ada, NULL, &why), "ada", &why);
    struct wb_pairing pairing = {
        .from_us = MORNING - 60 * MINUTE_US, .until_us = WB_STILL_THERE, .learnt_us = WB_NO_TIME};
    must(wb_person_find(wb, "ada", 3, &pairing.person), "ada", &why);
    must(wb_band_intern(wb, "04:A2:B1:C3", 11, &pairing.band), "her band", &why);
    must(wb_pair(wb, &pairing, NULL, &why), "the pairing", &why);
    scan(wb, "front-door", "04a2b1c3", MORNING);
    must(wb_turn(wb, NULL), "turn", &why); /* it is on disk from here on */

    /* The library door was offline: its scan of 07:10 is learnt at 07:30 only. */
    must(wb_begin(wb, MORNING + 30 * MINUTE_US), "begin", &why);
    scan(wb, "library-door", "04a2b1c3", MORNING + 10 * MINUTE_US);
    must(wb_turn(wb, NULL), "turn", &why);
}

static void ask(struct wb *wb)
{
    int64_t quarter_past = MORNING + 15 * MINUTE_US;
    int64_t noon = MORNING + 300 * MINUTE_US;
    tell(wb, "Where was Ada at 07:15?", &(struct wb_moment){quarter_past, WB_EVERYTHING, noon});
    tell(wb, "What did we believe at 07:15?",
         &(struct wb_moment){quarter_past, quarter_past, quarter_past});

    struct wb_fault why = {0};
    wb_person ada;
    struct wb_stays stays = {0};
    const struct wb_window always = {WB_NO_TIME, WB_STILL_THERE, WB_EVERYTHING, noon};
    must(wb_person_find(wb, "ada", 3, &ada), "ada", &why);
    must(wb_path(wb, ada, &always, &stays), "her path", &why);
    for (size_t i = 0; i < stays.count; i++) {
        const struct wb_stay *stay = &stays.at[i];
        int64_t from_min = (stay->from_us - MORNING) / MINUTE_US;
        if (stay->until_us == WB_STILL_THERE) {
            printf("%s from minute %" PRId64 " on\n", wb_zone_id(wb, stay->zone), from_min);
        } else {
            int64_t stayed_min = (stay->until_us - stay->from_us) / MINUTE_US;
            printf("%s from minute %" PRId64 " for %" PRId64 " minutes\n",
                   wb_zone_id(wb, stay->zone), from_min, stayed_min);
        }
    }
    wb_list_done(&stays);
}

int main(void)
{
    static const char *const old[] = {FILE_NAME, FILE_NAME "-wal", FILE_NAME "-shm"};
    for (size_t i = 0; i < sizeof old / sizeof *old; i++)
        (void)remove(old[i]);

    struct wb *wb = NULL;
    struct wb_fault why = {0};
    const struct wb_options options = {.mode = WB_CREATE, .random = fill_random};
    must(wb_open(FILE_NAME, &options, &wb, &why), FILE_NAME, &why);
    must(wb_describe(wb, site, sizeof site - 1, MORNING, &why), "the site", &why);
    take_scans(wb);
    ask(wb);
    must(wb_close(wb), "close", &why);
    return 0;
}
