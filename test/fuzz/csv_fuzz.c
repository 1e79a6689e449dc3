/* Any bytes, whole and in small pieces: the same rows, all of them inside the bounds. */
#include <assert.h>
#include <stdbool.h>

#include "codec/csv.h"
#include "unit/codec/feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* FNV-1a over all that is handed out. */
static uint64_t mixed(uint64_t hash, const void *data, size_t bytes)
{
    const unsigned char *at = data;
    for (size_t i = 0; i < bytes; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t row_mixed(uint64_t hash, const struct csv_row *row)
{
    hash = mixed(hash, &row->line, sizeof row->line);
    hash = mixed(hash, &row->fault, sizeof row->fault);
    for (size_t i = 0; i < row->count; i++) {
        hash = mixed(hash, row->field[i], row->bytes[i]);
        hash = mixed(hash, &row->bytes[i], sizeof row->bytes[i]);
    }
    return hash;
}

static bool row_is_sound(const struct csv_row *row)
{
    if (row->fault != NULL) return row->count == 0;
    return row->count >= 1 && row->count <= CSV_FIELDS_MAX;
}

static uint64_t rows_read(const uint8_t *data, size_t bytes, size_t piece_bytes)
{
    struct feed feed = {(const char *)data, bytes, piece_bytes, false};
    struct csv csv;
    struct csv_row row;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    uint64_t last_line = 0;
    if (!csv_open(&csv, feed_fill, &feed)) return 0;
    while (csv_next(&csv, &row)) {
        assert(row.line > last_line);
        assert(row_is_sound(&row));
        last_line = row.line;
        hash = row_mixed(hash, &row);
    }
    assert(!csv_failed(&csv));
    csv_done(&csv);
    return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    size_t piece_bytes = bytes > 0 ? 1 + data[bytes - 1] % 16 : 1;
    assert(rows_read(data, bytes, 0) == rows_read(data, bytes, piece_bytes));
    return 0;
}
