/* Check everything: the hash chain of the journal; and the blocks against a plain fold, which is
 * made from the journal alone, person by person from the first scan to the last.
 *
 * The journal is read once for each slice of people whose scans fit into memory together. Comings
 * and goings of zones are compared block by block through sums of hashes: the order in which people
 * are folded does not matter, and a difference names the block. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/kept.h"

#define SLICE_SCANS 4000000u

/* A scan that some copy of quarantines; sorted, each with its earliest copy first. */
struct doubtful {
    struct fact_scan scan;
    int64_t learnt_us;
};

struct doubtfuls {
    struct doubtful *at;
    size_t count, capacity;
};

struct sums {
    uint64_t *at; /* of one zone's blocks */
    size_t count, capacity;
};

struct verifying {
    struct wb *wb;
    struct wb_verification *out;
    wb_progress progress;
    void *context;
    uint64_t done, total;
    uint8_t hash[HASH_BYTES];
    bool first_pass;
    struct doubtfuls doubtful;
    uint32_t first_owner, until_owner; /* the slice */
    struct timeline scans;             /* of the slice, in the order of the journal */
    struct numbers32 owners;           /* whose they are */
    struct numbers32 counts;           /* scans of each group, from the first pass */
    struct sums *sums;                 /* [zone count] what the fold says */
    struct timeline own, stored;
    struct wb_stays stays;
};

