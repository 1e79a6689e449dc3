/* names: texts and the small numbers that stand for them, both ways.
 *
 * Numbers count from 0 in the order in which names were added and are never given twice.
 * Keyed by what strangers choose, so the hash is SipHash-2-4 (Aumasson, Bernstein 2012). */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAMES_NONE UINT32_MAX

/* What is compared before the text is: a look-up that finds reads one slot and one text. */
struct names_slot {
    uint32_t number; /* + 1; 0: empty */
    uint32_t hash;   /* its low half */
    uint32_t start;  /* of the text in the pool */
};

struct names {
    char *pool; /* the texts, each ended by NUL */
    size_t pool_bytes, pool_capacity;
    uint32_t *start; /* [count]: where in the pool */
    size_t count, start_capacity;
    struct names_slot *slot; /* [slot_count], a power of two */
    size_t slot_count;
    uint8_t key[16];
};

void names_done(struct names *names);

/* The number of a text; NAMES_NONE without one. cost: one hash */
uint32_t names_find(const struct names *names, const char *text, size_t bytes);

/* Add a text that is not there yet; "" is added without being findable. NAMES_NONE: no memory. */
uint32_t names_add(struct names *names, const char *text, size_t bytes);

/* Forget what some numbers stand for; each is "" from now on and not found. Nothing of the texts
 * stays in memory. cost: all names are put in their places again */
void names_forget(struct names *names, const uint32_t *numbers, size_t count);

/* Drop the newest names, down to `count` of them. */
void names_shrink(struct names *names, size_t count);

static inline const char *names_text(const struct names *names, uint32_t number)
{
    return names->pool + names->start[number];
}

#endif
