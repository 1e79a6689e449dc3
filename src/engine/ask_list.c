/* Lists: people, bands, what is kept aside, and how much there is. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/ask.h"

wb_status wb_people_all(struct wb *wb, struct wb_people *out)
{
    TRY(ask_who(wb));
    out->count = 0;
    for (uint32_t p = 0; p < wb->owners.count; p++) {
        if (!person_exists(wb, p)) continue;
        if (!LIST_PUSH(out, (wb_person){p})) return engine_no_memory(wb);
    }
    return WB_OK;
}

wb_status wb_people_unseen(struct wb *wb, struct wb_people *out)
{
    TRY(ask_who(wb));
    out->count = 0;
    for (uint32_t p = 0; p < wb->owners.count; p++) {
        if (owner_kind_believed(wb, p) != OWNER_REGISTERED || !person_exists(wb, p) ||
            wb->owners.at[p].last_seen_us != WB_NO_TIME) {
            continue;
        }
        if (!LIST_PUSH(out, (wb_person){p})) return engine_no_memory(wb);
    }
    return WB_OK;
}

static wb_status take_person(void *context, const struct cell *cells)
{
    struct wb_people *out = context;
    return LIST_PUSH(out, (wb_person){(uint32_t)cells[0].number}) ? WB_OK : WB_ENOMEM;
}

wb_status wb_people_of_group(struct wb *wb, const char *group, size_t bytes, struct wb_people *out)
{
    TRY(ask_open(wb));
    out->count = 0;
    uint32_t n = names_find(&wb->groups, group, bytes);
    if (n == NAMES_NONE) return WB_ENOENT;
    struct cell cell = CELL_OF(n);
    return engine_store(wb, store_each(wb->store, MEMBER_ALL, &cell, 1, take_person, out));
}

/* ---- One person's entry ---- */

struct entry_text {
    struct bytes_out text; /* name, groups, notes, each ended by NUL */
    bool needs_help;
    bool first;
};

static wb_status take_entry(void *context, const struct cell *cells)
{
    struct entry_text *entry = context;
    bytes_put(&entry->text, cells[0].data, cells[0].bytes + 1);
    bytes_put(&entry->text, cells[2].data, cells[2].bytes + 1);
    entry->needs_help = cells[1].number != 0;
    return WB_OK;
}

static wb_status take_group(void *context, const struct cell *cells)
{
    struct entry_text *entry = context;
    if (!entry->first) bytes_put_u8(&entry->text, ';');
    entry->first = false;
    bytes_put(&entry->text, cells[0].data, cells[0].bytes);
    return WB_OK;
}

wb_status wb_person_row(struct wb *wb, wb_person person, struct wb_person_row *out)
{
    TRY(ask_who(wb));
    if (!person_exists(wb, person.n)) return WB_ENOENT;
    struct entry_text entry = {.first = true};
    struct cell cell = CELL_OF(person.n);
    wb_status status = store_each(wb->store, ENTRY_GET, &cell, 1, take_entry, &entry);
    if (entry.text.count == 0) bytes_put(&entry.text, "\0", 2);
    size_t groups = entry.text.count;
    if (status == WB_OK) status = store_each(wb->store, MEMBER_OF, &cell, 1, take_group, &entry);
    bytes_put_u8(&entry.text, 0);
    if (entry.text.failed) status = WB_ENOMEM;
    if (status != WB_OK) {
        bytes_out_done(&entry.text);
        return engine_store(wb, status);
    }
    free(wb->row_text);
    wb->row_text = (char *)entry.text.at;
    *out = (struct wb_person_row){.id = names_text(&wb->people, person.n),
                                  .name = wb->row_text,
                                  .groups = wb->row_text + groups,
                                  .notes = wb->row_text + strlen(wb->row_text) + 1,
                                  .needs_help = entry.needs_help};
    return WB_OK;
}

/* ---- Kept aside ---- */

static wb_status append_kept(struct wb *wb, uint32_t owner, struct wb_kept_scans *out)
{
    struct spine *spine = spine_of(wb, BLOCK_PERSON, owner / GROUP_PEOPLE);
    if (spine == NULL) return engine_no_memory(wb);
    for (size_t i = 0; i < spine->count; i++) {
        TRY(member_read(wb, owner, spine->at[i], true));
        const struct timeline *scans = &wb->member.scans;
        for (size_t k = 0; k < scans->count; k++) {
            const struct seen *seen = &scans->at[k];
            const struct note *note = timeline_note(scans, seen);
            struct wb_kept_scan kept = {.reader = {seen->reader},
                                        .band = {seen->band},
                                        .direction = (wb_direction)seen->direction,
                                        .at_us = seen->at_us,
                                        .learnt_us = note->learnt_us,
                                        .withdrawn_us = note->withdrawn_us};
            if (!LIST_PUSH(out, kept)) return engine_no_memory(wb);
        }
    }
    return WB_OK;
}

