/* Durable ingest through the public door: scans come with the text of their band, each batch
 * is a turn that is learnt when its last scan arrives. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "ours.h"
#include "workload.h"

#define LATE_MOST_MS (7 * WORKLOAD_DAY_MS)

struct incoming {
    struct workload_scan scan;
    int64_t arrived_ms;
};

/* ---- The order of arrival ---- */

static uint64_t draw(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (*state * UINT64_C(2685821657736338717)) >> 20;
}

static int by_arrival(const void *a, const void *b)
{
    const struct incoming *x = a;
    const struct incoming *y = b;
    return (x->arrived_ms > y->arrived_ms) - (x->arrived_ms < y->arrived_ms);
}

/* Scans and when they arrive: each as soon as it may, but a part of them up to a week late. */
static struct incoming *incoming_make(const struct workload_scan *scans, size_t count, double late)
{
    struct incoming *all = take_memory(count * sizeof *all);
    struct incoming *kept_back =
        take_memory((size_t)((double)count * late * 2 + 1000) * sizeof *kept_back);
    uint64_t state = UINT64_C(0x5DEECE66D);
    uint64_t threshold = (uint64_t)(late * 1000000);
    int64_t now_ms = INT64_MIN;
    size_t late_count = 0;
    size_t next = 0;
    for (size_t i = 0; i < count; i++) {
        if (scans[i].at_ms > now_ms) now_ms = scans[i].at_ms;
        struct incoming one = {scans[i], now_ms};
        bool is_late = late > 0 && draw(&state) % 1000000 < threshold;
        if (is_late) {
            one.arrived_ms += (int64_t)(draw(&state) % (uint64_t)LATE_MOST_MS);
            kept_back[late_count++] = one;
        } else {
            all[next++] = one;
        }
    }

    /* Merge the late ones in, from the back. */
    qsort(kept_back, late_count, sizeof *kept_back, by_arrival);
    size_t place = count;
    while (late_count > 0) {
        bool late_last =
            next == 0 || all[next - 1].arrived_ms <= kept_back[late_count - 1].arrived_ms;
        all[--place] = late_last ? kept_back[--late_count] : all[--next];
    }
    free(kept_back);
    return all;
}

/* ---- The site ---- */

static void site_describe(struct wb *wb, const char *workload, int64_t now_us)
{
    char path[4096];
    size_t bytes;
    struct wb_fault why = {0};
    int length = snprintf(path, sizeof path, "%s.site.json", workload);
    if (length < 0 || length >= (int)sizeof path) die("%s: too long a path", workload);
    const char *json = file_map(path, &bytes);
    if (wb_describe(wb, json, bytes, now_us, &why) != WB_OK) die("%s: %s", path, why.text);
}

static wb_band band_intern(struct wb *wb, uint64_t chip)
{
    static const char digits[] = "0123456789ABCDEF";
    char text[16];
    wb_band band;
    for (int i = 0; i < 16; i++)
        text[i] = digits[chip >> (60 - 4 * i) & 15];
    must(wb, wb_band_intern(wb, text, sizeof text, &band), "intern");
    return band;
}

/* Take everybody into the register and give them their band, from ever and for ever. */
static void people_register(struct wb *wb, uint32_t people, int64_t now_us)
{
    enum { PEOPLE_A_TURN = 1000 };

    char name[16];
    struct wb_fault why = {0};
    for (uint32_t i = 0; i < people; i++) {
        if (i % PEOPLE_A_TURN == 0) must(wb, wb_begin(wb, now_us), "begin");
        int length = snprintf(name, sizeof name, "p%" PRIu32, i);
        struct wb_person_row row = {.id = name, .name = "", .groups = "", .notes = ""};
        if (wb_person_put(wb, &row, NULL, &why) != WB_OK) die("%s: %s", name, why.text);
        struct wb_pairing pairing = {
            .band = band_intern(wb, workload_band_of(i)),
            .from_us = WB_NO_TIME,
            .until_us = WB_STILL_THERE,
            .learnt_us = WB_NO_TIME,
        };
        must(wb, wb_person_find(wb, name, (size_t)length, &pairing.person), name);
        if (wb_pair(wb, &pairing, NULL, &why) != WB_OK) die("%s: %s", name, why.text);
        if (i % PEOPLE_A_TURN == PEOPLE_A_TURN - 1 || i + 1 == people)
            must(wb, wb_turn(wb, NULL), "turn");
    }
}

