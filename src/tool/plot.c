#include "tool/plot.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

#define ROWS          10
#define EIGHTHS       8
#define COLUMNS_MAX   1000
#define LABEL_COLUMNS 20 /* of a lane, at most */
#define HOUR_US       (3600 * TIME_SECOND_US)

#define COLOUR_ON  "\033[36m"
#define COLOUR_OFF "\033[0m"

static void spaces(const struct plot *plot, size_t count)
{
    for (size_t i = 0; i < count; i++)
        (void)fputc(' ', plot->stream);
}

static void colour(const struct plot *plot, const char *code)
{
    if (plot->screen.colour) (void)fputs(code, plot->stream);
}

/* ---- The axis of time ---- */

/* A picture's columns and the time they span. Column c begins at column_us(axis, c). */
struct axis {
    int64_t from_us, until_us;
    size_t columns;
    size_t left; /* columns before the picture */
};

static int64_t column_us(const struct axis *axis, size_t column)
{
    double share = (double)column / (double)axis->columns;
    return axis->from_us + (int64_t)((double)(axis->until_us - axis->from_us) * share);
}

/* From tick to tick: so many minutes of the wall clock, or so many months. */
struct step {
    int64_t minutes;
    int64_t months;
};

#define DAY_MINUTES   INT64_C(1440)
#define MONTH_MINUTES (30 * DAY_MINUTES) /* about: to choose a step by */

static const struct step steps[] = {
    {1,                0  },
    {5,                0  },
    {15,               0  },
    {30,               0  },
    {60,               0  },
    {120,              0  },
    {180,              0  },
    {360,              0  },
    {720,              0  },
    {DAY_MINUTES,      0  },
    {2 * DAY_MINUTES,  0  },
    {7 * DAY_MINUTES,  0  },
    {14 * DAY_MINUTES, 0  },
    {0,                1  },
    {0,                2  },
    {0,                3  },
    {0,                6  },
    {0,                12 },
    {0,                60 },
    {0,                240},
};

/* The smallest step whose labels do not touch. */
static struct step choose_step(const struct axis *axis)
{
    const double label_columns = 8;
    double span_minutes = (double)(axis->until_us - axis->from_us) / (60.0 * TIME_SECOND_US);
    double least_minutes = span_minutes / (double)axis->columns * label_columns;
    size_t i = 0;

    while (i + 1 < sizeof steps / sizeof steps[0] &&
           (double)(steps[i].minutes + steps[i].months * MONTH_MINUTES) < least_minutes)
        i++;
    return steps[i];
}

/* How many steps have passed on the wall clock at a moment: a tick stands where it grows. */
static int64_t step_number(const struct plot *plot, int64_t us, const struct step *step)
{
    struct time_civil civil = time_civil_at(us, plot->clock);
    if (step->months > 0) return (civil.year * INT64_C(12) + civil.month - 1) / step->months;

    /* Days from a Monday on, so that weeks begin with one; so far back that none is negative. */
    int64_t days = time_days_from_civil(civil.year, civil.month, civil.day) + INT64_C(1400003);
    return (days * DAY_MINUTES + civil.hour * INT64_C(60) + civil.minute) / step->minutes;
}

/* What a tick says: the time of day, the date, or the month. */
static int label_of(const struct plot *plot, int64_t us, int64_t number, const struct step *step,
                    char label[32])
{
    struct time_civil civil = time_civil_at(us, plot->clock);

    if (step->months > 0) return snprintf(label, 32, "%04d-%02d", civil.year, civil.month);
    if (step->minutes >= DAY_MINUTES) {
        return snprintf(label, 32, "%02d-%02d", civil.month, civil.day);
    }
    int minutes = (int)(number * step->minutes % DAY_MINUTES);
    return snprintf(label, 32, "%02d:%02d", minutes / 60, minutes % 60);
}

