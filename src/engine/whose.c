/* Whose band it is when, and so on whose timeline a scan has its place. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

/* ---- Pairings ---- */

bool whose_add_row(struct wb *wb, const struct pairing_row *row)
{
    struct pairing_row copy = *row;
    struct band_state *band = &wb->band_states.at[row->band];
    copy.next = band->newest_row;
    if (!LIST_PUSH(&wb->rows, copy)) return false;
    band->newest_row = (uint32_t)wb->rows.count;
    if (row->learnt_us > wb->rows_learnt_us) wb->rows_learnt_us = row->learnt_us;
    return true;
}

size_t rows_believed(const struct wb *wb)
{
    return wb->turn.open ? wb->turn.rows : wb->rows.count;
}

size_t withdrawals_believed(const struct wb *wb)
{
    return wb->turn.open ? wb->turn.withdrawals : wb->withdrawals.count;
}

size_t releases_believed(const struct wb *wb)
{
    return wb->turn.open ? wb->turn.releases : wb->releases.count;
}

/* Whether a newer row of the same band, person and from has taken the row's place. Rows are in the
 * order in which they came; a learnt time that was given counts first. */
bool row_is_replaced(const struct wb *wb, const struct pairing_row *row, int64_t known_us,
                     size_t rows)
{
    for (uint32_t i = wb->band_states.at[row->band].newest_row; i != 0;
         i = wb->rows.at[i - 1].next) {
        const struct pairing_row *other = &wb->rows.at[i - 1];
        if (i > rows || other == row || other->person != row->person ||
            other->from_us != row->from_us || other->learnt_us > known_us) {
            continue;
        }
        if (other->learnt_us > row->learnt_us ||
            (other->learnt_us == row->learnt_us && other > row)) {
            return true;
        }
    }
    return false;
}

static int compare_spans(const void *left, const void *right)
{
    const struct span *a = left;
    const struct span *b = right;
    if (a->from_us != b->from_us) return a->from_us < b->from_us ? -1 : 1;
    return (a->person > b->person) - (a->person < b->person);
}

bool whose_recount(struct wb *wb, uint32_t band_number)
{
    struct band_state *band = &wb->band_states.at[band_number];
    size_t first = wb->spans.count;
    if (band->span + band->span_count == first) first = band->span; /* the last ones: over them */
    wb->spans.count = first;
    for (uint32_t i = band->newest_row; i != 0; i = wb->rows.at[i - 1].next) {
        const struct pairing_row *row = &wb->rows.at[i - 1];
        if (row_is_replaced(wb, row, WB_EVERYTHING, wb->rows.count)) continue;
        if (!LIST_PUSH(&wb->spans, (struct span){row->from_us, row->until_us, row->person})) {
            return false;
        }
    }
    band->span = (uint32_t)first;
    band->span_count = (uint32_t)(wb->spans.count - first);
    band->always = WB_NONE;
    if (band->span_count == 1) {
        const struct span *only = &wb->spans.at[first];
        bool at_all_times = only->from_us == WB_NO_TIME && only->until_us == WB_STILL_THERE;
        if (at_all_times) band->always = only->person;
    }
    if (band->span_count > 1) {
        qsort(wb->spans.at + first, band->span_count, sizeof *wb->spans.at, compare_spans);
    }
    return true;
}

uint32_t whose_paired(const struct wb *wb, uint32_t band_number, int64_t at_us)
{
    const struct band_state *band = &wb->band_states.at[band_number];
    if (band->always != WB_NONE) return band->always;
    if (band->reserved != WB_NONE) return band->reserved;
    for (uint32_t i = 0; i < band->span_count; i++) {
        const struct span *span = &wb->spans.at[band->span + i];
        if (span->from_us <= at_us && at_us < span->until_us) return span->person;
    }
    return at_us < band->nobody_until_us ? band->nobody : WB_NONE;
}

uint32_t whose_paired_then(const struct wb *wb, uint32_t band, int64_t at_us, int64_t known_us)
{
    const struct band_state *state = &wb->band_states.at[band];
    if (state->reserved != WB_NONE) return state->reserved;
    const struct pairing_row *best = NULL;
    size_t rows = rows_believed(wb);
    for (uint32_t i = state->newest_row; i != 0; i = wb->rows.at[i - 1].next) {
        const struct pairing_row *row = &wb->rows.at[i - 1];
        if (i > rows || row->learnt_us > known_us || at_us < row->from_us || at_us >= row->until_us)
            continue;
        if (row_is_replaced(wb, row, known_us, rows)) continue;
        if (best == NULL || row->learnt_us > best->learnt_us) best = row;
    }
    if (best != NULL) return best->person;
    return at_us < state->nobody_until_us ? state->nobody : WB_NONE;
}

