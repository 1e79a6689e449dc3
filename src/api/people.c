/* GET /v1/people and GET, PUT, DELETE /v1/people/{P}: the register. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer/answer.h"
#include "api/asking.h"
#include "api/caller.h"
#include "api/resources.h"
#include "api/rows.h"
#include "api/search.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MOST    1000000

/* ---- The list ---- */

/* Who is limited sees of the register who is of their groups and is in their zones now. */
static void keep_in_zones(struct exchange *x, const struct reach *reach, struct wb_people *out)
{
    struct wb_moment moment = {x->now_us, WB_EVERYTHING, x->now_us};
    size_t kept = 0;

    for (size_t i = 0; i < out->count; i++) {
        struct wb_whereabouts where;
        if (wb_where(x->wb, out->at[i], &moment, &where) == WB_OK &&
            reach_zone(reach, where.zone)) {
            out->at[kept++] = out->at[i];
        }
    }
    out->count = kept;
}

static wb_status find(struct exchange *x, const char *q, size_t q_bytes, struct wb_people *out)
{
    struct search_question question = {q, q_bytes, LIMIT_MOST, NULL, NULL};

    return search_people(x->wb, &x->service->people, &question, out);
}

/* Of those who were found, who are of the group as well. */
static wb_status keep_group(struct exchange *x, const char *group, size_t bytes,
                            struct wb_people *people)
{
    struct scope scope = {0};
    struct reach reach;
    size_t kept = 0;

    wb_status status = scope_add(&scope, SCOPE_GROUPS, group, bytes);
    if (status == WB_OK) status = reach_open(x->wb, &scope, &reach);
    if (status == WB_OK) {
        for (size_t i = 0; i < people->count; i++) {
            if (reach_person(&reach, people->at[i])) people->at[kept++] = people->at[i];
        }
        people->count = kept;
        reach_close(&reach);
    }
    scope_done(&scope);
    return status;
}

void people_get(struct exchange *x)
{
    struct answer document = {0};
    struct wb_people people = {0};
    int64_t most = LIMIT_DEFAULT;
    size_t q_bytes = 0;
    size_t group_bytes = 0;

    if (!asking_knows(x, "q group limit") || !asking_number(x, "limit", 1, LIMIT_MOST, &most)) {
        return;
    }
    const char *q = request_parameter(x->request, "q", &q_bytes);
    const char *group = request_parameter(x->request, "group", &group_bytes);
    if (group != NULL && memchr(group, ';', group_bytes) != NULL) {
        exchange_problem(x, 400, "bad-parameter", "a group has no ';' in its name");
        return;
    }
    const struct reach *reach = caller_reach(x);
    if (reach == NULL) return;

    wb_status status = find(x, q != NULL ? q : "", q_bytes, &people);
    if (status == WB_OK && group != NULL) status = keep_group(x, group, group_bytes, &people);
    if (status == WB_OK && !reach->every_person) caller_keep_people(x, &people);
    if (status == WB_OK && !reach->every_zone) keep_in_zones(x, reach, &people);
    if (people.count > (size_t)most) people.count = (size_t)most;
    if (status == WB_OK) status = answer_register(x->wb, &people, &document);
    exchange_answer(x, status, &document);
    wb_list_done(&people);
}

/* Who was never scanned. */
void unseen_get(struct exchange *x)
{
    struct answer document = {0};

    if (!asking_knows(x, "")) return;
    exchange_answer(x, answer_list_unseen(x->wb, &document), &document);
}

/* Many at a time, as rows of csv. */
void people_post(struct exchange *x)
{
    static const struct csv_column columns[] = {
        [INTAKE_PERSON_ID] = {.name = "id", .required = true},
        [INTAKE_PERSON_NAME] = {.name = "name"           },
        [INTAKE_PERSON_GROUPS] = {.name = "groups"},
        [INTAKE_PERSON_NEEDS_HELP] = {.name = "needs_help"           },
        [INTAKE_PERSON_NOTES] = {.name = "notes"},
    };
    static const struct rows_kind kind = {columns, INTAKE_PERSON_COLUMNS, intake_person, NULL,
                                          NULL};
    struct wb_summary summary;

    if (!rows_are_csv(x)) {
        exchange_problem(x, 415, "bad-media-type",
                         "people are sent as text/csv; one of them is PUT by itself");
        return;
    }
    rows_post(x, &kind, &summary);
    if (!rows_are_checked(x)) x->service->register_changed = true;
}

/* ---- One ---- */

