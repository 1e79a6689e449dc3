/* Where late scans may have changed who was in a zone: what makes "who was inside, as known then"
 * nearly as quick as "who was inside".
 *
 * A scan that is learnt late hides, from those who do not know it yet, that its person came into
 * one zone and left another, until a scan that is prompt and certain shows it. For each late scan
 * the zones that it can be about get a mark: this person, from the scan until then, for those who
 * know less than its learnt time. Whoever has no mark at a zone and moment was there, as known,
 * exactly if they were there. Marks are always enough, sometimes too many: who has one is folded.
 *
 * They are made from the person blocks when first asked for, group by group, and again for groups
 * that changed since. Where most of a file is late (an imported past) they are not made. */
#include <stdlib.h>
#include <string.h>

#include "engine/ask.h"

#define MARKS_MAX 2000000u

struct mark {
    int64_t begin_us, end_us, learnt_us;
    uint32_t zone, person;
};

struct marks {
    struct mark *at;
    size_t count, capacity;
};

struct group_marks {
    uint64_t epoch;    /* of the group when they were made; 0: never */
    int64_t learnt_us; /* the newest late scan's */
    struct marks marks;
};

struct late_index {
    struct group_marks *groups;
    size_t group_count;
    uint64_t epoch; /* of all, when it was put together */
    size_t zones;   /* how many there were then */
    bool too_many;
    int64_t learnt_us;
    struct marks marks; /* by zone, then begin */
    int64_t *reach;     /* [marks.count] the latest end of the zone's marks up to each */
    size_t reach_capacity;
    size_t *first;            /* [zone count + 1] */
    struct marks open;        /* scratch: of the person who is folded, no end yet */
    struct timeline counting; /* scratch: their scans that count */
};

void late_index_free(struct late_index *index)
{
    if (index == NULL) return;
    for (size_t g = 0; g < index->group_count; g++) {
        LIST_DONE(&index->groups[g].marks);
    }
    free(index->groups);
    LIST_DONE(&index->marks);
    LIST_DONE(&index->open);
    timeline_done(&index->counting);
    free(index->reach);
    free(index->first);
    free(index);
}

/* ---- Marks of one person ---- */

struct marking {
    struct wb *wb;
    struct late_index *index;
    struct group_marks *group;
    uint32_t person;
    struct fold fold;
    int64_t last_us; /* time of the scan before */
};

static bool open_mark(struct marking *m, uint32_t zone, int64_t begin_us, int64_t learnt_us)
{
    if (zone < WB_FIRST_ZONE) return true;
    struct marks *open = &m->index->open;
    for (size_t i = 0; i < open->count; i++) {
        struct mark *mark = &open->at[i];
        if (mark->zone != zone) continue;
        if (learnt_us > mark->learnt_us) mark->learnt_us = learnt_us;
        return true;
    }
    struct mark mark = {begin_us, INT64_MAX, learnt_us, zone, m->person};
    return LIST_PUSH(open, mark);
}

static bool close_marks(struct marking *m, int64_t end_us)
{
    struct marks *open = &m->index->open;
    if (!LIST_ROOM(&m->group->marks, open->count)) return false;
    for (size_t i = 0; i < open->count; i++) {
        open->at[i].end_us = end_us;
        m->group->marks.at[m->group->marks.count++] = open->at[i];
    }
    open->count = 0;
    return true;
}

/* Where a scan may put somebody of whom it is not known where they are. */
static bool open_all(struct marking *m, const struct seen *seen, int64_t learnt_us)
{
    const struct shape *shape = &m->wb->plan.shape;
    const struct rule *rule = &shape->rules[seen->reader];
    uint32_t other = rule->kind == RULE_BETWEEN ? rule->b
                     : rule->kind == RULE_LEAVE ? shape->zones[rule->a].parent
                                                : rule->a;
    return open_mark(m, rule->a, seen->at_us, learnt_us) &&
           open_mark(m, other, seen->at_us, learnt_us);
}

static int64_t open_learnt_us(const struct late_index *index)
{
    int64_t learnt_us = WB_NO_TIME;
    for (size_t i = 0; i < index->open.count; i++) {
        if (index->open.at[i].learnt_us > learnt_us) learnt_us = index->open.at[i].learnt_us;
    }
    return learnt_us;
}

/* A scan that puts its person where it says whatever was before: alone, absolute, not debounced. */
static bool is_certain(const struct marking *m, const struct seen *at, size_t tie)
{
    const struct shape *shape = &m->wb->plan.shape;
    const struct rule *rule = &shape->rules[at->reader];
    bool absolute =
        rule->kind == RULE_ENTER || rule->kind == RULE_LEAVE || at->direction != WB_NO_DIRECTION;
    return tie == 1 && absolute &&
           (m->last_us == WB_NO_TIME || at->at_us - m->last_us >= shape->debounce_us);
}

