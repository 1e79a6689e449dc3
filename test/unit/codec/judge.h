/* judge: what jansson says about a line, held against ndjson_parse. For the test and the fuzz
 * target; the jansson library is no part of the reader. */
#ifndef TEST_UNIT_CODEC_JUDGE_H
#define TEST_UNIT_CODEC_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "codec/ndjson.h"

enum verdict {
    VERDICT_SAME = 0,
    VERDICT_DIFFERS = 1,
    VERDICT_UNTOLD = 2, /* a bound of the one or the other was met */
};

static inline bool judge_text(const json_t *object, const char *key, bool required,
                              const struct pull_string *text)
{
    const json_t *value = json_object_get(object, key);
    if (!required && (value == NULL || json_is_null(value))) return text->at == NULL;
    return json_is_string(value) && text->at != NULL && json_string_length(value) == text->bytes &&
           memcmp(json_string_value(value), text->at, text->bytes) == 0;
}

static inline bool judge_is_scan(const json_t *object)
{
    static const char *const required[] = {"reader", "band", "time"};
    static const char *const optional[] = {"direction", "learnt"};
    if (!json_is_object(object)) return false;
    for (size_t i = 0; i < 3; i++) {
        if (!json_is_string(json_object_get(object, required[i]))) return false;
    }
    for (size_t i = 0; i < 2; i++) {
        const json_t *value = json_object_get(object, optional[i]);
        if (value != NULL && !json_is_string(value) && !json_is_null(value)) return false;
    }
    return true;
}

/* jansson looks for doubled keys inside of values that are passed over too, and for numbers
 * that it cannot hold; ndjson has bounds on depth and on keys. */
static inline enum verdict judge_refusal(const json_error_t *error, const char *text, size_t bytes,
                                         bool ours_taken)
{
    if (!ours_taken) return VERDICT_SAME;
    enum json_error_code code = json_error_code(error);
    if (code == json_error_numeric_overflow) return VERDICT_UNTOLD;
    if (code != json_error_duplicate_key) return VERDICT_DIFFERS;
    /* A doubled key that we took has to be an inner one. The object's own keys are seen to by
     * tests by hand; here it has to be a scan at least. */
    json_t *loose = json_loadb(text, bytes, JSON_DECODE_ANY, NULL);
    enum verdict verdict = judge_is_scan(loose) ? VERDICT_UNTOLD : VERDICT_DIFFERS;
    json_decref(loose);
    return verdict;
}

static inline enum verdict judge_scan(const json_t *object, const struct ndjson_scan *scan)
{
    if (scan->fault != NULL) {
        if (!judge_is_scan(object)) return VERDICT_SAME;
        bool bound = strstr(scan->fault, "more than 32") != NULL;
        return bound ? VERDICT_UNTOLD : VERDICT_DIFFERS;
    }
    bool same = judge_is_scan(object) && judge_text(object, "reader", true, &scan->reader) &&
                judge_text(object, "band", true, &scan->band) &&
                judge_text(object, "time", true, &scan->time) &&
                judge_text(object, "direction", false, &scan->direction) &&
                judge_text(object, "learnt", false, &scan->learnt);
    return same ? VERDICT_SAME : VERDICT_DIFFERS;
}

/* Parse a line both ways. NULL text is allowed for no bytes. */
static inline enum verdict judge(const char *text, size_t bytes)
{
    struct ndjson_scan scan = {0};
    char *copy = malloc(bytes + 1);
    if (copy == NULL) return VERDICT_UNTOLD;
    if (bytes > 0) memcpy(copy + 1, text, bytes);
    bool taken = ndjson_parse(copy + 1, bytes, &scan);

    /* No JSON text has a NUL byte; jansson 2.14 loses one that follows a word or a number. */
    if (bytes > 0 && memchr(text, '\0', bytes) != NULL) {
        free(copy);
        return taken ? VERDICT_DIFFERS : VERDICT_SAME;
    }

    json_error_t error;
    json_t *object =
        json_loadb(bytes > 0 ? text : "", bytes, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    enum verdict verdict =
        object == NULL ? judge_refusal(&error, text, bytes, taken) : judge_scan(object, &scan);
    json_decref(object);
    free(copy);
    return verdict;
}

#endif
