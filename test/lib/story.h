/* story: a site and all that happens to it, step by step; told at random from a seed and
 * played to the library and to the model at once. */
#ifndef TEST_LIB_STORY_H
#define TEST_LIB_STORY_H

#include "chance.h"
#include "lines.h"
#include "model.h"
#include "question.h"

enum step_kind {
    STEP_DESCRIBE,
    STEP_PERSON, /* a turn of its own */
    STEP_ERASE,  /* between turns */
    STEP_BEGIN,  /* ends the open turn */
    STEP_SCAN,
    STEP_PAIR,
    STEP_UNPAIR,
    STEP_REPLACE,
    STEP_WITHDRAW,
    STEP_RELEASE,
    STEP_COMPLETE,
    STEP_SYNC,
    STEP_END,
    STEP_ABANDON,
    STEP_BESIDE, /* ask from here to the next turn through a second, read-only handle */
    STEP_ASK,
    STEP_IDLE,
    STEP_REOPEN,
    STEP_REBUILD,
    STEP_VERIFY,
};

struct step {
    enum step_kind kind;
    int site;                                /* describe: which of story.sites */
    const char *person, *reader, *band, *to; /* to: the new band of a replacement */
    int64_t now_us;                          /* describe, person, erase, begin */
    int64_t at_us;                       /* scan, unpair, replace, withdraw; until of complete */
    int64_t from_us, until_us, shift_us; /* pair, release */
    int64_t learnt_us;                   /* scan and pair; WB_NO_TIME: with the turn */
    int direction;
    struct question question;
    bool left_out; /* not played */
};

struct story {
    struct step *steps;
    size_t count, capacity;
    struct model_site *sites;
    size_t site_count, site_capacity;
    void **memory; /* what the steps and sites point to */
    size_t memory_count, memory_capacity;
    struct lines *heard; /* takes each answer of the library when played; NULL: nobody listens */
};

/* Stories of seeds from here on have erasures in them. */
#define STORY_ERASES_FROM 1000000u

/* Tell the story of a seed. */
void story_tell(struct story *story, uint64_t seed);

void story_done(struct story *story);

/* Add a step at the end; zeroed but for its kind. Valid until the next is added. */
struct step *story_add(struct story *story, enum step_kind kind);

/* Memory that lives as long as the story; zeroed. */
void *story_memory(struct story *story, size_t bytes);

/* Play all steps that are not left out, in a new file.
 *
 *   path     of the file; what stands there is removed before and after
 *   told     how many answers were compared; may be NULL
 *   returns  NULL when library and model agree; else a text that says where they do not,
 *            the caller's to free, and the step in *failed */
char *story_play(const struct story *story, const char *path, size_t *told, size_t *failed);

/* Leave out all steps without which library and model still disagree.
 *
 *   failed   the step of the failure
 *   tries    at most so many plays */
void story_shrink(struct story *story, const char *path, size_t failed, int tries);

/* Print the steps that are not left out. */
void story_print(const struct story *story);

#endif
