#include "model_fold.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

/* The last counted scan of the person at one reader. */
struct last_counted {
    bool any;
    int64_t at_us;
    int direction;
};

struct fold {
    struct model_view *view;
    struct last_counted *last; /* [readers] */
    struct model_interval *raw;
    size_t raw_count, raw_capacity;
    int zone; /* where we believe the person to be now */
    bool forgotten;
    int64_t last_seen_us;
};

/* ---- Order at one microsecond (4) ---- */

struct turn_of_scan {
    struct model_event event;
    int group; /* 0: leaves of where the person is, 1: enters and betweens, 2: other leaves */
    int depth; /* of the zone of a leave in group 0 */
};

static int depth_of(const struct model_view *view, int zone)
{
    int depth = 0;
    for (; zone > MODEL_OUTSIDE; zone = view->places[zone].parent)
        depth++;
    return depth;
}

static bool goes_before(const struct model *m, const struct turn_of_scan *a,
                        const struct turn_of_scan *b)
{
    if (a->group != b->group) return a->group < b->group;
    if (a->depth != b->depth) return a->depth > b->depth;
    int readers = strcmp(m->readers.text[a->event.reader], m->readers.text[b->event.reader]);
    if (readers) return readers < 0;
    if (a->event.direction != b->event.direction) return a->event.direction < b->event.direction;
    return strcmp(m->bands.text[a->event.band], m->bands.text[b->event.band]) < 0;
}

/* Put the scans of one microsecond into order, by where the person is just before it. */
static void order_moment(const struct fold *fold, struct model_event *events, size_t count)
{
    const struct model_view *view = fold->view;
    struct turn_of_scan *turns = calloc(count, sizeof *turns);
    assert(turns);
    for (size_t i = 0; i < count; i++) {
        const struct model_door *door = &view->doors[events[i].reader];
        struct turn_of_scan turn = {.event = events[i], .group = 1};
        if (door->kind == 'l') {
            bool is_in = model_is_within(view, fold->zone, door->a);
            turn.group = is_in ? 0 : 2;
            turn.depth = is_in ? depth_of(view, door->a) : 0;
        }
        size_t j = i;
        for (; j > 0 && goes_before(view->m, &turn, &turns[j - 1]); j--)
            turns[j] = turns[j - 1];
        turns[j] = turn;
    }
    for (size_t i = 0; i < count; i++)
        events[i] = turns[i].event;
    free(turns);
}

/* ---- Forgetting (7) ---- */

/* When a person in this zone, last seen then, is forgotten; WB_STILL_THERE: never. */
static int64_t forgets_us(const struct model_view *view, int zone, int64_t last_seen_us)
{
    if (zone <= MODEL_OUTSIDE) return WB_STILL_THERE;
    int64_t after_us = view->places[zone].forget_us;
    if (after_us == MODEL_NEVER) return WB_STILL_THERE;
    if (after_us == MODEL_AS_POLICY) after_us = view->policy.forget_us;
    return after_us ? last_seen_us + after_us : WB_STILL_THERE;
}

static void forget_up_to(struct fold *fold, int64_t at_us)
{
    int64_t when_us = forgets_us(fold->view, fold->zone, fold->last_seen_us);
    if (when_us > at_us || when_us == WB_STILL_THERE) return;
    struct model_interval *current = &fold->raw[fold->raw_count - 1];
    current->until_us = when_us;
    current->forgotten = true;
    fold->zone = MODEL_UNKNOWN;
    fold->forgotten = true;
}

/* ---- One scan (5, 6) ---- */

static bool is_debounced(const struct fold *fold, const struct model_event *event)
{
    const struct last_counted *last = &fold->last[event->reader];
    if (fold->forgotten || !last->any) return false;
    if (event->at_us - last->at_us >= fold->view->policy.debounce_us) return false;
    bool turned = (event->direction == WB_IN && last->direction == WB_OUT) ||
                  (event->direction == WB_OUT && last->direction == WB_IN);
    return !turned;
}

/* Where a scan puts the person; unseen: a leave of a zone where we did not believe them. */
static int place_after(const struct fold *fold, const struct model_event *event, bool *unseen)
{
    const struct model_view *view = fold->view;
    const struct model_door *door = &view->doors[event->reader];
    *unseen = false;
    if (door->kind == 'e') return door->a;
    if (door->kind == 'l') {
        *unseen = !model_is_within(view, fold->zone, door->a);
        return view->places[door->a].parent;
    }
    if (event->direction == WB_IN) return door->b;
    if (event->direction == WB_OUT) return door->a;
    return model_is_within(view, fold->zone, door->b) ? door->a : door->b;
}

