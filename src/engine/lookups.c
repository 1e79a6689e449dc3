/* Who looked at whom. A record's people are a packed set, in a table of nothing else: reading one
 * person's log steps through it from the newest on and fetches the records that name them. A watch
 * names a zone; whom it showed is what the path says of the person.
 *
 * A set is, sorted and each once: u8 0, then for each person a varint, the first number, then how
 * many are left out before the next; or u8 1, the first number as a varint, then a bit for each
 * number from there on, lowest bit first. The shorter one. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/kept.h"

enum set_form { SET_GAPS = 0, SET_BITS = 1 };

/* ---- Packing ---- */

static int compare_numbers(const void *left, const void *right)
{
    const uint32_t *a = left;
    const uint32_t *b = right;
    return (*a > *b) - (*a < *b);
}

/* Sort and keep each once; gives how many are left. */
static size_t make_set(uint32_t *at, size_t count)
{
    qsort(at, count, sizeof *at, compare_numbers);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || at[kept - 1] != at[i]) at[kept++] = at[i];
    }
    return kept;
}

static void put_gaps(struct bytes_out *out, const uint32_t *at, size_t count)
{
    bytes_put_u8(out, SET_GAPS);
    for (size_t i = 0; i < count; i++) {
        bytes_put_varint(out, i == 0 ? at[0] : at[i] - at[i - 1] - 1);
    }
}

static void put_bits(struct bytes_out *out, const uint32_t *at, size_t count)
{
    bytes_put_u8(out, SET_BITS);
    bytes_put_varint(out, at[0]);
    size_t next = 0;
    for (uint32_t from = at[0]; next < count; from += 8) {
        uint8_t byte = 0;
        for (; next < count && at[next] - from < 8; next++) {
            byte |= (uint8_t)(1u << (at[next] - from));
        }
        bytes_put_u8(out, byte);
    }
}

static wb_status pack_set(struct wb *wb, const uint32_t *at, size_t count, struct bytes_out *out)
{
    /* A gap takes a byte at least. */
    bool dense = count > 0 && (at[count - 1] - at[0]) / 8 < count;
    (dense ? put_bits : put_gaps)(out, at, count);
    return out->failed ? engine_no_memory(wb) : WB_OK;
}

/* ---- Reading a set ---- */

/* Whether a packed set has a number. What is damaged has nobody. */
static bool set_has(const uint8_t *data, size_t bytes, uint32_t person)
{
    struct bytes_in in = {.at = data, .left = bytes};
    uint8_t form = bytes_get_u8(&in);
    if (form == SET_BITS) {
        uint64_t first = bytes_get_varint(&in);
        if (in.bad || person < first) return false;
        uint64_t bit = person - first;
        return bit / 8 < in.left && (in.at[bit / 8] >> (bit % 8) & 1) != 0;
    }
    for (uint64_t next = 0; form == SET_GAPS && in.left > 0 && !in.bad; next++) {
        next += bytes_get_varint(&in);
        if (next >= person) return next == person && !in.bad;
    }
    return false;
}

/* Whether it can be read whole and names those below a number only. */
static bool set_is_sound(const uint8_t *data, size_t bytes, size_t below)
{
    struct bytes_in in = {.at = data, .left = bytes};
    uint8_t form = bytes_get_u8(&in);
    if (form == SET_BITS) {
        uint64_t first = bytes_get_varint(&in);
        if (in.bad || in.left == 0 || in.at[in.left - 1] == 0) return false;
        unsigned last = bits_needed(in.at[in.left - 1]) - 1;
        return first < below && first + (in.left - 1) * 8 + last < below;
    }
    uint64_t next = 0;
    for (; form == SET_GAPS && in.left > 0 && !in.bad && next < below; next++) {
        next += bytes_get_bounded(&in, below);
    }
    return form == SET_GAPS && !in.bad && in.left == 0 && next <= below;
}

struct set_check {
    struct wb *wb;
    int64_t number;
};

