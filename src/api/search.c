#include "api/search.h"

#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/text.h"

/* A word of somebody: folded text in the pool. */
struct entry {
    uint32_t start, person;
    uint16_t bytes;
    uint16_t place; /* 0: the id; 1: the first word of the name; 2: ... */
};

struct entries {
    struct entry *at;
    size_t count, capacity;
};

struct people_index {
    char *pool;
    size_t pool_bytes, pool_capacity;
    struct entries words; /* by text */
    struct entries of;    /* the same by person, from first[person] on */
    uint32_t *first;      /* [people + 1] */
    size_t people;        /* numbers below this */
    uint64_t registered;  /* how many people there were */
};

/* ---- Folding ---- */

/* The small letter of a two-byte capital: Latin-1, Latin Extended-A, Greek, Cyrillic. */
static uint32_t small_letter(uint32_t c)
{
    if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 0x20;
    if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177)) return c | 1;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return c + (c & 1);
    if (c >= 0x391 && c <= 0x3A9) return c + 0x20;
    if (c >= 0x410 && c <= 0x42F) return c + 0x20;
    if (c >= 0x400 && c <= 0x40F) return c + 0x50;
    return c;
}

size_t search_fold(const char *text, size_t bytes, char *out)
{
    size_t made = 0;

    for (size_t i = 0; i < bytes;) {
        unsigned char c = (unsigned char)text[i];
        size_t length = text_character_bytes(text + i, bytes - i);
        if (length == 2) {
            uint32_t folded =
                small_letter((uint32_t)(c & 0x1Fu) << 6 | ((unsigned char)text[i + 1] & 0x3Fu));
            out[made++] = (char)(0xC0u | folded >> 6);
            out[made++] = (char)(0x80u | (folded & 0x3Fu));
        } else if (length > 2) {
            memmove(out + made, text + i, length);
            made += length;
        } else {
            out[made++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
            length = 1;
        }
        i += length;
    }
    return made;
}

static bool parts_words(char c)
{
    return c == ' ' || c == '-' || c == ',' || c == '.' || c == '_' || c == '\'' || c == '\t';
}

/* ---- Making the index ---- */

static void index_free(struct people_index *index)
{
    if (index == NULL) return;
    free(index->pool);
    LIST_DONE(&index->words);
    LIST_DONE(&index->of);
    free(index->first);
    free(index);
}

void search_forget(struct people_index **index)
{
    index_free(*index);
    *index = NULL;
}

static bool add_word(struct people_index *index, wb_person person, size_t start, size_t bytes,
                     unsigned place)
{
    struct entry entry = {(uint32_t)start, person.n, (uint16_t)bytes,
                          (uint16_t)(place < 1000 ? place : 1000)};
    return LIST_PUSH(&index->words, entry);
}

/* The words of a text; an id is one word as well. */
static bool add_text(struct people_index *index, wb_person person, const char *text, bool is_id)
{
    size_t bytes = strlen(text);
    unsigned place = is_id ? 0 : 1;

    if (bytes > UINT16_MAX) bytes = UINT16_MAX;
    if (!list_reserve((void **)&index->pool, &index->pool_capacity, index->pool_bytes + bytes, 1)) {
        return false;
    }
    size_t start = index->pool_bytes;
    size_t end = start + search_fold(text, bytes, index->pool + start);
    index->pool_bytes = end;
    if (is_id && !add_word(index, person, start, end - start, 0)) return false;
    for (size_t at = start; at < end;) {
        size_t from = at;
        while (at < end && !parts_words(index->pool[at]))
            at++;
        bool whole_id = is_id && from == start && at == end;
        if (at > from && !whole_id && !add_word(index, person, from, at - from, place)) {
            return false;
        }
        if (at > from && !is_id) place++;
        at++;
    }
    return true;
}

static int compare_text(const struct people_index *index, const struct entry *entry,
                        const char *text, size_t bytes)
{
    size_t common = entry->bytes < bytes ? entry->bytes : bytes;
    int order = memcmp(index->pool + entry->start, text, common);
    if (order != 0) return order;
    return entry->bytes < bytes ? -1 : entry->bytes > bytes;
}

static int by_text(const void *a, const void *b, void *context)
{
    const struct entry *other = b;
    const struct people_index *index = context;
    return compare_text(index, a, index->pool + other->start, other->bytes);
}

/* The words once more, by person: added in that order, so a copy made before sorting. */
static bool keep_by_person(struct people_index *index)
{
    if (!LIST_ROOM(&index->of, index->words.count)) return false;
    if (index->words.count > 0) {
        memcpy(index->of.at, index->words.at, index->words.count * sizeof *index->of.at);
    }
    index->of.count = index->words.count;
    index->first = calloc(index->people + 1, sizeof *index->first);
    if (index->first == NULL) return false;
    for (size_t i = 0; i < index->of.count; i++)
        index->first[index->of.at[i].person + 1] = (uint32_t)i + 1;
    for (size_t i = 1; i <= index->people; i++) {
        if (index->first[i] == 0) index->first[i] = index->first[i - 1];
    }
    return true;
}

static int by_number(const void *a, const void *b)
{
    const wb_person *one = a;
    const wb_person *other = b;
    return one->n < other->n ? -1 : one->n > other->n;
}

static wb_status fill(struct people_index *index, struct wb *wb, struct wb_people *people)
{
    if (people->count > 0) qsort(people->at, people->count, sizeof *people->at, by_number);
    if (people->count > 0) index->people = (size_t)people->at[people->count - 1].n + 1;
    for (size_t i = 0; i < people->count; i++) {
        struct wb_person_row row;
        wb_status status = wb_person_row(wb, people->at[i], &row);
        if (status != WB_OK) return status;
        if (!add_text(index, people->at[i], row.id, true) ||
            (row.name != NULL && !add_text(index, people->at[i], row.name, false))) {
            return WB_ENOMEM;
        }
    }
    if (!keep_by_person(index)) return WB_ENOMEM;
    if (index->words.count > 0) {
        qsort_r(index->words.at, index->words.count, sizeof *index->words.at, by_text, index);
    }
    return WB_OK;
}

/* Adopted people come by themselves, with scans: their number tells. */
static wb_status make_index(struct wb *wb, struct people_index **index)
{
    struct wb_people people = {0};
    struct wb_numbers numbers;

    wb_status status = wb_numbers(wb, &numbers);
    if (status != WB_OK) return status;
    if (*index != NULL && (*index)->registered == numbers.people) return WB_OK;
    search_forget(index);
    struct people_index *made = calloc(1, sizeof *made);
    if (made == NULL) return WB_ENOMEM;
    made->registered = numbers.people;
    status = wb_people_all(wb, &people);
    if (status == WB_OK) status = fill(made, wb, &people);
    wb_list_done(&people);
    if (status == WB_OK) {
        *index = made;
    } else {
        index_free(made);
    }
    return status;
}

/* ---- Searching ---- */

struct word {
    const char *at;
    size_t bytes;
};

struct hit {
    uint32_t person;
    uint32_t score; /* less is better */
};

struct hits {
    struct hit *at;
    size_t count, capacity;
};

static bool begins(const struct people_index *index, const struct entry *entry,
                   const struct word *word)
{
    return entry->bytes >= word->bytes &&
           memcmp(index->pool + entry->start, word->at, word->bytes) == 0;
}

/* The entries that begin with a word are words.at[from, until). */
static void range_of(const struct people_index *index, const struct word *word, size_t *from,
                     size_t *until)
{
    size_t low = 0;
    size_t high = index->words.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_text(index, &index->words.at[middle], word->at, word->bytes) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *from = low;
    high = index->words.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (begins(index, &index->words.at[middle], word)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *until = low;
}

static uint32_t score_of(const struct entry *entry, const struct word *word)
{
    bool whole = entry->bytes == word->bytes;

    if (entry->place == 0) return whole ? 0 : 3;
    if (whole) return 1;
    return entry->place == 1 ? 2 : 4;
}

/* How well all words fit somebody; UINT32_MAX: one does not. */
static uint32_t score_person(const struct people_index *index, uint32_t person,
                             const struct word *words, size_t count)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        uint32_t best = UINT32_MAX;
        for (uint32_t j = index->first[person]; j < index->first[person + 1]; j++) {
            const struct entry *entry = &index->of.at[j];
            if (!begins(index, entry, &words[i])) continue;
            uint32_t score = score_of(entry, &words[i]);
            if (score < best) best = score;
        }
        if (best == UINT32_MAX) return UINT32_MAX;
        sum += best;
    }
    return sum;
}

