/* What the host keeps in the file: credentials, look-ups, documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "room.h"
#include "site_file.h"
#include "whereabouts.h"

#define MINUTE_US INT64_C(60000000)
#define START_US  INT64_C(1710000000000000)
#define PEOPLE    300

static const char SITE[] = "{\"id\":\"s\",\"timezone\":\"UTC\",\"zones\":[{\"id\":\"house\"},"
                           "{\"id\":\"hall\",\"in\":\"house\"},{\"id\":\"shed\"}],"
                           "\"readers\":[{\"id\":\"hall-door\",\"enter\":\"hall\"},{\"id\":\"shed-"
                           "door\",\"enter\":\"shed\"},"
                           "{\"id\":\"out\",\"leave\":\"hall\"}]}";

struct place {
    char path[ROOM_PATH_BYTES];
    char copy[ROOM_PATH_BYTES + 8];
    struct wb *wb;
    wb_person people[PEOPLE];
};

static void register_people(struct place *place)
{
    for (int i = 0; i < PEOPLE; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "p%03d", i);
        place->people[i] = site_file_person(place->wb, id, i % 2 == 0 ? "even;all" : "all");
    }
}

static int open_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    room_make("site.db", place->path);
    (void)snprintf(place->copy, sizeof place->copy, "%s.copy", place->path);
    place->wb = site_file_make(place->path, SITE, START_US);
    assert_int_equal(wb_begin(place->wb, START_US), WB_OK);
    register_people(place);
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
    *state = place;
    return 0;
}

static int close_place(void **state)
{
    struct place *place = *state;
    assert_int_equal(wb_close(place->wb), WB_OK);
    room_remove(place->path);
    free(place);
    return 0;
}

static void begin(struct place *place)
{
    assert_int_equal(wb_begin(place->wb, START_US), WB_OK);
}

static void commit(struct place *place)
{
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
}

static void reopen(struct place *place)
{
    assert_int_equal(wb_close(place->wb), WB_OK);
    place->wb = site_file_open(place->path, WB_WRITE);
}

/* ---- Credentials ---- */

static struct wb_credential credential(wb_credential_kind kind, const char *name,
                                       const char *holder)
{
    return (struct wb_credential){.kind = kind,
                                  .name = name,
                                  .role = "viewer",
                                  .secret = "hash",
                                  .scope = "{\"zones\":[\"hall\"]}",
                                  .holder = holder,
                                  .purpose = "the night round",
                                  .made_us = START_US,
                                  .expires_us = WB_STILL_THERE};
}

static void put_credential(struct place *place, wb_credential_kind kind, const char *name,
                           const char *holder)
{
    struct wb_credential c = credential(kind, name, holder);
    assert_int_equal(wb_credential_put(place->wb, &c), WB_OK);
}

struct credential_list {
    char text[600];
    size_t limit;
};

static bool list_credential(void *context, const struct wb_credential *c)
{
    struct credential_list *list = context;
    size_t bytes = strlen(list->text);
    (void)snprintf(list->text + bytes, sizeof list->text - bytes, "%d %s %s %s %s %s %s|",
                   (int)c->kind, c->name, c->role, c->secret, c->scope, c->holder, c->purpose);
    assert_int_equal(c->made_us, START_US);
    assert_int_equal(c->expires_us, WB_STILL_THERE);
    return --list->limit > 0;
}

static void assert_credentials(struct wb *wb, const char *want)
{
    struct credential_list list = {.limit = 100};
    assert_int_equal(wb_credentials_all(wb, list_credential, &list), WB_OK);
    assert_string_equal(list.text, want);
}

static void credentials_come_back_by_kind_and_name(void **state)
{
    struct place *place = *state;
    begin(place);
    put_credential(place, WB_TOKEN, "t1", "");
    put_credential(place, WB_OPERATOR, "zoe", "");
    put_credential(place, WB_OPERATOR, "ann", "");
    commit(place);
    const char *want = "0 ann viewer hash {\"zones\":[\"hall\"]}  the night round|"
                       "0 zoe viewer hash {\"zones\":[\"hall\"]}  the night round|"
                       "1 t1 viewer hash {\"zones\":[\"hall\"]}  the night round|";
    assert_credentials(place->wb, want);
    reopen(place);
    assert_credentials(place->wb, want);
    struct credential_list first = {.limit = 1};
    assert_int_equal(wb_credentials_all(place->wb, list_credential, &first), WB_OK);
    assert_string_equal(first.text, "0 ann viewer hash {\"zones\":[\"hall\"]}  the night round|");
}

