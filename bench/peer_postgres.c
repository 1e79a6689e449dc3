/* peer_postgres COMMAND --file CONNECTION ...: what PostgreSQL makes of the same data.
 *
 *   ingest --way copy|unnest|insert    a table of scans, one durable commit a batch
 *   load                               a table of stays with covering indexes both ways
 *   hot, cold, answers                 the four questions
 *
 * bench/cluster.sh starts a server of its own for it. The statements know that no stay is
 * longer than four hours, which ours does not. */
#include <endian.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "options.h"
#include "workload.h"

enum { OID_BIGINT = 20, OID_SMALLINT = 21, OID_INT = 23, COLUMNS = 4 };

/* $1 zone or person, $2 the moment or the window's start, $3 its end. */
static const char *const statements[QUESTION_COUNT] = {
    [QUESTION_INSIDE] = "SELECT person FROM stays WHERE zone=$1 AND t_in<=$2"
                        " AND t_in>$2-14400000 AND t_out>$2 AND $3::bigint IS NOT NULL",
    [QUESTION_PATH] = "SELECT zone,t_in,t_out FROM stays WHERE person=$1 AND t_in<$3"
                      " AND t_in>$2-14400000 AND t_out>$2 ORDER BY t_in",
    [QUESTION_WITH] =
        "SELECT b.person,sum(least(a.t_out,b.t_out,$3)-greatest(a.t_in,b.t_in,$2))::bigint"
        " FROM stays a JOIN stays b ON b.zone=a.zone AND b.t_in<least(a.t_out,$3)"
        " AND b.t_in>a.t_in-14400000 AND b.t_out>greatest(a.t_in,$2)"
        " WHERE a.person=$1 AND a.t_in<$3 AND a.t_in>$2-14400000 AND a.t_out>$2"
        " AND b.person<>$1 GROUP BY 1"
        " HAVING sum(least(a.t_out,b.t_out,$3)-greatest(a.t_in,b.t_in,$2))>=300000",
    [QUESTION_CURVE] =
        "SELECT m,sum(d) FROM (SELECT greatest(0,(t_in-$2+59999)/60000) m,1 d FROM stays"
        " WHERE zone=$1 AND t_in<$2+86400000 AND t_in>$2-14400000 AND t_out>$2"
        " UNION ALL SELECT least(1440,(t_out-$2+59999)/60000),-1 FROM stays"
        " WHERE zone=$1 AND t_in<$2+86400000 AND t_in>$2-14400000 AND t_out>$2"
        " AND $3::bigint IS NOT NULL) e GROUP BY m",
};

static void finish(PGconn *server, PGresult *answer, ExecStatusType wanted)
{
    if (PQresultStatus(answer) != wanted) die("PostgreSQL: %s", PQerrorMessage(server));
    PQclear(answer);
}

static void execute(PGconn *server, const char *sql)
{
    finish(server, PQexec(server, sql), PGRES_COMMAND_OK);
}

static PGconn *server_open(const char *connection)
{
    PGconn *server = PQconnectdb(connection);
    if (PQstatus(server) != CONNECTION_OK) die("PostgreSQL: %s", PQerrorMessage(server));
    execute(server, "SET client_min_messages=warning");
    return server;
}

static double number_asked(PGconn *server, const char *sql)
{
    PGresult *answer = PQexec(server, sql);
    if (PQresultStatus(answer) != PGRES_TUPLES_OK) die("PostgreSQL: %s", PQerrorMessage(server));
    double number = fraction_of(PQgetvalue(answer, 0, 0));
    PQclear(answer);
    return number;
}

/* ---- Taking scans ---- */

/* Values in PostgreSQL's binary form: big-endian, each after its length. */
struct wire {
    char *at;
    size_t bytes;
};

static void put(struct wire *wire, const void *value, size_t bytes)
{
    memcpy(wire->at + wire->bytes, value, bytes);
    wire->bytes += bytes;
}

static void put_16(struct wire *wire, uint16_t value)
{
    value = htobe16(value);
    put(wire, &value, sizeof value);
}

static void put_32(struct wire *wire, uint32_t value)
{
    value = htobe32(value);
    put(wire, &value, sizeof value);
}

static void put_64(struct wire *wire, uint64_t value)
{
    value = htobe64(value);
    put(wire, &value, sizeof value);
}

/* One column of a scan: band, time, reader, direction. */
static void put_column(struct wire *wire, const struct workload_scan *scan, int column,
                       bool with_length)
{
    static const uint32_t lengths[COLUMNS] = {8, 8, 4, 2};
    if (with_length) put_32(wire, lengths[column]);
    if (column == 0) put_64(wire, scan->band);
    if (column == 1) put_64(wire, (uint64_t)scan->at_ms);
    if (column == 2) put_32(wire, scan->reader);
    if (column == 3) put_16(wire, scan->in);
}

typedef void (*take_batch)(PGconn *server, struct wire *wire, const struct workload_scan *scans,
                           size_t count);

