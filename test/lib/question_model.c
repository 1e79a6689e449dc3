#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"
#include "model_answer.h"
#include "question.h"
#include "question_lines.h"

struct asked {
    struct model *m;
    const struct model_view *view;
    const struct question *q;
    int person, zone;
    struct model_time time;
    struct lines *out;
};

static const char *zone_text(const struct asked *a, int zone)
{
    return a->m->zones.text[zone];
}

static void add_where(const struct asked *a, const struct model_where *where)
{
    lines_add_where(
        a->out,
        &(struct where_line){
            .person = a->m->people.text[where->person],
            .zone = zone_text(a, where->zone),
            .last_zone = zone_text(a, where->last_zone),
            .reader = where->reader == MODEL_NONE ? "none" : a->m->readers.text[where->reader],
            .since_us = where->since_us,
            .last_seen_us = where->last_seen_us,
        });
}

static void *array_of(size_t count, size_t each)
{
    void *array = calloc(count + 1, each);
    assert(array);
    return array;
}

static void ask_at(const struct asked *a)
{
    struct model_where *found = array_of(a->view->life_count, sizeof *found);
    int zone = a->q->kind == ASK_EVERYBODY ? MODEL_NONE : a->zone;
    size_t count = model_at(a->view, zone, a->time, found);
    for (size_t i = 0; i < count; i++) {
        if (a->q->kind == ASK_INSIDE) {
            lines_add(a->out, "%s", a->m->people.text[found[i].person]);
        } else {
            add_where(a, &found[i]);
        }
    }
    free(found);
}

static bool is_asked_for(const struct asked *a, int person)
{
    if (!a->q->only) return true;
    /* Only who exists now can be named. */
    if (!model_exists(model_view_at(a->m, WB_EVERYTHING), person)) return false;
    for (size_t i = 0; i < a->q->only_count; i++)
        if (strcmp(a->q->only[i], a->m->people.text[person]) == 0) return true;
    return false;
}

/* Everybody and every zone, each said to be within the limit or not. */
static struct model_limit limit_of(const struct asked *a)
{
    struct model_limit limit = {.people = array_of(a->view->life_count, sizeof *limit.people),
                                .zones = array_of(a->m->zones.count, sizeof *limit.zones)};
    for (int person = 0; person < (int)a->view->life_count; person++)
        limit.people[person] = is_asked_for(a, person);
    for (int zone = 0; zone < (int)a->m->zones.count; zone++)
        limit.zones[zone] = question_has_zone(a->q, zone_text(a, zone));
    return limit;
}

static void free_limit(struct model_limit *limit)
{
    free(limit->people);
    free(limit->zones);
}

static void ask_head_count(const struct asked *a)
{
    size_t zone_count = a->m->zones.count;
    uint32_t *direct = array_of(zone_count, sizeof *direct);
    for (int person = 0; person < (int)a->view->life_count; person++) {
        if (!model_exists(a->view, person) || !is_asked_for(a, person)) continue;
        struct model_where where;
        model_where(a->view, person, a->time, &where);
        direct[where.zone] += question_has_zone(a->q, zone_text(a, where.zone));
    }
    for (int outer = MODEL_OUTSIDE + 1; outer < (int)zone_count; outer++) {
        uint32_t count = 0;
        if (!question_has_zone(a->q, zone_text(a, outer))) continue;
        for (int inner = MODEL_OUTSIDE + 1; inner < (int)zone_count; inner++) {
            if (model_is_within(a->view, inner, outer)) count += direct[inner];
        }
        lines_add_head_count(a->out, zone_text(a, outer), count, direct[outer]);
    }
    lines_add(a->out, "outside %" PRIu32, direct[MODEL_OUTSIDE]);
    lines_add(a->out, "unknown %" PRIu32, direct[MODEL_UNKNOWN]);
    free(direct);
}

static void ask_path(const struct asked *a)
{
    struct model_stay *stays = array_of(model_path_room(a->view, a->person), sizeof *stays);
    size_t count = model_path(a->view, a->person, &a->q->window, stays);
    for (size_t i = 0; i < count; i++) {
        lines_add_stay(a->out, zone_text(a, stays[i].zone),
                       &(struct wb_stay){
                           .from_us = stays[i].from_us,
                           .until_us = stays[i].until_us,
                           .last_seen_us = stays[i].last_seen_us,
                           .scans = stays[i].scans,
                           .flags = stays[i].flags,
                       });
    }
    free(stays);
}

static void ask_with(const struct asked *a)
{
    struct model_company *found = array_of(a->view->life_count, sizeof *found);
    struct model_limit limit = limit_of(a);
    size_t count = model_with(a->view, a->person, &a->q->window, a->q->least_us, &limit, found);
    free_limit(&limit);
    for (size_t i = 0; i < count; i++) {
        struct lines zones = {0};
        for (int zone = 0; zone < (int)a->m->zones.count && zone < MODEL_ZONES_MAX; zone++)
            if (found[i].zones[zone]) lines_add(&zones, "%s", zone_text(a, zone));
        lines_add_company(a->out, a->m->people.text[found[i].person],
                          &(struct wb_company){
                              .together_us = found[i].together_us,
                              .first_us = found[i].first_us,
                              .last_us = found[i].last_us,
                          },
                          &zones);
    }
    free(found);
}

static void ask_occupancy(const struct asked *a)
{
    const struct wb_window *w = &a->q->window;
    size_t room = (size_t)((w->until_us - w->from_us) / a->q->every_us) + 2;
    uint32_t *counts = array_of(room, sizeof *counts);
    struct model_limit limit = limit_of(a);
    size_t count = model_occupancy(a->view, a->zone, w, a->q->every_us, &limit, counts);
    free_limit(&limit);
    for (size_t i = 0; i < count; i++)
        lines_add(a->out, "%08zu %" PRIu32, i, counts[i]);
    free(counts);
}

