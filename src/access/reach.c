/* A scope in a site: its ids as the site's numbers. */
#include <string.h>

#include "access/scope.h"
#include "base/list.h"

/* ---- Zones ---- */

static bool has_zone(const struct wb_zones *zones, wb_zone zone)
{
    for (size_t i = 0; i < zones->count; i++) {
        if (zones->at[i].n == zone.n) return true;
    }
    return false;
}

/* Whether a zone is one of those that are named, or stands below one: look upwards. */
static wb_status is_below(const struct wb *wb, wb_zone zone, const struct wb_zones *named,
                          size_t zone_count, bool *out)
{
    *out = false;
    for (size_t step = 0; step <= zone_count && zone.n >= WB_FIRST_ZONE && !*out; step++) {
        struct wb_zone_row row;
        *out = has_zone(named, zone);
        wb_status status = wb_zone_row(wb, zone, &row);
        if (status != WB_OK) return status;
        zone = row.parent;
    }
    return WB_OK;
}

static wb_status add_below(struct wb *wb, const struct wb_zones *named, struct wb_zones *out)
{
    struct wb_zones all = {0};
    wb_status status = wb_zones_all(wb, &all);
    for (size_t i = 0; status == WB_OK && i < all.count; i++) {
        bool below = false;
        status = is_below(wb, all.at[i], named, all.count, &below);
        if (status == WB_OK && below && !LIST_PUSH(out, all.at[i])) status = WB_ENOMEM;
    }
    wb_list_done(&all);
    return status;
}

static wb_status reach_zones(struct wb *wb, const struct scope_ids *ids, struct reach *out)
{
    struct wb_zones named = {0};
    wb_status status = WB_OK;
    out->every_zone = ids->count == 0;
    for (size_t i = 0; status == WB_OK && i < ids->count; i++) {
        wb_zone zone;
        if (wb_zone_find(wb, ids->at[i], strlen(ids->at[i]), &zone) != WB_OK) continue;
        /* What has no zones below it; those that have stand below themselves. */
        struct wb_zones *list = zone.n < WB_FIRST_ZONE ? &out->zones : &named;
        if (!LIST_PUSH(list, zone)) status = WB_ENOMEM;
    }
    if (status == WB_OK && named.count > 0) status = add_below(wb, &named, &out->zones);
    wb_list_done(&named);
    return status;
}

/* ---- People and readers ---- */

/* Who is of two groups stands there twice. */
static wb_status reach_people(struct wb *wb, const struct scope_ids *ids, struct reach *out)
{
    struct wb_people people = {0};
    wb_status status = WB_OK;
    out->every_person = ids->count == 0;
    for (size_t i = 0; status == WB_OK && i < ids->count; i++) {
        status = wb_people_of_group(wb, ids->at[i], strlen(ids->at[i]), &people);
        for (size_t k = 0; status == WB_OK && k < people.count; k++) {
            if (!LIST_PUSH(&out->people, people.at[k])) status = WB_ENOMEM;
        }
        if (status == WB_ENOENT) status = WB_OK;
    }
    wb_list_done(&people);
    return status;
}

static wb_status reach_readers(struct wb *wb, const struct scope_ids *ids, struct reach *out)
{
    out->every_reader = ids->count == 0;
    for (size_t i = 0; i < ids->count; i++) {
        wb_reader reader;
        if (wb_reader_find(wb, ids->at[i], strlen(ids->at[i]), &reader) != WB_OK) continue;
        if (!LIST_PUSH(&out->readers, reader)) return WB_ENOMEM;
    }
    return WB_OK;
}

wb_status reach_open(struct wb *wb, const struct scope *scope, struct reach *out)
{
    *out = (struct reach){0};
    wb_status status = reach_zones(wb, &scope->list[SCOPE_ZONES], out);
    if (status == WB_OK) status = reach_people(wb, &scope->list[SCOPE_GROUPS], out);
    if (status == WB_OK) status = reach_readers(wb, &scope->list[SCOPE_READERS], out);
    struct wb_limit limit = reach_limit(out);
    if (status == WB_OK && !limit_open(&limit, &out->bits)) status = WB_ENOMEM;
    if (status != WB_OK) reach_close(out);
    return status;
}

void reach_close(struct reach *reach)
{
    wb_list_done(&reach->zones);
    wb_list_done(&reach->people);
    wb_list_done(&reach->readers);
    limit_close(&reach->bits);
    *reach = (struct reach){0};
}

struct wb_limit reach_limit(const struct reach *reach)
{
    return (struct wb_limit){.people = reach->every_person ? NULL : &reach->people,
                             .zones = reach->every_zone ? NULL : &reach->zones};
}

/* One that was never opened has no bits, and reaches nothing. */
bool reach_zone(const struct reach *reach, wb_zone zone)
{
    return reach->every_zone || (reach->bits.zones != NULL && limit_has_zone(&reach->bits, zone));
}

bool reach_person(const struct reach *reach, wb_person person)
{
    return reach->every_person ||
           (reach->bits.people != NULL && limit_has_person(&reach->bits, person));
}

bool reach_reader(const struct reach *reach, wb_reader reader)
{
    for (size_t i = 0; i < reach->readers.count; i++) {
        if (reach->readers.at[i].n == reader.n) return true;
    }
    return reach->every_reader;
}

bool reach_leads(const struct reach *reach, const struct wb_reader_row *reader)
{
    return reach_zone(reach, reader->a) || (reader->kind == 'b' && reach_zone(reach, reader->b));
}
