#include "codec/ndjson.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "unit/codec/feed.h"

#define WHOLE "\"reader\":\"r\",\"band\":\"b\",\"time\":\"t\""

/* Parse a copy of its own, so that a sanitizer sees reads beyond. The copy is the caller's. */
static char *parse(const char *text, size_t bytes, struct ndjson_scan *scan)
{
    char *copy = malloc(bytes + 1);
    assert_non_null(copy);
    memmove(copy + 1, text, bytes);
    *scan = (struct ndjson_scan){.line = 4711};
    bool good = ndjson_parse(copy + 1, bytes, scan);
    assert_int_equal(good, scan->fault == NULL);
    assert_int_equal(scan->line, 4711);
    return copy;
}

static void assert_text(const struct pull_string *text, const char *wanted)
{
    if (wanted == NULL) {
        assert_null(text->at);
        return;
    }
    assert_non_null(text->at);
    assert_int_equal(text->bytes, strlen(wanted));
    assert_memory_equal(text->at, wanted, text->bytes);
}

static void assert_scan(const char *line, const char *const wanted[5])
{
    struct ndjson_scan scan;
    char *copy = parse(line, strlen(line), &scan);
    if (scan.fault != NULL) fail_msg("%s: %s", line, scan.fault);
    assert_text(&scan.reader, wanted[0]);
    assert_text(&scan.band, wanted[1]);
    assert_text(&scan.time, wanted[2]);
    assert_text(&scan.direction, wanted[3]);
    assert_text(&scan.learnt, wanted[4]);
    assert_int_equal(scan.column, 0);
    free(copy);
}

static void assert_good(const char *line)
{
    struct ndjson_scan scan;
    char *copy = parse(line, strlen(line), &scan);
    if (scan.fault != NULL) fail_msg("%s: %s", line, scan.fault);
    free(copy);
}

/* ^ stands where the fault is, and not in the line. */
static void assert_fault(const char *marked, const char *part)
{
    char line[8192];
    const char *mark = strchr(marked, '^');
    size_t column = mark != NULL ? (size_t)(mark - marked) : 0;
    size_t bytes = strlen(marked);
    assert_true(bytes < sizeof line);
    memcpy(line, marked, bytes + 1);
    if (mark != NULL) {
        memmove(line + column, line + column + 1, bytes - column);
        bytes--;
    }
    struct ndjson_scan scan;
    char *copy = parse(line, bytes, &scan);
    if (scan.fault == NULL) fail_msg("%s is taken", line);
    if (strstr(scan.fault, part) == NULL) fail_msg("%s: %s", line, scan.fault);
    if (mark != NULL && scan.column != column + 1)
        fail_msg("%s: %s at %zu, not %zu", line, scan.fault, scan.column, column + 1);
    assert_null(scan.reader.at);
    assert_null(scan.band.at);
    assert_null(scan.time.at);
    free(copy);
}

static void a_scan_is_an_object_with_three_texts(void **state)
{
    (void)state;
    assert_scan("{\"reader\":\"hall-door\",\"band\":\"04A22B\",\"time\":\"2016-07-15T08:30:00Z\"}",
                (const char *[]){"hall-door", "04A22B", "2016-07-15T08:30:00Z", NULL, NULL});
    assert_scan(" { \"time\" : \"t\" ,\t\"band\":\"b\",\"direction\":\"in\",\"learnt\":\"l\","
                "\"reader\":\"\" } \r",
                (const char *[]){"", "b", "t", "in", "l"});
    assert_scan("{" WHOLE ",\"direction\":null,\"learnt\":null}",
                (const char *[]){"r", "b", "t", NULL, NULL});
}

