#include "texts.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

static size_t slot_of(const struct texts *texts, const char *text)
{
    uint64_t hash = 14695981039346656037u;
    for (const char *c = text; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    size_t slot = (size_t)(hash % texts->slot_count);
    while (texts->slot[slot] && strcmp(texts->text[texts->slot[slot] - 1], text) != 0)
        slot = (slot + 1) % texts->slot_count;
    return slot;
}

static void make_slots(struct texts *texts)
{
    free(texts->slot);
    texts->slot_count = texts->capacity * 3 + 1;
    texts->slot = calloc(texts->slot_count, sizeof *texts->slot);
    assert(texts->slot);
    for (size_t i = 0; i < texts->count; i++)
        texts->slot[slot_of(texts, texts->text[i])] = (int)i + 1;
}

int texts_find(const struct texts *texts, const char *text)
{
    return texts->count ? texts->slot[slot_of(texts, text)] - 1 : -1;
}

int texts_add(struct texts *texts, const char *text)
{
    int found = texts_find(texts, text);
    if (found >= 0) return found;

    size_t capacity_before = texts->capacity;
    texts->text = make_room(texts->text, &texts->capacity, texts->count + 1, sizeof *texts->text);
    if (texts->capacity != capacity_before) make_slots(texts);
    texts->text[texts->count] = strdup(text);
    assert(texts->text[texts->count]);
    texts->slot[slot_of(texts, text)] = (int)texts->count + 1;
    return (int)texts->count++;
}

void texts_forget(struct texts *texts, int number)
{
    char *text = NULL;
    int bytes = asprintf(&text, "\x01%d", number);
    assert(bytes > 0);
    free(texts->text[number]);
    texts->text[number] = text;
    make_slots(texts);
}

void texts_done(struct texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->text[i]);
    free(texts->text);
    free(texts->slot);
    *texts = (struct texts){0};
}
