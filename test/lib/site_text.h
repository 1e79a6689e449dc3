/* site_text: a site's description as site.json, and back. */
#ifndef TEST_LIB_SITE_TEXT_H
#define TEST_LIB_SITE_TEXT_H

#include "model.h"

/* The document for wb_describe; the caller's to free. Durations are whole seconds. */
char *site_text(const struct model_site *site);

/* Read the document of a file whose descriptions are known to be sound.
 *
 *   out      its texts and arrays live as long as the program
 *   returns  the document's text, the caller's to free; NULL if the file is not there */
char *site_read(const char *path, struct model_site *out);

#endif
