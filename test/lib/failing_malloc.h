/* Make the n-th allocation fail.
 *
 * Link the program with -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc: then every call that
 * the program's own objects make comes through here. SQLite is a shared library and is asked
 * by its own configuration. Allocations inside other shared libraries do not fail. */
#ifndef WHEREABOUTS_TEST_FAILING_MALLOC_H
#define WHEREABOUTS_TEST_FAILING_MALLOC_H

#include <stdbool.h>
#include <stdint.h>

/* Put SQLite's allocations under the same count. Before anything else of SQLite is called. */
void failing_malloc_into_sqlite(void);

/* The n-th allocation from here on fails, once or with all after it. n 0: none fails.
 * The count starts at 0. */
void failing_malloc_arm(uint64_t n, bool sticky);

uint64_t failing_malloc_count(void); /* allocations since it was armed */
bool failing_malloc_fired(void);

#endif
