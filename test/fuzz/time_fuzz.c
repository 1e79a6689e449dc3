/* Any bytes as a time, a duration, a rule of clocks, a band; what is read is written and read
 * again. */
#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/chip.h"
#include "base/duration.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "base/zone_rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* A small zone: an hour forward at 1,000,000 s, half an hour back at 2,000,000 s. */
static struct time_zone *small_zone(void)
{
    struct time_zone *zone = time_zone_new(-18000, 2);
    if (zone == NULL) return NULL;
    time_zone_add(zone, 1000000, -14400);
    time_zone_add(zone, 2000000, -16200);
    return zone;
}

static void written_and_read(int64_t us)
{
    char text[TIME_TEXT_MAX];
    int64_t back_us = 0;
    size_t bytes = time_format(us, text);
    assert(bytes < sizeof text && strlen(text) == bytes);
    enum time_result result = time_parse(text, bytes, NULL, &back_us);
    assert(result == TIME_OK && back_us == us);
    assert(time_local_midnight(us, NULL) <= us);
}

static void as_a_time(const char *text, size_t bytes)
{
    int64_t us = 0;
    int64_t local_us = 0;
    enum time_result result = time_parse(text, bytes, NULL, &us);
    assert(result != TIME_AMBIGUOUS);
    if (result == TIME_OK) written_and_read(us);

    struct time_zone *zone = small_zone();
    if (zone == NULL) return;
    enum time_result local = time_parse(text, bytes, zone, &local_us);
    if (result == TIME_OK) assert(local == TIME_OK && local_us == us);
    if (local != TIME_BAD) {
        written_and_read(local_us);
        (void)time_local_text(local_us, zone, (char[TIME_TEXT_MAX]){0});
    }
    time_zone_free(zone);
}

static void as_a_rule(const char *text, size_t bytes)
{
    struct zone_rule rule;
    if (!zone_rule_parse(text, bytes, &rule) || !rule.changes) return;
    /* In its year, but for 167 hours, an offset and a day. */
    const int64_t slack_s = INT64_C(86400) * 9;
    int64_t begins_s = zone_rule_summer_begins(&rule, 2016);
    int64_t ends_s = zone_rule_summer_ends(&rule, 2016);
    int64_t year_s = time_days_from_civil(2016, 1, 1) * 86400 - slack_s;
    int64_t next_year_s = time_days_from_civil(2017, 1, 1) * 86400 + slack_s;
    assert(begins_s > year_s && begins_s < next_year_s);
    assert(ends_s > year_s && ends_s < next_year_s);
}

static void as_a_duration(const char *text, size_t bytes)
{
    int64_t us = 0;
    char written[DURATION_TEXT_MAX];
    bool plain = duration_parse(text, bytes, &us);
    assert(!plain || us >= 0);
    bool any = duration_parse_signed(text, bytes, &us);
    assert(any || !plain);
    if (any) assert(duration_format(us, written) > 1);
}

static void as_a_band(const char *text, size_t bytes)
{
    char canonical[WB_ID_BYTES_MAX];
    if (!id_is_valid(text, bytes)) return;
    size_t canonical_bytes = chip_canonical(text, bytes, canonical);
    assert(canonical_bytes <= bytes && id_is_valid(canonical, canonical_bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const char *text = (const char *)data;
    as_a_time(text, bytes);
    as_a_rule(text, bytes);
    as_a_duration(text, bytes);
    as_a_band(text, bytes);
    return 0;
}
