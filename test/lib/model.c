#include "model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "model_view.h"

struct model *model_new(void)
{
    struct model *m = calloc(1, sizeof *m);
    assert(m);
    int unknown = texts_add(&m->zones, "unknown");
    int outside = texts_add(&m->zones, "outside");
    assert(unknown == MODEL_UNKNOWN && outside == MODEL_OUTSIDE);
    return m;
}

static void forget_views(struct model *m)
{
    for (int i = 0; i < 2; i++) {
        model_view_free(m->views[i]);
        m->views[i] = NULL;
    }
    m->distinct_is_fresh = false;
}

void model_free(struct model *m)
{
    if (!m) return;
    model_held_free(m->held);
    forget_views(m);
    for (size_t i = 0; i < m->description_count; i++) {
        free(m->descriptions[i].places);
        free(m->descriptions[i].doors);
    }
    free(m->descriptions);
    free(m->scans.at);
    free(m->distinct.at);
    free(m->pairings);
    free(m->withdrawals);
    free(m->releases);
    free(m->completeness);
    free(m->people_put);
    free(m->erased);
    free(m->gone);
    free(m->nobodys);
    texts_done(&m->people);
    texts_done(&m->zones);
    texts_done(&m->readers);
    texts_done(&m->bands);
    free(m);
}

/* ---- Bands ---- */

static char hex_of(char letter)
{
    if (letter >= '0' && letter <= '9') return letter;
    if (letter >= 'A' && letter <= 'F') return letter;
    return letter >= 'a' && letter <= 'f' ? (char)(letter - 'a' + 'A') : '\0';
}

void model_band_text(const char *band, char *out)
{
    size_t digits = 0;
    bool hex = true;
    size_t length = strlen(band);
    assert(length <= WB_ID_BYTES_MAX);
    for (size_t i = 0; i < length && hex; i++) {
        bool parts_bytes = (band[i] == ':' || band[i] == '-') && digits % 2 == 0 && i > 0 &&
                           hex_of(band[i - 1]) && band[i + 1];
        if (parts_bytes) continue;
        out[digits] = hex_of(band[i]);
        hex = out[digits] != '\0';
        digits += hex;
    }
    size_t bytes = digits / 2;
    bool is_chip = hex && digits % 2 == 0 &&
                   (bytes == 4 || bytes == 7 || bytes == 8 || bytes == 10 || bytes == 12);
    if (is_chip) {
        out[digits] = '\0';
    } else {
        memcpy(out, band, length + 1);
    }
}

const char *model_person_of_reserved_band(const char *band)
{
    return strncmp(band, "person:", 7) == 0 ? band + 7 : NULL;
}

/* ---- Facts ---- */

static bool reader_has_facts(const struct model *m, int reader)
{
    for (size_t i = 0; i < m->count.scans; i++)
        if (m->scans.at[i].reader == reader) return true;
    for (size_t i = 0; i < m->count.withdrawals; i++)
        if (m->withdrawals[i].reader == reader) return true;
    for (size_t i = 0; i < m->count.releases; i++)
        if (m->releases[i].reader == reader) return true;
    for (size_t i = 0; i < m->count.completeness; i++)
        if (m->completeness[i].reader == reader) return true;
    return false;
}

static void describe_zones(struct model *m, const struct model_site *site,
                           struct model_description *d)
{
    for (size_t i = 0; i < site->zone_count; i++)
        texts_add(&m->zones, site->zones[i].id);
    d->place_count = m->zones.count;
    d->places = calloc(d->place_count, sizeof *d->places);
    assert(d->places);
    for (size_t i = 0; i < site->zone_count; i++) {
        const struct model_zone *zone = &site->zones[i];
        d->places[texts_find(&m->zones, zone->id)] = (struct model_place){
            .described = true,
            .parent = zone->in ? texts_find(&m->zones, zone->in) : MODEL_OUTSIDE,
            .forget_us = zone->forget_us,
        };
    }
}