/* ---- The scans ---- */

static void take_batch(const struct ours *ours, const struct incoming *batch, size_t count)
{
    struct wb *wb = ours->wb;
    struct wb_summary summary;
    struct wb_fault why;
    must(wb, wb_begin(wb, batch[count - 1].arrived_ms * 1000), "begin");
    for (size_t i = 0; i < count; i++) {
        struct wb_scan scan = {
            .reader = ours->readers[batch[i].scan.reader],
            .band = band_intern(wb, batch[i].scan.band),
            .at_us = batch[i].scan.at_ms * 1000,
            .learnt_us = WB_NO_TIME,
            .direction = batch[i].scan.in ? WB_IN : WB_OUT,
        };
        wb_status status = wb_observe(wb, &scan, NULL, &why);
        if (status == WB_EREFUSED) die("observe: %s", why.text);
        must(wb, status, "observe");
    }
    must(wb, wb_turn(wb, &summary), "turn");
    if (summary.accepted != count) die("of %zu scans %" PRIu64 " count", count, summary.accepted);
}

/* Give it the idle time that it would have, until there is nothing more to do: a slice of
 * work takes milliseconds, a look that finds none does not. */
static void idle_through(struct wb *wb)
{
    enum { SLICES_MOST = 1000000, NOTHING_DONE_NS = 200000 };

    for (int i = 0; i < SLICES_MOST; i++) {
        struct wb_numbers numbers;
        int64_t before = clock_ns();
        must(wb, wb_idle(wb), "idle");
        int64_t ns = clock_ns() - before;
        must(wb, wb_numbers(wb, &numbers), "numbers");
        if (numbers.unwritten == 0 && ns < NOTHING_DONE_NS) return;
    }
}

/* How many of the scans go into one batch: it is full, or its first has waited long enough. */
static size_t batch_of(const struct options *options, const struct incoming *scans, size_t count)
{
    double until_ms = (double)scans[0].arrived_ms + options->wait_seconds * 1000;
    size_t batch = 1;
    while (batch < count && batch < options->batch && (double)scans[batch].arrived_ms <= until_ms)
        batch++;
    return batch;
}

/* How many of a batch are learnt more than a minute after they happened. */
static size_t learnt_late(const struct incoming *batch, size_t count)
{
    size_t late = 0;
    for (size_t i = 0; i < count; i++)
        late += batch[count - 1].arrived_ms - batch[i].scan.at_ms > 60000;
    return late;
}

static void print_figure(const struct options *options, const char *ending, double value)
{
    char figure[64];
    (void)snprintf(figure, sizeof figure, "%s%s", options->asking.figure, ending);
    result(figure, "ours", value);
}

void ours_ingest(const struct options *options)
{
    size_t count;
    const struct workload_scan *scans = options_scans(options, &count);
    struct incoming *incoming = incoming_make(scans, count, options->late);
    int64_t setup_us = (WORKLOAD_EPOCH_MS - WORKLOAD_DAY_MS) * 1000;
    struct ours ours = {.wb = ours_open(options->file, WB_CREATE, options->cache_bytes)};
    site_describe(ours.wb, options->workload, setup_us);
    people_register(ours.wb, options->asking.people, setup_us);
    ours_places_find(&ours);

    int64_t start = clock_ns();
    size_t late = 0;
    for (size_t done = 0; done < count;) {
        size_t batch = batch_of(options, incoming + done, count - done);
        take_batch(&ours, incoming + done, batch);
        late += learnt_late(incoming + done, batch);
        done += batch;
    }
    int64_t taken = clock_ns();
    idle_through(ours.wb);
    ours_done(&ours);
    int64_t written = clock_ns();

    print_figure(options, "", (double)count * 1e9 / (double)(written - start));
    print_figure(options, "_turns_only", (double)count * 1e9 / (double)(taken - start));
    print_figure(options, "_bytes", (double)file_size_with_log(options->file) / (double)count);
    print_figure(options, "_learnt_late", (double)late / (double)count);
    free(incoming);
}
