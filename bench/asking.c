#include "asking.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "measure.h"

const char *question_name(enum question question)
{
    static const char *const names[QUESTION_COUNT] = {"inside", "path", "with", "curve"};
    return names[question];
}

void answer_add(struct answer *answer, int64_t a, int64_t b, int64_t c)
{
    if (answer->count == answer->capacity) {
        size_t capacity = answer->capacity > 0 ? 2 * answer->capacity : 1024;
        void *grown = realloc(answer->row, capacity * sizeof *answer->row);
        if (grown == NULL) die("no memory for an answer of %zu rows", capacity);
        answer->row = grown;
        answer->capacity = capacity;
    }
    answer->row[answer->count][0] = a;
    answer->row[answer->count][1] = b;
    answer->row[answer->count][2] = c;
    answer->count++;
}

static struct parameter_set *sets_of(const struct asking *asking)
{
    struct parameter_set *sets = take_memory(asking->sets * sizeof *sets);
    parameters_draw(sets, asking->sets, asking->people, asking->days);
    return sets;
}

static bool is_asked(const struct asking *asking, int question)
{
    return asking->questions == 0 || (asking->questions >> question & 1) != 0;
}

static void print_median(const struct asker *asker, const struct asking *asking,
                         enum question question, struct samples *samples)
{
    char figure[64];
    int length = snprintf(figure, sizeof figure, "%s_%s", asking->figure, question_name(question));
    if (length < 0 || length >= (int)sizeof figure) die("%s: too long a name", asking->figure);
    result(figure, asker->system, (double)samples_median(samples) / 1000);
}

enum { ROUNDS_LEAST = 3, ROUNDS_MOST = 200 };

void ask_again_and_again(const struct asker *asker, const struct asking *asking)
{
    struct parameter_set *sets = sets_of(asking);
    struct samples samples = {0};
    int64_t most_ns = (int64_t)(asking->seconds * 1e9);
    for (int q = 0; q < QUESTION_COUNT; q++) {
        if (!is_asked(asking, q)) continue;
        samples.count = 0;
        int64_t start = clock_ns();
        for (int round = 0; round <= ROUNDS_MOST; round++) {
            if (round > ROUNDS_LEAST && clock_ns() - start > most_ns) break;
            for (size_t i = 0; i < asking->sets; i++) {
                int64_t before = clock_ns();
                (void)asker->ask(asker->context, (enum question)q, &sets[i], NULL);
                if (round > 0) samples_add(&samples, clock_ns() - before);
            }
        }
        print_median(asker, asking, (enum question)q, &samples);
    }
    samples_done(&samples);
    free(sets);
}

void ask_different(const struct asker *asker, const struct asking *asking)
{
    struct parameter_set *sets = sets_of(asking);
    struct samples samples = {0};
    FILE *kept = asking->samples != NULL ? fopen(asking->samples, "w") : NULL;
    if (asking->samples != NULL && kept == NULL) die("%s cannot be written", asking->samples);
    int64_t most_ns = (int64_t)(asking->seconds * 1e9);
    for (int q = 0; q < QUESTION_COUNT; q++) {
        if (!is_asked(asking, q)) continue;
        samples.count = 0;
        int64_t start = clock_ns();
        for (size_t i = 0; i < asking->sets; i++) {
            int64_t before = clock_ns();
            if (before - start > most_ns) break;
            size_t size = asker->ask(asker->context, (enum question)q, &sets[i], NULL);
            int64_t ns = clock_ns() - before;
            if (before - start < most_ns / 10 && i < asking->sets / 10) continue;
            samples_add(&samples, ns);
            if (kept != NULL) {
                (void)fprintf(kept, "%s\t%zu\t%" PRId64 "\n", question_name((enum question)q), size,
                              ns);
            }
        }
        print_median(asker, asking, (enum question)q, &samples);
    }
    if (kept != NULL && fclose(kept) != 0) die("%s cannot be written", asking->samples);
    samples_done(&samples);
    free(sets);
}

static int by_numbers(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;
    for (int i = 0; i < 3; i++)
        if (x[i] != y[i]) return x[i] > y[i] ? 1 : -1;
    return 0;
}

void ask_for_answers(const struct asker *asker, const struct asking *asking, const char *path)
{
    struct parameter_set *sets = sets_of(asking);
    struct answer answer = {0};
    FILE *file = fopen(path, "w");
    if (file == NULL) die("%s cannot be written", path);
    for (int q = 0; q < QUESTION_COUNT; q++) {
        for (size_t i = 0; i < asking->sets; i++) {
            answer.count = 0;
            (void)asker->ask(asker->context, (enum question)q, &sets[i], &answer);
            if (answer.count > 0) qsort(answer.row, answer.count, sizeof *answer.row, by_numbers);
            for (size_t k = 0; k < answer.count; k++) {
                (void)fprintf(file, "%s %zu: %" PRId64 " %" PRId64 " %" PRId64 "\n",
                              question_name((enum question)q), i, answer.row[k][0],
                              answer.row[k][1], answer.row[k][2]);
            }
        }
    }
    if (fclose(file) != 0) die("%s cannot be written", path);
    free(answer.row);
    free(sets);
}
