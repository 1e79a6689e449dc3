#include "tool/import.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer/answer.h"
#include "base/time.h"
#include "codec/ndjson.h"
#include "tool/post.h"
#include "tool/sheet.h"
#include "tool/source.h"

#define REFUSED_SHOWN  20
#define BATCH_ROWS     10000
#define BATCH_ROWS_MAX 1000000
#define PROGRESS_EVERY 4096 /* rows; reading the clock costs more than a row */
#define VALUE_SHOWN    60   /* bytes of a value in a sentence */

/* ---- Rows ---- */

void import_say_refused(struct import *import, uint64_t line, const char *why)
{
    import->file_refused++;
    if (!import->checking) import->summary.refused++;
    if (++import->refused_shown > REFUSED_SHOWN) return;
    progress_end(&import->progress);
    say_note("%s:%" PRIu64 ": %s", import->file, line, why);
}

void import_count_refused(struct import *import, uint64_t count)
{
    import->file_refused += count;
    import->refused_shown += count;
    if (!import->checking) import->summary.refused += count;
}

int import_refuse(struct import *import, const struct import_row *row, const char *format, ...)
{
    char reason[INTAKE_WHY_BYTES];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    if (import->turn_open && import->post != NULL) {
        post_refused(import->post, row->line, reason);
    } else {
        import_say_refused(import, row->line, reason);
    }
    return SAY_DONE;
}

/* How many bad rows were not shown; they may stand between what is said later. */
static void tell_hidden(struct import *import)
{
    progress_end(&import->progress);
    if (import->refused_shown <= REFUSED_SHOWN) return;
    uint64_t hidden = import->refused_shown - REFUSED_SHOWN;
    say_note("and %" PRIu64 " more bad %s", hidden, hidden == 1 ? "row" : "rows");
    import->refused_shown = REFUSED_SHOWN;
}

/* Have a turn open; begins one where there is none. */
static int open_turn(struct import *import)
{
    if (import->turn_open) return SAY_DONE;

    import->in_turn = 0;
    wb_status status = WB_OK;
    if (import->post == NULL) status = wb_begin(import->site->wb, site_now_us());
    if (status != WB_OK) return site_failed(import->site, status);
    import->turn_open = true;
    return SAY_DONE;
}

int import_commit(struct import *import)
{
    if (!import->turn_open) return SAY_DONE;

    import->turn_open = false;
    if (import->post != NULL) return post_send(import->post, import);
    wb_status status = wb_turn(import->site->wb, NULL);
    return status == WB_OK ? SAY_DONE : site_failed(import->site, status);
}

static int take_into_file(struct import *import, const struct import_row *row,
                          const struct intake_row *values)
{
    const struct import_kind *kind = import->kind;
    struct intake_taken taken;

    wb_status status = kind->intake(&import->intake, values, &taken);
    if (status == WB_EFULL && !import->checking) {
        int committed = import_commit(import);
        if (committed == SAY_DONE) committed = open_turn(import);
        if (committed != SAY_DONE) return committed;
        status = kind->intake(&import->intake, values, &taken);
    }
    if (status == WB_EREFUSED) return import_refuse(import, row, "%s", taken.why);
    if (status != WB_OK) return site_failed(import->site, status);
    if (import->checking) return SAY_DONE;

    import->ambiguous_times += taken.ambiguous_times;
    intake_count(&import->summary, taken.verdict);
    if (kind->took != NULL && taken.verdict != WB_QUARANTINED) {
        kind->took(import, wb_reader_id(import->site->wb, taken.reader), taken.at_us);
    }
    return ++import->in_turn < import->batch ? SAY_DONE : import_commit(import);
}

int import_values(struct import *import, const struct import_row *row,
                  const struct intake_row *values)
{
    int status = open_turn(import);
    if (status != SAY_DONE) return status;
    if (import->post == NULL) return take_into_file(import, row, values);

    post_row(import->post, row->line, values);
    return post_is_full(import->post, import) ? import_commit(import) : SAY_DONE;
}

static int take_row(struct import *import, const struct import_row *row, const char *fault,
                    const struct source *source)
{
    import->file_rows++;
    if (import->file_rows % PROGRESS_EVERY == 0) {
        progress_draw(&import->progress, import->checking ? "checking" : "importing",
                      import->bytes_before + source->taken, import->bytes_total, import->file_rows);
    }
    if (fault != NULL) return import_refuse(import, row, "%s", fault);
    if (import->kind->prepare != NULL) return import->kind->prepare(import, row);

    struct intake_row values = {0};
    memcpy(values.at, row->at, sizeof values.at);
    memcpy(values.bytes, row->bytes, sizeof values.bytes);
    return import_values(import, row, &values);
}

