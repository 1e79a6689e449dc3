#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/list.h"

/* A folder of its own for each test, gone afterwards. */
struct place {
    char folder[64];
    char path[128];
};

static int make_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    if (place == NULL) return -1;
    (void)snprintf(place->folder, sizeof place->folder, "/tmp/store_test.XXXXXX");
    if (mkdtemp(place->folder) == NULL) {
        free(place);
        return -1;
    }
    (void)snprintf(place->path, sizeof place->path, "%s/site.db", place->folder);
    *state = place;
    return 0;
}

static int remove_place(void **state)
{
    static const char *const endings[] = {"",          "-wal",      "-shm",
                                          "-lock",     "-journal",  ".copy",
                                          ".copy-wal", ".copy-shm", ".copy-journal"};
    struct place *place = *state;
    char name[256];
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        (void)snprintf(name, sizeof name, "%s%s", place->path, endings[i]);
        (void)unlink(name);
    }
    int gone = rmdir(place->folder);
    free(place);
    return gone;
}

static struct store *open_store(const struct place *place, enum store_access access)
{
    struct store *store = NULL;
    struct wb_fault why = {0};
    wb_status status = store_open(place->path, access, NULL, &store, &why);
    if (status != WB_OK) fail_msg("%s", why.text);
    return store;
}

static void assert_refused(const char *path, enum store_access access, wb_status wanted,
                           const char *word)
{
    struct store *store = NULL;
    struct wb_fault why = {0};
    wb_status status = store_open(path, access, NULL, &store, &why);
    assert_null(store);
    if (status != wanted) fail_msg("status %d, not %d: %s", status, wanted, why.text);
    if (strstr(why.text, word) == NULL) fail_msg("\"%s\" does not say \"%s\"", why.text, word);
    assert_null(strchr(why.text, '\n'));
}

/* Run SQL of our own on the file. */
static void tamper(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(db);
}

static void put_meta(struct store *store, const char *key, int64_t value)
{
    struct cell cells[] = {CELL_OF_TEXT(key, strlen(key)), CELL_OF(value)};
    assert_int_equal(store_begin(store), WB_OK);
    assert_int_equal(store_put(store, META_PUT, cells, 2), WB_OK);
    assert_int_equal(store_commit(store), WB_OK);
}

static int64_t get_meta(struct store *store, const char *key)
{
    struct cell cell = CELL_OF_TEXT(key, strlen(key));
    int64_t value = 0;
    assert_int_equal(store_number(store, META_GET, &cell, 1, -1, &value), WB_OK);
    return value;
}

static void what_was_committed_is_there_after_opening_again(void **state)
{
    const struct place *place = *state;
    struct store *store = open_store(place, STORE_CREATE);
    assert_true(store_writes(store));
    assert_int_equal(get_meta(store, "scans"), -1);
    put_meta(store, "scans", 4711);
    assert_int_equal(get_meta(store, "scans"), 4711);
    store_close(store);

    store = open_store(place, STORE_WRITE);
    assert_int_equal(get_meta(store, "scans"), 4711);
    store_close(store);
    store = open_store(place, STORE_READ);
    assert_false(store_writes(store));
    assert_int_equal(get_meta(store, "scans"), 4711);
    assert_string_equal(store_failure(store), "");
    store_close(store);
    store_close(NULL);
}

static void what_was_rolled_back_is_not_there(void **state)
{
    const struct place *place = *state;
    struct store *store = open_store(place, STORE_CREATE);
    struct cell cells[] = {CELL_OF_TEXT("k", 1), CELL_OF(1)};
    store_rollback(store); /* nothing is open */
    assert_int_equal(store_begin(store), WB_OK);
    assert_int_equal(store_put(store, META_PUT, cells, 2), WB_OK);
    assert_int_equal(get_meta(store, "k"), -1); /* readers see what is committed */
    store_rollback(store);
    assert_int_equal(get_meta(store, "k"), -1);
    put_meta(store, "k", 2);
    assert_int_equal(get_meta(store, "k"), 2);
    store_close(store);
}

static wb_status count_rows(void *context, const struct cell *cells)
{
    (void)cells;
    ++*(unsigned *)context;
    return WB_OK;
}

