/* engine: what stands behind the public door. One file for each of the rooms listed here; turn.c,
 * the path of a scan, is the one to read first.
 *
 *   names.c    people, bands, zones, readers and their numbers
 *   plan.c     site descriptions as known at a moment, and the shape that folds
 *   whose.c    pairings: whose band it is when; placing a scan on somebody's timeline
 *   tail.c     scans that are believed and not in blocks yet
 *   turn.c     begin, observe, sync, end
 *   facts.c    the facts that are not scans
 *   erase.c    a person goes for good
 *   news.c     whom the last turn says something about
 *   blocks.c   packed blocks: one bounded cache, changed ones kept until they are written
 *   apply.c    the tail and corrections into person blocks; comings.c into zone blocks
 *   idle.c     blocks to disk, journal rows into segments, in bounded pieces
 *   replay.c   the journal again, from any commit on
 *   refold.c   the past anew for a site that folds otherwise, piece by piece, then swapped in
 *   belief.c   what was known at a moment
 *   ask_*.c    questions; stays.c what was folded for them lately;
 *              late.c where late scans may have changed who was in a zone
 *   scans.c    the journal's scans read back, slice by slice
 *   keep.c     rebuild, backup; verify.c
 *   kept.h     what the host keeps beside the facts: credentials.c, lookups.c, documents.c
 *
 * An owner is whom a timeline belongs to: mostly a person; or a held band; or a reader's
 * quarantine. Owners and people share numbers. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "base/limit.h"
#include "base/list.h"
#include "base/names.h"
#include "history/person_block.h"
#include "history/zone_block.h"
#include "presence/fold.h"
#include "site/description.h"
#include "store/commit.h"
#include "store/store.h"
#include "whereabouts.h"

#ifndef WB_PLANT
#define WB_PLANT 0 /* planted bugs prove that the tests can fail; see test/fault */
#endif

#define TRY(call)                                   \
    do {                                            \
        wb_status try_status = (call);              \
        if (try_status != WB_OK) return try_status; \
    } while (0)

/* A scan is prompt when it is learnt by its commit and at most so long after it happened. */
/* In the file, of a reader that has facts and was never heard. */
#define USED_UNHEARD   (WB_NO_TIME + 1)
#define PROMPT_US      INT64_C(60000000)
#define EARLIEST_US    INT64_C(946684800000000) /* 2000-01-01: before it, a clock is wrong */
#define TURN_SCANS_MAX 131072u
#define SEAL_ROWS      4096u /* journal rows before they are packed into segments */
#define PUT_CELLS_MAX  8u
#define TAIL_MAX       (WB_SMALL ? 64u : 1048576u) /* scans believed and not in blocks */
#define GROUP_TARGET   (WB_SMALL ? 16u : 4608u)    /* scans in a person block that was cut */
#define ZONE_TARGET    (WB_SMALL ? 8u : 2048u)     /* events in a zone block that was cut */

/* ---- Owners ---- */

enum owner_kind {
    OWNER_REGISTERED, /* a person of the register */
    OWNER_ADOPTED,    /* a person who exists because a band with that id was read */
    OWNER_HELD,       /* what: the band; scans that no pairing covers */
    OWNER_QUARANTINE, /* what: the reader */
    OWNER_BAND_ID,    /* a name that stands for a band only: nobody */
    OWNER_ERASED      /* nobody any more; or the scans of somebody who was erased */
};

/* Who is where now, and enough of the fold to go on with the next scan. */
struct owner {
    int64_t since_us;
    int64_t last_seen_us; /* WB_NO_TIME: never seen. Of held bands and quarantines: newest scan */
    uint32_t zone, reader, scans, last_real;
    uint32_t what;
    uint32_t more; /* 1 + index in mores: the whole fold, where the fields do not say it all */
    uint8_t kind;
    uint8_t flags;
    uint8_t direction; /* of the last scan, which counted */
    bool stale;        /* a scan came that is not newer: the fields wait for apply() */
};

