#include "tool/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/duration.h"
#include "base/time.h"

#define REDRAW_US 100000 /* ten times a second at most */
#define BAR_CELLS 24

/* A clock that nobody sets, for rates. */
static int64_t running_us(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * TIME_SECOND_US + now.tv_nsec / 1000;
}

void progress_begin(struct progress *progress, const char *what)
{
    *progress =
        (struct progress){.screen = screen_of(stderr), .what = what, .begun_us = running_us()};
}

int64_t progress_took_us(const struct progress *progress)
{
    int64_t took_us = running_us() - progress->begun_us;
    return took_us > 0 ? took_us : 1;
}

static void draw_bar(const struct progress *progress, uint64_t done, uint64_t total)
{
    int full = (int)((double)done / (double)total * BAR_CELLS + 0.5);
    if (full > BAR_CELLS) full = BAR_CELLS;

    (void)fputs(progress->screen.utf8 ? "" : "[", stderr);
    for (int i = 0; i < BAR_CELLS; i++) {
        if (progress->screen.utf8) {
            (void)fputs(i < full ? "█" : "░", stderr);
        } else {
            (void)fputs(i < full ? "#" : "-", stderr);
        }
    }
    (void)fprintf(stderr, "%s %3d %%  ", progress->screen.utf8 ? "" : "]",
                  (int)((double)done / (double)total * 100.0));
}

void progress_draw(struct progress *progress, const char *step, uint64_t done, uint64_t total,
                   uint64_t count)
{
    if (!progress->screen.terminal) return;
    int64_t now_us = running_us();
    if (progress->drawn && now_us - progress->drawn_us < REDRAW_US) return;
    progress->drawn = true;
    progress->drawn_us = now_us;

    double took_s = (double)(now_us - progress->begun_us + 1) / 1e6;
    (void)fprintf(stderr, "\r\033[K%s  ", step);
    if (total > 0) draw_bar(progress, done, total);
    (void)fprintf(stderr, "%" PRIu64 " %s  %.0f/s", count, progress->what, (double)count / took_s);
    if (total > 0 && done > 0 && done < total && took_s > 0.5) {
        char text[DURATION_TEXT_MAX];
        double left_s = took_s * (double)(total - done) / (double)done;
        (void)duration_format(((int64_t)left_s + 1) * TIME_SECOND_US, text);
        (void)fprintf(stderr, "  %s left", text);
    }
    (void)fflush(stderr);
}

void progress_end(struct progress *progress)
{
    if (!progress->drawn) return;
    (void)fputs("\r\033[K", stderr);
    (void)fflush(stderr);
    progress->drawn = false;
}

bool progress_told(void *context, const char *step, uint64_t done, uint64_t total)
{
    progress_draw(context, step, done, total, done);
    return true;
}
