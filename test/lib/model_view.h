/* model_view: everybody's life as known at one moment, folded from scratch. */
#ifndef TEST_LIB_MODEL_VIEW_H
#define TEST_LIB_MODEL_VIEW_H

#include "model.h"

/* A person in one zone for a while; never in `unknown`. */
struct model_interval {
    int zone;
    int64_t from_us;
    int64_t until_us;   /* WB_STILL_THERE: the person's last one */
    int64_t forgets_us; /* of the last one: when it is forgotten; WB_STILL_THERE: never */
    int64_t last_seen_us;
    uint32_t scans, flags;
    bool forgotten; /* ended by forgetting */
};

/* A scan, counted or debounced, in the order in which it was folded. */
struct model_seen {
    int64_t at_us;
    int reader;
};

struct model_life {
    bool exists;
    size_t first_interval, interval_count; /* in the view's intervals */
    size_t first_seen, seen_count;         /* in the view's seen */
};

/* What becomes of a scan at K. */
enum model_fate {
    MODEL_NOT_LEARNT,
    MODEL_NO_READER,
    MODEL_WITHDRAWN,
    MODEL_WRONG_CLOCK, /* quarantined */
    MODEL_UNPAIRED,    /* held */
    MODEL_NOBODYS,     /* of somebody who was erased */
    MODEL_COUNTS,
};

/* A scan that counts. */
struct model_event {
    int person, reader, band, direction;
    int64_t at_us; /* after a release the shifted time */
    int64_t learnt_us;
};

struct model_view {
    const struct model *m;
    int64_t known_us;
    struct model_policy policy;
    struct model_place *places; /* [m->zones.count], retired ones too */
    struct model_door *doors;   /* [m->readers.count], retired ones too */
    struct model_pairing *pairings;
    size_t pairing_count; /* one row a (band, person, from), sorted by band */

    struct model_event *events; /* those that count, by person, then as they are folded */
    size_t event_count, event_capacity;
    struct model_life *lives; /* [life_count], by person */
    size_t life_count;
    struct model_interval *intervals;
    size_t interval_count, interval_capacity;
    struct model_seen *seen;
    size_t seen_count, seen_capacity;
};

bool model_withdraws(const struct model_withdrawal *withdrawal, const struct model_scan *scan);
bool model_releases(const struct model_release *release, const struct model_scan *scan);
bool model_clock_is_wrong(const struct model_policy *policy, const struct model_scan *scan);

/* Everybody's life as known at K. Borrowed until the next view or fact; kept for the next
 * question with the same K. */
const struct model_view *model_view_at(struct model *m, int64_t known_us);
void model_view_free(struct model_view *view);

/* The believed scans, one of each identity with the earliest moment it was learnt. */
const struct model_scans *model_distinct(struct model *m);

/* What becomes of a distinct scan; event is filled when it counts or is unpaired. */
enum model_fate model_fate(const struct model_view *view, const struct model_scan *scan,
                           struct model_event *event);

/* Whether a moment of a band is an erased person's. */
bool model_was_erased(const struct model_view *view, int band, int64_t at_us);

/* When the pairings of a person who is erased at a moment end: after their newest scan, if a
 * clock may be so far ahead. */
int64_t model_end_of_person_us(const struct model_view *view, int person, int64_t now_us);

/* After the newest scan of a band that is not in quarantine, whosesoever, and not before now. */
int64_t model_end_of_band_us(const struct model_view *view, int band, int64_t now_us);

/* Whether a zone is another or below it. Outside and unknown are below nothing. */
bool model_is_within(const struct model_view *view, int zone, int above);

#endif