static void describe_readers(struct model *m, const struct model_site *site,
                             struct model_description *d)
{
    for (size_t i = 0; i < site->reader_count; i++)
        texts_add(&m->readers, site->readers[i].id);
    d->door_count = m->readers.count;
    d->doors = calloc(d->door_count, sizeof *d->doors);
    assert(d->door_count == 0 || d->doors);
    for (size_t i = 0; i < site->reader_count; i++) {
        const struct model_reader *reader = &site->readers[i];
        struct model_door *door = &d->doors[texts_find(&m->readers, reader->id)];
        door->described = true;
        door->kind = reader->kind;
        door->a = texts_find(&m->zones, reader->a);
        door->b = reader->kind == 'b' ? texts_find(&m->zones, reader->b) : MODEL_NONE;
        assert(door->a >= 0);
    }
    for (size_t i = 0; i < d->door_count; i++)
        d->doors[i].had_facts = reader_has_facts(m, (int)i);
}

void model_describe(struct model *m, const struct model_site *site, int64_t learnt_us)
{
    m->descriptions = make_room(m->descriptions, &m->description_capacity, m->description_count + 1,
                                sizeof *m->descriptions);
    struct model_description d = {.learnt_us = learnt_us, .policy = site->policy};
    describe_zones(m, site, &d);
    describe_readers(m, site, &d);
    m->descriptions[m->description_count++] = d;
    forget_views(m);
}

/* Of two lists of places or doors, what the second describes. */
static void take_described(struct model_held *now, const struct model_place *places,
                           size_t place_count, const struct model_door *doors, size_t door_count)
{
    for (size_t i = 0; i < place_count; i++)
        if (places[i].described) now->places[i] = places[i];
    for (size_t i = 0; i < door_count; i++)
        if (doors[i].described) now->doors[i] = doors[i];
}

/* What folds now, by the last words of all descriptions and what is held. */
static struct model_held *fold_now(const struct model *m)
{
    struct model_held *now = calloc(1, sizeof *now);
    assert(now);
    const struct model_description *newest = &m->descriptions[m->description_count - 1];
    now->policy = newest->policy;
    now->place_count = m->zones.count;
    now->door_count = m->readers.count;
    now->places = calloc(now->place_count, sizeof *now->places);
    now->doors = calloc(now->door_count + 1, sizeof *now->doors);
    assert(now->places && now->doors);
    for (size_t d = 0; d < m->description_count; d++) {
        const struct model_description *one = &m->descriptions[d];
        take_described(now, one->places, one->place_count, one->doors, one->door_count);
    }
    for (size_t i = 0; i < now->place_count; i++) {
        if (now->places[i].forget_us != MODEL_AS_POLICY) continue;
        now->places[i].forget_us = now->policy.forget_us > 0 ? now->policy.forget_us : MODEL_NEVER;
    }
    if (m->held) {
        take_described(now, m->held->places, m->held->place_count, m->held->doors,
                       m->held->door_count);
    }
    return now;
}

void model_held_free(struct model_held *held)
{
    if (!held) return;
    free(held->places);
    free(held->doors);
    free(held);
}

void model_describe_only(struct model *m, const struct model_site *site, int64_t learnt_us)
{
    struct model_held *held = fold_now(m);
    model_let_go(m);
    model_describe(m, site, learnt_us);
    struct model_policy *policy = &m->descriptions[m->description_count - 1].policy;
    held->newest_policy = *policy;
    policy->debounce_us = held->policy.debounce_us;
    policy->max_ahead_us = held->policy.max_ahead_us;
    policy->adopt = held->policy.adopt;
    m->held = held;
}

void model_let_go(struct model *m)
{
    if (!m->held) return;
    m->descriptions[m->description_count - 1].policy = m->held->newest_policy;
    model_held_free(m->held);
    m->held = NULL;
    forget_views(m);
}

void model_person_put(struct model *m, const char *person)
{
    m->people_put = make_room(m->people_put, &m->capacity.people, m->count.people + 1, sizeof(int));
    m->people_put[m->count.people++] = texts_add(&m->people, person);
}