void person_get(struct exchange *x)
{
    struct answer document = {0};
    wb_person person;

    if (!asking_knows(x, "") || !asking_person(x, x->part[0].at, x->part[0].bytes, &person)) return;
    exchange_answer(x, answer_register_one(x->wb, person, &document), &document);
}

/* "groups":["a","b"] as the register keeps them: "a;b". Yours to free; NULL: the answer is set. */
static char *take_groups(struct exchange *x, const json_t *body, const char *otherwise)
{
    const json_t *list = json_object_get(body, "groups");
    char *text = NULL;
    size_t bytes = 0;
    bool right = list == NULL || json_is_array(list);

    FILE *out = open_memstream(&text, &bytes);
    if (out == NULL) response_no_memory();
    if (list == NULL) (void)fputs(otherwise, out);
    for (size_t i = 0; right && i < json_array_size(list); i++) {
        const char *group = json_string_value(json_array_get(list, i));
        right = group != NULL && group[0] != '\0' && strchr(group, ';') == NULL;
        if (right) (void)fprintf(out, "%s%s", i > 0 ? ";" : "", group);
    }
    if (fclose(out) != 0) response_no_memory();
    if (right) return text;
    free(text);
    exchange_problem(x, 400, "bad-body", "\"groups\" is a list of texts without ';'");
    return NULL;
}

static bool take_needs_help(struct exchange *x, const json_t *body, bool *needs_help)
{
    const json_t *value = json_object_get(body, "needs_help");

    if (value == NULL) return true;
    *needs_help = json_is_true(value);
    if (json_is_boolean(value)) return true;
    exchange_problem(x, 400, "bad-body", "\"needs_help\" is true or false");
    return false;
}

/* Who puts back what they got sends the id, too. */
static bool is_of_path(struct exchange *x, const json_t *body)
{
    struct text id;

    if (!asking_text(x, body, "id", false, &id)) return false;
    if (id.at == NULL || strcmp(id.at, x->part[0].at) == 0) return true;
    exchange_problem(x, 400, "bad-body", "\"id\" is not the person of the path");
    return false;
}

/* What the body does not say stays as it is. The row's texts are borrowed from the library. */
static void put(struct exchange *x, const json_t *body)
{
    struct wb_person_row row = {.id = x->part[0].at, .name = "", .groups = "", .notes = ""};
    struct wb_fault fault = {0};
    struct answer document = {0};
    struct text name;
    struct text notes;
    bool known = false;
    wb_person person;

    if (wb_person_find(x->wb, x->part[0].at, x->part[0].bytes, &person) == WB_OK) {
        wb_status read = wb_person_row(x->wb, person, &row);
        if (read != WB_OK) {
            exchange_failed(x, read, NULL);
            return;
        }
        row.id = x->part[0].at;
        if (row.name == NULL) row.name = "";
        if (row.groups == NULL) row.groups = "";
        if (row.notes == NULL) row.notes = "";
    }
    if (!is_of_path(x, body) || !asking_text(x, body, "name", false, &name) ||
        !asking_text(x, body, "notes", false, &notes) ||
        !take_needs_help(x, body, &row.needs_help)) {
        return;
    }
    char *groups = take_groups(x, body, row.groups);
    if (groups == NULL) return;
    row.groups = groups;
    if (name.at != NULL) row.name = name.at;
    if (notes.at != NULL) row.notes = notes.at;
    wb_status status = wb_person_put(x->wb, &row, &known, &fault);
    free(groups);
    x->service->register_changed = true;
    if (status != WB_OK) {
        exchange_failed(x, status, &fault);
        return;
    }
    struct document written;
    document_begin(&written);
    status = wb_person_find(x->wb, x->part[0].at, x->part[0].bytes, &person);
    if (status == WB_OK) document_person(&written, "id", x->wb, person);
    document_true(&written, "known", known);
    status = document_end(&written, status, &document);
    if (status == WB_OK) {
        exchange_json(x, known ? 200 : 201, &document);
    } else {
        exchange_failed(x, status, NULL);
    }
}

void person_put(struct exchange *x)
{
    json_t *body;

    if (!asking_knows(x, "") || !asking_object(x, "id name groups needs_help notes", &body)) return;
    put(x, body);
    json_decref(body);
}

/* An erasure is a commit of its own, between turns (src/server/turn.c). */
void person_delete(struct exchange *x)
{
    wb_person person;

    if (!asking_knows(x, "") || !asking_person(x, x->part[0].at, x->part[0].bytes, &person)) return;
    wb_status status = wb_erase_person(x->wb, person, x->now_us, NULL);
    if (status != WB_OK) {
        exchange_failed(x, status, NULL);
        return;
    }
    x->service->person_erased = true;
    exchange_nothing(x);
}
