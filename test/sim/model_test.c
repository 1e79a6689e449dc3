/* Random sites, random facts, random questions: the library against the slow obvious model.
 *
 *   model_test               the seeds of seeds.txt, then fresh ones until the time is up, half of
 *                            them with erasures
 *   model_test --seed S      one seed; what it tells is printed when they disagree
 *   model_test --seeds N     N seeds from 1, however long they take
 *   model_test --from S      begin there (with --seeds)
 *   model_test --tell S      print the story of a seed and do nothing
 *   model_test --glance N    N seeds, of each that fails the first lines only */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "room.h"
#include "story.h"

#define SECONDS_AT_MOST   20.0
#define SEEDS_AT_MOST     2000
#define SHRINKING_AT_MOST 6000

#define SEEDS_FILE WB_SOURCE_DIR "/test/sim/seeds.txt"

static char path[ROOM_PATH_BYTES];
static size_t told;

static void complain(struct story *story, uint64_t seed, size_t failed, const char *wrong)
{
    printf("seed %" PRIu64 ", step %zu:\n", seed, failed);
    if (story->steps[failed].kind == STEP_ASK) question_print(&story->steps[failed].question);
    printf("%s", wrong);
    story_shrink(story, path, failed, SHRINKING_AT_MOST);
    puts("\nThe smallest story of it:");
    story_print(story);
    char *still = story_play(story, path, NULL, NULL);
    printf("%s\nTo see it again: model_test --seed %" PRIu64 "\nTo keep it: add %" PRIu64
           " to test/sim/seeds.txt\n",
           still ? still : "", seed, seed);
    free(still);
}

static bool glance;

/* The step and the beginning of the complaint. */
static void complain_shortly(const struct story *story, uint64_t seed, size_t failed,
                             const char *wrong)
{
    printf("== seed %" PRIu64 ", step %zu of %zu: ", seed, failed, story->count);
    if (story->steps[failed].kind == STEP_ASK) question_print(&story->steps[failed].question);
    printf("%.700s\n", wrong);
}

static bool seed_holds(uint64_t seed)
{
    struct story story;
    story_tell(&story, seed);
    size_t failed = 0;
    char *wrong = story_play(&story, path, &told, &failed);
    if (wrong && glance) {
        complain_shortly(&story, seed, failed, wrong);
    } else if (wrong) {
        complain(&story, seed, failed, wrong);
    }
    bool holds = wrong == NULL || glance;
    free(wrong);
    story_done(&story);
    return holds;
}

/* The seeds that failed once, one a line; what stands behind the number is a comment. */
static bool kept_seeds_hold(void)
{
    FILE *file = fopen(SEEDS_FILE, "r");
    if (!file) {
        perror(SEEDS_FILE);
        return false;
    }
    char line[400];
    bool hold = true;
    while (hold && fgets(line, sizeof line, file)) {
        char *end;
        uint64_t seed = strtoull(line, &end, 10);
        if (end != line) hold = seed_holds(seed);
    }
    if (fclose(file) != 0) perror(SEEDS_FILE);
    return hold;
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool seeds_hold(uint64_t from, uint64_t count, double seconds)
{
    double begun_s = now_s();
    uint64_t done = 0;
    for (; done < count && now_s() - begun_s < seconds; done++)
        if (!seed_holds(from + done)) return false;
    printf("%" PRIu64 " stories from seed %" PRIu64 ", %zu answers, %.1f s: all equal\n", done,
           from, told, now_s() - begun_s);
    return true;
}

int main(int count, char **arguments)
{
    uint64_t from = 1;
    uint64_t seeds = 0;
    for (int i = 1; i + 1 < count; i += 2) {
        uint64_t number = strtoull(arguments[i + 1], NULL, 10);
        if (strcmp(arguments[i], "--seed") == 0) {
            from = number;
            seeds = 1;
        } else if (strcmp(arguments[i], "--seeds") == 0) {
            seeds = number;
        } else if (strcmp(arguments[i], "--glance") == 0) {
            seeds = number;
            glance = true;
        } else if (strcmp(arguments[i], "--from") == 0) {
            from = number;
        } else if (strcmp(arguments[i], "--tell") == 0) {
            struct story story;
            story_tell(&story, number);
            story_print(&story);
            story_done(&story);
            return 0;
        }
    }
    room_make("site.db", path);
    bool hold =
        seeds ? seeds_hold(from, seeds, 1e9)
              : kept_seeds_hold() && seeds_hold(from, SEEDS_AT_MOST / 2, SECONDS_AT_MOST / 2) &&
                    seeds_hold(STORY_ERASES_FROM + from, SEEDS_AT_MOST / 2, SECONDS_AT_MOST / 2);
    room_remove(path);
    return hold ? 0 : 1;
}
