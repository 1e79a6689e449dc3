/* The tail and corrections go into person blocks; what that changes about stays goes on to zones.
 *
 * A person is folded twice from the state at the start of the first block that changes: as the
 * block was, and as it is to be. The two lists of stays are compared, and where they differ the
 * comings and goings of zones are mended (comings.c). When both folds are in the same state at the
 * start of a later block, everything after it stands as it is. In-order scans are the ordinary
 * case of the same: the old fold ends where the new scans begin. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "engine/engine.h"

/* One person whose timeline is being mended. */
struct mending {
    struct timeline add, remove; /* by time */
    size_t added, removed;       /* of them done */
    bool carried;                /* the state at the next block is another than it says */
    struct fold state;           /* that state */
    struct wb_stays before, after;
};

struct mender {
    struct mending member[GROUP_PEOPLE];
    struct person_block block;
    struct person_block piece; /* of it: borrows its scans */
    struct timeline merged, counting;
    struct bytes_out packed;
    struct fold running[GROUP_PEOPLE];
    struct sort_keys seconds, seconds_scratch; /* of all scans of a block that is cut */
};

/* All that is believed when it begins goes into blocks, group by group, then zone by zone; it may
 * stand still between two of them. Blocks are whole again when it is finished, so whoever reads
 * them has it finished first (apply). Meanwhile more may be believed: that waits for the next. */
struct applying {
    struct mender mender;
    uint32_t *order, *first; /* see order_tail */
    size_t groups, group;    /* how many, the next */
    size_t scans;            /* of the tail: [0, scans) */
    size_t changes, change;  /* [0, changes), the next */
    uint64_t seq, scan_count;
    struct numbers32 behind; /* owners whose presence goes on with the rest of the tail */
    struct comings *comings; /* of zones; NULL: it has not come to them */
};

static void mender_done(struct mender *mender)
{
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        struct mending *m = &mender->member[i];
        timeline_done(&m->add);
        timeline_done(&m->remove);
        LIST_DONE(&m->before);
        LIST_DONE(&m->after);
    }
    person_block_done(&mender->block);
    timeline_done(&mender->merged);
    timeline_done(&mender->counting);
    bytes_out_done(&mender->packed);
    LIST_DONE(&mender->seconds);
    LIST_DONE(&mender->seconds_scratch);
}

/* ---- One person in one block ---- */

/* Whether the next scan that is to go is this one. */
static inline bool is_next_to_go(const struct mending *m, const struct timeline *old,
                                 const struct seen *seen)
{
    if (m->removed >= m->remove.count) return false;
    const struct seen *next = &m->remove.at[m->removed];
    return seen_compare(seen, next) == 0 &&
           timeline_raw_us(old, seen) == timeline_raw_us(&m->remove, next);
}

/* The next scan that is to come before a moment; NULL. */
static inline const struct seen *next_to_come(const struct mending *m, int64_t until_us)
{
    if (m->added >= m->add.count) return NULL;
    const struct seen *next = &m->add.at[m->added];
    return next->at_us < until_us ? next : NULL;
}

/* The block's scans with those that come and without those that go. */
static bool merge(struct mending *m, const struct timeline *old, int64_t until_us,
                  struct timeline *out)
{
    timeline_clear(out);
    size_t i = 0;
    for (;;) {
        const struct seen *add = next_to_come(m, until_us);
        if (i == old->count && add == NULL) return true;
        if (i < old->count && (add == NULL || seen_compare(&old->at[i], add) <= 0)) {
            const struct seen *seen = &old->at[i++];
            if (is_next_to_go(m, old, seen)) {
                m->removed++;
                continue;
            }
            if (!timeline_push(out, seen, timeline_note(old, seen))) return false;
        } else {
            if (!timeline_push(out, add, timeline_note(&m->add, add))) return false;
            m->added++;
        }
    }
}

static bool fold_through(const struct wb *wb, struct mender *mender, struct fold *fold,
                         uint32_t owner, const struct timeline *scans, struct wb_stays *stays)
{
    const struct seen *at;
    size_t count;
    if (!timeline_counting(scans, &mender->counting, &at, &count)) return false;
    struct fold_sink sink = {.stays = stays};
    struct fold_sink *into = stays == NULL ? NULL : &sink;
    fold_scans(fold, &wb->plan.shape, owner, at, count, into);
    fold_settle(fold, owner, into);
    return !sink.failed;
}

