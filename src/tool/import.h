/* import: rows of files become facts, in batches.
 *
 * What the three imports share: reading csv or ndjson, refusing bad rows one by one, turns,
 * --strict, the progress bar and the summary. Each kind brings its columns and what a row
 * means. */
#ifndef TOOL_IMPORT_H
#define TOOL_IMPORT_H

#include "codec/csv.h"
#include "intake/intake.h"
#include "tool/command.h"
#include "tool/progress.h"
#include "tool/site.h"

#define IMPORT_COLUMNS_MAX INTAKE_COLUMNS_MAX

/* A row: the values of the kind's columns, in their order. */
struct import_row {
    const char *at[IMPORT_COLUMNS_MAX]; /* not NUL-terminated; "" where there is no value */
    size_t bytes[IMPORT_COLUMNS_MAX];
    uint64_t line;
    const struct csv_row *all; /* every field of the row; NULL in ndjson */
};

struct import;
struct post; /* tool/post.h */

struct import_kind {
    const char *what; /* "scans" */
    const char *path; /* of the server, where rows of this kind are posted */
    const struct csv_column *columns;
    size_t column_count;
    bool takes_ndjson;
    bool together;     /* rows are held against each other */
    bool takes_learnt; /* the last column is `learnt` and wants --trust-learnt */

    /* What a row means: into the open turn of a file. */
    wb_status (*intake)(const struct intake *intake, const struct intake_row *row,
                        struct intake_taken *taken);

    /* Look at a row and hand its values to import_values; or import_refuse. NULL: they are handed
     * over as they are. Returns an exit status; what is not SAY_DONE ends the import. */
    int (*prepare)(struct import *import, const struct import_row *row);

    /* A scan was taken that is not quarantined: of a reader, by name, at a time. NULL: no matter */
    void (*took)(struct import *import, const char *reader, int64_t at_us);
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
    bool turn_open, checking, strict; /* turn_open: with a server, rows wait to be sent */
    struct intake intake;
    struct post *post; /* to a server; NULL: into a file */
    struct progress progress;
};

/* Run the whole import of the call's files and print the summary. finish: after the last
 * file and before the summary, NULL for nothing. Returns the exit status. */
int import_run(const struct call *call, const struct import_kind *kind, void *own,
               int (*finish)(struct import *import));

/* Commit the open turn, or send what waits; nothing to do without one. */
int import_commit(struct import *import);

/* Take a row into the open turn, or let it wait to be sent. */
int import_values(struct import *import, const struct import_row *row,
                  const struct intake_row *values);

/* Refuse a row: its place and the reason on standard error, the first few; all are counted. */
__attribute__((format(printf, 3, 4))) int import_refuse(struct import *import,
                                                        const struct import_row *row,
                                                        const char *format, ...);

/* ---- for tool/post.c ---- */

/* Say why a line was refused, after what was said of the lines before it. */
void import_say_refused(struct import *import, uint64_t line, const char *why);

/* Count rows that were refused without a word. */
void import_count_refused(struct import *import, uint64_t count);

#endif