struct owners {
    struct owner *at;
    size_t count, capacity;
};

struct folds {
    struct fold *at;
    size_t count, capacity;
};

/* ---- Site ---- */

struct site_version {
    int64_t learnt_us;
    char *json;
    size_t bytes;
    struct description description;
};

struct site_versions {
    struct site_version *at;
    size_t count, capacity;
};

struct plan_zone {
    bool described; /* in this or an earlier description */
    bool retired;   /* and not in the newest */
    bool used;      /* a reader with facts puts people there or below */
    uint32_t parent;
    int64_t forget_us;
    const struct description_zone *source;
};

struct plan_reader {
    bool described;
    int64_t retired_us; /* WB_STILL_THERE */
    const struct description_reader *source;
};

/* The site as a description and those before it make it. */
struct plan {
    size_t version; /* index of the newest description in it */
    size_t folds;   /* the same; while the past is folded anew for it, the one that it is folded
                       by still: see plan_hold */
    struct policy policy;
    struct plan_zone *zones;     /* [shape.zone_count] */
    struct plan_reader *readers; /* [shape.rule_count] */
    uint32_t *by_id;             /* [shape.rule_count] readers in the order of their ids */
    struct shape shape;
};

struct completion {
    int64_t learnt_us;
    int64_t until_us; /* the greatest so far */
};

struct completions {
    struct completion *at;
    size_t count, capacity;
};

struct reader_state {
    int64_t heard_us; /* time of its newest scan that counts; WB_NO_TIME: never */
    bool heard_changed;
    bool used;           /* has facts */
    uint32_t quarantine; /* its owner; WB_NONE */
    struct completions completions;
};

struct reader_states {
    struct reader_state *at;
    size_t count, capacity;
};

/* ---- Whose ---- */

struct pairing_row {
    uint32_t band, person;
    int64_t from_us, until_us, learnt_us;
    uint32_t next; /* 1 + index of the band's row before this one; 0: none */
};

struct pairing_rows {
    struct pairing_row *at;
    size_t count, capacity;
};

/* A pairing in force, with all that is known. */
struct span {
    int64_t from_us, until_us;
    uint32_t person;
};

struct spans {
    struct span *at;
    size_t count, capacity;
};

struct band_state {
    uint32_t newest_row; /* 1 + index in rows; 0: never paired */
    uint32_t span;       /* its spans in force are spans[span .. span + span_count), by from */
    uint32_t span_count;
    uint32_t held;     /* owner of scans that no pairing covers; WB_NONE: not made yet */
    uint32_t adopted;  /* and under `adopt` */
    uint32_t reserved; /* of person:ID the person; of a band that is gone who has its scans */
    uint32_t always;   /* whose it is at all times; WB_NONE: it depends */
    /* Whoever had the band's id as theirs was erased: what no pairing covers before a moment. */
    uint32_t nobody;
    int64_t nobody_until_us; /* WB_NO_TIME: there was nobody */
};

struct band_states {
    struct band_state *at;
    size_t count, capacity;
};

struct withdrawal {
    uint32_t reader, band, direction;
    int64_t at_us, learnt_us;
    int64_t note;
};

struct withdrawals {
    struct withdrawal *at; /* in the order in which they were learnt */
    size_t count, capacity;
    uint32_t *slot; /* hash of reader, band, time -> 1 + index */
    size_t slot_count;
};

struct release {
    uint32_t reader;
    int64_t from_us, until_us, shift_us, learnt_us;
    int64_t note;
};

struct releases {
    struct release *at;
    size_t count, capacity;
};

/* A scan with its place: on whose timeline, at which time. */
struct placed {
    uint32_t owner;
    struct seen scan;
    struct note note;
};

struct change {
    struct placed placed;
    bool remove;
};

struct changes {
    struct change *at;
    size_t count, capacity;
};

/* ---- Tail ---- */

struct tail_scan {
    int64_t at_us;
    int64_t learnt_us; /* WB_NO_TIME: prompt */
    uint32_t owner, band, reader;
    uint8_t direction, flags;
};

