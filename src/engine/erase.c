/* A person goes for good (ADR 14).
 *
 * Facts stay: they are numbers. What named the person goes, and their scans pass to an owner of no
 * name, whose scans count for nothing: nobody. So do their pairings, up to the erasure, and so
 * blocks, rebuild and verify need to know nothing of it: a pairing says whose a scan is.
 *
 *   a band of theirs that nobody else wore    is gone: no text, all its scans are nobody's, held
 *                                             and quarantined ones too
 *   a band that others wore as well           stays; theirs of its pairings pass to nobody
 *   ... whose id was the person's own as well what no pairing of others covers is nobody's
 *
 * It is one transaction of names and blocks; afterwards the log beside the file is emptied, where
 * older states of it stand. */
#include <stdlib.h>
#include <string.h>

#include "engine/ask.h"
#include "engine/kept.h"

struct their_band {
    uint32_t band;
    bool own;  /* its id is the person's */
    bool gone; /* nobody else wore it */
};

struct their_bands {
    struct their_band *at;
    size_t count, capacity;
};

struct erasing {
    struct wb *wb;
    uint32_t person, nobody;
    int64_t now_us;
    int64_t until_us;     /* their pairings of bands that stay end then at the latest */
    int64_t own_until_us; /* and what no pairing covers of the band with their id */
    struct their_bands bands;
    struct numbers32 names;  /* people whose ids go: theirs, and adopted ones of gone bands */
    struct numbers32 gone;   /* bands */
    struct numbers32 owners; /* on whose timelines scans may stand that move */
    struct wb_erasure out;
};

/* ---- Which bands ---- */

static wb_status add_number(struct wb *wb, struct numbers32 *list, uint32_t number)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->at[i] == number) return WB_OK;
    }
    return LIST_PUSH(list, number) ? WB_OK : engine_no_memory(wb);
}

static struct their_band *their_band(const struct erasing *e, uint32_t band)
{
    for (size_t i = 0; i < e->bands.count; i++) {
        if (e->bands.at[i].band == band) return &e->bands.at[i];
    }
    return NULL;
}

static wb_status add_band(struct erasing *e, uint32_t band, bool own)
{
    struct their_band *known = their_band(e, band);
    if (known != NULL) {
        known->own = known->own || own;
        return WB_OK;
    }
    struct their_band theirs = {.band = band, .own = own};
    return LIST_PUSH(&e->bands, theirs) ? WB_OK : engine_no_memory(e->wb);
}

/* Whoever exists with the band's id is somebody else who wears it. */
static bool is_worn_by_others(const struct erasing *e, uint32_t band)
{
    const struct wb *wb = e->wb;
    if (wb->band_states.at[band].reserved == e->person) return false;
    for (uint32_t i = wb->band_states.at[band].newest_row; i != 0; i = wb->rows.at[i - 1].next) {
        uint32_t other = wb->rows.at[i - 1].person;
        if (other != e->person && !owner_is_erased(wb, other)) return true;
    }
    const char *id = names_text(&wb->bands, band);
    uint32_t same = names_find(&wb->people, id, strlen(id));
    return same != NAMES_NONE && same != e->person && person_exists(wb, same);
}

static wb_status find_bands(struct erasing *e)
{
    struct wb *wb = e->wb;
    for (size_t i = 0; i < wb->rows.count; i++) {
        if (wb->rows.at[i].person == e->person) TRY(add_band(e, wb->rows.at[i].band, false));
    }
    const char *id = names_text(&wb->people, e->person);
    uint32_t own = names_find(&wb->bands, id, strlen(id));
    if (own != NAMES_NONE) TRY(add_band(e, own, true));
    for (uint32_t b = 0; b < wb->band_states.count; b++) {
        if (wb->band_states.at[b].reserved == e->person) TRY(add_band(e, b, false));
    }
    for (size_t i = 0; i < e->bands.count; i++) {
        struct their_band *theirs = &e->bands.at[i];
        theirs->gone = !is_worn_by_others(e, theirs->band);
        if (theirs->gone) TRY(add_number(wb, &e->gone, theirs->band));
        e->out.bands_gone += theirs->gone;
        e->out.bands_kept += !theirs->gone;
    }
    return WB_OK;
}

/* ---- Whose scans may move ---- */

/* The owners of a band's uncovered scans. */
static wb_status add_uncovered(struct erasing *e, const struct their_band *theirs)
{
    struct wb *wb = e->wb;
    const struct band_state *state = &wb->band_states.at[theirs->band];
    if (!theirs->own && !theirs->gone) return WB_OK;
    if (state->held != WB_NONE) TRY(add_number(wb, &e->owners, state->held));
    if (state->adopted != WB_NONE) TRY(add_number(wb, &e->owners, state->adopted));
    if (state->nobody != WB_NONE) TRY(add_number(wb, &e->owners, state->nobody));
    return WB_OK;
}

