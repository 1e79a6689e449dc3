#include "tool/school.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "tool/dice.h"

static const char *const trees[] = {
    "ash",    "birch", "cedar",  "elm", "fir",  "hazel",  "holly", "juniper", "larch",
    "linden", "maple", "myrtle", "oak", "pine", "poplar", "rowan", "spruce",  "willow",
};
#define TREES ((uint32_t)(sizeof trees / sizeof trees[0]))

static const char *const first_names[] = {
    "Ada",   "Amélie", "Amir",  "Anouk", "Arlo",  "Beatrix", "Chidi",  "Clara", "Dara",  "Edith",
    "Elif",  "Emeka",  "Esme",  "Farah", "Felix", "Freya",   "George", "Hana",  "Ines",  "Ivo",
    "Jakob", "Jun",    "Kofi",  "Lena",  "Leo",   "Lucia",   "Magnus", "Maya",  "Milan", "Nadia",
    "Noor",  "Olive",  "Oscar", "Pavel", "Priya", "Quinn",   "Rafael", "Rosa",  "Samir", "Sanne",
    "Theo",  "Tilda",  "Umar",  "Vera",  "Wanda", "Xander",  "Yara",   "Zoë",
};
#define FIRST_NAMES ((uint32_t)(sizeof first_names / sizeof first_names[0]))

static const char *const last_names[] = {
    "Adeyemi", "Ashworth", "Bauer",  "Bell",   "Brontë", "Carter",   "Chen",   "Dubois", "Eriksen",
    "Farrow",  "Fischer",  "Gill",   "Grant",  "Haddad", "Hart",     "Holm",   "Iqbal",  "Jansen",
    "Kaya",    "Kelly",    "Khan",   "Kimura", "Lowe",   "Marsh",    "Meyer",  "Moreau", "Nair",
    "Novak",   "O'Brien",  "Okafor", "Osei",   "Park",   "Patel",    "Quist",  "Rahman", "Reyes",
    "Rossi",   "Saito",    "Sharp",  "Silva",  "Singh",  "Sorensen", "Tanaka", "Thorne", "Ueda",
    "Vance",   "Weber",    "Wren",   "Yilmaz", "Zhang",
};
#define LAST_NAMES ((uint32_t)(sizeof last_names / sizeof last_names[0]))

static uint32_t clamp(uint32_t value, uint32_t least, uint32_t most)
{
    return value < least ? least : value > most ? most : value;
}

/* The first weekday at or after the middle: the fire drill is held in lessons. */
static uint32_t find_drill_day(uint32_t days, uint32_t first_weekday)
{
    for (uint32_t day = days / 2; day < days; day++) {
        if ((first_weekday + day) % 7 < 5) return day;
    }
    return days;
}

struct school school_of(uint64_t seed, uint32_t people, uint32_t days, uint32_t first_weekday)
{
    assert(people > 0 && people <= SCHOOL_PEOPLE_MAX);
    assert(days > 0 && days <= SCHOOL_DAYS_MAX);

    uint32_t houses = clamp(people / 60, 2, TREES);
    return (struct school){
        .seed = seed,
        .people = people,
        .pupils = people - people / 8,
        .houses = houses,
        .dorms = clamp(people / houses / 12, 1, 12),
        .rooms = clamp(people / 20, 4, 80),
        .days = days,
        .first_weekday = first_weekday,
        .drill_day = find_drill_day(days, first_weekday),
        .wrong_clock_day = days * 2 / 3,
    };
}

/* ---- Places ---- */

uint32_t school_house_door(const struct school *school, uint32_t house)
{
    assert(house < school->houses);
    return SCHOOL_OTHERS + house;
}

uint32_t school_room_door(const struct school *school, uint32_t room)
{
    assert(room < school->rooms);
    return SCHOOL_OTHERS + school->houses + room;
}

uint32_t school_dorm_door(const struct school *school, uint32_t house, uint32_t dorm)
{
    assert(house < school->houses && dorm < school->dorms);
    return SCHOOL_OTHERS + school->houses + school->rooms + house * school->dorms + dorm;
}

