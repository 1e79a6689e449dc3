/* GET /v1/scans: all scans, as rows that an import takes back.
 *
 * Two pieces of text go round: one is sent while the reading thread fills the other, so memory is
 * bounded, and a slow reader of it holds nothing but these two. An export names everybody: that is
 * one record, durable before the first row leaves. */
#include "api/export.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "answer/answer.h"
#include "api/asking.h"
#include "api/caller.h"
#include "api/metrics.h"
#include "api/resources.h"
#include "base/list.h"

#define PIECE_BYTES  ((size_t)256 << 10)
#define ROWS_AT_ONCE 512u
#define BLOCK_BYTES  32768u

struct export
{
    struct export *next, *previous;
    struct service *service;
    struct MHD_Connection *connection;
    struct request *request;     /* as long as it is being sent */
    struct access_caller caller; /* its own copy, to see whether they still may */
    struct wb_window window;
    enum answer_scans_form form;

    /* The reading thread's while `filling`. */
    struct reading_task task;
    struct wb_scans *scans; /* NULL: not opened yet */
    struct wb_scans_slice slice;
    size_t at; /* the next scan of the slice */
    struct answer_rows back;
    bool is_last; /* nothing comes after `back` */
    bool failed;

    struct answer_rows front; /* is sent */
    size_t sent;
    bool filling, is_full; /* back is being filled; back is full and waits */
    bool sleeps, ends, is_over;
};

/* ---- On the reading thread ---- */

static wb_status open_scans(struct export *export, struct wb *wb)
{
    wb_status status =
        wb_scans_open(wb, export->window.from_us, export->window.until_us, &export->scans);
    return status == WB_OK ? answer_scans_head(export->form, &export->back) : status;
}

/* The next rows, as long as there is room; at most a slice is read. */
static wb_status fill_some(struct export *export, struct wb *wb)
{
    wb_status status = WB_OK;

    if (export->at == export->slice.count && !export->slice.done) {
        export->at = 0;
        status = wb_scans_next(export->scans, &export->slice);
    }
    while (status == WB_OK && export->at < export->slice.count &&
           export->back.count < PIECE_BYTES) {
        size_t left = export->slice.count - export->at;
        size_t count = left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE;
        status =
            answer_scans(wb, export->slice.at + export->at, count, export->form, &export->back);
        export->at += count;
    }
    export->is_last = export->slice.done && export->at == export->slice.count;
    return status;
}

static void fill(struct reading_task *task, struct wb *wb)
{
    struct export *export = task->context;
    wb_status status = wb == NULL ? WB_EIO : WB_OK;

    export->back.count = 0;
    if (status == WB_OK && export->scans == NULL) status = open_scans(export, wb);
    while (status == WB_OK && !export->is_last && export->back.count < PIECE_BYTES)
        status = fill_some(export, wb);
    export->failed = status != WB_OK;
}

/* ---- On the loop ---- */

static void export_free(struct export *export)
{
    struct service *service = export->service;

    if (export->previous != NULL) {
        export->previous->next = export->next;
    } else {
        service->exports->first = export->next;
    }
    if (export->next != NULL) export->next->previous = export->previous;
    service->reading->exports--;
    wb_scans_close(export->scans);
    LIST_DONE(&export->back);
    LIST_DONE(&export->front);
    caller_done(&export->caller);
    free(export);
}

static void wake(struct export *export)
{
    if (!export->sleeps) return;
    export->sleeps = false;
    request_goes_on(export->request); /* that it slept was our doing */
    MHD_resume_connection(export->connection);
}

static void filled(struct reading_task *task, struct wb *wb)
{
    struct export *export = task->context;
    struct service *service = export->service;

    (void)wb;
    export->filling = false;
    export->is_full = !export->failed;
    if (export->failed) export->ends = true;
    if (export->is_over) {
        export_free(export);
        return;
    }
    wake(export);
    http_drive(service->http);
}

static void ask_more(struct export *export)
{
    export->filling = true;
    reading_ask_slice(export->service->reading, &export->task);
}

/* Send what is full, and have the next made. */
static bool turn_over(struct export *export)
{
    if (!export->is_full) return false;
    struct answer_rows empty = export->front;
    export->front = export->back;
    export->back = empty;
    export->sent = 0;
    export->is_full = false;
    if (!export->is_last) ask_more(export);
    return true;
}

static bool may_still(const struct export *export)
{
    return callers_still(&export->service->callers, &export->caller, clock_now_us());
}

