#include "codec/pull.h"

#include <string.h>

#include "base/text.h"

#define FAULT_KEY       "a key, in quotes, should stand here"
#define FAULT_COLON     "a colon should stand between a key and its value"
#define FAULT_COMMA     PULL_FAULT_COMMA
#define FAULT_VALUE     "a JSON value should stand here"
#define FAULT_NUMBER    "this is not a JSON number"
#define FAULT_OPEN      "a text is opened with a quote and never closed"
#define FAULT_CONTROL   "a text has a control character, which JSON writes as \\u00XX"
#define FAULT_UTF8      "a text is not valid UTF-8"
#define FAULT_ESCAPE    "this is not an escape of JSON"
#define FAULT_SURROGATE "half of a surrogate pair stands alone"
#define FAULT_NUL       "a text has a NUL character"
#define FAULT_DEEP      "values are nested more than 32 deep"

_Static_assert(PULL_DEPTH_MAX == 32, "a fault says so");

bool pull_refuse(struct pull *pull, const char *at, const char *why)
{
    pull->fault = why;
    pull->column = (size_t)(at - pull->begin) + 1;
    return false;
}

void pull_blanks(struct pull *pull)
{
    while (pull->at < pull->end &&
           (*pull->at == ' ' || *pull->at == '\t' || *pull->at == '\r' || *pull->at == '\n'))
        pull->at++;
}

/* The next byte that is no blank, NUL at the end (where a NUL is, nothing is right either). */
char pull_next(struct pull *pull)
{
    pull_blanks(pull);
    return pull->at < pull->end ? *pull->at : '\0';
}

/* ---- Texts --------------------------------------------------------------------------- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Read the four digits of \uXXXX; pull->at is on the backslash and is left behind them. */
static bool unit_read(struct pull *pull, uint32_t *unit)
{
    const char *at = pull->at;
    if (pull->end - at < 6 || at[0] != '\\' || at[1] != 'u') return false;
    uint32_t value = 0;
    for (int i = 2; i < 6; i++) {
        int digit = hex_value(at[i]);
        if (digit < 0) return false;
        value = value << 4 | (uint32_t)digit;
    }
    pull->at += 6;
    *unit = value;
    return true;
}

static char *put_character(char *out, uint32_t character)
{
    if (character < 0x80) {
        *out++ = (char)character;
        return out;
    }
    if (character < 0x800) {
        *out++ = (char)(0xC0u | character >> 6);
    } else {
        if (character < 0x10000) {
            *out++ = (char)(0xE0u | character >> 12);
        } else {
            *out++ = (char)(0xF0u | character >> 18);
            *out++ = (char)(0x80u | (character >> 12 & 0x3Fu));
        }
        *out++ = (char)(0x80u | (character >> 6 & 0x3Fu));
    }
    *out++ = (char)(0x80u | (character & 0x3Fu));
    return out;
}

/* \uXXXX, or two of them for a character beyond U+FFFF (RFC 8259, 7). */
static bool unicode_escape(struct pull *pull, char **out)
{
    const char *begin = pull->at;
    uint32_t character = 0;
    if (!unit_read(pull, &character)) return pull_refuse(pull, begin, FAULT_ESCAPE);
    if (character == 0) return pull_refuse(pull, begin, FAULT_NUL);
    if (character >= 0xDC00 && character <= 0xDFFF)
        return pull_refuse(pull, begin, FAULT_SURROGATE);
    if (character >= 0xD800 && character <= 0xDBFF) {
        uint32_t low = 0;
        if (!unit_read(pull, &low) || low < 0xDC00 || low > 0xDFFF)
            return pull_refuse(pull, begin, FAULT_SURROGATE);
        character = 0x10000 + ((character - 0xD800) << 10) + (low - 0xDC00);
    }
    *out = put_character(*out, character);
    return true;
}

static bool escape(struct pull *pull, char **out)
{
    static const char letter[] = "\"\\/bfnrt";
    static const char meaning[] = "\"\\/\b\f\n\r\t";
    if (pull->end - pull->at < 2) return pull_refuse(pull, pull->at, FAULT_OPEN);
    if (pull->at[1] == 'u') return unicode_escape(pull, out);
    const char *found = memchr(letter, pull->at[1], sizeof letter - 1);
    if (found == NULL) return pull_refuse(pull, pull->at, FAULT_ESCAPE);
    *(*out)++ = meaning[found - letter];
    pull->at += 2;
    return true;
}

/* One character that needs a second look: an escape, a control character, or beyond ASCII. */
static bool odd_character(struct pull *pull, char **out)
{
    if (*pull->at == '\\') return escape(pull, out);
    if ((unsigned char)*pull->at < 0x20) return pull_refuse(pull, pull->at, FAULT_CONTROL);
    size_t length = text_character_bytes(pull->at, (size_t)(pull->end - pull->at));
    if (length == 0) return pull_refuse(pull, pull->at, FAULT_UTF8);
    memmove(*out, pull->at, length);
    *out += length;
    pull->at += length;
    return true;
}

