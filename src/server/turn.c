/* The path of everything that is answered, in order:
 *
 *   take     a question is answered into memory at once, from what is believed, also while a
 *            commit is under way; a change waits for the next turn
 *   begin    all that waits goes into one turn: changes are told to the engine, look-ups recorded
 *   commit   on the worker's thread, while the loop goes on answering questions
 *   end      it is believed; pages that watch are told
 *   answer   and only now does anybody hear of it; the next turn is already begun, so that the disk
 *            works while answers are sent and the next requests are read
 *
 * So 64 readers share two fsyncs, and no answer that names people leaves before it is recorded. */
#include "server/turn.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/caller.h"
#include "api/export.h"
#include "api/metrics.h"
#include "api/password_work.h"
#include "api/resources.h"
#include "api/rows.h"
#include "api/search.h"
#include "api/stream.h"
#include "server/log.h"
#include "server/record.h"

#define WEIGHT_MAX       20000u /* facts of one turn, unless one request alone has more */
#define GATHER_FROM_US   4000u  /* a commit that takes longer is worth to be waited for together */
#define GATHER_MS        1u
#define IDLE_MS          10u
#define TIDY_EVERY_MS    20u
#define FOLDING_EVERY_MS 4u    /* the past is folded anew: under load, one piece */
#define FOLDING_US       5000u /* while nothing comes, pieces for so long, then the loop looks up */

static uint64_t ticks_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static void push(struct turn_queue *queue, struct exchange *x)
{
    x->next = NULL;
    *queue->last = x;
    queue->last = &x->next;
    queue->count++;
}

static struct exchange *pop(struct turn_queue *queue)
{
    struct exchange *x = queue->first;

    queue->first = x->next;
    if (queue->first == NULL) queue->last = &queue->first;
    queue->count--;
    return x;
}

static void empty(struct turn_queue *queue)
{
    *queue = (struct turn_queue){.last = &queue->first};
}

/* ---- Answer ---- */

static void answer(struct turn *turn, struct exchange *x)
{
    exchange_finish(x);
    caller_put_cookie(x);
    turn->service->metrics->answers[x->status / 100 % 6]++;
    request_answer(x->request, x->status, x->response, x->is_shared);
    x->response = NULL;
}

static void refuse_stopping(struct turn *turn, struct exchange *x)
{
    exchange_drop(x);
    exchange_problem(x, 503, "stopping", "the server is stopping; send it again");
    answer(turn, x);
}

/* ---- Passwords: hashed on a worker of their own, one at a time, before their turn ---- */

static void hash_next(struct turn *turn)
{
    if (turn->hasher.is_busy || turn->hashing.first == NULL) return;
    worker_begin(&turn->hasher);
}

static void hash(void *context)
{
    const struct turn *turn = context;
    password_work_do(turn->hashing.first->password);
}

static void hashed(void *context)
{
    struct turn *turn = context;
    struct exchange *x = pop(&turn->hashing);

    if (turn->is_stopping) {
        refuse_stopping(turn, x);
        http_drive(turn->service->http);
    } else {
        x->took_ticks_us = ticks_us();
        push(&turn->waiting, x);
    }
    hash_next(turn);
}

/* ---- Take ---- */

static void wait_for_turn(struct turn *turn, struct exchange *x)
{
    x->took_ticks_us = ticks_us();
    push(&turn->waiting, x);
}

/* Whether the answer has to be on record, or a new cookie in the file, before it is given. */
static bool has_to_wait(const struct exchange *x)
{
    return x->document.named.count > 0 || (x->caller.rotate && x->status < 400);
}

static void handle(struct exchange *x)
{
    x->clock = x->service->clock;
    x->handler(x);
}

/* Give the answer to a question, or have it recorded before. */
static void give(struct turn *turn, struct exchange *x)
{
    if (!has_to_wait(x)) {
        answer(turn, x);
        return;
    }
    x->is_lookup = true;
    x->weight = 1;
    wait_for_turn(turn, x);
}

/* ---- Heavy questions: asked on the reading thread, one after the other ---- */

static struct exchange *exchange_of(struct reading_task *task)
{
    return (struct exchange *)(void *)((char *)task - offsetof(struct exchange, task));
}

/* On the reading thread: nothing but the exchange and the handle is touched. */
static void ask_apart(struct reading_task *task, struct wb *wb)
{
    struct exchange *x = exchange_of(task);

    if (wb == NULL || request_is_gone(x->request)) return;
    x->wb = wb;
    x->handler(x);
}

