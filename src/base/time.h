/* time: moments as text and back.
 *
 * Moments are microseconds since 1970-01-01 UTC. Input is RFC 3339, a little wider (a space
 * may stand for the T, the offset may be left out where a time zone is known). Output is
 * RFC 3339 in UTC. Pure: no clock, no locale, no allocation. */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <stddef.h>
#include <stdint.h>

struct time_zone; /* base/time_zone.h */

enum time_result {
    TIME_OK = 0,
    TIME_AMBIGUOUS = 1, /* local and at a change of clocks: *us is set by RFC 5545, 3.3.5 */
    TIME_BAD = 2,       /* not a time; *us is untouched */
};

#define TIME_TEXT_MAX   32               /* bytes that any text of a moment fits in, with its NUL */
#define TIME_SECOND_US  INT64_C(1000000) /* microseconds of a second */
#define TIME_EARLIEST_S INT64_C(-62167219200) /* 0000-01-01T00:00:00Z, seconds since 1970 */
#define TIME_LATEST_S   INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* Read a moment: 2016-07-15T08:30:00.25-04:00.
 *
 *   text   [bytes], the time and nothing else; offset `Z` or up to ±23:59; digits of the
 *          fraction after the sixth are cut
 *   zone   reads a time without an offset: one that occurs twice is the first, one that does
 *          not occur takes the offset before the gap. NULL: an offset is required
 *   leap   23:59:60 UTC at the end of a month is the first second of the next minute
 *   cost   some 20 ns with an offset, some 40 ns through a zone
 *   errors TIME_BAD also for a moment whose year in UTC is not 0000 to 9999 */
enum time_result time_parse(const char *text, size_t bytes, const struct time_zone *zone,
                            int64_t *us);

/* Write a moment: 2016-07-15T12:30:00.25Z. Fraction only when not zero, trailing zeros cut.
 * Beyond the years 0000 to 9999 it is the first or last moment of them.
 * Returns the bytes written, without the NUL that ends them. */
size_t time_format(int64_t us, char out[TIME_TEXT_MAX]);

/* Write the wall clock of a zone, for tables and plots: 2016-07-15 08:30:00. No fraction, no
 * offset. zone NULL: UTC. Returns and clamps as time_format. */
size_t time_local_text(int64_t us, const struct time_zone *zone, char out[TIME_TEXT_MAX]);

/* A wall clock reading in the proleptic Gregorian calendar. */
struct time_civil {
    int32_t year;
    uint8_t month, day; /* from 1 */
    uint8_t hour, minute, second;
    uint32_t microsecond;
};

/* The wall clock of a zone at a moment (zone NULL: UTC). Any moment will do. */
struct time_civil time_civil_at(int64_t us, const struct time_zone *zone);

/* The moment at which the local day that holds a moment began. Where clocks skip midnight it
 * is the moment of the skip. us: in the years 0000 to 9999. */
int64_t time_local_midnight(int64_t us, const struct time_zone *zone);

/* Days from 1970-01-01 to a date. month: 1 to 12; day: any, counted from the month's first. */
int64_t time_days_from_civil(int64_t year, uint32_t month, uint32_t day);

#endif
