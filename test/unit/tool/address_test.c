/* Addresses of questions: whatever a word holds, it stays one word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tool/address.h"
#include "whereabouts/types.h"

static void a_word_stays_one_part_of_the_path(void **state)
{
    struct address address;

    (void)state;
    address_begin(&address, "/v1/people");
    address_part(&address, "../a/b?c=d&e#f%2F \xc3\xa9");
    address_path(&address, "/path");
    assert_string_equal(address_text(&address),
                        "/v1/people/%2E%2E%2Fa%2Fb%3Fc%3Dd%26e%23f%252F%20%C3%A9/path");
    address_done(&address);
}

static void parameters_are_parted_and_encoded(void **state)
{
    struct address address;

    (void)state;
    address_begin(&address, "/v1/at");
    address_query(&address, "group", NULL);
    address_time(&address, "time", INT64_C(1714724400000000));
    address_query(&address, "group", "a+b & c");
    assert_string_equal(address_text(&address),
                        "/v1/at?time=2024-05-03T08%3A20%3A00Z&group=a%2Bb%20%26%20c");
    address_done(&address);
}

static void an_open_end_is_no_parameter(void **state)
{
    struct address address;

    (void)state;
    address_begin(&address, "/v1/at");
    address_time(&address, "from", WB_NO_TIME);
    address_time(&address, "until", WB_STILL_THERE);
    address_time(&address, "known", WB_EVERYTHING);
    assert_string_equal(address_text(&address), "/v1/at");
    address_done(&address);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_stays_one_part_of_the_path),
        cmocka_unit_test(parameters_are_parted_and_encoded),
        cmocka_unit_test(an_open_end_is_no_parameter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
