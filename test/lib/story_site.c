#include "story_site.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

/* Ids whose order is not the order of depth; some that are hard to write down. */
static const char *const zone_ids[STORY_ZONES] = {
    "m", "hall", "a", "zz", "Oak \"1\"", "nook", "10", "9", "é", "K2", "x/y", "garden shed",
};
static const char *const reader_ids[STORY_READERS] = {
    "r5", "r1",  "r10", "door", "Door", "gate\\in", "gate-out",
    "ü",  "a b", "r2",  "z",    "q7",   "0",        "r9",
};

#define DEEPEST 4

static int64_t pick_debounce(struct chance *chance, int64_t grid_us)
{
    switch (chance_below(chance, 5)) {
    case 0:
        return 0;
    case 1:
        return 2 * STORY_SECOND_US;
    case 2:
        return grid_us;
    case 3:
        return 2 * grid_us;
    default:
        return 5 * grid_us;
    }
}

static int64_t pick_forget(struct chance *chance, int64_t grid_us)
{
    return grid_us * chance_between(chance, 1, chance_percent(chance, 50) ? 12 : 100);
}

static void draw_policy(struct chance *chance, int64_t grid_us, struct model_policy *out)
{
    out->forget_us = chance_percent(chance, 50) ? pick_forget(chance, grid_us) : 0;
    out->debounce_us = pick_debounce(chance, grid_us);
    out->max_ahead_us =
        chance_percent(chance, 50) ? 120 * STORY_SECOND_US : grid_us * chance_between(chance, 1, 5);
    out->heartbeat_us = chance_percent(chance, 30) ? 60 * STORY_SECOND_US : 0;
    out->adopt = chance_percent(chance, 40);
}

static int64_t draw_zone_forget(struct chance *chance, int64_t grid_us)
{
    int which = chance_below(chance, 10);
    if (which < 6) return MODEL_AS_POLICY;
    return which < 9 ? pick_forget(chance, grid_us) : MODEL_NEVER;
}

static const struct model_zone *find_zone(const struct model_site *site, const char *id)
{
    for (size_t i = 0; i < site->zone_count; i++)
        if (strcmp(site->zones[i].id, id) == 0) return &site->zones[i];
    return NULL;
}

static bool is_within(const struct model_site *site, const char *zone, const char *above)
{
    for (; zone; zone = find_zone(site, zone)->in)
        if (strcmp(zone, above) == 0) return true;
    return false;
}

static int depth(const struct model_site *site, const char *zone)
{
    int levels = 0;
    for (; zone; zone = find_zone(site, zone)->in)
        levels++;
    return levels;
}

static const char *any_zone(const struct model_site *site, struct chance *chance)
{
    return site->zones[chance_below(chance, (int)site->zone_count)].id;
}

static void draw_door(const struct model_site *site, struct chance *chance,
                      struct model_reader *out)
{
    int which = chance_below(chance, 10);
    out->kind = which < 3 ? 'e' : which < 5 ? 'l' : 'b';
    out->a = any_zone(site, chance);
    out->b = NULL;
    if (out->kind != 'b') return;
    out->b = any_zone(site, chance);
    /* In between [A, B] A is neither B nor below it. */
    if (is_within(site, out->a, out->b) || chance_percent(chance, 30)) out->a = "outside";
}

static struct model_site *new_site(struct story *story)
{
    story->sites =
        make_room(story->sites, &story->site_capacity, story->site_count + 1, sizeof *story->sites);
    struct model_site *site = &story->sites[story->site_count++];
    *site = (struct model_site){
        .zones = story_memory(story, STORY_ZONES * sizeof *site->zones),
        .readers = story_memory(story, STORY_READERS * sizeof *site->readers),
    };
    return site;
}

static void add_zone(struct model_site *site, struct chance *chance, int64_t grid_us,
                     const char *id)
{
    const char *in = NULL;
    if (site->zone_count && chance_percent(chance, 70)) in = any_zone(site, chance);
    if (depth(site, in) >= DEEPEST) in = NULL;
    site->zones[site->zone_count++] =
        (struct model_zone){.id = id, .in = in, .forget_us = draw_zone_forget(chance, grid_us)};
}

static void add_reader(struct model_site *site, struct chance *chance, const char *id)
{
    struct model_reader *reader = &site->readers[site->reader_count++];
    reader->id = id;
    draw_door(site, chance, reader);
}

