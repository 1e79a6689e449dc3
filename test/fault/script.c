#include "script.h"

#include "lib/faulty_disk.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define PERSON_COUNT 12 /* p00 to p11 */
#define KNOWN_PERSON 11 /* the only one whose scans are all known by heart */
#define STEP_US      (10 * SCRIPT_MINUTE_US)

enum { HELD_BANDS = 1, QUARANTINED = 2, BIG = 4 };

static const char site_json[] =
    "{\"id\":\"larch\",\"name\":\"Larch House\",\"timezone\":\"Europe/London\","
    "\"policy\":{\"forget_after\":\"18h\",\"debounce\":\"2s\",\"max_clock_ahead\":\"2m\","
    "\"unknown_bands\":\"hold\",\"heartbeat\":\"60s\"},"
    "\"zones\":[{\"id\":\"house\"},{\"id\":\"hall\",\"in\":\"house\",\"forget_after\":\"2h\"},"
    "{\"id\":\"kitchen\",\"in\":\"house\"},{\"id\":\"grounds\"}],"
    "\"readers\":[{\"id\":\"front-door\",\"between\":[\"outside\",\"house\"]},"
    "{\"id\":\"hall-door\",\"between\":[\"house\",\"hall\"]},"
    "{\"id\":\"kitchen-door\",\"between\":[\"house\",\"kitchen\"]},"
    "{\"id\":\"gate-in\",\"enter\":\"grounds\"},{\"id\":\"gate-out\",\"leave\":\"grounds\"}]}";

/* Later: a cellar, no gate-out any more, and strange bands are people. */
static const char changed_site_json[] =
    "{\"id\":\"larch\",\"name\":\"Larch House\",\"timezone\":\"Europe/London\","
    "\"policy\":{\"forget_after\":\"12h\",\"debounce\":\"5s\",\"max_clock_ahead\":\"2m\","
    "\"unknown_bands\":\"adopt\",\"heartbeat\":\"60s\"},"
    "\"zones\":[{\"id\":\"house\"},{\"id\":\"hall\",\"in\":\"house\",\"forget_after\":\"3h\"},"
    "{\"id\":\"kitchen\",\"in\":\"house\"},{\"id\":\"grounds\"},"
    "{\"id\":\"cellar\",\"in\":\"kitchen\"}],"
    "\"readers\":[{\"id\":\"front-door\",\"between\":[\"outside\",\"house\"]},"
    "{\"id\":\"hall-door\",\"between\":[\"house\",\"hall\"]},"
    "{\"id\":\"kitchen-door\",\"between\":[\"house\",\"kitchen\"]},"
    "{\"id\":\"gate-in\",\"enter\":\"grounds\"},{\"id\":\"cellar-stairs\",\"enter\":\"cellar\"}]}";

static const char *const readers[] = {"front-door", "hall-door", "kitchen-door", "gate-in",
                                      "gate-out"};

#define READER_COUNT (sizeof readers / sizeof readers[0])

/* ---- Small tools of the steps ------------------------------------------------------ */

static int64_t now_us(const struct script *script)
{
    return SCRIPT_START_US + (int64_t)script->next * STEP_US;
}

static uint64_t chance(struct script *script, uint64_t below)
{
    return seeded_next(&script->random) % below;
}

static wb_status band_named(struct script *script, const char *id, wb_band *out)
{
    return wb_band_intern(script->wb, id, strlen(id), out);
}

static wb_status person_named(struct script *script, int number, wb_person *out)
{
    char id[8];
    (void)snprintf(id, sizeof id, "p%02d", number);
    return wb_person_find(script->wb, id, strlen(id), out);
}

/* A retired reader's scan is refused; that is no failure of the script. */
static wb_status unless_retired(struct script *script, wb_status status)
{
    if (status != WB_EREFUSED) return status;
    script->why.text[0] = '\0';
    return WB_OK;
}

