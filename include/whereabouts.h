/* The public door of the library.
 *
 * Open a site's file, hand in facts, ask questions. The library reads no clock, no
 * randomness and no network: the present moment comes in as an argument, random bytes
 * through struct wb_options. One handle belongs to one thread at a time, but for
 * wb_sync(), which may run on another thread while questions are asked.
 *
 * Facts come in turns: wb_begin, then any number of facts, then wb_sync (one durable
 * commit), then wb_end (they are believed). wb_turn is wb_sync and wb_end in one.
 *
 * Every function that can fail must have its status looked at. After WB_EIO from wb_sync
 * or wb_turn the handle takes and answers nothing more: close it, open the file again;
 * nothing that was acknowledged is lost. */
#ifndef WHEREABOUTS_H
#define WHEREABOUTS_H

#include "whereabouts/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WB_API      __attribute__((visibility("default"))) __attribute__((warn_unused_result))
#define WB_API_VOID __attribute__((visibility("default")))

struct wb;

/* The version of the library in use, as "major.minor.patch". Static; never freed. */
WB_API const char *wb_version(void);

/* ---- Opening ------------------------------------------------------------------------ */

#define WB_READ   0u /* questions only; a writer may be at work beside it */
#define WB_WRITE  1u /* facts and questions; one writer a file */
#define WB_CREATE 3u /* the same, and the file is made if it is not there */

struct wb_options {
    uint32_t mode;
    size_t cache_bytes; /* bound on hot blocks kept in memory; 0: 32 MiB */
    /* Fill out[bytes] with random bytes; false on failure. Needed for WB_WRITE. */
    bool (*random)(void *context, void *out, size_t bytes);
    void *random_context;
    bool idles;      /* the host calls wb_idle_step(): turns leave that work to it, but for tails
                        of a million scans */
    const char *vfs; /* SQLite VFS to use (tests of crashes); NULL: the default */
};

/* Open a site's file.
 *
 *   why     filled on any failure; may be NULL
 *   cost    reads the registry and folds what the blocks do not hold yet
 *   errors  WB_EIO cannot be read or made; WB_EDAMAGED not a site file, newer or damaged;
 *           WB_EBUSY a second writer; WB_ENOMEM */
WB_API wb_status wb_open(const char *path, const struct wb_options *options, struct wb **out,
                         struct wb_fault *why);

/* Write blocks behind and close. Facts of a turn that was not synced are dropped. Accepts NULL.
 *
 *   errors  WB_EIO the blocks could not be written: nothing is lost, they are made again */
WB_API wb_status wb_close(struct wb *wb);

/* Let go of the file until the next question, of a handle that only reads: it keeps one state of
 * the file from one question to the next, which keeps the writer's log from being used again. For
 * hosts that leave such a handle open. errors: WB_EIO */
WB_API wb_status wb_rest(struct wb *wb);

/* The sentence of the last failure of this handle; "" if there was none. Borrowed. */
WB_API const char *wb_last_error(const struct wb *wb);

/* Frees the memory of any list of types.h; the list is empty afterwards. */
#define wb_list_done(list) \
    (wb_release_memory((list)->at), (list)->at = NULL, (list)->count = (list)->capacity = 0)
WB_API_VOID void wb_release_memory(void *memory);

/* ---- The site's description --------------------------------------------------------- */

/* Make or change the site's description (site.json); one durable commit of its own.
 * The newest description applies to all times. What is left out and has facts is retired.
 * No turn may be open.
 *
 * Where it folds the past otherwise (other readers' rules, another tree, another time to forget),
 * that is folded anew: here and now, or, for a host that steps (wb_options.idles), in the steps;
 * until they are done, whatever the old description knows is believed as that one says.
 *
 *   json    [bytes], UTF-8, the document of the contract
 *   now_us  the present moment: when it is learnt
 *   errors  WB_EREFUSED with line and column in *why; WB_EIO */
WB_API wb_status wb_describe(struct wb *wb, const char *json, size_t bytes, int64_t now_us,
                             struct wb_fault *why);

