/* What is kept of questions asked lately does not outlive what is learnt. */
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

static const char SITE[] =
    "{\"id\":\"s\",\"timezone\":\"UTC\",\"zones\":[{\"id\":\"hall\"},{\"id\":\"yard\"}],"
    "\"readers\":[{\"id\":\"door\",\"enter\":\"hall\"},{\"id\":\"gate\",\"enter\":\"yard\"}]}";

struct place {
    char folder[64];
    char path[96];
    struct wb *wb;
    wb_person ann;
    wb_band band;
};

static bool fixed_bytes(void *context, void *out, size_t bytes)
{
    (void)context;
    memset(out, 7, bytes);
    return true;
}

static int open_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    (void)snprintf(place->folder, sizeof place->folder, "/tmp/whereabouts-stays-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    (void)snprintf(place->path, sizeof place->path, "%s/site.db", place->folder);
    struct wb_options options = {.mode = WB_CREATE, .random = fixed_bytes};
    assert_int_equal(wb_open(place->path, &options, &place->wb, NULL), WB_OK);
    assert_int_equal(wb_describe(place->wb, SITE, sizeof SITE - 1, START_US, NULL), WB_OK);
    assert_int_equal(wb_begin(place->wb, START_US), WB_OK);
    struct wb_person_row row = {.id = "ann", .name = "", .groups = "", .notes = ""};
    assert_int_equal(wb_person_put(place->wb, &row, NULL, NULL), WB_OK);
    assert_int_equal(wb_person_find(place->wb, "ann", 3, &place->ann), WB_OK);
    assert_int_equal(wb_band_intern(place->wb, "b1", 2, &place->band), WB_OK);
    struct wb_pairing pairing = {.band = place->band,
                                 .person = place->ann,
                                 .from_us = WB_NO_TIME,
                                 .until_us = WB_STILL_THERE,
                                 .learnt_us = WB_NO_TIME};
    assert_int_equal(wb_pair(place->wb, &pairing, NULL, NULL), WB_OK);
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
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
    }
    (void)rmdir(place->folder);
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
    wb_zone zone;
    struct wb_people people = {0};
    struct wb_moment moment = {.as_of_us = START_US + at_minute * MINUTE_US,
                               .known_us = START_US + known_minute * MINUTE_US};
    assert_int_equal(wb_zone_find(place->wb, name, strlen(name), &zone), WB_OK);
    assert_int_equal(wb_inside(place->wb, zone, &moment, &people), WB_OK);
    size_t count = people.count;
    wb_list_done(&people);
    return count;
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
