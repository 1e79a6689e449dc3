#include "codec/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "unit/codec/feed.h"

/* What a reader hands out, as one text: `3[a][b]` for a row that begins on line 3, `3!` for a
 * bad one. */
struct seen {
    char text[20000];
    size_t bytes;
};

static void see(struct seen *seen, const char *text, size_t bytes)
{
    assert_true(seen->bytes + bytes < sizeof seen->text);
    memcpy(seen->text + seen->bytes, text, bytes);
    seen->bytes += bytes;
    seen->text[seen->bytes] = '\0';
}

static void see_row(struct seen *seen, const struct csv_row *row)
{
    char line[32];
    int length = snprintf(line, sizeof line, "%llu%s", (unsigned long long)row->line,
                          row->fault != NULL ? "!" : "");
    see(seen, line, (size_t)length);
    for (size_t i = 0; i < row->count; i++) {
        see(seen, "[", 1);
        see(seen, row->field[i], row->bytes[i]);
        see(seen, "]", 1);
    }
}

static void read_all(const char *text, size_t bytes, size_t piece_bytes, struct seen *seen)
{
    struct feed feed = {text, bytes, piece_bytes, false};
    struct csv csv;
    struct csv_row row;
    seen->bytes = 0;
    seen->text[0] = '\0';
    assert_true(csv_open(&csv, feed_fill, &feed));
    while (csv_next(&csv, &row))
        see_row(seen, &row);
    assert_false(csv_next(&csv, &row));
    assert_false(csv_failed(&csv));
    csv_done(&csv);
}

/* In one piece and in pieces of every small size. */
static void assert_rows_of(const char *text, size_t bytes, const char *wanted)
{
    static struct seen seen;
    for (size_t piece_bytes = 0; piece_bytes < 20; piece_bytes++) {
        read_all(text, bytes, piece_bytes, &seen);
        assert_string_equal(seen.text, wanted);
    }
}

static void assert_rows(const char *text, const char *wanted)
{
    assert_rows_of(text, strlen(text), wanted);
}

static void a_row_is_its_values(void **state)
{
    (void)state;
    assert_rows("", "");
    assert_rows("a,b,c\n", "1[a][b][c]");
    assert_rows("a,b\nc,d\n", "1[a][b]2[c][d]");
    assert_rows("a\n", "1[a]");
    assert_rows(",\n", "1[][]");
    assert_rows("a,,c\n", "1[a][][c]");
    assert_rows("a,b,\n,c,d\n", "1[a][b][]2[][c][d]");
    assert_rows(" a , b \n", "1[ a ][ b ]");
}

static void a_last_row_without_a_line_feed_counts(void **state)
{
    (void)state;
    assert_rows("a,b", "1[a][b]");
    assert_rows("a,b\nc,d", "1[a][b]2[c][d]");
    assert_rows("a,", "1[a][]");
    assert_rows("a,b\r", "1[a][b]");
    assert_rows("\"a\"", "1[a]");
    assert_rows("\"a\"\r", "1[a]");
    assert_rows("a,\"\"", "1[a][]");
}

static void lines_may_end_as_on_windows(void **state)
{
    (void)state;
    assert_rows("a,b\r\nc,d\r\n", "1[a][b]2[c][d]");
    assert_rows("\"a\",\"b\"\r\n\"c\",d\r\n", "1[a][b]2[c][d]");
    assert_rows("a\rb,c\r\n", "1[a\rb][c]");
}

static void empty_lines_are_passed_over_and_counted(void **state)
{
    (void)state;
    assert_rows("\n\na\n\n\nb\n\n", "3[a]6[b]");
    assert_rows("\r\n\r\na\r\n\r\nb\r\n\r", "3[a]5[b]");
    assert_rows("\"\"\n", "1[]");
}

static void a_byte_order_mark_is_no_part_of_the_first_value(void **state)
{
    (void)state;
    assert_rows("\xEF\xBB\xBF"
                "a,b\n",
                "1[a][b]");
    assert_rows("\xEF\xBB\xBF\"a\",b\n", "1[a][b]");
    assert_rows("\xEF\xBB\xBF", "");
    assert_rows("\xEF\xBB", "1[\xEF\xBB]");
    assert_rows("a\n\xEF\xBB\xBF"
                "b\n",
                "1[a]2[\xEF\xBB\xBF"
                "b]");
}

