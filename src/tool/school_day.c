/* A day at the school: who goes where and which scans that leaves. */
#include <assert.h>
#include <stdlib.h>

#include "base/list.h"
#include "tool/dice.h"
#include "tool/school.h"

enum { DICE_DAY = 16, DICE_WEEK, DICE_LESSON };

enum { NO_DIRECTION, IN, OUT };

#define AT(hour, minute) ((uint32_t)((hour)*60 + (minute)))

#define FORGOTTEN_PER_MILLE 15
#define TWICE_PER_MILLE     20

/* One person on the way through a day. */
struct walk {
    const struct school *school;
    struct school_person who;
    uint32_t person;
    uint32_t day;
    struct dice dice;
    uint32_t now_ms;
    struct school_scans *scans;
    bool failed;
};

static bool is_weekend(const struct school *school, uint32_t day)
{
    return (school->first_weekday + day) % 7 >= 5;
}

static uint32_t weekday(const struct school *school, uint32_t day)
{
    return (school->first_weekday + day) % 7;
}

/* When the reader on the field, which has no network, tells what it has: at noon, at six and
 * late in the evening. */
static uint32_t field_learnt(uint32_t time_ms)
{
    static const uint32_t told[] = {AT(12, 30), AT(18, 0), AT(22, 30)};

    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        if (time_ms < told[i] * SCHOOL_MINUTE_MS) return told[i] * SCHOOL_MINUTE_MS;
    }
    return time_ms;
}

static uint8_t band_in_use(const struct walk *walk)
{
    const struct school_person *who = &walk->who;

    if (!who->loses_band || walk->day < who->lost_day) return SCHOOL_FIRST_BAND;
    if (walk->day > who->lost_day) return SCHOOL_SECOND_BAND;
    if (walk->now_ms < SCHOOL_LOST_MS) return SCHOOL_FIRST_BAND;
    return walk->now_ms < SCHOOL_REPLACED_MS ? SCHOOL_BY_NAME : SCHOOL_SECOND_BAND;
}

static void push(struct walk *walk, uint32_t reader, uint8_t direction, uint32_t time_ms)
{
    uint32_t learnt_ms = time_ms + 200 + dice_below(&walk->dice, 2500);

    if (reader == SCHOOL_FIELD) {
        learnt_ms = field_learnt(time_ms) + 1000 + dice_below(&walk->dice, 4000);
    }
    /* For an hour of one day the library's clock is three hours ahead. */
    if (reader == SCHOOL_LIBRARY && walk->day == walk->school->wrong_clock_day &&
        time_ms >= AT(15, 0) * SCHOOL_MINUTE_MS && time_ms < AT(16, 0) * SCHOOL_MINUTE_MS) {
        time_ms += 180 * SCHOOL_MINUTE_MS;
    }
    struct school_scan scan = {time_ms,          learnt_ms,         walk->person,
                               (uint16_t)reader, band_in_use(walk), direction};
    if (!LIST_PUSH(walk->scans, scan)) walk->failed = true;
}

/* Be somewhere not before a time of day, give or take. */
static void until(struct walk *walk, uint32_t minute, uint32_t give_minutes)
{
    uint32_t ms =
        minute * SCHOOL_MINUTE_MS + dice_below(&walk->dice, give_minutes * SCHOOL_MINUTE_MS);
    if (ms > walk->now_ms) walk->now_ms = ms;
}

/* Pass a reader: mostly one scan, sometimes none, sometimes two. Then walk on. */
static void pass(struct walk *walk, uint32_t reader, uint8_t direction)
{
    bool forgotten = dice_chance(&walk->dice, FORGOTTEN_PER_MILLE);
    bool twice = dice_chance(&walk->dice, TWICE_PER_MILLE);

    if (!forgotten) push(walk, reader, direction, walk->now_ms);
    if (!forgotten && twice) {
        push(walk, reader, direction, walk->now_ms + 300 + dice_below(&walk->dice, 1400));
    }
    walk->now_ms += 15000 + dice_below(&walk->dice, 60000);
}

static void stay_minutes(struct walk *walk, uint32_t least, uint32_t more)
{
    walk->now_ms += (least + dice_below(&walk->dice, more)) * SCHOOL_MINUTE_MS;
}

static void house_door(struct walk *walk)
{
    pass(walk, school_house_door(walk->school, walk->who.house), NO_DIRECTION);
}

static void dorm_door(struct walk *walk)
{
    pass(walk, school_dorm_door(walk->school, walk->who.house, walk->who.dorm), NO_DIRECTION);
}

