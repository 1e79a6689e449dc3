/* People, bands, zones, readers and their numbers. */
#include <assert.h>
#include <string.h>

#include "base/chip.h"
#include "engine/engine.h"

/* ---- Owners ---- */

bool owner_counts(const struct wb *wb, uint32_t owner)
{
    return wb->owners.at[owner].kind <= OWNER_ADOPTED;
}

bool owner_is_erased(const struct wb *wb, uint32_t owner)
{
    return owner != WB_NONE && wb->owners.at[owner].kind == OWNER_ERASED;
}

bool band_is_gone(const struct wb *wb, uint32_t band)
{
    return owner_is_erased(wb, wb->band_states.at[band].reserved);
}

enum owner_kind owner_kind_believed(const struct wb *wb, uint32_t owner)
{
    for (size_t i = 0; wb->turn.open && i < wb->turn.registered.count; i++) {
        if (wb->turn.registered.at[i] == owner) return OWNER_ADOPTED;
    }
    return (enum owner_kind)wb->owners.at[owner].kind;
}

bool person_exists(const struct wb *wb, uint32_t person)
{
    if (person >= wb->owners.count || (wb->turn.open && person >= wb->turn.people)) return false;
    enum owner_kind kind = owner_kind_believed(wb, person);
    return kind == OWNER_REGISTERED ||
           (kind == OWNER_ADOPTED &&
            (wb->owners.at[person].last_seen_us != WB_NO_TIME || !presence_is_known(wb, person)));
}

bool presence_is_known(const struct wb *wb, uint32_t person)
{
    for (size_t i = 0; i < wb->groups_damaged.count; i++) {
        if (wb->groups_damaged.at[i] == person / GROUP_PEOPLE) return false;
    }
    return true;
}

wb_status presence_damaged(struct wb *wb, uint32_t person)
{
    const struct spine *spine = spine_of(wb, BLOCK_PERSON, person / GROUP_PEOPLE);
    if (spine == NULL) return engine_no_memory(wb);
    return block_damaged(wb, BLOCK_PERSON, person / GROUP_PEOPLE, spine->at[spine->count - 1]);
}

uint32_t owner_add(struct wb *wb, const char *id, size_t bytes, enum owner_kind kind, uint32_t what)
{
    if (!LIST_ROOM(&wb->owners, 1)) return WB_NONE;
    uint32_t n = names_add(&wb->people, id, bytes);
    if (n == NAMES_NONE) return WB_NONE;
    assert(n == wb->owners.count);
    wb->owners.at[wb->owners.count++] = (struct owner){.since_us = WB_NO_TIME,
                                                       .last_seen_us = WB_NO_TIME,
                                                       .reader = WB_NONE,
                                                       .what = what,
                                                       .kind = (uint8_t)kind};
    return n;
}

/* Write the owner into the registry, inside the turn's transaction. */
wb_status owner_record(struct wb *wb, uint32_t owner, struct puts *puts)
{
    uint8_t uuid[16] = {0};
    if (wb->random != NULL && !wb->random(wb->random_context, uuid, sizeof uuid)) {
        return engine_fail(wb, WB_EIO, "no random bytes could be had for a new person.");
    }
    const struct owner *o = &wb->owners.at[owner];
    const char *id = names_text(&wb->people, owner);
    struct cell cells[] = {CELL_OF(owner), CELL_OF_TEXT(id, strlen(id)), CELL_OF(o->kind),
                           CELL_OF(o->what), CELL_OF_BLOB(uuid, sizeof uuid)};
    return engine_put(wb, puts, PERSON_PUT, cells, 5);
}

void owner_load(const struct wb *wb, uint32_t owner, struct fold *fold)
{
    const struct owner *o = &wb->owners.at[owner];
    if (o->more != 0) {
        fold_copy(fold, &wb->mores.at[o->more - 1]);
        return;
    }
    fold_init(fold);
    if (o->last_seen_us == WB_NO_TIME) return;
    fold->now = (struct interval){.from_us = o->since_us,
                                  .last_seen_us = o->last_seen_us,
                                  .zone = o->zone,
                                  .scans = o->scans,
                                  .flags = o->flags};
    fold->last_seen_us = o->last_seen_us;
    fold->reader = o->reader;
    fold->last_real = o->last_real;
    fold->counted_count = 1;
    fold->counted[0] = (struct counted){o->last_seen_us, o->reader, o->direction};
}

static bool more_put(struct wb *wb, struct owner *o, const struct fold *fold)
{
    if (o->more == 0) {
        if (wb->free_mores.count > 0) {
            o->more = wb->free_mores.at[--wb->free_mores.count];
        } else {
            if (!LIST_ROOM(&wb->mores, 1)) return false;
            o->more = (uint32_t)++wb->mores.count;
        }
    }
    fold_copy(&wb->mores.at[o->more - 1], fold);
    return true;
}

