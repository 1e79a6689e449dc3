#include "tool/sheet.h"

#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/time.h"
#include "tool/remote.h"
#include "tool/say.h"
#include "tool/table.h"

#define READERS_SHOWN 5
#define CELL_TEXT_MAX 32 /* a time or a duration */

_Static_assert(CELL_TEXT_MAX >= TIME_TEXT_MAX, "a time has room in a cell");

json_t *sheet_read(struct answer *answer)
{
    json_t *document = json_loadb(answer->text, answer->bytes, JSON_REJECT_DUPLICATES, NULL);
    answer_done(answer);
    if (document == NULL) say_no_memory(); /* our own documents are well formed */
    return document;
}

bool sheet_time(const json_t *time, int64_t *us)
{
    if (!json_is_string(time)) return false;
    return time_parse(json_string_value(time), json_string_length(time), NULL, us) == TIME_OK;
}

void sheet_time_text(const struct site *site, const json_t *time, char out[32])
{
    int64_t us;

    if (sheet_time(time, &us)) {
        (void)time_local_text(us, site->clock, out);
    } else {
        (void)snprintf(out, 32, "-");
    }
}

static void cell_list(struct table *table, const json_t *list, const char *between)
{
    char text[4096] = "";
    size_t bytes = 0;
    size_t index;
    json_t *item;

    json_array_foreach(list, index, item)
    {
        int more = snprintf(text + bytes, sizeof text - bytes, "%s%s", index > 0 ? between : "",
                            json_string_value(item));
        if (more < 0 || bytes + (size_t)more >= sizeof text) break;
        bytes += (size_t)more;
    }
    table_cell(table, text);
}

static void cell_for_csv(struct table *table, const struct sheet_column *column,
                         const json_t *value)
{
    switch (column->kind) {
    case SHEET_NUMBER:
    case SHEET_SPAN:
        if (json_is_integer(value)) {
            table_number(table, json_integer_value(value));
            return;
        }
        break;
    case SHEET_LIST:
        cell_list(table, value, ";");
        return;
    case SHEET_YES:
        table_cell(table, json_is_true(value) ? "yes" : "no");
        return;
    case SHEET_TEXT:
    case SHEET_TIME:
    case SHEET_AGO:
        break;
    }
    table_cell(table, json_is_string(value) ? json_string_value(value) : "");
}

static void cell_ago(struct table *table, const json_t *value, int64_t asked_us)
{
    char text[DURATION_TEXT_MAX] = "-";
    int64_t us;

    if (sheet_time(value, &us)) {
        int64_t age_us = asked_us - us;
        (void)duration_format(age_us - age_us % TIME_SECOND_US, text);
    }
    table_cell(table, text);
}

static void cell_for_people(const struct sheet *sheet, struct table *table,
                            const struct sheet_column *column, const json_t *value)
{
    char text[CELL_TEXT_MAX];

    switch (column->kind) {
    case SHEET_TIME:
        sheet_time_text(sheet->site, value, text);
        table_cell(table, text);
        return;
    case SHEET_AGO:
        cell_ago(table, value, sheet->asked_us);
        return;
    case SHEET_SPAN:
        (void)duration_format(json_integer_value(value) * TIME_SECOND_US, text);
        table_cell(table, text);
        return;
    case SHEET_NUMBER:
        if (json_is_integer(value)) {
            table_number(table, json_integer_value(value));
            return;
        }
        break;
    case SHEET_LIST:
        cell_list(table, value, ", ");
        return;
    case SHEET_YES:
        table_cell(table, json_is_true(value) ? "yes" : "");
        return;
    case SHEET_TEXT:
        break;
    }
    table_cell(table, json_is_string(value) ? json_string_value(value) : "-");
}

static bool is_shown(const struct sheet *sheet, const struct sheet_column *column)
{
    return sheet->call->format == FORMAT_TABLE || column->kind != SHEET_AGO;
}

static void put_row(const struct sheet *sheet, struct table *table, const json_t *row)
{
    for (size_t i = 0; i < sheet->column_count; i++) {
        const struct sheet_column *column = &sheet->columns[i];
        if (!is_shown(sheet, column)) continue;
        const json_t *value = json_object_get(row, column->key);
        if (sheet->call->format == FORMAT_CSV) {
            cell_for_csv(table, column, value);
        } else {
            cell_for_people(sheet, table, column, value);
        }
    }
}

/* The table's own columns: those of the sheet that are shown. Returns how many. */
static size_t choose_columns(const struct sheet *sheet, struct table_column *out)
{
    size_t count = 0;

    for (size_t i = 0; i < sheet->column_count; i++) {
        const struct sheet_column *column = &sheet->columns[i];
        if (!is_shown(sheet, column)) continue;
        bool right =
            column->kind == SHEET_NUMBER || column->kind == SHEET_SPAN || column->kind == SHEET_AGO;
        out[count++] = (struct table_column){column->key, column->title, right};
    }
    return count;
}

