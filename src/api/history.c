/* GET /v1/people/{P}/path, /with, /lookups and /v1/zones/{Z}/occupancy: over time. */
#include "answer/answer.h"
#include "api/asking.h"
#include "api/limit.h"
#include "api/resources.h"

#define LEAST_TOGETHER_US (INT64_C(300) * 1000000)
#define LOOKUPS_MOST      10000

static void about(struct exchange *x, const struct wb_window *window)
{
    x->as_of_us = window->from_us;
    x->until_us = window->until_us != WB_STILL_THERE ? window->until_us : window->asked_us;
}

/* Who is limited to groups may ask of anybody of them; who is limited to zones sees what happened
 * in those, wherever the person is now. */
static bool take_person(struct exchange *x, wb_person *person)
{
    if (!caller_has_zones(x)) return asking_person(x, x->part[0].at, x->part[0].bytes, person);

    const struct reach *reach = caller_reach(x);
    if (reach == NULL) return false;
    if (wb_person_find(x->wb, x->part[0].at, x->part[0].bytes, person) != WB_OK ||
        !reach_person(reach, *person)) {
        return caller_forbidden(x);
    }
    return true;
}

/* Whether there is anything in reach to tell: a stay of the window, or that they are there now.
 * Where not, they are as somebody who is not there. */
static bool shows_anything(struct exchange *x, wb_person person, const struct wb_window *window)
{
    struct wb_stays stays = {0};
    bool shows = !caller_has_zones(x);

    if (!shows && wb_path(x->wb, person, window, &stays) == WB_OK) {
        for (size_t i = 0; i < stays.count && !shows; i++)
            shows = reach_zone(&x->reach, stays.at[i].zone);
    }
    wb_list_done(&stays);
    return shows || caller_may_see_person(x, person);
}

void path_get(struct exchange *x)
{
    struct answer document = {0};
    struct limit limit = {0};
    struct wb_window window;
    wb_person person;

    if (!asking_knows(x, "from until known") || !asking_window(x, &window) ||
        !take_person(x, &person) || !shows_anything(x, person, &window)) {
        return;
    }
    about(x, &window);
    if (limit_open(x, &limit)) {
        wb_status status = answer_path_within(x->wb, person, &window, limit.of_zones, &document);
        exchange_answer(x, status, &document);
    }
    limit_close(&limit);
}

/* With whom needs everybody's path, so who is limited may not ask. */
void with_get(struct exchange *x)
{
    struct answer document = {0};
    struct wb_window window;
    int64_t least_us = LEAST_TOGETHER_US;
    wb_person person;

    if (!asking_knows(x, "from until min known")) return;
    if (!caller_sees_all(x)) {
        (void)caller_forbidden(x);
        return;
    }
    if (!asking_window(x, &window) || !asking_duration(x, "min", &least_us) ||
        !asking_person(x, x->part[0].at, x->part[0].bytes, &person)) {
        return;
    }
    about(x, &window);
    exchange_answer(x, answer_with(x->wb, person, &window, least_us, &document), &document);
}

void lookups_get(struct exchange *x)
{
    struct answer document = {0};
    struct answer_log log = {.now_us = x->now_us};
    int64_t most = 1000;
    wb_person person;

    if (!asking_knows(x, "below limit") ||
        !asking_number(x, "below", 1, INT64_MAX - 1, &log.below) ||
        !asking_number(x, "limit", 1, LOOKUPS_MOST, &most) ||
        !asking_person(x, x->part[0].at, x->part[0].bytes, &person)) {
        return;
    }
    log.most = (uint64_t)most;
    exchange_answer(x, answer_lookups(x->wb, person, &log, &document), &document);
}

void occupancy_get(struct exchange *x)
{
    struct answer document = {0};
    struct wb_window window;
    int64_t every_us = 0;
    wb_zone zone;

    if (!asking_knows(x, "from until every known") || !asking_window(x, &window) ||
        !asking_duration(x, "every", &every_us)) {
        return;
    }
    /* A count is of everybody: who is limited to some people may not have it. */
    if (caller_has_groups(x)) {
        (void)caller_forbidden(x);
        return;
    }
    if (window.from_us == WB_NO_TIME || window.until_us == WB_STILL_THERE || every_us < 1) {
        exchange_problem(x, 400, "bad-parameter",
                         "from, until and every (above zero) are needed for a curve");
        return;
    }
    if (!asking_zone(x, x->part[0].at, x->part[0].bytes, &zone)) return;
    exchange_answer(x, answer_occupancy(x->wb, zone, &window, every_us, &document), &document);
}
