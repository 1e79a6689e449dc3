/* csv: rows of comma-separated values (RFC 4180), streaming and in bounded memory.
 *
 *   struct csv csv;
 *   if (!csv_open(&csv, fill, context)) ... no memory
 *   while (csv_next(&csv, &row)) {
 *       if (row.fault != NULL) ... refused: row.line, row.fault
 *       else ... row.field[i], row.bytes[i]
 *   }
 *   if (csv_failed(&csv)) ... the fill function failed
 *   csv_done(&csv);
 *
 * Lines end with LF or CRLF; the last may lack it; empty lines are passed over; a byte order
 * mark at the start is skipped. What breaks the rules is one bad row with a fault, and reading
 * goes on with the line after the one where that row began, so that one stray quote costs one
 * line and not the file. */
#ifndef CODEC_CSV_H
#define CODEC_CSV_H

#include "codec/lines.h"

#define CSV_FIELDS_MAX 64

struct csv_row {
    const char *field[CSV_FIELDS_MAX]; /* [count], without quotes; not NUL-terminated */
    size_t bytes[CSV_FIELDS_MAX];
    size_t count;
    uint64_t line;     /* where the row begins, from 1 */
    const char *fault; /* NULL, or why the row is bad (static); count is 0 then */
};

struct csv {
    struct lines lines;
    size_t expected; /* rows of another number of values are refused, whole; 0: any will do */
};

/* false: no memory. csv_done is welcome then too. */
bool csv_open(struct csv *csv, lines_fill fill, void *context);
void csv_done(struct csv *csv);

/* Take the next row, good or bad. Its fields are borrowed until the next call.
 * false: the end, or csv_failed.
 * cost: one pass over the bytes, no allocation */
bool csv_next(struct csv *csv, struct csv_row *row);

/* Whether reading ended because the fill function failed. */
bool csv_failed(const struct csv *csv);

/* A column that is wanted. */
struct csv_column {
    const char *name;      /* the contract's word for it */
    const char *file_name; /* [file_name_bytes], the file's word; NULL: the same as name */
    size_t file_name_bytes;
    int index; /* out: where it stands; -1: the file has none */
    bool required;
};

enum csv_header_result {
    CSV_HEADER_OK = 0,
    CSV_HEADER_MISSING = 1, /* a required or renamed column is not there */
    CSV_HEADER_TWICE = 2,   /* a wanted column is there more than once */
};

/* Find the wanted columns in the header row. Blanks around a name in the file do not count.
 * which: the column at fault; untouched when all is well. */
enum csv_header_result csv_header(const struct csv_row *header, struct csv_column *columns,
                                  size_t count, const struct csv_column **which);

/* Take renames, "time=starttime,band=bikeid", into columns[count]. Borrows the text.
 * false: not of that form, a name that is not wanted, or one twice; bad, bad_bytes are the part
 * of the text that is wrong. */
bool csv_rename(const char *text, struct csv_column *columns, size_t count, const char **bad,
                size_t *bad_bytes);

/* The value of a column in a row; "" where the file has no such column or the row is short. */
const char *csv_value(const struct csv_row *row, const struct csv_column *column, size_t *bytes);

#endif