/* at: [tie] the scans of one moment, which count; their notes are the timeline's */
static bool mark_moment(struct marking *m, const struct timeline *scans, const struct seen *at,
                        size_t tie)
{
    int64_t learnt_us = WB_NO_TIME;
    for (size_t i = 0; i < tie; i++) {
        int64_t own_us = timeline_note(scans, &at[i])->learnt_us;
        if (own_us > learnt_us) learnt_us = own_us;
    }
    /* Of scans of one moment one may be known before another: a place where nobody stayed. */
    if (tie > 1 && at->at_us + PROMPT_US > learnt_us) learnt_us = at->at_us + PROMPT_US;
    uint32_t before = m->fold.now.zone;
    fold_scans(&m->fold, &m->wb->plan.shape, m->person, at, tie, NULL);
    bool late = learnt_us != WB_NO_TIME;
    bool certain = !late && is_certain(m, at, tie);
    m->last_us = at->at_us;
    /* It may have been on its way so long itself. */
    if (certain) return m->index->open.count == 0 || close_marks(m, at->at_us + PROMPT_US);
    if (!late && m->index->open.count == 0) return true;
    if (learnt_us > m->group->learnt_us) m->group->learnt_us = learnt_us;
    int64_t open_us = open_learnt_us(m->index);
    if (open_us > learnt_us) learnt_us = open_us;
    bool good = open_mark(m, before, at->at_us, learnt_us) &&
                open_mark(m, m->fold.now.zone, at->at_us, learnt_us);
    for (size_t i = 0; good && i < tie; i++) {
        good = open_all(m, &at[i], learnt_us);
    }
    return good;
}

static bool has_ties(const struct seen *at, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (at[i - 1].at_us == at[i].at_us) return true;
    }
    return false;
}

static bool mark_moments(struct marking *m, const struct timeline *scans, const struct seen *at,
                         size_t count)
{
    for (size_t i = 0; i < count;) {
        size_t tie = 1;
        while (i + tie < count && at[i + tie].at_us == at[i].at_us) {
            tie++;
        }
        if (!mark_moment(m, scans, at + i, tie)) return false;
        i += tie;
    }
    return true;
}

static wb_status mark_person(struct wb *wb, struct late_index *index, struct group_marks *group,
                             uint32_t person)
{
    struct marking m = {
        .wb = wb, .index = index, .group = group, .person = person, .last_us = WB_NO_TIME};
    const struct spine *spine = spine_of(wb, BLOCK_PERSON, person / GROUP_PEOPLE);
    if (spine == NULL) return engine_no_memory(wb);
    fold_init(&m.fold);
    index->open.count = 0;
    for (size_t b = 0; b < spine->count; b++) {
        TRY(member_read(wb, person, spine->at[b], true));
        const struct timeline *scans = &wb->member.scans;
        const struct seen *at;
        size_t count;
        /* Marks are asked for only where all withdrawals are known: what they take back is not
         * there for anybody. */
        if (!timeline_counting(scans, &index->counting, &at, &count)) return engine_no_memory(wb);
        if (scans->notes.count == 0 && index->open.count == 0 && !has_ties(at, count)) {
            /* Nothing late and nothing in doubt: the next block says where they are then. */
            if (count > 0) m.last_us = at[count - 1].at_us;
            fold_copy(&m.fold, &wb->member.state);
            fold_scans(&m.fold, &wb->plan.shape, person, at, count, NULL);
        } else if (!mark_moments(&m, scans, at, count)) {
            return engine_no_memory(wb);
        }
    }
    return close_marks(&m, INT64_MAX) ? WB_OK : engine_no_memory(wb);
}

/* ---- All marks ---- */

static wb_status mark_group(struct wb *wb, struct late_index *index, uint32_t g)
{
    struct group_marks *group = &index->groups[g];
    uint64_t epoch = group_epoch(wb, g);
    if (group->epoch == epoch) return WB_OK;
    group->marks.count = 0;
    group->learnt_us = WB_NO_TIME;
    for (uint32_t i = 0; i < GROUP_PEOPLE; i++) {
        uint32_t person = g * GROUP_PEOPLE + i;
        if (person >= wb->owners.count) break;
        if (!owner_counts(wb, person)) continue;
        TRY(mark_person(wb, index, group, person));
        if (group->marks.count > MARKS_MAX) break;
    }
    group->epoch = epoch;
    return WB_OK;
}

