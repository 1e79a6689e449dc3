#include "store/store.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/writer_lock.h"

#define APPLICATION_ID 0x77626f75 /* "wbou" */

/* Pages in the WAL before they are moved into the file: 8 MiB. Then the WAL is written over from
 * its beginning: a commit that does not make a file longer needs no commit of the file system. */
#define CHECKPOINT_PAGES 2000

#define BUSY_MS 5000

#ifndef WB_PLANT
#define WB_PLANT 0 /* planted bugs prove that the tests can fail; see test/fault */
#endif

#if WB_PLANT == 1
#define SYNCHRONOUS "NORMAL"
#else
#define SYNCHRONOUS "FULL"
#endif

/* The open ends of a pairing, which most have: in the table they are NULL and take no room. */
#define EVER  "-9223372036854775808"
#define STILL "9223372036854775807"

static const char SCHEMA[] =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE journal(seq INTEGER PRIMARY KEY, learnt INTEGER NOT NULL, hash BLOB NOT NULL,"
    " block BLOB NOT NULL) STRICT;"
    "CREATE TABLE segment(first INTEGER PRIMARY KEY, last INTEGER NOT NULL,"
    " learnt_first INTEGER NOT NULL, learnt_last INTEGER NOT NULL, scans INTEGER NOT NULL,"
    " hash BLOB NOT NULL, data BLOB NOT NULL) STRICT;"
    "CREATE TABLE person_block(id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;"
    "CREATE INDEX person_block_id ON person_block(id);"
    "CREATE TABLE zone_block(id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;"
    "CREATE INDEX zone_block_id ON zone_block(id);"
    "CREATE TABLE person(n INTEGER PRIMARY KEY, id TEXT NOT NULL, kind INTEGER NOT NULL,"
    " what INTEGER NOT NULL, uuid BLOB NOT NULL) STRICT;"
    "CREATE TABLE entry(n INTEGER PRIMARY KEY, name TEXT NOT NULL, needs_help INTEGER NOT NULL,"
    " notes TEXT NOT NULL) STRICT;"
    "CREATE TABLE band(n INTEGER PRIMARY KEY, id TEXT NOT NULL) STRICT;"
    "CREATE TABLE zone(n INTEGER PRIMARY KEY, id TEXT NOT NULL) STRICT;"
    "CREATE TABLE reader(n INTEGER PRIMARY KEY, id TEXT NOT NULL,"
    " heard INTEGER NOT NULL DEFAULT -9223372036854775808) STRICT;"
    "CREATE TABLE grp(n INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;"
    "CREATE TABLE member(grp INTEGER NOT NULL, person INTEGER NOT NULL,"
    " PRIMARY KEY(grp, person)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX member_person ON member(person);"
    "CREATE TABLE pairing(k INTEGER PRIMARY KEY, band INTEGER NOT NULL, person INTEGER NOT NULL,"
    " from_us INTEGER, until_us INTEGER, learnt INTEGER NOT NULL, seq INTEGER NOT NULL) STRICT;"
    "CREATE TABLE withdrawal(k INTEGER PRIMARY KEY, reader INTEGER NOT NULL, band INTEGER NOT NULL,"
    " at INTEGER NOT NULL, direction INTEGER NOT NULL, learnt INTEGER NOT NULL,"
    " note INTEGER NOT NULL) STRICT;"
    "CREATE TABLE release(k INTEGER PRIMARY KEY, reader INTEGER NOT NULL, from_us INTEGER NOT NULL,"
    " until_us INTEGER NOT NULL, shift INTEGER NOT NULL, learnt INTEGER NOT NULL,"
    " note INTEGER NOT NULL) STRICT;"
    "CREATE TABLE complete(k INTEGER PRIMARY KEY, reader INTEGER NOT NULL,"
    " until_us INTEGER NOT NULL, learnt INTEGER NOT NULL) STRICT;"
    "CREATE TABLE site(k INTEGER PRIMARY KEY, learnt INTEGER NOT NULL, json TEXT NOT NULL) STRICT;"
    "CREATE TABLE note(n INTEGER PRIMARY KEY, salt BLOB NOT NULL, text TEXT NOT NULL) STRICT;"
    "CREATE TABLE credential(kind INTEGER NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL,"
    " secret TEXT NOT NULL, scope TEXT NOT NULL, holder TEXT NOT NULL, purpose TEXT NOT NULL,"
    " made INTEGER NOT NULL, expires INTEGER NOT NULL, PRIMARY KEY(kind, name))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE lookup_asker(n INTEGER PRIMARY KEY, who TEXT NOT NULL, purpose TEXT NOT NULL,"
    " UNIQUE(who, purpose)) STRICT;"
    "CREATE TABLE lookup(n INTEGER PRIMARY KEY, kind INTEGER NOT NULL, at INTEGER NOT NULL,"
    " as_of INTEGER NOT NULL, until INTEGER NOT NULL, zone INTEGER, groups TEXT,"
    " asker INTEGER NOT NULL, question TEXT NOT NULL, count INTEGER NOT NULL) STRICT;"
    "CREATE INDEX lookup_watch ON lookup(n) WHERE kind = 1;"
    "CREATE INDEX lookup_export ON lookup(n) WHERE kind = 2;"
    "CREATE INDEX lookup_lasting ON lookup(n) WHERE kind = 1 AND until = 9223372036854775807;"
    "CREATE TABLE lookup_people(n INTEGER PRIMARY KEY, people BLOB NOT NULL) STRICT;"
    "CREATE TABLE document(name TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID;";

static const char *const SQL[STATEMENT_COUNT] = {
    [META_PUT] = "INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)",
    [META_GET] = "SELECT value FROM meta WHERE key = ?1",
    [JOURNAL_PUT] = "INSERT INTO journal(seq, learnt, hash, block) VALUES(?1, ?2, ?3, ?4)",
    [JOURNAL_FROM] = "SELECT seq, learnt, hash, block FROM journal WHERE seq >= ?1 ORDER BY seq",
    [JOURNAL_LAST] = "SELECT seq, learnt, hash FROM journal ORDER BY seq DESC LIMIT 1",
    [JOURNAL_DROP] = "DELETE FROM journal WHERE seq BETWEEN ?1 AND ?2",
    [JOURNAL_COUNT] = "SELECT count(*) FROM journal",
    [SEGMENT_PUT] =
        ("INSERT INTO segment(first, last, learnt_first, learnt_last, scans, hash, data)"
         " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
    [SEGMENT_FROM] =
        ("SELECT first, last, learnt_first, learnt_last, scans, hash, data FROM segment"
         " WHERE last >= ?1 ORDER BY first"),
    [SEGMENT_SPANS] = ("SELECT first, last, learnt_first, learnt_last, scans FROM segment"
                       " ORDER BY first"),
    [SEGMENT_LAST] =
        ("SELECT first, last, learnt_first, learnt_last, scans, hash, data FROM segment"
         " ORDER BY first DESC LIMIT 1"),
    [SEGMENT_AT] = "SELECT data FROM segment WHERE first = ?1",
    [SEGMENT_REMOVE] = "DELETE FROM segment WHERE first = ?1",
    [PERSON_BLOCK_PUT] = "INSERT OR REPLACE INTO person_block(id, data) VALUES(?1, ?2)",
    [PERSON_BLOCK_GET] = "SELECT data FROM person_block WHERE id = ?1",
    [PERSON_BLOCK_DROP] = "DELETE FROM person_block WHERE id = ?1",
    [PERSON_BLOCK_IDS] = ("SELECT id FROM person_block INDEXED BY person_block_id"
                          " WHERE id BETWEEN ?1 AND ?2 ORDER BY id"),
    [PERSON_BLOCK_ANY] = ("SELECT id FROM person_block INDEXED BY person_block_id"
                          " WHERE id BETWEEN ?1 AND ?2 LIMIT 1"),
    [PERSON_BLOCK_SWEEP] = ("DELETE FROM person_block WHERE id IN"
                            " (SELECT id FROM person_block INDEXED BY person_block_id"
                            " WHERE id BETWEEN ?1 AND ?2 LIMIT ?3)"),
    [PERSON_BLOCK_CLEAR] = "DELETE FROM person_block",
    [ZONE_BLOCK_PUT] = "INSERT OR REPLACE INTO zone_block(id, data) VALUES(?1, ?2)",
    [ZONE_BLOCK_GET] = "SELECT data FROM zone_block WHERE id = ?1",
    [ZONE_BLOCK_DROP] = "DELETE FROM zone_block WHERE id = ?1",
    [ZONE_BLOCK_IDS] = ("SELECT id FROM zone_block INDEXED BY zone_block_id"
                        " WHERE id BETWEEN ?1 AND ?2 ORDER BY id"),
    [ZONE_BLOCK_ANY] = ("SELECT id FROM zone_block INDEXED BY zone_block_id"
                        " WHERE id BETWEEN ?1 AND ?2 LIMIT 1"),
    [ZONE_BLOCK_SWEEP] = ("DELETE FROM zone_block WHERE id IN"
                          " (SELECT id FROM zone_block INDEXED BY zone_block_id"
                          " WHERE id BETWEEN ?1 AND ?2 LIMIT ?3)"),
    [ZONE_BLOCK_CLEAR] = "DELETE FROM zone_block",
    [PERSON_PUT] = "INSERT INTO person(n, id, kind, what, uuid) VALUES(?1, ?2, ?3, ?4, ?5)",
    [PERSON_ALL] = "SELECT n, id, kind, what FROM person ORDER BY n",
    [PERSON_ERASE] =
        "UPDATE person SET id = '', kind = ?2, what = 0, uuid = zeroblob(16) WHERE n = ?1",
    [PERSON_KIND] = "UPDATE person SET kind = ?2 WHERE n = ?1",
    [ENTRY_PUT] = "INSERT OR REPLACE INTO entry(n, name, needs_help, notes) VALUES(?1, ?2, ?3, ?4)",
    [ENTRY_GET] = "SELECT name, needs_help, notes FROM entry WHERE n = ?1",
    [ENTRY_DROP] = "DELETE FROM entry WHERE n = ?1",
    [BAND_PUT] = "INSERT INTO band(n, id) VALUES(?1, ?2)",
    [BAND_ALL] = "SELECT n, id FROM band ORDER BY n",
    [BAND_ERASE] = "UPDATE band SET id = '' WHERE n = ?1",
    [ZONE_PUT] = "INSERT INTO zone(n, id) VALUES(?1, ?2)",
    [ZONE_ALL] = "SELECT n, id FROM zone ORDER BY n",
    [READER_PUT] = "INSERT INTO reader(n, id) VALUES(?1, ?2)",
    [READER_ALL] = "SELECT n, id, heard FROM reader ORDER BY n",
    [READER_HEARD] = "UPDATE reader SET heard = ?2 WHERE n = ?1",
    [GROUP_PUT] = "INSERT INTO grp(n, name) VALUES(?1, ?2)",
    [GROUP_ALL] = "SELECT n, name FROM grp ORDER BY n",
    [MEMBER_DROP] = "DELETE FROM member WHERE person = ?1",
    [MEMBER_PUT] = "INSERT OR IGNORE INTO member(person, grp) VALUES(?1, ?2)",
    [MEMBER_ALL] = "SELECT person FROM member WHERE grp = ?1",
    [MEMBER_OF] = ("SELECT name FROM member JOIN grp ON grp.n = member.grp WHERE person = ?1"
                   " ORDER BY name"),
    [PAIRING_PUT] = ("INSERT INTO pairing(band, person, from_us, until_us, learnt, seq)"
                     " VALUES(?1, ?2, nullif(?3, " EVER "), nullif(?4, " STILL "), ?5, ?6)"),
    [PAIRING_ALL] = ("SELECT band, person, ifnull(from_us, " EVER "), ifnull(until_us, " STILL "),"
                     " learnt, seq FROM pairing ORDER BY k"),
    [PAIRING_PASS] = ("UPDATE pairing SET person = ?2, until_us = min(ifnull(until_us, ?3), ?3)"
                      " WHERE person = ?1"),
    [PAIRING_DROP_EMPTY] = "DELETE FROM pairing WHERE person = ?1 AND from_us >= until_us",
    [PAIRING_DROP_BAND] = "DELETE FROM pairing WHERE band = ?1",
    /* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one text */
    [PAIRING_DROP_NOBODYS] = "DELETE FROM pairing WHERE band = ?1 AND learnt = " EVER,
    [WITHDRAWAL_PUT] = ("INSERT INTO withdrawal(reader, band, at, direction, learnt, note)"
                        " VALUES(?1, ?2, ?3, ?4, ?5, ?6)"),
    [WITHDRAWAL_ALL] =
        "SELECT reader, band, at, direction, learnt, note FROM withdrawal ORDER BY k",
    [RELEASE_PUT] = ("INSERT INTO release(reader, from_us, until_us, shift, learnt, note)"
                     " VALUES(?1, ?2, ?3, ?4, ?5, ?6)"),
    [RELEASE_ALL] = "SELECT reader, from_us, until_us, shift, learnt, note FROM release ORDER BY k",
    [COMPLETE_PUT] = "INSERT INTO complete(reader, until_us, learnt) VALUES(?1, ?2, ?3)",
    [COMPLETE_ALL] = "SELECT reader, until_us, learnt FROM complete ORDER BY k",
    [SITE_PUT] = "INSERT INTO site(learnt, json) VALUES(?1, ?2)",
    [SITE_ALL] = "SELECT learnt, json FROM site ORDER BY k",
    [NOTE_PUT] = "INSERT INTO note(n, salt, text) VALUES(?1, ?2, ?3)",
    [NOTE_GET] = "SELECT text FROM note WHERE n = ?1",
    [NOTE_ERASE] = "UPDATE note SET salt = zeroblob(0), text = '' WHERE n = ?1",
    [NOTE_LAST] = "SELECT max(n) FROM note",
    [CREDENTIAL_PUT] = ("INSERT OR REPLACE INTO credential(kind, name, role, secret, scope, holder,"
                        " purpose, made, expires) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
    [CREDENTIAL_DROP] = "DELETE FROM credential WHERE kind = ?1 AND name = ?2",
    [CREDENTIAL_DROP_HELD] = "DELETE FROM credential WHERE kind = ?1 AND holder = ?2",
    [CREDENTIAL_ALL] =
        ("SELECT kind, name, role, secret, scope, holder, purpose, made, expires FROM credential"
         " ORDER BY kind, name"),
    [LOOKUP_ASKER_PUT] = "INSERT OR IGNORE INTO lookup_asker(who, purpose) VALUES(?1, ?2)",
    [LOOKUP_PUT] =
        ("INSERT INTO lookup(kind, at, as_of, until, zone, groups, asker, question, count)"
         " SELECT ?3, ?4, ?5, ?6, ?7, ?8, n, ?9, ?10 FROM lookup_asker"
         " WHERE who = ?1 AND purpose = ?2"),
    [LOOKUP_PEOPLE_PUT] = "INSERT INTO lookup_people(n, people) VALUES(?1, ?2)",
    [LOOKUP_END] = "UPDATE lookup SET until = ?1 WHERE n = ?2 AND kind = 1",
    [LOOKUP_END_ALL] =
        "UPDATE lookup SET until = ?1 WHERE kind = 1 AND until = 9223372036854775807",
    [LOOKUP_GET] =
        ("SELECT lookup.n, kind, at, as_of, until, zone, groups, question, who, purpose, count"
         " FROM lookup JOIN lookup_asker ON lookup_asker.n = lookup.asker WHERE lookup.n = ?1"),
    [LOOKUP_PEOPLE_BELOW] = "SELECT n, people FROM lookup_people WHERE n < ?1 ORDER BY n DESC",
    [LOOKUP_PEOPLE_ALL] = "SELECT n, people FROM lookup_people ORDER BY n",
    [LOOKUP_PEOPLE_SET] = "UPDATE lookup_people SET people = ?2 WHERE n = ?1",
    [LOOKUP_PEOPLE_DROP] = "DELETE FROM lookup_people WHERE n = ?1",
    [LOOKUP_DROP] = "DELETE FROM lookup WHERE n = ?1",
    [LOOKUP_LESS] = "UPDATE lookup SET count = ?2 WHERE n = ?1",
    [LOOKUP_UNASK] = "UPDATE lookup SET question = '' WHERE n = ?1",
    [LOOKUP_WATCHES] = ("SELECT n, at, until, zone, groups FROM lookup WHERE kind = 1 AND n < ?1"
                        " ORDER BY n DESC"),
    [LOOKUP_EXPORTS] = "SELECT n FROM lookup WHERE kind = 2 AND n < ?1",
    [LOOKUP_COUNT] = "SELECT count(*) FROM lookup",
    [DOCUMENT_PUT] = "INSERT OR REPLACE INTO document(name, bytes) VALUES(?1, ?2)",
    [DOCUMENT_DROP] = "DELETE FROM document WHERE name = ?1",
    [DOCUMENT_GET] = "SELECT bytes FROM document WHERE name = ?1",
};

enum refresh_sql { REFRESH_BEGIN, REFRESH_COMMIT, REFRESH_READ, REFRESH_VERSION, REFRESH_COUNT };

struct store {
    sqlite3 *writer; /* NULL in a reading handle */
    sqlite3 *reader;
    sqlite3_stmt *put[STATEMENT_COUNT];
    sqlite3_stmt *get[STATEMENT_COUNT];
    sqlite3_stmt *refresh[REFRESH_COUNT];
    int lock;
    wb_status status;
    int wal_pages; /* in the WAL after the last commit */
    bool snapshot; /* a reading handle's transaction is open */
    int64_t data_version;
    char failure[400];
    char path[256];
};

/* ---- Failures ---- */

static wb_status status_of(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return WB_OK;
    case SQLITE_NOMEM:
        return WB_ENOMEM;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return WB_EDAMAGED;
    default:
        return WB_EIO;
    }
}

static const char *way_out(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_FULL:
        return "the disk is full: make room and start again, nothing that was acknowledged is lost";
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return "the file or its folder cannot be written, which even asking needs while no writer "
               "has it open: give write permission to both";
    case SQLITE_CANTOPEN:
        return "it cannot be opened: look whether the path is right and whether you may read and "
               "write there";
    case SQLITE_NOTADB:
        return "it is not a site file of whereabouts: name another one with --data";
    case SQLITE_CORRUPT:
        return "the file is damaged: keep a copy, then restore a backup";
    case SQLITE_NOMEM:
        return "memory is used up";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "another program holds the file: try again when it has finished";
    default:
        return "the disk or file system failed: nothing that was acknowledged is lost";
    }
}

static wb_status fail(struct store *store, sqlite3 *db, int rc)
{
    wb_status status = status_of(rc);
    if (status == WB_OK || store->status != WB_OK) return store->status;
    store->status = status;
    (void)snprintf(store->failure, sizeof store->failure, "%s: %s (SQLite: %s).", store->path,
                   way_out(rc), db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
    return status;
}

const char *store_failure(const struct store *store)
{
    return store->failure;
}

wb_status store_status(const struct store *store)
{
    return store->status;
}

bool store_writes(const struct store *store)
{
    return store->writer != NULL;
}

/* ---- Opening ---- */

static wb_status run_sql(struct store *store, sqlite3 *db, const char *sql)
{
    return fail(store, db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static wb_status pragma_number(struct store *store, sqlite3 *db, const char *sql, int64_t *out)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(statement);
        if (rc == SQLITE_ROW) *out = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return fail(store, db, rc);
}

static wb_status connect(struct store *store, const char *path, int flags, const char *vfs,
                         sqlite3 **out)
{
    int rc = sqlite3_open_v2(path, out, flags | SQLITE_OPEN_NOMUTEX, vfs);
    if (rc == SQLITE_OK) {
        sqlite3_extended_result_codes(*out, 1);
        rc = sqlite3_busy_timeout(*out, BUSY_MS);
    }
    return fail(store, *out, rc);
}

static wb_status make_schema(struct store *store)
{
    char versions[160];
    (void)snprintf(versions, sizeof versions, "PRAGMA application_id=%d;PRAGMA user_version=%d;",
                   APPLICATION_ID, STORE_FORMAT);
    wb_status status = run_sql(store, store->writer, "BEGIN IMMEDIATE");
    if (status == WB_OK) status = run_sql(store, store->writer, SCHEMA);
    if (status == WB_OK) status = run_sql(store, store->writer, versions);
    if (status == WB_OK) status = run_sql(store, store->writer, "COMMIT");
    return status;
}

static wb_status refuse(struct store *store, const char *sentence)
{
    store->status = WB_EDAMAGED;
    (void)snprintf(store->failure, sizeof store->failure, "%s: %s.", store->path, sentence);
    return WB_EDAMAGED;
}

/* Whether it is one of our files, and of a version that we can read. */
static wb_status check_format(struct store *store, sqlite3 *db, bool *empty)
{
    int64_t application = 0;
    int64_t version = 0;
    int64_t tables = 0;
    wb_status status = pragma_number(store, db, "PRAGMA application_id", &application);
    if (status == WB_OK) status = pragma_number(store, db, "PRAGMA user_version", &version);
    if (status == WB_OK) {
        status = pragma_number(store, db, "SELECT count(*) FROM sqlite_master", &tables);
    }
    if (status != WB_OK) return status;
    *empty = tables == 0;
    if (*empty) return WB_OK;
    if (application != APPLICATION_ID) {
        return refuse(store, "this is a database, but not a site file of whereabouts; name another "
                             "one with --data");
    }
    if (version > STORE_FORMAT) {
        return refuse(store, "the file was made by a newer version of whereabouts; use that or a "
                             "later one");
    }
    if (version < STORE_FORMAT) {
        return refuse(store,
                      "the file was made before whereabouts was released, and its form has "
                      "changed since; make it anew with `whereabouts init` and import again");
    }
    return WB_OK;
}

/* The durability that everything stands on: FULL is 2. */
static wb_status assert_durable(struct store *store)
{
    int64_t synchronous = -1;
    wb_status status = pragma_number(store, store->writer, "PRAGMA synchronous", &synchronous);
    if (status != WB_OK) return status;
    const int64_t wanted = WB_PLANT == 1 ? 1 : 2;
    assert(synchronous == wanted);
    return WB_OK;
}

static int note_wal(void *context, sqlite3 *db, const char *name, int pages)
{
    struct store *store = context;
    (void)db;
    (void)name;
    store->wal_pages = pages;
    return SQLITE_OK;
}

bool store_wants_checkpoint(const struct store *store)
{
    return store->wal_pages >= CHECKPOINT_PAGES;
}

/* A new file is its owner's alone, whatever the umask says; SQLite gives its other files the same
 * rights. That it cannot be made is said when it is opened. */
static void make_file(const char *path)
{
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0) (void)close(file);
}

static wb_status open_writer(struct store *store, const char *path, bool create, const char *vfs)
{
    int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
    if (create && vfs == NULL) make_file(path);
    wb_status status = connect(store, path, flags, vfs, &store->writer);
    bool empty = false;
    if (status == WB_OK) status = check_format(store, store->writer, &empty);
    if (status == WB_OK && empty && !create) {
        return refuse(store,
                      "there is no site in this file; make one with `whereabouts init --site "
                      "site.json`");
    }
    if (status == WB_OK && empty) {
        status = run_sql(store, store->writer, "PRAGMA auto_vacuum=INCREMENTAL");
    }
    if (status == WB_OK) {
        /* No spilling: a page that went into the WAL in the middle of a transaction and changes
         * again makes SQLite sum up all that stands behind it anew. */
        status = run_sql(store, store->writer,
                         "PRAGMA journal_mode=WAL;PRAGMA synchronous=" SYNCHRONOUS ";"
                         "PRAGMA wal_autocheckpoint=0;PRAGMA cache_size=-8192;"
                         "PRAGMA cache_spill=OFF;"
                         "PRAGMA temp_store=MEMORY;"
                         /* What is removed or replaced is written over where it stood. */
                         "PRAGMA secure_delete=ON;");
    }
    if (status == WB_OK) (void)sqlite3_wal_hook(store->writer, note_wal, store);
    if (status == WB_OK && empty) status = make_schema(store);
    return status == WB_OK ? assert_durable(store) : status;
}

static wb_status open_reader(struct store *store, const char *path, const char *vfs)
{
    wb_status status = connect(store, path, SQLITE_OPEN_READONLY, vfs, &store->reader);
    bool empty = false;
    if (status == WB_OK) status = check_format(store, store->reader, &empty);
    if (status == WB_OK && empty) {
        return refuse(store,
                      "there is no site in this file; make one with `whereabouts init --site "
                      "site.json`");
    }
    if (status != WB_OK) return status;
    status = fail(store, store->reader,
                  sqlite3_db_config(store->reader, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL));
    if (status != WB_OK) return status;
    return run_sql(store, store->reader,
                   "PRAGMA wal_autocheckpoint=0;PRAGMA cache_size=-2048;PRAGMA mmap_size=0;");
}

/* SQLite would call a folder a failed disk. */
static wb_status refuse_folder(struct store *store, const char *path)
{
    struct stat what;
    if (stat(path, &what) != 0 || !S_ISDIR(what.st_mode)) return WB_OK;
    store->status = WB_EIO;
    (void)snprintf(store->failure, sizeof store->failure,
                   "%s: it is a folder: name the site's file in it.", store->path);
    return WB_EIO;
}

wb_status store_open(const char *path, enum store_access access, const char *vfs,
                     struct store **out, struct wb_fault *why)
{
    struct store *store = calloc(1, sizeof *store);
    if (store == NULL) return WB_ENOMEM;
    store->lock = -1;
    (void)snprintf(store->path, sizeof store->path, "%s", path);

    wb_status status = refuse_folder(store, path);
    if (status == WB_OK && access != STORE_READ) {
        status = writer_lock_take(path, &store->lock, store->failure, sizeof store->failure);
        store->status = status;
        if (status == WB_OK) status = open_writer(store, path, access == STORE_CREATE, vfs);
    }
    if (status == WB_OK) status = open_reader(store, path, vfs);
    if (status == WB_OK) {
        *out = store;
        return WB_OK;
    }
    if (why != NULL) {
        *why = (struct wb_fault){0};
        (void)snprintf(why->text, sizeof why->text, "%s", store->failure);
    }
    store_close(store);
    return status;
}

void store_close(struct store *store)
{
    if (store == NULL) return;
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        sqlite3_finalize(store->put[i]);
        sqlite3_finalize(store->get[i]);
    }
    for (int i = 0; i < REFRESH_COUNT; i++) {
        sqlite3_finalize(store->refresh[i]);
    }
    if (store->reader != NULL) (void)sqlite3_close(store->reader);
    if (store->writer != NULL) (void)sqlite3_close(store->writer);
    writer_lock_drop(store->lock);
    free(store);
}

/* ---- Statements ---- */

static int bind(sqlite3_stmt *statement, const struct cell *cells, size_t count)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; i < count && rc == SQLITE_OK; i++) {
        const struct cell *cell = &cells[i];
        int at = (int)i + 1;
        switch (cell->kind) {
        case CELL_NULL:
            rc = sqlite3_bind_null(statement, at);
            break;
        case CELL_NUMBER:
            rc = sqlite3_bind_int64(statement, at, cell->number);
            break;
        case CELL_TEXT:
            rc = sqlite3_bind_text64(statement, at, cell->data, cell->bytes, SQLITE_STATIC,
                                     SQLITE_UTF8);
            break;
        case CELL_BLOB:
            rc = sqlite3_bind_blob64(statement, at, cell->data, cell->bytes, SQLITE_STATIC);
            break;
        }
    }
    return rc;
}

