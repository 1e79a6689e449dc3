/* document: building JSON documents whose failures are asked for once, at the end.
 *
 * The first failure (memory used up, a text that is no UTF-8) is remembered; later calls do
 * nothing. Keys are texts that live as long as the program; their order is the order of calls. */
#ifndef ANSWER_DOCUMENT_H
#define ANSWER_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "whereabouts.h"

struct document {
    json_t *root; /* an object; owned until document_end */
    bool failed;
};

void document_begin(struct document *document);

/* Put a member into an object: the root where object is NULL. */
void document_text(struct document *document, json_t *object, const char *key, const char *text);
void document_number(struct document *document, json_t *object, const char *key, int64_t number);
void document_true(struct document *document, json_t *object, const char *key, bool is_true);
void document_null(struct document *document, json_t *object, const char *key);

/* A moment in UTC; null for WB_NO_TIME and for WB_STILL_THERE (which WB_EVERYTHING is too). */
void document_time(struct document *document, json_t *object, const char *key, int64_t us);

/* An id; null where it is NULL. */
void document_id(struct document *document, json_t *object, const char *key, const char *id);

/* A new array under a key, or a new object at the end of an array. Borrowed from the document;
 * NULL after a failure, which every function here takes. */
json_t *document_array(struct document *document, json_t *object, const char *key);
json_t *document_row(struct document *document, json_t *array);

/* Append a text to an array. */
void document_append(struct document *document, json_t *array, const char *text);

/* Hand the document over, or free it: status is what the questions said.
 * errors: status; WB_ENOMEM the document could not be built */
wb_status document_end(struct document *document, wb_status status, json_t **out);

/* Ids in byte order, each with the place that it came from. */
struct document_order {
    const char *id;
    size_t place;
};

/* Room for count rows, the caller's to free; NULL: no memory (never for count 0). */
struct document_order *document_order_new(size_t count);
void document_order_sort(struct document_order *rows, size_t count);

#endif