static void meal(struct walk *walk, uint32_t minute)
{
    until(walk, minute, 30);
    pass(walk, SCHOOL_REFECTORY, NO_DIRECTION);
    stay_minutes(walk, 15, 15);
    pass(walk, SCHOOL_REFECTORY, NO_DIRECTION);
}

/* Pupils of one year and set have a lesson in the same room. */
static void lesson(struct walk *walk, uint32_t minute, uint32_t period)
{
    uint32_t set = walk->person % 5;
    struct dice dice = dice_of(walk->school->seed, DICE_LESSON,
                               ((uint64_t)weekday(walk->school, walk->day) * 16 + period) * 64 +
                                   walk->who.year * 5ull + set);
    uint32_t room = dice_below(&dice, walk->school->rooms);

    until(walk, minute - 6, 8);
    pass(walk, school_room_door(walk->school, room), NO_DIRECTION);
}

static void drill(struct walk *walk)
{
    until(walk, AT(10, 20), 7);
    pass(walk, SCHOOL_OAK, NO_DIRECTION);
    until(walk, AT(10, 42), 6);
    pass(walk, SCHOOL_MAIN_DOOR, IN);
}

/* What a pupil does between lessons and dinner. Begins in the main building. */
static void afternoon(struct walk *walk)
{
    uint32_t what = dice_below(&walk->dice, 10);

    until(walk, AT(15, 5), 10);
    if (what < 5) {
        pass(walk, SCHOOL_MAIN_DOOR, OUT);
        pass(walk, SCHOOL_FIELD, NO_DIRECTION);
        until(walk, AT(16, 45), 20);
    } else if (what < 8) {
        pass(walk, SCHOOL_LIBRARY, NO_DIRECTION);
        until(walk, AT(16, 30), 40);
        pass(walk, SCHOOL_LIBRARY, NO_DIRECTION);
        pass(walk, SCHOOL_MAIN_DOOR, OUT);
    } else {
        pass(walk, SCHOOL_MAIN_DOOR, OUT);
    }
    house_door(walk);
}

/* Whether a pupil goes home over a weekend, from Friday afternoon to Sunday evening. */
static bool goes_home(const struct walk *walk, uint32_t day)
{
    uint32_t week = (walk->school->first_weekday + day) / 7;
    struct dice dice = dice_of(walk->school->seed, DICE_WEEK, walk->person * 1024ull + week);

    return dice_chance(&dice, 180);
}

static void evening(struct walk *walk)
{
    until(walk, AT(18, 0), 10);
    house_door(walk);
    pass(walk, SCHOOL_MAIN_DOOR, IN);
    meal(walk, AT(18, 10));
    if (dice_chance(&walk->dice, 250)) {
        pass(walk, SCHOOL_LIBRARY, NO_DIRECTION);
        until(walk, AT(20, 15), 40);
        pass(walk, SCHOOL_LIBRARY, NO_DIRECTION);
    }
    pass(walk, SCHOOL_MAIN_DOOR, OUT);
    house_door(walk);
    until(walk, AT(21, 15), 50);
    dorm_door(walk);
}

/* Out of bed and to breakfast; on the first day out of the coach. */
static void morning(struct walk *walk, uint32_t minute)
{
    until(walk, minute, 35);
    if (walk->day == 0) {
        pass(walk, SCHOOL_GATE_IN, NO_DIRECTION);
    } else {
        dorm_door(walk);
        house_door(walk);
    }
    pass(walk, SCHOOL_MAIN_DOOR, IN);
    meal(walk, minute + 30);
}

static void school_morning(struct walk *walk)
{
    morning(walk, AT(6, 45));
    lesson(walk, AT(8, 40), 0);
    lesson(walk, AT(9, 40), 1);
    if (walk->day == walk->school->drill_day) drill(walk);
    lesson(walk, AT(11, 0), 2);
    lesson(walk, AT(12, 0), 3);
    meal(walk, AT(12, 55));
    lesson(walk, AT(14, 0), 4);
}

static void pupil_on_school_day(struct walk *walk)
{
    school_morning(walk);
    if (weekday(walk->school, walk->day) == 4 && goes_home(walk, walk->day)) {
        until(walk, AT(15, 10), 60);
        pass(walk, SCHOOL_MAIN_DOOR, OUT);
        pass(walk, SCHOOL_GATE_OUT, NO_DIRECTION);
        return;
    }
    afternoon(walk);
    evening(walk);
}

