/* Files that are no site files, newer, damaged or not to be written: a status and a sentence,
 * never a wrong answer; what can be made again is made again. */
#include "reference.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#define NOBODY 65534

static const char *const suffixes[] = {"", "-wal", "-shm", "-lock"};

#define SUFFIX_COUNT (sizeof suffixes / sizeof suffixes[0])

/* ---- Files ------------------------------------------------------------------------- */

static const char *good_path(void)
{
    static char path[200];
    (void)snprintf(path, sizeof path, "%s", reference_path("good.db"));
    return path;
}

static const char *bad_path(void)
{
    static char path[200];
    (void)snprintf(path, sizeof path, "%s", reference_path("bad.db"));
    return path;
}

static void remove_site(const char *path)
{
    char name[240];
    for (size_t i = 0; i < SUFFIX_COUNT; i++) {
        (void)snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        (void)unlink(name);
    }
}

static void write_file(const char *path, const void *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

static unsigned char *read_file(const char *path, size_t *count)
{
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    *count = (size_t)about.st_size;
    unsigned char *bytes = malloc(*count + 1);
    assert_non_null(bytes);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(bytes, 1, *count, file), *count);
    (void)fclose(file);
    return bytes;
}

/* A fresh copy of the good file to be damaged. */
static void copy_good(void)
{
    size_t count = 0;
    remove_site(bad_path());
    unsigned char *bytes = read_file(good_path(), &count);
    write_file(bad_path(), bytes, count);
    free(bytes);
}

static void damage_by_sql(const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(bad_path(), &db), SQLITE_OK);
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) fail_msg("%s: %s", sql, error);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int make_good(void **state)
{
    (void)state;
    reference_make();
    struct script script = {.path = good_path()};
    assert_int_equal(script_open(&script, WB_CREATE), WB_OK);
    script_run(&script);
    assert_int_equal(script.status, WB_OK);
    assert_int_equal(script_close(&script), WB_OK);
    return 0;
}

static int clean(void **state)
{
    (void)state;
    remove_site(good_path());
    remove_site(bad_path());
    reference_done();
    return 0;
}

/* ---- Opening is refused ------------------------------------------------------------ */

static void check_refused(const char *path, uint32_t mode, wb_status expected, const char *what)
{
    struct script script = {.path = path};
    wb_status status = script_open(&script, mode);
    if (status != expected) {
        fail_msg("%s, mode %u: status %d, not %d: %s", what, mode, (int)status, (int)expected,
                 script.why.text);
    }
    assert_null(script.wb);
    if (strlen(script.why.text) < 12 || !strstr(script.why.text, path)) {
        fail_msg("%s, mode %u: the sentence does not name the file: \"%s\"", what, mode,
                 script.why.text);
    }
    print_message("%s: %s\n", what, script.why.text);
}

static void text_is_not_a_site_file(void **state)
{
    (void)state;
    static const char text[] = "time,band,reader\n2026-03-01T06:00:00Z,b01,front-door\n"
                               "Lines enough that it is longer than the header of a database.\n";
    size_t count = 0;
    remove_site(bad_path());
    write_file(bad_path(), text, sizeof text - 1);
    check_refused(bad_path(), WB_READ, WB_EDAMAGED, "text");
    check_refused(bad_path(), WB_WRITE, WB_EDAMAGED, "text");
    check_refused(bad_path(), WB_CREATE, WB_EDAMAGED, "text");
    unsigned char *bytes = read_file(bad_path(), &count);
    assert_int_equal(count, sizeof text - 1);
    assert_memory_equal(bytes, text, count);
    free(bytes);
}

static void an_empty_file_is_not_a_site_file(void **state)
{
    (void)state;
    remove_site(bad_path());
    write_file(bad_path(), "", 0);
    check_refused(bad_path(), WB_READ, WB_EDAMAGED, "an empty file");
    check_refused(bad_path(), WB_WRITE, WB_EDAMAGED, "an empty file");
    struct stat about;
    assert_int_equal(stat(bad_path(), &about), 0);
    assert_int_equal(about.st_size, 0);
    /* To make a site where there is nothing yet is what WB_CREATE is for. */
    struct script script = {.path = bad_path()};
    assert_int_equal(script_open(&script, WB_CREATE), WB_OK);
    assert_false(wb_is_described(script.wb));
    assert_int_equal(script_close(&script), WB_OK);
}

