/* GET /v1/openapi.json: the paths, their methods and who may, written from the table of rights. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/asking.h"
#include "api/resources.h"

/* ---- What stands in {..} ---- */

static const char *part_name(char letter)
{
    switch (letter) {
    case 'P':
        return "person";
    case 'Z':
        return "zone";
    case 'R':
        return "reader";
    case 'B':
        return "band";
    default:
        return "name";
    }
}

static json_t *text_schema(void)
{
    return json_pack("{s:s}", "type", "string");
}

static json_t *parameter(const char *name, const char *in)
{
    return json_pack("{s:s, s:s, s:b, s:o}", "name", name, "in", in, "required",
                     strcmp(in, "path") == 0, "schema", text_schema());
}

/* "/v1/people/{P}" as "/v1/people/{person}", with its parameters. */
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
        (void)fprintf(out, "{%s}", part_name(pattern[1]));
        (void)json_array_append_new(parameters, parameter(part_name(pattern[1]), "path"));
        pattern += 2;
    }
    if (fclose(out) != 0) response_no_memory();
    return text;
}

/* ---- One operation ---- */

struct words {
    const char *handler, *summary, *query; /* query: parameters, parted by spaces */
};

static const struct words described[] = {
    {"health_get",          "Whether the server is well",                          ""                              },
    {"openapi_get",         "This document",                                       ""                              },
    {"metrics_get",         "Figures of the server, for Prometheus",               ""                              },
    {"session_post",        "Sign in, for a purpose; gives a cookie",              ""                              },
    {"session_get",         "Who is signed in, and what they may see",             ""                              },
    {"session_put",         "Look from now on for another purpose",                ""                              },
    {"session_delete",      "Sign out",                                            ""                              },
    {"first_operator_post", "Make the first operator, by the code of the link",    ""                              },
    {"operators_get",       "Who may sign in",                                     ""                              },
    {"operators_post",      "Let somebody sign in",                                ""                              },
    {"operator_delete",     "Let somebody sign in no more; ends their sessions",   ""                              },
    {"tokens_get",          "The tokens of readers and programs, without secrets", ""                              },
    {"tokens_post",         "Make a token; it is told this once",                  ""                              },
    {"token_delete",        "Make a token worth nothing",                          ""                              },
    {"scans_post",          "Readers saw bands; answered when it is on disk",      "details trust-learnt check"    },
    {"heartbeat_post",      "A reader is alive, and perhaps has sent all it has",  ""                              },
    {"now_get",             "Who is where now",                                    "zone person group counts names"},
    {"at_get",              "Who was where at a moment, in truth or as known",
     "time zone person group counts known names"                                                                   },
    {"people_get",          "Search the register of people",                       "q group limit"                 },
    {"person_get",          "One person's entry in the register",                  ""                              },
    {"path_get",            "Where a person was",                                  "from until known"              },
    {"with_get",            "Who was in the same places as a person, how long",    "from until min known"          },
    {"lookups_get",         "Who looked at a person, newest first",                "below limit"                   },
    {"occupancy_get",       "How full a zone was",                                 "from until every known"        },
    {"bands_get",           "Whose each band was, and when",                       ""                              },
    {"band_get",            "Who wore a band, and when",                           ""                              },
    {"held_get",            "Scans of bands that are nobody's",                    ""                              },
    {"quarantined_get",     "Scans that wait for somebody to release them",        ""                              },
    {"withdrawn_get",       "Scans that were withdrawn, and why",                  ""                              },
    {"unseen_get",          "People who were never scanned",                       ""                              },
    {"stream_get",          "What changes, as it does (server-sent events)",       "zone"                          },
    {"people_post",         "Enter or change many people, as rows of CSV",         "details trust-learnt check"    },
    {"person_put",          "Enter or change a person in the register",            ""                              },
    {"pairings_post",       "Give a person a band, or take it back",               "details trust-learnt check"    },
    {"withdrawals_post",    "Withdraw a scan that never was",                      ""                              },
    {"releases_post",       "Release scans from a reader's quarantine",            ""                              },
    {"site_get",            "The description of the site",                         ""                              },
    {"site_put",            "Change the description of the site",                  ""                              },
    {"zones_get",           "The zones",                                           ""                              },
    {"readers_get",         "The readers, and how they are",                       "list"                          },
    {"plan_get",            "The plan of the site",                                "v"                             },
    {"plan_put",            "Give the plan of the site",                           ""                              },
    {"places_get",          "Where zones are on the plan",                         ""                              },
    {"places_put",          "Say where zones are on the plan",                     ""                              },
    {"purposes_get",        "For what purposes people are looked up",              ""                              },
    {"purposes_put",        "Say for what purposes people are looked up",          ""                              },
};

