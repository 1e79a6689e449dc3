#include "presence/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/list.h"
#include "unit/base/seeded.h"

/* ---- A small site ---- */

enum { ZONES_MAX = 12, READERS_MAX = 12, BANDS = 512 };

struct site {
    struct shape shape;
    struct shape_zone zones[ZONES_MAX];
    struct rule rules[READERS_MAX];
};

/* Their ids stand in the order of their numbers. */
static const struct names *bands(void)
{
    static struct names names;
    while (names.count < BANDS) {
        char id[8];
        int bytes = snprintf(id, sizeof id, "%05zu", names.count);
        assert_int_not_equal(names_add(&names, id, (size_t)bytes), NAMES_NONE);
    }
    return &names;
}

static void site_init(struct site *site, int64_t debounce_us)
{
    memset(site, 0, sizeof *site);
    site->shape.bands = bands();
    site->shape.zones = site->zones;
    site->shape.rules = site->rules;
    site->shape.zone_count = WB_FIRST_ZONE;
    site->shape.debounce_us = debounce_us;
}

static uint32_t zone(struct site *site, uint32_t parent, int64_t forget_us)
{
    uint32_t z = (uint32_t)site->shape.zone_count++;
    assert_true(z < ZONES_MAX);
    site->zones[z] = (struct shape_zone){.parent = parent, .forget_us = forget_us};
    if (forget_us != 0) site->shape.forgets = true;
    return z;
}

static bool is_below(const struct site *site, uint32_t z, uint32_t above)
{
    while (z >= WB_FIRST_ZONE && z < ZONES_MAX && z != above) {
        z = site->zones[z].parent;
    }
    return z == above;
}

/* Walk around the tree: from a zone to its first child, else to the next one beside or above. */
static void walk_around(struct site *site, uint32_t root, uint32_t *clock)
{
    uint32_t here = root;
    uint32_t child = WB_FIRST_ZONE;
    site->zones[here].enter = (*clock)++;
    site->zones[here].depth = 1;
    for (;;) {
        while (child < site->shape.zone_count && site->zones[child].parent != here) {
            child++;
        }
        if (child < site->shape.zone_count) {
            site->zones[child].depth = site->zones[here].depth + 1;
            here = child;
            site->zones[here].enter = (*clock)++;
            child = WB_FIRST_ZONE;
            continue;
        }
        site->zones[here].leave = *clock;
        if (here == root) return;
        child = here + 1;
        here = site->zones[here].parent;
    }
}

static void site_ready(struct site *site)
{
    uint32_t clock = 1;
    for (uint32_t z = WB_FIRST_ZONE; z < site->shape.zone_count; z++) {
        if (site->zones[z].parent == WB_ZONE_OUTSIDE) walk_around(site, z, &clock);
    }
}

/* Readers' ids sort as their numbers do. */
static uint32_t reader(struct site *site, enum rule_kind kind, uint32_t a, uint32_t b)
{
    uint32_t r = (uint32_t)site->shape.rule_count++;
    site->rules[r] = (struct rule){.kind = (uint8_t)kind, .a = a, .b = b, .rank = r};
    return r;
}

/* ---- Rules 3.4 to 3.8 once more, slow and obvious ----
 *
 * Every interval is written down; at the end those of no length go and those that belong together
 * are joined. Nothing is forgotten that was counted, and the order is found by looking for the
 * least. */

enum { SCANS_MAX = 400 };

struct span {
    uint32_t zone;
    int64_t from_us, until_us; /* the last one: WB_STILL_THERE */
    int64_t last_seen_us;
    uint32_t scans, flags;
    bool after_forgetting; /* what stood before it ended so */
};

struct plain {
    const struct site *site;
    struct span at[2 * SCANS_MAX + 2];
    size_t count;
    struct seen counted[SCANS_MAX];
    size_t counted_count;
    int64_t last_seen_us;
    uint32_t reader;
};

static struct span *plain_now(struct plain *plain)
{
    return &plain->at[plain->count - 1];
}

static void plain_begin(struct plain *plain, const struct site *site)
{
    *plain = (struct plain){.site = site, .last_seen_us = WB_NO_TIME, .reader = WB_NONE};
    plain->at[plain->count++] = (struct span){.from_us = WB_NO_TIME, .until_us = WB_STILL_THERE};
}

static void plain_go(struct plain *plain, uint32_t to, int64_t at_us)
{
    plain_now(plain)->until_us = at_us;
    plain->at[plain->count++] = (struct span){
        .zone = to, .from_us = at_us, .until_us = WB_STILL_THERE, .last_seen_us = at_us};
}

static void plain_forget(struct plain *plain, int64_t until_us)
{
    uint32_t here = plain_now(plain)->zone;
    int64_t forget_us = plain->site->zones[here].forget_us;
    if (here < WB_FIRST_ZONE || forget_us == 0) return;
    if (plain->last_seen_us + forget_us > until_us) return;
    plain_go(plain, WB_ZONE_UNKNOWN, plain->last_seen_us + forget_us);
    plain_now(plain)->after_forgetting = true;
}

