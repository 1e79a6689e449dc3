#include "tool/limits.h"

#include <sodium.h>
#include <string.h>

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

static int check_group(const struct site *site, const char *word)
{
    struct wb_people people = {0};
    wb_status status = wb_people_of_group(site->wb, word, strlen(word), &people);
    wb_list_done(&people);
    if (status == WB_OK) return SAY_DONE;
    if (status != WB_ENOENT) return site_failed(site, status);
    return say(SAY_NO, "there is no group '%s' in %s; see: whereabouts list people", word,
               site->path);
}

static int check_id(const struct site *site, enum scope_list list, const char *word)
{
    wb_zone zone;
    wb_reader reader;
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