static void fault(struct verifying *v, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void fault(struct verifying *v, const char *format, ...)
{
    if (v->out->faults++ > 0) return;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(v->out->first_fault, sizeof v->out->first_fault, format, arguments);
    va_end(arguments);
}

static bool tell(struct verifying *v, const char *step, uint64_t more)
{
    v->done += more;
    return v->progress == NULL || v->progress(v->context, step, v->done, v->total);
}

/* ---- The chain ---- */

static void check_chain(struct verifying *v, const struct replayed *at)
{
    uint8_t hash[HASH_BYTES];
    v->out->commits++;
    if (at->seq != v->out->commits) {
        fault(v, "the journal has no commit %llu: it was removed.",
              (unsigned long long)v->out->commits);
        v->out->commits = at->seq;
    }
    commit_hash(v->hash, at->seq, at->learnt_us, at->block, at->bytes, hash);
    if (at->hash != NULL && memcmp(hash, at->hash, HASH_BYTES) != 0) {
        fault(v,
              "the hash chain is broken at commit %llu: the journal was changed; restore a "
              "backup.",
              (unsigned long long)at->seq);
        memcpy(hash, at->hash, HASH_BYTES);
    }
    memcpy(v->hash, hash, HASH_BYTES);
}

/* ---- Reading the journal ---- */

static int compare_identity(const struct fact_scan *a, const struct fact_scan *b)
{
    if (a->at_us != b->at_us) return a->at_us < b->at_us ? -1 : 1;
    if (a->band != b->band) return a->band < b->band ? -1 : 1;
    if (a->reader != b->reader) return a->reader < b->reader ? -1 : 1;
    return (a->direction > b->direction) - (a->direction < b->direction);
}

static int compare_doubtful(const void *left, const void *right)
{
    const struct doubtful *a = left;
    const struct doubtful *b = right;
    int by = compare_identity(&a->scan, &b->scan);
    return by != 0 ? by : (a->learnt_us > b->learnt_us) - (a->learnt_us < b->learnt_us);
}

/* Copies of a scan may differ in when they were learnt; where a clock is in doubt that decides
 * whether the scan counts, and by which release. */
static wb_status note_doubtful(struct verifying *v, const struct fact_scan *scan, int64_t learnt_us)
{
    if (!is_quarantined(&v->wb->plan.policy, scan->at_us, learnt_us)) return WB_OK;
    struct doubtful doubtful = {*scan, learnt_us};
    return LIST_PUSH(&v->doubtful, doubtful) ? WB_OK : engine_no_memory(v->wb);
}

/* A copy that is not in doubt can only have been learnt later than one that is. */
static const struct doubtful *find_doubtful(const struct verifying *v, const struct fact_scan *scan)
{
    size_t low = 0;
    size_t high = v->doubtful.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_identity(&v->doubtful.at[middle].scan, scan) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < v->doubtful.count && compare_identity(&v->doubtful.at[low].scan, scan) == 0;
    return found ? &v->doubtful.at[low] : NULL;
}

static wb_status place_plainly(struct verifying *v, const struct fact_scan *scan, int64_t commit_us,
                               struct placed *out)
{
    bool given = scan->learnt_us != WB_NO_TIME;
    int64_t learnt_us = given ? scan->learnt_us : commit_us;
    const struct doubtful *doubtful =
        v->doubtful.count == 0 || v->first_pass ? NULL : find_doubtful(v, scan);
    if (doubtful != NULL && doubtful->learnt_us < learnt_us) {
        learnt_us = doubtful->learnt_us;
        given = true;
    }
    return place(v->wb, scan, learnt_us, given, out);
}

static wb_status count_scan(struct verifying *v, const struct placed *placed)
{
    uint32_t group = placed->owner / GROUP_PEOPLE;
    while (group >= v->counts.count) {
        if (!LIST_PUSH(&v->counts, 0)) return engine_no_memory(v->wb);
    }
    v->counts.at[group]++;
    return WB_OK;
}

/* The first pass: which scans are in doubt, and how many each group has. */
static wb_status survey_scan(struct verifying *v, const struct fact_scan *scan, int64_t commit_us)
{
    int64_t known_us = scan->learnt_us == WB_NO_TIME ? commit_us : scan->learnt_us;
    TRY(note_doubtful(v, scan, known_us));
    struct placed placed;
    TRY(place_plainly(v, scan, commit_us, &placed));
    return count_scan(v, &placed);
}

/* A later pass: the scans of the slice. */
static wb_status collect_scan(struct verifying *v, const struct fact_scan *scan, int64_t commit_us)
{
    struct placed placed;
    TRY(place_plainly(v, scan, commit_us, &placed));
    if (placed.owner < v->first_owner || placed.owner >= v->until_owner) return WB_OK;
    bool kept =
        timeline_push(&v->scans, &placed.scan, &placed.note) && LIST_PUSH(&v->owners, placed.owner);
    return kept ? WB_OK : engine_no_memory(v->wb);
}

static wb_status take_commit(void *context, const struct replayed *at)
{
    struct verifying *v = context;
    struct wb *wb = v->wb;
    const struct commit *commit = at->commit;
    if (at->seq > wb->believed_seq) return WB_ESTOPPED;
    if (v->first_pass) check_chain(v, at);
    for (size_t i = 0; i < commit->scans.count; i++) {
        const struct fact_scan *scan = &commit->scans.at[i];
        if (scan->reader >= wb->reader_states.count || scan->band >= wb->band_states.count) {
            fault(v, "commit %llu names a reader or band that the registry does not have.",
                  (unsigned long long)at->seq);
            continue;
        }
        TRY(v->first_pass ? survey_scan(v, scan, at->learnt_us)
                          : collect_scan(v, scan, at->learnt_us));
    }
    if (v->first_pass) v->out->scans += commit->scans.count;
    return tell(v, "reading the journal", commit->scans.count) ? WB_OK : WB_ESTOPPED;
}

/* ---- One person ---- */

static bool same_note(const struct note *a, const struct note *b)
{
    return a->learnt_us == b->learnt_us && a->withdrawn_us == b->withdrawn_us &&
           a->raw_us == b->raw_us && a->released_us == b->released_us;
}

/* Scans that a shift made equal stand in no order: put them into that of their raw times. */
static void order_equal(struct timeline *scans)
{
    for (size_t i = 1; i < scans->count; i++) {
        for (size_t k = i;
             k > 0 && seen_compare(&scans->at[k - 1], &scans->at[k]) == 0 &&
             timeline_raw_us(scans, &scans->at[k - 1]) > timeline_raw_us(scans, &scans->at[k]);
             k--) {
            struct seen swap = scans->at[k];
            scans->at[k] = scans->at[k - 1];
            scans->at[k - 1] = swap;
        }
    }
}

static void check_scans(struct verifying *v, const struct timeline *plain, size_t first,
                        const struct timeline *stored, uint32_t owner, uint32_t second)
{
    for (size_t i = 0; i < stored->count; i++) {
        const struct seen *b = &stored->at[i];
        const struct seen *a = first + i < plain->count ? &plain->at[first + i] : NULL;
        if (a != NULL && seen_compare(a, b) == 0 && a->flags == b->flags &&
            same_note(timeline_note(plain, a), timeline_note(stored, b))) {
            continue;
        }
        fault(v,
              "the person block of group %u that begins at second %u has other scans than the "
              "journal; `whereabouts rebuild` makes it again.",
              owner / GROUP_PEOPLE, second);
        return;
    }
}

static uint64_t mix(uint64_t h)
{
    h ^= h >> 30;
    h *= UINT64_C(0xbf58476d1ce4e5b9);
    h ^= h >> 27;
    h *= UINT64_C(0x94d049bb133111eb);
    return h ^ h >> 31;
}

static uint64_t event_hash(int64_t at_us, uint32_t person, uint32_t in)
{
    return mix((uint64_t)at_us ^ mix((uint64_t)person << 1 | in));
}

static wb_status add_event(struct verifying *v, uint32_t zone, int64_t at_us, uint32_t person,
                           uint32_t in)
{
    const struct spine *spine = spine_of(v->wb, BLOCK_ZONE, zone);
    if (spine == NULL) return engine_no_memory(v->wb);
    if (spine->count == 0) {
        fault(v,
              "zone \"%s\" has no blocks, but people were in it; `whereabouts rebuild` makes "
              "them.",
              names_text(&v->wb->zones, zone));
        return WB_OK;
    }
    v->sums[zone].at[spine_at(spine, at_us)] += event_hash(at_us, person, in);
    return WB_OK;
}

static wb_status add_stays(struct verifying *v)
{
    for (size_t i = 0; i < v->stays.count; i++) {
        const struct wb_stay *stay = &v->stays.at[i];
        TRY(add_event(v, stay->zone.n, stay->from_us, stay->person.n, 1));
        if (stay->until_us == WB_STILL_THERE) continue;
        TRY(add_event(v, stay->zone.n, stay->until_us, stay->person.n, 0));
    }
    return WB_OK;
}

/* Fold the plain scans [first, until) that count. */
static bool fold_plain(struct verifying *v, struct fold *fold, uint32_t owner, size_t first,
                       size_t until)
{
    struct fold_sink sink = {.stays = &v->stays};
    timeline_clear(&v->stored);
    for (size_t i = first; i < until; i++) {
        if (timeline_note(&v->own, &v->own.at[i])->withdrawn_us != WB_NO_TIME) continue;
        if (!LIST_PUSH(&v->stored, v->own.at[i])) return false;
    }
    fold_scans(fold, &v->wb->plan.shape, owner, v->stored.at, v->stored.count, &sink);
    fold_settle(fold, owner, &sink);
    return !sink.failed;
}

static void check_state(struct verifying *v, const struct fold *plain, const struct fold *stored,
                        uint32_t owner, uint32_t second)
{
    if (fold_equal(plain, stored)) return;
    fault(v,
          "the person block of group %u that begins at second %u starts from another state than "
          "the journal gives; `whereabouts rebuild` makes it again.",
          owner / GROUP_PEOPLE, second);
}

/* Read every person block whole: one that cannot be read is named before what follows from it. */
static wb_status check_person_blocks(struct verifying *v)
{
    struct wb *wb = v->wb;
    struct person_block *block = calloc(1, sizeof *block);
    wb_status status = block == NULL ? engine_no_memory(wb) : WB_OK;
    for (uint32_t g = 0; status == WB_OK && (size_t)g * GROUP_PEOPLE < wb->owners.count; g++) {
        const struct spine *spine = spine_of(wb, BLOCK_PERSON, g);
        for (size_t i = 0; status == WB_OK && spine != NULL && i < spine->count; i++) {
            const uint8_t *data;
            size_t bytes;
            bool no_memory = false;
            v->out->blocks++;
            person_block_clear(block);
            status = block_get(wb, BLOCK_PERSON, g, spine->at[i], &data, &bytes);
            if (status == WB_OK &&
                !person_block_read(data, bytes, block_base_us(spine->at[i]), block, &no_memory)) {
                status = no_memory ? engine_no_memory(wb)
                                   : block_damaged(wb, BLOCK_PERSON, g, spine->at[i]);
            }
            if (status != WB_EDAMAGED || wb->failed != WB_OK) continue;
            fault(v, "%s", wb->error);
            status = WB_OK;
        }
    }
    if (block != NULL) person_block_done(block);
    free(block);
    return status;
}

static wb_status check_presence(struct verifying *v, struct fold *fold, uint32_t owner)
{
    struct fold known;
    owner_load(v->wb, owner, &known);
    /* Only scans from the newest block on go on from either. */
    int64_t from_us = newest_block_us(v->wb, owner);
    if (fold->last_seen_us > from_us) from_us = fold->last_seen_us;
    fold_trim(fold, &v->wb->plan.shape, from_us);
    fold_trim(&known, &v->wb->plan.shape, from_us);
    if (!fold_equal(fold, &known)) {
        fault(v, "who is where now is not what the journal gives for \"%s\".",
              names_text(&v->wb->people, owner));
    }
    if (fold->now.zone < WB_FIRST_ZONE) return WB_OK;
    return add_event(v, fold->now.zone, fold->now.from_us, owner, 1);
}

/* A person's plain scans stand in v->own, sorted and without copies. */
static wb_status check_owner(struct verifying *v, uint32_t owner)
{
    struct wb *wb = v->wb;
    struct spine *spine = spine_of(wb, BLOCK_PERSON, owner / GROUP_PEOPLE);
    if (spine == NULL) return engine_no_memory(wb);
    bool counts = owner_counts(wb, owner);
    struct fold fold;
    fold_init(&fold);
    v->stays.count = 0;
    size_t next = 0;
    for (size_t b = 0; b < spine->count; b++) {
        uint32_t second = spine->at[b];
        wb_status status = member_read(wb, owner, second, true);
        if (status == WB_EDAMAGED && wb->failed == WB_OK) {
            fault(v, "%s", wb->error);
            return WB_OK;
        }
        TRY(status);
        if (counts && b > 0) {
            fold_trim(&fold, &wb->plan.shape, block_base_us(second));
            check_state(v, &fold, &wb->member.state, owner, second);
        }
        order_equal(&wb->member.scans);
        check_scans(v, &v->own, next, &wb->member.scans, owner, second);
        size_t until = next + wb->member.scans.count;
        if (until > v->own.count) until = v->own.count;
        if (counts && !fold_plain(v, &fold, owner, next, until)) return engine_no_memory(wb);
        next = until;
    }
    if (next < v->own.count) {
        fault(v,
              "people group %u lacks scans that the journal has; `whereabouts rebuild` makes "
              "its blocks again.",
              owner / GROUP_PEOPLE);
    }
    if (!counts) return WB_OK;
    TRY(check_presence(v, &fold, owner));
    return add_stays(v);
}

/* ---- A slice ---- */

struct sortable {
    struct seen seen; /* .note: its number in the slice */
    int64_t raw_us;
};

static int compare_sortable(const void *left, const void *right)
{
    const struct sortable *a = left;
    const struct sortable *b = right;
    int by = seen_compare(&a->seen, &b->seen);
    return by != 0 ? by : (a->raw_us > b->raw_us) - (a->raw_us < b->raw_us);
}

/* When a copy was learnt, for choosing the earliest: a prompt one by its time at most. */
static bool is_earlier(const struct note *a, const struct note *b, int64_t at_us)
{
    int64_t a_us = a->learnt_us == WB_NO_TIME ? at_us + PROMPT_US : a->learnt_us;
    int64_t b_us = b->learnt_us == WB_NO_TIME ? at_us + PROMPT_US : b->learnt_us;
    return a_us < b_us;
}

static wb_status take_own(struct verifying *v, const struct sortable *scans, size_t count)
{
    timeline_clear(&v->own);
    for (size_t i = 0; i < count;) {
        const struct note *best = timeline_note(&v->scans, &scans[i].seen);
        const struct seen *seen = &scans[i].seen;
        size_t k = i + 1;
        for (; k < count && compare_sortable(&scans[i], &scans[k]) == 0; k++) {
            const struct note *note = timeline_note(&v->scans, &scans[k].seen);
            if (!is_earlier(note, best, seen->at_us)) continue;
            best = note;
            seen = &scans[k].seen;
        }
        if (!timeline_push(&v->own, seen, best)) return engine_no_memory(v->wb);
        i = k;
    }
    return WB_OK;
}

static wb_status check_sorted(struct verifying *v, struct sortable *sorted, const size_t *start)
{
    for (uint32_t owner = v->first_owner; owner < v->until_owner; owner++) {
        size_t first = start[owner - v->first_owner];
        size_t count = start[owner - v->first_owner + 1] - first;
        for (size_t i = 1; i < count; i++) {
            if (compare_sortable(&sorted[first + i - 1], &sorted[first + i]) <= 0) continue;
            qsort(sorted + first, count, sizeof *sorted, compare_sortable);
            break;
        }
        TRY(take_own(v, sorted + first, count));
        TRY(check_owner(v, owner));
        if (!tell(v, "folding", count)) return WB_ESTOPPED;
    }
    return WB_OK;
}

static wb_status check_slice(struct verifying *v)
{
    size_t owners = v->until_owner - v->first_owner;
    size_t count = v->scans.count;
    struct sortable *sorted = malloc((count + 1) * sizeof *sorted);
    size_t *start = calloc(owners + 2, sizeof *start);
    bool memory = sorted != NULL && start != NULL;
    wb_status status = memory ? WB_OK : engine_no_memory(v->wb);
    if (memory) {
        size_t *next = start + 1;
        for (size_t i = 0; i < count; i++) {
            next[v->owners.at[i] - v->first_owner + 1]++;
        }
        for (size_t i = 1; i <= owners; i++) {
            next[i] += next[i - 1];
        }
        for (size_t i = 0; i < count; i++) {
            const struct seen *seen = &v->scans.at[i];
            sorted[next[v->owners.at[i] - v->first_owner]++] =
                (struct sortable){*seen, timeline_raw_us(&v->scans, seen)};
        }
        status = check_sorted(v, sorted, start);
    }
    free(sorted);
    free(start);
    return status;
}

/* Groups from first_group on whose scans fit into memory together. */
static void choose_slice(struct verifying *v, uint32_t first_group)
{
    uint32_t groups = (uint32_t)(v->wb->owners.count / GROUP_PEOPLE + 1);
    uint64_t scans = 0;
    uint32_t group = first_group;
    do {
        scans += group < v->counts.count ? v->counts.at[group] : 0;
        group++;
    } while (group < groups &&
             scans + (group < v->counts.count ? v->counts.at[group] : 0) <= SLICE_SCANS);
    v->first_owner = first_group * GROUP_PEOPLE;
    v->until_owner = group * GROUP_PEOPLE;
    if (v->until_owner > v->wb->owners.count) v->until_owner = (uint32_t)v->wb->owners.count;
}

static wb_status check_people(struct verifying *v)
{
    uint32_t groups = (uint32_t)(v->wb->owners.count / GROUP_PEOPLE + 1);
    uint32_t group = 0;
    while (group < groups && (size_t)group * GROUP_PEOPLE < v->wb->owners.count) {
        choose_slice(v, group);
        timeline_clear(&v->scans);
        v->owners.count = 0;
        wb_status status = replay(v->wb, 1, false, take_commit, v);
        if (status != WB_OK && status != WB_ESTOPPED) return status;
        TRY(check_slice(v));
        group = (v->until_owner + GROUP_PEOPLE - 1) / GROUP_PEOPLE;
    }
    return WB_OK;
}

/* ---- Zones ---- */

static int compare_people(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* Who is inside after the events, sorted. */
static bool crowd_after(const struct zone_block *block, struct crowd *out)
{
    out->count = 0;
    if (!LIST_ROOM(out, block->start.count + block->events.count)) return false;
    if (block->start.count > 0) {
        assert(out->at != NULL);
        memcpy(out->at, block->start.at, block->start.count * sizeof *out->at);
    }
    out->count = block->start.count;
    for (size_t i = 0; i < block->events.count; i++) {
        const struct event *event = &block->events.at[i];
        if (event->in) {
            out->at[out->count++] = event->person;
            continue;
        }
        for (size_t k = 0; k < out->count; k++) {
            if (out->at[k] != event->person) continue;
            out->at[k] = out->at[--out->count];
            break;
        }
    }
    if (out->count > 1) qsort(out->at, out->count, sizeof *out->at, compare_people);
    return true;
}

static bool crowds_equal(const struct crowd *a, const struct crowd *b)
{
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->at, b->at, a->count * sizeof *a->at) == 0);
}

