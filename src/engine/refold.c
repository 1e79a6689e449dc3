/* The past anew, for a site description that folds it otherwise.
 *
 * The new fold is a view of its own: a handle inside the handle, with presence, a tail and blocks
 * that nobody asks, while the journal, the registry and all that is known are shared: they are lent
 * to it for each step. It reads the journal from the first commit on, a few thousand scans a step,
 * and writes its blocks beside those in use, as the other generation. When it has come to the end
 * of the journal and all of it is written, one transaction makes its generation the one in use, and
 * the two views change places. Until then every answer is the old fold's.
 *
 * What it has done on the way is not kept: after a crash it is swept away and begun anew. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

#define STEP_PIECES 4u /* groups and zones in one step */
#define STEP_SCANS  4096u
#define STEP_BYTES  (512u << 10) /* of blocks that go to the disk together */
#define STEP_ROWS   64u          /* that are dropped from it together */
#define CHANGES_MAX 256u         /* looked through for every scan */
#define TAIL_LEAST  16384u
#define ZONE_SHARE  16384u /* scans in the tail for each zone: one zone is one piece */

/* What was said meanwhile about the past waits for the blocks that it is about. Scans are looked
 * for where pairings say that they are, so those are done first; a copy that was learnt earlier is
 * the new fold's own finding and may be about any of it. */
enum op_rank { RANK_PAIRING, RANK_OTHER, RANK_COPY, RANKS };

struct refold {
    struct wb *view; /* the new one */
    struct replay_place place;
    size_t next_scan; /* of the commit at place */
    struct ops ops[RANKS];
    size_t next_op[RANKS];
    bool settled; /* it came to the end of the journal once */
    bool writing; /* what has changed goes to the disk now */
};

bool refold_is_due(const struct wb *wb)
{
    return wb->writes && wb->refold_failed == WB_OK && (plan_is_behind(wb) || wb->sweeps);
}

/* ---- Two views of one file ---- */

static bool owners_follow(struct wb *to, const struct wb *from)
{
    for (size_t o = to->owners.count; o < from->owners.count; o++) {
        struct owner owner = {
            .since_us = WB_NO_TIME, .last_seen_us = WB_NO_TIME, .reader = WB_NONE};
        if (!LIST_PUSH(&to->owners, owner)) return false;
    }
    for (size_t o = 0; o < from->owners.count; o++) {
        to->owners.at[o].what = from->owners.at[o].what;
        to->owners.at[o].kind = from->owners.at[o].kind;
    }
    return true;
}

/* All that is known, without what was folded. One of the two has it at a time. */
static void know_alike(struct wb *to, const struct wb *from)
{
    to->people = from->people;
    to->bands = from->bands;
    to->zones = from->zones;
    to->readers = from->readers;
    to->groups = from->groups;
    to->band_states = from->band_states;
    to->reader_states = from->reader_states;
    to->rows = from->rows;
    to->rows_learnt_us = from->rows_learnt_us;
    to->spans = from->spans;
    to->withdrawals = from->withdrawals;
    to->releases = from->releases;
    to->versions = from->versions;
    to->bands_recorded = from->bands_recorded;
    to->people_recorded = from->people_recorded;
    to->note_last = from->note_last;
    to->seq = from->seq;
    to->learnt_us = from->learnt_us;
    memcpy(to->hash, from->hash, HASH_BYTES);
    to->sealed_seq = from->sealed_seq;
    to->rows_since_seal = from->rows_since_seal;
    to->sealing_until = from->sealing_until;
    to->segments = from->segments;
}

static wb_status lend(struct wb *wb, struct wb *view)
{
    if (!owners_follow(view, wb)) return engine_no_memory(wb);
    know_alike(view, wb);
    return WB_OK;
}

/* The new fold may have found owners that the old one has no need of. */
static wb_status give_back(struct wb *wb, struct wb *view)
{
    know_alike(wb, view);
    if (owners_follow(wb, view)) return WB_OK;
    wb->failed = engine_no_memory(wb); /* people without owners */
    return wb->failed;
}

