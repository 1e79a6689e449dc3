/* whereabouts release: fold in scans that were quarantined, their clock corrected. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "tool/remote.h"
#include "tool/site.h"

static int take_shift(const struct call *call, int64_t *shift_us)
{
    const char *shift = call_value(call, "shift");

    *shift_us = 0;
    if (shift == NULL || duration_parse_signed(shift, strlen(shift), shift_us)) return SAY_DONE;
    return say(SAY_WRONG_USE, "--shift '%s' is not a duration; write it like -3h or 90s", shift);
}

struct correction {
    int64_t from_us, until_us, shift_us;
};

static int take_times(const struct call *call, const struct site *site, struct correction *out)
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

static void print(const char *reader, uint64_t count)
{
    (void)printf("%" PRIu64 " %s of reader %s released\n", count, count == 1 ? "scan" : "scans",
                 reader);
}

static int tell_file(const struct call *call, const struct site *site,
                     const struct correction *correction)
{
    struct wb_fault why = {0};
    uint64_t count = 0;
    wb_reader reader;

    int status = site_begin(site);
    if (status == SAY_DONE) status = site_reader(site, call->arguments[0], &reader);
    if (status != SAY_DONE) return status;

    wb_status released = wb_release(site->wb, reader, correction->from_us, correction->until_us,
                                    correction->shift_us, call_value(call, "why"), &count, &why);
    if (released != WB_OK) return site_refused(site, released, &why);
    status = site_commit(site);
    if (status == SAY_DONE) print(wb_reader_id(site->wb, reader), count);
    return status;
}

static int tell_server(const struct call *call, const struct site *site,
                       const struct correction *correction)
{
    struct address address;
    json_t *body = json_object();
    json_t *answer;

    remote_put(body, "reader", call->arguments[0]);
    remote_put_time(body, "from", correction->from_us);
    remote_put_time(body, "until", correction->until_us);
    remote_put(body, "shift", call_value(call, "shift"));
    remote_put(body, "why", call_value(call, "why"));
    address_begin(&address, "/v1/releases");
    int status = remote_tell(site->remote, "POST", &address, body, &answer);
    if (status == SAY_DONE) {
        print(remote_text(answer, "reader"),
              (uint64_t)json_integer_value(json_object_get(answer, "released")));
    }
    json_decref(answer);
    return status;
}

static int release(const struct call *call, const struct site *site, int64_t shift_us)
{
    struct correction correction = {WB_NO_TIME, WB_STILL_THERE, shift_us};

    int status = take_times(call, site, &correction);
    if (status != SAY_DONE) return status;
    return site->remote != NULL ? tell_server(call, site, &correction)
                                : tell_file(call, site, &correction);
}

int release_run(const struct call *call)
{
    struct site site;
    int64_t shift_us;

    int status = take_shift(call, &shift_us);
    if (status != SAY_DONE) return status;
    status = site_open(&site, call, WB_WRITE);
    if (status == SAY_DONE) status = release(call, &site, shift_us);
    return site_close(&site, status);
}