/* The line of ticks and the line of labels under a picture. */
static void draw_axis(const struct plot *plot, const struct axis *axis)
{
    char labels[COLUMNS_MAX + 16];
    struct step step = choose_step(axis);
    int64_t before = step_number(plot, axis->from_us - TIME_SECOND_US, &step);
    size_t labelled = 0; /* columns of labels that are taken */

    memset(labels, ' ', sizeof labels);
    spaces(plot, axis->left);
    for (size_t c = 0; c < axis->columns; c++) {
        int64_t number = step_number(plot, column_us(axis, c + 1) - 1, &step);
        bool tick = number != before;
        before = number;
        if (plot->screen.utf8) {
            (void)fputs(tick ? "┬" : "─", plot->stream);
        } else {
            (void)fputc(tick ? '+' : '-', plot->stream);
        }
        if (!tick || c < labelled) continue;
        char label[32];
        int bytes = label_of(plot, column_us(axis, c + 1) - 1, number, &step, label);
        if (bytes < 0 || c + (size_t)bytes > axis->columns) continue;
        memcpy(labels + c, label, (size_t)bytes);
        labelled = c + (size_t)bytes + 1;
    }
    size_t end = axis->columns;
    while (end > 0 && labels[end - 1] == ' ')
        end--;
    (void)fputc('\n', plot->stream);
    spaces(plot, axis->left);
    (void)fwrite(labels, 1, end, plot->stream);
    (void)fputc('\n', plot->stream);
}

static size_t columns_beside(const struct plot *plot, size_t left)
{
    size_t columns = (size_t)plot->screen.columns;
    columns = columns > left + 10 ? columns - left : 10;
    return columns < COLUMNS_MAX ? columns : COLUMNS_MAX;
}

/* ---- A curve ---- */

struct curve {
    uint32_t height[COLUMNS_MAX]; /* the count that a column shows */
    uint32_t highest;
    size_t columns;
};

static void fill_curve(struct curve *curve, const uint32_t *counts, size_t count, size_t room)
{
    curve->highest = 0;
    /* Few points are drawn wide, so that the picture fills what it can. */
    size_t wide = count < room ? room / count : 1;
    curve->columns = count < room ? count * wide : room;

    for (size_t c = 0; c < curve->columns; c++) {
        size_t begin = c * count / curve->columns;
        size_t end = (c + 1) * count / curve->columns;
        uint32_t highest = counts[begin];
        for (size_t i = begin + 1; i < end; i++)
            if (counts[i] > highest) highest = counts[i];
        curve->height[c] = highest;
        if (highest > curve->highest) curve->highest = highest;
    }
}

/* How many eighths of one row a count fills; a count above zero is always seen. */
static unsigned eighths_in_row(uint32_t count, uint32_t highest, unsigned row_from_below)
{
    if (count == 0) return 0;
    uint64_t eighths = ((uint64_t)count * ROWS * EIGHTHS + highest / 2) / highest;
    if (eighths == 0) eighths = 1;
    uint64_t below = (uint64_t)row_from_below * EIGHTHS;
    if (eighths <= below) return 0;
    return eighths - below >= EIGHTHS ? EIGHTHS : (unsigned)(eighths - below);
}

static void draw_row(const struct plot *plot, const struct curve *curve, unsigned row)
{
    static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char letters[] = " ...:::##";

    colour(plot, COLOUR_ON);
    for (size_t c = 0; c < curve->columns; c++) {
        unsigned eighths = eighths_in_row(curve->height[c], curve->highest, row);
        if (plot->screen.utf8) {
            (void)fputs(blocks[eighths], plot->stream);
        } else {
            (void)fputc(letters[eighths], plot->stream);
        }
    }
    colour(plot, COLOUR_OFF);
    (void)fputc('\n', plot->stream);
}

void plot_curve(const struct plot *plot, const char *title, const uint32_t *counts, size_t count,
                int64_t from_us, int64_t every_us)
{
    struct curve curve;
    char label[24];

    assert(count > 0);
    fill_curve(&curve, counts, count, columns_beside(plot, 12));
    int digits = snprintf(label, sizeof label, "%" PRIu32, curve.highest);
    size_t left = (size_t)digits + 3;
    fill_curve(&curve, counts, count, columns_beside(plot, left));
    struct axis axis = {from_us, from_us + (int64_t)count * every_us, curve.columns, left};

    (void)fprintf(plot->stream, "%s\n\n", title);
    for (unsigned row = ROWS; row-- > 0;) {
        /* Half of a small odd number is no count of people. */
        bool halves = curve.highest % 2 == 0 || curve.highest > 2 * ROWS;
        bool marked = row == ROWS - 1 || (halves && row == ROWS / 2 - 1);
        uint32_t value = row == ROWS - 1 ? curve.highest : curve.highest / 2;
        if (marked) {
            (void)fprintf(plot->stream, "%*" PRIu32, digits, value);
        } else {
            spaces(plot, (size_t)digits);
        }
        const char *line = marked ? " ┤ " : " │ ";
        (void)fputs(plot->screen.utf8 ? line : " | ", plot->stream);
        draw_row(plot, &curve, row);
    }
    draw_axis(plot, &axis);
}

