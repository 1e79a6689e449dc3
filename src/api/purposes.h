/* purposes: why people are looked up: the site's list, asked for at each sign-in. */
#ifndef API_PURPOSES_H
#define API_PURPOSES_H

#include "api/exchange.h"

/* Put "purposes":[...] into a document. */
void purposes_put_list(struct exchange *x, struct document *document);

/* Whether a purpose is of the list; anything is where the site has none. */
bool purposes_has(struct exchange *x, const char *purpose);

#endif