/* ---- CSV ---- */

/* The names of a header in one text: a, b, c. */
static void names_of(const struct csv_row *header, char *out, size_t out_bytes)
{
    size_t bytes = 0;

    out[0] = '\0';
    for (size_t i = 0; i < header->count; i++) {
        int more = snprintf(out + bytes, out_bytes - bytes, "%s%.*s", i > 0 ? ", " : "",
                            (int)(header->bytes[i] < VALUE_SHOWN ? header->bytes[i] : VALUE_SHOWN),
                            header->field[i]);
        if (more < 0 || bytes + (size_t)more >= out_bytes) return;
        bytes += (size_t)more;
    }
}

static int bad_header(const struct import *import, const struct csv_row *header,
                      enum csv_header_result result, const struct csv_column *column)
{
    const char *name = column->file_name != NULL ? column->file_name : column->name;
    int name_bytes =
        column->file_name != NULL ? (int)column->file_name_bytes : (int)strlen(column->name);
    char names[600];

    names_of(header, names, sizeof names);
    if (result == CSV_HEADER_TWICE) {
        return say(SAY_NO,
                   "%s:%" PRIu64 ": column %.*s is there twice; name the one that is meant "
                   "with --columns %s=NAME",
                   import->file, header->line, name_bytes, name, column->name);
    }
    return say(SAY_NO,
               "%s:%" PRIu64 ": there is no column %.*s; the file has: %s; say which it is "
               "with --columns %s=NAME",
               import->file, header->line, name_bytes, name, names, column->name);
}

/* Keep the header's names: they are borrowed from the reader until its next row. */
static void keep_header(struct import *import, const struct csv_row *header)
{
    size_t bytes = 0;
    for (size_t i = 0; i < header->count; i++)
        bytes += header->bytes[i];

    free(import->header_text);
    import->header_text = malloc(bytes + 1);
    if (import->header_text == NULL) say_no_memory();
    import->header = *header;
    char *at = import->header_text;
    for (size_t i = 0; i < header->count; i++) {
        memcpy(at, header->field[i], header->bytes[i]);
        import->header.field[i] = at;
        at += header->bytes[i];
    }
}

static int read_header(struct import *import, struct csv *csv, const struct source *source)
{
    const struct csv_column *column = NULL;
    struct csv_row header;

    if (!csv_next(csv, &header)) {
        if (csv_failed(csv)) {
            return say(SAY_NO, "%s cannot be read: %s", import->file,
                       strerrordesc_np(source->error));
        }
        return say(SAY_NO, "%s is empty; its first line names the columns", import->file);
    }
    if (header.fault != NULL) {
        return say(SAY_NO, "%s:%" PRIu64 ": the line that names the columns is bad: %s",
                   import->file, header.line, header.fault);
    }
    enum csv_header_result result =
        csv_header(&header, import->columns, import->kind->column_count, &column);
    if (result != CSV_HEADER_OK) return bad_header(import, &header, result, column);
    csv->expected = header.count;
    keep_header(import, &header);
    return SAY_DONE;
}

static int read_csv_rows(struct import *import, struct csv *csv, const struct source *source)
{
    struct import_row row = {0};
    struct csv_row fields;
    int status = SAY_DONE;

    while (status == SAY_DONE && csv_next(csv, &fields)) {
        row.line = fields.line;
        row.all = &fields;
        for (size_t i = 0; fields.fault == NULL && i < import->kind->column_count; i++)
            row.at[i] = csv_value(&fields, &import->columns[i], &row.bytes[i]);
        status = take_row(import, &row, fields.fault, source);
    }
    if (status == SAY_DONE && csv_failed(csv)) {
        return say(SAY_NO, "%s cannot be read to its end: %s", import->file,
                   strerrordesc_np(source->error));
    }
    return status;
}

static int read_csv(struct import *import, struct source *source, bool only_header)
{
    struct csv csv;

    if (!csv_open(&csv, source_fill, source)) say_no_memory();
    int status = read_header(import, &csv, source);
    if (status == SAY_DONE && !only_header) status = read_csv_rows(import, &csv, source);
    csv_done(&csv);
    return status;
}

/* ---- ndjson ---- */

static void set_value(struct import_row *row, size_t column, const struct pull_string *text)
{
    row->at[column] = text->at != NULL ? text->at : "";
    row->bytes[column] = text->at != NULL ? text->bytes : 0;
}

/* The columns of scans stand in this order; import_scans.c holds the same. */
static void set_values(struct import_row *row, const struct ndjson_scan *scan)
{
    set_value(row, 0, &scan->time);
    set_value(row, 1, &scan->band);
    set_value(row, 2, &scan->reader);
    set_value(row, 3, &scan->direction);
    set_value(row, 4, &scan->learnt);
}

