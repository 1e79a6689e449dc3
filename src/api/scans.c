/* POST /v1/scans: readers saw bands. Nothing is allocated for a scan. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "answer/answer.h"
#include "api/asking.h"
#include "api/caller.h"
#include "api/health.h"
#include "api/metrics.h"
#include "api/resources.h"
#include "api/rows.h"
#include "base/list.h"
#include "base/time.h"

#define SCANS_MAX 100000u /* of one request: less than what a turn takes */

enum body_kind { BODY_JSON, BODY_CSV, BODY_NDJSON, BODY_OTHER };

static enum body_kind kind_of(struct exchange *x)
{
    if (asking_type_is(x, RESPONSE_JSON, true)) return BODY_JSON;
    if (asking_type_is(x, "text/csv", false)) return BODY_CSV;
    if (asking_type_is(x, "application/x-ndjson", false)) return BODY_NDJSON;
    return BODY_OTHER;
}

size_t scans_weight(struct exchange *x)
{
    enum body_kind kind = kind_of(x);
    const char *at = x->request->body;
    const char *end = at + x->request->body_bytes;
    size_t weight = 1;

    if (kind == BODY_OTHER) {
        exchange_problem(x, 415, "bad-media-type",
                         "scans are sent as application/json, text/csv or application/x-ndjson");
        return 0;
    }
    if (x->request->body_bytes == 0) {
        exchange_problem(x, 400, "bad-body", "there is no body");
        return 0;
    }
    while (at < end &&
           (at = memchr(at, kind == BODY_JSON ? '{' : '\n', (size_t)(end - at))) != NULL) {
        weight++;
        at++;
    }
    if (weight > SCANS_MAX) {
        exchange_refuse(x, 413, "too-large", "at most %u rows are taken at a time", SCANS_MAX);
        return 0;
    }
    return weight;
}

/* ---- One scan ---- */

struct taking {
    struct exchange *x;
    struct wb_summary summary;
    uint64_t ambiguous;
    wb_status failed; /* of the library: the turn cannot go on */
};

static void set_value(struct intake_row *row, size_t column, const struct pull_string *text)
{
    row->at[column] = text->at != NULL ? text->at : "";
    row->bytes[column] = text->at != NULL ? text->bytes : 0;
}

static void take(struct taking *taking, const struct ndjson_scan *from)
{
    struct service *service = taking->x->service;
    struct intake intake = {.wb = taking->x->wb, .clock = service->clock};
    struct intake_taken taken = {.verdict = WB_REFUSED};
    struct intake_row row = {0};
    wb_status status = WB_EREFUSED;

    if (from->fault == NULL) {
        set_value(&row, INTAKE_SCAN_TIME, &from->time);
        set_value(&row, INTAKE_SCAN_BAND, &from->band);
        set_value(&row, INTAKE_SCAN_READER, &from->reader);
        set_value(&row, INTAKE_SCAN_DIRECTION, &from->direction);
        status = intake_scan(&intake, &row, &taken);
    }
    if (status != WB_OK && status != WB_EREFUSED) {
        taking->failed = status;
        return;
    }
    if (status == WB_OK) {
        health_scan(service, taken.reader, taking->x->now_us);
        taking->ambiguous += taken.ambiguous_times;
    }
    intake_count(&taking->summary, taken.verdict);
}

/* ---- JSON ---- */

struct complete {
    wb_reader reader;
    int64_t until_us;
};

/* Find the readers and read the times before anything is taken. */
static bool read_complete(struct exchange *x, const struct scans *scans, struct complete *out)
{
    for (size_t i = 0; i < scans->complete.count; i++) {
        const struct scans_complete *row = &scans->complete.at[i];
        if (!asking_reader(x, row->reader.at, row->reader.bytes, &out[i].reader)) return false;
        if (time_parse(row->time.at, row->time.bytes, x->service->clock, &out[i].until_us) ==
            TIME_BAD) {
            exchange_refuse(x, 400, "bad-time", "complete_until '%.*s' is not a time",
                            (int)(row->time.bytes < 60 ? row->time.bytes : 60), row->time.at);
            return false;
        }
    }
    return true;
}

static bool may_send(struct exchange *x, const struct scans *scans)
{
    if (x->allowed != ACCESS_MAY_OWN) return true;
    for (size_t i = 0; i < scans->count; i++) {
        const struct pull_string *reader = &scans->at[i].reader;
        if (!caller_may_use_reader(x, reader->at, reader->bytes)) return false;
    }
    return true;
}

