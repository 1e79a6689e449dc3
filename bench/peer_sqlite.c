/* peer_sqlite COMMAND --file FILE ...: what SQLite makes of the same data, rows and indexes.
 *
 *   ingest       a table of scans, one durable commit a batch
 *   load         a table of stays with covering indexes both ways
 *   hot, cold    the four questions; cold with --cache-mib and without mmap
 *   answers      the answers themselves
 *
 * The statements know that no stay is longer than four hours, which ours does not. */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "measure.h"
#include "options.h"
#include "workload.h"

/* ?1 zone or person, ?2 the moment or the window's start, ?3 its end. */
static const char *const statements[QUESTION_COUNT] = {
    [QUESTION_INSIDE] = "SELECT person FROM stays"
                        " WHERE zone=?1 AND t_in<=?2 AND t_in>?2-14400000 AND t_out>?2",
    [QUESTION_PATH] = "SELECT zone,t_in,t_out FROM stays WHERE person=?1 AND t_in<?3"
                      " AND t_in>?2-14400000 AND t_out>?2 ORDER BY t_in",
    [QUESTION_WITH] =
        "SELECT b.person,sum(min(a.t_out,b.t_out,?3)-max(a.t_in,b.t_in,?2)) s"
        " FROM stays a CROSS JOIN stays b WHERE b.zone=a.zone AND b.t_in<min(a.t_out,?3)"
        " AND b.t_in>a.t_in-14400000 AND b.t_out>max(a.t_in,?2) AND a.person=?1 AND a.t_in<?3"
        " AND a.t_in>?2-14400000 AND a.t_out>?2 AND b.person<>?1 GROUP BY 1 HAVING s>=300000",
    [QUESTION_CURVE] =
        "SELECT m,sum(d) FROM (SELECT max(0,(t_in-?2+59999)/60000) m,1 d FROM stays"
        " WHERE zone=?1 AND t_in<?2+86400000 AND t_in>?2-14400000 AND t_out>?2"
        " UNION ALL SELECT min(1440,(t_out-?2+59999)/60000),-1 FROM stays"
        " WHERE zone=?1 AND t_in<?2+86400000 AND t_in>?2-14400000 AND t_out>?2) GROUP BY m",
};

struct peer {
    sqlite3 *database;
    sqlite3_stmt *statement[QUESTION_COUNT];
};

static void execute(sqlite3 *database, const char *sql)
{
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK)
        die("SQLite: %s: %s", sql, sqlite3_errmsg(database));
}

static sqlite3_stmt *prepare(sqlite3 *database, const char *sql)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK)
        die("SQLite: %s: %s", sql, sqlite3_errmsg(database));
    return statement;
}

static void step_done(sqlite3 *database, sqlite3_stmt *statement)
{
    if (sqlite3_step(statement) != SQLITE_DONE) die("SQLite: %s", sqlite3_errmsg(database));
    (void)sqlite3_reset(statement);
}

static sqlite3 *database_open(const char *path)
{
    sqlite3 *database;
    if (sqlite3_open(path, &database) != SQLITE_OK) die("SQLite: %s cannot be opened", path);
    return database;
}

struct ingest {
    sqlite3 *database;
    sqlite3_stmt *insert, *begin, *commit;
};

static void ingest_open(struct ingest *ingest, const char *path)
{
    ingest->database = database_open(path);
    execute(ingest->database,
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-2000000;"
            "PRAGMA wal_autocheckpoint=20000;"
            "CREATE TABLE scans(band INTEGER,t INTEGER,reader INTEGER,dir INTEGER,"
            " PRIMARY KEY(band,t,reader,dir)) WITHOUT ROWID;"
            "CREATE INDEX rt ON scans(reader,t);");
    ingest->insert = prepare(ingest->database, "INSERT OR IGNORE INTO scans VALUES(?,?,?,?)");
    ingest->begin = prepare(ingest->database, "BEGIN IMMEDIATE");
    ingest->commit = prepare(ingest->database, "COMMIT");
}

static void ingest_batch(struct ingest *ingest, const struct workload_scan *scans, size_t count)
{
    step_done(ingest->database, ingest->begin);
    for (size_t i = 0; i < count; i++) {
        (void)sqlite3_bind_int64(ingest->insert, 1, (int64_t)scans[i].band);
        (void)sqlite3_bind_int64(ingest->insert, 2, scans[i].at_ms);
        (void)sqlite3_bind_int64(ingest->insert, 3, scans[i].reader);
        (void)sqlite3_bind_int(ingest->insert, 4, scans[i].in);
        step_done(ingest->database, ingest->insert);
    }
    step_done(ingest->database, ingest->commit);
}

/* The rate leaves out the last checkpoint, in the peer's favour. */
static void run_ingest(const struct options *options)
{
    struct ingest ingest;
    size_t count;
    const struct workload_scan *scans = options_scans(options, &count);
    ingest_open(&ingest, options->file);

    size_t done = 0;
    int64_t start = clock_ns();
    while (done < count && (double)(clock_ns() - start) < options->asking.seconds * 1e9) {
        size_t batch = count - done < options->batch ? count - done : options->batch;
        ingest_batch(&ingest, scans + done, batch);
        done += batch;
    }
    result(options->asking.figure, "sqlite", (double)done * 1e9 / (double)(clock_ns() - start));

    execute(ingest.database, "PRAGMA wal_checkpoint(TRUNCATE)");
    (void)sqlite3_finalize(ingest.insert);
    (void)sqlite3_finalize(ingest.begin);
    (void)sqlite3_finalize(ingest.commit);
    (void)sqlite3_close(ingest.database);
    if (options->batch > 1)
        result("bytes", "sqlite", (double)file_size_with_log(options->file) / (double)done);
}

