#include "unit/site/refusal.h"

#include <stdio.h>

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

static void the_contracts_own_example_is_read(void **state)
{
    (void)state;
    struct description site;
    assert_read("{'id': 'larch', 'name': 'Larch House', 'timezone': 'Europe/London',\n"
                " 'policy': {'forget_after': '18h', 'debounce': '2s', 'max_clock_ahead': '2m',\n"
                "            'unknown_bands': 'hold', 'heartbeat': '60s'},\n"
                " 'zones': [{'id': 'house'},\n"
                "  {'id': 'hall', 'in': 'house', 'name': 'Great Hall', 'capacity': 120,\n"
                "   'forget_after': '6h'},\n"
                "  {'id': 'grounds'},\n"
                "  {'id': 'oak', 'in': 'grounds', 'name': 'Assembly point', 'muster': true}],\n"
                " 'readers': [{'id': 'hall-door', 'between': ['house', 'hall'], 'name': 'Door'},\n"
                "  {'id': 'gate-in', 'enter': 'grounds'}, {'id': 'gate-out', 'leave': 'grounds'},\n"
                "  {'id': 'oak-post', 'enter': 'oak', 'purpose': 'muster'}]}\n",
                &site);
    assert_string_equal(site.id, "larch");
    assert_string_equal(site.name, "Larch House");
    assert_string_equal(site.timezone, "Europe/London");
    assert_int_equal(site.policy.forget_us, 18 * HOUR);
    assert_int_equal(site.policy.debounce_us, 2 * SECOND);
    assert_int_equal(site.policy.ahead_us, 2 * MINUTE);
    assert_int_equal(site.policy.heartbeat_us, MINUTE);
    assert_false(site.policy.adopt);

    assert_int_equal(site.zone_count, 4);
    assert_string_equal(site.zones[1].name, "Great Hall");
    assert_int_equal(site.zones[1].in, 0);
    assert_int_equal(site.zones[1].capacity, 120);
    assert_int_equal(site.zones[0].in, DESCRIPTION_OUTSIDE);
    assert_true(site.zones[3].muster);
    assert_false(site.zones[0].muster);
    assert_int_equal(description_forget_us(&site, 0), 18 * HOUR);
    assert_int_equal(description_forget_us(&site, 1), 6 * HOUR);

    assert_int_equal(site.reader_count, 4);
    assert_int_equal(site.readers[0].kind, 'b');
    assert_int_equal(site.readers[0].a, 0);
    assert_int_equal(site.readers[0].b, 1);
    assert_int_equal(site.readers[1].kind, 'e');
    assert_int_equal(site.readers[1].a, 2);
    assert_int_equal(site.readers[1].b, DESCRIPTION_NO_ZONE);
    assert_int_equal(site.readers[2].kind, 'l');
    assert_string_equal(site.readers[3].purpose, "muster");
    assert_string_equal(site.readers[2].purpose, "");
    description_done(&site);
    description_done(&site); /* a second time is harmless */
    assert_null(site.zones);
}

static void what_is_not_given_has_the_contracts_defaults(void **state)
{
    (void)state;
    struct description site;
    assert_read("{'id':'larch','timezone':'UTC'}", &site);
    assert_string_equal(site.name, "");
    assert_int_equal(site.policy.forget_us, 0);
    assert_int_equal(site.policy.debounce_us, 2 * SECOND);
    assert_int_equal(site.policy.ahead_us, 2 * MINUTE);
    assert_int_equal(site.policy.heartbeat_us, 0);
    assert_false(site.policy.adopt);
    assert_int_equal(site.zone_count, 0);
    assert_int_equal(site.reader_count, 0);
    description_done(&site);
}

