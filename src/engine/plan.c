/* Site descriptions as known at a moment, and the shape that folds. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time_zone.h"
#include "base/zoneinfo.h"
#include "engine/engine.h"

void plan_done(struct plan *plan)
{
    free(plan->zones);
    free(plan->readers);
    free(plan->by_id);
    free(plan->shape.zones);
    free(plan->shape.rules);
    *plan = (struct plan){0};
}

static uint32_t zone_number(const struct wb *wb, const struct description *d, int32_t index)
{
    if (index == DESCRIPTION_OUTSIDE) return WB_ZONE_OUTSIDE;
    const char *id = d->zones[index].id;
    return names_find(&wb->zones, id, strlen(id));
}

static void take_zones(const struct wb *wb, const struct description *d, struct plan *plan)
{
    for (size_t z = WB_FIRST_ZONE; z < plan->shape.zone_count; z++) {
        plan->zones[z].retired = plan->zones[z].described;
    }
    for (size_t i = 0; i < d->zone_count; i++) {
        struct plan_zone *zone = &plan->zones[zone_number(wb, d, (int32_t)i)];
        zone->described = true;
        zone->retired = false;
        zone->parent = zone_number(wb, d, d->zones[i].in);
        zone->source = &d->zones[i];
    }
}

/* Zones where a reader with facts puts people are used, and those above them. */
static void use_zone(struct plan *plan, uint32_t zone)
{
    while (zone >= WB_FIRST_ZONE && !plan->zones[zone].used) {
        plan->zones[zone].used = true;
        zone = plan->zones[zone].parent;
    }
}

static uint8_t rule_kind(char kind)
{
    return kind == 'e' ? RULE_ENTER : kind == 'l' ? RULE_LEAVE : RULE_BETWEEN;
}

static char kind_of_rule(uint8_t kind)
{
    return kind == RULE_ENTER ? 'e' : kind == RULE_LEAVE ? 'l' : 'b';
}

static void take_readers(const struct wb *wb, const struct site_version *version, struct plan *plan)
{
    const struct description *d = &version->description;
    for (size_t r = 0; r < plan->shape.rule_count; r++) {
        struct plan_reader *reader = &plan->readers[r];
        if (reader->described && reader->retired_us == WB_STILL_THERE) {
            reader->retired_us = version->learnt_us;
        }
    }
    for (size_t i = 0; i < d->reader_count; i++) {
        const struct description_reader *source = &d->readers[i];
        uint32_t n = names_find(&wb->readers, source->id, strlen(source->id));
        struct rule *rule = &plan->shape.rules[n];
        plan->readers[n] = (struct plan_reader){true, WB_STILL_THERE, source};
        rule->kind = rule_kind(source->kind);
        rule->a = zone_number(wb, d, source->a);
        rule->b = source->kind == 'b' ? zone_number(wb, d, source->b) : 0;
        if (!wb->reader_states.at[n].used) continue;
        use_zone(plan, rule->a);
        if (rule->kind == RULE_BETWEEN) use_zone(plan, rule->b);
        if (rule->kind == RULE_LEAVE) use_zone(plan, plan->zones[rule->a].parent);
    }
}

/* A retired zone keeps its last definition; where that says nothing the policy of now holds. */
static void take_forgetting(struct plan *plan)
{
    for (size_t z = WB_FIRST_ZONE; z < plan->shape.zone_count; z++) {
        struct plan_zone *zone = &plan->zones[z];
        if (!zone->described) continue;
        zone->forget_us = zone->source->forget == FORGET_AS_POLICY ? plan->policy.forget_us
                          : zone->source->forget == FORGET_AFTER   ? zone->source->forget_us
                                                                   : 0;
    }
}

/* Parents, depths and times to forget as the plan says; how deep the deepest zone is. */
static uint32_t measure_depths(struct plan *plan)
{
    size_t count = plan->shape.zone_count;
    struct shape_zone *zones = plan->shape.zones;
    uint32_t deepest = 0;
    for (size_t z = WB_FIRST_ZONE; z < count; z++) {
        uint32_t above = plan->zones[z].parent;
        zones[z].parent = above;
        zones[z].forget_us = plan->zones[z].forget_us;
        if (zones[z].forget_us > 0) plan->shape.forgets = true;
        zones[z].depth = 1;
        while (above >= WB_FIRST_ZONE) {
            zones[z].depth++;
            above = plan->zones[above].parent;
            assert(zones[z].depth <= count);
        }
        if (zones[z].depth > deepest) deepest = zones[z].depth;
    }
    return deepest;
}

