/* A scope in a site: its ids as bits of the site's numbers. */
#include <stdlib.h>
#include <string.h>

#include "access/scope.h"

static void set_bit(uint8_t *bits, uint32_t n)
{
    bits[n / 8] |= (uint8_t)(1u << (n % 8));
}

static bool get_bit(const uint8_t *bits, size_t count, uint32_t n)
{
    return n < count && (bits[n / 8] >> (n % 8) & 1) != 0;
}

static uint8_t *new_bits(size_t count)
{
    return calloc(count / 8 + 1, 1);
}

/* ---- Zones ---- */

static size_t most_zone(const struct wb_zones *zones)
{
    size_t most = WB_FIRST_ZONE;
    for (size_t i = 0; i < zones->count; i++) {
        if (zones->at[i].n >= most) most = (size_t)zones->at[i].n + 1;
    }
    return most;
}

/* The zones that are named, then those below them: each looks upwards until it meets one. */
static wb_status mark_below(struct wb *wb, const struct wb_zones *zones, struct reach *out)
{
    for (size_t i = 0; i < zones->count; i++) {
        wb_zone zone = zones->at[i];
        for (size_t step = 0; step <= zones->count && zone.n >= WB_FIRST_ZONE; step++) {
            struct wb_zone_row row;
            if (get_bit(out->zones, out->zone_count, zone.n)) {
                set_bit(out->zones, zones->at[i].n);
                break;
            }
            wb_status status = wb_zone_row(wb, zone, &row);
            if (status != WB_OK) return status;
            zone = row.parent;
        }
    }
    return WB_OK;
}

static wb_status reach_zones(struct wb *wb, const struct scope_ids *ids, struct reach *out)
{
    if (ids->count == 0) {
        out->every_zone = true;
        return WB_OK;
    }
    struct wb_zones zones = {0};
    wb_status status = wb_zones_all(wb, &zones);
    if (status != WB_OK) return status;
    out->zone_count = most_zone(&zones);
    out->zones = new_bits(out->zone_count);
    if (out->zones == NULL) status = WB_ENOMEM;
    for (size_t i = 0; status == WB_OK && i < ids->count; i++) {
        wb_zone zone;
        if (wb_zone_find(wb, ids->at[i], strlen(ids->at[i]), &zone) != WB_OK) continue;
        if (zone.n < out->zone_count) set_bit(out->zones, zone.n);
    }
    if (status == WB_OK) status = mark_below(wb, &zones, out);
    wb_list_done(&zones);
    return status;
}

/* ---- People and readers ---- */

static wb_status add_people(const struct wb_people *people, struct reach *out)
{
    size_t most = out->person_count;
    for (size_t i = 0; i < people->count; i++) {
        if (people->at[i].n >= most) most = (size_t)people->at[i].n + 1;
    }
    if (most > out->person_count) {
        uint8_t *bits = new_bits(most);
        if (bits == NULL) return WB_ENOMEM;
        if (out->people != NULL) memcpy(bits, out->people, out->person_count / 8 + 1);
        free(out->people);
        out->people = bits;
        out->person_count = most;
    }
    for (size_t i = 0; i < people->count; i++) {
        set_bit(out->people, people->at[i].n);
    }
    return WB_OK;
}

static wb_status reach_people(struct wb *wb, const struct scope_ids *ids, struct reach *out)
{
    out->every_person = ids->count == 0;
    struct wb_people people = {0};
    wb_status status = WB_OK;
    for (size_t i = 0; status == WB_OK && i < ids->count; i++) {
        status = wb_people_of_group(wb, ids->at[i], strlen(ids->at[i]), &people);
        if (status == WB_OK) status = add_people(&people, out);
        if (status == WB_ENOENT) status = WB_OK;
    }
    wb_list_done(&people);
    return status;
}

static wb_status reach_readers(struct wb *wb, const struct scope_ids *ids, struct reach *out)
{
    wb_reader readers[SCOPE_IDS_MAX];
    size_t count = 0;
    out->every_reader = ids->count == 0;
    for (size_t i = 0; i < ids->count; i++) {
        wb_reader *reader = &readers[count];
        if (wb_reader_find(wb, ids->at[i], strlen(ids->at[i]), reader) != WB_OK) continue;
        if (reader->n >= out->reader_count) out->reader_count = (size_t)reader->n + 1;
        count++;
    }
    out->readers = new_bits(out->reader_count);
    if (out->readers == NULL) return WB_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        set_bit(out->readers, readers[i].n);
    }
    return WB_OK;
}

wb_status reach_open(struct wb *wb, const struct scope *scope, struct reach *out)
{
    *out = (struct reach){0};
    wb_status status = reach_zones(wb, &scope->list[SCOPE_ZONES], out);
    if (status == WB_OK) status = reach_people(wb, &scope->list[SCOPE_GROUPS], out);
    if (status == WB_OK) status = reach_readers(wb, &scope->list[SCOPE_READERS], out);
    if (status != WB_OK) reach_close(out);
    return status;
}

void reach_close(struct reach *reach)
{
    free(reach->zones);
    free(reach->people);
    free(reach->readers);
    *reach = (struct reach){0};
}

bool reach_zone(const struct reach *reach, wb_zone zone)
{
    return reach->every_zone || get_bit(reach->zones, reach->zone_count, zone.n);
}

bool reach_person(const struct reach *reach, wb_person person)
{
    return reach->every_person || get_bit(reach->people, reach->person_count, person.n);
}

bool reach_reader(const struct reach *reach, wb_reader reader)
{
    return reach->every_reader || get_bit(reach->readers, reach->reader_count, reader.n);
}
