#include "server/record.h"

#include <stdlib.h>
#include <string.h>

#include "api/caller.h"
#include "api/metrics.h"

/* Whom the answer names: they, and no others, are recorded, and the answer waits for it. */
static void record_lookup(struct service *service, struct exchange *x)
{
    const struct wb_people *named = &x->document.named;
    char *question = exchange_question(x);
    struct wb_lookup lookup = {.kind = WB_LOOKUP_ANSWER,
                               .who = x->caller.name,
                               .purpose = x->caller.purpose,
                               .question = question,
                               .groups = "",
                               .at_us = x->now_us,
                               .as_of_us = x->as_of_us,
                               .until_us = x->until_us,
                               .zone = {WB_ZONE_EVERY},
                               .people = named->at,
                               .count = named->count};

    wb_status status = wb_lookup_put(service->wb, &lookup, NULL);
    free(question);
    if (status == WB_OK) {
        service->metrics->lookups++;
        service->metrics->people_named += named->count;
        return;
    }
    exchange_drop(x);
    exchange_failed(x, status, NULL);
}

static bool was_rotated(const struct exchange *in_turn, const struct exchange *x)
{
    for (const struct exchange *y = in_turn; y != NULL; y = y->next) {
        if (y->has_cookie && strcmp(y->caller.session, x->caller.session) == 0) return true;
    }
    return false;
}

void record(struct service *service, const struct exchange *in_turn, struct exchange *x)
{
    if (x->document.named.count > 0) record_lookup(service, x);
    if (!x->caller.rotate || x->has_cookie || x->status >= 400 || was_rotated(in_turn, x)) return;
    wb_status status = caller_rotate(x);
    if (status == WB_OK) return;
    exchange_drop(x);
    exchange_failed(x, status, NULL);
}
