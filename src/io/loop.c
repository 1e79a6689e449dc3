#include "io/loop.h"

#include <signal.h>
#include <time.h>

bool loop_open(struct loop *loop)
{
    *loop = (struct loop){0};
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) return false;
    return uv_loop_init(&loop->uv) == 0;
}

static void signalled(uv_signal_t *handle, int number)
{
    struct loop *loop = handle->data;

    (void)number;
    if (loop->stop != NULL) loop->stop(loop->context);
}

bool loop_on_stop(struct loop *loop, loop_call call, void *context)
{
    static const int number[2] = {SIGTERM, SIGINT};

    loop->stop = call;
    loop->context = context;
    for (int i = 0; i < 2; i++) {
        if (uv_signal_init(&loop->uv, &loop->signal[i]) != 0) return false;
        loop->signal[i].data = loop;
        if (uv_signal_start(&loop->signal[i], signalled, number[i]) != 0) return false;
    }
    return true;
}

void loop_run(struct loop *loop)
{
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
    uv_stop(&loop->uv);
}

static void close_one(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle)) uv_close(handle, NULL);
}

void loop_close(struct loop *loop)
{
    uv_walk(&loop->uv, close_one, NULL);
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
    (void)uv_loop_close(&loop->uv);
}

int64_t clock_now_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail with that clock */
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

uint64_t clock_ticks_ms(const struct loop *loop)
{
    return uv_now(&loop->uv);
}

uint64_t clock_ticks_us(void)
{
    return uv_hrtime() / 1000;
}

/* ---- Descriptors ---- */

static void readable(uv_poll_t *handle, int status, int events)
{
    const struct watch *watch = handle->data;

    (void)status;
    (void)events;
    watch->call(watch->context);
}

bool watch_open(struct watch *watch, struct loop *loop, int fd, loop_call call, void *context)
{
    *watch = (struct watch){.call = call, .context = context};
    if (uv_poll_init(&loop->uv, &watch->uv, fd) != 0) return false;
    watch->uv.data = watch;
    watch->is_open = true;
    return uv_poll_start(&watch->uv, UV_READABLE, readable) == 0;
}

void watch_close(struct watch *watch)
{
    if (watch->is_open) uv_close((uv_handle_t *)&watch->uv, NULL);
    watch->is_open = false;
}

/* ---- Timers ---- */

static void due(uv_timer_t *handle)
{
    const struct timer *timer = handle->data;

    timer->call(timer->context);
}

bool timer_open(struct timer *timer, struct loop *loop, loop_call call, void *context)
{
    *timer = (struct timer){.call = call, .context = context};
    if (uv_timer_init(&loop->uv, &timer->uv) != 0) return false;
    timer->uv.data = timer;
    timer->is_open = true;
    return true;
}

void timer_set(struct timer *timer, uint64_t wait_ms, uint64_t repeat_ms)
{
    (void)uv_timer_start(&timer->uv, due, wait_ms, repeat_ms); /* fails only when closing */
}

void timer_clear(struct timer *timer)
{
    (void)uv_timer_stop(&timer->uv);
}

void timer_close(struct timer *timer)
{
    if (timer->is_open) uv_close((uv_handle_t *)&timer->uv, NULL);
    timer->is_open = false;
}

/* ---- The end of each round ---- */

static void round_ends(uv_prepare_t *handle)
{
    const struct every_round *round = handle->data;

    round->call(round->context);
}

bool every_round_open(struct every_round *round, struct loop *loop, loop_call call, void *context)
{
    *round = (struct every_round){.call = call, .context = context};
    if (uv_prepare_init(&loop->uv, &round->uv) != 0) return false;
    round->uv.data = round;
    round->is_open = true;
    return uv_prepare_start(&round->uv, round_ends) == 0;
}

void every_round_close(struct every_round *round)
{
    if (round->is_open) uv_close((uv_handle_t *)&round->uv, NULL);
    round->is_open = false;
}
