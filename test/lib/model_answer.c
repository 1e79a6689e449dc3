#include "model_answer.h"

#include <assert.h>
#include <stdlib.h>

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

bool model_exists(const struct model_view *view, int person)
{
    return person >= 0 && person < (int)view->life_count && view->lives[person].exists;
}

static const struct model_life *life_of(const struct model_view *view, int person)
{
    static const struct model_life nobody;
    return model_exists(view, person) ? &view->lives[person] : &nobody;
}

/* Where the interval ends for somebody who asks at that moment (8). */
static int64_t end_of(const struct model_interval *interval, int64_t asked_us)
{
    if (interval->until_us != WB_STILL_THERE) return interval->until_us;
    return interval->forgets_us <= asked_us ? interval->forgets_us : WB_STILL_THERE;
}

void model_where(const struct model_view *view, int person, struct model_time time,
                 struct model_where *out)
{
    const struct model_life *life = life_of(view, person);
    *out = (struct model_where){
        .person = person,
        .zone = MODEL_UNKNOWN,
        .last_zone = MODEL_UNKNOWN,
        .reader = MODEL_NONE,
        .since_us = WB_NO_TIME,
        .last_seen_us = WB_NO_TIME,
    };
    for (size_t i = 0; i < life->interval_count; i++) {
        const struct model_interval *interval = &view->intervals[life->first_interval + i];
        if (interval->from_us > time.as_of_us) break;
        if (interval->zone > MODEL_OUTSIDE) out->last_zone = interval->zone;
        if (time.as_of_us >= end_of(interval, time.asked_us)) continue;
        out->zone = interval->zone;
        out->since_us = interval->from_us;
    }
    for (size_t i = 0; i < life->seen_count; i++) {
        const struct model_seen *seen = &view->seen[life->first_seen + i];
        if (seen->at_us > time.as_of_us) break;
        out->last_seen_us = seen->at_us;
        out->reader = seen->reader;
    }
}

size_t model_at(const struct model_view *view, int zone, struct model_time time,
                struct model_where *out)
{
    size_t count = 0;
    for (size_t person = 0; person < view->life_count; person++) {
        if (!view->lives[person].exists) continue;
        struct model_where where;
        model_where(view, (int)person, time, &where);
        bool is_there = zone == MODEL_NONE ? where.zone > MODEL_OUTSIDE
                                           : model_is_within(view, where.zone, zone);
        if (is_there) out[count++] = where;
    }
    return count;
}

size_t model_path_room(const struct model_view *view, int person)
{
    return life_of(view, person)->interval_count + 1;
}

size_t model_path(const struct model_view *view, int person, const struct wb_window *window,
                  struct model_stay *out)
{
    const struct model_life *life = life_of(view, person);
    size_t count = 0;
    for (size_t i = 0; i < life->interval_count; i++) {
        const struct model_interval *interval = &view->intervals[life->first_interval + i];
        int64_t end_us = end_of(interval, window->asked_us);
        if (interval->zone <= MODEL_OUTSIDE) continue;
        if (interval->from_us >= window->until_us || window->from_us >= end_us) continue;
        out[count++] = (struct model_stay){
            .zone = interval->zone,
            .from_us = interval->from_us,
            .until_us = end_us,
            .last_seen_us = interval->last_seen_us,
            .scans = interval->scans,
            .flags = interval->flags,
        };
    }
    return count;
}

/* Add what two stays share of one zone inside the window. */
static void add_overlap(const struct model_stay *mine, const struct model_stay *theirs,
                        const struct wb_window *window, struct model_company *company)
{
    if (mine->zone != theirs->zone) return;
    /* An open stay runs to the window's end, an open window to the moment of asking. */
    int64_t limit_us = window->until_us == WB_STILL_THERE ? window->asked_us : window->until_us;
    int64_t begin_us = later(window->from_us, later(mine->from_us, theirs->from_us));
    int64_t end_us = earlier(limit_us, earlier(mine->until_us, theirs->until_us));
    if (end_us <= begin_us) return;
    assert(mine->zone < MODEL_ZONES_MAX);
    if (company->together_us == 0 || begin_us < company->first_us) company->first_us = begin_us;
    company->last_us = later(company->last_us, end_us);
    company->together_us += end_us - begin_us;
    company->zones[mine->zone] = true;
}

