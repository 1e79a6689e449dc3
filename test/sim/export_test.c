/* What is exported and taken in again gives byte-equal answers.
 *
 * A random site is told scans that are late, early, repeated, of nobody's bands or by wrong clocks;
 * its export is taken in by the program, `import scans --trust-learnt`, into a new file with the
 * same site, people and bands. In both the same scans are then withdrawn, the same readers
 * released, and the same questions asked, also as known before.
 *
 *   export_test             some seeds
 *   export_test --seed S    one seed */
#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "answer/answer.h"
#include "base/list.h"
#include "room.h"
#include "site_text.h"
#include "story_site.h"

#define SEEDS      24
#define SECOND_US  STORY_SECOND_US
#define DAY_US     (86400 * SECOND_US)
#define BEGIN_US   (INT64_C(1714521600) * SECOND_US) /* 2024-05-01 */
#define END_US     (BEGIN_US + 3 * DAY_US)
#define MUCH_LATER (INT64_C(4102444800) * SECOND_US) /* 2100: after any run of this test */
#define PEOPLE     9
#define BANDS      14
#define SCANS      600
#define TURNS      40
#define QUESTIONS  150

static const char *const people[PEOPLE] = {"ann",  "bob",  "Zoë", "o'neil", "x y",
                                           "a\"b", "emil", "é",   "42"};
static const char *const bands[BANDS] = {"b1",    "04:a2:2b:33", "ann", "de:ad:be:ef", "b,2",
                                         "\"q\"", " b3",         "ü",   "person:bob",  "person:x y",
                                         "b\\4",  "b5",          "b6",  "tiddlywink"};

struct trip {
    struct chance chance;
    struct story story;
    const struct model_site *site;
    struct wb *wb;

    struct told {
        int reader, band, direction;
        int64_t at_us;
    } told[SCANS];

    size_t told_count;
};

static void must(wb_status status)
{
    if (status == WB_OK) return;
    (void)fprintf(stderr, "status %d\n", (int)status);
    abort();
}

static struct wb *open_file(struct trip *trip, const char *path, uint32_t mode)
{
    struct wb *wb = NULL;
    struct wb_options options = {
        .mode = mode, .random = chance_fill, .random_context = &trip->chance};
    must(wb_open(path, &options, &wb, NULL));
    return wb;
}

static wb_reader reader_of(struct wb *wb, const struct trip *trip, int reader)
{
    const char *id = trip->site->readers[reader].id;
    wb_reader out;
    must(wb_reader_find(wb, id, strlen(id), &out));
    return out;
}

static wb_band band_of(struct wb *wb, int band)
{
    wb_band out;
    must(wb_band_intern(wb, bands[band], strlen(bands[band]), &out));
    return out;
}

/* ---- What both files have from the beginning ---- */

static void put_people(struct wb *wb)
{
    for (int i = 0; i < PEOPLE; i++) {
        struct wb_person_row row = {.id = people[i], .name = "", .groups = "", .notes = ""};
        must(wb_person_put(wb, &row, NULL, NULL));
    }
}

/* A band may be somebody's for a while, or always; some are nobody's, some change hands. */
static void put_pairings(struct wb *wb, uint64_t seed)
{
    struct chance chance = {seed};
    for (int i = 0; i < BANDS; i++) {
        wb_person person;
        const char *id = people[chance_below(&chance, PEOPLE)];
        int64_t until_us = chance_percent(&chance, 50)
                               ? chance_between(&chance, BEGIN_US + 1, END_US)
                               : WB_STILL_THERE;
        if (chance_percent(&chance, 30) || strncmp(bands[i], "person:", 7) == 0) continue;
        must(wb_person_find(wb, id, strlen(id), &person));
        struct wb_pairing pairing = {band_of(wb, i), person, WB_NO_TIME, until_us,
                                     chance_between(&chance, BEGIN_US, END_US)};
        must(wb_pair(wb, &pairing, NULL, NULL));
    }
}

static void begin_file(struct trip *trip, const char *path, uint64_t seed)
{
    char *json = site_text(trip->site);
    struct wb *wb = open_file(trip, path, WB_CREATE);
    must(wb_describe(wb, json, strlen(json), BEGIN_US, NULL));
    must(wb_begin(wb, BEGIN_US + 1));
    put_people(wb);
    must(wb_turn(wb, NULL));
    must(wb_begin(wb, END_US));
    put_pairings(wb, seed);
    must(wb_turn(wb, NULL));
    must(wb_close(wb));
    free(json);
}

