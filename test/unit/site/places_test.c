#include "unit/site/refusal.h"

#include <stdio.h>

static void a_parent_may_come_later_in_the_list(void **state)
{
    (void)state;
    struct description site;
    assert_read(ZONES("{'id':'hall','in':'house'},{'id':'house'}"), &site);
    assert_int_equal(site.zones[0].in, 1);
    assert_int_equal(site.zones[1].in, DESCRIPTION_OUTSIDE);
    description_done(&site);
}

static void zones_and_readers_must_be_lists_of_objects(void **state)
{
    (void)state;
    assert_refused(SITE("'zones':^{}"), "\"zones\" must be a list", "brackets");
    assert_refused(SITE("'readers':^'r'"), "\"readers\" must be a list", "brackets");
    assert_refused(ZONES("{'id':'a'},\n ^'b'"), "a zone must be an object", "braces");
    assert_refused(READERS("^null"), "a reader must be an object", "braces");
}

static void an_id_twice_is_refused_at_the_second(void **state)
{
    (void)state;
    assert_refused(ZONES("{'id':'a'},\n{'id':'b'},\n{'name':'again','id':^'a'}"),
                   "the id \"a\" stands twice", "another");
    assert_refused(READERS("{'id':'r','enter':'hall'},\n{'id':^'r','leave':'hall'}"),
                   "the id \"r\" stands twice", "another");
}

static void an_id_twice_is_found_in_any_spelling(void **state)
{
    (void)state;
    assert_refused(ZONES("{'id':'a'},{'id':^'\\u0061'}"), "the id \"a\" stands twice", "another");
}

static void a_zone_and_a_reader_may_share_an_id(void **state)
{
    (void)state;
    struct description site;
    assert_read(READERS("{'id':'hall','enter':'hall'},{'id':'outside','leave':'hall'}"), &site);
    assert_int_equal(site.reader_count, 2);
    description_done(&site);
}

static void the_two_zones_of_every_site_cannot_be_described(void **state)
{
    (void)state;
    assert_refused(ZONES("{'id':^'outside'}"), "\"outside\" is a reserved word", "another id");
    assert_refused(ZONES("{'id':^'unknown'}"), "\"unknown\" is a reserved word", "another id");
    assert_refused(ZONES("{'id':'a','in':^'outside'}"), "\"in\" cannot be \"outside\"", "name a");
}

static void a_zone_needs_an_id_that_is_one(void **state)
{
    (void)state;
    assert_refused(ZONES("{'id':'a'},^{'name':'b'}"), "a zone needs the key \"id\"", "add it");
    assert_refused(ZONES("{'id':^''}"), "is no id", "1 to 128 bytes");
    assert_refused(READERS("^{'enter':'hall'}"), "a reader needs the key \"id\"", "add it");
    assert_refused(READERS("{'id':^[],'enter':'hall'}"), "\"id\" must be a text", "quotes");
}

static void an_id_has_at_most_128_bytes(void **state)
{
    (void)state;
    char document[512];
    struct description site;
    char id[WB_ID_BYTES_MAX + 2];
    memset(id, 'z', sizeof id);
    id[WB_ID_BYTES_MAX] = '\0';
    (void)snprintf(document, sizeof document, ZONES("{'id':'%s'}"), id);
    assert_read(document, &site);
    description_done(&site);

    id[WB_ID_BYTES_MAX] = 'z';
    id[WB_ID_BYTES_MAX + 1] = '\0';
    (void)snprintf(document, sizeof document, ZONES("{'id':^'%s'}"), id);
    assert_refused(document, "zzz\xe2\x80\xa6\" is no id", "1 to 128 bytes");
}

static void a_parent_must_be_there(void **state)
{
    (void)state;
    assert_refused(ZONES("{'id':'a'},\n{'id':'b', 'in' : ^'c'}"),
                   "\"in\" names the zone \"c\", which is not there", "correct the name");
    assert_refused(ZONES("{'id':'a','in':^null}"), "\"in\" must be a text", "quotes");
}

static void a_zone_inside_itself_is_refused_with_the_whole_circle(void **state)
{
    (void)state;
    assert_refused(ZONES("{'id':'a','in':^'a'}"), "cannot be inside itself: \"a\" in \"a\"",
                   "or none");
    assert_refused(ZONES("{'id':'a'},{'id':'b','in':^'c'},{'id':'c','in':'d'},{'id':'d','in':'b'}"),
                   "\"b\" in \"c\" in \"d\" in \"b\"", "another \"in\"");
}

static void a_zone_that_hangs_on_a_circle_is_not_blamed(void **state)
{
    (void)state;
    assert_refused(ZONES("{'id':'leaf','in':'x'},{'id':'y','in':^'x'},{'id':'x','in':'y'}"),
                   "\"y\" in \"x\" in \"y\"", "another \"in\"");
}

