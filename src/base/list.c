#include "base/list.h"

#include <stdint.h>
#include <stdlib.h>

bool list_reserve(void **at, size_t *capacity, size_t needed, size_t item_bytes)
{
    if (needed <= *capacity) return true;

    size_t grown = *capacity + *capacity / 2 + 8;
    if (grown < needed) grown = needed;
    if (grown > SIZE_MAX / item_bytes) return false;
    void *moved = realloc(*at, grown * item_bytes);
    if (moved == NULL) return false;
    *at = moved;
    *capacity = grown;
    return true;
}

void list_free(void *at)
{
    free(at);
}
