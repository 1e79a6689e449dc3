/* reading: members of JSON objects by table, refused with line, column and one sentence.
 *
 * A reading knows where it stands in the document (steps from the root), so that whatever is
 * refused there has its position. Nothing is read after the first refusal. */
#ifndef SITE_READING_H
#define SITE_READING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/names.h"
#include "whereabouts/types.h"

#define READING_DEPTH 4u /* readers, its third, between, its second */

enum reading_spot { SPOT_KEY, SPOT_VALUE };

struct reading {
    const char *json; /* [bytes] */
    size_t bytes;
    struct wb_fault *why;
    wb_status status;             /* WB_OK until something is refused */
    const char *key;              /* of the member that is read */
    char *text;                   /* where the next kept string goes; room for all of them */
    const struct names *zones;    /* by index, once all are known */
    uint32_t step[READING_DEPTH]; /* [depth] */
    uint32_t depth;
};

/* Read a value of the current member to *into; false when it was refused. */
typedef bool (*reading_member)(struct reading *reading, json_t *value, void *into);

struct member {
    const char *key;
    reading_member read;
    size_t offset; /* of what it is read to */
    bool required;
};

struct shape {
    const char *what; /* "a zone" */
    const struct member *members;
    size_t member_count;
};

/* A name made fit for a sentence: no control characters, cut with an ellipsis. */
struct quoted {
    char text[64];
};

struct quoted quote(const char *text);

/* Refuse what the reading stands at; the first refusal stays. Always false.
 *
 *   spot    its key or its value; the root and elements have a value only */
bool reading_refuse(struct reading *reading, enum reading_spot spot, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Refuse the text at an offset. Always false. */
bool reading_refuse_at(struct reading *reading, size_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

bool reading_no_memory(struct reading *reading);

/* Step down to the n-th member or element of where it stands, or to the member of a key
 * that is there; and up again. */
void reading_enter(struct reading *reading, size_t n);
void reading_enter_key(struct reading *reading, json_t *object, const char *key);
void reading_leave(struct reading *reading);

/* Read all members of the object that it stands at. Refuses unknown and missing ones. */
bool reading_object(struct reading *reading, json_t *object, const struct shape *shape, void *into);

/* Kinds of members. Each says to what it reads. */
bool read_text(struct reading *reading, json_t *value, void *into);     /* const char * */
bool read_id(struct reading *reading, json_t *value, void *into);       /* const char * */
bool read_zone_id(struct reading *reading, json_t *value, void *into);  /* const char * */
bool read_timezone(struct reading *reading, json_t *value, void *into); /* const char * */
bool read_yes(struct reading *reading, json_t *value, void *into);      /* bool */
bool read_count(struct reading *reading, json_t *value, void *into);    /* uint32_t, > 0 */
bool read_span(struct reading *reading, json_t *value, void *into);     /* int64_t, us > 0 */
bool read_any_span(struct reading *reading, json_t *value, void *into); /* int64_t, us >= 0 */
bool read_later(struct reading *reading, json_t *value, void *into);    /* json_t *, borrowed */
bool read_zone(struct reading *reading, json_t *value, void *into);     /* int32_t, its index */

/* The text of a value; NULL and refused when it is none. Borrowed from the value. */
const char *reading_string(struct reading *reading, json_t *value, const char *such_as);

#endif
