/* A person goes for good: nothing of them in the file, the log beside it and copies; nobody of that
 * name in any answer. Whom it leaves as they were is what test/sim holds against the model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "whereabouts.h"

#define MINUTE_US INT64_C(60000000)
#define START_US  INT64_C(1710000000000000)
#define OTHERS    400

static const char SITE[] = "{\"id\":\"s\",\"timezone\":\"UTC\",\"zones\":[{\"id\":\"house\"},"
                           "{\"id\":\"hall\",\"in\":\"house\"}],\"readers\":["
                           "{\"id\":\"hall-door\",\"enter\":\"hall\"},"
                           "{\"id\":\"out\",\"leave\":\"house\"}]}";

#define ALICE "pupil-alice-77"
#define BAND  "ALICES-OWN-BAND"

/* What must not be found afterwards. */
static const char *const traces[] = {
    ALICE,
    BAND,
    "Alicia",
    "Wonderly",
    "Oldname",
    "walnuts",
    "pressed it twice",
    "an hour fast",
    "VERY LONG NOTE",
};

#define TRACES (sizeof traces / sizeof *traces)

struct place {
    char folder[64], path[96], log[104], copy[104];
    struct wb *wb;
    int64_t now_us;
};

static bool some_bytes(void *context, void *out, size_t bytes)
{
    (void)context;
    memset(out, 7, bytes);
    return true;
}

static struct wb *open_file(const char *path, uint32_t mode)
{
    struct wb *wb = NULL;
    struct wb_options options = {.mode = mode, .random = some_bytes};
    assert_int_equal(wb_open(path, &options, &wb, NULL), WB_OK);
    return wb;
}

static int open_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    place->now_us = START_US;
    (void)snprintf(place->folder, sizeof place->folder, "/tmp/whereabouts-erase-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    (void)snprintf(place->path, sizeof place->path, "%s/site.db", place->folder);
    (void)snprintf(place->log, sizeof place->log, "%s-wal", place->path);
    (void)snprintf(place->copy, sizeof place->copy, "%s/copy.db", place->folder);
    place->wb = open_file(place->path, WB_CREATE);
    assert_int_equal(wb_describe(place->wb, SITE, sizeof SITE - 1, START_US, NULL), WB_OK);
    *state = place;
    return 0;
}

static int close_place(void **state)
{
    struct place *place = *state;
    static const char *const endings[] = {"", "-wal", "-shm", "-lock"};
    assert_int_equal(wb_close(place->wb), WB_OK);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char name[128];
        (void)snprintf(name, sizeof name, "%s%s", place->path, endings[i]);
        (void)unlink(name);
        (void)snprintf(name, sizeof name, "%s%s", place->copy, endings[i]);
        (void)unlink(name);
    }
    (void)rmdir(place->folder);
    free(place);
    return 0;
}

/* ---- Telling ---- */

static void begin(struct place *place)
{
    place->now_us += MINUTE_US;
    assert_int_equal(wb_begin(place->wb, place->now_us), WB_OK);
}

static void commit(struct place *place)
{
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
}

static wb_person put_person(struct place *place, const char *id, const char *name,
                            const char *notes)
{
    wb_person person;
    struct wb_person_row row = {.id = id, .name = name, .groups = "all", .notes = notes};
    assert_int_equal(wb_person_put(place->wb, &row, NULL, NULL), WB_OK);
    assert_int_equal(wb_person_find(place->wb, id, strlen(id), &person), WB_OK);
    return person;
}

static wb_band band_of(struct place *place, const char *id)
{
    wb_band band;
    assert_int_equal(wb_band_intern(place->wb, id, strlen(id), &band), WB_OK);
    return band;
}

static wb_reader reader_of(struct place *place, const char *id)
{
    wb_reader reader;
    assert_int_equal(wb_reader_find(place->wb, id, strlen(id), &reader), WB_OK);
    return reader;
}

static void pair(struct place *place, const char *band, wb_person person, int64_t from_us,
                 int64_t until_us)
{
    struct wb_pairing pairing = {band_of(place, band), person, from_us, until_us, WB_NO_TIME};
    assert_int_equal(wb_pair(place->wb, &pairing, NULL, NULL), WB_OK);
}