static bool plain_is_debounced(const struct plain *plain, uint32_t here, const struct seen *scan)
{
    if (here == WB_ZONE_UNKNOWN) return false;
    for (size_t i = plain->counted_count; i-- > 0;) {
        const struct seen *last = &plain->counted[i];
        if (last->reader != scan->reader) continue;
        bool turned = (last->direction == WB_IN && scan->direction == WB_OUT) ||
                      (last->direction == WB_OUT && scan->direction == WB_IN);
        return !turned && scan->at_us - last->at_us < plain->site->shape.debounce_us;
    }
    return false;
}

static uint32_t plain_destination(const struct plain *plain, uint32_t here, const struct seen *scan,
                                  uint32_t *flags)
{
    const struct rule *rule = &plain->site->rules[scan->reader];
    bool inside_a = here >= WB_FIRST_ZONE && is_below(plain->site, here, rule->a);
    bool inside_b = here >= WB_FIRST_ZONE && is_below(plain->site, here, rule->b);
    if (rule->kind == RULE_ENTER) return rule->a;
    if (rule->kind == RULE_LEAVE) {
        if (!inside_a) *flags |= WB_FLAG_UNSEEN_ENTRY;
        return plain->site->zones[rule->a].parent;
    }
    if (scan->direction == WB_IN) return rule->b;
    if (scan->direction == WB_OUT) return rule->a;
    return inside_b ? rule->a : rule->b;
}

static void plain_one(struct plain *plain, const struct seen *scan)
{
    uint32_t flags = scan->flags;
    uint32_t here = plain_now(plain)->zone;
    bool counts = !plain_is_debounced(plain, here, scan);
    if (counts) {
        uint32_t to = plain_destination(plain, here, scan, &flags);
        if (to != here) plain_go(plain, to, scan->at_us);
        plain->counted[plain->counted_count++] = *scan;
        plain_now(plain)->scans++;
    }
    plain_now(plain)->flags |= flags;
    plain_now(plain)->last_seen_us = scan->at_us;
    plain->last_seen_us = scan->at_us;
    plain->reader = scan->reader;
}

/* Phase, shallowness, reader, direction, band as digits of one number. */
static uint64_t plain_place(const struct plain *plain, uint32_t here, const struct seen *scan)
{
    const struct rule *rule = &plain->site->rules[scan->reader];
    uint64_t phase = 1;
    uint64_t shallow = 0;
    if (rule->kind == RULE_LEAVE) {
        bool inside = here >= WB_FIRST_ZONE && is_below(plain->site, here, rule->a);
        phase = inside ? 0 : 2;
        for (uint32_t z = rule->a; inside && z >= WB_FIRST_ZONE; z = plain->site->zones[z].parent) {
            shallow++;
        }
        if (inside) shallow = 100 - shallow;
    }
    return (((phase * 128 + shallow) * 4096 + rule->rank) * 4 + scan->direction) * 4096 +
           scan->band;
}

static void plain_tie(struct plain *plain, const struct seen *scans, size_t count)
{
    uint32_t here = plain_now(plain)->zone;
    uint64_t done_up_to = 0;
    for (bool first = true;; first = false) {
        const struct seen *next = NULL;
        uint64_t least = UINT64_MAX;
        uint8_t flags = 0xff;
        for (size_t i = 0; i < count; i++) {
            uint64_t place = plain_place(plain, here, &scans[i]);
            if ((!first && place <= done_up_to) || place > least) continue;
            flags = place < least ? scans[i].flags : flags & scans[i].flags;
            least = place;
            next = &scans[i];
        }
        if (next == NULL) return;
        struct seen scan = *next;
        scan.flags = flags;
        plain_one(plain, &scan);
        done_up_to = least;
    }
}

/* Rule 3.8: intervals of no length are none; two of one zone that only they part are one. */
static void plain_join(struct plain *plain)
{
    size_t kept = 0;
    bool parted = false;
    for (size_t i = 0; i < plain->count; i++) {
        struct span span = plain->at[i];
        parted = parted || span.after_forgetting;
        if (span.from_us == span.until_us) continue;
        if (kept > 0 && !parted && plain->at[kept - 1].zone == span.zone) {
            struct span *before = &plain->at[kept - 1];
            before->until_us = span.until_us;
            before->last_seen_us = span.last_seen_us;
            before->scans += span.scans;
            before->flags |= span.flags;
            continue;
        }
        plain->at[kept++] = span;
        parted = false;
    }
    plain->count = kept;
}

static void plain_fold(struct plain *plain, const struct site *site, const struct seen *scans,
                       size_t count)
{
    plain_begin(plain, site);
    for (size_t i = 0; i < count;) {
        size_t tie = i;
        while (tie < count && scans[tie].at_us == scans[i].at_us) {
            tie++;
        }
        plain_forget(plain, scans[i].at_us);
        plain_tie(plain, scans + i, tie - i);
        i = tie;
    }
    plain_join(plain);
}

/* ---- Folding ---- */

struct folding {
    struct fold fold;
    struct wb_stays stays;
};

static struct seen seen_at(int64_t at_us, uint32_t at_reader)
{
    return (struct seen){.at_us = at_us, .reader = at_reader};
}

