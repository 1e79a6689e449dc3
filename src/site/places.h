/* places: the zones and readers of a description. */
#ifndef SITE_PLACES_H
#define SITE_PLACES_H

#include "base/names.h"
#include "site/description.h"
#include "site/reading.h"

/* Read the list of zones that the reading stands at, link and check their tree.
 *
 *   zones   their ids, by index; yours, for names_done(), on failure too
 *   errors  false: refused, or memory is used up */
bool places_read_zones(struct reading *reading, json_t *list, struct description *description,
                       struct names *zones);

/* Read the list of readers; reading->zones and the description's zones must be there. */
bool places_read_readers(struct reading *reading, json_t *list, struct description *description);

#endif