/* The scans of gone bands may stand anywhere. */
static wb_status add_anywhere(struct erasing *e, const struct their_band *theirs)
{
    struct wb *wb = e->wb;
    const struct band_state *state = &wb->band_states.at[theirs->band];
    for (uint32_t i = state->newest_row; i != 0; i = wb->rows.at[i - 1].next) {
        TRY(add_number(wb, &e->owners, wb->rows.at[i - 1].person));
    }
    const char *id = names_text(&wb->bands, theirs->band);
    uint32_t adopted = names_find(&wb->people, id, strlen(id));
    if (adopted != NAMES_NONE) {
        TRY(add_number(wb, &e->owners, adopted));
        /* Nobody exists by it; the name would be the band's. Of a band by name it is another's. */
        if (!person_exists(wb, adopted)) TRY(add_number(wb, &e->names, adopted));
    }
    for (size_t r = 0; r < wb->reader_states.count; r++) {
        uint32_t quarantine = wb->reader_states.at[r].quarantine;
        if (quarantine != WB_NONE) TRY(add_number(wb, &e->owners, quarantine));
    }
    return WB_OK;
}

static wb_status find_owners(struct erasing *e)
{
    TRY(add_number(e->wb, &e->names, e->person));
    TRY(add_number(e->wb, &e->owners, e->person));
    for (size_t i = 0; i < e->bands.count; i++) {
        TRY(add_uncovered(e, &e->bands.at[i]));
        if (e->bands.at[i].gone) TRY(add_anywhere(e, &e->bands.at[i]));
    }
    return WB_OK;
}

/* Called with each block's share of an owner, which is borrowed: wb->member. */
typedef wb_status (*each_share)(struct erasing *e, uint32_t owner, const struct timeline *scans);

static wb_status walk(struct erasing *e, uint32_t owner, each_share each)
{
    struct wb *wb = e->wb;
    struct spine *spine = spine_of(wb, BLOCK_PERSON, owner / GROUP_PEOPLE);
    if (spine == NULL) return engine_no_memory(wb);
    for (size_t i = 0; i < spine->count; i++) {
        TRY(member_read(wb, owner, spine->at[i], true));
        TRY(each(e, owner, &wb->member.scans));
    }
    return WB_OK;
}

/* A clock may be a little ahead: their last scan may be later than now. */
static wb_status find_newest(struct erasing *e, uint32_t owner, const struct timeline *scans)
{
    (void)owner;
    for (size_t i = 0; i < scans->count; i++) {
        int64_t at_us = scans->at[i].at_us;
        bool is_soon = at_us - e->now_us <= e->wb->plan.policy.ahead_us;
        if (is_soon && at_us >= e->until_us) e->until_us = at_us + 1;
    }
    return WB_OK;
}

static wb_status find_newest_own(struct erasing *e, uint32_t owner, const struct timeline *scans)
{
    (void)owner;
    for (size_t i = 0; i < scans->count; i++) {
        const struct their_band *theirs = their_band(e, scans->at[i].band);
        if (theirs == NULL || !theirs->own) continue;
        if (scans->at[i].at_us >= e->own_until_us) e->own_until_us = scans->at[i].at_us + 1;
    }
    return WB_OK;
}

/* All scans so far of the band with their id, whosesoever they are: as known before a pairing, they
 * were theirs. */
static wb_status find_end_of_own(struct erasing *e, const struct their_band *theirs)
{
    const struct wb *wb = e->wb;
    const struct band_state *state = &wb->band_states.at[theirs->band];
    struct numbers32 owners = {0};
    wb_status status = add_number(e->wb, &owners, e->person);
    if (status == WB_OK && state->held != WB_NONE) {
        status = add_number(e->wb, &owners, state->held);
    }
    for (uint32_t i = state->newest_row; status == WB_OK && i != 0; i = wb->rows.at[i - 1].next) {
        status = add_number(e->wb, &owners, wb->rows.at[i - 1].person);
    }
    for (size_t i = 0; status == WB_OK && i < owners.count; i++) {
        status = walk(e, owners.at[i], find_newest_own);
    }
    LIST_DONE(&owners);
    return status;
}

/* ---- Reasons ---- */

static wb_status erase_note(struct erasing *e, int64_t note)
{
    struct cell cell = CELL_OF(note);
    e->out.reasons++;
    return engine_put(e->wb, &e->wb->errand.puts, NOTE_ERASE, &cell, 1);
}

