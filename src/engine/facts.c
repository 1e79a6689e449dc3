/* The facts that are not scans: pairings, withdrawals, releases, completeness; and the register. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/chip.h"
#include "engine/kept.h"

/* The turn's transaction begins with its first row of a table. */
wb_status turn_transaction(struct wb *wb)
{
    if (wb->failed != WB_OK) return wb->failed;
    if (!wb->turn.open || wb->turn.synced) return WB_EINVAL;
    if (wb->turn.transaction) return WB_OK;
    TRY(engine_store(wb, store_begin(wb->store)));
    wb->turn.transaction = true;
    return WB_OK;
}

static wb_status take_fact(struct wb *wb, const struct fact *fact)
{
    return LIST_PUSH(&wb->turn.commit.facts, *fact) ? WB_OK : engine_no_memory(wb);
}

static wb_status take_op(struct wb *wb, const struct op *op)
{
    return LIST_PUSH(&wb->turn.ops, *op) ? WB_OK : engine_no_memory(wb);
}

static bool is_band(const struct wb *wb, wb_band band)
{
    return band.n < wb->band_states.count && !band_is_gone(wb, band.n);
}

static const char *band_text(const struct wb *wb, uint32_t band)
{
    return names_text(&wb->bands, band);
}

/* ---- Pairings ---- */

/* The row in force of (band, person, from); NULL. */
static const struct pairing_row *row_in_force(const struct wb *wb, uint32_t band, uint32_t person,
                                              int64_t from_us)
{
    const struct pairing_row *newest = NULL;
    for (uint32_t i = wb->band_states.at[band].newest_row; i != 0; i = wb->rows.at[i - 1].next) {
        const struct pairing_row *row = &wb->rows.at[i - 1];
        if (row->person != person || row->from_us != from_us) continue;
        if (newest == NULL || row->learnt_us > newest->learnt_us) newest = row;
    }
    return newest;
}

static wb_status refuse_erased(const struct wb *wb, uint32_t band, struct wb_fault *why)
{
    return refuse(why,
                  "the band \"%s\" was worn in that time by somebody who was erased since; give a "
                  "later from",
                  band_text(wb, band));
}

/* Whether a pairing would take what was of somebody erased whose id the band's is. What the row
 * before it covers is its person's anyway. */
static bool takes_from_nobody(const struct wb *wb, const struct pairing_row *row)
{
    int64_t nobody_until_us = wb->band_states.at[row->band].nobody_until_us;
    if (row->from_us >= nobody_until_us) return false;
    const struct pairing_row *known = row_in_force(wb, row->band, row->person, row->from_us);
    return known == NULL || (row->until_us > known->until_us && known->until_us < nobody_until_us);
}

static wb_status refuse_overlap(const struct wb *wb, const struct pairing_row *row,
                                struct wb_fault *why)
{
    const struct band_state *band = &wb->band_states.at[row->band];
    for (uint32_t i = 0; i < band->span_count; i++) {
        const struct span *span = &wb->spans.at[band->span + i];
        if (span->person == row->person || span->until_us <= row->from_us ||
            row->until_us <= span->from_us) {
            continue;
        }
        if (owner_is_erased(wb, span->person)) return refuse_erased(wb, row->band, why);
        return refuse(why,
                      "the band \"%s\" is paired with \"%s\" in that time already; end that "
                      "pairing first, or give another from or until",
                      band_text(wb, row->band), names_text(&wb->people, span->person));
    }
    return WB_OK;
}

static wb_status check_row(const struct wb *wb, const struct pairing_row *row, struct wb_fault *why)
{
    if (row->person >= wb->owners.count || wb->owners.at[row->person].kind != OWNER_REGISTERED) {
        return refuse(why, "that person is not in the register; import them first");
    }
    if (wb->band_states.at[row->band].reserved != WB_NONE) {
        return refuse(why, "the band \"%s\" is reserved for scans by name; pair another one",
                      band_text(wb, row->band));
    }
    if (row->from_us >= row->until_us) {
        return refuse(why, "the pairing ends before it begins, or when it begins; give a later "
                           "until");
    }
    if (takes_from_nobody(wb, row)) return refuse_erased(wb, row->band, why);
    return WB_OK;
}