static struct wb *view_new(const struct wb *wb)
{
    struct wb *view = calloc(1, sizeof *view);
    if (view == NULL) return NULL;
    view->store = wb->store;
    view->writes = true;
    view->described = true;
    view->host_idles = wb->host_idles;
    view->random = wb->random;
    view->random_context = wb->random_context;
    view->unhurried = true;
    view->epoch = 1;
    view->shelf.generation = !wb->shelf.generation;
    view->shelf.bytes_max = wb->shelf.bytes_max;
    view->tail.seed = wb->tail.seed;
    return view;
}

void refold_drop(struct wb *wb)
{
    struct refold *refold = wb->refold;
    wb->refold = NULL;
    wb->refold_failed = WB_OK;
    if (refold == NULL) return;
    wb->sweeps = true;
    view_done(refold->view);
    free(refold->view);
    replay_place_done(&refold->place);
    for (int rank = 0; rank < RANKS; rank++) {
        LIST_DONE(&refold->ops[rank]);
    }
    free(refold);
}

static wb_status refold_begin(struct wb *wb)
{
    struct refold *refold = calloc(1, sizeof *refold);
    struct wb *view = view_new(wb);
    if (refold == NULL || view == NULL) {
        free(refold);
        free(view);
        return engine_no_memory(wb);
    }
    refold->view = view;
    wb->refold = refold;
    TRY(lend(wb, view));
    wb_status status = plan_over(view, wb->versions.count - 1);
    TRY(give_back(wb, view));
    return status;
}

/* The new view takes the place of the old one, with all that is known and the turn of the host. */
static wb_status swap(struct wb *wb)
{
    struct refold *refold = wb->refold;
    struct wb *view = refold->view;
    TRY(lend(wb, view));
    view->written_seq = view->applied_seq;
    view->errand = wb->errand;
    view->host_idles = wb->host_idles;
    view->unhurried = false;
    view->planted_open = wb->planted_open;
    struct turn turn = view->turn;
    view->turn = wb->turn;
    wb->turn = turn;
    struct news news = view->news;
    view->news = wb->news;
    wb->news = news;
    memcpy(view->error, wb->error, sizeof view->error);
    struct wb old = *wb;
    *wb = *view;
    *view = old;
    wb->refold = refold;
    refold_drop(wb);
    return WB_OK;
}

/* ---- Steps of the new fold ---- */

/* So many that a group of people, or a zone, is a small piece of them. */
static size_t tail_most(const struct wb *view)
{
    size_t by_group = (view->owners.count / GROUP_PEOPLE + 1) * GROUP_TARGET;
    size_t by_zone = view->zones.count * ZONE_SHARE;
    size_t most = by_group < by_zone ? by_group : by_zone;
    if (most < TAIL_LEAST) most = TAIL_LEAST;
    return most < TAIL_MAX ? most : TAIL_MAX;
}

static bool tail_is_full(const struct wb *view, bool whole)
{
    return view->tail.count >= (whole ? TAIL_MAX : tail_most(view)) ||
           view->changes.count + view->pending.count >= CHANGES_MAX;
}

static bool op_waits(const struct refold *refold)
{
    size_t waiting = 0;
    for (int rank = 0; rank < RANKS; rank++) {
        waiting += refold->ops[rank].count - refold->next_op[rank];
    }
    return waiting > 0;
}

static struct op next_op(struct refold *refold)
{
    int rank = 0;
    while (refold->next_op[rank] == refold->ops[rank].count) {
        rank++;
    }
    struct op op = refold->ops[rank].at[refold->next_op[rank]++];
    if (refold->next_op[rank] == refold->ops[rank].count) {
        refold->next_op[rank] = refold->ops[rank].count = 0;
    }
    return op;
}

static wb_status take_ops(struct refold *refold)
{
    struct ops *ops = &refold->view->turn.ops;
    for (size_t i = 0; i < ops->count; i++) {
        if (!LIST_PUSH(&refold->ops[RANK_COPY], ops->at[i])) return engine_no_memory(refold->view);
    }
    ops->count = 0;
    return WB_OK;
}

