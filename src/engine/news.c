/* News: whom the last turn says something about, for those who watch. */
#include "engine/engine.h"

void news_clear(struct wb *wb)
{
    wb->news.moved.count = 0;
    wb->news.changed.count = 0;
    wb->news.changed_from_us = WB_STILL_THERE;
}

wb_status news_of_change(struct wb *wb, const struct placed *placed)
{
    if (!owner_counts(wb, placed->owner)) return WB_OK;
    if (placed->scan.at_us < wb->news.changed_from_us) {
        wb->news.changed_from_us = placed->scan.at_us;
    }
    wb_person person = {placed->owner};
    return LIST_PUSH(&wb->news.changed, person) ? WB_OK : engine_no_memory(wb);
}

wb_status news_of_scan(struct wb *wb, const struct tail_scan *scan)
{
    if (!owner_counts(wb, scan->owner)) return WB_OK;
    wb_person person = {scan->owner};
    if (!wb->owners.at[scan->owner].stale) {
        return LIST_PUSH(&wb->news.moved, person) ? WB_OK : engine_no_memory(wb);
    }
    if (scan->at_us < wb->news.changed_from_us) wb->news.changed_from_us = scan->at_us;
    return LIST_PUSH(&wb->news.changed, person) ? WB_OK : engine_no_memory(wb);
}

void wb_news(const struct wb *wb, struct wb_news *out)
{
    *out = (struct wb_news){.moved = wb->news.moved.at,
                            .moved_count = wb->news.moved.count,
                            .changed = wb->news.changed.at,
                            .changed_count = wb->news.changed.count,
                            .changed_from_us = wb->news.changed_from_us};
}
