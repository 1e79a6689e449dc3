#include "workload.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

static_assert(sizeof(struct workload_scan) == 24, "a scan on disk is 24 bytes");
static_assert(sizeof(struct workload_stay) == 24, "a stay on disk is 24 bytes");

enum {
    MOVES_MAX = 34,     /* a person and day */
    SCANS_PER_DAY = 70, /* room for 34 stays of two scans */
    DIGIT_BITS = 14,    /* of the counting sort: two digits hold a day of milliseconds */
    NEIGHBOURS_MAX = 8,
};

struct arrival {
    int64_t at_ms;
    struct workload_scan scan;
};

struct world {
    uint64_t seed[2];
    double popularity[WORKLOAD_ZONES];
    struct arrival *arrivals, *sorted;
    struct workload_stay *stays;
    size_t arrival_count, stay_count; /* of the day at hand */
};

uint64_t workload_band_of(uint32_t person)
{
    uint64_t z = (uint64_t)(person + 1) * UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* xorshift128+ (Vigna 2014). */
static uint64_t draw(struct world *w)
{
    uint64_t a = w->seed[0];
    uint64_t b = w->seed[1];
    w->seed[0] = b;
    a ^= a << 23;
    w->seed[1] = a ^ b ^ (a >> 18) ^ (b >> 5);
    return w->seed[1] + b;
}

static double draw_unit(struct world *w)
{
    return (double)(draw(w) >> 11) * 0x1p-53;
}

/* Normal, mean 0, deviation 1 (Box and Muller 1958, the cosine half). */
static double draw_normal(struct world *w)
{
    double u = draw_unit(w) + 1e-18;
    double v = draw_unit(w);
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

static double clamp(double value, double least, double most)
{
    if (value < least) return least;
    return value > most ? most : value;
}

/* One of the up to eight neighbours, the more popular ones more often. */
static uint32_t draw_neighbour(struct world *w, uint32_t zone)
{
    int x = (int)(zone % WORKLOAD_COLUMNS);
    int y = (int)(zone / WORKLOAD_COLUMNS);
    uint32_t choice[NEIGHBOURS_MAX];
    int count = 0;
    double total = 0;
    for (int step = 0; step < 9; step++) {
        int to_x = x + step % 3 - 1;
        int to_y = y + step / 3 - 1;
        if (step == 4 || to_x < 0 || to_y < 0) continue;
        if (to_x >= WORKLOAD_COLUMNS || to_y >= WORKLOAD_ROWS) continue;
        choice[count] = (uint32_t)(to_y * WORKLOAD_COLUMNS + to_x);
        total += w->popularity[choice[count++]];
    }
    double left = draw_unit(w) * total;
    for (int i = 0; i < count; i++) {
        left -= w->popularity[choice[i]];
        if (left < 0) return choice[i];
    }
    return choice[count - 1];
}

static void scan_add(struct world *w, struct workload_scan *scan, uint32_t zone, uint8_t in)
{
    scan->reader = zone * 2 + (uint32_t)(draw(w) & 1);
    scan->in = in;
    struct arrival *arrival = &w->arrivals[w->arrival_count++];
    arrival->at_ms = scan->at_ms + (int64_t)(draw(w) % 1000);
    arrival->scan = *scan;
}

/* A person's day. The order of the draws is the workload: change it and it is another. */
static void walk(struct world *w, uint32_t person, int64_t day_ms)
{
    int moves = (int)clamp((double)(20 + lrint(4 * draw_normal(w))), 2, MOVES_MAX);
    double start_hour = clamp(9 + 1.2 * draw_normal(w), 5, 13);
    int64_t at_ms = day_ms + (int64_t)(start_hour * 3600000);
    bool by_gate = draw_unit(w) < 0.5; /* half come in through the gates of the first row */
    uint32_t zone = (uint32_t)(draw(w) % (by_gate ? WORKLOAD_COLUMNS : WORKLOAD_ZONES));

    struct workload_scan scan = {.band = workload_band_of(person)};
    for (int i = 0; i < moves; i++) {
        double dwell_ms = exp(log(14 * 60000.0) + 0.9 * draw_normal(w));
        int64_t until_ms = at_ms + (int64_t)clamp(dwell_ms, 20000, 4 * 3600000.0);
        if (until_ms > day_ms + WORKLOAD_DAY_MS - 120000) break;

        scan.at_ms = at_ms;
        scan_add(w, &scan, zone, 1);
        scan.at_ms = until_ms;
        scan_add(w, &scan, zone, 0);
        w->stays[w->stay_count++] = (struct workload_stay){person, zone, at_ms, until_ms};

        int64_t way_ms = (int64_t)(-log(draw_unit(w) + 1e-18) * 6000) % 60000;
        at_ms = until_ms + 2000 + way_ms;
        zone = draw_neighbour(w, zone);
    }
}

/* Counting sort by arrival, stable: two passes of one digit each. */
static void sort_by_arrival(struct world *w, int64_t day_ms)
{
    static size_t place[1 << DIGIT_BITS];
    const uint64_t mask = (1 << DIGIT_BITS) - 1;
    for (int shift = 0; shift < 2 * DIGIT_BITS; shift += DIGIT_BITS) {
        memset(place, 0, sizeof place);
        for (size_t i = 0; i < w->arrival_count; i++)
            place[((uint64_t)(w->arrivals[i].at_ms - day_ms) >> shift) & mask]++;
        size_t before = 0;
        for (size_t i = 0; i <= mask; i++) {
            size_t here = place[i];
            place[i] = before;
            before += here;
        }
        for (size_t i = 0; i < w->arrival_count; i++) {
            uint64_t digit = ((uint64_t)(w->arrivals[i].at_ms - day_ms) >> shift) & mask;
            w->sorted[place[digit]++] = w->arrivals[i];
        }
        struct arrival *swap = w->arrivals;
        w->arrivals = w->sorted;
        w->sorted = swap;
    }
}

static int by_end(const void *a, const void *b)
{
    const struct workload_stay *x = a;
    const struct workload_stay *y = b;
    return (x->until_ms > y->until_ms) - (x->until_ms < y->until_ms);
}

static void write_all(const void *at, size_t bytes, FILE *file)
{
    if (fwrite(at, 1, bytes, file) != bytes) die("the workload could not be written");
}

static void write_day(struct world *w, FILE *scans, FILE *stays)
{
    for (size_t i = 0; i < w->arrival_count; i++)
        write_all(&w->arrivals[i].scan, sizeof w->arrivals[i].scan, scans);
    qsort(w->stays, w->stay_count, sizeof *w->stays, by_end);
    write_all(w->stays, w->stay_count * sizeof *w->stays, stays);
}

void workload_write(struct workload_size *size, FILE *scans, FILE *stays)
{
    size_t room = (size_t)size->people * SCANS_PER_DAY + 1;
    struct world *w = take_memory(sizeof *w);
    w->seed[0] = UINT64_C(0x9E3779B97F4A7C15);
    w->seed[1] = UINT64_C(0xD1B54A32D192ED03);
    w->arrivals = take_memory(room * sizeof *w->arrivals);
    w->sorted = take_memory(room * sizeof *w->sorted);
    w->stays = take_memory(room / 2 * sizeof *w->stays + 1);
    for (int i = 0; i < WORKLOAD_ZONES; i++)
        w->popularity[i] = exp(draw_normal(w));

    size->scans = size->stays = 0;
    for (uint32_t day = 0; day < size->days; day++) {
        int64_t day_ms = WORKLOAD_EPOCH_MS + day * WORKLOAD_DAY_MS;
        w->arrival_count = w->stay_count = 0;
        for (uint32_t person = 0; person < size->people; person++)
            walk(w, person, day_ms);
        sort_by_arrival(w, day_ms);
        write_day(w, scans, stays);
        size->scans += w->arrival_count;
        size->stays += w->stay_count;
    }
    free(w->arrivals);
    free(w->sorted);
    free(w->stays);
    free(w);
}
