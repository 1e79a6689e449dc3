#include "base/duration.h"

#include <stdio.h>

#define SECOND_US INT64_C(1000000)

/* How many seconds a letter stands for; 0 where it is no unit. */
static int64_t unit_seconds(char letter)
{
    switch (letter) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    default:
        return 0;
    }
}

bool duration_parse(const char *text, size_t bytes, int64_t *us)
{
    if (bytes < 2) return false;
    int64_t unit_us = unit_seconds(text[bytes - 1]) * SECOND_US;
    if (unit_us == 0) return false;

    int64_t most = INT64_MAX / unit_us;
    int64_t value = 0;
    for (size_t i = 0; i + 1 < bytes; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        value = value * 10 + (text[i] - '0');
        if (value > most) return false;
    }
    *us = value * unit_us;
    return true;
}

bool duration_parse_signed(const char *text, size_t bytes, int64_t *us)
{
    bool minus = bytes > 0 && text[0] == '-';
    bool plus = bytes > 0 && text[0] == '+';
    size_t sign_bytes = minus || plus ? 1 : 0;
    int64_t span_us = 0;
    if (!duration_parse(text + sign_bytes, bytes - sign_bytes, &span_us)) return false;
    *us = minus ? -span_us : span_us;
    return true;
}

/* Seconds and what of them is not whole: 1.25s. */
static int format_seconds(uint64_t us, const char *sign, char out[DURATION_TEXT_MAX])
{
    unsigned whole = (unsigned)(us / (uint64_t)SECOND_US);
    unsigned part = (unsigned)(us % (uint64_t)SECOND_US);
    if (part == 0) return snprintf(out, DURATION_TEXT_MAX, "%s%us", sign, whole);
    int length = snprintf(out, DURATION_TEXT_MAX, "%s%u.%06u", sign, whole, part);
    while (out[length - 1] == '0')
        length--;
    out[length] = 's';
    out[length + 1] = '\0';
    return length + 1;
}

size_t duration_format(int64_t us, char out[DURATION_TEXT_MAX])
{
    static const struct {
        uint64_t seconds;
        char letter;
    } unit[] = {
        {86400, 'd'},
        {3600,  'h'},
        {60,    'm'},
        {1,     's'}
    };

    const char *sign = us < 0 ? "-" : "";
    uint64_t span_us = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
    uint64_t seconds = span_us / (uint64_t)SECOND_US;
    if (seconds < 60) return (size_t)format_seconds(span_us, sign, out);

    size_t i = 0;
    while (seconds < unit[i].seconds)
        i++;
    unsigned long long major = seconds / unit[i].seconds;
    unsigned long long minor = seconds % unit[i].seconds / unit[i + 1].seconds;
    int length = 0;
    if (minor == 0) {
        length = snprintf(out, DURATION_TEXT_MAX, "%s%llu%c", sign, major, unit[i].letter);
    } else {
        length = snprintf(out, DURATION_TEXT_MAX, "%s%llu%c %llu%c", sign, major, unit[i].letter,
                          minor, unit[i + 1].letter);
    }
    return (size_t)length;
}
