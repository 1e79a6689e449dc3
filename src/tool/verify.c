/* whereabouts verify: check everything in the file. */
#include <inttypes.h>
#include <stdio.h>

#include "tool/progress.h"
#include "tool/site.h"

static int verify(const struct call *call, const struct site *site)
{
    struct wb_verification found = {0};
    struct progress progress;

    progress_begin(&progress, "checked");
    wb_status status = wb_verify(site->wb, progress_told, &progress, &found);
    int64_t took_us = progress_took_us(&progress);
    progress_end(&progress);

    if (status != WB_OK && status != WB_EREFUSED) return site_failed(site, status);
    (void)printf("%" PRIu64 " commits, %" PRIu64 " scans and %" PRIu64
                 " blocks checked in %.1f s (%.0f scans a second)\n",
                 found.commits, found.scans, found.blocks, (double)took_us / 1e6,
                 (double)found.scans / ((double)took_us / 1e6));
    if (status == WB_OK && found.faults == 0) {
        (void)printf("%s is sound\n", call->data);
        return SAY_DONE;
    }
    (void)fflush(stdout);
    return say(SAY_NO, "%s: %" PRIu64 " %s; the first: %s", call->data, found.faults,
               found.faults == 1 ? "fault" : "faults", found.first_fault);
}

int verify_run(const struct call *call)
{
    struct site site;

    int status = site_open(&site, call, WB_READ);
    if (status == SAY_DONE) status = verify(call, &site);
    return site_close(&site, status);
}
