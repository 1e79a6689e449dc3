/* model_fold: one person's scans become intervals. */
#ifndef TEST_LIB_MODEL_FOLD_H
#define TEST_LIB_MODEL_FOLD_H

#include "model_view.h"

/* Fold view->events[first .. last), all of one person, by time; scans at one microsecond are
 * put into their order. Appends to the view's intervals and seen and fills the life. */
void model_fold(struct model_view *view, size_t first, size_t last);

#endif