/* Each statement that changes rows, with as many cells as its line in store.h says. */
static const struct {
    enum statement statement;
    const char *cells; /* n number, t text, b blob */
} putting[] = {
  /* Of nothing that is there. */
    {PERSON_ERASE,         "nn"        },
    {ENTRY_DROP,           "n"         },
    {BAND_ERASE,           "n"         },
    {PAIRING_PASS,         "nnn"       },
    {PAIRING_DROP_EMPTY,   "n"         },
    {PAIRING_DROP_BAND,    "n"         },
    {PAIRING_DROP_NOBODYS, "n"         },
    {NOTE_ERASE,           "n"         },
    {LOOKUP_PEOPLE_SET,    "nb"        },
    {LOOKUP_PEOPLE_DROP,   "n"         },
    {LOOKUP_DROP,          "n"         },
    {LOOKUP_LESS,          "nn"        },
    {LOOKUP_UNASK,         "n"         },
    {META_PUT,             "tn"        },
    {JOURNAL_PUT,          "nnbb"      },
    {JOURNAL_DROP,         "nn"        },
    {SEGMENT_PUT,          "nnnnnbb"   },
    {SEGMENT_REMOVE,       "n"         },
    {PERSON_BLOCK_PUT,     "nb"        },
    {PERSON_BLOCK_DROP,    "n"         },
    {PERSON_BLOCK_CLEAR,   ""          },
    {PERSON_BLOCK_SWEEP,   "nnn"       },
    {ZONE_BLOCK_PUT,       "nb"        },
    {ZONE_BLOCK_DROP,      "n"         },
    {ZONE_BLOCK_CLEAR,     ""          },
    {ZONE_BLOCK_SWEEP,     "nnn"       },
    {PERSON_PUT,           "ntnnb"     },
    {PERSON_KIND,          "nn"        },
    {ENTRY_PUT,            "ntnt"      },
    {BAND_PUT,             "nt"        },
    {ZONE_PUT,             "nt"        },
    {READER_PUT,           "nt"        },
    {READER_HEARD,         "nn"        },
    {GROUP_PUT,            "nt"        },
    {MEMBER_DROP,          "n"         },
    {MEMBER_PUT,           "nn"        },
    {PAIRING_PUT,          "nnnnnn"    },
    {WITHDRAWAL_PUT,       "nnnnnn"    },
    {RELEASE_PUT,          "nnnnnn"    },
    {COMPLETE_PUT,         "nnn"       },
    {SITE_PUT,             "nt"        },
    {NOTE_PUT,             "nbt"       },
    {CREDENTIAL_DROP,      "nt"        },
    {CREDENTIAL_DROP_HELD, "nt"        },
    {CREDENTIAL_PUT,       "nttttttnn" },
    {LOOKUP_ASKER_PUT,     "tt"        },
    {LOOKUP_PUT,           "ttnnnnnttn"},
    {LOOKUP_PEOPLE_PUT,    "nb"        },
    {LOOKUP_END,           "nn"        },
    {LOOKUP_END_ALL,       "n"         },
    {DOCUMENT_DROP,        "t"         },
    {DOCUMENT_PUT,         "tb"        },
};

static const struct {
    const char *cells;
    enum statement statement;
    unsigned rows; /* after each of the above was put once, and the rest dropped */
} getting[] = {
    {"t",  META_GET,            1},
    {"n",  JOURNAL_FROM,        0},
    {"",   JOURNAL_LAST,        0},
    {"",   JOURNAL_COUNT,       1},
    {"n",  SEGMENT_FROM,        0},
    {"",   SEGMENT_SPANS,       0},
    {"",   SEGMENT_LAST,        0},
    {"n",  SEGMENT_AT,          0},
    {"n",  PERSON_BLOCK_GET,    0},
    {"nn", PERSON_BLOCK_IDS,    0},
    {"nn", PERSON_BLOCK_ANY,    0},
    {"n",  ZONE_BLOCK_GET,      0},
    {"nn", ZONE_BLOCK_IDS,      0},
    {"nn", ZONE_BLOCK_ANY,      0},
    {"",   PERSON_ALL,          1},
    {"n",  ENTRY_GET,           1},
    {"",   BAND_ALL,            1},
    {"",   ZONE_ALL,            1},
    {"",   READER_ALL,          1},
    {"",   GROUP_ALL,           1},
    {"n",  MEMBER_ALL,          1},
    {"n",  MEMBER_OF,           1},
    {"",   PAIRING_ALL,         1},
    {"",   WITHDRAWAL_ALL,      1},
    {"",   RELEASE_ALL,         1},
    {"",   COMPLETE_ALL,        1},
    {"",   SITE_ALL,            1},
    {"n",  NOTE_GET,            1},
    {"",   NOTE_LAST,           1},
    {"",   CREDENTIAL_ALL,      1},
    {"n",  LOOKUP_GET,          1},
    {"n",  LOOKUP_PEOPLE_BELOW, 0},
    {"",   LOOKUP_PEOPLE_ALL,   1},
    {"n",  LOOKUP_WATCHES,      0},
    {"n",  LOOKUP_EXPORTS,      0},
    {"",   LOOKUP_COUNT,        1},
    {"t",  DOCUMENT_GET,        1},
};