static void scan(struct place *place, const char *band, int64_t at_us)
{
    struct wb_scan s = {reader_of(place, "hall-door"), band_of(place, band), at_us, WB_NO_TIME,
                        WB_NO_DIRECTION};
    assert_int_equal(wb_observe(place->wb, &s, NULL, NULL), WB_OK);
}

static void look_up(struct place *place, const char *question, const wb_person *people,
                    size_t count)
{
    struct wb_lookup lookup = {.who = "warden",
                               .purpose = "the round",
                               .question = question,
                               .groups = "",
                               .at_us = place->now_us,
                               .as_of_us = place->now_us,
                               .until_us = place->now_us,
                               .zone = {WB_ZONE_EVERY},
                               .people = people,
                               .count = count};
    assert_int_equal(wb_lookup_put(place->wb, &lookup, NULL), WB_OK);
}

static wb_person find(struct place *place, const char *id)
{
    wb_person person = {WB_NONE};
    assert_int_equal(wb_person_find(place->wb, id, strlen(id), &person), WB_OK);
    return person;
}

static void put_others(struct place *place)
{
    char notes[600];
    memset(notes, 'n', sizeof notes - 1);
    notes[sizeof notes - 1] = '\0';
    begin(place);
    for (int i = 0; i < OTHERS; i++) {
        char id[24];
        (void)snprintf(id, sizeof id, "other-%03d", i);
        wb_person other = put_person(place, id, "Some Body", notes + i);
        char band[24];
        (void)snprintf(band, sizeof band, "band-%03d", i);
        pair(place, band, other, WB_NO_TIME, WB_STILL_THERE);
        scan(place, band, place->now_us - i);
    }
    commit(place);
}

static void put_alice(struct place *place)
{
    static char note[9000];
    (void)snprintf(note, sizeof note, "VERY LONG NOTE %0*d", (int)sizeof note - 20, 0);
    begin(place);
    put_person(place, ALICE, "Alice Oldname", "is allergic to walnuts");
    commit(place);
    begin(place);
    wb_person alice = put_person(place, ALICE, "Alicia Wonderly", note);
    pair(place, BAND, alice, WB_NO_TIME, WB_STILL_THERE);
    wb_person bob = find(place, "other-001");
    pair(place, "shared-band", bob, WB_NO_TIME, START_US + 30 * MINUTE_US);
    pair(place, "shared-band", alice, START_US + 30 * MINUTE_US, WB_STILL_THERE);
    scan(place, BAND, place->now_us);
    scan(place, "person:" ALICE, place->now_us - 1);
    scan(place, "shared-band", place->now_us - 2);
    scan(place, BAND, place->now_us + 60 * MINUTE_US); /* an hour fast: quarantined */
    commit(place);
    begin(place);
    assert_int_equal(wb_withdraw(place->wb, reader_of(place, "hall-door"), band_of(place, BAND),
                                 place->now_us - MINUTE_US, WB_EVERY_DIRECTION,
                                 "Alicia pressed it twice", NULL),
                     WB_OK);
    assert_int_equal(wb_release(place->wb, reader_of(place, "hall-door"), WB_NO_TIME,
                                WB_STILL_THERE, -60 * MINUTE_US, "an hour fast for Wonderly", NULL,
                                NULL),
                     WB_OK);
    wb_person both[] = {alice, bob};
    look_up(place, "/v1/people/" ALICE "/path", &alice, 1);
    look_up(place, "/v1/people/" ALICE "/with", both, 2);
    look_up(place, "/v1/bands/" BAND, both, 2);
    look_up(place, "/v1/people?q=alic", both, 2);
    look_up(place, "/v1/now", both, 2);
    commit(place);
    place->now_us = START_US + 40 * MINUTE_US;
}

static struct wb_erasure erase(struct place *place, const char *id)
{
    struct wb_erasure out = {0};
    assert_int_equal(wb_erase_person(place->wb, find(place, id), place->now_us, &out), WB_OK);
    return out;
}

/* ---- Traces in files ---- */

