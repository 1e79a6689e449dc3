/* GET /metrics in the text format of Prometheus. */
#include "api/metrics.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/asking.h"
#include "api/resources.h"

static const uint32_t bound_us[METRICS_BOUNDS] = {250,   500,   1000,   2500,   5000,   10000,
                                                  25000, 50000, 100000, 250000, 500000, 1000000};

void metrics_scans(struct metrics *metrics, const struct wb_summary *summary)
{
    metrics->scans.accepted += summary->accepted;
    metrics->scans.duplicates += summary->duplicates;
    metrics->scans.held += summary->held;
    metrics->scans.quarantined += summary->quarantined;
    metrics->scans.refused += summary->refused;
}

void metrics_took(struct metrics_histogram *histogram, uint64_t us)
{
    unsigned i = 0;

    while (i < METRICS_BOUNDS && us > bound_us[i])
        i++;
    histogram->count[i]++;
    histogram->sum_us += us;
}

/* ---- The page ---- */

static void head(FILE *out, const char *name, const char *type, const char *help)
{
    (void)fprintf(out, "# HELP whereabouts_%s %s\n# TYPE whereabouts_%s %s\n", name, help, name,
                  type);
}

static void one(FILE *out, const char *name, const char *type, const char *help, uint64_t value)
{
    head(out, name, type, help);
    (void)fprintf(out, "whereabouts_%s %" PRIu64 "\n", name, value);
}

static void labelled(FILE *out, const char *name, const char *label, const char *word,
                     uint64_t value)
{
    (void)fprintf(out, "whereabouts_%s{%s=\"%s\"} %" PRIu64 "\n", name, label, word, value);
}

static void histogram(FILE *out, const char *name, const char *help,
                      const struct metrics_histogram *of)
{
    uint64_t count = 0;

    head(out, name, "histogram", help);
    for (unsigned i = 0; i < METRICS_BOUNDS; i++) {
        count += of->count[i];
        (void)fprintf(out, "whereabouts_%s_bucket{le=\"%g\"} %" PRIu64 "\n", name,
                      bound_us[i] / 1e6, count);
    }
    count += of->count[METRICS_BOUNDS];
    (void)fprintf(out, "whereabouts_%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name, count);
    (void)fprintf(out, "whereabouts_%s_sum %g\n", name, (double)of->sum_us / 1e6);
    (void)fprintf(out, "whereabouts_%s_count %" PRIu64 "\n", name, count);
}

static void put_http(FILE *out, const struct http *http, const struct metrics *metrics)
{
    static const char *const class[] = {"", "1xx", "2xx", "3xx", "4xx", "5xx"};

    head(out, "http_responses_total", "counter", "Answers by the class of their status.");
    for (int i = 2; i < 6; i++)
        labelled(out, "http_responses_total", "class", class[i], metrics -> answers[i]);
    one(out, "http_requests_total", "counter", "Requests that were begun.", http->numbers.requests);
    one(out, "http_connections_total", "counter", "Connections that were taken.",
        http->numbers.connections);
    one(out, "http_connections", "gauge", "Connections that are open.", http->numbers.open);
    one(out, "http_connections_refused_total", "counter", "Connections refused for want of room.",
        http->numbers.refused_connections);
    one(out, "http_connections_made_room_total", "counter",
        "Connections cut off so that others could come.", http->numbers.made_room);
    one(out, "http_bad_heads_total", "counter", "Requests whose head was refused.",
        http->numbers.bad_heads);
    one(out, "http_timeouts_total", "counter", "Connections that were cut for being slow.",
        http->numbers.timeouts);
    one(out, "http_busy_total", "counter", "Requests refused because too much was waiting.",
        http->numbers.too_busy);
    one(out, "http_queued_bytes", "gauge", "Bytes of bodies that are not answered yet.",
        http->numbers.queued_bytes);
}

static void put_scans(FILE *out, const struct metrics *metrics)
{
    head(out, "scans_total", "counter", "Scans that were sent, by what became of them.");
    labelled(out, "scans_total", "verdict", "accepted", metrics->scans.accepted);
    labelled(out, "scans_total", "verdict", "duplicate", metrics->scans.duplicates);
    labelled(out, "scans_total", "verdict", "held", metrics->scans.held);
    labelled(out, "scans_total", "verdict", "quarantined", metrics->scans.quarantined);
    labelled(out, "scans_total", "verdict", "refused", metrics->scans.refused);
}

void metrics_get(struct exchange *x)
{
    const struct metrics *metrics = x->service->metrics;
    struct wb_numbers numbers = {0};
    char *text = NULL;
    size_t bytes = 0;

    if (!asking_knows(x, "")) return;
    FILE *out = open_memstream(&text, &bytes);
    if (out == NULL) response_no_memory();
    wb_status status = wb_numbers(x->wb, &numbers);
    put_http(out, x->service->http, metrics);
    put_scans(out, metrics);
    one(out, "turns_total", "counter", "Commits that were made durable.", metrics->turns);
    one(out, "lookups_total", "counter", "Look-ups that were recorded.", metrics->lookups);
    one(out, "people_named_total", "counter", "People named in answers.", metrics->people_named);
    one(out, "streams", "gauge", "Live pages that are open.", metrics->streams);
    one(out, "people", "gauge", "People of the register, and adopted ones.", numbers.people);
    one(out, "journal_scans", "gauge", "Scans in the journal.", numbers.scans);
    one(out, "journal_commits", "gauge", "Commits in the journal.", numbers.commits);
    one(out, "held_scans", "gauge", "Scans of bands that are nobody's.", numbers.held);
    one(out, "quarantined_scans", "gauge", "Scans whose clock cannot be right.",
        numbers.quarantined);
    double done;
    bool folding = wb_is_folding(x->wb, &done);
    one(out, "folding", "gauge", "Whether the past is being folded anew for a changed site.",
        folding);
    head(out, "folding_done_ratio", "gauge", "How much of it is done; 1 when none is.");
    (void)fprintf(out, "whereabouts_folding_done_ratio %.4f\n", folding ? done : 1.0);
    one(out, "start_time_seconds", "gauge", "When the server was started, since 1970.",
        (uint64_t)(metrics->started_us / 1000000));
    histogram(out, "commit_seconds", "How long a commit took to be durable.", &metrics->commit);
    histogram(out, "change_seconds", "From a whole request to its durable answer.",
              &metrics->answer);
    if (fclose(out) != 0) response_no_memory();
    if (status == WB_OK) {
        exchange_text(x, 200, "text/plain; version=0.0.4", text, bytes);
    } else {
        exchange_failed(x, status, NULL);
    }
    free(text);
}
