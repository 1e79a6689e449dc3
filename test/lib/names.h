/* names: texts numbered from 0 in the order in which they came. */
#ifndef TEST_LIB_NAMES_H
#define TEST_LIB_NAMES_H

#include <stddef.h>

struct names {
    char **text;
    size_t count, capacity;
    int *slot; /* hash table: number + 1, 0 where free */
    size_t slot_count;
};

/* The number of a text, taken in if it is new. */
int names_add(struct names *names, const char *text);

/* The number of a text; -1 if it is not there. */
int names_find(const struct names *names, const char *text);

/* Accepts a zeroed table. */
void names_done(struct names *names);

#endif