static wb_status add_row(struct wb *wb, const struct pairing_row *row, bool given)
{
    TRY(turn_transaction(wb));
    if (!whose_add_row(wb, row) || !LIST_PUSH(&wb->turn.bands_touched, row->band) ||
        !whose_recount(wb, row->band)) {
        return engine_no_memory(wb);
    }
    struct fact fact = {.kind = FACT_PAIRING,
                        .a = row->band,
                        .b = row->person,
                        .x = row->from_us,
                        .y = row->until_us,
                        .z = given ? row->learnt_us : WB_NO_TIME};
    TRY(take_fact(wb, &fact));
    struct cell cells[] = {CELL_OF(row->band),     CELL_OF(row->person),    CELL_OF(row->from_us),
                           CELL_OF(row->until_us), CELL_OF(row->learnt_us), CELL_OF(wb->seq + 1)};
    TRY(engine_store(wb, store_put(wb->store, PAIRING_PUT, cells, 6)));
    struct op op = {.kind = OP_BAND, .band = row->band};
    return take_op(wb, &op);
}

wb_status wb_pair(struct wb *wb, const struct wb_pairing *pairing, bool *changed,
                  struct wb_fault *why)
{
    if (!wb->turn.open || wb->turn.synced || !is_band(wb, pairing->band)) return WB_EINVAL;
    bool given = pairing->learnt_us != WB_NO_TIME && pairing->learnt_us < wb->turn.learnt_us;
    struct pairing_row row = {.band = pairing->band.n,
                              .person = pairing->person.n,
                              .from_us = pairing->from_us,
                              .until_us = pairing->until_us,
                              .learnt_us = given ? pairing->learnt_us : wb->turn.learnt_us};
    TRY(check_row(wb, &row, why));
    const struct pairing_row *known = row_in_force(wb, row.band, row.person, row.from_us);
    if (changed != NULL) *changed = false;
    bool same = known != NULL && known->until_us == row.until_us;
    /* The same again says nothing new, unless it was learnt at a moment that counts by itself. */
    if (same && (!given || known->learnt_us == row.learnt_us)) return WB_OK;
    bool in_force = known == NULL || row.learnt_us >= known->learnt_us;
    if (in_force) TRY(refuse_overlap(wb, &row, why));
    if (changed != NULL) *changed = !same;
    return add_row(wb, &row, given);
}

/* The pairing in force that covers a moment; NULL. */
static const struct span *span_covering(const struct wb *wb, uint32_t band, int64_t at_us)
{
    const struct band_state *state = &wb->band_states.at[band];
    for (uint32_t i = 0; i < state->span_count; i++) {
        const struct span *span = &wb->spans.at[state->span + i];
        bool covers = span->from_us <= at_us && at_us < span->until_us;
        if (covers && !owner_is_erased(wb, span->person)) return span;
    }
    return NULL;
}

static wb_status end_of_span(const struct wb *wb, uint32_t band, int64_t at_us,
                             struct pairing_row *out, struct wb_fault *why)
{
    const struct span *span = span_covering(wb, band, at_us);
    if (span == NULL) {
        return refuse(why,
                      "the band \"%s\" is nobody's at that time; `list bands` shows whose it "
                      "is when",
                      band_text(wb, band));
    }
    if (span->from_us == at_us) {
        return refuse(why,
                      "the pairing of the band \"%s\" begins at that very time; give a later "
                      "one",
                      band_text(wb, band));
    }
    *out = (struct pairing_row){.band = band,
                                .person = span->person,
                                .from_us = span->from_us,
                                .until_us = at_us,
                                .learnt_us = wb->turn.learnt_us};
    return WB_OK;
}

/* End all pairings of the band that cover the moment: they are one person's. */
static wb_status end_spans(struct wb *wb, const struct pairing_row *ends)
{
    struct pairing_row row = *ends;
    for (;;) {
        TRY(add_row(wb, &row, false));
        const struct span *span = span_covering(wb, row.band, row.until_us);
        if (span == NULL) return WB_OK;
        row.from_us = span->from_us;
    }
}

/* The pairing to end first; refused when one of those to end begins at the very moment. */
static wb_status check_end(const struct wb *wb, uint32_t band, int64_t at_us,
                           struct pairing_row *out, struct wb_fault *why)
{
    TRY(end_of_span(wb, band, at_us, out, why));
    const struct band_state *state = &wb->band_states.at[band];
    for (uint32_t i = 0; i < state->span_count; i++) {
        if (wb->spans.at[state->span + i].from_us != at_us) continue;
        return refuse(why,
                      "a pairing of the band \"%s\" begins at that very time; give a later one",
                      band_text(wb, band));
    }
    return WB_OK;
}

