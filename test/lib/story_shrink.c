#include <stdlib.h>

#include "story.h"

/* Play without steps [first, first + count); keep them out if the same step still fails. */
static bool fails_without(struct story *story, const char *path, size_t target, size_t first,
                          size_t count)
{
    bool *before = calloc(count + 1, sizeof *before);
    if (!before) abort();
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        before[i] = story->steps[first + i].left_out;
        any = any || !before[i];
        story->steps[first + i].left_out = true;
    }
    size_t failed = 0;
    char *wrong = any ? story_play(story, path, NULL, &failed) : NULL;
    bool fails = wrong && failed == target;
    for (size_t i = 0; i < count && !fails; i++)
        story->steps[first + i].left_out = before[i];
    free(before);
    free(wrong);
    return fails;
}

static void leave_out_other_questions(struct story *story, const char *path, size_t failed)
{
    bool *before = calloc(story->count, sizeof *before);
    if (!before) abort();
    for (size_t i = 0; i < story->count; i++) {
        before[i] = story->steps[i].left_out;
        if (i > failed || (i < failed && story->steps[i].kind == STEP_ASK))
            story->steps[i].left_out = true;
    }
    size_t failed_now = 0;
    char *wrong = story_play(story, path, NULL, &failed_now);
    for (size_t i = 0; i < failed && (!wrong || failed_now != failed); i++)
        story->steps[i].left_out = before[i];
    free(wrong);
    free(before);
}

void story_shrink(struct story *story, const char *path, size_t failed, int tries)
{
    leave_out_other_questions(story, path, failed);
    size_t piece = failed / 2 + 1;
    while (tries > 0) {
        bool smaller = false;
        for (size_t first = 0; first < failed && tries > 0; first += piece) {
            size_t count = first + piece > failed ? failed - first : piece;
            tries--;
            if (fails_without(story, path, failed, first, count)) smaller = true;
        }
        if (piece == 1 && !smaller) return;
        if (piece > 1) piece = (piece + 1) / 2;
    }
}
