#include "presence/fold.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"

void fold_init(struct fold *fold)
{
    fold->now = (struct interval){.from_us = WB_NO_TIME, .last_seen_us = WB_NO_TIME};
    fold->last_seen_us = WB_NO_TIME;
    fold->reader = WB_NONE;
    fold->last_real = WB_ZONE_UNKNOWN;
    fold->has_before = false;
    fold->counted_count = 0;
}

void fold_copy(struct fold *to, const struct fold *from)
{
    memcpy(to, from, offsetof(struct fold, counted));
    memcpy(to->counted, from->counted, from->counted_count * sizeof from->counted[0]);
}

/* The interval is over at until_us: a real one of some length becomes a stay. */
static inline void finish(struct fold *fold, const struct interval *over, uint32_t person,
                          int64_t until_us, struct fold_sink *sink)
{
    if (over->zone < WB_FIRST_ZONE) return;
    assert(over->from_us < until_us);
    fold->last_real = over->zone;
    if (sink == NULL) return;
    struct wb_stay stay = {.person = {person},
                           .zone = {over->zone},
                           .from_us = over->from_us,
                           .until_us = until_us,
                           .last_seen_us = over->last_seen_us,
                           .scans = over->scans,
                           .flags = over->flags};
    if (!LIST_PUSH(sink->stays, stay)) sink->failed = true;
}

void fold_settle(struct fold *fold, uint32_t person, struct fold_sink *sink)
{
    if (!fold->has_before) return;
    fold->has_before = false;
    if (fold->before.zone == fold->now.zone) {
        fold->now.from_us = fold->before.from_us;
        fold->now.scans += fold->before.scans;
        fold->now.flags |= fold->before.flags;
        return;
    }
    finish(fold, &fold->before, person, fold->now.from_us, sink);
}

int64_t fold_forgotten_at(const struct fold *fold, const struct shape *shape)
{
    if (fold->now.zone < WB_FIRST_ZONE) return WB_STILL_THERE;
    int64_t forget_us = shape->zones[fold->now.zone].forget_us;
    int64_t at_us;
    if (forget_us == 0 || __builtin_add_overflow(fold->last_seen_us, forget_us, &at_us)) {
        return WB_STILL_THERE;
    }
    return at_us;
}

void fold_forget(struct fold *fold, const struct shape *shape, uint32_t person, int64_t until_us,
                 struct fold_sink *sink)
{
    int64_t at_us = fold_forgotten_at(fold, shape);
    if (at_us > until_us || at_us == WB_STILL_THERE) return;

    fold_settle(fold, person, sink);
    finish(fold, &fold->now, person, at_us, sink);
    fold->now = (struct interval){.zone = WB_ZONE_UNKNOWN, .from_us = at_us, .last_seen_us = at_us};
}

static struct counted *last_counted(struct fold *fold, uint32_t reader)
{
    for (uint32_t i = 0; i < fold->counted_count; i++) {
        if (fold->counted[i].reader == reader) return &fold->counted[i];
    }
    return NULL;
}

/* Rule 3.6: too soon after the last counted scan here, and not a turn of direction. */
static bool is_debounced(struct fold *fold, const struct shape *shape, const struct seen *scan)
{
    if (fold->now.zone == WB_ZONE_UNKNOWN) return false;
    const struct counted *last = last_counted(fold, scan->reader);
    if (last == NULL || scan->at_us - last->at_us >= shape->debounce_us) return false;
    return !(last->direction == WB_IN && scan->direction == WB_OUT) &&
           !(last->direction == WB_OUT && scan->direction == WB_IN);
}

static void remember_counted(struct fold *fold, const struct shape *shape, const struct seen *scan)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < fold->counted_count; i++) {
        const struct counted *c = &fold->counted[i];
        if (c->reader == scan->reader || scan->at_us - c->at_us >= shape->debounce_us) continue;
        fold->counted[kept++] = *c;
    }
    if (kept == FOLD_COUNTED_MAX) {
        kept--;
        memmove(fold->counted, fold->counted + 1, kept * sizeof fold->counted[0]);
    }
    fold->counted[kept++] = (struct counted){scan->at_us, scan->reader, scan->direction};
    fold->counted_count = kept;
}