/* The newest stay, which nothing has ended. */
static bool push_open(const struct fold *fold, uint32_t owner, struct wb_stays *stays)
{
    if (fold->now.zone < WB_FIRST_ZONE) return true;
    struct wb_stay stay = {.person = {owner},
                           .zone = {fold->now.zone},
                           .from_us = fold->now.from_us,
                           .until_us = WB_STILL_THERE,
                           .last_seen_us = fold->now.last_seen_us,
                           .scans = fold->now.scans,
                           .flags = fold->now.flags};
    return LIST_PUSH(stays, stay);
}

/* More may have been believed of the owner since it was begun: in order, then presence is further
 * than the blocks; or not, then it goes on from here when they are done. */
static bool keep_presence(struct wb *wb, uint32_t owner, struct fold *fold)
{
    struct owner *o = &wb->owners.at[owner];
    bool more = wb->applying != NULL && wb->applying->scans < wb->tail.believed;
    if (more && !o->stale && o->last_seen_us > fold->last_seen_us) return true;
    if (more && o->stale) {
        if (!LIST_PUSH(&wb->applying->behind, owner)) return false;
    } else {
        o->stale = false;
    }
    if (fold->last_seen_us != WB_NO_TIME) {
        fold_trim(fold, &wb->plan.shape, fold->last_seen_us);
    }
    return owner_store(wb, owner, fold);
}

static void keep_newest(struct wb *wb, uint32_t owner, const struct timeline *scans)
{
    struct owner *o = &wb->owners.at[owner];
    if (scans->count == 0) return;
    int64_t newest_us = scans->at[scans->count - 1].at_us;
    if (newest_us > o->last_seen_us) o->last_seen_us = newest_us;
}

/* Whether all that is left to do with somebody is to go on after the last scan. */
static bool only_goes_on(const struct mending *m, const struct timeline *old)
{
    return !m->carried && m->removed == m->remove.count && m->added == 0 && m->add.count > 0 &&
           (old->count == 0 || old->at[old->count - 1].at_us < m->add.at[0].at_us);
}

/* Scans in order, the ordinary case: what was folded stands, and one fold goes on from it. The
 * stays before the newest are the same before and after, so they need not be compared. */
static bool go_on(struct wb *wb, struct mender *mender, uint32_t owner)
{
    struct mending *m = &mender->member[owner % GROUP_PEOPLE];
    struct member *member = &mender->block.member[owner % GROUP_PEOPLE];
    struct fold fold;
    fold_copy(&fold, &member->state);
    if (!fold_through(wb, mender, &fold, owner, &member->scans, NULL) ||
        !push_open(&fold, owner, &m->before) ||
        !fold_through(wb, mender, &fold, owner, &m->add, &m->after) ||
        !push_open(&fold, owner, &m->after)) {
        return false;
    }
    m->added = m->add.count;
    return timeline_append(&member->scans, &m->add) && keep_presence(wb, owner, &fold);
}

static bool mend_member(struct wb *wb, struct mender *mender, uint32_t owner, int64_t until_us,
                        bool last)
{
    struct mending *m = &mender->member[owner % GROUP_PEOPLE];
    struct member *member = &mender->block.member[owner % GROUP_PEOPLE];
    if (last && owner_counts(wb, owner) && only_goes_on(m, &member->scans)) {
        return go_on(wb, mender, owner);
    }
    struct fold old;
    struct fold new;
    fold_copy(&old, &member->state);
    fold_copy(&new, m->carried ? &m->state : &member->state);
    if (m->carried) {
        fold_copy(&member->state, &m->state);
        member->has_state = m->state.last_seen_us != WB_NO_TIME;
    }
    if (!merge(m, &member->scans, until_us, &mender->merged)) return false;

    struct timeline swap = member->scans;
    member->scans = mender->merged;
    mender->merged = swap;
    if (!owner_counts(wb, owner)) {
        keep_newest(wb, owner, &member->scans);
        return true;
    }
    if (!fold_through(wb, mender, &old, owner, &mender->merged, &m->before) ||
        !fold_through(wb, mender, &new, owner, &member->scans, &m->after)) {
        return false;
    }
    if (last) {
        m->carried = false;
        return push_open(&old, owner, &m->before) && push_open(&new, owner, &m->after) &&
               keep_presence(wb, owner, &new);
    }
    fold_trim(&old, &wb->plan.shape, until_us);
    fold_trim(&new, &wb->plan.shape, until_us);
    m->carried = !fold_equal(&old, &new);
    if (m->carried) fold_copy(&m->state, &new);
    return true;
}