wb_status wb_unpair(struct wb *wb, wb_band band, int64_t at_us, struct wb_fault *why)
{
    if (!wb->turn.open || wb->turn.synced || !is_band(wb, band)) return WB_EINVAL;
    struct pairing_row row;
    TRY(check_end(wb, band.n, at_us, &row, why));
    return end_spans(wb, &row);
}

/* How long the person would have had the old band: the latest end of the pairings that cover. */
static int64_t end_of_cover_us(const struct wb *wb, uint32_t band, int64_t at_us)
{
    const struct band_state *state = &wb->band_states.at[band];
    int64_t until_us = at_us;
    for (uint32_t i = 0; i < state->span_count; i++) {
        const struct span *span = &wb->spans.at[state->span + i];
        bool covers = span->from_us <= at_us && at_us < span->until_us;
        if (covers && span->until_us > until_us) until_us = span->until_us;
    }
    return until_us;
}

wb_status wb_replace(struct wb *wb, wb_band old_band, wb_band new_band, int64_t at_us,
                     struct wb_fault *why)
{
    if (!wb->turn.open || wb->turn.synced || !is_band(wb, old_band) || !is_band(wb, new_band)) {
        return WB_EINVAL;
    }
    if (old_band.n == new_band.n) {
        return refuse(why, "both bands are \"%s\"; name another new one",
                      band_text(wb, old_band.n));
    }
    struct pairing_row ends = {0};
    TRY(check_end(wb, old_band.n, at_us, &ends, why));
    struct pairing_row begins = {.band = new_band.n,
                                 .person = ends.person,
                                 .from_us = at_us,
                                 .until_us = end_of_cover_us(wb, old_band.n, at_us),
                                 .learnt_us = wb->turn.learnt_us};
    TRY(check_row(wb, &begins, why));
    TRY(refuse_overlap(wb, &begins, why));
    TRY(end_spans(wb, &ends));
    return add_row(wb, &begins, false);
}

/* ---- Notes ---- */

/* Keep a reason aside; the journal has a commitment to it that says nothing without the salt. */
static wb_status take_note(struct wb *wb, const char *reason, uint8_t commitment[COMMITMENT_BYTES],
                           int64_t *note)
{
    uint8_t salt[16];
    if (wb->random == NULL || !wb->random(wb->random_context, salt, sizeof salt)) {
        return engine_fail(wb, WB_EIO, "no random bytes could be had.");
    }
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, COMMITMENT_BYTES);
    (void)crypto_generichash_update(&state, salt, sizeof salt);
    (void)crypto_generichash_update(&state, (const uint8_t *)reason, strlen(reason));
    (void)crypto_generichash_final(&state, commitment, COMMITMENT_BYTES);
    *note = ++wb->note_last;
    struct cell cells[] = {CELL_OF(*note), CELL_OF_BLOB(salt, sizeof salt),
                           CELL_OF_TEXT(reason, strlen(reason))};
    return engine_store(wb, store_put(wb->store, NOTE_PUT, cells, 3));
}

/* ---- Withdrawals ---- */

/* As many words as the public door has. NOLINTNEXTLINE(readability-function-size) */
wb_status wb_withdraw(struct wb *wb, wb_reader reader, wb_band band, int64_t at_us,
                      wb_direction direction, const char *reason, struct wb_fault *why)
{
    if (!wb->turn.open || wb->turn.synced || !is_band(wb, band) || reason == NULL ||
        direction > WB_EVERY_DIRECTION || !reader_is_visible(wb, &wb->plan, reader.n)) {
        return WB_EINVAL;
    }
    for (size_t i = 0; i < wb->withdrawals.count; i++) {
        const struct withdrawal *w = &wb->withdrawals.at[i];
        if (w->reader == reader.n && w->band == band.n && w->at_us == at_us &&
            w->direction == (uint32_t)direction) {
            return refuse(why, "that scan is withdrawn already; `list withdrawn` shows why");
        }
    }
    TRY(turn_transaction(wb));
    struct fact fact = {
        .kind = FACT_WITHDRAWAL, .a = reader.n, .b = band.n, .c = direction, .x = at_us};
    struct withdrawal withdrawal = {.reader = reader.n,
                                    .band = band.n,
                                    .direction = direction,
                                    .at_us = at_us,
                                    .learnt_us = wb->turn.learnt_us};
    TRY(take_note(wb, reason, fact.commitment, &withdrawal.note));
    TRY(take_fact(wb, &fact));
    if (!withdrawals_add(wb, &withdrawal)) return engine_no_memory(wb);
    struct cell cells[] = {CELL_OF(reader.n),
                           CELL_OF(band.n),
                           CELL_OF(at_us),
                           CELL_OF(direction),
                           CELL_OF(withdrawal.learnt_us),
                           CELL_OF(withdrawal.note)};
    TRY(engine_store(wb, store_put(wb->store, WITHDRAWAL_PUT, cells, 6)));
    struct op op = {.kind = OP_WITHDRAWAL,
                    .reader = reader.n,
                    .band = band.n,
                    .direction = direction,
                    .at_us = at_us};
    return take_op(wb, &op);
}

