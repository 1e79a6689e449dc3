/* The path of a scan. One turn, in order:
 *
 *   wb_begin     the moment at which everything in the turn is learnt
 *   wb_observe   refuse, recognise a repeat, find whose it is        take_scan
 *   wb_sync      one journal row with its hash, one commit, one fsync
 *   wb_end       believe: presence at once; what came late, and what other facts change in
 *                timelines that are written already, through apply.c; then blocks behind it
 *
 * Nothing is believed before it is durable, nobody is answered before it is believed. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

/* ---- Begin ---- */

wb_status wb_begin(struct wb *wb, int64_t now_us)
{
    if (wb->failed != WB_OK) return wb->failed;
    if (!wb->writes || wb->turn.open || wb->errand.kind != ERRAND_NONE || !wb->described ||
        now_us <= WB_TIME_MIN || now_us >= WB_TIME_MAX) {
        return WB_EINVAL;
    }

    struct turn *turn = &wb->turn;
    commit_clear(&turn->commit);
    turn->block.count = 0;
    turn->summary = (struct wb_summary){0};
    turn->ops.count = 0;
    turn->bands_touched.count = 0;
    turn->registered.count = 0;
    turn->rows = wb->rows.count;
    turn->withdrawals = wb->withdrawals.count;
    turn->releases = wb->releases.count;
    turn->people = wb->owners.count;
    turn->transaction = WB_PLANT == 3 && wb->planted_open;
    turn->synced = false;
    turn->open = true;
    turn->learnt_us = now_us;
    if (wb->learnt_us != WB_NO_TIME && now_us <= wb->learnt_us) {
        turn->learnt_us = wb->learnt_us + 1;
    }
    return WB_OK;
}

/* ---- Take ---- */

static wb_verdict verdict_of(const struct wb *wb, const struct placed *placed)
{
    switch ((enum owner_kind)wb->owners.at[placed->owner].kind) {
    case OWNER_HELD:
        return WB_HELD;
    case OWNER_QUARANTINE:
        return WB_QUARANTINED;
    case OWNER_REGISTERED:
    case OWNER_ADOPTED:
    case OWNER_BAND_ID:
    case OWNER_ERASED: /* taken, and nobody's */
        break;
    }
    return WB_ACCEPTED;
}

wb_status member_read(struct wb *wb, uint32_t owner, uint32_t second, bool notes)
{
    const uint8_t *data;
    size_t bytes;
    TRY(block_get(wb, BLOCK_PERSON, owner / GROUP_PEOPLE, second, &data, &bytes));
    bool no_memory;
    timeline_clear(&wb->member.scans);
    if (person_block_read_member(data, bytes, block_base_us(second), owner % GROUP_PEOPLE, notes,
                                 &wb->member, &no_memory) &&
        member_is_sound(wb, &wb->member)) {
        return WB_OK;
    }
    return no_memory ? engine_no_memory(wb)
                     : block_damaged(wb, BLOCK_PERSON, owner / GROUP_PEOPLE, second);
}

/* Look for a scan in an owner's blocks, at its effective time. */
static wb_status find_in_blocks(struct wb *wb, uint32_t owner, const struct fact_scan *scan,
                                int64_t effective_us, struct found *out)
{
    struct spine *spine = spine_of(wb, BLOCK_PERSON, owner / GROUP_PEOPLE);
    if (spine == NULL) return engine_no_memory(wb);
    if (spine->count == 0) return WB_OK;
    TRY(member_read(wb, owner, spine->at[spine_at(spine, effective_us)], true));
    const struct member *member = &wb->member;
    for (size_t i = timeline_from(&member->scans, effective_us);
         i < member->scans.count && member->scans.at[i].at_us == effective_us; i++) {
        const struct seen *seen = &member->scans.at[i];
        if (seen->reader != scan->reader || seen->band != scan->band ||
            seen->direction != scan->direction ||
            timeline_raw_us(&member->scans, seen) != scan->at_us) {
            continue;
        }
        out->found = true;
        out->placed = (struct placed){owner, *seen, *timeline_note(&member->scans, seen)};
        out->learnt_us = out->placed.note.learnt_us;
        out->exact = out->learnt_us != WB_NO_TIME;
        return WB_OK;
    }
    return WB_OK;
}