struct tail {
    struct tail_scan *at; /* [believed]: believed; [believed, count): of the open turn */
    size_t count, capacity;
    size_t believed;
    uint64_t *slot; /* hash of the identity << 32 | 1 + index; 0: empty */
    size_t slot_count;
    size_t indexed; /* [0, indexed) are in slots; the others come in when one is looked up */
    uint64_t seed;

    struct newest {
        int64_t *at; /* [band] no scan of the tail is newer; WB_NO_TIME */
        size_t count, capacity;
    } newest;
};

/* ---- Blocks ---- */

enum block_kind { BLOCK_PERSON, BLOCK_ZONE, BLOCK_KINDS };

/* The moments, in seconds since 2000, at which the blocks of one group or zone begin. */
struct spine {
    uint32_t *at;
    size_t count, capacity;
};

struct spines {
    struct spine *at;
    size_t count, capacity;
};

struct hot {
    uint64_t id; /* the kind is in the lowest bit */
    uint8_t *data;
    uint32_t bytes;
    bool in_use, changed, recent;
    bool writing; /* its data is on the way to the disk: it stays where it is */
};

struct shelf {
    unsigned generation; /* of its rows in the file: 0 or 1 */
    struct spines spines[BLOCK_KINDS];

    struct epochs {
        uint64_t *at; /* [group] of wb->epoch when a block of it changed */
        size_t count, capacity;
    } epochs;

    uint64_t cleared_epoch; /* when all blocks were forgotten */
    struct hot *at;
    size_t count, capacity;
    uint32_t *slot;
    size_t slot_count;
    size_t bytes, bytes_max;
    size_t hand;
    size_t changed;
    struct buffer buffer;

    struct outworn {
        uint8_t **at; /* data that was replaced while it was on the way to the disk */
        size_t count, capacity;
    } outworn;
};

/* A change of who is inside a zone at a moment: an event that comes or goes. */
struct edit {
    int64_t at_us;
    uint32_t person;
    bool in, remove;
};

struct edits {
    struct edit *at;
    size_t count, capacity;
};

struct zone_edits {
    struct edits *at; /* [zone] */
    size_t count, capacity;
};

/* ---- Turn ---- */

enum op_kind { OP_BAND, OP_WITHDRAWAL, OP_READER, OP_RELEARN };

/* What a fact asks of timelines that were written before it. */
struct op {
    enum op_kind kind;
    uint32_t reader, band, direction;
    int64_t at_us, learnt_us;
};

struct ops {
    struct op *at;
    size_t count, capacity;
};

struct numbers32 {
    uint32_t *at;
    size_t count, capacity;
};

struct turn {
    bool open, synced;
    int64_t learnt_us;
    struct commit commit;
    struct bytes_out block;
    struct wb_summary summary;
    struct ops ops;
    /* To forget again when the turn is dropped. */
    size_t rows, withdrawals, releases;
    size_t people;
    struct numbers32 bands_touched;
    struct numbers32 registered; /* people who were something else before */
    uint8_t hash[HASH_BYTES];
    bool transaction; /* a registry change has begun the transaction */
};

/* Whom the last turn says something about. */
struct news {
    struct wb_people moved, changed; /* some may be there twice */
    int64_t changed_from_us;
};

/* ---- Work for the disk ---- */

struct learnt_span {
    uint64_t first, last; /* seq */
    int64_t learnt_first, learnt_last;
    uint64_t scans;
};

struct learnt_spans {
    struct learnt_span *at;
    size_t count, capacity;
};

/* Statements that are to run in one transaction, on any thread. */
struct put {
    enum statement statement;
    uint32_t count;
    struct cell cells[PUT_CELLS_MAX];
};

struct puts {
    struct put *at;
    size_t count, capacity;

    struct copies {
        void **at; /* of texts and blobs that do not stay where they are */
        size_t count, capacity;
    } copies;
};