static wb_status check_set(void *context, const struct cell *cells)
{
    struct set_check *check = context;
    if (set_is_sound(cells[1].data, cells[1].bytes, check->wb->owners.count)) return WB_OK;
    check->number = cells[0].number;
    return WB_ESTOPPED;
}

wb_status lookups_check(struct wb *wb, int64_t *number)
{
    struct set_check check = {.wb = wb};
    wb_status status = kept_each(wb, LOOKUP_PEOPLE_ALL, NULL, 0, check_set, &check);
    *number = check.number;
    return status == WB_ESTOPPED ? WB_OK : status;
}

/* ---- A person out of it ---- */

struct numbers64 {
    int64_t *at;
    size_t count, capacity;
};

static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Whether a text has another in it, in whatever letters. */
static bool text_has(const char *text, const char *part, size_t bytes)
{
    for (; bytes > 0 && *text != '\0'; text++) {
        size_t i = 0;
        while (i < bytes && text[i] != '\0' && small(text[i]) == small(part[i])) {
            i++;
        }
        if (i == bytes) return true;
    }
    return false;
}

/* Words of less than three bytes say nobody's name by themselves. */
static bool text_has_word_of(const char *text, const char *name)
{
    while (*name != '\0') {
        size_t bytes = strcspn(name, " ");
        if (bytes >= 3 && text_has(text, name, bytes)) return true;
        name += bytes + (name[bytes] == ' ');
    }
    return false;
}

struct log_eraser {
    struct wb *wb;
    uint32_t person;
    const struct lookup_words *words;
    uint64_t records;
};

/* A search is asked for by pieces of names. */
static bool question_tells(const struct log_eraser *log, const char *question)
{
    const struct lookup_words *words = log->words;
    if (text_has(question, words->id, strlen(words->id)) ||
        text_has_word_of(question, words->name) || strstr(question, "?q=") != NULL ||
        strstr(question, "&q=") != NULL) {
        return true;
    }
    for (size_t i = 0; i < words->band_count; i++) {
        const char *band = names_text(&log->wb->bands, words->bands[i]);
        if (text_has(question, band, strlen(band))) return true;
    }
    return false;
}

static wb_status unask(void *context, const struct cell *cells)
{
    struct log_eraser *log = context;
    if (!question_tells(log, cells[7].data)) return WB_OK;
    return engine_put(log->wb, &log->wb->errand.puts, LOOKUP_UNASK, cells, 1);
}

/* The numbers of a set that was found sound, but for one. */
static bool set_without(const uint8_t *data, size_t bytes, uint32_t person, struct numbers32 *out)
{
    struct bytes_in in = {.at = data, .left = bytes};
    uint8_t form = bytes_get_u8(&in);
    uint64_t next = form == SET_BITS ? bytes_get_varint(&in) : 0;
    for (size_t i = 0; form == SET_BITS && i < in.left * 8; i++) {
        bool is_in = (in.at[i / 8] >> (i % 8) & 1) != 0 && next + i != person;
        if (is_in && !LIST_PUSH(out, (uint32_t)(next + i))) return false;
    }
    for (; form == SET_GAPS && in.left > 0; next++) {
        next += bytes_get_varint(&in);
        if (next != person && !LIST_PUSH(out, (uint32_t)next)) return false;
    }
    return true;
}

static wb_status put_others(struct log_eraser *log, int64_t number, const struct numbers32 *others)
{
    struct wb *wb = log->wb;
    struct puts *puts = &wb->errand.puts;
    struct cell key = CELL_OF(number);
    if (others->count == 0) {
        TRY(engine_put(wb, puts, LOOKUP_PEOPLE_DROP, &key, 1));
        return engine_put(wb, puts, LOOKUP_DROP, &key, 1);
    }
    struct bytes_out out = {0};
    wb_status status = pack_set(wb, others->at, others->count, &out);
    struct cell set[] = {key, CELL_OF_BLOB(out.at, out.count)};
    struct cell less[] = {key, CELL_OF(others->count)};
    if (status == WB_OK) status = engine_put(wb, puts, LOOKUP_PEOPLE_SET, set, 2);
    bytes_out_done(&out);
    TRY(status);
    TRY(engine_put(wb, puts, LOOKUP_LESS, less, 2));
    return store_each(wb->store, LOOKUP_GET, &key, 1, unask, log);
}

