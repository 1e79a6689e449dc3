#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "story.h"
#include "story_site.h"

#define PEOPLE 12
#define BANDS  18

static const char *const people_ids[PEOPLE] = {
    "ann", "bob", "Zoë", "o'neil", "x y", "42", "DEADBEEF", "emil", "a\"b", "é", "person", "ua",
};

/* Some are chips in one of their spellings, some are also the id of a person. */
static const char *const band_ids[BANDS] = {
    "b1",         "04:a2:2b:33",
    "ann",        "de:ad:be:ef",
    "b10",        "0102030405060708",
    "emil",       "b2",
    "04A2-2b",    "04-a2-2b-44-55-66-77",
    "loose",      "B1",
    "b3",         "b4",
    "ü",          "0a0b0c0d",
    "tiddlywink", "b5",
};
static const char *const other_spellings[BANDS] = {
    [1] = "04A22B33",       [3] = "deadbeef",     [5] = "01:02:03:04:05:06:07:08",
    [9] = "04A22B44556677", [15] = "0A-0B-0C-0D",
};

struct moments {
    int64_t *at;
    size_t count, capacity;
};

struct teller {
    struct story *story;
    struct chance chance;
    struct chance limits; /* its own, so that old seeds still tell the stories they told */
    int64_t grid_us, base_us, now_us;
    int span; /* grid points of the whole story */
    int people, bands;
    bool erases;
    struct moments events;       /* when things happened: what questions are asked about */
    struct moments learnt;       /* when they were learnt */
    const char *by_name[PEOPLE]; /* "person:ID" */
};

static void note(struct moments *moments, int64_t moment_us)
{
    moments->at =
        make_room(moments->at, &moments->capacity, moments->count + 1, sizeof *moments->at);
    moments->at[moments->count++] = moment_us;
}

static bool percent(struct teller *t, int of_100)
{
    return chance_percent(&t->chance, of_100);
}

static int below(struct teller *t, int bound)
{
    return chance_below(&t->chance, bound);
}

static struct step *add_step(struct teller *t, enum step_kind kind)
{
    struct step *step = story_add(t->story, kind);
    step->learnt_us = WB_NO_TIME;
    step->now_us = t->now_us;
    return step;
}

/* ---- Drawing ---- */

static const struct model_site *site_now(const struct teller *t)
{
    return &t->story->sites[t->story->site_count - 1];
}

static const char *draw_person(struct teller *t)
{
    return people_ids[below(t, t->people)];
}

static const char *draw_band(struct teller *t)
{
    if (percent(t, 12)) return t->by_name[below(t, t->people)];
    int band = below(t, t->bands);
    return other_spellings[band] && percent(t, 30) ? other_spellings[band] : band_ids[band];
}

static const char *draw_reader(struct teller *t)
{
    /* Now and then one that was left out. */
    const struct model_site *site =
        percent(t, 90) ? site_now(t) : &t->story->sites[below(t, (int)t->story->site_count)];
    return site->readers[below(t, (int)site->reader_count)].id;
}

/* On a point of the grid, seldom one microsecond beside it or anywhere. */
static int64_t beside(struct teller *t, int64_t moment_us)
{
    int which = below(t, 100);
    if (which < 86) return moment_us;
    if (which < 91) return moment_us + 1;
    if (which < 96) return moment_us - 1;
    return moment_us + chance_between(&t->chance, -t->grid_us, t->grid_us);
}

static int64_t draw_grid(struct teller *t)
{
    return t->base_us + t->grid_us * below(t, t->span);
}

/* When something happened, as the present moment has it: mostly just now, or late. */
static int64_t draw_time(struct teller *t)
{
    int which = below(t, 100);
    if (which < 60) return beside(t, t->now_us - t->grid_us * below(t, 6));
    if (which < 80 && t->events.count)
        return beside(t, t->events.at[below(t, (int)t->events.count)]);
    return beside(t, draw_grid(t));
}

static int64_t draw_wrong_time(struct teller *t)
{
    switch (below(t, 5)) {
    case 0:
        return 946684800 * STORY_SECOND_US - below(t, 3); /* about 2000-01-01 */
    case 1:
        return draw_grid(t) - INT64_C(800000000) * STORY_SECOND_US;
    case 2:
        return draw_grid(t) + 86400 * STORY_SECOND_US * 365;
    default:
        return beside(t, t->now_us + site_now(t)->policy.max_ahead_us);
    }
}

static int64_t draw_learnt(struct teller *t)
{
    int64_t learnt_us = beside(t, draw_grid(t));
    note(&t->learnt, learnt_us);
    return learnt_us;
}