bool presence_from_block(struct wb *wb, uint32_t owner, struct member *member, uint32_t second)
{
    if (!owner_counts(wb, owner)) {
        /* What stands in earlier blocks is not looked at: scans of then are looked up. */
        wb->owners.at[owner].last_seen_us = block_base_us(second);
        keep_newest(wb, owner, &member->scans);
        return true;
    }
    struct timeline scratch = {0};
    const struct seen *at;
    size_t count;
    bool good = timeline_counting(&member->scans, &scratch, &at, &count);
    if (good) {
        fold_scans(&member->state, &wb->plan.shape, owner, at, count, NULL);
        fold_settle(&member->state, owner, NULL);
        good = keep_presence(wb, owner, &member->state);
    }
    timeline_done(&scratch);
    return good;
}

/* ---- One block ---- */

static size_t scans_in(const struct person_block *block)
{
    size_t count = 0;
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        count += block->member[i].scans.count;
    }
    return count;
}

static bool seconds_of(struct mender *mender, size_t count)
{
    struct sort_keys *seconds = &mender->seconds;
    seconds->count = 0;
    if (!LIST_ROOM(seconds, count)) return false;
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        const struct timeline *scans = &mender->block.member[i].scans;
        for (size_t k = 0; k < scans->count; k++) {
            seconds->at[seconds->count++] = (struct sort_key){block_second(scans->at[k].at_us), 0};
        }
    }
    return sort_by_key(seconds, &mender->seconds_scratch);
}

static wb_status put_packed(struct wb *wb, struct mender *mender, const struct person_block *block,
                            uint32_t group, uint32_t second)
{
    mender->packed.count = 0;
    person_block_write(block, block_base_us(second), &mender->packed);
    if (mender->packed.failed) return engine_no_memory(wb);
    return block_put(wb, BLOCK_PERSON, group, second, &mender->packed);
}

/* The scans of the block in [second, next_second) as a block of their own: views into it. */
static wb_status put_piece(struct wb *wb, struct mender *mender, uint32_t group, uint32_t second,
                           uint32_t next_second, bool last)
{
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        const struct timeline *scans = &mender->block.member[i].scans;
        struct member *piece = &mender->piece.member[i];
        uint32_t owner = group * GROUP_PEOPLE + i;
        struct fold *running = &mender->running[i];
        fold_trim(running, &wb->plan.shape, block_base_us(second));
        fold_copy(&piece->state, running);
        piece->has_state = running->last_seen_us != WB_NO_TIME;
        size_t from = timeline_from(scans, second == 0 ? INT64_MIN : block_base_us(second));
        size_t until = last ? scans->count : timeline_from(scans, block_base_us(next_second));
        piece->scans = (struct timeline){.count = until - from, .notes = scans->notes};
        if (until > from) piece->scans.at = scans->at + from;
        if (!last && owner < wb->owners.count && owner_counts(wb, owner) &&
            !fold_through(wb, mender, running, owner, &piece->scans, NULL)) {
            return engine_no_memory(wb);
        }
    }
    return put_packed(wb, mender, &mender->piece, group, second);
}

/* Write the block back; cut it at whole seconds when it has grown too large. What is left over at
 * the end of the last block may be short: it still grows, and is written again each time it does.
 */
static wb_status put_block(struct wb *wb, struct mender *mender, uint32_t group, uint32_t second,
                           bool last)
{
    size_t count = scans_in(&mender->block);
    size_t most = GROUP_TARGET + (last ? GROUP_TARGET / 8 : GROUP_TARGET / 2);
    if (count <= most) return put_packed(wb, mender, &mender->block, group, second);

    if (!seconds_of(mender, count)) return engine_no_memory(wb);
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        fold_copy(&mender->running[i], &mender->block.member[i].state);
    }
    uint32_t from = second;
    size_t done = 0;
    while (count - done > most) {
        size_t cut = done + GROUP_TARGET;
        /* Scans of one second stay together. */
        while (cut < count && mender->seconds.at[cut].key <= from) {
            cut++;
        }
        if (cut == count) break;
        uint32_t next = (uint32_t)mender->seconds.at[cut].key;
        while (cut > done && mender->seconds.at[cut - 1].key >= next) {
            cut--;
        }
        TRY(put_piece(wb, mender, group, from, next, false));
        from = next;
        done = cut;
    }
    return put_piece(wb, mender, group, from, 0, true);
}