static void more_drop(struct wb *wb, struct owner *o)
{
    if (o->more == 0) return;
    if (!LIST_PUSH(&wb->free_mores, o->more)) return; /* the place stays empty */
    o->more = 0;
}

/* The state must be settled. */
bool owner_store(struct wb *wb, uint32_t owner, const struct fold *fold)
{
    assert(!fold->has_before);
    struct owner *o = &wb->owners.at[owner];
    o->since_us = fold->now.from_us;
    o->last_seen_us = fold->last_seen_us;
    o->zone = fold->now.zone;
    o->reader = fold->reader;
    o->scans = fold->now.scans;
    o->last_real = fold->last_real;
    o->flags = (uint8_t)fold->now.flags;
    if (fold->last_seen_us == WB_NO_TIME) {
        more_drop(wb, o);
        return o->more == 0;
    }
    bool simple = fold->counted_count == 1 && fold->counted[0].at_us == fold->last_seen_us &&
                  fold->counted[0].reader == fold->reader;
    if (!simple) return more_put(wb, o, fold);
    o->direction = (uint8_t)fold->counted[0].direction;
    more_drop(wb, o);
    return o->more == 0;
}

/* ---- Bands ---- */

static const char RESERVED[] = "person:";

static bool is_reserved(const char *id, size_t bytes)
{
    return bytes >= sizeof RESERVED - 1 && memcmp(id, RESERVED, sizeof RESERVED - 1) == 0;
}

/* The person of the register that a reserved band names; WB_NONE. */
static uint32_t reserved_person(const struct wb *wb, const char *id, size_t bytes)
{
    if (!is_reserved(id, bytes)) return WB_NONE;
    uint32_t n = names_find(&wb->people, id + sizeof RESERVED - 1, bytes - (sizeof RESERVED - 1));
    return n != NAMES_NONE && wb->owners.at[n].kind == OWNER_REGISTERED ? n : WB_NONE;
}

/* A band reserved for somebody who is not in the register, though a turn that was dropped may have
 * put them there and named it. */
static bool is_nobodys(const struct wb *wb, const char *id, size_t bytes)
{
    return is_reserved(id, bytes) && reserved_person(wb, id, bytes) == WB_NONE;
}

uint32_t band_add(struct wb *wb, const char *id, size_t bytes)
{
    if (!LIST_ROOM(&wb->band_states, 1)) return WB_NONE;
    uint32_t n = names_add(&wb->bands, id, bytes);
    if (n == NAMES_NONE) return WB_NONE;
    wb->band_states.at[wb->band_states.count++] =
        (struct band_state){.held = WB_NONE,
                            .adopted = WB_NONE,
                            .reserved = reserved_person(wb, id, bytes),
                            .always = WB_NONE,
                            .nobody = WB_NONE,
                            .nobody_until_us = WB_NO_TIME};
    return n;
}

wb_status wb_band_find(const struct wb *wb, const char *id, size_t bytes, wb_band *out)
{
    if (!id_is_valid(id, bytes)) return WB_ENOENT;
    char canonical[WB_ID_BYTES_MAX];
    size_t length = chip_canonical(id, bytes, canonical);
    uint32_t n = names_find(&wb->bands, canonical, length);
    if (n == NAMES_NONE) return WB_ENOENT;
    out->n = n;
    return WB_OK;
}

wb_status wb_band_intern(struct wb *wb, const char *id, size_t bytes, wb_band *out)
{
    /* What is found as it stands is canonical. */
    uint32_t n = names_find(&wb->bands, id, bytes);
    if (n != NAMES_NONE && !is_nobodys(wb, id, bytes)) {
        out->n = n;
        return WB_OK;
    }
    if (!id_is_valid(id, bytes)) return WB_EINVAL;
    char canonical[WB_ID_BYTES_MAX];
    size_t length = chip_canonical(id, bytes, canonical);
    n = names_find(&wb->bands, canonical, length);
    if (is_nobodys(wb, canonical, length)) return WB_EREFUSED;
    if (n == NAMES_NONE) {
        n = band_add(wb, canonical, length);
        if (n == WB_NONE) return engine_no_memory(wb);
    }
    out->n = n;
    return WB_OK;
}

const char *wb_band_id(const struct wb *wb, wb_band band)
{
    assert(band.n < wb->bands.count);
    return names_text(&wb->bands, band.n);
}

/* ---- People, zones, readers ---- */

wb_status wb_person_find(struct wb *wb, const char *id, size_t bytes, wb_person *out)
{
    TRY(ask_who(wb));
    uint32_t n = names_find(&wb->people, id, bytes);
    if (n == NAMES_NONE) return WB_ENOENT;
    /* Who the open turn registered can be named by its other facts. */
    if (wb->owners.at[n].kind != OWNER_REGISTERED && !person_exists(wb, n)) return WB_ENOENT;
    out->n = n;
    return WB_OK;
}