/* ---- Releases ---- */

/* The quarantined scans of a reader that a release covers, into wb->gathered. */
static wb_status gather_quarantined(struct wb *wb, uint32_t reader)
{
    timeline_clear(&wb->gathered);
    uint32_t owner = wb->reader_states.at[reader].quarantine;
    if (owner == WB_NONE) return WB_OK;
    struct spine *spine = spine_of(wb, BLOCK_PERSON, owner / GROUP_PEOPLE);
    if (spine == NULL) return engine_no_memory(wb);
    for (size_t i = 0; i < spine->count; i++) {
        TRY(member_read(wb, owner, spine->at[i], true));
        if (!timeline_append(&wb->gathered, &wb->member.scans)) return engine_no_memory(wb);
    }
    return WB_OK;
}

/* How many of the gathered scans a release covers; refused where it would move one out of time. */
static wb_status count_covered(const struct wb *wb, const struct release *release, uint64_t *count,
                               struct wb_fault *why)
{
    *count = 0;
    for (size_t i = 0; i < wb->gathered.count; i++) {
        int64_t at_us = wb->gathered.at[i].at_us;
        if (at_us < release->from_us || at_us >= release->until_us) continue;
        int64_t shifted_us;
        if (__builtin_add_overflow(at_us, release->shift_us, &shifted_us) ||
            shifted_us <= WB_TIME_MIN || shifted_us >= WB_TIME_MAX) {
            return refuse(why, "the shift would move a scan out of all time; give a smaller one");
        }
        (*count)++;
    }
    if (*count > 0) return WB_OK;
    return refuse(why,
                  "the reader \"%s\" has no quarantined scans in that time; `list "
                  "quarantined` shows them",
                  names_text(&wb->readers, release->reader));
}

/* In memory, into the open turn's facts and into the file. */
static wb_status take_release(struct wb *wb, struct release *release, const char *reason)
{
    TRY(turn_transaction(wb));
    struct fact fact = {.kind = FACT_RELEASE,
                        .a = release->reader,
                        .x = release->from_us,
                        .y = release->until_us,
                        .z = release->shift_us};
    TRY(take_note(wb, reason, fact.commitment, &release->note));
    TRY(take_fact(wb, &fact));
    if (!LIST_PUSH(&wb->releases, *release)) return engine_no_memory(wb);
    struct cell cells[] = {CELL_OF(release->reader),    CELL_OF(release->from_us),
                           CELL_OF(release->until_us),  CELL_OF(release->shift_us),
                           CELL_OF(release->learnt_us), CELL_OF(release->note)};
    return engine_store(wb, store_put(wb->store, RELEASE_PUT, cells, 6));
}

/* As many words as the public door has. NOLINTNEXTLINE(readability-function-size) */
wb_status wb_release(struct wb *wb, wb_reader reader, int64_t from_us, int64_t until_us,
                     int64_t shift_us, const char *reason, uint64_t *count, struct wb_fault *why)
{
    if (!wb->turn.open || wb->turn.synced || reason == NULL ||
        !reader_is_visible(wb, &wb->plan, reader.n)) {
        return WB_EINVAL;
    }
    TRY(apply(wb));
    TRY(gather_quarantined(wb, reader.n));
    struct release release = {.reader = reader.n,
                              .from_us = from_us,
                              .until_us = until_us,
                              .shift_us = shift_us,
                              .learnt_us = wb->turn.learnt_us};
    uint64_t covered;
    TRY(count_covered(wb, &release, &covered, why));
    if (count != NULL) *count = covered;
    TRY(take_release(wb, &release, reason));
    struct op op = {.kind = OP_READER, .reader = reader.n};
    return take_op(wb, &op);
}

