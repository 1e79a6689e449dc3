/* Questions about zones: who is inside, how many when, who was with whom. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/ask.h"

/* ---- Who is inside ---- */

static wb_status damaged(struct wb *wb, bool no_memory, uint32_t zone, uint32_t second)
{
    return no_memory ? engine_no_memory(wb) : block_damaged(wb, BLOCK_ZONE, zone, second);
}

/* When the person's newest stay, in this zone, was ended by forgetting; WB_STILL_THERE: it was
 * not, or it is not their newest. What ended older stays stands in the blocks. */
static int64_t newest_ended_us(const struct wb *wb, uint32_t person, uint32_t zone, int64_t at_us,
                               int64_t asked_us)
{
    const struct owner *owner = &wb->owners.at[person];
    if (owner->zone != zone || owner->since_us > at_us || owner->last_seen_us > at_us) {
        return WB_STILL_THERE;
    }
    int64_t ended_us = owner->last_seen_us + wb->plan.shape.zones[zone].forget_us;
    return ended_us <= asked_us ? ended_us : WB_STILL_THERE;
}

/* Those directly in one zone, with all that is known. */
static wb_status append_inside(struct wb *wb, uint32_t zone, const struct wb_moment *moment,
                               struct wb_people *out)
{
    struct spine *spine = spine_of(wb, BLOCK_ZONE, zone);
    if (spine == NULL) return engine_no_memory(wb);
    if (spine->count == 0) return WB_OK;
    uint32_t second = spine->at[spine_at(spine, moment->as_of_us)];
    const uint8_t *data;
    size_t bytes;
    TRY(block_get(wb, BLOCK_ZONE, zone, second, &data, &bytes));
    struct crowd *crowd = &wb->crowd;
    bool no_memory;
    crowd->count = 0;
    if (!zone_block_inside(data, bytes, block_base_us(second), moment->as_of_us, crowd,
                           &no_memory) ||
        !people_are_sound(wb, crowd)) {
        return damaged(wb, no_memory, zone, second);
    }
    if (!LIST_ROOM(out, crowd->count)) return engine_no_memory(wb);
    bool forgets = wb->plan.shape.zones[zone].forget_us > 0;
    for (size_t i = 0; i < crowd->count; i++) {
        if (forgets && newest_ended_us(wb, crowd->at[i], zone, moment->as_of_us,
                                       moment->asked_us) <= moment->as_of_us) {
            continue;
        }
        out->at[out->count++] = (wb_person){crowd->at[i]};
    }
    return WB_OK;
}

wb_status zone_part_read(struct wb *wb, uint32_t zone, uint32_t second,
                         const struct wb_window *window, struct zone_part *out)
{
    const uint8_t *data;
    size_t bytes;
    bool no_memory;
    TRY(block_get(wb, BLOCK_ZONE, zone, second, &data, &bytes));
    if (!zone_block_part(data, bytes, block_base_us(second), window, out, &no_memory)) {
        return damaged(wb, no_memory, zone, second);
    }
    uint32_t most = 0;
    for (size_t i = 0; i < out->stays.count; i++) {
        if (out->stays.at[i].person > most) most = out->stays.at[i].person;
    }
    bool sound = out->stays.count == 0 || most < wb->owners.count;
    return sound ? WB_OK : damaged(wb, false, zone, second);
}

struct zone_filter {
    struct wb *wb;
    const struct plan *plan;
    uint32_t zone;
    struct wb_people *out;
};

static bool in_zone(const struct plan *plan, uint32_t zone, uint32_t wanted)
{
    if (wanted < WB_FIRST_ZONE) return zone == wanted;
    return zone >= WB_FIRST_ZONE && shape_within(&plan->shape, zone, wanted);
}

static wb_status take_inside(void *context, uint32_t person, const struct fold *fold)
{
    struct zone_filter *filter = context;
    if (!in_zone(filter->plan, fold->now.zone, filter->zone)) return WB_OK;
    return LIST_PUSH(filter->out, (wb_person){person}) ? WB_OK : engine_no_memory(filter->wb);
}

/* The long way: everybody is folded. */
static wb_status inside_folded(struct wb *wb, uint32_t zone, const struct wb_moment *moment,
                               struct wb_people *out)
{
    struct belief belief;
    TRY(belief_open(wb, moment->known_us, &belief));
    struct zone_filter filter = {wb, belief.plan, zone, out};
    wb_status status = each_person(wb, moment, take_inside, &filter);
    belief_close(&belief);
    return status;
}