/* Whether the past is still folded by an older description, and how much of it is folded anew: from
 * 0 to 1. */
WB_API bool wb_is_folding(const struct wb *wb, double *done);

/* Told now and then how far long work is; return false to stop it (WB_ESTOPPED). */
typedef bool (*wb_progress)(void *context, const char *step, uint64_t done, uint64_t total);

/* Fold it all now. A file that is opened for writing by a host that does not step is folded when it
 * is opened.  errors: WB_ESTOPPED by progress: it waits for the next time; WB_EIO */
WB_API wb_status wb_refold(struct wb *wb, wb_progress progress, void *context);

/* Whether there is a description yet; without one no fact but a description is taken. */
WB_API bool wb_is_described(const struct wb *wb);

/* The newest description as it was given. Borrowed until the next wb_describe. */
WB_API wb_status wb_description(const struct wb *wb, const char **json, size_t *bytes);

WB_API const char *wb_site_id(const struct wb *wb);
WB_API const char *wb_site_timezone(const struct wb *wb); /* IANA name */
WB_API int64_t wb_site_heartbeat_us(const struct wb *wb); /* 0 without one */

/* ---- Names -------------------------------------------------------------------------- */
/* Find by id. errors: WB_ENOENT. A person is found who is in the register, or is adopted
 * (unknown_bands "adopt") and has a scan that counts; who the open turn registers, too. "outside"
 * and "unknown" are zones. A retired zone or reader is found. A band is found in any spelling of a
 * chip. */

WB_API wb_status wb_person_find(struct wb *wb, const char *id, size_t bytes, wb_person *out);
WB_API wb_status wb_zone_find(const struct wb *wb, const char *id, size_t bytes, wb_zone *out);
WB_API wb_status wb_reader_find(const struct wb *wb, const char *id, size_t bytes, wb_reader *out);
WB_API wb_status wb_band_find(const struct wb *wb, const char *id, size_t bytes, wb_band *out);

/* Find a band or take a new one into the registry (durable with the next commit).
 *
 *   cost    one hash of the id
 *   errors  WB_EINVAL not an id; WB_EREFUSED person:ID of somebody not in the register */
WB_API wb_status wb_band_intern(struct wb *wb, const char *id, size_t bytes, wb_band *out);

/* Ids back; borrowed from the handle until it is closed or a fact is taken; of a handle that only
 * reads, until the next question. */
WB_API const char *wb_person_id(const struct wb *wb, wb_person person);
WB_API const char *wb_zone_id(const struct wb *wb, wb_zone zone);
WB_API const char *wb_reader_id(const struct wb *wb, wb_reader reader);
WB_API const char *wb_band_id(const struct wb *wb, wb_band band);

struct wb_zone_row {
    const char *id, *name; /* name: "" without one */
    wb_zone parent;        /* WB_ZONE_OUTSIDE for a root */
    uint32_t capacity;     /* 0 without one */
    bool muster, retired;
};

struct wb_reader_row {
    const char *id, *name, *purpose; /* "" without one */
    char kind;                       /* 'e' enter, 'l' leave, 'b' between */
    wb_zone a, b;                    /* enter and leave: a; between [a, b] */
    int64_t retired_us;              /* WB_STILL_THERE: in use */
    int64_t complete_us;             /* declared complete up to; WB_NO_TIME: never */
    int64_t last_heard_us;           /* time of its newest scan of somebody's band; WB_NO_TIME */
};

/* All zones without "outside" and "unknown", in no order; all readers by id. */
WB_API wb_status wb_zones_all(struct wb *wb, struct wb_zones *out);
WB_API wb_status wb_readers_all(struct wb *wb, struct wb_readers *out);
WB_API wb_status wb_zone_row(const struct wb *wb, wb_zone zone, struct wb_zone_row *out);
WB_API wb_status wb_reader_row(const struct wb *wb, wb_reader reader, struct wb_reader_row *out);

