/* Any permutation, repetition, batching or splitting of the same facts gives byte-equal answers.
 *
 * A story is told twice to the library. The second time its scans, whose learnt times are given,
 * come in other turns and another order, some of them again and again, in more and smaller
 * turns. All the answers of both tellings are held against each other byte by byte.
 * Erasures are no facts: they come when all facts are there.
 *
 *   order_test             seeds until the time is up
 *   order_test --seed S    one seed */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "grow.h"
#include "room.h"
#include "story.h"

#define SECONDS_AT_MOST 8
#define SEEDS_AT_MOST   400
#define SECOND_US       INT64_C(1000000)
#define SPLITS          3 /* turns with scans only after each turn */

/* A description or a turn, and when it happens. */
struct moment {
    int64_t now_us;
    size_t first, last; /* its steps in the story as it was told */
    bool is_turn;
};

struct plot {
    const struct story *told;
    struct chance chance;
    struct moment *moments;
    size_t moment_count, moment_capacity;
    int *moment_of; /* [told->count]: in which moment each scan comes; -1: none */
    bool shuffled;
};

static char path[ROOM_PATH_BYTES];

/* ---- What both tellings share ---- */

/* Whether nothing of one description is left out in another: nobody is retired. */
static bool keeps_all(const struct model_site *before, const struct model_site *after)
{
    for (size_t i = 0; i < before->reader_count; i++) {
        bool kept = false;
        for (size_t j = 0; j < after->reader_count && !kept; j++)
            kept = strcmp(before->readers[i].id, after->readers[j].id) == 0;
        if (!kept) return false;
    }
    for (size_t i = 0; i < before->zone_count; i++) {
        bool kept = false;
        for (size_t j = 0; j < after->zone_count && !kept; j++)
            kept = strcmp(before->zones[i].id, after->zones[j].id) == 0;
        if (!kept) return false;
    }
    return true;
}

static bool is_fact(enum step_kind kind)
{
    return kind >= STEP_SCAN && kind <= STEP_COMPLETE;
}

/* Find the turns and descriptions and give them times that only grow. */
static void find_moments(struct plot *plot)
{
    const struct story *told = plot->told;
    int64_t last_us = 0;
    const struct model_site *site = NULL;
    for (size_t i = 0; i < told->count; i++) {
        const struct step *step = &told->steps[i];
        if (step->kind != STEP_DESCRIBE && step->kind != STEP_BEGIN) continue;
        if (step->kind == STEP_DESCRIBE) {
            const struct model_site *next = &told->sites[step->site];
            if (site && !keeps_all(site, next)) continue;
            site = next;
        }
        size_t last = i + 1;
        while (last < told->count && told->steps[last].kind != STEP_BEGIN &&
               told->steps[last].kind != STEP_DESCRIBE)
            last++;
        int64_t now_us = step->now_us > last_us + SECOND_US ? step->now_us : last_us + SECOND_US;
        last_us = now_us;
        plot->moments = make_room(plot->moments, &plot->moment_capacity, plot->moment_count + 1,
                                  sizeof *plot->moments);
        plot->moments[plot->moment_count++] =
            (struct moment){now_us, i, last, step->kind == STEP_BEGIN};
    }
}

/* When a scan of this moment is learnt: as given, but not after its turn. */
static int64_t learnt_of(const struct step *scan, const struct moment *moment)
{
    bool given = scan->learnt_us != WB_NO_TIME && scan->learnt_us < moment->now_us;
    return given ? scan->learnt_us : moment->now_us;
}

/* Whether a scan may be quarantined, by whatever description. */
static bool clock_is_doubtful(const struct step *scan, int64_t learnt_us)
{
    return scan->at_us > learnt_us || scan->at_us < 946684800 * SECOND_US;
}

/* Whether the reader is there at a moment: no reader is taken away in between. */
static bool is_described_before(const struct plot *plot, const char *reader, int moment)
{
    for (int m = 0; m < moment; m++) {
        if (plot->moments[m].is_turn) continue;
        const struct model_site *site =
            &plot->told->sites[plot->told->steps[plot->moments[m].first].site];
        for (size_t i = 0; i < site->reader_count; i++)
            if (strcmp(site->readers[i].id, reader) == 0) return true;
    }
    return false;
}

/* Choose the moment of a scan: any turn that begins at or after it was learnt. A scan that may
 * be quarantined keeps its turn, since a release without one is refused. */
