#include "api/limit.h"

static bool shows(const void *context, wb_zone zone)
{
    return reach_zone(context, zone);
}

static bool gather_people(struct exchange *x, struct limit *limit)
{
    wb_status status = wb_people_all(x->wb, &limit->people);
    if (status != WB_OK) {
        exchange_failed(x, status, NULL);
        return false;
    }
    limit_keep(x, &limit->people);
    limit->of_people = &limit->people;
    return true;
}

bool limit_open(struct exchange *x, struct limit *limit)
{
    if (caller_sees_all(x)) return true;
    const struct reach *reach = caller_reach(x);
    if (reach == NULL) return false;
    limit->zones = (struct answer_limit){shows, reach};
    if (!reach->every_zone) limit->of_zones = &limit->zones;
    return reach->every_person || gather_people(x, limit);
}

void limit_close(struct limit *limit)
{
    wb_list_done(&limit->people);
}

void limit_keep(struct exchange *x, struct wb_people *people)
{
    const struct reach *reach = &x->reach;
    size_t kept = 0;

    for (size_t i = 0; i < people->count; i++) {
        if (reach_person(reach, people->at[i])) people->at[kept++] = people->at[i];
    }
    people->count = kept;
}