static void take_by_copy(PGconn *server, struct wire *wire, const struct workload_scan *scans,
                         size_t count)
{
    finish(server, PQexec(server, "COPY scans FROM STDIN (FORMAT binary)"), PGRES_COPY_IN);
    wire->bytes = 0;
    put(wire, "PGCOPY\n\377\r\n\0", 11);
    put_64(wire, 0);
    for (size_t i = 0; i < count; i++) {
        put_16(wire, COLUMNS);
        for (int column = 0; column < COLUMNS; column++)
            put_column(wire, &scans[i], column, true);
    }
    put_16(wire, UINT16_MAX);
    if (PQputCopyData(server, wire->at, (int)wire->bytes) != 1 || PQputCopyEnd(server, NULL) != 1)
        die("PostgreSQL: %s", PQerrorMessage(server));
    finish(server, PQgetResult(server), PGRES_COMMAND_OK);
    while (true) {
        PGresult *rest = PQgetResult(server);
        if (rest == NULL) break;
        PQclear(rest);
    }
}

static void take_by_unnest(PGconn *server, struct wire *wire, const struct workload_scan *scans,
                           size_t count)
{
    static const uint32_t types[COLUMNS] = {OID_BIGINT, OID_BIGINT, OID_INT, OID_SMALLINT};
    static const int formats[COLUMNS] = {1, 1, 1, 1};
    size_t begin[COLUMNS];
    const char *values[COLUMNS];
    int lengths[COLUMNS];
    wire->bytes = 0;
    for (int column = 0; column < COLUMNS; column++) {
        begin[column] = wire->bytes;
        put_32(wire, 1); /* one dimension, no nulls */
        put_32(wire, 0);
        put_32(wire, types[column]);
        put_32(wire, (uint32_t)count);
        put_32(wire, 1); /* counted from one */
        for (size_t i = 0; i < count; i++)
            put_column(wire, &scans[i], column, true);
        lengths[column] = (int)(wire->bytes - begin[column]);
    }
    for (int column = 0; column < COLUMNS; column++)
        values[column] = wire->at + begin[column];
    finish(server, PQexecPrepared(server, "unnest", COLUMNS, values, lengths, formats, 1),
           PGRES_COMMAND_OK);
}

static void take_by_insert(PGconn *server, struct wire *wire, const struct workload_scan *scans,
                           size_t count)
{
    static const int lengths[COLUMNS] = {8, 8, 4, 2};
    static const int formats[COLUMNS] = {1, 1, 1, 1};
    for (size_t i = 0; i < count; i++) {
        wire->bytes = 0;
        for (int column = 0; column < COLUMNS; column++)
            put_column(wire, &scans[i], column, false);
        const char *values[COLUMNS] = {wire->at, wire->at + 8, wire->at + 16, wire->at + 20};
        finish(server, PQexecPrepared(server, "insert", COLUMNS, values, lengths, formats, 1),
               PGRES_COMMAND_OK);
    }
}

static take_batch way_of(const struct options *options)
{
    if (options->way == NULL) die("--way copy, unnest or insert is missing");
    if (strcmp(options->way, "copy") == 0) return take_by_copy;
    if (strcmp(options->way, "unnest") == 0) return take_by_unnest;
    if (strcmp(options->way, "insert") == 0 && options->batch == 1) return take_by_insert;
    die("--way %s: copy, unnest, or insert with --batch 1", options->way);
}

static void scans_make(PGconn *server)
{
    execute(server, "DROP TABLE IF EXISTS scans");
    execute(server, "CREATE TABLE scans(band bigint,t bigint,reader int,dir smallint,"
                    " PRIMARY KEY(band,t,reader,dir))");
    execute(server, "CREATE INDEX rt ON scans(reader,t)");
    finish(server,
           PQprepare(server, "insert", "INSERT INTO scans VALUES($1,$2,$3,$4)", COLUMNS,
                     (Oid[]){OID_BIGINT, OID_BIGINT, OID_INT, OID_SMALLINT}),
           PGRES_COMMAND_OK);
    finish(server,
           PQprepare(server, "unnest",
                     "INSERT INTO scans SELECT * FROM"
                     " unnest($1::bigint[],$2::bigint[],$3::int[],$4::smallint[])",
                     COLUMNS, NULL),
           PGRES_COMMAND_OK);
}

static void run_ingest(const struct options *options)
{
    size_t count;
    char system[64];
    const struct workload_scan *scans = options_scans(options, &count);
    take_batch take = way_of(options);
    PGconn *server = server_open(options->file);
    struct wire wire = {.at = take_memory(options->batch * 64 + 256)};
    scans_make(server);

    size_t done = 0;
    int64_t start = clock_ns();
    while (done < count && (double)(clock_ns() - start) < options->asking.seconds * 1e9) {
        size_t batch = count - done < options->batch ? count - done : options->batch;
        take(server, &wire, scans + done, batch);
        done += batch;
    }
    double seconds = (double)(clock_ns() - start) / 1e9;
    (void)snprintf(system, sizeof system, "postgres-%s", options->way);
    result(options->asking.figure, system, (double)done / seconds);
    if (options->batch > 1) {
        result("bytes", "postgres",
               number_asked(server, "SELECT pg_total_relation_size('scans')") / (double)done);
    }
    execute(server, "DROP TABLE scans");
    execute(server, "CHECKPOINT");
    PQfinish(server);
    free(wire.at);
}

