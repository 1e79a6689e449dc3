/* whereabouts unpair: end whose band it is. */
#include <stdio.h>

#include "tool/site.h"

static int unpair(const struct call *call, const struct site *site)
{
    const char *at = call_value(call, "at");
    int64_t at_us = site->now_us;
    struct wb_fault why = {0};
    wb_band band;

    int status = site_band(site, call->arguments[0], &band);
    if (status == SAY_DONE && at != NULL) status = site_time(site, "--at", at, &at_us);
    if (status != SAY_DONE) return status;

    wb_status unpaired = wb_unpair(site->wb, band, at_us, &why);
    if (unpaired != WB_OK) return site_refused(site, unpaired, &why);
    status = site_commit(site);
    if (status != SAY_DONE) return status;

    (void)printf("the pairing of band %s ends at that time\n", wb_band_id(site->wb, band));
    return SAY_DONE;
}

int unpair_run(const struct call *call)
{
    struct site site;

    int status = site_open(&site, call, WB_WRITE);
    if (status == SAY_DONE) status = site_begin(&site);
    if (status == SAY_DONE) status = unpair(call, &site);
    return site_close(&site, status);
}