/* How many zones each has with those below it, from the deepest up. */
static void measure_sizes(const struct plan *plan, uint32_t deepest, uint32_t *size)
{
    size_t count = plan->shape.zone_count;
    const struct shape_zone *zones = plan->shape.zones;
    for (size_t z = WB_FIRST_ZONE; z < count; z++) {
        size[z] = 1;
    }
    for (uint32_t depth = deepest; depth > 1; depth--) {
        for (size_t z = WB_FIRST_ZONE; z < count; z++) {
            if (zones[z].depth == depth) size[zones[z].parent] += size[z];
        }
    }
}

/* next: [zone] scratch, where the next zone below begins. */
static void place_zones(struct plan *plan, uint32_t deepest, const uint32_t *size, uint32_t *next)
{
    size_t count = plan->shape.zone_count;
    struct shape_zone *zones = plan->shape.zones;
    uint32_t place = WB_FIRST_ZONE;
    for (uint32_t depth = 1; depth <= deepest; depth++) {
        for (size_t z = WB_FIRST_ZONE; z < count; z++) {
            if (zones[z].depth != depth) continue;
            uint32_t *from = depth == 1 ? &place : &next[zones[z].parent];
            zones[z].enter = *from;
            zones[z].leave = *from + size[z];
            next[z] = *from + 1;
            *from += size[z];
        }
    }
    for (uint32_t z = 0; z < WB_FIRST_ZONE; z++) {
        zones[z] = (struct shape_zone){.parent = WB_ZONE_OUTSIDE, .enter = z, .leave = z + 1};
    }
}

/* The Euler tour without recursion: sizes from the deepest zones up, places from the roots down. */
static bool tour(struct plan *plan)
{
    size_t count = plan->shape.zone_count;
    uint32_t *size = calloc(count, sizeof *size);
    uint32_t *next = calloc(count, sizeof *next);
    bool memory = size != NULL && next != NULL;
    if (memory) {
        uint32_t deepest = measure_depths(plan);
        measure_sizes(plan, deepest, size);
        place_zones(plan, deepest, size, next);
    }
    free(size);
    free(next);
    return memory;
}

struct ranked {
    const char *id;
    uint32_t n;
};

static int compare_ranked(const void *left, const void *right)
{
    return strcmp(((const struct ranked *)left)->id, ((const struct ranked *)right)->id);
}

static bool rank_readers(const struct wb *wb, struct plan *plan)
{
    size_t count = plan->shape.rule_count;
    struct ranked *ranked = malloc((count + 1) * sizeof *ranked);
    if (ranked == NULL) return false;
    for (size_t r = 0; r < count; r++) {
        ranked[r] = (struct ranked){names_text(&wb->readers, (uint32_t)r), (uint32_t)r};
    }
    qsort(ranked, count, sizeof *ranked, compare_ranked);
    for (size_t i = 0; i < count; i++) {
        plan->shape.rules[ranked[i].n].rank = (uint32_t)i;
        plan->by_id[i] = ranked[i].n;
    }
    free(ranked);
    return true;
}

wb_status plan_make(struct wb *wb, size_t version, struct plan *out)
{
    assert(version < wb->versions.count);
    struct plan plan = {.version = version,
                        .folds = version,
                        .policy = wb->versions.at[version].description.policy};
    plan.shape.zone_count = wb->zones.count;
    plan.shape.rule_count = wb->readers.count;
    plan.shape.debounce_us = plan.policy.debounce_us;
    plan.shape.bands = &wb->bands;
    plan.zones = calloc(wb->zones.count, sizeof *plan.zones);
    plan.readers = calloc(wb->readers.count + 1, sizeof *plan.readers);
    plan.by_id = calloc(wb->readers.count + 1, sizeof *plan.by_id);
    plan.shape.zones = calloc(wb->zones.count, sizeof *plan.shape.zones);
    plan.shape.rules = calloc(wb->readers.count + 1, sizeof *plan.shape.rules);
    bool memory = plan.zones != NULL && plan.readers != NULL && plan.by_id != NULL &&
                  plan.shape.zones != NULL && plan.shape.rules != NULL;
    for (size_t z = WB_FIRST_ZONE; memory && z < wb->zones.count; z++) {
        plan.zones[z].parent = WB_ZONE_OUTSIDE;
    }
    for (size_t v = 0; memory && v <= version; v++) {
        take_zones(wb, &wb->versions.at[v].description, &plan);
        take_readers(wb, &wb->versions.at[v], &plan);
    }
    if (memory) take_forgetting(&plan);
    if (!memory || !tour(&plan) || !rank_readers(wb, &plan)) {
        plan_done(&plan);
        return engine_no_memory(wb);
    }
    *out = plan;
    return WB_OK;
}

