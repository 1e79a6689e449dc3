#include "tool/limits.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "tool/remote.h"

int limits_role(const struct call *call, enum access_role *out)
{
    const char *word = call_value(call, "role");
    enum access_role role = access_role_of(word);
    if (role == ACCESS_ANONYMOUS) {
        return say(SAY_WRONG_USE, "there is no role '%s'; there are admin, warden, viewer, reader",
                   word);
    }
    *out = role;
    return SAY_DONE;
}

/* ---- What is named must be there ---- */

static int no_such(const struct site *site, enum scope_list list, const char *word)
{
    static const char *const what[SCOPE_LISTS][2] = {
        [SCOPE_ZONES] = {"zone",   "zones"  },
        [SCOPE_GROUPS] = {"group",  "people" },
        [SCOPE_READERS] = {"reader", "readers"},
    };
    return say(SAY_NO, "there is no %s '%s' in %s; see: whereabouts list %s", what[list][0], word,
               site->path, what[list][1]);
}

static int ask_group(const struct site *site, const char *word)
{
    struct remote_problem problem;
    struct address address;
    json_t *counts;

    address_begin(&address, "/v1/now");
    address_query(&address, "group", word);
    address_query(&address, "counts", "true");
    int status = remote_try(site->remote, "GET", &address, NULL, &problem, &counts);
    json_decref(counts);
    if (status != SAY_DONE || problem.status == 0) return status;
    return problem.status == 404 ? no_such(site, SCOPE_GROUPS, word)
                                 : remote_say(site->remote, &problem);
}

/* Whether a list of the server has a row of that id. */
static int ask_list(const struct site *site, enum scope_list list, const char *word)
{
    bool zones = list == SCOPE_ZONES;
    struct address address;
    bool found = zones && (strcmp(word, "outside") == 0 || strcmp(word, "unknown") == 0);
    json_t *answer;
    json_t *row;
    size_t index;

    address_begin(&address, zones ? "/v1/zones" : "/v1/readers?list=true");
    int status = remote_get(site->remote, &address, &answer);
    json_array_foreach(json_object_get(answer, zones ? "zones" : "readers"), index, row)
    {
        if (strcmp(remote_text(row, zones ? "zone" : "reader"), word) == 0) found = true;
    }
    json_decref(answer);
    if (status != SAY_DONE || found) return status;
    return no_such(site, list, word);
}

static int check_group(const struct site *site, const char *word)
{
    struct wb_people people = {0};
    wb_status status = wb_people_of_group(site->wb, word, strlen(word), &people);
    wb_list_done(&people);
    if (status == WB_OK) return SAY_DONE;
    if (status != WB_ENOENT) return site_failed(site, status);
    return no_such(site, SCOPE_GROUPS, word);
}

static int check_id(const struct site *site, enum scope_list list, const char *word)
{
    wb_zone zone;
    wb_reader reader;
    if (site->remote != NULL) {
        return list == SCOPE_GROUPS ? ask_group(site, word) : ask_list(site, list, word);
    }
    switch (list) {
    case SCOPE_ZONES:
        return site_zone(site, word, &zone);
    case SCOPE_READERS:
        return site_reader(site, word, &reader);
    case SCOPE_GROUPS:
    case SCOPE_LISTS:
        break;
    }
    return check_group(site, word);
}

static int take_list(const struct call *call, const struct site *site, enum scope_list list,
                     struct scope *out)
{
    static const char *const names[SCOPE_LISTS] = {"zone", "group", "reader"};
    const char *word;
    for (int at = 0; (word = call_next(call, names[list], &at)) != NULL;) {
        int status = check_id(site, list, word);
        if (status != SAY_DONE) return status;
        wb_status added = scope_add(out, list, word, strlen(word));
        if (added == WB_ENOMEM) say_no_memory();
        if (added != WB_OK) return say(SAY_NO, "'%s' cannot be a limit", word);
    }
    return SAY_DONE;
}

int limits_scope(const struct call *call, const struct site *site, bool readers, struct scope *out)
{
    int status = take_list(call, site, SCOPE_ZONES, out);
    if (status == SAY_DONE) status = take_list(call, site, SCOPE_GROUPS, out);
    if (status == SAY_DONE && readers) status = take_list(call, site, SCOPE_READERS, out);
    return status;
}