static void a_file_that_is_not_there_is_not_made(void **state)
{
    (void)state;
    remove_site(bad_path());
    check_refused(bad_path(), WB_READ, WB_EIO, "no file");
    check_refused(bad_path(), WB_WRITE, WB_EIO, "no file");
    assert_int_equal(access(bad_path(), F_OK), -1);
    check_refused("/nowhere/at/all/site.db", WB_CREATE, WB_EIO, "no folder");
}

static void another_database_is_not_a_site_file(void **state)
{
    (void)state;
    remove_site(bad_path());
    damage_by_sql("CREATE TABLE album(title TEXT); INSERT INTO album VALUES('Blue')");
    check_refused(bad_path(), WB_READ, WB_EDAMAGED, "another database");
    check_refused(bad_path(), WB_WRITE, WB_EDAMAGED, "another database");
    check_refused(bad_path(), WB_CREATE, WB_EDAMAGED, "another database");
    damage_by_sql("INSERT INTO album VALUES('Hejira')");
    remove_site(bad_path());
}

static void a_newer_file_is_left_alone(void **state)
{
    (void)state;
    copy_good();
    damage_by_sql("PRAGMA user_version=99");
    check_refused(bad_path(), WB_READ, WB_EDAMAGED, "a newer file");
    check_refused(bad_path(), WB_WRITE, WB_EDAMAGED, "a newer file");
    check_refused(bad_path(), WB_CREATE, WB_EDAMAGED, "a newer file");
    damage_by_sql("PRAGMA user_version=2");
    struct script script = {.path = bad_path()};
    assert_int_equal(script_open(&script, WB_WRITE), WB_OK);
    assert_int_equal(script_close(&script), WB_OK);
}

static void a_folder_is_not_a_site_file(void **state)
{
    (void)state;
    remove_site(bad_path());
    assert_int_equal(mkdir(bad_path(), 0700), 0);
    check_refused(bad_path(), WB_READ, WB_EIO, "a folder");
    check_refused(bad_path(), WB_WRITE, WB_EIO, "a folder");
    check_refused(bad_path(), WB_CREATE, WB_EIO, "a folder");
    assert_int_equal(rmdir(bad_path()), 0);
}

/* ---- Permissions, as somebody who is not root -------------------------------------- */

/* 0: WB_EIO and a sentence that names the file. */
static int refused_as_nobody(const char *path, uint32_t mode)
{
    if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)) return 77;
    struct script script = {.path = path};
    wb_status status = script_open(&script, mode);
    (void)fprintf(stderr, "mode %u: status %d: %s\n", mode, (int)status, script.why.text);
    if (status == WB_OK) return 1;
    if (status != WB_EIO) return 2;
    return strstr(script.why.text, path) ? 0 : 3;
}

static void check_refused_to_nobody(const char *path, uint32_t mode)
{
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(refused_as_nobody(path, mode));
    int ended = 0;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_true(WIFEXITED(ended));
    if (WEXITSTATUS(ended) == 77) skip();
    assert_int_equal(WEXITSTATUS(ended), 0);
}

static void without_permission_there_is_a_sentence(void **state)
{
    (void)state;
    copy_good();
    assert_int_equal(chmod(bad_path(), 0000), 0);
    assert_int_equal(chmod(reference_path(""), 0777), 0);
    check_refused_to_nobody(bad_path(), WB_READ);
    check_refused_to_nobody(bad_path(), WB_WRITE);
    assert_int_equal(chmod(bad_path(), 0644), 0);
    assert_int_equal(chmod(reference_path(""), 0700), 0);
}

static void in_a_read_only_folder_nothing_is_written(void **state)
{
    (void)state;
    size_t before = 0;
    size_t after = 0;
    copy_good();
    assert_int_equal(chmod(bad_path(), 0444), 0);
    assert_int_equal(chmod(reference_path(""), 0555), 0);
    unsigned char *was = read_file(bad_path(), &before);
    check_refused_to_nobody(bad_path(), WB_WRITE);
    check_refused_to_nobody(bad_path(), WB_CREATE);
    unsigned char *is = read_file(bad_path(), &after);
    assert_int_equal(before, after);
    assert_memory_equal(was, is, before);
    free(was);
    free(is);
    assert_int_equal(chmod(bad_path(), 0644), 0);
    assert_int_equal(chmod(reference_path(""), 0700), 0);
}

/* ---- Damage inside ----------------------------------------------------------------- */

struct asked {
    size_t answered, asked;
    const char *what;
};

