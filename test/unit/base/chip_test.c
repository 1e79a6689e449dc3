#include "base/chip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_canonical(const char *id, const char *wanted)
{
    char out[WB_ID_BYTES_MAX];
    size_t bytes = chip_canonical(id, strlen(id), out);
    if (bytes != strlen(wanted) || memcmp(out, wanted, bytes) != 0)
        fail_msg("%s is spelt %s, not %.*s", id, wanted, (int)bytes, out);
}

static void a_chip_has_one_spelling(void **state)
{
    (void)state;
    assert_canonical("04a22b1c", "04A22B1C");
    assert_canonical("04:a2:2b:1c", "04A22B1C");
    assert_canonical("04-A2-2b-1C", "04A22B1C");
    assert_canonical("04a22b1c5d6e7f", "04A22B1C5D6E7F");
    assert_canonical("04:a2:2b:1c:5d:6e:7f", "04A22B1C5D6E7F");
    assert_canonical("e004010012345678", "E004010012345678");
    assert_canonical("04a22b1c5d6e7f8091a2", "04A22B1C5D6E7F8091A2");
    assert_canonical("04:a2:2b:1c:5d:6e:7f:80:91:a2", "04A22B1C5D6E7F8091A2");
    assert_canonical("e28011700000020d1b2c3d4e", "E28011700000020D1B2C3D4E");
    assert_canonical("e2-80-11-70-00-00-02-0d-1b-2c-3d-4e", "E28011700000020D1B2C3D4E");
    assert_canonical("12345678", "12345678");
}

static void any_other_band_is_kept_as_it_is(void **state)
{
    (void)state;
    static const char *const other[] = {
        "bike-473",     "person:ada",     "a",
        "04a2",         "04a22b1c5d",     "04a22b1c5d6e",
        "04a22b1",      "04:a2:2b",       "04:a2-2b:1c",
        "04:a22b:1c",   "04:a2:2b1c",     "04a2:2b1c",
        "04:a2:2b:1c:", ":04:a2:2b:1c",   "04 a2 2b 1c",
        "04.a2.2b.1c",  "04a22b1g",       "0x04a22b",
        "4:a2:2b:1c",   "04:a2:2b:1c:5d", "deadbee",
        "deadbeef0",    "DeadBeefCafe",   "04--a2-2b1c",
    };
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
        assert_canonical(other[i], other[i]);
}

static void a_canonical_band_stays_as_it_is(void **state)
{
    (void)state;
    uint32_t number = 1;
    static const char letter[] = "0123456789abcdefABCDEF:-xyz";
    for (int i = 0; i < 100000; i++) {
        char id[40];
        number = number * 1664525 + 1013904223;
        size_t bytes = 1 + (number >> 16) % sizeof id;
        for (size_t at = 0; at < bytes; at++) {
            number = number * 1664525 + 1013904223;
            id[at] = letter[(number >> 16) % (number % 7 == 0 ? sizeof letter - 1 : 16)];
        }
        char once[WB_ID_BYTES_MAX];
        char twice[WB_ID_BYTES_MAX];
        size_t once_bytes = chip_canonical(id, bytes, once);
        assert_true(once_bytes <= bytes);
        assert_int_equal(chip_canonical(once, once_bytes, twice), once_bytes);
        assert_memory_equal(once, twice, once_bytes);
    }
}

static void an_id_of_full_length_is_kept(void **state)
{
    (void)state;
    char id[WB_ID_BYTES_MAX];
    char out[WB_ID_BYTES_MAX];
    memset(id, 'a', sizeof id);
    assert_int_equal(chip_canonical(id, sizeof id, out), sizeof id);
    assert_memory_equal(id, out, sizeof id);
    assert_int_equal(chip_canonical(id, 0, out), 0);
}

static bool valid(const char *id)
{
    return id_is_valid(id, strlen(id));
}

static void an_id_is_1_to_128_bytes(void **state)
{
    (void)state;
    char id[WB_ID_BYTES_MAX + 1];
    memset(id, 'a', sizeof id);
    assert_false(id_is_valid(id, 0));
    assert_true(id_is_valid(id, 1));
    assert_true(id_is_valid(id, WB_ID_BYTES_MAX));
    assert_false(id_is_valid(id, WB_ID_BYTES_MAX + 1));
}

static void an_id_is_utf8(void **state)
{
    (void)state;
    assert_true(valid("hall-door"));
    assert_true(valid("H\xC3\xA4user"));
    assert_true(valid("\xE6\x97\xA5\xE6\x9C\xAC"));
    assert_true(valid("\xF0\x9F\xA6\x8A"));
    assert_true(valid("a b;c,d\"e"));
    assert_false(valid("\xFF"));
    assert_false(valid("a\xC3"));
    assert_false(valid("\xED\xA0\x80"));
    assert_false(valid("\xC0\xAF"));
}

static void an_id_has_no_control_characters(void **state)
{
    (void)state;
    for (int c = 0; c < 0x20; c++) {
        char id[3] = {'a', (char)c, 'b'};
        assert_false(id_is_valid(id, sizeof id));
    }
    assert_false(valid("a\x7F"));
    for (int c = 0x80; c < 0xA0; c++) {
        char id[2] = {'\xC2', (char)c};
        assert_false(id_is_valid(id, sizeof id));
    }
    assert_true(valid("\xC2\xA0"));
    assert_true(valid("\xC3\x80"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chip_has_one_spelling),
        cmocka_unit_test(any_other_band_is_kept_as_it_is),
        cmocka_unit_test(a_canonical_band_stays_as_it_is),
        cmocka_unit_test(an_id_of_full_length_is_kept),
        cmocka_unit_test(an_id_is_1_to_128_bytes),
        cmocka_unit_test(an_id_is_utf8),
        cmocka_unit_test(an_id_has_no_control_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