size_t plan_version_at(const struct wb *wb, int64_t known_us)
{
    size_t version = 0;
    for (size_t v = 1; v < wb->versions.count; v++) {
        if (wb->versions.at[v].learnt_us <= known_us) version = v;
    }
    return version;
}

bool zone_is_visible(const struct wb *wb, uint32_t zone)
{
    if (zone < WB_FIRST_ZONE) return true;
    if (zone >= wb->plan.shape.zone_count) return false;
    const struct plan_zone *z = &wb->plan.zones[zone];
    return z->described && (!z->retired || z->used);
}

bool reader_is_visible(const struct wb *wb, const struct plan *plan, uint32_t reader)
{
    if (reader >= plan->shape.rule_count) return false;
    const struct plan_reader *r = &plan->readers[reader];
    return r->described && (r->retired_us == WB_STILL_THERE || wb->reader_states.at[reader].used);
}

/* The declaration in force of those learnt at or before a moment: each holds the greatest so far.
 */
static int64_t completed(const struct completions *list, int64_t learnt_us)
{
    size_t low = 0;
    size_t high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->at[middle].learnt_us <= learnt_us) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low == 0 ? WB_NO_TIME : list->at[low - 1].until_us;
}

int64_t reader_complete_us(const struct wb *wb, uint32_t reader, int64_t known_us)
{
    return completed(&wb->reader_states.at[reader].completions, known_us);
}

int64_t reader_complete_before_us(const struct wb *wb, uint32_t reader, int64_t learnt_us)
{
    return completed(&wb->reader_states.at[reader].completions, learnt_us - 1);
}

/* Whether two plans fold whatever scans of what the older one knows alike. */
static bool folds_alike(const struct plan *old, const struct plan *new)
{
    assert(old->zones != NULL && old->readers != NULL && old->shape.rules != NULL);
    assert(new->zones != NULL &&new->readers != NULL &&new->shape.rules != NULL);
    if (old->policy.debounce_us != new->policy.debounce_us ||
        old->policy.ahead_us != new->policy.ahead_us || old->policy.adopt != new->policy.adopt) {
        return false;
    }
    for (size_t z = WB_FIRST_ZONE; z < old->shape.zone_count; z++) {
        if (!old->zones[z].described) continue;
        if (old->zones[z].parent != new->zones[z].parent ||
            old->zones[z].forget_us != new->zones[z].forget_us) {
            return false;
        }
    }
    for (size_t r = 0; r < old->shape.rule_count; r++) {
        const struct rule *a = &old->shape.rules[r];
        const struct rule *b = &new->shape.rules[r];
        if (!old->readers[r].described) continue;
        if (a->kind != b->kind || a->a != b->a || a->b != b->b) return false;
    }
    return true;
}

static bool zones_fold_alike(const struct plan *old, const struct plan *new)
{
    for (size_t z = WB_FIRST_ZONE; z < old->shape.zone_count; z++) {
        if (!old->zones[z].described || !new->zones[z].used) continue;
        if (old->zones[z].parent != new->zones[z].parent ||
            old->zones[z].forget_us != new->zones[z].forget_us) {
            return false;
        }
    }
    return true;
}

/* Whether they fold the scans that there are alike: of a reader without facts there are none, and
 * nobody was ever in a zone that no other reader speaks of. */
static bool past_folds_alike(const struct wb *wb, const struct plan *old, const struct plan *new)
{
    bool any = false;
    assert(old->shape.rule_count == 0 || new->shape.rules != NULL);
    for (size_t r = 0; r < old->shape.rule_count; r++) {
        const struct rule *a = &old->shape.rules[r];
        const struct rule *b = &new->shape.rules[r];
        if (!old->readers[r].described || !wb->reader_states.at[r].used) continue;
        if (a->kind != b->kind || a->a != b->a || a->b != b->b) return false;
        any = true;
    }
    if (!any) return true;
    return old->policy.debounce_us == new->policy.debounce_us &&
           old->policy.ahead_us == new->policy.ahead_us &&
           old->policy.adopt == new->policy.adopt &&zones_fold_alike(old, new);
}