enum errand_kind {
    ERRAND_NONE,
    ERRAND_BLOCKS,
    ERRAND_SEGMENTS,
    ERRAND_CHECKPOINT,
    ERRAND_REFOLD, /* blocks of the other generation */
    ERRAND_SWAP,   /* that is the one in use */
    ERRAND_SWEEP   /* what is left of the other generation goes */
};

/* What is on its way to the disk: see idle.c. */
struct errand {
    enum errand_kind kind;
    bool ran;
    bool erases; /* texts go with it: nothing of them may stay in the file */
    struct puts puts;
    uint64_t seq;              /* blocks: the watermark */
    size_t bands, people;      /* blocks: how many are in the registry then */
    struct learnt_spans spans; /* segments: what they hold */
};

/* ---- The handle ---- */

struct applying;     /* see apply.c */
struct refold;       /* see refold.c */
struct in_flight;    /* see belief.c */
struct company;      /* see ask_with.c */
struct folded_table; /* see stays.c */
struct late_index;   /* see late.c */

struct wb {
    struct store *store;
    bool writes;
    bool described;
    bool host_idles; /* the host calls wb_idle_step(), so turns leave that work to it */
    bool (*random)(void *context, void *out, size_t bytes);
    void *random_context;
    char error[400];
    wb_status failed; /* storage failed: nothing more */

    struct names people, bands, zones, readers, groups;
    struct owners owners;
    struct folds mores;
    struct numbers32 free_mores;
    struct band_states band_states;
    struct reader_states reader_states;
    struct pairing_rows rows;
    int64_t rows_learnt_us; /* when the newest pairing was learnt; WB_NO_TIME */
    struct spans spans;
    struct withdrawals withdrawals;
    struct releases releases;
    struct site_versions versions;
    struct plan plan;          /* of the newest description */
    size_t plan_shape_version; /* the first of the newest versions that fold alike */
    struct refold *refold;     /* NULL: none is under way */
    bool sweeps;               /* the file may have blocks of the generation that is not in use */
    bool refold_next;          /* steps go to the refold and to the rest by turns */
    wb_status refold_failed;   /* it cannot be done: the old fold stays in use */
    bool unhurried;            /* nobody asks it: corrections are applied piece by piece, too */
    size_t bands_recorded;     /* bands that are in the file's registry */
    size_t people_recorded;    /* owners, the same */
    int64_t note_last;         /* number of the newest note */

    struct tail tail;
    struct changes changes;    /* corrections that wait for apply() */
    struct changes pending;    /* scans of the open turn that do not go through the tail */
    struct zone_edits edits;   /* what apply() has found, for comings.c */
    struct applying *applying; /* NULL: nothing is on its way into blocks */
    struct shelf shelf;
    struct errand errand;
    struct turn turn;
    struct news news;

    uint64_t seq;      /* of the newest commit */
    int64_t learnt_us; /* its learnt time; WB_NO_TIME before the first */
    uint8_t hash[HASH_BYTES];
    uint64_t believed_seq;  /* commits up to it are in the tail or blocks */
    uint64_t applied_seq;   /* commits up to it are in blocks in memory */
    uint64_t applied_scans; /* scan_count then */
    uint64_t written_seq;   /* commits up to it are in blocks on disk */
    uint64_t sealed_seq;    /* commits up to it are in segments */
    uint64_t scan_count;
    uint64_t rows_since_seal;
    uint64_t sealing_until; /* rows up to it go into segments now */
    struct learnt_spans segments;

    struct numbers32
        groups_damaged;  /* whose newest block cannot be read: nobody knows who is where */
    bool log_has_erased; /* the log beside the file may hold what was erased: it is to be emptied */
    bool planted_open;   /* a planted bug's transaction, see test/fault */
    bool replay_writes;  /* reading the journal again may write blocks */
    wb_progress replay_progress;
    void *replay_context;

