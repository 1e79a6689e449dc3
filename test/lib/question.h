/* question: one question, put to the library and to the model; both answers come as the same
 * kind of text. */
#ifndef TEST_LIB_QUESTION_H
#define TEST_LIB_QUESTION_H

#include "model.h"
#include "whereabouts.h"

enum question_kind {
    ASK_INSIDE,
    ASK_AT,
    ASK_EVERYBODY,
    ASK_WHERE,
    ASK_HEAD_COUNT,
    ASK_PATH,
    ASK_WITH,
    ASK_OCCUPANCY,
    ASK_COULD_CHANGE,
    ASK_PEOPLE,
    ASK_KEPT, /* held, quarantined, withdrawn */
    ASK_READERS,
    ASK_PAIRINGS,
    ASK_KINDS
};

struct question {
    enum question_kind kind;
    const char *person; /* of where, path and with */
    const char *zone;   /* of inside, at and occupancy */
    int64_t as_of_us, known_us, asked_us;
    struct wb_window window; /* of path, with and occupancy; its known and asked are the above */
    int64_t every_us, least_us;
    /* The limit of head_count, with and occupancy. */
    const char *const *only; /* these people; NULL: everybody */
    size_t only_count;
    uint32_t zones_salt; /* half of the zones, by their ids; 0: all */
};

/* The answer as sorted lines; the caller's to free. A status other than WB_OK is a line. */
char *question_ask_library(struct wb *wb, const struct question *q);
char *question_ask_model(struct model *m, const struct question *q);

/* Whether a zone is within the question's limit. */
bool question_has_zone(const struct question *q, const char *zone);

/* Whether an answer about a zone is that nobody is there, ever. */
bool question_names_nobody(const struct question *q, const char *answer);

void question_print(const struct question *q);

#endif
