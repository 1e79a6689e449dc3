/* Any bytes as a TZif file: refused, or a zone that can be asked anything. */
#include <assert.h>
#include <stdbool.h>

#include "base/time.h"
#include "base/time_zone.h"
#include "base/zoneinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static bool within_26_hours(int64_t span_s)
{
    return span_s >= -93600 && span_s <= 93600;
}

static void ask(const struct time_zone *zone, int64_t at_s)
{
    int64_t found_s = at_s;
    (void)time_zone_from_local(zone, at_s, &found_s);
    assert(within_26_hours(found_s - at_s));
    assert(within_26_hours(time_zone_offset(zone, at_s)));
    (void)time_local_midnight(at_s * TIME_SECOND_US, zone);
    found_s = at_s;
    (void)time_zone_last_change(zone, at_s, &found_s);
    assert(found_s <= at_s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct time_zone *zone = NULL;
    if (zoneinfo_parse(data, bytes, &zone) != ZONEINFO_OK) return 0;
    for (int64_t at_s = TIME_EARLIEST_S; at_s <= TIME_LATEST_S; at_s += INT64_C(1234567890))
        ask(zone, at_s);
    time_zone_free(zone);
    return 0;
}
