/* Every answer of a file as sorted text: equal facts, equal text. */
#include "script.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define END_US (SCRIPT_START_US + 18 * SCRIPT_HOUR_US)

/* Being written: the first failure makes the rest do nothing. */
struct answers {
    struct wb *wb;
    FILE *out;
    wb_status status;
    struct wb_people people;
    struct wb_zones zones; /* the real ones */
    struct wb_readers readers;
    char log_of[WB_ID_BYTES_MAX + 1]; /* whose log is written */
};

static const int64_t moments_us[] = {
    SCRIPT_START_US + 27 * SCRIPT_MINUTE_US,
    SCRIPT_START_US + 2 * SCRIPT_HOUR_US,
    SCRIPT_START_US + 4 * SCRIPT_HOUR_US + 1,
    END_US,
};

static const int64_t knowns_us[] = {
    WB_EVERYTHING,
    SCRIPT_START_US + 75 * SCRIPT_MINUTE_US,
    SCRIPT_START_US + 5 * SCRIPT_HOUR_US,
};

#define MOMENT_COUNT (sizeof moments_us / sizeof moments_us[0])
#define KNOWN_COUNT  (sizeof knowns_us / sizeof knowns_us[0])

/* ---- Names and times ---------------------------------------------------------------- */

/* Minutes since the script's start, short enough to read in a difference. */
static const char *when(int64_t us, char out[static 40])
{
    if (us == WB_NO_TIME) return "none";
    if (us == WB_STILL_THERE) return "ever";
    int64_t since_us = us - SCRIPT_START_US;
    (void)snprintf(out, 40, "%" PRId64 "m%" PRId64, since_us / SCRIPT_MINUTE_US,
                   since_us % SCRIPT_MINUTE_US);
    return out;
}

static const char *person_name(const struct answers *answers, wb_person person)
{
    return person.n == WB_NONE ? "nobody" : wb_person_id(answers->wb, person);
}

static const char *zone_name(const struct answers *answers, wb_zone zone)
{
    if (zone.n == WB_ZONE_UNKNOWN) return "unknown";
    return zone.n == WB_ZONE_OUTSIDE ? "outside" : wb_zone_id(answers->wb, zone);
}

static const char *reader_name(const struct answers *answers, wb_reader reader)
{
    return reader.n == WB_NONE ? "none" : wb_reader_id(answers->wb, reader);
}

/* ---- Where ------------------------------------------------------------------------- */

static void write_whereabouts(struct answers *answers, const char *question,
                              const struct wb_whereabouts *place)
{
    char since[40];
    char seen[40];
    (void)fprintf(answers->out, "%s: %s in %s last %s since %s seen %s by %s\n", question,
                  person_name(answers, place->person), zone_name(answers, place->zone),
                  zone_name(answers, place->last_zone), when(place->since_us, since),
                  when(place->last_seen_us, seen), reader_name(answers, place->reader));
}

static void name_moment(const char *what, const struct wb_moment *moment, char out[static 160])
{
    char as_of[40];
    char known[40];
    (void)snprintf(out, 160, "%s at %s known %s", what, when(moment->as_of_us, as_of),
                   when(moment->known_us, known));
}

static void write_people_places(struct answers *answers, const struct wb_moment *moment)
{
    char question[160];
    name_moment("where", moment, question);
    for (size_t i = 0; i < answers->people.count && answers->status == WB_OK; i++) {
        struct wb_whereabouts place = {0};
        answers->status = wb_where(answers->wb, answers->people.at[i], moment, &place);
        if (answers->status == WB_OK) write_whereabouts(answers, question, &place);
    }
}

static void write_everybody(struct answers *answers, const struct wb_moment *moment)
{
    struct wb_whereabouts_list list = {0};
    char question[160];
    name_moment("everybody", moment, question);
    if (answers->status == WB_OK) answers->status = wb_everybody(answers->wb, moment, &list);
    for (size_t i = 0; i < list.count; i++)
        write_whereabouts(answers, question, &list.at[i]);
    wb_list_done(&list);
}

