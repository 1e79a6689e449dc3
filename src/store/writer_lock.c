/* NOLINTNEXTLINE: the C library wants this name for flock */
#define _DEFAULT_SOURCE
#include "store/writer_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

/* Said here, since strerror_r comes in two kinds that look alike. */
static const char *reason_of(int error)
{
    switch (error) {
    case ENOENT:
        return "its folder does not exist; make that first, or name another file";
    case ENOTDIR:
        return "what should be its folder is a file; name another file";
    case EACCES:
    case EPERM:
        return "you may not write there; a site is written by one account, which needs write "
               "permission to the file and its folder";
    case EROFS:
        return "its folder cannot be written: the file system is read-only";
    case ENOSPC:
        return "the disk is full; make room";
    case ENAMETOOLONG:
        return "its name is too long";
    case EMFILE:
    case ENFILE:
        return "too many files are open";
    default:
        return "its folder cannot be written";
    }
}

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
        (void)snprintf(text, text_bytes, "%s: %s.", path, reason_of(errno));
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
