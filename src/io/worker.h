/* worker: one thread for the one thing that blocks: the commit.
 *
 * It is handed one piece of work at a time. The loop is told when it is done. */
#ifndef IO_WORKER_H
#define IO_WORKER_H

#include "io/loop.h"

struct worker {
    loop_call work; /* on the worker's thread */
    loop_call done; /* on the loop's thread, afterwards */
    void *context;
    uv_thread_t thread;
    uv_sem_t wanted;
    uv_async_t finished;
    bool is_open, is_busy, ends;
};

/* false: the system gives no thread. work and done are called with context. */
bool worker_open(struct worker *worker, struct loop *loop, loop_call work, loop_call done,
                 void *context);

/* Begin. The worker must not be busy; it is until `done` is called. */
void worker_begin(struct worker *worker);

/* Wait for what is under way and end the thread; `done` is not called any more. */
void worker_close(struct worker *worker);

#endif