static void other_keys_are_passed_over(void **state)
{
    (void)state;
    static const char *const value[] = {
        "0",
        "-0.5e+10",
        "1E5",
        "true",
        "false",
        "null",
        "\"x\"",
        "[]",
        "{}",
        "[1,2]",
        "[[],[{}]]",
        "{\"a\":[{\"b\":{}},1],\"c\":2}",
        " [ 1 , { \"a\" : null } ] ",
        "\"\\u00e4\\n\"",
        "{\"reader\":\"not this one\",\"reader\":1}",
    };
    for (size_t i = 0; i < sizeof value / sizeof value[0]; i++) {
        char line[200];
        (void)snprintf(line, sizeof line, "{\"x\":%s," WHOLE ",\"y\":%s}", value[i], value[i]);
        assert_scan(line, (const char *[]){"r", "b", "t", NULL, NULL});
    }
}

static void escapes_are_resolved(void **state)
{
    (void)state;
    assert_scan(
        "{\"reader\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"band\":\"\\u0041\\u00e4\\u20ac\\u65E5\","
        "\"time\":\"a\\ud83e\\udd8ab\"}",
        (const char *[]){"\"\\/\b\f\n\r\t", "A\xC3\xA4\xE2\x82\xAC\xE6\x97\xA5",
                         "a\360\237\246\212b", NULL, NULL});
    assert_scan(
        "{\"reader\":\"\xC3\xA4\xF0\x9F\xA6\x8A\\t\xC3\xA4\",\"\\u0062and\":\"b\",\"time\":\"t\"}",
        (const char *[]){"\xC3\xA4\xF0\x9F\xA6\x8A\t\xC3\xA4", "b", "t", NULL, NULL});
}

static void bad_texts_are_refused_where_they_are_bad(void **state)
{
    (void)state;
    assert_fault("{\"reader\":\"a^\\x\"}", "escape");
    assert_fault("{\"reader\":\"a^\\u12G4\"}", "escape");
    assert_fault("{\"reader\":\"a^\\u12\"}", "escape");
    assert_fault("{\"reader\":\"a^\\u0000\"}", "NUL");
    assert_fault("{\"reader\":\"a^\\ud83e\"}", "surrogate");
    assert_fault("{\"reader\":\"a^\\ud83e\\u0041\"}", "surrogate");
    assert_fault("{\"reader\":\"a^\\udd8a\"}", "surrogate");
    assert_fault("{\"reader\":\"a^\\ud83e\\ud83e\"}", "surrogate");
    assert_fault("{\"reader\":\"a^\tb\"}", "control");
    assert_fault("{\"reader\":\"\\n^\xFFz\"}", "UTF-8");
    assert_fault("{\"reader\":\"^\xED\xA0\x80\"}", "UTF-8");
    assert_fault("{\"reader\":\"^\xC0\x80\"}", "UTF-8");
    assert_fault("{\"reader\":\"a^\xC3\"}", "UTF-8");
    assert_fault("{\"reader\":^\"a", "never closed");
    assert_fault("{\"reader\":^\"a\\\"", "never closed");
    assert_fault("{\"reader\":\"a^\\", "never closed");
    struct ndjson_scan scan;
    char *copy = parse("{\"reader\":\"a\0b\"}", 16, &scan);
    assert_non_null(scan.fault);
    assert_int_equal(scan.column, 13);
    free(copy);
}

static void what_is_not_the_object_is_refused_where_it_breaks(void **state)
{
    (void)state;
    assert_fault("^", "not a JSON object");
    assert_fault("^[]", "not a JSON object");
    assert_fault("^\"a\"", "not a JSON object");
    assert_fault("^time,band,reader", "not a JSON object");
    assert_fault("{" WHOLE "} ^x", "follows");
    assert_fault("{" WHOLE "}^{}", "follows");
    assert_fault("{" WHOLE ",^}", "key");
    assert_fault("{^,}", "key");
    assert_fault("{^", "key");
    assert_fault("{^reader:1}", "key");
    assert_fault("{\"reader\"^}", "colon");
    assert_fault("{\"reader\" ^\"r\"}", "colon");
    assert_fault("{\"x\":1 ^\"y\":2}", "comma");
    assert_fault("{\"x\":1^]", "comma");
    assert_fault("{\"x\":[1^}", "comma");
    assert_fault("{\"x\":[1,^]}", "value");
    assert_fault("{\"x\":{\"a\":1,^}}", "key");
    assert_fault("{\"x\":[1^", "comma");
    assert_fault("{" WHOLE "^", "comma");
    assert_fault("{\"x\":^}", "value");
    assert_fault("{\"x\":^nul}", "value");
    assert_fault("{\"x\":^True}", "value");
    assert_fault("{\"x\":^NaN}", "value");
    assert_fault("{\"x\":^'a'}", "value");
    assert_fault("{\"x\":^-}", "number");
    assert_fault("{\"x\":^1.}", "number");
    assert_fault("{\"x\":^1e}", "number");
    assert_fault("{\"x\":^.5}", "value");
    assert_fault("{\"x\":^+5}", "value");
    assert_fault("{\"x\":0^5}", "comma");
    assert_fault("{\"x\":0^x5}", "comma");
    assert_fault("{\"x\":true^x}", "comma");
}