static struct seen seen_going(int64_t at_us, uint32_t at_reader, wb_direction direction)
{
    return (struct seen){.at_us = at_us, .reader = at_reader, .direction = (uint8_t)direction};
}

/* Its reader had declared to be complete. */
static struct seen seen_late(int64_t at_us, uint32_t at_reader)
{
    return (struct seen){.at_us = at_us, .reader = at_reader, .flags = WB_FLAG_AFTER_COMPLETE};
}

static void folding_begin(struct folding *f)
{
    f->stays.count = 0;
    fold_init(&f->fold);
}

static void folding_done(struct folding *f)
{
    LIST_DONE(&f->stays);
}

static void more(struct folding *f, const struct site *site, const struct seen *scans, size_t count)
{
    struct fold_sink sink = {.stays = &f->stays};
    fold_scans(&f->fold, &site->shape, 7, scans, count, &sink);
    assert_false(sink.failed);
}

static void settle(struct folding *f)
{
    struct fold_sink sink = {.stays = &f->stays};
    fold_settle(&f->fold, 7, &sink);
}

static void all(struct folding *f, const struct site *site, const struct seen *scans, size_t count)
{
    folding_begin(f);
    more(f, site, scans, count);
    settle(f);
}

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

static void assert_stay(const struct folding *f, size_t index, const struct wb_stay *wanted)
{
    assert_true(index < f->stays.count);
    const struct wb_stay *got = &f->stays.at[index];
    assert_int_equal(got->person.n, 7);
    assert_int_equal(got->zone.n, wanted->zone.n);
    assert_int_equal(got->from_us, wanted->from_us);
    assert_int_equal(got->until_us, wanted->until_us);
    assert_int_equal(got->last_seen_us, wanted->last_seen_us);
    assert_int_equal(got->scans, wanted->scans);
    assert_int_equal(got->flags, wanted->flags);
}

#define STAY(z, from, until, seen, n, f)       \
    (&(struct wb_stay){.zone = {z},            \
                       .from_us = (from),      \
                       .until_us = (until),    \
                       .last_seen_us = (seen), \
                       .scans = (n),           \
                       .flags = (f)})

static void assert_now(const struct folding *f, uint32_t z, int64_t from_us, int64_t seen_us,
                       uint32_t scans)
{
    assert_int_equal(f->fold.now.zone, z);
    assert_int_equal(f->fold.now.from_us, from_us);
    assert_int_equal(f->fold.last_seen_us, seen_us);
    assert_int_equal(f->fold.now.scans, scans);
}

static void nobody_is_anywhere_before_the_first_scan(void **state)
{
    (void)state;
    struct folding f = {0};
    folding_begin(&f);
    settle(&f);
    assert_int_equal(f.fold.now.zone, WB_ZONE_UNKNOWN);
    assert_int_equal(f.fold.last_seen_us, WB_NO_TIME);
    assert_int_equal(f.fold.reader, WB_NONE);
    assert_int_equal(f.fold.last_real, WB_ZONE_UNKNOWN);
    assert_int_equal(f.stays.count, 0);
}

static void entering_one_place_leaves_the_other(void **state)
{
    (void)state;
    struct site site;
    site_init(&site, 2);
    uint32_t house = zone(&site, WB_ZONE_OUTSIDE, 0);
    uint32_t hall = zone(&site, house, 0);
    uint32_t garden = zone(&site, WB_ZONE_OUTSIDE, 0);
    site_ready(&site);
    uint32_t in_hall = reader(&site, RULE_ENTER, hall, 0);
    uint32_t in_garden = reader(&site, RULE_ENTER, garden, 0);
    uint32_t out_hall = reader(&site, RULE_LEAVE, hall, 0);
    uint32_t out_house = reader(&site, RULE_LEAVE, house, 0);
    struct folding f = {0};
    const struct seen scans[] = {
        seen_at(10, in_hall), seen_at(20, in_garden), seen_at(30, in_hall),
        seen_at(40, in_hall), seen_at(50, out_hall),  seen_at(60, out_house),
    };
    all(&f, &site, scans, COUNT_OF(scans));
    assert_int_equal(f.stays.count, 4);
    assert_stay(&f, 0, STAY(hall, 10, 20, 10, 1, 0));
    assert_stay(&f, 1, STAY(garden, 20, 30, 20, 1, 0));
    assert_stay(&f, 2, STAY(hall, 30, 50, 40, 2, 0));
    assert_stay(&f, 3, STAY(house, 50, 60, 50, 1, 0));
    assert_now(&f, WB_ZONE_OUTSIDE, 60, 60, 1);
    assert_int_equal(f.fold.last_real, house);
    assert_int_equal(f.fold.reader, out_house);
    folding_done(&f);
}

