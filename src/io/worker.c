#include "io/worker.h"

#include <assert.h>

/* The semaphore on the way in and the async on the way out order all memory between the threads:
 * neither touches what the other has while it has it. */
static void run(void *context)
{
    struct worker *worker = context;

    for (;;) {
        uv_sem_wait(&worker->wanted);
        if (worker->ends) return;
        worker->work(worker->context);
        (void)uv_async_send(&worker->finished); /* fails only when closing */
    }
}

static void finished(uv_async_t *handle)
{
    struct worker *worker = handle->data;

    if (!worker->is_busy) return;
    worker->is_busy = false;
    worker->done(worker->context);
}

bool worker_open(struct worker *worker, struct loop *loop, loop_call work, loop_call done,
                 void *context)
{
    *worker = (struct worker){.work = work, .done = done, .context = context};
    if (uv_sem_init(&worker->wanted, 0) != 0) return false;
    if (uv_async_init(&loop->uv, &worker->finished, finished) != 0) return false;
    worker->finished.data = worker;
    worker->is_open = uv_thread_create(&worker->thread, run, worker) == 0;
    return worker->is_open;
}

void worker_begin(struct worker *worker)
{
    assert(!worker->is_busy);
    worker->is_busy = true;
    uv_sem_post(&worker->wanted);
}

void worker_close(struct worker *worker)
{
    if (!worker->is_open) return;
    worker->ends = true;
    uv_sem_post(&worker->wanted);
    (void)uv_thread_join(&worker->thread);
    uv_close((uv_handle_t *)&worker->finished, NULL);
    uv_sem_destroy(&worker->wanted);
    worker->is_open = false;
}