static void never_and_nothing_given_are_told_apart(void **state)
{
    (void)state;
    struct description site;
    assert_read(SITE("'policy':{'forget_after':'1h'},'zones':[{'id':'a'},"
                     "{'id':'b','forget_after':'never'},{'id':'c','forget_after':'2h'}]"),
                &site);
    assert_int_equal(site.zones[0].forget, FORGET_AS_POLICY);
    assert_int_equal(site.zones[1].forget, FORGET_NEVER);
    assert_int_equal(site.zones[2].forget, FORGET_AFTER);
    assert_int_equal(description_forget_us(&site, 0), HOUR);
    assert_int_equal(description_forget_us(&site, 1), 0);
    assert_int_equal(description_forget_us(&site, 2), 2 * HOUR);
    description_done(&site);

    assert_read(SITE("'policy':{'forget_after':'never','debounce':'0s','unknown_bands':'adopt'}"),
                &site);
    assert_int_equal(site.policy.forget_us, 0);
    assert_int_equal(site.policy.debounce_us, 0);
    assert_true(site.policy.adopt);
    description_done(&site);
}

static void escapes_and_other_scripts_are_texts_too(void **state)
{
    (void)state;
    struct description site;
    assert_read("{'id':'l\\u00e4rche','timezone':'UTC','name':'\\u65e5\\u672c \xf0\x9f\x8c\xb2 "
                "\\ud83c\\udf32'}",
                &site);
    assert_string_equal(site.id, "l\xc3\xa4rche");
    assert_string_equal(site.name, "\xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x8c\xb2 \xf0\x9f\x8c\xb2");
    description_done(&site);
}

static void a_fault_may_go_unasked(void **state)
{
    (void)state;
    struct description site = {0};
    assert_int_equal(description_read("{}", 2, &site, NULL), WB_EREFUSED);
}

static void an_unknown_key_is_named_with_the_known_ones(void **state)
{
    (void)state;
    assert_refused("{'id':'larch','timezone':'UTC',\n  ^'zone':[]}", "the site has no key \"zone\"",
                   "id, name, timezone, policy, zones, readers");
    assert_refused(SITE("'policy':{'debounce':'1s', ^'forget':'1h'}"),
                   "the policy has no key \"forget\"",
                   "forget_after, debounce, max_clock_ahead, unknown_bands, heartbeat");
    assert_refused(ZONES("{'id':'a',^'colour':{'x':[1,2]}}"), "a zone has no key \"colour\"",
                   "id, in, name, capacity, forget_after, muster");
    assert_refused(READERS("{'id':'r','enter':'hall',^'exit':'hall'}"),
                   "a reader has no key \"exit\"", "id, name, enter, leave, between, purpose");
}

static void a_key_that_could_upset_a_terminal_is_made_harmless(void **state)
{
    (void)state;
    assert_refused("{^'a\\u001b[2J\\n\\u009bb':1}", "no key \"a?[2J??b\"", "leave it out");
}

static void a_long_key_is_cut_between_characters(void **state)
{
    (void)state;
    assert_refused("{^'\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                   "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                   "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                   "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4':1}",
                   "\xc3\xa4\xe2\x80\xa6\"", "leave it out");
    assert_refused("{^'x\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                   "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                   "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                   "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4':1}",
                   "\xc3\xa4\xe2\x80\xa6\"", "leave it out");
}

static void a_site_needs_an_id_and_a_time_zone(void **state)
{
    (void)state;
    assert_refused("\n ^{'timezone':'UTC'}", "the site needs the key \"id\"", "add it");
    assert_refused("^{'id':'larch'}", "the site needs the key \"timezone\"", "add it");
    assert_refused("{'id':^'','timezone':'UTC'}", "is no id", "1 to 128 bytes");
    assert_refused("{'id':^'a\\u0007b','timezone':'UTC'}", "\"a?b\" is no id", "control");
    assert_refused("{'id':^17,'timezone':'UTC'}", "\"id\" must be a text", "in quotes");
    assert_refused("{'id':'a','timezone':'UTC','name':^null}", "\"name\" must be a text", "quotes");
}

static void a_name_that_is_no_time_zone_is_refused(void **state)
{
    (void)state;
    assert_refused("{'id':'a','timezone':^''}", "no name of a time zone", "Europe/London");
    assert_refused("{'id':'a','timezone':^'../../etc/passwd'}", "no name of a time zone", "UTC");
    assert_refused("{'id':'a','timezone':^'/etc/localtime'}", "no name of a time zone", "UTC");
    assert_refused("{'id':'a','timezone':^'Europe/'}", "no name of a time zone", "UTC");
    assert_refused("{'id':'a','timezone':^'Europe//London'}", "no name of a time zone", "UTC");
    assert_refused("{'id':'a','timezone':^'Mars Base'}", "\"Mars Base\"", "UTC");
    assert_refused("{'id':'a','timezone':^['UTC']}", "\"timezone\" must be a text", "London");
}