static void leaving_where_nobody_saw_them_is_flagged(void **state)
{
    (void)state;
    struct site site;
    site_init(&site, 2);
    uint32_t house = zone(&site, WB_ZONE_OUTSIDE, 0);
    uint32_t hall = zone(&site, house, 0);
    uint32_t garden = zone(&site, WB_ZONE_OUTSIDE, 0);
    site_ready(&site);
    uint32_t out_hall = reader(&site, RULE_LEAVE, hall, 0);
    uint32_t in_garden = reader(&site, RULE_ENTER, garden, 0);
    struct folding f = {0};
    const struct seen scans[] = {
        seen_at(10, out_hall),
        seen_late(20, in_garden),
        seen_at(30, out_hall),
        seen_at(40, in_garden),
    };
    all(&f, &site, scans, COUNT_OF(scans));
    assert_int_equal(f.stays.count, 3);
    assert_stay(&f, 0, STAY(house, 10, 20, 10, 1, WB_FLAG_UNSEEN_ENTRY));
    assert_stay(&f, 1, STAY(garden, 20, 30, 20, 1, WB_FLAG_AFTER_COMPLETE));
    assert_stay(&f, 2, STAY(house, 30, 40, 30, 1, WB_FLAG_UNSEEN_ENTRY));
    folding_done(&f);
}

static void between_without_direction_goes_by_where_they_are(void **state)
{
    (void)state;
    struct site site;
    site_init(&site, 2);
    uint32_t house = zone(&site, WB_ZONE_OUTSIDE, 0);
    uint32_t hall = zone(&site, house, 0);
    uint32_t stage = zone(&site, hall, 0);
    site_ready(&site);
    uint32_t door = reader(&site, RULE_BETWEEN, house, hall);
    uint32_t steps = reader(&site, RULE_ENTER, stage, 0);
    struct folding f = {0};
    const struct seen scans[] = {
        seen_at(10, door),            /* unknown: into the hall */
        seen_at(20, door),            /* in the hall: into the house */
        seen_at(30, steps),           /* up to the stage */
        seen_at(40, door),            /* below the hall: into the house */
        seen_going(50, door, WB_OUT), /* into the house again */
        seen_going(60, door, WB_IN),
        seen_going(70, door, WB_IN),
    };
    all(&f, &site, scans, COUNT_OF(scans));
    assert_int_equal(f.stays.count, 4);
    assert_stay(&f, 0, STAY(hall, 10, 20, 10, 1, 0));
    assert_stay(&f, 1, STAY(house, 20, 30, 20, 1, 0));
    assert_stay(&f, 2, STAY(stage, 30, 40, 30, 1, 0));
    assert_stay(&f, 3, STAY(house, 40, 60, 50, 2, 0));
    assert_now(&f, hall, 60, 70, 2);
    folding_done(&f);
}

static void a_second_tap_too_soon_moves_nobody(void **state)
{
    (void)state;
    struct site site;
    site_init(&site, 5);
    uint32_t house = zone(&site, WB_ZONE_OUTSIDE, 0);
    uint32_t hall = zone(&site, house, 0);
    site_ready(&site);
    uint32_t door = reader(&site, RULE_BETWEEN, house, hall);
    struct folding f = {0};
    const struct seen scans[] = {
        seen_at(10, door),   /* hall */
        seen_late(14, door), /* debounced */
        seen_at(15, door),   /* 5 after the counted */
        seen_at(19, door),   /* debounced */
    };
    all(&f, &site, scans, COUNT_OF(scans));
    assert_int_equal(f.stays.count, 1);
    assert_stay(&f, 0, STAY(hall, 10, 15, 14, 1, WB_FLAG_AFTER_COMPLETE));
    assert_now(&f, house, 15, 19, 1);
    folding_done(&f);
}

static void a_turn_at_a_reader_is_not_debounced(void **state)
{
    (void)state;
    struct site site;
    site_init(&site, 100);
    uint32_t house = zone(&site, WB_ZONE_OUTSIDE, 0);
    uint32_t hall = zone(&site, house, 0);
    site_ready(&site);
    uint32_t door = reader(&site, RULE_BETWEEN, house, hall);
    struct folding f = {0};
    const struct seen scans[] = {
        seen_going(10, door, WB_IN),
        seen_going(20, door, WB_OUT), /* a turn: counts */
        seen_going(30, door, WB_OUT), /* debounced */
        seen_at(40, door),            /* no direction: debounced */
        seen_going(50, door, WB_IN),  /* a turn after the counted `out` */
        seen_at(60, door),            /* debounced */
    };
    all(&f, &site, scans, COUNT_OF(scans));
    assert_int_equal(f.stays.count, 2);
    assert_stay(&f, 0, STAY(hall, 10, 20, 10, 1, 0));
    assert_stay(&f, 1, STAY(house, 20, 50, 40, 1, 0));
    assert_now(&f, hall, 50, 60, 1);
    folding_done(&f);
}

static void a_debounced_scan_refreshes_whatever_zone_they_are_in(void **state)
{
    (void)state;
    struct site site;
    site_init(&site, 100);
    uint32_t house = zone(&site, WB_ZONE_OUTSIDE, 0);
    uint32_t garden = zone(&site, WB_ZONE_OUTSIDE, 0);
    site_ready(&site);
    uint32_t in_house = reader(&site, RULE_ENTER, house, 0);
    uint32_t in_garden = reader(&site, RULE_ENTER, garden, 0);
    struct folding f = {0};
    const struct seen scans[] = {
        seen_at(10, in_house), seen_at(20, in_garden),
        seen_at(30, in_house), /* debounced, by the reader's own last counted scan */
    };
    all(&f, &site, scans, COUNT_OF(scans));
    assert_int_equal(f.stays.count, 1);
    assert_now(&f, garden, 20, 30, 1);
    assert_int_equal(f.fold.reader, in_house);
    folding_done(&f);
}