/* ---- Facts, in turns ---------------------------------------------------------------- */

/* Begin a turn. now_us is the present moment; what the turn takes is learnt then
 * (a moment later where a commit has that moment already).
 *
 *   errors  WB_EINVAL a turn is open, the handle only reads, or there is no description */
WB_API wb_status wb_begin(struct wb *wb, int64_t now_us);

/* Report that a reader saw a band. Late, early and repeated scans are welcome.
 *
 *   verdict  what becomes of it; may be NULL
 *   durable  when the next wb_sync or wb_turn returns WB_OK, and not before
 *   cost     O(1) for a scan newer than the band's last; else one block is looked up
 *   errors   WB_EINVAL no such reader or band; WB_EREFUSED the reader is retired (why);
 *            WB_EFULL the turn is full: commit it, begin another */
WB_API wb_status wb_observe(struct wb *wb, const struct wb_scan *scan, wb_verdict *verdict,
                            struct wb_fault *why);

/* Say whose band it is in [from_us, until_us). The same band, person and from again sets
 * the until.
 *
 *   learnt_us  WB_NO_TIME: with this turn
 *   changed    whether the file knew this very pairing already (false) or not (true); may be NULL
 *   errors     WB_EREFUSED overlaps another person's pairing, no length, or person:ID */
WB_API wb_status wb_pair(struct wb *wb, const struct wb_pairing *pairing, bool *changed,
                         struct wb_fault *why);

/* End the pairing that covers the moment. errors: WB_EREFUSED there is none */
WB_API wb_status wb_unpair(struct wb *wb, wb_band band, int64_t at_us, struct wb_fault *why);

/* Give the person of one band another: one step, both or none.
 * errors: WB_EREFUSED the old band is nobody's then, or the new one is somebody else's */
WB_API wb_status wb_replace(struct wb *wb, wb_band old_band, wb_band new_band, int64_t at_us,
                            struct wb_fault *why);

/* Say that a scan was made in error. It may be withdrawn before it is learnt.
 * reason: kept aside from the journal; may be erased. WB_EVERY_DIRECTION: whatever direction. */
WB_API wb_status wb_withdraw(struct wb *wb, wb_reader reader, wb_band band, int64_t at_us,
                             wb_direction direction, const char *reason, struct wb_fault *why);

/* Fold in the quarantined scans of a reader with times in [from_us, until_us) that are
 * learnt by now, their clock corrected by shift_us. count: how many; may be NULL.
 * errors: WB_EREFUSED none is quarantined there */
WB_API wb_status wb_release(struct wb *wb, wb_reader reader, int64_t from_us, int64_t until_us,
                            int64_t shift_us, const char *reason, uint64_t *count,
                            struct wb_fault *why);

/* Declare that all scans of a reader up to until_us are in. */
WB_API wb_status wb_complete(struct wb *wb, wb_reader reader, int64_t until_us);

/* A person of the register. Strings: UTF-8; groups: "a;b", "" for none. */
struct wb_person_row {
    const char *id, *name, *groups, *notes;
    bool needs_help;
};

/* Take a person into the register or change them. known: they were there; may be NULL. */
WB_API wb_status wb_person_put(struct wb *wb, const struct wb_person_row *row, bool *known,
                               struct wb_fault *why);

/* What went with a person. */
struct wb_erasure {
    uint64_t scans;      /* of theirs: in the journal, and nobody's from now on */
    uint64_t lookups;    /* records that named them */
    uint32_t bands_gone; /* bands that nobody else wore, the one by name among them */
    uint32_t bands_kept; /* bands that others wore as well: only their time of them went */
    uint32_t reasons;    /* of withdrawals and releases */
    bool log_is_empty;   /* nothing is left in the log beside the file. Else another program was
                            reading; it is emptied when that is done, by wb_idle, wb_idle_step,
                            wb_close or the next opening. */
};

