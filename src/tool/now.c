/* whereabouts now: who is where at this moment. */
#include "tool/site.h"
#include "tool/who.h"

int now_run(const struct call *call)
{
    struct site site;

    int status = who_check(call);
    if (status != SAY_DONE) return status;
    status = site_open(&site, call, WB_READ);
    if (status == SAY_DONE && site.remote != NULL) {
        status = who_ask_server(call, &site, NULL);
    } else if (status == SAY_DONE) {
        struct wb_moment moment = {site.now_us, WB_EVERYTHING, site.now_us};
        /* A reader is allowed the time of a heartbeat before it could change the answer. */
        status = who_answer(call, &site, &moment, site.now_us - wb_site_heartbeat_us(site.wb));
    }
    return site_close(&site, status);
}