/* Whether the open turn pairs the band: its scans move only when the turn is believed. */
static bool is_being_paired(const struct wb *wb, uint32_t band)
{
    return wb->turn.open && wb->band_states.at[band].newest_row > wb->turn.rows;
}

/* A band that is being paired: whoever has its scans until then. */
static wb_status find_as_believed(struct wb *wb, const struct fact_scan *scan, int64_t effective_us,
                                  struct found *out)
{
    const struct band_state *state = &wb->band_states.at[scan->band];
    const char *id = names_text(&wb->bands, scan->band);
    uint32_t adopted = names_find(&wb->people, id, strlen(id));
    if (adopted != NAMES_NONE) TRY(find_in_blocks(wb, adopted, scan, effective_us, out));
    uint32_t uncovered = whose_uncovered(wb, scan->band);
    if (!out->found && uncovered != WB_NONE) {
        TRY(find_in_blocks(wb, uncovered, scan, effective_us, out));
    }
    for (uint32_t i = state->newest_row; !out->found && i != 0; i = wb->rows.at[i - 1].next) {
        TRY(find_in_blocks(wb, wb->rows.at[i - 1].person, scan, effective_us, out));
    }
    return WB_OK;
}

/* Everywhere where the scan could be: as itself, in quarantine, released. */
wb_status find_everywhere(struct wb *wb, const struct fact_scan *scan, struct found *out)
{
    uint32_t owner = whose_owner(wb, scan->band, scan->at_us);
    if (owner == WB_NONE) return engine_no_memory(wb);
    TRY(find_in_blocks(wb, owner, scan, scan->at_us, out));
    bool being_paired = is_being_paired(wb, scan->band);
    if (!out->found && being_paired) TRY(find_as_believed(wb, scan, scan->at_us, out));
    uint32_t quarantine = wb->reader_states.at[scan->reader].quarantine;
    if (!out->found && quarantine != WB_NONE) {
        TRY(find_in_blocks(wb, quarantine, scan, scan->at_us, out));
    }
    for (size_t i = 0; !out->found && i < wb->releases.count; i++) {
        const struct release *r = &wb->releases.at[i];
        if (r->reader != scan->reader || scan->at_us < r->from_us || scan->at_us >= r->until_us) {
            continue;
        }
        owner = whose_owner(wb, scan->band, scan->at_us + r->shift_us);
        if (owner == WB_NONE) return engine_no_memory(wb);
        TRY(find_in_blocks(wb, owner, scan, scan->at_us + r->shift_us, out));
        if (!out->found && being_paired) {
            TRY(find_as_believed(wb, scan, scan->at_us + r->shift_us, out));
        }
    }
    return WB_OK;
}

/* Whether a scan that is not in the tail could be in blocks: it is no newer than what its owner
 * was last seen by, or it is one that the last seen does not speak of. */
static bool could_be_in_blocks(const struct wb *wb, const struct fact_scan *scan,
                               const struct placed *placed)
{
    if (placed->note.withdrawn_us != WB_NO_TIME || placed->note.released_us != WB_NO_TIME) {
        return true;
    }
    if (wb->reader_states.at[scan->reader].quarantine != WB_NONE) return true;
    if (is_being_paired(wb, scan->band)) return true;
    return scan->at_us <= wb->owners.at[placed->owner].last_seen_us;
}

/* A copy with an earlier learnt time makes the scan known from then on. */
static wb_status take_copy(struct wb *wb, const struct fact_scan *scan, int64_t learnt_us,
                           const struct found *found, bool *keep)
{
    *keep = false;
    if (scan->learnt_us == WB_NO_TIME) return WB_OK;
    int64_t known_us = found->learnt_us;
    if (!found->exact) {
        if (learnt_us >= scan->at_us + PROMPT_US) return WB_OK;
        TRY(belief_prompt_learnt(wb, scan, &known_us));
    }
    if (learnt_us >= known_us) return WB_OK;
    *keep = true;
    struct op op = {.kind = OP_RELEARN,
                    .reader = scan->reader,
                    .band = scan->band,
                    .direction = scan->direction,
                    .at_us = scan->at_us,
                    .learnt_us = learnt_us};
    return LIST_PUSH(&wb->turn.ops, op) ? WB_OK : engine_no_memory(wb);
}