static sqlite3_stmt *prepare(struct store *store, sqlite3 *db, sqlite3_stmt **known,
                             enum statement statement)
{
    sqlite3_stmt **slot = &known[statement];
    if (*slot == NULL) {
        int rc = sqlite3_prepare_v3(db, SQL[statement], -1, SQLITE_PREPARE_PERSISTENT, slot, NULL);
        if (rc != SQLITE_OK) (void)fail(store, db, rc);
    }
    return *slot;
}

wb_status store_begin(struct store *store)
{
    assert(store->writer != NULL);
    if (store->status != WB_OK) return store->status;
    return run_sql(store, store->writer, "BEGIN IMMEDIATE");
}

wb_status store_commit(struct store *store)
{
    if (store->status != WB_OK) return store->status;
    return run_sql(store, store->writer, "COMMIT");
}

void store_rollback(struct store *store)
{
    if (!sqlite3_get_autocommit(store->writer)) {
        (void)sqlite3_exec(store->writer, "ROLLBACK", NULL, NULL, NULL);
    }
}

wb_status store_put(struct store *store, enum statement statement, const struct cell *cells,
                    size_t count)
{
    if (store->status != WB_OK) return store->status;
    sqlite3_stmt *s = prepare(store, store->writer, store->put, statement);
    if (s == NULL) return store->status;
    int rc = bind(s, cells, count);
    if (rc == SQLITE_OK) rc = sqlite3_step(s);
    wb_status status = fail(store, store->writer, rc);
    (void)sqlite3_reset(s);
    (void)sqlite3_clear_bindings(s);
    return status;
}

