#include "names.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

static size_t slot_of(const struct names *names, const char *text)
{
    uint64_t hash = 14695981039346656037u;
    for (const char *c = text; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    size_t slot = (size_t)(hash % names->slot_count);
    while (names->slot[slot] && strcmp(names->text[names->slot[slot] - 1], text) != 0)
        slot = (slot + 1) % names->slot_count;
    return slot;
}

static void make_slots(struct names *names)
{
    free(names->slot);
    names->slot_count = names->capacity * 3 + 1;
    names->slot = calloc(names->slot_count, sizeof *names->slot);
    assert(names->slot);
    for (size_t i = 0; i < names->count; i++)
        names->slot[slot_of(names, names->text[i])] = (int)i + 1;
}

int names_find(const struct names *names, const char *text)
{
    return names->count ? names->slot[slot_of(names, text)] - 1 : -1;
}

int names_add(struct names *names, const char *text)
{
    int found = names_find(names, text);
    if (found >= 0) return found;

    size_t capacity_before = names->capacity;
    names->text = grow(names->text, &names->capacity, names->count + 1, sizeof *names->text);
    if (names->capacity != capacity_before) make_slots(names);
    names->text[names->count] = strdup(text);
    assert(names->text[names->count]);
    names->slot[slot_of(names, text)] = (int)names->count + 1;
    return (int)names->count++;
}

void names_done(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->text[i]);
    free(names->text);
    free(names->slot);
    *names = (struct names){0};
}
