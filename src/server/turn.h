/* turn: the path of everything that is answered. A newcomer reads turn.c first. */
#ifndef SERVER_TURN_H
#define SERVER_TURN_H

#include "api/dispatch.h"
#include "io/worker.h"

struct turn_queue {
    struct exchange *first, **last;
    size_t count;
};

struct turn {
    struct service *service;
    struct worker worker; /* commits */
    struct worker hasher; /* passwords */
    struct timer idle, gather;
    struct turn_queue waiting;    /* changes, and answers whose look-up is to be recorded */
    struct turn_queue committing; /* what the commit under way makes durable */
    struct turn_queue hashing;    /* the first is under way */
    uint64_t commit_began_us;
    size_t last_count; /* of those answered with the last commit */
    wb_status committed;
    bool has_stopped;
    bool is_stopping, is_gathering;
    bool is_slow;       /* the disk, at the last commit */
    bool is_tidying;    /* the worker writes blocks, not a turn */
    bool has_tidied;    /* since the last turn there is nothing more to write */
    uint64_t tidied_ms; /* when the last piece was done */
    void (*stopped)(void *context,
                    wb_status status); /* WB_OK: as it should; else the disk failed */
    void *context;
};

/* stopped: called after turn_stop, or when the disk failed. */
bool turn_open(struct turn *turn, struct service *service, struct loop *loop,
               void (*stopped)(void *context, wb_status status), void *context);

/* Take a whole request whose row is found and allowed. Its answer is given now or later. */
void turn_take(struct turn *turn, struct exchange *x);

/* Begin the next turn if there is something to do and none is under way. */
void turn_begin(struct turn *turn);

/* Refuse what waits, answer what is being committed, then call `stopped`. */
void turn_stop(struct turn *turn);

void turn_close(struct turn *turn);

#endif
