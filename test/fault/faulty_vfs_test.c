/* The faulty disk itself: it keeps what was synced, and it does lose what was not. */
#include "lib/faulty_vfs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#define FILE_NAME    "/disk/plain.db"
#define COMMIT_COUNT 24
#define SEED_COUNT   6

struct outcome {
    int acknowledged; /* commits that SQLite said yes to */
    int status;       /* of the first that it did not */
};

static sqlite3 *open_file(int flags, const char *synchronous)
{
    sqlite3 *db = NULL;
    char pragma[80];
    (void)snprintf(pragma, sizeof pragma, "PRAGMA synchronous=%s", synchronous);
    int status = sqlite3_open_v2(FILE_NAME, &db, flags, FAULTY_VFS_NAME);
    if (status == SQLITE_OK && (flags & SQLITE_OPEN_READWRITE)) {
        status = sqlite3_exec(db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
    }
    if (status == SQLITE_OK) status = sqlite3_exec(db, pragma, NULL, NULL, NULL);
    if (status == SQLITE_OK) return db;
    (void)sqlite3_close(db);
    return NULL;
}

static sqlite3 *open_writer(const char *synchronous)
{
    return open_file(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, synchronous);
}

static int run(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static int number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int value = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        value = sqlite3_column_int(statement, 0);
    }
    (void)sqlite3_finalize(statement);
    return value;
}

static int commit_row(sqlite3 *db, int n)
{
    char sql[160];
    (void)snprintf(sql, sizeof sql,
                   "BEGIN IMMEDIATE; INSERT INTO t VALUES(%d, randomblob(%d));"
                   "UPDATE total SET n = n + 1; COMMIT",
                   n, 100 + n * 173 % 3000);
    return run(db, sql);
}

/* Half the commits, a checkpoint, a close, an open, the other half. Stops at a failure. */
static struct outcome workload(const char *synchronous)
{
    struct outcome outcome = {0};
    sqlite3 *db = open_writer(synchronous);
    if (!db) return (struct outcome){.status = SQLITE_CANTOPEN};
    outcome.status = run(db, "CREATE TABLE IF NOT EXISTS t(n INTEGER PRIMARY KEY, pad BLOB);"
                             "CREATE TABLE IF NOT EXISTS total(n INTEGER);"
                             "INSERT INTO total SELECT 0 WHERE NOT EXISTS(SELECT 1 FROM total)");
    for (int n = 1; n <= COMMIT_COUNT && outcome.status == SQLITE_OK; n++) {
        outcome.status = commit_row(db, n);
        if (outcome.status != SQLITE_OK) {
            (void)run(db, "ROLLBACK");
            break;
        }
        outcome.acknowledged = n;
        if (n == 8) outcome.status = run(db, "PRAGMA wal_checkpoint(PASSIVE)");
        if (n == 12) {
            (void)sqlite3_close(db);
            db = open_writer(synchronous);
            if (!db) return (struct outcome){.acknowledged = n, .status = SQLITE_CANTOPEN};
        }
    }
    (void)sqlite3_close(db);
    return outcome;
}

