/* whereabouts replace: give the wearer of one band another, in one step. */
#include <stdio.h>

#include "tool/remote.h"
#include "tool/site.h"

static void print(const char *new_band, const char *old_band)
{
    (void)printf("band %s takes the place of band %s\n", new_band, old_band);
}

static int tell_file(const struct call *call, const struct site *site, int64_t at_us)
{
    struct wb_fault why = {0};
    wb_band old_band;
    wb_band new_band;

    int status = site_begin(site);
    if (status == SAY_DONE) status = site_band(site, call->arguments[0], &old_band);
    if (status == SAY_DONE) status = site_new_band(site, call->arguments[1], &new_band);
    if (status != SAY_DONE) return status;

    wb_status replaced = wb_replace(site->wb, old_band, new_band, at_us, &why);
    if (replaced != WB_OK) return site_refused(site, replaced, &why);
    status = site_commit(site);
    if (status == SAY_DONE) {
        print(wb_band_id(site->wb, new_band), wb_band_id(site->wb, old_band));
    }
    return status;
}

static int tell_server(const struct call *call, const struct site *site, int64_t at_us)
{
    struct address address;
    json_t *body = json_object();
    json_t *answer;

    remote_put(body, "band", call->arguments[1]);
    remote_put(body, "replaces", call->arguments[0]);
    if (call_has(call, "at")) remote_put_time(body, "from", at_us);
    address_begin(&address, "/v1/pairings");
    int status = remote_tell(site->remote, "POST", &address, body, &answer);
    if (status == SAY_DONE) print(remote_text(answer, "band"), remote_text(answer, "replaces"));
    json_decref(answer);
    return status;
}

static int replace(const struct call *call, const struct site *site)
{
    const char *at = call_value(call, "at");
    int64_t at_us = site->now_us;

    int status = at != NULL ? site_time(site, "--at", at, &at_us) : SAY_DONE;
    if (status != SAY_DONE) return status;
    return site->remote != NULL ? tell_server(call, site, at_us) : tell_file(call, site, at_us);
}

int replace_run(const struct call *call)
{
    struct site site;

    int status = site_open(&site, call, WB_WRITE);
    if (status == SAY_DONE) status = replace(call, &site);
    return site_close(&site, status);
}
