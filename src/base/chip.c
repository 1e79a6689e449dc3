#include "base/chip.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

bool id_is_valid(const char *id, size_t bytes)
{
    if (bytes < 1 || bytes > WB_ID_BYTES_MAX) return false;
    for (size_t i = 0; i < bytes;) {
        unsigned char c = (unsigned char)id[i];
        if (c < 0x20 || c == 0x7F) return false;
        if (c < 0x80) {
            i++;
            continue;
        }
        size_t length = text_character_bytes(id + i, bytes - i);
        if (length == 0) return false;
        if (c == 0xC2 && (unsigned char)id[i + 1] < 0xA0) return false; /* U+0080 to 009F */
        i += length;
    }
    return true;
}

static bool is_chip_size(size_t chip_bytes)
{
    return chip_bytes == 4 || chip_bytes == 7 || chip_bytes == 8 || chip_bytes == 10 ||
           chip_bytes == 12;
}

/* The digit in upper case, or NUL where it is no hex digit. */
static char hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c;
    if (c >= 'A' && c <= 'F') return c;
    if (c >= 'a' && c <= 'f') return (char)(c - 'a' + 'A');
    return '\0';
}

/* Read hex with a step of 2 (plain) or 3 (a separator after each byte but the last). */
static size_t chip_read(const char *id, size_t bytes, size_t step, char out[WB_ID_BYTES_MAX])
{
    size_t written = 0;
    for (size_t i = 0; i < bytes; i += step) {
        char high = hex_digit(id[i]);
        char low = hex_digit(id[i + 1]);
        if (high == '\0' || low == '\0') return 0;
        if (step == 3 && i + 2 < bytes && id[i + 2] != id[2]) return 0;
        out[written++] = high;
        out[written++] = low;
    }
    return written;
}

size_t chip_canonical(const char *id, size_t bytes, char out[WB_ID_BYTES_MAX])
{
    assert(bytes <= WB_ID_BYTES_MAX);

    size_t written = 0;
    bool parted = bytes > 2 && (id[2] == ':' || id[2] == '-');
    if (!parted && bytes % 2 == 0 && is_chip_size(bytes / 2))
        written = chip_read(id, bytes, 2, out);
    if (parted && bytes % 3 == 2 && is_chip_size((bytes + 1) / 3))
        written = chip_read(id, bytes, 3, out);
    if (written > 0) return written;
    memcpy(out, id, bytes);
    return bytes;
}