void model_take_scan(struct model *m, const struct model_scan *scan)
{
    m->scans.at =
        make_room(m->scans.at, &m->scans.capacity, m->count.scans + 1, sizeof *m->scans.at);
    m->scans.at[m->count.scans++] = *scan;
}

void model_take_pairing(struct model *m, const struct model_pairing *pairing)
{
    m->pairings =
        make_room(m->pairings, &m->capacity.pairings, m->count.pairings + 1, sizeof *m->pairings);
    m->pairings[m->count.pairings++] = *pairing;
}

void model_take_withdrawal(struct model *m, const struct model_withdrawal *withdrawal)
{
    m->withdrawals = make_room(m->withdrawals, &m->capacity.withdrawals, m->count.withdrawals + 1,
                               sizeof *m->withdrawals);
    m->withdrawals[m->count.withdrawals++] = *withdrawal;
}

void model_take_release(struct model *m, const struct model_release *release)
{
    m->releases =
        make_room(m->releases, &m->capacity.releases, m->count.releases + 1, sizeof *m->releases);
    m->releases[m->count.releases++] = *release;
}

void model_take_completeness(struct model *m, const struct model_completeness *completeness)
{
    m->completeness = make_room(m->completeness, &m->capacity.completeness,
                                m->count.completeness + 1, sizeof *m->completeness);
    m->completeness[m->count.completeness++] = *completeness;
}

void model_commit(struct model *m)
{
    m->believed = m->count;
    forget_views(m);
}

void model_abandon(struct model *m)
{
    m->count = m->believed;
}

/* ---- Erasures ---- */

bool model_is_erased(const struct model *m, int person)
{
    for (size_t i = 0; i < m->count.erased; i++)
        if (m->erased[i] == person) return true;
    return false;
}

bool model_is_gone(const struct model *m, int band)
{
    for (size_t i = 0; i < m->count.gone; i++)
        if (m->gone[i] == band) return true;
    return false;
}

bool model_is_nobodys(const struct model *m, int band, int64_t at_us)
{
    for (size_t i = 0; i < m->count.nobodys; i++)
        if (m->nobodys[i].band == band && at_us < m->nobodys[i].until_us) return true;
    return false;
}

static bool is_named_band_of(const struct model *m, int band, int person)
{
    const char *by_name = model_person_of_reserved_band(m->bands.text[band]);
    return by_name && strcmp(by_name, m->people.text[person]) == 0;
}

static bool is_own_band_of(const struct model *m, int band, int person)
{
    return strcmp(m->bands.text[band], m->people.text[person]) == 0;
}

static bool was_paired_with(const struct model *m, int band, int person)
{
    for (size_t i = 0; i < m->believed.pairings; i++)
        if (m->pairings[i].band == band && m->pairings[i].person == person) return true;
    return false;
}

/* Whoever else was ever paired with the band, or exists with its id. */
static bool is_worn_by_others(const struct model *m, const struct model_view *now, int band,
                              int person)
{
    if (is_named_band_of(m, band, person)) return false;
    for (size_t i = 0; i < m->believed.pairings; i++) {
        const struct model_pairing *row = &m->pairings[i];
        if (row->band == band && row->person != person && !model_is_erased(m, row->person))
            return true;
    }
    int same = texts_find(&m->people, m->bands.text[band]);
    return same >= 0 && same != person && now->lives[same].exists;
}

static void take_nobodys(struct model *m, int band, int64_t until_us)
{
    m->nobodys =
        make_room(m->nobodys, &m->capacity.nobodys, m->count.nobodys + 1, sizeof *m->nobodys);
    m->nobodys[m->count.nobodys++] = (struct model_nobodys){band, until_us};
}

