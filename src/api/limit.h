/* limit: a caller's limits, as the questions of src/answer take them. */
#ifndef API_LIMIT_H
#define API_LIMIT_H

#include "answer/answer.h"
#include "api/caller.h"

struct limit {
    struct answer_limit zones;
    const struct answer_limit *of_zones; /* NULL: every zone */
    struct wb_people people;             /* of the caller's groups */
    const struct wb_people *of_people;   /* NULL: everybody */
};

/* Zeroed before. false: the answer is set. limit_close is welcome then too. */
bool limit_open(struct exchange *x, struct limit *limit);
void limit_close(struct limit *limit);

/* Keep of a list whom the limit lets through. */
void limit_keep(struct exchange *x, struct wb_people *people);

#endif
