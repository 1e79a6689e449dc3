#include "site/position.h"

#include <string.h>

/* What is left of a text: at is never beyond bytes. */
struct text {
    const char *json;
    size_t bytes;
    size_t at;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_mark(char c)
{
    return c != '\0' && strchr("{}[]:,", c) != NULL;
}

static bool at_end(const struct text *text)
{
    return text->at >= text->bytes;
}

static char here(const struct text *text)
{
    return at_end(text) ? '\0' : text->json[text->at];
}

static void skip_space(struct text *text)
{
    while (!at_end(text) && is_space(here(text)))
        text->at++;
}

static void skip_string(struct text *text)
{
    text->at++; /* the opening quote */
    while (!at_end(text) && here(text) != '"') {
        bool escaped = here(text) == '\\' && text->bytes - text->at > 1;
        text->at += escaped ? 2 : 1;
    }
    if (!at_end(text)) text->at++;
}

static void skip_token(struct text *text)
{
    char first = here(text);
    if (first == '"') {
        skip_string(text);
        return;
    }
    if (!at_end(text)) text->at++;
    if (is_mark(first)) return;

    while (!at_end(text) && !is_space(here(text)) && !is_mark(here(text)) && here(text) != '"')
        text->at++;
}

static void skip_value(struct text *text)
{
    size_t open = 0;
    do {
        skip_space(text);
        char first = here(text);
        if (first == '{' || first == '[') open++;
        if ((first == '}' || first == ']') && open > 0) open--;
        skip_token(text);
    } while (open > 0 && !at_end(text));
}

static void skip_mark(struct text *text, char mark)
{
    skip_space(text);
    if (here(text) == mark) text->at++;
    skip_space(text);
}

/* From the start of an object or array to its n-th member's key or its n-th element. */
static void enter(struct text *text, uint32_t n, bool members)
{
    text->at++;
    skip_space(text);
    for (uint32_t i = 0; i < n && !at_end(text); i++) {
        if (members) {
            skip_string(text);
            skip_mark(text, ':');
        }
        skip_value(text);
        skip_mark(text, ',');
    }
}

size_t position_of(const char *json, size_t bytes, const uint32_t *steps, size_t count, bool key)
{
    struct text text = {.json = json, .bytes = bytes};
    skip_space(&text);
    for (size_t i = 0; i < count && !at_end(&text); i++) {
        bool members = here(&text) == '{';
        enter(&text, steps[i], members);
        if (!members || (key && i + 1 == count)) continue;

        skip_string(&text);
        skip_mark(&text, ':');
    }
    return text.at < bytes ? text.at : bytes;
}

size_t position_token(const char *json, size_t bytes, size_t offset)
{
    struct text text = {.json = json, .bytes = bytes};
    for (;;) {
        skip_space(&text);
        size_t start = text.at;
        if (start >= offset || at_end(&text)) return offset < bytes ? offset : bytes;

        skip_token(&text);
        if (text.at > offset) return start;
    }
}

void position_line(const char *json, size_t offset, int *line, int *column)
{
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < offset; i++) {
        if (json[i] == '\n') {
            (*line)++;
            *column = 1;
        } else {
            (*column)++;
        }
    }
}
