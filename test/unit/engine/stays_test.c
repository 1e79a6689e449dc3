/* What is kept of questions asked lately does not outlive what is learnt. */
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

static const char SITE[] =
    "{\"id\":\"s\",\"timezone\":\"UTC\",\"zones\":[{\"id\":\"hall\"},{\"id\":\"yard\"}],"
    "\"readers\":[{\"id\":\"door\",\"enter\":\"hall\"},{\"id\":\"gate\",\"enter\":\"yard\"}]}";

struct place {
    char path[ROOM_PATH_BYTES];
    struct wb *wb;
    wb_person ann;
    wb_band band;
};

static int open_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    room_make("site.db", place->path);
    place->wb = site_file_make(place->path, SITE, START_US);
    assert_int_equal(wb_begin(place->wb, START_US), WB_OK);
    place->ann = site_file_person(place->wb, "ann", "");
    place->band = site_file_wears(place->wb, place->ann, "b1");
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

/* Minutes are those since the start. */
static void see(struct place *place, const char *reader, int64_t at_minute, int64_t now_minute,
                int64_t learnt_us)
{
    wb_verdict verdict;
    struct wb_scan scan = {
        .band = place->band, .at_us = START_US + at_minute * MINUTE_US, .learnt_us = learnt_us};
    assert_int_equal(wb_reader_find(place->wb, reader, strlen(reader), &scan.reader), WB_OK);
    assert_int_equal(wb_begin(place->wb, START_US + now_minute * MINUTE_US), WB_OK);
    assert_int_equal(wb_observe(place->wb, &scan, &verdict, NULL), WB_OK);
    assert_int_equal(verdict, WB_ACCEPTED);
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
}

static size_t inside(struct place *place, const char *name, int64_t at_minute, int64_t known_minute)
{
    return site_file_inside(place->wb, name, START_US + at_minute * MINUTE_US,
                            START_US + known_minute * MINUTE_US);
}

/* A scan can be learnt by somebody else long before it is told here. */
static void a_belief_that_was_asked_for_takes_in_what_is_told_later(void **state)
{
    struct place *place = *state;
    see(place, "door", 600, 600, WB_NO_TIME);
    see(place, "gate", 605, 720, WB_NO_TIME);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(inside(place, "hall", 630, 660), 1);
        assert_int_equal(inside(place, "yard", 630, 660), 0);
    }
    see(place, "gate", 610, 780, START_US + 625 * MINUTE_US);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(inside(place, "hall", 630, 660), 0);
        assert_int_equal(inside(place, "yard", 630, 660), 1);
        assert_int_equal(inside(place, "hall", 630, 620), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_belief_that_was_asked_for_takes_in_what_is_told_later,
                                        open_place, close_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