/* ---- Who is inside, as known ---- */

static int compare_people(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* Whether marks of late scans say all that there is to doubt: the site, pairings, withdrawals and
 * releases are those of now, and the question is about no later moment than what is known. */
static bool marks_will_do(const struct wb *wb, const struct belief *belief,
                          const struct wb_moment *moment)
{
    size_t withdrawals = withdrawals_believed(wb);
    size_t releases = releases_believed(wb);
    return belief->same_plan && moment->as_of_us <= belief->known_us &&
           wb->rows_learnt_us <= belief->known_us &&
           (withdrawals == 0 ||
            wb->withdrawals.at[withdrawals - 1].learnt_us <= belief->known_us) &&
           (releases == 0 || wb->releases.at[releases - 1].learnt_us <= belief->known_us);
}

/* Those who were inside so shortly before that the news of it may have been on its way, and those
 * who may seem to have come by what was known after news that was on its way. */
static wb_status append_flying(struct wb *wb, uint32_t zone, const struct wb_moment *moment,
                               struct crowd *out)
{
    struct wb_window window = {.from_us = moment->known_us - PROMPT_US,
                               .until_us = moment->as_of_us + 1};
    if (window.until_us <= window.from_us) return WB_OK;
    TRY(flight_overtaken(wb, moment, out));
    struct spine *spine = spine_of(wb, BLOCK_ZONE, zone);
    if (spine == NULL) return engine_no_memory(wb);
    if (spine->count == 0) return WB_OK;
    const struct in_flight *flight = NULL;
    TRY(flight_at(wb, moment->known_us, false, &flight));
    assert(flight != NULL);
    for (size_t b = spine_at(spine, window.from_us); b < spine->count; b++) {
        if (spine->at[b] > block_second(moment->as_of_us)) break;
        const struct zone_stays *stays = &wb->part.stays;
        TRY(zone_part_read(wb, zone, spine->at[b], &window, &wb->part));
        for (size_t i = 0; i < stays->count; i++) {
            uint32_t person = stays->at[i].person;
            if (!flight_has(flight, person, moment->as_of_us)) continue;
            if (!LIST_PUSH(out, person)) return engine_no_memory(wb);
        }
    }
    return WB_OK;
}

static bool crowd_has(const struct crowd *crowd, uint32_t person)
{
    for (size_t i = 0; i < crowd->count; i++) {
        if (crowd->at[i] == person) return true;
    }
    return false;
}

/* Those directly in one zone: who has no mark is there as in truth, who has one is folded. */
static wb_status append_known(struct wb *wb, const struct belief *belief, uint32_t zone,
                              const struct wb_moment *moment, struct wb_people *out)
{
    struct crowd *doubtful = &wb->doubtful;
    doubtful->count = 0;
    if (!late_people(wb, zone, moment->as_of_us, moment->known_us, doubtful)) {
        return engine_no_memory(wb);
    }
    size_t first = out->count;
    TRY(append_inside(wb, zone, moment, out));
    TRY(append_flying(wb, zone, moment, doubtful));
    if (doubtful->count == 0) return WB_OK;
    size_t kept = first;
    for (size_t i = first; i < out->count; i++) {
        if (!crowd_has(doubtful, out->at[i].n)) out->at[kept++] = out->at[i];
    }
    out->count = kept;
    qsort(doubtful->at, doubtful->count, sizeof *doubtful->at, compare_people);
    for (size_t i = 0; i < doubtful->count; i++) {
        uint32_t person = doubtful->at[i];
        if (i > 0 && doubtful->at[i - 1] == person) continue;
        uint32_t believed;
        TRY(believed_zone(wb, belief, person, moment, &believed));
        if (believed != zone) continue;
        if (!LIST_PUSH(out, (wb_person){person})) return engine_no_memory(wb);
    }
    return WB_OK;
}

/* tried: whether marks could answer; else everybody has to be folded. */
static wb_status inside_known(struct wb *wb, uint32_t zone, const struct wb_moment *moment,
                              struct wb_people *out, bool *tried)
{
    struct belief belief;
    *tried = false;
    TRY(belief_open(wb, moment->known_us, &belief));
    bool usable = marks_will_do(wb, &belief, moment);
    wb_status status = usable ? late_ready(wb, &usable) : WB_OK;
    belief.marks = usable;
    for (uint32_t z = WB_FIRST_ZONE; status == WB_OK && usable && z < wb->zones.count; z++) {
        if (!shape_within(&wb->plan.shape, z, zone)) continue;
        status = append_known(wb, &belief, z, moment, out);
    }
    *tried = usable;
    belief_close(&belief);
    return status;
}

static bool is_zone(const struct wb *wb, wb_zone zone)
{
    return zone.n < wb->zones.count && zone_is_visible(wb, zone.n);
}

/* Zones' blocks are quicker than a look at everybody, but not where they have to be brought up to
 * date first for a question about the present. */
static wb_status ready_for_zone(struct wb *wb, const struct wb_moment *moment, bool *present)
{
    TRY(ask_open(wb));
    *present = wb->tail.believed > 0 && present_says(wb, moment);
    return *present ? WB_OK : apply(wb);
}

wb_status wb_inside(struct wb *wb, wb_zone zone, const struct wb_moment *moment,
                    struct wb_people *out)
{
    bool present;
    TRY(ready_for_zone(wb, moment, &present));
    out->count = 0;
    if (!is_zone(wb, zone)) return WB_ENOENT;
    struct wb_moment asked = asked_moment(moment);
    if (present || zone.n < WB_FIRST_ZONE) return inside_folded(wb, zone.n, &asked, out);
    if (asked.known_us != WB_EVERYTHING) {
        bool tried;
        TRY(inside_known(wb, zone.n, &asked, out, &tried));
        return tried ? WB_OK : inside_folded(wb, zone.n, &asked, out);
    }
    const struct shape_zone *top = &wb->plan.shape.zones[zone.n];
    TRY(append_inside(wb, zone.n, &asked, out));
    if (top->leave - top->enter == 1) return WB_OK;
    for (uint32_t z = WB_FIRST_ZONE; z < wb->zones.count; z++) {
        if (z != zone.n && shape_within(&wb->plan.shape, z, zone.n)) {
            TRY(append_inside(wb, z, &asked, out));
        }
    }
    return WB_OK;
}

struct at_filter {
    struct wb *wb;
    const struct plan *plan;
    uint32_t zone;
    struct wb_whereabouts_list *out;
};

static wb_status take_at(void *context, uint32_t person, const struct fold *fold)
{
    struct at_filter *filter = context;
    if (!in_zone(filter->plan, fold->now.zone, filter->zone)) return WB_OK;
    struct wb_whereabouts where = whereabouts_of(person, fold);
    return LIST_PUSH(filter->out, where) ? WB_OK : engine_no_memory(filter->wb);
}

static wb_status at_folded(struct wb *wb, uint32_t zone, const struct wb_moment *moment,
                           struct wb_whereabouts_list *out)
{
    struct belief belief;
    TRY(belief_open(wb, moment->known_us, &belief));
    struct at_filter filter = {wb, belief.plan, zone, out};
    wb_status status = each_person(wb, moment, take_at, &filter);
    belief_close(&belief);
    return status;
}

wb_status wb_at(struct wb *wb, wb_zone zone, const struct wb_moment *moment,
                struct wb_whereabouts_list *out)
{
    bool present;
    TRY(ready_for_zone(wb, moment, &present));
    out->count = 0;
    if (!is_zone(wb, zone)) return WB_ENOENT;
    struct wb_moment asked = asked_moment(moment);
    if (present || zone.n < WB_FIRST_ZONE) return at_folded(wb, zone.n, &asked, out);

    struct wb_people inside = {0};
    struct belief belief;
    wb_status status = wb_inside(wb, zone, &asked, &inside);
    if (status == WB_OK) status = belief_open(wb, asked.known_us, &belief);
    if (status != WB_OK) {
        LIST_DONE(&inside);
        return status;
    }
    for (size_t i = 0; status == WB_OK && i < inside.count; i++) {
        struct fold fold;
        status = fold_at(wb, &belief, inside.at[i].n, &asked, &fold);
        if (status != WB_OK) break;
        struct wb_whereabouts where = whereabouts_of(inside.at[i].n, &fold);
        if (!LIST_PUSH(out, where)) status = engine_no_memory(wb);
    }
    belief_close(&belief);
    LIST_DONE(&inside);
    return status;
}

/* ---- How many when ---- */

static wb_status curve_of_zone(struct wb *wb, uint32_t zone, struct grid *grid)
{
    struct spine *spine = spine_of(wb, BLOCK_ZONE, zone);
    if (spine == NULL) return engine_no_memory(wb);
    if (spine->count == 0) return WB_OK;
    int64_t last_us = grid->from_us + (int64_t)(grid->count - 1) * grid->every_us;
    grid->started = false;
    for (size_t i = spine_at(spine, grid->from_us); i < spine->count; i++) {
        uint32_t second = spine->at[i];
        if (grid->started && block_base_us(second) > last_us) break;
        const uint8_t *data;
        size_t bytes;
        bool no_memory;
        TRY(block_get(wb, BLOCK_ZONE, zone, second, &data, &bytes));
        if (!zone_block_curve(data, bytes, block_base_us(second), grid, &no_memory)) {
            return damaged(wb, no_memory, zone, second);
        }
    }
    return WB_OK;
}

/* Those whose newest stay was ended by forgetting go at that moment. */
static void forget_on_curve(const struct wb *wb, uint32_t zone, const struct limit *limit,
                            int64_t asked_us, struct grid *grid)
{
    int64_t last_us = grid->from_us + (int64_t)(grid->count - 1) * grid->every_us;
    for (uint32_t p = 0; p < wb->owners.count; p++) {
        const struct owner *owner = &wb->owners.at[p];
        if (!owner_counts(wb, p) || owner->zone < WB_FIRST_ZONE ||
            !shape_within(&wb->plan.shape, owner->zone, zone) ||
            !limit_has_zone(limit, (wb_zone){owner->zone}) ||
            wb->plan.shape.zones[owner->zone].forget_us == 0) {
            continue;
        }
        int64_t ended_us = newest_ended_us(wb, p, owner->zone, INT64_MAX, asked_us);
        if (ended_us > last_us) continue;
        int64_t ahead_us = ended_us - grid->from_us;
        size_t point =
            ahead_us <= 0 ? 0 : (size_t)((ahead_us + grid->every_us - 1) / grid->every_us);
        if (point < grid->count) grid->change[point]--;
    }
}

static void sum_up(struct grid *grid, struct wb_counts *out)
{
    int64_t inside = 0;
    for (size_t i = 0; i < grid->count; i++) {
        inside += grid->change[i];
        out->at[i] = (uint32_t)inside;
    }
    out->count = grid->count;
}

/* A curve that is folded person by person. */
struct folded_curve {
    const struct belief *belief;
    const struct grid *grid;
    const struct limit *limit;
    uint32_t zone;
    int64_t asked_us;
    uint32_t *counts; /* [grid->count] */
};

/* Fold a stream's scans until a moment; next: how many of stream->at are folded. */
static wb_status fold_until(struct stream *stream, size_t *next, const struct shape *shape,
                            uint32_t person, int64_t at_us, struct fold *fold)
{
    while (!stream->done && (*next == stream->count || stream->at[*next].at_us <= at_us)) {
        if (*next == stream->count) {
            TRY(stream_next(stream));
            *next = 0;
            continue;
        }
        size_t count = 1;
        while (*next + count < stream->count && stream->at[*next + count].at_us <= at_us) {
            count++;
        }
        fold_scans(fold, shape, person, stream->at + *next, count, NULL);
        *next += count;
    }
    return WB_OK;
}

/* One person's part of a curve, folded from point to point. */
static wb_status curve_of_person(struct wb *wb, const struct folded_curve *curve, uint32_t person)
{
    const struct grid *grid = curve->grid;
    const struct plan *plan = curve->belief->plan;
    struct stream stream;
    struct fold fold;
    wb_status status = stream_open(wb, curve->belief, person, grid->from_us, &stream, &fold);
    size_t next = 0;
    for (size_t i = 0; status == WB_OK && i < grid->count; i++) {
        int64_t at_us = grid->from_us + (int64_t)i * grid->every_us;
        status = fold_until(&stream, &next, &plan->shape, person, at_us, &fold);
        struct fold view;
        fold_copy(&view, &fold);
        fold_settle(&view, person, NULL);
        bool later = !stream.done && next < stream.count;
        fold_forget(&view, &plan->shape, person,
                    later || at_us < curve->asked_us ? at_us : curve->asked_us, NULL);
        if (in_zone(plan, view.now.zone, curve->zone) &&
            limit_has_zone(curve->limit, (wb_zone){view.now.zone})) {
            curve->counts[i]++;
        }
    }
    stream_close(&stream);
    return status;
}

static wb_status occupancy_folded(struct wb *wb, const struct folded_curve *curve)
{
    wb_status status = WB_OK;
    for (uint32_t p = 0; status == WB_OK && p < wb->owners.count; p++) {
        bool exists;
        if (!limit_has_person(curve->limit, (wb_person){p})) continue;
        status = belief_exists(wb, curve->belief, p, &exists);
        if (status != WB_OK || !exists) continue;
        status = curve_of_person(wb, curve, p);
    }
    return status;
}

static wb_status occupancy_of_blocks(struct wb *wb, uint32_t zone, int64_t asked_us,
                                     const struct limit *limit, struct grid *grid)
{
    const struct shape *shape = &wb->plan.shape;
    bool alone = shape->zones[zone].leave - shape->zones[zone].enter == 1;
    bool forgets = false;
    for (uint32_t z = alone ? zone : WB_FIRST_ZONE; z < wb->zones.count; z++) {
        if (shape_within(shape, z, zone) && limit_has_zone(limit, (wb_zone){z})) {
            TRY(curve_of_zone(wb, z, grid));
            forgets = forgets || shape->zones[z].forget_us > 0;
        }
        if (alone) break;
    }
    if (forgets) forget_on_curve(wb, zone, limit, asked_us, grid);
    return WB_OK;
}

#define POINTS_MAX (16u << 20)

/* Of people of a limit, and as known, all are folded; else the blocks of the zones are read. */
static wb_status occupancy(struct wb *wb, uint32_t zone, const struct wb_window *window,
                           const struct limit *limit, struct grid *grid, struct wb_counts *out)
{
    if (zone >= WB_FIRST_ZONE && window->known_us == WB_EVERYTHING && limit->people == NULL) {
        TRY(occupancy_of_blocks(wb, zone, window->asked_us, limit, grid));
        sum_up(grid, out);
        return WB_OK;
    }
    bool all = window->known_us == WB_EVERYTHING;
    uint32_t *counts = wb->scratch_counts.at;
    struct belief belief;
    TRY(belief_open(wb, window->known_us, &belief));
    struct folded_curve curve = {.belief = &belief,
                                 .grid = grid,
                                 .limit = limit,
                                 .zone = zone,
                                 .asked_us = all ? window->asked_us : window->known_us,
                                 .counts = counts};
    wb_status status = occupancy_folded(wb, &curve);
    belief_close(&belief);
    if (status != WB_OK) return status;
    memcpy(out->at, counts, grid->count * sizeof *out->at);
    out->count = grid->count;
    return WB_OK;
}

wb_status wb_occupancy(struct wb *wb, wb_zone zone, const struct wb_window *window,
                       int64_t every_us, const struct wb_limit *limit, struct wb_counts *out)
{
    TRY(ask_ready(wb));
    out->count = 0;
    if (!is_zone(wb, zone)) return WB_ENOENT;
    if (every_us < 1 || window->from_us == WB_NO_TIME || window->until_us == WB_STILL_THERE) {
        return WB_EINVAL;
    }
    if (window->until_us <= window->from_us) return WB_OK;
    uint64_t span = (uint64_t)window->until_us - (uint64_t)window->from_us;
    uint64_t count = (span - 1) / (uint64_t)every_us + 1;
    if (count > POINTS_MAX) return WB_EFULL;

    struct wb_counts *scratch = &wb->scratch_counts;
    scratch->count = 0;
    if (!LIST_ROOM(out, count) || !LIST_ROOM(scratch, count)) return engine_no_memory(wb);
    memset(scratch->at, 0, count * sizeof *scratch->at);
    struct grid grid = {.from_us = window->from_us,
                        .every_us = every_us,
                        .count = (size_t)count,
                        .change = (int32_t *)scratch->at};
    struct limit only;
    wb_status status = limit_open(limit, &only) ? occupancy(wb, zone.n, window, &only, &grid, out)
                                                : engine_no_memory(wb);
    limit_close(&only);
    return status;
}