uint32_t whose_uncovered(const struct wb *wb, uint32_t band)
{
    const struct band_state *state = &wb->band_states.at[band];
    return wb->plan.policy.adopt ? state->adopted : state->held;
}

bool whose_adopt_next(struct wb *wb, uint32_t band)
{
    if (wb->plan.policy.adopt || !wb->versions.at[wb->plan.version].description.policy.adopt) {
        return true;
    }
    const char *id = names_text(&wb->bands, band);
    return names_find(&wb->people, id, strlen(id)) != NAMES_NONE ||
           owner_add(wb, id, strlen(id), OWNER_ADOPTED, band) != WB_NONE;
}

/* Under `adopt` it is the person with the band's id. */
static uint32_t uncovered_owner(struct wb *wb, uint32_t band_number)
{
    uint32_t known = whose_uncovered(wb, band_number);
    if (known != WB_NONE) return known;
    if (wb->plan.policy.adopt) {
        const char *id = names_text(&wb->bands, band_number);
        uint32_t person = names_find(&wb->people, id, strlen(id));
        if (person == NAMES_NONE) {
            person = owner_add(wb, id, strlen(id), OWNER_ADOPTED, band_number);
        }
        if (person != WB_NONE) wb->band_states.at[band_number].adopted = person;
        return person;
    }
    uint32_t owner = owner_add(wb, "", 0, OWNER_HELD, band_number);
    if (owner == WB_NONE) return WB_NONE;
    wb->band_states.at[band_number].held = owner;
    return whose_adopt_next(wb, band_number) ? owner : WB_NONE;
}

uint32_t whose_believed_owner(const struct wb *wb, uint32_t band, int64_t at_us)
{
    uint32_t person = wb->turn.open ? whose_paired_then(wb, band, at_us, WB_EVERYTHING)
                                    : whose_paired(wb, band, at_us);
    if (person != WB_NONE) return person;
    uint32_t uncovered = whose_uncovered(wb, band);
    if (uncovered != WB_NONE || !wb->plan.policy.adopt) return uncovered;
    const char *id = names_text(&wb->bands, band);
    return names_find(&wb->people, id, strlen(id));
}

uint32_t whose_owner(struct wb *wb, uint32_t band, int64_t at_us)
{
    uint32_t person = whose_paired(wb, band, at_us);
    return person != WB_NONE ? person : uncovered_owner(wb, band);
}

/* ---- Withdrawals ---- */

static size_t withdrawal_hash(uint32_t reader, uint32_t band, int64_t at_us)
{
    uint64_t h = (uint64_t)at_us * UINT64_C(0x9e3779b97f4a7c15) ^ ((uint64_t)reader << 32 | band);
    h ^= h >> 32;
    h *= UINT64_C(0xd6e8feb86659fd93);
    return (size_t)(h ^ h >> 32);
}

static void withdrawal_slot(struct withdrawals *list, size_t index)
{
    const struct withdrawal *w = &list->at[index];
    size_t i = withdrawal_hash(w->reader, w->band, w->at_us) & (list->slot_count - 1);
    while (list->slot[i] != 0) {
        i = (i + 1) & (list->slot_count - 1);
    }
    list->slot[i] = (uint32_t)index + 1;
}

static void withdrawals_index(struct withdrawals *list)
{
    if (list->slot_count == 0) return;
    memset(list->slot, 0, list->slot_count * sizeof *list->slot);
    for (size_t i = 0; i < list->count; i++) {
        withdrawal_slot(list, i);
    }
}

bool withdrawals_add(struct wb *wb, const struct withdrawal *withdrawal)
{
    struct withdrawals *list = &wb->withdrawals;
    if (!LIST_ROOM(list, 1)) return false;
    if ((list->count + 1) * 2 > list->slot_count) {
        size_t slots = list->slot_count == 0 ? 64 : list->slot_count * 2;
        uint32_t *grown = calloc(slots, sizeof *grown);
        if (grown == NULL) return false;
        free(list->slot);
        list->slot = grown;
        list->slot_count = slots;
        withdrawals_index(list);
    }
    list->at[list->count++] = *withdrawal;
    withdrawal_slot(list, list->count - 1);
    return true;
}

void withdrawals_shrink(struct wb *wb, size_t count)
{
    if (wb->withdrawals.count <= count) return;
    wb->withdrawals.count = count;
    withdrawals_index(&wb->withdrawals);
}