static size_t fill(struct cell *cells, const char *kinds)
{
    size_t count = strlen(kinds);
    for (size_t i = 0; i < count; i++) {
        cells[i] = kinds[i] == 'n'   ? CELL_OF(1)
                   : kinds[i] == 't' ? CELL_OF_TEXT("one", 3)
                                     : CELL_OF_BLOB("\0\1", 2);
    }
    return count;
}

static void every_statement_runs(void **state)
{
    const struct place *place = *state;
    struct store *store = open_store(place, STORE_CREATE);
    bool met[STATEMENT_COUNT] = {false};
    struct cell cells[12];
    assert_int_equal(store_begin(store), WB_OK);
    for (size_t i = 0; i < sizeof putting / sizeof putting[0]; i++) {
        size_t count = fill(cells, putting[i].cells);
        met[putting[i].statement] = true;
        if (store_put(store, putting[i].statement, cells, count) != WB_OK) {
            fail_msg("statement %d: %s", putting[i].statement, store_failure(store));
        }
    }
    assert_int_equal(store_commit(store), WB_OK);
    for (size_t i = 0; i < sizeof getting / sizeof getting[0]; i++) {
        size_t count = fill(cells, getting[i].cells);
        unsigned rows = 0;
        met[getting[i].statement] = true;
        wb_status status = store_each(store, getting[i].statement, cells, count, count_rows, &rows);
        if (status != WB_OK)
            fail_msg("statement %d: %s", getting[i].statement, store_failure(store));
        if (rows != getting[i].rows) fail_msg("statement %d: %u rows", getting[i].statement, rows);
    }
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        if (!met[i]) fail_msg("statement %d is in neither list", i);
    }
    store_close(store);
}

/* In the order of their numbers, whatever the order in which they were put. */
static void blocks_come_back_as_they_were(void **state)
{
    const struct place *place = *state;
    struct store *store = open_store(place, STORE_CREATE);
    static uint8_t data[100000];
    assert_int_equal(store_begin(store), WB_OK);
    for (int64_t id = 3; id > 0; id--) {
        memset(data, (int)id, sizeof data);
        struct cell cells[] = {CELL_OF(id << 32 | 9), CELL_OF_BLOB(data, (size_t)id * 30000)};
        assert_int_equal(store_put(store, ZONE_BLOCK_PUT, cells, 2), WB_OK);
    }
    assert_int_equal(store_commit(store), WB_OK);
    struct buffer buffer = {0};
    assert_int_equal(store_blob(store, ZONE_BLOCK_GET, INT64_C(3) << 32 | 9, &buffer), WB_OK);
    assert_int_equal(buffer.bytes, 90000);
    assert_true(buffer.capacity >= buffer.bytes + BITS_SLACK);
    assert_int_equal(buffer.at[89999], 3);
    assert_int_equal(store_blob(store, ZONE_BLOCK_GET, INT64_C(1) << 32 | 9, &buffer), WB_OK);
    assert_int_equal(buffer.bytes, 30000);
    assert_int_equal(buffer.at[0], 1);
    assert_int_equal(store_blob(store, ZONE_BLOCK_GET, 9, &buffer), WB_ENOENT);
    assert_int_equal(store_status(store), WB_OK);
    free(buffer.at);
    store_close(store);
}

static wb_status stop_at_two(void *context, const struct cell *cells)
{
    unsigned *rows = context;
    assert_int_equal(cells[0].number, ++*rows);
    return *rows == 2 ? WB_ESTOPPED : WB_OK;
}

static void a_reader_of_rows_may_stop(void **state)
{
    const struct place *place = *state;
    struct store *store = open_store(place, STORE_CREATE);
    assert_int_equal(store_begin(store), WB_OK);
    for (int64_t n = 5; n > 0; n--) {
        struct cell cells[] = {CELL_OF(n), CELL_OF_TEXT("band", 4)};
        assert_int_equal(store_put(store, BAND_PUT, cells, 2), WB_OK);
    }
    assert_int_equal(store_commit(store), WB_OK);
    unsigned rows = 0;
    assert_int_equal(store_each(store, BAND_ALL, NULL, 0, stop_at_two, &rows), WB_ESTOPPED);
    assert_int_equal(rows, 2);
    assert_int_equal(store_status(store), WB_OK); /* that was no failure of the store */
    rows = 0;
    assert_int_equal(store_each(store, BAND_ALL, NULL, 0, count_rows, &rows), WB_OK);
    assert_int_equal(rows, 5);
    store_close(store);
}