/* ---- Completeness ---- */

wb_status wb_complete(struct wb *wb, wb_reader reader, int64_t until_us)
{
    if (!wb->turn.open || wb->turn.synced || !reader_is_visible(wb, &wb->plan, reader.n)) {
        return WB_EINVAL;
    }
    if (reader_complete_us(wb, reader.n, WB_EVERYTHING) >= until_us) return WB_OK;
    TRY(turn_transaction(wb));
    struct fact fact = {.kind = FACT_COMPLETE, .a = reader.n, .x = until_us};
    TRY(take_fact(wb, &fact));
    struct cell cells[] = {CELL_OF(reader.n), CELL_OF(until_us), CELL_OF(wb->turn.learnt_us)};
    return engine_store(wb, store_put(wb->store, COMPLETE_PUT, cells, 3));
}

wb_status believe_completions(struct wb *wb)
{
    for (size_t i = 0; i < wb->turn.commit.facts.count; i++) {
        const struct fact *fact = &wb->turn.commit.facts.at[i];
        if (fact->kind == FACT_PAIRING || fact->kind == FACT_SITE) continue;
        struct reader_state *reader = &wb->reader_states.at[fact->a];
        reader_use(reader);
        if (fact->kind != FACT_COMPLETE) continue;
        struct completions *list = &reader->completions;
        if (list->count > 0 && list->at[list->count - 1].until_us >= fact->x) continue;
        struct completion completion = {.learnt_us = wb->turn.learnt_us, .until_us = fact->x};
        if (!LIST_PUSH(list, completion)) return engine_no_memory(wb);
    }
    return WB_OK;
}

/* ---- Corrections ---- */

static wb_status take_change(struct wb *wb, const struct placed *placed, bool remove)
{
    struct change change = {*placed, remove};
    if (wb->turn.open) TRY(news_of_change(wb, placed));
    return LIST_PUSH(&wb->changes, change) ? WB_OK : engine_no_memory(wb);
}

static void mark_withdrawn(const struct wb *wb, struct placed *placed)
{
    const struct seen *seen = &placed->scan;
    int64_t raw_us = placed->note.released_us == WB_NO_TIME ? seen->at_us : placed->note.raw_us;
    const struct withdrawal *withdrawal =
        whose_withdrawal(wb, seen->reader, seen->band, raw_us, seen->direction);
    if (withdrawal != NULL) placed->note.withdrawn_us = withdrawal->learnt_us;
}

/* The band's scans on an owner's timeline that belong to somebody else now. */
static wb_status rehome_from(struct wb *wb, uint32_t band, uint32_t owner)
{
    struct spine *spine = spine_of(wb, BLOCK_PERSON, owner / GROUP_PEOPLE);
    if (spine == NULL) return engine_no_memory(wb);
    for (size_t i = 0; i < spine->count; i++) {
        TRY(member_read(wb, owner, spine->at[i], true));
        const struct timeline *scans = &wb->member.scans;
        for (size_t k = 0; k < scans->count; k++) {
            if (scans->at[k].band != band) continue;
            struct placed placed = {owner, scans->at[k], *timeline_note(scans, &scans->at[k])};
            uint32_t now = whose_owner(wb, band, placed.scan.at_us);
            if (now == WB_NONE) return engine_no_memory(wb);
            if (now == owner) continue;
            TRY(take_change(wb, &placed, true));
            placed.owner = now;
            mark_withdrawn(wb, &placed);
            TRY(take_change(wb, &placed, false));
        }
    }
    return WB_OK;
}

/* Whoever may have scans of the band now; each at most once is not needed: a scan that was moved
 * by one look is not moved again, since changes are applied between them. */
static wb_status rehome(struct wb *wb, uint32_t band)
{
    const char *id = names_text(&wb->bands, band);
    uint32_t person = names_find(&wb->people, id, strlen(id));
    if (person != NAMES_NONE) TRY(rehome_from(wb, band, person));
    TRY(apply(wb));
    for (uint32_t i = wb->band_states.at[band].newest_row; i != 0; i = wb->rows.at[i - 1].next) {
        TRY(rehome_from(wb, band, wb->rows.at[i - 1].person));
        TRY(apply(wb));
    }
    uint32_t uncovered = whose_uncovered(wb, band);
    if (uncovered != WB_NONE) TRY(rehome_from(wb, band, uncovered));
    return apply(wb);
}