static void a_credential_put_again_takes_the_place_of_the_old_one(void **state)
{
    struct place *place = *state;
    begin(place);
    put_credential(place, WB_OPERATOR, "ann", "");
    commit(place);
    begin(place);
    struct wb_credential c = credential(WB_OPERATOR, "ann", "");
    c.role = "admin";
    assert_int_equal(wb_credential_put(place->wb, &c), WB_OK);
    commit(place);
    assert_credentials(place->wb, "0 ann admin hash {\"zones\":[\"hall\"]}  the night round|");
}

static void removing_an_operator_removes_their_sessions_and_no_others(void **state)
{
    struct place *place = *state;
    begin(place);
    put_credential(place, WB_OPERATOR, "ann", "");
    put_credential(place, WB_SESSION, "s1", "ann");
    put_credential(place, WB_SESSION, "s2", "ben");
    put_credential(place, WB_TOKEN, "t1", "ann");
    commit(place);
    begin(place);
    assert_int_equal(wb_credential_remove(place->wb, WB_OPERATOR, "ann"), WB_OK);
    assert_int_equal(wb_credentials_remove_held(place->wb, WB_SESSION, "ann"), WB_OK);
    assert_int_equal(wb_credential_remove(place->wb, WB_OPERATOR, "nobody"), WB_OK);
    commit(place);
    assert_credentials(place->wb, "1 t1 viewer hash {\"zones\":[\"hall\"]} ann the night round|"
                                  "2 s2 viewer hash {\"zones\":[\"hall\"]} ben the night round|");
}

static void what_the_turn_dropped_is_not_kept(void **state)
{
    struct place *place = *state;
    begin(place);
    put_credential(place, WB_OPERATOR, "ann", "");
    assert_int_equal(wb_document_put(place->wb, "plan", "<svg/>", 6), WB_OK);
    struct wb_lookup lookup = {.who = "ann",
                               .purpose = "",
                               .question = "/",
                               .groups = "",
                               .people = place->people,
                               .count = 1};
    assert_int_equal(wb_lookup_put(place->wb, &lookup, NULL), WB_OK);
    wb_abandon(place->wb);
    assert_credentials(place->wb, "");
    uint64_t count = 9;
    assert_int_equal(wb_lookup_count(place->wb, &count), WB_OK);
    assert_int_equal(count, 0);
    char *text;
    size_t bytes;
    assert_int_equal(wb_document(place->wb, "plan", &text, &bytes), WB_ENOENT);
}

static void without_a_turn_nothing_is_taken(void **state)
{
    struct place *place = *state;
    struct wb_credential c = credential(WB_OPERATOR, "ann", "");
    struct wb_lookup lookup = {.who = "ann", .purpose = "", .question = "/", .groups = ""};
    assert_int_equal(wb_credential_put(place->wb, &c), WB_EINVAL);
    assert_int_equal(wb_credential_remove(place->wb, WB_OPERATOR, "ann"), WB_EINVAL);
    assert_int_equal(wb_credentials_remove_held(place->wb, WB_OPERATOR, "ann"), WB_EINVAL);
    assert_int_equal(wb_document_put(place->wb, "plan", "x", 1), WB_EINVAL);
    assert_int_equal(wb_lookup_put(place->wb, &lookup, NULL), WB_EINVAL);
    assert_int_equal(wb_lookup_end(place->wb, 1, START_US), WB_EINVAL);
}

static void a_malformed_credential_is_refused(void **state)
{
    struct place *place = *state;
    char long_name[200];
    memset(long_name, 'x', sizeof long_name);
    long_name[129] = '\0';
    begin(place);
    struct wb_credential c = credential(WB_OPERATOR, "", "");
    assert_int_equal(wb_credential_put(place->wb, &c), WB_EINVAL);
    c.name = long_name;
    assert_int_equal(wb_credential_put(place->wb, &c), WB_EINVAL);
    c.name = long_name + 1;
    assert_int_equal(wb_credential_put(place->wb, &c), WB_OK);
    c.kind = (wb_credential_kind)7;
    assert_int_equal(wb_credential_put(place->wb, &c), WB_EINVAL);
    c = credential(WB_OPERATOR, "ann", NULL);
    assert_int_equal(wb_credential_put(place->wb, &c), WB_EINVAL);
    commit(place);
}

