/* whereabouts import people: the register, row by row. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/chip.h"
#include "base/names.h"
#include "base/text.h"
#include "tool/import.h"

enum { ID, NAME, GROUPS, NEEDS_HELP, COLUMN_COUNT };

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

/* Begin a text; its start is an offset, since the memory may move. */
static size_t texts_add(struct texts *texts, const char *from, size_t bytes)
{
    size_t start = texts->bytes;
    texts_put(texts, from, bytes);
    texts_put(texts, "", 1);
    return start;
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

/* What the file says and, where it has no column for it, what the register says. */
static bool is_kept(const struct import *import, size_t column)
{
    return import->columns[column].index < 0;
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

static bool read_needs_help(struct import *import, const struct import_row *row, bool *needs_help)
{
    const char *text = row->at[NEEDS_HELP];
    size_t bytes = row->bytes[NEEDS_HELP];

    if (bytes == 0 || (bytes == 2 && memcmp(text, "no", 2) == 0)) {
        *needs_help = false;
    } else if (bytes == 3 && memcmp(text, "yes", 3) == 0) {
        *needs_help = true;
    } else {
        (void)import_refuse(import, row, "needs_help '%.*s' is neither yes nor no nor empty",
                            (int)(bytes < 60 ? bytes : 60), text);
        return false;
    }
    return true;
}

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

static bool is_same(const struct wb_person_row *a, const struct wb_person_row *b)
{
    return a->needs_help == b->needs_help && strcmp(or_empty(a->name), b->name) == 0 &&
           strcmp(or_empty(a->groups), b->groups) == 0 && strcmp(or_empty(a->notes), b->notes) == 0;
}

/* What the register has of the person already; zeroed when there is nobody. */
static struct wb_person_row old_row(const struct import *import, const struct import_row *row)
{
    struct wb_person_row old = {0};
    wb_person person;

    if (wb_person_find(import->site->wb, row->at[ID], row->bytes[ID], &person) != WB_OK ||
        wb_person_row(import->site->wb, person, &old) != WB_OK) {
        return (struct wb_person_row){0};
    }
    return old;
}

static size_t add_value(const struct import *import, struct texts *texts,
                        const struct import_row *row, size_t column, const char *old)
{
    if (is_kept(import, column)) return texts_add(texts, or_empty(old), strlen(or_empty(old)));
    return texts_add(texts, row->at[column], row->bytes[column]);
}

static int put(struct import *import, const struct import_row *row,
               const struct wb_person_row *person, bool same)
{
    struct wb_fault why = {0};
    bool known = false;

    int status = import_turn(import);
    if (status != SAY_DONE) return status;
    wb_status taken = wb_person_put(import->site->wb, person, &known, &why);
    if (taken == WB_EFULL && !import->checking) {
        status = import_commit(import);
        if (status == SAY_DONE) status = import_turn(import);
        if (status != SAY_DONE) return status;
        taken = wb_person_put(import->site->wb, person, &known, &why);
    }
    if (taken == WB_EREFUSED) return import_refuse(import, row, "%s", why.text);
    if (taken == WB_EINVAL) return import_refuse(import, row, "that cannot be a person");
    if (taken != WB_OK) return site_failed(import->site, taken);
    return import_took(import, known && same ? WB_DUPLICATE : WB_ACCEPTED);
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

static int take(struct import *import, const struct import_row *row)
{
    struct texts *texts = &((struct people *)import->own)->texts;
    struct wb_person_row person = {0};

    if (!check_values(import, row)) return SAY_DONE;
    int status = commit_before_again(import, row);
    if (status != SAY_DONE) return status;
    struct wb_person_row old = old_row(import, row);
    person.needs_help = old.needs_help;
    if (!is_kept(import, NEEDS_HELP) && !read_needs_help(import, row, &person.needs_help)) {
        return SAY_DONE;
    }
    texts->bytes = 0;
    size_t id = texts_add(texts, row->at[ID], row->bytes[ID]);
    size_t name = add_value(import, texts, row, NAME, old.name);
    size_t groups = add_value(import, texts, row, GROUPS, old.groups);
    size_t notes = has_other_columns(import)
                       ? add_notes(import, texts, row->all)
                       : texts_add(texts, or_empty(old.notes), strlen(or_empty(old.notes)));
    person.id = texts->at + id;
    person.name = texts->at + name;
    person.groups = texts->at + groups;
    person.notes = texts->at + notes;
    return put(import, row, &person, is_same(&old, &person));
}

int import_people_run(const struct call *call)
{
    static const struct import_kind kind = {
        .what = "people",
        .columns = columns,
        .column_count = COLUMN_COUNT,
        .take = take,
    };
    struct people people = {0};

    randombytes_buf(people.in_turn.key, sizeof people.in_turn.key);
    int status = import_run(call, &kind, &people, NULL);
    free(people.texts.at);
    names_done(&people.in_turn);
    return status;
}
