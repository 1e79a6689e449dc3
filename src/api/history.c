/* GET /v1/people/{P}/path, /with, /lookups and /v1/zones/{Z}/occupancy: over time. */
#include "answer/answer.h"
#include "api/asking.h"
#include "api/caller.h"
#include "api/resources.h"

#define LEAST_TOGETHER_US (INT64_C(300) * 1000000)
#define LOOKUPS_MOST      10000

static void about(struct exchange *x, const struct wb_window *window)
{
    x->as_of_us = window->from_us;
    x->until_us = window->until_us != WB_STILL_THERE ? window->until_us : window->asked_us;
}

void path_get(struct exchange *x)
{
    struct answer document = {0};
    struct wb_window window;
    wb_person person;

    if (!asking_knows(x, "from until known") || !asking_window(x, &window) ||
        !asking_person(x, x->part[0].at, x->part[0].bytes, &person)) {
        return;
    }
    about(x, &window);
    struct wb_limit limit = reach_limit(&x->reach);
    exchange_answer(x, answer_path(x->wb, person, &window, &limit, &document), &document);
}

void with_get(struct exchange *x)
{
    struct answer document = {0};
    struct wb_window window;
    int64_t least_us = LEAST_TOGETHER_US;
    wb_person person;

    if (!asking_knows(x, "from until min known") || !asking_window(x, &window) ||
        !asking_duration(x, "min", &least_us) ||
        !asking_person(x, x->part[0].at, x->part[0].bytes, &person)) {
        return;
    }
    about(x, &window);
    struct wb_limit limit = reach_limit(&x->reach);
    exchange_answer(x, answer_with(x->wb, person, &window, least_us, &limit, &document), &document);
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
    struct wb_limit limit = reach_limit(&x->reach);
    log.limit = &limit;
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
    if (window.from_us == WB_NO_TIME || window.until_us == WB_STILL_THERE || every_us < 1) {
        exchange_problem(x, 400, "bad-parameter",
                         "from, until and every (above zero) are needed for a curve");
        return;
    }
    if (!asking_zone(x, x->part[0].at, x->part[0].bytes, &zone)) return;
    struct wb_limit limit = reach_limit(&x->reach);
    exchange_answer(x, answer_occupancy(x->wb, zone, &window, every_us, &limit, &document),
                    &document);
}
