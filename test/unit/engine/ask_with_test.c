/* Who was with whom, where there are more zones than a word has bits. */
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
#define ZONES     150
#define END_US    (START_US + INT64_C(10) * ZONES * MINUTE_US)

enum { ANN, BEN, CAT, PEOPLE };

struct place {
    char path[ROOM_PATH_BYTES];
    struct wb *wb;
    wb_person people[PEOPLE];
    wb_band bands[PEOPLE];
    wb_reader readers[ZONES];
    wb_zone zones[ZONES];
};

/* Zones z0, z1, ... each with a reader r0, r1, ... that lets people in. */
static void write_site(char *out, size_t room)
{
    size_t n = (size_t)snprintf(out, room, "{\"id\":\"s\",\"timezone\":\"UTC\",\"zones\":[");
    for (int i = 0; i < ZONES; i++) {
        n += (size_t)snprintf(out + n, room - n, "%s{\"id\":\"z%d\"}", i > 0 ? "," : "", i);
    }
    n += (size_t)snprintf(out + n, room - n, "],\"readers\":[");
    for (int i = 0; i < ZONES; i++) {
        n += (size_t)snprintf(out + n, room - n, "%s{\"id\":\"r%d\",\"enter\":\"z%d\"}",
                              i > 0 ? "," : "", i, i);
    }
    n += (size_t)snprintf(out + n, room - n, "]}");
    assert_true(n < room);
}

static void add_person(struct place *place, int p)
{
    char id[2] = {(char)('a' + p), 0};
    place->people[p] = site_file_person(place->wb, id, "");
    place->bands[p] = site_file_wears(place->wb, place->people[p], id);
}

static int open_place(void **state)
{
    static char site[32768];
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    room_make("site.db", place->path);
    write_site(site, sizeof site);
    place->wb = site_file_make(place->path, site, START_US);
    assert_int_equal(wb_begin(place->wb, START_US), WB_OK);
    for (int p = 0; p < PEOPLE; p++) {
        add_person(place, p);
    }
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
    for (int i = 0; i < ZONES; i++) {
        char id[8];
        size_t length = (size_t)snprintf(id, sizeof id, "r%d", i);
        assert_int_equal(wb_reader_find(place->wb, id, length, &place->readers[i]), WB_OK);
        id[0] = 'z';
        assert_int_equal(wb_zone_find(place->wb, id, length, &place->zones[i]), WB_OK);
    }
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

/* Somebody comes into a zone so many minutes after the start. */
static void come(struct place *place, int person, int zone, int minute)
{
    wb_verdict verdict;
    struct wb_scan scan = {.reader = place->readers[zone],
                           .band = place->bands[person],
                           .at_us = START_US + minute * MINUTE_US,
                           .learnt_us = WB_NO_TIME};
    assert_int_equal(wb_observe(place->wb, &scan, &verdict, NULL), WB_OK);
    assert_int_equal(verdict, WB_ACCEPTED);
}

/* Ann goes through all zones, ten minutes each; Ben comes three minutes after her everywhere; Cat
 * meets her for four minutes in zones 2 and 130. */
static void walk(struct place *place)
{
    assert_int_equal(wb_begin(place->wb, END_US), WB_OK);
    for (int i = 0; i < ZONES; i++) {
        come(place, ANN, i, 10 * i);
        come(place, BEN, i, 10 * i + 3);
        if (i == 2 || i == 130) come(place, CAT, i, 10 * i + 6);
        if (i == 3 || i == 131) come(place, CAT, ZONES - 1, 10 * i);
    }
    come(place, ANN, 0, 10 * ZONES);
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
}

static const struct wb_company *met(const struct place *place, const struct wb_company_list *list,
                                    int person)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->at[i].person.n == place->people[person].n) return &list->at[i];
    }
    return NULL;
}

static void assert_cat(const struct place *place, const struct wb_company_list *list)
{
    const struct wb_company *cat = met(place, list, CAT);
    assert_non_null(cat);
    assert_int_equal(cat->together_us, (4 + 4 + 10) * MINUTE_US);
    assert_int_equal(cat->first_us, START_US + 26 * MINUTE_US);
    assert_int_equal(cat->last_us, END_US);
    assert_int_equal(cat->zone_count, 3);
    static const int wanted[] = {2, 130, ZONES - 1};
    for (size_t z = 0; z < 3; z++) {
        assert_int_equal(list->zones.at[cat->first_zone + z].n, place->zones[wanted[z]].n);
    }
}

static void everybody_met_comes_with_every_zone_once(void **state)
{
    struct place *place = *state;
    walk(place);
    struct wb_company_list list = {0};
    struct wb_window window = {.from_us = START_US,
                               .until_us = END_US,
                               .known_us = WB_EVERYTHING,
                               .asked_us = END_US + MINUTE_US};
    for (int known = 0; known < 2; known++) {
        if (known == 1) window.known_us = window.asked_us;
        assert_int_equal(wb_with(place->wb, place->people[ANN], &window, 0, NULL, &list), WB_OK);
        assert_int_equal(list.count, 2);
        const struct wb_company *ben = met(place, &list, BEN);
        assert_non_null(ben);
        assert_int_equal(ben->together_us, INT64_C(7) * ZONES * MINUTE_US);
        assert_int_equal(ben->zone_count, ZONES);
        assert_cat(place, &list);
    }
    wb_list_done(&list.zones);
    wb_list_done(&list);
}

static void who_was_met_too_shortly_is_left_out(void **state)
{
    struct place *place = *state;
    walk(place);
    struct wb_company_list list = {0};
    struct wb_window window = {.from_us = START_US,
                               .until_us = END_US,
                               .known_us = WB_EVERYTHING,
                               .asked_us = END_US + MINUTE_US};
    int64_t least_us = 18 * MINUTE_US;
    assert_int_equal(wb_with(place->wb, place->people[ANN], &window, least_us, NULL, &list), WB_OK);
    assert_int_equal(list.count, 2);
    assert_int_equal(wb_with(place->wb, place->people[ANN], &window, least_us + 1, NULL, &list),
                     WB_OK);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.at[0].person.n, place->people[BEN].n);
    assert_int_equal(list.zones.count, ZONES);
    wb_list_done(&list.zones);
    wb_list_done(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(everybody_met_comes_with_every_zone_once, open_place,
                                        close_place),
        cmocka_unit_test_setup_teardown(who_was_met_too_shortly_is_left_out, open_place,
                                        close_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