/* A zone's people, by both questions that give them. */
static void write_zone(struct answers *answers, wb_zone zone, const struct wb_moment *moment)
{
    struct wb_people people = {0};
    struct wb_whereabouts_list list = {0};
    char question[160];
    name_moment(zone_name(answers, zone), moment, question);
    if (answers->status == WB_OK) answers->status = wb_inside(answers->wb, zone, moment, &people);
    if (answers->status == WB_OK) answers->status = wb_at(answers->wb, zone, moment, &list);
    for (size_t i = 0; i < people.count; i++) {
        (void)fprintf(answers->out, "%s: inside %s\n", question,
                      person_name(answers, people.at[i]));
    }
    for (size_t i = 0; i < list.count; i++)
        write_whereabouts(answers, question, &list.at[i]);
    if (answers->status == WB_OK && list.count != people.count) {
        (void)fprintf(answers->out, "BROKEN %s: %zu are inside, %zu at\n", question, people.count,
                      list.count);
    }
    wb_list_done(&people);
    wb_list_done(&list);
}

static void write_counts(struct answers *answers, const struct wb_moment *moment)
{
    struct wb_head_counts counts = {0};
    char question[160];
    name_moment("count", moment, question);
    if (answers->status == WB_OK) {
        answers->status = wb_head_count(answers->wb, moment, NULL, &counts);
    }
    if (answers->status == WB_OK) {
        size_t sum = (size_t)counts.outside + counts.unknown;
        for (size_t i = 0; i < counts.count; i++) {
            sum += counts.at[i].direct;
            (void)fprintf(answers->out, "%s: %s %u direct %u\n", question,
                          zone_name(answers, counts.at[i].zone), counts.at[i].count,
                          counts.at[i].direct);
        }
        (void)fprintf(answers->out, "%s: outside %u unknown %u\n", question, counts.outside,
                      counts.unknown);
        if (moment->known_us == WB_EVERYTHING && sum != answers->people.count) {
            (void)fprintf(answers->out, "BROKEN %s: heads sum to %zu, people are %zu\n", question,
                          sum, answers->people.count);
        }
    }
    wb_list_done(&counts);
}

static void write_could_change(struct answers *answers, const struct wb_moment *moment)
{
    struct wb_readers readers = {0};
    char question[160];
    name_moment("could change", moment, question);
    if (answers->status == WB_OK) {
        answers->status =
            wb_could_change(answers->wb, moment->as_of_us, moment->known_us, &readers);
    }
    for (size_t i = 0; i < readers.count; i++) {
        (void)fprintf(answers->out, "%s: %s\n", question, reader_name(answers, readers.at[i]));
    }
    wb_list_done(&readers);
}

static void write_moment(struct answers *answers, int64_t as_of_us, int64_t known_us)
{
    struct wb_moment moment = {as_of_us, known_us, known_us == WB_EVERYTHING ? END_US : known_us};
    write_people_places(answers, &moment);
    write_everybody(answers, &moment);
    write_counts(answers, &moment);
    write_could_change(answers, &moment);
    for (size_t i = 0; i < answers->zones.count; i++) {
        write_zone(answers, answers->zones.at[i], &moment);
    }
    write_zone(answers, (wb_zone){WB_ZONE_OUTSIDE}, &moment);
    write_zone(answers, (wb_zone){WB_ZONE_UNKNOWN}, &moment);
}

/* ---- Through time ------------------------------------------------------------------ */

static struct wb_window whole(int64_t known_us)
{
    return (struct wb_window){WB_NO_TIME, WB_STILL_THERE, known_us,
                              known_us == WB_EVERYTHING ? END_US : known_us};
}

static void write_path(struct answers *answers, wb_person person, int64_t known_us)
{
    struct wb_stays stays = {0};
    struct wb_window window = whole(known_us);
    char times[4][40];
    if (answers->status == WB_OK) {
        answers->status = wb_path(answers->wb, person, &window, &stays);
    }
    for (size_t i = 0; i < stays.count; i++) {
        const struct wb_stay *stay = &stays.at[i];
        (void)fprintf(
            answers->out, "path of %s known %s: %s to %s in %s seen %s scans %u flags %u\n",
            person_name(answers, person), when(known_us, times[0]), when(stay->from_us, times[1]),
            when(stay->until_us, times[2]), zone_name(answers, stay->zone),
            when(stay->last_seen_us, times[3]), stay->scans, stay->flags);
        if (i > 0 && stay->from_us < stays.at[i - 1].until_us) {
            (void)fprintf(answers->out, "BROKEN path of %s: stays overlap\n",
                          person_name(answers, person));
        }
    }
    wb_list_done(&stays);
}

