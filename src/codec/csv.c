#include "codec/csv.h"

#include <assert.h>
#include <string.h>

_Static_assert(CSV_FIELDS_MAX == 64 && LINES_BYTES_MAX == 1u << 20, "the faults say so");

#define FAULT_FIELDS    "the row has more than 64 columns"
#define FAULT_NUL       "the row has a NUL byte"
#define FAULT_STRAY     "a quote stands inside a value that does not begin with a quote"
#define FAULT_AFTER     "text follows a closing quote: a quote inside a value is written twice"
#define FAULT_OPEN      "a quote is opened and never closed"
#define FAULT_OPEN_LONG "a quote is opened and not closed within 1 MiB"
#define FAULT_LONG      "the row is longer than 1 MiB"
#define FAULT_COUNT     "the row has another number of columns than the header"

/* What may follow a byte that the scan stops at. */
enum step {
    STEP_ON = 0,    /* the row goes on */
    STEP_ROW = 1,   /* the row is whole */
    STEP_MORE = 2,  /* the bytes at hand do not tell */
    STEP_FAULT = 3, /* row->fault says why */
};

/* A row on its way. Nothing in the buffer is changed before the row is whole, so that it can be
 * begun anew with more bytes, or be given up and its later lines read by themselves. */
struct scan {
    char *at, *end;
    bool last;        /* nothing comes after end */
    uint64_t feeds;   /* line feeds passed */
    uint64_t doubled; /* bit i: field i has doubled quotes */
    struct csv_row *row;
};

static bool stops(unsigned char c)
{
    static const bool stop[256] = {[','] = true, ['\n'] = true, ['"'] = true, ['\0'] = true};
    return stop[c];
}

static enum step fault(struct scan *scan, const char *why)
{
    scan->row->fault = why;
    return STEP_FAULT;
}

/* The row ends at a line feed or at the end of all. */
static enum step row_ends(struct scan *scan)
{
    if (scan->at < scan->end) {
        scan->at++;
        scan->feeds++;
    }
    return STEP_ROW;
}

static enum step field_add(struct scan *scan, const char *begin, const char *end)
{
    struct csv_row *row = scan->row;
    if (row->count == CSV_FIELDS_MAX) return fault(scan, FAULT_FIELDS);
    row->field[row->count] = begin;
    row->bytes[row->count] = (size_t)(end - begin);
    row->count++;
    return STEP_ON;
}

/* A field without quotes; scan->at is left behind its comma, or behind the row. */
static enum step plain_field(struct scan *scan)
{
    char *begin = scan->at;
    char *at = begin;
    while (at < scan->end && !stops((unsigned char)*at))
        at++;
    scan->at = at;
    if (at == scan->end && !scan->last) return STEP_MORE;
    if (at < scan->end && *at == '\0') return fault(scan, FAULT_NUL);
    if (at < scan->end && *at == '"') return fault(scan, FAULT_STRAY);

    bool ends_row = at == scan->end || *at == '\n';
    if (ends_row && at > begin && at[-1] == '\r') at--;
    if (field_add(scan, begin, at) == STEP_FAULT) return STEP_FAULT;
    if (ends_row) return row_ends(scan);
    scan->at++;
    return STEP_ON;
}

/* What stands behind a closing quote: a comma, the end of the row, or a fault. */
static enum step after_quote(struct scan *scan)
{
    char *at = scan->at;
    if (at < scan->end && *at == '\r') at++;
    if (at == scan->end) {
        if (!scan->last) return STEP_MORE;
        scan->at = at;
        return row_ends(scan);
    }
    if (*at == '\n') {
        scan->at = at;
        return row_ends(scan);
    }
    if (*scan->at != ',') return fault(scan, FAULT_AFTER);
    scan->at++;
    return STEP_ON;
}

/* Find the quote that closes a field; scan->at is inside it and is left behind that quote. */
static enum step closing_quote(struct scan *scan, bool *doubled)
{
    char *at = scan->at;
    for (; at < scan->end; at++) {
        if (*at == '\0') return fault(scan, FAULT_NUL);
        if (*at == '\n') scan->feeds++;
        if (*at != '"') continue;
        if (at + 1 == scan->end && !scan->last) return STEP_MORE;
        scan->at = at + 1;
        if (scan->at == scan->end || *scan->at != '"') return STEP_ON;
        *doubled = true;
        at++;
    }
    return scan->last ? fault(scan, FAULT_OPEN) : STEP_MORE;
}

/* A field in quotes; scan->at is on the opening one. */
static enum step quoted_field(struct scan *scan)
{
    char *begin = ++scan->at;
    size_t number = scan->row->count;
    bool doubled = false;
    enum step step = closing_quote(scan, &doubled);
    if (step == STEP_ON) step = field_add(scan, begin, scan->at - 1);
    if (step != STEP_ON) return step;
    if (doubled) scan->doubled |= UINT64_C(1) << number;
    return after_quote(scan);
}