static size_t part_words(const char *text, size_t bytes, struct word words[SEARCH_WORDS_MAX])
{
    size_t count = 0;

    for (size_t at = 0; at < bytes && count < SEARCH_WORDS_MAX;) {
        size_t from = at;
        while (at < bytes && text[at] != ' ' && text[at] != ',')
            at++;
        if (at > from) words[count++] = (struct word){text + from, at - from};
        at++;
    }
    return count;
}

static int by_person(const void *a, const void *b)
{
    const struct hit *one = a;
    const struct hit *other = b;
    return one->person < other->person ? -1 : one->person > other->person;
}

static int by_score(const void *a, const void *b, void *context)
{
    struct wb *wb = context;
    const struct hit *one = a;
    const struct hit *other = b;

    if (one->score != other->score) return one->score < other->score ? -1 : 1;
    return strcmp(wb_person_id(wb, (wb_person){one->person}),
                  wb_person_id(wb, (wb_person){other->person}));
}

/* Everybody of the rarest word's range, once, whom the other words fit too. */
static bool gather(const struct people_index *index, const struct search_question *question,
                   const struct word *words, size_t count, struct hits *hits)
{
    size_t from = 0;
    size_t until = index->words.count;

    for (size_t i = 0; i < count; i++) {
        size_t a;
        size_t b;
        range_of(index, &words[i], &a, &b);
        if (b - a <= until - from) {
            from = a;
            until = b;
        }
    }
    for (size_t i = from; i < until; i++) {
        if (!LIST_PUSH(hits, (struct hit){index->words.at[i].person, 0})) return false;
    }
    if (hits->count > 1) qsort(hits->at, hits->count, sizeof *hits->at, by_person);
    size_t kept = 0;
    for (size_t i = 0; i < hits->count; i++) {
        uint32_t person = hits->at[i].person;
        if (i > 0 && hits->at[i - 1].person == person) continue;
        if (question->lets != NULL && !question->lets(question->context, (wb_person){person})) {
            continue;
        }
        uint32_t score = score_person(index, person, words, count);
        if (score != UINT32_MAX) hits->at[kept++] = (struct hit){person, score};
    }
    hits->count = kept;
    return true;
}

wb_status search_people(struct wb *wb, struct people_index **index,
                        const struct search_question *question, struct wb_people *out)
{
    struct word words[SEARCH_WORDS_MAX];
    struct hits hits = {0};

    wb_status status = make_index(wb, index);
    if (status != WB_OK) return status;
    char *folded = malloc(question->bytes + 1);
    if (folded == NULL) return WB_ENOMEM;
    size_t count = part_words(folded, search_fold(question->text, question->bytes, folded), words);
    bool room = gather(*index, question, words, count, &hits);
    if (room && hits.count > 1) qsort_r(hits.at, hits.count, sizeof *hits.at, by_score, wb);
    out->count = 0;
    for (size_t i = 0; room && i < hits.count && i < question->most; i++)
        room = LIST_PUSH(out, (wb_person){hits.at[i].person});
    LIST_DONE(&hits);
    free(folded);
    return room ? WB_OK : WB_ENOMEM;
}
