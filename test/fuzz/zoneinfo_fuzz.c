/* Any bytes as a TZif file: refused, or a zone that can be asked anything. */
#include <assert.h>

#include "base/time.h"
#include "base/time_zone.h"
#include "base/zoneinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct time_zone *zone = NULL;
    if (zoneinfo_parse(data, bytes, &zone) != ZONEINFO_OK) return 0;

    for (int64_t at_s = TIME_EARLIEST_S; at_s <= TIME_LATEST_S; at_s += INT64_C(1234567890)) {
        int64_t utc_s = 0;
        int32_t offset_s = time_zone_offset(zone, at_s);
        assert(offset_s >= -93600 && offset_s <= 93600);
        (void)time_zone_from_local(zone, at_s, &utc_s);
        assert(utc_s - at_s >= -93600 && utc_s - at_s <= 93600);
        (void)time_local_midnight(at_s * TIME_SECOND_US, zone);
        if (time_zone_last_change(zone, at_s, &utc_s)) assert(utc_s <= at_s);
    }
    time_zone_free(zone);
    return 0;
}