/* The first withdrawal learnt that names the scan. */
const struct withdrawal *whose_withdrawal(const struct wb *wb, uint32_t reader, uint32_t band,
                                          int64_t at_us, uint32_t direction)
{
    const struct withdrawals *list = &wb->withdrawals;
    if (list->count == 0) return NULL;
    const struct withdrawal *first = NULL;
    size_t mask = list->slot_count - 1;
    for (size_t i = withdrawal_hash(reader, band, at_us) & mask; list->slot[i] != 0;
         i = (i + 1) & mask) {
        const struct withdrawal *w = &list->at[list->slot[i] - 1];
        if (w->reader != reader || w->band != band || w->at_us != at_us) continue;
        if (w->direction != WB_EVERY_DIRECTION && w->direction != direction) continue;
        if (first == NULL || w->learnt_us < first->learnt_us) first = w;
    }
    return first;
}

/* ---- Clocks ---- */

bool is_quarantined(const struct policy *policy, int64_t at_us, int64_t learnt_us)
{
    return at_us < EARLIEST_US || at_us - learnt_us > policy->ahead_us;
}

const struct release *release_covering(const struct wb *wb, uint32_t reader, int64_t at_us,
                                       int64_t learnt_us, int64_t known_us)
{
    for (size_t i = 0; i < wb->releases.count; i++) {
        const struct release *r = &wb->releases.at[i];
        if (r->reader == reader && r->from_us <= at_us && at_us < r->until_us &&
            learnt_us <= r->learnt_us && r->learnt_us <= known_us) {
            return r;
        }
    }
    return NULL;
}

static uint32_t quarantine_owner(struct wb *wb, uint32_t reader)
{
    struct reader_state *state = &wb->reader_states.at[reader];
    if (state->quarantine == WB_NONE) {
        state->quarantine = owner_add(wb, "", 0, OWNER_QUARANTINE, reader);
    }
    return state->quarantine;
}

/* ---- Placing ---- */

/* Whether some description since a moment adopts. */
static bool adopts_since(const struct wb *wb, int64_t learnt_us)
{
    for (size_t v = plan_version_at(wb, learnt_us); v < wb->versions.count; v++) {
        if (wb->versions.at[v].description.policy.adopt) return true;
    }
    return false;
}

/* Under `adopt` somebody with the band's id may have existed for those who knew the scan, but not
 * yet the pairing that covers it or the policy that holds it. */
static bool adopt_then(struct wb *wb, uint32_t band, int64_t at_us, int64_t learnt_us)
{
    const struct band_state *state = &wb->band_states.at[band];
    bool one_row = state->newest_row != 0 && wb->rows.at[state->newest_row - 1].next == 0;
    bool always_covered = one_row && whose_paired_then(wb, band, at_us, learnt_us) != WB_NONE;
    if (always_covered || state->reserved != WB_NONE || !adopts_since(wb, learnt_us)) return true;
    const char *id = names_text(&wb->bands, band);
    return names_find(&wb->people, id, strlen(id)) != NAMES_NONE ||
           owner_add(wb, id, strlen(id), OWNER_ADOPTED, band) != WB_NONE;
}

wb_status place(struct wb *wb, const struct fact_scan *scan, int64_t learnt_us, bool given,
                struct placed *out)
{
    *out = (struct placed){
        .scan = {.at_us = scan->at_us,
                 .reader = scan->reader,
                 .band = scan->band,
                 .direction = (uint8_t)scan->direction},
        .note = NOTE_EMPTY
    };
    bool prompt = !given && learnt_us - scan->at_us <= PROMPT_US;
    bool quarantined = is_quarantined(&wb->plan.policy, scan->at_us, learnt_us);
    if (quarantined) prompt = false;
    /* Whose band is gone is not kept aside for anybody. */
    if (quarantined && band_is_gone(wb, scan->band)) {
        out->owner = wb->band_states.at[scan->band].reserved;
    } else if (quarantined) {
        const struct release *release =
            release_covering(wb, scan->reader, scan->at_us, learnt_us, WB_EVERYTHING);
        if (release == NULL) {
            out->owner = quarantine_owner(wb, scan->reader);
        } else {
            out->scan.at_us += release->shift_us;
            out->note.raw_us = scan->at_us;
            out->note.released_us = release->learnt_us;
            quarantined = false;
        }
    }
    if (!prompt) out->note.learnt_us = learnt_us;
    if (!quarantined) out->owner = whose_owner(wb, scan->band, out->scan.at_us);
    if (out->owner == WB_NONE) return engine_no_memory(wb);
    if (given && !adopt_then(wb, scan->band, out->scan.at_us, learnt_us)) {
        return engine_no_memory(wb);
    }

