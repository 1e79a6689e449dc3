/* moves: what a frame of a channel says: who moved, which counts are others, whose past changed. */
#ifndef API_MOVES_H
#define API_MOVES_H

#include "answer/document.h"
#include "api/channels.h"

/* Remember who is shown where, so that who leaves can be told. */
wb_status moves_look_around(struct channels *channels, struct channel *channel, int64_t now_us);

/* The counts of a channel now: of a scope with groups, of those people only. */
wb_status moves_count(struct channels *channels, const struct channel *channel, int64_t now_us,
                      struct wb_head_counts *out);

/* Whoever is elsewhere than they were shown becomes one who moved: by being forgotten, say.
 * cost: one question for each who is shown */
void moves_compare_all(struct channels *channels, struct channel *channel, int64_t now_us);

/* Put the frames `moves` and `changed`, where there is something to say. */
void moves_tell(struct channels *channels, struct channel *channel, int64_t now_us);
void moves_tell_changed(struct channels *channels, struct channel *channel);

#endif