/* What a scan with a note of more than its learnt time needs goes through changes, not the tail. */
static wb_status put_placed(struct wb *wb, const struct placed *placed)
{
    bool plain = placed->note.withdrawn_us == WB_NO_TIME && placed->note.released_us == WB_NO_TIME;
    if (plain) return tail_add(wb, placed) ? WB_OK : engine_no_memory(wb);
    struct change change = {.placed = *placed};
    return LIST_PUSH(&wb->pending, change) ? WB_OK : engine_no_memory(wb);
}

/* Rare enough for a look at each. */
static bool find_pending(const struct changes *changes, const struct fact_scan *scan,
                         struct found *out)
{
    for (size_t i = 0; i < changes->count; i++) {
        const struct placed *p = &changes->at[i].placed;
        int64_t raw_us = p->note.released_us == WB_NO_TIME ? p->scan.at_us : p->note.raw_us;
        if (p->scan.reader != scan->reader || p->scan.band != scan->band ||
            p->scan.direction != scan->direction || raw_us != scan->at_us) {
            continue;
        }
        *out = (struct found){true, p->note.learnt_us != WB_NO_TIME, p->note.learnt_us, *p};
        return true;
    }
    return false;
}

wb_status take_scan(struct wb *wb, const struct fact_scan *scan, int64_t learnt_us,
                    wb_verdict *verdict, bool *keep)
{
    struct placed placed;
    TRY(place(wb, scan, learnt_us, scan->learnt_us != WB_NO_TIME, &placed));
    struct found found = {0};
    uint32_t known = tail_find(wb, scan);
    if (known != WB_NONE) {
        const struct tail_scan *t = &wb->tail.at[known];
        found = (struct found){
            .found = true, .exact = t->learnt_us != WB_NO_TIME, .learnt_us = t->learnt_us};
    } else if (!find_pending(&wb->pending, scan, &found) &&
               !find_pending(&wb->changes, scan, &found) && WB_PLANT != 5 &&
               could_be_in_blocks(wb, scan, &placed)) {
        TRY(find_everywhere(wb, scan, &found));
    }
    if (found.found) {
        *verdict = WB_DUPLICATE;
        return take_copy(wb, scan, learnt_us, &found, keep);
    }
    *keep = true;
    *verdict = verdict_of(wb, &placed);
    return put_placed(wb, &placed);
}

static wb_status check_scan(const struct wb *wb, const struct wb_scan *scan, struct wb_fault *why)
{
    if (!wb->turn.open || wb->turn.synced) return WB_EINVAL;
    if (!reader_is_visible(wb, &wb->plan, scan->reader.n) ||
        scan->band.n >= wb->band_states.count || band_is_gone(wb, scan->band.n) ||
        scan->direction > WB_OUT || scan->at_us <= WB_TIME_MIN || scan->at_us >= WB_TIME_MAX ||
        (scan->learnt_us != WB_NO_TIME && scan->learnt_us <= WB_TIME_MIN)) {
        return WB_EINVAL;
    }
    if (scan->at_us >= wb->plan.readers[scan->reader.n].retired_us) {
        return refuse(why, "the reader \"%s\" is retired; only scans from before that are taken",
                      names_text(&wb->readers, scan->reader.n));
    }
    return WB_OK;
}

wb_status wb_observe(struct wb *wb, const struct wb_scan *scan, wb_verdict *verdict,
                     struct wb_fault *why)
{
    wb_status status = check_scan(wb, scan, why);
    if (status != WB_OK) {
        if (status == WB_EREFUSED) wb->turn.summary.refused++;
        return status;
    }
    struct turn *turn = &wb->turn;
    if (turn->commit.scans.count >= TURN_SCANS_MAX) return WB_EFULL;

