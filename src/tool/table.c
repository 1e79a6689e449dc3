#include "tool/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tool/say.h"
#include "tool/screen.h"

void table_init(struct table *table, const struct table_column *columns, size_t column_count)
{
    assert(column_count > 0 && column_count <= TABLE_COLUMNS_MAX);
    *table = (struct table){.columns = columns, .column_count = column_count};
    for (size_t i = 0; i < column_count; i++)
        table->width[i] = screen_width(columns[i].title);
}

static void make_room(struct table *table, size_t more)
{
    size_t wanted = table->capacity > 0 ? table->capacity : 4096;
    while (wanted - table->bytes < more)
        wanted *= 2;
    if (wanted == table->capacity) return;

    char *text = realloc(table->text, wanted);
    if (text == NULL) say_no_memory();
    table->text = text;
    table->capacity = wanted;
}

void table_cell(struct table *table, const char *text)
{
    size_t bytes = strlen(text) + 1;
    make_room(table, bytes);
    memcpy(table->text + table->bytes, text, bytes);
    table->bytes += bytes;

    size_t column = table->cell_count % table->column_count;
    size_t width = screen_width(text);
    if (width > table->width[column]) table->width[column] = width;
    table->cell_count++;
}

void table_number(struct table *table, long long number)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%lld", number);
    table_cell(table, text);
}

/* Spaces that are due are held back until something follows, so that no line ends in them. */
static void print_spaces(size_t *due, FILE *stream)
{
    for (; *due > 0; --*due)
        (void)fputc(' ', stream);
}

static void print_cell(const struct table *table, size_t column, const char *text, size_t *due,
                       FILE *stream)
{
    size_t fill = table->width[column] - screen_width(text);
    bool right = table->columns[column].right;

    if (right) *due += fill;
    if (text[0] != '\0') print_spaces(due, stream);
    screen_print(text, stream);
    if (!right) *due += fill;
    *due += 2;
    if (column + 1 == table->column_count) {
        (void)fputc('\n', stream);
        *due = 0;
    }
}

void table_print(const struct table *table, FILE *stream)
{
    assert(table->cell_count % table->column_count == 0);
    if (table->cell_count == 0) return;

    /* A list of names and values has no titles. */
    size_t due = 0;
    bool titled = table->columns[0].title[0] != '\0';
    for (size_t column = 0; titled && column < table->column_count; column++)
        print_cell(table, column, table->columns[column].title, &due, stream);

    const char *text = table->text;
    for (size_t i = 0; i < table->cell_count; i++) {
        print_cell(table, i % table->column_count, text, &due, stream);
        text += strlen(text) + 1;
    }
}

/* RFC 4180: quotes only where they are needed, doubled inside. */
static void print_csv_cell(const char *text, FILE *stream)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        (void)fputs(text, stream);
        return;
    }
    (void)fputc('"', stream);
    for (; *text != '\0'; text++) {
        if (*text == '"') (void)fputc('"', stream);
        (void)fputc(*text, stream);
    }
    (void)fputc('"', stream);
}

void table_print_csv(const struct table *table, FILE *stream)
{
    assert(table->cell_count % table->column_count == 0);

    for (size_t column = 0; column < table->column_count; column++) {
        print_csv_cell(table->columns[column].key, stream);
        (void)fputc(column + 1 < table->column_count ? ',' : '\n', stream);
    }
    const char *text = table->text;
    for (size_t i = 0; i < table->cell_count; i++) {
        bool last = (i + 1) % table->column_count == 0;
        print_csv_cell(text, stream);
        (void)fputc(last ? '\n' : ',', stream);
        text += strlen(text) + 1;
    }
}

void table_done(struct table *table)
{
    free(table->text);
    *table = (struct table){0};
}