static wb_status scan_at(struct script *script, const char *reader, const char *band, int64_t at_us,
                         wb_direction direction)
{
    struct wb_scan scan = {.at_us = at_us, .learnt_us = WB_NO_TIME, .direction = direction};
    wb_status status = wb_reader_find(script->wb, reader, strlen(reader), &scan.reader);
    if (status == WB_OK) status = band_named(script, band, &scan.band);
    if (status == WB_OK) status = wb_observe(script->wb, &scan, NULL, &script->why);
    return unless_retired(script, status);
}

static wb_status end_turn(struct script *script)
{
    struct wb_summary sum = {0};
    wb_status status = wb_turn(script->wb, &sum);
    if (status != WB_OK) return status;
    script->sum.accepted += sum.accepted;
    script->sum.duplicates += sum.duplicates;
    script->sum.held += sum.held;
    script->sum.quarantined += sum.quarantined;
    script->sum.refused += sum.refused;
    return WB_OK;
}

/* ---- Fact steps -------------------------------------------------------------------- */

static wb_status describe(struct script *script, int changed)
{
    const char *json = changed ? changed_site_json : site_json;
    return wb_describe(script->wb, json, strlen(json), now_us(script), &script->why);
}

static wb_status register_people(struct script *script, int changed)
{
    wb_status status = wb_begin(script->wb, now_us(script));
    for (int i = changed ? 9 : 0; i < PERSON_COUNT && status == WB_OK; i++) {
        char id[8];
        char name[24];
        (void)snprintf(id, sizeof id, "p%02d", i);
        (void)snprintf(name, sizeof name, "%s %d", changed ? "Renamed" : "Person", i);
        struct wb_person_row row = {.id = id,
                                    .name = name,
                                    .groups = i % 3 == 0 ? "staff;night" : "guests",
                                    .notes = changed ? "moved rooms" : "",
                                    .needs_help = i == 4};
        status = wb_person_put(script->wb, &row, NULL, &script->why);
    }
    return status == WB_OK ? end_turn(script) : status;
}

static wb_status pair_one(struct script *script, const char *band, int person, int64_t from_us)
{
    struct wb_pairing pairing = {
        .from_us = from_us, .until_us = WB_STILL_THERE, .learnt_us = WB_NO_TIME};
    wb_status status = band_named(script, band, &pairing.band);
    if (status == WB_OK) status = person_named(script, person, &pairing.person);
    if (status == WB_OK) status = wb_pair(script->wb, &pairing, NULL, &script->why);
    return status;
}

static wb_status pair_all(struct script *script, int unused)
{
    (void)unused;
    wb_status status = wb_begin(script->wb, now_us(script));
    for (int i = 0; i < PERSON_COUNT && status == WB_OK; i++) {
        char band[8];
        (void)snprintf(band, sizeof band, "b%02d", i);
        status = pair_one(script, band, i, i % 2 ? WB_NO_TIME : SCRIPT_START_US);
    }
    return status == WB_OK ? end_turn(script) : status;
}

static wb_status pair_late(struct script *script, int unused)
{
    (void)unused;
    wb_status status = wb_begin(script->wb, now_us(script));
    if (status == WB_OK) status = pair_one(script, "x1", 5, SCRIPT_START_US);
    return status == WB_OK ? end_turn(script) : status;
}

static wb_status replace_and_unpair(struct script *script, int unused)
{
    (void)unused;
    wb_band old_band = {0};
    wb_band new_band = {0};
    wb_band lost_band = {0};
    wb_status status = wb_begin(script->wb, now_us(script));
    if (status == WB_OK) status = band_named(script, "b02", &old_band);
    if (status == WB_OK) status = band_named(script, "c02", &new_band);
    if (status == WB_OK) status = band_named(script, "b03", &lost_band);
    int64_t at_us = now_us(script) - SCRIPT_HOUR_US;
    if (status == WB_OK) status = wb_replace(script->wb, old_band, new_band, at_us, &script->why);
    if (status == WB_OK) status = wb_unpair(script->wb, lost_band, at_us, &script->why);
    return status == WB_OK ? end_turn(script) : status;
}