static void forgetting_falls_exactly_at_its_moment(void **state)
{
    (void)state;
    struct site site;
    site_init(&site, 100);
    uint32_t house = zone(&site, WB_ZONE_OUTSIDE, 50);
    site_ready(&site);
    uint32_t in_house = reader(&site, RULE_ENTER, house, 0);
    struct folding f = {0};
    const struct seen scans[] = {
        seen_at(100, in_house),
        seen_at(149, in_house), /* debounced, and yet it keeps them there */
        seen_at(199, in_house), /* exactly then: a new stay, not debounced */
        seen_at(248, in_house),
    };
    all(&f, &site, scans, COUNT_OF(scans));
    assert_int_equal(f.stays.count, 1);
    assert_stay(&f, 0, STAY(house, 100, 199, 149, 1, 0));
    assert_now(&f, house, 199, 248, 1);
    assert_int_equal(fold_forgotten_at(&f.fold, &site.shape), 298);

    struct fold_sink sink = {.stays = &f.stays};
    fold_forget(&f.fold, &site.shape, 7, 297, &sink);
    assert_int_equal(f.fold.now.zone, house);
    fold_forget(&f.fold, &site.shape, 7, 298, &sink);
    assert_int_equal(f.fold.now.zone, WB_ZONE_UNKNOWN);
    assert_int_equal(f.stays.count, 2);
    assert_stay(&f, 1, STAY(house, 199, 298, 248, 1, 0));
    assert_int_equal(f.fold.last_real, house);
    assert_int_equal(f.fold.last_seen_us, 248);
    assert_int_equal(fold_forgotten_at(&f.fold, &site.shape), WB_STILL_THERE);
    folding_done(&f);
}

static void outside_is_never_forgotten_and_far_ends_do_not_overflow(void **state)
{
    (void)state;
    struct site site;
    site_init(&site, 2);
    uint32_t house = zone(&site, WB_ZONE_OUTSIDE, INT64_MAX - 5);
    site_ready(&site);
    uint32_t in_house = reader(&site, RULE_ENTER, house, 0);
    uint32_t out_house = reader(&site, RULE_LEAVE, house, 0);
    struct folding f = {0};
    const struct seen scans[] = {
        seen_at(10, in_house),
        seen_at(1000000, out_house),
        seen_at(WB_TIME_MAX - 1, in_house),
    };
    all(&f, &site, scans, 1);
    assert_int_equal(fold_forgotten_at(&f.fold, &site.shape), WB_STILL_THERE);
    all(&f, &site, scans, 2);
    assert_int_equal(fold_forgotten_at(&f.fold, &site.shape), WB_STILL_THERE);
    all(&f, &site, scans, 3);
    assert_int_equal(f.stays.count, 1);
    assert_now(&f, house, WB_TIME_MAX - 1, WB_TIME_MAX - 1, 1);
    folding_done(&f);
}

/* At one microsecond: leaves of zones they are in, deepest first; then enter and between by
 * reader; then other leaves. */
static void scans_of_one_microsecond_have_an_order(void **state)
{
    (void)state;
    struct site site;
    site_init(&site, 2);
    uint32_t house = zone(&site, WB_ZONE_OUTSIDE, 0);
    uint32_t hall = zone(&site, house, 0);
    uint32_t garden = zone(&site, WB_ZONE_OUTSIDE, 0);
    uint32_t shed = zone(&site, garden, 0);
    site_ready(&site);
    uint32_t out_shed = reader(&site, RULE_LEAVE, shed, 0);
    uint32_t in_garden = reader(&site, RULE_ENTER, garden, 0);
    uint32_t out_house = reader(&site, RULE_LEAVE, house, 0);
    uint32_t in_hall = reader(&site, RULE_ENTER, hall, 0);
    uint32_t out_hall = reader(&site, RULE_LEAVE, hall, 0);
    struct folding f = {0};
    const struct seen scans[] = {
        seen_at(10, in_hall),   seen_at(20, out_shed), seen_at(20, in_garden),
        seen_at(20, out_house), seen_at(20, out_hall),
    };
    /* out_hall -> house, out_house -> outside, in_garden -> garden, out_shed -> garden, flagged */
    all(&f, &site, scans, COUNT_OF(scans));
    assert_int_equal(f.stays.count, 1);
    assert_stay(&f, 0, STAY(hall, 10, 20, 10, 1, 0));
    assert_now(&f, garden, 20, 20, 2);
    assert_int_equal(f.fold.now.flags, WB_FLAG_UNSEEN_ENTRY);
    assert_int_equal(f.fold.reader, out_shed);
    folding_done(&f);
}

