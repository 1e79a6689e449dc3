/* The questions in process, the first answer of a file just opened, and its check. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure.h"
#include "ours.h"
#include "workload.h"

#define HOUR_US INT64_C(3600000000)

/* What a question is asked with. The lists keep their memory from one to the next. */
struct inquiry {
    struct ours ours;
    int64_t asked_us;
    bool as_known;          /* only with what was learnt by then: */
    int64_t known_after_us; /* so long after the moment that is asked about */
    struct wb_people people;
    struct wb_stays stays;
    struct wb_company_list company;
    struct wb_counts counts;
};

static struct wb_moment moment_of(const struct inquiry *inquiry, const struct parameter_set *set)
{
    int64_t at_us = set->at_ms * 1000;
    struct wb_moment moment = {at_us, WB_EVERYTHING, inquiry->asked_us};
    if (inquiry->as_known) moment.known_us = moment.asked_us = at_us + inquiry->known_after_us;
    return moment;
}

static struct wb_window window_of(const struct inquiry *inquiry, const struct parameter_set *set)
{
    struct wb_window window = {set->day_ms * 1000, (set->day_ms + WORKLOAD_DAY_MS) * 1000,
                               WB_EVERYTHING, inquiry->asked_us};
    if (inquiry->as_known)
        window.known_us = window.asked_us = set->at_ms * 1000 + inquiry->known_after_us;
    return window;
}

/* The number in "p123" or "z123". */
static int64_t number_in(const char *id)
{
    return number_of(id + 1);
}

static size_t ask_inside(struct inquiry *inquiry, const struct parameter_set *set,
                         struct answer *answer)
{
    struct wb *wb = inquiry->ours.wb;
    struct wb_moment moment = moment_of(inquiry, set);
    must(wb, wb_inside(wb, inquiry->ours.zones[set->zone], &moment, &inquiry->people), "inside");
    for (size_t i = 0; answer != NULL && i < inquiry->people.count; i++)
        answer_add(answer, number_in(wb_person_id(wb, inquiry->people.at[i])), 0, 0);
    return inquiry->people.count;
}

static size_t ask_path(struct inquiry *inquiry, const struct parameter_set *set,
                       struct answer *answer)
{
    struct wb *wb = inquiry->ours.wb;
    struct wb_window window = window_of(inquiry, set);
    must(wb, wb_path(wb, inquiry->ours.people[set->person], &window, &inquiry->stays), "path");
    for (size_t i = 0; answer != NULL && i < inquiry->stays.count; i++) {
        const struct wb_stay *stay = &inquiry->stays.at[i];
        answer_add(answer, number_in(wb_zone_id(wb, stay->zone)), stay->from_us / 1000,
                   stay->until_us / 1000);
    }
    return inquiry->stays.count;
}

static size_t ask_with(struct inquiry *inquiry, const struct parameter_set *set,
                       struct answer *answer)
{
    struct wb *wb = inquiry->ours.wb;
    struct wb_window window = window_of(inquiry, set);
    must(wb,
         wb_with(wb, inquiry->ours.people[set->person], &window, WITH_LEAST_MS * INT64_C(1000),
                 NULL, &inquiry->company),
         "with");
    for (size_t i = 0; answer != NULL && i < inquiry->company.count; i++) {
        const struct wb_company *company = &inquiry->company.at[i];
        answer_add(answer, number_in(wb_person_id(wb, company->person)),
                   company->together_us / 1000, 0);
    }
    return inquiry->company.count;
}

static size_t ask_curve(struct inquiry *inquiry, const struct parameter_set *set,
                        struct answer *answer)
{
    struct wb *wb = inquiry->ours.wb;
    struct wb_window window = window_of(inquiry, set);
    must(
        wb,
        wb_occupancy(wb, inquiry->ours.zones[set->zone], &window, 60000000, NULL, &inquiry->counts),
        "occupancy");
    for (size_t i = 0; answer != NULL && i < inquiry->counts.count; i++)
        answer_add(answer, (int64_t)i, inquiry->counts.at[i], 0);
    size_t sum = 0;
    for (size_t i = 0; i < inquiry->counts.count; i++)
        sum += inquiry->counts.at[i];
    return sum;
}

static size_t ask(void *context, enum question question, const struct parameter_set *set,
                  struct answer *answer)
{
    switch (question) {
    case QUESTION_INSIDE:
        return ask_inside(context, set, answer);
    case QUESTION_PATH:
        return ask_path(context, set, answer);
    case QUESTION_WITH:
        return ask_with(context, set, answer);
    case QUESTION_CURVE:
        return ask_curve(context, set, answer);
    case QUESTION_COUNT:
        break;
    }
    die("no such question");
}

/* A moment after all that the workload tells, late scans included. */
static int64_t asked_after(const struct options *options)
{
    return (WORKLOAD_EPOCH_MS + (options->asking.days + 30) * WORKLOAD_DAY_MS) * 1000;
}

void ours_questions(const struct options *options)
{
    struct inquiry inquiry = {.asked_us = asked_after(options)};
    struct asker asker = {.system = "ours", .context = &inquiry, .ask = ask};
    size_t cache_bytes = options->cache_bytes > 0 ? options->cache_bytes : (size_t)1 << 30;
    if (options->way != NULL) {
        inquiry.as_known = true;
        inquiry.known_after_us = strcmp(options->way, "hour") == 0 ? HOUR_US : 0;
    }
    /* In process, as a server asks: the writing handle need not look whether somebody else wrote.
     */
    inquiry.ours.wb = ours_open(options->file, WB_WRITE, cache_bytes);
    ours_places_find(&inquiry.ours);
    ours_people_find(&inquiry.ours, options->asking.people);
    options_ask(options, &asker);
    wb_list_done(&inquiry.people);
    wb_list_done(&inquiry.stays);
    wb_list_done(&inquiry.company.zones);
    wb_list_done(&inquiry.company);
    wb_list_done(&inquiry.counts);
    ours_done(&inquiry.ours);
}

/* Let the operating system forget what it keeps of the file, as after a restart. */
static void forget_pages(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) die("%s cannot be read", path);
    (void)posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    (void)close(file);
}

void ours_first_answer(const struct options *options)
{
    struct parameter_set set;
    struct wb_people people = {0};
    wb_zone zone;
    parameters_draw(&set, 1, options->asking.people, options->asking.days);
    forget_pages(options->file);

    int64_t memory_before = ours_memory_highest();
    int64_t start = clock_ns();
    struct wb *wb = ours_open(options->file, WB_READ, options->cache_bytes);
    struct wb_moment moment = {set.at_ms * 1000, WB_EVERYTHING, asked_after(options)};
    must(wb, wb_zone_find(wb, "z0", 2, &zone), "z0");
    must(wb, wb_inside(wb, zone, &moment, &people), "inside");
    int64_t ns = clock_ns() - start;
    int64_t memory = ours_memory_highest() - memory_before;
    wb_list_done(&people);
    ours_close(wb);
    result("open_seconds", "ours", (double)ns / 1e9);
    result("open_memory", "ours", (double)memory);
}

void ours_verify(const struct options *options)
{
    struct wb_verification found = {0};
    struct wb *wb = ours_open(options->file, WB_READ, options->cache_bytes);
    int64_t start = clock_ns();
    wb_status status = wb_verify(wb, NULL, NULL, &found);
    double seconds = (double)(clock_ns() - start) / 1e9;
    if (status == WB_EREFUSED) die("verify: %s", found.first_fault);
    must(wb, status, "verify");
    ours_close(wb);
    result("verify", "ours", (double)found.scans / seconds);
}
