/* What was believed at 14:03, what was true at 14:03, and who could have told.
 *
 * The reader at the yard door is offline from 13:50 to 14:20. Ada goes through it at 13:55.
 *
 *   cc belief.c $(pkg-config --cflags --libs whereabouts) && ./a.out */
#include "start.h"

#define ALARM  AT(14, 3)
#define RETURN AT(14, 20) /* the yard door is online again */
#define LATER  AT(14, 30)

static const char site[] = "{ \"id\": \"larch\", \"timezone\": \"Europe/London\","
                           "  \"zones\": [{ \"id\": \"house\" }, { \"id\": \"yard\" }],"
                           "  \"readers\": [{ \"id\": \"front-door\", \"enter\": \"house\" },"
                           "                { \"id\": \"yard-door\", \"enter\": \"yard\" }] }";

static void until_the_alarm(struct wb *wb)
{
    must(wb_begin(wb, AT(13, 30)), "begin", NULL);
    enrol(wb, "ada", "Ada Larch");
    give(wb, "04A2B1C3", "ada");
    scan(wb, "front-door", "04A2B1C3", AT(13, 30));
    must(wb_turn(wb, NULL), "turn", NULL);

    /* A reader that is online says so: all its scans up to now are in. */
    must(wb_begin(wb, ALARM), "begin", NULL);
    must(wb_complete(wb, reader(wb, "front-door"), ALARM), "complete", NULL);
    must(wb_turn(wb, NULL), "turn", NULL);
}

static void the_door_comes_back(struct wb *wb)
{
    must(wb_begin(wb, RETURN), "begin", NULL);
    scan(wb, "yard-door", "04A2B1C3", AT(13, 55));
    must(wb_complete(wb, reader(wb, "yard-door"), RETURN), "complete", NULL);
    must(wb_turn(wb, NULL), "turn", NULL);
}

/* Where Ada is at the alarm, by what was known at a moment, and how sure that is. */
static void tell(struct wb *wb, const char *when, int64_t known_us, const char *zone_id,
                 size_t open_readers)
{
    int64_t asked_us = known_us == WB_EVERYTHING ? LATER : known_us;
    const struct wb_moment moment = {ALARM, known_us, asked_us};
    struct wb_readers could_change = {0};
    const char *found = where(wb, "ada", &moment);
    must(wb_could_change(wb, ALARM, known_us, &could_change), "evidence", NULL);
    printf("%s: at 14:03 ada was in the %s", when, found);
    for (size_t i = 0; i < could_change.count; i++)
        printf("; %s could still change that", wb_reader_id(wb, could_change.at[i]));
    printf("%s\n", could_change.count == 0 ? "; nothing can change that" : "");

    expect(is(found, zone_id), "where she was");
    expect(could_change.count == open_readers, "who could change that");
    wb_list_done(&could_change);
}

static void compare_paths(struct wb *wb)
{
    const struct wb_window then = {AT(13, 0), AT(15, 0), ALARM, ALARM};
    const struct wb_window now = {AT(13, 0), AT(15, 0), WB_EVERYTHING, LATER};
    struct wb_stays stays = {0};
    must(wb_path(wb, person(wb, "ada"), &then, &stays), "path", NULL);
    expect(stays.count == 1 && stays.at[0].until_us == WB_STILL_THERE, "one stay that lasted");
    must(wb_path(wb, person(wb, "ada"), &now, &stays), "path", NULL);
    expect(stays.count == 2 && stays.at[0].until_us == AT(13, 55), "she had left at 13:55");
    expect(stays.at[1].from_us == AT(13, 55), "for the yard");
    printf("her path had one stay then; it has %zu now\n", stays.count);
    wb_list_done(&stays);
}

int main(void)
{
    struct wb *wb = start("belief.db", site, AT(13, 0));
    until_the_alarm(wb);
    tell(wb, "asked at 14:03         ", WB_EVERYTHING, "house", 1);
    the_door_comes_back(wb);
    tell(wb, "asked at 14:30         ", WB_EVERYTHING, "yard", 0);
    tell(wb, "by what was known then ", ALARM, "house", 1);
    compare_paths(wb);
    must(wb_close(wb), "close", NULL);
    return 0;
}
