#include "tool/screen.h"

#include <langinfo.h>
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

static bool locale_is_utf8; /* set once by screen_begin, before any thread */

void screen_begin(void)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the first thing that the program does */
    (void)setlocale(LC_CTYPE, "");
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the same */
    locale_is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;

    /* wcwidth knows its characters only in a UTF-8 locale; glibc has this one built in. */
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): still the first thing */
    if (!locale_is_utf8) (void)setlocale(LC_CTYPE, "C.UTF-8");
}

const char *screen_environment(const char *name)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): this program never changes its environment */
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static int columns_of(int descriptor, bool terminal)
{
    struct winsize size;
    if (terminal && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    const char *text = screen_environment("COLUMNS");
    long columns = text != NULL ? strtol(text, NULL, 10) : 0;
    return columns >= 20 && columns <= 1000 ? (int)columns : 80;
}

struct screen screen_of(FILE *stream)
{
    int descriptor = fileno(stream);
    bool terminal = descriptor >= 0 && isatty(descriptor) == 1;
    const char *kind = screen_environment("TERM");
    bool dumb = kind == NULL || strcmp(kind, "dumb") == 0;

    return (struct screen){
        .terminal = terminal && !dumb,
        .utf8 = locale_is_utf8,
        .colour = terminal && !dumb && screen_environment("NO_COLOR") == NULL,
        .columns = columns_of(descriptor, terminal),
    };
}

/* The next character of text; *bytes says how long it is. Broken bytes: -1 and one byte. */
static int32_t next_character(const char *text, size_t *bytes)
{
    const unsigned char *c = (const unsigned char *)text;
    size_t length = c[0] < 0x80 ? 1 : c[0] < 0xc2 ? 0 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;
    *bytes = 1;
    if (length == 1) return c[0];
    if (length == 0 || c[0] > 0xf4) return -1;

    int32_t character = c[0] & (0x7f >> length);
    for (size_t i = 1; i < length; i++) {
        if ((c[i] & 0xc0) != 0x80) return -1;
        character = character << 6 | (c[i] & 0x3f);
    }
    *bytes = length;
    return character;
}

size_t screen_width(const char *text)
{
    size_t width = 0;
    size_t bytes;

    for (; *text != '\0'; text += bytes) {
        int32_t character = next_character(text, &bytes);
        int columns = character < 0x80 ? 1 : wcwidth((wchar_t)character);
        width += columns >= 0 ? (size_t)columns : 1;
    }
    return width;
}

static bool is_control(int32_t character)
{
    return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

void screen_print(const char *text, FILE *stream)
{
    const char *clean = text; /* start of what is printed as it stands */
    size_t bytes;

    for (; *text != '\0'; text += bytes) {
        int32_t character = next_character(text, &bytes);
        if (!is_control(character)) continue;
        (void)fwrite(clean, 1, (size_t)(text - clean), stream);
        (void)fputc('?', stream);
        clean = text + bytes;
    }
    (void)fwrite(clean, 1, (size_t)(text - clean), stream);
}
