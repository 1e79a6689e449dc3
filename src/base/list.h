/* list: arrays that grow. Any struct with `at`, `count` and `capacity` is a list; zeroed is empty.
 * Growing may fail; nothing is lost then. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* Make room for `needed` items of item_bytes at *at. cost: amortised O(1) an item.
 * Returns false when memory is used up; *at and *capacity are as they were. */
__attribute__((warn_unused_result)) bool list_reserve(void **at, size_t *capacity, size_t needed,
                                                      size_t item_bytes);

/* Reserve room for `more` further items. */
#define LIST_ROOM(list, more)                                                      \
    ((list)->count + (more) <= (list)->capacity ||                                 \
     list_reserve((void **)&(list)->at, &(list)->capacity, (list)->count + (more), \
                  sizeof *(list)->at))

/* Append one item; false when memory is used up. */
#define LIST_PUSH(list, ...) \
    (LIST_ROOM(list, 1) && ((list)->at[(list)->count++] = __VA_ARGS__, true))

/* Free the memory; the list is empty afterwards. */
#define LIST_DONE(list) \
    (list_free((list)->at), (list)->at = NULL, (list)->count = (list)->capacity = 0)

void list_free(void *at);

#endif
