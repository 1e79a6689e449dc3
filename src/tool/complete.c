/* whereabouts complete: declare that all of a reader's scans up to a time are in. */
#include <stdio.h>

#include "base/time.h"
#include "tool/site.h"

static int complete(const struct call *call, const struct site *site)
{
    wb_reader reader;
    int64_t until_us;

    int status = site_reader(site, call->arguments[0], &reader);
    if (status == SAY_DONE) status = site_time(site, "TIME", call->arguments[1], &until_us);
    if (status != SAY_DONE) return status;

    wb_status completed = wb_complete(site->wb, reader, until_us);
    if (completed != WB_OK) return site_failed(site, completed);
    status = site_commit(site);
    if (status != SAY_DONE) return status;

    char text[TIME_TEXT_MAX];
    (void)time_local_text(until_us, site->clock, text);
    (void)printf("reader %s is complete up to %s\n", wb_reader_id(site->wb, reader), text);
    return SAY_DONE;
}

int complete_run(const struct call *call)
{
    struct site site;

    int status = site_open(&site, call, WB_WRITE);
    if (status == SAY_DONE) status = site_begin(&site);
    if (status == SAY_DONE) status = complete(call, &site);
    return site_close(&site, status);
}
