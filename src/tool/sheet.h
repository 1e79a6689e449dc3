/* sheet: a JSON document printed as it is, as CSV, or as a table for people.
 *
 * The columns say which members of the rows are shown and how. JSON and CSV have times in
 * UTC; tables have them by the site's clock. */
#ifndef TOOL_SHEET_H
#define TOOL_SHEET_H

#include <jansson.h>

#include "answer/answer.h"
#include "tool/command.h"
#include "tool/site.h"

enum sheet_kind {
    SHEET_TEXT, /* a text or null */
    SHEET_NUMBER,
    SHEET_TIME,
    SHEET_SPAN, /* seconds; a duration in tables */
    SHEET_LIST, /* an array of texts; ';' between them in CSV */
    SHEET_YES,  /* true or false; yes or nothing in tables */
    SHEET_AGO,  /* a time as its age when the answer was asked; in tables only */
};

struct sheet_column {
    const char *key;   /* member of the row, head of the CSV column */
    const char *title; /* head of the table's column */
    enum sheet_kind kind;
};

struct sheet {
    const struct call *call;
    const struct site *site;
    const struct sheet_column *columns;
    size_t column_count;
    int64_t asked_us; /* ages count up to here */
};

/* A document's text, read for printing; the text is freed. The caller owns it (json_decref). */
json_t *sheet_read(struct answer *answer);

/* Print the document as the call wants: JSON whole, CSV and tables by the rows. The rows
 * belong to the document. Returns SAY_DONE. */
int sheet_print(const struct sheet *sheet, const json_t *document, const json_t *rows);

/* The same for the rows of a list that is named; of an empty one, a table is the sentence. Ends
 * the document. */
int sheet_print_list(const struct sheet *sheet, json_t *document, const char *list,
                     const char *empty);

/* The same for an object that is one row: a table has a line for each member. */
int sheet_print_one(const struct sheet *sheet, const json_t *document);

/* Print a document as one line of JSON. */
int sheet_print_json(const json_t *document);

/* Print the text of a moment by the site's clock, or what stands for none. */
void sheet_time_text(const struct site *site, const json_t *time, char out[32]);

/* The moment of a text; false for null, *us is untouched then. */
bool sheet_time(const json_t *time, int64_t *us);

/* Say which readers could still change the answer, where there are any. For tables. Returns an
 * exit status. */
int sheet_print_could_change(const struct site *site, const json_t *readers);

#endif
