/* story_site: descriptions of sites drawn at random, and changes of them. */
#ifndef TEST_LIB_STORY_SITE_H
#define TEST_LIB_STORY_SITE_H

#include "story.h"

#define STORY_SECOND_US INT64_C(1000000)
#define STORY_ZONES     12
#define STORY_READERS   14

/* Draw a description; durations are multiples of grid_us where they can be.
 * Returns its number among the story's sites. */
int story_site_draw(struct story *story, struct chance *chance, int64_t grid_us);

/* A changed copy of the newest description. May leave out readers that have_facts says yes to,
 * and a zone together with them. Returns its number. */
int story_site_change(struct story *story, struct chance *chance, int64_t grid_us,
                      bool (*have_facts)(const void *context, const char *reader),
                      const void *context);

#endif