static void take_json(struct taking *taking)
{
    struct exchange *x = taking->x;
    struct scans *scans = &x->service->scans;
    struct complete few[16] = {0};
    struct complete *complete = few;

    if (!scans_read(scans, x->request->body, x->request->body_bytes)) {
        exchange_refuse(x, 400, "bad-json", "byte %zu of the body: %s", scans->column,
                        scans->fault);
        return;
    }
    if (scans->complete.count > sizeof few / sizeof few[0]) {
        complete = calloc(scans->complete.count, sizeof *complete);
        if (complete == NULL) response_no_memory();
    }
    if (may_send(x, scans) && read_complete(x, scans, complete)) {
        for (size_t i = 0; i < scans->count && taking->failed == WB_OK; i++)
            take(taking, &scans->at[i]);
        for (size_t i = 0; i < scans->complete.count && taking->failed == WB_OK; i++)
            taking->failed = wb_complete(x->wb, complete[i].reader, complete[i].until_us);
    }
    if (complete != few) free(complete);
}

/* ---- ndjson: first read whole, then taken ---- */

static bool each_ndjson(struct taking *taking,
                        bool (*row)(struct taking *, const struct ndjson_scan *))
{
    struct lines_text text = {taking->x->request->body, taking->x->request->body_bytes};
    struct ndjson ndjson;
    struct ndjson_scan scan;
    bool goes_on = true;

    if (!ndjson_open(&ndjson, lines_text_fill, &text)) response_no_memory();
    while (goes_on && ndjson_next(&ndjson, &scan))
        goes_on = row(taking, &scan);
    ndjson_done(&ndjson);
    return goes_on;
}

static bool may_send_row(struct taking *taking, const struct ndjson_scan *scan)
{
    return scan->fault != NULL ||
           caller_may_use_reader(taking->x, scan->reader.at, scan->reader.bytes);
}

static bool take_row(struct taking *taking, const struct ndjson_scan *scan)
{
    take(taking, scan);
    return taking->failed == WB_OK;
}

static void take_ndjson(struct taking *taking)
{
    if (taking->x->allowed == ACCESS_MAY_OWN && !each_ndjson(taking, may_send_row)) return;
    (void)each_ndjson(taking, take_row);
}

/* ---- csv ---- */

static bool may_send_values(struct exchange *x, const struct intake_row *row)
{
    return caller_may_use_reader(x, row->at[INTAKE_SCAN_READER], row->bytes[INTAKE_SCAN_READER]);
}

static void took(struct exchange *x, const struct intake_taken *taken)
{
    health_scan(x->service, taken->reader, x->now_us);
}

static void take_csv(struct exchange *x)
{
    static const struct csv_column columns[] = {
        [INTAKE_SCAN_TIME] = {.name = "time",    .required = true},
        [INTAKE_SCAN_BAND] = {.name = "band",                 .required = true},
        [INTAKE_SCAN_READER] = {.name = "reader",.required = true},
        [INTAKE_SCAN_DIRECTION] = {.name = "direction" },
        [INTAKE_SCAN_LEARNT] = {.name = "learnt"                },
    };
    static const struct rows_kind kind = {columns, INTAKE_SCAN_COLUMNS, intake_scan,
                                          may_send_values, took};
    struct wb_summary summary;

    rows_post(x, &kind, &summary);
    if (!rows_are_checked(x)) metrics_scans(x->service->metrics, &summary);
}

/* ---- The answer ---- */

static bool is_one_accepted(const struct taking *taking)
{
    const struct wb_summary *summary = &taking->summary;

    return summary->accepted == 1 && taking->ambiguous == 0 &&
           summary->duplicates + summary->held + summary->quarantined + summary->refused == 0;
}

/* Almost every answer is the same; it is made once. One that brings its caller a new cookie is not.
 */
static void answer_one(struct exchange *x)
{
    x->status = 200;
    x->response = x->service->one_accepted;
    x->is_shared = true;
}

void scans_post(struct exchange *x)
{
    struct taking taking = {.x = x};
    enum body_kind kind = kind_of(x);

    if (kind == BODY_CSV) {
        take_csv(x);
        return;
    }
    if (!asking_knows(x, "")) return;
    if (kind == BODY_JSON) {
        take_json(&taking);
    } else {
        take_ndjson(&taking);
    }
    metrics_scans(x->service->metrics, &taking.summary);
    if (x->status != 0) return;
    if (taking.failed != WB_OK) {
        exchange_failed(x, taking.failed, NULL);
    } else if (is_one_accepted(&taking) && !x->caller.rotate) {
        answer_one(x);
    } else {
        struct answer document = {0};
        wb_status status = answer_summary(&taking.summary, taking.ambiguous, &document);
        exchange_answer(x, status, &document);
    }
}
