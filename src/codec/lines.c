#include "codec/lines.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_BYTES (LINES_BYTES_MAX + LINES_PIECE_BYTES)

ptrdiff_t lines_text_fill(void *context, char *out, size_t out_bytes)
{
    struct lines_text *text = context;
    size_t bytes = text->left < out_bytes ? text->left : out_bytes;
    memcpy(out, text->at, bytes);
    text->at += bytes;
    text->left -= bytes;
    return (ptrdiff_t)bytes;
}

bool lines_open(struct lines *lines, lines_fill fill, void *context)
{
    *lines = (struct lines){.fill = fill, .context = context, .line = 1};
    lines->buffer = malloc(BUFFER_BYTES);
    if (lines->buffer == NULL) return false;

    static const char mark[3] = {'\xEF', '\xBB', '\xBF'};
    while (lines->end < sizeof mark && lines_more(lines))
        ;
    if (lines->end >= sizeof mark && memcmp(lines->buffer, mark, sizeof mark) == 0)
        lines->begin = sizeof mark;
    return true;
}

void lines_done(struct lines *lines)
{
    free(lines->buffer);
    *lines = (struct lines){0};
}

bool lines_more(struct lines *lines)
{
    size_t kept = lines->end - lines->begin;
    if (lines->ended || kept > LINES_BYTES_MAX) return false;

    if (lines->begin > 0) {
        memmove(lines->buffer, lines->buffer + lines->begin, kept);
        lines->begin = 0;
        lines->end = kept;
    }
    ptrdiff_t got = lines->fill(lines->context, lines->buffer + lines->end, LINES_PIECE_BYTES);
    if (got <= 0) {
        lines->ended = true;
        lines->failed = got < 0;
        return false;
    }
    assert((size_t)got <= LINES_PIECE_BYTES);
    lines->end += (size_t)got;
    return true;
}

void lines_skip(struct lines *lines)
{
    do {
        char *begin = lines->buffer + lines->begin;
        char *feed = memchr(begin, '\n', lines->end - lines->begin);
        if (feed != NULL) {
            lines->begin += (size_t)(feed - begin) + 1;
            lines->line++;
            return;
        }
        lines->begin = lines->end;
    } while (lines_more(lines));
}

enum lines_result lines_next(struct lines *lines, char **text, size_t *bytes, uint64_t *number)
{
    *number = lines->line;
    size_t searched = 0;
    char *feed = NULL;
    for (;;) {
        char *from = lines->buffer + lines->begin + searched;
        size_t left = lines->end - lines->begin - searched;
        feed = memchr(from, '\n', left);
        if (feed != NULL) break;
        searched += left;
        if (!lines_more(lines)) break;
    }
    if (lines->failed) return LINES_FAILED;
    size_t length = feed != NULL ? (size_t)(feed - lines->buffer) - lines->begin : searched;
    if (length > LINES_BYTES_MAX || (feed == NULL && !lines->ended)) {
        lines_skip(lines);
        return LINES_TOO_LONG;
    }
    if (feed == NULL && length == 0) return LINES_END;

    *text = lines->buffer + lines->begin;
    *bytes = length;
    lines->begin += length + (feed != NULL ? 1 : 0);
    lines->line++;
    return LINES_LINE;
}
