/* A small site's life as a script, for the tests that break the disk or the memory under it.
 *
 * The same steps with the same numbers every time. A fact step is one commit; the others
 * (idle, rebuild, close and open, questions) change no answer. So after k acknowledged facts
 * there is exactly one right set of answers, and after a crash the file must give those of k
 * or, if the step under way was a fact, of k + 1. */
#ifndef WHEREABOUTS_TEST_SCRIPT_H
#define WHEREABOUTS_TEST_SCRIPT_H

#include <whereabouts.h>

#define SCRIPT_START_US  INT64_C(1772344800000000) /* 2026-03-01T06:00:00Z */
#define SCRIPT_MINUTE_US INT64_C(60000000)
#define SCRIPT_HOUR_US   (60 * SCRIPT_MINUTE_US)

struct script {
    const char *path, *vfs; /* vfs NULL: the real disk */
    struct wb *wb;          /* NULL: not open */
    size_t next;            /* the step to do next, or that failed */
    size_t facts;           /* fact steps done: acknowledged */
    wb_status status;       /* of the first step that failed; WB_OK: none did */
    struct wb_fault why;    /* its sentence */
    struct wb_summary sum;  /* of all turns done */
    uint64_t random;
};

/* Open the file. errors: as wb_open; script->why says why */
wb_status script_open(struct script *script, uint32_t mode);

/* Do the steps that are left, up to the first failure. */
void script_run(struct script *script);

/* Do the next step; script->status says how it went. */
void script_step(struct script *script);

wb_status script_close(struct script *script);

/* Close what a test that failed left open. */
void script_close_left_open(void);

size_t script_step_count(void);
size_t script_fact_count(void); /* fact steps among them */
const char *script_step_name(size_t index);
bool script_step_is_fact(size_t index);

/* All answers of the file as text, each line an answer, sorted: yours to free. Two files
 * that hold the same facts give equal text. Checks the laws on the way (head counts sum to
 * the people, stays do not overlap); a law that is broken is a line that begins with "BROKEN".
 *
 *   errors  the first status that a question gave; *out is NULL then */
wb_status script_answers(struct wb *wb, char **out);

/* Point out the first line in which two texts differ, into out[bytes]. */
void script_difference(const char *want, const char *got, char *out, size_t bytes);

#endif
