/* asking: the words of a request that mean something at the site: people, zones, times.
 *
 * Each function returns whether it went well; where not, the problem is the answer already. */
#ifndef API_ASKING_H
#define API_ASKING_H

#include <jansson.h>

#include "api/exchange.h"

/* Refuse parameters that the resource does not know. known: names parted by a blank. */
bool asking_knows(struct exchange *x, const char *known);

/* A parameter that is a time; *us is untouched where it is not given. Without an offset it is in
 * the site's time zone. */
bool asking_time(struct exchange *x, const char *name, int64_t *us);

/* from, until and known, and what they leave open. */
bool asking_window(struct exchange *x, struct wb_window *out);

/* known: the moment's known_us and asked_us. */
bool asking_known(struct exchange *x, struct wb_moment *moment);

/* A parameter that is true or false; false where it is not given. */
bool asking_switch(struct exchange *x, const char *name, bool *out);

/* A parameter that is a duration. */
bool asking_duration(struct exchange *x, const char *name, int64_t *us);

/* A parameter that is a whole number from least to most. */
bool asking_number(struct exchange *x, const char *name, int64_t least, int64_t most, int64_t *out);

/* Find by id; refused also where the caller may not see them. */
bool asking_person(struct exchange *x, const char *id, size_t bytes, wb_person *out);
bool asking_zone(struct exchange *x, const char *id, size_t bytes, wb_zone *out);
bool asking_reader(struct exchange *x, const char *id, size_t bytes, wb_reader *out);

/* In the turn: the band of an id, new or not. Refused where it cannot be one. */
bool asking_band(struct exchange *x, const struct text *id, wb_band *out);

/* ---- Bodies ---- */

/* Whether the body's media type is this one, whatever its parameters; `otherwise` where it has
 * none. Refuses nothing. */
bool asking_type_is(const struct exchange *x, const char *type, bool otherwise);

/* The body as a JSON object without other members than those that are known, names parted by a
 * blank; the caller's to json_decref. A body without a media type is taken for JSON. */
bool asking_object(struct exchange *x, const char *known, json_t **out);

/* A member that is a text. needed: refused where it is not there; else NULL then. */
bool asking_text(struct exchange *x, const json_t *object, const char *key, bool needed,
                 struct text *out);

/* A member that is a time; *us is untouched where it is not there. */
bool asking_moment(struct exchange *x, const json_t *object, const char *key, bool needed,
                   int64_t *us);

#endif
