/* scope: what a caller is limited to. No list is no limit; two lists are both limits.
 *
 * As text it is a JSON object: {"zones":["hall"],"groups":["staff"],"readers":["hall-door"]}; a
 * list without an entry may be left out. Ids need not be there yet, or any more: who is limited to
 * what is not there sees nothing. */
#ifndef ACCESS_SCOPE_H
#define ACCESS_SCOPE_H

#include <jansson.h>

#include "base/limit.h"
#include "whereabouts.h"

#define SCOPE_IDS_MAX 256u /* in one list */

enum scope_list { SCOPE_ZONES, SCOPE_GROUPS, SCOPE_READERS, SCOPE_LISTS };

struct scope_ids {
    char **at;
    size_t count, capacity;
};

struct scope {
    struct scope_ids list[SCOPE_LISTS];
};

void scope_done(struct scope *scope);

/* Add an id.  errors: WB_EINVAL not an id; WB_EFULL; WB_ENOMEM. Once more is WB_OK. */
wb_status scope_add(struct scope *scope, enum scope_list list, const char *id, size_t bytes);

/* Read one into an empty scope; "" is no limit. On failure it is empty.
 * errors: WB_EREFUSED why says what is wrong; WB_ENOMEM */
wb_status scope_read(const char *json, size_t bytes, struct scope *out, struct wb_fault *why);
wb_status scope_from(const json_t *object, struct scope *out, struct wb_fault *why);

/* The object; every list is there. NULL: no memory. */
json_t *scope_object(const struct scope *scope);

/* Its text, yours to free; "" for no limit. NULL: no memory. */
char *scope_text(const struct scope *scope);

bool scope_is_empty(const struct scope *scope);

/* ---- The scope in a site ---- */

/* What a scope reaches in a site as it is now. Zeroed: nothing. */
struct reach {
    bool every_zone, every_person, every_reader;
    struct wb_zones zones; /* "outside" and "unknown" too where they are named */
    struct wb_people people;
    struct wb_readers readers; /* a few */
    struct limit bits;         /* of zones and people */
};

/* cost: O(1) without limits; else the zones, the members of the groups
 * errors: those of the questions it asks, WB_ENOMEM; *out is empty then */
wb_status reach_open(struct wb *wb, const struct scope *scope, struct reach *out);
void reach_close(struct reach *reach);

/* A zone of the scope, or below one. "outside" and "unknown" are reached where they are named, or
 * without a limit. */
bool reach_zone(const struct reach *reach, wb_zone zone);

/* Somebody of a group of the scope. */
bool reach_person(const struct reach *reach, wb_person person);

bool reach_reader(const struct reach *reach, wb_reader reader);

/* Whether a reader leads into or out of a zone that is reached. */
bool reach_leads(const struct reach *reach, const struct wb_reader_row *reader);

/* The same as the limit of a question; borrows the lists. */
struct wb_limit reach_limit(const struct reach *reach);

#endif
