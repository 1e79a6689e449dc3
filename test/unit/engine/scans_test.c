/* The journal's scans read back, slice by slice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "room.h"
#include "site_file.h"
#include "whereabouts.h"

#define SECOND_US INT64_C(1000000)
#define START_US  (INT64_C(1710000000) * SECOND_US)

static const char SITE[] = "{\"id\":\"s\",\"timezone\":\"UTC\",\"zones\":[{\"id\":\"house\"}],"
                           "\"readers\":[{\"id\":\"in\",\"enter\":\"house\"},"
                           "{\"id\":\"out\",\"leave\":\"house\"}]}";

struct place {
    char path[ROOM_PATH_BYTES];
    struct wb *wb;
    wb_reader in, out;
    wb_band band;
};

static int open_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    room_make("site.db", place->path);
    place->wb = site_file_make(place->path, SITE, START_US);
    assert_int_equal(wb_reader_find(place->wb, "in", 2, &place->in), WB_OK);
    assert_int_equal(wb_reader_find(place->wb, "out", 3, &place->out), WB_OK);
    assert_int_equal(wb_begin(place->wb, START_US + 1), WB_OK);
    assert_int_equal(wb_band_intern(place->wb, "b", 1, &place->band), WB_OK);
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

static void scan(struct place *place, int64_t at_us, int64_t learnt_us)
{
    struct wb_scan one = {place->in, place->band, at_us, learnt_us, WB_NO_DIRECTION};
    assert_int_equal(wb_observe(place->wb, &one, NULL, NULL), WB_OK);
}

/* A turn of one scan, second n of the site's time; learnt with it. */
static void turn(struct place *place, int n)
{
    int64_t at_us = START_US + (n + 1) * SECOND_US;
    assert_int_equal(wb_begin(place->wb, at_us), WB_OK);
    scan(place, at_us, WB_NO_TIME);
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
}

static void turns(struct place *place, int first, int until)
{
    for (int n = first; n < until; n++)
        turn(place, n);
}

/* Go through all slices; each scan must be the next second's. Returns how many there were. */
static int count_seconds(struct wb_scans *scans, int first, int *slices)
{
    struct wb_scans_slice slice = {0};
    int n = first;
    *slices = 0;
    while (!slice.done) {
        assert_int_equal(wb_scans_next(scans, &slice), WB_OK);
        for (size_t i = 0; i < slice.count; i++, n++) {
            assert_int_equal(slice.at[i].at_us, START_US + (n + 1) * SECOND_US);
            assert_int_equal(slice.at[i].learnt_us, slice.at[i].at_us);
        }
        ++*slices;
    }
    return n - first;
}

static void an_empty_journal_is_one_empty_slice(void **state)
{
    struct place *place = *state;
    struct wb_scans *scans = NULL;
    struct wb_scans_slice slice = {0};
    assert_int_equal(wb_scans_open(place->wb, WB_NO_TIME, WB_STILL_THERE, &scans), WB_OK);
    assert_int_equal(wb_scans_next(scans, &slice), WB_OK);
    assert_true(slice.done);
    assert_int_equal(slice.count, 0);
    wb_scans_close(scans);
    wb_scans_close(NULL);
}

static void every_scan_is_there_once_with_when_it_was_learnt(void **state)
{
    struct place *place = *state;
    struct wb_scans *scans = NULL;
    struct wb_scans_slice slice = {0};
    int64_t now_us = START_US + 100 * SECOND_US;
    assert_int_equal(wb_begin(place->wb, now_us), WB_OK);
    scan(place, START_US + 9 * SECOND_US, WB_NO_TIME); /* held: nobody's band */
    scan(place, START_US + 9 * SECOND_US, WB_NO_TIME); /* once more */
    scan(place, START_US + 5 * SECOND_US, START_US + 6 * SECOND_US);
    scan(place, now_us + 3600 * SECOND_US, WB_NO_TIME);        /* quarantined */
    scan(place, START_US + 7 * SECOND_US, now_us + SECOND_US); /* learnt with the turn at most */
    assert_int_equal(wb_withdraw(place->wb, place->in, place->band, START_US + 9 * SECOND_US,
                                 WB_EVERY_DIRECTION, "", NULL),
                     WB_OK);
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
    assert_int_equal(wb_scans_open(place->wb, WB_NO_TIME, WB_STILL_THERE, &scans), WB_OK);
    assert_int_equal(wb_scans_next(scans, &slice), WB_OK);
    assert_true(slice.done);
    assert_int_equal(slice.count, 4);
    assert_int_equal(slice.passed, 4);
    assert_int_equal(slice.total, 4);
    assert_int_equal(slice.at[0].at_us, START_US + 5 * SECOND_US);
    assert_int_equal(slice.at[0].learnt_us, START_US + 6 * SECOND_US);
    assert_int_equal(slice.at[1].at_us, START_US + 7 * SECOND_US);
    assert_int_equal(slice.at[1].learnt_us, now_us);
    assert_int_equal(slice.at[2].learnt_us, now_us);
    assert_int_equal(slice.at[3].at_us, now_us + 3600 * SECOND_US);
    wb_scans_close(scans);
}