/* SQLite leaves copies of rows that it moved from one page to another where they were. */
#define REWRITE(table)                                         \
    "CREATE TEMP TABLE whole AS SELECT * FROM main." table ";" \
    "DELETE FROM main." table ";"                              \
    "INSERT INTO main." table " SELECT * FROM temp.whole;"     \
    "DROP TABLE temp.whole;"

wb_status store_rewrite_texts(struct store *store)
{
    if (store->status != WB_OK) return store->status;
    return run_sql(store, store->writer,
                   REWRITE("person") REWRITE("entry") REWRITE("band") REWRITE("note"));
}

int64_t store_last_row(const struct store *store)
{
    return sqlite3_last_insert_rowid(store->writer);
}

#define COLUMNS_MAX 12

static void read_row(sqlite3_stmt *s, struct cell *cells)
{
    int count = sqlite3_column_count(s);
    assert(count <= COLUMNS_MAX);
    for (int i = 0; i < count; i++) {
        switch (sqlite3_column_type(s, i)) {
        case SQLITE_INTEGER:
            cells[i] = CELL_OF(sqlite3_column_int64(s, i));
            break;
        case SQLITE_TEXT:
            cells[i] = CELL_OF_TEXT(sqlite3_column_text(s, i), (size_t)sqlite3_column_bytes(s, i));
            break;
        case SQLITE_BLOB:
            cells[i] = CELL_OF_BLOB(sqlite3_column_blob(s, i), (size_t)sqlite3_column_bytes(s, i));
            break;
        default:
            cells[i] = CELL_OF_NULL;
        }
    }
}

