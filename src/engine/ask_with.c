/* Who was with whom: overlaps of stays in the same zone. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/ask.h"

struct company {
    struct wb *wb;
    uint32_t person;
    int64_t asked_us;
    struct limit limit;
    struct wb_company_list *out; /* everybody met so far, until short meetings are dropped */
    uint32_t *place;             /* [places] 1 + index in out; all 0 between questions */
    size_t places;
    struct wb_stays mine;     /* the person's, in the window */
    struct numbers32 zones;   /* where the person was, each once */
    struct numbers32 numbers; /* [zones of the site] 1 + index in zones; all 0 between questions */

    /* Of each one in out the zones: `words` words with one bit for each of zones. */
    struct {
        uint64_t *at;
        size_t count, capacity;
    } met;

    size_t words;
};

void company_free(struct company *company)
{
    if (company == NULL) return;
    free(company->place);
    LIST_DONE(&company->mine);
    LIST_DONE(&company->zones);
    LIST_DONE(&company->numbers);
    LIST_DONE(&company->met);
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

/* Room for so many others more, who met nowhere yet. */
static bool room_for(struct company *company, size_t others)
{
    size_t words = others * company->words;
    if (!LIST_ROOM(company->out, others) || !LIST_ROOM(&company->met, words)) return false;
    if (words > 0) memset(company->met.at + company->met.count, 0, words * sizeof(uint64_t));
    return true;
}

/* Count what stays of others have in common with one of the person's, in the zone with that number.
 * Whether somebody was met before cannot be foretold: there is no branch for it. */
static bool meet(struct company *company, const struct zone_stay *stays, size_t count,
                 uint32_t number)
{
    if (!room_for(company, count)) return false;
    struct wb_company *others = company->out->at;
    size_t met = company->out->count;
    uint64_t *zones = company->met.at + number / 64;
    for (size_t i = 0; i < count; i++) {
        const struct zone_stay *stay = &stays[i];
        if (stay->until_us <= stay->from_us || stay->person == company->person) continue;
        uint32_t *place = &company->place[stay->person];
        bool again = *place != 0;
        size_t at = again ? *place - 1 : met;
        struct wb_company *other = &others[at];
        int64_t together_us = again ? other->together_us : 0;
        int64_t first_us = other->first_us;
        other->person = (wb_person){stay->person};
        other->together_us = together_us + (stay->until_us - stay->from_us);
        other->first_us = again ? first_us : stay->from_us;
        other->last_us = stay->until_us;
        zones[at * company->words] |= UINT64_C(1) << number % 64;
        *place = (uint32_t)at + 1;
        met += !again;
    }
    company->out->count = met;
    company->met.count = met * company->words;
    return true;
}

/* When a stay that nothing in the blocks ended is over: at the window's end, or by forgetting. */
static int64_t open_end_us(const struct company *company, uint32_t person, uint32_t zone,
                           int64_t until_us)
{
    const struct wb *wb = company->wb;
    const struct owner *owner = &wb->owners.at[person];
    int64_t forget_us = wb->plan.shape.zones[zone].forget_us;
    if (owner->zone != zone || owner->since_us >= until_us) return until_us;
    int64_t ended_us = owner->last_seen_us + forget_us;
    return ended_us <= company->asked_us ? earlier(ended_us, until_us) : until_us;
}

/* The people in the zone of one stay of the person. */
static wb_status meet_in_stay(struct company *company, uint32_t zone,
                              const struct wb_window *window)
{
    struct wb *wb = company->wb;
    struct zone_part *part = &wb->part;
    uint32_t number = company->numbers.at[zone] - 1;
    bool forgets = wb->plan.shape.zones[zone].forget_us > 0;
    struct spine *spine = spine_of(wb, BLOCK_ZONE, zone);
    if (spine == NULL) return engine_no_memory(wb);
    if (spine->count == 0) return WB_OK;
    struct wb_window piece = *window;
    for (size_t i = spine_at(spine, window->from_us); i < spine->count; i++) {
        if (piece.from_us >= window->until_us) break;
        /* Who stays on is in the next block's list, too. */
        piece.until_us = i + 1 < spine->count
                             ? earlier(window->until_us, block_base_us(spine->at[i + 1]))
                             : window->until_us;
        TRY(zone_part_read(wb, zone, spine->at[i], &piece, part));
        for (size_t k = part->ended; forgets && k < part->stays.count; k++) {
            struct zone_stay *stay = &part->stays.at[k];
            stay->until_us = open_end_us(company, stay->person, zone, stay->until_us);
        }
        if (!meet(company, part->stays.at, part->stays.count, number)) return engine_no_memory(wb);
        piece.from_us = piece.until_us;
    }
    return WB_OK;
}

/* Keep those of the limit who were together long enough, with their zones. */
static wb_status fill(const struct company *company, int64_t least_us, struct wb_company_list *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < out->count; i++) {
        struct wb_company *other = &out->at[kept];
        *other = out->at[i];
        if (other->together_us < least_us) continue;
        if (!limit_has_person(&company->limit, other->person)) continue;
        kept++;
        if (!LIST_ROOM(&out->zones, company->zones.count)) return engine_no_memory(company->wb);
        size_t first = out->zones.count;
        for (size_t w = 0; w < company->words; w++) {
            uint64_t met = company->met.at[i * company->words + w];
            for (; met != 0; met &= met - 1) {
                size_t number = w * 64 + (size_t)__builtin_ctzll(met);
                out->zones.at[out->zones.count++] = (wb_zone){company->zones.at[number]};
            }
        }
        other->first_zone = (uint32_t)first;
        other->zone_count = (uint32_t)(out->zones.count - first);
    }
    out->count = kept;
    return WB_OK;
}