static void a_window_leaves_out_what_happened_beyond_it(void **state)
{
    struct place *place = *state;
    struct wb_scans *scans = NULL;
    int slices;
    turns(place, 0, 50);
    assert_int_equal(
        wb_scans_open(place->wb, START_US + 11 * SECOND_US, START_US + 31 * SECOND_US, &scans),
        WB_OK);
    assert_int_equal(count_seconds(scans, 10, &slices), 20);
    wb_scans_close(scans);
}

static void segments_and_rows_make_one_row_of_slices(void **state)
{
    struct place *place = *state;
    struct wb_scans *scans = NULL;
    int slices;
    turns(place, 0, 700);
    assert_int_equal(wb_close(place->wb), WB_OK); /* they are in segments now */
    place->wb = site_file_open(place->path, WB_WRITE);
    turns(place, 700, 1400);
    assert_int_equal(wb_scans_open(place->wb, WB_NO_TIME, WB_STILL_THERE, &scans), WB_OK);
    assert_int_equal(count_seconds(scans, 0, &slices), 1400);
    assert_in_range(slices, 3, 20);
    wb_scans_close(scans);
}

/* What was a row when the cursor was opened is a segment when it gets there; what came later is
 * not in it. */
static void a_reader_goes_on_while_the_writer_packs_and_writes(void **state)
{
    struct place *place = *state;
    struct wb_scans *scans = NULL;
    struct wb_scans_slice slice;
    int slices;
    turns(place, 0, 700);
    struct wb *beside = site_file_open(place->path, WB_READ);
    assert_int_equal(wb_scans_open(beside, WB_NO_TIME, WB_STILL_THERE, &scans), WB_OK);
    assert_int_equal(wb_scans_next(scans, &slice), WB_OK);
    assert_false(slice.done);
    int first = (int)slice.count;
    assert_in_range(first, 1, 699);
    turns(place, 700, 720);
    assert_int_equal(wb_close(place->wb), WB_OK);
    place->wb = site_file_open(place->path, WB_WRITE);
    turns(place, 720, 740);
    assert_int_equal(count_seconds(scans, first, &slices), 700 - first);
    wb_scans_close(scans);
    assert_int_equal(wb_close(beside), WB_OK);
}

/* Whether a checkpoint can move all of the log into the file: nobody holds it back. */
static bool log_is_free(const char *path)
{
    sqlite3 *db = NULL;
    int frames = 0;
    int moved = 0;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    /* Before its first look a connection does not know that there is a log. */
    assert_int_equal(sqlite3_exec(db, "SELECT 1 FROM meta", NULL, NULL, NULL), SQLITE_OK);
    int rc = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_RESTART, &frames, &moved);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return rc == SQLITE_OK && frames == moved;
}

static void nothing_is_held_between_slices(void **state)
{
    struct place *place = *state;
    struct wb_scans *scans = NULL;
    struct wb_scans_slice slice;
    turns(place, 0, 700);
    struct wb *beside = site_file_open(place->path, WB_READ);
    turns(place, 700, 710);
    assert_false(log_is_free(place->path)); /* it has seen a state that is older */
    assert_int_equal(wb_scans_open(beside, WB_NO_TIME, WB_STILL_THERE, &scans), WB_OK);
    assert_int_equal(wb_scans_next(scans, &slice), WB_OK);
    assert_false(slice.done);
    turns(place, 710, 720);
    assert_true(log_is_free(place->path));
    wb_scans_close(scans);
    assert_int_equal(wb_close(beside), WB_OK);
}

static void a_reader_that_rests_holds_nothing_and_sees_the_newest_afterwards(void **state)
{
    struct place *place = *state;
    struct wb_numbers numbers;
    turns(place, 0, 10);
    struct wb *beside = site_file_open(place->path, WB_READ);
    assert_int_equal(wb_numbers(beside, &numbers), WB_OK);
    assert_int_equal(numbers.scans, 10);
    turns(place, 10, 20);
    assert_false(log_is_free(place->path));
    assert_int_equal(wb_rest(beside), WB_OK);
    assert_true(log_is_free(place->path));
    assert_int_equal(wb_numbers(beside, &numbers), WB_OK);
    assert_int_equal(numbers.scans, 20);
    assert_int_equal(wb_rest(place->wb), WB_OK); /* who writes holds nothing anyway */
    assert_int_equal(wb_close(beside), WB_OK);
}

int main(void)
{
#define PLACED(test) cmocka_unit_test_setup_teardown(test, open_place, close_place)
    const struct CMUnitTest tests[] = {
        PLACED(an_empty_journal_is_one_empty_slice),
        PLACED(every_scan_is_there_once_with_when_it_was_learnt),
        PLACED(a_window_leaves_out_what_happened_beyond_it),
        PLACED(segments_and_rows_make_one_row_of_slices),
        PLACED(a_reader_goes_on_while_the_writer_packs_and_writes),
        PLACED(nothing_is_held_between_slices),
        PLACED(a_reader_that_rests_holds_nothing_and_sees_the_newest_afterwards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