/* Their pairings end; those that had not begun are none. */
static void end_pairings(struct model *m, int person, int64_t until_us)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->count.pairings; i++) {
        struct model_pairing row = m->pairings[i];
        if (row.person == person && row.until_us > until_us) row.until_us = until_us;
        if (row.person == person && row.from_us >= row.until_us) continue;
        m->pairings[kept++] = row;
    }
    m->count.pairings = kept;
}

static void strike_from_register(struct model *m, int person)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->count.people; i++)
        if (m->people_put[i] != person) m->people_put[kept++] = m->people_put[i];
    m->count.people = kept;
}

void model_erase(struct model *m, int person, int64_t now_us)
{
    const struct model_view *now = model_view_at(m, WB_EVERYTHING);
    int64_t until_us = model_end_of_person_us(now, person, now_us);
    size_t gone_before = m->count.gone;
    for (int band = 0; band < (int)m->bands.count; band++) {
        bool own = is_own_band_of(m, band, person);
        if (!own && !is_named_band_of(m, band, person) && !was_paired_with(m, band, person))
            continue;
        if (is_worn_by_others(m, now, band, person)) {
            if (own) take_nobodys(m, band, model_end_of_band_us(now, band, now_us));
            continue;
        }
        m->gone = make_room(m->gone, &m->capacity.gone, m->count.gone + 1, sizeof *m->gone);
        m->gone[m->count.gone++] = band;
    }
    for (size_t i = gone_before; i < m->count.gone; i++)
        texts_forget(&m->bands, m->gone[i]);
    m->erased = make_room(m->erased, &m->capacity.erased, m->count.erased + 1, sizeof *m->erased);
    m->erased[m->count.erased++] = person;
    texts_forget(&m->people, person);
    end_pairings(m, person, until_us);
    strike_from_register(m, person);
    model_commit(m);
}

/* ---- What the site says ---- */

bool model_is_registered(const struct model *m, int person)
{
    for (size_t i = 0; i < m->count.people; i++)
        if (m->people_put[i] == person) return true;
    return false;
}

const struct model_description *model_description_at(const struct model *m, int64_t known_us)
{
    if (m->description_count == 0) return NULL;
    const struct model_description *holds = &m->descriptions[0];
    for (size_t i = 1; i < m->description_count; i++)
        if (m->descriptions[i].learnt_us <= known_us) holds = &m->descriptions[i];
    return holds;
}

static bool describes_reader(const struct model_description *d, int reader)
{
    return reader < (int)d->door_count && d->doors[reader].described;
}

int64_t model_retired_us(const struct model *m, int reader, int64_t known_us)
{
    int64_t retired_us = WB_NO_TIME; /* never described */
    const struct model_description *last = model_description_at(m, known_us);
    for (const struct model_description *d = m->descriptions; last && d <= last; d++) {
        if (describes_reader(d, reader)) {
            retired_us = WB_STILL_THERE;
        } else if (retired_us == WB_STILL_THERE) {
            retired_us = d->doors[reader].had_facts ? d->learnt_us : WB_NO_TIME;
        }
    }
    return retired_us;
}

bool model_knows_reader(const struct model *m, int reader)
{
    return model_retired_us(m, reader, WB_EVERYTHING) != WB_NO_TIME;
}

static bool same_scan(const struct model_scan *a, const struct model_scan *b)
{
    return a->reader == b->reader && a->band == b->band && a->at_us == b->at_us &&
           a->direction == b->direction;
}

bool model_is_known_scan(const struct model *m, const struct model_scan *scan)
{
    for (size_t i = 0; i < m->count.scans; i++)
        if (same_scan(&m->scans.at[i], scan)) return true;
    return false;
}

static bool same_key(const struct model_pairing *a, const struct model_pairing *b)
{
    return a->band == b->band && a->person == b->person && a->from_us == b->from_us;
}

/* Whether row i is the newest of its key among rows [0, count) learnt at K. */
static bool sets_until(const struct model_pairing *rows, size_t count, size_t i, int64_t known_us)
{
    if (rows[i].learnt_us > known_us) return false;
    for (size_t j = 0; j < count; j++) {
        if (j == i || !same_key(&rows[i], &rows[j]) || rows[j].learnt_us > known_us) continue;
        if (rows[j].learnt_us > rows[i].learnt_us) return false;
        if (rows[j].learnt_us == rows[i].learnt_us && j > i) return false;
    }
    return true;
}

