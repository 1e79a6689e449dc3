/* whereabouts rebuild: make the history blocks again from the journal. */
#include <stdio.h>

#include "tool/progress.h"
#include "tool/site.h"

int rebuild_run(const struct call *call)
{
    struct site site;

    int status = site_open(&site, call, WB_WRITE);
    if (status == SAY_DONE) {
        struct progress progress;
        progress_begin(&progress, "done");
        wb_status rebuilt = wb_rebuild(site.wb, progress_told, &progress);
        int64_t took_us = progress_took_us(&progress);
        progress_end(&progress);
        if (rebuilt != WB_OK) {
            status = site_failed(&site, rebuilt);
        } else {
            (void)printf("the blocks of %s are made anew, in %.1f s\n", call->data,
                         (double)took_us / 1e6);
        }
    }
    return site_close(&site, status);
}