static void equal_scans_of_one_microsecond_count_once(void **state)
{
    (void)state;
    struct site site;
    site_init(&site, 0); /* no debounce that could hide it */
    uint32_t house = zone(&site, WB_ZONE_OUTSIDE, 0);
    site_ready(&site);
    uint32_t door = reader(&site, RULE_ENTER, house, 0);
    struct folding f = {0};
    const struct seen scans[] = {
        {.at_us = 10, .reader = door, .band = 1,  .flags = WB_FLAG_AFTER_COMPLETE},
        {.at_us = 10,           .reader = door,               .band = 1},
        {.at_us = 10,           .reader = door,               .band = 2},
    };
    all(&f, &site, scans, COUNT_OF(scans));
    assert_now(&f, house, 10, 10, 2);
    assert_int_equal(f.fold.now.flags, 0);
    folding_done(&f);
}

static void more_ties_than_fit_on_the_stack_are_folded(void **state)
{
    (void)state;

    enum { COUNT = 200 };
    struct site site;
    site_init(&site, 0);
    uint32_t house = zone(&site, WB_ZONE_OUTSIDE, 0);
    site_ready(&site);
    uint32_t door = reader(&site, RULE_ENTER, house, 0);
    struct seen scans[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) {
        scans[i] = (struct seen){.at_us = 10, .reader = door, .band = COUNT - i};
    }
    struct folding f = {0};
    all(&f, &site, scans, COUNT);
    assert_now(&f, house, 10, 10, COUNT);
    folding_done(&f);
}

/* A-B-A-C at one moment: the stay in A ends there, and B and the second A never were. */
static void intervals_of_no_length_are_no_stays(void **state)
{
    (void)state;
    struct site site;
    site_init(&site, 0);
    uint32_t a = zone(&site, WB_ZONE_OUTSIDE, 0);
    uint32_t b = zone(&site, WB_ZONE_OUTSIDE, 0);
    uint32_t c = zone(&site, WB_ZONE_OUTSIDE, 0);
    site_ready(&site);
    uint32_t to_b = reader(&site, RULE_ENTER, b, 0);
    uint32_t to_a = reader(&site, RULE_ENTER, a, 0);
    uint32_t to_c = reader(&site, RULE_ENTER, c, 0);
    struct folding f = {0};
    const struct seen scans[] = {
        seen_at(10, to_a), seen_late(20, to_b), seen_late(20, to_a),
        seen_at(20, to_c), seen_at(30, to_b),
    };
    all(&f, &site, scans, COUNT_OF(scans));
    assert_int_equal(f.stays.count, 2);
    assert_stay(&f, 0, STAY(a, 10, 20, 10, 1, 0));
    assert_stay(&f, 1, STAY(c, 20, 30, 20, 1, 0));
    assert_now(&f, b, 30, 30, 1);
    folding_done(&f);
}

/* A-B-A at one moment: one stay in A. */
static void two_intervals_that_only_no_length_parts_are_one_stay(void **state)
{
    (void)state;
    struct site site;
    site_init(&site, 0);
    uint32_t a = zone(&site, WB_ZONE_OUTSIDE, 0);
    uint32_t b = zone(&site, WB_ZONE_OUTSIDE, 0);
    site_ready(&site);
    uint32_t to_b = reader(&site, RULE_ENTER, b, 0);
    uint32_t to_a = reader(&site, RULE_ENTER, a, 0);
    struct folding f = {0};
    const struct seen scans[] = {
        seen_at(10, to_a),
        seen_late(20, to_b),
        seen_at(20, to_a),
        seen_at(30, to_b),
    };
    all(&f, &site, scans, COUNT_OF(scans));
    assert_int_equal(f.stays.count, 1);
    assert_stay(&f, 0, STAY(a, 10, 30, 20, 2, 0));
    folding_done(&f);
}

/* A is forgotten at 60; then at 60 they enter B and A again: two stays in A. */
static void intervals_that_forgetting_parts_stay_two(void **state)
{
    (void)state;
    struct site site;
    site_init(&site, 0);
    uint32_t a = zone(&site, WB_ZONE_OUTSIDE, 50);
    uint32_t b = zone(&site, WB_ZONE_OUTSIDE, 0);
    site_ready(&site);
    uint32_t to_b = reader(&site, RULE_ENTER, b, 0);
    uint32_t to_a = reader(&site, RULE_ENTER, a, 0);
    struct folding f = {0};
    const struct seen scans[] = {
        seen_at(10, to_a),
        seen_at(60, to_b),
        seen_at(60, to_a),
        seen_at(70, to_b),
    };
    all(&f, &site, scans, COUNT_OF(scans));
    assert_int_equal(f.stays.count, 2);
    assert_stay(&f, 0, STAY(a, 10, 60, 10, 1, 0));
    assert_stay(&f, 1, STAY(a, 60, 70, 60, 1, 0));
    folding_done(&f);
}

static void a_reader_that_is_not_described_moves_nobody(void **state)
{
    (void)state;
    struct site site;
    site_init(&site, 0);
    uint32_t a = zone(&site, WB_ZONE_OUTSIDE, 0);
    site_ready(&site);
    uint32_t to_a = reader(&site, RULE_ENTER, a, 0);
    uint32_t none = reader(&site, RULE_NONE, 0, 0);
    struct folding f = {0};
    const struct seen scans[] = {seen_at(10, to_a), seen_at(20, none)};
    all(&f, &site, scans, COUNT_OF(scans));
    assert_int_equal(f.stays.count, 0);
    assert_now(&f, a, 10, 20, 2);
    folding_done(&f);
}