/* A band that was never read or paired before has no scans that could move. */
static bool may_have_scans(const struct wb *wb, uint32_t band)
{
    const struct band_state *state = &wb->band_states.at[band];
    const char *id = names_text(&wb->bands, band);
    bool one_row = state->newest_row == 0 || wb->rows.at[state->newest_row - 1].next == 0;
    return !one_row || whose_uncovered(wb, band) != WB_NONE ||
           names_find(&wb->people, id, strlen(id)) != NAMES_NONE;
}

static wb_status change_found(struct wb *wb, const struct found *found, const struct placed *now)
{
    TRY(take_change(wb, &found->placed, true));
    return take_change(wb, now, false);
}

static wb_status withdraw_found(struct wb *wb, const struct op *op)
{
    for (uint32_t d = WB_NO_DIRECTION; d <= WB_OUT; d++) {
        if (op->direction != WB_EVERY_DIRECTION && op->direction != d) continue;
        struct fact_scan scan = {
            .at_us = op->at_us, .reader = op->reader, .band = op->band, .direction = d};
        struct found found = {0};
        TRY(find_everywhere(wb, &scan, &found));
        const struct withdrawal *first = whose_withdrawal(wb, op->reader, op->band, op->at_us, d);
        if (!found.found || first == NULL || found.placed.note.withdrawn_us == first->learnt_us) {
            continue;
        }
        struct placed now = found.placed;
        now.note.withdrawn_us = first->learnt_us;
        TRY(change_found(wb, &found, &now));
    }
    return apply(wb);
}

static wb_status release_found(struct wb *wb, const struct op *op)
{
    TRY(gather_quarantined(wb, op->reader));
    for (size_t i = 0; i < wb->gathered.count; i++) {
        const struct seen *seen = &wb->gathered.at[i];
        const struct note *note = timeline_note(&wb->gathered, seen);
        struct placed old = {wb->reader_states.at[op->reader].quarantine, *seen, *note};
        struct fact_scan scan = {.at_us = seen->at_us,
                                 .reader = seen->reader,
                                 .band = seen->band,
                                 .direction = seen->direction};
        struct placed now;
        TRY(place(wb, &scan, note->learnt_us, true, &now));
        if (now.owner == old.owner) continue;
        TRY(take_change(wb, &old, true));
        TRY(take_change(wb, &now, false));
    }
    return apply(wb);
}

static wb_status relearn_found(struct wb *wb, const struct op *op)
{
    struct fact_scan scan = {.at_us = op->at_us,
                             .learnt_us = op->learnt_us,
                             .reader = op->reader,
                             .band = op->band,
                             .direction = op->direction};
    struct found found = {0};
    TRY(find_everywhere(wb, &scan, &found));
    if (!found.found || (found.exact && found.learnt_us <= op->learnt_us)) return WB_OK;
    struct placed now;
    TRY(place(wb, &scan, op->learnt_us, true, &now));
    TRY(change_found(wb, &found, &now));
    return apply(wb);
}

static wb_status run_op(struct wb *wb, const struct op *op)
{
    switch (op->kind) {
    case OP_BAND:
        return may_have_scans(wb, op->band) ? rehome(wb, op->band) : WB_OK;
    case OP_WITHDRAWAL:
        return withdraw_found(wb, op);
    case OP_READER:
        return release_found(wb, op);
    case OP_RELEARN:
        return relearn_found(wb, op);
    }
    return WB_OK;
}

static bool is_idle(const struct wb *wb, const struct op *op)
{
    return op->kind == OP_BAND && !may_have_scans(wb, op->band);
}

wb_status run_ops(struct wb *wb)
{
    struct ops *ops = &wb->turn.ops;
    TRY(refold_hear(wb));
    for (size_t i = 0; i < ops->count; i++) {
        struct op op = ops->at[i];
        if (is_idle(wb, &op)) continue;
        TRY(apply(wb));
        TRY(run_op(wb, &op));
    }
    ops->count = 0;
    return WB_OK;
}