static int by_number(const void *a, const void *b)
{
    const wb_zone *left = a;
    const wb_zone *right = b;
    return (left->n > right->n) - (left->n < right->n);
}

static void write_company(struct answers *answers, wb_person person, int64_t known_us)
{
    struct wb_company_list list = {0};
    struct wb_window window = whole(known_us);
    char times[3][40];
    if (answers->status == WB_OK) {
        answers->status = wb_with(answers->wb, person, &window, 0, NULL, &list);
    }
    for (size_t i = 0; i < list.count; i++) {
        const struct wb_company *company = &list.at[i];
        (void)fprintf(answers->out, "with %s known %s: %s for %" PRId64 " first %s last %s in",
                      person_name(answers, person), when(known_us, times[0]),
                      person_name(answers, company->person), company->together_us,
                      when(company->first_us, times[1]), when(company->last_us, times[2]));
        wb_zone *zones = list.zones.at + company->first_zone;
        qsort(zones, company->zone_count, sizeof zones[0], by_number);
        for (uint32_t z = 0; z < company->zone_count; z++) {
            (void)fprintf(answers->out, " %s", zone_name(answers, zones[z]));
        }
        (void)fputc('\n', answers->out);
    }
    wb_list_done(&list);
    wb_list_done(&list.zones);
}

static void write_curve(struct answers *answers, wb_zone zone, int64_t known_us)
{
    struct wb_counts counts = {0};
    struct wb_window window = {SCRIPT_START_US, END_US, known_us,
                               known_us == WB_EVERYTHING ? END_US : known_us};
    char known[40];
    if (answers->status == WB_OK) {
        answers->status =
            wb_occupancy(answers->wb, zone, &window, 7 * SCRIPT_MINUTE_US, NULL, &counts);
    }
    if (answers->status == WB_OK) {
        (void)fprintf(answers->out, "occupancy of %s known %s:", zone_name(answers, zone),
                      when(known_us, known));
        for (size_t i = 0; i < counts.count; i++)
            (void)fprintf(answers->out, " %u", counts.at[i]);
        (void)fputc('\n', answers->out);
    }
    wb_list_done(&counts);
}

/* ---- Lists ------------------------------------------------------------------------- */

static void write_register(struct answers *answers)
{
    for (size_t i = 0; i < answers->people.count && answers->status == WB_OK; i++) {
        struct wb_person_row row = {0};
        answers->status = wb_person_row(answers->wb, answers->people.at[i], &row);
        if (answers->status != WB_OK) return;
        (void)fprintf(answers->out, "person %s named %s of %s notes %s help %d\n", row.id,
                      row.name ? row.name : "-", row.groups ? row.groups : "-",
                      row.notes ? row.notes : "-", row.needs_help);
    }
    struct wb_people unseen = {0};
    if (answers->status == WB_OK) answers->status = wb_people_unseen(answers->wb, &unseen);
    for (size_t i = 0; i < unseen.count; i++) {
        (void)fprintf(answers->out, "unseen %s\n", person_name(answers, unseen.at[i]));
    }
    wb_list_done(&unseen);
}

static void write_kept(struct answers *answers, const char *what, const struct wb_kept_scans *scans,
                       bool with_reasons)
{
    char times[3][40];
    for (size_t i = 0; i < scans->count && answers->status == WB_OK; i++) {
        const struct wb_kept_scan *scan = &scans->at[i];
        char reason[200] = "";
        if (with_reasons) {
            answers->status = wb_withdrawn_reason(answers->wb, scan, reason, sizeof reason);
        }
        (void)fprintf(answers->out, "%s %s %s direction %d at %s learnt %s withdrawn %s %s\n", what,
                      reader_name(answers, scan->reader), wb_band_id(answers->wb, scan->band),
                      (int)scan->direction, when(scan->at_us, times[0]),
                      when(scan->learnt_us, times[1]), when(scan->withdrawn_us, times[2]), reason);
    }
}