    /* Scratch memory, kept between calls. */
    struct places places;
    struct crowd doubtful;    /* whose belief is folded */
    struct zone_part part;    /* what happened in a zone lately */
    struct crowd crowd;       /* who is inside */
    struct member member;     /* one person's share of a block */
    struct timeline gathered; /* of corrections */
    struct in_flight *in_flight;
    char *row_text; /* of wb_person_row */
    struct wb_counts scratch_counts;
    struct folded_table *folded; /* stays.c */
    uint64_t epoch;              /* grows when any block changes; from 1 */
    struct late_index *late;     /* late.c */
    struct company *company;     /* ask_with.c */
};

/* A sentence for wb_last_error; returns status. */
wb_status engine_fail(struct wb *wb, wb_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
wb_status engine_no_memory(struct wb *wb);
/* Take over a failure of the store. */
wb_status engine_store(struct wb *wb, wb_status status);
wb_status refuse(struct wb_fault *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* names.c */
wb_status names_load(struct wb *wb);
/* New band; owner and state are made for it. WB_NONE: no memory. */
uint32_t band_add(struct wb *wb, const char *id, size_t bytes);
uint32_t owner_add(struct wb *wb, const char *id, size_t bytes, enum owner_kind kind,
                   uint32_t what);
bool owner_is_erased(const struct wb *wb, uint32_t owner); /* WB_NONE is not */
bool band_is_gone(const struct wb *wb, uint32_t band);     /* with the person who wore it */
wb_status owner_record(struct wb *wb, uint32_t owner, struct puts *puts);
bool owner_counts(const struct wb *wb, uint32_t owner); /* its scans move somebody */
bool person_exists(const struct wb *wb, uint32_t person);
bool presence_is_known(const struct wb *wb, uint32_t person);
wb_status presence_damaged(struct wb *wb, uint32_t person); /* says why it is not known */
/* Its kind without what the open turn changed. */
enum owner_kind owner_kind_believed(const struct wb *wb, uint32_t owner);

/* The fold state of an owner, from and to its compact form. */
void owner_load(const struct wb *wb, uint32_t owner, struct fold *fold);
bool owner_store(struct wb *wb, uint32_t owner, const struct fold *fold);

/* plan.c */
wb_status plan_load(struct wb *wb);
wb_status plan_refresh(struct wb *wb);
wb_status plan_make(struct wb *wb, size_t version, struct plan *out);
void plan_done(struct plan *plan);
/* The plan of the newest version, over blocks that an older one folded. */
wb_status plan_over(struct wb *wb, size_t folds);
/* Take the newest version, which was just learnt; where it folds the past otherwise, what folds
 * stays as it is until the refold is done. */
wb_status plan_take(struct wb *wb);
/* Whether the past is still folded as an older description says. */
bool plan_is_behind(const struct wb *wb);
/* The version in force as known at a moment. */
size_t plan_version_at(const struct wb *wb, int64_t known_us);
bool zone_is_visible(const struct wb *wb, uint32_t zone);
bool reader_is_visible(const struct wb *wb, const struct plan *plan, uint32_t reader);
int64_t reader_complete_us(const struct wb *wb, uint32_t reader, int64_t known_us);
/* What was declared before a moment (strictly). */
int64_t reader_complete_before_us(const struct wb *wb, uint32_t reader, int64_t learnt_us);

/* whose.c */
wb_status whose_load(struct wb *wb);
bool whose_add_row(struct wb *wb, const struct pairing_row *row);
/* Whether a newer row of the same band, person and from is known that takes its place; of the
 * first `rows` of all. */
bool row_is_replaced(const struct wb *wb, const struct pairing_row *row, int64_t known_us,
                     size_t rows);
/* Without those that the open turn took: they are not believed yet. */
size_t rows_believed(const struct wb *wb);
size_t withdrawals_believed(const struct wb *wb);
size_t releases_believed(const struct wb *wb);
bool whose_recount(struct wb *wb, uint32_t band); /* its spans in force, from its rows */
/* The person whose band it is at a moment by pairings in force; WB_NONE. */
uint32_t whose_paired(const struct wb *wb, uint32_t band, int64_t at_us);
/* The same as known at a moment. */
uint32_t whose_paired_then(const struct wb *wb, uint32_t band, int64_t at_us, int64_t known_us);
/* The owner, where there is one, without what the open turn says; a question makes none. */
uint32_t whose_believed_owner(const struct wb *wb, uint32_t band, int64_t at_us);
/* Who has the band's scans that no pairing covers, by the policy in force; WB_NONE: not made yet.
 */
uint32_t whose_uncovered(const struct wb *wb, uint32_t band);
/* Where the newest description adopts, and the past is not folded by it yet: the person with the
 * band's id, who exists as known since then, also if another description comes before that.
 * false: no memory. */
bool whose_adopt_next(struct wb *wb, uint32_t band);
/* The owner, made where it is missing; WB_NONE: no memory. */
uint32_t whose_owner(struct wb *wb, uint32_t band, int64_t at_us);
const struct withdrawal *whose_withdrawal(const struct wb *wb, uint32_t reader, uint32_t band,
                                          int64_t at_us, uint32_t direction);
bool withdrawals_add(struct wb *wb, const struct withdrawal *withdrawal);
void withdrawals_shrink(struct wb *wb, size_t count);
bool is_quarantined(const struct policy *policy, int64_t at_us, int64_t learnt_us);
const struct release *release_covering(const struct wb *wb, uint32_t reader, int64_t at_us,
                                       int64_t learnt_us, int64_t known_us);
/* Whether it is of somebody who was erased: nobody's. */
bool scan_is_erased(const struct wb *wb, const struct fact_scan *scan, int64_t learnt_us);
/* Place a scan by all that is known. given: its learnt time is not that of its commit. */
wb_status place(struct wb *wb, const struct fact_scan *scan, int64_t learnt_us, bool given,
                struct placed *out);

/* tail.c */
/* The scan of the tail with this identity; WB_NONE. */
uint32_t tail_find(struct wb *wb, const struct fact_scan *scan);
bool tail_add(struct wb *wb, const struct placed *placed);
void tail_keep_from(struct tail *tail, size_t first); /* drop [0, first) */
void tail_shrink(struct tail *tail, size_t count);    /* drop [count, ...) */

/* turn.c */
/* Take a scan: of the open turn, or of a commit that is read again. */
wb_status take_scan(struct wb *wb, const struct fact_scan *scan, int64_t learnt_us,
                    wb_verdict *verdict, bool *keep);
wb_status record_names(struct wb *wb, struct puts *puts);

/* Look for a scan by its identity in blocks, wherever it could be. */
struct found {
    bool found;
    bool exact; /* learnt_us is known */
    int64_t learnt_us;
    struct placed placed;
};

wb_status find_everywhere(struct wb *wb, const struct fact_scan *scan, struct found *out);
/* One person's share of the block that begins at a second, into wb->member; without notes where
 * they are not wanted and say nothing to a fold. */
wb_status member_read(struct wb *wb, uint32_t owner, uint32_t second, bool notes);
void reader_use(struct reader_state *reader); /* it has facts */
/* When the newest block that holds scans of the owner begins; WB_NO_TIME: there is none. */
int64_t newest_block_us(struct wb *wb, uint32_t owner);
wb_status believe_scans(struct wb *wb); /* what the tail has beyond `believed` */
/* Presence of these owners goes on with all of the believed tail. */
wb_status believe_behind(struct wb *wb, const struct numbers32 *behind);
wb_status run_ops(struct wb *wb);

/* news.c */
void news_clear(struct wb *wb);
wb_status news_of_scan(struct wb *wb, const struct tail_scan *scan); /* it is believed */
wb_status news_of_change(struct wb *wb, const struct placed *placed);

/* facts.c */
wb_status believe_completions(struct wb *wb);                 /* those of the turn */
wb_status fact_again(struct wb *wb, const struct fact *fact); /* of a commit that is read again */

/* erase.c */
wb_status erase_finish(struct wb *wb); /* empty the log if it has what was erased */

/* blocks.c */
uint32_t block_second(int64_t at_us);
int64_t block_base_us(uint32_t second);
wb_status shelf_load(struct wb *wb);
/* Whether everything that a block names is there: it may be damaged so that it can be read. */
bool member_is_sound(const struct wb *wb, const struct member *member);
bool people_are_sound(const struct wb *wb, const struct crowd *crowd);
bool events_are_sound(const struct wb *wb, const struct events *events);
void shelf_done(struct shelf *shelf);
void shelf_clear(struct wb *wb);                                         /* forget all blocks */
struct spine *spine_of(struct wb *wb, enum block_kind kind, uint32_t n); /* NULL: no memory */
/* Index of the block that holds a moment; the spine is not empty. */
size_t spine_at(const struct spine *spine, int64_t at_us);
wb_status block_get(struct wb *wb, enum block_kind kind, uint32_t n, uint32_t second,
                    const uint8_t **data, size_t *bytes);
wb_status block_put(struct wb *wb, enum block_kind kind, uint32_t n, uint32_t second,
                    const struct bytes_out *content);
/* Grows whenever a person block of the group changes; never 0. */
uint64_t group_epoch(const struct wb *wb, uint32_t group);
/* Changed blocks, to be written, up to about so many bytes; their data stays where it is until they
 * are. */
bool blocks_put(struct wb *wb, struct puts *puts, size_t bytes);
/* Whether the file has blocks of a generation. */
wb_status blocks_any(struct wb *wb, unsigned generation, bool *any);
/* Drop blocks of a generation, at most so many of each kind. false: no memory. */
bool blocks_sweep(struct puts *puts, unsigned generation, size_t most);
void blocks_written(struct wb *wb);
wb_status block_damaged(struct wb *wb, enum block_kind kind, uint32_t n, uint32_t second);

/* apply.c */
bool presence_from_block(struct wb *wb, uint32_t owner, struct member *member, uint32_t second);
wb_status apply(struct wb *wb); /* believed tail and changes into blocks in memory */
/* At most so many groups of people and zones of it; SIZE_MAX: all. */
wb_status apply_some(struct wb *wb, size_t pieces);
bool apply_is_due(const struct wb *wb);
void applying_free(struct applying *applying);
struct comings;
/* Edits that wait into zone blocks. comings: NULL: begins. */
wb_status comings_some(struct wb *wb, struct comings **comings, size_t pieces, bool *done);
void comings_free(struct comings *comings);
bool edits_add(struct wb *wb, uint32_t zone, const struct event *event, bool remove);
void edits_clear(struct wb *wb);

/* door.c */
void view_done(struct wb *wb); /* frees what was folded, not what is known */

/* idle.c */
/* Run a statement in the open transaction, or keep it with copies of its cells for later. */
wb_status engine_put(struct wb *wb, struct puts *puts, enum statement statement,
                     const struct cell *cells, size_t count);
/* Keep it; its cells' texts and blobs stay where they are. false: no memory. */
bool puts_add(struct puts *puts, enum statement statement, const struct cell *cells, size_t count);
wb_status write_blocks(struct wb *wb);   /* apply, then blocks and watermark to disk */
wb_status seal(struct wb *wb, bool all); /* compact journal rows that are in blocks */
wb_status errand_run(struct wb *wb);     /* to its end */
/* The watermark of blocks that a view has made. */
wb_status put_watermark(struct wb *wb, const struct wb *view, struct puts *puts);
bool blocks_wait(struct wb *wb); /* blocks in memory are newer than on disk */
wb_status drop_errand(struct wb *wb, wb_status status); /* half of one is none */
/* All blocks, and what the errand has already, in one transaction. */
wb_status write_with_errand(struct wb *wb);
void errand_done(struct errand *errand);

/* replay.c */
struct replayed {
    uint64_t seq;
    int64_t learnt_us;
    const struct commit *commit;
    const uint8_t *block; /* what it was read from; of segments only where it was wanted */
    size_t bytes;
    const uint8_t *hash; /* [HASH_BYTES] as the file has it; NULL: inside a segment */
};

typedef wb_status (*replay_commit)(void *context, const struct replayed *at);
wb_status replay(struct wb *wb, uint64_t from_seq, bool want_block, replay_commit each,
                 void *context);
/* Commits learnt after after_us and at or before until_us. */
wb_status replay_learnt(struct wb *wb, int64_t after_us, int64_t until_us, replay_commit each,
                        void *context);
wb_status replay_tail(struct wb *wb); /* what blocks do not hold yet */
bool replayed_is_sound(const struct wb *wb, const struct fact_scan *scan);

/* The journal commit by commit, standing still between two while it grows and is packed. Zeroed is
 * at the beginning. */
struct replay_place {
    uint64_t seq; /* of the last that was read */
    uint64_t segment_last;
    int64_t learnt_us;
    const struct commit *commit; /* the last that was read */
    struct commit row_commit;
    struct buffer block;
    struct segment_reader *reader;
};

/* The next commit into place->commit; NULL where there is none yet. */
wb_status replay_next(struct wb *wb, struct replay_place *place);
void replay_place_done(struct replay_place *place);

/* refold.c */
/* Do a piece of what refolding needs, if anything. whole: as large pieces as it likes. */
wb_status refold_step(struct wb *wb, bool whole, enum wb_idle_next *next);
bool refold_is_due(const struct wb *wb);
wb_status refold_written(struct wb *wb); /* its errand came to the disk */
/* What the turn says of the past is heard by the new fold, too. */
wb_status refold_hear(struct wb *wb);
/* Do all of it. */
wb_status refold_finish(struct wb *wb, wb_progress progress, void *context);
void refold_drop(struct wb *wb); /* it begins anew, if it is due */

/* belief.c */
void in_flight_done(struct in_flight *flights);

/* What was known at a moment. */
struct belief {
    int64_t known_us;
    bool all;                /* everything is known */
    bool marks;              /* late.c's are ready and will do: only zones are asked for */
    bool same_plan;          /* the site folds as it does with all that is known */
    const struct plan *plan; /* as known then */
    struct plan own;         /* memory of plan where it is another */
};

wb_status belief_open(struct wb *wb, int64_t known_us, struct belief *out);
void belief_close(struct belief *belief);

/* When the commit of a prompt scan was learnt. */
wb_status belief_prompt_learnt(struct wb *wb, const struct fact_scan *scan, int64_t *learnt_us);

/* A person's scans that count as known, by time, in pieces. The first piece begins with the block
 * that holds from_us; `fold` is the state before it. */
struct stream {
    struct wb *wb;
    const struct belief *belief;
    uint32_t person;
    size_t block;  /* index of the next one */
    bool gathered; /* everything came in one piece */
    bool done;
    struct timeline scans; /* memory of the piece */
    const struct seen *at; /* [count] the piece */
    size_t count;
};

wb_status stream_open(struct wb *wb, const struct belief *belief, uint32_t person, int64_t from_us,
                      struct stream *out, struct fold *fold);
/* The next piece; done says that there is none. */
wb_status stream_next(struct stream *stream);
void stream_close(struct stream *stream);

/* Whether the person exists as known. */
wb_status belief_exists(struct wb *wb, const struct belief *belief, uint32_t person, bool *exists);
/* Whether all pairings of the person's bands are known. */
bool belief_is_stable(const struct wb *wb, const struct belief *belief, uint32_t person);

void company_free(struct company *company);
void folded_table_free(struct folded_table *table);
void late_index_free(struct late_index *index);

/* ask.c */
wb_status engine_refresh(struct wb *wb); /* of a reading handle: see what was written since */
wb_status ask_open(struct wb *wb);       /* before each question: refresh */
wb_status ask_who(struct wb *wb);        /* the same, and who exists is settled */
wb_status ask_ready(struct wb *wb);      /* the same, and blocks hold all that is believed */

#endif