wb_status store_each(struct store *store, enum statement statement, const struct cell *cells,
                     size_t count, store_row row, void *context)
{
    if (store->status != WB_OK) return store->status;
    sqlite3_stmt *s = prepare(store, store->reader, store->get, statement);
    if (s == NULL) return store->status;
    wb_status status = WB_OK;
    int rc = bind(s, cells, count);
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        rc = sqlite3_step(s);
        if (rc != SQLITE_ROW) break;
        struct cell out[COLUMNS_MAX] = {{.kind = CELL_NULL}};
        read_row(s, out);
        status = row(context, out);
        if (status != WB_OK) break;
    }
    if (status == WB_OK) status = fail(store, store->reader, rc);
    (void)sqlite3_reset(s);
    (void)sqlite3_clear_bindings(s);
    return status;
}

struct number {
    int64_t value;
};

static wb_status take_number(void *context, const struct cell *cells)
{
    struct number *number = context;
    if (cells[0].kind == CELL_NUMBER) number->value = cells[0].number;
    return WB_OK;
}

wb_status store_number(struct store *store, enum statement statement, const struct cell *cells,
                       size_t count, int64_t without, int64_t *out)
{
    struct number number = {without};
    wb_status status = store_each(store, statement, cells, count, take_number, &number);
    if (status == WB_OK) *out = number.value;
    return status;
}

