#include "access/scope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/chip.h"
#include "base/list.h"

static const char *const keys[SCOPE_LISTS] = {"zones", "groups", "readers"};

void scope_done(struct scope *scope)
{
    for (int l = 0; l < SCOPE_LISTS; l++) {
        struct scope_ids *ids = &scope->list[l];
        for (size_t i = 0; i < ids->count; i++) {
            free(ids->at[i]);
        }
        LIST_DONE(ids);
    }
}

static bool has(const struct scope_ids *ids, const char *id, size_t bytes)
{
    for (size_t i = 0; i < ids->count; i++) {
        if (strlen(ids->at[i]) == bytes && memcmp(ids->at[i], id, bytes) == 0) return true;
    }
    return false;
}

wb_status scope_add(struct scope *scope, enum scope_list list, const char *id, size_t bytes)
{
    struct scope_ids *ids = &scope->list[list];
    if (!id_is_valid(id, bytes)) return WB_EINVAL;
    if (has(ids, id, bytes)) return WB_OK;
    if (ids->count >= SCOPE_IDS_MAX) return WB_EFULL;
    if (!LIST_ROOM(ids, 1)) return WB_ENOMEM;
    char *copy = malloc(bytes + 1);
    if (copy == NULL) return WB_ENOMEM;
    memcpy(copy, id, bytes);
    copy[bytes] = '\0';
    ids->at[ids->count++] = copy;
    return WB_OK;
}

bool scope_is_empty(const struct scope *scope)
{
    for (int l = 0; l < SCOPE_LISTS; l++) {
        if (scope->list[l].count > 0) return false;
    }
    return true;
}

/* ---- As text ---- */

static wb_status refuse(struct wb_fault *why, const char *sentence)
{
    if (why != NULL) {
        *why = (struct wb_fault){0};
        (void)snprintf(why->text, sizeof why->text, "%s", sentence);
    }
    return WB_EREFUSED;
}

static wb_status read_list(const json_t *array, enum scope_list list, struct scope *out,
                           struct wb_fault *why)
{
    if (!json_is_array(array)) return refuse(why, "a limit must be a list of ids");
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *id = json_array_get(array, i);
        if (!json_is_string(id)) return refuse(why, "a limit must be a list of ids");
        wb_status status = scope_add(out, list, json_string_value(id), json_string_length(id));
        if (status == WB_EINVAL) return refuse(why, "an id of a limit is not an id");
        if (status == WB_EFULL) return refuse(why, "a limit has more than 256 ids");
        if (status != WB_OK) return status;
    }
    return WB_OK;
}

static wb_status read_object(const json_t *object, struct scope *out, struct wb_fault *why)
{
    const char *key;
    json_t *value;
    if (!json_is_object(object)) return refuse(why, "limits must be an object");
    json_object_foreach((json_t *)object, key, value)
    {
        int list = 0;
        while (list < SCOPE_LISTS && strcmp(keys[list], key) != 0)
            list++;
        if (list == SCOPE_LISTS) {
            return refuse(why, "limits are \"zones\", \"groups\" and \"readers\"");
        }
        wb_status status = read_list(value, (enum scope_list)list, out, why);
        if (status != WB_OK) return status;
    }
    return WB_OK;
}

wb_status scope_from(const json_t *object, struct scope *out, struct wb_fault *why)
{
    struct scope scope = {0};
    wb_status status = read_object(object, &scope, why);
    if (status == WB_OK) {
        *out = scope;
    } else {
        scope_done(&scope);
    }
    return status;
}

wb_status scope_read(const char *json, size_t bytes, struct scope *out, struct wb_fault *why)
{
    if (bytes == 0) return WB_OK;
    json_t *object = json_loadb(json, bytes, JSON_REJECT_DUPLICATES, NULL);
    if (object == NULL) return refuse(why, "limits must be a JSON object");
    wb_status status = scope_from(object, out, why);
    json_decref(object);
    return status;
}

json_t *scope_object(const struct scope *scope)
{
    json_t *object = json_object();
    for (int l = 0; l < SCOPE_LISTS; l++) {
        json_t *array = json_array();
        bool ok = array != NULL;
        for (size_t i = 0; ok && i < scope->list[l].count; i++) {
            ok = json_array_append_new(array, json_string(scope->list[l].at[i])) == 0;
        }
        /* Takes the array over, also where it fails. */
        if (json_object_set_new(object, keys[l], array) == 0 && ok) continue;
        json_decref(object);
        return NULL;
    }
    return object;
}

char *scope_text(const struct scope *scope)
{
    if (scope_is_empty(scope)) return calloc(1, 1);
    json_t *object = scope_object(scope);
    char *text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}