/* A step told before, of one kind; NULL without any. */
static const struct step *step_before(struct teller *t, enum step_kind kind)
{
    for (int tries = 0; tries < 40; tries++) {
        const struct step *step = &t->story->steps[below(t, (int)t->story->count)];
        if (step->kind == kind) return step;
    }
    return NULL;
}

/* ---- Facts ---- */

static void tell_scan(struct teller *t)
{
    struct step step = {.reader = draw_reader(t), .band = draw_band(t)};
    const struct step *earlier = percent(t, 15) ? step_before(t, STEP_SCAN) : NULL;
    if (earlier) {
        step = *earlier; /* again, or nearly */
        if (percent(t, 20)) step.direction = below(t, 3);
        if (percent(t, 20)) step.band = draw_band(t);
        if (percent(t, 20)) step.reader = draw_reader(t);
    } else {
        step.at_us = percent(t, 93) ? draw_time(t) : draw_wrong_time(t);
        step.direction = percent(t, 50) ? WB_NO_DIRECTION : 1 + below(t, 2);
    }
    step.kind = STEP_SCAN;
    step.learnt_us = percent(t, 12) ? draw_learnt(t) : WB_NO_TIME;
    *add_step(t, STEP_SCAN) = step;
    note(&t->events, step.at_us);
}

static void tell_pair(struct teller *t)
{
    struct step step = {.band = band_ids[below(t, t->bands)], .person = draw_person(t)};
    const struct step *earlier = percent(t, 25) ? step_before(t, STEP_PAIR) : NULL;
    if (earlier) {
        step = *earlier;
    } else {
        step.from_us = percent(t, 40) ? WB_NO_TIME : draw_time(t);
        if (step.from_us != WB_NO_TIME) note(&t->events, step.from_us);
    }
    int64_t after_us = step.from_us == WB_NO_TIME ? t->base_us : step.from_us;
    step.until_us = WB_STILL_THERE;
    if (percent(t, 60)) {
        step.until_us =
            percent(t, 50) ? draw_time(t) : after_us + t->grid_us * below(t, t->span / 2 + 1);
        note(&t->events, step.until_us);
    }
    step.kind = STEP_PAIR;
    step.learnt_us = percent(t, 15) ? draw_learnt(t) : WB_NO_TIME;
    *add_step(t, STEP_PAIR) = step;
}

static void tell_unpair(struct teller *t)
{
    struct step *step = add_step(t, percent(t, 50) ? STEP_UNPAIR : STEP_REPLACE);
    step->band = band_ids[below(t, t->bands)];
    step->to = band_ids[below(t, t->bands)];
    step->at_us = draw_time(t);
    note(&t->events, step->at_us);
}

static void tell_withdrawal(struct teller *t)
{
    const struct step *scan = percent(t, 80) ? step_before(t, STEP_SCAN) : NULL;
    struct step step = {.kind = STEP_WITHDRAW};
    if (scan) {
        step.reader = scan->reader;
        step.band = scan->band;
        step.at_us = scan->at_us;
        step.direction = percent(t, 60) ? scan->direction : WB_EVERY_DIRECTION;
    } else {
        step.reader = draw_reader(t);
        step.band = draw_band(t);
        step.at_us = draw_time(t);
        step.direction = below(t, 4);
        note(&t->events, step.at_us);
    }
    *add_step(t, STEP_WITHDRAW) = step;
}

static void tell_release(struct teller *t)
{
    const struct step *scan = NULL;
    for (int tries = 0; tries < 20; tries++) {
        const struct step *one = step_before(t, STEP_SCAN);
        if (!one) return;
        if (!scan || one->at_us < t->base_us || one->at_us > t->now_us) scan = one;
    }
    struct step step = {.kind = STEP_RELEASE, .reader = scan->reader};
    step.from_us = percent(t, 50) ? WB_NO_TIME : scan->at_us - below(t, 2);
    step.until_us = percent(t, 50) ? WB_STILL_THERE : scan->at_us + below(t, 3);
    if (step.until_us <= step.from_us) step.until_us = step.from_us + 1;
    if (percent(t, 20)) {
        step.shift_us = -t->grid_us * below(t, 10);
    } else {
        step.shift_us = draw_time(t) - scan->at_us; /* perhaps onto a scan that is there */
    }
    note(&t->events, scan->at_us + step.shift_us);
    *add_step(t, STEP_RELEASE) = step;
}

static void tell_completeness(struct teller *t)
{
    struct step *step = add_step(t, STEP_COMPLETE);
    step->reader = draw_reader(t);
    step->at_us = percent(t, 90) ? draw_time(t) : t->now_us + t->grid_us;
    note(&t->events, step->at_us);
}