/* Where it ends in the middle the connection is cut, so that nobody takes a part for the whole. */
static ssize_t next_piece(void *context, uint64_t position, char *out, size_t most)
{
    struct export *export = context;

    (void)position;
    while (!export->ends && export->sent == export->front.count) {
        bool was_last = !export->filling && !export->is_full && export->is_last;
        if (was_last) return MHD_CONTENT_READER_END_OF_STREAM;
        if (!may_still(export)) export->ends = true;
        if (export->ends || turn_over(export)) continue;
        if (!export->filling) ask_more(export);
        export->sleeps = true;
        MHD_suspend_connection(export->connection);
        return 0;
    }
    if (export->ends) return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t left = export->front.count - export->sent;
    size_t bytes = left < most ? left : most;
    memcpy(out, export->front.at + export->sent, bytes);
    export->sent += bytes;
    request_goes_on(export->request);
    return (ssize_t)bytes;
}

static void over(void *context)
{
    struct export *export = context;

    export->is_over = true;
    if (export->filling && !reading_take_back(export->service->reading, &export->task)) return;
    export_free(export);
}

void export_end_all(struct service *service)
{
    for (struct export *export = service->exports->first; export != NULL; export = export->next) {
        export->ends = true;
        if (export->filling && reading_take_back(service->reading, &export->task)) {
            export->filling = false;
        }
        if (!export->filling) wake(export);
    }
}

/* ---- Its beginning ---- */

/* What is asked for where several are: csv, unless only ndjson will do. */
static bool take_form(struct exchange *x, enum answer_scans_form *form)
{
    const char *accept = request_header(x->request, "Accept");

    *form = ANSWER_SCANS_CSV;
    if (accept == NULL || strcasestr(accept, "text/csv") != NULL) return true;
    if (strcasestr(accept, "application/x-ndjson") != NULL) {
        *form = ANSWER_SCANS_NDJSON;
        return true;
    }
    if (strstr(accept, "*/*") != NULL || strcasestr(accept, "text/*") != NULL) return true;
    exchange_problem(x, 406, "not-acceptable", "there are text/csv and application/x-ndjson");
    return false;
}

static wb_status record(struct exchange *x, const struct wb_window *window)
{
    char *question = exchange_question(x);
    struct wb_lookup lookup = {.kind = WB_LOOKUP_EXPORT,
                               .who = x->caller.name,
                               .purpose = x->caller.purpose,
                               .question = question,
                               .groups = "",
                               .at_us = x->now_us,
                               .as_of_us = window->from_us,
                               .until_us = window->until_us,
                               .zone = {WB_ZONE_EVERY}};

    wb_status status = wb_lookup_put(x->wb, &lookup, NULL);
    free(question);
    if (status == WB_OK) x->service->metrics->lookups++;
    return status;
}

static struct export *export_new(struct exchange *x, const struct wb_window *window,
                                 enum answer_scans_form form)
{
    struct export *export = calloc(1, sizeof *export);

    if (export == NULL) response_no_memory();
    export->service = x->service;
    export->connection = x->request->connection;
    export->request = x->request;
    export->window = *window;
    export->form = form;
    export->task = (struct reading_task){.work = fill, .done = filled, .context = export};
    /* The exchange's caller is not needed any more: it is the export's. */
    export->caller = x->caller;
    x->caller = (struct access_caller){.role = ACCESS_ANONYMOUS};
    export->next = x->service->exports->first;
    if (export->next != NULL) export->next->previous = export;
    x->service->exports->first = export;
    x->service->reading->exports++;
    return export;
}

void scans_get(struct exchange *x)
{
    struct wb_window window;
    enum answer_scans_form form;

    if (!asking_knows(x, "from until") || !asking_window(x, &window) || !take_form(x, &form))
        return;
    if (!reading_takes_export(x->service->reading)) {
        exchange_busy(x, "other exports are under way; ask again when they are done");
        return;
    }
    wb_status status = record(x, &window);
    if (status != WB_OK) {
        exchange_failed(x, status, NULL);
        return;
    }
    struct export *export = export_new(x, &window, form);
    x->status = 200;
    x->response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, next_piece, export, over);
    if (x->response == NULL) response_no_memory();
    response_header(x->response, "Content-Type",
                    form == ANSWER_SCANS_CSV ? "text/csv; charset=utf-8" : "application/x-ndjson");
    response_header(x->response, "Content-Disposition",
                    form == ANSWER_SCANS_CSV ? "attachment; filename=\"scans.csv\""
                                             : "attachment; filename=\"scans.ndjson\"");
    response_api_headers(x->response);
}
