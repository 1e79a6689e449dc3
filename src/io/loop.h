/* io: the event loop: descriptors, timers, signals, and one thread beside it for what blocks.
 *
 * Everything here belongs to the thread that runs the loop, but for the work of a worker. Calls
 * are made by the loop, never from inside the function that asks for them. libuv stays behind
 * this header. */
#ifndef IO_LOOP_H
#define IO_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

typedef void (*loop_call)(void *context);

struct loop {
    uv_loop_t uv;
    uv_signal_t signal[2];
    loop_call stop; /* on SIGTERM or SIGINT */
    void *context;
};

/* false: the system gives no loop. SIGPIPE is ignored from then on. */
bool loop_open(struct loop *loop);

/* Call on SIGTERM and SIGINT. */
bool loop_on_stop(struct loop *loop, loop_call call, void *context);

/* Run until loop_stop. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Close what is open in it and free it. */
void loop_close(struct loop *loop);

/* The wall clock, microseconds since 1970-01-01 UTC; and clocks that only go forward: that of the
 * loop, which stands while a round lasts, and one that does not. */
int64_t clock_now_us(void);
uint64_t clock_ticks_ms(const struct loop *loop);
uint64_t clock_ticks_us(void);

/* A descriptor that has something to read. */
struct watch {
    uv_poll_t uv;
    loop_call call;
    void *context;
    bool is_open;
};

bool watch_open(struct watch *watch, struct loop *loop, int fd, loop_call call, void *context);
void watch_close(struct watch *watch);

/* A timer; zeroed until timer_open. */
struct timer {
    uv_timer_t uv;
    loop_call call;
    void *context;
    bool is_open;
};

bool timer_open(struct timer *timer, struct loop *loop, loop_call call, void *context);

/* Call after wait_ms, then every repeat_ms (0: once). Setting it again moves it. */
void timer_set(struct timer *timer, uint64_t wait_ms, uint64_t repeat_ms);
void timer_clear(struct timer *timer);
void timer_close(struct timer *timer);

/* A call at the end of each round of the loop, before it waits. */
struct every_round {
    uv_prepare_t uv;
    loop_call call;
    void *context;
    bool is_open;
};

bool every_round_open(struct every_round *round, struct loop *loop, loop_call call, void *context);
void every_round_close(struct every_round *round);

#endif