static void fault_zone(struct verifying *v, uint32_t zone, uint32_t second, const char *what)
{
    fault(v,
          "the block of zone \"%s\" that begins at second %u %s; `whereabouts rebuild` makes it "
          "again.",
          names_text(&v->wb->zones, zone), second, what);
}

static wb_status check_zone_block(struct verifying *v, uint32_t zone, size_t index,
                                  struct zone_block *block, struct crowd *before)
{
    struct wb *wb = v->wb;
    uint32_t second = spine_of(wb, BLOCK_ZONE, zone)->at[index];
    const uint8_t *data;
    size_t bytes;
    bool no_memory = false;
    wb_status status = block_get(wb, BLOCK_ZONE, zone, second, &data, &bytes);
    if (wb->failed != WB_OK || status == WB_ENOMEM) return status;
    zone_block_clear(block);
    if (status != WB_OK ||
        !zone_block_read(data, bytes, block_base_us(second), block, &no_memory)) {
        if (no_memory) return engine_no_memory(wb);
        fault_zone(v, zone, second, "is damaged");
        return WB_OK;
    }
    if (!crowds_equal(&block->start, before)) {
        fault_zone(v, zone, second, "begins with other people inside than the one before it ends");
    }
    uint64_t sum = 0;
    for (size_t i = 0; i < block->events.count; i++) {
        const struct event *event = &block->events.at[i];
        sum += event_hash(event->at_us, event->person, event->in);
    }
    if (sum != v->sums[zone].at[index]) {
        fault_zone(v, zone, second, "has other comings and goings than the journal gives");
    }
    v->out->blocks++;
    return crowd_after(block, before) ? WB_OK : engine_no_memory(wb);
}

