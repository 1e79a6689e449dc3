/* whereabouts release: fold in scans that were quarantined, their clock corrected. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "tool/site.h"

static int take_shift(const struct call *call, int64_t *shift_us)
{
    const char *shift = call_value(call, "shift");

    *shift_us = 0;
    if (shift == NULL || duration_parse_signed(shift, strlen(shift), shift_us)) return SAY_DONE;
    return say(SAY_WRONG_USE, "--shift '%s' is not a duration; write it like -3h or 90s", shift);
}

static int release(const struct call *call, const struct site *site, int64_t shift_us)
{
    const char *from = call_value(call, "from");
    const char *until = call_value(call, "until");
    int64_t from_us = WB_NO_TIME;
    int64_t until_us = WB_STILL_THERE;
    struct wb_fault why = {0};
    uint64_t count = 0;
    wb_reader reader;

    int status = site_reader(site, call->arguments[0], &reader);
    if (status == SAY_DONE && from != NULL) status = site_time(site, "--from", from, &from_us);
    if (status == SAY_DONE && until != NULL) status = site_time(site, "--until", until, &until_us);
    if (status == SAY_DONE && until_us <= from_us) {
        status = say(SAY_WRONG_USE, "--until %s is not after --from %s", until, from);
    }
    if (status != SAY_DONE) return status;

    wb_status released = wb_release(site->wb, reader, from_us, until_us, shift_us,
                                    call_value(call, "why"), &count, &why);
    if (released != WB_OK) return site_refused(site, released, &why);
    status = site_commit(site);
    if (status != SAY_DONE) return status;

    (void)printf("%" PRIu64 " %s of reader %s released\n", count, count == 1 ? "scan" : "scans",
                 wb_reader_id(site->wb, reader));
    return SAY_DONE;
}

int release_run(const struct call *call)
{
    struct site site;
    int64_t shift_us;

    int status = take_shift(call, &shift_us);
    if (status != SAY_DONE) return status;
    status = site_open(&site, call, WB_WRITE);
    if (status == SAY_DONE) status = site_begin(&site);
    if (status == SAY_DONE) status = release(call, &site, shift_us);
    return site_close(&site, status);
}
