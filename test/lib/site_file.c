#include "site_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool fixed_bytes(void *context, void *out, size_t bytes)
{
    (void)context;
    memset(out, 7, bytes);
    return true;
}

struct wb *site_file_open(const char *path, uint32_t mode)
{
    struct wb *wb = NULL;
    struct wb_options options = {.mode = mode, .random = fixed_bytes};
    assert_int_equal(wb_open(path, &options, &wb, NULL), WB_OK);
    return wb;
}

struct wb *site_file_make(const char *path, const char *site, int64_t now_us)
{
    struct wb *wb = site_file_open(path, WB_CREATE);
    assert_int_equal(wb_describe(wb, site, strlen(site), now_us, NULL), WB_OK);
    return wb;
}

wb_person site_file_person(struct wb *wb, const char *id, const char *groups)
{
    wb_person person;
    struct wb_person_row row = {.id = id, .name = "", .groups = groups, .notes = ""};
    assert_int_equal(wb_person_put(wb, &row, NULL, NULL), WB_OK);
    assert_int_equal(wb_person_find(wb, id, strlen(id), &person), WB_OK);
    return person;
}

wb_band site_file_wears(struct wb *wb, wb_person person, const char *band)
{
    struct wb_pairing pairing = {.person = person,
                                 .from_us = WB_NO_TIME,
                                 .until_us = WB_STILL_THERE,
                                 .learnt_us = WB_NO_TIME};
    assert_int_equal(wb_band_intern(wb, band, strlen(band), &pairing.band), WB_OK);
    assert_int_equal(wb_pair(wb, &pairing, NULL, NULL), WB_OK);
    return pairing.band;
}

size_t site_file_inside(struct wb *wb, const char *zone, int64_t as_of_us, int64_t known_us)
{
    wb_zone found;
    struct wb_people people = {0};
    struct wb_moment moment = {.as_of_us = as_of_us, .known_us = known_us};
    assert_int_equal(wb_zone_find(wb, zone, strlen(zone), &found), WB_OK);
    assert_int_equal(wb_inside(wb, found, &moment, &people), WB_OK);
    size_t count = people.count;
    wb_list_done(&people);
    return count;
}
