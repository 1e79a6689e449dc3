/* whereabouts complete: declare that all of a reader's scans up to a time are in. */
#include <stdio.h>

#include "base/time.h"
#include "tool/remote.h"
#include "tool/site.h"

static int tell_file(const struct call *call, const struct site *site, int64_t until_us)
{
    wb_reader reader;

    int status = site_begin(site);
    if (status == SAY_DONE) status = site_reader(site, call->arguments[0], &reader);
    if (status != SAY_DONE) return status;
    wb_status completed = wb_complete(site->wb, reader, until_us);
    return completed == WB_OK ? site_commit(site) : site_failed(site, completed);
}

/* Not a heartbeat: who declares this is not the reader, which may be silent. */
static int tell_server(const struct call *call, const struct site *site, int64_t until_us)
{
    json_t *readers = json_object();

    remote_put_time(readers, call->arguments[0], until_us);
    return remote_complete(site->remote, readers);
}

static int complete(const struct call *call, const struct site *site)
{
    char text[TIME_TEXT_MAX];
    int64_t until_us;

    int status = site_time(site, "TIME", call->arguments[1], &until_us);
    if (status != SAY_DONE) return status;
    status =
        site->remote != NULL ? tell_server(call, site, until_us) : tell_file(call, site, until_us);
    if (status != SAY_DONE) return status;
    (void)time_local_text(until_us, site->clock, text);
    (void)printf("reader %s is complete up to %s\n", call->arguments[0], text);
    return SAY_DONE;
}

int complete_run(const struct call *call)
{
    struct site site;

    int status = site_open(&site, call, WB_WRITE);
    if (status == SAY_DONE) status = complete(call, &site);
    return site_close(&site, status);
}