static bool file_holds(const char *path, const char *text)
{
    size_t bytes = strlen(text);
    FILE *file = fopen(path, "rb");
    if (file == NULL) return false;
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    char *all = malloc((size_t)size + 1);
    assert_non_null(all);
    rewind(file);
    assert_int_equal(fread(all, 1, (size_t)size, file), (size_t)size);
    bool found = memmem(all, (size_t)size, text, bytes) != NULL;
    free(all);
    assert_int_equal(fclose(file), 0);
    return found;
}

static void assert_no_trace(const struct place *place, const char *path)
{
    (void)place;
    for (size_t i = 0; i < TRACES; i++) {
        if (file_holds(path, traces[i])) fail_msg("\"%s\" stands in %s", traces[i], path);
    }
}

static void nothing_of_them_stays_in_the_file_its_log_and_copies(void **state)
{
    struct place *place = *state;
    put_others(place);
    put_alice(place);
    put_others(place); /* the entries move from page to page */
    assert_int_equal(wb_idle(place->wb), WB_OK);
    for (size_t i = 0; i < TRACES; i++) {
        bool was = strcmp(traces[i], "Oldname") == 0 || strcmp(traces[i], "walnuts") == 0;
        bool there = file_holds(place->path, traces[i]) || file_holds(place->log, traces[i]);
        if (!there && !was) fail_msg("\"%s\" was not there to be erased", traces[i]);
    }
    struct wb_erasure out = erase(place, ALICE);
    assert_true(out.log_is_empty);
    assert_int_equal(out.bands_gone, 2); /* hers, and the one by her name */
    assert_int_equal(out.bands_kept, 1);
    assert_int_equal(out.lookups, 5);
    assert_int_equal(out.reasons, 2);
    assert_no_trace(place, place->path);
    assert_no_trace(place, place->log);
    assert_int_equal(wb_backup(place->wb, place->copy, NULL, NULL, NULL), WB_OK);
    assert_no_trace(place, place->copy);
    assert_int_equal(wb_close(place->wb), WB_OK);
    assert_no_trace(place, place->path);
    assert_no_trace(place, place->log);
    place->wb = open_file(place->path, WB_WRITE);
    struct wb_verification found;
    assert_int_equal(wb_verify(place->wb, NULL, NULL, &found), WB_OK);
    assert_int_equal(wb_rebuild(place->wb, NULL, NULL), WB_OK);
    assert_int_equal(wb_verify(place->wb, NULL, NULL, &found), WB_OK);
    assert_no_trace(place, place->path);
    assert_no_trace(place, place->log);
}

/* ---- Answers ---- */

static void whoever_has_the_id_next_is_somebody_else(void **state)
{
    struct place *place = *state;
    struct wb_stays stays = {0};
    struct wb_window always = {WB_NO_TIME, WB_STILL_THERE, WB_EVERYTHING,
                               START_US + 99 * MINUTE_US};
    put_others(place);
    put_alice(place);
    wb_person before = find(place, ALICE);
    wb_band band = band_of(place, BAND);
    erase(place, ALICE);
    wb_person after;
    assert_int_equal(wb_person_find(place->wb, ALICE, strlen(ALICE), &after), WB_ENOENT);
    assert_int_equal(wb_path(place->wb, before, &always, &stays), WB_ENOENT);

    begin(place);
    after = put_person(place, ALICE, "Another", "");
    assert_int_not_equal(after.n, before.n);
    assert_int_not_equal(band_of(place, BAND).n, band.n);
    pair(place, BAND, after, WB_NO_TIME, WB_STILL_THERE);
    scan(place, BAND, place->now_us);
    commit(place);
    assert_int_equal(wb_path(place->wb, after, &always, &stays), WB_OK);
    assert_int_equal(stays.count, 1);
    assert_int_equal(stays.at[0].from_us, place->now_us);
    wb_list_done(&stays);
}

static void a_band_that_is_gone_takes_no_facts(void **state)
{
    struct place *place = *state;
    put_others(place);
    put_alice(place);
    wb_band band = band_of(place, BAND);
    erase(place, ALICE);
    begin(place);
    struct wb_scan s = {reader_of(place, "hall-door"), band, place->now_us, WB_NO_TIME,
                        WB_NO_DIRECTION};
    struct wb_pairing pairing = {band, find(place, "other-001"), WB_NO_TIME, WB_STILL_THERE,
                                 WB_NO_TIME};
    assert_int_equal(wb_observe(place->wb, &s, NULL, NULL), WB_EINVAL);
    assert_int_equal(wb_pair(place->wb, &pairing, NULL, NULL), WB_EINVAL);
    wb_abandon(place->wb);
    begin(place);
    assert_int_equal(wb_observe(place->wb, &s, NULL, NULL), WB_EINVAL);
    wb_abandon(place->wb);
}

