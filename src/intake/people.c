/* A row of people: somebody of the register, new or changed. */
#include <stdlib.h>
#include <string.h>

#include "base/chip.h"
#include "base/text.h"
#include "intake/intake.h"

enum {
    ID = INTAKE_PERSON_ID,
    NAME = INTAKE_PERSON_NAME,
    GROUPS = INTAKE_PERSON_GROUPS,
    NEEDS_HELP = INTAKE_PERSON_NEEDS_HELP,
    NOTES = INTAKE_PERSON_NOTES,
};

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

static wb_status check_values(const struct intake_row *row, struct intake_taken *taken)
{
    static const char *const names[] = {"id", "name", "groups", "needs_help", "notes"};

    if (!id_is_valid(row->at[ID], row->bytes[ID])) {
        return intake_refuse(taken,
                             "id '%.*s' is not 1 to %u bytes of UTF-8 without control characters",
                             intake_shown(row, ID), row->at[ID], WB_ID_BYTES_MAX);
    }
    for (size_t i = 0; i < INTAKE_PERSON_COLUMNS; i++) {
        if (row->at[i] == NULL || (text_is_utf8(row->at[i], row->bytes[i]) &&
                                   memchr(row->at[i], '\0', row->bytes[i]) == NULL)) {
            continue;
        }
        return intake_refuse(taken, "column %s is not UTF-8 or has a NUL in it", names[i]);
    }
    return WB_OK;
}

static wb_status read_needs_help(const struct intake_row *row, struct intake_taken *taken,
                                 bool *needs_help)
{
    const char *text = row->at[NEEDS_HELP];
    size_t bytes = row->bytes[NEEDS_HELP];

    if (text == NULL) return WB_OK;
    *needs_help = bytes == 3 && memcmp(text, "yes", 3) == 0;
    if (*needs_help || bytes == 0 || (bytes == 2 && memcmp(text, "no", 2) == 0)) return WB_OK;
    return intake_refuse(taken, "needs_help '%.*s' is neither yes nor no nor empty",
                         intake_shown(row, NEEDS_HELP), text);
}

/* What the register has of the person already; zeroed when there is nobody. */
static struct wb_person_row old_row(const struct intake *intake, const struct intake_row *row)
{
    struct wb_person_row old = {0};
    wb_person person;

    if (wb_person_find(intake->wb, row->at[ID], row->bytes[ID], &person) != WB_OK ||
        wb_person_row(intake->wb, person, &old) != WB_OK) {
        return (struct wb_person_row){0};
    }
    return old;
}

/* Put a value, or what stood there where the row has no column for it, behind *at. */
static const char *put_text(char **at, const struct intake_row *row, size_t column, const char *old)
{
    const char *text = *at;
    const char *from = row->at[column] != NULL ? row->at[column] : or_empty(old);
    size_t bytes = row->at[column] != NULL ? row->bytes[column] : strlen(from);

    memcpy(*at, from, bytes);
    (*at)[bytes] = '\0';
    *at += bytes + 1;
    return text;
}

static size_t room_for(const struct intake_row *row, const struct wb_person_row *old)
{
    size_t bytes = INTAKE_PERSON_COLUMNS + strlen(or_empty(old->name)) +
                   strlen(or_empty(old->groups)) + strlen(or_empty(old->notes));

    for (size_t i = 0; i < INTAKE_PERSON_COLUMNS; i++)
        bytes += row->bytes[i];
    return bytes;
}

static bool is_same(const struct wb_person_row *a, const struct wb_person_row *b)
{
    return a->needs_help == b->needs_help && strcmp(or_empty(a->name), b->name) == 0 &&
           strcmp(or_empty(a->groups), b->groups) == 0 && strcmp(or_empty(a->notes), b->notes) == 0;
}

wb_status intake_person(const struct intake *intake, const struct intake_row *row,
                        struct intake_taken *taken)
{
    struct wb_fault why = {0};
    bool known = false;

    taken->ambiguous_times = 0;
    wb_status status = check_values(row, taken);
    if (status != WB_OK) return status;
    struct wb_person_row old = old_row(intake, row);
    struct wb_person_row person = {.needs_help = old.needs_help};
    status = read_needs_help(row, taken, &person.needs_help);
    if (status != WB_OK) return status;

    char *texts = malloc(room_for(row, &old));
    char *at = texts;
    if (texts == NULL) return WB_ENOMEM;
    person.id = put_text(&at, row, ID, NULL);
    person.name = put_text(&at, row, NAME, old.name);
    person.groups = put_text(&at, row, GROUPS, old.groups);
    person.notes = put_text(&at, row, NOTES, old.notes);
    taken->verdict = is_same(&old, &person) ? WB_DUPLICATE : WB_ACCEPTED;
    status = wb_person_put(intake->wb, &person, &known, &why);
    free(texts);
    if (status == WB_EREFUSED) return intake_refuse(taken, "%s", why.text);
    if (status == WB_EINVAL) return intake_refuse(taken, "that cannot be a person");
    if (!known) taken->verdict = WB_ACCEPTED;
    return status;
}
