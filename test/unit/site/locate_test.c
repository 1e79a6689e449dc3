#include "unit/site/refusal.h"

static void assert_located(const char *text, const char *path)
{
    struct written document = written(text);
    struct wb_fault why = {0};
    assert_true(description_locate(document.json, document.bytes, path, &why));
    free(document.json);
    assert_int_equal(why.line, document.line);
    assert_int_equal(why.column, document.column);
}

static void a_value_is_found_by_its_path(void **state)
{
    (void)state;
    assert_located("{'id':'a', 'timezone'\n :  ^'UTC'}", "timezone");
    assert_located("{'zones':[{'id':'in'},{'name':'],[}{\\'',\n'id':'b','in':^'c'}]}",
                   "zones[1].in");
    assert_located("{'zones':[{'id':'a'},\n\t^{'id':'b'}]}", "zones[1]");
    assert_located("{'zones':[],'readers':[{'between':['a',^'b']}]}", "readers[0].between[1]");
    assert_located("{'policy':{'debounce':^'1s'}}", "policy.debounce");
    assert_located(" ^{}", "");
}

static void a_key_is_found_in_any_spelling(void **state)
{
    (void)state;
    assert_located("{'id':'a','time\\u007aone':^'UTC'}", "timezone");
}

static void what_is_not_there_is_not_found(void **state)
{
    (void)state;
    const char *json = "{\"zones\":[{\"id\":\"a\"}]}";
    struct wb_fault why = {.line = 7, .column = 9};
    static const char *const paths[] = {"timezone", "zones[1]", "zones[0].in", "zones[x]",
                                        "[0]",      "zones[0",  "zones[]",     "id.id",
                                        ".",        "zones.",   "zones..id"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        assert_false(description_locate(json, strlen(json), paths[i], &why));
    assert_false(description_locate("{", 1, "id", &why));
    assert_int_equal(why.line, 7);
    assert_int_equal(why.column, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_found_by_its_path),
        cmocka_unit_test(a_key_is_found_in_any_spelling),
        cmocka_unit_test(what_is_not_there_is_not_found),
    };
    return cmocka_run_group_tests_name("site/locate", tests, NULL, NULL);
}
