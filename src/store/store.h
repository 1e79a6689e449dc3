/* store: the site's one file, an SQLite database in WAL mode. The only folder that sees sqlite3.h.
 *
 * One connection writes and checkpoints; another one reads and never checkpoints (SQLite 3.7.0 to
 * 3.51.2 have a WAL-reset race between two connections that do). synchronous=FULL is asserted.
 * Storage failures are sticky: after the first, every call returns its status again.
 *
 * All SQL of the program stands in one table in store.c; a statement is called by its name with
 * cells in, rows of cells out. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/bytes.h"
#include "whereabouts/types.h"

#define STORE_FORMAT 2 /* user_version of the file */

struct store;

enum store_access { STORE_READ, STORE_WRITE, STORE_CREATE };

enum cell_kind { CELL_NULL, CELL_NUMBER, CELL_TEXT, CELL_BLOB };

struct cell {
    enum cell_kind kind;
    int64_t number;
    const void *data; /* text and blobs; text that comes out ends with NUL */
    size_t bytes;
};

#define CELL_OF(n)         ((struct cell){.kind = CELL_NUMBER, .number = (int64_t)(n)})
#define CELL_OF_TEXT(t, n) ((struct cell){.kind = CELL_TEXT, .data = (t), .bytes = (n)})
#define CELL_OF_BLOB(d, n) ((struct cell){.kind = CELL_BLOB, .data = (d), .bytes = (n)})
#define CELL_OF_NULL       ((struct cell){.kind = CELL_NULL})

enum statement {
    META_PUT,           /* key, value */
    META_GET,           /* key -> value */
    JOURNAL_PUT,        /* seq, learnt, hash, block */
    JOURNAL_FROM,       /* seq -> seq, learnt, hash, block; ascending */
    JOURNAL_LAST,       /* -> seq, learnt, hash */
    JOURNAL_DROP,       /* first, last */
    JOURNAL_COUNT,      /* -> rows */
    SEGMENT_PUT,        /* first, last, learnt_first, learnt_last, scans, hash, data */
    SEGMENT_FROM,       /* seq -> first, last, learnt_first, learnt_last, scans, hash, data;
                           those that end at or after seq, ascending */
    SEGMENT_SPANS,      /* -> first, last, learnt_first, learnt_last, scans; ascending */
    SEGMENT_LAST,       /* -> first, last, learnt_first, learnt_last, scans, hash, data */
    SEGMENT_AT,         /* first -> data */
    SEGMENT_REMOVE,     /* first */
    PERSON_BLOCK_PUT,   /* id, data */
    PERSON_BLOCK_GET,   /* id -> data */
    PERSON_BLOCK_DROP,  /* id */
    PERSON_BLOCK_IDS,   /* first, last -> id; ascending */
    PERSON_BLOCK_ANY,   /* first, last -> id of one of them */
    PERSON_BLOCK_SWEEP, /* first, last, most: drop at most so many of them */
    PERSON_BLOCK_CLEAR,
    ZONE_BLOCK_PUT,
    ZONE_BLOCK_GET,
    ZONE_BLOCK_DROP,
    ZONE_BLOCK_IDS,
    ZONE_BLOCK_ANY,
    ZONE_BLOCK_SWEEP,
    ZONE_BLOCK_CLEAR,
    PERSON_PUT,   /* n, id, kind, what, uuid */
    PERSON_ALL,   /* -> n, id, kind, what; ascending */
    PERSON_KIND,  /* n, kind */
    PERSON_ERASE, /* n, kind */
    ENTRY_PUT,    /* n, name, needs_help, notes */
    ENTRY_GET,    /* n -> name, needs_help, notes */
    ENTRY_DROP,   /* n */
    BAND_PUT,     /* n, id */
    BAND_ALL,     /* -> n, id; ascending */
    BAND_ERASE,   /* n */
    ZONE_PUT,     /* n, id */
    ZONE_ALL,
    READER_PUT,           /* n, id */
    READER_ALL,           /* -> n, id, heard */
    READER_HEARD,         /* n, heard */
    GROUP_PUT,            /* n, name */
    GROUP_ALL,            /* -> n, name */
    MEMBER_DROP,          /* person */
    MEMBER_PUT,           /* person, group */
    MEMBER_ALL,           /* group -> person */
    MEMBER_OF,            /* person -> name of group, by name */
    PAIRING_PUT,          /* band, person, from, until, learnt, seq */
    PAIRING_ALL,          /* -> the same, in the order in which they were put */
    PAIRING_PASS,         /* person, to whom they pass, their latest until */
    PAIRING_DROP_EMPTY,   /* person; those of no length */
    PAIRING_DROP_BAND,    /* band */
    PAIRING_DROP_NOBODYS, /* band; those that were never learnt */
    WITHDRAWAL_PUT,       /* reader, band, at, direction, learnt, note */
    WITHDRAWAL_ALL,
    RELEASE_PUT, /* reader, from, until, shift, learnt, note */
    RELEASE_ALL,
    COMPLETE_PUT, /* reader, until, learnt */
    COMPLETE_ALL,
    SITE_PUT,             /* learnt, json */
    SITE_ALL,             /* -> learnt, json; in order */
    NOTE_PUT,             /* n, salt, text */
    NOTE_GET,             /* n -> text */
    NOTE_ERASE,           /* n */
    NOTE_LAST,            /* -> n */
    CREDENTIAL_PUT,       /* kind, name, role, secret, scope, holder, purpose, made, expires */
    CREDENTIAL_DROP,      /* kind, name */
    CREDENTIAL_DROP_HELD, /* kind, holder */
    CREDENTIAL_ALL,       /* -> as put; by kind and name */
    LOOKUP_ASKER_PUT,     /* who, purpose */
    LOOKUP_PUT,           /* who, purpose, kind, at, as_of, until, zone, groups, question, count */
    LOOKUP_PEOPLE_PUT,    /* n, people */
    LOOKUP_END,           /* until, n */
    LOOKUP_END_ALL,       /* until */
    LOOKUP_GET,           /* n -> n, kind, at, as_of, until, zone, groups, question, who, purpose,
                             count */
    LOOKUP_PEOPLE_BELOW,  /* n -> n, people; descending */
    LOOKUP_PEOPLE_ALL,    /* -> n, people; ascending */
    LOOKUP_PEOPLE_SET,    /* n, people */
    LOOKUP_PEOPLE_DROP,   /* n */
    LOOKUP_DROP,          /* n */
    LOOKUP_LESS,          /* n, count */
    LOOKUP_UNASK,         /* n; its question goes */
    LOOKUP_WATCHES,       /* n -> n, at, until, zone, groups; descending */
    LOOKUP_EXPORTS,       /* n -> n; those below n */
    LOOKUP_COUNT,         /* -> count */
    DOCUMENT_PUT,         /* name, bytes */
    DOCUMENT_DROP,        /* name */
    DOCUMENT_GET,         /* name -> bytes */
    STATEMENT_COUNT
};