static bool is_same_place(const struct wb_whereabouts *a, const struct wb_whereabouts *b)
{
    return a->person.n == b->person.n && a->zone.n == b->zone.n &&
           a->last_zone.n == b->last_zone.n && a->reader.n == b->reader.n &&
           a->since_us == b->since_us && a->last_seen_us == b->last_seen_us;
}

static int by_person(const void *a, const void *b)
{
    const struct wb_whereabouts *left = a;
    const struct wb_whereabouts *right = b;
    return (left->person.n > right->person.n) - (left->person.n < right->person.n);
}

static void ask_person(struct wb *good, struct wb *bad, wb_person person,
                       const struct wb_moment *moment, struct asked *asked)
{
    struct wb_whereabouts want = {0};
    struct wb_whereabouts got = {0};
    assert_int_equal(wb_where(good, person, moment, &want), WB_OK);
    asked->asked++;
    wb_status status = wb_where(bad, person, moment, &got);
    if (status != WB_OK) return;
    asked->answered++;
    if (!is_same_place(&want, &got)) {
        fail_msg("%s: a wrong answer: %s is in %s; the file says %s and does not say that it "
                 "cannot know",
                 asked->what, wb_person_id(good, person), wb_zone_id(good, want.zone),
                 wb_zone_id(bad, got.zone));
    }
}

static void ask_zone(struct wb *good, struct wb *bad, wb_zone zone, const struct wb_moment *moment,
                     struct asked *asked)
{
    struct wb_whereabouts_list want = {0};
    struct wb_whereabouts_list got = {0};
    assert_int_equal(wb_at(good, zone, moment, &want), WB_OK);
    asked->asked++;
    if (wb_at(bad, zone, moment, &got) == WB_OK) {
        asked->answered++;
        bool same = want.count == got.count;
        if (want.count > 0) qsort(want.at, want.count, sizeof want.at[0], by_person);
        if (got.count > 0) qsort(got.at, got.count, sizeof got.at[0], by_person);
        for (size_t i = 0; same && i < want.count; i++) {
            same = is_same_place(&want.at[i], &got.at[i]);
        }
        if (!same) {
            fail_msg("%s: a wrong answer: other people or places in %s (%zu, not %zu)", asked->what,
                     wb_zone_id(good, zone), got.count, want.count);
        }
    }
    wb_list_done(&want);
    wb_list_done(&got);
}

/* Ask about everybody and every zone, then and now: an answer of the damaged file is either
 * none or that of the good one. */
static void ask_both(struct wb *good, struct wb *bad, struct asked *asked)
{
    const int64_t end_us = SCRIPT_START_US + 18 * SCRIPT_HOUR_US;
    const struct wb_moment moments[] = {
        {SCRIPT_START_US + 2 * SCRIPT_HOUR_US, WB_EVERYTHING, end_us},
        {SCRIPT_START_US + 7 * SCRIPT_HOUR_US, WB_EVERYTHING, end_us},
        {end_us,                               WB_EVERYTHING, end_us},
    };
    struct wb_people people = {0};
    struct wb_zones zones = {0};
    assert_int_equal(wb_people_all(good, &people), WB_OK);
    assert_int_equal(wb_zones_all(good, &zones), WB_OK);
    for (size_t m = 0; m < sizeof moments / sizeof moments[0]; m++) {
        for (size_t i = 0; i < people.count; i++) {
            ask_person(good, bad, people.at[i], &moments[m], asked);
        }
        for (size_t i = 0; i < zones.count; i++) {
            ask_zone(good, bad, zones.at[i], &moments[m], asked);
        }
    }
    wb_list_done(&people);
    wb_list_done(&zones);
}

