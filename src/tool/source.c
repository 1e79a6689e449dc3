#include "tool/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/say.h"
#include "tool/screen.h"

int source_open(struct source *source, const char *name)
{
    bool standard = strcmp(name, "-") == 0;
    *source = (struct source){.name = standard ? "standard input" : name, .descriptor = -1};

    source->descriptor = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    if (source->descriptor >= 0) return SAY_DONE;
    return say(SAY_NO, "%s cannot be read: %s", name, strerrordesc_np(errno));
}

void source_close(struct source *source)
{
    if (source->descriptor > STDIN_FILENO) (void)close(source->descriptor); /* was only read */
    source->descriptor = -1;
}

static ptrdiff_t read_some(struct source *source, char *out, size_t out_bytes)
{
    for (;;) {
        ssize_t bytes = read(source->descriptor, out, out_bytes);
        if (bytes >= 0) return bytes;
        if (errno == EINTR) continue;
        source->error = errno;
        return -1;
    }
}

static bool ends_with(const char *name, const char *end)
{
    size_t bytes = strlen(name);
    size_t end_bytes = strlen(end);
    return bytes > end_bytes && strcmp(name + bytes - end_bytes, end) == 0;
}

/* The first byte of the head that is no blank and no byte order mark; 0 without one. */
static char first_byte(const struct source *source)
{
    static const char mark[] = {'\xef', '\xbb', '\xbf'};
    size_t i = 0;

    if (source->head_bytes >= sizeof mark && memcmp(source->head, mark, sizeof mark) == 0) {
        i = sizeof mark;
    }
    while (i < source->head_bytes && strchr(" \t\r\n", source->head[i]) != NULL &&
           source->head[i] != '\0')
        i++;
    return (char)(i < source->head_bytes ? source->head[i] : 0);
}

bool source_is_ndjson(struct source *source)
{
    if (ends_with(source->name, ".ndjson") || ends_with(source->name, ".jsonl")) return true;
    if (ends_with(source->name, ".csv")) return false;

    /* A pipe may give its bytes one at a time. */
    while (first_byte(source) == 0 && source->head_bytes < sizeof source->head) {
        ptrdiff_t bytes = read_some(source, source->head + source->head_bytes,
                                    sizeof source->head - source->head_bytes);
        if (bytes <= 0) break; /* a failure comes again when the rows are read */
        source->head_bytes += (size_t)bytes;
    }
    return first_byte(source) == '{';
}

ptrdiff_t source_fill(void *context, char *out, size_t out_bytes)
{
    struct source *source = context;
    size_t left = source->head_bytes - source->head_used;
    ptrdiff_t bytes;

    if (left > 0) {
        bytes = (ptrdiff_t)(left < out_bytes ? left : out_bytes);
        memcpy(out, source->head + source->head_used, (size_t)bytes);
        source->head_used += (size_t)bytes;
    } else {
        bytes = read_some(source, out, out_bytes);
    }
    if (bytes > 0) source->taken += (uint64_t)bytes;
    return bytes;
}

static int cannot_spool(const struct source *source, FILE *spool)
{
    int error = errno;
    if (spool != NULL) (void)fclose(spool);
    return say(SAY_NO,
               "%s cannot be kept aside to be read twice, as --strict needs: %s; give it as a "
               "file instead",
               source->name, strerrordesc_np(error));
}

int source_make_rewindable(struct source *source)
{
    char piece[65536];
    ptrdiff_t bytes;

    if (lseek(source->descriptor, 0, SEEK_CUR) >= 0) return SAY_DONE;

    FILE *spool = tmpfile();
    if (spool == NULL) return cannot_spool(source, spool);
    while ((bytes = source_fill(source, piece, sizeof piece)) > 0) {
        if (fwrite(piece, 1, (size_t)bytes, spool) != (size_t)bytes) {
            return cannot_spool(source, spool);
        }
    }
    if (bytes < 0) {
        (void)fclose(spool);
        return say(SAY_NO, "%s cannot be read: %s", source->name, strerrordesc_np(source->error));
    }
    if (fflush(spool) != 0) return cannot_spool(source, spool);
    int descriptor = fcntl(fileno(spool), F_DUPFD_CLOEXEC, 3);
    if (descriptor < 0) return cannot_spool(source, spool);
    (void)fclose(spool); /* the file stays as long as its descriptor */
    source->descriptor = descriptor;
    return source_rewind(source);
}

int source_rewind(struct source *source)
{
    if (lseek(source->descriptor, 0, SEEK_SET) < 0) {
        return say(SAY_NO, "%s cannot be read twice: %s", source->name, strerrordesc_np(errno));
    }
    source->head_bytes = source->head_used = 0;
    source->taken = 0;
    return SAY_DONE;
}

uint64_t source_size(const char *name)
{
    struct stat status;
    int failed = strcmp(name, "-") == 0 ? fstat(STDIN_FILENO, &status) : stat(name, &status);

    return failed == 0 && S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
}