static wb_status erase_record(void *context, const struct cell *cells)
{
    struct log_eraser *log = context;
    struct wb *wb = log->wb;
    if (!set_has(cells[1].data, cells[1].bytes, log->person)) return WB_OK;
    if (!set_is_sound(cells[1].data, cells[1].bytes, wb->owners.count)) {
        return engine_fail(wb, WB_EDAMAGED, "the look-up %lld is damaged: restore a backup.",
                           (long long)cells[0].number);
    }
    struct numbers32 others = {0};
    log->records++;
    bool memory = set_without(cells[1].data, cells[1].bytes, log->person, &others);
    wb_status status = memory ? put_others(log, cells[0].number, &others) : engine_no_memory(wb);
    LIST_DONE(&others);
    return status;
}

wb_status lookups_erase(struct wb *wb, uint32_t person, const struct lookup_words *words,
                        uint64_t *records)
{
    struct log_eraser log = {.wb = wb, .person = person, .words = words};
    TRY(engine_store(wb, store_each(wb->store, LOOKUP_PEOPLE_ALL, NULL, 0, erase_record, &log)));
    *records = log.records;
    return WB_OK;
}

/* ---- Recording ---- */

static struct cell text_cell(const char *text)
{
    return CELL_OF_TEXT(text, strlen(text));
}

static bool is_sound(const struct wb *wb, const struct wb_lookup *l)
{
    const char *const texts[] = {l->who, l->purpose, l->question, l->groups};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (!kept_text_fits(texts[i], 0, WB_CREDENTIAL_BYTES_MAX)) return false;
    }
    if (l->kind == WB_LOOKUP_WATCH) {
        return l->count == 0 && (l->zone.n == WB_ZONE_EVERY || l->zone.n < wb->zones.count);
    }
    if (l->kind == WB_LOOKUP_EXPORT) return l->count == 0;
    if (l->kind != WB_LOOKUP_ANSWER) return false;
    for (size_t i = 0; i < l->count; i++) {
        uint32_t person = l->people[i].n;
        if (person >= wb->owners.count || owner_is_erased(wb, person)) return false;
    }
    return true;
}

/* The record's own row; its number is that of the row. */
static wb_status put_record(struct wb *wb, const struct wb_lookup *l, size_t count, int64_t *number)
{
    struct cell asker[] = {text_cell(l->who), text_cell(l->purpose)};
    TRY(kept_put(wb, LOOKUP_ASKER_PUT, asker, 2));
    bool watch = l->kind == WB_LOOKUP_WATCH;
    struct cell cells[] = {
        asker[0],
        asker[1],
        CELL_OF(l->kind),
        CELL_OF(l->at_us),
        CELL_OF(l->as_of_us),
        CELL_OF(l->until_us),
        watch ? CELL_OF(l->zone.n) : CELL_OF_NULL,
        watch && l->groups[0] != '\0' ? text_cell(l->groups) : CELL_OF_NULL,
        text_cell(l->question),
        CELL_OF(count),
    };
    TRY(kept_put(wb, LOOKUP_PUT, cells, sizeof cells / sizeof *cells));
    *number = store_last_row(wb->store);
    return WB_OK;
}

static wb_status put_people(struct wb *wb, int64_t number, const uint32_t *at, size_t count)
{
    struct bytes_out out = {0};
    wb_status status = pack_set(wb, at, count, &out);
    if (status == WB_OK) {
        struct cell cells[] = {CELL_OF(number), CELL_OF_BLOB(out.at, out.count)};
        status = kept_put(wb, LOOKUP_PEOPLE_PUT, cells, 2);
    }
    bytes_out_done(&out);
    return status;
}

