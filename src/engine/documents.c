/* Documents of the host: the plan of the site, the list of purposes. */
#include <stdlib.h>
#include <string.h>

#include "engine/kept.h"

#define DOCUMENT_BYTES_MAX (16u << 20)

wb_status wb_document_put(struct wb *wb, const char *name, const void *data, size_t bytes)
{
    if (!kept_text_fits(name, 1, KEPT_NAME_BYTES_MAX) || bytes > DOCUMENT_BYTES_MAX) {
        return WB_EINVAL;
    }
    struct cell cells[] = {CELL_OF_TEXT(name, strlen(name)), CELL_OF_BLOB(data, bytes)};
    return bytes == 0 ? kept_put(wb, DOCUMENT_DROP, cells, 1)
                      : kept_put(wb, DOCUMENT_PUT, cells, 2);
}

struct document_copy {
    char *at;
    size_t bytes;
};

static wb_status copy_document(void *context, const struct cell *cells)
{
    struct document_copy *copy = context;
    copy->at = malloc(cells[0].bytes + 1);
    if (copy->at == NULL) return WB_ENOMEM;
    memcpy(copy->at, cells[0].data, cells[0].bytes);
    copy->at[cells[0].bytes] = '\0';
    copy->bytes = cells[0].bytes;
    return WB_OK;
}

wb_status wb_document(struct wb *wb, const char *name, char **out, size_t *bytes)
{
    if (!kept_text_fits(name, 1, KEPT_NAME_BYTES_MAX)) return WB_ENOENT;
    struct cell cell = CELL_OF_TEXT(name, strlen(name));
    struct document_copy copy = {0};
    TRY(kept_each(wb, DOCUMENT_GET, &cell, 1, copy_document, &copy));
    if (copy.at == NULL) return WB_ENOENT;
    *out = copy.at;
    *bytes = copy.bytes;
    return WB_OK;
}