    const struct withdrawal *withdrawal =
        whose_withdrawal(wb, scan->reader, scan->band, scan->at_us, scan->direction);
    if (withdrawal != NULL) out->note.withdrawn_us = withdrawal->learnt_us;
    if (!quarantined && reader_complete_before_us(wb, scan->reader, learnt_us) >= out->scan.at_us) {
        out->scan.flags = WB_FLAG_AFTER_COMPLETE;
    }
    return WB_OK;
}

bool scan_is_erased(const struct wb *wb, const struct fact_scan *scan, int64_t learnt_us)
{
    if (band_is_gone(wb, scan->band)) return true;
    int64_t at_us = scan->at_us;
    if (is_quarantined(&wb->plan.policy, at_us, learnt_us)) {
        const struct release *release =
            release_covering(wb, scan->reader, at_us, learnt_us, WB_EVERYTHING);
        if (release == NULL) return false; /* kept aside: nobody says whose it is */
        at_us += release->shift_us;
    }
    return owner_is_erased(wb, whose_believed_owner(wb, scan->band, at_us));
}

/* ---- Loading ---- */

/* A row of nobody's, see erase.c: a band that is gone, or what no other row covers. */
static void load_nobodys(struct wb *wb, const struct pairing_row *row)
{
    struct band_state *band = &wb->band_states.at[row->band];
    if (row->until_us == WB_STILL_THERE) {
        band->reserved = row->person;
    } else {
        band->nobody = row->person;
        band->nobody_until_us = row->until_us;
    }
}

static wb_status load_pairing(void *context, const struct cell *cells)
{
    struct wb *wb = context;
    struct pairing_row row = {.band = (uint32_t)cells[0].number,
                              .person = (uint32_t)cells[1].number,
                              .from_us = cells[2].number,
                              .until_us = cells[3].number,
                              .learnt_us = cells[4].number};
    if (row.band >= wb->band_states.count || row.person >= wb->owners.count) {
        return engine_fail(wb, WB_EDAMAGED,
                           "a pairing in the file names a band or person that is "
                           "not there: restore a backup.");
    }
    if (owner_is_erased(wb, row.person) && row.learnt_us == WB_NO_TIME) {
        load_nobodys(wb, &row);
        return WB_OK;
    }
    return whose_add_row(wb, &row) ? WB_OK : WB_ENOMEM;
}

static wb_status load_withdrawal(void *context, const struct cell *cells)
{
    struct wb *wb = context;
    struct withdrawal w = {.reader = (uint32_t)cells[0].number,
                           .band = (uint32_t)cells[1].number,
                           .at_us = cells[2].number,
                           .direction = (uint32_t)cells[3].number,
                           .learnt_us = cells[4].number,
                           .note = cells[5].number};
    if (w.reader < wb->reader_states.count) wb->reader_states.at[w.reader].used = true;
    return withdrawals_add(wb, &w) ? WB_OK : WB_ENOMEM;
}

static wb_status load_release(void *context, const struct cell *cells)
{
    struct wb *wb = context;
    struct release r = {.reader = (uint32_t)cells[0].number,
                        .from_us = cells[1].number,
                        .until_us = cells[2].number,
                        .shift_us = cells[3].number,
                        .learnt_us = cells[4].number,
                        .note = cells[5].number};
    if (r.reader < wb->reader_states.count) wb->reader_states.at[r.reader].used = true;
    return LIST_PUSH(&wb->releases, r) ? WB_OK : WB_ENOMEM;
}

static wb_status load_complete(void *context, const struct cell *cells)
{
    struct wb *wb = context;
    uint32_t reader = (uint32_t)cells[0].number;
    if (reader >= wb->reader_states.count) return WB_OK;
    struct reader_state *state = &wb->reader_states.at[reader];
    state->used = true;
    struct completions *list = &state->completions;
    if (list->count > 0 && list->at[list->count - 1].until_us >= cells[1].number) return WB_OK;
    struct completion completion = {.learnt_us = cells[2].number, .until_us = cells[1].number};
    return LIST_PUSH(list, completion) ? WB_OK : WB_ENOMEM;
}

wb_status whose_load(struct wb *wb)
{
    TRY(store_each(wb->store, PAIRING_ALL, NULL, 0, load_pairing, wb));
    TRY(store_each(wb->store, WITHDRAWAL_ALL, NULL, 0, load_withdrawal, wb));
    TRY(store_each(wb->store, RELEASE_ALL, NULL, 0, load_release, wb));
    TRY(store_each(wb->store, COMPLETE_ALL, NULL, 0, load_complete, wb));
    for (size_t b = 0; b < wb->band_states.count; b++) {
        if (wb->band_states.at[b].newest_row != 0 && !whose_recount(wb, (uint32_t)b)) {
            return engine_no_memory(wb);
        }
    }
    return WB_OK;
}