/* Whether the reader had declared, earlier than the scan was learnt, to be complete (10). */
static bool is_after_complete(const struct fold *fold, const struct model_event *event)
{
    const struct model *m = fold->view->m;
    for (size_t i = 0; i < m->believed.completeness; i++) {
        const struct model_completeness *complete = &m->completeness[i];
        if (complete->reader == event->reader && event->at_us <= complete->until_us &&
            complete->learnt_us < event->learnt_us)
            return true;
    }
    return false;
}

static void begin_interval(struct fold *fold, int zone, int64_t at_us)
{
    if (fold->raw_count && !fold->raw[fold->raw_count - 1].forgotten)
        fold->raw[fold->raw_count - 1].until_us = at_us;
    fold->raw = make_room(fold->raw, &fold->raw_capacity, fold->raw_count + 1, sizeof *fold->raw);
    fold->raw[fold->raw_count++] = (struct model_interval){
        .zone = zone,
        .from_us = at_us,
        .until_us = WB_STILL_THERE,
        .forgets_us = WB_STILL_THERE,
    };
    fold->zone = zone;
    fold->forgotten = false;
}

static void fold_scan(struct fold *fold, const struct model_event *event)
{
    uint32_t flags = is_after_complete(fold, event) ? WB_FLAG_AFTER_COMPLETE : 0;
    uint32_t counts = 0;
    if (!is_debounced(fold, event)) {
        bool unseen;
        int zone = place_after(fold, event, &unseen);
        if (unseen) flags |= WB_FLAG_UNSEEN_ENTRY;
        if (zone != fold->zone) begin_interval(fold, zone, event->at_us);
        fold->last[event->reader] = (struct last_counted){true, event->at_us, event->direction};
        counts = 1;
    }
    assert(fold->raw_count > 0); /* the first scan of a person is never debounced */
    struct model_interval *current = &fold->raw[fold->raw_count - 1];
    current->last_seen_us = event->at_us;
    current->scans += counts;
    current->flags |= flags;
    fold->last_seen_us = event->at_us;

    struct model_view *view = fold->view;
    view->seen =
        make_room(view->seen, &view->seen_capacity, view->seen_count + 1, sizeof *view->seen);
    view->seen[view->seen_count++] = (struct model_seen){event->at_us, event->reader};
}

/* ---- Stays (8) ---- */

/* Drop intervals of no length, then join neighbours of one zone that only they parted. */
static void keep_intervals(struct fold *fold, struct model_life *life)
{
    struct model_view *view = fold->view;
    life->first_interval = view->interval_count;
    for (size_t i = 0; i < fold->raw_count; i++) {
        const struct model_interval *raw = &fold->raw[i];
        if (raw->from_us == raw->until_us) continue;
        struct model_interval *last = view->interval_count > life->first_interval
                                          ? &view->intervals[view->interval_count - 1]
                                          : NULL;
        if (last && last->zone == raw->zone && !last->forgotten) {
            last->until_us = raw->until_us;
            last->forgotten = raw->forgotten;
            last->last_seen_us = raw->last_seen_us;
            last->scans += raw->scans;
            last->flags |= raw->flags;
            continue;
        }
        view->intervals = make_room(view->intervals, &view->interval_capacity,
                                    view->interval_count + 1, sizeof *view->intervals);
        view->intervals[view->interval_count++] = *raw;
    }
    life->interval_count = view->interval_count - life->first_interval;
    if (life->interval_count == 0) return;

    struct model_interval *newest = &view->intervals[view->interval_count - 1];
    newest->forgets_us = forgets_us(view, newest->zone, newest->last_seen_us);
}

void model_fold(struct model_view *view, size_t first, size_t last)
{
    struct fold fold = {.view = view, .zone = MODEL_UNKNOWN};
    fold.last = calloc(view->m->readers.count + 1, sizeof *fold.last);
    assert(fold.last);
    struct model_life *life = &view->lives[view->events[first].person];
    life->first_seen = view->seen_count;

    while (first < last) {
        int64_t at_us = view->events[first].at_us;
        size_t next = first + 1;
        while (next < last && view->events[next].at_us == at_us)
            next++;
        forget_up_to(&fold, at_us);
        order_moment(&fold, &view->events[first], next - first);
        for (; first < next; first++)
            fold_scan(&fold, &view->events[first]);
    }
    life->seen_count = view->seen_count - life->first_seen;
    keep_intervals(&fold, life);
    free(fold.raw);
    free(fold.last);
}