static int choose_moment(struct plot *plot, int home, const struct step *scan)
{
    int64_t learnt_us = learnt_of(scan, &plot->moments[home]);
    bool stays = !plot->shuffled || clock_is_doubtful(scan, learnt_us) ||
                 !is_described_before(plot, scan->reader, home);
    if (stays || chance_percent(&plot->chance, 30)) return home;
    int chosen = chance_below(&plot->chance, (int)plot->moment_count);
    while (!plot->moments[chosen].is_turn || plot->moments[chosen].now_us < learnt_us ||
           !is_described_before(plot, scan->reader, chosen))
        chosen = (chosen + 1) % (int)plot->moment_count;
    return chosen;
}

static void place_scans(struct plot *plot)
{
    const struct story *told = plot->told;
    plot->moment_of = malloc((told->count + 1) * sizeof(int));
    assert(plot->moment_of);
    for (size_t i = 0; i < told->count; i++)
        plot->moment_of[i] = -1;
    for (size_t m = 0; m < plot->moment_count; m++) {
        for (size_t i = plot->moments[m].first; i < plot->moments[m].last; i++) {
            if (told->steps[i].kind == STEP_SCAN && plot->moments[m].is_turn)
                plot->moment_of[i] = choose_moment(plot, (int)m, &told->steps[i]);
        }
    }
}

static int home_of(const struct plot *plot, size_t step)
{
    for (size_t m = 0; m < plot->moment_count; m++)
        if (plot->moments[m].first <= step && step < plot->moments[m].last) return (int)m;
    return -1;
}

/* ---- Telling it ---- */

static void add_scan(struct plot *plot, struct story *out, size_t step)
{
    const struct step *scan = &plot->told->steps[step];
    struct step *added = story_add(out, STEP_SCAN);
    *added = *scan;
    added->learnt_us = learnt_of(scan, &plot->moments[home_of(plot, step)]);
}

/* In which part of its moment a scan comes: what may be released comes first. */
static int part_of(const struct plot *plot, size_t step)
{
    const struct step *scan = &plot->told->steps[step];
    int64_t learnt_us = learnt_of(scan, &plot->moments[home_of(plot, step)]);
    if (!plot->shuffled || clock_is_doubtful(scan, learnt_us)) return 0;
    return (int)(step % SPLITS);
}

/* The scans of a moment in the part of it that is asked for, backwards or forwards; in the
 * second telling some of all scans so far again, learnt later. */
static void add_scans(struct plot *plot, struct story *out, int moment, int part)
{
    size_t count = plot->told->count;
    bool backwards = plot->shuffled && chance_percent(&plot->chance, 50);
    for (size_t n = 0; n < count; n++) {
        size_t i = backwards ? count - 1 - n : n;
        if (plot->moment_of[i] == moment && part_of(plot, i) == part) add_scan(plot, out, i);
    }
    for (size_t i = 0; plot->shuffled && i < count; i++) {
        bool came = plot->moment_of[i] >= 0 && plot->moment_of[i] < moment;
        if (!came || !chance_percent(&plot->chance, 10)) continue;
        add_scan(plot, out, i);
        if (chance_percent(&plot->chance, 50)) out->steps[out->count - 1].learnt_us = WB_NO_TIME;
    }
}

static void add_other_facts(struct plot *plot, struct story *out, const struct moment *moment,
                            bool releases)
{
    for (size_t i = moment->first; i < moment->last; i++) {
        const struct step *step = &plot->told->steps[i];
        if (!is_fact(step->kind) || step->kind == STEP_SCAN) continue;
        if ((step->kind == STEP_RELEASE) != releases) continue;
        *story_add(out, step->kind) = *step;
    }
}

static void add_turn(struct plot *plot, struct story *out, int moment)
{
    const struct moment *turn = &plot->moments[moment];
    story_add(out, STEP_BEGIN)->now_us = turn->now_us;
    bool scans_first = plot->shuffled && chance_percent(&plot->chance, 50);
    if (!scans_first) add_other_facts(plot, out, turn, false);
    for (int part = 0; part < (plot->shuffled ? SPLITS : 1); part++) {
        add_scans(plot, out, moment, part);
        if (part == 0 && scans_first) add_other_facts(plot, out, turn, false);
        if (part == 0) add_other_facts(plot, out, turn, true);
        bool more = plot->shuffled && part + 1 < SPLITS;
        if (!more) continue;
        story_add(out, STEP_END);
        if (chance_percent(&plot->chance, 10)) story_add(out, STEP_IDLE);
        if (chance_percent(&plot->chance, 10)) story_add(out, STEP_REOPEN);
        story_add(out, STEP_BEGIN)->now_us = turn->now_us + part + 1;
    }
    story_add(out, STEP_END);
}

