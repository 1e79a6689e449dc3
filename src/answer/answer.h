/* answer: the JSON documents of the contract, one function each, asked through the public door.
 *
 * Knows nothing of command lines, terminals or HTTP. Each function gives a new document that
 * the caller owns (answer_done), or a failure of the library with the output untouched:
 * whatever its question can fail with, and WB_ENOMEM. Times in documents are UTC; lists are
 * sorted: by id in byte order, stays by time. "known" is null for WB_EVERYTHING.
 *
 * A limit, of whoever asks, may be NULL; what it leaves out is not in the document, and not in its
 * sums. */
#ifndef ANSWER_ANSWER_H
#define ANSWER_ANSWER_H

#include "whereabouts.h"

/* A JSON document and whom it names. */
struct answer {
    char *text; /* UTF-8 without line breaks, ends with NUL */
    size_t bytes;
    struct wb_people named; /* everybody whose id stands in it; some may be there twice */
};

/* Free it; it is empty afterwards. */
void answer_done(struct answer *answer);

/* Who is where: the question behind now and at. */
struct answer_question {
    struct wb_moment moment;
    int64_t evidence_us;          /* could_change is as of this: as_of, or what `now` tests */
    const wb_zone *zone;          /* in it and below it; NULL: every real zone */
    const struct wb_limit *limit; /* NULL: none */
    bool names;                   /* rows of people say "name" and "needs_help" too */
};

/* {"as_of","known","zone","count","people":[...],"could_change"}
 * cost: one answer, one sort of it by id */
wb_status answer_people(struct wb *wb, const struct answer_question *question, struct answer *out);

/* The same with head counts: {"as_of","known","zones":[...],"outside","unknown","could_change"}.
 * With a zone, the rows of it and of the zones below it. "outside" and "unknown" are null where the
 * limit leaves them out. */
wb_status answer_counts(struct wb *wb, const struct answer_question *question, struct answer *out);

/* One person: {"as_of","known","person","zone","since",...,"could_change"}. Where the limit leaves
 * their zone out, zone, since, last_seen, reader and last_zone are null; last_zone also for itself.
 * Whether the asker may know of the person at all is for the caller to judge.
 * errors: WB_ENOENT does not exist */
wb_status answer_person(struct wb *wb, const struct answer_question *question, wb_person person,
                        struct answer *out);

/* {"person","from","until","known","stays":[...]} */
wb_status answer_path(struct wb *wb, wb_person person, const struct wb_window *window,
                      const struct wb_limit *limit, struct answer *out);

/* {"person","from","until","known","min_s","people":[...]} */
wb_status answer_with(struct wb *wb, wb_person person, const struct wb_window *window,
                      int64_t least_us, const struct wb_limit *limit, struct answer *out);

/* {"zone","from","until","known","every_s","points":[...]}
 * errors: WB_EFULL more points than ANSWER_POINTS_MAX */
#define ANSWER_POINTS_MAX 2000000
wb_status answer_occupancy(struct wb *wb, wb_zone zone, const struct wb_window *window,
                           int64_t every_us, const struct wb_limit *limit, struct answer *out);

/* {"accepted","duplicates","held","quarantined","refused","ambiguous_times"} */
wb_status answer_summary(const struct wb_summary *summary, uint64_t ambiguous_times,
                         struct answer *out);

/* A part of a person's log. */
struct answer_log {
    int64_t below;  /* records below this number; 0: from the newest on */
    uint64_t most;  /* so many; 0: all */
    int64_t now_us; /* the present moment */

    /* Of whoever reads it. With one, a question that is not about the person is told without its
     * ids and without how many it named, since those may be of elsewhere; and with zones, the
     * look-ups that say that the person was elsewhere are left out. */
    const struct wb_limit *limit;
};

/* Who looked at a person, newest first: {"person","lookups":[{"lookup","at","who","purpose",
 * "question","kind":"answer"|"watch"|"export","zone","from","until","people"}],"next"}. zone: that
 * was watched, null for every one; people: how many the answer named, null of a watch and of an
 * export, which named everybody; next: below what to go on, null after the last.
 * cost: see wb_lookups_of  errors: WB_ENOENT does not exist */
wb_status answer_lookups(struct wb *wb, wb_person person, const struct answer_log *log,
                         struct answer *out);

/* Rows of an export, a text that grows. Zeroed: empty; LIST_DONE frees it. */
struct answer_rows {
    char *at;
    size_t count, capacity;
};

enum answer_scans_form { ANSWER_SCANS_CSV, ANSWER_SCANS_NDJSON };

/* Append what stands before the first scan; and scans, one a line, with time, band, reader,
 * direction and learnt: what `import scans --trust-learnt` takes back.
 * cost: some 0.2 us a scan  errors: WB_ENOMEM */
wb_status answer_scans_head(enum answer_scans_form form, struct answer_rows *rows);
wb_status answer_scans(const struct wb *wb, const struct wb_scan *scans, size_t count,
                       enum answer_scans_form form, struct answer_rows *rows);

/* Lists: {"people":[{"id","name","groups":[...],"needs_help","notes"}]} and so on; each is an
 * object with one member, named as the list. */
/* {"people":[...]} of these people, in their order; and one of them by itself, without the list. */
wb_status answer_register(struct wb *wb, const struct wb_people *people, struct answer *out);
wb_status answer_register_one(struct wb *wb, wb_person person, struct answer *out);
wb_status answer_list_people(struct wb *wb, struct answer *out);
wb_status answer_list_unseen(struct wb *wb, struct answer *out);
wb_status answer_list_bands(struct wb *wb, struct answer *out);
wb_status answer_list_zones(struct wb *wb, struct answer *out);
wb_status answer_list_readers(struct wb *wb, struct answer *out);
/* Of these two what a limit leaves: its zones, and the readers that lead into or out of them. */
wb_status answer_zones(struct wb *wb, const struct wb_limit *limit, struct answer *out);
wb_status answer_readers(struct wb *wb, const struct wb_limit *limit, struct answer *out);
wb_status answer_list_held(struct wb *wb, struct answer *out);
wb_status answer_list_quarantined(struct wb *wb, struct answer *out);
wb_status answer_list_withdrawn(struct wb *wb, struct answer *out);

#endif
