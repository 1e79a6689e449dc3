/* The body that readers post: what is taken, what is refused, and jansson's word on all of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "codec/scans.h"
#include "unit/codec/feed.h"

static bool read_text(struct scans *scans, char *memory, const char *text)
{
    size_t bytes = strlen(text);
    memcpy(memory, text, bytes + 1);
    return scans_read(scans, memory, bytes);
}

static void assert_string(const struct pull_string *text, const char *wanted)
{
    assert_non_null(text->at);
    assert_int_equal(text->bytes, strlen(wanted));
    assert_memory_equal(text->at, wanted, text->bytes);
}

static void both_lists_are_read_whatever_stands_between(void **state)
{
    char memory[1024];
    struct scans scans = {0};

    (void)state;
    assert_true(read_text(&scans, memory,
                          " {\"x\":[{}], \"complete_until\": {\"a\":\"t\\u0031\",\"b\":\"t2\"},"
                          "\"scans\":[{\"reader\":\"r\",\"band\":\"b\",\"time\":\"t\"} ,"
                          "{\"time\":\"t2\",\"more\":1,\"reader\":\"r2\",\"band\":\"\\\"\","
                          "\"direction\":\"in\"}]} "));
    assert_int_equal(scans.count, 2);
    assert_string(&scans.at[1].band, "\"");
    assert_string(&scans.at[1].direction, "in");
    assert_null(scans.at[0].direction.at);
    assert_int_equal(scans.complete.count, 2);
    assert_string(&scans.complete.at[0].time, "t1");
    scans_done(&scans);
}

static void an_empty_body_of_either_form_is_no_fault(void **state)
{
    static const char *const good[] = {"{}", "{\"scans\":[]}", "{\"scans\":null}",
                                       "{\"complete_until\":{}}", "\t{ }\r\n"};
    char memory[64];
    struct scans scans = {0};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(read_text(&scans, memory, good[i]));
        assert_int_equal(scans.count + scans.complete.count, 0);
    }
    scans_done(&scans);
}

static void a_fault_at_the_very_end_leaves_nothing(void **state)
{
    static const char *const bad[] = {
        "",
        "[]",
        "{",
        "{}x",
        "{\"scans\":{}}",
        "{\"scans\":[1]}",
        "{\"scans\":[{}]}",
        "{\"scans\":[{\"reader\":\"r\",\"band\":\"b\",\"time\":\"t\"},]}",
        "{\"scans\":[{\"reader\":\"r\",\"band\":\"b\",\"time\":\"t\"}]",
        "{\"scans\":[{\"reader\":\"r\",\"band\":\"b\",\"time\":1}]}",
        "{\"scans\":[{\"reader\":\"r\",\"reader\":\"r\",\"band\":\"b\",\"time\":\"t\"}]}",
        "{\"scans\":[],\"scans\":[]}",
        "{\"complete_until\":{\"a\":1}}",
        "{\"complete_until\":[]}",
        "{\"complete_until\":{\"a\":\"b\"},\"complete_until\":{}}"};
    char memory[256];
    struct scans scans = {0};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (read_text(&scans, memory, bad[i])) fail_msg("taken: %s", bad[i]);
        assert_non_null(scans.fault);
        assert_int_equal(scans.count + scans.complete.count, 0);
    }
    scans_done(&scans);
}

/* ---- Against jansson ---- */

static void put_scan(char *out, size_t most, uint64_t *random)
{
    static const char *const text[] = {"r",   "hall-door", "\\u00e4", "\xC3\xA4",
                                       "\\n", "",          "04A22B"};
    const size_t texts = sizeof text / sizeof text[0];
    static const char *const more[] = {"", ",\"x\":[1,{\"y\":null}]", ",\"direction\":\"in\"",
                                       ",\"direction\":null"};

    (void)snprintf(out, most, "{\"band\":\"%s\",\"reader\":\"%s\",\"time\":\"%s\"%s}",
                   text[feed_random(random) % texts], text[feed_random(random) % texts],
                   text[feed_random(random) % texts], more[feed_random(random) % 4]);
}

