#include "room.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void room_make(const char *file, char *out)
{
    const char *parent = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe): nobody changes it */
    char folder[ROOM_PATH_BYTES / 2];
    int bytes = snprintf(folder, sizeof folder, "%s/whereabouts-XXXXXX", parent ? parent : "/tmp");
    assert(bytes > 0 && bytes < (int)sizeof folder);
    char *made = mkdtemp(folder);
    if (!made) {
        perror(folder);
        abort();
    }
    bytes = snprintf(out, ROOM_PATH_BYTES, "%s/%s", made, file);
    assert(bytes > 0 && bytes < ROOM_PATH_BYTES);
}

static void folder_of(const char *path, char *out)
{
    const char *slash = strrchr(path, '/');
    assert(slash);
    int bytes = snprintf(out, ROOM_PATH_BYTES, "%.*s", (int)(slash - path), path);
    assert(bytes > 0);
}

void room_remove_file(const char *path)
{
    char folder[ROOM_PATH_BYTES];
    folder_of(path, folder);
    const char *name = path + strlen(folder) + 1;
    DIR *dir = opendir(folder);
    if (!dir) return;
    for (;;) {
        struct dirent *entry = readdir(dir); /* NOLINT(concurrency-mt-unsafe): one thread */
        if (!entry) break;
        if (strncmp(entry->d_name, name, strlen(name)) != 0) continue;
        char found[ROOM_PATH_BYTES + sizeof entry->d_name];
        int bytes = snprintf(found, sizeof found, "%s/%s", folder, entry->d_name);
        assert(bytes > 0);
        unlink(found);
    }
    closedir(dir);
}

void room_remove(const char *path)
{
    char folder[ROOM_PATH_BYTES];
    folder_of(path, folder);
    room_remove_file(path);
    rmdir(folder);
}