static void quotes_hold_commas_quotes_and_line_feeds(void **state)
{
    (void)state;
    assert_rows("\"a,b\",c\n", "1[a,b][c]");
    assert_rows("\"a \"\"b\"\" c\",d\n", "1[a \"b\" c][d]");
    assert_rows("\"\"\"\",\"\"\"\"\"\"\n", "1[\"][\"\"]");
    assert_rows("\"a\nb\",c\nd\n", "1[a\nb][c]3[d]");
    assert_rows("\"a\r\nb\r\n\",c\r\nd\r\n", "1[a\r\nb\r\n][c]4[d]");
    assert_rows("x,\"\"\ny\n", "1[x][]2[y]");
}

static void one_stray_quote_costs_one_line(void **state)
{
    (void)state;
    assert_rows("a\"b,c\nd\n", "1!2[d]");
    assert_rows("\"a\"b,c\nd\n", "1!2[d]");
    assert_rows("\"a\" ,c\nd\n", "1!2[d]");
    assert_rows("\"a,b\nc,d\ne,f\n", "1!2[c][d]3[e][f]");
    assert_rows("a,b\n\"c,d\ne,f\ng,\"h\ni\n", "1[a][b]2!3[e][f]4!5[i]");
    assert_rows("\"a", "1!");
    assert_rows("a,\"", "1!");
    assert_rows("\"a\"\rb\nc\n", "1!2[c]");
}

static void a_nul_byte_costs_one_line(void **state)
{
    (void)state;
    static const char plain[] = "a,b\nc\0d,e\nf\n";
    assert_rows_of(plain, sizeof plain - 1, "1[a][b]2!3[f]");
    static const char quoted[] = "a,b\n\"c\0d\",e\nf\n";
    assert_rows_of(quoted, sizeof quoted - 1, "1[a][b]2!3[f]");
    static const char wide[] = "a\0,\0b\0\n\0c\0\n";
    assert_rows_of(wide, sizeof wide - 1, "1!2!");
}

static void a_row_has_at_most_64_columns(void **state)
{
    (void)state;
    char text[300];
    memset(text, ',', sizeof text);
    text[63] = '\n';
    assert_int_equal(text[64], ',');
    struct feed feed = {text, 64 + 64 + 1, 0, false};
    text[128] = '\n';
    struct csv csv;
    struct csv_row row;
    assert_true(csv_open(&csv, feed_fill, &feed));
    assert_true(csv_next(&csv, &row));
    assert_null(row.fault);
    assert_int_equal(row.count, 64);
    assert_true(csv_next(&csv, &row));
    assert_non_null(row.fault);
    assert_int_equal(row.count, 0);
    assert_false(csv_next(&csv, &row));
    csv_done(&csv);
    assert_rows("\"1\",\"2\",3,4,5,6,7,8,9,10,1,2,3,4,5,6,7,8,9,20,1,2,3,4,5,6,7,8,9,30,"
                "1,2,3,4,5,6,7,8,9,40,1,2,3,4,5,6,7,8,9,50,1,2,3,4,5,6,7,8,9,60,1,2,3,4,"
                "\"a\"\"\"\n\"a\"\"\"\n",
                "1!2[a\"]");
}

static void rows_of_another_width_than_expected_are_refused_whole(void **state)
{
    (void)state;
    static const char text[] = "a,b\n1,2\n3\n4,5,6\n\"7\n8\",\"9\",10\n11,12\n";
    struct feed feed = {text, sizeof text - 1, 0, false};
    static struct seen seen;
    struct csv csv;
    struct csv_row row;
    assert_true(csv_open(&csv, feed_fill, &feed));
    assert_true(csv_next(&csv, &row));
    csv.expected = row.count;
    while (csv_next(&csv, &row))
        see_row(&seen, &row);
    assert_string_equal(seen.text, "2[1][2]3!4!5!7[11][12]");
    csv_done(&csv);
}