static size_t put_body(char *out, size_t most, uint64_t *random)
{
    size_t bytes = (size_t)snprintf(out, most, "{\"scans\": [");
    size_t count = feed_random(random) % 5;

    for (size_t i = 0; i < count; i++) {
        char scan[256];
        put_scan(scan, sizeof scan, random);
        bytes += (size_t)snprintf(out + bytes, most - bytes, "%s%s", i > 0 ? ", " : "", scan);
    }
    bytes += (size_t)snprintf(out + bytes, most - bytes, "]");
    if (feed_random(random) % 2 == 0) {
        bytes += (size_t)snprintf(out + bytes, most - bytes,
                                  ",\"complete_until\":{\"r1\":\"t\",\"r2\":\"\\u0041\"}");
    }
    return bytes + (size_t)snprintf(out + bytes, most - bytes, "}");
}

static bool is_text(const json_t *value)
{
    return json_is_string(value);
}

static bool is_scan(const json_t *scan)
{
    const json_t *direction = json_object_get(scan, "direction");
    const json_t *learnt = json_object_get(scan, "learnt");

    return json_is_object(scan) && is_text(json_object_get(scan, "reader")) &&
           is_text(json_object_get(scan, "band")) && is_text(json_object_get(scan, "time")) &&
           (direction == NULL || json_is_null(direction) || is_text(direction)) &&
           (learnt == NULL || json_is_null(learnt) || is_text(learnt));
}

/* Whether jansson and the shape that is asked for would take the body. */
static bool is_body(const json_t *body)
{
    const json_t *list = json_object_get(body, "scans");
    json_t *complete = json_object_get(body, "complete_until");
    const char *key;
    json_t *value;

    if (!json_is_object(body)) return false;
    if (list != NULL && !json_is_null(list) && !json_is_array(list)) return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!is_scan(json_array_get(list, i))) return false;
    }
    if (complete != NULL && !json_is_null(complete) && !json_is_object(complete)) return false;
    json_object_foreach(complete, key, value)
    {
        if (!is_text(value)) return false;
    }
    return true;
}

static void assert_equal_texts(const json_t *value, const struct pull_string *text)
{
    if (!json_is_string(value)) {
        assert_null(text->at);
        return;
    }
    assert_int_equal(json_string_length(value), text->bytes);
    assert_memory_equal(json_string_value(value), text->at, text->bytes);
}

static void compare(const json_t *body, const struct scans *scans)
{
    const json_t *list = json_object_get(body, "scans");

    assert_int_equal(json_array_size(list), scans->count);
    for (size_t i = 0; i < scans->count; i++) {
        const json_t *scan = json_array_get(list, i);
        assert_equal_texts(json_object_get(scan, "reader"), &scans->at[i].reader);
        assert_equal_texts(json_object_get(scan, "band"), &scans->at[i].band);
        assert_equal_texts(json_object_get(scan, "time"), &scans->at[i].time);
        assert_equal_texts(json_object_get(scan, "direction"), &scans->at[i].direction);
    }
    assert_int_equal(json_object_size(json_object_get(body, "complete_until")),
                     scans->complete.count);
}

static void damage(char *text, size_t bytes, uint64_t *random)
{
    static const char piece[] = "{}[]\":,\\ntx1 \x80\x01";

    for (uint64_t n = feed_random(random) % 3; n > 0; n--)
        text[feed_random(random) % bytes] = piece[feed_random(random) % (sizeof piece - 1)];
}

/* Whether the body was taken. Members that are passed over are not looked at for a key twice:
 * there alone the two may differ. */
static bool judge(struct scans *scans, char *text, size_t bytes)
{
    json_t *body = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, NULL);
    bool right = is_body(body);
    bool taken = scans_read(scans, text, bytes);

    if (right != taken && (right || body != NULL)) {
        fail_msg("jansson says %d, the pull parser %s", right, scans->fault);
    }
    if (right) compare(body, scans);
    json_decref(body);
    return taken;
}

static void random_bodies_whole_and_damaged_are_judged_as_jansson_judges(void **state)
{
    struct scans scans = {0};
    uint64_t random = 20160715;
    size_t taken = 0;

    (void)state;
    for (int i = 0; i < 60000; i++) {
        char text[2048];
        size_t bytes = put_body(text, sizeof text, &random);
        damage(text, bytes, &random);
        taken += judge(&scans, text, bytes);
    }
    assert_true(taken > 10000);
    scans_done(&scans);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_lists_are_read_whatever_stands_between),
        cmocka_unit_test(an_empty_body_of_either_form_is_no_fault),
        cmocka_unit_test(a_fault_at_the_very_end_leaves_nothing),
        cmocka_unit_test(random_bodies_whole_and_damaged_are_judged_as_jansson_judges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