static void tell_fact(struct teller *t)
{
    int which = below(t, 100);
    if (which < 78) {
        tell_scan(t);
    } else if (which < 86) {
        tell_pair(t);
    } else if (which < 89) {
        tell_unpair(t);
    } else if (which < 93) {
        tell_withdrawal(t);
    } else if (which < 96) {
        tell_release(t);
    } else {
        tell_completeness(t);
    }
}

/* ---- Questions ---- */

/* A moment worth asking about: an event, or when its debounce or its forgetting ends. */
static int64_t draw_moment(struct teller *t)
{
    if (t->events.count == 0 || percent(t, 8)) return draw_grid(t);
    int64_t moment_us = t->events.at[below(t, (int)t->events.count)];
    const struct model_site *site = site_now(t);
    int which = below(t, 10);
    if (which == 0) moment_us += site->policy.debounce_us;
    if (which == 1 || which == 2) moment_us += site->policy.forget_us;
    if (which == 3) {
        int64_t forget_us = site->zones[below(t, (int)site->zone_count)].forget_us;
        if (forget_us > 0) moment_us += forget_us;
    }
    if (which == 4) moment_us += t->grid_us;
    return percent(t, 40) ? beside(t, moment_us) : moment_us + below(t, 3) - 1;
}

static void draw_known(struct teller *t, struct question *q)
{
    q->known_us = WB_EVERYTHING;
    q->asked_us = percent(t, 50) ? t->now_us : draw_moment(t);
    if (t->learnt.count == 0 || percent(t, 50)) return;
    q->known_us = t->learnt.at[below(t, (int)t->learnt.count)] + below(t, 3) - 1;
    q->asked_us = q->known_us;
}

static void draw_window(struct teller *t, struct question *q)
{
    int64_t a = draw_moment(t);
    int64_t b = draw_moment(t);
    q->window.from_us = a < b ? a : b;
    q->window.until_us = a < b ? b : a + 1;
    q->every_us = percent(t, 50) ? t->grid_us : 1 + (q->window.until_us - q->window.from_us) / 7;
    if (q->kind == ASK_OCCUPANCY) {
        int64_t longest_us = 200 * q->every_us;
        if (q->window.until_us - q->window.from_us > longest_us)
            q->window.until_us = q->window.from_us + longest_us;
    } else {
        if (percent(t, 20)) q->window.from_us = WB_NO_TIME;
        if (percent(t, 20)) q->window.until_us = WB_STILL_THERE;
    }
    q->window.known_us = q->known_us;
    q->window.asked_us = q->asked_us;
}

static void tell_question(struct teller *t)
{
    static const enum question_kind kinds[] = {
        ASK_WHERE, ASK_WHERE,     ASK_PATH,         ASK_PATH,       ASK_PATH,   ASK_WITH,
        ASK_WITH,  ASK_AT,        ASK_EVERYBODY,    ASK_HEAD_COUNT, ASK_INSIDE, ASK_OCCUPANCY,
        ASK_AT,    ASK_OCCUPANCY, ASK_COULD_CHANGE, ASK_PEOPLE,     ASK_KEPT,   ASK_PAIRINGS,
    };
    struct step *step = add_step(t, STEP_ASK);
    struct question *q = &step->question;
    q->kind = kinds[below(t, (int)(sizeof kinds / sizeof *kinds))];
    if (q->kind == ASK_PAIRINGS && percent(t, 50)) q->kind = ASK_READERS;
    q->known_us = WB_EVERYTHING;
    q->asked_us = t->now_us;
    if (q->kind < ASK_PEOPLE) draw_known(t, q);
    q->as_of_us = percent(t, 15) ? q->asked_us : draw_moment(t);
    q->person = draw_person(t);
    if (percent(t, 30)) q->person = band_ids[below(t, t->bands)]; /* perhaps adopted */
    if (percent(t, 10)) q->person = "04A22B33";
    const struct model_site *site = &t->story->sites[below(t, (int)t->story->site_count)];
    q->zone = site->zones[below(t, (int)site->zone_count)].id;
    if (q->kind != ASK_OCCUPANCY && percent(t, 25))
        q->zone = percent(t, 50) ? "outside" : "unknown";
    draw_window(t, q);
    q->least_us = percent(t, 50) ? 0 : t->grid_us * below(t, 4);
    if (percent(t, 30)) {
        q->only = people_ids;
        q->only_count = (size_t)below(t, t->people);
    }
    if (chance_percent(&t->limits, 40))
        q->zones_salt = 1 + (uint32_t)chance_below(&t->limits, 1000);
}

static void tell_questions(struct teller *t, int count)
{
    while (count-- > 0)
        tell_question(t);
}

/* ---- The whole ---- */

static bool has_scan(const void *context, const char *reader)
{
    const struct story *story = context;
    for (size_t i = 0; i < story->count; i++) {
        if (story->steps[i].kind == STEP_SCAN && strcmp(story->steps[i].reader, reader) == 0)
            return true;
    }
    return false;
}