/* Whether they also know the same readers. */
static bool plans_equal(const struct plan *old, const struct plan *new)
{
    if (!folds_alike(old, new)) return false;
    for (size_t r = 0; r < new->shape.rule_count; r++) {
        bool known = r < old->shape.rule_count && old->readers[r].described;
        if (known != new->readers[r].described) return false;
    }
    return true;
}

/* Of a moment after the description that folds the past still, all that is known is answered by. */
static wb_status find_shape_version(struct wb *wb)
{
    wb->plan_shape_version = wb->plan.folds + (plan_is_behind(wb) ? 1 : 0);
    while (wb->plan_shape_version > 0) {
        struct plan older = {0};
        TRY(plan_make(wb, wb->plan_shape_version - 1, &older));
        bool equal = plans_equal(&older, &wb->plan);
        plan_done(&older);
        if (!equal) return WB_OK;
        wb->plan_shape_version--;
    }
    return WB_OK;
}

bool plan_is_behind(const struct wb *wb)
{
    return wb->plan.folds < wb->plan.version;
}

/* Whatever the old plan knows goes on folding as it says; what is new folds as the new one says.
 * Names, purposes, retirement are the new one's. New zones stand in new zones or in old ones, and
 * those in old ones, so it is a tree. false: no memory. */
static bool plan_hold(struct plan *new, const struct plan *old)
{
    for (size_t z = WB_FIRST_ZONE; z < old->shape.zone_count; z++) {
        if (!old->zones[z].described) continue;
        new->zones[z].parent = old->zones[z].parent;
        new->zones[z].forget_us = old->zones[z].forget_us;
    }
    for (size_t r = 0; r < old->shape.rule_count; r++) {
        if (!old->readers[r].described) continue;
        new->shape.rules[r].kind = old->shape.rules[r].kind;
        new->shape.rules[r].a = old->shape.rules[r].a;
        new->shape.rules[r].b = old->shape.rules[r].b;
    }
    new->policy.debounce_us = old->policy.debounce_us;
    new->policy.ahead_us = old->policy.ahead_us;
    new->policy.adopt = old->policy.adopt;
    new->shape.debounce_us = old->policy.debounce_us;
    new->shape.forgets = false;
    new->folds = old->folds;
    return tour(new);
}

/* The plan of a version over what an older plan folded. */
static wb_status plan_follow(struct wb *wb, size_t version, const struct plan *old,
                             struct plan *out)
{
    struct plan plan = {0};
    TRY(plan_make(wb, version, &plan));
    if (!past_folds_alike(wb, old, &plan) && !plan_hold(&plan, old)) {
        plan_done(&plan);
        return engine_no_memory(wb);
    }
    *out = plan;
    return WB_OK;
}

wb_status plan_over(struct wb *wb, size_t folds)
{
    struct plan plan = {0};
    if (folds >= wb->versions.count) folds = wb->versions.count - 1;
    TRY(plan_make(wb, folds, &plan));
    for (size_t v = folds + 1; v < wb->versions.count; v++) {
        struct plan next = {0};
        wb_status status = plan_follow(wb, v, &plan, &next);
        plan_done(&plan);
        TRY(status);
        plan = next;
    }
    plan_done(&wb->plan);
    wb->plan = plan;
    return find_shape_version(wb);
}

wb_status plan_take(struct wb *wb)
{
    struct plan plan = {0};
    TRY(plan_follow(wb, wb->versions.count - 1, &wb->plan, &plan));
    plan_done(&wb->plan);
    wb->plan = plan;
    for (uint32_t b = 0; b < wb->band_states.count; b++) {
        bool held = wb->band_states.at[b].held != WB_NONE;
        if (held && !whose_adopt_next(wb, b)) return engine_no_memory(wb);
    }
    return find_shape_version(wb);
}

wb_status plan_refresh(struct wb *wb)
{
    return plan_over(wb, wb->plan.folds);
}

static wb_status version_add(struct wb *wb, int64_t learnt_us, const char *json, size_t bytes,
                             struct wb_fault *why)
{
    struct site_version version = {.learnt_us = learnt_us, .bytes = bytes};
    if (!LIST_ROOM(&wb->versions, 1)) return engine_no_memory(wb);
    TRY(description_read(json, bytes, &version.description, why));
    version.json = malloc(bytes + 1);
    if (version.json == NULL) {
        description_done(&version.description);
        return engine_no_memory(wb);
    }
    memcpy(version.json, json, bytes);
    version.json[bytes] = '\0';
    wb->versions.at[wb->versions.count++] = version;
    return WB_OK;
}