/* A chain of zones, each in the next, in memory of the caller's. */
static void write_chain(char *out, size_t out_bytes, size_t zones, bool closed, size_t marked)
{
    size_t used = (size_t)snprintf(out, out_bytes, "{'id':'s','timezone':'UTC','zones':[");
    for (size_t i = 0; i < zones; i++) {
        bool last = i + 1 == zones;
        used += (size_t)snprintf(out + used, out_bytes - used, "%s{'id':'a-long-zone-name-%zu'",
                                 i > 0 ? "," : "", i);
        if (!last || closed) {
            used += (size_t)snprintf(out + used, out_bytes - used, ",'in':%s'a-long-zone-name-%zu'",
                                     i == marked ? "^" : "", last ? 0 : i + 1);
        }
        used += (size_t)snprintf(out + used, out_bytes - used, "}");
        assert_true(used < out_bytes);
    }
    (void)snprintf(out + used, out_bytes - used, "]}");
}

static void a_long_circle_is_named_in_part(void **state)
{
    (void)state;
    static char document[1 << 16];
    write_chain(document, sizeof document, 500, true, 0);
    assert_refused(document, "\"a-long-zone-name-0\" in \"a-long-zone-name-1\"", "in more; give");
}

static void zones_are_at_most_64_deep(void **state)
{
    (void)state;
    static char document[1 << 16];
    struct description site;
    write_chain(document, sizeof document, 64, false, SIZE_MAX);
    assert_read(document, &site);
    description_done(&site);

    write_chain(document, sizeof document, 65, false, 0);
    assert_refused(document, "\"a-long-zone-name-0\" is more than 64 zones deep", "higher up");
}

static void a_capacity_is_a_positive_whole_number(void **state)
{
    (void)state;
    assert_refused(ZONES("{'id':'a','capacity':^0}"), "\"capacity\" must be a whole number", "120");
    assert_refused(ZONES("{'id':'a','capacity':^-3}"), "\"capacity\" must be a whole", "leave");
    assert_refused(ZONES("{'id':'a','capacity':^1.5}"), "\"capacity\" must be a whole", "leave");
    assert_refused(ZONES("{'id':'a','capacity':^'120'}"), "\"capacity\" must be a whole", "leave");
    assert_refused(ZONES("{'id':'a','capacity':^4294967296}"), "to 4294967295", "leave it out");
    assert_refused(ZONES("{'id':'a','capacity':^99999999999999999999}"), "too large", "correct");
}

static void what_musters_says_true_or_false(void **state)
{
    (void)state;
    assert_refused(ZONES("{'id':'a','muster':^'yes'}"), "\"muster\" must be true or false",
                   "without quotes");
    assert_refused(ZONES("{'id':'a','muster':^1}"), "\"muster\" must be true or false", "without");
}

static void a_reader_has_exactly_one_kind(void **state)
{
    (void)state;
    assert_refused(READERS("^{'id':'r'}"), "needs one of \"enter\", \"leave\", \"between\"", "add");
    assert_refused(READERS("{'leave':'hall','id':'r',^'enter':'yard'}"), "has one of \"enter\"",
                   "all but one");
    assert_refused(READERS("{'id':'r','between':['house','hall'],^'enter':'yard'}"), "has one of",
                   "all but one");
}

static void enter_and_leave_name_real_zones(void **state)
{
    (void)state;
    assert_refused(READERS("{'id':'r','enter':^'attic'}"), "names the zone \"attic\"", "add it to");
    assert_refused(READERS("{'id':'r','enter':^'outside'}"), "\"enter\" cannot be \"outside\"",
                   "name a zone");
    assert_refused(READERS("{'id':'r','leave':^'unknown'}"), "\"leave\" cannot be \"unknown\"",
                   "name a zone");
    assert_refused(READERS("{'id':'r','leave':^['hall']}"), "\"leave\" must be a text", "quotes");
    assert_refused("{'id':'s','timezone':'UTC','readers':[{'id':'r','enter':^'hall'}]}",
                   "names the zone \"hall\"", "add it to");
}

static void readers_may_stand_before_the_zones_that_they_name(void **state)
{
    (void)state;
    struct description site;
    assert_read("{'readers':[{'id':'r','between':['outside','b']}],'zones':[{'id':'a'},{'id':'b'}],"
                "'timezone':'UTC','id':'s'}",
                &site);
    assert_int_equal(site.readers[0].a, DESCRIPTION_OUTSIDE);
    assert_int_equal(site.readers[0].b, 1);
    description_done(&site);
}