/* How many commits the file has; they must be a prefix, whole and sound. */
static int commits_found(void)
{
    sqlite3 *db = open_writer("FULL");
    assert_non_null(db);
    assert_int_equal(number(db, "SELECT 'ok' = (SELECT * FROM pragma_integrity_check(1))"), 1);
    int count = number(db, "SELECT count(*) FROM t");
    if (count > 0) {
        assert_int_equal(number(db, "SELECT max(n) FROM t"), count);
        assert_int_equal(number(db, "SELECT n FROM total"), count);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return count < 0 ? 0 : count;
}

static uint64_t boundaries_of_workload(const char *synchronous)
{
    faulty_vfs_reset();
    struct outcome outcome = workload(synchronous);
    assert_int_equal(outcome.status, SQLITE_OK);
    assert_int_equal(outcome.acknowledged, COMMIT_COUNT);
    return faulty_vfs_boundaries();
}

/* Crash at every boundary; count the recoveries that lost an acknowledged commit. */
static int losses_over_all_crashes(const char *synchronous)
{
    int losses = 0;
    uint64_t count = boundaries_of_workload(synchronous);
    assert_true(count > 100);
    for (uint64_t boundary = 1; boundary <= count; boundary++) {
        faulty_vfs_reset();
        faulty_vfs_plan((struct faulty_plan){.mode = FAULTY_CRASH, .boundary = boundary});
        struct outcome outcome = workload(synchronous);
        assert_true(faulty_vfs_fired());
        faulty_vfs_power_cut();
        for (uint64_t seed = 0; seed < SEED_COUNT; seed++) {
            faulty_vfs_recover((enum disk_policy)(seed % DISK_POLICY_COUNT), seed);
            int found = commits_found();
            assert_true(found <= outcome.acknowledged + 1);
            if (found < outcome.acknowledged) losses++;
        }
    }
    return losses;
}

static void full_synchronous_keeps_every_acknowledged_commit(void **state)
{
    (void)state;
    assert_int_equal(losses_over_all_crashes("FULL"), 0);
}

static void normal_synchronous_loses_commits_and_it_shows(void **state)
{
    (void)state;
    int losses = losses_over_all_crashes("NORMAL");
    print_message("synchronous=NORMAL lost acknowledged commits in %d recoveries\n", losses);
    assert_true(losses > 0);
}

/* After a failure once or for good, the file opened anew has all that was acknowledged. */
static void check_failure(enum faulty_mode mode, bool sticky, bool cut_power)
{
    uint64_t count = boundaries_of_workload("FULL");
    int failed_runs = 0;
    for (uint64_t boundary = 1; boundary <= count; boundary++) {
        faulty_vfs_reset();
        faulty_vfs_plan((struct faulty_plan){mode, boundary, sticky});
        struct outcome outcome = workload("FULL");
        if (outcome.status != SQLITE_OK) failed_runs++;
        if (mode == FAULTY_DISK_FULL && outcome.status != SQLITE_OK) {
            assert_true(outcome.status == SQLITE_FULL || outcome.status == SQLITE_CANTOPEN ||
                        outcome.status == SQLITE_IOERR);
        }
        faulty_vfs_plan((struct faulty_plan){0});
        if (cut_power) {
            faulty_vfs_power_cut();
            faulty_vfs_recover(DISK_LOSE, 0);
        }
        int found = commits_found();
        assert_true(found == outcome.acknowledged || found == outcome.acknowledged + 1);
    }
    assert_true(failed_runs > 0);
}

static void an_io_error_once_loses_nothing(void **state)
{
    (void)state;
    check_failure(FAULTY_IO_ERROR, false, false);
    check_failure(FAULTY_IO_ERROR, false, true);
}

static void an_io_error_for_good_loses_nothing(void **state)
{
    (void)state;
    check_failure(FAULTY_IO_ERROR, true, true);
}

static void a_full_disk_loses_nothing(void **state)
{
    (void)state;
    check_failure(FAULTY_DISK_FULL, false, true);
    check_failure(FAULTY_DISK_FULL, true, true);
}

static void a_lying_sync_loses_nothing_when_one_stops_at_it(void **state)
{
    (void)state;
    check_failure(FAULTY_SYNC_LIES, false, true);
}

static void a_lying_sync_drops_what_it_failed_to_write(void **state)
{
    (void)state;
    struct disk *disk = disk_new();
    struct disk_file *file = disk_make(disk, "a");
    disk_write(file, 0, "kept", 4);
    disk_sync(file);
    disk_write(file, 4, "lost", 4);
    disk_forget_changes(file);
    disk_write(file, 8, "last", 4);
    disk_sync(file);
    disk_sync_folder(disk);
    assert_memory_equal(disk_bytes(file), "keptlostlast", 12);

    struct disk *after = disk_after_power_cut(disk, DISK_KEEP, 1);
    assert_memory_equal(disk_bytes(disk_find(after, "a")), "kept\0\0\0\0last", 12);
    disk_free(after);
    disk_free(disk);
}

static void a_name_that_was_not_synced_may_be_gone(void **state)
{
    (void)state;
    struct disk *disk = disk_new();
    disk_sync(disk_make(disk, "old"));
    disk_sync_folder(disk);
    disk_sync(disk_make(disk, "new"));
    assert_true(disk_unlink(disk, "old"));

    struct disk *lost = disk_after_power_cut(disk, DISK_LOSE, 0);
    assert_non_null(disk_find(lost, "old"));
    assert_null(disk_find(lost, "new"));
    struct disk *kept = disk_after_power_cut(disk, DISK_KEEP, 0);
    assert_null(disk_find(kept, "old"));
    assert_non_null(disk_find(kept, "new"));
    disk_free(lost);
    disk_free(kept);
    disk_free(disk);
}

/* Of two writes over four sectors each, some seed leaves a mix in which the older survives
 * in one sector, the newer in another and neither in a third. */
static void writes_are_torn_and_reordered(void **state)
{
    (void)state;
    struct disk *disk = disk_new();
    struct disk_file *file = disk_make(disk, "a");
    disk_sync_folder(disk);
    char page[4 * DISK_SECTOR_BYTES];
    memset(page, 'a', sizeof page);
    disk_write(file, 0, page, sizeof page);
    disk_sync(file);
    memset(page, 'b', sizeof page);
    disk_write(file, 0, page, sizeof page);
    memset(page, 'c', sizeof page);
    disk_write(file, 0, page, sizeof page);

    bool seen_mix = false;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct disk *after = disk_after_power_cut(disk, DISK_TORN, seed);
        struct disk *again = disk_after_power_cut(disk, DISK_TORN, seed);
        const unsigned char *bytes = disk_bytes(disk_find(after, "a"));
        assert_memory_equal(bytes, disk_bytes(disk_find(again, "a")), sizeof page);
        bool seen[3] = {false};
        for (size_t i = 0; i < sizeof page; i += DISK_SECTOR_BYTES) {
            assert_int_equal(bytes[i], bytes[i + DISK_SECTOR_BYTES - 1]);
            seen[bytes[i] - 'a'] = true;
        }
        seen_mix = seen_mix || (seen[0] && seen[1] && seen[2]);
        disk_free(after);
        disk_free(again);
    }
    assert_true(seen_mix);
    disk_free(disk);
}