static void write_kept_lists(struct answers *answers)
{
    struct wb_kept_scans scans = {0};
    if (answers->status == WB_OK) answers->status = wb_held(answers->wb, &scans);
    if (answers->status == WB_OK) write_kept(answers, "held", &scans, false);
    if (answers->status == WB_OK) answers->status = wb_quarantined(answers->wb, &scans);
    if (answers->status == WB_OK) write_kept(answers, "quarantined", &scans, false);
    if (answers->status == WB_OK) answers->status = wb_withdrawn(answers->wb, &scans);
    if (answers->status == WB_OK) write_kept(answers, "withdrawn", &scans, true);
    wb_list_done(&scans);
}

static void write_pairings(struct answers *answers)
{
    struct wb_pairings pairings = {0};
    char times[3][40];
    if (answers->status == WB_OK) answers->status = wb_pairings(answers->wb, &pairings);
    for (size_t i = 0; answers->status == WB_OK && i < pairings.count; i++) {
        const struct wb_pairing *row = &pairings.at[i];
        (void)fprintf(answers->out, "pairing %s of %s from %s until %s learnt %s\n",
                      wb_band_id(answers->wb, row->band), person_name(answers, row->person),
                      when(row->from_us, times[0]), when(row->until_us, times[1]),
                      when(row->learnt_us, times[2]));
    }
    wb_list_done(&pairings);
}

static void write_site(struct answers *answers)
{
    const char *json = NULL;
    size_t bytes = 0;
    if (answers->status == WB_OK) answers->status = wb_description(answers->wb, &json, &bytes);
    if (answers->status == WB_OK) (void)fprintf(answers->out, "site %.*s\n", (int)bytes, json);
    for (size_t i = 0; i < answers->zones.count && answers->status == WB_OK; i++) {
        struct wb_zone_row row = {0};
        answers->status = wb_zone_row(answers->wb, answers->zones.at[i], &row);
        if (answers->status != WB_OK) return;
        (void)fprintf(answers->out, "zone %s in %s retired %d\n", row.id,
                      zone_name(answers, row.parent), row.retired);
    }
    for (size_t i = 0; i < answers->readers.count && answers->status == WB_OK; i++) {
        struct wb_reader_row row = {0};
        char times[3][40];
        answers->status = wb_reader_row(answers->wb, answers->readers.at[i], &row);
        if (answers->status != WB_OK) return;
        (void)fprintf(answers->out, "reader %s kind %c retired %s complete %s heard %s\n", row.id,
                      row.kind, when(row.retired_us, times[0]), when(row.complete_us, times[1]),
                      when(row.last_heard_us, times[2]));
    }
}

/* ---- What the host keeps ------------------------------------------------------------ */

static bool write_credential(void *context, const struct wb_credential *c)
{
    struct answers *answers = context;
    (void)fprintf(answers->out, "credential %d %s %s %s\n", (int)c->kind, c->name, c->role,
                  c->secret);
    return true;
}

static bool write_lookup(void *context, int64_t number, const struct wb_lookup *lookup)
{
    struct answers *answers = context;
    (void)fprintf(answers->out, "log of %s: %" PRId64 " by %s for %s: %s, of %zu\n",
                  answers->log_of, number, lookup->who, lookup->purpose, lookup->question,
                  lookup->count);
    return true;
}

static void write_kept_by_host(struct answers *answers)
{
    char *plan = NULL;
    size_t bytes = 0;
    if (answers->status != WB_OK) return;
    answers->status = wb_document(answers->wb, "plan", &plan, &bytes);
    if (answers->status == WB_OK) (void)fprintf(answers->out, "plan %s\n", plan);
    if (answers->status == WB_ENOENT) answers->status = WB_OK;
    wb_release_memory(plan);
    if (answers->status == WB_OK) {
        answers->status = wb_credentials_all(answers->wb, write_credential, answers);
    }
    for (size_t i = 0; i < answers->people.count && answers->status == WB_OK; i++) {
        /* A copy: the next question may read the file again. */
        (void)snprintf(answers->log_of, sizeof answers->log_of, "%s",
                       person_name(answers, answers->people.at[i]));
        answers->status =
            wb_lookups_of(answers->wb, answers->people.at[i], 0, END_US, write_lookup, answers);
    }
}

