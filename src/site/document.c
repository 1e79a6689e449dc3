#include "site/document.h"

#include <string.h>

#include "site/description.h"
#include "site/position.h"

static bool begins_with_mark(const char *json, size_t bytes)
{
    return bytes >= 3 && memcmp(json, "\xef\xbb\xbf", 3) == 0;
}

/* The key at an offset, as it stands there. */
static struct quoted key_at(const struct reading *reading, size_t offset)
{
    char key[128] = "";
    size_t bytes = 0;
    for (size_t at = offset + 1; at < reading->bytes && bytes + 1 < sizeof key; at++) {
        if (reading->json[at] == '"' && reading->json[at - 1] != '\\') break;
        key[bytes++] = reading->json[at];
    }
    return quote(key);
}

static bool refuse_syntax(struct reading *reading, const json_error_t *error)
{
    size_t after = error->position > 0 ? (size_t)error->position : 0;
    size_t offset = position_token(reading->json, reading->bytes, after > 0 ? after - 1 : 0);
    switch ((int)json_error_code(error)) {
    case json_error_invalid_utf8:
        return reading_refuse_at(reading, after < reading->bytes ? after : reading->bytes,
                                 "this is not UTF-8: save the document as UTF-8");
    case json_error_premature_end_of_input:
        return reading_refuse_at(reading, offset,
                                 "the document ends too early: close what is open, a quote, "
                                 "a bracket or a brace");
    case json_error_end_of_input_expected:
        return reading_refuse_at(reading, offset,
                                 "the document has ended before this: take out what follows");
    case json_error_duplicate_key:
        return reading_refuse_at(reading, offset,
                                 "the key \"%s\" stands twice in one object: leave one out",
                                 key_at(reading, offset).text);
    case json_error_numeric_overflow:
        return reading_refuse_at(reading, offset, "this number is too large: correct it");
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return reading_refuse_at(reading, offset, "a text cannot hold \\u0000: take it out");
    case json_error_stack_overflow:
        return reading_refuse_at(reading, offset,
                                 "this is nested too deeply: a site needs four levels");
    default:
        return reading_refuse_at(reading, offset,
                                 "this is not JSON (%s): look here and just before for a comma, "
                                 "quote or bracket that is missing or too many",
                                 quote(error->text).text);
    }
}

/* Whether two parses of one text came to the same. */
static bool agree(json_t *root, const json_error_t *error, json_t *again,
                  const json_error_t *error_again)
{
    if (root != NULL || again != NULL) return json_equal(root, again) != 0;

    return error->position == error_again->position && strcmp(error->text, error_again->text) == 0;
}

/* Parse twice and believe what both say: where an allocation fails inside its lexer, jansson
 * 2.14 drops bytes of a string, or takes a sound text for a broken one, without a word. */
static json_t *parse_surely(struct reading *reading)
{
    json_error_t error = {0};
    json_error_t error_again = {0};
    json_t *root = json_loadb(reading->json, reading->bytes, JSON_REJECT_DUPLICATES, &error);
    json_t *again = json_loadb(reading->json, reading->bytes, JSON_REJECT_DUPLICATES, &error_again);
    bool sure = agree(root, &error, again, &error_again);
    json_decref(again);
    if (sure && root != NULL) return root;

    json_decref(root);
    if (!sure || error.text[0] == '\0' || json_error_code(&error) == json_error_out_of_memory) {
        reading_no_memory(reading);
    } else {
        refuse_syntax(reading, &error);
    }
    return NULL;
}

json_t *document_parse(struct reading *reading)
{
    if (reading->bytes > DESCRIPTION_BYTES_MAX) {
        reading_refuse_at(reading, 0, "the document is larger than %u MiB: shorten it",
                          DESCRIPTION_BYTES_MAX >> 20);
        return NULL;
    }
    if (begins_with_mark(reading->json, reading->bytes)) {
        reading_refuse_at(reading, 0,
                          "the document begins with a byte order mark: save it as UTF-8 without");
        return NULL;
    }
    return parse_surely(reading);
}
