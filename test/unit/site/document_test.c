#include "unit/site/refusal.h"

#include <jansson.h>

static void what_is_no_json_is_refused_where_it_breaks(void **state)
{
    (void)state;
    assert_refused("{'id':'a',^}", "not JSON", "comma");
    assert_refused("{'id':'a' ^'timezone':'UTC'}", "not JSON", "comma");
    assert_refused("{'id':'a','zones':[{'id':'b'},\n\n  ^]}", "not JSON", "bracket");
    assert_refused("{'id':^a}", "not JSON", "quote");
    assert_refused("{'id':^True}", "not JSON", "quote");
    assert_refused("{^id:'a'}", "not JSON", "quote");
    assert_refused("{'id':'a'^]", "not JSON", "bracket");
    assert_refused("{'id':^'a\\q'}", "not JSON", "here");
    assert_refused("{'id':^'a\nb'}", "not JSON", "quote");
    assert_refused("^# a site\n{}", "not JSON", "here");
}

static void a_column_is_counted_in_bytes(void **state)
{
    (void)state;
    assert_refused("{'name':'\xc3\xa4\xe6\x97\xa5',\n'id':'\xc3\xa4' ^'timezone'}", "not JSON",
                   "comma");
    struct wb_fault why = {0};
    struct description site;
    const char *json = "{\"id\":\"\xc3\xa4\xc3\xa4\",\"x\":1}";
    assert_int_equal(description_read(json, strlen(json), &site, &why), WB_EREFUSED);
    assert_int_equal(why.line, 1);
    assert_int_equal(why.column, 14);
}

static void a_document_that_ends_too_early_is_refused(void **state)
{
    (void)state;
    assert_refused("{'id':^'a", "ends too early", "close");
    assert_refused("{'id':'a'^,", "ends too early", "close");
    assert_refused("^{", "ends too early", "close");
    assert_refused("^", "ends too early", "close");
    assert_refused("  \n ^ ", "ends too early", "close");
}

static void nothing_may_follow_the_document(void **state)
{
    (void)state;
    assert_refused("{'id':'a','timezone':'UTC'}\n^{}", "has ended before this", "take out");
    assert_refused("{'id':'a','timezone':'UTC'}^,", "has ended before this", "take out");
}

static void a_key_twice_is_refused_at_the_second(void **state)
{
    (void)state;
    assert_refused("{'id':'a',\n^'id':'b'}", "the key \"id\" stands twice", "leave one out");
    assert_refused(ZONES("{'id':'a','in':'b', ^'in':'c'}"), "the key \"in\" stands twice", "leave");
    assert_refused(SITE("'policy':{'debounce':'1s',^'debounce':'1s'}"), "\"debounce\" stands twice",
                   "leave one out");
    assert_refused("{'x':{'in':1,^'in':2}}", "the key \"in\" stands twice", "leave one out");
}

static void a_document_that_is_no_object_is_refused(void **state)
{
    (void)state;
    assert_refused("\n^[]", "the site must be an object", "braces");
    assert_refused("^'larch'", "not JSON", "bracket");
    assert_refused("^null", "not JSON", "bracket");
}

static void what_is_not_utf8_is_refused_at_the_byte(void **state)
{
    (void)state;
    assert_refused("{'id':'l^\xe4rche','timezone':'UTC'}", "not UTF-8", "save");
    assert_refused("{'id':'^\xc0\xaf'}", "not UTF-8", "save");
    assert_refused("{'id':'^\xed\xa0\x80'}", "not UTF-8", "save");
}

static void a_byte_order_mark_is_refused(void **state)
{
    (void)state;
    assert_refused("^\xef\xbb\xbf{'id':'a','timezone':'UTC'}", "byte order mark", "without");
}

static void no_text_holds_a_zero(void **state)
{
    (void)state;
    assert_refused("{'id':^'a\\u0000b'}", "\\u0000", "take it out");
    assert_refused("{^'a\\u0000b':1}", "\\u0000", "take it out");

    const char raw[] = "{\"id\":\"a\0b\",\"timezone\":\"UTC\"}";
    struct wb_fault why = {0};
    struct description site;
    assert_int_equal(description_read(raw, sizeof raw - 1, &site, &why), WB_EREFUSED);
    assert_int_equal(why.column, 7);
}

