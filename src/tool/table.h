/* table: rows of cells, printed aligned for people or as CSV for programs.
 *
 * The same cells go to both; only the head differs: people read titles, programs keys. */
#ifndef TOOL_TABLE_H
#define TOOL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX 12

struct table_column {
    const char *key;   /* head of the CSV column, as in the JSON document */
    const char *title; /* head of the column for people */
    bool right;        /* numbers stand at the right */
};

struct table {
    const struct table_column *columns;
    size_t column_count;
    char *text; /* [bytes] all cells one after the other, each ends with NUL */
    size_t bytes, capacity;
    size_t cell_count;
    size_t width[TABLE_COLUMNS_MAX]; /* widest cell of the column, in terminal columns */
};

/* A table without rows. keeps columns (static). */
void table_init(struct table *table, const struct table_column *columns, size_t column_count);

/* Put a text into the next cell, from left to right, then the next row. Copies it. */
void table_cell(struct table *table, const char *text);
void table_number(struct table *table, long long number);

/* Print what is there. A table without rows prints its head only in CSV. */
void table_print(const struct table *table, FILE *stream);
void table_print_csv(const struct table *table, FILE *stream);

void table_done(struct table *table);

#endif
