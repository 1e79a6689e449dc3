/* question_lines: the lines of an answer, the same for the library and the model. */
#ifndef TEST_LIB_QUESTION_LINES_H
#define TEST_LIB_QUESTION_LINES_H

#include "lines.h"
#include "whereabouts/types.h"

struct where_line {
    const char *person, *zone, *last_zone, *reader;
    int64_t since_us, last_seen_us;
};

void lines_add_where(struct lines *out, const struct where_line *where);

/* Of the stay only its times, scans and flags are read. */
void lines_add_stay(struct lines *out, const char *zone, const struct wb_stay *stay);

/* Of the company only its times are read. zones: emptied. */
void lines_add_company(struct lines *out, const char *person, const struct wb_company *company,
                       struct lines *zones);

/* Adds nothing for a zone with nobody: not every zone stands in every list. */
void lines_add_head_count(struct lines *out, const char *zone, uint32_t count, uint32_t direct);

#endif