static void a_reader_sees_commits_and_a_second_writer_waits(void **state)
{
    (void)state;
    faulty_vfs_reset();
    sqlite3 *writer = open_writer("FULL");
    assert_non_null(writer);
    assert_int_equal(run(writer, "CREATE TABLE t(n INTEGER)"), SQLITE_OK);
    sqlite3 *reader = open_file(SQLITE_OPEN_READONLY, "FULL");
    sqlite3 *second = open_writer("FULL");
    assert_non_null(reader);
    assert_non_null(second);

    assert_int_equal(run(writer, "BEGIN IMMEDIATE; INSERT INTO t VALUES(1)"), SQLITE_OK);
    assert_int_equal(number(reader, "SELECT count(*) FROM t"), 0);
    assert_int_equal(run(second, "BEGIN IMMEDIATE"), SQLITE_BUSY);
    assert_int_equal(run(reader, "BEGIN"), SQLITE_OK);
    assert_int_equal(number(reader, "SELECT count(*) FROM t"), 0);
    assert_int_equal(run(writer, "COMMIT"), SQLITE_OK);
    assert_int_equal(number(reader, "SELECT count(*) FROM t"), 0);
    assert_int_equal(run(reader, "COMMIT"), SQLITE_OK);
    assert_int_equal(number(reader, "SELECT count(*) FROM t"), 1);
    assert_int_equal(run(second, "BEGIN IMMEDIATE; INSERT INTO t VALUES(2); COMMIT"), SQLITE_OK);
    assert_int_equal(number(reader, "SELECT count(*) FROM t"), 2);
    assert_int_equal(run(reader, "INSERT INTO t VALUES(3)"), SQLITE_READONLY);

    assert_int_equal(sqlite3_close(reader), SQLITE_OK);
    assert_int_equal(sqlite3_close(second), SQLITE_OK);
    assert_int_equal(sqlite3_close(writer), SQLITE_OK);
}

static void a_read_can_fail(void **state)
{
    (void)state;
    (void)boundaries_of_workload("FULL");
    faulty_vfs_plan((struct faulty_plan){.mode = FAULTY_READ, .boundary = 3, .sticky = true});
    sqlite3 *db = open_writer("FULL");
    if (db) {
        assert_int_equal(run(db, "SELECT sum(length(pad)) FROM t"), SQLITE_IOERR);
        (void)sqlite3_close(db);
    }
    assert_true(faulty_vfs_fired());
    faulty_vfs_plan((struct faulty_plan){0});
    assert_int_equal(commits_found(), COMMIT_COUNT);
}

int main(void)
{
    faulty_vfs_register();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lying_sync_drops_what_it_failed_to_write),
        cmocka_unit_test(a_name_that_was_not_synced_may_be_gone),
        cmocka_unit_test(writes_are_torn_and_reordered),
        cmocka_unit_test(a_reader_sees_commits_and_a_second_writer_waits),
        cmocka_unit_test(full_synchronous_keeps_every_acknowledged_commit),
        cmocka_unit_test(normal_synchronous_loses_commits_and_it_shows),
        cmocka_unit_test(an_io_error_once_loses_nothing),
        cmocka_unit_test(an_io_error_for_good_loses_nothing),
        cmocka_unit_test(a_full_disk_loses_nothing),
        cmocka_unit_test(a_lying_sync_loses_nothing_when_one_stops_at_it),
        cmocka_unit_test(a_read_can_fail),
    };
    return cmocka_run_group_tests_name("faulty_vfs", tests, NULL, NULL);
}
