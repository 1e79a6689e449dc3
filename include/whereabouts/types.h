/* The words of the domain: who, where, when, and how it went. No functions here;
 * every layer speaks these words and nothing stands below them.
 *
 * Times are microseconds since 1970-01-01 UTC, suffix _us. Intervals are half-open,
 * [from, until). Numbers (person 17, zone 4) mean something inside one site file only. */
#ifndef WHEREABOUTS_TYPES_H
#define WHEREABOUTS_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One-field structs: the compiler refuses a zone where a person is meant. */
typedef struct wb_person {
    uint32_t n;
} wb_person;

typedef struct wb_zone {
    uint32_t n;
} wb_zone;

typedef struct wb_reader {
    uint32_t n;
} wb_reader;

typedef struct wb_band {
    uint32_t n;
} wb_band;

#define WB_NONE UINT32_MAX /* no such person, reader or band */

/* Two zones that every site has. Real zones count from WB_FIRST_ZONE. */
#define WB_ZONE_UNKNOWN 0u
#define WB_ZONE_OUTSIDE 1u
#define WB_FIRST_ZONE   2u

#define WB_NO_TIME     INT64_MIN /* not given; the open start of an interval */
#define WB_STILL_THERE INT64_MAX /* the open end of an interval: a stay that lasts */
#define WB_EVERYTHING  INT64_MAX /* known at: all facts that there are */

/* Times of scans lie between these: the years 0000 to 9999 and some room. */
#define WB_TIME_MIN (-INT64_C(70000000000000000))
#define WB_TIME_MAX INT64_C(260000000000000000)

#define WB_ID_BYTES_MAX 128u /* an id is 1 to 128 bytes of UTF-8 without control characters */

typedef enum wb_status {
    WB_OK = 0,
    WB_EINVAL = 1,   /* the caller broke the contract written above the function */
    WB_ENOMEM = 2,   /* memory is used up */
    WB_EFULL = 3,    /* a limit is used up; the turn is full */
    WB_EIO = 4,      /* the file could not be written or read; the handle answers no more */
    WB_ENOENT = 5,   /* there is nobody and nothing of that name */
    WB_EREFUSED = 6, /* the site says no; struct wb_fault says why. Nothing changed. */
    WB_EBUSY = 7,    /* another program writes to this file */
    WB_EDAMAGED = 8, /* not a site file, a newer one, or a damaged one */
    WB_ESTOPPED = 9, /* the caller's progress function asked to stop */
} wb_status;

/* Why something was refused: one plain sentence with the way out. */
struct wb_fault {
    int line;       /* in the text that was given, from 1; 0 when it has none */
    int column;     /* in bytes, from 1; 0 when it has none */
    char text[400]; /* UTF-8, ends with NUL, no line break */
};

typedef enum wb_direction {
    WB_NO_DIRECTION = 0,
    WB_IN = 1,
    WB_OUT = 2,
    WB_EVERY_DIRECTION = 3, /* of a withdrawal only */
} wb_direction;

/* A reader saw a band at a time. */
struct wb_scan {
    wb_reader reader;
    wb_band band;
    int64_t at_us;     /* by the reader's clock */
    int64_t learnt_us; /* WB_NO_TIME: when the turn commits; later than that counts as that */
    wb_direction direction;
};

/* What became of a row that was taken. */
typedef enum wb_verdict {
    WB_ACCEPTED = 0,
    WB_DUPLICATE = 1,
    WB_HELD = 2,        /* no pairing covers it; it folds in when one is learnt */
    WB_QUARANTINED = 3, /* its clock cannot be right; a release folds it in */
    WB_REFUSED = 4,
} wb_verdict;

struct wb_summary {
    uint64_t accepted;
    uint64_t duplicates;
    uint64_t held;
    uint64_t quarantined;
    uint64_t refused;
};

#define WB_FLAG_AFTER_COMPLETE 1u /* "after_complete": its reader had declared to be complete */
#define WB_FLAG_UNSEEN_ENTRY   2u /* "unseen_entry": left a zone that nobody saw them enter */

