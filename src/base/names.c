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

static uint32_t hash(const struct names *names, const char *text, size_t bytes)
{
    uint64_t sip;
    crypto_shorthash((unsigned char *)&sip, (const unsigned char *)text, bytes, names->key);
    return (uint32_t)sip;
}

/* Texts hold no NUL, so one that is equal up to its NUL is the same; what is asked for may hold
 * some, and is not found then. */
static bool is_text(const struct names *names, uint32_t start, const char *text, size_t bytes)
{
    const char *known = names->pool + start;
    return names->pool_bytes - start > bytes && memcmp(known, text, bytes) == 0 &&
           known[bytes] == '\0' && memchr(known, 0, bytes) == NULL;
}

uint32_t names_find(const struct names *names, const char *text, size_t bytes)
{
    if (names->slot_count == 0 || bytes == 0) return NAMES_NONE;

    size_t mask = names->slot_count - 1;
    uint32_t wanted = hash(names, text, bytes);
    for (size_t i = wanted & mask;; i = (i + 1) & mask) {
        const struct names_slot *slot = &names->slot[i];
        if (slot->number == 0) return NAMES_NONE;
        if (slot->hash == wanted && is_text(names, slot->start, text, bytes)) {
            return slot->number - 1;
        }
    }
}

static void put_slot(struct names *names, const struct names_slot *slot)
{
    size_t mask = names->slot_count - 1;
    size_t i = slot->hash & mask;
    while (names->slot[i].number != 0) {
        i = (i + 1) & mask;
    }
    names->slot[i] = *slot;
}

static bool rehash(struct names *names, size_t slot_count)
{
    struct names_slot *old = names->slot;
    size_t old_count = names->slot_count;
    struct names_slot *grown = calloc(slot_count, sizeof *grown);
    if (grown == NULL) return false;
    names->slot = grown;
    names->slot_count = slot_count;
    for (size_t i = 0; i < old_count; i++) {
        if (old[i].number != 0) put_slot(names, &old[i]);
    }
    free(old);
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
    if ((names->count + 1) * 5 > names->slot_count * 4 &&
        !rehash(names, names->slot_count == 0 ? 64 : names->slot_count * 2)) {
        return NAMES_NONE;
    }
    uint32_t number = (uint32_t)names->count++;
    uint32_t start = (uint32_t)names->pool_bytes;
    names->start[number] = start;
    if (bytes > 0) memcpy(names->pool + names->pool_bytes, text, bytes);
    names->pool[names->pool_bytes + bytes] = '\0';
    names->pool_bytes += bytes + 1;
    if (bytes > 0) {
        put_slot(names, &(struct names_slot){number + 1, hash(names, text, bytes), start});
    }
    return number;
}

/* Empty slots, then all names into theirs. */
static void put_all(struct names *names)
{
    if (names->slot_count == 0) return;
    memset(names->slot, 0, names->slot_count * sizeof *names->slot);
    for (size_t n = 0; n < names->count; n++) {
        const char *text = names_text(names, (uint32_t)n);
        size_t bytes = strlen(text);
        if (bytes == 0) continue;
        put_slot(names,
                 &(struct names_slot){(uint32_t)n + 1, hash(names, text, bytes), names->start[n]});
    }
}

void names_shrink(struct names *names, size_t count)
{
    if (count >= names->count) return;
    names->pool_bytes = names->start[count];
    names->count = count;
    put_all(names);
}

void names_forget(struct names *names, const uint32_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert(numbers[i] < names->count);
        char *text = names->pool + names->start[numbers[i]];
        memset(text, 0, strlen(text));
    }
    put_all(names);
}
