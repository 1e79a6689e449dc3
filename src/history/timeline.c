#include "history/timeline.h"

#include <assert.h>
#include <stdlib.h>

#include "base/list.h"

const struct note NOTE_EMPTY = {WB_NO_TIME, WB_NO_TIME, WB_NO_TIME, WB_NO_TIME};

void timeline_done(struct timeline *timeline)
{
    LIST_DONE(timeline);
    LIST_DONE(&timeline->notes);
}

void timeline_clear(struct timeline *timeline)
{
    timeline->count = 0;
    timeline->notes.count = 0;
}

const struct note *timeline_note(const struct timeline *timeline, const struct seen *scan)
{
    return scan->note == 0 ? &NOTE_EMPTY : &timeline->notes.at[scan->note - 1];
}

static bool is_empty(const struct note *note)
{
    return note == NULL || (note->learnt_us == WB_NO_TIME && note->withdrawn_us == WB_NO_TIME &&
                            note->raw_us == WB_NO_TIME && note->released_us == WB_NO_TIME);
}

bool timeline_push(struct timeline *timeline, const struct seen *scan, const struct note *note)
{
    struct seen copy = *scan;
    copy.note = 0;
    if (!is_empty(note)) {
        if (!LIST_PUSH(&timeline->notes, *note)) return false;
        copy.note = (uint32_t)timeline->notes.count;
    }
    return LIST_PUSH(timeline, copy);
}

bool timeline_append(struct timeline *timeline, const struct timeline *more)
{
    for (size_t i = 0; i < more->count; i++) {
        if (!timeline_push(timeline, &more->at[i], timeline_note(more, &more->at[i]))) return false;
    }
    return true;
}

int64_t timeline_raw_us(const struct timeline *timeline, const struct seen *scan)
{
    const struct note *note = timeline_note(timeline, scan);
    return note->released_us == WB_NO_TIME ? scan->at_us : note->raw_us;
}

int seen_compare(const struct seen *a, const struct seen *b)
{
    if (a->at_us != b->at_us) return a->at_us < b->at_us ? -1 : 1;
    if (a->reader != b->reader) return a->reader < b->reader ? -1 : 1;
    if (a->direction != b->direction) return a->direction < b->direction ? -1 : 1;
    return (a->band > b->band) - (a->band < b->band);
}

size_t timeline_from(const struct timeline *timeline, int64_t at_us)
{
    size_t low = 0;
    size_t high = timeline->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (timeline->at[middle].at_us < at_us) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool timeline_counting(const struct timeline *scans, struct timeline *scratch,
                       const struct seen **at, size_t *count)
{
    *at = scans->at;
    *count = scans->count;
    if (scans->notes.count == 0) return true;
    timeline_clear(scratch);
    for (size_t i = 0; i < scans->count; i++) {
        if (timeline_note(scans, &scans->at[i])->withdrawn_us != WB_NO_TIME) continue;
        if (!LIST_PUSH(scratch, scans->at[i])) return false;
    }
    *at = scratch->at;
    *count = scratch->count;
    return true;
}