static void version_drop(struct wb *wb)
{
    struct site_version *version = &wb->versions.at[--wb->versions.count];
    description_done(&version->description);
    free(version->json);
}

static wb_status load_version(void *context, const struct cell *cells)
{
    struct wb *wb = context;
    struct wb_fault why = {0};
    wb_status status = version_add(wb, cells[0].number, cells[1].data, cells[1].bytes, &why);
    if (status == WB_EREFUSED) {
        return engine_fail(wb, WB_EDAMAGED, "a site description in the file is damaged (%.200s).",
                           why.text);
    }
    return status;
}

wb_status plan_load(struct wb *wb)
{
    TRY(store_each(wb->store, SITE_ALL, NULL, 0, load_version, wb));
    wb->described = wb->versions.count > 0;
    return wb->described ? plan_over(wb, wb->versions.count - 1) : WB_OK;
}

/* ---- wb_describe ---- */

static wb_status add_names(struct wb *wb, const struct description *d)
{
    for (size_t i = 0; i < d->zone_count; i++) {
        const char *id = d->zones[i].id;
        if (names_find(&wb->zones, id, strlen(id)) != NAMES_NONE) continue;
        uint32_t n = names_add(&wb->zones, id, strlen(id));
        if (n == NAMES_NONE) return engine_no_memory(wb);
        struct cell cells[] = {CELL_OF(n), CELL_OF_TEXT(id, strlen(id))};
        TRY(engine_store(wb, store_put(wb->store, ZONE_PUT, cells, 2)));
    }
    for (size_t i = 0; i < d->reader_count; i++) {
        const char *id = d->readers[i].id;
        if (names_find(&wb->readers, id, strlen(id)) != NAMES_NONE) continue;
        struct reader_state state = {.heard_us = WB_NO_TIME, .quarantine = WB_NONE};
        if (!LIST_PUSH(&wb->reader_states, state)) return engine_no_memory(wb);
        uint32_t n = names_add(&wb->readers, id, strlen(id));
        if (n == NAMES_NONE) return engine_no_memory(wb);
        struct cell cells[] = {CELL_OF(n), CELL_OF_TEXT(id, strlen(id))};
        TRY(engine_store(wb, store_put(wb->store, READER_PUT, cells, 2)));
    }
    return WB_OK;
}

static wb_status check_timezone(const struct description *d, const char *json, size_t bytes,
                                struct wb_fault *why)
{
    struct time_zone *zone = NULL;
    enum zoneinfo_result result = zoneinfo_load(d->timezone, &zone);
    time_zone_free(zone);
    if (result == ZONEINFO_OK) return WB_OK;
    struct wb_fault place = {0};
    (void)description_locate(json, bytes, "timezone", &place);
    wb_status refused = refuse(why,
                               "the time zone \"%.100s\" does not exist on this machine; name one "
                               "of IANA's, such as \"Europe/London\" or \"UTC\"",
                               d->timezone);
    if (why != NULL) {
        why->line = place.line;
        why->column = place.column;
    }
    return refused;
}

/* Commit the newest version, which is in memory. */
/* Where the newest version folds the scans that there are as the blocks do, the blocks are its own
 * from this commit on: asked again after scans of a reader that had none, it might not seem so. */
static wb_status put_alike(struct wb *wb)
{
    struct plan plan = {0};
    size_t newest = wb->versions.count - 1;
    if (newest == 0) return WB_OK;
    TRY(plan_follow(wb, newest, &wb->plan, &plan));
    bool alike = plan.folds == newest;
    plan_done(&plan);
    if (!alike) return WB_OK;
    struct cell cells[] = {CELL_OF_TEXT("blocks_version", 14), CELL_OF((int64_t)newest)};
    return engine_store(wb, store_put(wb->store, META_PUT, cells, 2));
}

static wb_status commit_version(struct wb *wb, int64_t now_us)
{
    struct site_version *version = &wb->versions.at[wb->versions.count - 1];
    wb->described = true;
    TRY(wb_begin(wb, now_us));
    version->learnt_us = wb->turn.learnt_us;
    TRY(engine_store(wb, store_begin(wb->store)));
    wb->turn.transaction = true;
    TRY(add_names(wb, &version->description));
    TRY(put_alike(wb));
    struct fact fact = {.kind = FACT_SITE, .text = version->json, .text_bytes = version->bytes};
    if (!LIST_PUSH(&wb->turn.commit.facts, fact)) return engine_no_memory(wb);
    struct cell cells[] = {CELL_OF(version->learnt_us),
                           CELL_OF_TEXT(version->json, version->bytes)};
    TRY(engine_store(wb, store_put(wb->store, SITE_PUT, cells, 2)));
    TRY(wb_sync(wb));
    return wb_end(wb, NULL);
}