static void a_failure_is_sticky(void **state)
{
    const struct place *place = *state;
    struct store *store = open_store(place, STORE_CREATE);
    struct cell null[] = {CELL_OF(1), CELL_OF_NULL};
    struct cell good[] = {CELL_OF(2), CELL_OF_TEXT("b", 1)};
    assert_int_equal(store_begin(store), WB_OK);
    assert_int_equal(store_put(store, BAND_PUT, null, 2), WB_EIO); /* NOT NULL */
    assert_int_equal(store_put(store, BAND_PUT, good, 2), WB_EIO);
    assert_int_equal(store_commit(store), WB_EIO);
    assert_int_equal(store_begin(store), WB_EIO);
    assert_int_equal(store_status(store), WB_EIO);
    assert_non_null(strstr(store_failure(store), place->path));
    store_close(store);

    store = open_store(place, STORE_WRITE);
    unsigned rows = 0;
    assert_int_equal(store_each(store, BAND_ALL, NULL, 0, count_rows, &rows), WB_OK);
    assert_int_equal(rows, 0);
    store_close(store);
}

static void a_second_writer_is_told_so(void **state)
{
    const struct place *place = *state;
    struct store *store = open_store(place, STORE_CREATE);
    assert_refused(place->path, STORE_WRITE, WB_EBUSY, "another program is writing");
    assert_refused(place->path, STORE_CREATE, WB_EBUSY, "another program is writing");
    struct store *reader = open_store(place, STORE_READ); /* a reader is welcome */
    store_close(reader);
    store_close(store);
    store = open_store(place, STORE_WRITE);
    store_close(store);
}

static void a_reader_sees_one_state_until_it_looks_again(void **state)
{
    const struct place *place = *state;
    struct store *writer = open_store(place, STORE_CREATE);
    put_meta(writer, "k", 1);
    struct store *reader = open_store(place, STORE_READ);
    bool changed = false;
    assert_int_equal(store_refresh(reader, &changed), WB_OK);
    assert_int_equal(get_meta(reader, "k"), 1);
    put_meta(writer, "k", 2);
    assert_int_equal(get_meta(reader, "k"), 1);
    assert_int_equal(store_refresh(reader, &changed), WB_OK);
    assert_true(changed);
    assert_int_equal(get_meta(reader, "k"), 2);
    assert_int_equal(store_refresh(reader, &changed), WB_OK);
    assert_false(changed);
    assert_int_equal(store_refresh(writer, &changed), WB_OK);
    assert_false(changed);
    store_close(reader);
    store_close(writer);
}

static void a_newer_format_is_refused(void **state)
{
    const struct place *place = *state;
    store_close(open_store(place, STORE_CREATE));
    tamper(place->path, "PRAGMA user_version=1000");
    assert_refused(place->path, STORE_WRITE, WB_EDAMAGED, "newer version");
    assert_refused(place->path, STORE_CREATE, WB_EDAMAGED, "newer version");
    assert_refused(place->path, STORE_READ, WB_EDAMAGED, "newer version");
}

static void a_format_from_before_the_release_is_refused(void **state)
{
    const struct place *place = *state;
    store_close(open_store(place, STORE_CREATE));
    tamper(place->path, "PRAGMA user_version=1");
    assert_refused(place->path, STORE_WRITE, WB_EDAMAGED, "make it anew");
    assert_refused(place->path, STORE_CREATE, WB_EDAMAGED, "make it anew");
    assert_refused(place->path, STORE_READ, WB_EDAMAGED, "make it anew");
}

static void another_database_is_refused_and_left_alone(void **state)
{
    const struct place *place = *state;
    tamper(place->path, "CREATE TABLE guests(name TEXT)");
    assert_refused(place->path, STORE_WRITE, WB_EDAMAGED, "not a site file");
    assert_refused(place->path, STORE_CREATE, WB_EDAMAGED, "not a site file");
    assert_refused(place->path, STORE_READ, WB_EDAMAGED, "not a site file");
    tamper(place->path, "INSERT INTO guests VALUES('still there')");
}

