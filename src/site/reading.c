#include "site/reading.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/chip.h"
#include "base/duration.h"
#include "base/text.h"
#include "site/position.h"

#define TIMEZONE_BYTES_MAX 64u

static bool is_control(const char *character, size_t bytes)
{
    unsigned char first = (unsigned char)character[0];
    unsigned char last = (unsigned char)character[bytes - 1];
    return bytes == 1 ? first < 0x20 || first == 0x7f : first == 0xc2 && last < 0xa0;
}

struct quoted quote(const char *text)
{
    static const char ellipsis[] = "\xe2\x80\xa6";
    struct quoted quoted = {{0}};
    size_t room = sizeof quoted.text - sizeof ellipsis;
    size_t used = 0;
    size_t left = strlen(text);
    while (left > 0) {
        size_t bytes = text_character_bytes(text, left);
        size_t step = bytes > 0 ? bytes : 1; /* jansson quotes halves of characters */
        if (used + step > room) {
            memcpy(quoted.text + used, ellipsis, sizeof ellipsis);
            break;
        }
        bool plain = bytes > 0 && !is_control(text, bytes);
        memcpy(quoted.text + used, plain ? text : "?", plain ? bytes : 1);
        used += plain ? bytes : 1;
        text += step;
        left -= step;
    }
    return quoted;
}

static void say(struct reading *reading, size_t offset, const char *format, va_list arguments)
{
    struct wb_fault *why = reading->why;
    position_line(reading->json, offset, &why->line, &why->column);
    int length = vsnprintf(why->text, sizeof why->text, format, arguments);
    assert(length > 0 && (size_t)length < sizeof why->text); /* quote() bounds every name */
    reading->status = WB_EREFUSED;
}

bool reading_refuse(struct reading *reading, enum reading_spot spot, const char *format, ...)
{
    if (reading->status != WB_OK) return false;

    size_t offset =
        position_of(reading->json, reading->bytes, reading->step, reading->depth, spot == SPOT_KEY);
    va_list arguments;
    va_start(arguments, format);
    say(reading, offset, format, arguments);
    va_end(arguments);
    return false;
}

bool reading_refuse_at(struct reading *reading, size_t offset, const char *format, ...)
{
    if (reading->status != WB_OK) return false;

    va_list arguments;
    va_start(arguments, format);
    say(reading, offset, format, arguments);
    va_end(arguments);
    return false;
}

bool reading_no_memory(struct reading *reading)
{
    if (reading->status == WB_OK) reading->status = WB_ENOMEM;
    return false;
}

void reading_enter(struct reading *reading, size_t n)
{
    assert(reading->depth < READING_DEPTH);
    reading->step[reading->depth++] = (uint32_t)n;
}

void reading_enter_key(struct reading *reading, json_t *object, const char *key)
{
    size_t n = 0; /* jansson keeps members in the order of the document */
    void *member = json_object_iter(object);
    while (member != NULL && strcmp(json_object_iter_key(member), key) != 0) {
        member = json_object_iter_next(object, member);
        n++;
    }
    assert(member != NULL);
    reading_enter(reading, n);
    reading->key = key;
}

void reading_leave(struct reading *reading)
{
    assert(reading->depth > 0);
    reading->depth--;
}

static const struct member *member_of(const struct shape *shape, const char *key)
{
    for (size_t i = 0; i < shape->member_count; i++)
        if (strcmp(shape->members[i].key, key) == 0) return &shape->members[i];

    return NULL;
}

static bool refuse_unknown(struct reading *reading, const struct shape *shape, const char *key)
{
    char known[160] = "";
    size_t used = 0;
    for (size_t i = 0; i < shape->member_count; i++) {
        int length = snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "",
                              shape->members[i].key);
        assert(length > 0 && (size_t)length < sizeof known - used);
        used += (size_t)length;
    }
    return reading_refuse(reading, SPOT_KEY,
                          "%s has no key \"%s\"; its keys are %s: correct it or leave it out",
                          shape->what, quote(key).text, known);
}

static bool has_required(struct reading *reading, json_t *object, const struct shape *shape)
{
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct member *member = &shape->members[i];
        if (member->required && json_object_get(object, member->key) == NULL) {
            return reading_refuse(reading, SPOT_VALUE, "%s needs the key \"%s\": add it",
                                  shape->what, member->key);
        }
    }
    return true;
}

bool reading_object(struct reading *reading, json_t *object, const struct shape *shape, void *into)
{
    if (!json_is_object(object)) {
        return reading_refuse(reading, SPOT_VALUE, "%s must be an object, in braces { }",
                              shape->what);
    }

    size_t n = 0;
    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at)) {
        const char *key = json_object_iter_key(at);
        const struct member *member = member_of(shape, key);
        reading_enter(reading, n++);
        reading->key = key;
        if (member == NULL) return refuse_unknown(reading, shape, key);
        if (!member->read(reading, json_object_iter_value(at), (char *)into + member->offset))
            return false;
        reading_leave(reading);
    }
    return has_required(reading, object, shape);
}

const char *reading_string(struct reading *reading, json_t *value, const char *such_as)
{
    if (json_is_string(value)) return json_string_value(value);

    reading_refuse(reading, SPOT_VALUE, "\"%s\" must be a text in quotes, such as \"%s\"",
                   reading->key, such_as);
    return NULL;
}

