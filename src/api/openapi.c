/* GET /v1/openapi.json: openapi.json of this folder, where everything about bodies and answers is
 * written by hand, joined with what the table of rights knows: paths, methods, who may, and the
 * answers that come of that alone. tools/contract holds the two against each other at each build.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/asking.h"
#include "api/resources.h"

/* The file, by .incbin (cmake/contract.cmake). */
extern const char wb_openapi_begin[];
extern const char wb_openapi_end[];

static void put(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0) response_no_memory();
}

static void append(json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0) response_no_memory();
}

static json_t *reference(const char *kind, const char *name)
{
    return json_sprintf("#/components/%s/%s", kind, name);
}

/* ---- What stands in {..} ---- */

static const struct part {
    char letter;
    const char *name, *schema;
} parts[] = {
    {'P', "person", "PersonId"},
    {'Z', "zone",   "ZoneId"  },
    {'R', "reader", "ReaderId"},
    {'B', "band",   "BandId"  },
    {'N', "name",   "Id"      },
};

static const struct part *part_of(char letter)
{
    size_t i = 0;
    while (parts[i].letter != letter) {
        i++;
        assert(i < sizeof parts / sizeof parts[0]); /* rights.def explains its letters */
    }
    return &parts[i];
}

/* "/v1/people/{P}" as "/v1/people/{person}", with its parameters. Yours to free. */
static char *path_of(const char *pattern, json_t *parameters)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);

    if (out == NULL) response_no_memory();
    for (; *pattern != '\0'; pattern++) {
        if (*pattern != '{') {
            (void)fputc(*pattern, out);
            continue;
        }
        const struct part *part = part_of(pattern[1]);
        (void)fprintf(out, "{%s}", part->name);
        append(parameters,
               json_pack("{s:s, s:s, s:b, s:{s:o}}", "name", part->name, "in", "path", "required",
                         1, "schema", "$ref", reference("schemas", part->schema)));
        pattern += 2;
    }
    if (fclose(out) != 0) response_no_memory();
    return text;
}

/* ---- One operation ---- */

static json_t *roles_of(const struct right *right)
{
    json_t *roles = json_array();

    for (int role = ACCESS_READER; role < ACCESS_ROLES; role++) {
        if (right->cell[role] == ACCESS_NO) continue;
        append(roles, json_string(access_role_word((enum access_role)role)));
    }
    return roles;
}

/* Whether somebody who is known may be refused. A cookie's change may come of another origin. */
static bool may_be_forbidden(const struct right *right)
{
    bool all_may = true;

    for (int role = ACCESS_READER; role < ACCESS_ROLES; role++)
        all_may = all_may && right->cell[role] == ACCESS_YES;
    return !all_may || strcmp(right->method, "GET") != 0;
}

/* The answers that come of the row, or of the server before anybody looks at the row. */
static void put_answers(json_t *responses, const struct right *right, bool has_body)
{
    bool stands_open = right->cell[ACCESS_ANONYMOUS] == ACCESS_YES;

    const struct {
        const char *status, *name;
        bool can_be;
    } answers[] = {
        {"400", "BadRequest",      true                       },
        {"401", "SignInFirst",     !stands_open               },
        {"403", "Forbidden",       may_be_forbidden(right)    },
        {"408", "TooSlow",         true                       },
        {"413", "TooLarge",        true                       },
        {"415", "BadMediaType",    has_body                   },
        {"431", "HeadersTooLarge", true                       },
        {"500", "Storage",         right->kind != ACCESS_PLAIN},
        {"503", "Busy",            true                       },
    };

    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        if (!answers[i].can_be || json_object_get(responses, answers[i].status) != NULL) continue;
        put(responses, answers[i].status,
            json_pack("{s:o}", "$ref", reference("responses", answers[i].name)));
    }
}

/* words: what the file says of it; parameters: of the path, taken over. */
static json_t *operation(const struct right *right, const json_t *words, json_t *parameters)
{
    bool stands_open = right->cell[ACCESS_ANONYMOUS] == ACCESS_YES;
    json_t *made = json_deep_copy(words);
    json_t *asked = json_object_get(made, "parameters");

    if (made == NULL || (asked != NULL && json_array_extend(parameters, asked) != 0)) {
        response_no_memory();
    }
    put(made, "operationId", json_string(right->handler));
    put(made, "parameters", parameters);
    put(made, "x-roles", roles_of(right));
    put(made, "security",
        stands_open ? json_array() : json_pack("[{s:[]}, {s:[]}]", "token", "session"));
    put_answers(json_object_get(made, "responses"), right,
                json_object_get(made, "requestBody") != NULL);
    return made;
}

/* ---- The document ---- */

/* The pages are not part of the interface. */
static bool is_described(const struct right *right)
{
    return strcmp(right->handler, "page_get") != 0;
}

static json_t *put_paths(const json_t *words)
{
    json_t *paths = json_object();

    for (size_t i = 0; i < right_count; i++) {
        const struct right *right = &rights[i];
        const json_t *described = json_object_get(words, right->handler);
        char method[8] = "";
        if (!is_described(right)) continue;
        assert(described != NULL);
        for (size_t j = 0; right->method[j] != '\0' && j + 1 < sizeof method; j++)
            method[j] = (char)(right->method[j] | 0x20);
        json_t *parameters = json_array();
        char *path = path_of(right->pattern, parameters);
        if (json_object_get(paths, path) == NULL) put(paths, path, json_object());
        put(json_object_get(paths, path), method, operation(right, described, parameters));
        free(path);
    }
    return paths;
}

static char *write_document(void)
{
    /* cppcheck-suppress comparePointers; both are ends of one text (src/api/openapi.s) */
    json_t *document = json_loadb(wb_openapi_begin, (size_t)(wb_openapi_end - wb_openapi_begin),
                                  JSON_REJECT_DUPLICATES, NULL);

    assert(document != NULL);
    json_t *paths = put_paths(json_object_get(document, "operations"));
    put(json_object_get(document, "info"), "version", json_string(wb_version()));
    put(document, "paths", paths);
    (void)json_object_del(document, "operations");
    char *text = json_dumps(document, JSON_COMPACT);
    json_decref(document);
    if (text == NULL) response_no_memory();
    return text;
}

void openapi_get(struct exchange *x)
{
    struct service *service = x->service;

    if (!asking_knows(x, "")) return;
    if (service->openapi == NULL) service->openapi = write_document();
    exchange_text(x, 200, RESPONSE_JSON, service->openapi, strlen(service->openapi));
}