static bool rows_overlap(const struct model_pairing *a, const struct model_pairing *b)
{
    return a->band == b->band && a->person != b->person && a->from_us < b->until_us &&
           b->from_us < a->until_us;
}

/* Whether two people have the band at one moment, as known at K. */
static bool conflict_at(const struct model_pairing *rows, size_t count, int64_t known_us)
{
    for (size_t i = 0; i < count; i++) {
        if (!sets_until(rows, count, i, known_us)) continue;
        for (size_t j = 0; j < i; j++) {
            if (rows_overlap(&rows[i], &rows[j]) && sets_until(rows, count, j, known_us))
                return true;
        }
    }
    return false;
}

/* The rows of one band with one more at the end. Returns the count. */
static size_t rows_of_band(const struct model *m, const struct model_pairing *extra,
                           struct model_pairing **out)
{
    struct model_pairing *rows = malloc((m->count.pairings + 1) * sizeof *rows);
    assert(rows);
    size_t count = 0;
    for (size_t i = 0; i < m->count.pairings; i++)
        if (m->pairings[i].band == extra->band) rows[count++] = m->pairings[i];
    rows[count++] = *extra;
    *out = rows;
    return count;
}

/* Whether a row covers what is nobody's and the row before it does not. */
static bool takes_from_nobody(const struct model *m, const struct model_pairing *row)
{
    for (size_t i = 0; i < m->count.nobodys; i++) {
        const struct model_nobodys *n = &m->nobodys[i];
        if (n->band != row->band || row->from_us >= n->until_us) continue;
        const struct model_pairing *known = NULL;
        for (size_t j = 0; j < m->count.pairings; j++) {
            bool newest = same_key(&m->pairings[j], row) &&
                          sets_until(m->pairings, m->count.pairings, j, WB_EVERYTHING);
            if (newest) known = &m->pairings[j];
        }
        if (!known || (row->until_us > known->until_us && known->until_us < n->until_us))
            return true;
    }
    return false;
}

enum model_opinion model_pairing_opinion(const struct model *m, const struct model_pairing *row)
{
    if (row->from_us >= row->until_us) return MODEL_REFUSED;
    if (model_person_of_reserved_band(m->bands.text[row->band])) return MODEL_REFUSED;
    if (!model_is_registered(m, row->person)) return MODEL_REFUSED;
    if (takes_from_nobody(m, row)) return MODEL_REFUSED;

    struct model_pairing *rows;
    size_t count = rows_of_band(m, row, &rows);
    bool newest = true;
    bool touches = false;
    bool conflict_sometime = false;
    bool key_is_clear = true;
    for (size_t i = 0; i + 1 < count; i++) {
        if (rows[i].learnt_us > row->learnt_us) newest = false;
        /* Whether a row sent again unchanged counts as a newer row is left open: nothing may
         * be learnt between the two. */
        if (same_key(&rows[i], row) && rows[i].learnt_us > row->learnt_us &&
            rows[i].until_us != row->until_us)
            key_is_clear = false;
        if (rows_overlap(&rows[i], row)) touches = true;
        if (conflict_at(rows, count, rows[i].learnt_us)) conflict_sometime = true;
    }
    bool conflict_now = conflict_at(rows, count, WB_EVERYTHING);
    free(rows);

    if (!key_is_clear) return MODEL_UNCLEAR;
    if (newest) return conflict_now ? MODEL_REFUSED : MODEL_FINE;
    return conflict_now || conflict_sometime || touches ? MODEL_UNCLEAR : MODEL_FINE;
}