/* One random scan; one in eight is hours late, one in sixteen is the last one again. */
static wb_status random_scan(struct script *script, struct wb_scan *last, int flags)
{
    if (last->at_us == 0 || chance(script, 16) != 0) {
        char band[8];
        (void)snprintf(band, sizeof band, "b%02d", (int)chance(script, KNOWN_PERSON));
        const char *strange = chance(script, 2) ? "x1" : "x2";
        bool is_strange = (flags & HELD_BANDS) && chance(script, 4) == 0;
        const char *reader = readers[chance(script, READER_COUNT)];
        int64_t age_us = (int64_t)chance(script, (uint64_t)STEP_US);
        if (chance(script, 8) == 0) age_us += (int64_t)chance(script, 3) * SCRIPT_HOUR_US;
        *last = (struct wb_scan){.at_us = now_us(script) - age_us, .learnt_us = WB_NO_TIME};
        last->direction = (wb_direction)chance(script, 3);
        if ((flags & QUARANTINED) && chance(script, 5) == 0) {
            reader = "kitchen-door";
            last->at_us += 2 * SCRIPT_HOUR_US;
        }
        wb_status status = band_named(script, is_strange ? strange : band, &last->band);
        if (status == WB_OK) {
            status = wb_reader_find(script->wb, reader, strlen(reader), &last->reader);
        }
        if (status != WB_OK) return status;
    }
    return unless_retired(script, wb_observe(script->wb, last, NULL, &script->why));
}

static wb_status scans(struct script *script, int flags)
{
    struct wb_scan last = {0};
    script->random = script->next;
    wb_status status = wb_begin(script->wb, now_us(script));
    int count = (flags & BIG) ? 400 : 6 + (int)script->next % 20;
    for (int i = 0; i < count && status == WB_OK; i++) {
        status = random_scan(script, &last, flags);
    }
    return status == WB_OK ? end_turn(script) : status;
}

static wb_status one_scan(struct script *script, int person)
{
    char band[8];
    (void)snprintf(band, sizeof band, "b%02d", person);
    wb_status status = wb_begin(script->wb, now_us(script));
    if (status == WB_OK) {
        status = scan_at(script, readers[person % (int)READER_COUNT], band,
                         now_us(script) - SCRIPT_MINUTE_US, WB_IN);
    }
    return status == WB_OK ? end_turn(script) : status;
}

/* One person's morning, known by heart: front door at 06:20, hall at 06:30; learnt later:
 * the kitchen at 06:25, and the hall again, to the microsecond. Nobody else wears "known". */
static wb_status known_morning(struct script *script, int part)
{
    const int64_t minute = SCRIPT_MINUTE_US;
    const int64_t start = SCRIPT_START_US;
    wb_status status = wb_begin(script->wb, now_us(script));
    if (part == 0) {
        if (status == WB_OK) status = pair_one(script, "known", KNOWN_PERSON, WB_NO_TIME);
        if (status == WB_OK) {
            status = scan_at(script, "front-door", "known", start + 20 * minute, WB_IN);
        }
        if (status == WB_OK) {
            status = scan_at(script, "hall-door", "known", start + 30 * minute, WB_IN);
        }
    } else {
        if (status == WB_OK) {
            status = scan_at(script, "hall-door", "known", start + 30 * minute, WB_IN);
        }
        if (status == WB_OK) {
            status = scan_at(script, "kitchen-door", "known", start + 25 * minute, WB_IN);
        }
    }
    return status == WB_OK ? end_turn(script) : status;
}

/* part 0: one that nobody sent yet, and one random scan with it; 1: the kitchen at 06:25. */
static wb_status withdraw(struct script *script, int part)
{
    const char *reader_id = part ? "kitchen-door" : "gate-in";
    wb_reader reader = {0};
    wb_band band = {0};
    wb_status status = wb_begin(script->wb, now_us(script));
    if (status == WB_OK) {
        status = wb_reader_find(script->wb, reader_id, strlen(reader_id), &reader);
    }
    if (status == WB_OK) status = band_named(script, part ? "known" : "b07", &band);
    int64_t at_us =
        part ? SCRIPT_START_US + 25 * SCRIPT_MINUTE_US : now_us(script) + 19 * SCRIPT_MINUTE_US;
    if (status == WB_OK) {
        status = wb_withdraw(script->wb, reader, band, at_us, WB_EVERY_DIRECTION,
                             "pressed by mistake", &script->why);
    }
    if (status == WB_OK && part == 0) {
        status = scan_at(script, "gate-in", "b08", now_us(script), WB_NO_DIRECTION);
    }
    return status == WB_OK ? end_turn(script) : status;
}