/* ---- Questions ---- */

static void run_load(const struct options *options)
{
    enum { CHUNK = 1 << 20 };

    char path[4096];
    size_t bytes;
    int length = snprintf(path, sizeof path, "%s.stays.csv", options->workload);
    if (length < 0 || length >= (int)sizeof path) die("%s: too long a path", options->workload);
    const char *text = file_map(path, &bytes);

    PGconn *server = server_open(options->file);
    execute(server, "DROP TABLE IF EXISTS stays");
    execute(server, "CREATE TABLE stays(person int not null,zone int not null,"
                    " t_in bigint not null,t_out bigint not null)");
    finish(server, PQexec(server, "COPY stays FROM STDIN CSV"), PGRES_COPY_IN);
    for (size_t at = 0; at < bytes; at += CHUNK) {
        int chunk = (int)(bytes - at < CHUNK ? bytes - at : CHUNK);
        if (PQputCopyData(server, text + at, chunk) != 1)
            die("PostgreSQL: %s", PQerrorMessage(server));
    }
    if (PQputCopyEnd(server, NULL) != 1) die("PostgreSQL: %s", PQerrorMessage(server));
    finish(server, PQgetResult(server), PGRES_COMMAND_OK);
    PQclear(PQgetResult(server));
    execute(server, "CREATE INDEX stays_z ON stays(zone,t_in,t_out,person)");
    execute(server, "CREATE INDEX stays_p ON stays(person,t_in,t_out,zone)");
    execute(server, "VACUUM ANALYZE stays");
    execute(server, "CHECKPOINT");
    result("bytes_a_stay", "postgres",
           number_asked(server, "SELECT pg_total_relation_size('stays')") /
               number_asked(server, "SELECT count(*) FROM stays"));
    PQfinish(server);
}

static void curve_add(struct answer *answer, const int64_t change[CURVE_MINUTES + 1])
{
    int64_t inside = 0;
    for (int minute = 0; minute < CURVE_MINUTES; minute++) {
        inside += change[minute];
        answer_add(answer, minute, inside, 0);
    }
}

static size_t take_answer(const PGresult *rows, enum question question, struct answer *answer)
{
    int64_t change[CURVE_MINUTES + 1] = {0};
    int columns = PQnfields(rows);
    size_t size = 0;
    for (int i = 0; i < PQntuples(rows); i++) {
        int64_t row[3] = {0};
        for (int column = 0; column < columns; column++)
            row[column] = strtoll(PQgetvalue(rows, i, column), NULL, 10);
        if (question == QUESTION_CURVE) {
            size += (size_t)(row[1] * (CURVE_MINUTES - row[0]));
            change[row[0]] += row[1];
        } else {
            size++;
            if (answer != NULL) answer_add(answer, row[0], row[1], row[2]);
        }
    }
    if (answer != NULL && question == QUESTION_CURVE) curve_add(answer, change);
    return size;
}

static size_t ask(void *context, enum question question, const struct parameter_set *set,
                  struct answer *answer)
{
    PGconn *server = context;
    bool of_zone = question == QUESTION_INSIDE || question == QUESTION_CURVE;
    bool of_day = question != QUESTION_INSIDE;
    char what[24];
    char from[24];
    char until[24];
    (void)snprintf(what, sizeof what, "%" PRIu32, of_zone ? set->zone : set->person);
    (void)snprintf(from, sizeof from, "%" PRId64, of_day ? set->day_ms : set->at_ms);
    (void)snprintf(until, sizeof until, "%" PRId64, set->day_ms + WORKLOAD_DAY_MS);

    const char *values[3] = {what, from, until};
    PGresult *rows = PQexecPrepared(server, question_name(question), 3, values, NULL, NULL, 0);
    if (PQresultStatus(rows) != PGRES_TUPLES_OK) die("PostgreSQL: %s", PQerrorMessage(server));
    size_t size = take_answer(rows, question, answer);
    PQclear(rows);
    return size;
}

static void run_questions(const struct options *options)
{
    PGconn *server = server_open(options->file);
    struct asker asker = {.system = "postgres", .context = server, .ask = ask};
    for (int q = 0; q < QUESTION_COUNT; q++) {
        finish(server,
               PQprepare(server, question_name((enum question)q), statements[q], 3,
                         (Oid[]){OID_INT, OID_BIGINT, OID_BIGINT}),
               PGRES_COMMAND_OK);
    }
    options_ask(options, &asker);
    PQfinish(server);
}

int main(int count, char **words)
{
    struct options options;
    options_read(&options, count, words,
                 "peer_postgres ingest|load|hot|cold|answers --file CONNECTION");
    if (strcmp(options.command, "ingest") == 0) {
        run_ingest(&options);
    } else if (strcmp(options.command, "load") == 0) {
        run_load(&options);
    } else {
        run_questions(&options);
    }
    return 0;
}
