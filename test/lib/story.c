#include "story.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
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

static void print_fact(const struct step *step)
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
    printf("  %s", names[step->kind]);
    if (step->reader) printf(" reader=%s", step->reader);
    if (step->band) printf(" band=%s", step->band);
    if (step->kind == STEP_REPLACE) printf(" by=%s", step->to);
    if (step->person) printf(" person=%s", step->person);
    if (step->kind == STEP_PAIR || step->kind == STEP_RELEASE) {
        printf(" from=%s until=%s", time_text(step->from_us, from),
               time_text(step->until_us, until));
    } else {
        printf(" at=%" PRId64, step->at_us);
    }
    if (step->kind == STEP_RELEASE) printf(" shift=%" PRId64, step->shift_us);
    printf("%s", directions[step->direction]);
    if (step->learnt_us != WB_NO_TIME && step->learnt_us != 0)
        printf(" learnt=%s", time_text(step->learnt_us, learnt));
    putchar('\n');
}

static void print_step(const struct story *story, const struct step *step)
{
    switch (step->kind) {
    case STEP_DESCRIBE: {
        char *text = site_text(&story->sites[step->site]);
        printf("describe now=%" PRId64 "\n%s\n", step->now_us, text);
        free(text);
        return;
    }
    case STEP_PERSON:
        printf("person %s now=%" PRId64 "\n", step->person, step->now_us);
        return;
    case STEP_ERASE:
        printf("erase %s now=%" PRId64 "\n", step->person, step->now_us);
        return;
    case STEP_BEGIN:
        printf("begin now=%" PRId64 "\n", step->now_us);
        return;
    case STEP_SYNC:
        puts("sync");
        return;
    case STEP_END:
        puts("end");
        return;
    case STEP_ABANDON:
        puts("abandon");
        return;
    case STEP_BESIDE:
        puts("open beside, to read");
        return;
    case STEP_ASK:
        printf("ask ");
        question_print(&step->question);
        return;
    case STEP_IDLE:
        puts("idle");
        return;
    case STEP_REOPEN:
        puts("reopen");
        return;
    case STEP_REBUILD:
        puts("rebuild");
        return;
    case STEP_VERIFY:
        puts("verify");
        return;
    case STEP_SCAN:
    case STEP_PAIR:
    case STEP_UNPAIR:
    case STEP_REPLACE:
    case STEP_WITHDRAW:
    case STEP_RELEASE:
    case STEP_COMPLETE:
        print_fact(step);
        return;
    }
}

void story_print(const struct story *story)
{
    for (size_t i = 0; i < story->count; i++)
        if (!story->steps[i].left_out) print_step(story, &story->steps[i]);
}
