#include "base/text.h"

#include <stdint.h>

static bool continues(unsigned char byte)
{
    return (byte & 0xC0u) == 0x80u;
}

/* Well-formed sequences by their first byte, with the bounds of the second: Unicode Standard,
 * table 3-7. Those bounds are what shuts out overlong forms, surrogates and beyond 10FFFF. */
size_t text_character_bytes(const char *text, size_t bytes)
{
    const unsigned char *at = (const unsigned char *)text;
    unsigned char first = at[0];
    if (first < 0x80) return 1;

    size_t length = 0;
    unsigned char least = 0x80;
    unsigned char most = 0xBF;
    if (first >= 0xC2 && first <= 0xDF) {
        length = 2;
    } else if (first >= 0xE0 && first <= 0xEF) {
        length = 3;
        if (first == 0xE0) least = 0xA0;
        if (first == 0xED) most = 0x9F;
    } else if (first >= 0xF0 && first <= 0xF4) {
        length = 4;
        if (first == 0xF0) least = 0x90;
        if (first == 0xF4) most = 0x8F;
    }
    if (length == 0 || length > bytes) return 0;
    if (at[1] < least || at[1] > most) return 0;
    for (size_t i = 2; i < length; i++) {
        if (!continues(at[i])) return 0;
    }
    return length;
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
