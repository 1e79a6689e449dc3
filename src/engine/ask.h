/* What the rooms of questions share. */
#ifndef ENGINE_ASK_H
#define ENGINE_ASK_H

#include "engine/engine.h"

/* Whether presence in memory answers for everybody at the moment: it is known whole, and nobody
 * was seen later.  cost: one look at each person */
bool present_says(const struct wb *wb, const struct wb_moment *moment);

/* The person's settled state at moment->as_of_us, forgotten where that counts by then. */
wb_status fold_at(struct wb *wb, const struct belief *belief, uint32_t person,
                  const struct wb_moment *moment, struct fold *fold);

struct wb_whereabouts whereabouts_of(uint32_t person, const struct fold *fold);

/* With a known, the moment of asking is that. */
struct wb_moment asked_moment(const struct wb_moment *moment);

/* Everybody who exists as known, one after the other. */
typedef wb_status (*person_visit)(void *context, uint32_t person, const struct fold *fold);
wb_status each_person(struct wb *wb, const struct wb_moment *moment, person_visit visit,
                      void *context);

/* Append the person's stays that touch the window. */
wb_status append_path(struct wb *wb, const struct belief *belief, uint32_t person,
                      const struct wb_window *window, struct wb_stays *out);

/* ask_zone.c: who was in a zone inside a window, from the block that begins at a second. */
wb_status zone_part_read(struct wb *wb, uint32_t zone, uint32_t second,
                         const struct wb_window *window, struct zone_part *out);

/* stays.c: the stays of real zones that ended in one block of a person, by time; borrowed until
 * the next call. Those asked for lately are kept folded. */
wb_status stays_ended(struct wb *wb, uint32_t person, uint32_t second, const struct wb_stay **at,
                      size_t *count);

/* stays.c: the zone where somebody was at a moment, as known. Those asked for lately are kept. */
wb_status believed_zone(struct wb *wb, const struct belief *belief, uint32_t person,
                        const struct wb_moment *moment, uint32_t *zone);

/* late.c: make the marks of late scans ready; usable: there are not too many. */
wb_status late_ready(struct wb *wb, bool *usable);
/* Append those of whom a zone may be believed otherwise at a moment, as known at another. Some may
 * be there twice. false: no memory. */
bool late_people(const struct wb *wb, uint32_t zone, int64_t at_us, int64_t known_us,
                 struct crowd *out);

/* Whether the person's state at a moment could be another for those who know no more. */
bool late_hides(const struct wb *wb, uint32_t person, int64_t at_us, int64_t known_us);

/* belief.c: the prompt scans that were on their way at a moment, by all that is known; wide: also
 * those that claim to have happened later. Borrowed until the next call. */
wb_status flight_at(struct wb *wb, int64_t known_us, bool wide, const struct in_flight **out);
/* Whether one of them is the person's and happened by at_us. */
bool flight_has(const struct in_flight *flight, uint32_t person, int64_t at_us);
/* Append those of whom a scan was known that happened at or after one which was on its way: what
 * it said may be another thing without that. The others were where they had been before. */
wb_status flight_overtaken(struct wb *wb, const struct wb_moment *moment, struct crowd *out);

#endif