static size_t scalar(const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open(bad_path(), &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    sqlite3_int64 value = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return (size_t)value;
}

static void check_healed(const char *what)
{
    struct script script = {.path = bad_path()};
    struct wb_verification found = {0};
    char *text = NULL;
    wb_status status = script_open(&script, WB_WRITE);
    if (status != WB_OK) fail_msg("%s: not opened: %d %s", what, (int)status, script.why.text);
    status = wb_rebuild(script.wb, NULL, NULL);
    if (status != WB_OK) {
        fail_msg("%s: rebuild gave status %d: %s", what, (int)status, wb_last_error(script.wb));
    }
    status = wb_verify(script.wb, NULL, NULL, &found);
    if (status != WB_OK) fail_msg("%s: after rebuild: %s", what, found.first_fault);
    status = script_answers(script.wb, &text);
    assert_int_equal(status, WB_OK);
    const char *want = reference_answers(script_fact_count());
    if (strcmp(text, want) != 0) {
        char difference[1200];
        script_difference(want, text, difference, sizeof difference);
        fail_msg("%s: after rebuild:\n%s", what, difference);
    }
    free(text);
    assert_int_equal(script_close(&script), WB_OK);
}

/* A block that is damaged: verify names it, other answers stand, rebuild makes it anew. */
static void check_damaged_block(const char *table, const char *change, const char *word)
{
    char sql[300];
    char what[120];
    copy_good();
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    if (scalar(sql) == 0) fail_msg("the script leaves no row in %s", table);
    (void)snprintf(sql, sizeof sql,
                   "UPDATE %s SET data=%s WHERE id=(SELECT id FROM %s ORDER BY length(data) DESC"
                   " LIMIT 1)",
                   table, change, table);
    damage_by_sql(sql);
    (void)snprintf(what, sizeof what, "%s with data=%s", table, change);
    struct script script = {.path = bad_path()};
    struct wb_verification found = {0};
    wb_status status = script_open(&script, WB_WRITE);
    if (status != WB_OK) fail_msg("%s: not opened: %d %s", what, (int)status, script.why.text);
    status = wb_verify(script.wb, NULL, NULL, &found);
    if (status != WB_EREFUSED || found.faults == 0 || !strstr(found.first_fault, word)) {
        fail_msg("%s: verify gave status %d, \"%s\"", what, (int)status, found.first_fault);
    }
    struct script good = {.path = good_path()};
    struct asked asked = {.what = what};
    assert_int_equal(script_open(&good, WB_READ), WB_OK);
    ask_both(good.wb, script.wb, &asked);
    assert_int_equal(script_close(&good), WB_OK);
    print_message("%s: %zu of %zu answered; %s\n", what, asked.answered, asked.asked,
                  found.first_fault);
    (void)script_close(&script);
    check_healed(what);
}

static void a_truncated_zone_block_is_named_and_made_again(void **state)
{
    (void)state;
    check_damaged_block("zone_block", "substr(data,1,length(data)/2)", "zone");
    check_damaged_block("zone_block", "x''", "zone");
}

static void a_truncated_person_block_is_named_and_made_again(void **state)
{
    (void)state;
    check_damaged_block("person_block", "substr(data,1,length(data)/2)", "person block");
    check_damaged_block("person_block", "x'00'", "person block");
}

static void a_block_of_noise_is_named_and_made_again(void **state)
{
    (void)state;
    check_damaged_block("zone_block", "randomblob(length(data))", "zone");
    check_damaged_block("person_block", "randomblob(length(data))", "person block");
}

static void a_missing_block_is_named_and_made_again(void **state)
{
    (void)state;
    struct wb_verification found = {0};
    copy_good();
    damage_by_sql("DELETE FROM zone_block WHERE id=(SELECT max(id) FROM zone_block)");
    struct script script = {.path = bad_path()};
    wb_status status = script_open(&script, WB_WRITE);
    if (status == WB_OK) {
        status = wb_verify(script.wb, NULL, NULL, &found);
        assert_int_equal(status, WB_EREFUSED);
        (void)script_close(&script);
    }
    check_healed("a missing zone block");
}

/* A changed fact breaks the chain; that no rebuild can heal, and none may hide it. */
static void a_changed_journal_row_is_found(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "UPDATE journal SET block=substr(block,1,length(block)-1) WHERE seq=(SELECT max(seq) FROM "
        "journal)",
        "UPDATE journal SET learnt=learnt+1 WHERE seq=(SELECT max(seq) FROM journal)",
        "UPDATE segment SET data=substr(data,1,length(data)/2) WHERE first=(SELECT min(first) "
        "FROM segment)",
        "UPDATE segment SET data=CAST(x'01'||substr(data,2) AS BLOB) WHERE first=(SELECT "
        "max(first) FROM "
        "segment)",
        "UPDATE segment SET data=randomblob(length(data)) WHERE first=(SELECT max(first) FROM "
        "segment)",
        "UPDATE segment SET hash=zeroblob(32) WHERE first=(SELECT min(first) FROM segment)",
        "DELETE FROM segment WHERE first=(SELECT min(first) FROM segment)",
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct wb_verification found = {0};
        copy_good();
        const char *rows = strstr(changes[i], "segment") ? "SELECT count(*) FROM segment"
                                                         : "SELECT count(*) FROM journal";
        if (scalar(rows) == 0) fail_msg("the script leaves nothing for \"%s\"", changes[i]);
        damage_by_sql(changes[i]);
        struct script script = {.path = bad_path()};
        wb_status status = script_open(&script, WB_WRITE);
        if (status == WB_OK) status = wb_verify(script.wb, NULL, NULL, &found);
        print_message("%.60s...: status %d: %s%s\n", changes[i], (int)status, script.why.text,
                      found.first_fault);
        if (status != WB_EREFUSED && status != WB_EDAMAGED) {
            fail_msg("%s: nobody noticed: status %d", changes[i], (int)status);
        }
        (void)script_close(&script);
    }
}

