/* Tables stand straight whatever stands in them; CSV quotes what it must. */
#include "tool/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/screen.h"

static const struct table_column columns[] = {
    {"name",  "NAME",  false},
    {"count", "COUNT", true },
    {"zone",  "ZONE",  false},
};

/* What a printer prints; the caller frees it. */
static char *printed(const struct table *table, void (*print)(const struct table *, FILE *))
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *stream = open_memstream(&text, &bytes);
    assert_non_null(stream);
    print(table, stream);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void fill(struct table *table)
{
    table_init(table, columns, 3);
    table_cell(table, "Amélie");
    table_number(table, 7);
    table_cell(table, "hall");
    table_cell(table, "寮生");
    table_number(table, 1200);
    table_cell(table, "a,b \"c\"");
}

static void columns_are_aligned_by_what_is_seen(void **state)
{
    struct table table;
    (void)state;

    fill(&table);
    char *text = printed(&table, table_print);
    assert_string_equal(text, "NAME    COUNT  ZONE\n"
                              "Amélie      7  hall\n"
                              "寮生     1200  a,b \"c\"\n");
    free(text);
    table_done(&table);
}

static void csv_quotes_only_what_needs_it(void **state)
{
    struct table table;
    (void)state;

    fill(&table);
    char *text = printed(&table, table_print_csv);
    assert_string_equal(text, "name,count,zone\nAmélie,7,hall\n寮生,1200,\"a,b \"\"c\"\"\"\n");
    free(text);
    table_done(&table);
}

static void an_empty_table_is_silent_and_an_empty_csv_has_its_head(void **state)
{
    struct table table;
    (void)state;

    table_init(&table, columns, 3);
    char *text = printed(&table, table_print);
    assert_string_equal(text, "");
    free(text);
    text = printed(&table, table_print_csv);
    assert_string_equal(text, "name,count,zone\n");
    free(text);
    table_done(&table);
}

static void a_name_cannot_drive_the_terminal(void **state)
{
    struct table table;
    (void)state;

    table_init(&table, columns, 3);
    table_cell(&table, "a\033[2Jb\xc2\x9b"
                       "c\xff");
    table_cell(&table, "\x7f");
    table_cell(&table, "x");
    char *text = printed(&table, table_print);
    assert_null(strchr(text, '\033'));
    assert_null(strchr(text, '\x7f'));
    assert_null(strstr(text, "\xc2\x9b"));
    assert_non_null(strstr(text, "a?[2Jb?c"));
    free(text);
    table_done(&table);
}

static void wide_and_joining_characters_have_their_width(void **state)
{
    (void)state;
    assert_int_equal(screen_width("abc"), 3);
    assert_int_equal(screen_width("é"), 1);
    assert_int_equal(screen_width("e\xcc\x81"), 1);
    assert_int_equal(screen_width("寮"), 2);
    assert_int_equal(screen_width("\xff\xfe"), 2);
    assert_int_equal(screen_width("\xe5\xaf"), 2); /* cut off */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_aligned_by_what_is_seen),
        cmocka_unit_test(csv_quotes_only_what_needs_it),
        cmocka_unit_test(an_empty_table_is_silent_and_an_empty_csv_has_its_head),
        cmocka_unit_test(a_name_cannot_drive_the_terminal),
        cmocka_unit_test(wide_and_joining_characters_have_their_width),
    };
    screen_begin();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