static void move_clock(struct teller *t, int turns)
{
    int64_t stride = t->span / turns + 1;
    if (percent(t, 8)) {
        t->now_us -= t->grid_us * below(t, 3); /* a clock that was set back, or stands */
    } else {
        t->now_us += t->grid_us * chance_between(&t->chance, 0, 2 * stride) + below(t, 2);
    }
    note(&t->learnt, t->now_us);
}

static void tell_description(struct teller *t)
{
    int site = t->story->site_count
                   ? story_site_change(t->story, &t->chance, t->grid_us, has_scan, t->story)
                   : story_site_draw(t->story, &t->chance, t->grid_us);
    add_step(t, STEP_DESCRIBE)->site = site;
    note(&t->learnt, t->now_us);
}

static void tell_turn(struct teller *t, int facts)
{
    add_step(t, STEP_BEGIN);
    for (int i = 0; i < facts; i++)
        tell_fact(t);
    if (percent(t, 20)) tell_questions(t, 5); /* of what is not believed yet */
    if (percent(t, 15)) {
        add_step(t, STEP_SYNC);
        if (percent(t, 50)) tell_questions(t, 5);
    } else if (percent(t, 4)) {
        add_step(t, STEP_ABANDON);
        return;
    }
    add_step(t, STEP_END);
}

static void tell_erasure(struct teller *t)
{
    struct step *step = add_step(t, STEP_ERASE);
    step->person = percent(t, 70) ? draw_person(t) : band_ids[below(t, t->bands)];
    if (percent(t, 10)) step->person = "04A22B33";
}

/* What may be done between turns, then questions. */
static void tell_pause(struct teller *t)
{
    int which = below(t, 100);
    if (which < 12) {
        add_step(t, STEP_IDLE);
    } else if (which < 22) {
        add_step(t, STEP_REOPEN);
    } else if (which < 28) {
        add_step(t, STEP_REBUILD);
    } else if (which < 34) {
        add_step(t, STEP_BESIDE);
    } else if (which < 40) {
        add_step(t, STEP_VERIFY);
    }
    tell_questions(t, below(t, 12));
}

static void tell_end(struct teller *t)
{
    static const enum step_kind last[] = {STEP_END,     STEP_BESIDE, STEP_IDLE,  STEP_REOPEN,
                                          STEP_REBUILD, STEP_VERIFY, STEP_REOPEN};

    for (size_t i = 0; i < sizeof last / sizeof *last; i++) {
        add_step(t, last[i]);
        tell_questions(t, last[i] == STEP_VERIFY ? 1 : 40);
    }
}

static void begin(struct teller *t)
{
    static const int grids[] = {1, 5, 60, 600, 86400};
    t->grid_us = grids[below(t, 5)] * STORY_SECOND_US;
    t->span = 10 + below(t, percent(t, 70) ? 60 : 800);
    t->base_us = INT64_C(1710000000) * STORY_SECOND_US;
    t->now_us = t->base_us + t->grid_us * below(t, 5);
    t->people = 1 + below(t, PEOPLE);
    t->bands = t->people + below(t, BANDS - t->people) + 1;
    for (int i = 0; i < PEOPLE; i++) {
        char *band = story_memory(t->story, 7 + strlen(people_ids[i]) + 1);
        stpcpy(stpcpy(band, "person:"), people_ids[i]);
        t->by_name[i] = band;
    }
    tell_description(t);
    for (int i = 0; i < t->people; i++)
        if (percent(t, 75)) add_step(t, STEP_PERSON)->person = people_ids[i];
    add_step(t, STEP_BEGIN);
    for (int i = 0; i < t->people; i++)
        tell_pair(t);
}

void story_tell(struct story *story, uint64_t seed)
{
    *story = (struct story){0};
    struct teller t = {
        .story = story, .chance = {seed}, .limits = {~seed}, .erases = seed >= STORY_ERASES_FROM};
    begin(&t);
    int turns = 3 + below(&t, 14);
    int size = below(&t, 100);
    int facts = size < 60 ? 12 : size < 93 ? 60 : 600; /* a turn has fewer than so many */
    for (int i = 0; i < turns; i++) {
        move_clock(&t, turns);
        if (percent(&t, 15)) tell_description(&t);
        if (percent(&t, 10)) add_step(&t, STEP_PERSON)->person = draw_person(&t);
        tell_turn(&t, 1 + below(&t, facts));
        if (t.erases && percent(&t, 30)) tell_erasure(&t);
        tell_pause(&t);
        if (t.erases && percent(&t, 15)) tell_erasure(&t);
    }
    tell_end(&t);
    free(t.events.at);
    free(t.learnt.at);
}