static wb_status mark_groups(struct wb *wb, struct late_index *index)
{
    size_t groups = wb->owners.count / GROUP_PEOPLE + 1;
    if (groups > index->group_count) {
        struct group_marks *grown = realloc(index->groups, groups * sizeof *grown);
        if (grown == NULL) return engine_no_memory(wb);
        memset(grown + index->group_count, 0, (groups - index->group_count) * sizeof *grown);
        index->groups = grown;
        index->group_count = groups;
    }
    index->learnt_us = WB_NO_TIME;
    size_t count = 0;
    index->too_many = false;
    for (uint32_t g = 0; g < groups && !index->too_many; g++) {
        TRY(mark_group(wb, index, g));
        if (index->groups[g].learnt_us > index->learnt_us) {
            index->learnt_us = index->groups[g].learnt_us;
        }
        count += index->groups[g].marks.count;
        index->too_many = count > MARKS_MAX;
    }
    return WB_OK;
}

static int compare_marks(const void *left, const void *right)
{
    const struct mark *a = left;
    const struct mark *b = right;
    if (a->begin_us != b->begin_us) return a->begin_us < b->begin_us ? -1 : 1;
    return (a->person > b->person) - (a->person < b->person);
}

/* Put the groups' marks together, by zone. */
static bool gather_marks(const struct wb *wb, struct late_index *index)
{
    size_t zones = wb->zones.count;
    size_t *first = calloc(zones + 2, sizeof *first);
    free(index->first);
    index->first = first;
    index->marks.count = 0;
    if (first == NULL) return false;
    size_t count = 0;
    for (size_t g = 0; g < index->group_count; g++) {
        const struct marks *marks = &index->groups[g].marks;
        count += marks->count;
        for (size_t i = 0; i < marks->count; i++) {
            first[marks->at[i].zone + 2]++;
        }
    }
    if (!LIST_ROOM(&index->marks, count) ||
        !list_reserve((void **)&index->reach, &index->reach_capacity, count,
                      sizeof *index->reach)) {
        return false;
    }
    for (size_t z = 2; z < zones + 2; z++) {
        first[z] += first[z - 1];
    }
    for (size_t g = 0; g < index->group_count; g++) {
        const struct marks *marks = &index->groups[g].marks;
        for (size_t i = 0; i < marks->count; i++) {
            index->marks.at[first[marks->at[i].zone + 1]++] = marks->at[i];
        }
    }
    index->marks.count = count;
    return true;
}

static void sort_marks(const struct wb *wb, struct late_index *index)
{
    for (size_t z = 0; z < wb->zones.count; z++) {
        size_t from = index->first[z];
        size_t count = index->first[z + 1] - from;
        if (count == 0) continue;
        qsort(index->marks.at + from, count, sizeof *index->marks.at, compare_marks);
        int64_t reach_us = INT64_MIN;
        for (size_t i = from; i < from + count; i++) {
            if (index->marks.at[i].end_us > reach_us) reach_us = index->marks.at[i].end_us;
            index->reach[i] = reach_us;
        }
    }
}

wb_status late_ready(struct wb *wb, bool *usable)
{
    if (wb->late == NULL) wb->late = calloc(1, sizeof *wb->late);
    struct late_index *index = wb->late;
    if (index == NULL) return engine_no_memory(wb);
    if (index->epoch != wb->epoch || index->zones != wb->zones.count) {
        TRY(mark_groups(wb, index));
        if (!index->too_many) {
            if (!gather_marks(wb, index)) return engine_no_memory(wb);
            sort_marks(wb, index);
        }
        index->epoch = wb->epoch;
        index->zones = wb->zones.count;
    }
    *usable = !index->too_many;
    return WB_OK;
}

/* Append those who have a mark at a zone and moment, for those who know no more. */
bool late_people(const struct wb *wb, uint32_t zone, int64_t at_us, int64_t known_us,
                 struct crowd *out)
{
    const struct late_index *index = wb->late;
    if (index->learnt_us <= known_us) return true;
    size_t from = index->first[zone];
    size_t low = from;
    size_t high = index->first[zone + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index->marks.at[middle].begin_us <= at_us) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (size_t i = low; i-- > from && index->reach[i] > at_us;) {
        const struct mark *mark = &index->marks.at[i];
        if (mark->end_us <= at_us || mark->learnt_us <= known_us) continue;
        if (!LIST_PUSH(out, mark->person)) return false;
    }
    return true;
}

/* Whether the person's state at a moment could be another for those who know no more. The marks of
 * a group stand person by person. */
bool late_hides(const struct wb *wb, uint32_t person, int64_t at_us, int64_t known_us)
{
    const struct marks *marks = &wb->late->groups[person / GROUP_PEOPLE].marks;
    size_t low = 0;
    size_t high = marks->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (marks->at[middle].person < person) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < marks->count && marks->at[low].person == person; low++) {
        const struct mark *mark = &marks->at[low];
        if (mark->begin_us < at_us && at_us <= mark->end_us && mark->learnt_us > known_us) {
            return true;
        }
    }
    return false;
}
