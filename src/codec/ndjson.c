#include "codec/ndjson.h"

#include <string.h>

#include "base/text.h"

#define FAULT_LONG      "the line is longer than 1 MiB"
#define FAULT_NO_OBJECT "the line is not a JSON object: it should begin with {"
#define FAULT_AFTER     "text follows the JSON object"
#define FAULT_KEY       "a key, in quotes, should stand here"
#define FAULT_COLON     "a colon should stand between a key and its value"
#define FAULT_COMMA     "a comma or the closing bracket should stand here"
#define FAULT_VALUE     "a JSON value should stand here"
#define FAULT_NUMBER    "this is not a JSON number"
#define FAULT_OPEN      "a text is opened with a quote and never closed"
#define FAULT_CONTROL   "a text has a control character, which JSON writes as \\u00XX"
#define FAULT_UTF8      "a text is not valid UTF-8"
#define FAULT_ESCAPE    "this is not an escape of JSON"
#define FAULT_SURROGATE "half of a surrogate pair stands alone"
#define FAULT_NUL       "a text has a NUL character"
#define FAULT_DEEP      "values are nested more than 32 deep"
#define FAULT_TWICE     "a key stands here for the second time"
#define FAULT_KEYS      "the object has more than 32 keys that no scan has"

_Static_assert(NDJSON_DEPTH_MAX == 32 && NDJSON_KEYS_MAX == 32 && LINES_BYTES_MAX == 1u << 20,
               "the faults say so");

/* One line on its way. Escapes are resolved in place: what is written never overtakes what is
 * read, since every escape is longer than its character. */
struct parse {
    char *begin, *at, *end;
    const char *fault;
    size_t column;
};

static bool refuse(struct parse *parse, const char *at, const char *why)
{
    parse->fault = why;
    parse->column = (size_t)(at - parse->begin) + 1;
    return false;
}

static void pass_blanks(struct parse *parse)
{
    while (parse->at < parse->end &&
           (*parse->at == ' ' || *parse->at == '\t' || *parse->at == '\r' || *parse->at == '\n'))
        parse->at++;
}

/* The next byte that is no blank, NUL at the end (where a NUL is, nothing is right either). */
static char next_byte(struct parse *parse)
{
    pass_blanks(parse);
    return parse->at < parse->end ? *parse->at : '\0';
}