wb_status wb_lookup_put(struct wb *wb, const struct wb_lookup *lookup, int64_t *number)
{
    if (!wb->turn.open || wb->turn.synced || !is_sound(wb, lookup)) return WB_EINVAL;
    uint32_t *set = malloc(lookup->count * sizeof *set + 1);
    if (set == NULL) return engine_no_memory(wb);
    for (size_t i = 0; i < lookup->count; i++) {
        set[i] = lookup->people[i].n;
    }
    size_t count = make_set(set, lookup->count);
    int64_t n = 0;
    wb_status status = put_record(wb, lookup, count, &n);
    if (status == WB_OK && count > 0) status = put_people(wb, n, set, count);
    free(set);
    if (status == WB_OK && number != NULL) *number = n;
    return status;
}

wb_status wb_lookup_end(struct wb *wb, int64_t number, int64_t until_us)
{
    if (number < 0) return WB_EINVAL;
    struct cell cells[] = {CELL_OF(until_us), CELL_OF(number)};
    return number == 0 ? kept_put(wb, LOOKUP_END_ALL, cells, 1)
                       : kept_put(wb, LOOKUP_END, cells, 2);
}

wb_status wb_lookup_count(struct wb *wb, uint64_t *out)
{
    int64_t count = 0;
    if (wb->failed != WB_OK) return wb->failed;
    if (!wb->writes) TRY(engine_refresh(wb));
    TRY(engine_store(wb, store_number(wb->store, LOOKUP_COUNT, NULL, 0, 0, &count)));
    *out = (uint64_t)count;
    return WB_OK;
}

/* ---- One person's log ---- */

struct log_reader {
    struct wb *wb;
    wb_lookup_each each;
    void *context;
    uint32_t person;
    int64_t below, now_us;
    struct wb_stays stays;    /* the person's path, whole */
    struct numbers32 groups;  /* of the person */
    struct numbers64 watches; /* those that showed the person, and exports; newest first */
    size_t next_watch;
    bool stopped;
};

static bool is_in_or_below(const struct wb *wb, uint32_t zone, uint32_t above)
{
    /* As deep as there are zones at most. */
    for (size_t step = 0; zone >= WB_FIRST_ZONE && step < wb->plan.shape.zone_count; step++) {
        if (zone == above) return true;
        zone = wb->plan.zones[zone].parent;
    }
    return false;
}