static wb_status read_block(struct wb *wb, struct mender *mender, uint32_t group, uint32_t second,
                            bool exists)
{
    person_block_clear(&mender->block);
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        fold_init(&mender->block.member[i].state);
    }
    if (!exists) return WB_OK;
    const uint8_t *data;
    size_t bytes;
    TRY(block_get(wb, BLOCK_PERSON, group, second, &data, &bytes));
    bool no_memory;
    if (person_block_read(data, bytes, block_base_us(second), &mender->block, &no_memory)) {
        bool sound = true;
        for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
            sound = sound && member_is_sound(wb, &mender->block.member[i]);
        }
        if (sound) return WB_OK;
    }
    return no_memory ? engine_no_memory(wb) : block_damaged(wb, BLOCK_PERSON, group, second);
}

/* ---- One group ---- */

/* The earliest moment at which something is still to be done; INT64_MAX: nowhere. */
static int64_t next_change_us(const struct mender *mender)
{
    int64_t earliest_us = INT64_MAX;
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        const struct mending *m = &mender->member[i];
        if (m->added < m->add.count && m->add.at[m->added].at_us < earliest_us) {
            earliest_us = m->add.at[m->added].at_us;
        }
        if (m->removed < m->remove.count && m->remove.at[m->removed].at_us < earliest_us) {
            earliest_us = m->remove.at[m->removed].at_us;
        }
    }
    return earliest_us;
}

static bool changes_before(const struct mending *m, int64_t until_us)
{
    return m->carried || (m->added < m->add.count && m->add.at[m->added].at_us < until_us) ||
           (m->removed < m->remove.count && m->remove.at[m->removed].at_us < until_us);
}

static bool any_carried(const struct mender *mender)
{
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        if (mender->member[i].carried) return true;
    }
    return false;
}

/* What stays say about zones, one event after the other. */
struct stay_events {
    const struct wb_stays *stays;
    size_t next; /* 2 * index, + 1 for the end */
};

static bool stay_event(const struct stay_events *events, uint32_t *zone, struct event *out)
{
    size_t index = events->next / 2;
    if (index >= events->stays->count) return false;
    const struct wb_stay *stay = &events->stays->at[index];
    bool in = events->next % 2 == 0;
    if (!in && stay->until_us == WB_STILL_THERE) return false;
    *zone = stay->zone.n;
    *out = (struct event){in ? stay->from_us : stay->until_us, stay->person.n, in};
    return true;
}

static int compare_zoned(const struct event *a, uint32_t a_zone, const struct event *b,
                         uint32_t b_zone)
{
    int by = event_compare(a, b);
    return by != 0 ? by : (a_zone > b_zone) - (a_zone < b_zone);
}

static bool compare_stays(struct wb *wb, const struct mending *m)
{
    struct stay_events before = {.stays = &m->before};
    struct stay_events after = {.stays = &m->after};
    for (;;) {
        struct event old;
        struct event new;
        uint32_t old_zone = 0;
        uint32_t new_zone = 0;
        bool has_old = stay_event(&before, &old_zone, &old);
        bool has_new = stay_event(&after, &new_zone, &new);
        if (!has_old && !has_new) return true;
        int by = !has_old ? 1 : !has_new ? -1 : compare_zoned(&old, old_zone, &new, new_zone);
        if (by <= 0) before.next++;
        if (by >= 0) after.next++;
        if (by < 0 && !edits_add(wb, old_zone, &old, true)) return false;
        if (by > 0 && !edits_add(wb, new_zone, &new, false)) return false;
    }
}

