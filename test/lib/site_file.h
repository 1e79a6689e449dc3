/* site_file: a site's file as unit tests open it: every step of it must go well. */
#ifndef TEST_LIB_SITE_FILE_H
#define TEST_LIB_SITE_FILE_H

#include "whereabouts.h"

/* Open a file; what is random in it is the same each time. mode: WB_CREATE, WB_WRITE, WB_READ */
struct wb *site_file_open(const char *path, uint32_t mode);

/* The same for a new file, which gets the description. */
struct wb *site_file_make(const char *path, const char *site, int64_t now_us);

/* Take somebody into the register, in an open turn. */
wb_person site_file_person(struct wb *wb, const char *id, const char *groups);

/* Pair a band with a person, at all times, in an open turn. */
wb_band site_file_wears(struct wb *wb, wb_person person, const char *band);

/* How many are in a zone at a moment, as known at another. */
size_t site_file_inside(struct wb *wb, const char *zone, int64_t as_of_us, int64_t known_us);

#endif
