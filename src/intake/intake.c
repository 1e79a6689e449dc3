#include "intake/intake.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/time.h"

#define VALUE_SHOWN 60u /* bytes of a value in a sentence */

int intake_shown(const struct intake_row *row, size_t column)
{
    return (int)(row->bytes[column] < VALUE_SHOWN ? row->bytes[column] : VALUE_SHOWN);
}

wb_status intake_refuse(struct intake_taken *taken, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(taken->why, sizeof taken->why, format, arguments);
    va_end(arguments);
    taken->verdict = WB_REFUSED;
    return WB_EREFUSED;
}

wb_status intake_time(const struct intake *intake, const struct intake_row *row, size_t column,
                      const char *name, struct intake_taken *taken, int64_t *us)
{
    if (row->bytes[column] == 0) return WB_OK;
    switch (time_parse(row->at[column], row->bytes[column], intake->clock, us)) {
    case TIME_OK:
        return WB_OK;
    case TIME_AMBIGUOUS:
        taken->ambiguous_times++;
        return WB_OK;
    case TIME_BAD:
        break;
    }
    return intake_refuse(taken, "%s '%.*s' is not a time like 2016-07-15T08:30:00-04:00", name,
                         intake_shown(row, column), row->at[column]);
}

void intake_count(struct wb_summary *summary, wb_verdict verdict)
{
    switch (verdict) {
    case WB_ACCEPTED:
        summary->accepted++;
        break;
    case WB_DUPLICATE:
        summary->duplicates++;
        break;
    case WB_HELD:
        summary->held++;
        break;
    case WB_QUARANTINED:
        summary->quarantined++;
        break;
    case WB_REFUSED:
        summary->refused++;
        break;
    }
}
