#include "site_text.h"

#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_US INT64_C(1000000)

static const struct {
    char letter;
    int64_t seconds;
} units[] = {
    {'d', 86400},
    {'h', 3600 },
    {'m', 60   },
    {'s', 1    }
};

/* ---- Writing ---- */

static json_t *duration(int64_t duration_us)
{
    assert(duration_us % SECOND_US == 0);
    int64_t seconds = duration_us / SECOND_US;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (seconds % units[i].seconds == 0 && (seconds || units[i].letter == 's'))
            return json_sprintf("%" PRId64 "%c", seconds / units[i].seconds, units[i].letter);
    }
    return NULL;
}

static void set(json_t *object, const char *key, json_t *value)
{
    int failed = json_object_set_new(object, key, value);
    assert(failed == 0);
}

static json_t *policy(const struct model_policy *policy)
{
    json_t *out = json_object();
    if (policy->forget_us) set(out, "forget_after", duration(policy->forget_us));
    if (policy->debounce_us != 2 * SECOND_US) set(out, "debounce", duration(policy->debounce_us));
    if (policy->max_ahead_us != 120 * SECOND_US)
        set(out, "max_clock_ahead", duration(policy->max_ahead_us));
    if (policy->heartbeat_us) set(out, "heartbeat", duration(policy->heartbeat_us));
    if (policy->adopt) set(out, "unknown_bands", json_string("adopt"));
    return out;
}

static json_t *zone(const struct model_zone *zone)
{
    json_t *out = json_object();
    set(out, "id", json_string(zone->id));
    if (zone->in) set(out, "in", json_string(zone->in));
    if (zone->forget_us == MODEL_NEVER) {
        set(out, "forget_after", json_string("never"));
    } else if (zone->forget_us != MODEL_AS_POLICY) {
        set(out, "forget_after", duration(zone->forget_us));
    }
    return out;
}

static json_t *reader(const struct model_reader *reader)
{
    json_t *out = json_object();
    set(out, "id", json_string(reader->id));
    if (reader->kind == 'b') {
        set(out, "between", json_pack("[s, s]", reader->a, reader->b));
    } else {
        set(out, reader->kind == 'e' ? "enter" : "leave", json_string(reader->a));
    }
    return out;
}

char *site_text(const struct model_site *site)
{
    json_t *document = json_object();
    set(document, "id", json_string("larch"));
    set(document, "timezone", json_string("Europe/London"));
    set(document, "policy", policy(&site->policy));
    json_t *zones = json_array();
    for (size_t i = 0; i < site->zone_count; i++)
        json_array_append_new(zones, zone(&site->zones[i]));
    set(document, "zones", zones);
    json_t *readers = json_array();
    for (size_t i = 0; i < site->reader_count; i++)
        json_array_append_new(readers, reader(&site->readers[i]));
    set(document, "readers", readers);
    char *text = json_dumps(document, JSON_INDENT(1));
    json_decref(document);
    assert(text);
    return text;
}

/* ---- Reading ---- */

/* Microseconds; `without` where the key is not there. */
static int64_t read_duration(const json_t *object, const char *key, int64_t without)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (!text) return without;
    if (strcmp(text, "never") == 0) return MODEL_NEVER;
    char *letter;
    int64_t count = strtoll(text, &letter, 10);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (units[i].letter == *letter) return count * units[i].seconds * SECOND_US;
    assert(false && "a duration has a unit");
    return without;
}

static const char *read_text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void read_zones(const json_t *zones, struct model_site *out)
{
    out->zone_count = json_array_size(zones);
    out->zones = calloc(out->zone_count + 1, sizeof *out->zones);
    assert(out->zones);
    for (size_t i = 0; i < out->zone_count; i++) {
        const json_t *row = json_array_get(zones, i);
        out->zones[i] = (struct model_zone){
            .id = read_text(row, "id"),
            .in = read_text(row, "in"),
            .forget_us = read_duration(row, "forget_after", MODEL_AS_POLICY),
        };
    }
}

static void read_readers(const json_t *readers, struct model_site *out)
{
    out->reader_count = json_array_size(readers);
    out->readers = calloc(out->reader_count + 1, sizeof *out->readers);
    assert(out->readers);
    for (size_t i = 0; i < out->reader_count; i++) {
        const json_t *row = json_array_get(readers, i);
        const json_t *between = json_object_get(row, "between");
        struct model_reader *reader = &out->readers[i];
        reader->id = read_text(row, "id");
        reader->kind = between ? 'b' : json_object_get(row, "enter") ? 'e' : 'l';
        reader->a = between ? json_string_value(json_array_get(between, 0))
                            : read_text(row, reader->kind == 'e' ? "enter" : "leave");
        reader->b = between ? json_string_value(json_array_get(between, 1)) : NULL;
    }
}

char *site_read(const char *path, struct model_site *out)
{
    static json_t *documents; /* every document read: they own the texts */
    json_t *document = json_load_file(path, 0, NULL);
    if (!document) return NULL;
    if (!documents) documents = json_array();
    json_array_append_new(documents, document);

    const json_t *rules = json_object_get(document, "policy");
    const char *unknown_bands = read_text(rules, "unknown_bands");
    *out = (struct model_site){
        .policy =
            {
                     .forget_us = read_duration(rules, "forget_after", 0),
                     .debounce_us = read_duration(rules, "debounce", 2 * SECOND_US),
                     .max_ahead_us = read_duration(rules, "max_clock_ahead", 120 * SECOND_US),
                     .heartbeat_us = read_duration(rules, "heartbeat", 0),
                     .adopt = unknown_bands && strcmp(unknown_bands, "adopt") == 0,
                     },
    };
    read_zones(json_object_get(document, "zones"), out);
    read_readers(json_object_get(document, "readers"), out);
    return json_dumps(document, 0);
}