/* A person in one zone for a while. */
struct wb_stay {
    wb_person person;
    wb_zone zone;
    int64_t from_us;
    int64_t until_us;     /* WB_STILL_THERE while it lasts */
    int64_t last_seen_us; /* the newest scan, counted or debounced */
    uint32_t scans;       /* counted ones */
    uint32_t flags;       /* WB_FLAG_... */
};

/* Where a person is at a moment, and on what evidence. */
struct wb_whereabouts {
    wb_person person;
    wb_zone zone;         /* may be WB_ZONE_OUTSIDE or WB_ZONE_UNKNOWN */
    wb_zone last_zone;    /* the last real zone; WB_ZONE_UNKNOWN without one */
    wb_reader reader;     /* of the newest scan; WB_NONE if never seen */
    int64_t since_us;     /* WB_NO_TIME in unknown */
    int64_t last_seen_us; /* WB_NO_TIME if never seen */
};

/* How much time two people spent in the same zones. */
struct wb_company {
    wb_person person;
    int64_t together_us;
    int64_t first_us; /* start of the first overlap */
    int64_t last_us;  /* end of the last overlap */
    uint32_t
        first_zone; /* their zones are zones[first_zone .. first_zone + zone_count) of the list */
    uint32_t zone_count;
};

struct wb_head_count {
    wb_zone zone;
    uint32_t count;  /* in the zone or in one below it */
    uint32_t direct; /* in the zone itself */
};

/* When a question is about. known: only facts learnt at or before it (WB_EVERYTHING: all).
 * asked: the present moment of the asker; with a known, that is it. */
struct wb_moment {
    int64_t as_of_us;
    int64_t known_us;
    int64_t asked_us;
};

/* A window of time that a question is about; either end may be open
 * (WB_NO_TIME, WB_STILL_THERE). */
struct wb_window {
    int64_t from_us;
    int64_t until_us;
    int64_t known_us;
    int64_t asked_us;
};

/* A scan that is kept aside: held, quarantined or withdrawn. */
struct wb_kept_scan {
    wb_reader reader;
    wb_band band;
    wb_direction direction;
    int64_t at_us;
    int64_t learnt_us;
    int64_t withdrawn_us; /* when the withdrawal was learnt; else WB_NO_TIME */
};

/* A pairing: whose band it is from when until when. */
struct wb_pairing {
    wb_band band;
    wb_person person;
    int64_t from_us;  /* WB_NO_TIME: always was */
    int64_t until_us; /* WB_STILL_THERE: no end known */
    int64_t learnt_us;
};

/* Lists. A list that is zeroed is empty; a question empties and fills it and keeps its
 * memory for the next; wb_list_done() (a macro of whereabouts.h) frees it. */
struct wb_stays {
    struct wb_stay *at;
    size_t count, capacity;
};

struct wb_whereabouts_list {
    struct wb_whereabouts *at;
    size_t count, capacity;
};

struct wb_people {
    wb_person *at;
    size_t count, capacity;
};

struct wb_readers {
    wb_reader *at;
    size_t count, capacity;
};

struct wb_zones {
    wb_zone *at;
    size_t count, capacity;
};

struct wb_kept_scans {
    struct wb_kept_scan *at;
    size_t count, capacity;
};

struct wb_pairings {
    struct wb_pairing *at;
    size_t count, capacity;
};

/* What an answer may speak of. What happened elsewhere, and to whom else it happened, is left out
 * as if it had not. A list that is NULL limits nothing, an empty one leaves nothing; a zone does
 * not stand for those below it. */
struct wb_limit {
    const struct wb_people *people;
    const struct wb_zones *zones; /* real ones, WB_ZONE_OUTSIDE and WB_ZONE_UNKNOWN */
};

struct wb_counts {
    uint32_t *at;
    size_t count, capacity;
};

struct wb_company_list {
    struct wb_company *at;
    size_t count, capacity;
    struct wb_zones zones;
};

struct wb_head_counts {
    struct wb_head_count *at; /* every zone of the site, retired ones too, in no order */
    size_t count, capacity;
    uint32_t outside; /* 0 where a limit leaves them out */
    uint32_t unknown;
};

#endif