/* ---- Stays ---- */

/* How much of a column a zone's stays fill, as a share of it. */
static double filled(const struct plot_stay *stays, size_t count, const char *zone,
                     const struct axis *axis, size_t column)
{
    int64_t begin_us = column_us(axis, column);
    int64_t end_us = column_us(axis, column + 1);
    int64_t inside_us = 0;

    for (size_t i = 0; i < count; i++) {
        if (strcmp(stays[i].zone, zone) != 0) continue;
        int64_t from_us = stays[i].from_us > begin_us ? stays[i].from_us : begin_us;
        int64_t until_us = stays[i].until_us < end_us ? stays[i].until_us : end_us;
        if (until_us > from_us) inside_us += until_us - from_us;
    }
    return end_us > begin_us ? (double)inside_us / (double)(end_us - begin_us) : 0;
}

static void draw_label(const struct plot *plot, const char *zone, size_t columns)
{
    size_t width = screen_width(zone);

    screen_print(zone, plot->stream);
    spaces(plot, width < columns ? columns - width : 0);
}

static void draw_lane(const struct plot *plot, const struct plot_stay *stays, size_t count,
                      const char *zone, const struct axis *axis)
{
    draw_label(plot, zone, axis->left - 1);
    (void)fputc(' ', plot->stream);
    colour(plot, COLOUR_ON);
    for (size_t c = 0; c < axis->columns; c++) {
        double share = filled(stays, count, zone, axis, c);
        const char *block = share >= 0.5 ? "█" : share > 0 ? "▌" : "·";
        char letter = (char)(share >= 0.5 ? '#' : share > 0 ? ':' : '.');
        if (plot->screen.utf8) {
            (void)fputs(block, plot->stream);
        } else {
            (void)fputc(letter, plot->stream);
        }
    }
    colour(plot, COLOUR_OFF);
    (void)fputc('\n', plot->stream);
}

/* Whether a zone stood in the list before. */
static bool is_again(const struct plot_stay *stays, size_t place)
{
    for (size_t i = 0; i < place; i++) {
        if (strcmp(stays[i].zone, stays[place].zone) == 0) return true;
    }
    return false;
}

static void draw_day(const struct plot *plot, const struct plot_stay *stays, size_t count,
                     const struct axis *axis)
{
    char date[TIME_TEXT_MAX];

    (void)time_local_text(axis->from_us, plot->clock, date);
    (void)fprintf(plot->stream, "%.10s\n", date);
    for (size_t i = 0; i < count; i++) {
        if (!is_again(stays, i)) draw_lane(plot, stays, count, stays[i].zone, axis);
    }
    draw_axis(plot, axis);
}

static size_t label_columns(const struct plot_stay *stays, size_t count)
{
    size_t columns = 4;
    for (size_t i = 0; i < count; i++) {
        size_t width = screen_width(stays[i].zone);
        if (width > columns) columns = width;
    }
    return columns < LABEL_COLUMNS ? columns : LABEL_COLUMNS;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void plot_stays(const struct plot *plot, const struct plot_stay *stays, size_t count,
                int64_t from_us, int64_t until_us)
{
    if (count == 0) return;
    size_t left = label_columns(stays, count) + 1;
    int64_t begin_us = later(from_us, stays[0].from_us);
    int64_t end_us = earlier(until_us, stays[count - 1].until_us);
    size_t first = 0;
    bool drawn = false;

    for (int64_t day_us = time_local_midnight(begin_us, plot->clock); day_us < end_us;) {
        /* 26 hours on is the next day, however the clocks change. */
        int64_t next_us = time_local_midnight(day_us + 26 * HOUR_US, plot->clock);
        while (first < count && stays[first].until_us <= later(day_us, from_us))
            first++;
        size_t last = first;
        while (last < count && stays[last].from_us < earlier(next_us, until_us))
            last++;
        if (last > first) {
            struct axis axis = {later(day_us, from_us), earlier(next_us, until_us),
                                columns_beside(plot, left), left};
            if (drawn) (void)fputc('\n', plot->stream);
            draw_day(plot, stays + first, last - first, &axis);
            drawn = true;
        }
        day_us = next_us;
    }
}
