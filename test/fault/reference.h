/* What the script's file must answer after each number of facts, and the check against it. */
#ifndef WHEREABOUTS_TEST_REFERENCE_H
#define WHEREABOUTS_TEST_REFERENCE_H

#include "script.h"

/* Registers the faulty VFS, makes a folder for the lock file, runs the whole script once
 * without a fault and keeps the answers after each fact step. Fails the running test if a
 * step fails, a law is broken, or a step that is no fact changes an answer. */
void reference_make(void);
void reference_done(void);

/* After each test: close what it left open when it failed. A cmocka teardown. */
int reference_tidy(void **state);

/* A script at its start, on the faulty disk. */
struct script reference_script(void);

/* A path in the tests' own folder on the real disk; "" for the folder. Borrowed until the
 * next call. */
const char *reference_path(const char *name);

const char *reference_answers(size_t facts); /* 0 to script_fact_count() */

/* Open the file that a broken run left and hold it against the reference: it opens, verifies,
 * and answers as after script->facts facts, or one more if the step under way was a fact.
 * Fails the running test with a word about `what` otherwise. *script is left open, at the
 * step to go on with. */
void reference_check(struct script *script, const char *what);

/* Every how many of count faults is to be tried so that at most `tried` are: every one when
 * WB_FAULT_ALL is set in the environment; with WB_FAULT_THIN=N each N-th of those only. */
uint64_t reference_stride(uint64_t count, uint64_t tried);

#endif
