#include <string.h>

#include "codec/csv.h"

static bool same(const char *a, size_t a_bytes, const char *b, size_t b_bytes)
{
    return a_bytes == b_bytes && memcmp(a, b, a_bytes) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* How often a name stands in the header; index: where last. */
static size_t name_find(const struct csv_row *header, const char *name, size_t name_bytes,
                        int *index)
{
    size_t found = 0;
    for (size_t i = 0; i < header->count; i++) {
        const char *text = header->field[i];
        size_t bytes = header->bytes[i];
        while (bytes > 0 && is_blank(text[bytes - 1]))
            bytes--;
        while (bytes > 0 && is_blank(text[0])) {
            text++;
            bytes--;
        }
        if (!same(text, bytes, name, name_bytes)) continue;
        *index = (int)i;
        found++;
    }
    return found;
}

enum csv_header_result csv_header(const struct csv_row *header, struct csv_column *columns,
                                  size_t count, const struct csv_column **which)
{
    for (size_t i = 0; i < count; i++) {
        struct csv_column *column = &columns[i];
        bool renamed = column->file_name != NULL;
        const char *name = renamed ? column->file_name : column->name;
        size_t name_bytes = renamed ? column->file_name_bytes : strlen(column->name);
        column->index = -1;
        size_t found = name_find(header, name, name_bytes, &column->index);
        if (found == 1 || (found == 0 && !column->required && !renamed)) continue;
        *which = column;
        return found == 0 ? CSV_HEADER_MISSING : CSV_HEADER_TWICE;
    }
    return CSV_HEADER_OK;
}

/* Take one rename, name=file's name. */
static bool rename_one(const char *text, size_t bytes, struct csv_column *columns, size_t count)
{
    const char *equals = memchr(text, '=', bytes);
    if (equals == NULL) return false;
    size_t name_bytes = (size_t)(equals - text);
    size_t file_name_bytes = bytes - name_bytes - 1;
    if (file_name_bytes == 0) return false;
    for (size_t i = 0; i < count; i++) {
        struct csv_column *column = &columns[i];
        if (!same(text, name_bytes, column->name, strlen(column->name))) continue;
        if (column->file_name != NULL) return false;
        column->file_name = equals + 1;
        column->file_name_bytes = file_name_bytes;
        return true;
    }
    return false;
}

bool csv_rename(const char *text, struct csv_column *columns, size_t count, const char **bad,
                size_t *bad_bytes)
{
    for (;;) {
        size_t bytes = strcspn(text, ",");
        if (!rename_one(text, bytes, columns, count)) {
            *bad = text;
            *bad_bytes = bytes;
            return false;
        }
        if (text[bytes] == '\0') return true;
        text += bytes + 1;
    }
}

const char *csv_value(const struct csv_row *row, const struct csv_column *column, size_t *bytes)
{
    if (column->index < 0 || (size_t)column->index >= row->count) {
        *bytes = 0;
        return "";
    }
    *bytes = row->bytes[column->index];
    return row->field[column->index];
}