static void run_load(const struct options *options)
{
    char path[4096];
    size_t bytes;
    int length = snprintf(path, sizeof path, "%s.stays", options->workload);
    if (length < 0 || length >= (int)sizeof path) die("%s: too long a path", options->workload);
    const struct workload_stay *stays = file_map(path, &bytes);
    size_t count = bytes / sizeof *stays;

    sqlite3 *database = database_open(options->file);
    execute(database, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
                      "PRAGMA cache_size=-4000000; PRAGMA page_size=4096;"
                      "CREATE TABLE stays(person INTEGER,zone INTEGER,t_in INTEGER,t_out INTEGER);"
                      "BEGIN;");
    sqlite3_stmt *insert = prepare(database, "INSERT INTO stays VALUES(?,?,?,?)");
    for (size_t i = 0; i < count; i++) {
        (void)sqlite3_bind_int64(insert, 1, stays[i].person);
        (void)sqlite3_bind_int64(insert, 2, stays[i].zone);
        (void)sqlite3_bind_int64(insert, 3, stays[i].from_ms);
        (void)sqlite3_bind_int64(insert, 4, stays[i].until_ms);
        step_done(database, insert);
    }
    (void)sqlite3_finalize(insert);
    execute(database, "COMMIT; CREATE INDEX sz ON stays(zone,t_in,t_out,person);"
                      "CREATE INDEX sp ON stays(person,t_in,t_out,zone); ANALYZE;");
    (void)sqlite3_close(database);
    result("bytes_a_stay", "sqlite", (double)file_size_with_log(options->file) / (double)count);
}

/* The curve comes as what changes at each minute; here it becomes counts. */
static void curve_add(struct answer *answer, const int64_t change[CURVE_MINUTES + 1])
{
    int64_t inside = 0;
    for (int minute = 0; minute < CURVE_MINUTES; minute++) {
        inside += change[minute];
        answer_add(answer, minute, inside, 0);
    }
}

static size_t ask(void *context, enum question question, const struct parameter_set *set,
                  struct answer *answer)
{
    const struct peer *peer = context;
    sqlite3_stmt *statement = peer->statement[question];
    bool of_zone = question == QUESTION_INSIDE || question == QUESTION_CURVE;
    bool of_day = question != QUESTION_INSIDE;
    int64_t change[CURVE_MINUTES + 1] = {0};
    size_t size = 0;
    int columns = sqlite3_column_count(statement);
    int step;

    (void)sqlite3_bind_int64(statement, 1, of_zone ? set->zone : set->person);
    (void)sqlite3_bind_int64(statement, 2, of_day ? set->day_ms : set->at_ms);
    if (sqlite3_bind_parameter_count(statement) > 2)
        (void)sqlite3_bind_int64(statement, 3, set->day_ms + WORKLOAD_DAY_MS);
    while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
        int64_t row[3] = {0};
        for (int i = 0; i < columns; i++)
            row[i] = sqlite3_column_int64(statement, i);
        if (question == QUESTION_CURVE) {
            size += (size_t)(row[1] * (CURVE_MINUTES - row[0]));
            change[row[0]] += row[1];
        } else {
            size++;
            if (answer != NULL) answer_add(answer, row[0], row[1], row[2]);
        }
    }
    if (step != SQLITE_DONE) die("SQLite: %s", sqlite3_errmsg(peer->database));
    (void)sqlite3_reset(statement);
    if (answer != NULL && question == QUESTION_CURVE) curve_add(answer, change);
    return size;
}

static void run_questions(const struct options *options)
{
    struct peer peer = {.database = database_open(options->file)};
    struct asker asker = {.system = "sqlite", .context = &peer, .ask = ask};
    char pragma[64];
    if (options->cache_bytes == 0) {
        execute(peer.database, "PRAGMA cache_size=-4000000; PRAGMA mmap_size=17179869184;");
    } else {
        (void)snprintf(pragma, sizeof pragma, "PRAGMA mmap_size=0; PRAGMA cache_size=-%zu",
                       options->cache_bytes >> 10);
        execute(peer.database, pragma);
    }
    for (int q = 0; q < QUESTION_COUNT; q++)
        peer.statement[q] = prepare(peer.database, statements[q]);
    options_ask(options, &asker);
    for (int q = 0; q < QUESTION_COUNT; q++)
        (void)sqlite3_finalize(peer.statement[q]);
    (void)sqlite3_close(peer.database);
}

int main(int count, char **words)
{
    struct options options;
    options_read(&options, count, words, "peer_sqlite ingest|load|hot|cold|answers --file FILE");
    if (strcmp(options.command, "ingest") == 0) {
        run_ingest(&options);
    } else if (strcmp(options.command, "load") == 0) {
        run_load(&options);
    } else {
        run_questions(&options);
    }
    return 0;
}