static void only_what_a_later_scan_can_ask_for_tells_states_apart(void **state)
{
    (void)state;
    struct site site;
    site_init(&site, 10);
    uint32_t a = zone(&site, WB_ZONE_OUTSIDE, 0);
    uint32_t b = zone(&site, WB_ZONE_OUTSIDE, 0);
    site_ready(&site);
    uint32_t to_a = reader(&site, RULE_ENTER, a, 0);
    uint32_t to_b = reader(&site, RULE_ENTER, b, 0);
    const struct seen one[] = {seen_at(5, to_b), seen_at(10, to_a)};
    const struct seen two[] = {seen_at(4, to_b), seen_at(10, to_a)};
    struct folding f = {0};
    struct folding g = {0};
    all(&f, &site, one, 2);
    all(&g, &site, two, 2);
    assert_false(fold_equal(&f.fold, &g.fold)); /* a scan at reader to_b at 14 counts in one */
    fold_trim(&f.fold, &site.shape, 14);
    fold_trim(&g.fold, &site.shape, 14);
    assert_false(fold_equal(&f.fold, &g.fold));
    fold_trim(&f.fold, &site.shape, 15);
    fold_trim(&g.fold, &site.shape, 15);
    assert_true(fold_equal(&f.fold, &g.fold));
    struct fold copy;
    fold_copy(&copy, &f.fold);
    assert_true(fold_equal(&copy, &f.fold));
    folding_done(&f);
    folding_done(&g);
}

/* ---- At random ---- */

static void random_site(struct site *site, uint64_t *chance)
{
    static const int64_t debounce_us[] = {0, 1, 2, 5};
    site_init(site, debounce_us[seeded_below(chance, 4)]);
    uint32_t zones = 2 + seeded_below(chance, 6);
    for (uint32_t i = 0; i < zones; i++) {
        uint32_t parent = WB_ZONE_OUTSIDE;
        if (i > 0 && seeded_percent(chance, 65)) parent = WB_FIRST_ZONE + seeded_below(chance, i);
        (void)zone(site, parent, seeded_percent(chance, 50) ? 1 + seeded_below(chance, 9) : 0);
    }
    site_ready(site);
    uint32_t readers = 1 + seeded_below(chance, 7);
    for (uint32_t i = 0; i < readers; i++) {
        uint32_t a = WB_FIRST_ZONE + seeded_below(chance, zones);
        uint32_t b = WB_FIRST_ZONE + seeded_below(chance, zones);
        switch (seeded_below(chance, 3)) {
        case 0:
            (void)reader(site, RULE_ENTER, a, 0);
            break;
        case 1:
            (void)reader(site, RULE_LEAVE, a, 0);
            break;
        default: /* a is not b nor below it */
            (void)reader(site, RULE_BETWEEN, is_below(site, a, b) ? site->zones[b].parent : a, b);
        }
    }
    /* Ids sort otherwise than numbers. */
    for (uint32_t i = readers; i-- > 1;) {
        uint32_t k = seeded_below(chance, i + 1);
        uint32_t rank = site->rules[i].rank;
        site->rules[i].rank = site->rules[k].rank;
        site->rules[k].rank = rank;
    }
}

static size_t random_scans(const struct site *site, uint64_t *chance, struct seen *scans)
{
    size_t count = 1 + seeded_below(chance, SCANS_MAX - 1);
    uint32_t pace = 1 + seeded_below(chance, 6);
    int64_t at_us = (int64_t)seeded_below(chance, 20) - 10;
    for (size_t i = 0; i < count; i++) {
        at_us += seeded_below(chance, pace);
        scans[i] = (struct seen){.at_us = at_us,
                                 .reader = seeded_below(chance, (uint32_t)site->shape.rule_count),
                                 .band = seeded_below(chance, 2),
                                 .direction = (uint8_t)seeded_below(chance, 3),
                                 .flags = seeded_percent(chance, 10) ? WB_FLAG_AFTER_COMPLETE : 0};
    }
    return count;
}

/* Real stays of the plain fold, against those of the other and its state. */
static void assert_same(const struct plain *plain, const struct folding *f, unsigned seed)
{
    size_t k = 0;
    uint32_t last_real = WB_ZONE_UNKNOWN;
    for (size_t i = 0; i + 1 < plain->count; i++) {
        const struct span *span = &plain->at[i];
        if (span->zone < WB_FIRST_ZONE) continue;
        if (k >= f->stays.count) fail_msg("seed %u: only %zu stays", seed, k);
        const struct wb_stay *stay = &f->stays.at[k++];
        if (stay->zone.n != span->zone || stay->from_us != span->from_us ||
            stay->until_us != span->until_us || stay->last_seen_us != span->last_seen_us ||
            stay->scans != span->scans || stay->flags != span->flags) {
            fail_msg("seed %u: stay %zu differs", seed, k - 1);
        }
        last_real = span->zone;
    }
    if (k != f->stays.count) fail_msg("seed %u: %zu stays too many", seed, f->stays.count - k);
    const struct span *now = &plain->at[plain->count - 1];
    const struct fold *fold = &f->fold;
    if (fold->now.zone != now->zone || fold->now.from_us != now->from_us ||
        fold->now.scans != now->scans || fold->now.flags != now->flags ||
        fold->now.last_seen_us != now->last_seen_us || fold->last_seen_us != plain->last_seen_us ||
        fold->reader != plain->reader || fold->last_real != last_real) {
        fail_msg("seed %u: the state differs", seed);
    }
}