/* The learnt times of prompt scans stand in the journal. */
static wb_status fill_learnt(struct wb *wb, struct wb_kept_scans *out)
{
    for (size_t i = 0; i < out->count; i++) {
        struct wb_kept_scan *kept = &out->at[i];
        if (kept->learnt_us != WB_NO_TIME) continue;
        struct fact_scan scan = {.at_us = kept->at_us,
                                 .learnt_us = WB_NO_TIME,
                                 .reader = kept->reader.n,
                                 .band = kept->band.n,
                                 .direction = kept->direction};
        TRY(belief_prompt_learnt(wb, &scan, &kept->learnt_us));
    }
    return WB_OK;
}

static wb_status kept_of(struct wb *wb, enum owner_kind kind, struct wb_kept_scans *out)
{
    TRY(ask_ready(wb));
    out->count = 0;
    for (uint32_t o = 0; o < wb->owners.count; o++) {
        if (wb->owners.at[o].kind == kind) TRY(append_kept(wb, o, out));
    }
    return fill_learnt(wb, out);
}

wb_status wb_held(struct wb *wb, struct wb_kept_scans *out)
{
    return kept_of(wb, OWNER_HELD, out);
}

wb_status wb_quarantined(struct wb *wb, struct wb_kept_scans *out)
{
    return kept_of(wb, OWNER_QUARANTINE, out);
}

/* Not of a scan of somebody who was erased. */
static bool is_listed(const struct wb *wb, const struct withdrawal *w)
{
    return !owner_is_erased(wb, whose_believed_owner(wb, w->band, w->at_us));
}

wb_status wb_withdrawn(struct wb *wb, struct wb_kept_scans *out)
{
    TRY(ask_ready(wb));
    out->count = 0;
    for (size_t i = 0; i < withdrawals_believed(wb); i++) {
        const struct withdrawal *w = &wb->withdrawals.at[i];
        if (!is_listed(wb, w)) continue;
        struct wb_kept_scan kept = {.reader = {w->reader},
                                    .band = {w->band},
                                    .direction = (wb_direction)w->direction,
                                    .at_us = w->at_us,
                                    .learnt_us = WB_NO_TIME,
                                    .withdrawn_us = w->learnt_us};
        if (!LIST_PUSH(out, kept)) return engine_no_memory(wb);
    }
    return WB_OK;
}

struct reason {
    char *out;
    size_t bytes;
};

static wb_status take_reason(void *context, const struct cell *cells)
{
    struct reason *reason = context;
    size_t bytes = cells[0].bytes < reason->bytes ? cells[0].bytes : reason->bytes - 1;
    memcpy(reason->out, cells[0].data, bytes);
    reason->out[bytes] = '\0';
    return WB_OK;
}

wb_status wb_withdrawn_reason(struct wb *wb, const struct wb_kept_scan *withdrawal, char *out,
                              size_t out_bytes)
{
    if (out_bytes == 0) return WB_EINVAL;
    out[0] = '\0';
    for (size_t i = 0; i < withdrawals_believed(wb); i++) {
        const struct withdrawal *w = &wb->withdrawals.at[i];
        if (w->reader != withdrawal->reader.n || w->band != withdrawal->band.n ||
            w->at_us != withdrawal->at_us || w->direction != (uint32_t)withdrawal->direction) {
            continue;
        }
        struct reason reason = {out, out_bytes};
        struct cell cell = CELL_OF(w->note);
        return engine_store(wb, store_each(wb->store, NOTE_GET, &cell, 1, take_reason, &reason));
    }
    return WB_ENOENT;
}

/* ---- Bands ---- */

