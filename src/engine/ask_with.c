/* Who was with whom: overlaps of stays in the same zone. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/ask.h"

/* One who was in the zone of a stay; kept for all stays of the question. */
struct other {
    uint32_t person;
    int64_t begin_us; /* in the current stay; WB_NO_TIME: not inside */
    int64_t together_us, first_us, last_us;
    uint64_t zone_bits; /* of their zones, one bit for several: not set means a new zone */
    uint32_t meeting;   /* 1 + index of the newest of their meetings; 0: none */
    uint32_t zone_count;
};

struct others {
    struct other *at;
    size_t count, capacity;
};

/* That they met in a zone; each zone once. */
struct meeting {
    uint32_t zone;
    uint32_t next; /* 1 + index of the one before it */
};

struct meetings {
    struct meeting *at;
    size_t count, capacity;
};

struct company {
    struct wb *wb;
    uint32_t person;
    int64_t asked_us;
    uint32_t *place; /* [places] 1 + index in others; all 0 between questions */
    size_t places;
    struct others others;
    struct meetings meetings;
    struct zone_part part; /* of the current stay in one block */
    struct wb_stays mine;  /* the person's */
};

void company_free(struct company *company)
{
    if (company == NULL) return;
    free(company->place);
    LIST_DONE(&company->others);
    LIST_DONE(&company->meetings);
    LIST_DONE(&company->part.before);
    LIST_DONE(&company->part.events);
    LIST_DONE(&company->part.after);
    LIST_DONE(&company->mine);
    free(company);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static bool add_overlap(struct company *company, uint32_t index, uint32_t zone, int64_t begin_us,
                        int64_t end_us)
{
    if (end_us <= begin_us) return true;
    struct other *other = &company->others.at[index];
    if (other->together_us == 0) other->first_us = begin_us;
    other->together_us += end_us - begin_us;
    other->first_us = earlier(other->first_us, begin_us);
    other->last_us = later(other->last_us, end_us);
    uint64_t bit = UINT64_C(1) << zone % 64;
    for (uint32_t i = other->zone_bits & bit ? other->meeting : 0; i != 0;
         i = company->meetings.at[i - 1].next) {
        if (company->meetings.at[i - 1].zone == zone) return true;
    }
    other->zone_bits |= bit;
    if (!LIST_PUSH(&company->meetings, (struct meeting){zone, other->meeting})) return false;
    other->meeting = (uint32_t)company->meetings.count;
    other->zone_count++;
    return true;
}

/* The other's number here; WB_NONE: no memory. */
static uint32_t other_of(struct company *company, uint32_t person)
{
    uint32_t *place = &company->place[person];
    if (*place == 0) {
        struct other other = {
            .person = person, .begin_us = WB_NO_TIME, .first_us = INT64_MAX, .last_us = INT64_MIN};
        if (!LIST_PUSH(&company->others, other)) return WB_NONE;
        *place = (uint32_t)company->others.count;
    }
    return *place - 1;
}

static bool begin(struct company *company, uint32_t person, int64_t at_us)
{
    if (person == company->person) return true;
    uint32_t index = other_of(company, person);
    if (index == WB_NONE) return false;
    company->others.at[index].begin_us = at_us;
    return true;
}

static bool end(struct company *company, uint32_t person, uint32_t zone, int64_t at_us)
{
    if (person == company->person) return true;
    uint32_t index = company->place[person];
    if (index == 0) return true;
    struct other *other = &company->others.at[index - 1];
    int64_t begin_us = other->begin_us;
    if (begin_us == WB_NO_TIME) return true;
    other->begin_us = WB_NO_TIME;
    return add_overlap(company, index - 1, zone, begin_us, at_us);
}

/* When a stay that nothing in the blocks ended is over: at the window's end, or by forgetting. */
static int64_t open_end_us(const struct company *company, uint32_t person, uint32_t zone,
                           int64_t until_us)
{
    const struct wb *wb = company->wb;
    const struct owner *owner = &wb->owners.at[person];
    int64_t forget_us = wb->plan.shape.zones[zone].forget_us;
    if (forget_us == 0 || owner->zone != zone || owner->since_us >= until_us) return until_us;
    int64_t ended_us = owner->last_seen_us + forget_us;
    return ended_us <= company->asked_us ? earlier(ended_us, until_us) : until_us;
}

/* Those who are still inside when the stay is over. */
static bool end_all(struct company *company, uint32_t zone, int64_t until_us)
{
    for (size_t i = 0; i < company->part.after.count; i++) {
        uint32_t person = company->part.after.at[i];
        if (!end(company, person, zone, open_end_us(company, person, zone, until_us))) return false;
    }
    return true;
}

static bool take_events(struct company *company, uint32_t zone)
{
    const struct events *events = &company->part.events;
    for (size_t i = 0; i < events->count; i++) {
        const struct event *event = &events->at[i];
        bool good = event->in ? begin(company, event->person, event->at_us)
                              : end(company, event->person, zone, event->at_us);
        if (!good) return false;
    }
    return true;
}

/* What happened in a zone's block inside [from_us, until_us), into company->part. */
static wb_status read_part(struct company *company, uint32_t zone, uint32_t second, int64_t from_us,
                           int64_t until_us)
{
    struct wb *wb = company->wb;
    struct zone_part *part = &company->part;
    const uint8_t *data;
    size_t bytes;
    bool no_memory;
    TRY(block_get(wb, BLOCK_ZONE, zone, second, &data, &bytes));
    part->before.count = part->events.count = part->after.count = 0;
    if (zone_block_between(data, bytes, block_base_us(second), from_us, until_us, part,
                           &no_memory) &&
        people_are_sound(wb, &part->before) && events_are_sound(wb, &part->events)) {
        return WB_OK;
    }
    return no_memory ? engine_no_memory(wb) : block_damaged(wb, BLOCK_ZONE, zone, second);
}

/* The people in the zone of one stay of the person, inside [from_us, until_us). */
static wb_status meet_in_stay(struct company *company, uint32_t zone, int64_t from_us,
                              int64_t until_us)
{
    struct wb *wb = company->wb;
    struct spine *spine = spine_of(wb, BLOCK_ZONE, zone);
    if (spine == NULL) return engine_no_memory(wb);
    if (spine->count == 0) return WB_OK;
    size_t first = spine_at(spine, from_us);
    for (size_t i = first; i < spine->count; i++) {
        uint32_t second = spine->at[i];
        if (i > first && block_base_us(second) >= until_us) break;
        const struct zone_part *part = &company->part;
        TRY(read_part(company, zone, second, from_us, until_us));
        for (size_t k = 0; i == first && k < part->before.count; k++) {
            if (!begin(company, part->before.at[k], from_us)) return engine_no_memory(wb);
        }
        if (!take_events(company, zone)) return engine_no_memory(wb);
    }
    return end_all(company, zone, until_us) ? WB_OK : engine_no_memory(wb);
}

/* Put those who were together long enough into the list, with their zones. */
static wb_status fill(const struct company *company, int64_t least_us, struct wb_company_list *out)
{
    for (size_t i = 0; i < company->others.count; i++) {
        const struct other *other = &company->others.at[i];
        if (other->together_us == 0 || other->together_us < least_us) continue;
        struct wb_company row = {.person = {other->person},
                                 .together_us = other->together_us,
                                 .first_us = other->first_us,
                                 .last_us = other->last_us,
                                 .first_zone = (uint32_t)out->zones.count,
                                 .zone_count = other->zone_count};
        if (!LIST_PUSH(out, row) || !LIST_ROOM(&out->zones, other->zone_count)) {
            return engine_no_memory(company->wb);
        }
        for (uint32_t m = other->meeting; m != 0; m = company->meetings.at[m - 1].next) {
            out->zones.at[out->zones.count++] = (wb_zone){company->meetings.at[m - 1].zone};
        }
    }
    return WB_OK;
}

/* ---- As known at a moment: everybody's path against the person's ---- */

/* What two stays have in common inside the window, if anything. */
static bool overlap_stays(struct company *company, uint32_t person, const struct wb_stay *a,
                          const struct wb_stay *b, const struct wb_window *window)
{
    if (a->zone.n != b->zone.n) return true;
    int64_t begin_us = later(window->from_us, later(a->from_us, b->from_us));
    int64_t end_us = earlier(window->until_us, earlier(a->until_us, b->until_us));
    if (end_us <= begin_us) return true;
    uint32_t index = other_of(company, person);
    return index != WB_NONE && add_overlap(company, index, a->zone.n, begin_us, end_us);
}

static bool overlap_paths(struct company *company, uint32_t person, const struct wb_stays *mine,
                          const struct wb_stays *theirs, const struct wb_window *window)
{
    size_t i = 0;
    size_t k = 0;
    while (i < mine->count && k < theirs->count) {
        const struct wb_stay *a = &mine->at[i];
        const struct wb_stay *b = &theirs->at[k];
        if (!overlap_stays(company, person, a, b, window)) return false;
        if (a->until_us <= b->until_us) {
            i++;
        } else {
            k++;
        }
    }
    return true;
}

static wb_status meet_folded(struct company *company, const struct belief *belief,
                             const struct wb_window *window, const struct wb_stays *mine)
{
    struct wb *wb = company->wb;
    struct wb_stays theirs = {0};
    wb_status status = WB_OK;
    for (uint32_t p = 0; status == WB_OK && p < wb->owners.count; p++) {
        bool exists;
        status = belief_exists(wb, belief, p, &exists);
        if (status != WB_OK || !exists || p == company->person) continue;
        theirs.count = 0;
        status = append_path(wb, belief, p, window, &theirs);
        if (status == WB_OK && !overlap_paths(company, p, mine, &theirs, window)) {
            status = engine_no_memory(wb);
        }
    }
    LIST_DONE(&theirs);
    return status;
}

static wb_status meet_in_blocks(struct company *company, const struct wb_window *window,
                                const struct wb_stays *mine)
{
    for (size_t i = 0; i < mine->count; i++) {
        const struct wb_stay *stay = &mine->at[i];
        TRY(meet_in_stay(company, stay->zone.n, later(stay->from_us, window->from_us),
                         earlier(stay->until_us, window->until_us)));
    }
    return WB_OK;
}

/* The scratch memory of the question, empty; NULL: no memory. */
static struct company *company_ready(struct wb *wb, uint32_t person, int64_t asked_us)
{
    if (wb->company == NULL) wb->company = calloc(1, sizeof *wb->company);
    struct company *company = wb->company;
    if (company == NULL) return NULL;
    if (company->places < wb->owners.count) {
        free(company->place);
        company->place = calloc(wb->owners.capacity, sizeof *company->place);
        company->places = company->place == NULL ? 0 : wb->owners.capacity;
        if (company->place == NULL) return NULL;
    }
    company->wb = wb;
    company->person = person;
    company->asked_us = asked_us;
    company->mine.count = 0;
    return company;
}

/* Forget the others: only their places are not empty. */
static void company_rest(struct company *company)
{
    for (size_t i = 0; i < company->others.count; i++) {
        company->place[company->others.at[i].person] = 0;
    }
    company->others.count = 0;
    company->meetings.count = 0;
}

wb_status wb_with(struct wb *wb, wb_person person, const struct wb_window *window, int64_t least_us,
                  struct wb_company_list *out)
{
    TRY(ask_ready(wb));
    out->count = 0;
    out->zones.count = 0;
    if (!person_exists(wb, person.n)) return WB_ENOENT;
    struct wb_window asked = *window;
    if (asked.known_us != WB_EVERYTHING) asked.asked_us = asked.known_us;
    if (asked.until_us == WB_STILL_THERE) asked.until_us = asked.asked_us;
    if (window->until_us <= window->from_us) return WB_EINVAL;
    if (asked.until_us <= asked.from_us) return WB_OK;

    struct company *company = company_ready(wb, person.n, asked.asked_us);
    if (company == NULL) return engine_no_memory(wb);
    struct belief belief;
    TRY(belief_open(wb, asked.known_us, &belief));
    wb_status status = append_path(wb, &belief, person.n, &asked, &company->mine);
    if (status == WB_OK) {
        status = belief.all ? meet_in_blocks(company, &asked, &company->mine)
                            : meet_folded(company, &belief, &asked, &company->mine);
    }
    belief_close(&belief);
    if (status == WB_OK) status = fill(company, least_us, out);
    company_rest(company);
    return status;
}
