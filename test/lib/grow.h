/* grow: make room in a growing array of a test. */
#ifndef TEST_LIB_GROW_H
#define TEST_LIB_GROW_H

#include <stddef.h>

/* Return the array with room for `needed` elements of `each` bytes; stops the program when
 * memory is used up.
 *
 *   capacity  elements that there is room for; updated */
void *make_room(void *array, size_t *capacity, size_t needed, size_t each);

#endif
