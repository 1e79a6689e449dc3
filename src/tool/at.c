/* whereabouts at: who was where at a moment, by all that is known or by what was known then. */
#include "tool/site.h"
#include "tool/who.h"

static int answer(const struct call *call, const struct site *site)
{
    struct wb_moment moment = {.known_us = WB_EVERYTHING, .asked_us = site->now_us};
    const char *known = call_value(call, "known");

    int status = site_time(site, "TIME", call->arguments[0], &moment.as_of_us);
    if (status == SAY_DONE && known != NULL) {
        status = site_time(site, "--known", known, &moment.known_us);
        moment.asked_us = moment.known_us;
    }
    if (status != SAY_DONE) return status;
    if (site->remote != NULL) return who_ask_server(call, site, &moment);
    return who_answer(call, site, &moment, moment.as_of_us);
}

int at_run(const struct call *call)
{
    struct site site;

    int status = who_check(call);
    if (status != SAY_DONE) return status;
    status = site_open(&site, call, WB_READ);
    if (status == SAY_DONE) status = answer(call, &site);
    return site_close(&site, status);
}
