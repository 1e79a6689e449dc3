#include "site/description.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "site/document.h"
#include "site/places.h"
#include "site/reading.h"

#define SECOND_US INT64_C(1000000)

static bool read_policy_forget(struct reading *reading, json_t *value, void *into)
{
    int64_t *forget_us = into;
    if (!json_is_string(value) || strcmp(json_string_value(value), "never") != 0)
        return read_span(reading, value, into);

    *forget_us = 0;
    return true;
}

static bool read_adopt(struct reading *reading, json_t *value, void *into)
{
    bool *adopt = into;
    const char *word = reading_string(reading, value, "hold");
    if (word == NULL) return false;
    if (strcmp(word, "hold") != 0 && strcmp(word, "adopt") != 0) {
        return reading_refuse(reading, SPOT_VALUE,
                              "\"unknown_bands\" is \"hold\" or \"adopt\", not \"%s\"",
                              quote(word).text);
    }

    *adopt = strcmp(word, "adopt") == 0;
    return true;
}

static const struct member policy_members[] = {
    {"forget_after",    read_policy_forget, offsetof(struct policy, forget_us),    false},
    {"debounce",        read_any_span,      offsetof(struct policy, debounce_us),  false},
    {"max_clock_ahead", read_span,          offsetof(struct policy, ahead_us),     false},
    {"unknown_bands",   read_adopt,         offsetof(struct policy, adopt),        false},
    {"heartbeat",       read_span,          offsetof(struct policy, heartbeat_us), false},
};

static const struct shape policy_shape = {"the policy", policy_members,
                                          sizeof policy_members / sizeof policy_members[0]};

/* The site's own members, and the parts that are read after them. */
struct site {
    struct description description;
    json_t *policy;
    json_t *zones;
    json_t *readers;
};

static const struct member site_members[] = {
    {"id",       read_id,       offsetof(struct site, description.id),       true },
    {"name",     read_text,     offsetof(struct site, description.name),     false},
    {"timezone", read_timezone, offsetof(struct site, description.timezone), true },
    {"policy",   read_later,    offsetof(struct site, policy),               false},
    {"zones",    read_later,    offsetof(struct site, zones),                false},
    {"readers",  read_later,    offsetof(struct site, readers),              false},
};

static const struct shape site_shape = {"the site", site_members,
                                        sizeof site_members / sizeof site_members[0]};

static bool read_site(struct reading *reading, json_t *root, struct site *site)
{
    struct description *description = &site->description;
    description->name = "";
    description->policy.debounce_us = 2 * SECOND_US;
    description->policy.ahead_us = 120 * SECOND_US;
    if (!reading_object(reading, root, &site_shape, site)) return false;
    if (site->policy == NULL) return true;

    reading_enter_key(reading, root, "policy");
    bool ok = reading_object(reading, site->policy, &policy_shape, &description->policy);
    reading_leave(reading);
    return ok;
}

static bool read_places(struct reading *reading, json_t *root, struct site *site)
{
    struct names zones = {0}; /* unkeyed: who describes a site is no stranger to it */
    bool ok = true;
    if (site->zones != NULL) {
        reading_enter_key(reading, root, "zones");
        ok = places_read_zones(reading, site->zones, &site->description, &zones);
        reading_leave(reading);
    }
    reading->zones = &zones;
    if (ok && site->readers != NULL) {
        reading_enter_key(reading, root, "readers");
        ok = places_read_readers(reading, site->readers, &site->description);
        reading_leave(reading);
    }
    reading->zones = NULL;
    names_done(&zones);
    return ok;
}

wb_status description_read(const char *json, size_t bytes, struct description *out,
                           struct wb_fault *why)
{
    struct wb_fault unasked = {0};
    struct site site = {0};
    struct reading reading = {.json = json, .bytes = bytes, .why = why != NULL ? why : &unasked};
    json_t *root = document_parse(&reading);
    if (root == NULL) return reading.status;

    site.description.text = malloc(bytes + 1);
    reading.text = site.description.text;
    bool ok = reading.text != NULL
                  ? read_site(&reading, root, &site) && read_places(&reading, root, &site)
                  : reading_no_memory(&reading);
    assert(reading.text == NULL || reading.text <= site.description.text + bytes);
    json_decref(root);
    if (!ok) {
        description_done(&site.description);
        return reading.status;
    }
    *out = site.description;
    return WB_OK;
}

void description_done(struct description *description)
{
    free(description->zones);
    free(description->readers);
    free(description->text);
    *description = (struct description){0};
}

int64_t description_forget_us(const struct description *description, size_t zone)
{
    assert(zone < description->zone_count);
    switch (description->zones[zone].forget) {
    case FORGET_AS_POLICY:
        return description->policy.forget_us;
    case FORGET_NEVER:
        return 0;
    case FORGET_AFTER:
        return description->zones[zone].forget_us;
    }
    return 0;
}
