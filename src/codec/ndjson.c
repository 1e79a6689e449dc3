#include "codec/ndjson.h"

#include <string.h>

#include "codec/pull.h"

#define FAULT_LONG      "the line is longer than 1 MiB"
#define FAULT_NO_OBJECT "the line is not a JSON object: it should begin with {"
#define FAULT_AFTER     "text follows the JSON object"
#define FAULT_TWICE     "a key stands here for the second time"
#define FAULT_KEYS      "the object has more than 32 keys that no scan has"

_Static_assert(NDJSON_KEYS_MAX == 32 && LINES_BYTES_MAX == 1u << 20, "the faults say so");

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
    struct pull_string other[NDJSON_KEYS_MAX];
};

static bool same(const struct pull_string *text, const char *other, size_t bytes)
{
    return text->bytes == bytes && memcmp(text->at, other, bytes) == 0;
}

/* Its place in known_key, KNOWN_KEYS where it has none. */
static size_t key_find(const struct pull_string *key)
{
    size_t i = 0;
    while (i < KNOWN_KEYS && !same(key, known_key[i].name, known_key[i].name_bytes))
        i++;
    return i;
}

static bool other_key(struct pull *pull, const char *at, struct keys *keys,
                      const struct pull_string *key)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (same(key, keys->other[i].at, keys->other[i].bytes))
            return pull_refuse(pull, at, FAULT_TWICE);
    }
    if (keys->count == NDJSON_KEYS_MAX) return pull_refuse(pull, at, FAULT_KEYS);
    keys->other[keys->count++] = *key;
    return pull_pass(pull);
}

static bool known_value(struct pull *pull, const struct known_key *known, struct pull_string *value)
{
    char next = pull_next(pull);
    if (next == '"') return pull_text(pull, value);
    if (next == 'n' && !known->required) return pull_word(pull, "null");
    return pull_refuse(pull, pull->at, known->no_text);
}

static bool member_read(struct pull *pull, struct keys *keys, struct pull_string value[KNOWN_KEYS])
{
    struct pull_string key;
    pull_blanks(pull);
    const char *at = pull->at;
    if (!pull_key(pull, &key)) return false;
    size_t known = key_find(&key);
    if (known == KNOWN_KEYS) return other_key(pull, at, keys, &key);
    if (keys->known >> known & 1) return pull_refuse(pull, at, FAULT_TWICE);
    keys->known |= 1u << known;
    return known_value(pull, &known_key[known], &value[known]);
}

static bool object_read(struct pull *pull, struct pull_string value[KNOWN_KEYS])
{
    struct keys keys;
    keys.known = 0;
    keys.count = 0;
    if (pull_next(pull) != '{') return pull_refuse(pull, pull->at, FAULT_NO_OBJECT);
    pull->at++;
    bool more = pull_next(pull) != '}';
    while (more) {
        if (!member_read(pull, &keys, value)) return false;
        more = pull_next(pull) == ',';
        if (!more && pull_next(pull) != '}') return pull_refuse(pull, pull->at, PULL_FAULT_COMMA);
        if (more) pull->at++;
    }
    pull->at++;
    return true;
}

static bool nothing_follows(struct pull *pull)
{
    pull_blanks(pull);
    return pull->at == pull->end || pull_refuse(pull, pull->at, FAULT_AFTER);
}

/* An object that is read, with all that it must have: hand its texts out, or none. */
static bool finish(struct pull *pull, struct pull_string value[KNOWN_KEYS],
                   struct ndjson_scan *scan)
{
    for (size_t i = 0; i < KNOWN_KEYS && pull->fault == NULL; i++) {
        if (known_key[i].required && value[i].at == NULL) pull->fault = known_key[i].missing;
    }
    if (pull->fault != NULL) memset(value, 0, KNOWN_KEYS * sizeof value[0]);
    scan->reader = value[0];
    scan->band = value[1];
    scan->time = value[2];
    scan->direction = value[3];
    scan->learnt = value[4];
    scan->column = pull->column;
    scan->fault = pull->fault;
    return pull->fault == NULL;
}

bool ndjson_take(struct pull *pull, struct ndjson_scan *scan)
{
    struct pull_string value[KNOWN_KEYS] = {0};

    pull_blanks(pull);
    const char *begin = pull->at;
    (void)object_read(pull, value);
    bool whole = pull->fault == NULL;
    bool taken = finish(pull, value, scan);
    /* What is missing has no place of its own: it is where the object begins. */
    if (whole && !taken) scan->column = pull->column = (size_t)(begin - pull->begin) + 1;
    return taken;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): it is written to, through struct pull */
bool ndjson_parse(char *text, size_t bytes, struct ndjson_scan *scan)
{
    struct pull_string value[KNOWN_KEYS] = {0};
    struct pull pull = {.begin = text, .at = text, .end = text + bytes};

    if (object_read(&pull, value)) (void)nothing_follows(&pull);
    return finish(&pull, value, scan);
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
