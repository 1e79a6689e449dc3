#include "lines.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "whereabouts/types.h"

void lines_add(struct lines *lines, const char *format, ...)
{
    char *line = NULL;
    va_list arguments;
    va_start(arguments, format);
    int bytes = vasprintf(&line, format, arguments);
    va_end(arguments);
    assert(bytes >= 0);
    lines->at = make_room(lines->at, &lines->capacity, lines->count + 1, sizeof *lines->at);
    lines->at[lines->count++] = line;
}

static int by_bytes(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

char *lines_joined(struct lines *lines)
{
    size_t bytes = 1;
    for (size_t i = 0; i < lines->count; i++)
        bytes += strlen(lines->at[i]) + 1;
    char *text = malloc(bytes);
    assert(text);
    char *end = text;
    for (size_t i = 0; i < lines->count; i++) {
        end = stpcpy(end, lines->at[i]);
        *end++ = '\n';
        free(lines->at[i]);
    }
    *end = '\0';
    free(lines->at);
    *lines = (struct lines){0};
    return text;
}

char *lines_sorted(struct lines *lines)
{
    if (lines->count) qsort(lines->at, lines->count, sizeof *lines->at, by_bytes);
    return lines_joined(lines);
}

/* How the line at a orders against the line at b: as by_bytes would, without their ends. */
static int compare_lines(const char *a, const char *b)
{
    while (*a == *b && *a != '\n' && *a) {
        a++;
        b++;
    }
    int left = *a == '\n' ? 0 : (unsigned char)*a;
    int right = *b == '\n' ? 0 : (unsigned char)*b;
    return left - right;
}

static const char *next_line(const char *line)
{
    return strchr(line, '\n') + 1; /* every line ends with one */
}

char *lines_only_in(const char *text, const char *other)
{
    struct lines only = {0};
    while (*text) {
        int order = *other ? compare_lines(text, other) : -1;
        if (order < 0) lines_add(&only, "  %.*s", (int)(next_line(text) - text - 1), text);
        if (order <= 0) text = next_line(text);
        if (order >= 0) other = next_line(other);
    }
    return lines_joined(&only);
}

const char *time_text(int64_t time_us, char *out)
{
    if (time_us == WB_NO_TIME) return "none";
    if (time_us == WB_STILL_THERE) return "open";
    int bytes = snprintf(out, 24, "%" PRId64, time_us);
    assert(bytes > 0);
    return out;
}
