#include "base/names.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"

void names_done(struct names *names)
{
    free(names->pool);
    free(names->start);
    free(names->slot);
    *names = (struct names){0};
}

static size_t hash(const struct names *names, const char *text, size_t bytes)
{
    uint64_t sip;
    crypto_shorthash((unsigned char *)&sip, (const unsigned char *)text, bytes, names->key);
    return (size_t)sip;
}

static bool is_text(const struct names *names, uint32_t number, const char *text, size_t bytes)
{
    uint32_t start = names->start[number];
    size_t end = number + 1 < names->count ? names->start[number + 1] : names->pool_bytes;
    return end - start == bytes + 1 && memcmp(names->pool + start, text, bytes) == 0;
}

uint32_t names_find(const struct names *names, const char *text, size_t bytes)
{
    if (names->slot_count == 0 || bytes == 0 || memchr(text, 0, bytes) != NULL) return NAMES_NONE;

    size_t mask = names->slot_count - 1;
    for (size_t i = hash(names, text, bytes) & mask;; i = (i + 1) & mask) {
        uint32_t entry = names->slot[i];
        if (entry == 0) return NAMES_NONE;
        if (is_text(names, entry - 1, text, bytes)) return entry - 1;
    }
}

static void put_slot(struct names *names, uint32_t number)
{
    const char *text = names_text(names, number);
    size_t bytes = strlen(text);
    if (bytes == 0) return;
    size_t mask = names->slot_count - 1;
    size_t i = hash(names, text, bytes) & mask;
    while (names->slot[i] != 0) {
        i = (i + 1) & mask;
    }
    names->slot[i] = number + 1;
}

static bool rehash(struct names *names, size_t slot_count)
{
    uint32_t *grown = calloc(slot_count, sizeof *grown);
    if (grown == NULL) return false;
    free(names->slot);
    names->slot = grown;
    names->slot_count = slot_count;
    for (size_t n = 0; n < names->count; n++) {
        put_slot(names, (uint32_t)n);
    }
    return true;
}

uint32_t names_add(struct names *names, const char *text, size_t bytes)
{
    assert(bytes == 0 || memchr(text, 0, bytes) == NULL);
    if (names->count >= NAMES_NONE - 1 || names->pool_bytes + bytes + 1 > UINT32_MAX) {
        return NAMES_NONE;
    }
    if (!list_reserve((void **)&names->pool, &names->pool_capacity, names->pool_bytes + bytes + 1,
                      1) ||
        !list_reserve((void **)&names->start, &names->start_capacity, names->count + 1,
                      sizeof *names->start)) {
        return NAMES_NONE;
    }
    if ((names->count + 1) * 4 > names->slot_count * 3 &&
        !rehash(names, names->slot_count == 0 ? 64 : names->slot_count * 2)) {
        return NAMES_NONE;
    }
    uint32_t number = (uint32_t)names->count++;
    names->start[number] = (uint32_t)names->pool_bytes;
    if (bytes > 0) memcpy(names->pool + names->pool_bytes, text, bytes);
    names->pool[names->pool_bytes + bytes] = '\0';
    names->pool_bytes += bytes + 1;
    put_slot(names, number);
    return number;
}

void names_shrink(struct names *names, size_t count)
{
    if (count >= names->count) return;
    names->pool_bytes = names->start[count];
    names->count = count;
    memset(names->slot, 0, names->slot_count * sizeof *names->slot);
    for (size_t n = 0; n < count; n++) {
        put_slot(names, (uint32_t)n);
    }
}