static bool was_theirs(const struct erasing *e, const struct their_band *theirs, int64_t at_us)
{
    const struct wb *wb = e->wb;
    if (theirs->gone || theirs->own) return true;
    for (uint32_t i = wb->band_states.at[theirs->band].newest_row; i != 0;
         i = wb->rows.at[i - 1].next) {
        const struct pairing_row *row = &wb->rows.at[i - 1];
        bool covers = row->from_us <= at_us && at_us < row->until_us;
        if (row->person == e->person && covers) return true;
    }
    return false;
}

static wb_status erase_reasons_of_withdrawals(struct erasing *e)
{
    const struct wb *wb = e->wb;
    for (size_t i = 0; i < wb->withdrawals.count; i++) {
        const struct withdrawal *w = &wb->withdrawals.at[i];
        const struct their_band *theirs = their_band(e, w->band);
        if (theirs == NULL || !was_theirs(e, theirs, w->at_us)) continue;
        TRY(erase_note(e, w->note));
    }
    return WB_OK;
}

/* Of releases that folded in scans of theirs. */
static wb_status erase_reasons_of_releases(struct erasing *e, uint32_t owner,
                                           const struct timeline *scans)
{
    struct wb *wb = e->wb;
    (void)owner;
    e->out.scans += scans->count;
    for (size_t i = 0; i < scans->count; i++) {
        int64_t released_us = timeline_note(scans, &scans->at[i])->released_us;
        if (released_us == WB_NO_TIME) continue;
        for (size_t r = 0; r < wb->releases.count; r++) {
            struct release *release = &wb->releases.at[r];
            bool is_it = release->reader == scans->at[i].reader &&
                         release->learnt_us == released_us && release->note != 0;
            if (!is_it) continue;
            TRY(erase_note(e, release->note));
            release->note = 0;
        }
    }
    return WB_OK;
}

/* ---- Pairings ---- */

static void pass_band(struct erasing *e, const struct their_band *theirs)
{
    struct band_state *state = &e->wb->band_states.at[theirs->band];
    if (theirs->gone) state->reserved = e->nobody;
    if (theirs->gone || !theirs->own) return;
    state->nobody = e->nobody;
    if (state->nobody_until_us < e->own_until_us) state->nobody_until_us = e->own_until_us;
    if (state->adopted == e->person) state->adopted = WB_NONE;
}

/* All rows again: those of gone bands are left out, theirs pass to nobody. */
static wb_status pass_rows(struct erasing *e)
{
    struct wb *wb = e->wb;
    struct pairing_rows old = wb->rows;
    wb->rows = (struct pairing_rows){0};
    for (size_t i = 0; i < old.count; i++) {
        wb->band_states.at[old.at[i].band].newest_row = 0;
    }
    bool memory = true;
    for (size_t i = 0; memory && i < old.count; i++) {
        struct pairing_row row = old.at[i];
        const struct their_band *theirs = their_band(e, row.band);
        if (theirs != NULL && theirs->gone) continue;
        if (row.person == e->person) {
            row.person = e->nobody;
            if (row.until_us > e->until_us) row.until_us = e->until_us;
            if (row.from_us >= row.until_us) continue;
        }
        memory = whose_add_row(wb, &row);
    }
    LIST_DONE(&old);
    for (size_t i = 0; memory && i < e->bands.count; i++) {
        pass_band(e, &e->bands.at[i]);
        memory = whose_recount(wb, e->bands.at[i].band);
    }
    return memory ? WB_OK : engine_no_memory(wb);
}

static wb_status put_nobodys(struct erasing *e, uint32_t band, int64_t until_us)
{
    struct cell cells[] = {CELL_OF(band),     CELL_OF(e->nobody),  CELL_OF(WB_NO_TIME),
                           CELL_OF(until_us), CELL_OF(WB_NO_TIME), CELL_OF(0)};
    return engine_put(e->wb, &e->wb->errand.puts, PAIRING_PUT, cells, 6);
}

