/* Questions about people: where somebody is, where they went; everybody at a moment. */
#include "engine/ask.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

wb_status ask_open(struct wb *wb)
{
    if (wb->failed != WB_OK) return wb->failed;
    if (!wb->writes) TRY(engine_refresh(wb));
    if (!wb->described) {
        return engine_fail(wb, WB_EINVAL,
                           "the file has no site yet; describe it with "
                           "`whereabouts init --site site.json`.");
    }
    return WB_OK;
}

wb_status ask_ready(struct wb *wb)
{
    TRY(ask_open(wb));
    return apply(wb);
}

wb_status ask_who(struct wb *wb)
{
    TRY(ask_open(wb));
    return wb->changes.count > 0 ? apply(wb) : WB_OK;
}

/* ---- The present ---- */

static bool asks_for_all(const struct wb_moment *moment)
{
    return moment->known_us == WB_EVERYTHING;
}

static bool is_up_to_date(const struct owner *owner, int64_t as_of_us)
{
    return !owner->stale && owner->last_seen_us <= as_of_us;
}

bool present_says(const struct wb *wb, const struct wb_moment *moment)
{
    if (!asks_for_all(moment) || wb->changes.count > 0) return false;
    for (uint32_t p = 0; p < wb->owners.count; p++) {
        if (!is_up_to_date(&wb->owners.at[p], moment->as_of_us) && owner_counts(wb, p)) {
            return false;
        }
    }
    return true;
}

/* Blocks are made ready for a question about everybody, unless it is about the present. */
static wb_status ready_for_everybody(struct wb *wb, const struct wb_moment *moment)
{
    TRY(ask_open(wb));
    return present_says(wb, moment) ? WB_OK : apply(wb);
}

static wb_status ready_for(struct wb *wb, uint32_t person, const struct wb_moment *moment)
{
    TRY(ask_who(wb));
    bool present = asks_for_all(moment) && person < wb->owners.count &&
                   is_up_to_date(&wb->owners.at[person], moment->as_of_us);
    return present ? WB_OK : apply(wb);
}

