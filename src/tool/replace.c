/* whereabouts replace: give the wearer of one band another, in one step. */
#include <stdio.h>

#include "tool/site.h"

static int replace(const struct call *call, const struct site *site)
{
    const char *at = call_value(call, "at");
    int64_t at_us = site->now_us;
    struct wb_fault why = {0};
    wb_band old_band;
    wb_band new_band;

    int status = site_band(site, call->arguments[0], &old_band);
    if (status == SAY_DONE && at != NULL) status = site_time(site, "--at", at, &at_us);
    if (status == SAY_DONE) status = site_new_band(site, call->arguments[1], &new_band);
    if (status != SAY_DONE) return status;

    wb_status replaced = wb_replace(site->wb, old_band, new_band, at_us, &why);
    if (replaced != WB_OK) return site_refused(site, replaced, &why);
    status = site_commit(site);
    if (status != SAY_DONE) return status;

    (void)printf("band %s takes the place of band %s\n", wb_band_id(site->wb, new_band),
                 wb_band_id(site->wb, old_band));
    return SAY_DONE;
}

int replace_run(const struct call *call)
{
    struct site site;

    int status = site_open(&site, call, WB_WRITE);
    if (status == SAY_DONE) status = site_begin(&site);
    if (status == SAY_DONE) status = replace(call, &site);
    return site_close(&site, status);
}
