#include "site/places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_list(struct reading *reading, json_t *list, size_t most)
{
    if (!json_is_array(list)) {
        return reading_refuse(reading, SPOT_VALUE, "\"%s\" must be a list, in brackets [ ]",
                              reading->key);
    }

    if (json_array_size(list) <= most) return true;

    const char *key = reading->key;
    reading_enter(reading, most);
    return reading_refuse(reading, SPOT_VALUE, "\"%s\" has more than %zu entries: split the site",
                          key, most);
}

/* ---- zones -------------------------------------------------------------------------- */

static bool read_zone_forget(struct reading *reading, json_t *value, void *into)
{
    struct description_zone *zone = into;
    if (json_is_string(value) && strcmp(json_string_value(value), "never") == 0) {
        zone->forget = FORGET_NEVER;
        return true;
    }
    if (!read_span(reading, value, &zone->forget_us)) return false;

    zone->forget = FORGET_AFTER;
    return true;
}

/* A parent may come later in the list: link_zones() reads it. */
static bool skip_parent(struct reading *reading, json_t *value, void *into)
{
    (void)into;
    return reading_string(reading, value, "house") != NULL;
}

static const struct member zone_members[] = {
    {"id",                              read_zone_id,                     offsetof(struct description_zone, id),   true},
    {"in",                              skip_parent,                      0,                                false},
    {"name",                        read_text, offsetof(struct description_zone,                            name), false    },
    {"capacity",                       read_count, offsetof(struct description_zone,                        capacity), false},
    {"forget_after",                 read_zone_forget,                                0,                            false     },
    {"muster", read_yes,                          offsetof(struct description_zone,                            muster),      false    },
};

static const struct shape zone_shape = {"a zone", zone_members,
                                        sizeof zone_members / sizeof zone_members[0]};

static bool add_id(struct reading *reading, json_t *object, const char *id, struct names *ids)
{
    size_t bytes = strlen(id);
    if (names_find(ids, id, bytes) == NAMES_NONE)
        return names_add(ids, id, bytes) != NAMES_NONE || reading_no_memory(reading);

    reading_enter_key(reading, object, "id");
    return reading_refuse(reading, SPOT_VALUE,
                          "the id \"%s\" stands twice: give this one another, or leave it out",
                          quote(id).text);
}

static bool read_one_zone(struct reading *reading, json_t *object, struct description_zone *zone,
                          struct names *ids)
{
    *zone = (struct description_zone){.name = "", .in = DESCRIPTION_OUTSIDE};
    return reading_object(reading, object, &zone_shape, zone) &&
           add_id(reading, object, zone->id, ids);
}

static bool link_zones(struct reading *reading, json_t *list, struct description *description)
{
    for (size_t i = 0; i < description->zone_count; i++) {
        json_t *object = json_array_get(list, i);
        json_t *parent = json_object_get(object, "in");
        if (parent == NULL) continue;

        reading_enter(reading, i);
        reading_enter_key(reading, object, "in");
        if (!read_zone(reading, parent, &description->zones[i].in)) return false;
        reading_leave(reading);
        reading_leave(reading);
    }
    return true;
}

/* The zone that is steps above another, or outside when it has fewer above it. */
static int32_t zone_above(const struct description *description, int32_t zone, size_t steps)
{
    while (steps-- > 0 && zone != DESCRIPTION_OUTSIDE)
        zone = description->zones[zone].in;
    return zone;
}

/* The first in the list of the zones of a circle. */
static int32_t first_of_circle(const struct description *description, int32_t zone)
{
    int32_t first = zone;
    for (int32_t at = description->zones[zone].in; at != zone; at = description->zones[at].in)
        if (at < first) first = at;
    return first;
}

static bool refuse_circle(struct reading *reading, json_t *list,
                          const struct description *description, int32_t first)
{
    char chain[220];
    int used = snprintf(chain, sizeof chain, "\"%s\"", quote(description->zones[first].id).text);
    int32_t at = first;
    do {
        at = description->zones[at].in;
        struct quoted id = quote(description->zones[at].id);
        const size_t rest = sizeof " in \"\"" + sizeof " in more" + sizeof id.text;
        bool fits = sizeof chain - (size_t)used > rest;
        used += snprintf(chain + used, sizeof chain - (size_t)used,
                         fits ? " in \"%s\"" : " in more", id.text);
        if (!fits) break;
    } while (at != first);

    json_t *object = json_array_get(list, (size_t)first);
    reading_enter(reading, (size_t)first);
    reading_enter_key(reading, object, "in");
    return reading_refuse(reading, SPOT_VALUE,
                          "a zone cannot be inside itself: %s; give one of them another \"in\", "
                          "or none",
                          chain);
}

