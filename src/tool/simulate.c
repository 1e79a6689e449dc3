/* whereabouts simulate: write an invented boarding school to a directory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/list.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "base/zoneinfo.h"
#include "tool/command.h"
#include "tool/progress.h"
#include "tool/say.h"
#include "tool/school.h"

/* Before any day on which this is likely to run, so that no scan lies in the future; the
 * clocks change in the two weeks before it. */
#define LAST_DAY "2025-04-06"

struct simulation {
    struct school school;
    const char *directory;
    struct time_zone *clock;
    int64_t first_day; /* days since 1970-01-01 */
    char written[4][4096];
    size_t written_count;
};

/* ---- Times ---- */

/* The offset from UTC by day, in minutes. The clocks change at night, before anybody is up. */
static int32_t offset_minutes(const struct simulation *simulation, int64_t day)
{
    int64_t noon_s;
    (void)time_zone_from_local(simulation->clock, day * 86400 + INT64_C(12) * 3600, &noon_s);
    return time_zone_offset(simulation->clock, noon_s) / 60;
}

static char *put_number(char *at, uint32_t number, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        at[i] = (char)('0' + number % 10);
        number /= 10;
    }
    return at + digits;
}

/* "2025-03-24T07:12:33.123+00:00"; by hand, since there are millions of them. */
static char *put_time(char *at, const struct time_civil *date, uint32_t ms, int32_t offset)
{
    uint32_t minutes = (uint32_t)(offset < 0 ? -offset : offset);

    at = put_number(at, (uint32_t)date->year, 4);
    *at++ = '-';
    at = put_number(at, date->month, 2);
    *at++ = '-';
    at = put_number(at, date->day, 2);
    *at++ = 'T';
    at = put_number(at, ms / 3600000 % 24, 2);
    *at++ = ':';
    at = put_number(at, ms / 60000 % 60, 2);
    *at++ = ':';
    at = put_number(at, ms / 1000 % 60, 2);
    *at++ = '.';
    at = put_number(at, ms % 1000, 3);
    *at++ = offset < 0 ? '-' : '+';
    at = put_number(at, minutes / 60, 2);
    *at++ = ':';
    return put_number(at, minutes % 60, 2);
}

static struct time_civil date_of(int64_t day)
{
    return time_civil_at(day * 86400 * TIME_SECOND_US, NULL);
}

/* ---- Files ---- */

static int cannot_write(const char *path)
{
    return say(SAY_NO, "%s cannot be written: %s", path, strerrordesc_np(errno));
}

/* Begin a file that was not there before. */
static int begin_file(struct simulation *simulation, const char *name, FILE **out)
{
    char *path = simulation->written[simulation->written_count];

    int bytes = snprintf(path, sizeof simulation->written[0], "%s/%s", simulation->directory, name);
    if (bytes < 0 || (size_t)bytes >= sizeof simulation->written[0]) {
        return say(SAY_WRONG_USE, "--out %s is too long a name", simulation->directory);
    }
    *out = fopen(path, "wx");
    if (*out == NULL && errno == EEXIST) {
        return say(SAY_NO, "%s is there already; name another directory, or remove it first", path);
    }
    if (*out == NULL) return cannot_write(path);
    simulation->written_count++;
    return SAY_DONE;
}

static int end_file(const struct simulation *simulation, FILE *file)
{
    const char *path = simulation->written[simulation->written_count - 1];
    bool failed = ferror(file) != 0;

    if (fclose(file) != 0 || failed) return cannot_write(path);
    return SAY_DONE;
}

/* ---- The site's description ---- */

static void write_zones(const struct school *school, FILE *file)
{
    char house[SCHOOL_ID_BYTES];
    char dorm[SCHOOL_ID_BYTES];

    (void)fputs(
        "  \"zones\": [\n"
        "    { \"id\": \"school\", \"name\": \"Inside the gate\" },\n"
        "    { \"id\": \"grounds\", \"in\": \"school\" },\n"
        "    { \"id\": \"field\", \"in\": \"grounds\", \"name\": \"Sports field\", "
        "\"forget_after\": \"6h\" },\n"
        "    { \"id\": \"oak\", \"in\": \"grounds\", \"name\": \"Assembly point, oak tree\", "
        "\"muster\": true },\n"
        "    { \"id\": \"main\", \"in\": \"school\", \"name\": \"Main building\" },\n"
        "    { \"id\": \"refectory\", \"in\": \"main\", \"forget_after\": \"3h\" },\n"
        "    { \"id\": \"library\", \"in\": \"main\", \"capacity\": 120 }",
        file);
    for (uint32_t i = 0; i < school->rooms; i++) {
        (void)fprintf(file,
                      ",\n    { \"id\": \"room-%u\", \"in\": \"main\", \"capacity\": 30, "
                      "\"forget_after\": \"4h\" }",
                      i + 1);
    }
    for (uint32_t i = 0; i < school->houses; i++) {
        const char *name = school_house_name(i);
        school_house_id(i, house);
        (void)fprintf(file,
                      ",\n    { \"id\": \"%s\", \"in\": \"school\", \"name\": \"%c%s House\" }",
                      house, name[0] - 'a' + 'A', name + 1);
        for (uint32_t j = 0; j < school->dorms; j++) {
            school_dorm_id(i, j, dorm);
            (void)fprintf(file, ",\n    { \"id\": \"%s\", \"in\": \"%s\" }", dorm, house);
        }
    }
    (void)fputs("\n  ],\n", file);
}