static wb_status check_zones(struct verifying *v)
{
    struct zone_block block = {0};
    struct crowd before = {0};
    wb_status status = WB_OK;
    for (uint32_t z = WB_FIRST_ZONE; status == WB_OK && z < v->wb->zones.count; z++) {
        before.count = 0;
        for (size_t i = 0; status == WB_OK && i < v->sums[z].count; i++) {
            status = check_zone_block(v, z, i, &block, &before);
        }
    }
    zone_block_done(&block);
    LIST_DONE(&before);
    return status;
}

/* ---- All ---- */

static wb_status make_sums(struct verifying *v)
{
    v->sums = calloc(v->wb->zones.count, sizeof *v->sums);
    if (v->sums == NULL) return engine_no_memory(v->wb);
    for (uint32_t z = WB_FIRST_ZONE; z < v->wb->zones.count; z++) {
        const struct spine *spine = spine_of(v->wb, BLOCK_ZONE, z);
        if (spine == NULL || !LIST_ROOM(&v->sums[z], spine->count + 1)) {
            return engine_no_memory(v->wb);
        }
        assert(v->sums[z].at != NULL);
        v->sums[z].count = spine->count;
        memset(v->sums[z].at, 0, (spine->count + 1) * sizeof *v->sums[z].at);
    }
    return WB_OK;
}