/* The same in the file. */
static wb_status put_rows(struct erasing *e)
{
    struct wb *wb = e->wb;
    struct puts *puts = &wb->errand.puts;
    struct cell pass[] = {CELL_OF(e->person), CELL_OF(e->nobody), CELL_OF(e->until_us)};
    TRY(engine_put(wb, puts, PAIRING_PASS, pass, 3));
    TRY(engine_put(wb, puts, PAIRING_DROP_EMPTY, &pass[1], 1));
    for (size_t i = 0; i < e->bands.count; i++) {
        const struct their_band *theirs = &e->bands.at[i];
        struct cell cell = CELL_OF(theirs->band);
        if (theirs->gone) {
            TRY(engine_put(wb, puts, PAIRING_DROP_BAND, &cell, 1));
            TRY(put_nobodys(e, theirs->band, WB_STILL_THERE));
        } else if (theirs->own) {
            int64_t until_us = wb->band_states.at[theirs->band].nobody_until_us;
            TRY(engine_put(wb, puts, PAIRING_DROP_NOBODYS, &cell, 1));
            TRY(put_nobodys(e, theirs->band, until_us));
        }
    }
    return WB_OK;
}

/* ---- Scans ---- */

/* Where a scan stands now. Of a gone band it is as its reader had it, as in place(). */
static wb_status place_anew(const struct erasing *e, const struct their_band *theirs,
                            const struct timeline *scans, const struct seen *seen,
                            struct placed *now)
{
    struct wb *wb = e->wb;
    if (theirs->gone && now->note.learnt_us != WB_NO_TIME) {
        struct fact_scan scan = {.at_us = timeline_raw_us(scans, seen),
                                 .reader = seen->reader,
                                 .band = seen->band,
                                 .direction = seen->direction};
        return place(wb, &scan, now->note.learnt_us, true, now);
    }
    now->owner = whose_owner(wb, seen->band, seen->at_us);
    return now->owner == WB_NONE ? engine_no_memory(wb) : WB_OK;
}

static wb_status move_scans(struct erasing *e, uint32_t owner, const struct timeline *scans)
{
    struct wb *wb = e->wb;
    bool is_aside = wb->owners.at[owner].kind == OWNER_QUARANTINE;
    for (size_t i = 0; i < scans->count; i++) {
        const struct seen *seen = &scans->at[i];
        const struct their_band *theirs = their_band(e, seen->band);
        if (theirs == NULL || (is_aside && !theirs->gone)) continue;
        struct change go = {
            {owner, *seen, *timeline_note(scans, seen)},
            true
        };
        struct change come = {go.placed, false};
        TRY(place_anew(e, theirs, scans, seen, &come.placed));
        if (come.placed.owner == owner) continue;
        if (!LIST_PUSH(&wb->changes, go) || !LIST_PUSH(&wb->changes, come)) {
            return engine_no_memory(wb);
        }
    }
    return WB_OK;
}

/* ---- Names ---- */

static wb_status put_names(struct erasing *e)
{
    struct wb *wb = e->wb;
    struct puts *puts = &wb->errand.puts;
    for (size_t i = 0; i < e->names.count; i++) {
        uint32_t n = e->names.at[i];
        struct cell cells[] = {CELL_OF(n), CELL_OF(OWNER_ERASED)};
        TRY(engine_put(wb, puts, PERSON_ERASE, cells, 2));
        TRY(engine_put(wb, puts, ENTRY_DROP, cells, 1));
        TRY(engine_put(wb, puts, MEMBER_DROP, cells, 1));
    }
    for (size_t i = 0; i < e->gone.count; i++) {
        struct cell cell = CELL_OF(e->gone.at[i]);
        TRY(engine_put(wb, puts, BAND_ERASE, &cell, 1));
    }
    struct cell log[] = {CELL_OF_TEXT("log_has_erased", 14), CELL_OF(1)};
    return engine_put(wb, puts, META_PUT, log, 2);
}

/* They move nobody any more: their timelines are empty. */
static void erase_owners(struct erasing *e)
{
    struct wb *wb = e->wb;
    for (size_t i = 0; i < e->names.count; i++) {
        struct owner *owner = &wb->owners.at[e->names.at[i]];
        owner->kind = OWNER_ERASED;
        owner->what = 0;
    }
    /* Not before they were folded: of two scans of one moment the bands' ids say which is first. */
    names_forget(&wb->bands, e->gone.at, e->gone.count);
}

/* What was kept for later questions may speak of them. */
static void forget_answers(struct wb *wb)
{
    in_flight_done(wb->in_flight);
    wb->in_flight = NULL;
    folded_table_free(wb->folded);
    wb->folded = NULL;
    late_index_free(wb->late);
    wb->late = NULL;
    free(wb->row_text);
    wb->row_text = NULL;
    news_clear(wb);
}

/* ---- All of it ---- */

static wb_status find_theirs(struct erasing *e)
{
    TRY(find_bands(e));
    TRY(find_owners(e));
    for (size_t i = 0; i < e->bands.count; i++) {
        const struct their_band *theirs = &e->bands.at[i];
        if (theirs->own && !theirs->gone) TRY(find_end_of_own(e, theirs));
    }
    return walk(e, e->person, find_newest);
}

