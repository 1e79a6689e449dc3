/* A changed description: what folds the past as before folds nothing anew; what does not is folded
 * beside, piece by piece, while facts are taken, and swapped in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "room.h"
#include "site_file.h"
#include "whereabouts.h"

#define MINUTE_US INT64_C(60000000)
#define START_US  INT64_C(1710000000000000)
#define SCANS     20000

#define ZONES "\"zones\":[{\"id\":\"hall\"},{\"id\":\"yard\"}],"
#define HEAD  "{\"id\":\"s\",\"timezone\":\"UTC\","

static const char SITE[] =
    HEAD ZONES "\"readers\":[{\"id\":\"door\",\"enter\":\"hall\"},"
               "{\"id\":\"gate\",\"leave\":\"hall\"},{\"id\":\"spare\",\"enter\":\"hall\"}]}";

static const char OTHER[] =
    HEAD ZONES "\"readers\":[{\"id\":\"door\",\"enter\":\"yard\"},"
               "{\"id\":\"gate\",\"leave\":\"hall\"},{\"id\":\"spare\",\"enter\":\"hall\"},"
               "{\"id\":\"new\",\"enter\":\"yard\"}]}";

struct place {
    char path[ROOM_PATH_BYTES];
    struct wb *wb;
    int64_t now_us;
    wb_person ann;
    wb_band band;
};

static bool random_bytes(void *context, void *out, size_t bytes)
{
    (void)context;
    memset(out, 7, bytes);
    return true;
}

static void open_stepping(struct place *place)
{
    struct wb_options options = {.mode = WB_WRITE, .random = random_bytes, .idles = true};
    assert_int_equal(wb_open(place->path, &options, &place->wb, NULL), WB_OK);
}

static void scan(struct place *place, const char *reader, wb_verdict expected)
{
    struct wb_scan one = {.band = place->band, .at_us = place->now_us, .learnt_us = WB_NO_TIME};
    wb_verdict verdict;
    assert_int_equal(wb_reader_find(place->wb, reader, strlen(reader), &one.reader), WB_OK);
    assert_int_equal(wb_observe(place->wb, &one, &verdict, NULL), WB_OK);
    assert_int_equal(verdict, expected);
}

static int open_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    room_make("site.db", place->path);
    place->wb = site_file_make(place->path, SITE, START_US);
    assert_int_equal(wb_begin(place->wb, START_US + SCANS * MINUTE_US / 100), WB_OK);
    place->ann = site_file_person(place->wb, "ann", "");
    place->band = site_file_wears(place->wb, place->ann, "b1");
    for (int i = 0; i < SCANS; i++) {
        place->now_us = START_US + i * MINUTE_US / 100;
        scan(place, i % 2 == 0 ? "door" : "gate", WB_ACCEPTED);
    }
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
    assert_int_equal(wb_close(place->wb), WB_OK);
    open_stepping(place);
    *state = place;
    return 0;
}

static int close_place(void **state)
{
    struct place *place = *state;
    assert_int_equal(wb_close(place->wb), WB_OK);
    room_remove(place->path);
    free(place);
    return 0;
}

static void describe(struct place *place, const char *json)
{
    place->now_us += MINUTE_US;
    assert_int_equal(wb_describe(place->wb, json, strlen(json), place->now_us, NULL), WB_OK);
}

static bool is_folding(const struct place *place)
{
    double done = -1;
    bool folding = wb_is_folding(place->wb, &done);
    if (folding) assert_true(done >= 0 && done <= 1);
    return folding;
}

/* Steps until something has to come to the disk, or count are done. */
static size_t step(struct place *place, size_t count)
{
    enum wb_idle_next next = WB_IDLE_MORE;
    size_t steps = 0;
    while (steps < count && next != WB_IDLE_DONE) {
        assert_int_equal(wb_idle_step(place->wb, &next), WB_OK);
        if (next == WB_IDLE_SYNC) {
            assert_int_equal(wb_idle_sync(place->wb), WB_OK);
            assert_int_equal(wb_idle_end(place->wb), WB_OK);
        }
        steps++;
    }
    return steps;
}

static size_t count_of(struct place *place, struct wb *wb, const char *zone)
{
    /* Just after the first scan, which came in at the door. */
    struct wb_moment moment = {START_US + 1, WB_EVERYTHING, place->now_us};
    struct wb_people people = {0};
    wb_zone found;
    assert_int_equal(wb_zone_find(wb, zone, strlen(zone), &found), WB_OK);
    assert_int_equal(wb_inside(wb, found, &moment, &people), WB_OK);
    size_t count = people.count;
    wb_list_done(&people);
    return count;
}

static void assert_sound(struct place *place)
{
    struct wb_verification found = {0};
    assert_int_equal(wb_verify(place->wb, NULL, NULL, &found), WB_OK);
    assert_int_equal(found.faults, 0);
}