static void ask_could_change(const struct asked *a)
{
    int *readers = array_of(a->m->readers.count, sizeof *readers);
    size_t count = model_could_change(a->view, a->q->as_of_us, readers);
    for (size_t i = 0; i < count; i++)
        lines_add(a->out, "%s", a->m->readers.text[readers[i]]);
    free(readers);
}

static void ask_people(const struct asked *a)
{
    for (int person = 0; person < (int)a->view->life_count; person++) {
        if (!model_exists(a->view, person)) continue;
        lines_add(a->out, "%s", a->m->people.text[person]);
        if (a->view->lives[person].seen_count == 0)
            lines_add(a->out, "unseen %s", a->m->people.text[person]);
    }
}

static void ask_kept(const struct asked *a)
{
    const struct model_scans *distinct = model_distinct(a->m);
    for (size_t i = 0; i < distinct->count; i++) {
        const struct model_scan *scan = &distinct->at[i];
        struct model_event event;
        enum model_fate fate = model_fate(a->view, scan, &event);
        if (fate != MODEL_UNPAIRED && fate != MODEL_WRONG_CLOCK) continue;
        lines_add(a->out, "%s %s %s direction=%d at=%" PRId64 " learnt=%" PRId64,
                  fate == MODEL_UNPAIRED ? "held" : "quarantined", a->m->readers.text[scan->reader],
                  a->m->bands.text[scan->band], scan->direction,
                  fate == MODEL_UNPAIRED ? event.at_us : scan->at_us, scan->learnt_us);
    }
    for (size_t i = 0; i < a->m->believed.withdrawals; i++) {
        const struct model_withdrawal *w = &a->m->withdrawals[i];
        bool again = model_was_erased(a->view, w->band, w->at_us);
        for (size_t j = 0; j < i && !again; j++) {
            again = w->reader == a->m->withdrawals[j].reader &&
                    w->band == a->m->withdrawals[j].band &&
                    w->at_us == a->m->withdrawals[j].at_us &&
                    w->direction == a->m->withdrawals[j].direction;
        }
        if (!again) {
            lines_add(a->out, "withdrawn %s %s direction=%d at=%" PRId64,
                      a->m->readers.text[w->reader], a->m->bands.text[w->band], w->direction,
                      w->at_us);
        }
    }
}

static void ask_readers(const struct asked *a)
{
    for (int reader = 0; reader < (int)a->m->readers.count; reader++) {
        const struct model_door *door = &a->view->doors[reader];
        if (!door->described) continue;
        char retired[24];
        char complete[24];
        lines_add(a->out, "%s %c %s %s retired=%s complete=%s", a->m->readers.text[reader],
                  door->kind, zone_text(a, door->a),
                  door->kind == 'b' ? zone_text(a, door->b) : "-",
                  time_text(model_retired_us(a->m, reader, WB_EVERYTHING), retired),
                  time_text(model_complete_us(a->view, reader), complete));
    }
}

static void ask_pairings(const struct asked *a)
{
    for (size_t i = 0; i < a->view->pairing_count; i++) {
        const struct model_pairing *row = &a->view->pairings[i];
        if (model_is_erased(a->m, row->person)) continue;
        char from[24];
        char until[24];
        lines_add(a->out, "%s %s from=%s until=%s", a->m->bands.text[row->band],
                  a->m->people.text[row->person], time_text(row->from_us, from),
                  time_text(row->until_us, until));
    }
}

static bool needs_person(enum question_kind kind)
{
    return kind == ASK_WHERE || kind == ASK_PATH || kind == ASK_WITH;
}

static bool needs_zone(enum question_kind kind)
{
    return kind == ASK_INSIDE || kind == ASK_AT || kind == ASK_OCCUPANCY;
}

static void ask(const struct asked *a)
{
    struct model_where where;
    switch (a->q->kind) {
    case ASK_INSIDE:
    case ASK_AT:
    case ASK_EVERYBODY:
        ask_at(a);
        return;
    case ASK_WHERE:
        model_where(a->view, a->person, a->time, &where);
        add_where(a, &where);
        return;
    case ASK_HEAD_COUNT:
        ask_head_count(a);
        return;
    case ASK_PATH:
        ask_path(a);
        return;
    case ASK_WITH:
        ask_with(a);
        return;
    case ASK_OCCUPANCY:
        ask_occupancy(a);
        return;
    case ASK_COULD_CHANGE:
        ask_could_change(a);
        return;
    case ASK_PEOPLE:
        ask_people(a);
        return;
    case ASK_KEPT:
        ask_kept(a);
        return;
    case ASK_READERS:
        ask_readers(a);
        return;
    case ASK_PAIRINGS:
        ask_pairings(a);
        return;
    case ASK_KINDS:
        break;
    }
    assert(false && "a question of no kind");
}

char *question_ask_model(struct model *m, const struct question *q)
{
    struct lines lines = {0};
    const struct model_view *now = model_view_at(m, WB_EVERYTHING);
    struct asked a = {
        .m = m,
        .view = model_view_at(m, q->known_us),
        .q = q,
        .person = q->person ? texts_find(&m->people, q->person) : MODEL_NONE,
        .zone = q->zone ? texts_find(&m->zones, q->zone) : MODEL_NONE,
        .time = {.as_of_us = q->as_of_us, .asked_us = q->asked_us},
        .out = &lines,
    };
    if (needs_person(q->kind) && !model_exists(now, a.person)) {
        lines_add(&lines, "nobody");
    } else if (needs_zone(q->kind) && a.zone == MODEL_NONE) {
        lines_add(&lines, "no such zone");
    } else {
        ask(&a);
    }
    return lines_sorted(&lines);
}