static int read_ndjson(struct import *import, struct source *source)
{
    struct import_row row = {0};
    struct ndjson ndjson;
    struct ndjson_scan scan;
    int status = SAY_DONE;

    if (!ndjson_open(&ndjson, source_fill, source)) say_no_memory();
    while (status == SAY_DONE && ndjson_next(&ndjson, &scan)) {
        row.line = scan.line;
        if (scan.fault == NULL) set_values(&row, &scan);
        status = take_row(import, &row, scan.fault, source);
    }
    if (status == SAY_DONE && ndjson_failed(&ndjson)) {
        status = say(SAY_NO, "%s cannot be read to its end: %s", import->file,
                     strerrordesc_np(source->error));
    }
    ndjson_done(&ndjson);
    return status;
}

/* ---- Files ---- */

/* Which names the file has for the columns; anew for each file. */
static int take_columns(struct import *import)
{
    const char *map = call_value(import->call, "columns");
    const char *bad = NULL;
    size_t bad_bytes = 0;

    memcpy(import->columns, import->kind->columns,
           import->kind->column_count * sizeof import->columns[0]);
    if (map == NULL ||
        csv_rename(map, import->columns, import->kind->column_count, &bad, &bad_bytes)) {
        return SAY_DONE;
    }
    char names[200] = "";
    size_t bytes = 0;
    for (size_t i = 0; i < import->kind->column_count; i++) {
        int more = snprintf(names + bytes, sizeof names - bytes, "%s%s", i > 0 ? ", " : "",
                            import->columns[i].name);
        if (more > 0) bytes += (size_t)more;
    }
    return say(SAY_WRONG_USE,
               "--columns: '%.*s' does not fit; write column=name,column=name with the columns %s",
               (int)bad_bytes, bad, names);
}

static int read_rows(struct import *import, struct source *source)
{
    import->file_rows = import->file_refused = 0;

    if (!import->kind->takes_ndjson || !source_is_ndjson(source)) {
        int status = read_csv(import, source, false);
        if (status != SAY_DONE || !import->kind->takes_learnt) return status;
        size_t last = import->kind->column_count - 1;
        if (!import->checking && import->columns[last].index < 0 &&
            call_has(import->call, "trust-learnt")) {
            say_note("note: %s has no column learnt; its rows are learnt now", import->file);
        }
        return status;
    }
    if (call_has(import->call, "columns")) {
        return say(SAY_WRONG_USE,
                   "--columns is for csv; %s is ndjson, whose objects name time, band and reader",
                   import->file);
    }
    return read_ndjson(import, source);
}

static void abandon(struct import *import)
{
    if (import->turn_open && import->post == NULL) wb_abandon(import->site->wb);
    import->turn_open = false;
}

/* The first pass of --strict: take every row and drop it all. */
static int check_rows(struct import *import, struct source *source)
{
    int status = source_make_rewindable(source);
    if (status == SAY_DONE) status = source_rewind(source);
    if (status != SAY_DONE) return status;

    import->checking = import->intake.checking = true;
    status = read_rows(import, source);
    if (status == SAY_DONE && import->post != NULL) status = import_commit(import);
    import->checking = import->intake.checking = false;
    abandon(import);
    if (status != SAY_DONE || import->file_refused == 0) return status;

    tell_hidden(import);
    say_note("%s is refused whole: %" PRIu64 " of its %" PRIu64 " rows %s bad", import->file,
             import->file_refused, import->file_rows, import->file_refused == 1 ? "is" : "are");
    import->summary.refused += import->file_rows;
    return SAY_DONE;
}

static int import_file(struct import *import, const char *name)
{
    struct source source;

    int status = source_open(&source, name);
    if (status != SAY_DONE) return status;
    import->file = source.name;
    status = take_columns(import);
    if (status == SAY_DONE && import->strict) status = check_rows(import, &source);
    if (status == SAY_DONE && import->strict && import->file_refused == 0) {
        status = source_rewind(&source);
    }
    if (status == SAY_DONE && (!import->strict || import->file_refused == 0)) {
        status = read_rows(import, &source);
        /* What is refused is told by the name of its file. */
        if (status == SAY_DONE && import->post != NULL) status = import_commit(import);
    }
    import->bytes_before += source.taken;
    source_close(&source);
    return status;
}

/* Look at every file before the first fact is taken: a name that is wrong, or a file without
 * its columns, must not leave half of the files imported. */
static int look_at_file(struct import *import, const char *name)
{
    struct source source;

    int status = source_open(&source, name);
    if (status != SAY_DONE) return status;
    import->file = source.name;
    bool ndjson = import->kind->takes_ndjson && source_is_ndjson(&source);
    status = take_columns(import);
    if (status == SAY_DONE && !ndjson && source_size(name) > 0) {
        status = read_csv(import, &source, true);
    }
    source_close(&source);
    return status;
}

