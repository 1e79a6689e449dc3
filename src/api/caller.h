/* caller: who asks, and what they may see. The one place where requests meet src/access. */
#ifndef API_CALLER_H
#define API_CALLER_H

#include "api/exchange.h"

/* Find out who asks and whether the table lets them. false: the answer is set. */
bool caller_admit(struct exchange *x);

/* Whether the caller is limited to nothing by the row and by their scope. */
bool caller_sees_all(const struct exchange *x);

/* What the caller reaches: everything without a limit. The one place where a limit becomes part of
 * a question (reach_limit). NULL: the answer is set. */
const struct reach *caller_reach(struct exchange *x);

/* Set the answer that whatever is out of their reach has, there or not: 403. Returns false. */
bool caller_forbidden(struct exchange *x);

/* Whether they may; where not, the answer is set. Who ever was in the zones may be known of; what
 * is told of them is cut to the zones. */
bool caller_may_see_person(struct exchange *x, wb_person person);
bool caller_may_see_zone(struct exchange *x, wb_zone zone);
bool caller_may_use_reader(struct exchange *x, const char *id, size_t bytes);

/* Keep of a list who is of their groups. The reach is open. */
void caller_keep_people(struct exchange *x, struct wb_people *people);

/* Whether the caller is limited to some zones, or to some groups. */
bool caller_has_zones(const struct exchange *x);
bool caller_has_groups(const struct exchange *x);

/* Put the header Set-Cookie to an answer that has a cookie to give or to take. */
void caller_put_cookie(struct exchange *x);

/* In a turn: give a session that is due a new secret with this answer. */
wb_status caller_rotate(struct exchange *x);

#endif
