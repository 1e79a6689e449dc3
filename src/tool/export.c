/* whereabouts export scans: the journal's scans, to be taken in again. */
#include <stdio.h>
#include <string.h>

#include "answer/answer.h"
#include "base/list.h"
#include "tool/progress.h"
#include "tool/remote.h"
#include "tool/site.h"

struct export_window {
    int64_t from_us, until_us;
    enum answer_scans_form form;
};

/* Where standard output takes no more, main() says so. */
static bool write_rows(const char *rows, size_t bytes)
{
    return bytes == 0 || fwrite(rows, 1, bytes, stdout) == bytes;
}

/* ---- From the file ---- */

static int write_slices(const struct site *site, struct wb_scans *scans,
                        enum answer_scans_form form, struct progress *progress)
{
    struct wb_scans_slice slice = {0};
    struct answer_rows rows = {0};
    uint64_t written = 0;
    wb_status status = WB_OK;

    if (answer_scans_head(form, &rows) != WB_OK) say_no_memory();
    while (write_rows(rows.at, rows.count) && !slice.done) {
        status = wb_scans_next(scans, &slice);
        if (status != WB_OK) break;
        rows.count = 0;
        if (answer_scans(site->wb, slice.at, slice.count, form, &rows) != WB_OK) say_no_memory();
        written += slice.count;
        progress_draw(progress, "exporting", slice.passed, slice.total, written);
    }
    LIST_DONE(&rows);
    return status == WB_OK ? SAY_DONE : site_failed(site, status);
}

static int export_file(const struct site *site, const struct export_window *window,
                       struct progress *progress)
{
    struct wb_scans *scans = NULL;

    wb_status opened = wb_scans_open(site->wb, window->from_us, window->until_us, &scans);
    if (opened != WB_OK) return site_failed(site, opened);
    int status = write_slices(site, scans, window->form, progress);
    wb_scans_close(scans);
    return status;
}

/* ---- From a server ---- */

struct taking {
    struct progress *progress;
    uint64_t rows;
};

static bool take_piece(void *context, const char *piece, size_t bytes)
{
    struct taking *taking = context;

    for (const char *at = piece; (at = memchr(at, '\n', bytes - (size_t)(at - piece))) != NULL;
         at++)
        taking->rows++;
    progress_draw(taking->progress, "exporting", 0, 0, taking->rows);
    return write_rows(piece, bytes);
}

static int export_server(const struct site *site, const struct export_window *window,
                         struct progress *progress)
{
    struct taking taking = {.progress = progress};
    struct address address;

    address_begin(&address, "/v1/scans");
    address_time(&address, "from", window->from_us);
    address_time(&address, "until", window->until_us);
    return remote_stream(site->remote, &address,
                         window->form == ANSWER_SCANS_CSV ? "text/csv" : "application/x-ndjson",
                         take_piece, &taking);
}

/* ---- */

static int take_window(const struct call *call, const struct site *site, struct export_window *out)
{
    const char *from = call_value(call, "from");
    const char *until = call_value(call, "until");
    int status = SAY_DONE;

    *out = (struct export_window){WB_NO_TIME, WB_STILL_THERE, ANSWER_SCANS_CSV};
    if (call->format == FORMAT_JSON) out->form = ANSWER_SCANS_NDJSON;
    if (from != NULL) status = site_time(site, "--from", from, &out->from_us);
    if (status == SAY_DONE && until != NULL) {
        status = site_time(site, "--until", until, &out->until_us);
    }
    if (status != SAY_DONE || out->from_us < out->until_us) return status;
    return say(SAY_WRONG_USE, "--until %s is not after --from %s", until, from);
}

int export_scans_run(const struct call *call)
{
    struct export_window window;
    struct progress progress;
    struct site site;

    int status = site_open(&site, call, WB_READ);
    if (status == SAY_DONE) status = take_window(call, &site, &window);
    if (status == SAY_DONE) {
        progress_begin(&progress, "scans");
        status = site.remote != NULL ? export_server(&site, &window, &progress)
                                     : export_file(&site, &window, &progress);
        progress_end(&progress);
    }
    return site_close(&site, status);
}