static void write_numbers(struct answers *answers)
{
    struct wb_numbers numbers = {0};
    char times[3][40];
    if (answers->status == WB_OK) answers->status = wb_numbers(answers->wb, &numbers);
    if (answers->status != WB_OK) return;
    (void)fprintf(answers->out,
                  "numbers: commits %" PRIu64 " scans %" PRIu64 " people %" PRIu64 " held %" PRIu64
                  " quarantined %" PRIu64 " withdrawals %" PRIu64 " releases %" PRIu64
                  " pairings %" PRIu64 " from %s to %s learnt %s\n",
                  numbers.commits, numbers.scans, numbers.people, numbers.held, numbers.quarantined,
                  numbers.withdrawals, numbers.releases, numbers.pairings,
                  when(numbers.first_us, times[0]), when(numbers.last_us, times[1]),
                  when(numbers.learnt_us, times[2]));
}

/* ---- Together ---------------------------------------------------------------------- */

static void write_all(struct answers *answers)
{
    if (!wb_is_described(answers->wb)) {
        (void)fputs("no description yet\n", answers->out);
        return;
    }
    answers->status = wb_people_all(answers->wb, &answers->people);
    if (answers->status == WB_OK) answers->status = wb_zones_all(answers->wb, &answers->zones);
    if (answers->status == WB_OK) {
        answers->status = wb_readers_all(answers->wb, &answers->readers);
    }
    write_site(answers);
    write_register(answers);
    write_kept_lists(answers);
    write_pairings(answers);
    write_numbers(answers);
    write_kept_by_host(answers);
    for (size_t k = 0; k < KNOWN_COUNT; k++) {
        for (size_t m = 0; m < MOMENT_COUNT; m++) {
            write_moment(answers, moments_us[m], knowns_us[k]);
        }
        for (size_t i = 0; i < answers->people.count; i++) {
            write_path(answers, answers->people.at[i], knowns_us[k]);
            write_company(answers, answers->people.at[i], knowns_us[k]);
        }
        for (size_t i = 0; i < answers->zones.count; i++) {
            write_curve(answers, answers->zones.at[i], knowns_us[k]);
        }
    }
}

static int by_text(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

/* Sort the lines of a text in place of it; lists come in no order. */
static char *sorted_lines(char *text, size_t bytes)
{
    size_t count = 0;
    for (size_t i = 0; i < bytes; i++)
        count += text[i] == '\n';
    const char **lines = reallocarray(NULL, count + 1, sizeof lines[0]);
    char *sorted = reallocarray(NULL, 1, bytes + 1);
    assert(lines && sorted);
    char *rest = text;
    for (size_t i = 0; i < count; i++)
        lines[i] = strsep(&rest, "\n");
    qsort(lines, count, sizeof lines[0], by_text);
    char *end = sorted;
    for (size_t i = 0; i < count; i++) {
        end = stpcpy(end, lines[i]);
        end = stpcpy(end, "\n");
    }
    *end = '\0';
    free(lines);
    free(text);
    return sorted;
}

wb_status script_answers(struct wb *wb, char **out)
{
    char *text = NULL;
    size_t bytes = 0;
    struct answers answers = {.wb = wb, .out = open_memstream(&text, &bytes)};
    assert(answers.out);
    write_all(&answers);
    wb_list_done(&answers.people);
    wb_list_done(&answers.zones);
    wb_list_done(&answers.readers);
    (void)fclose(answers.out);
    *out = NULL;
    if (answers.status == WB_OK) {
        *out = sorted_lines(text, bytes);
    } else {
        free(text);
    }
    return answers.status;
}

void script_difference(const char *want, const char *got, char *out, size_t bytes)
{
    while (*want && *got) {
        size_t want_bytes = strcspn(want, "\n");
        size_t got_bytes = strcspn(got, "\n");
        if (want_bytes != got_bytes || memcmp(want, got, want_bytes) != 0) break;
        want += want_bytes + 1;
        got += got_bytes + 1;
    }
    (void)snprintf(out, bytes, "wanted \"%.*s\"\n   got \"%.*s\"", (int)strcspn(want, "\n"), want,
                   (int)strcspn(got, "\n"), got);
}
