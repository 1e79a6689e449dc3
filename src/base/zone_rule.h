/* zone_rule: when clocks change every year, as a POSIX TZ text says it: GMT0BST,M3.5.0/1,M10.5.0
 * (IEEE Std 1003.1, 8.3; hours up to ±167 by RFC 9636, 3.3.1). The footer of a TZif file. */
#ifndef BASE_ZONE_RULE_H
#define BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum zone_rule_kind {
    ZONE_RULE_JULIAN = 0, /* Jn: day 1 to 365 of a year without its leap day */
    ZONE_RULE_DAY = 1,    /* n: day 0 to 365 of the year */
    ZONE_RULE_WEEK = 2,   /* Mm.w.d: weekday d (0 Sunday) of week w (5: the last) of month m */
};

struct zone_rule_date {
    enum zone_rule_kind kind;
    uint32_t day; /* n of Jn and n; d of Mm.w.d */
    uint32_t month, week;
    int32_t time_s; /* after that day's midnight by the wall clock before the change */
};

struct zone_rule {
    int32_t standard_s; /* offset, seconds east of UTC */
    int32_t summer_s;
    bool changes; /* without: standard_s all year */
    struct zone_rule_date summer_begins, summer_ends;
};

/* Read a rule. false: not one. */
bool zone_rule_parse(const char *text, size_t bytes, struct zone_rule *out);

/* The two moments of a year at which clocks change, seconds since 1970-01-01 UTC. */
int64_t zone_rule_summer_begins(const struct zone_rule *rule, int64_t year);
int64_t zone_rule_summer_ends(const struct zone_rule *rule, int64_t year);

#endif