/* The two handles may number somebody otherwise who is in the file only since a moment ago. */
static bool number_people(struct exchange *x, const struct wb *of, struct wb *to)
{
    struct wb_people *named = &x->document.named;

    for (size_t i = 0; i < named->count; i++) {
        const char *id = wb_person_id(of, named->at[i]);
        if (wb_person_find(to, id, strlen(id), &named->at[i]) != WB_OK) return false;
    }
    return true;
}

static void stopped_if_done(struct turn *turn)
{
    if (!turn->is_stopping || turn->has_stopped || turn->worker.is_busy ||
        reading_is_busy(turn->service->reading)) {
        return;
    }
    turn->has_stopped = true;
    turn->stopped(turn->context, WB_OK);
}

static void answered_apart(struct reading_task *task, struct wb *wb)
{
    struct turn *turn = task->context;
    struct exchange *x = exchange_of(task);

    x->wb = turn->service->wb;
    if (turn->is_stopping) {
        refuse_stopping(turn, x);
    } else if (x->status == 0 && wb != NULL) {
        exchange_problem(x, 408, "too-slow", "whoever asked has gone");
        answer(turn, x);
    } else if (x->status == 0) {
        exchange_failed(x, WB_EIO, NULL);
        answer(turn, x);
    } else if (!number_people(x, wb, x->wb)) {
        exchange_drop(x);
        exchange_busy(x, "people came or went meanwhile; ask again");
        answer(turn, x);
    } else {
        give(turn, x);
    }
    http_drive(turn->service->http);
    stopped_if_done(turn);
}

/* What was known at a moment folds everybody from the beginning, but for one person's own. */
static bool is_heavy(const struct exchange *x)
{
    bool known = request_parameter(x->request, "known", NULL) != NULL;
    bool one = request_parameter(x->request, "person", NULL) != NULL;

    return known && (x->handler == with_get || x->handler == occupancy_get ||
                     (x->handler == at_get && !one));
}

static void ask(struct turn *turn, struct exchange *x)
{
    if (!is_heavy(x)) {
        handle(x);
        give(turn, x);
    } else if (!reading_takes_question(turn->service->reading)) {
        exchange_busy(x, "many long questions wait already; ask again in a while");
        answer(turn, x);
    } else {
        x->clock = x->service->clock;
        x->task = (struct reading_task){.work = ask_apart, .done = answered_apart, .context = turn};
        reading_ask(turn->service->reading, &x->task);
    }
}

static void change(struct turn *turn, struct exchange *x)
{
    x->weight = x->handler == scans_post || rows_are_csv(x) ? scans_weight(x) : 1;
    if (x->weight > 0 && !password_work_begin(x)) x->weight = 0;
    if (x->weight == 0) {
        answer(turn, x);
    } else if (x->password != NULL) {
        push(&turn->hashing, x);
        hash_next(turn);
    } else {
        wait_for_turn(turn, x);
    }
}

void turn_take(struct turn *turn, struct exchange *x)
{
    x->now_us = clock_now_us();
    if (turn->is_stopping) {
        refuse_stopping(turn, x);
        return;
    }
    switch (x->right->kind) {
    case ACCESS_PLAIN:
    case ACCESS_QUESTION:
        ask(turn, x);
        return;
    case ACCESS_STREAM: /* its look-up is recorded before anything is shown */
    case ACCESS_CHANGE:
        change(turn, x);
        return;
    }
}

/* ---- Begin ---- */

/* A new description and an erasure are commits of their own, a check is a turn that is dropped. */
static bool is_alone(struct exchange *x)
{
    assert(x != NULL);
    return x->handler == site_put || x->handler == person_delete || rows_are_checked(x);
}

/* How many of those that wait the next turn takes. Whoever was answered last sends the next soon.
 * If a turn took all that wait, the many would go on together and the few together, and the loop
 * would have nothing to do while the disk writes the many: so it takes half way between. On a
 * slow disk each commit is to be shared by all. */
static size_t fair_share(const struct turn *turn)
{
    size_t waiting = turn->waiting.count;

    if (turn->is_slow || waiting <= turn->last_count) return waiting;
    return (waiting + turn->last_count + 1) / 2;
}

/* Tell the engine what waits, in the order in which it came, up to what a turn should hold. */
static void tell_engine(struct turn *turn, int64_t now_us)
{
    size_t weight = 0;

    for (size_t left = fair_share(turn); left > 0 && !is_alone(turn->waiting.first); left--) {
        if (weight > 0 && weight + turn->waiting.first->weight > WEIGHT_MAX) return;
        struct exchange *x = pop(&turn->waiting);
        weight += x->weight;
        if (!x->is_lookup) {
            x->now_us = now_us;
            handle(x);
        }
        record(turn->service, turn->committing.first, x);
        push(&turn->committing, x);
    }
}