/* Into town, onto the field, or into a book. Begins in the main building after breakfast. */
static void weekend_midday(struct walk *walk)
{
    uint32_t what = dice_below(&walk->dice, 10);

    if (what < 4) {
        pass(walk, SCHOOL_MAIN_DOOR, OUT);
        until(walk, AT(10, 30), 60);
        pass(walk, SCHOOL_GATE_OUT, NO_DIRECTION);
        until(walk, AT(15, 0), 120);
        pass(walk, SCHOOL_GATE_IN, NO_DIRECTION);
    } else if (what < 7) {
        pass(walk, SCHOOL_MAIN_DOOR, OUT);
        until(walk, AT(13, 30), 60);
        pass(walk, SCHOOL_FIELD, NO_DIRECTION);
        until(walk, AT(16, 0), 45);
    } else {
        pass(walk, SCHOOL_LIBRARY, NO_DIRECTION);
        until(walk, AT(14, 0), 120);
        pass(walk, SCHOOL_LIBRARY, NO_DIRECTION);
        pass(walk, SCHOOL_MAIN_DOOR, OUT);
    }
    house_door(walk);
}

static void pupil_on_weekend(struct walk *walk)
{
    bool sunday = weekday(walk->school, walk->day) == 6;

    if (goes_home(walk, walk->day)) {
        if (walk->day == 0 || !sunday) return;
        until(walk, AT(16, 30), 80);
        pass(walk, SCHOOL_GATE_IN, NO_DIRECTION);
        house_door(walk);
        evening(walk);
        return;
    }
    morning(walk, AT(8, 30));
    weekend_midday(walk);
    evening(walk);
}

static void staff_day(struct walk *walk)
{
    /* One in five is on duty at a weekend, everybody else from Monday to Friday. */
    if (is_weekend(walk->school, walk->day) && (walk->person + walk->day / 7) % 5 != 0) return;

    until(walk, AT(7, 0), 60);
    pass(walk, SCHOOL_GATE_IN, NO_DIRECTION);
    pass(walk, SCHOOL_MAIN_DOOR, IN);
    until(walk, AT(8, 15), 20);
    pass(walk, school_room_door(walk->school, walk->person % walk->school->rooms), NO_DIRECTION);
    if (walk->day == walk->school->drill_day) drill(walk);
    meal(walk, AT(12, 45));
    until(walk, AT(16, 15), 90);
    pass(walk, SCHOOL_MAIN_DOOR, OUT);
    pass(walk, SCHOOL_GATE_OUT, NO_DIRECTION);
}

/* Somebody from outside with a band of their own, which nobody has paired. */
static void visitor_day(struct walk *walk)
{
    if (walk->day % 5 != walk->school->days / 2 % 5) return;

    until(walk, AT(10, 0), 60);
    pass(walk, SCHOOL_GATE_IN, NO_DIRECTION);
    pass(walk, SCHOOL_MAIN_DOOR, IN);
    meal(walk, AT(12, 45));
    until(walk, AT(14, 30), 30);
    pass(walk, SCHOOL_MAIN_DOOR, OUT);
    pass(walk, SCHOOL_GATE_OUT, NO_DIRECTION);
}

/* By when it was learnt; every member counts, so that the order is one. */
static int compare(const void *a, const void *b)
{
    const struct school_scan *one = a;
    const struct school_scan *other = b;

    if (one->learnt_ms != other->learnt_ms) return one->learnt_ms < other->learnt_ms ? -1 : 1;
    if (one->time_ms != other->time_ms) return one->time_ms < other->time_ms ? -1 : 1;
    if (one->person != other->person) return one->person < other->person ? -1 : 1;
    return (int)one->reader - (int)other->reader;
}

bool school_day(const struct school *school, uint32_t day, struct school_scans *out)
{
    assert(day < school->days);
    out->count = 0;

    for (uint32_t person = 0; person <= school->people; person++) {
        struct walk walk = {.school = school, .person = person, .day = day, .scans = out};
        walk.dice = dice_of(school->seed, DICE_DAY + (uint64_t)day * 64, person);
        if (person == school->people) {
            visitor_day(&walk);
        } else {
            school_person(school, person, &walk.who);
            if (walk.who.staff) {
                staff_day(&walk);
            } else if (is_weekend(school, day)) {
                pupil_on_weekend(&walk);
            } else {
                pupil_on_school_day(&walk);
            }
        }
        if (walk.failed) return false;
    }
    if (out->count > 0) qsort(out->at, out->count, sizeof *out->at, compare);
    return true;
}
