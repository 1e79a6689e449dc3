#include "story.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "grow.h"
#include "site_text.h"

void *story_memory(struct story *story, size_t bytes)
{
    story->memory = make_room(story->memory, &story->memory_capacity, story->memory_count + 1,
                              sizeof *story->memory);
    void *memory = calloc(1, bytes);
    assert(memory);
    story->memory[story->memory_count++] = memory;
    return memory;
}

struct step *story_add(struct story *story, enum step_kind kind)
{
    story->steps =
        make_room(story->steps, &story->capacity, story->count + 1, sizeof *story->steps);
    struct step *step = &story->steps[story->count++];
    *step = (struct step){.kind = kind};
    return step;
}

void story_done(struct story *story)
{
    for (size_t i = 0; i < story->memory_count; i++)
        free(story->memory[i]);
    free(story->memory);
    free(story->steps);
    free(story->sites);
    *story = (struct story){0};
}

static void print_fact(FILE *out, const struct step *step)
{
    static const char *const names[] = {
        [STEP_SCAN] = "scan",         [STEP_PAIR] = "pair",         [STEP_UNPAIR] = "unpair",
        [STEP_REPLACE] = "replace",   [STEP_WITHDRAW] = "withdraw", [STEP_RELEASE] = "release",
        [STEP_COMPLETE] = "complete",
    };
    static const char *const directions[] = {"", " in", " out", " every"};
    char from[24];
    char until[24];
    char learnt[24];
    fprintf(out, "  %s", names[step->kind]);
    if (step->reader) fprintf(out, " reader=%s", step->reader);
    if (step->band) fprintf(out, " band=%s", step->band);
    if (step->kind == STEP_REPLACE) fprintf(out, " by=%s", step->to);
    if (step->person) fprintf(out, " person=%s", step->person);
    if (step->kind == STEP_PAIR || step->kind == STEP_RELEASE)
        fprintf(out, " from=%s until=%s", time_text(step->from_us, from),
                time_text(step->until_us, until));
    else
        fprintf(out, " at=%" PRId64, step->at_us);
    if (step->kind == STEP_RELEASE) fprintf(out, " shift=%" PRId64, step->shift_us);
    fprintf(out, "%s", directions[step->direction]);
    if (step->learnt_us != WB_NO_TIME && step->learnt_us != 0)
        fprintf(out, " learnt=%s", time_text(step->learnt_us, learnt));
    fputc('\n', out);
}

static void print_step(FILE *out, const struct story *story, const struct step *step)
{
    switch (step->kind) {
    case STEP_DESCRIBE: {
        char *text = site_text(&story->sites[step->site]);
        fprintf(out, "describe now=%" PRId64 "\n%s\n", step->now_us, text);
        free(text);
        return;
    }
    case STEP_PERSON:
        fprintf(out, "person %s now=%" PRId64 "\n", step->person, step->now_us);
        return;
    case STEP_BEGIN:
        fprintf(out, "begin now=%" PRId64 "\n", step->now_us);
        return;
    case STEP_SYNC:
        fputs("sync\n", out);
        return;
    case STEP_END:
        fputs("end\n", out);
        return;
    case STEP_ABANDON:
        fputs("abandon\n", out);
        return;
    case STEP_BESIDE:
        fputs("open beside, to read\n", out);
        return;
    case STEP_ASK:
        fputs("ask ", out);
        question_print(out, &step->question);
        return;
    case STEP_IDLE:
        fputs("idle\n", out);
        return;
    case STEP_REOPEN:
        fputs("reopen\n", out);
        return;
    case STEP_REBUILD:
        fputs("rebuild\n", out);
        return;
    case STEP_VERIFY:
        fputs("verify\n", out);
        return;
    case STEP_SCAN:
    case STEP_PAIR:
    case STEP_UNPAIR:
    case STEP_REPLACE:
    case STEP_WITHDRAW:
    case STEP_RELEASE:
    case STEP_COMPLETE:
        print_fact(out, step);
        return;
    }
}

void story_print(FILE *out, const struct story *story)
{
    for (size_t i = 0; i < story->count; i++)
        if (!story->steps[i].left_out) print_step(out, story, &story->steps[i]);
}