static wb_status erase_reasons(struct erasing *e)
{
    TRY(erase_reasons_of_withdrawals(e));
    return walk(e, e->person, erase_reasons_of_releases);
}

static wb_status erase_lookups(struct erasing *e)
{
    struct wb *wb = e->wb;
    struct wb_person_row row;
    TRY(wb_person_row(wb, (wb_person){e->person}, &row));
    struct lookup_words words = {
        .id = row.id, .name = row.name, .bands = e->gone.at, .band_count = e->gone.count};
    return lookups_erase(wb, e->person, &words, &e->out.lookups);
}

/* Of the band with their id, what is later than all that is nobody's may be of somebody with that
 * id as it was known before: they have to have a number. */
static wb_status add_successors(struct erasing *e)
{
    struct wb *wb = e->wb;
    for (size_t i = 0; i < e->bands.count; i++) {
        const struct their_band *theirs = &e->bands.at[i];
        if (!theirs->own || theirs->gone) continue;
        const char *id = names_text(&wb->bands, theirs->band);
        char copy[WB_ID_BYTES_MAX + 1];
        size_t bytes = strlen(id);
        memcpy(copy, id, bytes + 1);
        if (owner_add(wb, copy, bytes, OWNER_ADOPTED, theirs->band) == WB_NONE) {
            return engine_no_memory(wb);
        }
    }
    return WB_OK;
}

/* What they had goes to an owner without a name. */
static wb_status pass_on(struct erasing *e)
{
    struct wb *wb = e->wb;
    e->nobody = owner_add(wb, "", 0, OWNER_ERASED, 0);
    if (e->nobody == WB_NONE) return engine_no_memory(wb);
    TRY(pass_rows(e));
    TRY(put_rows(e));
    /* Whose id comes again is somebody else. */
    names_forget(&wb->people, e->names.at, e->names.count);
    TRY(add_successors(e));
    for (size_t i = 0; i < e->owners.count; i++) {
        TRY(walk(e, e->owners.at[i], move_scans));
    }
    return apply(wb);
}

static wb_status erase(struct erasing *e)
{
    struct wb *wb = e->wb;
    wb->errand.erases = true;
    TRY(erase_reasons(e));
    TRY(erase_lookups(e));
    TRY(pass_on(e));
    TRY(put_names(e));
    erase_owners(e);
    forget_answers(wb);
    return write_with_errand(wb);
}

wb_status wb_erase_person(struct wb *wb, wb_person person, int64_t now_us, struct wb_erasure *out)
{
    if (wb->failed != WB_OK) return wb->failed;
    if (!wb->writes || wb->turn.open || !wb->described || wb->errand.kind != ERRAND_NONE ||
        now_us <= WB_TIME_MIN || now_us >= WB_TIME_MAX) {
        return WB_EINVAL;
    }
    /* One fold at a time: what a new description asks for is done first. */
    TRY(refold_finish(wb, NULL, NULL));
    TRY(ask_ready(wb));
    if (!person_exists(wb, person.n)) return WB_ENOENT;
    struct erasing e = {
        .wb = wb, .person = person.n, .now_us = now_us, .until_us = now_us, .own_until_us = now_us};
    wb_status status = find_theirs(&e);
    if (status == WB_OK) {
        status = erase(&e);
        /* Half of it may be in memory: what is on disk is whole. */
        if (status != WB_OK) wb->failed = status;
    }
    LIST_DONE(&e.bands);
    LIST_DONE(&e.names);
    LIST_DONE(&e.gone);
    LIST_DONE(&e.owners);
    TRY(status);
    wb->log_has_erased = true;
    TRY(erase_finish(wb));
    e.out.log_is_empty = !wb->log_has_erased;
    if (out != NULL) *out = e.out;
    return WB_OK;
}

wb_status erase_finish(struct wb *wb)
{
    if (!wb->log_has_erased) return WB_OK;
    bool done;
    TRY(engine_store(wb, store_shrink(wb->store)));
    TRY(engine_store(wb, store_empty_log(wb->store, &done)));
    if (!done) return WB_OK;
    struct cell cells[] = {CELL_OF_TEXT("log_has_erased", 14), CELL_OF(0)};
    TRY(engine_store(wb, store_begin(wb->store)));
    TRY(engine_store(wb, store_put(wb->store, META_PUT, cells, 2)));
    TRY(engine_store(wb, store_commit(wb->store)));
    wb->log_has_erased = false;
    return WB_OK;
}