static bool is_tree(struct reading *reading, json_t *list, const struct description *description)
{
    for (size_t i = 0; i < description->zone_count; i++) {
        int32_t zone = (int32_t)i;
        if (zone_above(description, zone, DESCRIPTION_DEPTH_MAX) == DESCRIPTION_OUTSIDE) continue;

        int32_t top = zone_above(description, zone, description->zone_count);
        if (top != DESCRIPTION_OUTSIDE)
            return refuse_circle(reading, list, description, first_of_circle(description, top));

        reading_enter(reading, i);
        reading_enter_key(reading, json_array_get(list, i), "in");
        return reading_refuse(reading, SPOT_VALUE,
                              "zone \"%s\" is more than %u zones deep: put it into one higher up",
                              quote(description->zones[i].id).text, DESCRIPTION_DEPTH_MAX);
    }
    return true;
}

bool places_read_zones(struct reading *reading, json_t *list, struct description *description,
                       struct names *zones)
{
    if (!is_list(reading, list, DESCRIPTION_ZONES_MAX)) return false;

    size_t count = json_array_size(list);
    description->zones = calloc(count + 1, sizeof *description->zones);
    if (description->zones == NULL) return reading_no_memory(reading);

    for (size_t i = 0; i < count; i++) {
        reading_enter(reading, i);
        if (!read_one_zone(reading, json_array_get(list, i), &description->zones[i], zones))
            return false;
        description->zone_count++;
        reading_leave(reading);
    }
    reading->zones = zones;
    return link_zones(reading, list, description) && is_tree(reading, list, description);
}

/* ---- readers ------------------------------------------------------------------------ */

/* A reader as its members say; DESCRIPTION_NO_ZONE for what is not given. */
struct reader_given {
    struct description_reader reader;
    int32_t enter;
    int32_t leave;
    int32_t between[2];
};

static bool read_purpose(struct reading *reading, json_t *value, void *into)
{
    static const char *const purposes[] = {"muster", "alarm", "till"};
    const char **purpose = into;
    const char *word = reading_string(reading, value, "muster");
    if (word == NULL) return false;

    for (size_t i = 0; i < sizeof purposes / sizeof purposes[0]; i++)
        if (strcmp(word, purposes[i]) == 0) *purpose = purposes[i];
    if (**purpose != '\0') return true;

    return reading_refuse(reading, SPOT_VALUE,
                          "\"purpose\" is \"muster\", \"alarm\" or \"till\", not \"%s\"; without "
                          "one leave it out",
                          quote(word).text);
}

static bool is_outside(json_t *value)
{
    return json_is_string(value) && strcmp(json_string_value(value), "outside") == 0;
}

static bool read_side(struct reading *reading, json_t *value, size_t side, int32_t *zone)
{
    reading_enter(reading, side);
    if (!json_is_string(value)) {
        return reading_refuse(reading, SPOT_VALUE,
                              "\"between\" names two zones in quotes, such as [\"house\", "
                              "\"hall\"]");
    }
    if (is_outside(value) && side == 1) {
        return reading_refuse(
            reading, SPOT_VALUE,
            "the second of \"between\" cannot be \"outside\": write [\"outside\", "
            "zone], and exchange the directions");
    }
    if (is_outside(value)) {
        *zone = DESCRIPTION_OUTSIDE;
    } else if (!read_zone(reading, value, zone)) {
        return false;
    }
    reading_leave(reading);
    return true;
}

static bool read_between(struct reading *reading, json_t *value, void *into)
{
    int32_t *between = into;
    if (!json_is_array(value) || json_array_size(value) != 2) {
        return reading_refuse(reading, SPOT_VALUE,
                              "\"between\" must list two zones, such as [\"house\", \"hall\"]");
    }

    return read_side(reading, json_array_get(value, 0), 0, &between[0]) &&
           read_side(reading, json_array_get(value, 1), 1, &between[1]);
}