/* ---- Texts --------------------------------------------------------------------------- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Read the four digits of \uXXXX; parse->at is on the backslash and is left behind them. */
static bool unit_read(struct parse *parse, uint32_t *unit)
{
    const char *at = parse->at;
    if (parse->end - at < 6 || at[0] != '\\' || at[1] != 'u') return false;
    uint32_t value = 0;
    for (int i = 2; i < 6; i++) {
        int digit = hex_value(at[i]);
        if (digit < 0) return false;
        value = value << 4 | (uint32_t)digit;
    }
    parse->at += 6;
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
static bool unicode_escape(struct parse *parse, char **out)
{
    const char *begin = parse->at;
    uint32_t character = 0;
    if (!unit_read(parse, &character)) return refuse(parse, begin, FAULT_ESCAPE);
    if (character == 0) return refuse(parse, begin, FAULT_NUL);
    if (character >= 0xDC00 && character <= 0xDFFF) return refuse(parse, begin, FAULT_SURROGATE);
    if (character >= 0xD800 && character <= 0xDBFF) {
        uint32_t low = 0;
        if (!unit_read(parse, &low) || low < 0xDC00 || low > 0xDFFF)
            return refuse(parse, begin, FAULT_SURROGATE);
        character = 0x10000 + ((character - 0xD800) << 10) + (low - 0xDC00);
    }
    *out = put_character(*out, character);
    return true;
}

static bool escape(struct parse *parse, char **out)
{
    static const char letter[] = "\"\\/bfnrt";
    static const char meaning[] = "\"\\/\b\f\n\r\t";
    if (parse->end - parse->at < 2) return refuse(parse, parse->at, FAULT_OPEN);
    if (parse->at[1] == 'u') return unicode_escape(parse, out);
    const char *found = memchr(letter, parse->at[1], sizeof letter - 1);
    if (found == NULL) return refuse(parse, parse->at, FAULT_ESCAPE);
    *(*out)++ = meaning[found - letter];
    parse->at += 2;
    return true;
}

/* One character that needs a second look: an escape, a control character, or beyond ASCII. */
static bool odd_character(struct parse *parse, char **out)
{
    if (*parse->at == '\\') return escape(parse, out);
    if ((unsigned char)*parse->at < 0x20) return refuse(parse, parse->at, FAULT_CONTROL);
    size_t length = text_character_bytes(parse->at, (size_t)(parse->end - parse->at));
    if (length == 0) return refuse(parse, parse->at, FAULT_UTF8);
    memmove(*out, parse->at, length);
    *out += length;
    parse->at += length;
    return true;
}

static bool is_plain(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* Read a text; parse->at is on its opening quote. */
static bool text_read(struct parse *parse, struct ndjson_text *text)
{
    char *opening = parse->at;
    char *at = opening + 1;
    while (at < parse->end && is_plain(*at))
        at++;
    char *out = at;
    while (at < parse->end && *at != '"') {
        if (is_plain(*at)) {
            *out++ = *at++;
            continue;
        }
        parse->at = at;
        if (!odd_character(parse, &out)) return false;
        at = parse->at;
    }
    if (at == parse->end) return refuse(parse, opening, FAULT_OPEN);
    *text = (struct ndjson_text){opening + 1, (size_t)(out - opening) - 1};
    parse->at = at + 1;
    return true;
}

/* ---- Values that are passed over ----------------------------------------------------- */

static bool pass_digits(struct parse *parse)
{
    char *begin = parse->at;
    while (parse->at < parse->end && *parse->at >= '0' && *parse->at <= '9')
        parse->at++;
    return parse->at > begin;
}

static bool pass_byte(struct parse *parse, char wanted)
{
    if (parse->at == parse->end || *parse->at != wanted) return false;
    parse->at++;
    return true;
}

static bool pass_number(struct parse *parse)
{
    const char *begin = parse->at;
    (void)pass_byte(parse, '-');
    bool right = pass_byte(parse, '0') || pass_digits(parse);
    if (right && pass_byte(parse, '.')) right = pass_digits(parse);
    if (right && (pass_byte(parse, 'e') || pass_byte(parse, 'E'))) {
        if (!pass_byte(parse, '+')) (void)pass_byte(parse, '-');
        right = pass_digits(parse);
    }
    return right ? true : refuse(parse, begin, FAULT_NUMBER);
}

static bool pass_word(struct parse *parse, const char *word)
{
    size_t bytes = strlen(word);
    if ((size_t)(parse->end - parse->at) < bytes || memcmp(parse->at, word, bytes) != 0)
        return refuse(parse, parse->at, FAULT_VALUE);
    parse->at += bytes;
    return true;
}

/* A value without brackets; parse->at is on its first byte. */
static bool pass_simple(struct parse *parse)
{
    struct ndjson_text text;
    switch (next_byte(parse)) {
    case '"':
        return text_read(parse, &text);
    case 't':
        return pass_word(parse, "true");
    case 'f':
        return pass_word(parse, "false");
    case 'n':
        return pass_word(parse, "null");
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
        return pass_number(parse);
    default:
        return refuse(parse, parse->at, FAULT_VALUE);
    }
}

static bool key_read(struct parse *parse, struct ndjson_text *key)
{
    if (next_byte(parse) != '"') return refuse(parse, parse->at, FAULT_KEY);
    if (!text_read(parse, key)) return false;
    if (next_byte(parse) != ':') return refuse(parse, parse->at, FAULT_COLON);
    parse->at++;
    return true;
}

/* Brackets open inside a value that is passed over: bit 0 is the innermost, 1 an object. */
struct brackets {
    uint32_t objects;
    unsigned depth;
};

static bool bracket_open(struct parse *parse, struct brackets *brackets)
{
    bool object = *parse->at == '{';
    /* The scan's own object is one of the levels. */
    if (brackets->depth + 1 == NDJSON_DEPTH_MAX) return refuse(parse, parse->at, FAULT_DEEP);
    brackets->objects = brackets->objects << 1 | (uint32_t)object;
    brackets->depth++;
    parse->at++;
    return true;
}

/* After a value: close what closes; *more says that another value follows a comma. */
static bool brackets_close(struct parse *parse, struct brackets *brackets, bool *more)
{
    *more = false;
    while (brackets->depth > 0) {
        char next = next_byte(parse);
        bool object = brackets->objects & 1;
        if (next == ',') {
            parse->at++;
            *more = true;
            return true;
        }
        if (next != (object ? '}' : ']')) return refuse(parse, parse->at, FAULT_COMMA);
        parse->at++;
        brackets->objects >>= 1;
        brackets->depth--;
    }
    return true;
}

/* Pass over any value, without recursion. */
static bool pass_value(struct parse *parse)
{
    struct brackets brackets = {0};
    struct ndjson_text key;
    bool more = true;
    while (more) {
        if ((brackets.objects & 1) && !key_read(parse, &key)) return false;
        char next = next_byte(parse);
        if (next == '{' || next == '[') {
            if (!bracket_open(parse, &brackets)) return false;
            if (next_byte(parse) != (next == '{' ? '}' : ']')) continue;
        } else if (!pass_simple(parse)) {
            return false;
        }
        if (!brackets_close(parse, &brackets, &more)) return false;
    }
    return true;
}

/* ---- The scan ------------------------------------------------------------------------ */

#define KNOWN_KEYS 5

static const struct known_key {
    const char *name;
    size_t name_bytes;
    bool required;
    const char *missing, *no_text;
} known_key[KNOWN_KEYS] = {
    {"reader",    6, true,  "\"reader\" is missing", "\"reader\" should be a text"           },
    {"band",      4, true,  "\"band\" is missing",   "\"band\" should be a text"             },
    {"time",      4, true,  "\"time\" is missing",   "\"time\" should be a text"             },
    {"direction", 9, false, "",                      "\"direction\" should be a text or null"},
    {"learnt",    6, false, "",                      "\"learnt\" should be a text or null"   },
};

/* The keys of the object so far: known ones by bit, others by name. */
struct keys {
    uint32_t known;
    size_t count;
    struct ndjson_text other[NDJSON_KEYS_MAX];
};

static bool same(const struct ndjson_text *text, const char *other, size_t bytes)
{
    return text->bytes == bytes && memcmp(text->at, other, bytes) == 0;
}

/* Its place in known_key, KNOWN_KEYS where it has none. */
static size_t key_find(const struct ndjson_text *key)
{
    size_t i = 0;
    while (i < KNOWN_KEYS && !same(key, known_key[i].name, known_key[i].name_bytes))
        i++;
    return i;
}

static bool other_key(struct parse *parse, const char *at, struct keys *keys,
                      const struct ndjson_text *key)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (same(key, keys->other[i].at, keys->other[i].bytes))
            return refuse(parse, at, FAULT_TWICE);
    }
    if (keys->count == NDJSON_KEYS_MAX) return refuse(parse, at, FAULT_KEYS);
    keys->other[keys->count++] = *key;
    return pass_value(parse);
}

