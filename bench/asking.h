/* The four questions of the bench and how every system is asked them: again and again with
 * fifty parameter sets, with a hundred thousand different ones, and once for the answers
 * themselves, which must be the same from all. */
#ifndef BENCH_ASKING_H
#define BENCH_ASKING_H

#include <stddef.h>
#include <stdint.h>

#include "parameters.h"

enum question {
    QUESTION_INSIDE, /* who is in a zone at a moment: person */
    QUESTION_PATH,   /* a person's stays that touch a day: zone, from, until */
    QUESTION_WITH,   /* who shared zones with a person for 5 min of a day: person, ms */
    QUESTION_CURVE,  /* how many were in a zone at each minute of a day: minute, count */
    QUESTION_COUNT,
};

/* Name of the question in the figures: "inside", "path", "with", "curve". */
const char *question_name(enum question question);

enum { WITH_LEAST_MS = 300000, CURVE_MINUTES = 1440 };

/* Rows of an answer, up to three numbers each. */
struct answer {
    int64_t (*row)[3];
    size_t count, capacity;
};

void answer_add(struct answer *answer, int64_t a, int64_t b, int64_t c);

/* A system that can be asked.
 *
 *   ask      take the whole answer and return its size: rows, of a curve the sum of its
 *            counts. answer: keep the rows there too; NULL while the time is taken. */
struct asker {
    const char *system;
    void *context;
    size_t (*ask)(void *context, enum question question, const struct parameter_set *set,
                  struct answer *answer);
};

/* What is asked, of how many people and days, and for how long at most. */
struct asking {
    const char *figure;    /* first word of the figures: "hot", "cold", ... */
    uint32_t people, days; /* of the workload */
    size_t sets;           /* different parameter sets */
    double seconds;        /* most for a question; the rest of the sets is left out */
    const char *samples;   /* file for question, size, ns of every sample; NULL: none */
    unsigned questions;    /* bit 1 << question: asked; 0: all */
};

/* Ask every set in turn, over and over (once unmeasured, then three times or more).
 * Prints the median in microseconds as figure_question. */
void ask_again_and_again(const struct asker *asker, const struct asking *asking);

/* Ask each set once. The first tenth of the time warms the cache and is not counted. */
void ask_different(const struct asker *asker, const struct asking *asking);

/* Write every answer as sorted lines of text: question, set, numbers. */
void ask_for_answers(const struct asker *asker, const struct asking *asking, const char *path);

#endif