static wb_status check_all(struct verifying *v)
{
    struct wb *wb = v->wb;
    char complaint[200];
    TRY(engine_store(wb, store_integrity(wb->store, complaint, sizeof complaint)));
    if (complaint[0] != '\0') fault(v, "the database itself is damaged: %s.", complaint);
    TRY(make_sums(v));
    v->first_pass = true;
    wb_status status = replay(wb, 1, true, take_commit, v);
    v->first_pass = false;
    if (v->doubtful.count > 1) {
        qsort(v->doubtful.at, v->doubtful.count, sizeof *v->doubtful.at, compare_doubtful);
    }
    if (status == WB_EDAMAGED) {
        fault(v, "%s", wb->error);
        return WB_OK;
    }
    TRY(status);
    TRY(check_person_blocks(v));
    TRY(check_people(v));
    return check_zones(v);
}

static void verifying_done(struct verifying *v)
{
    for (size_t z = 0; v->sums != NULL && z < v->wb->zones.count; z++) {
        LIST_DONE(&v->sums[z]);
    }
    free(v->sums);
    LIST_DONE(&v->doubtful);
    timeline_done(&v->scans);
    timeline_done(&v->own);
    timeline_done(&v->stored);
    LIST_DONE(&v->owners);
    LIST_DONE(&v->counts);
    LIST_DONE(&v->stays);
}

static wb_status check_lookups(struct verifying *v)
{
    int64_t number;
    TRY(lookups_check(v->wb, &number));
    if (number != 0) {
        fault(v, "the look-up %lld names people that cannot be read; restore a backup.",
              (long long)number);
    }
    return WB_OK;
}

wb_status wb_verify(struct wb *wb, wb_progress progress, void *context, struct wb_verification *out)
{
    *out = (struct wb_verification){0};
    if (wb->failed == WB_OK && !wb->described) return WB_OK;
    TRY(ask_ready(wb));
    struct verifying v = {.wb = wb,
                          .out = out,
                          .progress = progress,
                          .context = context,
                          .total = wb->scan_count * (3 + wb->scan_count / SLICE_SCANS)};
    wb_status status = check_all(&v);
    if (status == WB_OK) status = check_lookups(&v);
    verifying_done(&v);
    TRY(status);
    return out->faults == 0 ? WB_OK : WB_EREFUSED;
}