/* The scan that was withdrawn before it came; it is two steps after. */
static wb_status withdrawn_scan(struct script *script, int unused)
{
    (void)unused;
    wb_status status = wb_begin(script->wb, now_us(script));
    if (status == WB_OK) {
        status =
            scan_at(script, "gate-in", "b07", now_us(script) - SCRIPT_MINUTE_US, WB_NO_DIRECTION);
    }
    return status == WB_OK ? end_turn(script) : status;
}

static wb_status complete(struct script *script, int unused)
{
    (void)unused;
    wb_status status = wb_begin(script->wb, now_us(script));
    for (int i = 0; i < 3 && status == WB_OK; i++) {
        wb_reader reader = {0};
        status = wb_reader_find(script->wb, readers[i], strlen(readers[i]), &reader);
        if (status == WB_OK) {
            status = wb_complete(script->wb, reader, now_us(script) - (i + 1) * STEP_US);
        }
    }
    return status == WB_OK ? end_turn(script) : status;
}

static wb_status release(struct script *script, int unused)
{
    (void)unused;
    wb_reader reader = {0};
    uint64_t count = 0;
    wb_status status = wb_begin(script->wb, now_us(script));
    if (status == WB_OK) {
        status = wb_reader_find(script->wb, "kitchen-door", strlen("kitchen-door"), &reader);
    }
    if (status == WB_OK) {
        status =
            wb_release(script->wb, reader, SCRIPT_START_US, SCRIPT_START_US + 48 * SCRIPT_HOUR_US,
                       -2 * SCRIPT_HOUR_US, "its clock was set to summer", &count, &script->why);
    }
    assert(status != WB_OK || count > 0);
    return status == WB_OK ? end_turn(script) : status;
}

/* The host's own rows; some in the turn of a scan. */
static wb_status keep(struct script *script, int with_scan)
{
    wb_person people[2] = {{0}};
    struct wb_credential credential = {.kind = WB_OPERATOR,
                                       .name = with_scan ? "ben" : "ann",
                                       .role = "viewer",
                                       .secret = "hash",
                                       .scope = "",
                                       .holder = "",
                                       .purpose = "",
                                       .made_us = now_us(script),
                                       .expires_us = WB_STILL_THERE};
    struct wb_lookup lookup = {.who = credential.name,
                               .purpose = "the round",
                               .question = "/v1/now",
                               .groups = "",
                               .at_us = now_us(script),
                               .as_of_us = now_us(script),
                               .until_us = now_us(script),
                               .people = people,
                               .count = 2};
    wb_status status = wb_begin(script->wb, now_us(script));
    if (status == WB_OK) status = person_named(script, 1, &people[0]);
    if (status == WB_OK) status = person_named(script, with_scan ? 9 : 2, &people[1]);
    if (status == WB_OK) status = wb_credential_put(script->wb, &credential);
    if (status == WB_OK) status = wb_lookup_put(script->wb, &lookup, NULL);
    if (status == WB_OK) status = wb_document_put(script->wb, "plan", credential.name, 3);
    if (status == WB_OK && with_scan) {
        status = scan_at(script, "gate-in", "b08", now_us(script), WB_NO_DIRECTION);
    }
    return status == WB_OK ? end_turn(script) : status;
}

/* No commit of the journal, but as durable and as whole as one. */
static wb_status erase(struct script *script, int number)
{
    wb_person person = {0};
    wb_status status = person_named(script, number, &person);
    if (status == WB_OK) status = wb_erase_person(script->wb, person, now_us(script), NULL);
    return status;
}

/* ---- Steps that change no answer --------------------------------------------------- */

static wb_status idle(struct script *script, int unused)
{
    (void)unused;
    return wb_idle(script->wb);
}