/* Erase a person for good; one durable commit of its own, whole or not at all. No turn may be open.
 *
 * Afterwards no answer of any moment names them, as known at any moment: the register is no fact,
 * so who is erased is there at none. Their entry goes, the look-ups of them, the reasons of
 * corrections that name their bands, and of bands that nobody else wore the ids; the id again, or
 * the band's, is somebody new. Their scans stay in the journal as numbers and are nobody's: they
 * count for nothing and are in no list. A band that others wore as well cannot be paired again for
 * the time of theirs. What was believed at a moment of somebody else, on scans that turned out to
 * be theirs later, stays as it was believed. Nothing of what went stands in the file afterwards,
 * nor in copies made then.
 *
 *   now_us  the present moment: their pairings of bands that stay end then
 *   out     may be NULL
 *   cost    finishes the fold of a new description, if one waits; folds their timeline anew,
 *           writes all blocks that wait and all names; goes through the log of look-ups
 *   errors  WB_ENOENT does not exist; WB_EINVAL a turn is open, the handle only reads; WB_EIO */
WB_API wb_status wb_erase_person(struct wb *wb, wb_person person, int64_t now_us,
                                 struct wb_erasure *out);

/* Commit what the turn took: one journal row, one fsync. May run on another thread.
 * errors: WB_EIO nothing was acknowledged; close the handle */
WB_API wb_status wb_sync(struct wb *wb);

/* Believe what the last wb_sync committed; ends the turn. summary may be NULL. */
WB_API wb_status wb_end(struct wb *wb, struct wb_summary *summary);

/* wb_sync and wb_end. */
WB_API wb_status wb_turn(struct wb *wb, struct wb_summary *summary);

/* Whom the last turn says something about; each person may stand there more than once. */
struct wb_news {
    const wb_person *moved; /* [moved_count] seen anew: where they are now may be another zone */
    size_t moved_count;
    const wb_person *changed; /* [changed_count] by a late scan or a correction: what is believed
                                 of a past moment, and of the present, may be another */
    size_t changed_count;
    int64_t changed_from_us; /* the earliest such moment; WB_STILL_THERE: none */
};

/* What the last wb_end changed; borrowed until the next turn. A new description, which can change
 * everything, is not told here. */
WB_API_VOID void wb_news(const struct wb *wb, struct wb_news *out);

/* Drop what the turn took and end it. After wb_sync it is too late to drop: it is believed. */
WB_API_VOID void wb_abandon(struct wb *wb);

/* Write blocks behind and compact sealed journal rows. Call it when idle.
 * cost: all that waits, at most about a million scans: some tenths of a second */
WB_API wb_status wb_idle(struct wb *wb);

/* The same in bounded pieces, for a host that nobody may wait for (wb_options.idles). */
enum wb_idle_next {
    WB_IDLE_DONE, /* nothing waits, or only what has to wait until no turn is open */
    WB_IDLE_MORE, /* step again, now or later */
    WB_IDLE_SYNC, /* wb_idle_sync, then wb_idle_end, before anything but questions */
};

/* Do one piece in memory. A turn may be open.
 * cost: some milliseconds; all that waits when a correction does */
WB_API wb_status wb_idle_step(struct wb *wb, enum wb_idle_next *next);

/* Bring a piece to the disk. May run on another thread while questions are asked; no turn may be
 * open from the step before it to wb_idle_end. errors: WB_EIO, as wb_sync */
WB_API wb_status wb_idle_sync(struct wb *wb);
WB_API wb_status wb_idle_end(struct wb *wb);

/* ---- Questions ---------------------------------------------------------------------- */
/* All are read-only, may be asked while a turn is open (what it took is not believed yet),
 * and answer from what is committed and believed. Lists come in no order unless said.
 *
 * Of a list a host can leave out afterwards what somebody may not see; of a sum it cannot: the
 * questions that add up take a limit, NULL for none. */

/* Who is in a zone or below it at a moment: their numbers only. The cheapest question.
 * zone: WB_ZONE_OUTSIDE and WB_ZONE_UNKNOWN too.  cost: one block a zone */