static void what_folds_alike_folds_nothing_anew(void **state)
{
    struct place *place = *state;
    static const char *const alike[] = {
        /* names, capacities, purposes */
        "{\"id\":\"s\",\"name\":\"School\",\"timezone\":\"UTC\",\"policy\":{\"heartbeat\":\"1m\"},"
        "\"zones\":[{\"id\":\"hall\",\"name\":\"Hall\",\"capacity\":9},{\"id\":\"yard\"}],"
        "\"readers\":[{\"id\":\"door\",\"enter\":\"hall\",\"purpose\":\"muster\"},"
        "{\"id\":\"gate\",\"leave\":\"hall\"},{\"id\":\"spare\",\"enter\":\"hall\"}]}",
        /* a new zone and a new reader */
        HEAD "\"zones\":[{\"id\":\"hall\"},{\"id\":\"yard\"},{\"id\":\"loft\",\"in\":\"hall\"}],"
             "\"readers\":[{\"id\":\"door\",\"enter\":\"hall\"},{\"id\":\"gate\",\"leave\":"
             "\"hall\"},{\"id\":\"spare\",\"enter\":\"hall\"},{\"id\":\"stair\",\"enter\":\"loft\"}"
             "]}",
        /* of a zone and readers that nobody came to */
        HEAD "\"zones\":[{\"id\":\"hall\"},{\"id\":\"yard\",\"in\":\"hall\",\"forget_after\":"
             "\"5m\"},{\"id\":\"loft\"}],"
             "\"readers\":[{\"id\":\"door\",\"enter\":\"hall\"},{\"id\":\"gate\",\"leave\":"
             "\"hall\"},{\"id\":\"spare\",\"leave\":\"yard\"}]}",
    };
    for (size_t i = 0; i < sizeof alike / sizeof *alike; i++) {
        describe(place, alike[i]);
        assert_false(is_folding(place));
        assert_true(step(place, 100) < 20);
    }
    assert_int_equal(count_of(place, place->wb, "hall"), 1);
    assert_sound(place);
}

static void until_the_swap_answers_are_the_old_ones(void **state)
{
    struct place *place = *state;
    describe(place, OTHER);
    assert_true(is_folding(place));
    size_t steps = 0;
    while (is_folding(place)) {
        assert_int_equal(count_of(place, place->wb, "hall"), 1);
        assert_int_equal(count_of(place, place->wb, "yard"), 0);
        steps += step(place, 1);
        assert_true(steps < 10000);
    }
    assert_true(steps > 4);
    assert_int_equal(count_of(place, place->wb, "hall"), 0);
    assert_int_equal(count_of(place, place->wb, "yard"), 1);
    (void)step(place, 1000);
    assert_sound(place);
}

static void scans_of_a_new_reader_are_taken_meanwhile(void **state)
{
    struct place *place = *state;
    describe(place, OTHER);
    (void)step(place, 5);
    assert_true(is_folding(place));
    assert_int_equal(wb_begin(place->wb, place->now_us + MINUTE_US), WB_OK);
    place->now_us += MINUTE_US;
    scan(place, "new", WB_ACCEPTED);
    scan(place, "new", WB_DUPLICATE);
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
    for (int i = 0; i < 2; i++) {
        struct wb_whereabouts where;
        struct wb_moment moment = {place->now_us, WB_EVERYTHING, place->now_us};
        assert_int_equal(wb_where(place->wb, place->ann, &moment, &where), WB_OK);
        assert_string_equal(wb_zone_id(place->wb, where.zone), "yard");
        (void)step(place, 10000);
        assert_false(is_folding(place));
    }
    assert_sound(place);
}

static void a_reading_handle_gives_the_same_answers_meanwhile(void **state)
{
    struct place *place = *state;
    struct wb_options options = {.mode = WB_READ};
    struct wb *beside = NULL;
    describe(place, OTHER);
    (void)step(place, 8);
    assert_true(is_folding(place));
    assert_int_equal(wb_open(place->path, &options, &beside, NULL), WB_OK);
    assert_int_equal(count_of(place, beside, "hall"), 1);
    (void)step(place, 10000);
    assert_false(is_folding(place));
    assert_int_equal(count_of(place, beside, "hall"), 0);
    assert_int_equal(count_of(place, beside, "yard"), 1);
    assert_int_equal(wb_close(beside), WB_OK);
}

static void what_was_not_finished_is_begun_anew_when_opened(void **state)
{
    struct place *place = *state;
    describe(place, OTHER);
    for (size_t steps = 1; steps < 60; steps += 6) {
        (void)step(place, steps);
        bool folding = is_folding(place);
        assert_int_equal(wb_close(place->wb), WB_OK);
        open_stepping(place);
        assert_int_equal(is_folding(place), folding);
        assert_int_equal(count_of(place, place->wb, "hall"), folding ? 1 : 0);
        assert_sound(place);
    }
    /* Who does not step finishes it. */
    assert_int_equal(wb_close(place->wb), WB_OK);
    struct wb_options options = {.mode = WB_WRITE, .random = random_bytes};
    assert_int_equal(wb_open(place->path, &options, &place->wb, NULL), WB_OK);
    assert_false(is_folding(place));
    assert_int_equal(count_of(place, place->wb, "yard"), 1);
    assert_sound(place);
}

static void another_description_begins_it_anew_or_ends_it(void **state)
{
    struct place *place = *state;
    describe(place, OTHER);
    (void)step(place, 10);
    assert_true(is_folding(place));
    describe(place, SITE);
    assert_false(is_folding(place));
    assert_int_equal(count_of(place, place->wb, "hall"), 1);
    describe(place, OTHER);
    assert_true(is_folding(place));
    assert_int_equal(wb_refold(place->wb, NULL, NULL), WB_OK);
    assert_false(is_folding(place));
    assert_int_equal(count_of(place, place->wb, "yard"), 1);
    assert_sound(place);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_place, close_place)
    const struct CMUnitTest tests[] = {
        CASE(what_folds_alike_folds_nothing_anew),
        CASE(until_the_swap_answers_are_the_old_ones),
        CASE(scans_of_a_new_reader_are_taken_meanwhile),
        CASE(a_reading_handle_gives_the_same_answers_meanwhile),
        CASE(what_was_not_finished_is_begun_anew_when_opened),
        CASE(another_description_begins_it_anew_or_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