static wb_status rebuild(struct script *script, int unused)
{
    (void)unused;
    return wb_rebuild(script->wb, NULL, NULL);
}

static wb_status verify(struct script *script, int unused)
{
    (void)unused;
    struct wb_verification verification = {0};
    wb_status status = wb_verify(script->wb, NULL, NULL, &verification);
    if (status != WB_OK) {
        (void)snprintf(script->why.text, sizeof script->why.text, "%s", verification.first_fault);
    }
    return status;
}

static wb_status close_and_open(struct script *script, int unused)
{
    (void)unused;
    wb_status status = script_close(script);
    return status == WB_OK ? script_open(script, WB_WRITE) : status;
}

static wb_status drop_a_turn(struct script *script, int unused)
{
    (void)unused;
    wb_status status = wb_begin(script->wb, now_us(script));
    if (status == WB_OK) {
        status = scan_at(script, "gate-in", "b01", now_us(script), WB_NO_DIRECTION);
    }
    wb_abandon(script->wb);
    return status;
}

static wb_status ask(struct script *script, int unused)
{
    (void)unused;
    struct wb_moment moment = {now_us(script), WB_EVERYTHING, now_us(script)};
    struct wb_whereabouts_list list = {0};
    struct wb_head_counts counts = {0};
    wb_status status = wb_everybody(script->wb, &moment, &list);
    if (status == WB_OK) status = wb_head_count(script->wb, &moment, NULL, &counts);
    wb_list_done(&list);
    wb_list_done(&counts);
    return status;
}

/* ---- The script -------------------------------------------------------------------- */

struct step {
    const char *name;
    wb_status (*go)(struct script *script, int argument);
    int argument;
    bool is_fact;
    size_t times; /* so often one after the other */
};

static const struct step steps[] = {
    {"describe the site",             describe,           0,                              true,  1 },
    {"register people",               register_people,    0,                              true,  1 },
    {"pair their bands",              pair_all,           0,                              true,  1 },
    {"a known morning",               known_morning,      0,                              true,  1 },
    {"scans",                         scans,              0,                              true,  1 },
    {"ask",                           ask,                0,                              false, 1 },
    {"scans, some of strange bands",  scans,              HELD_BANDS,                     true,  1 },
    {"idle",                          idle,               0,                              false, 1 },
    {"late and repeated scans",       known_morning,      1,                              true,  1 },
    {"scans, some of a wrong clock",  scans,              QUARANTINED,                    true,  1 },
    {"withdraw what is to come",      withdraw,           0,                              true,  1 },
    {"scans",                         scans,              0,                              true,  1 },
    {"the withdrawn scan comes",      withdrawn_scan,     0,                              true,  1 },
    {"close and open",                close_and_open,     0,                              false, 1 },
    {"scans",                         scans,              HELD_BANDS,                     true,  1 },
    {"readers are complete",          complete,           0,                              true,  1 },
    {"drop a turn",                   drop_a_turn,        0,                              false, 1 },
    {"keep rows of the host",         keep,               0,                              true,  1 },
    {"a late pairing",                pair_late,          0,                              true,  1 },
    {"idle",                          idle,               0,                              false, 1 },
    {"release a wrong clock",         release,            0,                              true,  1 },
    {"withdraw the kitchen",          withdraw,           1,                              true,  1 },
    {"ask",                           ask,                0,                              false, 1 },
    {"erase somebody",                erase,              6,                              true,  1 },
    {"many scans",                    scans,              BIG | HELD_BANDS | QUARANTINED, true,  1 },
    {"idle",                          idle,               0,                              false, 1 },
    {"replace a band, end a pairing", replace_and_unpair, 0,                              true,  1 },
    {"one scan",                      one_scan,           1,                              true,  1 },
    {"one scan",                      one_scan,           2,                              true,  1 },
    {"one scan",                      one_scan,           3,                              true,  1 },
    {"one scan",                      one_scan,           4,                              true,  1 },
    {"one scan",                      one_scan,           5,                              true,  1 },
    {"one scan",                      one_scan,           6,                              true,  1 },
    {"one scan",                      one_scan,           7,                              true,  1 },
    {"one scan",                      one_scan,           8,                              true,  1 },
    {"idle",                          idle,               0,                              false, 1 },
    {"keep rows, and a scan",         keep,               1,                              true,  1 },
    {"change people",                 register_people,    1,                              true,  1 },
    {"rebuild",                       rebuild,            0,                              false, 1 },
    {"scans",                         scans,              0,                              true,  1 },
    {"change the site",               describe,           1,                              true,  1 },
    {"scans",                         scans,              HELD_BANDS,                     true,  1 },
    {"verify",                        verify,             0,                              false, 1 },
    {"idle",                          idle,               0,                              false, 1 },
    {"one scan",                      one_scan,           7,                              true,  45},
    {"close and open",                close_and_open,     0,                              false, 1 },
    {"scans",                         scans,              BIG,                            true,  1 },
    {"idle",                          idle,               0,                              false, 1 },
    {"erase one whose band changed",  erase,              2,                              true,  1 },
    {"one scan",                      one_scan,           10,                             true,  1 },
};