static void half_a_surrogate_pair_is_refused(void **state)
{
    (void)state;
    assert_refused("{'id':^'\\ud800'}", "not JSON", "here");
}

static void depth_without_end_is_refused(void **state)
{
    (void)state;
    const size_t deep = 100000;
    char *json = malloc(deep);
    assert_non_null(json);
    memset(json, '[', deep);
    struct wb_fault why = {0};
    struct description site;
    assert_int_equal(description_read(json, deep, &site, &why), WB_EREFUSED);
    assert_non_null(strstr(why.text, "nested too deeply"));
    assert_int_equal(why.line, 1);
    free(json);
}

static void a_document_has_at_most_16_mib(void **state)
{
    (void)state;
    const char site_text[] = "{\"id\":\"a\",\"timezone\":\"UTC\"}";
    char *json = malloc(DESCRIPTION_BYTES_MAX + 1);
    assert_non_null(json);
    memset(json, ' ', DESCRIPTION_BYTES_MAX + 1);
    memcpy(json, site_text, sizeof site_text - 1);
    struct wb_fault why = {0};
    struct description site;
    assert_int_equal(description_read(json, DESCRIPTION_BYTES_MAX, &site, &why), WB_OK);
    description_done(&site);
    assert_int_equal(description_read(json, DESCRIPTION_BYTES_MAX + 1, &site, &why), WB_EREFUSED);
    assert_non_null(strstr(why.text, "larger than 16 MiB"));
    free(json);
}

static long allocations_left;

static void *allocate_until_none_is_left(size_t bytes)
{
    return allocations_left-- > 0 ? malloc(bytes) : NULL;
}

static void *allocate_but_one(size_t bytes)
{
    return allocations_left-- == 0 ? NULL : malloc(bytes);
}

/* jansson 2.14 loses bytes of strings when its lexer cannot grow; that must not be believed. */
static void assert_no_allocation_may_fail(json_malloc_t allocate)
{
    static const char json[] =
        "{\"id\":\"a-site-with-an-id-longer-than-sixteen-bytes\",\"timezone\":\"UTC\","
        "\"zones\":[{\"id\":\"hall\"}],\"readers\":[{\"id\":\"r\",\"enter\":\"hall\"}]}";
    json_set_alloc_funcs(allocate, free);
    for (long n = 0;; n++) {
        allocations_left = n;
        struct description site = {0};
        struct wb_fault why = {0};
        wb_status status = description_read(json, sizeof json - 1, &site, &why);
        if (allocations_left >= 0) {
            assert_int_equal(status, WB_OK);
            assert_string_equal(site.id, "a-site-with-an-id-longer-than-sixteen-bytes");
            description_done(&site);
            assert_true(n > 20);
            break;
        }
        assert_int_equal(status, WB_ENOMEM);
        assert_int_equal(site.zone_count, 0);
    }
    json_set_alloc_funcs(malloc, free);
}

static void memory_that_ends_is_never_taken_for_an_answer(void **state)
{
    (void)state;
    assert_no_allocation_may_fail(allocate_but_one);
    assert_no_allocation_may_fail(allocate_until_none_is_left);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_json_is_refused_where_it_breaks),
        cmocka_unit_test(a_column_is_counted_in_bytes),
        cmocka_unit_test(a_document_that_ends_too_early_is_refused),
        cmocka_unit_test(nothing_may_follow_the_document),
        cmocka_unit_test(a_key_twice_is_refused_at_the_second),
        cmocka_unit_test(a_document_that_is_no_object_is_refused),
        cmocka_unit_test(what_is_not_utf8_is_refused_at_the_byte),
        cmocka_unit_test(a_byte_order_mark_is_refused),
        cmocka_unit_test(no_text_holds_a_zero),
        cmocka_unit_test(half_a_surrogate_pair_is_refused),
        cmocka_unit_test(depth_without_end_is_refused),
        cmocka_unit_test(a_document_has_at_most_16_mib),
        cmocka_unit_test(memory_that_ends_is_never_taken_for_an_answer),
    };
    return cmocka_run_group_tests_name("site/document", tests, NULL, NULL);
}