/* Every page in turn is overwritten with noise. */
static void a_damaged_page_is_found_or_harmless(void **state)
{
    (void)state;

    enum { PAGE = 4096, HURT = 512 };

    const char *want = reference_answers(script_fact_count());
    size_t count = 0;
    size_t found_count = 0;
    unsigned char *good = read_file(good_path(), &count);
    for (size_t page = 1; page < count / PAGE; page++) {
        uint64_t seed = page;
        unsigned char *bad = malloc(count);
        assert_non_null(bad);
        memcpy(bad, good, count);
        for (size_t i = 0; i < HURT; i++) {
            seed = seed * UINT64_C(6364136223846793005) + 1;
            bad[page * PAGE + i] = (unsigned char)(seed >> 56);
        }
        remove_site(bad_path());
        write_file(bad_path(), bad, count);
        free(bad);

        struct script script = {.path = bad_path()};
        struct wb_verification found = {0};
        char *text = NULL;
        wb_status status = script_open(&script, WB_WRITE);
        if (status == WB_OK) status = wb_verify(script.wb, NULL, NULL, &found);
        found_count += status != WB_OK;
        if (status == WB_OK && script_answers(script.wb, &text) == WB_OK &&
            strcmp(text, want) != 0) {
            fail_msg("page %zu is damaged: verify finds nothing and answers differ", page);
        }
        free(text);
        (void)script_close(&script);
    }
    print_message("%zu of %zu damaged pages were found\n", found_count, count / PAGE - 1);
    assert_true(found_count * 2 > count / PAGE);
    free(good);
}

static void a_file_cut_short_is_found(void **state)
{
    (void)state;
    size_t count = 0;
    unsigned char *good = read_file(good_path(), &count);
    for (size_t eighths = 1; eighths < 8; eighths++) {
        remove_site(bad_path());
        write_file(bad_path(), good, count * eighths / 8);
        struct script script = {.path = bad_path()};
        struct wb_verification found = {0};
        wb_status status = script_open(&script, WB_WRITE);
        if (status == WB_OK) status = wb_verify(script.wb, NULL, NULL, &found);
        print_message("cut to %zu eighths: %d %s%s\n", eighths, (int)status, script.why.text,
                      found.first_fault);
        if (status != WB_EREFUSED && status != WB_EDAMAGED) {
            fail_msg("cut to %zu eighths: status %d: %s", eighths, (int)status, script.why.text);
        }
        (void)script_close(&script);
    }
    free(good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(text_is_not_a_site_file, reference_tidy),
        cmocka_unit_test_teardown(an_empty_file_is_not_a_site_file, reference_tidy),
        cmocka_unit_test_teardown(a_file_that_is_not_there_is_not_made, reference_tidy),
        cmocka_unit_test_teardown(another_database_is_not_a_site_file, reference_tidy),
        cmocka_unit_test_teardown(a_newer_file_is_left_alone, reference_tidy),
        cmocka_unit_test_teardown(a_folder_is_not_a_site_file, reference_tidy),
        cmocka_unit_test_teardown(without_permission_there_is_a_sentence, reference_tidy),
        cmocka_unit_test_teardown(in_a_read_only_folder_nothing_is_written, reference_tidy),
        cmocka_unit_test_teardown(a_truncated_zone_block_is_named_and_made_again, reference_tidy),
        cmocka_unit_test_teardown(a_truncated_person_block_is_named_and_made_again, reference_tidy),
        cmocka_unit_test_teardown(a_block_of_noise_is_named_and_made_again, reference_tidy),
        cmocka_unit_test_teardown(a_missing_block_is_named_and_made_again, reference_tidy),
        cmocka_unit_test_teardown(a_changed_journal_row_is_found, reference_tidy),
        cmocka_unit_test_teardown(a_damaged_page_is_found_or_harmless, reference_tidy),
        cmocka_unit_test_teardown(a_file_cut_short_is_found, reference_tidy),
    };
    return cmocka_run_group_tests_name("bad_file", tests, make_good, clean);
}
