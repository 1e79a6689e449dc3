/* What the host keeps in the file: credentials.c, lookups.c, documents.c. Rows beside the facts;
 * they go into the open turn's transaction at once and are read from what is committed. */
#ifndef ENGINE_KEPT_H
#define ENGINE_KEPT_H

#include "engine/engine.h"

#define KEPT_NAME_BYTES_MAX 128u

/* The turn's transaction begins with its first row of a table. (facts.c)
 * errors: WB_EINVAL no turn is open */
wb_status turn_transaction(struct wb *wb);

/* Run a statement in the open turn's transaction. */
wb_status kept_put(struct wb *wb, enum statement statement, const struct cell *cells, size_t count);

/* Run a statement over what is committed, also by others. */
wb_status kept_each(struct wb *wb, enum statement statement, const struct cell *cells, size_t count,
                    store_row row, void *context);

/* Whether a text is there, at least `least` and at most `most` bytes long. */
bool kept_text_fits(const char *text, size_t least, size_t most);

/* lookups.c: what a look-up's question may say of somebody who is erased. */
struct lookup_words {
    const char *id, *name;
    const uint32_t *bands; /* [band_count] those that go with them */
    size_t band_count;
};

/* lookups.c: a person out of all records, as statements of the errand. Those that named nobody else
 * go, and so do questions that hold a word of theirs. records: how many named them */
wb_status lookups_erase(struct wb *wb, uint32_t person, const struct lookup_words *words,
                        uint64_t *records);

/* lookups.c: the first record whose people cannot be read, or name somebody who is not there; 0. */
wb_status lookups_check(struct wb *wb, int64_t *number);

#endif
