#include "base/zoneinfo.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "base/time_zone.h"
#include "base/zone_rule.h"

#define FOLDER          "/usr/share/zoneinfo/"
#define NAME_BYTES_MAX  100u
#define OFFSET_MOST_S   93600              /* 26 hours, RFC 9636, 3.2 */
#define MOMENT_MOST_S   (INT64_C(1) << 59) /* the same: none earlier */
#define RULE_YEARS      404 /* written out: a year to begin in, 400, and room at both ends */
#define RULE_FIRST_YEAR 1970
#define NO_CHANGE       INT64_MIN /* the file has none */

/* ---- A bounds-checked cursor --------------------------------------------------------- */

struct cursor {
    const unsigned char *at;
    size_t left;
};

static bool cursor_take(struct cursor *cursor, size_t bytes, struct cursor *out)
{
    if (bytes > cursor->left) return false;
    *out = (struct cursor){cursor->at, bytes};
    cursor->at += bytes;
    cursor->left -= bytes;
    return true;
}

/* Big-endian, two's complement; there must be that many bytes: all come from cursor_take. */
static int64_t cursor_number(struct cursor *cursor, size_t bytes)
{
    assert(bytes >= 1 && bytes <= 8 && bytes <= cursor->left);
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | cursor->at[i];
    cursor->at += bytes;
    cursor->left -= bytes;
    /* Flipping the sign bit and taking it off again spreads it over the bits above. */
    uint64_t sign = UINT64_C(1) << (bytes * 8 - 1);
    return (int64_t)((value ^ sign) - sign);
}

/* ---- TZif ---------------------------------------------------------------------------- */

/* One of a file's two blocks: the same data, in 4 and in 8 bytes a moment. */
struct block {
    unsigned char version;
    size_t moment_count, type_count;
    struct cursor moments, moment_types, types;
};

static size_t count_of(struct cursor *header)
{
    return (size_t)(uint32_t)cursor_number(header, 4);
}

/* Header and data block (RFC 9636, 3.1 and 3.2). Files with leap seconds count other seconds
 * than ours and are not taken. */
static bool block_read(struct cursor *file, size_t moment_bytes, struct block *out)
{
    struct cursor header;
    if (!cursor_take(file, 44, &header) || memcmp(header.at, "TZif", 4) != 0) return false;
    struct block block = {.version = header.at[4]};
    header.at += 20;
    header.left -= 20;
    size_t ut_count = count_of(&header);
    size_t standard_count = count_of(&header);
    size_t leap_count = count_of(&header);
    block.moment_count = count_of(&header);
    block.type_count = count_of(&header);
    size_t letter_count = count_of(&header);
    if (leap_count != 0) return false;

    struct cursor passed;
    *out = block;
    return cursor_take(file, block.moment_count * moment_bytes, &out->moments) &&
           cursor_take(file, block.moment_count, &out->moment_types) &&
           cursor_take(file, block.type_count * 6, &out->types) &&
           cursor_take(file, letter_count, &passed) && cursor_take(file, standard_count, &passed) &&
           cursor_take(file, ut_count, &passed);
}

static bool type_offset(const struct block *block, size_t type, int32_t *offset_s)
{
    if (type >= block->type_count) return false;
    struct cursor at = {block->types.at + type * 6, 6};
    int64_t value = cursor_number(&at, 4);
    if (value < -OFFSET_MOST_S || value > OFFSET_MOST_S) return false;
    *offset_s = (int32_t)value;
    return true;
}

static bool changes_add(struct block *block, size_t moment_bytes, struct time_zone *zone,
                        int64_t *last_s)
{
    for (size_t i = 0; i < block->moment_count; i++) {
        int64_t at_s = cursor_number(&block->moments, moment_bytes);
        int32_t offset_s = 0;
        if (at_s < -MOMENT_MOST_S || at_s > MOMENT_MOST_S) return false;
        if (i > 0 && at_s <= *last_s) return false;
        if (!type_offset(block, block->moment_types.at[i], &offset_s)) return false;
        time_zone_add(zone, at_s, offset_s);
        *last_s = at_s;
    }
    return true;
}

static void rule_change_add(struct time_zone *zone, int64_t last_s, int64_t at_s, int32_t offset_s)
{
    if (at_s <= last_s) return; /* the file itself has said what happens until then */
    if (zone->count > 0 && zone->change[zone->count - 1].at_s > at_s) return; /* a mad rule */
    time_zone_add(zone, at_s, offset_s);
}

/* Write out 400 years of the rule behind the last change of the file. Where a rule is in force
 * all year, one year's end is the next one's beginning and neither is a change. */