static void write_readers(const struct school *school, FILE *file)
{
    char reader[SCHOOL_ID_BYTES];
    char house[SCHOOL_ID_BYTES];
    char dorm[SCHOOL_ID_BYTES];

    (void)fputs(
        "  \"readers\": [\n"
        "    { \"id\": \"gate-in\", \"enter\": \"school\", \"name\": \"Gate, in\" },\n"
        "    { \"id\": \"gate-out\", \"leave\": \"school\", \"name\": \"Gate, out\" },\n"
        "    { \"id\": \"main-door\", \"between\": [\"school\", \"main\"] },\n"
        "    { \"id\": \"refectory-door\", \"between\": [\"main\", \"refectory\"] },\n"
        "    { \"id\": \"library-door\", \"between\": [\"main\", \"library\"] },\n"
        "    { \"id\": \"field-post\", \"enter\": \"field\", \"name\": \"Field, no network\" },\n"
        "    { \"id\": \"oak-post\", \"enter\": \"oak\", \"purpose\": \"muster\" }",
        file);
    for (uint32_t i = 0; i < school->rooms; i++) {
        (void)school_reader_id(school, school_room_door(school, i), reader);
        (void)fprintf(file, ",\n    { \"id\": \"%s\", \"enter\": \"room-%u\" }", reader, i + 1);
    }
    for (uint32_t i = 0; i < school->houses; i++) {
        school_house_id(i, house);
        (void)school_reader_id(school, school_house_door(school, i), reader);
        (void)fprintf(file, ",\n    { \"id\": \"%s\", \"between\": [\"school\", \"%s\"] }", reader,
                      house);
        for (uint32_t j = 0; j < school->dorms; j++) {
            school_dorm_id(i, j, dorm);
            (void)school_reader_id(school, school_dorm_door(school, i, j), reader);
            (void)fprintf(file, ",\n    { \"id\": \"%s\", \"between\": [\"%s\", \"%s\"] }", reader,
                          house, dorm);
        }
    }
    (void)fputs("\n  ]\n}\n", file);
}

static int write_site(struct simulation *simulation)
{
    FILE *file = NULL;

    int status = begin_file(simulation, "site.json", &file);
    if (status != SAY_DONE) return status;
    (void)fputs("{\n"
                "  \"id\": \"larch-hill\", \"name\": \"Larch Hill School (invented)\",\n"
                "  \"timezone\": \"" SCHOOL_TIME_ZONE "\",\n"
                "  \"policy\": { \"forget_after\": \"18h\", \"debounce\": \"2s\", "
                "\"max_clock_ahead\": \"2m\",\n"
                "              \"unknown_bands\": \"hold\", \"heartbeat\": \"60s\" },\n",
                file);
    write_zones(&simulation->school, file);
    write_readers(&simulation->school, file);
    return end_file(simulation, file);
}

/* ---- People and bands ---- */

static int write_people(struct simulation *simulation)
{
    const struct school *school = &simulation->school;
    struct school_person who;
    char dorm[SCHOOL_ID_BYTES];
    char house[SCHOOL_ID_BYTES];
    FILE *file = NULL;

    int status = begin_file(simulation, "people.csv", &file);
    if (status != SAY_DONE) return status;
    (void)fputs("id,name,groups,needs_help,dormitory\n", file);
    for (uint32_t i = 0; i < school->people; i++) {
        school_person(school, i, &who);
        school_house_id(who.house, house);
        school_dorm_id(who.house, who.dorm, dorm);
        (void)fprintf(file, "%s,%s,", who.id, who.name);
        if (who.staff) {
            (void)fprintf(file, "staff;%s", house);
        } else {
            (void)fprintf(file, "pupils;year-%u;%s", who.year, house);
        }
        (void)fprintf(file, ",%s,%s\n", who.needs_help ? "yes" : "", who.staff ? "" : dorm);
    }
    return end_file(simulation, file);
}