static wb_status append_pairings(struct wb *wb, uint32_t band, struct wb_pairings *out)
{
    size_t rows = rows_believed(wb);
    for (uint32_t i = wb->band_states.at[band].newest_row; i != 0; i = wb->rows.at[i - 1].next) {
        const struct pairing_row *row = &wb->rows.at[i - 1];
        if (i > rows || row_is_replaced(wb, row, WB_EVERYTHING, rows)) continue;
        if (owner_is_erased(wb, row->person)) continue;
        struct wb_pairing pairing = {.band = {band},
                                     .person = {row->person},
                                     .from_us = row->from_us,
                                     .until_us = row->until_us,
                                     .learnt_us = row->learnt_us};
        if (!LIST_PUSH(out, pairing)) return engine_no_memory(wb);
    }
    return WB_OK;
}

wb_status wb_pairings(struct wb *wb, struct wb_pairings *out)
{
    TRY(ask_ready(wb));
    out->count = 0;
    for (uint32_t b = 0; b < wb->band_states.count; b++) {
        TRY(append_pairings(wb, b, out));
    }
    return WB_OK;
}

wb_status wb_bands_all(struct wb *wb, struct wb_pairings *out)
{
    TRY(ask_ready(wb));
    out->count = 0;
    for (uint32_t b = 0; b < wb->band_states.count; b++) {
        const struct band_state *state = &wb->band_states.at[b];
        if (band_is_gone(wb, b)) continue;
        size_t before = out->count;
        TRY(append_pairings(wb, b, out));
        if (out->count > before) continue;
        struct wb_pairing alone = {.band = {b},
                                   .person = {state->reserved},
                                   .from_us = WB_NO_TIME,
                                   .until_us = WB_STILL_THERE,
                                   .learnt_us = WB_NO_TIME};
        if (!LIST_PUSH(out, alone)) return engine_no_memory(wb);
    }
    return WB_OK;
}

/* ---- How much ---- */

static void count_owners(const struct wb *wb, struct wb_numbers *out)
{
    for (uint32_t o = 0; o < wb->owners.count; o++) {
        if (person_exists(wb, o)) out->people++;
        int64_t seen_us = wb->owners.at[o].last_seen_us;
        if (!owner_counts(wb, o) || seen_us == WB_NO_TIME) continue;
        if (out->last_us == WB_NO_TIME || seen_us > out->last_us) out->last_us = seen_us;
    }
}

/* What is of somebody who was erased is not counted. */
static void count_bands(const struct wb *wb, struct wb_numbers *out)
{
    size_t rows = rows_believed(wb);
    for (size_t i = 0; i < rows; i++) {
        const struct pairing_row *row = &wb->rows.at[i];
        if (owner_is_erased(wb, row->person)) continue;
        out->pairings += !row_is_replaced(wb, row, WB_EVERYTHING, rows);
    }
    for (size_t i = 0; i < withdrawals_believed(wb); i++) {
        out->withdrawals += is_listed(wb, &wb->withdrawals.at[i]);
    }
    for (uint32_t b = 0; b < wb->band_states.count; b++) {
        out->bands += !band_is_gone(wb, b);
    }
}

/* The oldest scan that counts stands in the first block of some group. */
static wb_status find_first(struct wb *wb, struct wb_numbers *out)
{
    for (uint32_t o = 0; o < wb->owners.count; o++) {
        struct spine *spine = spine_of(wb, BLOCK_PERSON, o / GROUP_PEOPLE);
        if (spine == NULL) return engine_no_memory(wb);
        if (spine->count == 0 || !owner_counts(wb, o)) continue;
        TRY(member_read(wb, o, spine->at[0], true));
        if (wb->member.scans.count == 0) continue;
        int64_t first_us = wb->member.scans.at[0].at_us;
        if (out->first_us == WB_NO_TIME || first_us < out->first_us) out->first_us = first_us;
    }
    return WB_OK;
}

wb_status wb_numbers(struct wb *wb, struct wb_numbers *out)
{
    TRY(ask_ready(wb));
    struct wb_numbers numbers = {.commits = wb->seq,
                                 .scans = wb->scan_count,
                                 .releases = releases_believed(wb),
                                 .unwritten = wb->believed_seq - wb->written_seq,
                                 .first_us = WB_NO_TIME,
                                 .last_us = WB_NO_TIME,
                                 .learnt_us = wb->learnt_us};
    struct wb_kept_scans kept = {0};
    wb_status status = wb_held(wb, &kept);
    numbers.held = kept.count;
    if (status == WB_OK) status = wb_quarantined(wb, &kept);
    numbers.quarantined = kept.count;
    LIST_DONE(&kept);
    TRY(status);
    count_owners(wb, &numbers);
    count_bands(wb, &numbers);
    TRY(find_first(wb, &numbers));
    *out = numbers;
    return WB_OK;
}