static void rule_add(struct time_zone *zone, const struct zone_rule *rule, int64_t last_s)
{
    if (last_s > TIME_LATEST_S) return;
    int64_t first_year = RULE_FIRST_YEAR;
    if (last_s != NO_CHANGE) {
        int64_t from_s = last_s < TIME_EARLIEST_S ? TIME_EARLIEST_S : last_s;
        first_year = time_civil_at(from_s * TIME_SECOND_US, NULL).year;
    }
    for (int64_t year = first_year; year < first_year + RULE_YEARS; year++) {
        int64_t begins_s = zone_rule_summer_begins(rule, year);
        int64_t ends_s = zone_rule_summer_ends(rule, year);
        if (ends_s < begins_s) rule_change_add(zone, last_s, ends_s, rule->standard_s);
        rule_change_add(zone, last_s, begins_s, rule->summer_s);
        if (ends_s >= begins_s) rule_change_add(zone, last_s, ends_s, rule->standard_s);
    }
    zone->repeats = true;
    zone->always = last_s == NO_CHANGE;
    zone->repeats_from_s = time_days_from_civil(first_year + 2, 1, 1) * INT64_C(86400);
}

/* The rule between two line feeds at the end of the file; without one *has is false. */
static bool footer_read(struct cursor *file, struct zone_rule *rule, bool *has)
{
    struct cursor feed;
    if (!cursor_take(file, 1, &feed) || feed.at[0] != '\n') return false;
    const unsigned char *end = memchr(file->at, '\n', file->left);
    if (end == NULL) return false;
    size_t bytes = (size_t)(end - file->at);
    *has = bytes > 0;
    return bytes == 0 || zone_rule_parse((const char *)file->at, bytes, rule);
}

static bool zone_fill(struct time_zone *zone, struct block *block, size_t moment_bytes,
                      const struct zone_rule *rule)
{
    int64_t last_s = NO_CHANGE;
    if (!changes_add(block, moment_bytes, zone, &last_s)) return false;
    if (rule == NULL) return true;
    if (rule->changes) rule_add(zone, rule, last_s);
    if (!rule->changes && last_s == NO_CHANGE) zone->first_s = rule->standard_s;
    return true;
}

enum zoneinfo_result zoneinfo_parse(const unsigned char *content, size_t bytes,
                                    struct time_zone **out)
{
    struct cursor file = {content, bytes};
    struct block block;
    struct zone_rule rule;
    bool has_rule = false;
    size_t moment_bytes = 4;
    if (bytes > ZONEINFO_BYTES_MAX || !block_read(&file, moment_bytes, &block))
        return ZONEINFO_DAMAGED;
    if (block.version >= '2') {
        moment_bytes = 8;
        if (!block_read(&file, moment_bytes, &block) || !footer_read(&file, &rule, &has_rule))
            return ZONEINFO_DAMAGED;
    }

    /* Before the first change the first type holds (RFC 9636, 3.2). */
    int32_t first_s = 0;
    if (!type_offset(&block, 0, &first_s)) return ZONEINFO_DAMAGED;
    size_t rule_changes = has_rule ? 2 * RULE_YEARS : 0;
    struct time_zone *zone = time_zone_new(first_s, block.moment_count + rule_changes);
    if (zone == NULL) return ZONEINFO_NO_MEMORY;
    if (!zone_fill(zone, &block, moment_bytes, has_rule ? &rule : NULL)) {
        time_zone_free(zone);
        return ZONEINFO_DAMAGED;
    }
    *out = zone;
    return ZONEINFO_OK;
}

/* ---- Files --------------------------------------------------------------------------- */

/* A name of the database, and no way out of its folder: points are no part of any name.
 * "localtime" is left out: it would mean another zone on another machine. */
static bool name_is_valid(const char *name)
{
    size_t bytes = strlen(name);
    if (bytes == 0 || bytes > NAME_BYTES_MAX || strcmp(name, "localtime") == 0) return false;
    for (size_t i = 0; i < bytes; i++) {
        char c = name[i];
        bool word = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '+' || c == '-';
        bool inner_slash = c == '/' && i > 0 && i + 1 < bytes && name[i - 1] != '/';
        if (!word && !inner_slash) return false;
    }
    return true;
}

static enum zoneinfo_result file_load(FILE *file, struct time_zone **out)
{
    unsigned char *bytes = malloc(ZONEINFO_BYTES_MAX + 1);
    if (bytes == NULL) return ZONEINFO_NO_MEMORY;
    size_t count = fread(bytes, 1, ZONEINFO_BYTES_MAX + 1, file);
    enum zoneinfo_result result = ZONEINFO_NOT_FOUND; /* a folder opens, and cannot be read */
    if (ferror(file) == 0) result = zoneinfo_parse(bytes, count, out);
    free(bytes);
    return result;
}

enum zoneinfo_result zoneinfo_load(const char *name, struct time_zone **out)
{
    if (!name_is_valid(name)) return ZONEINFO_NOT_FOUND;
    if (strcmp(name, "UTC") == 0 || strcmp(name, "Etc/UTC") == 0) {
        struct time_zone *utc = time_zone_new(0, 0);
        if (utc == NULL) return ZONEINFO_NO_MEMORY;
        *out = utc;
        return ZONEINFO_OK;
    }

    char path[sizeof FOLDER + NAME_BYTES_MAX];
    (void)snprintf(path, sizeof path, "%s%s", FOLDER, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) return ZONEINFO_NOT_FOUND;
    enum zoneinfo_result result = file_load(file, out);
    (void)fclose(file);
    return result;
}
