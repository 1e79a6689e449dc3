/* document: bytes to a JSON tree, with our own sentences where it is none. */
#ifndef SITE_DOCUMENT_H
#define SITE_DOCUMENT_H

#include "site/reading.h"

/* Parse the reading's text, at most DESCRIPTION_BYTES_MAX, repeated keys refused.
 * Yours, for json_decref(); NULL: reading->status and its fault say why. */
json_t *document_parse(struct reading *reading);

#endif
