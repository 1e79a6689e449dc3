/* texts: texts numbered from 0 in the order in which they came. */
#ifndef TEST_LIB_TEXTS_H
#define TEST_LIB_TEXTS_H

#include <stddef.h>

struct texts {
    char **text;
    size_t count, capacity;
    int *slot; /* hash table: number + 1, 0 where free */
    size_t slot_count;
};

/* The number of a text, taken in if it is new. */
int texts_add(struct texts *texts, const char *text);

/* The number of a text; -1 if it is not there. */
int texts_find(const struct texts *texts, const char *text);

/* Give a number a text that nothing is found by: "\x01" and the number. */
void texts_forget(struct texts *texts, int number);

/* Accepts a zeroed table. */
void texts_done(struct texts *texts);

#endif