static const struct member reader_members[] = {
    {"id",      read_id,      offsetof(struct reader_given, reader.id),      true },
    {"name",    read_text,    offsetof(struct reader_given, reader.name),    false},
    {"enter",   read_zone,    offsetof(struct reader_given, enter),          false},
    {"leave",   read_zone,    offsetof(struct reader_given, leave),          false},
    {"between", read_between, offsetof(struct reader_given, between),        false},
    {"purpose", read_purpose, offsetof(struct reader_given, reader.purpose), false},
};

static const struct shape reader_shape = {"a reader", reader_members,
                                          sizeof reader_members / sizeof reader_members[0]};

static bool is_kind(const char *key)
{
    return strcmp(key, "enter") == 0 || strcmp(key, "leave") == 0 || strcmp(key, "between") == 0;
}

/* Exactly one of the three; a second one is refused where it stands. */
static bool has_one_kind(struct reading *reading, json_t *object)
{
    size_t kinds = 0;
    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at)) {
        const char *key = json_object_iter_key(at);
        if (!is_kind(key) || ++kinds < 2) continue;

        reading_enter_key(reading, object, key);
        return reading_refuse(reading, SPOT_KEY,
                              "a reader has one of \"enter\", \"leave\", \"between\": leave out "
                              "all but one");
    }
    return kinds == 1 || reading_refuse(reading, SPOT_VALUE,
                                        "a reader needs one of \"enter\", \"leave\", \"between\": "
                                        "add it");
}

static bool is_in(const struct description *description, int32_t zone, int32_t above)
{
    while (zone != DESCRIPTION_OUTSIDE && zone != above)
        zone = description->zones[zone].in;
    return zone == above;
}

static bool has_true_sides(struct reading *reading, json_t *object,
                           const struct description *description, const int32_t between[2])
{
    if (between[0] == DESCRIPTION_OUTSIDE || !is_in(description, between[0], between[1]))
        return true;

    reading_enter_key(reading, object, "between");
    if (between[0] == between[1]) {
        return reading_refuse(reading, SPOT_VALUE,
                              "\"between\" names zone \"%s\" twice: name two zones",
                              quote(description->zones[between[0]].id).text);
    }

    return reading_refuse(reading, SPOT_VALUE,
                          "in \"between\", \"%s\" is inside \"%s\": name the outer zone first",
                          quote(description->zones[between[0]].id).text,
                          quote(description->zones[between[1]].id).text);
}

static struct description_reader reader_of(const struct reader_given *given)
{
    struct description_reader reader = given->reader;
    reader.kind = 'b';
    reader.a = given->between[0];
    reader.b = given->between[1];
    if (given->enter != DESCRIPTION_NO_ZONE) {
        reader.kind = 'e';
        reader.a = given->enter;
    }
    if (given->leave != DESCRIPTION_NO_ZONE) {
        reader.kind = 'l';
        reader.a = given->leave;
    }
    return reader;
}

static bool read_one_reader(struct reading *reading, json_t *object,
                            struct description *description, struct names *ids)
{
    const int32_t none = DESCRIPTION_NO_ZONE;
    struct reader_given given = {
        {.name = "", .purpose = ""},
        none, none, {none,       none         }
    };
    if (!reading_object(reading, object, &reader_shape, &given)) return false;
    if (!add_id(reading, object, given.reader.id, ids)) return false;
    if (!has_one_kind(reading, object)) return false;
    if (given.between[0] != none && !has_true_sides(reading, object, description, given.between))
        return false;

    description->readers[description->reader_count++] = reader_of(&given);
    return true;
}

bool places_read_readers(struct reading *reading, json_t *list, struct description *description)
{
    if (!is_list(reading, list, DESCRIPTION_READERS_MAX)) return false;

    size_t count = json_array_size(list);
    description->readers = calloc(count + 1, sizeof *description->readers);
    if (description->readers == NULL) return reading_no_memory(reading);

    struct names ids = {0};
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        reading_enter(reading, i);
        ok = read_one_reader(reading, json_array_get(list, i), description, &ids);
        if (ok) reading_leave(reading);
    }
    names_done(&ids);
    return ok;
}
