#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The definition read the other way: write a character, and see that nothing else passes. */
static size_t encode(uint32_t character, unsigned char out[4])
{
    if (character < 0x80) {
        out[0] = (unsigned char)character;
        return 1;
    }
    size_t length = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (unsigned char)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    static const unsigned char lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    out[0] = (unsigned char)(lead[length] | character);
    return length;
}

static void every_character_of_unicode_is_well_formed(void **state)
{
    (void)state;
    for (uint32_t character = 0; character <= 0x10FFFF; character++) {
        unsigned char bytes[4];
        size_t length = encode(character, bytes);
        bool surrogate = character >= 0xD800 && character <= 0xDFFF;
        size_t judged = text_character_bytes((const char *)bytes, length);
        assert_int_equal(judged, surrogate ? 0 : length);
        if (length > 1) assert_int_equal(text_character_bytes((const char *)bytes, length - 1), 0);
    }
}

static void of_all_texts_of_three_bytes_just_the_right_number_is_utf8(void **state)
{
    (void)state;
    /* One, two or three characters: with 128 of one byte, 1920 of two and 61440 of three. */
    const size_t wanted = (size_t)128 * 128 * 128 + (size_t)2 * 128 * 1920 + 61440;
    size_t found = 0;
    for (uint32_t text = 0; text < 1u << 24; text++) {
        const char bytes[3] = {(char)(text >> 16), (char)(text >> 8), (char)text};
        found += text_is_utf8(bytes, sizeof bytes);
    }
    assert_int_equal(found, wanted);
}

static void the_known_bad_ones_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\x80",
        "\xC0\x80",
        "\xC1\xBF",
        "\xE0\x80\x80",
        "\xE0\x9F\xBF",
        "\xED\xA0\x80",
        "\xF0\x80\x80\x80",
        "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xF8\x88\x80\x80\x80",
        "\xFE",
        "\xFF",
        "a\xE2\x82",
        "\xE2\x28\xA1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(text_is_utf8(bad[i], strlen(bad[i])));
    assert_true(text_is_utf8("", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_character_of_unicode_is_well_formed),
        cmocka_unit_test(of_all_texts_of_three_bytes_just_the_right_number_is_utf8),
        cmocka_unit_test(the_known_bad_ones_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
