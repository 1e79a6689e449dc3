/* Scans as an export has them: csv and ndjson that `import scans --trust-learnt` takes back. */
#include <string.h>

#include "answer/answer.h"
#include "base/list.h"
#include "base/time.h"

/* All of both ids may have to be escaped. */
#define ROW_BYTES_MAX (4 * WB_ID_BYTES_MAX + 2 * TIME_TEXT_MAX + 96u)

static const char HEAD[] = "time,band,reader,direction,learnt\n";

static const char *const directions[] = {[WB_NO_DIRECTION] = "", [WB_IN] = "in", [WB_OUT] = "out"};

static char *put(char *at, const char *text)
{
    while (*text != '\0')
        *at++ = *text++;
    return at;
}

/* An id has no line breaks. Readers of csv may cut blanks at its ends. */
static bool is_plain(const char *id)
{
    size_t bytes = strlen(id);
    return strpbrk(id, "\",") == NULL && id[0] != ' ' && (bytes == 0 || id[bytes - 1] != ' ');
}

static char *put_csv_id(char *at, const char *id)
{
    if (is_plain(id)) return put(at, id);
    *at++ = '"';
    for (; *id != '\0'; id++) {
        if (*id == '"') *at++ = '"';
        *at++ = *id;
    }
    *at++ = '"';
    return at;
}

/* An id is UTF-8 without control characters. */
static char *put_json_id(char *at, const char *id)
{
    *at++ = '"';
    for (; *id != '\0'; id++) {
        if (*id == '"' || *id == '\\') *at++ = '\\';
        *at++ = *id;
    }
    *at++ = '"';
    return at;
}

static char *put_time(char *at, int64_t us)
{
    return at + time_format(us, at);
}

static char *put_csv(char *at, const struct wb *wb, const struct wb_scan *scan)
{
    at = put_time(at, scan->at_us);
    *at++ = ',';
    at = put_csv_id(at, wb_band_id(wb, scan->band));
    *at++ = ',';
    at = put_csv_id(at, wb_reader_id(wb, scan->reader));
    *at++ = ',';
    at = put(at, directions[scan->direction]);
    *at++ = ',';
    at = put_time(at, scan->learnt_us);
    *at++ = '\n';
    return at;
}

static char *put_ndjson(char *at, const struct wb *wb, const struct wb_scan *scan)
{
    at = put(at, "{\"time\":\"");
    at = put_time(at, scan->at_us);
    at = put(at, "\",\"band\":");
    at = put_json_id(at, wb_band_id(wb, scan->band));
    at = put(at, ",\"reader\":");
    at = put_json_id(at, wb_reader_id(wb, scan->reader));
    at = put(at, ",\"direction\":");
    if (scan->direction == WB_NO_DIRECTION) {
        at = put(at, "null");
    } else {
        *at++ = '"';
        at = put(at, directions[scan->direction]);
        *at++ = '"';
    }
    at = put(at, ",\"learnt\":\"");
    at = put_time(at, scan->learnt_us);
    return put(at, "\"}\n");
}

wb_status answer_scans_head(enum answer_scans_form form, struct answer_rows *rows)
{
    if (form != ANSWER_SCANS_CSV) return WB_OK;
    if (!LIST_ROOM(rows, sizeof HEAD)) return WB_ENOMEM;
    rows->count = (size_t)(put(rows->at + rows->count, HEAD) - rows->at);
    return WB_OK;
}

wb_status answer_scans(const struct wb *wb, const struct wb_scan *scans, size_t count,
                       enum answer_scans_form form, struct answer_rows *rows)
{
    for (size_t i = 0; i < count; i++) {
        if (!LIST_ROOM(rows, ROW_BYTES_MAX)) return WB_ENOMEM;
        char *at = rows->at + rows->count;
        at = form == ANSWER_SCANS_CSV ? put_csv(at, wb, &scans[i]) : put_ndjson(at, wb, &scans[i]);
        rows->count = (size_t)(at - rows->at);
    }
    return WB_OK;
}