/* ---- Scans ---- */

static struct told draw_scan(struct trip *trip)
{
    struct chance *chance = &trip->chance;
    if (trip->told_count > 0 && chance_percent(chance, 15)) {
        return trip->told[chance_below(chance, (int)trip->told_count)]; /* once more */
    }
    struct told told = {.reader = chance_below(chance, (int)trip->site->reader_count),
                        .band = chance_below(chance, BANDS),
                        .direction = chance_below(chance, 3),
                        .at_us = chance_between(chance, BEGIN_US, END_US)};
    if (chance_percent(chance, 60)) told.at_us -= told.at_us % (600 * SECOND_US);
    if (chance_percent(chance, 5)) told.at_us += 400 * DAY_US; /* its clock is wrong */
    if (chance_percent(chance, 2)) told.at_us = chance_between(chance, -DAY_US, DAY_US);
    if (trip->told_count < SCANS) trip->told[trip->told_count++] = told;
    return told;
}

static void tell_scans(struct trip *trip, struct wb *wb)
{
    for (int turn = 0; turn < TURNS; turn++) {
        must(wb_begin(wb, END_US + (turn + 1) * SECOND_US));
        for (int i = 0; i < SCANS / TURNS; i++) {
            struct told told = draw_scan(trip);
            int64_t learnt_us = told.at_us + chance_between(&trip->chance, 0, DAY_US);
            if (chance_percent(&trip->chance, 50)) learnt_us = WB_NO_TIME;
            struct wb_scan scan = {.reader = reader_of(wb, trip, told.reader),
                                   .band = band_of(wb, told.band),
                                   .at_us = told.at_us,
                                   .learnt_us = learnt_us,
                                   .direction = (wb_direction)told.direction};
            must(wb_observe(wb, &scan, NULL, NULL));
        }
        must(wb_turn(wb, NULL));
    }
}

/* ---- There and back ---- */

static void export_to(struct trip *trip, const char *from, const char *to,
                      enum answer_scans_form form)
{
    struct wb *wb = open_file(trip, from, WB_READ);
    struct wb_scans *scans = NULL;
    struct wb_scans_slice slice = {0};
    struct answer_rows rows = {0};
    must(answer_scans_head(form, &rows));
    must(wb_scans_open(wb, WB_NO_TIME, WB_STILL_THERE, &scans));
    while (!slice.done) {
        must(wb_scans_next(scans, &slice));
        must(answer_scans(wb, slice.at, slice.count, form, &rows));
    }
    wb_scans_close(scans);
    must(wb_close(wb));
    FILE *out = fopen(to, "w");
    assert(out != NULL);
    assert(fwrite(rows.at, 1, rows.count, out) == rows.count);
    assert(fclose(out) == 0);
    LIST_DONE(&rows);
}

static const char *program;

