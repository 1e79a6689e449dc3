/* whereabouts pair: say whose band it is. */
#include <stdio.h>

#include "tool/remote.h"
#include "tool/site.h"

static int take_times(const struct call *call, const struct site *site, struct wb_pairing *out)
{
    const char *from = call_value(call, "from");
    const char *until = call_value(call, "until");
    int status = SAY_DONE;

    if (from != NULL) status = site_time(site, "--from", from, &out->from_us);
    if (status == SAY_DONE && until != NULL) {
        status = site_time(site, "--until", until, &out->until_us);
    }
    if (status == SAY_DONE && out->until_us <= out->from_us) {
        return say(SAY_WRONG_USE, "--until %s is not after --from %s", until, from);
    }
    return status;
}

static void print(const struct call *call, const char *band, bool changed)
{
    (void)printf("band %s %s %s\n", band,
                 changed ? "is now paired with" : "was paired like that already with",
                 call->arguments[1]);
}

static int tell_file(const struct call *call, const struct site *site, struct wb_pairing *pairing)
{
    struct wb_fault why = {0};
    bool changed = false;

    int status = site_begin(site);
    if (status == SAY_DONE) status = site_person(site, call->arguments[1], &pairing->person);
    if (status == SAY_DONE) status = site_new_band(site, call->arguments[0], &pairing->band);
    if (status != SAY_DONE) return status;

    wb_status paired = wb_pair(site->wb, pairing, &changed, &why);
    if (paired != WB_OK) return site_refused(site, paired, &why);
    status = site_commit(site);
    if (status == SAY_DONE) print(call, wb_band_id(site->wb, pairing->band), changed);
    return status;
}

static int tell_server(const struct call *call, const struct site *site,
                       const struct wb_pairing *pairing)
{
    struct address address;
    json_t *body = json_object();
    json_t *answer;

    remote_put(body, "band", call->arguments[0]);
    remote_put(body, "person", call->arguments[1]);
    remote_put_time(body, "from", pairing->from_us);
    remote_put_time(body, "until", pairing->until_us);
    address_begin(&address, "/v1/pairings");
    int status = remote_tell(site->remote, "POST", &address, body, &answer);
    if (status == SAY_DONE) {
        print(call, remote_text(answer, "band"), json_is_true(json_object_get(answer, "changed")));
    }
    json_decref(answer);
    return status;
}

static int pair(const struct call *call, const struct site *site)
{
    struct wb_pairing pairing = {
        .from_us = WB_NO_TIME, .until_us = WB_STILL_THERE, .learnt_us = WB_NO_TIME};

    int status = take_times(call, site, &pairing);
    if (status != SAY_DONE) return status;
    return site->remote != NULL ? tell_server(call, site, &pairing)
                                : tell_file(call, site, &pairing);
}

int pair_run(const struct call *call)
{
    struct site site;

    int status = site_open(&site, call, WB_WRITE);
    if (status == SAY_DONE) status = pair(call, &site);
    return site_close(&site, status);
}
