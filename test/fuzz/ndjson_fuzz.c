/* Any bytes: each line judged as jansson judges it, and the same lines in small pieces. */
#include <assert.h>

#include "unit/codec/feed.h"
#include "unit/codec/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static size_t lines_read(const uint8_t *data, size_t bytes, size_t piece_bytes)
{
    struct feed feed = {(const char *)data, bytes, piece_bytes, false};
    struct ndjson ndjson;
    struct ndjson_scan scan;
    size_t good = 0;
    uint64_t last_line = 0;
    if (!ndjson_open(&ndjson, feed_fill, &feed)) return 0;
    while (ndjson_next(&ndjson, &scan)) {
        assert(scan.line > last_line);
        last_line = scan.line;
        assert((scan.fault == NULL) == (scan.reader.at != NULL));
        good += scan.fault == NULL;
    }
    ndjson_done(&ndjson);
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    size_t piece_bytes = bytes > 0 ? 1 + data[bytes - 1] % 16 : 1;
    assert(lines_read(data, bytes, 0) == lines_read(data, bytes, piece_bytes));

    const char *at = (const char *)data;
    size_t left = bytes;
    while (left > 0) {
        const char *feed = memchr(at, '\n', left);
        size_t line_bytes = feed != NULL ? (size_t)(feed - at) : left;
        assert(judge(at, line_bytes) != VERDICT_DIFFERS);
        size_t passed = line_bytes + (feed != NULL ? 1 : 0);
        at += passed;
        left -= passed;
    }
    return 0;
}
