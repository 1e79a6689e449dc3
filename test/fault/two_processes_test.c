/* A writer and a reader are two processes beside each other on a real disk. */
#include "reference.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define KILL_COUNT    14
#define STEP_PAUSE_US 90000

/* What the writing process reports after each step. */
struct progress {
    size_t next, facts;
};

static int make(void **state)
{
    (void)state;
    reference_make();
    return 0;
}

static void remove_file(void)
{
    static const char *const names[] = {"real.db", "real.db-wal", "real.db-shm", "real.db-lock"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)unlink(reference_path(names[i]));
    }
}

static int clean(void **state)
{
    (void)state;
    remove_file();
    reference_done();
    return 0;
}

static struct script real_script(void)
{
    static char path[200];
    (void)snprintf(path, sizeof path, "%s", reference_path("real.db"));
    return (struct script){.path = path};
}

static void pause_us(long microseconds)
{
    struct timespec span = {.tv_nsec = microseconds * 1000};
    (void)nanosleep(&span, NULL);
}

/* The writing process: all steps, each reported through the pipe. Never returns. */
static void write_all(int report, long step_pause_us)
{
    struct script script = real_script();
    if (script_open(&script, WB_CREATE) != WB_OK) _exit(2);
    while (script.next < script_step_count()) {
        script_step(&script);
        if (script.status != WB_OK) _exit(3);
        struct progress progress = {script.next, script.facts};
        if (write(report, &progress, sizeof progress) != (ssize_t)sizeof progress) _exit(4);
        if (step_pause_us > 0) pause_us(step_pause_us);
    }
    _exit(script_close(&script) == WB_OK ? 0 : 5);
}

static pid_t start_writer(int *report, long step_pause_us)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    (void)fflush(NULL);
    pid_t writer = fork();
    assert_true(writer >= 0);
    if (writer == 0) {
        (void)close(ends[0]);
        write_all(ends[1], step_pause_us);
    }
    (void)close(ends[1]);
    *report = ends[0];
    return writer;
}

/* Read reports until there are no more of them to be had; the last one counts. */
static struct progress last_report(int report, size_t enough)
{
    struct progress progress = {0};
    struct progress next = {0};
    while (progress.next < enough) {
        ssize_t bytes = read(report, &next, sizeof next);
        if (bytes < 0 && errno == EINTR) continue;
        if (bytes != (ssize_t)sizeof next) break;
        progress = next;
    }
    return progress;
}

static int end_of(pid_t process)
{
    int status = 0;
    pid_t ended = waitpid(process, &status, 0);
    assert_int_equal(ended, process);
    return status;
}

/* The head counts of one answer sum to the people, if no commit came between the questions. */
static void fail_on_heads(struct wb *wb)
{
    const int64_t end_us = SCRIPT_START_US + 18 * SCRIPT_HOUR_US;
    const struct wb_moment moment = {end_us, WB_EVERYTHING, end_us};
    struct wb_head_counts counts = {0};
    struct wb_numbers before = {0};
    struct wb_numbers after = {0};
    assert_int_equal(wb_numbers(wb, &before), WB_OK);
    assert_int_equal(wb_head_count(wb, &moment, NULL, &counts), WB_OK);
    assert_int_equal(wb_numbers(wb, &after), WB_OK);
    size_t sum = (size_t)counts.outside + counts.unknown;
    for (size_t i = 0; i < counts.count; i++)
        sum += counts.at[i].direct;
    if (sum != before.people && sum != after.people) {
        fail_msg("heads sum to %zu, people are %d", sum, (int)after.people);
    }
    wb_list_done(&counts);
}

/* The reference's answers with so many commits in the journal; a change of the register alone
 * is none. */
static const char *answers_with(uint64_t commits)
{
    char line[60];
    (void)snprintf(line, sizeof line, "\nnumbers: commits %d ", (int)commits);
    for (size_t i = script_fact_count(); i > 0; i--) {
        if (strstr(reference_answers(i), line)) return reference_answers(i);
    }
    return reference_answers(0);
}

/* Which number of facts the reader's answers are those of; SIZE_MAX: the writer committed
 * while they were given, so they may be of two. */
static size_t facts_answered(struct wb *wb)
{
    struct wb_numbers before = {0};
    struct wb_numbers after = {0};
    char *text = NULL;
    assert_int_equal(wb_numbers(wb, &before), WB_OK);
    wb_status status = script_answers(wb, &text);
    if (status == WB_ENOENT) return SIZE_MAX; /* somebody was erased between two questions */
    if (status != WB_OK) fail_msg("a reader got status %d: %s", (int)status, wb_last_error(wb));
    assert_int_equal(wb_numbers(wb, &after), WB_OK);
    size_t facts = SIZE_MAX;
    for (size_t i = 0; i <= script_fact_count(); i++) {
        if (strcmp(text, reference_answers(i)) == 0) facts = i;
    }
    /* An erasure is no commit of the journal. */
    bool stood = before.commits == after.commits && before.people == after.people;
    if (facts == SIZE_MAX && stood) {
        char difference[1200];
        script_difference(answers_with(after.commits), text, difference, sizeof difference);
        fail_msg("a reader sees no state that ever was (%d commits):\n%s", (int)after.commits,
                 difference);
    }
    free(text);
    return facts;
}