static wb_status mend_block(struct wb *wb, struct mender *mender, uint32_t group, size_t index)
{
    struct spine *spine = spine_of(wb, BLOCK_PERSON, group);
    if (spine == NULL) return engine_no_memory(wb);
    bool exists = spine->count > 0;
    bool last = index + 1 >= spine->count;
    uint32_t second = exists ? spine->at[index] : 0;
    int64_t until_us = last ? INT64_MAX : block_base_us(spine->at[index + 1]);
    TRY(read_block(wb, mender, group, second, exists));
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        if (!changes_before(&mender->member[i], until_us)) continue;
        if (!mend_member(wb, mender, group * GROUP_PEOPLE + i, until_us, last)) {
            return engine_no_memory(wb);
        }
    }
    return put_block(wb, mender, group, second, last);
}

static wb_status mend_group(struct wb *wb, struct mender *mender, uint32_t group)
{
    int64_t from_us = next_change_us(mender);
    size_t index = 0;
    while (from_us != INT64_MAX || any_carried(mender)) {
        struct spine *spine = spine_of(wb, BLOCK_PERSON, group);
        if (spine == NULL) return engine_no_memory(wb);
        size_t blocks = spine->count;
        bool carried = any_carried(mender);
        if (!carried && blocks > 0) index = spine_at(spine, from_us);
        TRY(mend_block(wb, mender, group, index));
        /* A block that was cut has pushed the later ones on. */
        size_t grown = spine_of(wb, BLOCK_PERSON, group)->count - blocks;
        index += 1 + (blocks > 0 ? grown : 0);
        int64_t next_us = next_change_us(mender);
        if (!carried && next_us == from_us) {
            return engine_fail(wb, WB_EDAMAGED,
                               "people group %u does not hold a scan that is to "
                               "be corrected; `whereabouts rebuild` mends it.",
                               group);
        }
        from_us = next_us;
    }
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        struct mending *m = &mender->member[i];
        if (!compare_stays(wb, m)) return engine_no_memory(wb);
        timeline_clear(&m->add);
        timeline_clear(&m->remove);
        m->added = m->removed = 0;
        m->before.count = m->after.count = 0;
    }
    return WB_OK;
}

/* ---- All groups ---- */

static bool take_tail_scan(struct mender *mender, const struct tail_scan *t)
{
    struct seen seen = {.at_us = t->at_us,
                        .reader = t->reader,
                        .band = t->band,
                        .direction = t->direction,
                        .flags = t->flags};
    struct timeline *add = &mender->member[t->owner % GROUP_PEOPLE].add;
    if (t->learnt_us == WB_NO_TIME) return LIST_PUSH(add, seen);
    struct note note = NOTE_EMPTY;
    note.learnt_us = t->learnt_us;
    return timeline_push(add, &seen, &note);
}

static bool take_change(struct mender *mender, const struct change *change)
{
    struct mending *m = &mender->member[change->placed.owner % GROUP_PEOPLE];
    return timeline_push(change->remove ? &m->remove : &m->add, &change->placed.scan,
                         &change->placed.note);
}

static int compare_seen(const void *left, const void *right)
{
    return seen_compare(left, right);
}

/* The notes stay where they are: scans know them by number. */
static void sort_timeline(struct timeline *timeline)
{
    for (size_t i = 1; i < timeline->count; i++) {
        if (seen_compare(&timeline->at[i - 1], &timeline->at[i]) > 0) {
            qsort(timeline->at, timeline->count, sizeof *timeline->at, compare_seen);
            return;
        }
    }
}

#define TAIL_AHEAD 16u

/* The tail's scans in groups: a counting sort that keeps the order within a group. */
static bool order_tail(const struct wb *wb, uint32_t **order, uint32_t **first)
{
    size_t groups = wb->owners.count / GROUP_PEOPLE + 1;
    size_t count = wb->tail.believed;
    *order = calloc(count + TAIL_AHEAD, sizeof **order);
    *first = calloc(groups + 2, sizeof **first);
    if (*order == NULL || *first == NULL) return false;
    uint32_t *start = *first + 1;
    for (size_t i = 0; i < count; i++) {
        start[wb->tail.at[i].owner / GROUP_PEOPLE + 1]++;
    }
    for (size_t g = 1; g <= groups; g++) {
        start[g] += start[g - 1];
    }
    for (size_t i = 0; i < count; i++) {
        (*order)[start[wb->tail.at[i].owner / GROUP_PEOPLE]++] = (uint32_t)i;
    }
    return true; /* first[g] is now where group g begins */
}

static int compare_changes(const void *left, const void *right)
{
    const struct change *a = left;
    const struct change *b = right;
    return (a->placed.owner > b->placed.owner) - (a->placed.owner < b->placed.owner);
}