/* ---- As known at a moment: everybody's path against the person's ---- */

/* What two stays have in common inside the window, if anything. */
static bool overlap_stays(struct company *company, uint32_t person, const struct wb_stay *a,
                          const struct wb_stay *b, const struct wb_window *window)
{
    if (a->zone.n != b->zone.n) return true;
    struct zone_stay both = {.from_us = later(window->from_us, later(a->from_us, b->from_us)),
                             .until_us =
                                 earlier(window->until_us, earlier(a->until_us, b->until_us)),
                             .person = person};
    return meet(company, &both, 1, company->numbers.at[a->zone.n] - 1);
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
        if (p == company->person || !limit_has_person(&company->limit, (wb_person){p})) continue;
        status = belief_exists(wb, belief, p, &exists);
        if (status != WB_OK || !exists) continue;
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
        struct wb_window both = {.from_us = later(stay->from_us, window->from_us),
                                 .until_us = earlier(stay->until_us, window->until_us)};
        TRY(meet_in_stay(company, stay->zone.n, &both));
    }
    return WB_OK;
}

/* The scratch memory of the question, empty; NULL: no memory. */
static struct company *company_ready(struct wb *wb, uint32_t person, int64_t asked_us,
                                     struct wb_company_list *out)
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
    struct numbers32 *numbers = &company->numbers;
    size_t zones = wb->zones.count;
    if (numbers->count < zones) {
        if (!LIST_ROOM(numbers, zones - numbers->count)) return NULL;
        memset(numbers->at, 0, zones * sizeof *numbers->at);
        numbers->count = zones;
    }
    company->wb = wb;
    company->person = person;
    company->asked_us = asked_us;
    company->out = out;
    company->mine.count = company->zones.count = company->met.count = 0;
    return company;
}

/* Where the person was that is within the limit. */
static void keep_zones(struct company *company)
{
    struct wb_stays *mine = &company->mine;
    size_t kept = 0;
    for (size_t i = 0; i < mine->count; i++) {
        if (limit_has_zone(&company->limit, mine->at[i].zone)) mine->at[kept++] = mine->at[i];
    }
    mine->count = kept;
}

/* Number the zones where the person was. */
static bool number_zones(struct company *company)
{
    for (size_t i = 0; i < company->mine.count; i++) {
        uint32_t zone = company->mine.at[i].zone.n;
        if (company->numbers.at[zone] != 0) continue;
        if (!LIST_PUSH(&company->zones, zone)) return false;
        company->numbers.at[zone] = (uint32_t)company->zones.count;
    }
    company->words = (company->zones.count + 63) / 64;
    return true;
}

/* Everything is as between questions again. */
static void company_rest(struct company *company)
{
    for (size_t i = 0; i < company->out->count; i++) {
        company->place[company->out->at[i].person.n] = 0;
    }
    for (size_t i = 0; i < company->zones.count; i++) {
        company->numbers.at[company->zones.at[i]] = 0;
    }
}

static wb_status meet_all(struct company *company, const struct wb_window *window)
{
    struct wb *wb = company->wb;
    struct belief belief;
    TRY(belief_open(wb, window->known_us, &belief));
    wb_status status = append_path(wb, &belief, company->person, window, &company->mine);
    if (company->limit.zones != NULL) keep_zones(company);
    if (status == WB_OK && !number_zones(company)) status = engine_no_memory(wb);
    if (status == WB_OK) {
        status = belief.all ? meet_in_blocks(company, window, &company->mine)
                            : meet_folded(company, &belief, window, &company->mine);
    }
    belief_close(&belief);
    return status;
}

wb_status wb_with(struct wb *wb, wb_person person, const struct wb_window *window, int64_t least_us,
                  const struct wb_limit *limit, struct wb_company_list *out)
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

    struct company *company = company_ready(wb, person.n, asked.asked_us, out);
    if (company == NULL) return engine_no_memory(wb);
    wb_status status =
        limit_open(limit, &company->limit) ? meet_all(company, &asked) : engine_no_memory(wb);
    company_rest(company);
    if (status == WB_OK) status = fill(company, least_us, out);
    limit_close(&company->limit);
    if (status != WB_OK) out->count = out->zones.count = 0;
    return status;
}
