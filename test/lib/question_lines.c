#include "question_lines.h"

#include <inttypes.h>
#include <stdlib.h>

void lines_add_where(struct lines *out, const struct where_line *where)
{
    char since[24];
    char last_seen[24];
    lines_add(out, "%s zone=%s since=%s last_seen=%s reader=%s last_zone=%s", where->person,
              where->zone, time_text(where->since_us, since),
              time_text(where->last_seen_us, last_seen), where->reader, where->last_zone);
}

void lines_add_stay(struct lines *out, const char *zone, const struct wb_stay *stay)
{
    char from[24];
    char until[24];
    char last_seen[24];
    lines_add(out, "%s from=%s until=%s last_seen=%s scans=%" PRIu32 "%s%s", zone,
              time_text(stay->from_us, from), time_text(stay->until_us, until),
              time_text(stay->last_seen_us, last_seen), stay->scans,
              stay->flags & WB_FLAG_AFTER_COMPLETE ? " after_complete" : "",
              stay->flags & WB_FLAG_UNSEEN_ENTRY ? " unseen_entry" : "");
}

void lines_add_company(struct lines *out, const char *person, const struct wb_company *company,
                       struct lines *zones)
{
    char *zones_text = lines_sorted(zones);
    for (char *c = zones_text; *c; c++)
        if (*c == '\n') *c = ';';
    lines_add(out, "%s together=%" PRId64 " first=%" PRId64 " last=%" PRId64 " zones=%s", person,
              company->together_us, company->first_us, company->last_us, zones_text);
    free(zones_text);
}

void lines_add_head_count(struct lines *out, const char *zone, uint32_t count, uint32_t direct)
{
    if (count || direct)
        lines_add(out, "zone %s count=%" PRIu32 " direct=%" PRIu32, zone, count, direct);
}