static void such_rows_alone_make_no_journal_row(void **state)
{
    struct place *place = *state;
    struct wb_numbers before;
    struct wb_numbers after;
    assert_int_equal(wb_numbers(place->wb, &before), WB_OK);
    begin(place);
    put_credential(place, WB_OPERATOR, "ann", "");
    commit(place);
    assert_int_equal(wb_numbers(place->wb, &after), WB_OK);
    assert_int_equal(before.commits, after.commits);
    assert_int_equal(before.learnt_us, after.learnt_us);
}

/* ---- Look-ups ---- */

struct log {
    int64_t numbers[64];
    size_t counts[64];
    char questions[64][40];
    char purposes[64][40];
    size_t count, limit;
};

static bool take_log(void *context, int64_t number, const struct wb_lookup *lookup)
{
    struct log *log = context;
    assert_true(log->count < 64);
    assert_null(lookup->people);
    log->numbers[log->count] = number;
    log->counts[log->count] = lookup->count;
    (void)snprintf(log->questions[log->count], 40, "%s", lookup->question);
    (void)snprintf(log->purposes[log->count], 40, "%s/%s", lookup->who, lookup->purpose);
    log->count++;
    return log->limit == 0 || log->count < log->limit;
}

static struct log log_of(struct place *place, int person)
{
    struct log log = {0};
    assert_int_equal(wb_lookups_of(place->wb, place->people[person], 0, START_US + 999 * MINUTE_US,
                                   take_log, &log),
                     WB_OK);
    return log;
}

static int64_t put_lookup(struct place *place, const char *question, const wb_person *people,
                          size_t count)
{
    int64_t number = 0;
    struct wb_lookup lookup = {.who = "ann",
                               .purpose = "night round",
                               .question = question,
                               .groups = "",
                               .at_us = START_US,
                               .as_of_us = START_US,
                               .until_us = START_US,
                               .people = people,
                               .count = count};
    assert_int_equal(wb_lookup_put(place->wb, &lookup, &number), WB_OK);
    return number;
}

static void everybody_who_was_named_finds_the_record_and_nobody_else(void **state)
{
    struct place *place = *state;

    /* One set of each shape: one person, far apart, close together, a few holes, everybody. */
    static const struct {
        int first, step, until;
    } shapes[] = {
        {5,   1,  6  },
        {0,   50, 300},
        {40,  1,  90 },
        {90,  3,  280},
        {0,   1,  300},
        {299, 1,  300}
    };

    enum { SHAPES = sizeof shapes / sizeof *shapes };

    begin(place);
    for (int s = 0; s < SHAPES; s++) {
        wb_person named[2 * PEOPLE];
        size_t count = 0;
        for (int p = shapes[s].first; p < shapes[s].until; p += shapes[s].step) {
            named[count++] = place->people[p];
        }
        /* In any order, also twice. */
        for (size_t i = 0, once = count; i < once; i++) {
            named[count++] = named[once - 1 - i];
        }
        char question[20];
        (void)snprintf(question, sizeof question, "shape %d", s);
        assert_int_equal(put_lookup(place, question, named, count), s + 1);
    }
    commit(place);
    for (int round = 0; round < 2; round++) {
        for (int p = 0; p < PEOPLE; p++) {
            struct log log = log_of(place, p);
            size_t at = 0;
            for (int s = SHAPES - 1; s >= 0; s--) {
                bool named = p >= shapes[s].first && p < shapes[s].until &&
                             (p - shapes[s].first) % shapes[s].step == 0;
                if (!named) continue;
                assert_true(at < log.count);
                assert_int_equal(log.numbers[at], s + 1);
                assert_int_equal(log.counts[at],
                                 (shapes[s].until - shapes[s].first + shapes[s].step - 1) /
                                     shapes[s].step);
                at++;
            }
            assert_int_equal(at, log.count);
        }
        reopen(place);
    }
}

static void a_log_is_read_newest_first_and_in_pieces(void **state)
{
    struct place *place = *state;
    begin(place);
    for (int i = 0; i < 5; i++) {
        char question[20];
        (void)snprintf(question, sizeof question, "question %d", i);
        assert_int_equal(put_lookup(place, question, &place->people[3], 1), i + 1);
    }
    commit(place);
    struct log log = {.limit = 2};
    assert_int_equal(wb_lookups_of(place->wb, place->people[3], 0, START_US, take_log, &log),
                     WB_OK);
    assert_int_equal(log.count, 2);
    assert_string_equal(log.questions[0], "question 4");
    assert_string_equal(log.purposes[0], "ann/night round");
    assert_string_equal(log.questions[1], "question 3");
    log.limit = 9;
    assert_int_equal(
        wb_lookups_of(place->wb, place->people[3], log.numbers[1], START_US, take_log, &log),
        WB_OK);
    assert_int_equal(log.count, 5);
    assert_string_equal(log.questions[4], "question 0");
    assert_int_equal(wb_lookups_of(place->wb, (wb_person){9999}, 0, START_US, take_log, &log),
                     WB_ENOENT);
}