static enum step row_scan(struct scan *scan)
{
    enum step step = STEP_ON;
    while (step == STEP_ON) {
        if (scan->at == scan->end && !scan->last) return STEP_MORE;
        bool quoted = scan->at < scan->end && *scan->at == '"';
        step = quoted ? quoted_field(scan) : plain_field(scan);
    }
    return step;
}

/* Make each "" one quote, in place. */
static size_t undouble(char *text, size_t bytes)
{
    size_t written = 0;
    for (size_t i = 0; i < bytes; i++) {
        text[written++] = text[i];
        if (text[i] == '"') i++;
    }
    return written;
}

static void row_undouble(struct lines *lines, struct csv_row *row, uint64_t doubled)
{
    for (size_t i = 0; doubled != 0; i++, doubled >>= 1) {
        if ((doubled & 1) == 0) continue;
        char *text = lines->buffer + (row->field[i] - lines->buffer);
        row->bytes[i] = undouble(text, row->bytes[i]);
    }
}

/* Pass over an empty line; false where the next one is not empty. */
static bool pass_empty(struct lines *lines)
{
    const char *at = lines->buffer + lines->begin;
    size_t left = lines->end - lines->begin;
    size_t bytes = 0;
    if (left > 0 && at[0] == '\n') bytes = 1;
    if (left > 1 && at[0] == '\r' && at[1] == '\n') bytes = 2;
    if (left == 1 && at[0] == '\r' && lines->ended) bytes = 1;
    lines->begin += bytes;
    lines->line += bytes > 0;
    return bytes > 0;
}

/* Refuse the line that the row begins on. */
static bool row_refuse(struct lines *lines, struct csv_row *row, const char *why)
{
    row->fault = why;
    row->count = 0;
    lines_skip(lines);
    return true;
}

/* Hand out a whole row. */
static bool row_take(struct csv *csv, const struct scan *scan)
{
    struct csv_row *row = scan->row;
    if (csv->expected != 0 && row->count != csv->expected) {
        row->fault = FAULT_COUNT;
        row->count = 0;
    } else if (scan->doubled != 0) {
        row_undouble(&csv->lines, row, scan->doubled);
    }
    csv->lines.begin = (size_t)(scan->at - csv->lines.buffer);
    csv->lines.line = row->line + scan->feeds;
    return true;
}

/* Fetch what may complete a row. Fetching until a line is whole, or else until there is twice
 * as much, keeps the work linear however small the pieces are in which bytes come.
 * false: the row cannot be completed, it is too long or its rest cannot be read. */
static bool row_fetch(struct lines *lines, bool in_quotes)
{
    size_t kept = lines->end - lines->begin;
    size_t had = kept;
    do {
        if (!lines_more(lines)) return lines->ended && !lines->failed;
        const char *fresh = lines->buffer + lines->begin + had;
        size_t fresh_bytes = lines->end - lines->begin - had;
        if (!in_quotes && memchr(fresh, '\n', fresh_bytes) != NULL) return true;
        had += fresh_bytes;
    } while (had < 2 * kept);
    return true;
}

bool csv_open(struct csv *csv, lines_fill fill, void *context)
{
    csv->expected = 0;
    return lines_open(&csv->lines, fill, context);
}

void csv_done(struct csv *csv)
{
    lines_done(&csv->lines);
}

bool csv_failed(const struct csv *csv)
{
    return csv->lines.failed;
}

bool csv_next(struct csv *csv, struct csv_row *row)
{
    struct lines *lines = &csv->lines;
    for (;;) {
        while (pass_empty(lines))
            ;
        if (lines->failed || (lines->ended && lines->begin == lines->end)) return false;

        row->line = lines->line;
        row->count = 0;
        row->fault = NULL;
        struct scan scan = {.at = lines->buffer + lines->begin,
                            .end = lines->buffer + lines->end,
                            .last = lines->ended,
                            .row = row};
        switch (row_scan(&scan)) {
        case STEP_FAULT:
            return row_refuse(lines, row, row->fault);
        case STEP_ROW:
            /* Whether a longer one is in the buffer whole is chance, and nothing to go by. */
            if ((size_t)(scan.at - lines->buffer) - lines->begin > LINES_BYTES_MAX)
                return row_refuse(lines, row, FAULT_LONG);
            return row_take(csv, &scan);
        case STEP_ON:
        case STEP_MORE:
            break;
        }
        bool in_quotes = scan.feeds > 0;
        if (row_fetch(lines, in_quotes)) continue;
        if (lines->failed) return false;
        return row_refuse(lines, row, in_quotes ? FAULT_OPEN_LONG : FAULT_LONG);
    }
}
