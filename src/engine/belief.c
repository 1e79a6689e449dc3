/* What was known at a moment: the same timelines with only the facts learnt by then. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/ask.h"

/* ---- Prompt scans that were on their way ---- */

/* A prompt scan's learnt time stands in the journal only. Those learnt just after a moment are
 * read from there, once a moment, and kept by identity. */
struct in_flight {
    int64_t known_us;
    bool wide;    /* those that claim to have happened later, too */
    uint64_t seq; /* of the newest commit when it was read */
    struct fact_scans scans;

    struct flyers {
        struct flyer {
            int64_t at_us; /* of the earliest */
            uint32_t person;
        } * at;

        size_t count, capacity;
    } people; /* whose they are, each once */

    /* Hash of a scan's identity, hash of a person -> 1 + index. */
    uint32_t *slot, *person_slot;
    size_t slot_count;

    struct flyers overtaken; /* see flight_overtaken; once they were sought */
    bool sought;
};

/* For the last moments that were asked about, those that happened by then: few. Each moment may
 * stand in FLIGHT_WAYS places. Those that claim to have happened later are many where a belief is
 * asked about its future: the last place. */
#define FLIGHTS     257u
#define FLIGHT_WAYS 4u
#define FLIGHT_WIDE (FLIGHTS - 1)

void in_flight_done(struct in_flight *flights)
{
    for (size_t i = 0; flights != NULL && i < FLIGHTS; i++) {
        LIST_DONE(&flights[i].scans);
        LIST_DONE(&flights[i].people);
        LIST_DONE(&flights[i].overtaken);
        free(flights[i].slot);
        free(flights[i].person_slot);
    }
    free(flights);
}

static size_t flight_hash(const struct in_flight *flight, uint32_t reader, uint32_t band,
                          int64_t at_us, uint32_t direction)
{
    uint64_t h = (uint64_t)at_us * UINT64_C(0x9e3779b97f4a7c15);
    h ^= ((uint64_t)reader << 34 ^ (uint64_t)band << 2 ^ direction) * UINT64_C(0xbf58476d1ce4e5b9);
    return (size_t)(h ^ h >> 30) & (flight->slot_count - 1);
}

static bool is_in_flight(const struct in_flight *flight, const struct seen *seen)
{
    if (flight->scans.count == 0) return false;
    size_t i = flight_hash(flight, seen->reader, seen->band, seen->at_us, seen->direction);
    for (; flight->slot[i] != 0; i = (i + 1) & (flight->slot_count - 1)) {
        const struct fact_scan *scan = &flight->scans.at[flight->slot[i] - 1];
        if (scan->at_us == seen->at_us && scan->band == seen->band &&
            scan->reader == seen->reader && scan->direction == seen->direction) {
            return true;
        }
    }
    return false;
}

static wb_status take_flying(void *context, const struct replayed *at)
{
    struct in_flight *flight = context;
    for (size_t i = 0; i < at->commit->scans.count; i++) {
        const struct fact_scan *scan = &at->commit->scans.at[i];
        if (scan->learnt_us != WB_NO_TIME || at->learnt_us - scan->at_us > PROMPT_US) continue;
        if (!flight->wide && scan->at_us > flight->known_us) continue;
        if (!LIST_PUSH(&flight->scans, *scan)) return WB_ENOMEM;
    }
    return WB_OK;
}

/* Empty slots, at least twice as many as scans. */
static bool slots_ready(struct in_flight *flight)
{
    size_t slots = 64;
    while (slots < flight->scans.count * 2) {
        slots *= 2;
    }
    if (slots > flight->slot_count) {
        free(flight->slot);
        free(flight->person_slot);
        flight->slot = malloc(slots * sizeof *flight->slot);
        flight->person_slot = malloc(slots * sizeof *flight->person_slot);
        bool memory = flight->slot != NULL && flight->person_slot != NULL;
        flight->slot_count = memory ? slots : 0;
        if (!memory) return false;
    }
    memset(flight->slot, 0, flight->slot_count * sizeof *flight->slot);
    memset(flight->person_slot, 0, flight->slot_count * sizeof *flight->person_slot);
    return true;
}

static void index_scans(struct in_flight *flight)
{
    for (size_t n = 0; n < flight->scans.count; n++) {
        const struct fact_scan *scan = &flight->scans.at[n];
        size_t i = flight_hash(flight, scan->reader, scan->band, scan->at_us, scan->direction);
        while (flight->slot[i] != 0) {
            i = (i + 1) & (flight->slot_count - 1);
        }
        flight->slot[i] = (uint32_t)n + 1;
    }
}

