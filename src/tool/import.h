/* import: rows of files become facts, in batches.
 *
 * What the three imports share: reading csv or ndjson, refusing bad rows one by one, turns,
 * --strict, the progress bar and the summary. Each kind brings its columns and what a row
 * means. */
#ifndef TOOL_IMPORT_H
#define TOOL_IMPORT_H

#include "codec/csv.h"
#include "tool/command.h"
#include "tool/progress.h"
#include "tool/site.h"

#define IMPORT_COLUMNS_MAX 5

/* A row: the values of the kind's columns, in their order. */
struct import_row {
    const char *at[IMPORT_COLUMNS_MAX]; /* not NUL-terminated; "" where there is no value */
    size_t bytes[IMPORT_COLUMNS_MAX];
    uint64_t line;
    const struct csv_row *all; /* every field of the row; NULL in ndjson */
};

struct import;

struct import_kind {
    const char *what; /* "scans" */
    const struct csv_column *columns;
    size_t column_count;
    bool takes_ndjson;
    bool takes_learnt; /* the last column is `learnt` and wants --trust-learnt */

    /* Take a row: wb_... calls in the open turn, then import_took; or import_refuse. In the
     * first pass of --strict (import->checking) the turn is dropped afterwards.
     * Returns an exit status; what is not SAY_DONE ends the import. */
    int (*take)(struct import *import, const struct import_row *row);
};

struct import {
    const struct call *call;
    const struct site *site;
    const struct import_kind *kind;
    void *own; /* of the kind */
    struct csv_column columns[IMPORT_COLUMNS_MAX];
    struct csv_row header; /* of the file that is read; fields borrowed from header_text */
    char *header_text;
    const char *file;
    struct wb_summary summary;
    uint64_t ambiguous_times;
    uint64_t file_rows, file_refused;
    uint64_t refused_shown;
    uint64_t bytes_before, bytes_total; /* of the files; total 0: not known */
    uint64_t batch, in_turn;
    bool turn_open, checking, strict;
    struct progress progress;
};

/* Run the whole import of the call's files and print the summary. finish: after the last
 * file and before the summary, NULL for nothing. Returns the exit status. */
int import_run(const struct call *call, const struct import_kind *kind, void *own,
               int (*finish)(struct import *import));

/* Have a turn open; begins one where there is none. */
int import_turn(struct import *import);

/* Commit the open turn; nothing to do without one. */
int import_commit(struct import *import);

/* Count a row as taken; commits when the batch is full. */
int import_took(struct import *import, wb_verdict verdict);

/* Refuse a row: its place and the reason on standard error, the first few; all are counted. */
__attribute__((format(printf, 3, 4))) int import_refuse(struct import *import,
                                                        const struct import_row *row,
                                                        const char *format, ...);

/* Read a time value of a row; an empty one leaves *us alone. Returns false when the row was
 * refused for it. Changes of clocks are counted in *ambiguous. */
bool import_time(struct import *import, const struct import_row *row, size_t column, int64_t *us,
                 uint64_t *ambiguous);

#endif
