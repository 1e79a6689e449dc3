#include "model_view.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "model_fold.h"

#define YEAR_2000_US 946684800000000

/* ---- Rules about one scan ---- */

bool model_withdraws(const struct model_withdrawal *withdrawal, const struct model_scan *scan)
{
    return withdrawal->reader == scan->reader && withdrawal->band == scan->band &&
           withdrawal->at_us == scan->at_us &&
           (withdrawal->direction == WB_EVERY_DIRECTION ||
            withdrawal->direction == scan->direction);
}

bool model_releases(const struct model_release *release, const struct model_scan *scan)
{
    return release->reader == scan->reader && scan->learnt_us <= release->learnt_us &&
           release->from_us <= scan->at_us && scan->at_us < release->until_us;
}

bool model_clock_is_wrong(const struct model_policy *policy, const struct model_scan *scan)
{
    return scan->at_us < YEAR_2000_US || scan->at_us > scan->learnt_us + policy->max_ahead_us;
}

/* ---- Distinct scans ---- */

static int order_of(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int by_identity(const void *left, const void *right)
{
    const struct model_scan *a = left;
    const struct model_scan *b = right;
    if (a->band != b->band) return a->band - b->band;
    if (a->reader != b->reader) return a->reader - b->reader;
    if (a->at_us != b->at_us) return order_of(a->at_us, b->at_us);
    if (a->direction != b->direction) return a->direction - b->direction;
    return order_of(a->learnt_us, b->learnt_us);
}

const struct model_scans *model_distinct(struct model *m)
{
    struct model_scans *distinct = &m->distinct;
    if (m->distinct_is_fresh) return distinct;

    distinct->at =
        make_room(distinct->at, &distinct->capacity, m->believed.scans, sizeof *distinct->at);
    distinct->count = 0;
    if (m->believed.scans) {
        memcpy(distinct->at, m->scans.at, m->believed.scans * sizeof *distinct->at);
        qsort(distinct->at, m->believed.scans, sizeof *distinct->at, by_identity);
    }
    for (size_t i = 0; i < m->believed.scans; i++) {
        const struct model_scan *scan = &distinct->at[i];
        const struct model_scan *last = distinct->count ? &distinct->at[distinct->count - 1] : NULL;
        bool again = last && last->band == scan->band && last->reader == scan->reader &&
                     last->at_us == scan->at_us && last->direction == scan->direction;
        if (!again) distinct->at[distinct->count++] = *scan;
    }
    m->distinct_is_fresh = true;
    return distinct;
}

/* ---- The site as known ---- */

/* Later definitions replace earlier ones; what is left out keeps its last. */
static void learn_description(struct model_view *view, const struct model_description *d)
{
    for (size_t i = 0; i < d->place_count; i++)
        if (d->places[i].described) view->places[i] = d->places[i];
    for (size_t i = 0; i < d->door_count; i++)
        if (d->doors[i].described) view->doors[i] = d->doors[i];
}

static void know_places(struct model_view *view)
{
    const struct model *m = view->m;
    const struct model_description *holds = model_description_at(m, view->known_us);
    view->places = calloc(m->zones.count, sizeof *view->places);
    view->doors = calloc(m->readers.count + 1, sizeof *view->doors);
    assert(view->places && view->doors);
    if (!holds) return;

    view->policy = holds->policy;
    for (const struct model_description *d = m->descriptions; d <= holds; d++)
        learn_description(view, d);
    bool newest = holds == &m->descriptions[m->description_count - 1];
    for (size_t i = 0; m->held && newest && i < m->held->place_count; i++)
        if (m->held->places[i].described) view->places[i] = m->held->places[i];
    for (size_t i = 0; m->held && newest && i < m->held->door_count; i++)
        if (m->held->doors[i].described) view->doors[i] = m->held->doors[i];
    for (size_t i = 0; i < m->readers.count; i++) {
        if (model_retired_us(m, (int)i, view->known_us) == WB_NO_TIME)
            view->doors[i].described = false;
    }
}

bool model_is_within(const struct model_view *view, int zone, int above)
{
    if (zone == above) return true;
    while (zone > MODEL_OUTSIDE) {
        zone = view->places[zone].parent;
        if (zone == above) return zone > MODEL_OUTSIDE;
    }
    return false;
}

/* ---- Whose ---- */

static int by_key_then_learnt(const void *left, const void *right)
{
    const struct model_pairing *a = left;
    const struct model_pairing *b = right;
    if (a->band != b->band) return a->band - b->band;
    if (a->person != b->person) return a->person - b->person;
    if (a->from_us != b->from_us) return order_of(a->from_us, b->from_us);
    return order_of(a->learnt_us, b->learnt_us);
}

/* Sort rows stably: insertion sort keeps arrival order where all else is equal. */
static void sort_pairings(struct model_pairing *rows, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct model_pairing row = rows[i];
        size_t j = i;
        while (j > 0 && by_key_then_learnt(&rows[j - 1], &row) > 0) {
            rows[j] = rows[j - 1];
            j--;
        }
        rows[j] = row;
    }
}