static void a_gigabyte_in_one_line_is_one_bad_row_and_costs_no_memory(void **state)
{
    (void)state;
    static const char tail[] = "b\nc,d\n";
    static const char byte[] = "a\",";
    for (size_t i = 0; i < sizeof byte - 1; i++) {
        uint64_t flood_bytes = i == 0 ? UINT64_C(1) << 30 : UINT64_C(1) << 24;
        struct flood flood = {
            flood_bytes, byte[i], {tail, sizeof tail - 1, 0, false}
        };
        struct csv csv;
        struct csv_row row;
        struct rusage before;
        struct rusage after;
        assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
        assert_true(csv_open(&csv, flood_fill, &flood));
        assert_true(csv_next(&csv, &row));
        assert_int_equal(row.line, 1);
        assert_non_null(row.fault);
        assert_true(csv_next(&csv, &row));
        assert_int_equal(row.line, 2);
        assert_null(row.fault);
        assert_int_equal(row.count, 2);
        assert_false(csv_next(&csv, &row));
        csv_done(&csv);
        assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
        assert_true(after.ru_maxrss - before.ru_maxrss < 8192); /* KiB */
    }
}

static void a_long_row_is_read_up_to_the_bound(void **state)
{
    (void)state;
    char *text = malloc(LINES_BYTES_MAX + 2 * LINES_PIECE_BYTES);
    assert_non_null(text);
    for (size_t piece_bytes = 0; piece_bytes < 5000; piece_bytes += 4099) {
        size_t bytes = LINES_BYTES_MAX - 2;
        memset(text, 'a', bytes);
        memcpy(text + bytes, "\nb\n", 4);
        struct feed feed = {text, bytes + 3, piece_bytes, false};
        struct csv csv;
        struct csv_row row;
        assert_true(csv_open(&csv, feed_fill, &feed));
        assert_true(csv_next(&csv, &row));
        assert_null(row.fault);
        assert_int_equal(row.bytes[0], bytes);
        assert_true(csv_next(&csv, &row));
        assert_int_equal(row.line, 2);
        csv_done(&csv);
    }
    free(text);
}

static void a_row_over_the_bound_is_refused_wherever_it_lies_in_the_buffer(void **state)
{
    (void)state;
    size_t bytes = LINES_BYTES_MAX + 1;
    char *text = malloc(bytes + 4);
    assert_non_null(text);
    memset(text, 'a', bytes);
    memcpy(text + bytes, "\nb\n", 4);
    for (size_t piece_bytes = 0; piece_bytes < 100000; piece_bytes += 9973) {
        struct feed feed = {text, bytes + 3, piece_bytes, false};
        struct csv csv;
        struct csv_row row;
        assert_true(csv_open(&csv, feed_fill, &feed));
        assert_true(csv_next(&csv, &row));
        assert_non_null(row.fault);
        assert_int_equal(row.line, 1);
        assert_true(csv_next(&csv, &row));
        assert_null(row.fault);
        assert_int_equal(row.line, 2);
        assert_false(csv_next(&csv, &row));
        csv_done(&csv);
    }
    free(text);
}

static void a_quote_never_closed_costs_one_line_even_in_a_long_file(void **state)
{
    (void)state;
    size_t rows = 400000;
    char *text = malloc(rows * 8 + 16);
    assert_non_null(text);
    size_t bytes = 0;
    for (size_t i = 0; i < rows; i++) {
        memcpy(text + bytes, i == 5 ? "\"bcd,ef\n" : "abcd,ef\n", 9);
        bytes += 8;
    }
    struct feed feed = {text, bytes, 0, false};
    struct csv csv;
    struct csv_row row;
    assert_true(csv_open(&csv, feed_fill, &feed));
    for (size_t i = 0; i < rows; i++) {
        assert_true(csv_next(&csv, &row));
        assert_int_equal(row.line, i + 1);
        assert_int_equal(row.fault != NULL, i == 5);
    }
    assert_false(csv_next(&csv, &row));
    csv_done(&csv);
    free(text);
}

static void a_source_that_breaks_is_told_from_one_that_ends(void **state)
{
    (void)state;
    static const char text[] = "a,b\nc,d\ne";
    struct feed feed = {text, sizeof text - 1, 0, true};
    struct csv csv;
    struct csv_row row;
    assert_true(csv_open(&csv, feed_fill, &feed));
    assert_true(csv_next(&csv, &row));
    assert_true(csv_next(&csv, &row));
    assert_false(csv_next(&csv, &row));
    assert_true(csv_failed(&csv));
    assert_false(csv_next(&csv, &row));
    csv_done(&csv);
    csv_done(&csv);
}

