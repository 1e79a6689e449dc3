#include "question.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lines.h"

static const char *const kind_names[ASK_KINDS] = {
    [ASK_INSIDE] = "inside",
    [ASK_AT] = "at",
    [ASK_EVERYBODY] = "everybody",
    [ASK_WHERE] = "where",
    [ASK_HEAD_COUNT] = "head_count",
    [ASK_PATH] = "path",
    [ASK_WITH] = "with",
    [ASK_OCCUPANCY] = "occupancy",
    [ASK_COULD_CHANGE] = "could_change",
    [ASK_PEOPLE] = "people",
    [ASK_KEPT] = "kept",
    [ASK_READERS] = "readers",
    [ASK_PAIRINGS] = "pairings",
};

bool question_names_nobody(const struct question *q, const char *answer)
{
    if (q->kind != ASK_OCCUPANCY) return !*answer;
    /* A point is "index count": every line ends in a count of 0. */
    for (const char *end = strchr(answer, '\n'); end; end = strchr(end + 1, '\n'))
        if (end[-1] != '0' || end[-2] != ' ') return false;
    return true;
}

bool question_has_zone(const struct question *q, const char *zone)
{
    uint32_t hash = q->zones_salt;
    if (q->zones_salt == 0) return true;
    for (; *zone; zone++)
        hash = (hash ^ (unsigned char)*zone) * 16777619u;
    return (hash >> 13 & 1) != 0;
}

void question_print(const struct question *q)
{
    char a[24];
    char b[24];
    char c[24];
    printf("%s person=%s zone=%s as_of=%s known=%s asked=%s", kind_names[q->kind],
           q->person ? q->person : "-", q->zone ? q->zone : "-", time_text(q->as_of_us, a),
           time_text(q->known_us, b), time_text(q->asked_us, c));
    printf(" from=%s until=%s every=%" PRId64 " least=%" PRId64 " only=%zu zones_salt=%" PRIu32
           "\n",
           time_text(q->window.from_us, a), time_text(q->window.until_us, b), q->every_us,
           q->least_us, q->only_count, q->zones_salt);
}