/* One row. An end is always at the hour of replacement. */
struct band_row {
    uint32_t person, which;
    int64_t from_day;
    uint32_t from_ms;
    bool ends;
    int64_t until_day, learnt_day;
    uint32_t learnt_ms;
};

static void write_band(const struct simulation *simulation, const struct band_row *row, FILE *file)
{
    char band[SCHOOL_ID_BYTES];
    char line[256];
    struct school_person who;
    struct time_civil date = date_of(row->from_day);

    school_band_id(&simulation->school, row->person, row->which, band);
    school_person(&simulation->school, row->person, &who);
    int bytes = snprintf(line, sizeof line, "%s,%s,", band, who.id);
    char *at = line + (bytes > 0 ? bytes : 0);
    at = put_time(at, &date, row->from_ms, offset_minutes(simulation, row->from_day));
    *at++ = ',';
    if (row->ends) {
        date = date_of(row->until_day);
        at = put_time(at, &date, SCHOOL_REPLACED_MS, offset_minutes(simulation, row->until_day));
    }
    *at++ = ',';
    date = date_of(row->learnt_day);
    at = put_time(at, &date, row->learnt_ms, offset_minutes(simulation, row->learnt_day));
    *at++ = '\n';
    (void)fwrite(line, 1, (size_t)(at - line), file);
}

static int write_bands(struct simulation *simulation)
{
    const struct school *school = &simulation->school;
    const uint32_t given_ms = 5 * 60 * SCHOOL_MINUTE_MS; /* before the first is up */
    struct school_person who;
    FILE *file = NULL;

    int status = begin_file(simulation, "bands.csv", &file);
    if (status != SAY_DONE) return status;
    (void)fputs("band,person,from,until,learnt\n", file);
    for (uint32_t i = 0; i < school->people; i++) {
        struct band_row row = {.person = i,
                               .from_day = simulation->first_day,
                               .from_ms = given_ms,
                               .learnt_day = simulation->first_day,
                               .learnt_ms = given_ms};
        school_person(school, i, &who);
        write_band(simulation, &row, file);
        if (!who.loses_band) continue;
        int64_t lost_day = simulation->first_day + who.lost_day;
        row.ends = true;
        row.until_day = row.learnt_day = lost_day;
        row.learnt_ms = SCHOOL_REPLACED_MS + 2 * SCHOOL_MINUTE_MS;
        write_band(simulation, &row, file);
        row.which = 1;
        row.ends = false;
        row.from_day = lost_day;
        row.from_ms = SCHOOL_REPLACED_MS;
        write_band(simulation, &row, file);
    }
    return end_file(simulation, file);
}

/* ---- Scans ---- */

/* Ids as text, once each: a row takes them from here. */
struct texts {
    char (*reader)[SCHOOL_ID_BYTES];
    char (*person)[SCHOOL_ID_BYTES];
};

static char *put_text(char *at, const char *text)
{
    return mempcpy(at, text, strlen(text));
}

static char *put_band(char *at, const struct school *school, const struct texts *texts,
                      const struct school_scan *scan)
{
    char band[SCHOOL_ID_BYTES];

    if (scan->person == school->people) return put_text(at, "VISITOR-7");
    if (scan->band == SCHOOL_BY_NAME) {
        at = put_text(at, "person:");
        return put_text(at, texts->person[scan->person]);
    }
    school_band_id(school, scan->person, scan->band, band);
    return put_text(at, band);
}

static void write_day(const struct simulation *simulation, const struct texts *texts,
                      const struct school_scans *scans, uint32_t day, FILE *file)
{
    static const char *const directions[] = {"", "in", "out"};
    int64_t today = simulation->first_day + day;
    int32_t offset = offset_minutes(simulation, today);
    struct time_civil date = date_of(today);
    char line[256];

    for (size_t i = 0; i < scans->count; i++) {
        const struct school_scan *scan = &scans->at[i];
        char *at = put_time(line, &date, scan->time_ms, offset);
        *at++ = ',';
        at = put_band(at, &simulation->school, texts, scan);
        *at++ = ',';
        at = put_text(at, texts->reader[scan->reader]);
        *at++ = ',';
        at = put_text(at, directions[scan->direction]);
        *at++ = ',';
        at = put_time(at, &date, scan->learnt_ms, offset);
        *at++ = '\n';
        (void)fwrite(line, 1, (size_t)(at - line), file);
    }
}

static void make_texts(const struct school *school, struct texts *texts)
{
    struct school_person who;
    uint32_t readers = school_reader_count(school);

    texts->reader = calloc(readers, sizeof *texts->reader);
    texts->person = calloc(school->people, sizeof *texts->person);
    if (texts->reader == NULL || texts->person == NULL) say_no_memory();
    for (uint32_t i = 0; i < readers; i++)
        (void)school_reader_id(school, i, texts->reader[i]);
    for (uint32_t i = 0; i < school->people; i++) {
        school_person(school, i, &who);
        (void)snprintf(texts->person[i], SCHOOL_ID_BYTES, "%s", who.id);
    }
}