/* Scans of the commit at place, at most so many; all are believed, though not all of it may be. */
static wb_status fold_commit(struct refold *refold, size_t *scans)
{
    struct wb *view = refold->view;
    const struct fact_scans *list = &refold->place.commit->scans;
    for (; refold->next_scan<list->count && * scans> 0; refold->next_scan++, (*scans)--) {
        const struct fact_scan *scan = &list->at[refold->next_scan];
        bool given = scan->learnt_us != WB_NO_TIME;
        wb_verdict verdict;
        bool keep;
        if (!replayed_is_sound(view, scan)) {
            return engine_fail(view, WB_EDAMAGED,
                               "the journal is damaged at commit %llu: restore a backup.",
                               (unsigned long long)refold->place.seq);
        }
        TRY(take_scan(view, scan, given ? scan->learnt_us : refold->place.learnt_us, &verdict,
                      &keep));
    }
    if (refold->next_scan < list->count) return WB_OK;
    view->believed_seq = refold->place.seq;
    view->scan_count += list->count;
    refold->place.commit = NULL;
    refold->next_scan = 0;
    return take_ops(refold);
}

/* end: there are no more commits. */
static wb_status fold_some(struct refold *refold, bool whole, bool *end)
{
    struct wb *view = refold->view;
    size_t scans = whole ? TAIL_MAX : STEP_SCANS;
    *end = false;
    while (scans > 0 && !tail_is_full(view, whole) && !op_waits(refold)) {
        if (refold->place.commit == NULL) TRY(replay_next(view, &refold->place));
        if (refold->place.commit == NULL) {
            *end = true;
            break;
        }
        scans--;
        TRY(fold_commit(refold, &scans));
    }
    return believe_scans(view);
}

/* A correction is about what is in blocks, so the tail goes there first. */
static wb_status run_next_op(struct refold *refold, size_t pieces)
{
    struct wb *view = refold->view;
    if (apply_is_due(view)) return apply_some(view, pieces);
    struct op op = next_op(refold);
    if (!LIST_PUSH(&view->turn.ops, op)) return engine_no_memory(view);
    return run_ops(view);
}

/* Half of what was applied is nothing to write. */
static wb_status apply_more(struct refold *refold, size_t pieces)
{
    struct wb *view = refold->view;
    TRY(apply_some(view, pieces));
    if (view->applying == NULL) {
        refold->writing = refold->settled || view->shelf.bytes > view->shelf.bytes_max;
    }
    return WB_OK;
}

enum work { WORK_MORE, WORK_WRITE, WORK_SWAP };

static wb_status work(struct refold *refold, bool whole, enum work *what)
{
    struct wb *view = refold->view;
    size_t pieces = whole ? SIZE_MAX : STEP_PIECES;
    *what = WORK_MORE;
    if (op_waits(refold)) return run_next_op(refold, pieces);
    if (view->applying != NULL || tail_is_full(view, whole)) return apply_more(refold, pieces);
    if (refold->writing) {
        if (view->shelf.changed > 0) *what = WORK_WRITE;
        refold->writing = view->shelf.changed > 0;
        return WB_OK;
    }
    bool end;
    TRY(fold_some(refold, whole, &end));
    if (!end || op_waits(refold)) return WB_OK;
    if (!refold->settled) {
        refold->settled = refold->writing = true;
        return apply_is_due(view) ? apply_some(view, pieces) : WB_OK;
    }
    refold->writing = view->shelf.changed > 0;
    if (!refold->writing) *what = WORK_SWAP;
    return WB_OK;
}

/* ---- Errands ---- */

static wb_status gather_view(struct wb *wb, enum work what, bool whole)
{
    struct errand *errand = &wb->errand;
    struct wb *view = wb->refold->view;
    wb_status status = record_names(wb, &errand->puts);
    if (status == WB_OK && what == WORK_WRITE &&
        !blocks_put(view, &errand->puts, whole ? SIZE_MAX : STEP_BYTES)) {
        status = engine_no_memory(wb);
    }
    if (status == WB_OK && what == WORK_SWAP) {
        (void)blocks_wait(view);
        status = put_watermark(wb, view, &errand->puts);
    }
    if (status != WB_OK) return drop_errand(wb, status);
    errand->kind = what == WORK_SWAP ? ERRAND_SWAP : ERRAND_REFOLD;
    errand->bands = wb->bands.count;
    errand->people = wb->owners.count;
    return WB_OK;
}

