#include "api/rows.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/asking.h"
#include "api/caller.h"
#include "api/resources.h"
#include "base/list.h"
#include "base/text.h"

#define REFUSALS_MAX 100u

struct rows {
    struct exchange *x;
    const struct rows_kind *kind;
    struct intake intake;
    struct wb_summary *summary;
    uint64_t ambiguous_times;
    uint64_t row;     /* from 1 */
    wb_status failed; /* of the library: the turn cannot go on */
    bool details;

    struct rows_refusals {
        struct rows_refusal {
            uint64_t row;
            char *why;
        } * at;

        size_t count, capacity;
    } refusals;

    struct rows_lasts { /* by the number of the reader */
        int64_t *at;
        size_t count, capacity;
    } lasts;
};

/* ---- What is asked for ---- */

bool rows_are_csv(struct exchange *x)
{
    return asking_type_is(x, "text/csv", false);
}

bool rows_are_checked(struct exchange *x)
{
    const char *check = request_parameter(x->request, "check", NULL);

    return check != NULL && strcmp(check, "true") == 0 &&
           (x->handler == scans_post || x->handler == people_post || x->handler == pairings_post);
}

static bool open_rows(struct rows *rows)
{
    struct exchange *x = rows->x;

    if (!asking_knows(x, "details trust-learnt check") ||
        !asking_switch(x, "details", &rows->details) ||
        !asking_switch(x, "trust-learnt", &rows->intake.trust_learnt) ||
        !asking_switch(x, "check", &rows->intake.checking)) {
        return false;
    }
    /* When something was learnt is not for those to say who may only send. */
    return !rows->intake.trust_learnt || x->allowed != ACCESS_MAY_OWN || caller_forbidden(x);
}

/* ---- One row ---- */

/* A sentence that cites what is no UTF-8, or was cut within a character, is JSON nevertheless. */
static char *as_utf8(const char *why)
{
    char *text = strdup(why);

    if (text == NULL) response_no_memory();
    bool is_right = text_is_utf8(text, strlen(text));
    for (char *c = text; !is_right && *c != '\0'; c++) {
        if ((unsigned char)*c >= 0x80) *c = '?';
    }
    return text;
}

static void refuse(struct rows *rows, const char *why)
{
    struct rows_refusal refusal = {rows->row, NULL};

    rows->summary->refused++;
    if (!rows->details || rows->refusals.count >= REFUSALS_MAX) return;
    refusal.why = as_utf8(why);
    if (!LIST_PUSH(&rows->refusals, refusal)) response_no_memory();
}

static void note_last(struct rows *rows, const struct intake_taken *taken)
{
    struct rows_lasts *lasts = &rows->lasts;

    if (!rows->details || rows->kind->take != intake_scan || taken->verdict == WB_QUARANTINED) {
        return;
    }
    while (lasts->count <= taken->reader.n) {
        if (!LIST_PUSH(lasts, WB_NO_TIME)) response_no_memory();
    }
    if (taken->at_us > lasts->at[taken->reader.n]) lasts->at[taken->reader.n] = taken->at_us;
}

static bool take(struct rows *rows, const struct intake_row *row)
{
    struct intake_taken taken;

    wb_status status = rows->kind->take(&rows->intake, row, &taken);
    if (status == WB_EREFUSED) {
        refuse(rows, taken.why);
        return true;
    }
    rows->failed = status;
    if (status != WB_OK) return false;
    rows->ambiguous_times += taken.ambiguous_times;
    intake_count(rows->summary, taken.verdict);
    if (rows->intake.checking) return true;
    note_last(rows, &taken);
    if (rows->kind->took != NULL) rows->kind->took(rows->x, &taken);
    return true;
}

static bool may(struct rows *rows, const struct intake_row *row)
{
    return rows->kind->may(rows->x, row);
}

/* ---- All rows ---- */

