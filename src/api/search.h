/* search: people by the beginnings of their names' words and of their ids, as one types.
 *
 * An index in memory, made at the first search and again after the register changed. Capitals
 * count as small letters, in Latin, Greek and Cyrillic. */
#ifndef API_SEARCH_H
#define API_SEARCH_H

#include "whereabouts.h"

struct people_index;

#define SEARCH_WORDS_MAX 8u /* of a question; more are passed over */

/* Find the people to each of whose words of the question some word begins.
 *
 *   out    best first: whose id it is, whose name has the whole word, whose first word begins so,
 *          the rest; then by id. At most `most`
 *   only   these people only (a function of the caller's); NULL: all
 *   cost   two binary searches for the rarest word, then the people found
 *   index  made where it is NULL or old
 *   errors WB_ENOMEM, and those of the questions asked */
struct search_question {
    const char *text;
    size_t bytes;
    size_t most;
    bool (*lets)(const void *context, wb_person person);
    const void *context;
};

wb_status search_people(struct wb *wb, struct people_index **index,
                        const struct search_question *question, struct wb_people *out);

/* Make it anew before the next search. */
void search_forget(struct people_index **index);

/* Fold text for comparing: letters small. out: [bytes], never longer. Returns its bytes. */
size_t search_fold(const char *text, size_t bytes, char *out);

#endif
