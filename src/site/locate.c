/* Where a value of a document stands, by its path. */
#include <stdlib.h>
#include <string.h>

#include "site/description.h"
#include "site/position.h"
#include "site/reading.h"

/* Step to the element of "[3]..."; returns the rest of the path, NULL when there is none. */
static const char *step_to_element(struct reading *reading, json_t **at, const char *path)
{
    char *end = NULL;
    unsigned long n = strtoul(path + 1, &end, 10);
    if (end == path + 1 || *end != ']' || n >= json_array_size(*at)) return NULL;

    *at = json_array_get(*at, n);
    reading_enter(reading, n);
    return end + 1;
}

/* The same for the member of "key..." or ".key...". */
static const char *step_to_member(struct reading *reading, json_t **at, const char *path)
{
    char key[32] = "";
    path += *path == '.' ? 1 : 0;
    size_t bytes = strcspn(path, ".[");
    if (bytes == 0 || bytes >= sizeof key) return NULL;

    memcpy(key, path, bytes);
    json_t *value = json_object_get(*at, key);
    if (value == NULL) return NULL;

    reading_enter_key(reading, *at, key);
    *at = value;
    return path + bytes;
}

bool description_locate(const char *json, size_t bytes, const char *path, struct wb_fault *why)
{
    struct reading reading = {.json = json, .bytes = bytes};
    json_t *root = json_loadb(json, bytes, JSON_REJECT_DUPLICATES, NULL);
    json_t *at = root;
    while (at != NULL && path != NULL && *path != '\0' && reading.depth < READING_DEPTH) {
        path = *path == '[' ? step_to_element(&reading, &at, path)
                            : step_to_member(&reading, &at, path);
    }

    bool found = at != NULL && path != NULL && *path == '\0';
    if (found) {
        size_t offset = position_of(json, bytes, reading.step, reading.depth, false);
        position_line(json, offset, &why->line, &why->column);
    }
    json_decref(root);
    return found;
}