static void what_is_no_database_is_refused_and_left_alone(void **state)
{
    const struct place *place = *state;
    static const char text[] = "time,band,reader\n2016-07-15T08:30:00Z,4711,hall-door\n";
    char back[2 * sizeof text] = {0};
    FILE *file = fopen(place->path, "w");
    assert_non_null(file);
    for (unsigned i = 0; i < 100; i++) {
        (void)fputs(text, file);
    }
    (void)fclose(file);
    assert_refused(place->path, STORE_WRITE, WB_EDAMAGED, "not a site file");
    assert_refused(place->path, STORE_CREATE, WB_EDAMAGED, "not a site file");
    assert_refused(place->path, STORE_READ, WB_EDAMAGED, "not a site file");
    file = fopen(place->path, "r");
    assert_non_null(file);
    assert_int_equal(fread(back, 1, sizeof text - 1, file), sizeof text - 1);
    (void)fclose(file);
    assert_string_equal(back, text);
}

static void a_file_that_is_not_there_is_made_only_on_request(void **state)
{
    const struct place *place = *state;
    assert_refused(place->path, STORE_READ, WB_EIO, "cannot be opened");
    assert_refused(place->path, STORE_WRITE, WB_EIO, "cannot be opened");
    char deep[256];
    (void)snprintf(deep, sizeof deep, "%s/none/site.db", place->folder);
    assert_refused(deep, STORE_CREATE, WB_EIO, "folder");
}

static void an_empty_file_has_no_site(void **state)
{
    const struct place *place = *state;
    FILE *file = fopen(place->path, "w");
    assert_non_null(file);
    (void)fclose(file);
    assert_refused(place->path, STORE_WRITE, WB_EDAMAGED, "init");
    assert_refused(place->path, STORE_READ, WB_EDAMAGED, "init");
    store_close(open_store(place, STORE_CREATE));
}

static void a_backup_is_a_file_like_the_first(void **state)
{
    const struct place *place = *state;
    struct store *store = open_store(place, STORE_CREATE);
    put_meta(store, "k", 99);
    struct place copy = *place;
    (void)snprintf(copy.path, sizeof copy.path, "%.100s.copy", place->path);
    struct wb_fault why = {0};
    assert_int_equal(store_backup(store, copy.path, NULL, NULL, &why), WB_OK);
    char said[200];
    assert_int_equal(store_integrity(store, said, sizeof said), WB_OK);
    assert_string_equal(said, "");
    store_close(store);
    store = open_store(&copy, STORE_READ);
    assert_int_equal(get_meta(store, "k"), 99);
    store_close(store);
    char lock[160];
    (void)snprintf(lock, sizeof lock, "%s-lock", copy.path);
    (void)unlink(lock);
}

static void a_truncated_log_keeps_nothing(void **state)
{
    const struct place *place = *state;
    struct store *store = open_store(place, STORE_CREATE);
    put_meta(store, "k", 1);
    assert_int_equal(store_checkpoint(store, true), WB_OK);
    assert_int_equal(store_shrink(store), WB_OK);
    char name[160];
    (void)snprintf(name, sizeof name, "%s-wal", place->path);
    FILE *wal = fopen(name, "rb");
    assert_non_null(wal);
    assert_int_equal(fseek(wal, 0, SEEK_END), 0);
    assert_int_equal(ftell(wal), 0); /* truncated: nothing of what was erased stays in it */
    (void)fclose(wal);
    assert_int_equal(get_meta(store, "k"), 1);
    store_close(store);
}

#define IN_A_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_PLACE(what_was_committed_is_there_after_opening_again),
        IN_A_PLACE(what_was_rolled_back_is_not_there),
        IN_A_PLACE(every_statement_runs),
        IN_A_PLACE(blocks_come_back_as_they_were),
        IN_A_PLACE(a_reader_of_rows_may_stop),
        IN_A_PLACE(a_failure_is_sticky),
        IN_A_PLACE(a_second_writer_is_told_so),
        IN_A_PLACE(a_reader_sees_one_state_until_it_looks_again),
        IN_A_PLACE(a_newer_format_is_refused),
        IN_A_PLACE(a_format_from_before_the_release_is_refused),
        IN_A_PLACE(another_database_is_refused_and_left_alone),
        IN_A_PLACE(what_is_no_database_is_refused_and_left_alone),
        IN_A_PLACE(a_file_that_is_not_there_is_made_only_on_request),
        IN_A_PLACE(an_empty_file_has_no_site),
        IN_A_PLACE(a_backup_is_a_file_like_the_first),
        IN_A_PLACE(a_truncated_log_keeps_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