static void random_scans_fold_as_the_rules_say(void **state)
{
    (void)state;
    static struct plain plain;
    static struct seen scans[SCANS_MAX];
    struct folding f = {0};
    for (unsigned seed = 0; seed < 4000; seed++) {
        uint64_t chance = seed;
        struct site site;
        random_site(&site, &chance);
        size_t count = random_scans(&site, &chance, scans);
        plain_fold(&plain, &site, scans, count);
        all(&f, &site, scans, count);
        assert_same(&plain, &f, seed);
    }
    folding_done(&f);
}

/* As blocks do: settled and trimmed at any moment between scans, and gone on from there. */
static void a_fold_may_stop_anywhere_and_go_on(void **state)
{
    (void)state;
    static struct plain plain;
    static struct seen scans[SCANS_MAX];
    struct folding f = {0};
    for (unsigned seed = 0; seed < 2000; seed++) {
        uint64_t chance = seed + 1000000;
        struct site site;
        random_site(&site, &chance);
        size_t count = random_scans(&site, &chance, scans);
        plain_fold(&plain, &site, scans, count);
        folding_begin(&f);
        for (size_t i = 0; i < count;) {
            size_t until = i + 1 + seeded_below(&chance, 8);
            if (until > count) until = count;
            while (until < count && scans[until].at_us == scans[until - 1].at_us) {
                until++;
            }
            more(&f, &site, scans + i, until - i);
            settle(&f);
            if (until < count) fold_trim(&f.fold, &site.shape, scans[until].at_us);
            struct fold copy;
            fold_copy(&copy, &f.fold);
            fold_copy(&f.fold, &copy);
            i = until;
        }
        assert_same(&plain, &f, seed);
    }
    folding_done(&f);
}

/* The order in which scans of one moment are handed over does not matter. */
static void ties_may_come_in_any_order(void **state)
{
    (void)state;
    static struct seen scans[SCANS_MAX];
    struct folding f = {0};
    struct folding g = {0};
    for (unsigned seed = 0; seed < 1000; seed++) {
        uint64_t chance = seed + 2000000;
        struct site site;
        random_site(&site, &chance);
        size_t count = random_scans(&site, &chance, scans);
        all(&f, &site, scans, count);
        for (size_t i = 1; i < count; i++) {
            if (scans[i].at_us != scans[i - 1].at_us || seeded_percent(&chance, 50)) continue;
            struct seen swap = scans[i];
            scans[i] = scans[i - 1];
            scans[i - 1] = swap;
        }
        all(&g, &site, scans, count);
        assert_int_equal(f.stays.count, g.stays.count);
        if (f.stays.count > 0) {
            assert_memory_equal(f.stays.at, g.stays.at, f.stays.count * sizeof *f.stays.at);
        }
        fold_trim(&f.fold, &site.shape, scans[count - 1].at_us + 100);
        fold_trim(&g.fold, &site.shape, scans[count - 1].at_us + 100);
        assert_true(fold_equal(&f.fold, &g.fold));
    }
    folding_done(&f);
    folding_done(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_anywhere_before_the_first_scan),
        cmocka_unit_test(entering_one_place_leaves_the_other),
        cmocka_unit_test(leaving_where_nobody_saw_them_is_flagged),
        cmocka_unit_test(between_without_direction_goes_by_where_they_are),
        cmocka_unit_test(a_second_tap_too_soon_moves_nobody),
        cmocka_unit_test(a_turn_at_a_reader_is_not_debounced),
        cmocka_unit_test(a_debounced_scan_refreshes_whatever_zone_they_are_in),
        cmocka_unit_test(forgetting_falls_exactly_at_its_moment),
        cmocka_unit_test(outside_is_never_forgotten_and_far_ends_do_not_overflow),
        cmocka_unit_test(scans_of_one_microsecond_have_an_order),
        cmocka_unit_test(equal_scans_of_one_microsecond_count_once),
        cmocka_unit_test(more_ties_than_fit_on_the_stack_are_folded),
        cmocka_unit_test(intervals_of_no_length_are_no_stays),
        cmocka_unit_test(two_intervals_that_only_no_length_parts_are_one_stay),
        cmocka_unit_test(intervals_that_forgetting_parts_stay_two),
        cmocka_unit_test(a_reader_that_is_not_described_moves_nobody),
        cmocka_unit_test(only_what_a_later_scan_can_ask_for_tells_states_apart),
        cmocka_unit_test(random_scans_fold_as_the_rules_say),
        cmocka_unit_test(a_fold_may_stop_anywhere_and_go_on),
        cmocka_unit_test(ties_may_come_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