static void import_from(const char *into, const char *from)
{
    const char *words[] = {program,          "--data", into, "import", "scans",
                           "--trust-learnt", "--json", from, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status;
    assert(posix_spawn_file_actions_init(&actions) == 0);
    assert(posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0) == 0);
    int spawned = posix_spawn(&child, program, &actions, NULL, (char **)words, environ);
    assert(spawned == 0);
    assert(posix_spawn_file_actions_destroy(&actions) == 0);
    pid_t ended = waitpid(child, &status, 0);
    assert(ended == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* The same corrections in both, when all scans are there. Returns which were refused. */
static uint64_t correct(struct trip *trip, const char *path, uint64_t seed)
{
    struct chance chance = {seed ^ 77};
    uint64_t refused = 0;
    struct wb *wb = open_file(trip, path, WB_WRITE);
    must(wb_begin(wb, MUCH_LATER));
    for (int i = 0; i < 12; i++) {
        const struct told *told = &trip->told[chance_below(&chance, (int)trip->told_count)];
        wb_status status =
            wb_withdraw(wb, reader_of(wb, trip, told->reader), band_of(wb, told->band), told->at_us,
                        WB_EVERY_DIRECTION, "wrong", NULL);
        assert(status == WB_OK || status == WB_EREFUSED);
        refused = refused << 1 | (status == WB_EREFUSED);
    }
    for (int r = 0; r < (int)trip->site->reader_count; r += 2) {
        wb_status status = wb_release(wb, reader_of(wb, trip, r), WB_NO_TIME, WB_STILL_THERE,
                                      -400 * DAY_US, "clock", NULL, NULL);
        assert(status == WB_OK || status == WB_EREFUSED);
        refused = refused << 1 | (status == WB_EREFUSED);
    }
    must(wb_turn(wb, NULL));
    must(wb_close(wb));
    return refused;
}

/* ---- Questions ---- */

static int64_t draw_known(struct chance *chance)
{
    int way = chance_below(chance, 4);
    if (way == 0) return chance_between(chance, BEGIN_US, END_US + DAY_US);
    return way == 1 ? MUCH_LATER - 1 : WB_EVERYTHING;
}

static struct question draw_question(struct trip *trip, struct chance *chance)
{
    struct question q = {.kind = (enum question_kind)chance_below(chance, ASK_KINDS)};
    const struct model_site *site = trip->site;
    q.person = people[chance_below(chance, PEOPLE)];
    q.zone = chance_percent(chance, 80) && site->zone_count > 0
                 ? site->zones[chance_below(chance, (int)site->zone_count)].id
             : chance_percent(chance, 50) ? "outside"
                                          : "unknown";
    q.as_of_us = chance_between(chance, BEGIN_US, END_US);
    q.known_us = draw_known(chance);
    q.asked_us = q.known_us == WB_EVERYTHING ? MUCH_LATER + DAY_US : q.known_us;
    q.window = (struct wb_window){q.as_of_us, q.as_of_us + DAY_US, q.known_us, q.asked_us};
    q.every_us = 3600 * SECOND_US;
    return q;
}

static bool answers_are_equal(struct trip *trip, const char *one, const char *other, uint64_t seed)
{
    struct wb *a = open_file(trip, one, WB_READ);
    struct wb *b = open_file(trip, other, WB_READ);
    struct chance chance = {seed ^ 4711};
    bool equal = true;
    for (int i = 0; i < QUESTIONS && equal; i++) {
        struct question q = draw_question(trip, &chance);
        char *said = question_ask_library(a, &q);
        char *again = question_ask_library(b, &q);
        equal = strcmp(said, again) == 0;
        if (!equal) {
            question_print(&q);
            printf("---- the first ----\n%s---- the second ----\n%s", said, again);
        }
        free(said);
        free(again);
    }
    must(wb_close(a));
    must(wb_close(b));
    return equal;
}

/* ---- */

static bool seed_holds(uint64_t seed, const char *one, const char *other, const char *rows)
{
    struct trip *trip = calloc(1, sizeof *trip);
    assert(trip != NULL);
    trip->chance.state = seed;
    int site = story_site_draw(&trip->story, &trip->chance, SECOND_US);
    trip->site = &trip->story.sites[site];
    begin_file(trip, one, seed);
    begin_file(trip, other, seed);
    struct wb *wb = open_file(trip, one, WB_WRITE);
    tell_scans(trip, wb);
    must(wb_close(wb));
    export_to(trip, one, rows, seed % 2 == 0 ? ANSWER_SCANS_CSV : ANSWER_SCANS_NDJSON);
    import_from(other, rows);
    bool equal = correct(trip, one, seed) == correct(trip, other, seed);
    equal = equal && answers_are_equal(trip, one, other, seed);
    if (!equal) printf("seed %" PRIu64 ": what was taken back is not the same\n", seed);
    story_done(&trip->story);
    free(trip);
    room_remove_file(one);
    room_remove_file(other);
    return equal;
}

int main(int count, char **arguments)
{
    char one[ROOM_PATH_BYTES];
    char other[ROOM_PATH_BYTES + 8];
    char rows[ROOM_PATH_BYTES + 8];
    uint64_t first = 1;
    uint64_t seeds = SEEDS;
    if (count == 3 && strcmp(arguments[1], "--seed") == 0) {
        first = strtoull(arguments[2], NULL, 10);
        seeds = 1;
    }
    program = getenv("WHEREABOUTS"); /* NOLINT(concurrency-mt-unsafe): nobody changes it */
    if (program == NULL) {
        puts("WHEREABOUTS is not the path of the program");
        return 1;
    }
    room_make("one.db", one);
    (void)snprintf(other, sizeof other, "%s.two", one);
    (void)snprintf(rows, sizeof rows, "%s.rows", one);
    bool hold = true;
    for (uint64_t i = 0; i < seeds && hold; i++)
        hold = seed_holds(first + i, one, other, rows);
    (void)remove(rows);
    room_remove(one);
    if (hold) printf("%" PRIu64 " sites, exported and taken back: the same answers\n", seeds);
    return hold ? 0 : 1;
}