struct blob_reader {
    struct buffer *out;
    bool found;
};

static wb_status take_blob(void *context, const struct cell *cells)
{
    struct blob_reader *reader = context;
    struct buffer *out = reader->out;
    size_t needed = cells[0].bytes + BITS_SLACK;
    if (needed > out->capacity) {
        uint8_t *grown = realloc(out->at, needed);
        if (grown == NULL) return WB_ENOMEM;
        out->at = grown;
        out->capacity = needed;
    }
    if (cells[0].bytes > 0) memcpy(out->at, cells[0].data, cells[0].bytes);
    memset(out->at + cells[0].bytes, 0, BITS_SLACK);
    out->bytes = cells[0].bytes;
    reader->found = true;
    return WB_OK;
}

wb_status store_blob(struct store *store, enum statement statement, int64_t key, struct buffer *out)
{
    struct blob_reader reader = {.out = out};
    struct cell cell = CELL_OF(key);
    wb_status status = store_each(store, statement, &cell, 1, take_blob, &reader);
    if (status != WB_OK) return status;
    return reader.found ? WB_OK : WB_ENOENT;
}

/* ---- The whole file ---- */

/* A statement without parameters: its first number, where it gives one. */
static wb_status refresh_step(struct store *store, enum refresh_sql which, int64_t *out)
{
    static const char *const sql[REFRESH_COUNT] = {
        [REFRESH_BEGIN] = "BEGIN",
        [REFRESH_COMMIT] = "COMMIT",
        [REFRESH_READ] = "SELECT count(*) FROM meta WHERE key = ''",
        [REFRESH_VERSION] = "PRAGMA data_version",
    };
    sqlite3_stmt **slot = &store->refresh[which];
    int rc = SQLITE_OK;
    if (*slot == NULL) {
        rc = sqlite3_prepare_v3(store->reader, sql[which], -1, SQLITE_PREPARE_PERSISTENT, slot,
                                NULL);
    }
    if (rc == SQLITE_OK) rc = sqlite3_step(*slot);
    if (rc == SQLITE_ROW && out != NULL) *out = sqlite3_column_int64(*slot, 0);
    wb_status status = fail(store, store->reader, rc);
    if (*slot != NULL) (void)sqlite3_reset(*slot);
    return status;
}

