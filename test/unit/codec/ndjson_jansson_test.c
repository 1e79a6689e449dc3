/* The pull parser against jansson: on lines made at random, and on the same ones damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "unit/codec/feed.h"
#include "unit/codec/judge.h"

struct line {
    char text[4096];
    size_t bytes;
    uint64_t random;
};

static size_t below(struct line *line, size_t bound)
{
    return (size_t)(feed_random(&line->random) % bound);
}

static void put(struct line *line, const char *text)
{
    size_t bytes = strlen(text);
    if (line->bytes + bytes >= sizeof line->text) return;
    memcpy(line->text + line->bytes, text, bytes);
    line->bytes += bytes;
}

static void put_text(struct line *line)
{
    static const char *const piece[] = {
        "a",
        "hall-door",
        "\\n",
        "\\\"",
        "\\\\",
        "\\/",
        "\\u0041",
        "\\u00e4",
        "\\u20AC",
        "\xC3\xA4",
        "\xE2\x82\xAC",
        "\xF0\x9F\xA6\x8A",
        "\\ud83e\\udd8a",
        "2016-07-15T08:30:00Z",
        "\x7F",
        " ",
    };
    put(line, "\"");
    for (size_t n = below(line, 5); n > 0; n--)
        put(line, piece[below(line, sizeof piece / sizeof piece[0])]);
    put(line, "\"");
}

static void put_blank(struct line *line)
{
    static const char *const blank[] = {"", "", "", "", " ", "\t", "\r", "  "};
    put(line, blank[below(line, 8)]);
}

/* A value that is passed over, with brackets open for a while. */
static void put_value(struct line *line)
{
    static const char *const simple[] = {"0",     "-1",   "12.5", "1e5", "-0.0E-2", "true",
                                         "false", "null", "[]",   "{}",  "\"x\"",   "[[]]"};
    char closing[12];
    size_t depth = below(line, sizeof closing);
    for (size_t i = 0; i < depth; i++) {
        bool object = below(line, 2) == 0;
        closing[i] = object ? '}' : ']';
        put(line, object ? "{" : "[");
        put_blank(line);
        if (below(line, 3) == 0) put(line, object ? "\"a\":1," : "1,");
        if (object) put(line, "\"b\":");
    }
    put(line, simple[below(line, sizeof simple / sizeof simple[0])]);
    for (size_t i = depth; i > 0; i--) {
        if (below(line, 3) == 0) put(line, closing[i - 1] == '}' ? ",\"c\":[]" : ",{}");
        put_blank(line);
        put(line, (char[]){closing[i - 1], '\0'});
    }
}

static void make_line(struct line *line)
{
    static const char *const key[] = {"reader", "band", "time", "direction", "learnt", "x", "y"};
    line->bytes = 0;
    put_blank(line);
    put(line, "{");
    size_t first = below(line, 7);
    size_t step = 1 + below(line, 6);
    size_t keys = below(line, 4) == 0 ? below(line, 8) : 7;
    for (size_t i = 0; i < keys; i++) {
        size_t which = (first + i * step) % 7;
        put_blank(line);
        put(line, "\"");
        put(line, key[which]);
        put(line, "\"");
        put_blank(line);
        put(line, ":");
        put_blank(line);
        if (which >= 5) {
            put_value(line);
        } else if (which >= 3 && below(line, 4) == 0) {
            put(line, "null");
        } else {
            put_text(line);
        }
        put_blank(line);
        if (i + 1 < keys) put(line, ",");
    }
    put(line, "}");
    put_blank(line);
}

static void damage(struct line *line)
{
    static const char telling[] = "\"\\{}[]:,u0-+.eE \x01\x7F\x80\xC3\xED\xF4tnfdD";
    for (size_t n = 1 + below(line, 3); n > 0 && line->bytes > 1; n--) {
        size_t at = below(line, line->bytes);
        switch (below(line, 4)) {
        case 0:
            line->text[at] = telling[below(line, sizeof telling)];
            break;
        case 1:
            line->text[at] = (char)below(line, 256);
            break;
        case 2:
            line->bytes--;
            memmove(line->text + at, line->text + at + 1, line->bytes - at);
            break;
        default:
            line->bytes = at;
            break;
        }
    }
}

static void assert_same(const struct line *line, size_t count[3])
{
    enum verdict verdict = judge(line->text, line->bytes);
    if (verdict == VERDICT_DIFFERS) fail_msg("%.*s", (int)line->bytes, line->text);
    count[verdict]++;
}

static void lines_made_at_random_are_judged_as_jansson_judges_them(void **state)
{
    (void)state;
    static struct line line = {.random = 1};
    size_t count[3] = {0};
    for (int i = 0; i < 40000; i++) {
        make_line(&line);
        assert_same(&line, count);
    }
    assert_true(count[VERDICT_UNTOLD] < 40);
}

static void damaged_lines_are_judged_as_jansson_judges_them(void **state)
{
    (void)state;
    static struct line line = {.random = 2};
    size_t count[3] = {0};
    for (int i = 0; i < 200000; i++) {
        make_line(&line);
        damage(&line);
        assert_same(&line, count);
    }
    assert_true(count[VERDICT_UNTOLD] < 200);
}

static void the_judge_can_say_no(void **state)
{
    (void)state;
    char text[] = "{\"reader\":\"r\",\"band\":\"b\",\"time\":\"t\"}";
    json_t *object = json_loads(text, 0, NULL);
    struct ndjson_scan scan = {0};
    assert_true(ndjson_parse(text, sizeof text - 1, &scan));
    assert_int_equal(judge_scan(object, &scan), VERDICT_SAME);
    scan.band.at = "c";
    assert_int_equal(judge_scan(object, &scan), VERDICT_DIFFERS);
    scan.fault = "so it is";
    assert_int_equal(judge_scan(object, &scan), VERDICT_DIFFERS);
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_made_at_random_are_judged_as_jansson_judges_them),
        cmocka_unit_test(damaged_lines_are_judged_as_jansson_judges_them),
        cmocka_unit_test(the_judge_can_say_no),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