static void a_policy_that_is_none_is_refused(void **state)
{
    (void)state;
    assert_refused(SITE("'policy':^[]"), "the policy must be an object", "braces");
    assert_refused(SITE("'policy':{'unknown_bands':^'keep'}"), "not \"keep\"", "\"hold\"");
    assert_refused(SITE("'policy':{'unknown_bands':^true}"), "must be a text", "\"hold\"");
    assert_refused(SITE("'policy':{'forget_after':^'soon'}"), "\"soon\" is no duration", "18h");
    assert_refused(SITE("'policy':{'forget_after':^0}"), "\"forget_after\" must be a text", "90s");
    assert_refused(SITE("'policy':{'heartbeat':^'never'}"), "\"never\" is no duration", "90s");
    assert_refused(SITE("'policy':{'debounce':^'-2s'}"), "\"-2s\" is no duration", "90s");
    assert_refused(SITE("'policy':{'debounce':^'99999999999999999999d'}"), "no duration", "90s");
    assert_refused(SITE("'policy':{'debounce':^'2 s'}"), "\"debounce\": \"2 s\"", "90s");
}

static void no_duration_but_debounce_may_be_nothing(void **state)
{
    (void)state;
    assert_refused(SITE("'policy':{'forget_after':^'0s'}"), "longer than nothing", "leave it out");
    assert_refused(SITE("'policy':{'max_clock_ahead':^'0m'}"), "longer than nothing", "90s");
    assert_refused(SITE("'policy':{'heartbeat':^'0h'}"), "longer than nothing", "90s");
    assert_refused(ZONES("{'id':'a','forget_after':^'0d'}"), "longer than nothing", "90s");
}

static char *file_text(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;

    char *text = malloc(1 << 16);
    assert_non_null(text);
    *bytes = fread(text, 1, 1 << 16, file);
    assert_int_equal(fclose(file), 0);
    return text;
}

static void assert_real_site(const char *path, size_t zones, size_t readers)
{
    size_t bytes = 0;
    char *text = file_text(path, &bytes);
    if (text == NULL) {
        print_message("skipped: %s is not there\n", path);
        skip();
    }
    struct description site;
    struct wb_fault why = {0};
    assert_int_equal(description_read(text, bytes, &site, &why), WB_OK);
    free(text);
    assert_int_equal(site.zone_count, zones);
    assert_int_equal(site.reader_count, readers);
    description_done(&site);
}

static void the_bike_shares_real_site_is_read(void **state)
{
    (void)state;
    assert_real_site(WB_SHARED_DIR "/data/bikeshare-2014/site.json", 75, 140);
}

static void the_marathons_real_site_is_read(void **state)
{
    (void)state;
    assert_real_site(WB_SHARED_DIR "/data/chicago-2023/site.json", 11, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_contracts_own_example_is_read),
        cmocka_unit_test(what_is_not_given_has_the_contracts_defaults),
        cmocka_unit_test(never_and_nothing_given_are_told_apart),
        cmocka_unit_test(escapes_and_other_scripts_are_texts_too),
        cmocka_unit_test(a_fault_may_go_unasked),
        cmocka_unit_test(an_unknown_key_is_named_with_the_known_ones),
        cmocka_unit_test(a_key_that_could_upset_a_terminal_is_made_harmless),
        cmocka_unit_test(a_long_key_is_cut_between_characters),
        cmocka_unit_test(a_site_needs_an_id_and_a_time_zone),
        cmocka_unit_test(a_name_that_is_no_time_zone_is_refused),
        cmocka_unit_test(a_policy_that_is_none_is_refused),
        cmocka_unit_test(no_duration_but_debounce_may_be_nothing),
        cmocka_unit_test(the_bike_shares_real_site_is_read),
        cmocka_unit_test(the_marathons_real_site_is_read),
    };
    return cmocka_run_group_tests_name("site/description", tests, NULL, NULL);
}