uint32_t school_reader_count(const struct school *school)
{
    return SCHOOL_OTHERS + school->houses + school->rooms + school->houses * school->dorms;
}

size_t school_reader_id(const struct school *school, uint32_t reader, char out[SCHOOL_ID_BYTES])
{
    static const char *const own[SCHOOL_OTHERS] = {
        [SCHOOL_GATE_IN] = "gate-in",      [SCHOOL_GATE_OUT] = "gate-out",
        [SCHOOL_MAIN_DOOR] = "main-door",  [SCHOOL_REFECTORY] = "refectory-door",
        [SCHOOL_LIBRARY] = "library-door", [SCHOOL_FIELD] = "field-post",
        [SCHOOL_OAK] = "oak-post",
    };
    int bytes;

    if (reader < SCHOOL_OTHERS) {
        bytes = snprintf(out, SCHOOL_ID_BYTES, "%s", own[reader]);
    } else if (reader < school_room_door(school, 0)) {
        bytes = snprintf(out, SCHOOL_ID_BYTES, "%s-door", trees[reader - SCHOOL_OTHERS]);
    } else if (reader < school_dorm_door(school, 0, 0)) {
        bytes = snprintf(out, SCHOOL_ID_BYTES, "room-%u-door",
                         reader - school_room_door(school, 0) + 1);
    } else {
        uint32_t dorm = reader - school_dorm_door(school, 0, 0);
        assert(dorm < school->houses * school->dorms);
        bytes = snprintf(out, SCHOOL_ID_BYTES, "%s-dorm-%u-door", trees[dorm / school->dorms],
                         dorm % school->dorms + 1);
    }
    return bytes > 0 ? (size_t)bytes : 0;
}

void school_house_id(uint32_t house, char out[SCHOOL_ID_BYTES])
{
    (void)snprintf(out, SCHOOL_ID_BYTES, "house-%s", trees[house % TREES]);
}

void school_dorm_id(uint32_t house, uint32_t dorm, char out[SCHOOL_ID_BYTES])
{
    (void)snprintf(out, SCHOOL_ID_BYTES, "%s-dorm-%u", trees[house % TREES], dorm + 1);
}

const char *school_house_name(uint32_t house)
{
    return trees[house % TREES];
}

/* ---- People ---- */

enum { DICE_PERSON = 1, DICE_BAND = 2 };

void school_person(const struct school *school, uint32_t person, struct school_person *out)
{
    assert(person < school->people);
    struct dice dice = dice_of(school->seed, DICE_PERSON, person);
    *out = (struct school_person){.staff = person >= school->pupils};

    (void)snprintf(out->id, sizeof out->id, "p%04u", person + 1);
    const char *first = first_names[dice_below(&dice, FIRST_NAMES)];
    (void)snprintf(out->name, sizeof out->name, "%s %s", first,
                   last_names[dice_below(&dice, LAST_NAMES)]);
    out->house = person % school->houses;
    out->dorm = person / school->houses % school->dorms;
    out->year = out->staff ? 0 : 7 + dice_below(&dice, 7);
    out->needs_help = dice_chance(&dice, 15);
    /* The third is one of them in every school, so that there is always one to look at. */
    out->loses_band = !out->staff && (person == 2 || dice_chance(&dice, 8));
    out->lost_day = dice_below(&dice, school->days);
}

void school_band_id(const struct school *school, uint32_t person, uint32_t which,
                    char out[SCHOOL_ID_BYTES])
{
    struct dice dice = dice_of(school->seed, DICE_BAND, person * 2ull + which);

    /* An odd factor maps each number to another one: no two chips are the same. */
    struct dice whole = dice_of(school->seed, DICE_BAND, UINT64_MAX);
    uint32_t own = ((person * 2u + which) * 2654435761u) ^ (uint32_t)dice_next(&whole);
    (void)snprintf(out, SCHOOL_ID_BYTES, "04%08X%04X", own, dice_below(&dice, 65536));
}