const char *wb_person_id(const struct wb *wb, wb_person person)
{
    assert(person.n < wb->people.count);
    return names_text(&wb->people, person.n);
}

wb_status wb_zone_find(const struct wb *wb, const char *id, size_t bytes, wb_zone *out)
{
    uint32_t n = names_find(&wb->zones, id, bytes);
    if (n == NAMES_NONE || !zone_is_visible(wb, n)) return WB_ENOENT;
    out->n = n;
    return WB_OK;
}

const char *wb_zone_id(const struct wb *wb, wb_zone zone)
{
    assert(zone.n < wb->zones.count);
    return names_text(&wb->zones, zone.n);
}

wb_status wb_reader_find(const struct wb *wb, const char *id, size_t bytes, wb_reader *out)
{
    uint32_t n = names_find(&wb->readers, id, bytes);
    if (n == NAMES_NONE || !reader_is_visible(wb, &wb->plan, n)) return WB_ENOENT;
    out->n = n;
    return WB_OK;
}

const char *wb_reader_id(const struct wb *wb, wb_reader reader)
{
    assert(reader.n < wb->readers.count);
    return names_text(&wb->readers, reader.n);
}

/* ---- Loading ---- */

static wb_status load_person(void *context, const struct cell *cells)
{
    struct wb *wb = context;
    if (cells[0].number != (int64_t)wb->owners.count || cells[2].number > OWNER_ERASED) {
        return engine_fail(wb, WB_EDAMAGED,
                           "the registry of people is damaged near number %lld: "
                           "restore a backup.",
                           (long long)cells[0].number);
    }
    uint32_t n = owner_add(wb, cells[1].data, cells[1].bytes, (enum owner_kind)cells[2].number,
                           (uint32_t)cells[3].number);
    return n == WB_NONE ? WB_ENOMEM : WB_OK;
}

static wb_status load_band(void *context, const struct cell *cells)
{
    struct wb *wb = context;
    if (cells[0].number != (int64_t)wb->band_states.count) {
        return engine_fail(wb, WB_EDAMAGED,
                           "the registry of bands is damaged near number %lld: restore a backup.",
                           (long long)cells[0].number);
    }
    return band_add(wb, cells[1].data, cells[1].bytes) == WB_NONE ? WB_ENOMEM : WB_OK;
}

static wb_status load_zone(void *context, const struct cell *cells)
{
    struct wb *wb = context;
    return names_add(&wb->zones, cells[1].data, cells[1].bytes) == NAMES_NONE ? WB_ENOMEM : WB_OK;
}

static wb_status load_reader(void *context, const struct cell *cells)
{
    struct wb *wb = context;
    struct reader_state state = {.heard_us =
                                     cells[2].number == USED_UNHEARD ? WB_NO_TIME : cells[2].number,
                                 .used = cells[2].number != WB_NO_TIME,
                                 .quarantine = WB_NONE};
    if (!LIST_PUSH(&wb->reader_states, state)) return WB_ENOMEM;
    return names_add(&wb->readers, cells[1].data, cells[1].bytes) == NAMES_NONE ? WB_ENOMEM : WB_OK;
}

static wb_status load_group(void *context, const struct cell *cells)
{
    struct wb *wb = context;
    return names_add(&wb->groups, cells[1].data, cells[1].bytes) == NAMES_NONE ? WB_ENOMEM : WB_OK;
}

wb_status names_load(struct wb *wb)
{
    struct names *all[] = {&wb->people, &wb->bands, &wb->zones, &wb->readers, &wb->groups};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (wb->random != NULL &&
            !wb->random(wb->random_context, all[i]->key, sizeof all[i]->key)) {
            return engine_fail(wb, WB_EIO, "no random bytes could be had.");
        }
    }
    if (names_add(&wb->zones, "unknown", 7) != WB_ZONE_UNKNOWN ||
        names_add(&wb->zones, "outside", 7) != WB_ZONE_OUTSIDE) {
        return engine_no_memory(wb);
    }
    TRY(store_each(wb->store, PERSON_ALL, NULL, 0, load_person, wb));
    TRY(store_each(wb->store, BAND_ALL, NULL, 0, load_band, wb));
    TRY(store_each(wb->store, ZONE_ALL, NULL, 0, load_zone, wb));
    TRY(store_each(wb->store, READER_ALL, NULL, 0, load_reader, wb));
    TRY(store_each(wb->store, GROUP_ALL, NULL, 0, load_group, wb));
    for (size_t i = 0; i < wb->owners.count; i++) {
        const struct owner *owner = &wb->owners.at[i];
        if (owner->kind == OWNER_QUARANTINE && owner->what < wb->reader_states.count) {
            wb->reader_states.at[owner->what].quarantine = (uint32_t)i;
        }
        if (owner->kind == OWNER_HELD && owner->what < wb->band_states.count) {
            wb->band_states.at[owner->what].held = (uint32_t)i;
        }
    }
    return WB_OK;
}
