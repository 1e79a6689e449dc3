/* Ask everything that can be asked of a morning with two people in a house.
 *
 *   cc who_is_where.c $(pkg-config --cflags --libs whereabouts) && ./a.out */
#include "start.h"

static const char site[] =
    "{ \"id\": \"larch\", \"timezone\": \"Europe/London\","
    "  \"zones\": [{ \"id\": \"house\" }, { \"id\": \"hall\", \"in\": \"house\" }],"
    "  \"readers\": [{ \"id\": \"front-door\", \"between\": [\"outside\", \"house\"] },"
    "                { \"id\": \"hall-door\", \"between\": [\"house\", \"hall\"] }] }";

/* Scans may come in any order and as late as they like: all that counts is when they were. */
static void take_the_morning(struct wb *wb)
{
    must(wb_begin(wb, AT(9, 0)), "begin", NULL);
    enrol(wb, "ada", "Ada Larch");
    enrol(wb, "ben", "Ben Oak");
    enrol(wb, "cem", "Cem Ash"); /* is never seen */
    give(wb, "04:A2:B1:C3", "ada");

    scan(wb, "hall-door", "04a2b1c3", AT(7, 10));
    scan(wb, "front-door", "04a2b1c3", AT(7, 0));
    scan(wb, "front-door", "person:ben", AT(7, 5)); /* he forgot his band and gave his name */
    scan(wb, "hall-door", "person:ben", AT(7, 12));
    scan(wb, "hall-door", "person:ben", AT(8, 0));
    scan(wb, "front-door", "person:ben", AT(8, 30));
    must(wb_turn(wb, NULL), "turn", NULL);
}

static void count_heads(struct wb *wb, const char *time, int64_t at_us)
{
    const struct wb_moment moment = {at_us, WB_EVERYTHING, AT(9, 0)};
    struct wb_head_counts heads = {0};
    must(wb_head_count(wb, &moment, NULL, &heads), "head count", NULL);
    for (size_t i = 0; i < heads.count; i++) {
        printf("%s  %-6s %u inside, %u of them in no zone below\n", time,
               wb_zone_id(wb, heads.at[i].zone), heads.at[i].count, heads.at[i].direct);
    }
    printf("%s  %u outside, %u unknown\n", time, heads.outside, heads.unknown);
    if (at_us == AT(9, 0)) expect(heads.outside == 1 && heads.unknown == 1, "ben left, cem unseen");
    wb_list_done(&heads);

    struct wb_people inside = {0};
    must(wb_inside(wb, zone(wb, "house"), &moment, &inside), "inside", NULL);
    expect(inside.count == (at_us == AT(9, 0) ? 1 : 2), "who is in the house");
    wb_list_done(&inside);
}

static void follow_ben(struct wb *wb)
{
    static const char *const zones[] = {"house", "hall", "house"};
    const struct wb_window always = {WB_NO_TIME, WB_STILL_THERE, WB_EVERYTHING, AT(9, 0)};
    struct wb_stays stays = {0};
    must(wb_path(wb, person(wb, "ben"), &always, &stays), "path", NULL);
    expect(stays.count == 3, "three stays, and none outside");
    for (size_t i = 0; i < stays.count; i++) {
        const struct wb_stay *stay = &stays.at[i];
        printf("ben was in the %-5s for %2d minutes\n", wb_zone_id(wb, stay->zone),
               (int)((stay->until_us - stay->from_us) / MINUTE_US));
        expect(is(wb_zone_id(wb, stay->zone), zones[i]), "his stays in order");
    }
    expect(stays.at[2].until_us == AT(8, 30), "he left at half past eight");
    wb_list_done(&stays);
}

static void find_company(struct wb *wb)
{
    const struct wb_window always = {WB_NO_TIME, WB_STILL_THERE, WB_EVERYTHING, AT(9, 0)};
    struct wb_company_list company = {0};
    must(wb_with(wb, person(wb, "ada"), &always, 5 * MINUTE_US, NULL, &company), "with", NULL);
    expect(company.count == 1, "one person was with her");
    printf("ada was with %s for %d minutes in %u zones\n", wb_person_id(wb, company.at[0].person),
           (int)(company.at[0].together_us / MINUTE_US), company.at[0].zone_count);
    expect(company.at[0].together_us == 53 * MINUTE_US, "5 minutes in the house, 48 in the hall");
    expect(company.at[0].first_us == AT(7, 5) && company.at[0].last_us == AT(8, 0), "from, until");
    wb_list_done(&company.zones);
    wb_list_done(&company);
}

static void draw_occupancy(struct wb *wb)
{
    static const uint32_t expected[] = {1, 2, 2, 1};
    const struct wb_window morning = {AT(7, 0), AT(9, 0), WB_EVERYTHING, AT(9, 0)};
    struct wb_counts counts = {0};
    must(wb_occupancy(wb, zone(wb, "house"), &morning, 30 * MINUTE_US, NULL, &counts), "curve",
         NULL);
    expect(counts.count == 4, "07:00, 07:30, 08:00, 08:30");
    printf("in the house, every half hour:");
    for (size_t i = 0; i < counts.count; i++) {
        printf(" %u", counts.at[i]);
        expect(counts.at[i] == expected[i], "the curve");
    }
    printf("\n");
    wb_list_done(&counts);
}

int main(void)
{
    struct wb *wb = start("who_is_where.db", site, AT(6, 0));
    take_the_morning(wb);
    count_heads(wb, "07:30", AT(7, 30));
    count_heads(wb, "09:00", AT(9, 0));
    follow_ben(wb);
    find_company(wb);
    draw_occupancy(wb);
    must(wb_close(wb), "close", NULL);
    return 0;
}