static const struct words *words_of(const char *handler)
{
    static const struct words none = {"", "", ""};

    for (size_t i = 0; i < sizeof described / sizeof described[0]; i++)
        if (strcmp(described[i].handler, handler) == 0) return &described[i];
    return &none;
}

static void put_query(json_t *parameters, const char *query)
{
    while (*query != '\0') {
        char name[32];
        size_t bytes = strcspn(query, " ");
        (void)snprintf(name, sizeof name, "%.*s", (int)bytes, query);
        (void)json_array_append_new(parameters, parameter(name, "query"));
        query += bytes + (query[bytes] == ' ');
    }
}

static json_t *roles_of(const struct right *right)
{
    json_t *roles = json_array();

    for (int role = ACCESS_READER; role < ACCESS_ROLES; role++) {
        if (right->cell[role] == ACCESS_NO) continue;
        (void)json_array_append_new(roles, json_string(access_role_word((enum access_role)role)));
    }
    return roles;
}

static json_t *responses(void)
{
    return json_pack("{s:{s:s}, s:{s:s, s:{s:{s:{s:s}}}}}", "2XX", "description", "It is done.",
                     "default", "description", "It is not; the problem says why.", "content",
                     RESPONSE_PROBLEM, "schema", "$ref", "#/components/schemas/Problem");
}

static bool has_body(const struct right *right)
{
    return strcmp(right->method, "POST") == 0 || strcmp(right->method, "PUT") == 0;
}

static json_t *operation(const struct right *right, json_t *parameters)
{
    bool stands_open = right->cell[ACCESS_ANONYMOUS] == ACCESS_YES;

    const struct words *words = words_of(right->handler);

    put_query(parameters, words->query);
    json_t *made = json_pack(
        "{s:s, s:s, s:o, s:o, s:o, s:o}", "operationId", right->handler, "summary", words->summary,
        "parameters", parameters, "responses", responses(), "x-roles", roles_of(right), "security",
        stands_open ? json_array() : json_pack("[{s:[]}, {s:[]}]", "token", "session"));
    if (has_body(right) && made != NULL) {
        const char *type = strcmp(right->handler, "plan_put") == 0      ? "image/svg+xml"
                           : strcmp(right->handler, "people_post") == 0 ? "text/csv"
                                                                        : RESPONSE_JSON;
        (void)json_object_set_new(made, "requestBody",
                                  json_pack("{s:b, s:{s:{}}}", "required", 1, "content", type));
    }
    return made;
}

/* ---- The document ---- */

static json_t *put_paths(void)
{
    json_t *paths = json_object();

    for (size_t i = 0; i < right_count; i++) {
        const struct right *right = &rights[i];
        json_t *parameters = json_array();
        char method[8] = "";
        /* The pages are not part of the interface, and what is not there yet neither. */
        if (strcmp(right->handler, "page_get") == 0 ||
            strcmp(right->handler, "person_delete") == 0) {
            json_decref(parameters);
            continue;
        }
        for (size_t j = 0; right->method[j] != '\0' && j + 1 < sizeof method; j++)
            method[j] = (char)(right->method[j] | 0x20);
        char *path = path_of(right->pattern, parameters);
        json_t *item = json_object_get(paths, path);
        if (item == NULL) {
            item = json_object();
            (void)json_object_set_new(paths, path, item);
        }
        (void)json_object_set_new(item, method, operation(right, parameters));
        free(path);
    }
    return paths;
}

static json_t *components(void)
{
    return json_pack(
        "{s:{s:{s:s, s:s}, s:{s:s, s:s, s:s}}, s:{s:{s:s, s:[s,s,s,s], s:{s:o, s:o, s:{s:s}, "
        "s:o}}}}",
        "securitySchemes", "token", "type", "http", "scheme", "bearer", "session", "type", "apiKey",
        "in", "cookie", "name", ACCESS_COOKIE, "schemas", "Problem", "type", "object", "required",
        "type", "title", "status", "detail", "properties", "type", text_schema(), "title",
        text_schema(), "status", "type", "integer", "detail", text_schema());
}

void openapi_get(struct exchange *x)
{
    if (!asking_knows(x, "")) return;
    json_t *document = json_pack("{s:s, s:{s:s, s:s, s:s, s:{s:s, s:s}}, s:o, s:o}", "openapi",
                                 "3.1.0", "info", "title", "whereabouts", "version", wb_version(),
                                 "summary", "Who is where, who was where, and how sure that is.",
                                 "license", "name", "Apache License 2.0", "identifier",
                                 "Apache-2.0", "paths", put_paths(), "components", components());
    char *text = document != NULL ? json_dumps(document, JSON_COMPACT) : NULL;
    json_decref(document);
    if (text == NULL) response_no_memory();
    exchange_text(x, 200, RESPONSE_JSON, text, strlen(text));
    free(text);
}
