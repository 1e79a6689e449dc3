/* Pairings through the public door: what ends when a band is taken from its person. */
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

#define HOUR_US  INT64_C(3600000000)
#define START_US INT64_C(1710000000000000)

static const char SITE[] = "{\"id\":\"s\",\"timezone\":\"UTC\",\"zones\":[{\"id\":\"hall\"}],"
                           "\"readers\":[{\"id\":\"door\",\"enter\":\"hall\"}]}";

struct place {
    char path[ROOM_PATH_BYTES];
    struct wb *wb;
    wb_person ann, ben;
    wb_band band, other;
};

static int open_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    room_make("site.db", place->path);
    place->wb = site_file_make(place->path, SITE, START_US);
    assert_int_equal(wb_begin(place->wb, START_US), WB_OK);
    place->ann = site_file_person(place->wb, "ann", "");
    place->ben = site_file_person(place->wb, "ben", "");
    assert_int_equal(wb_band_intern(place->wb, "b1", 2, &place->band), WB_OK);
    assert_int_equal(wb_band_intern(place->wb, "b2", 2, &place->other), WB_OK);
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
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

static wb_status pair(struct place *place, wb_person who, int64_t from_us)
{
    struct wb_pairing pairing = {.band = place->band,
                                 .person = who,
                                 .from_us = from_us,
                                 .until_us = WB_STILL_THERE,
                                 .learnt_us = WB_NO_TIME};
    return wb_pair(place->wb, &pairing, NULL, NULL);
}

/* Two pairings of the same person, one inside the other. */
static void pair_twice(struct place *place)
{
    assert_int_equal(wb_begin(place->wb, START_US), WB_OK);
    assert_int_equal(pair(place, place->ann, WB_NO_TIME), WB_OK);
    assert_int_equal(pair(place, place->ann, START_US), WB_OK);
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
}

static wb_verdict verdict_at(struct place *place, int64_t at_us)
{
    wb_reader door;
    wb_verdict verdict = WB_REFUSED;
    assert_int_equal(wb_reader_find(place->wb, "door", 4, &door), WB_OK);
    assert_int_equal(wb_begin(place->wb, START_US + 100 * HOUR_US), WB_OK);
    struct wb_scan scan = {
        .reader = door, .band = place->band, .at_us = at_us, .learnt_us = WB_NO_TIME};
    assert_int_equal(wb_observe(place->wb, &scan, &verdict, NULL), WB_OK);
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
    return verdict;
}

static void an_unpaired_band_is_nobodys_even_if_it_was_paired_twice(void **state)
{
    struct place *place = *state;
    pair_twice(place);
    assert_int_equal(wb_begin(place->wb, START_US + 2 * HOUR_US), WB_OK);
    assert_int_equal(wb_unpair(place->wb, place->band, START_US + HOUR_US, NULL), WB_OK);
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
    assert_int_equal(verdict_at(place, START_US + 2 * HOUR_US), WB_HELD);
    assert_int_equal(verdict_at(place, START_US + HOUR_US / 2), WB_ACCEPTED);
}

static void a_replaced_band_is_nobodys_even_if_it_was_paired_twice(void **state)
{
    struct place *place = *state;
    pair_twice(place);
    assert_int_equal(wb_begin(place->wb, START_US + 2 * HOUR_US), WB_OK);
    assert_int_equal(wb_replace(place->wb, place->band, place->other, START_US + HOUR_US, NULL),
                     WB_OK);
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
    assert_int_equal(verdict_at(place, START_US + 2 * HOUR_US), WB_HELD);
}

static void an_unpairing_where_one_begins_is_refused_whole(void **state)
{
    struct place *place = *state;
    pair_twice(place);
    struct wb_fault why = {0};
    assert_int_equal(wb_begin(place->wb, START_US + 2 * HOUR_US), WB_OK);
    assert_int_equal(wb_unpair(place->wb, place->band, START_US, &why), WB_EREFUSED);
    assert_non_null(strstr(why.text, "begins at that very time"));
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
    assert_int_equal(verdict_at(place, START_US - HOUR_US), WB_ACCEPTED);
}

static void somebody_elses_band_cannot_be_paired(void **state)
{
    struct place *place = *state;
    pair_twice(place);
    assert_int_equal(wb_begin(place->wb, START_US + HOUR_US), WB_OK);
    assert_int_equal(pair(place, place->ben, START_US + HOUR_US), WB_EREFUSED);
    wb_abandon(place->wb);
    assert_int_equal(verdict_at(place, START_US + 2 * HOUR_US), WB_ACCEPTED);
}

/* The band that stands for somebody's name, when the turn that registered them is dropped. */
static void a_name_that_was_dropped_is_nobodys_again(void **state)
{
    struct place *place = *state;
    static const char name[] = "person:cleo";
    wb_band band;
    assert_int_equal(wb_band_intern(place->wb, name, sizeof name - 1, &band), WB_EREFUSED);
    assert_int_equal(wb_begin(place->wb, START_US), WB_OK);
    (void)site_file_person(place->wb, "cleo", "");
    assert_int_equal(wb_band_intern(place->wb, name, sizeof name - 1, &band), WB_OK);
    wb_abandon(place->wb);
    assert_int_equal(wb_band_intern(place->wb, name, sizeof name - 1, &band), WB_EREFUSED);

    assert_int_equal(wb_begin(place->wb, START_US), WB_OK);
    (void)site_file_person(place->wb, "cleo", "");
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
    assert_int_equal(wb_band_intern(place->wb, name, sizeof name - 1, &place->band), WB_OK);
    assert_int_equal(verdict_at(place, START_US), WB_ACCEPTED);
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, open_place, close_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(an_unpaired_band_is_nobodys_even_if_it_was_paired_twice),
        WITH_PLACE(a_replaced_band_is_nobodys_even_if_it_was_paired_twice),
        WITH_PLACE(an_unpairing_where_one_begins_is_refused_whole),
        WITH_PLACE(somebody_elses_band_cannot_be_paired),
        WITH_PLACE(a_name_that_was_dropped_is_nobodys_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
