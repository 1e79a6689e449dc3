#include "base/text.h"

#include <stdint.h>

/* Well-formed sequences beyond ASCII by their first byte, with the bounds of the second: Unicode
 * Standard, table 3-7. Those bounds are what shuts out overlong forms, surrogates and what is
 * beyond U+10FFFF. Third and fourth bytes are 80 to BF. */
static const struct lead {
    unsigned char last; /* first bytes up to this one, from the row above on */
    unsigned char bytes;
    unsigned char second_least, second_most;
} lead[] = {
    {0xC1, 0, 0,    0   },
    {0xDF, 2, 0x80, 0xBF},
    {0xE0, 3, 0xA0, 0xBF},
    {0xEC, 3, 0x80, 0xBF},
    {0xED, 3, 0x80, 0x9F},
    {0xEF, 3, 0x80, 0xBF},
    {0xF0, 4, 0x90, 0xBF},
    {0xF3, 4, 0x80, 0xBF},
    {0xF4, 4, 0x80, 0x8F},
    {0xFF, 0, 0,    0   },
};

size_t text_character_bytes(const char *text, size_t bytes)
{
    const unsigned char *at = (const unsigned char *)text;
    if (at[0] < 0x80) return 1;

    const struct lead *row = lead;
    while (at[0] > row->last)
        row++;
    if (row->bytes == 0 || row->bytes > bytes) return 0;
    if (at[1] < row->second_least || at[1] > row->second_most) return 0;
    for (size_t i = 2; i < row->bytes; i++) {
        if ((at[i] & 0xC0u) != 0x80u) return 0;
    }
    return row->bytes;
}

bool text_is_utf8(const char *text, size_t bytes)
{
    size_t at = 0;
    while (at < bytes) {
        size_t length = text_character_bytes(text + at, bytes - at);
        if (length == 0) return false;
        at += length;
    }
    return true;
}
