/* school: an invented boarding school, for trying things on.
 *
 * Everything is a function of the seed, the number of people and the day, so any part can be
 * asked by itself and the same seed gives the same bytes. Pupils live in houses with
 * dormitories, eat in the refectory, have lessons in rooms, play on the field (whose reader is
 * offline by day and tells its scans when it is carried in), and go to town or home through
 * the gate. Scans are forgotten now and then, bands are tapped twice, lost and replaced. */
#ifndef TOOL_SCHOOL_H
#define TOOL_SCHOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCHOOL_ID_BYTES   32
#define SCHOOL_TIME_ZONE  "Europe/London"
#define SCHOOL_PEOPLE_MAX 1000000u
#define SCHOOL_DAYS_MAX   3660u
#define SCHOOL_MINUTE_MS  60000

struct school {
    uint64_t seed;
    uint32_t people; /* the first `pupils` are pupils, the others staff */
    uint32_t pupils;
    uint32_t houses, dorms; /* dorms: of each house */
    uint32_t rooms;
    uint32_t days;
    uint32_t first_weekday; /* of day 0; Monday is 0 */
    uint32_t drill_day;     /* the day of the fire drill; == days: there is none */
    uint32_t wrong_clock_day;
};

struct school school_of(uint64_t seed, uint32_t people, uint32_t days, uint32_t first_weekday);

/* ---- Places ---- */

/* Readers are numbers from 0 up to school_reader_count. The first have names of their own. */
enum school_reader {
    SCHOOL_GATE_IN,
    SCHOOL_GATE_OUT,
    SCHOOL_MAIN_DOOR,
    SCHOOL_REFECTORY,
    SCHOOL_LIBRARY,
    SCHOOL_FIELD,
    SCHOOL_OAK,
    SCHOOL_OTHERS, /* the houses' doors, then the rooms, then the dormitories */
};

uint32_t school_reader_count(const struct school *school);
uint32_t school_house_door(const struct school *school, uint32_t house);
uint32_t school_room_door(const struct school *school, uint32_t room);
uint32_t school_dorm_door(const struct school *school, uint32_t house, uint32_t dorm);

/* The reader's id; returns the bytes, without the NUL. */
size_t school_reader_id(const struct school *school, uint32_t reader, char out[SCHOOL_ID_BYTES]);

/* "house-ash", "ash-dorm-1" */
void school_house_id(uint32_t house, char out[SCHOOL_ID_BYTES]);
void school_dorm_id(uint32_t house, uint32_t dorm, char out[SCHOOL_ID_BYTES]);
const char *school_house_name(uint32_t house); /* "ash" */

/* ---- People ---- */

struct school_person {
    char id[SCHOOL_ID_BYTES];
    char name[64];
    uint32_t house, dorm; /* staff have no dorm */
    uint32_t year;        /* 7 to 13; 0 for staff */
    bool staff, needs_help;
    bool loses_band;
    uint32_t lost_day; /* on which the first band is lost at SCHOOL_LOST_MS and replaced */
};

#define SCHOOL_LOST_MS     (16 * 60 * SCHOOL_MINUTE_MS)
#define SCHOOL_REPLACED_MS ((17 * 60 + 10) * SCHOOL_MINUTE_MS)

void school_person(const struct school *school, uint32_t person, struct school_person *out);

/* The chip of a person's first (0) or second (1) band: upper-case hex, 7 bytes. */
void school_band_id(const struct school *school, uint32_t person, uint32_t which,
                    char out[SCHOOL_ID_BYTES]);

/* ---- Days ---- */

enum school_band { SCHOOL_FIRST_BAND, SCHOOL_SECOND_BAND, SCHOOL_BY_NAME };

struct school_scan {
    uint32_t time_ms; /* by the reader's clock, since the day began by the site's clock */
    uint32_t learnt_ms;
    uint32_t person; /* school->people: the visitor, whose band nobody knows */
    uint16_t reader;
    uint8_t band;      /* enum school_band */
    uint8_t direction; /* 0, 1 in, 2 out */
};

struct school_scans {
    struct school_scan *at;
    size_t count, capacity;
};

/* All scans of a day, in the order in which they were learnt. The list is emptied first.
 * Returns false when memory is used up. */
bool school_day(const struct school *school, uint32_t day, struct school_scans *out);

#endif
