/* GET /v1/now and GET /v1/at: who is where, who was where. */
#include <assert.h>
#include <string.h>

#include "answer/answer.h"
#include "api/asking.h"
#include "api/caller.h"
#include "api/resources.h"

/* What both take beside the moment. */
struct who {
    struct answer_question question;
    wb_zone zone;
    wb_person person;
    struct wb_people group;
    struct wb_limit limit;
    bool counts, has_person;
};

static bool take_group(struct exchange *x, struct who *who)
{
    size_t bytes;
    const char *group = request_parameter(x->request, "group", &bytes);

    if (group == NULL) return true;
    wb_status status = wb_people_of_group(x->wb, group, bytes, &who->group);
    if (status == WB_OK) {
        caller_keep_people(x, &who->group);
        who->limit.people = &who->group;
        return true;
    }
    if (status == WB_ENOENT && !caller_sees_all(x)) {
        (void)caller_forbidden(x);
    } else if (status == WB_ENOENT) {
        exchange_refuse(x, 404, "not-found", "there is no group '%.60s'", group);
    } else {
        exchange_failed(x, status, NULL);
    }
    return false;
}

static bool take_filters(struct exchange *x, struct who *who)
{
    size_t bytes;
    const char *person = request_parameter(x->request, "person", &bytes);
    const struct reach *reach = caller_reach(x);

    if (reach == NULL) return false;
    who->limit = reach_limit(reach);
    who->question.limit = &who->limit;
    if (!asking_switch(x, "counts", &who->counts) ||
        !asking_switch(x, "names", &who->question.names)) {
        return false;
    }
    if (person != NULL) {
        who->has_person = true;
        if (request_parameter(x->request, "zone", NULL) != NULL ||
            request_parameter(x->request, "group", NULL) != NULL || who->counts) {
            exchange_problem(x, 400, "bad-parameter",
                             "person asks about one person and does not go with zone, group or "
                             "counts");
            return false;
        }
        return asking_person(x, person, bytes, &who->person);
    }
    const char *zone = request_parameter(x->request, "zone", &bytes);
    if (zone != NULL) {
        if (!asking_zone(x, zone, bytes, &who->zone)) return false;
        who->question.zone = &who->zone;
    }
    return take_group(x, who);
}

static void answer_who(struct exchange *x, struct who *who)
{
    struct answer document = {0};

    if (take_filters(x, who)) {
        wb_status status = who->has_person
                               ? answer_person(x->wb, &who->question, who->person, &document)
                           : who->counts ? answer_counts(x->wb, &who->question, &document)
                                         : answer_people(x->wb, &who->question, &document);
        exchange_answer(x, status, &document);
    }
    wb_list_done(&who->group);
}

void now_get(struct exchange *x)
{
    struct who who = {
        .question = {.moment = {x->now_us, WB_EVERYTHING, x->now_us},
                     .evidence_us = x->now_us - wb_site_heartbeat_us(x->wb)}
    };

    x->as_of_us = x->now_us;
    if (asking_knows(x, "zone person group counts names")) answer_who(x, &who);
}

void at_get(struct exchange *x)
{
    struct who who = {0};
    struct wb_moment *moment = &who.question.moment;

    if (!asking_knows(x, "time zone person group counts known names")) return;
    if (request_parameter(x->request, "time", NULL) == NULL) {
        exchange_problem(x, 400, "bad-parameter", "time is missing: at which moment?");
        return;
    }
    if (!asking_time(x, "time", &moment->as_of_us) || !asking_known(x, moment)) return;
    who.question.evidence_us = x->as_of_us = moment->as_of_us;
    answer_who(x, &who);
}
