#include "api/reading.h"

#include <assert.h>
#include <malloc.h>
#include <sodium.h>

#define CACHE_BYTES   ((size_t)2 << 20) /* who folds everybody reads each block once */
#define REST_LOOK_MS  5000u
#define REST_AFTER_MS 60000u

/* ---- On the reading thread ---- */

static bool random_bytes(void *context, void *out, size_t bytes)
{
    (void)context;
    randombytes_buf(out, bytes);
    return true;
}

static void open_file(struct reading *reading)
{
    struct wb_options options = {
        .mode = WB_READ, .cache_bytes = CACHE_BYTES, .random = random_bytes};

    if (wb_open(reading->path, &options, &reading->wb, NULL) != WB_OK) reading->wb = NULL;
}

static void close_file(struct reading *reading)
{
    wb_status closed = wb_close(reading->wb);
    assert(closed == WB_OK); /* there is nothing to write */
    reading->wb = NULL;
    (void)malloc_trim(0); /* what the handle had goes back to the system */
}

/* Not even one state of the file is kept afterwards: the writer's log would grow meanwhile. */
static void work(void *context)
{
    struct reading *reading = context;

    if (reading->current == NULL || reading->reopens) close_file(reading);
    if (reading->current == NULL) return;
    if (reading->wb == NULL) open_file(reading);
    reading->current->work(reading->current, reading->wb);
    reading->has_failed = reading->wb == NULL || wb_rest(reading->wb) != WB_OK;
}

/* ---- On the loop ---- */

static void begin(struct reading *reading)
{
    if (reading->worker.is_busy || reading->first == NULL) return;
    reading->current = reading_take_first(reading);
    reading->reopens = reading->has_failed && reading->exports == 0;
    worker_begin(&reading->worker);
}

static void done(void *context)
{
    struct reading *reading = context;
    struct reading_task *task = reading->current;

    reading->used_ms = clock_ticks_ms(reading->loop);
    reading->current = NULL;
    if (task != NULL) {
        reading->answered++;
        task->done(task, reading->wb);
    }
    begin(reading);
}

static void rest(void *context)
{
    struct reading *reading = context;

    if (reading->worker.is_busy || reading->exports > 0 || reading->wb == NULL) return;
    if (clock_ticks_ms(reading->loop) - reading->used_ms < REST_AFTER_MS) return;
    worker_begin(&reading->worker); /* without a task: the file is closed */
}

bool reading_open(struct reading *reading, struct loop *loop, const char *path)
{
    *reading = (struct reading){.loop = loop, .path = path};
    reading->last = &reading->first;
    if (!worker_open(&reading->worker, loop, work, done, reading) ||
        !timer_open(&reading->rest, loop, rest, reading)) {
        return false;
    }
    timer_set(&reading->rest, REST_LOOK_MS, REST_LOOK_MS);
    return true;
}

void reading_close(struct reading *reading)
{
    assert(reading->first == NULL);
    worker_close(&reading->worker);
    timer_close(&reading->rest);
    close_file(reading);
}

bool reading_takes_question(const struct reading *reading)
{
    return reading->waiting < READING_WAITING_MAX;
}

bool reading_takes_export(const struct reading *reading)
{
    return reading->exports < READING_EXPORTS_MAX;
}

void reading_ask(struct reading *reading, struct reading_task *task)
{
    task->next = NULL;
    *reading->last = task;
    reading->last = &task->next;
    reading->waiting++;
    begin(reading);
}

void reading_ask_slice(struct reading *reading, struct reading_task *task)
{
    task->next = reading->first;
    if (reading->first == NULL) reading->last = &task->next;
    reading->first = task;
    reading->waiting++;
    begin(reading);
}

bool reading_take_back(struct reading *reading, struct reading_task *task)
{
    struct reading_task **link = &reading->first;

    while (*link != NULL && *link != task)
        link = &(*link)->next;
    if (*link == NULL) return false;
    *link = task->next;
    if (task->next == NULL) reading->last = link;
    reading->waiting--;
    return true;
}

struct reading_task *reading_take_first(struct reading *reading)
{
    struct reading_task *task = reading->first;

    if (task == NULL) return NULL;
    reading->first = task->next;
    if (reading->first == NULL) reading->last = &reading->first;
    reading->waiting--;
    return task;
}

bool reading_is_busy(const struct reading *reading)
{
    return reading->worker.is_busy || reading->first != NULL;
}