/* Keep a value's text. It is shorter than its source, so the room is always enough. */
static const char *keep(struct reading *reading, json_t *value)
{
    size_t bytes = json_string_length(value);
    char *kept = reading->text;
    memcpy(kept, json_string_value(value), bytes + 1);
    reading->text += bytes + 1;
    return kept;
}

bool read_text(struct reading *reading, json_t *value, void *into)
{
    const char **text = into;
    if (reading_string(reading, value, "Great Hall") == NULL) return false;

    *text = keep(reading, value);
    return true;
}

bool read_id(struct reading *reading, json_t *value, void *into)
{
    const char **id = into;
    const char *given = reading_string(reading, value, "hall");
    if (given == NULL) return false;
    if (!id_is_valid(given, json_string_length(value))) {
        return reading_refuse(reading, SPOT_VALUE,
                              "\"%s\" is no id: write 1 to %u bytes without control characters",
                              quote(given).text, WB_ID_BYTES_MAX);
    }

    *id = keep(reading, value);
    return true;
}

static bool is_reserved(const char *id)
{
    return strcmp(id, "outside") == 0 || strcmp(id, "unknown") == 0;
}

bool read_zone_id(struct reading *reading, json_t *value, void *into)
{
    if (json_is_string(value) && is_reserved(json_string_value(value))) {
        return reading_refuse(reading, SPOT_VALUE,
                              "\"%s\" is a reserved word, every site has that zone: choose "
                              "another id",
                              json_string_value(value));
    }

    return read_id(reading, value, into);
}

static bool is_timezone_name(const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_+-/";
    size_t bytes = strlen(name);
    return bytes > 0 && bytes <= TIMEZONE_BYTES_MAX && strspn(name, letters) == bytes &&
           name[0] != '/' && name[bytes - 1] != '/' && strstr(name, "//") == NULL;
}

bool read_timezone(struct reading *reading, json_t *value, void *into)
{
    const char **timezone = into;
    const char *given = reading_string(reading, value, "Europe/London");
    if (given == NULL) return false;
    if (!is_timezone_name(given)) {
        return reading_refuse(reading, SPOT_VALUE,
                              "\"%s\" is no name of a time zone: write one such as "
                              "\"Europe/London\" or \"UTC\"",
                              quote(given).text);
    }

    *timezone = keep(reading, value);
    return true;
}

bool read_yes(struct reading *reading, json_t *value, void *into)
{
    bool *yes = into;
    if (!json_is_boolean(value)) {
        return reading_refuse(reading, SPOT_VALUE, "\"%s\" must be true or false, without quotes",
                              reading->key);
    }

    *yes = json_is_true(value);
    return true;
}

bool read_count(struct reading *reading, json_t *value, void *into)
{
    uint32_t *count = into;
    json_int_t given = json_integer_value(value); /* 0 when it is none */
    if (given < 1 || given > UINT32_MAX) {
        return reading_refuse(reading, SPOT_VALUE,
                              "\"%s\" must be a whole number from 1 to %u, such as 120; without "
                              "a limit leave it out",
                              reading->key, UINT32_MAX);
    }

    *count = (uint32_t)given;
    return true;
}

bool read_any_span(struct reading *reading, json_t *value, void *into)
{
    int64_t us = 0;
    const char *given = reading_string(reading, value, "90s");
    if (given == NULL) return false;
    if (!duration_parse(given, json_string_length(value), &us) || us < 0) {
        return reading_refuse(reading, SPOT_VALUE,
                              "\"%s\": \"%s\" is no duration: write a number with s, m, h or d, "
                              "such as \"90s\" or \"18h\"",
                              reading->key, quote(given).text);
    }

    memcpy(into, &us, sizeof us);
    return true;
}

bool read_span(struct reading *reading, json_t *value, void *into)
{
    int64_t us = 0;
    if (!read_any_span(reading, value, &us)) return false;
    if (us == 0) {
        return reading_refuse(reading, SPOT_VALUE,
                              "\"%s\" must be longer than nothing: write such as \"90s\", or "
                              "leave it out",
                              reading->key);
    }

    memcpy(into, &us, sizeof us);
    return true;
}

bool read_later(struct reading *reading, json_t *value, void *into)
{
    json_t **later = into;
    (void)reading;
    *later = value;
    return true;
}

bool read_zone(struct reading *reading, json_t *value, void *into)
{
    int32_t *zone = into;
    const char *id = reading_string(reading, value, "hall");
    if (id == NULL) return false;
    if (is_reserved(id)) {
        return reading_refuse(reading, SPOT_VALUE,
                              "\"%s\" cannot be \"%s\": name a zone of \"zones\"", reading->key,
                              id);
    }

    uint32_t found = names_find(reading->zones, id, strlen(id));
    if (found == NAMES_NONE) {
        return reading_refuse(reading, SPOT_VALUE,
                              "\"%s\" names the zone \"%s\", which is not there: add it to "
                              "\"zones\" or correct the name",
                              reading->key, quote(id).text);
    }

    *zone = (int32_t)found;
    return true;
}