static void the_wanted_keys_have_to_be_right(void **state)
{
    (void)state;
    assert_fault("{}", "\"reader\" is missing");
    assert_fault("{\"reader\":\"r\",\"time\":\"t\"}", "\"band\" is missing");
    assert_fault("{\"reader\":\"r\",\"band\":\"b\"}", "\"time\" is missing");
    assert_fault("{\"reader\":^1}", "\"reader\" should be a text");
    assert_fault("{\"band\":^null}", "\"band\" should be a text");
    assert_fault("{\"time\":^1468585800}", "\"time\" should be a text");
    assert_fault("{\"direction\":^true}", "\"direction\" should be a text or null");
    assert_fault("{\"learnt\":^{}}", "\"learnt\" should be a text or null");
    assert_fault("{\"direction\":^nil}", "value");
    assert_fault("{\"Reader\":\"r\",\"band\":\"b\",\"time\":\"t\"}", "\"reader\" is missing");
}

static void no_key_may_stand_twice(void **state)
{
    (void)state;
    assert_fault("{" WHOLE ",^\"band\":\"b\"}", "second time");
    assert_fault("{" WHOLE ",^\"\\u0062and\":\"c\"}", "second time");
    assert_fault("{\"direction\":null,^\"direction\":\"in\"," WHOLE "}", "second time");
    assert_fault("{\"x\":1,\"y\":2,^\"x\":3," WHOLE "}", "second time");
    assert_fault("{\"\":1, ^\"\":3," WHOLE "}", "second time");
}

static void depth_and_strange_keys_are_bounded(void **state)
{
    (void)state;
    char line[4096];
    for (int depth = 1; depth <= 40; depth++) {
        size_t bytes = (size_t)snprintf(line, sizeof line, "{" WHOLE ",\"x\":");
        for (int i = 1; i < depth; i++)
            line[bytes++] = '[';
        line[bytes++] = '1';
        for (int i = 1; i < depth; i++)
            line[bytes++] = ']';
        memcpy(line + bytes, "}", 2);
        if (depth <= NDJSON_DEPTH_MAX) {
            assert_good(line);
        } else {
            assert_fault(line, "deep");
        }
    }
    for (int keys = 30; keys <= 34; keys++) {
        size_t bytes = (size_t)snprintf(line, sizeof line, "{" WHOLE);
        for (int i = 0; i < keys; i++)
            bytes += (size_t)snprintf(line + bytes, sizeof line - bytes, ",\"k%d\":%d", i, i);
        memcpy(line + bytes, "}", 2);
        if (keys <= NDJSON_KEYS_MAX) {
            assert_good(line);
        } else {
            assert_fault(line, "more than 32 keys");
        }
    }
}

