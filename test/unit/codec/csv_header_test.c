#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codec/csv.h"

#define COLUMNS 4

static void columns_set(struct csv_column columns[COLUMNS])
{
    const struct csv_column wanted[COLUMNS] = {
        {.name = "time",    .required = true},
        {.name = "band",                 .required = true},
        {.name = "reader",.required = true},
        {.name = "direction" },
    };
    memcpy(columns, wanted, sizeof wanted);
}

static struct csv_row row_of(const char *const *field, size_t count)
{
    struct csv_row row = {.count = count};
    for (size_t i = 0; i < count; i++) {
        row.field[i] = field[i];
        row.bytes[i] = strlen(field[i]);
    }
    return row;
}

static void columns_are_found_in_any_order(void **state)
{
    (void)state;
    static const char *const field[] = {"reader", "x", " time\t", "band"};
    struct csv_row header = row_of(field, 4);
    struct csv_column columns[COLUMNS];
    const struct csv_column *which = NULL;
    columns_set(columns);
    assert_int_equal(csv_header(&header, columns, COLUMNS, &which), CSV_HEADER_OK);
    assert_int_equal(columns[0].index, 2);
    assert_int_equal(columns[1].index, 3);
    assert_int_equal(columns[2].index, 0);
    assert_int_equal(columns[3].index, -1);
    assert_null(which);

    size_t bytes = 4711;
    struct csv_row row = header;
    row.count = 3;
    assert_ptr_equal(csv_value(&row, &columns[2], &bytes), row.field[0]);
    assert_int_equal(bytes, 6);
    (void)csv_value(&row, &columns[3], &bytes);
    assert_int_equal(bytes, 0);
    (void)csv_value(&row, &columns[1], &bytes);
    assert_int_equal(bytes, 0);
}

static void a_column_missing_or_there_twice_is_named(void **state)
{
    (void)state;
    static const char *const missing[] = {"time", "reader"};
    static const char *const twice[] = {"time", "reader", "band", "time"};
    static const char *const unwanted_twice[] = {"time", "reader", "band", "x", "x"};
    static const char *const letters[] = {"Time", "reader", "band"};
    struct csv_column columns[COLUMNS];
    const struct csv_column *which = NULL;
    columns_set(columns);
    struct csv_row header = row_of(missing, 2);
    assert_int_equal(csv_header(&header, columns, COLUMNS, &which), CSV_HEADER_MISSING);
    assert_string_equal(which->name, "band");
    header = row_of(twice, 4);
    assert_int_equal(csv_header(&header, columns, COLUMNS, &which), CSV_HEADER_TWICE);
    assert_string_equal(which->name, "time");
    header = row_of(unwanted_twice, 5);
    assert_int_equal(csv_header(&header, columns, COLUMNS, &which), CSV_HEADER_OK);
    header = row_of(letters, 3);
    assert_int_equal(csv_header(&header, columns, COLUMNS, &which), CSV_HEADER_MISSING);
    assert_string_equal(which->name, "time");
}

static void columns_can_be_renamed(void **state)
{
    (void)state;
    static const char *const field[] = {"band", "starttime", "bikeid", "dock", "way=out"};
    struct csv_row header = row_of(field, 5);
    struct csv_column columns[COLUMNS];
    const struct csv_column *which = NULL;
    const char *bad = NULL;
    size_t bad_bytes = 0;
    columns_set(columns);
    assert_true(csv_rename("time=starttime,band=bikeid,reader=dock,direction=way=out", columns,
                           COLUMNS, &bad, &bad_bytes));
    assert_int_equal(csv_header(&header, columns, COLUMNS, &which), CSV_HEADER_OK);
    assert_int_equal(columns[0].index, 1);
    assert_int_equal(columns[1].index, 2);
    assert_int_equal(columns[2].index, 3);
    assert_int_equal(columns[3].index, 4);
}

static void a_renamed_column_has_to_be_there(void **state)
{
    (void)state;
    static const char *const field[] = {"time", "band", "reader", "direction"};
    struct csv_row header = row_of(field, 4);
    struct csv_column columns[COLUMNS];
    const struct csv_column *which = NULL;
    const char *bad = NULL;
    size_t bad_bytes = 0;
    columns_set(columns);
    assert_true(csv_rename("direction=way", columns, COLUMNS, &bad, &bad_bytes));
    assert_int_equal(csv_header(&header, columns, COLUMNS, &which), CSV_HEADER_MISSING);
    assert_string_equal(which->name, "direction");
}

static void a_rename_that_makes_no_sense_is_shown(void **state)
{
    (void)state;
    static const char *const text[][2] = {
        {"",               ""       },
        {"time",           "time"   },
        {"time=",          "time="  },
        {"=a",             "=a"     },
        {"zone=a",         "zone=a" },
        {"time=a,",        ""       },
        {"time=a,,band=b", ""       },
        {"time=a,time=b",  "time=b" },
        {"time=a, band=b", " band=b"},
    };
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++) {
        struct csv_column columns[COLUMNS];
        const char *bad = NULL;
        size_t bad_bytes = 4711;
        columns_set(columns);
        assert_false(csv_rename(text[i][0], columns, COLUMNS, &bad, &bad_bytes));
        assert_int_equal(bad_bytes, strlen(text[i][1]));
        assert_memory_equal(bad, text[i][1], bad_bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_found_in_any_order),
        cmocka_unit_test(a_column_missing_or_there_twice_is_named),
        cmocka_unit_test(columns_can_be_renamed),
        cmocka_unit_test(a_renamed_column_has_to_be_there),
        cmocka_unit_test(a_rename_that_makes_no_sense_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