static void know_pairings(struct model_view *view)
{
    const struct model *m = view->m;
    struct model_pairing *rows = malloc((m->believed.pairings + 1) * sizeof *rows);
    assert(rows);
    size_t count = 0;
    for (size_t i = 0; i < m->believed.pairings; i++)
        if (m->pairings[i].learnt_us <= view->known_us) rows[count++] = m->pairings[i];
    sort_pairings(rows, count);

    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        bool newer_follows = i + 1 < count && rows[i].band == rows[i + 1].band &&
                             rows[i].person == rows[i + 1].person &&
                             rows[i].from_us == rows[i + 1].from_us;
        if (!newer_follows) rows[kept++] = rows[i];
    }
    view->pairings = rows;
    view->pairing_count = kept;
}

/* Whose band it is at a moment; MODEL_NONE: nobody's. */
static int owner(const struct model_view *view, int band, int64_t at_us)
{
    const char *by_name = model_person_of_reserved_band(view->m->bands.text[band]);
    if (by_name) return texts_find(&view->m->people, by_name);

    for (size_t i = 0; i < view->pairing_count; i++) {
        const struct model_pairing *row = &view->pairings[i];
        if (row->band == band && row->from_us <= at_us && at_us < row->until_us) return row->person;
    }
    return MODEL_NONE;
}

/* The person who exists because this band was adopted. */
static int adopted_person(const struct model_view *view, int band)
{
    return texts_find(&view->m->people, view->m->bands.text[band]);
}

/* ---- What becomes of a scan ---- */

static bool is_withdrawn(const struct model_view *view, const struct model_scan *scan)
{
    const struct model *m = view->m;
    for (size_t i = 0; i < m->believed.withdrawals; i++) {
        if (m->withdrawals[i].learnt_us <= view->known_us &&
            model_withdraws(&m->withdrawals[i], scan))
            return true;
    }
    return false;
}

/* The first release that covers the scan, by learnt and then by arrival; NULL without one. */
static const struct model_release *first_release(const struct model_view *view,
                                                 const struct model_scan *scan)
{
    const struct model *m = view->m;
    const struct model_release *first = NULL;
    for (size_t i = 0; i < m->believed.releases; i++) {
        const struct model_release *release = &m->releases[i];
        if (release->learnt_us > view->known_us || !model_releases(release, scan)) continue;
        if (!first || release->learnt_us < first->learnt_us) first = release;
    }
    return first;
}

enum model_fate model_fate(const struct model_view *view, const struct model_scan *scan,
                           struct model_event *event)
{
    if (scan->learnt_us > view->known_us) return MODEL_NOT_LEARNT;
    if (!view->doors[scan->reader].described) return MODEL_NO_READER;
    if (model_is_gone(view->m, scan->band)) return MODEL_NOBODYS;
    if (is_withdrawn(view, scan)) return MODEL_WITHDRAWN;

    int64_t at_us = scan->at_us;
    if (model_clock_is_wrong(&view->policy, scan)) {
        const struct model_release *release = first_release(view, scan);
        if (!release) return MODEL_WRONG_CLOCK;
        at_us += release->shift_us;
    }
    *event = (struct model_event){
        .reader = scan->reader,
        .band = scan->band,
        .direction = scan->direction,
        .at_us = at_us,
        .learnt_us = scan->learnt_us,
    };
    if (model_was_erased(view, scan->band, at_us)) return MODEL_NOBODYS;
    event->person = owner(view, scan->band, at_us);
    if (event->person == MODEL_NONE) {
        if (!view->policy.adopt) return MODEL_UNPAIRED;
        event->person = adopted_person(view, scan->band);
    }
    assert(event->person >= 0);
    return MODEL_COUNTS;
}

bool model_was_erased(const struct model_view *view, int band, int64_t at_us)
{
    if (model_is_gone(view->m, band)) return true;
    int person = owner(view, band, at_us);
    if (person == MODEL_NONE) return model_is_nobodys(view->m, band, at_us);
    return model_is_erased(view->m, person);
}

/* When a scan was; false: in quarantine. */
static bool effective_us(const struct model_view *view, const struct model_scan *scan,
                         int64_t *at_us)
{
    *at_us = scan->at_us;
    if (!model_clock_is_wrong(&view->policy, scan)) return true;
    const struct model_release *release = first_release(view, scan);
    if (release) *at_us += release->shift_us;
    return release != NULL;
}