static void lines_are_numbered_and_bad_ones_do_not_stop_the_rest(void **state)
{
    (void)state;
    static const char text[] = "\xEF\xBB\xBF{" WHOLE "}\r\n\n{\n\r\n{" WHOLE "}\n{" WHOLE "}";
    for (size_t piece_bytes = 0; piece_bytes < 20; piece_bytes++) {
        struct feed feed = {text, sizeof text - 1, piece_bytes, false};
        struct ndjson ndjson;
        struct ndjson_scan scan;
        static const uint64_t line[] = {1, 3, 5, 6};
        assert_true(ndjson_open(&ndjson, feed_fill, &feed));
        for (size_t i = 0; i < 4; i++) {
            assert_true(ndjson_next(&ndjson, &scan));
            assert_int_equal(scan.line, line[i]);
            assert_int_equal(scan.fault != NULL, i == 1);
        }
        assert_false(ndjson_next(&ndjson, &scan));
        assert_false(ndjson_failed(&ndjson));
        ndjson_done(&ndjson);
    }
}

static void a_gigabyte_in_one_line_is_one_bad_line(void **state)
{
    (void)state;
    static const char tail[] = "\n{" WHOLE "}";
    struct flood flood = {
        UINT64_C(1) << 30, '{', {tail, sizeof tail - 1, 0, false}
    };
    struct ndjson ndjson;
    struct ndjson_scan scan;
    assert_true(ndjson_open(&ndjson, flood_fill, &flood));
    assert_true(ndjson_next(&ndjson, &scan));
    assert_int_equal(scan.line, 1);
    assert_non_null(strstr(scan.fault, "longer than"));
    assert_true(ndjson_next(&ndjson, &scan));
    assert_int_equal(scan.line, 2);
    assert_null(scan.fault);
    assert_false(ndjson_next(&ndjson, &scan));
    ndjson_done(&ndjson);
}

static void a_line_is_read_up_to_the_bound(void **state)
{
    (void)state;
    char *text = malloc(LINES_BYTES_MAX + 64);
    assert_non_null(text);
    for (size_t over = 0; over < 2; over++) {
        static const char begin[] = "{" WHOLE ",\"x\":\"";
        size_t bytes = LINES_BYTES_MAX + over;
        memset(text, 'a', bytes);
        memcpy(text, begin, sizeof begin - 1);
        memcpy(text + bytes - 2, "\"}\n", 4);
        struct feed feed = {text, bytes + 1, 0, false};
        struct ndjson ndjson;
        struct ndjson_scan scan;
        assert_true(ndjson_open(&ndjson, feed_fill, &feed));
        assert_true(ndjson_next(&ndjson, &scan));
        assert_int_equal(scan.fault != NULL, over);
        assert_false(ndjson_next(&ndjson, &scan));
        ndjson_done(&ndjson);
    }
    free(text);
}

static void a_source_that_breaks_is_told_from_one_that_ends(void **state)
{
    (void)state;
    static const char text[] = "{" WHOLE "}\n{" WHOLE "}";
    struct feed feed = {text, sizeof text - 1, 7, true};
    struct ndjson ndjson;
    struct ndjson_scan scan;
    assert_true(ndjson_open(&ndjson, feed_fill, &feed));
    assert_true(ndjson_next(&ndjson, &scan));
    assert_false(ndjson_next(&ndjson, &scan));
    assert_true(ndjson_failed(&ndjson));
    assert_false(ndjson_next(&ndjson, &scan));
    ndjson_done(&ndjson);
    ndjson_done(&ndjson);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scan_is_an_object_with_three_texts),
        cmocka_unit_test(other_keys_are_passed_over),
        cmocka_unit_test(escapes_are_resolved),
        cmocka_unit_test(bad_texts_are_refused_where_they_are_bad),
        cmocka_unit_test(what_is_not_the_object_is_refused_where_it_breaks),
        cmocka_unit_test(the_wanted_keys_have_to_be_right),
        cmocka_unit_test(no_key_may_stand_twice),
        cmocka_unit_test(depth_and_strange_keys_are_bounded),
        cmocka_unit_test(lines_are_numbered_and_bad_ones_do_not_stop_the_rest),
        cmocka_unit_test(a_gigabyte_in_one_line_is_one_bad_line),
        cmocka_unit_test(a_line_is_read_up_to_the_bound),
        cmocka_unit_test(a_source_that_breaks_is_told_from_one_that_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