static bool known_value(struct parse *parse, const struct known_key *known,
                        struct ndjson_text *value)
{
    char next = next_byte(parse);
    if (next == '"') return text_read(parse, value);
    if (next == 'n' && !known->required) return pass_word(parse, "null");
    return refuse(parse, parse->at, known->no_text);
}

static bool member_read(struct parse *parse, struct keys *keys,
                        struct ndjson_text value[KNOWN_KEYS])
{
    struct ndjson_text key;
    pass_blanks(parse);
    const char *at = parse->at;
    if (!key_read(parse, &key)) return false;
    size_t known = key_find(&key);
    if (known == KNOWN_KEYS) return other_key(parse, at, keys, &key);
    if (keys->known >> known & 1) return refuse(parse, at, FAULT_TWICE);
    keys->known |= 1u << known;
    return known_value(parse, &known_key[known], &value[known]);
}

static bool object_read(struct parse *parse, struct ndjson_text value[KNOWN_KEYS])
{
    struct keys keys;
    keys.known = 0;
    keys.count = 0;
    if (next_byte(parse) != '{') return refuse(parse, parse->at, FAULT_NO_OBJECT);
    parse->at++;
    bool more = next_byte(parse) != '}';
    while (more) {
        if (!member_read(parse, &keys, value)) return false;
        more = next_byte(parse) == ',';
        if (!more && next_byte(parse) != '}') return refuse(parse, parse->at, FAULT_COMMA);
        if (more) parse->at++;
    }
    parse->at++;
    pass_blanks(parse);
    if (parse->at < parse->end) return refuse(parse, parse->at, FAULT_AFTER);
    return true;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): it is written to, through struct parse */
bool ndjson_parse(char *text, size_t bytes, struct ndjson_scan *scan)
{
    struct ndjson_text value[KNOWN_KEYS] = {0};
    struct parse parse = {.begin = text, .at = text, .end = text + bytes};
    if (object_read(&parse, value)) {
        for (size_t i = 0; i < KNOWN_KEYS && parse.fault == NULL; i++) {
            if (known_key[i].required && value[i].at == NULL) parse.fault = known_key[i].missing;
        }
    }
    if (parse.fault != NULL) memset(value, 0, sizeof value);
    scan->reader = value[0];
    scan->band = value[1];
    scan->time = value[2];
    scan->direction = value[3];
    scan->learnt = value[4];
    scan->column = parse.column;
    scan->fault = parse.fault;
    return parse.fault == NULL;
}

/* ---- Lines --------------------------------------------------------------------------- */

bool ndjson_open(struct ndjson *ndjson, lines_fill fill, void *context)
{
    return lines_open(&ndjson->lines, fill, context);
}

void ndjson_done(struct ndjson *ndjson)
{
    lines_done(&ndjson->lines);
}

bool ndjson_failed(const struct ndjson *ndjson)
{
    return ndjson->lines.failed;
}

static bool is_empty(const char *text, size_t bytes)
{
    return bytes == 0 || (bytes == 1 && text[0] == '\r');
}

bool ndjson_next(struct ndjson *ndjson, struct ndjson_scan *scan)
{
    char *text = NULL;
    size_t bytes = 0;
    for (;;) {
        switch (lines_next(&ndjson->lines, &text, &bytes, &scan->line)) {
        case LINES_END:
        case LINES_FAILED:
            return false;
        case LINES_TOO_LONG:
            *scan = (struct ndjson_scan){.line = scan->line, .fault = FAULT_LONG};
            return true;
        case LINES_LINE:
            if (is_empty(text, bytes)) continue;
            (void)ndjson_parse(text, bytes, scan);
            return true;
        }
    }
}
