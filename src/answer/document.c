#include "answer/document.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"

void document_begin(struct document *document)
{
    document->root = json_object();
    document->failed = document->root == NULL;
}

static void put(struct document *document, json_t *object, const char *key, json_t *value)
{
    if (document->failed) {
        json_decref(value);
        return;
    }
    if (object == NULL) object = document->root;
    if (json_object_set_new_nocheck(object, key, value) != 0) document->failed = true;
}

void document_text(struct document *document, json_t *object, const char *key, const char *text)
{
    put(document, object, key, json_string(text));
}

void document_number(struct document *document, json_t *object, const char *key, int64_t number)
{
    put(document, object, key, json_integer(number));
}

void document_true(struct document *document, json_t *object, const char *key, bool is_true)
{
    put(document, object, key, json_boolean(is_true));
}

void document_null(struct document *document, json_t *object, const char *key)
{
    put(document, object, key, json_null());
}

void document_time(struct document *document, json_t *object, const char *key, int64_t us)
{
    if (us == WB_NO_TIME || us == WB_STILL_THERE) {
        document_null(document, object, key);
        return;
    }
    char text[TIME_TEXT_MAX];
    size_t bytes = time_format(us, text);
    put(document, object, key, json_stringn_nocheck(text, bytes));
}

void document_id(struct document *document, json_t *object, const char *key, const char *id)
{
    if (id == NULL) {
        document_null(document, object, key);
    } else {
        put(document, object, key, json_string_nocheck(id)); /* ids were checked when taken */
    }
}

json_t *document_array(struct document *document, json_t *object, const char *key)
{
    json_t *array = json_array();
    put(document, object, key, array);
    return document->failed ? NULL : array;
}

json_t *document_row(struct document *document, json_t *array)
{
    if (document->failed) return NULL;

    json_t *row = json_object();
    if (json_array_append_new(array, row) != 0) document->failed = true;
    return document->failed ? NULL : row;
}

void document_append(struct document *document, json_t *array, const char *text)
{
    if (document->failed) return;
    if (json_array_append_new(array, json_string(text)) != 0) document->failed = true;
}

wb_status document_end(struct document *document, wb_status status, json_t **out)
{
    if (status == WB_OK && document->failed) status = WB_ENOMEM;
    if (status == WB_OK) {
        *out = document->root;
    } else {
        json_decref(document->root);
    }
    document->root = NULL;
    return status;
}

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
    qsort(rows, count, sizeof *rows, compare);
}