void applying_free(struct applying *applying)
{
    if (applying == NULL) return;
    comings_free(applying->comings);
    LIST_DONE(&applying->behind);
    free(applying->order);
    free(applying->first);
    mender_done(&applying->mender);
    free(applying);
}

static wb_status apply_begin(struct wb *wb)
{
    struct applying *applying = calloc(1, sizeof *applying);
    if (applying == NULL) return engine_no_memory(wb);
    if (!order_tail(wb, &applying->order, &applying->first)) {
        applying_free(applying);
        return engine_no_memory(wb);
    }
    if (wb->changes.count > 1) {
        qsort(wb->changes.at, wb->changes.count, sizeof *wb->changes.at, compare_changes);
    }
    applying->groups = wb->owners.count / GROUP_PEOPLE + 1;
    applying->scans = wb->tail.believed;
    applying->changes = wb->changes.count;
    applying->seq = wb->believed_seq;
    applying->scan_count = wb->scan_count;
    wb->applying = applying;
    return WB_OK;
}

/* Whether the group had anything to do. */
static wb_status apply_group(struct wb *wb, struct applying *applying, size_t group, bool *any)
{
    size_t until = applying->first[group + 1];
    *any = applying->first[group] < until;
    for (size_t i = applying->first[group]; i < until; i++) {
        /* A group's scans lie all over the tail: ask for those that come soon. The order has
         * room for the look ahead. */
        __builtin_prefetch(&wb->tail.at[applying->order[i + TAIL_AHEAD]]);
        if (!take_tail_scan(&applying->mender, &wb->tail.at[applying->order[i]])) {
            return engine_no_memory(wb);
        }
    }
    while (applying->change < applying->changes) {
        const struct change *change = &wb->changes.at[applying->change];
        if (change->placed.owner / GROUP_PEOPLE != group) break;
        if (!take_change(&applying->mender, change)) return engine_no_memory(wb);
        applying->change++;
        *any = true;
    }
    if (!*any) return WB_OK;
    for (unsigned i = 0; i < GROUP_PEOPLE; i++) {
        sort_timeline(&applying->mender.member[i].add);
        sort_timeline(&applying->mender.member[i].remove);
    }
    return mend_group(wb, &applying->mender, (uint32_t)group);
}

static wb_status apply_end(struct wb *wb)
{
    struct applying *applying = wb->applying;
    wb->applying = NULL;
    wb->applied_seq = applying->seq;
    wb->applied_scans = applying->scan_count;
    tail_keep_from(&wb->tail, applying->scans);
    wb->changes.count -= applying->changes;
    if (wb->changes.count > 0) {
        memmove(wb->changes.at, wb->changes.at + applying->changes,
                wb->changes.count * sizeof *wb->changes.at);
    }
    wb_status status = believe_behind(wb, &applying->behind);
    applying_free(applying);
    return status;
}

static wb_status apply_piece(struct wb *wb, size_t pieces)
{
    struct applying *applying = wb->applying;
    for (; pieces > 0 && applying->group < applying->groups; applying->group++) {
        bool any;
        TRY(apply_group(wb, applying, applying->group, &any));
        if (any) pieces--;
    }
    if (pieces == 0) return WB_OK;
    bool done;
    TRY(comings_some(wb, &applying->comings, pieces, &done));
    return done ? apply_end(wb) : WB_OK;
}

bool apply_is_due(const struct wb *wb)
{
    return wb->applying != NULL || wb->tail.believed > 0 || wb->changes.count > 0;
}

wb_status apply_some(struct wb *wb, size_t pieces)
{
    wb_status status = WB_OK;
    /* Presence that went on over a correction would have to be found out: those are done at once.
     */
    if (wb->changes.count > 0 && !wb->unhurried) pieces = SIZE_MAX;
    if (wb->applying == NULL && apply_is_due(wb)) status = apply_begin(wb);
    if (status == WB_OK && wb->applying != NULL) status = apply_piece(wb, pieces);
    /* Half of it may stand in blocks in memory: what is on disk is whole. */
    if (status != WB_OK) wb->failed = status;
    return status;
}

wb_status apply(struct wb *wb)
{
    while (apply_is_due(wb)) {
        TRY(apply_some(wb, SIZE_MAX));
    }
    return WB_OK;
}