WB_API wb_status wb_inside(struct wb *wb, wb_zone zone, const struct wb_moment *moment,
                           struct wb_people *out);

/* The same with their whereabouts and evidence. */
WB_API wb_status wb_at(struct wb *wb, wb_zone zone, const struct wb_moment *moment,
                       struct wb_whereabouts_list *out);

/* Everybody in any real zone at a moment. */
WB_API wb_status wb_everybody(struct wb *wb, const struct wb_moment *moment,
                              struct wb_whereabouts_list *out);

/* One person at a moment. errors: WB_ENOENT does not exist */
WB_API wb_status wb_where(struct wb *wb, wb_person person, const struct wb_moment *moment,
                          struct wb_whereabouts *out);

/* Head counts of all zones of the limit at a moment. */
WB_API wb_status wb_head_count(struct wb *wb, const struct wb_moment *moment,
                               const struct wb_limit *limit, struct wb_head_counts *out);

/* The person's stays in real zones that touch the window, whole, by time. */
WB_API wb_status wb_path(struct wb *wb, wb_person person, const struct wb_window *window,
                         struct wb_stays *out);

/* Who shared zones with the person inside the window, for at least least_us and more than 0. The
 * limit's people are who is named; of the person themselves, its zones count. */
WB_API wb_status wb_with(struct wb *wb, wb_person person, const struct wb_window *window,
                         int64_t least_us, const struct wb_limit *limit,
                         struct wb_company_list *out);

/* How many people were in a zone or below it at from, from + every, ... < until.
 * cost: the blocks of the zones; with a limit to people, all the scans of each of them since from
 * errors: WB_EINVAL every_us < 1, an open window; WB_EFULL more than 16 million points */
WB_API wb_status wb_occupancy(struct wb *wb, wb_zone zone, const struct wb_window *window,
                              int64_t every_us, const struct wb_limit *limit,
                              struct wb_counts *out);

/* The readers that could still change an answer as of a moment, as known then; by id. */
WB_API wb_status wb_could_change(struct wb *wb, int64_t as_of_us, int64_t known_us,
                                 struct wb_readers *out);

/* Lists. */
WB_API wb_status wb_people_all(struct wb *wb, struct wb_people *out); /* register and adopted */
WB_API wb_status wb_people_of_group(struct wb *wb, const char *group, size_t bytes,
                                    struct wb_people *out); /* WB_ENOENT: no such group */
WB_API wb_status wb_people_unseen(struct wb *wb, struct wb_people *out); /* never seen */
/* Strings borrowed until the next call. An adopted person has an id only. */
WB_API wb_status wb_person_row(struct wb *wb, wb_person person, struct wb_person_row *out);
WB_API wb_status wb_held(struct wb *wb, struct wb_kept_scans *out);
WB_API wb_status wb_quarantined(struct wb *wb, struct wb_kept_scans *out);
/* Withdrawals in force; .direction may be WB_EVERY_DIRECTION; at most one row each.
 * reason(i): wb_withdrawn_reason. */
WB_API wb_status wb_withdrawn(struct wb *wb, struct wb_kept_scans *out);
WB_API wb_status wb_withdrawn_reason(struct wb *wb, const struct wb_kept_scan *withdrawal,
                                     char *out, size_t out_bytes);
WB_API wb_status wb_pairings(struct wb *wb, struct wb_pairings *out);
WB_API wb_status wb_bands_all(struct wb *wb, struct wb_pairings *out); /* every band; person
                                     WB_NONE where it is unpaired; one row a pairing */

/* ---- Scans read back ------------------------------------------------------------------ */

/* A cursor over the scans of the journal, in the order in which they were learnt: those that count
 * and those that are held, quarantined or withdrawn. A scan that was sent again is there once,
 * but where its copy was learnt earlier by its own word; taken in again with their learnt times,
 * they are the same facts. Scans that come after it was opened are not in it. */
struct wb_scans;

