/* model_answer: questions answered by reading a view off. Lists come in no order; every
 * `out` array has room for everybody (or every reader) of the model and is the caller's. */
#ifndef TEST_LIB_MODEL_ANSWER_H
#define TEST_LIB_MODEL_ANSWER_H

#include "model_view.h"

struct model_where {
    int person, zone, last_zone, reader; /* last_zone: MODEL_UNKNOWN without one */
    int64_t since_us, last_seen_us;      /* WB_NO_TIME in unknown; if never seen */
};

struct model_stay {
    int zone;
    int64_t from_us, until_us, last_seen_us;
    uint32_t scans, flags;
};

#define MODEL_ZONES_MAX 128

struct model_company {
    int person;
    int64_t together_us, first_us, last_us;
    bool zones[MODEL_ZONES_MAX];
};

/* When and of what a question is asked. */
struct model_time {
    int64_t as_of_us;
    int64_t asked_us;
};

bool model_exists(const struct model_view *view, int person);

void model_where(const struct model_view *view, int person, struct model_time time,
                 struct model_where *out);

/* Everybody in a zone or below it, outside or unknown. zone MODEL_NONE: in any real zone. */
size_t model_at(const struct model_view *view, int zone, struct model_time time,
                struct model_where *out);

/* The stays in real zones that touch [from_us, until_us), by time. out: [model_path_room]. */
size_t model_path_room(const struct model_view *view, int person);
size_t model_path(const struct model_view *view, int person, const struct wb_window *window,
                  struct model_stay *out);

/* Whether each person of the view and each zone of the model is within it. */
struct model_limit {
    bool *people, *zones;
};

size_t model_with(const struct model_view *view, int person, const struct wb_window *window,
                  int64_t least_us, const struct model_limit *limit, struct model_company *out);

/* How many people are in a zone or below it at from, from + every, ... < until. */
size_t model_occupancy(const struct model_view *view, int zone, const struct wb_window *window,
                       int64_t every_us, const struct model_limit *limit, uint32_t *out);

/* The readers that could still change an answer as of a moment. */
size_t model_could_change(const struct model_view *view, int64_t as_of_us, int *out);

/* The latest moment up to which a reader is complete; WB_NO_TIME: it never declared one. */
int64_t model_complete_us(const struct model_view *view, int reader);

#endif