static void a_reader_beside_a_writer_sees_whole_turns_in_order(void **state)
{
    (void)state;
    remove_file();
    int report = -1;
    pid_t writer = start_writer(&report, STEP_PAUSE_US);
    (void)last_report(report, 4);
    size_t newest = 0;
    size_t states = 0;
    while (waitpid(writer, NULL, WNOHANG) == 0) {
        struct script script = real_script();
        wb_status status = script_open(&script, WB_READ);
        if (status != WB_OK) fail_msg("a reader cannot open: %d %s", (int)status, script.why.text);
        for (int i = 0; i < 3; i++) {
            fail_on_heads(script.wb);
            size_t facts = facts_answered(script.wb);
            if (facts == SIZE_MAX) continue;
            if (facts < newest) fail_msg("a reader sees the past: %zu after %zu", facts, newest);
            states += facts > newest;
            newest = facts;
        }
        assert_int_equal(script_close(&script), WB_OK);
    }
    (void)close(report);
    print_message("a reader saw %zu states of %zu\n", states, script_fact_count());
    assert_true(states > 3);
    struct script script = real_script();
    assert_int_equal(script_open(&script, WB_READ), WB_OK);
    assert_int_equal(facts_answered(script.wb), script_fact_count());
    assert_int_equal(script_close(&script), WB_OK);
}

static void an_open_reader_follows_its_writer(void **state)
{
    (void)state;
    remove_file();
    struct script writer = real_script();
    struct script reader = real_script();
    assert_int_equal(script_open(&writer, WB_CREATE), WB_OK);
    while (writer.facts < 4) {
        script_step(&writer);
        assert_int_equal(writer.status, WB_OK);
    }
    assert_int_equal(script_open(&reader, WB_READ), WB_OK);
    assert_int_equal(facts_answered(reader.wb), 4);
    while (writer.next < script_step_count() &&
           strcmp(script_step_name(writer.next), "close and open") != 0) {
        script_step(&writer);
        assert_int_equal(writer.status, WB_OK);
        assert_int_equal(facts_answered(reader.wb), writer.facts);
    }
    assert_int_equal(wb_begin(reader.wb, SCRIPT_START_US), WB_EINVAL);
    assert_int_equal(script_close(&reader), WB_OK);
    assert_int_equal(script_close(&writer), WB_OK);
}

static void a_second_writer_is_refused_with_a_sentence(void **state)
{
    (void)state;
    remove_file();
    int report = -1;
    pid_t first = start_writer(&report, 900000);
    (void)last_report(report, 1);
    struct script script = real_script();
    assert_int_equal(script_open(&script, WB_WRITE), WB_EBUSY);
    assert_null(script.wb);
    print_message("the sentence: %s\n", script.why.text);
    assert_true(strlen(script.why.text) > 12);
    assert_int_equal(script_open(&script, WB_CREATE), WB_EBUSY);
    assert_int_equal(script_open(&script, WB_READ), WB_OK);
    assert_int_equal(script_close(&script), WB_OK);

    assert_int_equal(kill(first, SIGKILL), 0);
    (void)end_of(first);
    (void)close(report);
    assert_int_equal(script_open(&script, WB_WRITE), WB_OK);
    struct script second = real_script();
    assert_int_equal(script_open(&second, WB_WRITE), WB_EBUSY); /* one process, two handles */
    assert_int_equal(script_close(&script), WB_OK);
}

static void a_killed_writer_loses_nothing_acknowledged(void **state)
{
    (void)state;
    for (size_t i = 0; i < KILL_COUNT; i++) {
        remove_file();
        int report = -1;
        pid_t writer = start_writer(&report, 0);
        size_t enough = 1 + i * (script_step_count() - 3) / KILL_COUNT;
        struct progress progress = last_report(report, enough);
        pause_us((long)(i * 733 % 4000));
        assert_int_equal(kill(writer, SIGKILL), 0);
        int ended = end_of(writer);
        assert_true(WIFSIGNALED(ended) || WEXITSTATUS(ended) == 0);
        struct progress rest = last_report(report, SIZE_MAX);
        if (rest.next > progress.next) progress = rest;
        (void)close(report);

        struct script script = real_script();
        script.next = progress.next;
        script.facts = progress.facts;
        script.status = WB_EIO; /* the step under way may have happened */
        reference_check(&script, "a writer killed");
        assert_int_equal(script_close(&script), WB_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_open_reader_follows_its_writer, reference_tidy),
        cmocka_unit_test_teardown(a_reader_beside_a_writer_sees_whole_turns_in_order,
                                  reference_tidy),
        cmocka_unit_test_teardown(a_second_writer_is_refused_with_a_sentence, reference_tidy),
        cmocka_unit_test_teardown(a_killed_writer_loses_nothing_acknowledged, reference_tidy),
    };
    return cmocka_run_group_tests_name("two_processes", tests, make, clean);
}
