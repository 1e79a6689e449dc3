#define _DEFAULT_SOURCE /* flock */
#include "store/writer_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

wb_status writer_lock_take(const char *path, int *lock, char *text, size_t text_bytes)
{
    char name[4096];
    int length = snprintf(name, sizeof name, "%s-lock", path);
    int fd = -1;
    if (length > 0 && (size_t)length < sizeof name) {
        fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    } else {
        errno = ENAMETOOLONG;
    }
    if (fd < 0) {
        char reason[128] = "";
        (void)strerror_r(errno, reason, sizeof reason);
        (void)snprintf(text, text_bytes,
                       "%s: its folder cannot be written (%s): a site file needs a folder that "
                       "exists and that you may write to.",
                       path, reason);
        return WB_EIO;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        *lock = fd;
        return WB_OK;
    }
    (void)close(fd);
    (void)snprintf(text, text_bytes,
                   "%s: another program is writing to this file (a server or an import); stop it "
                   "or wait until it has finished. Questions can be asked meanwhile.",
                   path);
    return WB_EBUSY;
}

void writer_lock_drop(int lock)
{
    if (lock >= 0) (void)close(lock);
}