enum model_opinion model_covering(const struct model *m, int band, int64_t at_us,
                                  struct model_pairing *out)
{
    int covering = 0;
    for (size_t i = 0; i < m->count.pairings; i++) {
        const struct model_pairing *row = &m->pairings[i];
        if (row->band != band || row->from_us > at_us || at_us >= row->until_us) continue;
        if (model_is_erased(m, row->person)) continue;
        if (!sets_until(m->pairings, m->count.pairings, i, WB_EVERYTHING)) continue;
        *out = *row;
        covering++;
    }
    if (covering == 0) return MODEL_REFUSED;
    return covering == 1 ? MODEL_FINE : MODEL_UNCLEAR;
}

bool model_is_withdrawn(const struct model *m, const struct model_withdrawal *withdrawal)
{
    for (size_t i = 0; i < m->count.withdrawals; i++) {
        const struct model_withdrawal *earlier = &m->withdrawals[i];
        if (earlier->reader == withdrawal->reader && earlier->band == withdrawal->band &&
            earlier->at_us == withdrawal->at_us &&
            (earlier->direction == WB_EVERY_DIRECTION ||
             earlier->direction == withdrawal->direction))
            return true;
    }
    return false;
}

static bool is_withdrawn(const struct model *m, const struct model_scan *scan)
{
    for (size_t i = 0; i < m->count.withdrawals; i++)
        if (model_withdraws(&m->withdrawals[i], scan)) return true;
    return false;
}

/* It is taken, and nobody's. */
static bool was_of_erased(const struct model *m, const struct model_scan *scan)
{
    for (size_t i = 0; i < m->count.pairings; i++) {
        const struct model_pairing *row = &m->pairings[i];
        bool covers =
            row->band == scan->band && row->from_us <= scan->at_us && scan->at_us < row->until_us;
        if (covers && model_is_erased(m, row->person) &&
            sets_until(m->pairings, m->count.pairings, i, WB_EVERYTHING))
            return true;
    }
    return model_is_nobodys(m, scan->band, scan->at_us);
}

int model_verdict(struct model *m, const struct model_scan *scan)
{
    if (model_is_known_scan(m, scan)) return WB_DUPLICATE;
    if (is_withdrawn(m, scan)) return -1;

    const struct model_description *d = model_description_at(m, WB_EVERYTHING);
    if (model_clock_is_wrong(&d->policy, scan)) {
        for (size_t i = 0; i < m->count.releases; i++)
            if (model_releases(&m->releases[i], scan)) return -1;
        return WB_QUARANTINED;
    }
    if (d->policy.adopt || model_person_of_reserved_band(m->bands.text[scan->band]))
        return WB_ACCEPTED;

    struct model_pairing row;
    bool covered = model_covering(m, scan->band, scan->at_us, &row) != MODEL_REFUSED;
    for (size_t i = m->believed.pairings; i < m->count.pairings; i++)
        if (m->pairings[i].band == scan->band) return -1; /* changed in this very turn */
    if (was_of_erased(m, scan)) return WB_ACCEPTED;
    return covered ? WB_ACCEPTED : WB_HELD;
}

size_t model_release_count(const struct model *m, const struct model_release *release, size_t scans,
                           size_t releases)
{
    const struct model_description *d = model_description_at(m, WB_EVERYTHING);
    size_t count = 0;
    for (size_t i = 0; i < scans; i++) {
        const struct model_scan *scan = &m->scans.at[i];
        if (!model_clock_is_wrong(&d->policy, scan) || model_is_gone(m, scan->band)) continue;
        bool first = true; /* of its copies, the one learnt first */
        for (size_t j = 0; j < scans && first; j++) {
            if (same_scan(scan, &m->scans.at[j])) {
                first = scan->learnt_us < m->scans.at[j].learnt_us ||
                        (scan->learnt_us == m->scans.at[j].learnt_us && i <= j);
            }
        }
        if (!first) continue;
        bool covered = !model_releases(release, scan);
        for (size_t j = 0; j < releases && !covered; j++)
            covered = model_releases(&m->releases[j], scan);
        if (!covered) count++;
    }
    return count;
}