static bool read_header(struct rows *rows, struct csv *csv, struct csv_column *columns)
{
    const struct csv_column *which = NULL;
    struct csv_row header;

    if (!csv_next(csv, &header) || header.fault != NULL) {
        exchange_problem(rows->x, 400, "bad-csv", "the first line names the columns");
        return false;
    }
    switch (csv_header(&header, columns, rows->kind->column_count, &which)) {
    case CSV_HEADER_OK:
        csv->expected = header.count;
        return true;
    case CSV_HEADER_MISSING:
        exchange_refuse(rows->x, 400, "bad-csv", "there is no column %s", which->name);
        return false;
    case CSV_HEADER_TWICE:
        exchange_refuse(rows->x, 400, "bad-csv", "column %s is there twice", which->name);
        return false;
    }
    return false;
}

static void set_values(struct intake_row *row, const struct csv_row *fields,
                       const struct csv_column *columns, size_t column_count)
{
    for (size_t i = 0; i < column_count; i++) {
        row->at[i] = csv_value(fields, &columns[i], &row->bytes[i]);
        if (columns[i].index < 0) row->at[i] = NULL;
    }
}

/* Call with each row that is whole; false: it ended before its time. */
static bool each(struct rows *rows, bool (*step)(struct rows *, const struct intake_row *))
{
    struct csv_column columns[INTAKE_COLUMNS_MAX];
    struct lines_text text = {rows->x->request->body, rows->x->request->body_bytes};
    struct intake_row row = {0};
    struct csv_row fields;
    struct csv csv;

    memcpy(columns, rows->kind->columns, rows->kind->column_count * sizeof columns[0]);
    if (!csv_open(&csv, lines_text_fill, &text)) response_no_memory();
    bool goes_on = read_header(rows, &csv, columns);
    for (rows->row = 1; goes_on && csv_next(&csv, &fields); rows->row++) {
        if (fields.fault == NULL) {
            set_values(&row, &fields, columns, rows->kind->column_count);
            goes_on = step(rows, &row);
        } else if (step == take) {
            refuse(rows, fields.fault);
        }
    }
    csv_done(&csv);
    return goes_on;
}

static void take_all(struct rows *rows)
{
    struct exchange *x = rows->x;
    wb_status begun = rows->intake.checking ? wb_begin(x->wb, x->now_us) : WB_OK;

    if (begun != WB_OK) {
        exchange_failed(x, begun, NULL);
        return;
    }
    if (x->allowed != ACCESS_MAY_OWN || rows->kind->may == NULL || each(rows, may)) {
        (void)each(rows, take);
    }
    if (rows->intake.checking) wb_abandon(x->wb);
}

/* ---- The answer ---- */

static void put_refusals(struct document *document, const struct rows *rows)
{
    document_array(document, "refusals");
    for (size_t i = 0; i < rows->refusals.count; i++) {
        document_row(document);
        document_number(document, "row", (int64_t)rows->refusals.at[i].row);
        document_text(document, "why", rows->refusals.at[i].why);
        document_row_end(document);
    }
    document_array_end(document);
}

static void put_lasts(struct document *document, const struct rows *rows)
{
    document_array(document, "last");
    for (size_t i = 0; i < rows->lasts.count; i++) {
        if (rows->lasts.at[i] == WB_NO_TIME) continue;
        document_row(document);
        document_id(document, "reader", wb_reader_id(rows->x->wb, (wb_reader){(uint32_t)i}));
        document_time(document, "time", rows->lasts.at[i]);
        document_row_end(document);
    }
    document_array_end(document);
}

static void answer(const struct rows *rows)
{
    struct document document;

    document_begin(&document);
    document_summary(&document, rows->summary, rows->ambiguous_times);
    if (rows->details) {
        put_refusals(&document, rows);
        put_lasts(&document, rows);
    }
    exchange_document(rows->x, 200, &document);
}

void rows_post(struct exchange *x, const struct rows_kind *kind, struct wb_summary *summary)
{
    struct rows rows = {.x = x, .kind = kind, .summary = summary};

    *summary = (struct wb_summary){0};
    rows.intake.wb = x->wb;
    rows.intake.clock = x->service->clock;
    if (open_rows(&rows)) take_all(&rows);
    if (x->status == 0 && rows.failed != WB_OK) {
        exchange_failed(x, rows.failed, NULL);
    } else if (x->status == 0) {
        answer(&rows);
    }
    for (size_t i = 0; i < rows.refusals.count; i++)
        free(rows.refusals.at[i].why);
    LIST_DONE(&rows.refusals);
    LIST_DONE(&rows.lasts);
}