wb_status fact_again(struct wb *wb, const struct fact *fact)
{
    switch (fact->kind) {
    case FACT_PAIRING: {
        struct op op = {.kind = OP_BAND, .band = fact->a};
        return fact->a < wb->band_states.count ? take_op(wb, &op) : WB_OK;
    }
    case FACT_WITHDRAWAL: {
        struct op op = {.kind = OP_WITHDRAWAL,
                        .reader = fact->a,
                        .band = fact->b,
                        .direction = fact->c,
                        .at_us = fact->x};
        bool known = fact->a < wb->reader_states.count && fact->b < wb->band_states.count;
        return known ? take_op(wb, &op) : WB_OK;
    }
    case FACT_RELEASE: {
        struct op op = {.kind = OP_READER, .reader = fact->a};
        return fact->a < wb->reader_states.count ? take_op(wb, &op) : WB_OK;
    }
    case FACT_COMPLETE:
    case FACT_SITE:
    case FACT_KIND_END:
        break;
    }
    return WB_OK;
}

/* ---- The register ---- */

/* Make a person member of a group, which is made where it is new. */
static wb_status put_group(struct wb *wb, uint32_t person, const char *name, size_t bytes)
{
    uint32_t group = names_find(&wb->groups, name, bytes);
    if (group == NAMES_NONE) {
        group = names_add(&wb->groups, name, bytes);
        if (group == NAMES_NONE) return engine_no_memory(wb);
        struct cell cells[] = {CELL_OF(group), CELL_OF_TEXT(name, bytes)};
        TRY(engine_store(wb, store_put(wb->store, GROUP_PUT, cells, 2)));
    }
    struct cell cells[] = {CELL_OF(person), CELL_OF(group)};
    return engine_store(wb, store_put(wb->store, MEMBER_PUT, cells, 2));
}

static wb_status put_groups(struct wb *wb, uint32_t person, const char *groups)
{
    struct cell drop = CELL_OF(person);
    TRY(engine_store(wb, store_put(wb->store, MEMBER_DROP, &drop, 1)));
    for (const char *at = groups; *at != '\0';) {
        size_t bytes = strcspn(at, ";");
        size_t skip = strspn(at, " ");
        size_t length = bytes;
        while (length > skip && at[length - 1] == ' ') {
            length--;
        }
        if (length > skip) TRY(put_group(wb, person, at + skip, length - skip));
        at += bytes + (at[bytes] == ';');
    }
    return WB_OK;
}

/* The person's number; made, or taken over from an adopted one, where they are new. */
static wb_status register_person(struct wb *wb, const char *id, bool *known, uint32_t *out)
{
    size_t bytes = strlen(id);
    uint32_t n = names_find(&wb->people, id, bytes);
    *known = n != NAMES_NONE && wb->owners.at[n].kind == OWNER_REGISTERED;
    if (n == NAMES_NONE) {
        n = owner_add(wb, id, bytes, OWNER_REGISTERED, 0);
        if (n == WB_NONE) return engine_no_memory(wb);
    } else if (!*known) {
        if (!LIST_PUSH(&wb->turn.registered, n)) return engine_no_memory(wb);
        wb->owners.at[n].kind = OWNER_REGISTERED;
    }
    char reserved[WB_ID_BYTES_MAX + 8] = "person:";
    memcpy(reserved + 7, id, bytes + 1);
    uint32_t band = names_find(&wb->bands, reserved, bytes + 7);
    if (band != NAMES_NONE) wb->band_states.at[band].reserved = n;
    *out = n;
    return WB_OK;
}

wb_status wb_person_put(struct wb *wb, const struct wb_person_row *row, bool *known,
                        struct wb_fault *why)
{
    if (!wb->turn.open || wb->turn.synced) return WB_EINVAL;
    if (!id_is_valid(row->id, strlen(row->id))) {
        return refuse(why, "the id is not 1 to 128 bytes of UTF-8 without control characters");
    }
    TRY(turn_transaction(wb));
    bool were_known;
    uint32_t n = WB_NONE;
    TRY(register_person(wb, row->id, &were_known, &n));
    if (known != NULL) *known = were_known;
    struct cell cells[] = {CELL_OF(n), CELL_OF_TEXT(row->name, strlen(row->name)),
                           CELL_OF(row->needs_help), CELL_OF_TEXT(row->notes, strlen(row->notes))};
    TRY(engine_store(wb, store_put(wb->store, ENTRY_PUT, cells, 4)));
    return put_groups(wb, n, row->groups);
}
