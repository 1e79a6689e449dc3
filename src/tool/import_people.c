/* whereabouts import people: the register, row by row. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/chip.h"
#include "base/names.h"
#include "base/text.h"
#include "tool/import.h"

enum {
    ID = INTAKE_PERSON_ID,
    NAME = INTAKE_PERSON_NAME,
    GROUPS = INTAKE_PERSON_GROUPS,
    NEEDS_HELP = INTAKE_PERSON_NEEDS_HELP,
    COLUMN_COUNT,
};

static const struct csv_column columns[COLUMN_COUNT] = {
    [ID] = {.name = "id", .required = true},
    [NAME] = {.name = "name"           },
    [GROUPS] = {.name = "groups"},
    [NEEDS_HELP] = {.name = "needs_help"           },
};

/* Texts of one row, each ended by NUL. Rows are bounded, and so is this. */
struct texts {
    char *at;
    size_t bytes, capacity;
};

/* What the import holds while it runs. */
struct people {
    struct texts texts;   /* of the row */
    struct names in_turn; /* ids that the open turn has taken */
};

static void texts_put(struct texts *texts, const char *from, size_t bytes)
{
    if (texts->bytes + bytes + 1 > texts->capacity) {
        texts->capacity = (texts->bytes + bytes + 1) * 2;
        char *at = realloc(texts->at, texts->capacity);
        if (at == NULL) say_no_memory();
        texts->at = at;
    }
    memcpy(texts->at + texts->bytes, from, bytes);
    texts->bytes += bytes;
}

static bool is_one_of_ours(const struct import *import, size_t field)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (import->columns[i].index == (int)field) return true;
    }
    return false;
}

/* The other columns: "column: value; column: value", without those that are empty. */
static size_t add_notes(const struct import *import, struct texts *texts, const struct csv_row *row)
{
    size_t start = texts->bytes;

    for (size_t i = 0; i < row->count && i < import->header.count; i++) {
        if (is_one_of_ours(import, i) || row->bytes[i] == 0) continue;
        if (texts->bytes > start) texts_put(texts, "; ", 2);
        texts_put(texts, import->header.field[i], import->header.bytes[i]);
        texts_put(texts, ": ", 2);
        texts_put(texts, row->field[i], row->bytes[i]);
    }
    texts_put(texts, "", 1);
    return start;
}

static bool has_other_columns(const struct import *import)
{
    for (size_t i = 0; i < import->header.count; i++) {
        if (!is_one_of_ours(import, i)) return true;
    }
    return false;
}

static bool check_values(struct import *import, const struct import_row *row)
{
    if (!id_is_valid(row->at[ID], row->bytes[ID])) {
        (void)import_refuse(
            import, row, "id '%.*s' is not 1 to %u bytes of UTF-8 without control characters",
            (int)(row->bytes[ID] < 60 ? row->bytes[ID] : 60), row->at[ID], WB_ID_BYTES_MAX);
        return false;
    }
    for (size_t i = 0; i < row->all->count; i++) {
        if (text_is_utf8(row->all->field[i], row->all->bytes[i]) &&
            memchr(row->all->field[i], '\0', row->all->bytes[i]) == NULL) {
            continue;
        }
        (void)import_refuse(import, row, "column %.*s is not UTF-8 or has a NUL in it",
                            (int)import->header.bytes[i], import->header.field[i]);
        return false;
    }
    return true;
}

/* The register shows what is committed. So a second row of one id in one turn waits for the
 * commit of the first, or it would be held against what stood there before both. */
static int commit_before_again(struct import *import, const struct import_row *row)
{
    struct names *in_turn = &((struct people *)import->own)->in_turn;
    int status = SAY_DONE;

    if (!import->turn_open) names_shrink(in_turn, 0);
    if (names_find(in_turn, row->at[ID], row->bytes[ID]) != NAMES_NONE) {
        if (import->checking) return SAY_DONE; /* nothing is told apart there */
        status = import_commit(import);
        names_shrink(in_turn, 0);
    }
    if (names_add(in_turn, row->at[ID], row->bytes[ID]) == NAMES_NONE) say_no_memory();
    return status;
}

static int prepare(struct import *import, const struct import_row *row)
{
    struct texts *texts = &((struct people *)import->own)->texts;
    struct intake_row values = {0};

    if (!check_values(import, row)) return SAY_DONE;
    int status = commit_before_again(import, row);
    if (status != SAY_DONE) return status;
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (import->columns[i].index < 0) continue;
        values.at[i] = row->at[i];
        values.bytes[i] = row->bytes[i];
    }
    if (has_other_columns(import)) {
        texts->bytes = 0;
        size_t notes = add_notes(import, texts, row->all);
        values.at[INTAKE_PERSON_NOTES] = texts->at + notes;
        values.bytes[INTAKE_PERSON_NOTES] = texts->bytes - notes - 1;
    }
    return import_values(import, row, &values);
}

int import_people_run(const struct call *call)
{
    static const struct import_kind kind = {
        .what = "people",
        .path = "/v1/people",
        .columns = columns,
        .column_count = COLUMN_COUNT,
        .intake = intake_person,
        .prepare = prepare,
    };
    struct people people = {0};

    randombytes_buf(people.in_turn.key, sizeof people.in_turn.key);
    int status = import_run(call, &kind, &people, NULL);
    free(people.texts.at);
    names_done(&people.in_turn);
    return status;
}
