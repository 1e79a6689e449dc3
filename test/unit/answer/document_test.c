#include "answer/document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static struct answer ended(struct document *document)
{
    struct answer answer;
    assert_int_equal(document_end(document, WB_OK, &answer), WB_OK);
    assert_int_equal(strlen(answer.text), answer.bytes);
    return answer;
}

static void an_empty_document_is_an_object(void **state)
{
    (void)state;
    struct document document;
    document_begin(&document);
    struct answer answer = ended(&document);
    assert_string_equal(answer.text, "{}");
    answer_done(&answer);
}

static void members_stand_in_the_order_of_calls(void **state)
{
    (void)state;
    struct document document;
    document_begin(&document);
    document_number(&document, "b", -9);
    document_array(&document, "rows");
    document_row(&document);
    document_true(&document, "yes", true);
    document_null(&document, "none");
    document_array(&document, "empty");
    document_array_end(&document);
    document_row_end(&document);
    document_row(&document);
    document_row_end(&document);
    document_array_end(&document);
    document_time(&document, "a", 1500000);
    document_time(&document, "open", WB_STILL_THERE);
    struct answer answer = ended(&document);
    assert_string_equal(answer.text,
                        "{\"b\":-9,\"rows\":[{\"yes\":true,\"none\":null,\"empty\":[]},{}],"
                        "\"a\":\"1970-01-01T00:00:01.5Z\",\"open\":null}");
    answer_done(&answer);
}

static void numbers_reach_both_ends(void **state)
{
    (void)state;
    struct document document;
    document_begin(&document);
    document_number(&document, "least", INT64_MIN);
    document_number(&document, "most", INT64_MAX);
    document_number(&document, "zero", 0);
    struct answer answer = ended(&document);
    assert_string_equal(answer.text, "{\"least\":-9223372036854775808,\"most\":9223372036854775807,"
                                     "\"zero\":0}");
    answer_done(&answer);
}

/* Another reader of JSON judges: what went in comes out. */
static void any_text_comes_back(void **state)
{
    (void)state;
    for (unsigned first = 1; first < 256; first++) {
        for (unsigned second = 1; second < 256; second++) {
            char text[] = {'x', (char)first, (char)second, 'y', 0};
            struct document document;
            document_begin(&document);
            document_text(&document, "t", text);
            struct answer answer = ended(&document);
            json_t *read = json_loadb(answer.text, answer.bytes, 0, NULL);
            assert_non_null(read);
            const char *back = json_string_value(json_object_get(read, "t"));
            json_t *same = json_string(text); /* NULL: it is no UTF-8 */
            if (same != NULL) {
                assert_string_equal(back, text);
            } else {
                assert_non_null(strstr(back, "\xef\xbf\xbd"));
            }
            json_decref(same);
            json_decref(read);
            answer_done(&answer);
        }
    }
}

static void a_failed_question_gives_no_document(void **state)
{
    (void)state;
    struct document document;
    struct answer answer = {.text = NULL};
    document_begin(&document);
    document_text(&document, "t", "x");
    assert_int_equal(document_end(&document, WB_ENOENT, &answer), WB_ENOENT);
    assert_null(answer.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_document_is_an_object),
        cmocka_unit_test(members_stand_in_the_order_of_calls),
        cmocka_unit_test(numbers_reach_both_ends),
        cmocka_unit_test(any_text_comes_back),
        cmocka_unit_test(a_failed_question_gives_no_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