wb_status store_rest(struct store *store)
{
    if (store->status != WB_OK || !store->snapshot) return store->status;
    store->snapshot = false;
    return refresh_step(store, REFRESH_COMMIT, NULL);
}

wb_status store_refresh(struct store *store, bool *changed)
{
    *changed = false;
    if (store->status != WB_OK || store->writer != NULL) return store->status;
    wb_status status = store_rest(store);
    if (status == WB_OK) status = refresh_step(store, REFRESH_BEGIN, NULL);
    if (status == WB_OK) store->snapshot = true;
    /* The first read takes the snapshot; the version read afterwards is that of the snapshot. */
    int64_t version = 0;
    if (status == WB_OK) status = refresh_step(store, REFRESH_READ, NULL);
    if (status == WB_OK) status = refresh_step(store, REFRESH_VERSION, &version);
    *changed = version != store->data_version;
    store->data_version = version;
    return status;
}

wb_status store_checkpoint(struct store *store, bool truncate)
{
    if (store->status != WB_OK) return store->status;
    int frames = 0;
    int done = 0;
    int rc = sqlite3_wal_checkpoint_v2(
        store->writer, NULL, truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE,
        &frames, &done);
    if ((rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED) return WB_OK;
    if (frames == done) store->wal_pages = 0;
    return fail(store, store->writer, rc);
}

wb_status store_empty_log(struct store *store, bool *done)
{
    *done = false;
    if (store->status != WB_OK) return store->status;
    /* Who reads lets go sooner or later: nobody waits for that here. */
    (void)sqlite3_busy_timeout(store->writer, 0);
    int rc = sqlite3_wal_checkpoint_v2(store->writer, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    (void)sqlite3_busy_timeout(store->writer, BUSY_MS);
    if ((rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED) return WB_OK;
    *done = rc == SQLITE_OK;
    if (*done) store->wal_pages = 0;
    return fail(store, store->writer, rc);
}

wb_status store_shrink(struct store *store)
{
    if (store->status != WB_OK) return store->status;
    return run_sql(store, store->writer, "PRAGMA incremental_vacuum");
}

static wb_status copy_pages(struct store *store, sqlite3 *to, store_progress progress,
                            void *context, int *rc)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", store->reader, "main");
    if (backup == NULL) {
        *rc = sqlite3_errcode(to);
        return status_of(*rc);
    }
    wb_status status = WB_OK;
    do {
        *rc = sqlite3_backup_step(backup, 1024);
        uint64_t total = (uint64_t)sqlite3_backup_pagecount(backup);
        uint64_t left = (uint64_t)sqlite3_backup_remaining(backup);
        if (progress != NULL && !progress(context, total - left, total)) status = WB_ESTOPPED;
    } while (status == WB_OK && *rc == SQLITE_OK);
    (void)sqlite3_backup_finish(backup);
    if (status == WB_OK && *rc != SQLITE_DONE) status = status_of(*rc);
    return status;
}

wb_status store_backup(struct store *store, const char *path, store_progress progress,
                       void *context, struct wb_fault *why)
{
    sqlite3 *to = NULL;
    int rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    wb_status status = status_of(rc);
    if (status == WB_OK) status = copy_pages(store, to, progress, context, &rc);
    if (status != WB_OK && why != NULL) {
        *why = (struct wb_fault){0};
        (void)snprintf(why->text, sizeof why->text, "%s: the copy was not finished: %s.", path,
                       status == WB_ESTOPPED ? "stopped" : way_out(rc));
    }
    (void)sqlite3_close(to);
    return status;
}

/* One complaint of quick_check, or "". */
static wb_status ask_integrity(struct store *store, char *text, size_t text_bytes)
{
    sqlite3_stmt *s = NULL;
    text[0] = '\0';
    int rc = sqlite3_prepare_v2(store->reader, "PRAGMA quick_check(1)", -1, &s, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(s);
    const char *said = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : NULL;
    if (said != NULL && strcmp(said, "ok") != 0) (void)snprintf(text, text_bytes, "%s", said);
    if (status_of(rc) == WB_EDAMAGED) {
        (void)snprintf(text, text_bytes, "%s", sqlite3_errmsg(store->reader));
        rc = SQLITE_OK;
    }
    sqlite3_finalize(s);
    for (char *c = text; *c != '\0'; c++) {
        if (*c == '\n') *c = ' ';
    }
    return fail(store, store->reader, rc);
}

wb_status store_integrity(struct store *store, char *text, size_t text_bytes)
{
    text[0] = '\0';
    if (store->status != WB_OK) return store->status;
    wb_status status = ask_integrity(store, text, text_bytes);
    /* A read that failed once looks like damage: ask again before that is believed. */
    if (status == WB_OK && text[0] != '\0') status = ask_integrity(store, text, text_bytes);
    return status;
}