#define STEP_ROWS (sizeof steps / sizeof steps[0])

/* NULL after the last. */
static const struct step *step_at(size_t index)
{
    for (size_t row = 0; row < STEP_ROWS; row++) {
        if (index < steps[row].times) return &steps[row];
        index -= steps[row].times;
    }
    return NULL;
}

size_t script_step_count(void)
{
    size_t count = 0;
    for (size_t row = 0; row < STEP_ROWS; row++)
        count += steps[row].times;
    return count;
}

size_t script_fact_count(void)
{
    size_t count = 0;
    for (size_t row = 0; row < STEP_ROWS; row++) {
        if (steps[row].is_fact) count += steps[row].times;
    }
    return count;
}

const char *script_step_name(size_t index)
{
    const struct step *step = step_at(index);
    return step ? step->name : "the end";
}

bool script_step_is_fact(size_t index)
{
    const struct step *step = step_at(index);
    return step && step->is_fact;
}

/* The same bytes in every run. */
static bool fixed_bytes(void *context, void *out, size_t bytes)
{
    uint64_t *state = context;
    for (size_t i = 0; i < bytes; i++)
        ((unsigned char *)out)[i] = seeded_next(state) & 0xff;
    return true;
}

/* Handles that are open; a test that fails leaves some. */
static struct wb *open_handles[4];

#define OPEN_HANDLES (sizeof open_handles / sizeof open_handles[0])

static void note_handle(const struct wb *was, struct wb *is)
{
    for (size_t i = 0; i < OPEN_HANDLES; i++) {
        if (open_handles[i] != was) continue;
        open_handles[i] = is;
        return;
    }
}

void script_close_left_open(void)
{
    for (size_t i = 0; i < OPEN_HANDLES; i++) {
        wb_status status = wb_close(open_handles[i]);
        (void)status; /* the test has failed already */
        open_handles[i] = NULL;
    }
}

wb_status script_open(struct script *script, uint32_t mode)
{
    script->random = script->next;
    struct wb_options options = {
        .mode = mode, .random = fixed_bytes, .random_context = &script->random, .vfs = script->vfs};
    wb_status status = wb_open(script->path, &options, &script->wb, &script->why);
    if (status == WB_OK) note_handle(NULL, script->wb);
    return status;
}

wb_status script_close(struct script *script)
{
    if (script->wb) note_handle(script->wb, NULL);
    wb_status status = wb_close(script->wb);
    script->wb = NULL;
    return status;
}

void script_step(struct script *script)
{
    const struct step *step = step_at(script->next);
    script->why.text[0] = '\0';
    script->status = step->go(script, step->argument);
    if (script->status == WB_OK) {
        script->next++;
        script->facts += step->is_fact;
    } else if (script->why.text[0] == '\0' && script->wb) {
        (void)snprintf(script->why.text, sizeof script->why.text, "%s", wb_last_error(script->wb));
    }
}

void script_run(struct script *script)
{
    script->status = WB_OK;
    while (script->status == WB_OK && script->next < script_step_count())
        script_step(script);
}
