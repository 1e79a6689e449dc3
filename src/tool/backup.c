/* whereabouts backup: a consistent copy of a live site. */
#include <stdio.h>

#include "tool/progress.h"
#include "tool/site.h"

int backup_run(const struct call *call)
{
    struct site site;

    int status = site_open(&site, call, WB_READ);
    if (status == SAY_DONE) {
        const char *copy = call->arguments[0];
        struct wb_fault why = {0};
        struct progress progress;
        progress_begin(&progress, "pages");
        wb_status written = wb_backup(site.wb, copy, progress_told, &progress, &why);
        progress_end(&progress);
        if (written != WB_OK) {
            status = site_refused(&site, written, &why);
        } else {
            (void)printf("%s is a copy of %s\n", copy, call->data);
        }
    }
    return site_close(&site, status);
}