    struct fact_scan fact = {.at_us = scan->at_us,
                             .learnt_us = scan->learnt_us,
                             .reader = scan->reader.n,
                             .band = scan->band.n,
                             .direction = scan->direction};
    if (fact.learnt_us >= turn->learnt_us) fact.learnt_us = WB_NO_TIME;
    int64_t learnt_us = fact.learnt_us == WB_NO_TIME ? turn->learnt_us : fact.learnt_us;
    if (!LIST_ROOM(&turn->commit.scans, 1)) return engine_no_memory(wb);
    wb_verdict became;
    bool keep;
    TRY(take_scan(wb, &fact, learnt_us, &became, &keep));
    if (keep) turn->commit.scans.at[turn->commit.scans.count++] = fact;
    switch (became) {
    case WB_ACCEPTED:
        turn->summary.accepted++;
        break;
    case WB_DUPLICATE:
        turn->summary.duplicates++;
        break;
    case WB_HELD:
        turn->summary.held++;
        break;
    case WB_QUARANTINED:
        turn->summary.quarantined++;
        break;
    case WB_REFUSED:
        turn->summary.refused++;
        break;
    }
    if (verdict != NULL) *verdict = became;
    return WB_OK;
}

/* ---- Sync ---- */

/* New people and bands, in the transaction of the facts that name them. */
wb_status record_names(struct wb *wb, struct puts *puts)
{
    for (size_t n = wb->people_recorded; n < wb->owners.count; n++) {
        TRY(owner_record(wb, (uint32_t)n, puts));
    }
    for (size_t i = 0; i < wb->turn.registered.count; i++) {
        uint32_t n = wb->turn.registered.at[i];
        struct cell cells[] = {CELL_OF(n), CELL_OF(wb->owners.at[n].kind)};
        TRY(engine_put(wb, puts, PERSON_KIND, cells, 2));
    }
    for (size_t n = wb->bands_recorded; n < wb->bands.count; n++) {
        const char *id = names_text(&wb->bands, (uint32_t)n);
        struct cell cells[] = {CELL_OF(n), CELL_OF_TEXT(id, strlen(id))};
        TRY(engine_put(wb, puts, BAND_PUT, cells, 2));
    }
    return WB_OK;
}

static wb_status record_commit(struct wb *wb)
{
    struct turn *turn = &wb->turn;
    if (turn->commit.scans.count == 0 && turn->commit.facts.count == 0) return WB_OK;
    commit_write(&turn->commit, &turn->block);
    if (turn->block.failed) return engine_no_memory(wb);
    commit_hash(wb->hash, wb->seq + 1, turn->learnt_us, turn->block.at, turn->block.count,
                turn->hash);
    struct cell cells[] = {CELL_OF(wb->seq + 1), CELL_OF(turn->learnt_us),
                           CELL_OF_BLOB(turn->hash, HASH_BYTES),
                           CELL_OF_BLOB(turn->block.at, turn->block.count)};
    return engine_store(wb, store_put(wb->store, JOURNAL_PUT, cells, 4));
}

wb_status wb_sync(struct wb *wb)
{
    struct turn *turn = &wb->turn;
    if (wb->failed != WB_OK) return wb->failed;
    if (!turn->open || turn->synced) return WB_EINVAL;
    bool empty = turn->commit.scans.count == 0 && turn->commit.facts.count == 0 &&
                 wb->bands_recorded == wb->bands.count && wb->people_recorded == wb->owners.count &&
                 !turn->transaction;
    if (!empty) {
        if (!turn->transaction) TRY(engine_store(wb, store_begin(wb->store)));
        turn->transaction = true;
        TRY(record_names(wb, NULL));
        TRY(record_commit(wb));
        /* Planted: acknowledge before the commit. */
        wb->planted_open = WB_PLANT == 3 && wb->seq % 2 == 1;
        if (!wb->planted_open) TRY(engine_store(wb, store_commit(wb->store)));
        turn->transaction = wb->planted_open;
        wb->bands_recorded = wb->bands.count;
        wb->people_recorded = wb->owners.count;
    }
    turn->synced = true;
    return WB_OK;
}

/* ---- End ---- */