int sheet_print_json(const json_t *document)
{
    if (json_dumpf(document, stdout, JSON_COMPACT) != 0) {
        return say(SAY_NO_FILE, "the answer could not be written to standard output");
    }
    (void)fputc('\n', stdout);
    return SAY_DONE;
}

int sheet_print(const struct sheet *sheet, const json_t *document, const json_t *rows)
{
    if (sheet->call->format == FORMAT_JSON) return sheet_print_json(document);

    struct table_column columns[TABLE_COLUMNS_MAX];
    struct table table;
    size_t index;
    json_t *row;

    table_init(&table, columns, choose_columns(sheet, columns));
    json_array_foreach(rows, index, row) put_row(sheet, &table, row);

    if (sheet->call->format == FORMAT_CSV) {
        table_print_csv(&table, stdout);
    } else {
        table_print(&table, stdout);
    }
    table_done(&table);
    return SAY_DONE;
}

int sheet_print_list(const struct sheet *sheet, json_t *document, const char *list,
                     const char *empty)
{
    const json_t *rows = json_object_get(document, list);
    int status = SAY_DONE;
    if (sheet->call->format == FORMAT_TABLE && json_array_size(rows) == 0) {
        (void)printf("%s\n", empty);
    } else {
        status = sheet_print(sheet, document, rows);
    }
    json_decref(document);
    return status;
}

int sheet_print_one(const struct sheet *sheet, const json_t *document)
{
    static const struct table_column pair[] = {
        {"key",   "", false},
        {"value", "", false}
    };

    if (sheet->call->format == FORMAT_JSON) return sheet_print_json(document);

    struct table_column columns[TABLE_COLUMNS_MAX];
    size_t count = choose_columns(sheet, columns);
    struct table table;

    if (sheet->call->format == FORMAT_CSV) {
        table_init(&table, columns, count);
        put_row(sheet, &table, document);
        table_print_csv(&table, stdout);
        table_done(&table);
        return SAY_DONE;
    }
    table_init(&table, pair, 2);
    for (size_t i = 0; i < sheet->column_count; i++) {
        const struct sheet_column *column = &sheet->columns[i];
        table_cell(&table, column->title);
        cell_for_people(sheet, &table, column, json_object_get(document, column->key));
    }
    table_print(&table, stdout);
    table_done(&table);
    return SAY_DONE;
}

/* Up to when all of a reader's scans are in; null when that was never declared; NULL where it is
 * not told. rows: of a server. The caller's. */
static json_t *complete_until(const struct site *site, const json_t *rows, const char *id)
{
    wb_reader reader;
    struct wb_reader_row row;
    char text[TIME_TEXT_MAX];
    size_t index;
    json_t *other;

    json_array_foreach(rows, index, other)
    {
        const char *other_id = json_string_value(json_object_get(other, "id"));
        if (other_id == NULL || strcmp(other_id, id) != 0) continue;
        return json_incref(json_object_get(other, "complete_until"));
    }
    if (site->remote != NULL || wb_reader_find(site->wb, id, strlen(id), &reader) != WB_OK ||
        wb_reader_row(site->wb, reader, &row) != WB_OK) {
        return NULL;
    }
    if (row.complete_us == WB_NO_TIME) return json_null();
    (void)time_format(row.complete_us, text);
    return json_string(text);
}

/* One reader and up to when all of its scans are in. */
static void print_reader(const struct site *site, const json_t *rows, const char *id)
{
    json_t *until = complete_until(site, rows, id);
    char text[CELL_TEXT_MAX];

    (void)printf("reader %s", id);
    if (json_is_string(until)) {
        sheet_time_text(site, until, text);
        (void)printf(" (complete up to %s)", text);
    } else if (until != NULL) {
        (void)printf(" (never declared complete)");
    }
    json_decref(until);
}

int sheet_print_could_change(const struct site *site, const json_t *readers)
{
    size_t count = json_array_size(readers);
    json_t *list = NULL;

    if (count == 0) return SAY_DONE;
    if (site->remote != NULL) {
        struct address address;
        address_begin(&address, "/v1/readers");
        int status = remote_get(site->remote, &address, &list);
        if (status != SAY_DONE) return status;
    }
    (void)fputs("could still change: ", stdout);
    for (size_t i = 0; i < count && i < READERS_SHOWN; i++) {
        if (i > 0) (void)fputs(", ", stdout);
        print_reader(site, json_object_get(list, "readers"),
                     json_string_value(json_array_get(readers, i)));
    }
    if (count > READERS_SHOWN) (void)printf(" and %zu more", count - READERS_SHOWN);
    (void)fputc('\n', stdout);
    json_decref(list);
    return SAY_DONE;
}