struct wb_scans_slice {
    const struct wb_scan
        *at;         /* [count]; learnt_us is given in each. Borrowed until the next call */
    size_t count;    /* may be 0 before the end */
    uint64_t passed; /* scans gone through so far, in the window or not */
    uint64_t total;  /* that there are to go through */
    bool done;       /* this was the last slice */
};

/* Open a cursor over the scans that happened in [from_us, until_us), by the reader's clock.
 * WB_NO_TIME, WB_STILL_THERE: open. Close it before the handle; questions may be asked between
 * slices. errors: as a question */
WB_API wb_status wb_scans_open(struct wb *wb, int64_t from_us, int64_t until_us,
                               struct wb_scans **out);

/* The next slice. A handle that only reads lets go of the file first: between slices and while one
 * is unpacked, nothing is held.
 *
 *   cost    some milliseconds: a segment of the journal or some thousand commits
 *   errors  WB_EDAMAGED, WB_EIO, WB_ENOMEM; the cursor is good for closing only, then */
WB_API wb_status wb_scans_next(struct wb_scans *scans, struct wb_scans_slice *out);

/* Accepts NULL. */
WB_API_VOID void wb_scans_close(struct wb_scans *scans);

/* ---- What the host keeps in the file ------------------------------------------------ */
/* Rows of the host beside the facts: who may sign in, who looked at whom, documents. They say
 * nothing about where anybody was: they are not in the journal and not in its chain of hashes.
 *
 * What is put or removed is taken in an open turn, durable with its wb_sync, and dropped with
 * wb_abandon; reading gives what is durable. A turn of such rows alone makes no journal row. */

typedef enum wb_credential_kind {
    WB_OPERATOR = 0,   /* name: as they sign in; secret: hash of the password */
    WB_TOKEN = 1,      /* name: its id; secret: hash of the token */
    WB_SESSION = 2,    /* name: its id; secret: hash of the cookie; holder: the operator */
    WB_INVITATION = 3, /* name: its id; secret: hash of a code that works once */
} wb_credential_kind;

/* Texts: UTF-8 without NUL, "" where there is nothing to say; at most WB_CREDENTIAL_BYTES_MAX. */
#define WB_CREDENTIAL_BYTES_MAX 65536u

struct wb_credential {
    wb_credential_kind kind;
    const char *name; /* 1 to 128 bytes, once in its kind */
    const char *role;
    const char *secret;
    const char *scope; /* the host's own text */
    const char *holder;
    const char *purpose;
    int64_t made_us;
    int64_t expires_us; /* WB_STILL_THERE: never */
};

/* Put a credential; one of that kind and name is replaced.  errors: WB_EINVAL, WB_EIO */
WB_API wb_status wb_credential_put(struct wb *wb, const struct wb_credential *credential);

/* Remove it; what is not there is no failure. */
WB_API wb_status wb_credential_remove(struct wb *wb, wb_credential_kind kind, const char *name);

/* Remove all of a kind that somebody holds: the sessions of an operator. */
WB_API wb_status wb_credentials_remove_held(struct wb *wb, wb_credential_kind kind,
                                            const char *holder);

/* Called with each; borrowed until it returns. False stops. */
typedef bool (*wb_credential_each)(void *context, const struct wb_credential *credential);

/* All credentials, by kind, then by name in byte order. */
WB_API wb_status wb_credentials_all(struct wb *wb, wb_credential_each each, void *context);

typedef enum wb_lookup_kind {
    WB_LOOKUP_ANSWER = 0, /* it named these people */
    WB_LOOKUP_WATCH = 1,  /* somebody watched a zone from at_us until until_us: it named whoever
                             was in it or below it then */
    WB_LOOKUP_EXPORT = 2, /* it told everybody's scans of a time: it named everybody */
} wb_lookup_kind;

#define WB_ZONE_EVERY WB_NONE /* of a watch: every real zone */

