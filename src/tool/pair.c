/* whereabouts pair: say whose band it is. */
#include <stdio.h>

#include "tool/site.h"

static int pair(const struct call *call, const struct site *site)
{
    struct wb_pairing pairing = {
        .from_us = WB_NO_TIME, .until_us = WB_STILL_THERE, .learnt_us = WB_NO_TIME};
    const char *from = call_value(call, "from");
    const char *until = call_value(call, "until");
    struct wb_fault why = {0};
    bool changed = false;

    int status = site_person(site, call->arguments[1], &pairing.person);
    if (status == SAY_DONE && from != NULL) {
        status = site_time(site, "--from", from, &pairing.from_us);
    }
    if (status == SAY_DONE && until != NULL) {
        status = site_time(site, "--until", until, &pairing.until_us);
    }
    if (status == SAY_DONE && pairing.until_us <= pairing.from_us) {
        status = say(SAY_WRONG_USE, "--until %s is not after --from %s", until, from);
    }
    if (status == SAY_DONE) status = site_new_band(site, call->arguments[0], &pairing.band);
    if (status != SAY_DONE) return status;

    wb_status paired = wb_pair(site->wb, &pairing, &changed, &why);
    if (paired != WB_OK) return site_refused(site, paired, &why);
    status = site_commit(site);
    if (status != SAY_DONE) return status;

    (void)printf("band %s %s %s\n", wb_band_id(site->wb, pairing.band),
                 changed ? "is now paired with" : "was paired like that already with",
                 call->arguments[1]);
    return SAY_DONE;
}

int pair_run(const struct call *call)
{
    struct site site;

    int status = site_open(&site, call, WB_WRITE);
    if (status == SAY_DONE) status = site_begin(&site);
    if (status == SAY_DONE) status = pair(call, &site);
    return site_close(&site, status);
}
