#include "base/time.h"

#include <assert.h>
#include <stdbool.h>

#include "base/time_zone.h"

#define DAY_S              INT64_C(86400)
#define CIVIL_BYTES        19u /* 2016-07-15T08:30:00 */
#define DAYS_OF_400_YEARS  146097
#define DAYS_TO_1970       719468 /* from 0000-03-01 */
#define LAST_MINUTE_SECOND 59u

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t quotient = a / b;
    return a % b < 0 ? quotient - 1 : quotient;
}

/* ---- The calendar ------------------------------------------------------------------- */
/* Years are counted from March, so that the leap day is the last one, and in eras of 400
 * years, after which the calendar repeats (H. Hinnant, "chrono-compatible low-level date
 * algorithms"). */

int64_t time_days_from_civil(int64_t year, uint32_t month, uint32_t day)
{
    assert(month >= 1 && month <= 12);

    int64_t march_year = month <= 2 ? year - 1 : year;
    int64_t era = floor_div(march_year, 400);
    uint32_t year_of_era = (uint32_t)(march_year - era * 400);
    uint32_t month_from_march = month > 2 ? month - 3 : month + 9;
    uint32_t day_of_year = (153 * month_from_march + 2) / 5;
    uint32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_OF_400_YEARS + (int64_t)day_of_era + (int64_t)day - 1 - DAYS_TO_1970;
}

static struct time_civil civil_from_days(int64_t days)
{
    int64_t shifted = days + DAYS_TO_1970;
    int64_t era = floor_div(shifted, DAYS_OF_400_YEARS);
    uint32_t day_of_era = (uint32_t)(shifted - era * DAYS_OF_400_YEARS);
    uint32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint32_t month_from_march = (5 * day_of_year + 2) / 153;
    uint32_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    uint32_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    int64_t year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);
    return (struct time_civil){.year = (int32_t)year, .month = (uint8_t)month, .day = (uint8_t)day};
}

static uint32_t days_of_month(uint32_t year, uint32_t month)
{
    static const uint8_t days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month] + (uint32_t)(leap && month == 2);
}

/* ---- Text to moment ----------------------------------------------------------------- */

/* Two digits, or 100 where they are not two digits. */
static uint32_t two_digits(const char *text)
{
    uint32_t tens = (uint32_t)(unsigned char)text[0] - '0';
    uint32_t ones = (uint32_t)(unsigned char)text[1] - '0';
    return tens <= 9 && ones <= 9 ? tens * 10 + ones : 100;
}

/* Read date and time of day at text[CIVIL_BYTES], as seconds as if in UTC. A second of 60 is
 * read as 59 and reported in *leap. */
static bool civil_read(const char *text, int64_t *seconds, bool *leap)
{
    uint32_t century = two_digits(text);
    uint32_t year_of_century = two_digits(text + 2);
    uint32_t month = two_digits(text + 5);
    uint32_t day = two_digits(text + 8);
    uint32_t hour = two_digits(text + 11);
    uint32_t minute = two_digits(text + 14);
    uint32_t second = two_digits(text + 17);
    char parting = text[10];

    if (text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':') return false;
    if (parting != 'T' && parting != 't' && parting != ' ') return false;
    if (century > 99 || year_of_century > 99 || month < 1 || month > 12) return false;
    uint32_t year = century * 100 + year_of_century;
    if (day < 1 || day > days_of_month(year, month)) return false;
    if (hour > 23 || minute > 59 || second > 60) return false;

    *leap = second == 60;
    if (*leap) second = LAST_MINUTE_SECOND;
    *seconds = time_days_from_civil(year, month, day) * DAY_S +
               (int64_t)(hour * 3600 + minute * 60 + second);
    return true;
}

/* Read `.` and digits at text[bytes]; what is after the sixth is cut. Returns the bytes read,
 * 0 where there is no fraction, bytes + 1 where the point has no digits. */
static size_t fraction_read(const char *text, size_t bytes, uint32_t *microsecond)
{
    static const uint32_t scale[7] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    if (bytes == 0 || text[0] != '.') return 0;

    uint32_t value = 0;
    size_t digits = 0;
    size_t at = 1;
    for (; at < bytes; at++) {
        uint32_t digit = (uint32_t)(unsigned char)text[at] - '0';
        if (digit > 9) break;
        if (digits == 6) continue;
        value = value * 10 + digit;
        digits++;
    }
    if (digits == 0) return bytes + 1;
    *microsecond = value * scale[digits];
    return at;
}