/* All that one other person shared with somebody's stays. */
static struct model_company company_of(const struct model_view *view, int other,
                                       const struct model_stay *mine, size_t my_count,
                                       const struct wb_window *window)
{
    struct model_company company = {.person = other, .last_us = WB_NO_TIME};
    struct model_stay *theirs = calloc(model_path_room(view, other), sizeof *theirs);
    assert(theirs);
    size_t their_count = model_path(view, other, window, theirs);
    for (size_t i = 0; i < my_count; i++) {
        for (size_t j = 0; j < their_count; j++)
            add_overlap(&mine[i], &theirs[j], window, &company);
    }
    free(theirs);
    return company;
}

size_t model_with(const struct model_view *view, int person, const struct wb_window *window,
                  int64_t least_us, const struct model_limit *limit, struct model_company *out)
{
    struct model_stay *mine = calloc(model_path_room(view, person), sizeof *mine);
    assert(mine);
    size_t path_count = model_path(view, person, window, mine);
    size_t my_count = 0;
    for (size_t i = 0; i < path_count; i++)
        if (limit->zones[mine[i].zone]) mine[my_count++] = mine[i];
    size_t count = 0;
    for (int other = 0; other < (int)view->life_count; other++) {
        if (other == person || !model_exists(view, other) || !limit->people[other]) continue;
        struct model_company company = company_of(view, other, mine, my_count, window);
        if (company.together_us > 0 && company.together_us >= least_us) out[count++] = company;
    }
    free(mine);
    return count;
}

/* Add to the points, which are filled with 0, one for each in the interval. */
static void count_points(const struct wb_window *window, int64_t every_us, size_t points,
                         const struct model_interval *interval, uint32_t *out)
{
    int64_t end_us = end_of(interval, window->asked_us);
    if (end_us <= window->from_us || interval->from_us >= window->until_us) return;
    int64_t from_us = later(interval->from_us, window->from_us);
    int64_t point = (from_us - window->from_us + every_us - 1) / every_us;
    for (; point < (int64_t)points; point++) {
        if (window->from_us + point * every_us >= end_us) break;
        out[point]++;
    }
}

size_t model_occupancy(const struct model_view *view, int zone, const struct wb_window *window,
                       int64_t every_us, const struct model_limit *limit, uint32_t *out)
{
    size_t points = 0;
    for (int64_t at_us = window->from_us; at_us < window->until_us; at_us += every_us)
        out[points++] = 0;

    /* A point counts everybody who has an interval there, in the zone or below it. */
    for (size_t person = 0; person < view->life_count; person++) {
        const struct model_life *life = life_of(view, (int)person);
        for (size_t i = 0; limit->people[person] && i < life->interval_count; i++) {
            const struct model_interval *interval = &view->intervals[life->first_interval + i];
            if (!model_is_within(view, interval->zone, zone)) continue;
            if (!limit->zones[interval->zone]) continue;
            count_points(window, every_us, points, interval, out);
        }
    }
    return points;
}

int64_t model_complete_us(const struct model_view *view, int reader)
{
    const struct model *m = view->m;
    int64_t complete_us = WB_NO_TIME;
    for (size_t i = 0; i < m->believed.completeness; i++) {
        const struct model_completeness *complete = &m->completeness[i];
        if (complete->reader == reader && complete->learnt_us <= view->known_us)
            complete_us = later(complete_us, complete->until_us);
    }
    return complete_us;
}

size_t model_could_change(const struct model_view *view, int64_t as_of_us, int *out)
{
    size_t count = 0;
    for (int reader = 0; reader < (int)view->m->readers.count; reader++) {
        if (!view->doors[reader].described) continue;
        bool retired_before = model_retired_us(view->m, reader, view->known_us) < as_of_us;
        if (!retired_before && model_complete_us(view, reader) < as_of_us) out[count++] = reader;
    }
    return count;
}