void reader_use(struct reader_state *reader)
{
    if (reader->used) return;
    reader->used = true;
    reader->heard_changed = true;
}

static void note_reader(struct wb *wb, const struct tail_scan *scan)
{
    struct reader_state *reader = &wb->reader_states.at[scan->reader];
    reader_use(reader);
    if (scan->at_us <= reader->heard_us || !owner_counts(wb, scan->owner)) return;
    reader->heard_us = scan->at_us;
    reader->heard_changed = true;
}

int64_t newest_block_us(struct wb *wb, uint32_t owner)
{
    const struct spine *spine = spine_of(wb, BLOCK_PERSON, owner / GROUP_PEOPLE);
    if (spine == NULL || spine->count == 0) return WB_NO_TIME;
    return block_base_us(spine->at[spine->count - 1]);
}

/* Whether a scan is for an older block: what the newest one says of its person's last scans leaves
 * out those that no debounce looks back to from there. */
static bool is_before_newest_block(struct wb *wb, const struct tail_scan *scan)
{
    int64_t last_us = wb->owners.at[scan->owner].last_seen_us;
    return last_us != WB_NO_TIME && scan->at_us - last_us < wb->plan.shape.debounce_us &&
           scan->at_us < newest_block_us(wb, scan->owner);
}

/* Presence goes on with a scan that is newer than the last; for another it waits for apply(). */
static bool believe_scan(struct wb *wb, const struct tail_scan *scan)
{
    struct owner *owner = &wb->owners.at[scan->owner];
    note_reader(wb, scan);
    if (!owner_counts(wb, scan->owner)) {
        if (scan->at_us > owner->last_seen_us) owner->last_seen_us = scan->at_us;
        return true;
    }
    if (owner->stale) return true;
#if WB_PLANT == 2
    bool newer = true; /* planted: the last to arrive wins */
#else
    bool newer = scan->at_us > owner->last_seen_us;
#endif
    if (!newer || is_before_newest_block(wb, scan)) {
        owner->stale = true;
        return true;
    }
    struct seen seen = {.at_us = scan->at_us,
                        .reader = scan->reader,
                        .band = scan->band,
                        .direction = scan->direction,
                        .flags = scan->flags};
    struct fold fold;
    owner_load(wb, scan->owner, &fold);
    fold_scans(&fold, &wb->plan.shape, scan->owner, &seen, 1, NULL);
    fold_settle(&fold, scan->owner, NULL);
    fold_trim(&fold, &wb->plan.shape, scan->at_us);
    return owner_store(wb, scan->owner, &fold);
}

wb_status believe_scans(struct wb *wb)
{
    for (size_t i = wb->tail.believed; i < wb->tail.count; i++) {
        if (!believe_scan(wb, &wb->tail.at[i])) return engine_no_memory(wb);
        if (wb->turn.open) TRY(news_of_scan(wb, &wb->tail.at[i]));
    }
    wb->tail.believed = wb->tail.count;
    for (size_t i = 0; i < wb->pending.count; i++) {
        reader_use(&wb->reader_states.at[wb->pending.at[i].placed.scan.reader]);
        if (wb->turn.open) TRY(news_of_change(wb, &wb->pending.at[i].placed));
        if (!LIST_PUSH(&wb->changes, wb->pending.at[i])) return engine_no_memory(wb);
    }
    wb->pending.count = 0;
    return WB_OK;
}

wb_status believe_behind(struct wb *wb, const struct numbers32 *behind)
{
    if (behind->count == 0) return WB_OK;
    bool *is_behind = calloc(wb->owners.count, sizeof *is_behind);
    if (is_behind == NULL) return engine_no_memory(wb);
    for (size_t i = 0; i < behind->count; i++) {
        is_behind[behind->at[i]] = true;
        wb->owners.at[behind->at[i]].stale = false;
    }
    bool memory = true;
    for (size_t i = 0; memory && i < wb->tail.believed; i++) {
        const struct tail_scan *scan = &wb->tail.at[i];
        if (is_behind[scan->owner]) memory = believe_scan(wb, scan);
    }
    free(is_behind);
    return memory ? WB_OK : engine_no_memory(wb);
}

