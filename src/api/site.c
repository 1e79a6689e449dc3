/* GET and PUT /v1/site, GET /v1/zones: the description. */
#include <stdlib.h>
#include <string.h>

#include "answer/answer.h"
#include "api/asking.h"
#include "api/caller.h"
#include "api/resources.h"
#include "base/list.h"
#include "base/time_zone.h"
#include "base/zoneinfo.h"

/* ---- For who is limited to zones: those, and what leads to them ---- */

/* Whether a zone is reached, or one below it is. */
static bool leads_to_reach(struct exchange *x, const json_t *zones, const char *id)
{
    const struct reach *reach = &x->reach;

    for (size_t i = 0; i < json_array_size(zones); i++) {
        const char *below = json_string_value(json_object_get(json_array_get(zones, i), "id"));
        wb_zone zone;
        if (below == NULL || wb_zone_find(x->wb, below, strlen(below), &zone) != WB_OK ||
            !reach_zone(reach, zone)) {
            continue;
        }
        for (size_t depth = 0; depth <= json_array_size(zones); depth++) {
            struct wb_zone_row row;
            if (zone.n < WB_FIRST_ZONE || wb_zone_row(x->wb, zone, &row) != WB_OK) break;
            if (strcmp(row.id, id) == 0) return true;
            zone = row.parent;
        }
    }
    return false;
}

static bool is_reached(struct exchange *x, const json_t *id)
{
    wb_zone zone;

    return json_is_string(id) &&
           wb_zone_find(x->wb, json_string_value(id), json_string_length(id), &zone) == WB_OK &&
           reach_zone(&x->reach, zone);
}

static bool reader_is_reached(struct exchange *x, const json_t *reader)
{
    const json_t *between = json_object_get(reader, "between");

    return is_reached(x, json_object_get(reader, "enter")) ||
           is_reached(x, json_object_get(reader, "leave")) ||
           is_reached(x, json_array_get(between, 0)) || is_reached(x, json_array_get(between, 1));
}

static void cut_out(struct exchange *x, json_t *site)
{
    json_t *zones = json_object_get(site, "zones");
    json_t *readers = json_object_get(site, "readers");
    json_t *all = json_deep_copy(zones);

    if (all == NULL) response_no_memory();
    for (size_t i = json_array_size(zones); i-- > 0;) {
        const char *id = json_string_value(json_object_get(json_array_get(zones, i), "id"));
        if (id == NULL || !leads_to_reach(x, all, id)) (void)json_array_remove(zones, i);
    }
    for (size_t i = json_array_size(readers); i-- > 0;) {
        if (!reader_is_reached(x, json_array_get(readers, i))) (void)json_array_remove(readers, i);
    }
    json_decref(all);
}

void site_get(struct exchange *x)
{
    const char *text;
    size_t bytes;

    if (!asking_knows(x, "")) return;
    wb_status status = wb_description(x->wb, &text, &bytes);
    if (status != WB_OK) {
        exchange_failed(x, status, NULL);
        return;
    }
    if (!caller_has_zones(x)) {
        exchange_text(x, 200, RESPONSE_JSON, text, bytes);
        return;
    }
    if (caller_reach(x) == NULL) return;
    json_t *site = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, NULL);
    if (site == NULL) response_no_memory();
    cut_out(x, site);
    char *cut = json_dumps(site, JSON_COMPACT);
    json_decref(site);
    if (cut == NULL) response_no_memory();
    exchange_text(x, 200, RESPONSE_JSON, cut, strlen(cut));
    free(cut);
}

/* ---- A new one ---- */

void service_forget_clocks(struct service *service)
{
    for (size_t i = 0; i < service->old_clocks.count; i++)
        time_zone_free(service->old_clocks.at[i]);
    service->old_clocks.count = 0;
}

/* Questions of the reading thread that began before go by the clock of then: as long as it is
 * busy, clocks are kept. */
static void replace_clock(struct service *service, struct time_zone *clock)
{
    if (!reading_is_busy(service->reading)) service_forget_clocks(service);
    struct time_zone *old = service->own_clock;
    if (old != NULL) { /* NOLINTNEXTLINE(bugprone-sizeof-expression): it is a list of pointers */
        if (!LIST_PUSH(&service->old_clocks, old)) response_no_memory();
    }
    service->clock = service->own_clock = clock;
}

/* A description is a commit of its own, between turns (src/server/turn.c). Site's clocks may
 * have moved to another time zone. */
void site_put(struct exchange *x)
{
    struct service *service = x->service;
    struct wb_fault fault = {0};

    if (!asking_knows(x, "")) return;
    if (!asking_type_is(x, RESPONSE_JSON, true)) {
        exchange_problem(x, 415, "bad-media-type", "the body is sent as application/json");
        return;
    }
    wb_status status = wb_describe(x->wb, x->request->body != NULL ? x->request->body : "",
                                   x->request->body_bytes, x->now_us, &fault);
    if (status == WB_EREFUSED) {
        if (fault.line > 0) {
            exchange_refuse(x, 400, "bad-site", "line %d, column %d: %s", fault.line, fault.column,
                            fault.text);
        } else {
            exchange_problem(x, 400, "bad-site", fault.text);
        }
        return;
    }
    if (status != WB_OK) {
        exchange_failed(x, status, &fault);
        return;
    }
    struct time_zone *clock = NULL;
    if (zoneinfo_load(wb_site_timezone(x->wb), &clock) != ZONEINFO_OK) clock = NULL;
    replace_clock(service, clock);
    service->site_changed = true;

    const char *text;
    size_t bytes;
    status = wb_description(x->wb, &text, &bytes);
    if (status != WB_OK) {
        exchange_failed(x, status, NULL);
    } else {
        exchange_text(x, 200, RESPONSE_JSON, text, bytes);
    }
}

void zones_get(struct exchange *x)
{
    struct answer document = {0};

    if (!asking_knows(x, "")) return;
    const struct reach *reach = caller_reach(x);
    if (reach == NULL) return;
    struct wb_limit limit = reach_limit(reach);
    exchange_answer(x, answer_zones(x->wb, &limit, &document), &document);
}