static bool is_plain(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* Read a text; pull->at is on its opening quote. */
bool pull_text(struct pull *pull, struct pull_string *text)
{
    char *opening = pull->at;
    char *at = opening + 1;
    while (at < pull->end && is_plain(*at))
        at++;
    char *out = at;
    while (at < pull->end && *at != '"') {
        if (is_plain(*at)) {
            *out++ = *at++;
            continue;
        }
        pull->at = at;
        if (!odd_character(pull, &out)) return false;
        at = pull->at;
    }
    if (at == pull->end) return pull_refuse(pull, opening, FAULT_OPEN);
    *text = (struct pull_string){opening + 1, (size_t)(out - opening) - 1};
    pull->at = at + 1;
    return true;
}

/* ---- Values that are passed over ----------------------------------------------------- */

static bool pass_digits(struct pull *pull)
{
    char *begin = pull->at;
    while (pull->at < pull->end && *pull->at >= '0' && *pull->at <= '9')
        pull->at++;
    return pull->at > begin;
}

static bool pass_byte(struct pull *pull, char wanted)
{
    if (pull->at == pull->end || *pull->at != wanted) return false;
    pull->at++;
    return true;
}

static bool pass_number(struct pull *pull)
{
    const char *begin = pull->at;
    (void)pass_byte(pull, '-');
    bool right = pass_byte(pull, '0') || pass_digits(pull);
    if (right && pass_byte(pull, '.')) right = pass_digits(pull);
    if (right && (pass_byte(pull, 'e') || pass_byte(pull, 'E'))) {
        if (!pass_byte(pull, '+')) (void)pass_byte(pull, '-');
        right = pass_digits(pull);
    }
    return right ? true : pull_refuse(pull, begin, FAULT_NUMBER);
}

bool pull_word(struct pull *pull, const char *word)
{
    size_t bytes = strlen(word);
    if ((size_t)(pull->end - pull->at) < bytes || memcmp(pull->at, word, bytes) != 0)
        return pull_refuse(pull, pull->at, FAULT_VALUE);
    pull->at += bytes;
    return true;
}

/* A value without brackets; pull->at is on its first byte. */
static bool pass_simple(struct pull *pull)
{
    struct pull_string text;
    switch (pull_next(pull)) {
    case '"':
        return pull_text(pull, &text);
    case 't':
        return pull_word(pull, "true");
    case 'f':
        return pull_word(pull, "false");
    case 'n':
        return pull_word(pull, "null");
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return pass_number(pull);
    default:
        return pull_refuse(pull, pull->at, FAULT_VALUE);
    }
}

bool pull_key(struct pull *pull, struct pull_string *key)
{
    if (pull_next(pull) != '"') return pull_refuse(pull, pull->at, FAULT_KEY);
    if (!pull_text(pull, key)) return false;
    if (pull_next(pull) != ':') return pull_refuse(pull, pull->at, FAULT_COLON);
    pull->at++;
    return true;
}

/* Brackets open inside a value that is passed over: bit 0 is the innermost, 1 an object. */
struct brackets {
    uint32_t objects;
    unsigned depth;
};

static bool bracket_open(struct pull *pull, struct brackets *brackets)
{
    bool object = *pull->at == '{';
    /* The object around it is one of the levels. */
    if (brackets->depth + 1 == PULL_DEPTH_MAX) return pull_refuse(pull, pull->at, FAULT_DEEP);
    brackets->objects = brackets->objects << 1 | (uint32_t)object;
    brackets->depth++;
    pull->at++;
    return true;
}

/* After a value: close what closes; *more says that another value follows a comma. */
static bool brackets_close(struct pull *pull, struct brackets *brackets, bool *more)
{
    *more = false;
    while (brackets->depth > 0) {
        char next = pull_next(pull);
        bool object = brackets->objects & 1;
        if (next == ',') {
            pull->at++;
            *more = true;
            return true;
        }
        if (next != (object ? '}' : ']')) return pull_refuse(pull, pull->at, FAULT_COMMA);
        pull->at++;
        brackets->objects >>= 1;
        brackets->depth--;
    }
    return true;
}

/* Pass over any value, without recursion. */
bool pull_pass(struct pull *pull)
{
    struct brackets brackets = {0};
    struct pull_string key;
    bool more = true;
    while (more) {
        if ((brackets.objects & 1) && !pull_key(pull, &key)) return false;
        char next = pull_next(pull);
        if (next == '{' || next == '[') {
            if (!bracket_open(pull, &brackets)) return false;
            if (pull_next(pull) != (next == '{' ? '}' : ']')) continue;
        } else if (!pass_simple(pull)) {
            return false;
        }
        if (!brackets_close(pull, &brackets, &more)) return false;
    }
    return true;
}