/* Tell a story anew, its questions all at the end. */
static void retell(struct plot *plot, struct story *out)
{
    const struct story *told = plot->told;
    *out = (struct story){.sites = told->sites, .site_count = told->site_count};
    find_moments(plot);
    place_scans(plot);
    assert(plot->moment_count > 0); /* a story begins with a description */
    *story_add(out, STEP_DESCRIBE) = told->steps[plot->moments[0].first];
    out->steps[0].now_us = plot->moments[0].now_us;
    for (size_t i = 0; i < told->count; i++) {
        if (told->steps[i].kind != STEP_PERSON) continue;
        *story_add(out, STEP_PERSON) = told->steps[i];
        out->steps[out->count - 1].now_us = plot->moments[0].now_us;
    }
    for (int m = 1; m < (int)plot->moment_count; m++) {
        const struct moment *moment = &plot->moments[m];
        if (moment->is_turn) {
            add_turn(plot, out, m);
        } else {
            *story_add(out, STEP_DESCRIBE) = told->steps[moment->first];
            out->steps[out->count - 1].now_us = moment->now_us;
        }
    }
    int64_t last_us = plot->moments[plot->moment_count - 1].now_us;
    for (size_t i = 0; i < told->count; i++) {
        if (told->steps[i].kind != STEP_ERASE) continue;
        *story_add(out, STEP_ERASE) = told->steps[i];
        out->steps[out->count - 1].now_us = last_us + 10 * SECOND_US;
    }
    if (plot->shuffled && chance_percent(&plot->chance, 50)) story_add(out, STEP_REBUILD);
    for (size_t i = 0; i < told->count; i++)
        if (told->steps[i].kind == STEP_ASK) *story_add(out, STEP_ASK) = told->steps[i];
}

static char *answers(const struct story *told, uint64_t seed, bool shuffled)
{
    struct plot plot = {.told = told, .chance = {seed}, .shuffled = shuffled};
    struct story story;
    struct lines heard = {0};
    retell(&plot, &story);
    story.heard = &heard;
    size_t failed = 0;
    char *wrong = story_play(&story, path, NULL, &failed);
    if (wrong) {
        printf("seed %" PRIu64 "%s: library and model disagree at step %zu:\n%s", seed,
               shuffled ? ", shuffled" : "", failed, wrong);
        if (story.steps[failed].kind == STEP_ASK) question_print(&story.steps[failed].question);
        story_shrink(&story, path, failed, 800);
        story_print(&story);
        char *still = story_play(&story, path, NULL, NULL);
        puts(still ? still : "");
        free(still);
        free(wrong);
    }
    free(story.steps);
    free(plot.moments);
    free(plot.moment_of);
    char *text = lines_joined(&heard);
    if (!wrong) return text;
    free(text);
    return NULL;
}

static bool seed_holds(uint64_t seed)
{
    struct story told;
    story_tell(&told, seed);
    char *once = answers(&told, seed, false);
    char *again = once ? answers(&told, seed, true) : NULL;
    bool holds = once && again && strcmp(once, again) == 0;
    if (once && again && !holds) {
        printf("seed %" PRIu64 ": another order, other answers:\n%s\n---- shuffled ----\n%s\n",
               seed, once, again);
    }
    free(once);
    free(again);
    story_done(&told);
    return holds;
}

int main(int count, char **arguments)
{
    uint64_t from = 1;
    uint64_t seeds = SEEDS_AT_MOST;
    if (count == 3 && strcmp(arguments[1], "--seed") == 0) {
        from = strtoull(arguments[2], NULL, 10);
        seeds = 1;
    }
    room_make("site.db", path);
    time_t begun = time(NULL);
    bool hold = true;
    uint64_t done = 0;
    for (; done < seeds && hold && time(NULL) - begun < SECONDS_AT_MOST; done++) {
        bool erases = seeds > 1 && done % 2 == 1;
        hold = seed_holds(from + done + (erases ? STORY_ERASES_FROM : 0));
    }
    room_remove(path);
    if (hold) printf("%" PRIu64 " stories, told twice: the same answers\n", done);
    return hold ? 0 : 1;
}