/* Answers that wait for their record, and frames of live pages, may name who is gone. */
static void forget_erased(struct turn *turn)
{
    struct service *service = turn->service;

    search_forget(&service->people);
    channels_forget(service->channels);
    export_end_all(service); /* what is left of one would still have their scans */
    for (struct exchange *x = turn->waiting.first; x != NULL; x = x->next) {
        if (!x->is_lookup) continue;
        exchange_drop(x);
        handle(x);
    }
}

/* What is alone is rare: it is done here and now. */
static void do_alone(struct turn *turn)
{
    struct exchange *x = pop(&turn->waiting);

    x->now_us = clock_now_us();
    handle(x);
    answer(turn, x);
    turn->has_tidied = false;
    if (turn->service->person_erased) forget_erased(turn);
    if (turn->service->site_changed || turn->service->person_erased) {
        channels_reset(turn->service->channels);
    }
    turn->service->site_changed = turn->service->person_erased = false;
    http_drive(turn->service->http);
}

void turn_begin(struct turn *turn)
{
    while (!turn->worker.is_busy && turn->waiting.first != NULL && is_alone(turn->waiting.first)) {
        do_alone(turn);
    }
    if (turn->worker.is_busy || turn->is_gathering ||
        (turn->waiting.first == NULL && turn->service->watches_ended->count == 0)) {
        return;
    }
    int64_t now_us = clock_now_us();
    wb_status status = wb_begin(turn->service->wb, now_us);
    if (status != WB_OK) {
        log_event(LOG_ERROR, "the engine takes no turn", "status", status);
        turn->stopped(turn->context, status);
        return;
    }
    tell_engine(turn, now_us);
    (void)stream_record_ended(turn->service, now_us); /* a failure is the turn's, and sticky */
    turn->commit_began_us = ticks_us();
    worker_begin(&turn->worker);
}

/* ---- Commit: the one thing that is done on the worker's thread ---- */

static void commit(void *context)
{
    struct turn *turn = context;
    turn->committed =
        turn->is_tidying ? wb_idle_sync(turn->service->wb) : wb_sync(turn->service->wb);
}

/* ---- End ---- */

static void answer_all(struct turn *turn, uint64_t now_ticks_us)
{
    struct turn_queue answered = turn->committing;

    empty(&turn->committing);
    turn->last_count = answered.count;
    for (struct exchange *x = answered.first; x != NULL;) {
        struct exchange *next = x->next;
        metrics_took(&turn->service->metrics->answer, now_ticks_us - x->took_ticks_us);
        answer(turn, x);
        x = next;
    }
}

/* ---- Blocks are written behind, piece by piece, between turns ---- */

static void failed(struct turn *turn, const char *what, wb_status status)
{
    log_event(LOG_ERROR, what, "status", status);
    turn->stopped(turn->context, status);
}

/* One piece, if the last is every_ms ago. What it brings to the disk is brought by the worker, in
 * place of a commit: changes wait for it, questions do not. */
static void tidy(struct turn *turn, uint64_t every_ms)
{
    enum wb_idle_next next = WB_IDLE_DONE;
    uint64_t now_ms = ticks_us() / 1000;

    if (turn->worker.is_busy || turn->has_tidied || turn->is_stopping ||
        now_ms - turn->tidied_ms < every_ms) {
        return;
    }
    turn->tidied_ms = now_ms;
    http_drive(turn->service->http); /* whoever is answered need not wait for it */
    wb_status status = wb_idle_step(turn->service->wb, &next);
    if (status != WB_OK) {
        failed(turn, "the blocks cannot be made", status);
        return;
    }
    turn->has_tidied = next == WB_IDLE_DONE;
    if (next != WB_IDLE_SYNC) return;
    turn->is_tidying = true;
    worker_begin(&turn->worker);
}

static void end_tidying(struct turn *turn)
{
    turn->is_tidying = false;
    double done;
    bool was_folding = wb_is_folding(turn->service->wb, &done);
    if (turn->committed == WB_OK) turn->committed = wb_idle_end(turn->service->wb);
    if (turn->committed != WB_OK) {
        failed(turn, "the blocks could not be written", turn->committed);
        return;
    }
    if (was_folding && !wb_is_folding(turn->service->wb, &done)) {
        channels_reset(turn->service->channels); /* everybody may be elsewhere */
        http_drive(turn->service->http);
    }
    turn_begin(turn);
    stopped_if_done(turn);
}

static void tidy_under_load(struct turn *turn)
{
    double done;

    tidy(turn, wb_is_folding(turn->service->wb, &done) ? FOLDING_EVERY_MS : TIDY_EVERY_MS);
}