wb_status wb_describe(struct wb *wb, const char *json, size_t bytes, int64_t now_us,
                      struct wb_fault *why)
{
    if (!wb->writes || wb->turn.open || wb->errand.kind != ERRAND_NONE) return WB_EINVAL;
    if (wb->failed != WB_OK) return wb->failed;
    TRY(version_add(wb, now_us, json, bytes, why));
    const struct description *d = &wb->versions.at[wb->versions.count - 1].description;
    wb_status status = check_timezone(d, json, bytes, why);
    if (status != WB_OK) {
        version_drop(wb);
        return status;
    }
    bool first = wb->versions.count == 1;
    status = commit_version(wb, now_us);
    if (status != WB_OK) {
        version_drop(wb);
        wb->described = wb->versions.count > 0;
        wb_abandon(wb);
        return status;
    }
    if (first) return plan_over(wb, 0);
    refold_drop(wb);
    TRY(plan_take(wb));
    return wb->host_idles ? WB_OK : refold_finish(wb, NULL, NULL);
}

bool wb_is_described(const struct wb *wb)
{
    return wb->described;
}

wb_status wb_description(const struct wb *wb, const char **json, size_t *bytes)
{
    if (!wb->described) return WB_ENOENT;
    *json = wb->versions.at[wb->versions.count - 1].json;
    *bytes = wb->versions.at[wb->versions.count - 1].bytes;
    return WB_OK;
}

const char *wb_site_id(const struct wb *wb)
{
    return wb->described ? wb->versions.at[wb->versions.count - 1].description.id : "";
}

const char *wb_site_timezone(const struct wb *wb)
{
    return wb->described ? wb->versions.at[wb->versions.count - 1].description.timezone : "UTC";
}

int64_t wb_site_heartbeat_us(const struct wb *wb)
{
    return wb->described ? wb->plan.policy.heartbeat_us : 0;
}

wb_status wb_zones_all(struct wb *wb, struct wb_zones *out)
{
    out->count = 0;
    for (uint32_t z = WB_FIRST_ZONE; z < wb->plan.shape.zone_count; z++) {
        if (!zone_is_visible(wb, z)) continue;
        if (!LIST_PUSH(out, (wb_zone){z})) return engine_no_memory(wb);
    }
    return WB_OK;
}

wb_status wb_readers_all(struct wb *wb, struct wb_readers *out)
{
    TRY(ask_open(wb));
    out->count = 0;
    for (size_t i = 0; i < wb->plan.shape.rule_count; i++) {
        uint32_t r = wb->plan.by_id[i];
        if (!reader_is_visible(wb, &wb->plan, r)) continue;
        if (!LIST_PUSH(out, (wb_reader){r})) return engine_no_memory(wb);
    }
    return WB_OK;
}

wb_status wb_zone_row(const struct wb *wb, wb_zone zone, struct wb_zone_row *out)
{
    if (zone.n < WB_FIRST_ZONE || !zone_is_visible(wb, zone.n)) return WB_ENOENT;
    const struct plan_zone *z = &wb->plan.zones[zone.n];
    *out = (struct wb_zone_row){.id = names_text(&wb->zones, zone.n),
                                .name = z->source->name,
                                .parent = {z->parent},
                                .capacity = z->source->capacity,
                                .muster = z->source->muster,
                                .retired = z->retired};
    return WB_OK;
}

wb_status wb_reader_row(const struct wb *wb, wb_reader reader, struct wb_reader_row *out)
{
    if (!reader_is_visible(wb, &wb->plan, reader.n)) return WB_ENOENT;
    const struct plan_reader *r = &wb->plan.readers[reader.n];
    const struct rule *rule = &wb->plan.shape.rules[reader.n];
    *out = (struct wb_reader_row){.id = names_text(&wb->readers, reader.n),
                                  .name = r->source->name,
                                  .purpose = r->source->purpose,
                                  .kind = kind_of_rule(rule->kind),
                                  .a = {rule->a},
                                  .b = {rule->b},
                                  .retired_us = r->retired_us,
                                  .complete_us = reader_complete_us(wb, reader.n, WB_EVERYTHING),
                                  .last_heard_us = wb->reader_states.at[reader.n].heard_us};
    return WB_OK;
}