/* Read what is left: Z or ±hh:mm. */
static bool offset_read(const char *text, size_t bytes, int64_t *offset_s)
{
    if (bytes == 1 && (text[0] == 'Z' || text[0] == 'z')) {
        *offset_s = 0;
        return true;
    }
    if (bytes != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return false;
    uint32_t hours = two_digits(text + 1);
    uint32_t minutes = two_digits(text + 4);
    if (hours > 23 || minutes > 59) return false;
    int64_t east = (int64_t)hours * 3600 + (int64_t)minutes * 60;
    *offset_s = text[0] == '-' ? -east : east;
    return true;
}

/* Leap seconds are put in at the end of a month in UTC, and nowhere else (RFC 3339, 5.7). */
static bool begins_a_month(int64_t seconds)
{
    return seconds % DAY_S == 0 && civil_from_days(seconds / DAY_S).day == 1;
}

enum time_result time_parse(const char *text, size_t bytes, const struct time_zone *zone,
                            int64_t *us)
{
    int64_t civil_s = 0;
    bool leap = false;
    if (bytes < CIVIL_BYTES || !civil_read(text, &civil_s, &leap)) return TIME_BAD;

    uint32_t microsecond = 0;
    size_t at = CIVIL_BYTES + fraction_read(text + CIVIL_BYTES, bytes - CIVIL_BYTES, &microsecond);
    if (at > bytes) return TIME_BAD;

    enum time_result result = TIME_OK;
    int64_t seconds = civil_s;
    if (at < bytes) {
        int64_t offset_s = 0;
        if (!offset_read(text + at, bytes - at, &offset_s)) return TIME_BAD;
        seconds -= offset_s;
    } else {
        if (zone == NULL) return TIME_BAD;
        if (!time_zone_from_local(zone, civil_s, &seconds)) result = TIME_AMBIGUOUS;
    }
    if (leap && !begins_a_month(++seconds)) return TIME_BAD;
    if (seconds < TIME_EARLIEST_S || seconds > TIME_LATEST_S) return TIME_BAD;

    *us = seconds * TIME_SECOND_US + microsecond;
    return result;
}

/* ---- Moment to text ----------------------------------------------------------------- */

struct time_civil time_civil_at(int64_t us, const struct time_zone *zone)
{
    int64_t seconds = floor_div(us, TIME_SECOND_US);
    int64_t rest_us = us % TIME_SECOND_US;
    uint32_t microsecond = (uint32_t)(rest_us < 0 ? rest_us + TIME_SECOND_US : rest_us);
    if (zone != NULL) seconds += time_zone_offset(zone, seconds);

    int64_t days = floor_div(seconds, DAY_S);
    uint32_t of_day = (uint32_t)(seconds - days * DAY_S);
    struct time_civil civil = civil_from_days(days);
    civil.hour = (uint8_t)(of_day / 3600);
    civil.minute = (uint8_t)(of_day / 60 % 60);
    civil.second = (uint8_t)(of_day % 60);
    civil.microsecond = microsecond;
    return civil;
}

int64_t time_local_midnight(int64_t us, const struct time_zone *zone)
{
    int64_t seconds = floor_div(us, TIME_SECOND_US);
    assert(seconds >= TIME_EARLIEST_S && seconds <= TIME_LATEST_S);
    if (zone == NULL) return floor_div(seconds, DAY_S) * DAY_S * TIME_SECOND_US;

    int64_t local_s = seconds + time_zone_offset(zone, seconds);
    int64_t midnight_local_s = floor_div(local_s, DAY_S) * DAY_S;
    int64_t midnight_s = 0;
    (void)time_zone_from_local(zone, midnight_local_s, &midnight_s);
    if (midnight_s + time_zone_offset(zone, midnight_s) != midnight_local_s) {
        /* Midnight was skipped: the day began when the clocks were moved. */
        (void)time_zone_last_change(zone, midnight_s, &midnight_s);
    }
    return midnight_s * TIME_SECOND_US;
}

static char *put_digits(char *out, uint32_t value, size_t digits)
{
    for (size_t i = digits; i > 0; i--) {
        out[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + digits;
}

static char *put_civil(char *out, const struct time_civil *civil, char parting)
{
    out = put_digits(out, (uint32_t)civil->year, 4);
    *out++ = '-';
    out = put_digits(out, civil->month, 2);
    *out++ = '-';
    out = put_digits(out, civil->day, 2);
    *out++ = parting;
    out = put_digits(out, civil->hour, 2);
    *out++ = ':';
    out = put_digits(out, civil->minute, 2);
    *out++ = ':';
    return put_digits(out, civil->second, 2);
}

/* What can be written with four digits of year. */
static struct time_civil clamped(struct time_civil civil)
{
    if (civil.year < 0) return (struct time_civil){.year = 0, .month = 1, .day = 1};
    if (civil.year > 9999) {
        return (struct time_civil){.year = 9999,
                                   .month = 12,
                                   .day = 31,
                                   .hour = 23,
                                   .minute = 59,
                                   .second = LAST_MINUTE_SECOND,
                                   .microsecond = 999999};
    }
    return civil;
}

size_t time_format(int64_t us, char out[TIME_TEXT_MAX])
{
    struct time_civil civil = clamped(time_civil_at(us, NULL));
    char *end = put_civil(out, &civil, 'T');
    if (civil.microsecond != 0) {
        *end++ = '.';
        end = put_digits(end, civil.microsecond, 6);
        while (end[-1] == '0')
            end--;
    }
    *end++ = 'Z';
    *end = '\0';
    return (size_t)(end - out);
}

size_t time_local_text(int64_t us, const struct time_zone *zone, char out[TIME_TEXT_MAX])
{
    struct time_civil civil = clamped(time_civil_at(us, zone));
    char *end = put_civil(out, &civil, ' ');
    *end = '\0';
    return (size_t)(end - out);
}