/* Whose a band is at a moment, by adoption too; MODEL_NONE: nobody's. */
static int wearer(const struct model_view *view, int band, int64_t at_us)
{
    if (model_was_erased(view, band, at_us)) return MODEL_NONE;
    int person = owner(view, band, at_us);
    if (person != MODEL_NONE || !view->policy.adopt) return person;
    return adopted_person(view, band);
}

int64_t model_end_of_person_us(const struct model_view *view, int person, int64_t now_us)
{
    const struct model_scans *distinct = &view->m->distinct;
    int64_t until_us = now_us;
    for (size_t i = 0; i < distinct->count; i++) {
        const struct model_scan *scan = &distinct->at[i];
        int64_t at_us;
        if (!effective_us(view, scan, &at_us) || wearer(view, scan->band, at_us) != person)
            continue;
        if (at_us - now_us <= view->policy.max_ahead_us && at_us >= until_us) until_us = at_us + 1;
    }
    return until_us;
}

int64_t model_end_of_band_us(const struct model_view *view, int band, int64_t now_us)
{
    const struct model_scans *distinct = &view->m->distinct;
    int64_t until_us = now_us;
    for (size_t i = 0; i < distinct->count; i++) {
        const struct model_scan *scan = &distinct->at[i];
        int64_t at_us;
        if (scan->band != band || !effective_us(view, scan, &at_us)) continue;
        if (at_us >= until_us) until_us = at_us + 1;
    }
    return until_us;
}

static int by_person_time_identity(const void *left, const void *right)
{
    const struct model_event *a = left;
    const struct model_event *b = right;
    if (a->person != b->person) return a->person - b->person;
    if (a->at_us != b->at_us) return order_of(a->at_us, b->at_us);
    if (a->reader != b->reader) return a->reader - b->reader;
    if (a->band != b->band) return a->band - b->band;
    if (a->direction != b->direction) return a->direction - b->direction;
    return order_of(a->learnt_us, b->learnt_us);
}

/* Those that count, by person and time; of those that a shift made equal the one learnt first. */
static void select_events(struct model_view *view, const struct model_scans *distinct)
{
    for (size_t i = 0; i < distinct->count; i++) {
        struct model_event event;
        if (model_fate(view, &distinct->at[i], &event) != MODEL_COUNTS) continue;
        view->events = make_room(view->events, &view->event_capacity, view->event_count + 1,
                                 sizeof *view->events);
        view->events[view->event_count++] = event;
    }
    if (view->event_count)
        qsort(view->events, view->event_count, sizeof *view->events, by_person_time_identity);

    size_t kept = 0;
    for (size_t i = 0; i < view->event_count; i++) {
        const struct model_event *event = &view->events[i];
        const struct model_event *last = kept ? &view->events[kept - 1] : NULL;
        bool again = last && last->person == event->person && last->at_us == event->at_us &&
                     last->reader == event->reader && last->band == event->band &&
                     last->direction == event->direction;
        if (!again) view->events[kept++] = *event;
    }
    view->event_count = kept;
}

/* ---- The view ---- */

static void fold_everybody(struct model_view *view)
{
    const struct model *m = view->m;
    view->life_count = m->people.count;
    view->lives = calloc(view->life_count + 1, sizeof *view->lives);
    assert(view->lives);
    for (size_t i = 0; i < m->believed.people; i++)
        view->lives[m->people_put[i]].exists = true;

    size_t first = 0;
    while (first < view->event_count) {
        size_t last = first + 1;
        while (last < view->event_count && view->events[last].person == view->events[first].person)
            last++;
        view->lives[view->events[first].person].exists = true;
        model_fold(view, first, last);
        first = last;
    }
}

static struct model_view *view_new(struct model *m, int64_t known_us)
{
    if (!m->distinct_is_fresh) {
        /* An adopted person has the band's id: give every band's text a number first. */
        for (size_t i = 0; i < m->bands.count; i++)
            texts_add(&m->people, m->bands.text[i]);
    }
    const struct model_scans *distinct = model_distinct(m);
    struct model_view *view = calloc(1, sizeof *view);
    assert(view);
    view->m = m;
    view->known_us = known_us;
    know_places(view);
    know_pairings(view);
    select_events(view, distinct);
    fold_everybody(view);
    return view;
}

const struct model_view *model_view_at(struct model *m, int64_t known_us)
{
    for (int i = 0; i < 2; i++)
        if (m->views[i] && m->views[i]->known_us == known_us) return m->views[i];
    /* The first place is for "all facts", the second for the last K asked. */
    int place = known_us == WB_EVERYTHING ? 0 : 1;
    model_view_free(m->views[place]);
    m->views[place] = view_new(m, known_us);
    return m->views[place];
}

void model_view_free(struct model_view *view)
{
    if (!view) return;
    free(view->places);
    free(view->doors);
    free(view->pairings);
    free(view->events);
    free(view->lives);
    free(view->intervals);
    free(view->seen);
    free(view);
}
