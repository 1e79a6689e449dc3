/* rows: a body of csv whose rows become facts, one by one, as an import takes them.
 *
 *   ?details=true       the answer names the refused rows and the last scan of each reader
 *   ?trust-learnt=true  the column learnt is honoured
 *   ?check=true         nothing is taken: which rows would be refused? */
#ifndef API_ROWS_H
#define API_ROWS_H

#include "api/exchange.h"
#include "codec/csv.h"
#include "intake/intake.h"

struct rows_kind {
    const struct csv_column *columns; /* of intake's order */
    size_t column_count;
    wb_status (*take)(const struct intake *intake, const struct intake_row *row,
                      struct intake_taken *taken);

    /* Whether the caller may send the row; where not, the answer is set. NULL: whoever comes here
     * may. All rows are asked about before any is taken. */
    bool (*may)(struct exchange *x, const struct intake_row *row);

    /* It was taken. NULL: no matter. */
    void (*took)(struct exchange *x, const struct intake_taken *taken);
};

/* Whether the body is csv. */
bool rows_are_csv(struct exchange *x);

/* Whether the rows are only to be checked: in a turn of its own, which is dropped
 * (src/server/turn.c). */
bool rows_are_checked(struct exchange *x);

/* Take the body's rows and set the answer: the document of an import, and with details
 * {..., "refusals":[{"row": from 1,"why"}],"last":[{"reader","time"}]}, the first hundred refused.
 * *summary is what became of them. */
void rows_post(struct exchange *x, const struct rows_kind *kind, struct wb_summary *summary);

#endif