static int write_scans(struct simulation *simulation)
{
    struct school_scans scans = {0};
    struct progress progress;
    struct texts texts;
    uint64_t count = 0;
    FILE *file = NULL;

    int status = begin_file(simulation, "scans.csv", &file);
    if (status != SAY_DONE) return status;
    make_texts(&simulation->school, &texts);
    progress_begin(&progress, "scans");
    (void)fputs("time,band,reader,direction,learnt\n", file);
    for (uint32_t day = 0; day < simulation->school.days && !ferror(file); day++) {
        if (!school_day(&simulation->school, day, &scans)) say_no_memory();
        write_day(simulation, &texts, &scans, day, file);
        count += scans.count;
        progress_draw(&progress, "inventing", day + 1, simulation->school.days, count);
    }
    progress_end(&progress);
    free(texts.reader);
    free(texts.person);
    LIST_DONE(&scans);
    status = end_file(simulation, file);
    if (status == SAY_DONE) {
        (void)printf("%s: %u people, %u days, %llu scans\n", simulation->directory,
                     simulation->school.people, simulation->school.days, (unsigned long long)count);
    }
    return status;
}

/* ---- The command ---- */

static int take_number(const struct call *call, const char *name, uint64_t most, uint64_t *out)
{
    const char *text = call_value(call, name);
    char *end;

    errno = 0;
    *out = strtoull(text, &end, 10);
    uint64_t least = strcmp(name, "seed") == 0 ? 0 : 1;
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *out >= least &&
        *out <= most) {
        return SAY_DONE;
    }
    return say(SAY_WRONG_USE, "--%s '%s' is not a whole number from %llu to %llu", name, text,
               (unsigned long long)least, (unsigned long long)most);
}

/* A date as days since 1970-01-01. */
static int take_last_day(const struct call *call, int64_t *day)
{
    const char *text = call_value(call, "until");
    char moment[64];
    int64_t us;

    if (text == NULL) text = LAST_DAY;
    int bytes = snprintf(moment, sizeof moment, "%sT00:00:00Z", text);
    if (strlen(text) == 10 && time_parse(moment, (size_t)bytes, NULL, &us) == TIME_OK) {
        *day = us / (86400 * TIME_SECOND_US);
        if (*day > 0) return SAY_DONE;
    }
    return say(SAY_WRONG_USE, "--until '%s' is not a date after 1970; write it like " LAST_DAY,
               text);
}

static int make_directory(const char *path)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST) return SAY_DONE;
    return say(SAY_NO, "%s: the directory cannot be made: %s", path, strerrordesc_np(errno));
}

static int write_all(struct simulation *simulation)
{
    int status = make_directory(simulation->directory);
    if (status == SAY_DONE) status = write_site(simulation);
    if (status == SAY_DONE) status = write_people(simulation);
    if (status == SAY_DONE) status = write_bands(simulation);
    if (status == SAY_DONE) status = write_scans(simulation);

    /* Half a school is no school. */
    for (size_t i = 0; status != SAY_DONE && i < simulation->written_count; i++)
        (void)unlink(simulation->written[i]);
    return status;
}

int simulate_run(const struct call *call)
{
    struct simulation simulation = {.directory = call_value(call, "out")};
    uint64_t people = 0;
    uint64_t days = 0;
    uint64_t seed = 0;
    int64_t last_day = 0;

    int status = take_number(call, "people", SCHOOL_PEOPLE_MAX, &people);
    if (status == SAY_DONE) status = take_number(call, "days", SCHOOL_DAYS_MAX, &days);
    if (status == SAY_DONE) status = take_number(call, "seed", UINT64_MAX, &seed);
    if (status == SAY_DONE) status = take_last_day(call, &last_day);
    if (status != SAY_DONE) return status;

    if (zoneinfo_load(SCHOOL_TIME_ZONE, &simulation.clock) != ZONEINFO_OK) {
        return say(SAY_NO, "this system does not know the time zone " SCHOOL_TIME_ZONE
                           "; install its time zone data (tzdata)");
    }
    simulation.first_day = last_day - (int64_t)days + 1;
    /* 1970-01-01 was a Thursday; Monday is 0. */
    uint32_t weekday = (uint32_t)((simulation.first_day % 7 + 7 + 3) % 7);
    simulation.school = school_of(seed, (uint32_t)people, (uint32_t)days, weekday);
    status = write_all(&simulation);
    time_zone_free(simulation.clock);
    return status;
}