static void between_lists_two_zones(void **state)
{
    (void)state;
    assert_refused(READERS("{'id':'r','between':^'hall'}"), "must list two zones", "such as");
    assert_refused(READERS("{'id':'r','between':^['hall']}"), "must list two zones", "such as");
    assert_refused(READERS("{'id':'r','between':^['house','hall','yard']}"), "must list two",
                   "such as");
    assert_refused(READERS("{'id':'r','between':['house',^7]}"), "names two zones in quotes",
                   "such as");
    assert_refused(READERS("{'id':'r','between':[ ^'attic', 'hall']}"), "the zone \"attic\"",
                   "correct the name");
    assert_refused(READERS("{'id':'r','between':['hall',\n ^'attic']}"), "the zone \"attic\"",
                   "correct the name");
    assert_refused(READERS("{'id':'r','between':[^'unknown','hall']}"), "cannot be \"unknown\"",
                   "name a zone");
}

static void only_the_first_of_between_may_be_outside(void **state)
{
    (void)state;
    assert_refused(READERS("{'id':'r','between':['hall',^'outside']}"), "cannot be \"outside\"",
                   "[\"outside\", zone]");
}

static void the_first_of_between_is_not_inside_the_second(void **state)
{
    (void)state;
    struct description site;
    assert_refused(READERS("{'id':'r','between':^['hall','hall']}"), "names zone \"hall\" twice",
                   "name two");
    assert_refused(READERS("{'id':'r','between':^['hall','house']}"),
                   "\"hall\" is inside \"house\"", "outer zone first");
    assert_read(READERS("{'id':'r','between':['yard','hall']}"), &site); /* beside is well */
    description_done(&site);
}

static void a_purpose_is_one_of_three(void **state)
{
    (void)state;
    assert_refused(READERS("{'id':'r','enter':'hall','purpose':^'roll call'}"), "not \"roll call\"",
                   "\"alarm\" or \"till\"");
    assert_refused(READERS("{'id':'r','enter':'hall','purpose':^''}"), "not \"\"", "leave it out");
    assert_refused(READERS("{'id':'r','enter':'hall','purpose':^true}"), "must be a text",
                   "quotes");
}

static void there_are_at_most_65000_zones(void **state)
{
    (void)state;
    const size_t room = 65001 * 20 + 100;
    char *document = malloc(room);
    assert_non_null(document);
    size_t used = (size_t)snprintf(document, room, "{'id':'s','timezone':'UTC','zones':[");
    for (unsigned i = 0; i < 65000; i++) {
        used +=
            (size_t)snprintf(document + used, room - used, "%s{'id':'%u'}", i > 0 ? "," : "", i);
    }
    (void)snprintf(document + used, room - used, "]}");
    struct description site;
    assert_read(document, &site);
    assert_int_equal(site.zone_count, 65000);
    description_done(&site);

    (void)snprintf(document + used, room - used, ",^{'id':'x'}]}");
    assert_refused(document, "\"zones\" has more than 65000 entries", "split");
    free(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parent_may_come_later_in_the_list),
        cmocka_unit_test(zones_and_readers_must_be_lists_of_objects),
        cmocka_unit_test(an_id_twice_is_refused_at_the_second),
        cmocka_unit_test(an_id_twice_is_found_in_any_spelling),
        cmocka_unit_test(a_zone_and_a_reader_may_share_an_id),
        cmocka_unit_test(the_two_zones_of_every_site_cannot_be_described),
        cmocka_unit_test(a_zone_needs_an_id_that_is_one),
        cmocka_unit_test(an_id_has_at_most_128_bytes),
        cmocka_unit_test(a_parent_must_be_there),
        cmocka_unit_test(a_zone_inside_itself_is_refused_with_the_whole_circle),
        cmocka_unit_test(a_zone_that_hangs_on_a_circle_is_not_blamed),
        cmocka_unit_test(a_long_circle_is_named_in_part),
        cmocka_unit_test(zones_are_at_most_64_deep),
        cmocka_unit_test(a_capacity_is_a_positive_whole_number),
        cmocka_unit_test(what_musters_says_true_or_false),
        cmocka_unit_test(a_reader_has_exactly_one_kind),
        cmocka_unit_test(enter_and_leave_name_real_zones),
        cmocka_unit_test(readers_may_stand_before_the_zones_that_they_name),
        cmocka_unit_test(between_lists_two_zones),
        cmocka_unit_test(only_the_first_of_between_may_be_outside),
        cmocka_unit_test(the_first_of_between_is_not_inside_the_second),
        cmocka_unit_test(a_purpose_is_one_of_three),
        cmocka_unit_test(there_are_at_most_65000_zones),
    };
    return cmocka_run_group_tests_name("site/places", tests, NULL, NULL);
}
