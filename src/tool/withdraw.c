/* whereabouts withdraw: a scan was made in error; it did not happen. */
#include <stdio.h>
#include <string.h>

#include "tool/remote.h"
#include "tool/site.h"

static int take_direction(const struct call *call, wb_direction *direction)
{
    const char *word = call_value(call, "direction");

    if (word == NULL) return SAY_DONE;
    if (strcmp(word, "in") == 0) {
        *direction = WB_IN;
    } else if (strcmp(word, "out") == 0) {
        *direction = WB_OUT;
    } else if (strcmp(word, "none") == 0) {
        *direction = WB_NO_DIRECTION;
    } else {
        return say(SAY_WRONG_USE,
                   "--direction '%s' is none of in, out and none; without it, the scan is "
                   "withdrawn whatever its direction",
                   word);
    }
    return SAY_DONE;
}

static void print(const struct call *call, const char *band, const char *reader)
{
    (void)printf("withdrawn: band %s at reader %s, %s\n", band, reader, call->arguments[2]);
}

struct scan {
    int64_t at_us;
    wb_direction direction;
};

static int tell_file(const struct call *call, const struct site *site, const struct scan *scan)
{
    struct wb_fault why = {0};
    wb_reader reader;
    wb_band band;

    int status = site_begin(site);
    if (status == SAY_DONE) status = site_reader(site, call->arguments[0], &reader);
    /* A scan may be withdrawn before it is learnt, so its band may be new too. */
    if (status == SAY_DONE) status = site_new_band(site, call->arguments[1], &band);
    if (status != SAY_DONE) return status;

    wb_status withdrawn = wb_withdraw(site->wb, reader, band, scan->at_us, scan->direction,
                                      call_value(call, "why"), &why);
    if (withdrawn != WB_OK) return site_refused(site, withdrawn, &why);
    status = site_commit(site);
    if (status == SAY_DONE) {
        print(call, wb_band_id(site->wb, band), wb_reader_id(site->wb, reader));
    }
    return status;
}

static int tell_server(const struct call *call, const struct site *site, const struct scan *scan)
{
    struct address address;
    json_t *body = json_object();
    json_t *answer;

    remote_put(body, "reader", call->arguments[0]);
    remote_put(body, "band", call->arguments[1]);
    remote_put_time(body, "time", scan->at_us);
    remote_put(body, "direction", call_value(call, "direction"));
    remote_put(body, "why", call_value(call, "why"));
    address_begin(&address, "/v1/withdrawals");
    int status = remote_tell(site->remote, "POST", &address, body, &answer);
    if (status == SAY_DONE) {
        print(call, remote_text(answer, "band"), remote_text(answer, "reader"));
    }
    json_decref(answer);
    return status;
}

static int withdraw(const struct call *call, const struct site *site, wb_direction direction)
{
    struct scan scan = {.direction = direction};

    int status = site_time(site, "TIME", call->arguments[2], &scan.at_us);
    if (status != SAY_DONE) return status;
    return site->remote != NULL ? tell_server(call, site, &scan) : tell_file(call, site, &scan);
}

int withdraw_run(const struct call *call)
{
    struct site site;
    wb_direction direction = WB_EVERY_DIRECTION;

    int status = take_direction(call, &direction);
    if (status != SAY_DONE) return status;
    status = site_open(&site, call, WB_WRITE);
    if (status == SAY_DONE) status = withdraw(call, &site, direction);
    return site_close(&site, status);
}