static void scan(struct place *place, const char *reader, int person, int minute)
{
    struct wb_scan s = {.at_us = START_US + minute * MINUTE_US, .learnt_us = WB_NO_TIME};
    char band[24];
    (void)snprintf(band, sizeof band, "person:p%03d", person);
    assert_int_equal(wb_reader_find(place->wb, reader, strlen(reader), &s.reader), WB_OK);
    assert_int_equal(wb_band_intern(place->wb, band, strlen(band), &s.band), WB_OK);
    assert_int_equal(wb_begin(place->wb, START_US + 500 * MINUTE_US), WB_OK);
    assert_int_equal(wb_observe(place->wb, &s, NULL, NULL), WB_OK);
    assert_int_equal(wb_turn(place->wb, NULL), WB_OK);
}

static int64_t watch(struct place *place, const char *zone, const char *groups, int from, int until)
{
    wb_zone z = {WB_ZONE_EVERY};
    int64_t number = 0;
    if (zone != NULL) assert_int_equal(wb_zone_find(place->wb, zone, strlen(zone), &z), WB_OK);
    struct wb_lookup lookup = {.kind = WB_LOOKUP_WATCH,
                               .who = "ann",
                               .purpose = "board",
                               .question = zone != NULL ? zone : "everywhere",
                               .groups = groups,
                               .at_us = START_US + from * MINUTE_US,
                               .as_of_us = WB_NO_TIME,
                               .until_us =
                                   until < 0 ? WB_STILL_THERE : START_US + until * MINUTE_US,
                               .zone = z};
    assert_int_equal(wb_lookup_put(place->wb, &lookup, &number), WB_OK);
    return number;
}

static void assert_log(struct place *place, int person, const char *want)
{
    struct log log = log_of(place, person);
    char text[400] = "";
    for (size_t i = 0; i < log.count; i++) {
        size_t bytes = strlen(text);
        (void)snprintf(text + bytes, sizeof text - bytes, "%s%lld", i == 0 ? "" : " ",
                       (long long)log.numbers[i]);
    }
    assert_string_equal(text, want);
}

static void a_watch_names_whoever_was_there_while_it_lasted(void **state)
{
    struct place *place = *state;
    begin(place);
    assert_int_equal(watch(place, "hall", "", 0, 9), 1);    /* before anybody came */
    assert_int_equal(watch(place, "hall", "", 15, 16), 2);  /* while p000 was there */
    assert_int_equal(watch(place, "house", "", 15, 16), 3); /* the zone above */
    assert_int_equal(watch(place, "shed", "", 15, 16), 4);  /* beside it */
    assert_int_equal(watch(place, NULL, "", 15, 16), 5);    /* every zone */
    assert_int_equal(watch(place, "hall", "even", 15, 16), 6);
    assert_int_equal(watch(place, "hall", "no;all", 15, 16), 7);
    assert_int_equal(watch(place, "hall", "eve;alls", 15, 16), 8);
    assert_int_equal(put_lookup(place, "named", &place->people[1], 1), 9);
    assert_int_equal(watch(place, "shed", "", 40, -1), 10); /* lasts */
    assert_int_equal(watch(place, "hall", "", 30, -1), 11); /* lasts; she had left */
    commit(place);
    scan(place, "hall-door", 0, 10);
    scan(place, "hall-door", 1, 12);
    scan(place, "shed-door", 0, 20);
    scan(place, "shed-door", 1, 21);
    assert_log(place, 0, "10 7 6 5 3 2");
    assert_log(place, 1, "10 9 7 5 3 2");
    assert_log(place, 2, "");
}

