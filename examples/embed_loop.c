/* A host's loop: one turn a tick, as many scans in it as have come, one fsync for all of
 * them, and no device is answered before it.
 *
 *   cc embed_loop.c $(pkg-config --cflags --libs whereabouts) && ./a.out */
#include "start.h"

#define MORNING  AT(7, 0)
#define YEAR_2K  (INT64_C(946684800) * SECOND_US)
#define LOST_US  (YEAR_2K - HOUR_US) /* what a reader's clock says after its battery died */
#define ADA_BAND "04A2B1C3"
#define BEN_BAND "04A2B1C4"

static const char site[] =
    "{ \"id\": \"larch\", \"timezone\": \"Europe/London\","
    "  \"zones\": [{ \"id\": \"house\" }, { \"id\": \"yard\" }, { \"id\": \"shed\" }],"
    "  \"readers\": [{ \"id\": \"front-door\", \"enter\": \"house\" },"
    "                { \"id\": \"gate\", \"enter\": \"yard\" },"
    "                { \"id\": \"shed-door\", \"enter\": \"shed\" }] }";

/* What has come from a device until a tick. */
struct arrival {
    const char *reader;
    const char *band;
    int64_t at_us;
    int tick;
    wb_verdict expected;
};

static const struct arrival arrivals[] = {
    {"front-door", ADA_BAND, MORNING - SECOND_US, 0, WB_ACCEPTED   },
    {"front-door", BEN_BAND, MORNING - SECOND_US, 0, WB_HELD       }, /* nobody's yet */
    {"front-door", ADA_BAND, MORNING - SECOND_US, 1, WB_DUPLICATE  }, /* the answer was lost */
    {"front-door", BEN_BAND, MORNING - SECOND_US, 1, WB_DUPLICATE  },
    {"gate",       ADA_BAND, MORNING,             1, WB_ACCEPTED   },
    {"shed-door",  ADA_BAND, LOST_US,             2, WB_QUARANTINED},
};

static void expect_ada_in(struct wb *wb, const char *zone_id, int64_t now_us)
{
    const struct wb_moment moment = {now_us, WB_EVERYTHING, now_us};
    expect(is(where(wb, "ada", &moment), zone_id), "where ada is");
}

static void add(struct wb_summary *sum, const struct wb_summary *turn)
{
    sum->accepted += turn->accepted;
    sum->duplicates += turn->duplicates;
    sum->held += turn->held;
    sum->quarantined += turn->quarantined;
    sum->refused += turn->refused;
}

/* One turn. Only between wb_begin and wb_sync are facts taken; wb_sync may run on another
 * thread meanwhile questions are asked; after it the devices may be answered. */
static void turn(struct wb *wb, int tick, int64_t now_us, struct wb_summary *sum)
{
    static const char *const words[] = {"accepted", "duplicate", "held", "quarantined", "refused"};
    struct wb_summary summary = {0};
    must(wb_begin(wb, now_us), "begin", NULL);
    for (size_t i = 0; i < sizeof arrivals / sizeof *arrivals; i++) {
        const struct arrival *come = &arrivals[i];
        if (come->tick != tick) continue;

        wb_verdict verdict = scan(wb, come->reader, come->band, come->at_us);
        printf("tick %d  %-10s %s  %s\n", tick, come->reader, come->band, words[verdict]);
        expect(verdict == come->expected, "what becomes of the scan");
    }
    if (tick == 1) expect_ada_in(wb, "house", now_us); /* the gate's scan is not believed yet */
    must(wb_sync(wb), "sync", NULL);                   /* on disk: answer the devices */
    must(wb_end(wb, &summary), "end", NULL);           /* believed: tell the pages */
    if (tick == 1) expect_ada_in(wb, "yard", now_us);
    add(sum, &summary);
}

static void mend(struct wb *wb)
{
    struct wb_fault why = {0};
    struct wb_kept_scans kept = {0};
    uint64_t released = 0;
    const int64_t happened_us = MORNING + 2 * SECOND_US;
    must(wb_held(wb, &kept), "held", NULL);
    expect(kept.count == 1, "one scan is held");

    /* Ben's band is his now, and always was: the held scan folds in. The shed's clock was
     * off by a known span: its scan folds in where it happened. */
    must(wb_begin(wb, MORNING + MINUTE_US), "begin", NULL);
    give(wb, BEN_BAND, "ben");
    must(wb_release(wb, reader(wb, "shed-door"), WB_NO_TIME, YEAR_2K, happened_us - LOST_US,
                    "its battery was changed", &released, &why),
         "release", &why);
    must(wb_turn(wb, NULL), "turn", NULL);
    expect(released == 1, "one scan is released");

    must(wb_held(wb, &kept), "held", NULL);
    expect(kept.count == 0, "none is held any more");
    wb_list_done(&kept);
}

int main(void)
{
    struct wb *wb = start("embed_loop.db", site, MORNING - HOUR_US);
    must(wb_begin(wb, MORNING - MINUTE_US), "begin", NULL);
    enrol(wb, "ada", "Ada Larch");
    enrol(wb, "ben", "Ben Oak");
    give(wb, ADA_BAND, "ada");
    must(wb_turn(wb, NULL), "turn", NULL);

    struct wb_summary sum = {0};
    for (int tick = 0; tick < 3; tick++)
        turn(wb, tick, MORNING + tick * SECOND_US, &sum);
    expect(sum.accepted == 2 && sum.duplicates == 2, "accepted and duplicates");
    expect(sum.held == 1 && sum.quarantined == 1 && sum.refused == 0, "the rest");

    mend(wb);
    const struct wb_moment later = {MORNING + HOUR_US, WB_EVERYTHING, MORNING + HOUR_US};
    printf("ada is in the %s", where(wb, "ada", &later));
    printf(", ben is in the %s\n", where(wb, "ben", &later));
    expect_ada_in(wb, "shed", MORNING + HOUR_US);
    expect(is(where(wb, "ben", &later), "house"), "where ben is");
    must(wb_close(wb), "close", NULL);
    return 0;
}
