/* record: what an answer takes into the turn with it before it may be given. */
#ifndef SERVER_RECORD_H
#define SERVER_RECORD_H

#include "api/exchange.h"

/* Record whom the answer of an exchange names, and give its session a new secret if that is due.
 * Where that fails, the answer is a problem. in_turn: those that are in the turn already. */
void record(struct service *service, const struct exchange *in_turn, struct exchange *x);

#endif
