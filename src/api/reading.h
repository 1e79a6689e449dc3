/* reading: heavy reading on a thread of its own, over a second handle of the file that only reads.
 *
 * What would hold the loop for long is asked there: questions that fold everybody, one after the
 * other, and the slices of exports between them. Whoever asks is held meanwhile. The handle is
 * opened when it is needed and closed when it has not been for a minute. Everything here belongs
 * to the loop's thread, but for a task's work. */
#ifndef API_READING_H
#define API_READING_H

#include "io/loop.h"
#include "io/worker.h"
#include "whereabouts.h"

#define READING_WAITING_MAX 16u /* questions that wait */
#define READING_EXPORTS_MAX 2u  /* exports under way */

struct reading_task {
    /* On the reading thread. wb: reads; NULL where it cannot be opened. */
    void (*work)(struct reading_task *task, struct wb *wb);
    /* On the loop's thread, afterwards; wb as above: for names only, nobody uses it meanwhile. */
    void (*done)(struct reading_task *task, struct wb *wb);
    void *context;
    struct reading_task *next;
};

struct reading {
    struct worker worker;
    struct timer rest;
    struct loop *loop;
    const char *path; /* of the file; borrowed */
    struct wb *wb;    /* the worker's while it is busy */
    struct reading_task *current, *first, **last;
    size_t waiting;
    size_t exports;    /* under way: the handle stays open for them */
    bool has_failed;   /* the handle is to be opened anew */
    bool reopens;      /* by the next task */
    uint64_t used_ms;  /* when the last task was done */
    uint64_t answered; /* tasks done since the start */
};

bool reading_open(struct reading *reading, struct loop *loop, const char *path);

/* Nothing may wait or be under way. */
void reading_close(struct reading *reading);

/* Whether one more question may wait; whether one more export may begin. */
bool reading_takes_question(const struct reading *reading);
bool reading_takes_export(const struct reading *reading);

/* Have a task done, after those that wait; a slice before them: it is short. */
void reading_ask(struct reading *reading, struct reading_task *task);
void reading_ask_slice(struct reading *reading, struct reading_task *task);

/* Take a task back. false: it is under way and will be done. */
bool reading_take_back(struct reading *reading, struct reading_task *task);

/* The next task that waits, taken back; NULL: none. */
struct reading_task *reading_take_first(struct reading *reading);

bool reading_is_busy(const struct reading *reading);

#endif