/* The first stay that ends after a moment: they stand by time and do not overlap. */
static size_t stay_after(const struct wb_stays *stays, int64_t at_us)
{
    size_t low = 0;
    size_t high = stays->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (stays->at[middle].until_us > at_us) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

static bool was_shown(const struct log_reader *log, uint32_t zone, int64_t from_us,
                      int64_t until_us)
{
    if (until_us > log->now_us) until_us = log->now_us;
    for (size_t i = stay_after(&log->stays, from_us);
         i < log->stays.count && log->stays.at[i].from_us <= until_us; i++) {
        if (zone == WB_ZONE_EVERY) return true;
        if (is_in_or_below(log->wb, log->stays.at[i].zone.n, zone)) return true;
    }
    return false;
}

/* Whether a watch of some groups, "a;b", showed the person. */
static bool has_group(const struct log_reader *log, const char *groups)
{
    while (*groups != '\0') {
        size_t bytes = strcspn(groups, ";");
        uint32_t n = names_find(&log->wb->groups, groups, bytes);
        for (size_t i = 0; n != NAMES_NONE && i < log->groups.count; i++) {
            if (log->groups.at[i] == n) return true;
        }
        groups += bytes;
        if (*groups == ';') groups++;
    }
    return false;
}

static wb_status take_watch(void *context, const struct cell *cells)
{
    struct log_reader *log = context;
    if (cells[4].kind == CELL_TEXT && !has_group(log, cells[4].data)) return WB_OK;
    if (!was_shown(log, (uint32_t)cells[3].number, cells[1].number, cells[2].number)) return WB_OK;
    return LIST_PUSH(&log->watches, cells[0].number) ? WB_OK : WB_ENOMEM;
}

static wb_status take_export(void *context, const struct cell *cells)
{
    struct log_reader *log = context;
    return LIST_PUSH(&log->watches, cells[0].number) ? WB_OK : WB_ENOMEM;
}

static int newest_first(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;
    return (a < b) - (a > b);
}

static wb_status take_group(void *context, const struct cell *cells)
{
    struct log_reader *log = context;
    uint32_t n = names_find(&log->wb->groups, cells[0].data, cells[0].bytes);
    if (n == NAMES_NONE) return WB_OK;
    return LIST_PUSH(&log->groups, n) ? WB_OK : WB_ENOMEM;
}

static wb_status tell_record(void *context, const struct cell *cells)
{
    struct log_reader *log = context;
    bool watch = cells[1].number == WB_LOOKUP_WATCH;
    struct wb_lookup lookup = {
        .kind = (wb_lookup_kind)cells[1].number,
        .who = cells[8].data,
        .purpose = cells[9].data,
        .question = cells[7].data,
        .groups = cells[6].kind == CELL_TEXT ? cells[6].data : "",
        .at_us = cells[2].number,
        .as_of_us = cells[3].number,
        .until_us = cells[4].number,
        .zone = {watch ? (uint32_t)cells[5].number : WB_ZONE_EVERY},
        .count = (size_t)cells[10].number,
    };
    if (!log->each(log->context, cells[0].number, &lookup)) log->stopped = true;
    return log->stopped ? WB_ESTOPPED : WB_OK;
}

static wb_status tell(struct log_reader *log, int64_t number)
{
    struct cell cell = CELL_OF(number);
    return store_each(log->wb->store, LOOKUP_GET, &cell, 1, tell_record, log);
}

/* The watches that began after a record. */
static wb_status tell_watches(struct log_reader *log, int64_t above)
{
    while (log->next_watch < log->watches.count && log->watches.at[log->next_watch] > above) {
        TRY(tell(log, log->watches.at[log->next_watch++]));
    }
    return WB_OK;
}

static wb_status take_people(void *context, const struct cell *cells)
{
    struct log_reader *log = context;
    if (!set_has(cells[1].data, cells[1].bytes, log->person)) return WB_OK;
    TRY(tell_watches(log, cells[0].number));
    return tell(log, cells[0].number);
}

static wb_status read_log(struct log_reader *log)
{
    struct wb *wb = log->wb;
    struct wb_window always = {WB_NO_TIME, WB_STILL_THERE, WB_EVERYTHING, log->now_us};
    TRY(wb_path(wb, (wb_person){log->person}, &always, &log->stays));
    struct cell person = CELL_OF(log->person);
    TRY(store_each(wb->store, MEMBER_OF, &person, 1, take_group, log));
    struct cell below = CELL_OF(log->below);
    TRY(store_each(wb->store, LOOKUP_WATCHES, &below, 1, take_watch, log));
    TRY(store_each(wb->store, LOOKUP_EXPORTS, &below, 1, take_export, log));
    struct numbers64 *watches = &log->watches;
    if (watches->count > 1) qsort(watches->at, watches->count, sizeof *watches->at, newest_first);
    TRY(store_each(wb->store, LOOKUP_PEOPLE_BELOW, &below, 1, take_people, log));
    return tell_watches(log, 0);
}

wb_status wb_lookups_of(struct wb *wb, wb_person person, int64_t below, int64_t now_us,
                        wb_lookup_each each, void *context)
{
    if (wb->failed != WB_OK) return wb->failed;
    struct log_reader log = {.wb = wb,
                             .each = each,
                             .context = context,
                             .person = person.n,
                             .below = below > 0 ? below : INT64_MAX,
                             .now_us = now_us};
    wb_status status = read_log(&log);
    LIST_DONE(&log.stays);
    LIST_DONE(&log.groups);
    LIST_DONE(&log.watches);
    if (log.stopped) return WB_OK;
    return engine_store(wb, status);
}