static void the_time_of_a_band_that_others_wore_is_not_given_away(void **state)
{
    struct place *place = *state;
    struct wb_fault why = {0};
    put_others(place);
    put_alice(place);
    erase(place, ALICE);
    begin(place);
    struct wb_pairing pairing = {band_of(place, "shared-band"), find(place, "other-002"),
                                 START_US + 35 * MINUTE_US, WB_STILL_THERE, WB_NO_TIME};
    assert_int_equal(wb_pair(place->wb, &pairing, NULL, &why), WB_EREFUSED);
    assert_null(strstr(why.text, ALICE));
    pairing.from_us = place->now_us;
    assert_int_equal(wb_pair(place->wb, &pairing, NULL, &why), WB_OK);
    commit(place);
}

struct told {
    size_t records, unasked, named;
};

static bool hear(void *context, int64_t number, const struct wb_lookup *lookup)
{
    struct told *told = context;
    (void)number;
    told->records++;
    told->named += lookup->count;
    told->unasked += lookup->question[0] == '\0';
    return true;
}

static void others_keep_their_log_without_them(void **state)
{
    struct place *place = *state;
    struct told told = {0};
    put_others(place);
    put_alice(place);
    erase(place, ALICE);
    assert_int_equal(
        wb_lookups_of(place->wb, find(place, "other-001"), 0, place->now_us, hear, &told), WB_OK);
    assert_int_equal(told.records, 4);
    assert_int_equal(told.named, 4);   /* each named one person more */
    assert_int_equal(told.unasked, 3); /* all but /v1/now said her name or her band's */
}

static void it_is_for_who_is_there_and_between_turns(void **state)
{
    struct place *place = *state;
    put_others(place);
    put_alice(place);
    wb_person alice = find(place, ALICE);
    begin(place);
    assert_int_equal(wb_erase_person(place->wb, alice, place->now_us, NULL), WB_EINVAL);
    commit(place);
    struct wb *reading = open_file(place->path, WB_READ);
    assert_int_equal(wb_erase_person(reading, alice, place->now_us, NULL), WB_EINVAL);
    assert_int_equal(wb_close(reading), WB_OK);
    assert_int_equal(wb_erase_person(place->wb, (wb_person){999999}, place->now_us, NULL),
                     WB_ENOENT);
    erase(place, ALICE);
    assert_int_equal(wb_erase_person(place->wb, alice, place->now_us, NULL), WB_ENOENT);
}

/* A program that reads holds on to the state that it reads, and so to the log. */
static void while_somebody_reads_the_log_is_emptied_later(void **state)
{
    struct place *place = *state;
    put_others(place);
    put_alice(place);
    struct wb *reading = open_file(place->path, WB_READ);
    struct wb_people people = {0};
    assert_int_equal(wb_people_all(reading, &people), WB_OK);
    size_t before = people.count;
    assert_false(erase(place, ALICE).log_is_empty);
    assert_int_equal(wb_people_all(reading, &people), WB_OK);
    assert_int_equal(people.count, before - 1);
    wb_list_done(&people);
    assert_int_equal(wb_close(reading), WB_OK);
    assert_int_equal(wb_idle(place->wb), WB_OK);
    assert_no_trace(place, place->path);
    assert_no_trace(place, place->log);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_place, close_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_of_them_stays_in_the_file_its_log_and_copies),
        TEST(whoever_has_the_id_next_is_somebody_else),
        TEST(a_band_that_is_gone_takes_no_facts),
        TEST(the_time_of_a_band_that_others_wore_is_not_given_away),
        TEST(others_keep_their_log_without_them),
        TEST(it_is_for_who_is_there_and_between_turns),
        TEST(while_somebody_reads_the_log_is_emptied_later),
    };
    return cmocka_run_group_tests_name("erase", tests, NULL, NULL);
}
