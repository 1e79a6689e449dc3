/* model: the slow obvious model of a site, written from the contract alone.
 *
 * It keeps facts as plain growing arrays and computes every answer from scratch: select the
 * facts that were learnt at K, work out which scans count and whose they are, sort, fold
 * (model_view.h), then read the answer off (model_answer.h). The real engine is judged by it.
 *
 * People, zones, readers and bands are numbers of the model's own names; compare with the
 * engine's through the texts. All times are microseconds since 1970-01-01 UTC.
 *
 * Where the contract is silent, these readings were chosen:
 *   - a scan belongs (its count and its flags) to the interval that it leads into;
 *   - the after_complete flag of a debounced scan goes to the current stay;
 *   - intervals of no length are dropped with their scans and flags first; then neighbours of
 *     one zone that only such parted are joined, never across a forgetting;
 *   - after a release, after_complete tests the shifted time; of scans that a shift made
 *     equal the one learnt first is kept;
 *   - a scan whose reader is not in the description known at K does not count at K;
 *   - retired is what a newer description leaves out, since that was learnt, with its last
 *     definition; scans from then on are refused when they arrive after it;
 *   - the newest row of (band, person, from), by learnt and then by arrival, sets `until`;
 *   - the newest stay is the person's last interval as known at K;
 *   - a held scan that was released is listed with its shifted time;
 *   - being with somebody happens in real zones only.
 *
 * Erasures are no facts (ADR 14): they change what is there at every K. */
#ifndef TEST_LIB_MODEL_H
#define TEST_LIB_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "texts.h"
#include "whereabouts/types.h"

#define MODEL_UNKNOWN 0 /* zones that every site has */
#define MODEL_OUTSIDE 1
#define MODEL_NONE    (-1) /* nobody, no reader, no zone */

#define MODEL_AS_POLICY 0    /* a zone's forget_us: the policy's holds */
#define MODEL_NEVER     (-1) /* a zone's forget_us: never */

struct model_policy {
    int64_t forget_us; /* 0: no forgetting */
    int64_t debounce_us;
    int64_t max_ahead_us;
    int64_t heartbeat_us; /* 0: none */
    bool adopt;
};

/* A site's description as text; the test owns it. */
struct model_zone {
    const char *id, *in; /* in: NULL for a root */
    int64_t forget_us;   /* or MODEL_AS_POLICY, MODEL_NEVER */
};

struct model_reader {
    const char *id;
    char kind;         /* 'e' enter a, 'l' leave a, 'b' between [a, b] */
    const char *a, *b; /* a may be "outside" in 'b' */
};

struct model_site {
    struct model_policy policy;
    struct model_zone *zones;
    size_t zone_count;
    struct model_reader *readers;
    size_t reader_count;
};

/* Facts. */
struct model_scan {
    int reader, band, direction;
    int64_t at_us, learnt_us;
};

struct model_pairing {
    int band, person;
    int64_t from_us, until_us, learnt_us;
};

struct model_withdrawal {
    int reader, band, direction;
    int64_t at_us, learnt_us;
};

struct model_release {
    int reader;
    int64_t from_us, until_us, shift_us, learnt_us;
};

struct model_completeness {
    int reader;
    int64_t until_us, learnt_us;
};

/* What a description says of a zone or a reader. */
struct model_place {
    bool described;
    int parent; /* MODEL_OUTSIDE for a root */
    int64_t forget_us;
};

struct model_door {
    bool described;
    bool had_facts; /* when this description was learnt */
    char kind;
    int a, b;
};

struct model_description {
    int64_t learnt_us;
    struct model_policy policy;
    struct model_place *places; /* [place_count], by zone; later zones are not in it */
    size_t place_count;
    struct model_door *doors; /* [door_count], by reader */
    size_t door_count;
};

/* What folded before a description that is not folded by yet. */
struct model_held {
    struct model_policy policy, newest_policy;
    struct model_place *places;
    size_t place_count;
    struct model_door *doors;
    size_t door_count;
};

struct model_scans {
    struct model_scan *at;
    size_t count, capacity;
};

/* Of a band whose id was an erased person's: what no pairing covers before until is nobody's. */
struct model_nobodys {
    int band;
    int64_t until_us;
};