/* Who looked at whom. One record for each answer that names people. */
struct wb_lookup {
    wb_lookup_kind kind;
    const char *who;      /* operator or token */
    const char *purpose;  /* "" without one */
    const char *question; /* path and query, as text */
    const char *groups;   /* of a watch: only people of these groups were shown, "a;b"; "" of all */
    int64_t at_us;        /* when it was asked */
    int64_t as_of_us;     /* the moment or the window's start that it was about; WB_NO_TIME */
    int64_t until_us; /* the window's end; of a watch when it ended, WB_STILL_THERE until then */
    wb_zone zone;     /* of a watch: the zone, or WB_ZONE_EVERY */
    const wb_person *people; /* [count] in any order, also twice; of a watch or an export none. When
                                it is read: NULL, but count is there: what others were named is
                                not told */
    size_t count;
};

/* Record a look-up.
 *
 *   number  of the record, from 1; may be NULL
 *   cost    one sort of the people; some 60 bytes of the file, and at most a byte or two a person
 *   errors  WB_EINVAL no turn is open, nobody of that number, a watch or an export with people;
 *           WB_EIO */
WB_API wb_status wb_lookup_put(struct wb *wb, const struct wb_lookup *lookup, int64_t *number);

/* Say that a watch ended. number 0: every watch that has no end, of a host that was killed. */
WB_API wb_status wb_lookup_end(struct wb *wb, int64_t number, int64_t until_us);

/* Called with each; borrowed until it returns. False stops. */
typedef bool (*wb_lookup_each)(void *context, int64_t number, const struct wb_lookup *lookup);

/* Who looked at a person, newest first: the answers that named them, the watches during which
 * they were in the zone, by what is known now, as long as they were watched, and every export.
 *
 *   below   begin below this number; 0: with the newest
 *   now_us  the present moment, for watches that last
 *   cost    the people of every answer are stepped through from the newest on; one path
 *   errors  WB_ENOENT does not exist */
WB_API wb_status wb_lookups_of(struct wb *wb, wb_person person, int64_t below, int64_t now_us,
                               wb_lookup_each each, void *context);

/* How many look-ups are recorded. */
WB_API wb_status wb_lookup_count(struct wb *wb, uint64_t *out);

/* Keep a document of the host under a name (1 to 128 bytes), in place of the one before; of no
 * bytes: remove it. At most 16 MiB.  errors: WB_EINVAL, WB_EIO */
WB_API wb_status wb_document_put(struct wb *wb, const char *name, const void *data, size_t bytes);

/* A copy that is yours (wb_release_memory), with a NUL behind it.  errors: WB_ENOENT */
WB_API wb_status wb_document(struct wb *wb, const char *name, char **out, size_t *bytes);

/* ---- Keeping the file --------------------------------------------------------------- */

struct wb_verification {
    uint64_t commits, scans, blocks, faults;
    char first_fault[400]; /* names the row or block; "" when there is none */
};

/* Check everything: hash chain, blocks against a plain fold from the journal.
 * errors: WB_EREFUSED something is wrong (out says what); WB_EIO */
WB_API wb_status wb_verify(struct wb *wb, wb_progress progress, void *context,
                           struct wb_verification *out);

/* Make the blocks anew from the journal. */
WB_API wb_status wb_rebuild(struct wb *wb, wb_progress progress, void *context);

/* Write a consistent copy of a live site. errors: WB_EREFUSED the file exists; WB_EIO */
WB_API wb_status wb_backup(struct wb *wb, const char *path, wb_progress progress, void *context,
                           struct wb_fault *why);

struct wb_numbers {
    uint64_t commits, scans; /* in the journal */
    uint64_t people, bands, held, quarantined, withdrawals, releases, pairings;
    uint64_t unwritten;        /* scans believed and not in blocks on disk yet */
    int64_t first_us, last_us; /* times of the oldest and newest scan that counts */
    int64_t learnt_us;         /* of the newest commit */
};

WB_API wb_status wb_numbers(struct wb *wb, struct wb_numbers *out);

#ifdef __cplusplus
}
#endif

#endif