/* ---- One person at a moment ---- */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* How many of the piece's scans happened by then. */
static size_t scans_until(const struct stream *stream, int64_t at_us)
{
    size_t low = 0;
    size_t high = stream->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (stream->at[middle].at_us <= at_us) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

wb_status fold_at(struct wb *wb, const struct belief *belief, uint32_t person,
                  const struct wb_moment *moment, struct fold *fold)
{
    int64_t at_us = moment->as_of_us;
    bool later = false;
    const struct owner *owner = &wb->owners.at[person];
    if (!presence_is_known(wb, person)) {
        wb_status damaged = presence_damaged(wb, person);
        assert(damaged != WB_OK);
        return damaged;
    }
    if (belief->all && owner->last_seen_us <= at_us) {
        owner_load(wb, person, fold);
    } else {
        struct stream stream;
        wb_status status = stream_open(wb, belief, person, at_us, &stream, fold);
        while (status == WB_OK && !stream.done && !later) {
            size_t count = scans_until(&stream, at_us);
            fold_scans(fold, &belief->plan->shape, person, stream.at, count, NULL);
            later = count < stream.count;
            if (!later) status = stream_next(&stream);
        }
        stream_close(&stream);
        TRY(status);
        fold_settle(fold, person, NULL);
        later = later || belief->all;
    }
    int64_t until_us = later ? at_us : earlier(at_us, moment->asked_us);
    fold_forget(fold, &belief->plan->shape, person, until_us, NULL);
    return WB_OK;
}

struct wb_whereabouts whereabouts_of(uint32_t person, const struct fold *fold)
{
    uint32_t zone = fold->now.zone;
    return (struct wb_whereabouts){.person = {person},
                                   .zone = {zone},
                                   .last_zone = {zone >= WB_FIRST_ZONE ? zone : fold->last_real},
                                   .reader = {fold->reader},
                                   .since_us =
                                       zone == WB_ZONE_UNKNOWN ? WB_NO_TIME : fold->now.from_us,
                                   .last_seen_us = fold->last_seen_us};
}

/* With a known, the moment of asking is that. */
struct wb_moment asked_moment(const struct wb_moment *moment)
{
    struct wb_moment copy = *moment;
    if (copy.known_us != WB_EVERYTHING) copy.asked_us = copy.known_us;
    return copy;
}

wb_status wb_where(struct wb *wb, wb_person person, const struct wb_moment *moment,
                   struct wb_whereabouts *out)
{
    TRY(ready_for(wb, person.n, moment));
    if (!person_exists(wb, person.n)) return WB_ENOENT;
    struct wb_moment asked = asked_moment(moment);
    struct belief belief;
    struct fold fold;
    TRY(belief_open(wb, asked.known_us, &belief));
    wb_status status = fold_at(wb, &belief, person.n, &asked, &fold);
    belief_close(&belief);
    if (status == WB_OK) *out = whereabouts_of(person.n, &fold);
    return status;
}

/* ---- Everybody at a moment ---- */

wb_status each_person(struct wb *wb, const struct wb_moment *moment, person_visit visit,
                      void *context)
{
    struct wb_moment asked = asked_moment(moment);
    struct belief belief;
    TRY(belief_open(wb, asked.known_us, &belief));
    wb_status status = WB_OK;
    for (uint32_t p = 0; status == WB_OK && p < wb->owners.count; p++) {
        bool exists;
        status = belief_exists(wb, &belief, p, &exists);
        if (status != WB_OK || !exists) continue;
        struct fold fold;
        status = fold_at(wb, &belief, p, &asked, &fold);
        if (status == WB_OK) status = visit(context, p, &fold);
    }
    belief_close(&belief);
    return status;
}

struct everybody {
    struct wb *wb;
    struct wb_whereabouts_list *out;
};

static wb_status take_everybody(void *context, uint32_t person, const struct fold *fold)
{
    struct everybody *everybody = context;
    if (fold->now.zone < WB_FIRST_ZONE) return WB_OK;
    struct wb_whereabouts where = whereabouts_of(person, fold);
    return LIST_PUSH(everybody->out, where) ? WB_OK : engine_no_memory(everybody->wb);
}

wb_status wb_everybody(struct wb *wb, const struct wb_moment *moment,
                       struct wb_whereabouts_list *out)
{
    TRY(ready_for_everybody(wb, moment));
    out->count = 0;
    struct everybody everybody = {.wb = wb, .out = out};
    return each_person(wb, moment, take_everybody, &everybody);
}

struct counting {
    struct wb *wb;
    struct wb_head_counts *out;
    uint32_t *direct; /* [zone count] */
    const struct limit *limit;
};

static wb_status take_count(void *context, uint32_t person, const struct fold *fold)
{
    struct counting *counting = context;
    if (!limit_has_person(counting->limit, (wb_person){person})) return WB_OK;
    if (!limit_has_zone(counting->limit, (wb_zone){fold->now.zone})) return WB_OK;
    counting->direct[fold->now.zone]++;
    return WB_OK;
}

static wb_status fill_counts(struct wb *wb, const struct plan *plan,
                             const struct counting *counting)
{
    struct wb_head_counts *out = counting->out;
    const uint32_t *direct = counting->direct;
    out->outside = direct[WB_ZONE_OUTSIDE];
    out->unknown = direct[WB_ZONE_UNKNOWN];
    for (uint32_t z = WB_FIRST_ZONE; z < wb->zones.count; z++) {
        if (!zone_is_visible(wb, z) || !limit_has_zone(counting->limit, (wb_zone){z})) continue;
        struct wb_head_count count = {.zone = {z}, .direct = direct[z]};
        for (uint32_t below = WB_FIRST_ZONE; below < wb->zones.count; below++) {
            if (direct[below] > 0 && shape_within(&plan->shape, below, z)) {
                count.count += direct[below];
            }
        }
        if (!LIST_PUSH(out, count)) return engine_no_memory(wb);
    }
    return WB_OK;
}

wb_status wb_head_count(struct wb *wb, const struct wb_moment *moment, const struct wb_limit *limit,
                        struct wb_head_counts *out)
{
    TRY(ready_for_everybody(wb, moment));
    out->count = 0;
    uint32_t *direct = calloc(wb->zones.count, sizeof *direct);
    struct limit only;
    struct belief belief = {0};
    bool memory = limit_open(limit, &only) && direct != NULL;
    wb_status status =
        memory ? belief_open(wb, asked_moment(moment).known_us, &belief) : engine_no_memory(wb);
    if (memory && status == WB_OK) {
        struct counting counting = {wb, out, direct, &only};
        status = each_person(wb, moment, take_count, &counting);
        if (status == WB_OK) status = fill_counts(wb, belief.plan, &counting);
        belief_close(&belief);
    }
    limit_close(&only);
    free(direct);
    return status;
}

/* ---- A path ---- */

/* Only those that touch the window; they are in the order of time. */
static void keep_touching(struct wb_stays *stays, size_t first, int64_t from_us, int64_t until_us)
{
    size_t kept = first;
    for (size_t i = first; i < stays->count; i++) {
        const struct wb_stay *stay = &stays->at[i];
        if (stay->from_us < until_us && from_us < stay->until_us) stays->at[kept++] = *stay;
    }
    stays->count = kept;
}

static wb_status push_newest(struct wb *wb, const struct belief *belief, uint32_t person,
                             struct fold *fold, int64_t asked_us, struct fold_sink *sink)
{
    fold_forget(fold, &belief->plan->shape, person, asked_us, sink);
    if (fold->now.zone < WB_FIRST_ZONE) return WB_OK;
    struct wb_stay stay = {.person = {person},
                           .zone = {fold->now.zone},
                           .from_us = fold->now.from_us,
                           .until_us = WB_STILL_THERE,
                           .last_seen_us = fold->now.last_seen_us,
                           .scans = fold->now.scans,
                           .flags = fold->now.flags};
    return LIST_PUSH(sink->stays, stay) ? WB_OK : engine_no_memory(wb);
}

/* Whether the stay that lasted at the end of the window is over for certain. */
static bool is_past(const struct fold *fold, int64_t until_us)
{
    bool joins = fold->has_before && fold->before.zone == fold->now.zone;
    return fold->now.from_us >= until_us && !joins;
}

/* Fold the piece up to the end of the window, and on until the stay that lasts then is over.
 * Whether it came so far: later scans change nothing about the window. */
static bool fold_window(struct fold *fold, const struct belief *belief, uint32_t person,
                        const struct stream *stream, int64_t until_us, struct fold_sink *sink)
{
    const struct shape *shape = &belief->plan->shape;
    size_t done = until_us == WB_STILL_THERE ? stream->count : scans_until(stream, until_us - 1);
    fold_scans(fold, shape, person, stream->at, done, sink);
    while (done < stream->count) {
        /* All scans of one moment together. */
        int64_t at_us = stream->at[done].at_us;
        size_t tie = done + 1;
        while (tie < stream->count && stream->at[tie].at_us == at_us) {
            tie++;
        }
        if (is_past(fold, until_us)) return true;
        fold_scans(fold, shape, person, stream->at + done, tie - done, sink);
        done = tie;
    }
    return is_past(fold, until_us);
}

/* As known at a moment: folded from the beginning. */
static wb_status append_known_path(struct wb *wb, const struct belief *belief, uint32_t person,
                                   const struct wb_window *window, struct wb_stays *out)
{
    struct stream stream;
    struct fold fold;
    struct fold_sink sink = {.stays = out};
    size_t first = out->count;
    wb_status status = stream_open(wb, belief, person, window->from_us, &stream, &fold);
    bool past = false;
    while (status == WB_OK && !stream.done && !past) {
        past = fold_window(&fold, belief, person, &stream, window->until_us, &sink);
        if (!past) status = stream_next(&stream);
    }
    bool ended = stream.done;
    stream_close(&stream);
    TRY(status);
    fold_settle(&fold, person, &sink);
    if (ended) TRY(push_newest(wb, belief, person, &fold, window->known_us, &sink));
    if (sink.failed) return engine_no_memory(wb);
    keep_touching(out, first, window->from_us, window->until_us);
    return WB_OK;
}

/* With all that is known: block by block, the stays that ended in each. */
static wb_status append_true_path(struct wb *wb, const struct belief *belief, uint32_t person,
                                  const struct wb_window *window, struct wb_stays *out)
{
    const struct spine *spine = spine_of(wb, BLOCK_PERSON, person / GROUP_PEOPLE);
    if (spine == NULL) return engine_no_memory(wb);
    if (spine->count == 0) return WB_OK;
    if (!presence_is_known(wb, person)) return presence_damaged(wb, person);
    for (size_t b = spine_at(spine, window->from_us); b < spine->count; b++) {
        const struct wb_stay *stays;
        size_t count;
        TRY(stays_ended(wb, person, spine->at[b], &stays, &count));
        if (!LIST_ROOM(out, count)) return engine_no_memory(wb);
        for (size_t i = 0; i < count; i++) {
            if (stays[i].from_us >= window->until_us) return WB_OK;
            if (stays[i].until_us > window->from_us) out->at[out->count++] = stays[i];
        }
    }
    size_t first = out->count;
    struct fold fold;
    struct fold_sink sink = {.stays = out};
    owner_load(wb, person, &fold);
    TRY(push_newest(wb, belief, person, &fold, window->asked_us, &sink));
    if (sink.failed) return engine_no_memory(wb);
    keep_touching(out, first, window->from_us, window->until_us);
    return WB_OK;
}

wb_status append_path(struct wb *wb, const struct belief *belief, uint32_t person,
                      const struct wb_window *window, struct wb_stays *out)
{
    return belief->all ? append_true_path(wb, belief, person, window, out)
                       : append_known_path(wb, belief, person, window, out);
}

wb_status wb_path(struct wb *wb, wb_person person, const struct wb_window *window,
                  struct wb_stays *out)
{
    TRY(ask_ready(wb));
    out->count = 0;
    if (!person_exists(wb, person.n)) return WB_ENOENT;
    if (window->until_us <= window->from_us) return WB_EINVAL;
    struct belief belief;
    TRY(belief_open(wb, window->known_us, &belief));
    wb_status status = append_path(wb, &belief, person.n, window, out);
    belief_close(&belief);
    return status;
}

/* ---- Evidence ---- */

wb_status wb_could_change(struct wb *wb, int64_t as_of_us, int64_t known_us, struct wb_readers *out)
{
    TRY(ask_open(wb));
    out->count = 0;
    struct plan then = {0};
    const struct plan *plan = &wb->plan;
    size_t version = plan_version_at(wb, known_us);
    if (version != wb->plan.version) {
        TRY(plan_make(wb, version, &then));
        plan = &then;
    }
    wb_status status = WB_OK;
    for (size_t i = 0; status == WB_OK && i < plan->shape.rule_count; i++) {
        uint32_t r = plan->by_id[i];
        if (!reader_is_visible(wb, plan, r) || plan->readers[r].retired_us < as_of_us) continue;
        if (reader_complete_us(wb, r, known_us) >= as_of_us) continue;
        if (!LIST_PUSH(out, (wb_reader){r})) status = engine_no_memory(wb);
    }
    if (plan == &then) plan_done(&then);
    return status;
}
