/* Scans that are learnt in another order than that in which they happened. */
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

#define SECOND_US INT64_C(1000000)
#define START_US  INT64_C(1710000000000000)

/* Whoever comes through the arch is put into the yard, or from there into the attic. */
#define SITE(more)                                                                            \
    "{\"id\":\"s\",\"timezone\":\"UTC\",\"policy\":{\"debounce\":\"10m\"},"                   \
    "\"zones\":[{\"id\":\"hall\"},{\"id\":\"yard\"},{\"id\":\"attic\"}" more "],"             \
    "\"readers\":[{\"id\":\"door\",\"enter\":\"hall\"},{\"id\":\"gate\",\"enter\":\"yard\"}," \
    "{\"id\":\"arch\",\"between\":[\"attic\",\"yard\"]}]}"

struct place {
    char path[ROOM_PATH_BYTES];
    struct wb *wb;
};

static void describe(struct place *place, const char *site, int64_t at_s)
{
    assert_int_equal(wb_describe(place->wb, site, strlen(site), START_US + at_s * SECOND_US, NULL),
                     WB_OK);
}

static int open_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    room_make("site.db", place->path);
    place->wb = site_file_open(place->path, WB_CREATE);
    describe(place, SITE(""), 0);
    assert_int_equal(wb_begin(place->wb, START_US), WB_OK);
    (void)site_file_person(place->wb, "ann", "");
    (void)site_file_person(place->wb, "ben", "");
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

/* Times are seconds since the start. */
static void observe(struct place *place, const char *reader, const char *band, int64_t at_s)
{
    wb_verdict verdict;
    struct wb_scan scan = {.at_us = START_US + at_s * SECOND_US, .learnt_us = WB_NO_TIME};
    assert_int_equal(wb_reader_find(place->wb, reader, strlen(reader), &scan.reader), WB_OK);
    assert_int_equal(wb_band_intern(place->wb, band, strlen(band), &scan.band), WB_OK);
    assert_int_equal(wb_observe(place->wb, &scan, &verdict, NULL), WB_OK);
    assert_int_equal(verdict, WB_ACCEPTED);
}

static void see(struct place *place, const char *reader, int64_t at_s, int64_t learnt_s)
{
    assert_int_equal(wb_begin(place->wb, START_US + learnt_s * SECOND_US), WB_OK);
    observe(place, reader, "person:ann", at_s);
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
}

static size_t inside(struct place *place, const char *name, int64_t at_s, int64_t known_s)
{
    return site_file_inside(place->wb, name, START_US + at_s * SECOND_US,
                            START_US + known_s * SECOND_US);
}

/* Ann was in the yard, then in the hall, then came through the arch: into the yard. Who did not
 * know of the hall yet saw her go into the attic, where she never was. */
static void a_scan_can_be_known_before_an_earlier_one(void **state)
{
    struct place *place = *state;
    see(place, "gate", 1000, 1000);
    see(place, "arch", 2010, 2010);
    see(place, "door", 2000, 2030);
    assert_int_equal(inside(place, "attic", 2015, 2020), 1);
    assert_int_equal(inside(place, "yard", 2015, 2020), 0);
    assert_int_equal(inside(place, "hall", 2005, 2020), 0);
    assert_int_equal(inside(place, "yard", 2005, 2020), 1);
    assert_int_equal(inside(place, "attic", 2015, 2040), 0);
    assert_int_equal(inside(place, "yard", 2015, 2040), 1);
}

/* What shows where somebody is, after a late scan, may have been on its way itself. */
static void a_scan_that_ends_a_doubt_can_be_unknown(void **state)
{
    struct place *place = *state;
    see(place, "gate", 1000, 1000);
    assert_int_equal(wb_begin(place->wb, START_US + 5010 * SECOND_US), WB_OK);
    observe(place, "door", "person:ann", 1500);
    observe(place, "door", "person:ann", 5000);
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
    assert_int_equal(inside(place, "yard", 5005, 5005), 1);
    assert_int_equal(inside(place, "hall", 5005, 5005), 0);
    assert_int_equal(inside(place, "yard", 5005, 5010), 0);
}

/* Zones can become more between two questions, though nobody moves. */
static void a_zone_can_be_new(void **state)
{
    struct place *place = *state;
    see(place, "gate", 1000, 1000);
    see(place, "door", 1500, 9000);
    assert_int_equal(inside(place, "yard", 2000, 2000), 1);
    describe(place, SITE(",{\"id\":\"loft\"},{\"id\":\"nook\",\"in\":\"loft\"}"), 9500);
    assert_int_equal(inside(place, "loft", 3000, 3000), 0);
    assert_int_equal(inside(place, "yard", 3000, 3000), 1);
}

/* Ann comes through the arch, and Ben then fills more than a block. A scan of hers that is told
 * late, but is her newest, still finds the debounce. */
static void a_debounce_lasts_across_blocks(void **state)
{
    struct place *place = *state;
    see(place, "arch", 1000, 1000);
    int64_t ben_s = 1100;
    for (int turn = 0; turn < 3; turn++) {
        assert_int_equal(wb_begin(place->wb, START_US + (ben_s + 3000) * SECOND_US), WB_OK);
        for (int i = 0; i < 3000; i++) {
            observe(place, "gate", "person:ben", ben_s++);
        }
        assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
        assert_int_equal(wb_idle(place->wb), WB_OK);
    }
    assert_int_equal(wb_close(place->wb), WB_OK);
    place->wb = site_file_open(place->path, WB_WRITE);
    see(place, "arch", 1500, 20000);
    struct wb_moment now = {START_US + 40000 * SECOND_US, WB_EVERYTHING,
                            START_US + 40000 * SECOND_US};
    struct wb_whereabouts where;
    wb_person ann;
    assert_int_equal(wb_person_find(place->wb, "ann", 3, &ann), WB_OK);
    assert_int_equal(wb_where(place->wb, ann, &now, &where), WB_OK);
    assert_string_equal(wb_zone_id(place->wb, where.zone), "yard");
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, open_place, close_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(a_scan_can_be_known_before_an_earlier_one),
        WITH_PLACE(a_scan_that_ends_a_doubt_can_be_unknown),
        WITH_PLACE(a_zone_can_be_new),
        WITH_PLACE(a_debounce_lasts_across_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
