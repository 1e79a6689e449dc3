/* intake: what a row of a file means: a scan, whose band it is, somebody of the register.
 *
 * The command line takes rows into the site's file, the server takes them out of bodies; both ask
 * here, so that what is refused and why does not depend on the road. A turn is open while a row
 * is taken, also for a check, which its caller abandons. */
#ifndef INTAKE_INTAKE_H
#define INTAKE_INTAKE_H

#include "whereabouts.h"

struct time_zone; /* base/time_zone.h */

#define INTAKE_COLUMNS_MAX 5
#define INTAKE_WHY_BYTES   640

/* The columns of each kind, in the order of their rows. */
enum {
    INTAKE_SCAN_TIME,
    INTAKE_SCAN_BAND,
    INTAKE_SCAN_READER,
    INTAKE_SCAN_DIRECTION,
    INTAKE_SCAN_LEARNT,
    INTAKE_SCAN_COLUMNS
};

enum {
    INTAKE_BAND_BAND,
    INTAKE_BAND_PERSON,
    INTAKE_BAND_FROM,
    INTAKE_BAND_UNTIL,
    INTAKE_BAND_LEARNT,
    INTAKE_BAND_COLUMNS
};

enum {
    INTAKE_PERSON_ID,
    INTAKE_PERSON_NAME,
    INTAKE_PERSON_GROUPS,
    INTAKE_PERSON_NEEDS_HELP,
    INTAKE_PERSON_NOTES,
    INTAKE_PERSON_COLUMNS
};

/* A row: the values of the kind's columns. */
struct intake_row {
    const char *at[INTAKE_COLUMNS_MAX]; /* not NUL-terminated; NULL: there is no such column */
    size_t bytes[INTAKE_COLUMNS_MAX];
};

struct intake_readers; /* readers that were met, by name */

struct intake {
    struct wb *wb;
    const struct time_zone *clock;  /* for times without an offset; NULL: there are none */
    bool trust_learnt;              /* honour the column learnt */
    bool checking;                  /* the turn will be abandoned */
    struct intake_readers *readers; /* NULL: each is looked for anew */
};

/* What became of a row. */
struct intake_taken {
    wb_verdict verdict;
    uint64_t ambiguous_times;   /* of a row that was taken */
    wb_reader reader;           /* of a scan */
    int64_t at_us;              /* of a scan */
    char why[INTAKE_WHY_BYTES]; /* it was refused: a sentence, UTF-8 where the row is */
};

/* Take a row into the open turn.
 *
 *   errors  WB_EREFUSED it is no fact: taken->why; WB_EFULL commit, begin another turn, take it
 *           again; else what the library failed with */
wb_status intake_scan(const struct intake *intake, const struct intake_row *row,
                      struct intake_taken *taken);
wb_status intake_band(const struct intake *intake, const struct intake_row *row,
                      struct intake_taken *taken);

/* What the row has no column for stays as the register has it. The register shows what is
 * committed: a second row of one id has to wait for the turn after. */
wb_status intake_person(const struct intake *intake, const struct intake_row *row,
                        struct intake_taken *taken);

/* Count what became of a row. */
void intake_count(struct wb_summary *summary, wb_verdict verdict);

/* NULL: no memory. */
struct intake_readers *intake_readers_new(void);
void intake_readers_free(struct intake_readers *readers);

/* ---- for the files of this folder ---- */

/* How much of a value stands in a sentence. */
int intake_shown(const struct intake_row *row, size_t column);

/* Refuse a row. Returns WB_EREFUSED. */
__attribute__((format(printf, 2, 3))) wb_status intake_refuse(struct intake_taken *taken,
                                                              const char *format, ...);

/* Read a time; an empty one leaves *us alone. name: of the column. */
wb_status intake_time(const struct intake *intake, const struct intake_row *row, size_t column,
                      const char *name, struct intake_taken *taken, int64_t *us);

#endif
