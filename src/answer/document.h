/* document: a JSON document, written member by member; failures are asked for once, at the end.
 *
 * The first failure (memory used up) is remembered; later calls do nothing. Keys are texts of the
 * program and are not escaped; the order of members is the order of calls. A document knows whom
 * it names: the only way to write a person's id is document_person(). */
#ifndef ANSWER_DOCUMENT_H
#define ANSWER_DOCUMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "answer/answer.h"

struct document {
    struct answer answer; /* what is written so far */
    size_t capacity;      /* of its text */
    bool failed;
    bool more; /* a comma comes before the next member */
};

/* Begin with the object that the document is; document_end() ends it. */
void document_begin(struct document *document);

/* Put a member into the innermost object; into an array where key is NULL. */
void document_text(struct document *document, const char *key, const char *text);
void document_part(struct document *document, const char *key, const char *text, size_t bytes);
void document_number(struct document *document, const char *key, int64_t number);
/* Microseconds as seconds with three decimals, cut. */
void document_seconds(struct document *document, const char *key, int64_t us);
void document_true(struct document *document, const char *key, bool is_true);
void document_null(struct document *document, const char *key);

/* A moment in UTC; null for WB_NO_TIME and for WB_STILL_THERE (which WB_EVERYTHING is too). */
void document_time(struct document *document, const char *key, int64_t us);

/* An id; null where it is NULL. */
void document_id(struct document *document, const char *key, const char *id);

/* The id of a person, who is named by the document from then on. */
void document_person(struct document *document, const char *key, struct wb *wb, wb_person person);

/* The members of the import document. */
void document_summary(struct document *document, const struct wb_summary *summary,
                      uint64_t ambiguous_times);

/* An array under a key and its end; an object in an array and its end. */
void document_array(struct document *document, const char *key);
void document_array_end(struct document *document);
void document_row(struct document *document);
void document_row_end(struct document *document);

/* Hand the document over, or free it: status is what the questions said.
 * errors: status; WB_ENOMEM the document could not be built */
wb_status document_end(struct document *document, wb_status status, struct answer *out);

/* Ids in byte order, each with the place that it came from. */
struct document_order {
    const char *id;
    size_t place;
};

/* Room for count rows, the caller's to free; NULL: no memory (never for count 0). */
struct document_order *document_order_new(size_t count);
void document_order_sort(struct document_order *rows, size_t count);

#endif