static void a_watch_ends_once_and_what_a_killed_host_left_ends_together(void **state)
{
    struct place *place = *state;
    begin(place);
    assert_int_equal(watch(place, "shed", "", 0, -1), 1);
    assert_int_equal(watch(place, "shed", "", 0, -1), 2);
    assert_int_equal(watch(place, "shed", "", 0, -1), 3);
    commit(place);
    scan(place, "shed-door", 0, 20);
    assert_log(place, 0, "3 2 1");
    begin(place);
    assert_int_equal(wb_lookup_end(place->wb, 2, START_US + 5 * MINUTE_US), WB_OK);
    commit(place);
    assert_log(place, 0, "3 1");
    reopen(place);
    begin(place);
    assert_int_equal(wb_lookup_end(place->wb, 0, START_US + 10 * MINUTE_US), WB_OK);
    commit(place);
    assert_log(place, 0, "");
}

static void a_malformed_look_up_is_refused(void **state)
{
    struct place *place = *state;
    begin(place);
    wb_person nobody = {5000};
    struct wb_lookup lookup = {
        .who = "ann", .purpose = "", .question = "/", .groups = "", .people = &nobody, .count = 1};
    assert_int_equal(wb_lookup_put(place->wb, &lookup, NULL), WB_EINVAL);
    lookup.people = place->people;
    lookup.kind = WB_LOOKUP_WATCH;
    lookup.zone.n = WB_ZONE_EVERY;
    assert_int_equal(wb_lookup_put(place->wb, &lookup, NULL), WB_EINVAL);
    lookup.count = 0;
    lookup.zone.n = 77;
    assert_int_equal(wb_lookup_put(place->wb, &lookup, NULL), WB_EINVAL);
    lookup.zone.n = WB_ZONE_EVERY;
    lookup.purpose = NULL;
    assert_int_equal(wb_lookup_put(place->wb, &lookup, NULL), WB_EINVAL);
    lookup.purpose = "";
    assert_int_equal(wb_lookup_put(place->wb, &lookup, NULL), WB_OK);
    assert_int_equal(wb_lookup_end(place->wb, -1, START_US), WB_EINVAL);
    commit(place);
}

/* ---- Exports ---- */

static void everybody_was_named_by_an_export(void **state)
{
    struct place *place = *state;
    struct wb_lookup lookup = {.kind = WB_LOOKUP_EXPORT,
                               .who = "ann",
                               .purpose = "",
                               .question = "export",
                               .groups = "",
                               .at_us = START_US,
                               .as_of_us = WB_NO_TIME,
                               .until_us = WB_STILL_THERE,
                               .people = place->people,
                               .count = 1,
                               .zone = {WB_ZONE_EVERY}};
    struct log log;
    begin(place);
    assert_int_equal(put_lookup(place, "before", &place->people[2], 1), 1);
    assert_int_equal(wb_lookup_put(place->wb, &lookup, NULL), WB_EINVAL);
    lookup.count = 0;
    int64_t number = 0;
    assert_int_equal(wb_lookup_put(place->wb, &lookup, &number), WB_OK);
    assert_int_equal(number, 2);
    assert_int_equal(put_lookup(place, "after", &place->people[2], 1), 3);
    commit(place);
    log = log_of(place, 2);
    assert_int_equal(log.count, 3);
    assert_int_equal(log.numbers[0], 3);
    assert_int_equal(log.numbers[1], 2);
    assert_string_equal(log.questions[1], "export");
    assert_int_equal(log.numbers[2], 1);
    log = log_of(place, 5); /* who was never seen is in it as well */
    assert_int_equal(log.count, 1);
    assert_int_equal(log.numbers[0], 2);
}

/* ---- Documents ---- */

static void a_document_is_what_was_put_last(void **state)
{
    struct place *place = *state;
    char *text = NULL;
    size_t bytes = 0;
    assert_int_equal(wb_document(place->wb, "plan", &text, &bytes), WB_ENOENT);
    begin(place);
    assert_int_equal(wb_document_put(place->wb, "plan", "old", 3), WB_OK);
    assert_int_equal(wb_document_put(place->wb, "plan", "a\0b", 3), WB_OK);
    assert_int_equal(wb_document_put(place->wb, "purposes", "[]", 2), WB_OK);
    assert_int_equal(wb_document_put(place->wb, "", "x", 1), WB_EINVAL);
    commit(place);
    reopen(place);
    assert_int_equal(wb_document(place->wb, "plan", &text, &bytes), WB_OK);
    assert_int_equal(bytes, 3);
    assert_memory_equal(text, "a\0b", 4);
    wb_release_memory(text);
    begin(place);
    assert_int_equal(wb_document_put(place->wb, "plan", NULL, 0), WB_OK);
    commit(place);
    assert_int_equal(wb_document(place->wb, "plan", &text, &bytes), WB_ENOENT);
}