/* While nothing comes, all of it; folding the past anew takes thousands of pieces. */
static void idle(void *context)
{
    struct turn *turn = context;
    uint64_t began_us = ticks_us();
    double done;

    while (turn->waiting.first == NULL) {
        tidy(turn, 0);
        if (turn->has_tidied || turn->worker.is_busy || turn->is_stopping ||
            !wb_is_folding(turn->service->wb, &done) || ticks_us() - began_us >= FOLDING_US) {
            break;
        }
    }
    stopped_if_done(turn); /* the reading thread may have been the last */
}

/* Operators, tokens or sessions were put or removed: from now on the new ones count, on open pages,
 * too. */
static bool read_callers(struct turn *turn)
{
    struct service *service = turn->service;

    service->callers_changed = service->operators_changed = false;
    wb_status status = callers_load(&service->callers, service->wb);
    if (status == WB_OK) {
        stream_check(service, clock_now_us());
        return true;
    }
    log_event(LOG_ERROR, "the operators and tokens cannot be read", "status", status);
    turn->stopped(turn->context, status);
    return false;
}

/* On a slow disk whoever was just answered sends the next at once and would find the next commit
 * gone: half of the readers would be in every other one. A moment later all are in each. */
static void gather_or_begin(struct turn *turn, uint64_t commit_us)
{
    turn->is_slow = commit_us >= GATHER_FROM_US;
    if (turn->is_slow && !turn->is_stopping) {
        turn->is_gathering = true;
        timer_set(&turn->gather, GATHER_MS, 0);
    } else {
        turn_begin(turn);
    }
}

static void gathered(void *context)
{
    struct turn *turn = context;

    turn->is_gathering = false;
    turn_begin(turn);
}

/* After a failed write nothing may be answered any more: what is on the disk is not known. The
 * server ends, is started again, and reads the file from its journal. */
static void end(void *context)
{
    struct turn *turn = context;
    struct service *service = turn->service;

    if (turn->is_tidying) {
        end_tidying(turn);
        return;
    }
    if (turn->committed == WB_OK) turn->committed = wb_end(service->wb, NULL);
    if (turn->committed != WB_OK) {
        log_event(LOG_ERROR, "a commit failed; nothing is answered any more", "status",
                  turn->committed);
        turn->stopped(turn->context, turn->committed);
        return;
    }
    if (service->callers_changed && !read_callers(turn)) return;
    if (service->register_changed) {
        search_forget(&service->people);
        channels_register(service->channels);
    }
    service->register_changed = false;
    uint64_t now_ticks_us = ticks_us();
    metrics_took(&service->metrics->commit, now_ticks_us - turn->commit_began_us);
    service->metrics->turns++;
    struct wb_news news;
    wb_news(service->wb, &news);
    channels_hear(service->channels, &news);
    answer_all(turn, now_ticks_us);
    turn->has_tidied = false;
    tidy_under_load(turn);
    gather_or_begin(turn, now_ticks_us - turn->commit_began_us);
    http_drive(service->http);
    stopped_if_done(turn);
}

/* ---- Opening and stopping ---- */

bool turn_open(struct turn *turn, struct service *service, struct loop *loop,
               void (*stopped)(void *context, wb_status status), void *context)
{
    *turn = (struct turn){.service = service, .stopped = stopped, .context = context};
    empty(&turn->waiting);
    empty(&turn->committing);
    empty(&turn->hashing);
    if (!worker_open(&turn->worker, loop, commit, end, turn) ||
        !worker_open(&turn->hasher, loop, hash, hashed, turn) ||
        !timer_open(&turn->gather, loop, gathered, turn) ||
        !timer_open(&turn->idle, loop, idle, turn)) {
        return false;
    }
    timer_set(&turn->idle, IDLE_MS, IDLE_MS);
    return true;
}

/* What the reading thread has begun is waited for. */
static void refuse_reading(struct turn *turn)
{
    export_end_all(turn->service); /* takes its slices back: only questions are left */
    for (;;) {
        struct reading_task *task = reading_take_first(turn->service->reading);
        if (task == NULL) return;
        refuse_stopping(turn, exchange_of(task));
    }
}

void turn_stop(struct turn *turn)
{
    turn->is_stopping = true;
    while (turn->waiting.first != NULL) {
        refuse_stopping(turn, pop(&turn->waiting));
    }
    refuse_reading(turn);
    http_drive(turn->service->http);
    turn_begin(turn); /* pages that were watching have gone: that is recorded as well */
    stopped_if_done(turn);
}

void turn_close(struct turn *turn)
{
    worker_close(&turn->worker);
    worker_close(&turn->hasher);
    timer_close(&turn->gather);
    timer_close(&turn->idle);
}