/* Rule 3.5: where the scan puts a person who is in fold->now.zone. */
static inline uint32_t destination(const struct fold *fold, const struct shape *shape,
                                   const struct seen *scan, uint32_t *flags)
{
    const struct rule *rule = &shape->rules[scan->reader];
    uint32_t here = fold->now.zone;
    switch ((enum rule_kind)rule->kind) {
    case RULE_ENTER:
        return rule->a;
    case RULE_LEAVE:
        if (here < WB_FIRST_ZONE || !shape_within(shape, here, rule->a)) {
            *flags |= WB_FLAG_UNSEEN_ENTRY;
        }
        return shape->zones[rule->a].parent;
    case RULE_BETWEEN:
        if (scan->direction == WB_IN) return rule->b;
        if (scan->direction == WB_OUT) return rule->a;
        return here >= WB_FIRST_ZONE && shape_within(shape, here, rule->b) ? rule->a : rule->b;
    case RULE_NONE:
        break;
    }
    return here;
}

static inline void move(struct fold *fold, uint32_t zone, int64_t at_us, uint32_t flags)
{
    if (zone == fold->now.zone) {
        fold->now.scans++;
        fold->now.flags |= flags;
        fold->now.last_seen_us = at_us;
        return;
    }
    if (fold->now.zone != WB_ZONE_UNKNOWN && at_us > fold->now.from_us) {
        assert(!fold->has_before);
        fold->before = fold->now;
        fold->has_before = true;
    }
    fold->now = (struct interval){
        .from_us = at_us, .last_seen_us = at_us, .zone = zone, .scans = 1, .flags = flags};
}

static void fold_one(struct fold *fold, const struct shape *shape, const struct seen *scan)
{
    uint32_t flags = scan->flags;
    if (is_debounced(fold, shape, scan)) {
        fold->now.last_seen_us = scan->at_us;
        fold->now.flags |= flags;
    } else {
        remember_counted(fold, shape, scan);
        uint32_t zone = destination(fold, shape, scan, &flags);
        move(fold, zone, scan->at_us, flags);
    }
    fold->last_seen_us = scan->at_us;
    fold->reader = scan->reader;
}

/* Rule 3.4. A scan's place among those of its microsecond: first the leaves of zones that the
 * person is in (deepest first), then enter and between, then the other leaves. */
struct ordered {
    uint32_t phase;
    uint32_t shallow; /* greater for zones nearer to the root */
    uint32_t rank;
    uint32_t direction;
    const char *band;
    uint32_t index;
};