struct model_sizes {
    size_t scans, pairings, withdrawals, releases, completeness, people, erased, gone, nobodys;
};

struct model_view;

struct model {
    struct texts people, zones, readers, bands;

    struct model_scans scans;
    struct model_pairing *pairings;
    struct model_withdrawal *withdrawals;
    struct model_release *releases;
    struct model_completeness *completeness;
    int *people_put; /* the register */
    int *erased;     /* people */
    int *gone;       /* bands that nobody else wore */
    struct model_nobodys *nobodys;
    struct model_sizes count, capacity;
    struct model_sizes believed; /* those of ended turns */

    struct model_description *descriptions;
    size_t description_count, description_capacity;
    struct model_held *held; /* NULL: all is folded as the newest description says */

    struct model_scans distinct; /* believed scans, one of each identity, learnt first */
    bool distinct_is_fresh;
    struct model_view *views[2]; /* of the questions asked last */
};

struct model *model_new(void);
void model_free(struct model *m);

/* The text in which a band is kept: chips in upper-case hex without separators.
 *
 *   out  [WB_ID_BYTES_MAX + 1] */
void model_band_text(const char *band, char *out);

/* The person whose reserved band this is: the text after "person:"; NULL for other bands. */
const char *model_person_of_reserved_band(const char *band);

/* ---- Facts. They are believed after model_commit. ---- */

void model_describe(struct model *m, const struct model_site *site, int64_t learnt_us);
void model_person_put(struct model *m, const char *person);
void model_take_scan(struct model *m, const struct model_scan *scan);
void model_take_pairing(struct model *m, const struct model_pairing *pairing);
void model_take_withdrawal(struct model *m, const struct model_withdrawal *withdrawal);
void model_take_release(struct model *m, const struct model_release *release);
void model_take_completeness(struct model *m, const struct model_completeness *completeness);
void model_commit(struct model *m);
void model_abandon(struct model *m);

/* Erase a person who exists, between turns. */
void model_erase(struct model *m, int person, int64_t now_us);

bool model_is_erased(const struct model *m, int person);
bool model_is_gone(const struct model *m, int band);
bool model_is_nobodys(const struct model *m, int band, int64_t at_us); /* if no pairing covers it */

/* ---- What the site says to a fact before it is taken ---- */

/* What is expected of a fact. UNCLEAR: the contract does not say; do not judge by it. */
enum model_opinion { MODEL_FINE, MODEL_REFUSED, MODEL_UNCLEAR };

bool model_is_registered(const struct model *m, int person);
bool model_knows_reader(const struct model *m, int reader); /* described, or retired */
int64_t model_retired_us(const struct model *m, int reader, int64_t known_us);
bool model_is_known_scan(const struct model *m, const struct model_scan *scan);
enum model_opinion model_pairing_opinion(const struct model *m, const struct model_pairing *row);

/* The one pairing that covers the moment, all turns counted, also the open one.
 *
 *   out  filled when the answer is MODEL_FINE
 *   MODEL_REFUSED: none covers it; MODEL_UNCLEAR: several do */
enum model_opinion model_covering(const struct model *m, int band, int64_t at_us,
                                  struct model_pairing *out);

/* Whether all that a withdrawal names is withdrawn already. */
bool model_is_withdrawn(const struct model *m, const struct model_withdrawal *withdrawal);

/* What wb_observe should say; -1 where the contract leaves it open. */
int model_verdict(struct model *m, const struct model_scan *scan);

/* How many scans a release would fold in that no earlier one has.
 *
 *   scans, releases  look at so many of either; the open turn's come last */
size_t model_release_count(const struct model *m, const struct model_release *release, size_t scans,
                           size_t releases);

/* Take a description, but go on folding what was described before as it was. */
void model_describe_only(struct model *m, const struct model_site *site, int64_t learnt_us);
/* From now on everything is folded as the newest description says. */
void model_let_go(struct model *m);
void model_held_free(struct model_held *held);

/* The description that holds at K; NULL without any. */
const struct model_description *model_description_at(const struct model *m, int64_t known_us);

#endif
