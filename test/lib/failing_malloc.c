#include "failing_malloc.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stddef.h>

/* The linker's names for the two sides of a wrapped function, by names that are not reserved. */
void *real_malloc(size_t bytes) __asm__("__real_malloc");
void *real_calloc(size_t count, size_t bytes) __asm__("__real_calloc");
void *real_realloc(void *memory, size_t bytes) __asm__("__real_realloc");
void *wrap_malloc(size_t bytes) __asm__("__wrap_malloc");
void *wrap_calloc(size_t count, size_t bytes) __asm__("__wrap_calloc");
void *wrap_realloc(void *memory, size_t bytes) __asm__("__wrap_realloc");

static atomic_uint_fast64_t calls;
static uint64_t fails_at; /* 0: never */
static bool fails_for_good;
static atomic_bool fired;
static sqlite3_mem_methods sqlite_methods;

static bool fails_now(void)
{
    uint64_t n = atomic_fetch_add(&calls, 1) + 1;
    if (fails_at == 0 || n < fails_at) return false;
    if (n > fails_at && !fails_for_good) return false;
    atomic_store(&fired, true);
    return true;
}

void *wrap_malloc(size_t bytes)
{
    return fails_now() ? NULL : real_malloc(bytes);
}

void *wrap_calloc(size_t count, size_t bytes)
{
    return fails_now() ? NULL : real_calloc(count, bytes);
}

void *wrap_realloc(void *memory, size_t bytes)
{
    return fails_now() ? NULL : real_realloc(memory, bytes);
}

static void *sqlite_malloc(int bytes)
{
    return fails_now() ? NULL : sqlite_methods.xMalloc(bytes);
}

static void *sqlite_realloc(void *memory, int bytes)
{
    return fails_now() ? NULL : sqlite_methods.xRealloc(memory, bytes);
}

void failing_malloc_into_sqlite(void)
{
    int status = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_methods);
    assert(status == SQLITE_OK);
    sqlite3_mem_methods methods = sqlite_methods;
    methods.xMalloc = sqlite_malloc;
    methods.xRealloc = sqlite_realloc;
    status = sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
    assert(status == SQLITE_OK);
}

void failing_malloc_arm(uint64_t n, bool sticky)
{
    fails_at = n;
    fails_for_good = sticky;
    atomic_store(&calls, 0);
    atomic_store(&fired, false);
}

uint64_t failing_malloc_count(void)
{
    return atomic_load(&calls);
}

bool failing_malloc_fired(void)
{
    return atomic_load(&fired);
}
