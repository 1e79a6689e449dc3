/* slow_disk: for LD_PRELOAD: every fsync and fdatasync takes $SLOW_DISK_MS longer (20). */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int slowly(const char *name, int fd)
{
    const char *text = getenv("SLOW_DISK_MS"); /* NOLINT(concurrency-mt-unsafe): nobody sets it */
    long wait_ms = text != NULL ? strtol(text, NULL, 10) : 20;
    struct timespec wait = {wait_ms / 1000, wait_ms % 1000 * 1000000};
    int (*real)(int) = NULL;

    *(void **)&real = dlsym(RTLD_NEXT, name);
    (void)nanosleep(&wait, NULL);
    return real(fd);
}

/* Hidden, they would stand in nobody's place. */
__attribute__((visibility("default"))) int fsync(int fd)
{
    return slowly("fsync", fd);
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): libc hides its name */
__attribute__((visibility("default"))) int fdatasync(int fd)
{
    return slowly("fdatasync", fd);
}
