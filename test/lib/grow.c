#include "grow.h"

#include <stdio.h>
#include <stdlib.h>

void *make_room(void *array, size_t *capacity, size_t needed, size_t each)
{
    if (needed <= *capacity) return array;
    size_t wanted = *capacity < 16 ? 16 : *capacity * 2;
    if (wanted < needed) wanted = needed;
    void *larger = realloc(array, wanted * each);
    if (!larger) {
        perror("test");
        abort();
    }
    *capacity = wanted;
    return larger;
}