/* Open the file. why is filled on failure. */
wb_status store_open(const char *path, enum store_access access, const char *vfs,
                     struct store **out, struct wb_fault *why);

/* Close; a writer checkpoints. Accepts NULL. */
void store_close(struct store *store);

/* The sentence of the sticky failure; "" without one. */
const char *store_failure(const struct store *store);
wb_status store_status(const struct store *store);
bool store_writes(const struct store *store);

/* One transaction of the writing connection. store_commit returns when it is durable. */
wb_status store_begin(struct store *store);
wb_status store_commit(struct store *store);
void store_rollback(struct store *store);

/* Run a statement that changes rows, inside a transaction. */
wb_status store_put(struct store *store, enum statement statement, const struct cell *cells,
                    size_t count);

/* Write the tables of texts anew, inside a transaction: no page keeps a copy of what was moved. */
wb_status store_rewrite_texts(struct store *store);

/* Move all of the WAL into the file and empty it. done: no other program was reading it. Only
 * between transactions. */
wb_status store_empty_log(struct store *store, bool *done);

/* Number of the row that the last statement put. */
int64_t store_last_row(const struct store *store);

/* Called a row; the cells are borrowed until it returns. WB_OK goes on; any other status stops
 * and is returned. */
typedef wb_status (*store_row)(void *context, const struct cell *cells);

/* Run a statement that gives rows, on the reading connection: what is committed. */
wb_status store_each(struct store *store, enum statement statement, const struct cell *cells,
                     size_t count, store_row row, void *context);

/* The one number of a statement's first row; `without` when there is no row. */
wb_status store_number(struct store *store, enum statement statement, const struct cell *cells,
                       size_t count, int64_t without, int64_t *out);

/* The one blob of a statement's first row: a copy in a buffer of the caller with BITS_SLACK
 * bytes more, grown as needed. WB_ENOENT when there is no row. */
struct buffer {
    uint8_t *at;
    size_t bytes, capacity;
};

wb_status store_blob(struct store *store, enum statement statement, int64_t key,
                     struct buffer *out);

/* A reading handle sees one state of the file from store_refresh to the next. changed: the file
 * was written to by somebody since the last one. */
wb_status store_refresh(struct store *store, bool *changed);

/* Let go of that state until the next store_refresh: each statement sees what is committed then. */
wb_status store_rest(struct store *store);

/* Move committed pages from the WAL into the file when there are many. Only between transactions.
 */
wb_status store_checkpoint(struct store *store, bool truncate);

/* Whether the WAL has grown so that a checkpoint is due. */
bool store_wants_checkpoint(const struct store *store);

/* Give pages that are free back to the file system. */
wb_status store_shrink(struct store *store);

/* Pages in the file and how many of them are done, told now and then. */
typedef bool (*store_progress)(void *context, uint64_t done, uint64_t total);

wb_status store_backup(struct store *store, const char *path, store_progress progress,
                       void *context, struct wb_fault *why);

/* SQLite's own check of the file; the first complaint goes to text, "" without one. */
wb_status store_integrity(struct store *store, char *text, size_t text_bytes);

#endif