static void turn_close(struct wb *wb)
{
    struct turn *turn = &wb->turn;
    turn->open = false;
    turn->synced = false;
    turn->ops.count = 0;
    turn->registered.count = 0;
    turn->bands_touched.count = 0;
}

/* What has become due: blocks and segments, and the log into the file. */
static wb_status tidy_after_turn(struct wb *wb)
{
    if (wb->tail.count >= TAIL_MAX) {
        TRY(write_blocks(wb));
        /* While all rows are in blocks: later the tail would have to go first. */
        TRY(seal(wb, true));
    }
    if (wb->host_idles) return WB_OK;
    if (wb->rows_since_seal >= SEAL_ROWS) TRY(wb_idle(wb));
    if (!store_wants_checkpoint(wb->store)) return WB_OK;
    return engine_store(wb, store_checkpoint(wb->store, false));
}

wb_status wb_end(struct wb *wb, struct wb_summary *summary)
{
    struct turn *turn = &wb->turn;
    if (wb->failed != WB_OK) return wb->failed;
    if (!turn->open || !turn->synced) return WB_EINVAL;
    if (turn->block.count > 0) {
        wb->seq++;
        wb->learnt_us = turn->learnt_us;
        wb->scan_count += turn->commit.scans.count;
        wb->rows_since_seal++;
        memcpy(wb->hash, turn->hash, HASH_BYTES);
        turn->block.count = 0; /* counted once, also where what follows fails and is done again */
    }
    wb->believed_seq = wb->seq;
    news_clear(wb);
    TRY(believe_scans(wb));
    TRY(believe_completions(wb));
    TRY(run_ops(wb));
    turn_close(wb);
    if (summary != NULL) *summary = turn->summary;
    return tidy_after_turn(wb);
}

wb_status wb_turn(struct wb *wb, struct wb_summary *summary)
{
    wb_status status = wb_sync(wb);
    return status == WB_OK ? wb_end(wb, summary) : status;
}

/* Owners that came in the turn go: who had them has none. */
static void forget_owners(struct wb *wb, uint32_t first)
{
    for (size_t n = first; n < wb->owners.count; n++) {
        struct owner *owner = &wb->owners.at[n];
        if (owner->kind == OWNER_QUARANTINE) {
            wb->reader_states.at[owner->what].quarantine = WB_NONE;
        }
    }
    for (size_t b = 0; b < wb->band_states.count; b++) {
        struct band_state *band = &wb->band_states.at[b];
        if (band->held != WB_NONE && band->held >= first) band->held = WB_NONE;
        if (band->adopted != WB_NONE && band->adopted >= first) band->adopted = WB_NONE;
        if (band->reserved != WB_NONE &&
            (band->reserved >= first || wb->owners.at[band->reserved].kind == OWNER_ADOPTED)) {
            band->reserved = WB_NONE;
        }
    }
    names_shrink(&wb->people, first);
    wb->owners.count = first;
}

void wb_abandon(struct wb *wb)
{
    struct turn *turn = &wb->turn;
    if (!turn->open) return;
    if (turn->synced) {
        /* It is durable: what is too late to drop is believed. A failure stays with the handle. */
        if (wb_end(wb, NULL) != WB_OK) turn_close(wb);
        return;
    }
    store_rollback(wb->store);
    tail_shrink(&wb->tail, wb->tail.believed);
    wb->pending.count = 0;
    wb->releases.count = turn->releases;
    withdrawals_shrink(wb, turn->withdrawals);
    while (wb->rows.count > turn->rows) {
        const struct pairing_row *row = &wb->rows.at[--wb->rows.count];
        wb->band_states.at[row->band].newest_row = row->next;
    }
    for (size_t i = 0; i < turn->bands_touched.count; i++) {
        /* Fewer rows need no more memory than there is. */
        (void)whose_recount(wb, turn->bands_touched.at[i]);
    }
    for (size_t i = 0; i < turn->registered.count; i++) {
        wb->owners.at[turn->registered.at[i]].kind = OWNER_ADOPTED;
    }
    forget_owners(wb, (uint32_t)turn->people);
    turn_close(wb);
}
