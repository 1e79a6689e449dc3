#include "answer/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"

#define FIRST_BYTES 512u

/* ---- Bytes ---- */

/* Room for `bytes` more; NULL after a failure. */
static char *room(struct document *document, size_t bytes)
{
    if (document->failed) return NULL;
    struct answer *answer = &document->answer;
    if (document->capacity - answer->bytes >= bytes) return answer->text + answer->bytes;

    size_t capacity = document->capacity > 0 ? document->capacity : FIRST_BYTES;
    while (capacity - answer->bytes < bytes)
        capacity *= 2;
    char *text = realloc(answer->text, capacity);
    if (text == NULL) {
        document->failed = true;
        return NULL;
    }
    answer->text = text;
    document->capacity = capacity;
    return text + answer->bytes;
}

static void put(struct document *document, const char *text, size_t bytes)
{
    char *at = room(document, bytes);
    if (at == NULL) return;
    memcpy(at, text, bytes);
    document->answer.bytes += bytes;
}

static void put_byte(struct document *document, char byte)
{
    put(document, &byte, 1);
}

/* RFC 8259, 7: what may not stand in a string as it is. Text that is no UTF-8 stands as the
 * replacement character. Returns the bytes of the character that was read. */
static size_t put_escaped(struct document *document, const char *text, size_t bytes)
{
    static const char hex[] = "0123456789abcdef";
    static const char replacement[] = "\xef\xbf\xbd";
    unsigned char first = (unsigned char)text[0];

    if (first == '"' || first == '\\') {
        put(document, (char[]){'\\', text[0]}, 2);
        return 1;
    }
    if (first < 0x20) {
        put(document, (char[]){'\\', 'u', '0', '0', hex[first >> 4], hex[first & 15]}, 6);
        return 1;
    }
    size_t length = text_character_bytes(text, bytes);
    if (length == 0) {
        put(document, replacement, sizeof replacement - 1);
        return 1;
    }
    put(document, text, length);
    return length;
}

static bool is_plain(char byte)
{
    return (unsigned char)byte >= 0x20 && (unsigned char)byte < 0x80 && byte != '"' && byte != '\\';
}

static void put_string(struct document *document, const char *text, size_t bytes)
{
    put_byte(document, '"');
    size_t at = 0;
    while (at < bytes) {
        size_t plain = at;
        while (plain < bytes && is_plain(text[plain]))
            plain++;
        put(document, text + at, plain - at);
        at = plain;
        if (at < bytes) at += put_escaped(document, text + at, bytes - at);
    }
    put_byte(document, '"');
}

/* The comma and the key before a value. */
static void put_key(struct document *document, const char *key)
{
    if (document->more) put_byte(document, ',');
    document->more = true;
    if (key == NULL) return;
    put_byte(document, '"');
    put(document, key, strlen(key));
    put(document, "\":", 2);
}

/* ---- Members ---- */

void document_part(struct document *document, const char *key, const char *text, size_t bytes)
{
    put_key(document, key);
    put_string(document, text, bytes);
}

void document_text(struct document *document, const char *key, const char *text)
{
    document_part(document, key, text, strlen(text));
}

void document_number(struct document *document, const char *key, int64_t number)
{
    char digits[24];
    char *end = digits + sizeof digits;
    char *at = end;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        *--at = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (number < 0) *--at = '-';
    put_key(document, key);
    put(document, at, (size_t)(end - at));
}

void document_seconds(struct document *document, const char *key, int64_t us)
{
    char text[32];
    uint64_t ms = (us < 0 ? 0 - (uint64_t)us : (uint64_t)us) / 1000;
    int bytes = snprintf(text, sizeof text, "%s%llu.%03u", us < 0 && ms > 0 ? "-" : "",
                         (unsigned long long)(ms / 1000), (unsigned)(ms % 1000));

    put_key(document, key);
    put(document, text, (size_t)bytes);
}

void document_true(struct document *document, const char *key, bool is_true)
{
    put_key(document, key);
    if (is_true) {
        put(document, "true", 4);
    } else {
        put(document, "false", 5);
    }
}

void document_null(struct document *document, const char *key)
{
    put_key(document, key);
    put(document, "null", 4);
}

void document_time(struct document *document, const char *key, int64_t us)
{
    if (us == WB_NO_TIME || us == WB_STILL_THERE) {
        document_null(document, key);
        return;
    }
    char text[TIME_TEXT_MAX];
    size_t bytes = time_format(us, text);
    document_part(document, key, text, bytes);
}

void document_id(struct document *document, const char *key, const char *id)
{
    if (id == NULL) {
        document_null(document, key);
    } else {
        document_text(document, key, id);
    }
}

static bool name(struct document *document, wb_person person)
{
    struct wb_people *named = &document->answer.named;
    if (named->count == named->capacity) {
        size_t capacity = named->capacity > 0 ? named->capacity * 2 : 64;
        wb_person *at = realloc(named->at, capacity * sizeof *at);
        if (at == NULL) return false;
        named->at = at;
        named->capacity = capacity;
    }
    named->at[named->count++] = person;
    return true;
}

void document_person(struct document *document, const char *key, struct wb *wb, wb_person person)
{
    if (!document->failed && !name(document, person)) document->failed = true;
    document_text(document, key, wb_person_id(wb, person));
}

void document_summary(struct document *document, const struct wb_summary *summary,
                      uint64_t ambiguous_times)
{
    document_number(document, "accepted", (int64_t)summary->accepted);
    document_number(document, "duplicates", (int64_t)summary->duplicates);
    document_number(document, "held", (int64_t)summary->held);
    document_number(document, "quarantined", (int64_t)summary->quarantined);
    document_number(document, "refused", (int64_t)summary->refused);
    document_number(document, "ambiguous_times", (int64_t)ambiguous_times);
}

/* ---- Structure ---- */

void document_begin(struct document *document)
{
    *document = (struct document){0};
    put_byte(document, '{');
}

void document_array(struct document *document, const char *key)
{
    put_key(document, key);
    put_byte(document, '[');
    document->more = false;
}

void document_array_end(struct document *document)
{
    put_byte(document, ']');
    document->more = true;
}

void document_row(struct document *document)
{
    put_key(document, NULL);
    put_byte(document, '{');
    document->more = false;
}

void document_row_end(struct document *document)
{
    put_byte(document, '}');
    document->more = true;
}

wb_status document_end(struct document *document, wb_status status, struct answer *out)
{
    put(document, "}", 2); /* with its NUL */
    if (status == WB_OK && document->failed) status = WB_ENOMEM;
    if (status == WB_OK) {
        document->answer.bytes--;
        *out = document->answer;
    } else {
        answer_done(&document->answer);
    }
    document->answer = (struct answer){0};
    return status;
}

void answer_done(struct answer *answer)
{
    free(answer->text);
    wb_release_memory(answer->named.at);
    *answer = (struct answer){0};
}

/* ---- Order ---- */

struct document_order *document_order_new(size_t count)
{
    return calloc(count > 0 ? count : 1, sizeof(struct document_order));
}

/* Equal ids keep the order they came in. */
static int compare(const void *a, const void *b)
{
    const struct document_order *one = a;
    const struct document_order *other = b;

    int order = strcmp(one->id, other->id); /* byte order: strcmp compares as unsigned char */
    if (order != 0) return order;
    return one->place < other->place ? -1 : one->place > other->place;
}

void document_order_sort(struct document_order *rows, size_t count)
{
    if (count > 1) qsort(rows, count, sizeof *rows, compare);
}
