#include "base/zone_rule.h"

#include <string.h>

#include "base/time.h"

#define DAY_S INT64_C(86400)

/* What of the text is not read yet. */
struct rest {
    const char *at;
    size_t bytes;
};

static char peek(const struct rest *rest)
{
    return rest->bytes > 0 ? rest->at[0] : '\0';
}

static bool take(struct rest *rest, char wanted)
{
    if (rest->bytes == 0 || rest->at[0] != wanted) return false;
    rest->at++;
    rest->bytes--;
    return true;
}

static bool take_number(struct rest *rest, uint32_t least, uint32_t most, uint32_t *out)
{
    uint32_t value = 0;
    size_t digits = 0;
    while (peek(rest) >= '0' && peek(rest) <= '9') {
        value = value * 10 + (uint32_t)(peek(rest) - '0');
        if (value > most) return false;
        rest->at++;
        rest->bytes--;
        digits++;
    }
    if (digits == 0 || value < least) return false;
    *out = value;
    return true;
}

/* [+-]hh[:mm[:ss]] */
static bool take_hours(struct rest *rest, uint32_t most_hours, int32_t *seconds)
{
    bool minus = take(rest, '-');
    if (!minus) (void)take(rest, '+');
    uint32_t hours = 0;
    uint32_t minutes = 0;
    uint32_t odd = 0;
    if (!take_number(rest, 0, most_hours, &hours)) return false;
    if (take(rest, ':')) {
        if (!take_number(rest, 0, 59, &minutes)) return false;
        if (take(rest, ':') && !take_number(rest, 0, 59, &odd)) return false;
    }
    int32_t value = (int32_t)(hours * 3600 + minutes * 60 + odd);
    *seconds = minus ? -value : value;
    return true;
}

/* A name, three letters or more, or anything between < and >. Nobody needs it. */
static bool pass_name(struct rest *rest)
{
    if (take(rest, '<')) {
        const char *close = memchr(rest->at, '>', rest->bytes);
        if (close == NULL) return false;
        size_t name_bytes = (size_t)(close - rest->at);
        rest->at += name_bytes + 1;
        rest->bytes -= name_bytes + 1;
        return name_bytes >= 3;
    }
    size_t letters = 0;
    while ((peek(rest) >= 'A' && peek(rest) <= 'Z') || (peek(rest) >= 'a' && peek(rest) <= 'z')) {
        rest->at++;
        rest->bytes--;
        letters++;
    }
    return letters >= 3;
}

static bool take_day(struct rest *rest, struct zone_rule_date *date)
{
    if (take(rest, 'M')) {
        date->kind = ZONE_RULE_WEEK;
        return take_number(rest, 1, 12, &date->month) && take(rest, '.') &&
               take_number(rest, 1, 5, &date->week) && take(rest, '.') &&
               take_number(rest, 0, 6, &date->day);
    }
    if (take(rest, 'J')) {
        date->kind = ZONE_RULE_JULIAN;
        return take_number(rest, 1, 365, &date->day);
    }
    date->kind = ZONE_RULE_DAY;
    return take_number(rest, 0, 365, &date->day);
}

static bool take_date(struct rest *rest, struct zone_rule_date *date)
{
    *date = (struct zone_rule_date){.time_s = 2 * 3600};
    if (!take(rest, ',') || !take_day(rest, date)) return false;
    return !take(rest, '/') || take_hours(rest, 167, &date->time_s);
}

bool zone_rule_parse(const char *text, size_t bytes, struct zone_rule *out)
{
    struct rest rest = {text, bytes};
    struct zone_rule rule = {0};
    int32_t west_s = 0;
    if (!pass_name(&rest) || !take_hours(&rest, 24, &west_s)) return false;
    rule.standard_s = -west_s;
    rule.summer_s = rule.standard_s + 3600;

    if (rest.bytes > 0) {
        if (!pass_name(&rest)) return false;
        if (peek(&rest) != ',') {
            if (!take_hours(&rest, 24, &west_s)) return false;
            rule.summer_s = -west_s;
        }
        rule.changes = true;
        if (!take_date(&rest, &rule.summer_begins)) return false;
        if (!take_date(&rest, &rule.summer_ends)) return false;
    }
    if (rest.bytes > 0) return false;
    *out = rule;
    return true;
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* The first of the month's weekday, then whole weeks on, but not beyond the month. */
static int64_t day_of_week(const struct zone_rule_date *date, int64_t year)
{
    int64_t first = time_days_from_civil(year, date->month, 1);
    int64_t next_month = date->month == 12 ? time_days_from_civil(year + 1, 1, 1)
                                           : time_days_from_civil(year, date->month + 1, 1);
    int64_t weekday = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday, 4 */
    int64_t day = first + ((int64_t)date->day - weekday + 7) % 7 + ((int64_t)date->week - 1) * 7;
    return day < next_month ? day : day - 7;
}

static int64_t moment(const struct zone_rule_date *date, int64_t year, int32_t offset_s)
{
    int64_t day = 0;
    switch (date->kind) {
    case ZONE_RULE_JULIAN:
        day = time_days_from_civil(year, 1, 1) + (int64_t)date->day - 1;
        if (is_leap(year) && date->day > 31 + 28) day++;
        break;
    case ZONE_RULE_DAY:
        day = time_days_from_civil(year, 1, 1) + (int64_t)date->day;
        break;
    case ZONE_RULE_WEEK:
        day = day_of_week(date, year);
        break;
    }
    return day * DAY_S + date->time_s - offset_s;
}

int64_t zone_rule_summer_begins(const struct zone_rule *rule, int64_t year)
{
    return moment(&rule->summer_begins, year, rule->standard_s);
}

int64_t zone_rule_summer_ends(const struct zone_rule *rule, int64_t year)
{
    return moment(&rule->summer_ends, year, rule->summer_s);
}