static int look_at_files(struct import *import)
{
    bool sizes_known = true;
    int standard = 0;

    for (int i = 0; i < import->call->argument_count; i++) {
        const char *name = import->call->arguments[i];
        uint64_t bytes = source_size(name);
        import->bytes_total += bytes;
        if (bytes == 0) sizes_known = false;
        if (strcmp(name, "-") == 0) {
            if (++standard > 1) return say(SAY_WRONG_USE, "- is given twice; it can be read once");
            continue;
        }
        int status = look_at_file(import, name);
        if (status != SAY_DONE) return status;
    }
    if (!sizes_known) import->bytes_total = 0;
    return SAY_DONE;
}

/* ---- The whole ---- */

static int take_batch(const struct call *call, const struct import_kind *kind, uint64_t *batch)
{
    *batch = BATCH_ROWS;
    const char *text = kind->takes_ndjson ? call_value(call, "batch") : NULL;
    if (text == NULL) return SAY_DONE;

    char *end;
    *batch = strtoull(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && *batch > 0 &&
        *batch <= BATCH_ROWS_MAX) {
        return SAY_DONE;
    }
    return say(SAY_WRONG_USE, "--batch '%s' is not a number from 1 to %d", text, BATCH_ROWS_MAX);
}

static const struct sheet_column summary_columns[] = {
    {"accepted",        "accepted",        SHEET_NUMBER},
    {"duplicates",      "duplicates",      SHEET_NUMBER},
    {"held",            "held",            SHEET_NUMBER},
    {"quarantined",     "quarantined",     SHEET_NUMBER},
    {"refused",         "refused",         SHEET_NUMBER},
    {"ambiguous_times", "ambiguous times", SHEET_NUMBER},
};

static int print_summary(const struct import *import)
{
    struct sheet sheet = {import->call, import->site, summary_columns,
                          sizeof summary_columns / sizeof summary_columns[0], 0};
    struct answer answered;

    if (answer_summary(&import->summary, import->ambiguous_times, &answered) != WB_OK) {
        say_no_memory();
    }
    json_t *document = sheet_read(&answered);
    int status = sheet_print_one(&sheet, document);
    json_decref(document);
    return status;
}

/* A failure in the middle: what was committed stays, and the same import again is harmless. */
static void say_broken_off(const struct import *import)
{
    const struct wb_summary *summary = &import->summary;
    uint64_t taken = summary->accepted + summary->duplicates + summary->held + summary->quarantined;

    if (taken == 0) return;
    say_note("the import was broken off after %" PRIu64 " %s; what is in stays in, and the same "
             "import again does no harm",
             taken, taken == 1 ? "row" : "rows");
}

static int import_files(struct import *import, int (*finish)(struct import *import))
{
    int status = look_at_files(import);

    for (int i = 0; status == SAY_DONE && i < import->call->argument_count; i++)
        status = import_file(import, import->call->arguments[i]);
    if (status == SAY_DONE) status = import_commit(import);
    if (status == SAY_DONE && finish != NULL) status = finish(import);
    tell_hidden(import);
    abandon(import);
    if (status != SAY_DONE) {
        say_broken_off(import);
        return status;
    }
    status = print_summary(import);
    return status == SAY_DONE && import->summary.refused > 0 ? SAY_NO : status;
}

static void begin_intake(struct import *import)
{
    import->intake = (struct intake){.wb = import->site->wb,
                                     .clock = import->site->clock,
                                     .trust_learnt = import->kind->takes_learnt &&
                                                     call_has(import->call, "trust-learnt")};
    if (import->site->remote != NULL) {
        import->post = post_new(import->site->remote, import->kind, import->intake.trust_learnt);
    } else {
        import->intake.readers = intake_readers_new();
        if (import->intake.readers == NULL) say_no_memory();
    }
}

int import_run(const struct call *call, const struct import_kind *kind, void *own,
               int (*finish)(struct import *import))
{
    struct import import = {
        .call = call, .kind = kind, .own = own, .strict = call_has(call, "strict")};
    struct site site;

    int status = take_batch(call, kind, &import.batch);
    if (status == SAY_DONE) status = take_columns(&import);
    if (status != SAY_DONE) return status;

    status = site_open(&site, call, WB_WRITE);
    import.site = &site;
    if (status == SAY_DONE) begin_intake(&import);
    progress_begin(&import.progress, "rows");
    if (status == SAY_DONE) status = import_files(&import, finish);
    free(import.header_text);
    intake_readers_free(import.intake.readers);
    post_free(import.post);
    return site_close(&site, status);
}