/* ---- The whole file ---- */

static void verify_rebuild_and_backup_keep_everything(void **state)
{
    struct place *place = *state;
    begin(place);
    put_credential(place, WB_OPERATOR, "ann", "");
    assert_int_equal(wb_document_put(place->wb, "plan", "<svg/>", 6), WB_OK);
    assert_int_equal(put_lookup(place, "q", place->people, 20), 1);
    commit(place);
    struct wb_verification verification;
    assert_int_equal(wb_rebuild(place->wb, NULL, NULL), WB_OK);
    assert_int_equal(wb_verify(place->wb, NULL, NULL, &verification), WB_OK);
    assert_int_equal(wb_backup(place->wb, place->copy, NULL, NULL, NULL), WB_OK);
    struct wb *files[] = {place->wb, site_file_open(place->copy, WB_WRITE),
                          site_file_open(place->path, WB_READ)};
    for (size_t i = 0; i < 3; i++) {
        struct log log = {0};
        char *text = NULL;
        size_t bytes = 0;
        assert_credentials(files[i], "0 ann viewer hash {\"zones\":[\"hall\"]}  the night round|");
        assert_int_equal(wb_document(files[i], "plan", &text, &bytes), WB_OK);
        assert_string_equal(text, "<svg/>");
        wb_release_memory(text);
        assert_int_equal(wb_lookups_of(files[i], place->people[19], 0, START_US, take_log, &log),
                         WB_OK);
        assert_int_equal(log.count, 1);
    }
    assert_int_equal(wb_close(files[1]), WB_OK);
    assert_int_equal(wb_close(files[2]), WB_OK);
}

static void damage(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void verify_finds_damaged_look_ups(void **state)
{
    static const char *const sets[] = {
        "x''",         /* no form */
        "x'07'",       /* no such form */
        "x'0000ff'",   /* a gap that does not end */
        "x'00ac02'",   /* nobody of number 300 */
        "x'01ab0202'", /* the same, in bits */
        "x'010300'",   /* an empty last byte */
    };
    struct place *place = *state;
    begin(place);
    assert_int_equal(put_lookup(place, "q", place->people, 20), 1);
    commit(place);
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        char sql[100];
        struct wb_verification verification;
        assert_int_equal(wb_close(place->wb), WB_OK);
        (void)snprintf(sql, sizeof sql, "UPDATE lookup_people SET people = %s", sets[i]);
        damage(place->path, sql);
        place->wb = site_file_open(place->path, WB_WRITE);
        assert_int_equal(wb_verify(place->wb, NULL, NULL, &verification), WB_EREFUSED);
        assert_non_null(strstr(verification.first_fault, "look-up 1"));
    }
}

static void a_reading_handle_sees_what_was_put_since(void **state)
{
    struct place *place = *state;
    struct wb *reader = site_file_open(place->path, WB_READ);
    assert_credentials(reader, "");
    begin(place);
    put_credential(place, WB_OPERATOR, "ann", "");
    commit(place);
    assert_credentials(reader, "0 ann viewer hash {\"zones\":[\"hall\"]}  the night round|");
    assert_int_equal(wb_close(reader), WB_OK);
}

#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, open_place, close_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PLACE(everybody_was_named_by_an_export),
        WITH_PLACE(credentials_come_back_by_kind_and_name),
        WITH_PLACE(a_credential_put_again_takes_the_place_of_the_old_one),
        WITH_PLACE(removing_an_operator_removes_their_sessions_and_no_others),
        WITH_PLACE(what_the_turn_dropped_is_not_kept),
        WITH_PLACE(without_a_turn_nothing_is_taken),
        WITH_PLACE(a_malformed_credential_is_refused),
        WITH_PLACE(such_rows_alone_make_no_journal_row),
        WITH_PLACE(everybody_who_was_named_finds_the_record_and_nobody_else),
        WITH_PLACE(a_log_is_read_newest_first_and_in_pieces),
        WITH_PLACE(a_watch_names_whoever_was_there_while_it_lasted),
        WITH_PLACE(a_watch_ends_once_and_what_a_killed_host_left_ends_together),
        WITH_PLACE(a_malformed_look_up_is_refused),
        WITH_PLACE(a_document_is_what_was_put_last),
        WITH_PLACE(verify_rebuild_and_backup_keep_everything),
        WITH_PLACE(verify_finds_damaged_look_ups),
        WITH_PLACE(a_reading_handle_sees_what_was_put_since),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