int story_site_draw(struct story *story, struct chance *chance, int64_t grid_us)
{
    struct model_site *site = new_site(story);
    draw_policy(chance, grid_us, &site->policy);
    int zone_count = 1 + chance_below(chance, STORY_ZONES);
    for (int i = 0; i < zone_count; i++)
        add_zone(site, chance, grid_us, zone_ids[i]);
    int reader_count = 1 + chance_below(chance, STORY_READERS - 2);
    for (int i = 0; i < reader_count; i++)
        add_reader(site, chance, reader_ids[i]);

    /* The order in which zones are described says nothing: swap some. */
    for (int i = 0; i < 3; i++) {
        struct model_zone *a = &site->zones[chance_below(chance, zone_count)];
        struct model_zone *b = &site->zones[chance_below(chance, zone_count)];
        struct model_zone kept = *a;
        *a = *b;
        *b = kept;
    }
    return (int)story->site_count - 1;
}

static bool has_reader(const struct model_site *site, const char *id)
{
    for (size_t i = 0; i < site->reader_count; i++)
        if (strcmp(site->readers[i].id, id) == 0) return true;
    return false;
}

static void leave_out_reader(struct model_site *site, size_t index)
{
    memmove(&site->readers[index], &site->readers[index + 1],
            (site->reader_count - index - 1) * sizeof *site->readers);
    site->reader_count--;
}

/* Leave out a zone with nothing below it, and every reader that names it, when all have facts. */
static void leave_out_zone(struct model_site *site, size_t index,
                           bool (*have_facts)(const void *, const char *), const void *context)
{
    const char *id = site->zones[index].id;
    if (site->zone_count < 2) return;
    for (size_t i = 0; i < site->zone_count; i++)
        if (site->zones[i].in && strcmp(site->zones[i].in, id) == 0) return;
    for (int leaving = 0; leaving < 2; leaving++) {
        for (size_t i = site->reader_count; i-- > 0;) {
            const struct model_reader *reader = &site->readers[i];
            bool names = strcmp(reader->a, id) == 0 || (reader->b && strcmp(reader->b, id) == 0);
            if (!names) continue;
            if (leaving) {
                leave_out_reader(site, i);
            } else if (!have_facts(context, reader->id)) {
                return;
            }
        }
    }
    memmove(&site->zones[index], &site->zones[index + 1],
            (site->zone_count - index - 1) * sizeof *site->zones);
    site->zone_count--;
}

/* Hang a zone elsewhere in the tree. A reader between zones that would then stand wrong is
 * drawn anew. */
static void move_zone(struct model_site *site, struct chance *chance)
{
    struct model_zone *zone = &site->zones[chance_below(chance, (int)site->zone_count)];
    const char *in = chance_percent(chance, 30) ? NULL : any_zone(site, chance);
    if (in && (is_within(site, in, zone->id) || depth(site, in) >= DEEPEST)) return;
    zone->in = in;
    for (size_t i = 0; i < site->reader_count; i++) {
        struct model_reader *reader = &site->readers[i];
        if (reader->kind == 'b' && strcmp(reader->a, "outside") != 0 &&
            is_within(site, reader->a, reader->b))
            draw_door(site, chance, reader);
    }
}

static void add_what_is_missing(struct model_site *site, struct chance *chance, int64_t grid_us)
{
    const char *zone = zone_ids[chance_below(chance, STORY_ZONES)];
    if (!find_zone(site, zone)) add_zone(site, chance, grid_us, zone);
    const char *reader = reader_ids[chance_below(chance, STORY_READERS)];
    if (!has_reader(site, reader)) add_reader(site, chance, reader);
}

int story_site_change(struct story *story, struct chance *chance, int64_t grid_us,
                      bool (*have_facts)(const void *context, const char *reader),
                      const void *context)
{
    struct model_site *site = new_site(story);
    const struct model_site *last = site - 1;
    site->policy = last->policy;
    site->zone_count = last->zone_count;
    site->reader_count = last->reader_count;
    memcpy(site->zones, last->zones, last->zone_count * sizeof *site->zones);
    memcpy(site->readers, last->readers, last->reader_count * sizeof *site->readers);

    if (chance_percent(chance, 40)) draw_policy(chance, grid_us, &site->policy);
    if (chance_percent(chance, 40))
        draw_door(site, chance, &site->readers[chance_below(chance, (int)site->reader_count)]);
    if (chance_percent(chance, 30)) move_zone(site, chance);
    if (chance_percent(chance, 30)) {
        size_t index = (size_t)chance_below(chance, (int)site->zone_count);
        site->zones[index].forget_us = draw_zone_forget(chance, grid_us);
    }
    if (chance_percent(chance, 40)) {
        size_t index = (size_t)chance_below(chance, (int)site->reader_count);
        if (site->reader_count > 1 && have_facts(context, site->readers[index].id))
            leave_out_reader(site, index);
    }
    if (chance_percent(chance, 30)) {
        leave_out_zone(site, (size_t)chance_below(chance, (int)site->zone_count), have_facts,
                       context);
    }
    if (chance_percent(chance, 50)) add_what_is_missing(site, chance, grid_us);
    if (site->reader_count == 0) add_reader(site, chance, reader_ids[0]);
    return (int)story->site_count - 1;
}