static int compare_number(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int compare_ordered(const void *left, const void *right)
{
    const struct ordered *a = left;
    const struct ordered *b = right;
    int by = compare_number(a->phase, b->phase);
    if (by == 0) by = compare_number(a->shallow, b->shallow);
    if (by == 0) by = compare_number(a->rank, b->rank);
    if (by == 0) by = compare_number(a->direction, b->direction);
    return by != 0 ? by : strcmp(a->band, b->band);
}

static struct ordered order_of(const struct fold *fold, const struct shape *shape,
                               const struct seen *scan)
{
    const struct rule *rule = &shape->rules[scan->reader];
    struct ordered order = {.phase = 1,
                            .rank = rule->rank,
                            .direction = scan->direction,
                            .band = names_text(shape->bands, scan->band)};
    if (rule->kind == RULE_LEAVE) {
        bool inside =
            fold->now.zone >= WB_FIRST_ZONE && shape_within(shape, fold->now.zone, rule->a);
        order.phase = inside ? 0 : 2;
        if (inside) order.shallow = UINT32_MAX - shape->zones[rule->a].depth;
    }
    return order;
}

#define TIE_ON_STACK 64u

/* Scans of one microsecond. Two that are equal (a shifted one and another) count once. */
static void fold_tie(struct fold *fold, const struct shape *shape, const struct seen *scans,
                     size_t count, struct fold_sink *sink)
{
    struct ordered few[TIE_ON_STACK];
    struct ordered *order = few;
    if (count > TIE_ON_STACK) {
        order = malloc(count * sizeof *order);
        if (order == NULL) {
            if (sink != NULL) sink->failed = true;
            return;
        }
    }
    for (size_t i = 0; i < count; i++) {
        order[i] = order_of(fold, shape, &scans[i]);
        order[i].index = (uint32_t)i;
    }
    qsort(order, count, sizeof *order, compare_ordered);
    for (size_t i = 0; i < count;) {
        struct seen scan = scans[order[i].index];
        /* Of equal ones that which was learnt first counts: what was declared before all of them
         * was learnt is what was declared before that one was. */
        for (size_t first = i++; i < count && compare_ordered(&order[first], &order[i]) == 0; i++) {
            scan.flags &= scans[order[i].index].flags;
        }
        fold_one(fold, shape, &scan);
    }
    if (order != few) free(order);
}

/* The ordinary scan: alone at its moment, so long after the last one that no debounce looks back,
 * and nobody is forgotten. The same as fold_one, without asking again what is known. */
static inline void fold_plain(struct fold *fold, const struct shape *shape, uint32_t person,
                              const struct seen *scan, struct fold_sink *sink)
{
    uint32_t flags = scan->flags;
    if (fold->has_before) fold_settle(fold, person, sink);
    fold->counted[0] = (struct counted){scan->at_us, scan->reader, scan->direction};
    fold->counted_count = 1;
    uint32_t zone = destination(fold, shape, scan, &flags);
    move(fold, zone, scan->at_us, flags);
    fold->last_seen_us = scan->at_us;
    fold->reader = scan->reader;
}

void fold_scans(struct fold *fold, const struct shape *shape, uint32_t person,
                const struct seen *scans, size_t count, struct fold_sink *sink)
{
    int64_t apart_us = shape->debounce_us > 0 ? shape->debounce_us : 1;
    for (size_t i = 0; i < count;) {
        int64_t at_us = scans[i].at_us;
        if (!shape->forgets && fold->last_seen_us != WB_NO_TIME &&
            at_us - fold->last_seen_us >= apart_us &&
            (i + 1 == count || scans[i + 1].at_us != at_us)) {
            fold_plain(fold, shape, person, &scans[i++], sink);
            continue;
        }
        if (at_us > fold->now.from_us) {
            fold_forget(fold, shape, person, at_us, sink);
            fold_settle(fold, person, sink);
        }
        size_t tie = i + 1;
        while (tie < count && scans[tie].at_us == at_us) {
            tie++;
        }
        if (tie == i + 1) {
            fold_one(fold, shape, &scans[i]);
        } else {
            fold_tie(fold, shape, scans + i, tie - i, sink);
        }
        i = tie;
    }
}

void fold_trim(struct fold *fold, const struct shape *shape, int64_t at_us)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < fold->counted_count; i++) {
        if (at_us - fold->counted[i].at_us >= shape->debounce_us) continue;
        fold->counted[kept++] = fold->counted[i];
    }
    fold->counted_count = kept;
}

bool fold_equal(const struct fold *a, const struct fold *b)
{
    if (a->now.zone != b->now.zone || a->now.from_us != b->now.from_us ||
        a->now.last_seen_us != b->now.last_seen_us || a->now.scans != b->now.scans ||
        a->now.flags != b->now.flags || a->last_seen_us != b->last_seen_us ||
        a->reader != b->reader || a->last_real != b->last_real || a->has_before != b->has_before ||
        a->counted_count != b->counted_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->counted_count; i++) {
        const struct counted *c = &a->counted[i];
        const struct counted *d = &b->counted[i];
        if (c->reader != d->reader || c->at_us != d->at_us || c->direction != d->direction) {
            return false;
        }
    }
    return !a->has_before ||
           (a->before.zone == b->before.zone && a->before.from_us == b->before.from_us &&
            a->before.scans == b->before.scans && a->before.flags == b->before.flags);
}