/* A table on its way: how it is written, and what is to be seen of it. */
struct table {
    char text[20000];
    size_t bytes;
    uint64_t line, random;
    struct seen wanted;
};

static size_t table_below(struct table *table, size_t bound)
{
    return (size_t)(feed_random(&table->random) % bound);
}

static void table_field(struct table *table)
{
    static const char letter[] = "ab,\"\n\r \xC3\xA4";
    see(&table->wanted, "[", 1);
    table->text[table->bytes++] = '"';
    for (size_t length = table_below(table, 12); length > 0; length--) {
        char c = letter[table_below(table, sizeof letter - 1)];
        see(&table->wanted, &c, 1);
        table->text[table->bytes++] = c;
        if (c == '"') table->text[table->bytes++] = c;
        table->line += c == '\n';
    }
    see(&table->wanted, "]", 1);
    table->text[table->bytes++] = '"';
}

static void table_row(struct table *table)
{
    char number[24];
    int length = snprintf(number, sizeof number, "%llu", (unsigned long long)table->line);
    see(&table->wanted, number, (size_t)length);
    size_t fields = 1 + table_below(table, 5);
    for (size_t i = 0; i < fields; i++) {
        table_field(table);
        table->text[table->bytes++] = i + 1 < fields ? ',' : '\n';
    }
    table->line++;
}

/* Random tables, written by the rules and read back, in pieces of every size. */
static void what_is_written_by_the_rules_is_read_back(void **state)
{
    (void)state;
    static struct table table = {.random = 1};
    static struct seen seen;
    for (int n = 0; n < 3000; n++) {
        table.bytes = 0;
        table.line = 1;
        table.wanted.bytes = 0;
        table.wanted.text[0] = '\0';
        for (size_t rows = table_below(&table, 8); rows > 0; rows--)
            table_row(&table);
        read_all(table.text, table.bytes, table_below(&table, 30), &seen);
        assert_string_equal(seen.text, table.wanted.text);
    }
}

static void any_bytes_in_any_pieces_give_the_same_rows(void **state)
{
    (void)state;
    static const char letter[] = "ab,,\"\"\n\n\r\0";
    static struct seen whole;
    static struct seen pieces;
    uint64_t random = 2;
    for (int n = 0; n < 20000; n++) {
        char text[64];
        size_t bytes = feed_random(&random) % sizeof text;
        for (size_t i = 0; i < bytes; i++)
            text[i] = letter[feed_random(&random) % (sizeof letter - 1)];
        read_all(text, bytes, 0, &whole);
        read_all(text, bytes, 1 + feed_random(&random) % 9, &pieces);
        assert_string_equal(whole.text, pieces.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_its_values),
        cmocka_unit_test(a_last_row_without_a_line_feed_counts),
        cmocka_unit_test(lines_may_end_as_on_windows),
        cmocka_unit_test(empty_lines_are_passed_over_and_counted),
        cmocka_unit_test(a_byte_order_mark_is_no_part_of_the_first_value),
        cmocka_unit_test(quotes_hold_commas_quotes_and_line_feeds),
        cmocka_unit_test(one_stray_quote_costs_one_line),
        cmocka_unit_test(a_nul_byte_costs_one_line),
        cmocka_unit_test(a_row_has_at_most_64_columns),
        cmocka_unit_test(rows_of_another_width_than_expected_are_refused_whole),
        cmocka_unit_test(a_gigabyte_in_one_line_is_one_bad_row_and_costs_no_memory),
        cmocka_unit_test(a_long_row_is_read_up_to_the_bound),
        cmocka_unit_test(a_row_over_the_bound_is_refused_wherever_it_lies_in_the_buffer),
        cmocka_unit_test(a_quote_never_closed_costs_one_line_even_in_a_long_file),
        cmocka_unit_test(a_source_that_breaks_is_told_from_one_that_ends),
        cmocka_unit_test(what_is_written_by_the_rules_is_read_back),
        cmocka_unit_test(any_bytes_in_any_pieces_give_the_same_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