/* The slot where a person stands, or would. */
static uint32_t *person_slot(const struct in_flight *flight, uint32_t person)
{
    size_t mask = flight->slot_count - 1;
    size_t i = (size_t)(person * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;
    while (flight->person_slot[i] != 0 &&
           flight->people.at[flight->person_slot[i] - 1].person != person) {
        i = (i + 1) & mask;
    }
    return &flight->person_slot[i];
}

static bool index_people(const struct wb *wb, struct in_flight *flight)
{
    flight->people.count = 0;
    if (!LIST_ROOM(&flight->people, flight->scans.count + 1)) return false;
    for (size_t n = 0; n < flight->scans.count; n++) {
        const struct fact_scan *scan = &flight->scans.at[n];
        uint32_t person = whose_believed_owner(wb, scan->band, scan->at_us);
        if (person == WB_NONE) continue;
        uint32_t *slot = person_slot(flight, person);
        if (*slot == 0) {
            flight->people.at[flight->people.count++] = (struct flyer){scan->at_us, person};
            *slot = (uint32_t)flight->people.count;
        }
        struct flyer *flyer = &flight->people.at[*slot - 1];
        if (scan->at_us < flyer->at_us) flyer->at_us = scan->at_us;
    }
    return true;
}

/* Where the flight of a moment is or may be put: the first that was put there gives way. */
static struct in_flight *flight_place(struct wb *wb, int64_t known_us, bool wide)
{
    if (wide) return &wb->in_flight[FLIGHT_WIDE];
    uint64_t hash = (uint64_t)known_us * UINT64_C(0x9e3779b97f4a7c15);
    struct in_flight *ways = &wb->in_flight[(hash >> 32) % (FLIGHTS / FLIGHT_WAYS) * FLIGHT_WAYS];
    for (size_t i = 0; i < FLIGHT_WAYS; i++) {
        if (ways[i].known_us == known_us && ways[i].seq == wb->seq) return &ways[i];
    }
    struct in_flight last = ways[FLIGHT_WAYS - 1];
    memmove(ways + 1, ways, (FLIGHT_WAYS - 1) * sizeof *ways);
    ways[0] = last;
    return ways;
}

wb_status flight_at(struct wb *wb, int64_t known_us, bool wide, const struct in_flight **out)
{
    if (wb->in_flight == NULL) {
        wb->in_flight = calloc(FLIGHTS, sizeof *wb->in_flight);
        if (wb->in_flight == NULL) return engine_no_memory(wb);
    }
    struct in_flight *flight = flight_place(wb, known_us, wide);
    *out = flight;
    if (flight->slot_count > 0 && flight->known_us == known_us && flight->seq == wb->seq) {
        return WB_OK;
    }
    flight->scans.count = 0;
    flight->known_us = known_us;
    flight->wide = wide;
    flight->seq = 0;
    flight->sought = false;
    int64_t until_us;
    int64_t ahead_us = wide ? wb->plan.policy.ahead_us : 0;
    if (__builtin_add_overflow(known_us, PROMPT_US + ahead_us, &until_us)) {
        until_us = INT64_MAX;
    }
    TRY(replay_learnt(wb, known_us, until_us, take_flying, flight));
    if (!slots_ready(flight) || !index_people(wb, flight)) return engine_no_memory(wb);
    index_scans(flight);
    flight->seq = wb->seq;
    return WB_OK;
}

bool flight_has(const struct in_flight *flight, uint32_t person, int64_t at_us)
{
    uint32_t place = *person_slot(flight, person);
    return place != 0 && flight->people.at[place - 1].at_us <= at_us;
}

/* Whether a scan of the flyer's that was known happened at or after the one that was not. */
static wb_status is_overtaken(struct wb *wb, const struct in_flight *flight,
                              const struct flyer *flyer, bool *overtaken)
{
    const struct spine *spine = spine_of(wb, BLOCK_PERSON, flyer->person / GROUP_PEOPLE);
    if (spine == NULL) return engine_no_memory(wb);
    *overtaken = false;
    if (spine->count == 0) return WB_OK;
    for (size_t b = spine_at(spine, flyer->at_us); b < spine->count && !*overtaken; b++) {
        if (block_base_us(spine->at[b]) > flight->known_us) break;
        TRY(member_read(wb, flyer->person, spine->at[b], false));
        const struct timeline *scans = &wb->member.scans;
        for (size_t i = timeline_from(scans, flyer->at_us); i < scans->count && !*overtaken; i++) {
            if (scans->at[i].at_us > flight->known_us) break;
            *overtaken = !is_in_flight(flight, &scans->at[i]);
        }
    }
    return WB_OK;
}

wb_status flight_overtaken(struct wb *wb, const struct wb_moment *moment, struct crowd *out)
{
    const struct in_flight *at = NULL;
    TRY(flight_at(wb, moment->known_us, false, &at));
    struct in_flight *flight = flight_place(wb, moment->known_us, false);
    assert(flight == at);
    if (!flight->sought) {
        flight->overtaken.count = 0;
        for (size_t i = 0; i < flight->people.count; i++) {
            bool overtaken = false;
            TRY(is_overtaken(wb, flight, &flight->people.at[i], &overtaken));
            if (!overtaken) continue;
            if (!LIST_PUSH(&flight->overtaken, flight->people.at[i])) return engine_no_memory(wb);
        }
        flight->sought = true;
    }
    for (size_t i = 0; i < flight->overtaken.count; i++) {
        const struct flyer *flyer = &flight->overtaken.at[i];
        if (flyer->at_us > moment->as_of_us) continue;
        if (!LIST_PUSH(out, flyer->person)) return engine_no_memory(wb);
    }
    return WB_OK;
}

struct learnt_search {
    const struct fact_scan *scan;
    int64_t learnt_us;
};

static wb_status look_for(void *context, const struct replayed *at)
{
    struct learnt_search *search = context;
    for (size_t i = 0; i < at->commit->scans.count; i++) {
        const struct fact_scan *scan = &at->commit->scans.at[i];
        if (scan->at_us != search->scan->at_us || scan->band != search->scan->band ||
            scan->reader != search->scan->reader || scan->direction != search->scan->direction ||
            scan->learnt_us != WB_NO_TIME) {
            continue;
        }
        search->learnt_us = at->learnt_us;
        return WB_ESTOPPED;
    }
    return WB_OK;
}

wb_status belief_prompt_learnt(struct wb *wb, const struct fact_scan *scan, int64_t *learnt_us)
{
    struct learnt_search search = {.scan = scan, .learnt_us = scan->at_us + PROMPT_US};
    wb_status status = replay_learnt(wb, scan->at_us - wb->plan.policy.ahead_us - 1,
                                     scan->at_us + PROMPT_US, look_for, &search);
    if (status != WB_OK && status != WB_ESTOPPED) return status;
    if (status == WB_OK && wb->turn.open) search.learnt_us = wb->turn.learnt_us;
    *learnt_us = search.learnt_us;
    return WB_OK;
}

/* ---- A belief ---- */

wb_status belief_open(struct wb *wb, int64_t known_us, struct belief *out)
{
    *out = (struct belief){.known_us = known_us,
                           .all = known_us == WB_EVERYTHING,
                           .same_plan = true,
                           .plan = &wb->plan};
    if (out->all) return WB_OK;
    size_t version = plan_version_at(wb, known_us);
    if (version >= wb->plan_shape_version) return WB_OK;
    out->same_plan = false;
    wb_status status = plan_make(wb, version, &out->own);
    out->plan = &out->own;
    return status;
}

void belief_close(struct belief *belief)
{
    if (belief->plan == &belief->own) plan_done(&belief->own);
}

static bool band_is_stable(const struct wb *wb, uint32_t band, int64_t known_us)
{
    size_t rows = rows_believed(wb);
    for (uint32_t i = wb->band_states.at[band].newest_row; i != 0; i = wb->rows.at[i - 1].next) {
        if (i <= rows && wb->rows.at[i - 1].learnt_us > known_us) return false;
    }
    return true;
}

/* The band with the person's own id; WB_NONE. */
static uint32_t own_band(const struct wb *wb, uint32_t person)
{
    const char *id = names_text(&wb->people, person);
    uint32_t band = names_find(&wb->bands, id, strlen(id));
    return band == NAMES_NONE ? WB_NONE : band;
}

/* The last moment at which a pairing of anybody was learnt makes the ordinary case quick. */
bool belief_is_stable(const struct wb *wb, const struct belief *belief, uint32_t person)
{
    if (belief->all) return true;
    if (!belief->same_plan) return false;
    if (wb->rows_learnt_us <= belief->known_us) return true;
    for (size_t i = 0; i < rows_believed(wb); i++) {
        if (wb->rows.at[i].person == person &&
            !band_is_stable(wb, wb->rows.at[i].band, belief->known_us)) {
            return false;
        }
    }
    uint32_t band = own_band(wb, person);
    return band == WB_NONE || band_is_stable(wb, band, belief->known_us);
}

/* Whether a scan of a timeline is known and counts, on a timeline that is the same then. */
static wb_status is_known(struct wb *wb, const struct belief *belief,
                          const struct timeline *timeline, const struct seen *seen, bool *known)
{
    const struct note *note = timeline_note(timeline, seen);
    int64_t known_us = belief->known_us;
    *known = false;
    if (note->withdrawn_us != WB_NO_TIME && note->withdrawn_us <= known_us) return WB_OK;
    if (note->released_us != WB_NO_TIME && note->released_us > known_us) return WB_OK;
    if (note->learnt_us != WB_NO_TIME) {
        *known = note->learnt_us <= known_us;
        return WB_OK;
    }
    if (seen->at_us <= known_us - PROMPT_US) {
        *known = true;
        return WB_OK;
    }
    if (seen->at_us > known_us && seen->at_us - known_us > wb->plan.policy.ahead_us) return WB_OK;
    const struct in_flight *flight = NULL;
    TRY(flight_at(wb, known_us, seen->at_us > known_us, &flight));
    assert(flight != NULL);
    *known = !is_in_flight(flight, seen);
    return WB_OK;
}

/* ---- Gathering by bands, where pairings or the site were others ---- */

struct gathering {
    struct wb *wb;
    const struct belief *belief;
    uint32_t person, band;
    struct timeline *out;
};

/* Whether the reader was described then; the plan may be older than the reader's number. */
static bool reader_described(const struct plan *plan, uint32_t reader)
{
    return reader < plan->shape.rule_count && plan->readers[reader].described;
}

static bool belongs_then(const struct gathering *g, int64_t at_us)
{
    uint32_t person = whose_paired_then(g->wb, g->band, at_us, g->belief->known_us);
    if (person != WB_NONE) return person == g->person;
    return g->belief->plan->policy.adopt && own_band(g->wb, g->person) == g->band;
}

/* When it was learnt, exactly where that could matter. */
static wb_status exact_learnt(struct wb *wb, const struct timeline *scans, const struct seen *seen,
                              int64_t *out)
{
    const struct note *note = timeline_note(scans, seen);
    *out = note->learnt_us;
    if (*out != WB_NO_TIME) return WB_OK;
    struct fact_scan scan = {.at_us = seen->at_us,
                             .learnt_us = WB_NO_TIME,
                             .reader = seen->reader,
                             .band = seen->band,
                             .direction = seen->direction};
    return belief_prompt_learnt(wb, &scan, out);
}

/* What the open turn took is not believed yet. */
static int64_t believed_until(const struct wb *wb, int64_t known_us)
{
    bool open = wb->turn.open && known_us >= wb->turn.learnt_us;
    return open ? wb->turn.learnt_us - 1 : known_us;
}

static wb_status gather_scan(struct gathering *g, const struct timeline *scans,
                             const struct seen *seen)
{
    struct wb *wb = g->wb;
    const struct note *note = timeline_note(scans, seen);
    int64_t known_us = g->belief->known_us;
    int64_t raw_us = timeline_raw_us(scans, seen);
    if (note->withdrawn_us != WB_NO_TIME && note->withdrawn_us <= known_us) return WB_OK;
    if (!reader_described(g->belief->plan, seen->reader)) return WB_OK;

    int64_t learnt_us = note->learnt_us;
    bool exact = learnt_us != WB_NO_TIME;
    bool ahead_differs = g->belief->plan->policy.ahead_us < wb->plan.policy.ahead_us;
    if (!exact && (ahead_differs || raw_us > known_us - PROMPT_US)) {
        TRY(exact_learnt(wb, scans, seen, &learnt_us));
        exact = true;
    }
    if (exact && learnt_us > known_us) return WB_OK;
    struct seen copy = *seen;
    copy.at_us = raw_us;
    if (raw_us < EARLIEST_US ||
        (exact && is_quarantined(&g->belief->plan->policy, raw_us, learnt_us))) {
        const struct release *release =
            release_covering(wb, seen->reader, raw_us, learnt_us, believed_until(wb, known_us));
        if (release == NULL) return WB_OK;
        copy.at_us += release->shift_us;
    }
    if (!belongs_then(g, copy.at_us)) return WB_OK;
    /* What is in quarantine now was never asked; what is released now was asked of another time. */
    if (exact) {
        bool after = reader_complete_before_us(wb, seen->reader, learnt_us) >= copy.at_us;
        copy.flags = after ? WB_FLAG_AFTER_COMPLETE : 0;
    }
    return timeline_push(g->out, &copy, NULL) ? WB_OK : engine_no_memory(wb);
}

static wb_status gather_owner(struct gathering *g, uint32_t owner)
{
    struct wb *wb = g->wb;
    struct spine *spine = spine_of(wb, BLOCK_PERSON, owner / GROUP_PEOPLE);
    if (spine == NULL) return engine_no_memory(wb);
    struct member member = {0};
    wb_status status = WB_OK;
    for (size_t i = 0; status == WB_OK && i < spine->count; i++) {
        status = member_read(wb, owner, spine->at[i], true);
        if (status != WB_OK) break;
        struct member swap = member;
        member = wb->member;
        wb->member = swap;
        for (size_t k = 0; status == WB_OK && k < member.scans.count; k++) {
            if (member.scans.at[k].band != g->band) continue;
            status = gather_scan(g, &member.scans, &member.scans.at[k]);
        }
    }
    timeline_done(&member.scans);
    return status;
}

/* Everybody on whose timeline scans of the band may stand now, each once. */
/* Whoever may have scans of the band; some may be there twice. false: no memory. */
static bool find_owners(const struct gathering *g, struct numbers32 *out)
{
    struct wb *wb = g->wb;
    const struct band_state *state = &wb->band_states.at[g->band];
    bool memory = true;
    for (uint32_t i = state->newest_row; i != 0; i = wb->rows.at[i - 1].next) {
        memory = memory && LIST_PUSH(out, wb->rows.at[i - 1].person);
    }
    const char *id = names_text(&wb->bands, g->band);
    uint32_t adopted = names_find(&wb->people, id, strlen(id));
    if (adopted != NAMES_NONE) memory = memory && LIST_PUSH(out, adopted);
    uint32_t uncovered = whose_uncovered(wb, g->band);
    if (uncovered != WB_NONE) memory = memory && LIST_PUSH(out, uncovered);
    if (state->reserved != WB_NONE) memory = memory && LIST_PUSH(out, state->reserved);
    if (state->nobody != WB_NONE) memory = memory && LIST_PUSH(out, state->nobody);
    for (size_t r = 0; r < wb->reader_states.count; r++) {
        uint32_t quarantine = wb->reader_states.at[r].quarantine;
        if (quarantine != WB_NONE) memory = memory && LIST_PUSH(out, quarantine);
    }
    return memory;
}

static wb_status gather_band(struct gathering *g)
{
    struct numbers32 owners = {0};
    wb_status status = find_owners(g, &owners) ? WB_OK : engine_no_memory(g->wb);
    for (size_t i = 0; status == WB_OK && i < owners.count; i++) {
        bool again = false;
        for (size_t k = 0; k < i; k++) {
            again = again || owners.at[k] == owners.at[i];
        }
        if (!again) status = gather_owner(g, owners.at[i]);
    }
    LIST_DONE(&owners);
    return status;
}

static int compare_gathered(const void *left, const void *right)
{
    return seen_compare(left, right);
}

/* All of the person's scans as known, from the bands that were theirs then. */
static wb_status gather(struct wb *wb, const struct belief *belief, uint32_t person,
                        struct timeline *out)
{
    struct gathering g = {.wb = wb, .belief = belief, .person = person, .out = out};
    struct numbers32 bands = {0};
    bool memory = true;
    for (size_t i = 0; i < rows_believed(wb); i++) {
        if (wb->rows.at[i].person == person && wb->rows.at[i].learnt_us <= belief->known_us) {
            memory = memory && LIST_PUSH(&bands, wb->rows.at[i].band);
        }
    }
    uint32_t own = own_band(wb, person);
    if (own != WB_NONE) memory = memory && LIST_PUSH(&bands, own);
    for (size_t b = 0; b < wb->band_states.count; b++) {
        if (wb->band_states.at[b].reserved == person) {
            memory = memory && LIST_PUSH(&bands, (uint32_t)b);
        }
    }
    wb_status status = memory ? WB_OK : engine_no_memory(wb);
    for (size_t i = 0; status == WB_OK && i < bands.count; i++) {
        bool again = false;
        for (size_t k = 0; k < i; k++) {
            again = again || bands.at[k] == bands.at[i];
        }
        g.band = bands.at[i];
        if (!again) status = gather_band(&g);
    }
    LIST_DONE(&bands);
    if (out->count > 1) qsort(out->at, out->count, sizeof *out->at, compare_gathered);
    return status;
}

/* ---- Streams ---- */

/* The newest block by from_us at whose start the person was, as known, in the zone of the truth. */
static size_t certain_block(const struct wb *wb, const struct belief *belief,
                            const struct spine *spine, uint32_t person, int64_t from_us)
{
    int64_t prompt_us = belief->known_us - PROMPT_US;
    size_t block = spine_at(spine, from_us < prompt_us ? from_us : prompt_us);
    while (block > 0 && late_hides(wb, person, block_base_us(spine->at[block]), belief->known_us)) {
        block--;
    }
    return block;
}

wb_status stream_open(struct wb *wb, const struct belief *belief, uint32_t person, int64_t from_us,
                      struct stream *out, struct fold *fold)
{
    *out = (struct stream){.wb = wb, .belief = belief, .person = person};
    fold_init(fold);
    if (!owner_counts(wb, person)) {
        out->done = true;
        return WB_OK;
    }
    if (!belief_is_stable(wb, belief, person)) {
        out->gathered = true;
        TRY(gather(wb, belief, person, &out->scans));
        out->at = out->scans.at;
        out->count = out->scans.count;
        return WB_OK;
    }
    struct spine *spine = spine_of(wb, BLOCK_PERSON, person / GROUP_PEOPLE);
    if (spine == NULL) return engine_no_memory(wb);
    if (spine->count == 0) {
        out->done = true;
        return WB_OK;
    }
    /* The state at a block's start knows everything: with less, begin at the beginning, or where
     * nothing that was not known yet had been seen. */
    out->block = belief->all ? spine_at(spine, from_us) : 0;
    if (belief->marks) out->block = certain_block(wb, belief, spine, person, from_us);
    bool state = belief->all || out->block > 0;
    TRY(stream_next(out));
    if (state) fold_copy(fold, &wb->member.state);
    return WB_OK;
}

static wb_status keep_known(struct stream *stream, const struct timeline *scans)
{
    struct wb *wb = stream->wb;
    timeline_clear(&stream->scans);
    for (size_t i = 0; i < scans->count; i++) {
        bool known = timeline_note(scans, &scans->at[i])->withdrawn_us == WB_NO_TIME;
        if (!stream->belief->all) TRY(is_known(wb, stream->belief, scans, &scans->at[i], &known));
        if (known && !LIST_PUSH(&stream->scans, scans->at[i])) return engine_no_memory(wb);
    }
    stream->at = stream->scans.at;
    stream->count = stream->scans.count;
    return WB_OK;
}

wb_status stream_next(struct stream *stream)
{
    struct wb *wb = stream->wb;
    stream->count = 0;
    if (stream->done || stream->gathered) {
        stream->done = true;
        return WB_OK;
    }
    struct spine *spine = spine_of(wb, BLOCK_PERSON, stream->person / GROUP_PEOPLE);
    if (spine == NULL) return engine_no_memory(wb);
    if (stream->block >= spine->count) {
        stream->done = true;
        return WB_OK;
    }
    TRY(member_read(wb, stream->person, spine->at[stream->block++], !stream->belief->all));
    const struct timeline *scans = &wb->member.scans;
    if (stream->belief->all && scans->notes.count == 0) {
        stream->at = scans->at;
        stream->count = scans->count;
        return WB_OK;
    }
    return keep_known(stream, scans);
}

void stream_close(struct stream *stream)
{
    timeline_done(&stream->scans);
}

wb_status belief_exists(struct wb *wb, const struct belief *belief, uint32_t person, bool *exists)
{
    *exists = false;
    if (!owner_counts(wb, person)) return WB_OK;
    if (owner_kind_believed(wb, person) == OWNER_REGISTERED || belief->all) {
        *exists = person_exists(wb, person);
        return WB_OK;
    }
    if (!belief->plan->policy.adopt) return WB_OK;
    struct stream stream;
    struct fold fold;
    wb_status status = stream_open(wb, belief, person, WB_NO_TIME, &stream, &fold);
    while (status == WB_OK && !stream.done && stream.count == 0) {
        status = stream_next(&stream);
    }
    *exists = stream.count > 0;
    stream_close(&stream);
    return status;
}