static wb_status gather_sweep(struct wb *wb, bool whole)
{
    struct puts *puts = &wb->errand.puts;
    if (!blocks_sweep(puts, !wb->shelf.generation, whole ? UINT32_MAX : STEP_ROWS)) {
        return drop_errand(wb, engine_no_memory(wb));
    }
    wb->errand.kind = ERRAND_SWEEP;
    return WB_OK;
}

wb_status refold_written(struct wb *wb)
{
    const struct errand *errand = &wb->errand;
    if (errand->kind == ERRAND_SWEEP) {
        return blocks_any(wb, !wb->shelf.generation, &wb->sweeps);
    }
    wb->bands_recorded = errand->bands;
    wb->people_recorded = errand->people;
    bool swaps = errand->kind == ERRAND_SWAP;
    /* Where memory failed after the swap, the host ends the errand again. */
    if (wb->refold != NULL) {
        blocks_written(wb->refold->view);
        if (swaps) TRY(swap(wb));
    }
    return swaps ? plan_refresh(wb) : WB_OK;
}

/* ---- The whole of it ---- */

/* It cannot go on, for want of memory or for a damaged journal; the old fold can. */
static wb_status give_up(struct wb *wb, wb_status status)
{
    struct refold *refold = wb->refold;
    if (refold != NULL && refold->view->error[0] != '\0') {
        memcpy(wb->error, refold->view->error, sizeof wb->error);
    }
    if (store_status(wb->store) != WB_OK) return engine_store(wb, status);
    refold_drop(wb);
    wb->refold_failed = status;
    return WB_OK;
}

wb_status refold_step(struct wb *wb, bool whole, enum wb_idle_next *next)
{
    *next = WB_IDLE_DONE;
    if (wb->turn.open || !refold_is_due(wb)) return WB_OK;
    *next = WB_IDLE_SYNC;
    if (wb->refold == NULL && wb->sweeps) return gather_sweep(wb, whole);
    enum work what = WORK_MORE;
    wb_status status = WB_OK;
    if (wb->refold == NULL) {
        status = refold_begin(wb);
    } else {
        struct wb *view = wb->refold->view;
        TRY(lend(wb, view));
        status = work(wb->refold, whole, &what);
        TRY(give_back(wb, view));
    }
    if (status != WB_OK) {
        *next = WB_IDLE_DONE;
        return give_up(wb, status);
    }
    if (what != WORK_MORE) return gather_view(wb, what, whole);
    *next = WB_IDLE_MORE;
    return WB_OK;
}

wb_status refold_hear(struct wb *wb)
{
    if (wb->refold == NULL) return WB_OK;
    for (size_t i = 0; i < wb->turn.ops.count; i++) {
        const struct op *op = &wb->turn.ops.at[i];
        /* That is found again with the scan that says it. */
        if (op->kind == OP_RELEARN) continue;
        enum op_rank rank = op->kind == OP_BAND ? RANK_PAIRING : RANK_OTHER;
        if (!LIST_PUSH(&wb->refold->ops[rank], *op)) return engine_no_memory(wb);
    }
    return WB_OK;
}

wb_status refold_finish(struct wb *wb, wb_progress progress, void *context)
{
    while (refold_is_due(wb)) {
        enum wb_idle_next next;
        TRY(refold_step(wb, true, &next));
        if (next == WB_IDLE_SYNC) TRY(errand_run(wb));
        uint64_t done = wb->refold == NULL ? 0 : wb->refold->view->believed_seq;
        if (progress != NULL && plan_is_behind(wb) &&
            !progress(context, "folding commits", done, wb->seq)) {
            return WB_ESTOPPED;
        }
    }
    return wb->refold_failed;
}

bool wb_is_folding(const struct wb *wb, double *done)
{
    if (!plan_is_behind(wb)) return false;
    uint64_t commits = wb->refold == NULL ? 0 : wb->refold->view->believed_seq;
    *done = wb->seq == 0 ? 0 : (double)commits / (double)wb->seq;
    return true;
}

wb_status wb_refold(struct wb *wb, wb_progress progress, void *context)
{
    if (wb->failed != WB_OK) return wb->failed;
    if (!wb->writes || wb->turn.open || wb->errand.kind != ERRAND_NONE) return WB_EINVAL;
    return wb->described ? refold_finish(wb, progress, context) : WB_OK;
}