void limits_put(json_t *row, const struct scope *scope, bool readers)
{
    json_t *lists = scope_object(scope);
    if (lists != NULL && !readers) (void)json_object_del(lists, "readers");
    if (lists == NULL || json_object_update(row, lists) != 0) say_no_memory();
    json_decref(lists);
}

int limits_callers(const struct site *site, struct callers *out)
{
    uint8_t key[16];
    randombytes_buf(key, sizeof key);
    callers_init(out, key);
    wb_status status = callers_load(out, site->wb);
    if (status == WB_OK) return SAY_DONE;
    callers_done(out);
    if (status != WB_EDAMAGED) return site_failed(site, status);
    return say(SAY_NO_FILE, "%s: an operator or token in it cannot be read; restore a backup",
               site->path);
}

/* ---- Of a server ---- */

json_t *limits_body(const struct account *account, bool readers)
{
    json_t *body = json_pack("{s:s}", "role", access_role_word(account->role));
    if (body == NULL) say_no_memory();
    limits_put(body, &account->scope, readers);
    return body;
}

/* What cannot be is refused, as with a file; the server calls it a body that is wrong. */
int limits_tell(const struct site *site, const char *path, json_t *body, json_t **answer)
{
    struct remote_problem problem;
    struct address address;
    char *text = json_dumps(body, JSON_COMPACT);

    if (text == NULL) say_no_memory();
    json_decref(body);
    struct remote_body sent = {"application/json", text, strlen(text)};
    address_begin(&address, path);
    int status = remote_try(site->remote, "POST", &address, &sent, &problem, answer);
    sodium_memzero(text, strlen(text)); /* there may be a password in it */
    free(text);
    if (status != SAY_DONE || problem.status == 0) return status;
    if (problem.status == 400) return say(SAY_NO, "%s", problem.detail);
    return remote_say(site->remote, &problem);
}

int limits_find(const struct site *site, const char *list, const char *key, const char *word,
                bool *found)
{
    struct address address;
    json_t *answer;
    json_t *row;
    size_t index;

    *found = false;
    address_begin(&address, "/v1/");
    address_path(&address, list);
    int status = remote_get(site->remote, &address, &answer);
    json_array_foreach(json_object_get(answer, list), index, row)
    {
        if (strcmp(remote_text(row, key), word) == 0) *found = true;
    }
    json_decref(answer);
    return status;
}

int limits_remove(const struct site *site, const char *list, const char *word)
{
    struct address address;
    json_t *answer;

    address_begin(&address, "/v1/");
    address_path(&address, list);
    address_part(&address, word);
    int status = remote_ask(site->remote, "DELETE", &address, NULL, &answer);
    json_decref(answer);
    return status;
}

/* ---- Lists ---- */

static int ask_server(const struct site *site, const struct limits_list *list, json_t **document)
{
    struct address address;
    address_begin(&address, list->path);
    return remote_get(site->remote, &address, document);
}

static int ask_file(const struct site *site, const struct limits_list *list, json_t **document)
{
    struct callers callers;
    int status = limits_callers(site, &callers);
    if (status != SAY_DONE) return status;
    json_t *rows = json_array();
    for (size_t i = 0; i < callers.count; i++) {
        if (callers.at[i].kind != list->kind) continue;
        if (json_array_append_new(rows, list->row(&callers.at[i])) != 0) say_no_memory();
    }
    callers_done(&callers);
    *document = json_pack("{s:o}", list->key, rows);
    if (*document == NULL) say_no_memory();
    return SAY_DONE;
}

int limits_list_run(const struct call *call, const struct limits_list *list)
{
    struct site site;
    json_t *document = NULL;
    int status = site_open(&site, call, WB_READ);
    if (status == SAY_DONE) {
        status = site.remote != NULL ? ask_server(&site, list, &document)
                                     : ask_file(&site, list, &document);
    }
    if (status == SAY_DONE) {
        struct sheet sheet = {call, &site, list->columns, list->column_count, site.now_us};
        status = sheet_print_list(&sheet, document, list->key, list->empty);
    }
    return site_close(&site, status);
}
