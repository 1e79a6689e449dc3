/* What the drawings look like, to the character. */
#include "tool/plot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOUR_US INT64_C(3600000000)
#define DAY_US  (24 * HOUR_US)

struct drawing {
    struct plot plot;
    char *text;
    size_t bytes;
};

static void begin(struct drawing *drawing, bool utf8)
{
    *drawing = (struct drawing){0};
    drawing->plot.stream = open_memstream(&drawing->text, &drawing->bytes);
    drawing->plot.screen = (struct screen){.utf8 = utf8, .columns = 30};
    assert_non_null(drawing->plot.stream);
}

static void expect(struct drawing *drawing, const char *expected)
{
    assert_int_equal(fclose(drawing->plot.stream), 0);
    assert_string_equal(drawing->text, expected);
    free(drawing->text);
}

static void a_curve_fills_the_width_and_shows_its_highest(void **state)
{
    static const uint32_t counts[] = {0, 1, 5, 10, 10, 2};
    struct drawing drawing;
    (void)state;

    begin(&drawing, false);
    plot_curve(&drawing.plot, "people in hall", counts, 6, 0, HOUR_US);
    expect(&drawing, "people in hall\n"
                     "\n"
                     "10 |             ########    \n"
                     "   |             ########    \n"
                     "   |             ########    \n"
                     "   |             ########    \n"
                     "   |             ########    \n"
                     " 5 |         ############    \n"
                     "   |         ############    \n"
                     "   |         ############    \n"
                     "   |         ################\n"
                     "   |     ####################\n"
                     "     +-------+-------+-------\n"
                     "     00:00   02:00   04:00\n");
}

static void more_points_than_columns_show_the_highest_of_each(void **state)
{
    static uint32_t counts[2500];
    struct drawing drawing;
    (void)state;

    counts[1249] = 3; /* one spike in a long calm must be seen */
    begin(&drawing, true);
    plot_curve(&drawing.plot, "t", counts, 2500, 0, 60000000);
    assert_int_equal(fclose(drawing.plot.stream), 0);
    assert_non_null(strstr(drawing.text, "3 ┤ "));
    assert_non_null(strstr(drawing.text, "█"));
    free(drawing.text);
}

static void an_empty_zone_is_a_flat_line(void **state)
{
    static const uint32_t counts[] = {0};
    struct drawing drawing;
    (void)state;

    begin(&drawing, true);
    plot_curve(&drawing.plot, "t", counts, 1, 0, 60000000);
    assert_int_equal(fclose(drawing.plot.stream), 0);
    assert_null(strstr(drawing.text, "▁"));
    free(drawing.text);
}

static void a_path_has_a_lane_a_zone_and_a_picture_a_day(void **state)
{
    static const struct plot_stay stays[] = {
        {"house", 0,            12 * HOUR_US        },
        {"hall",  12 * HOUR_US, 18 * HOUR_US        },
        {"house", DAY_US,       DAY_US + 6 * HOUR_US},
    };
    struct drawing drawing;
    (void)state;

    begin(&drawing, false);
    plot_stays(&drawing.plot, stays, 3, INT64_MIN, INT64_MAX);
    expect(&drawing, "1970-01-01\n"
                     "house ############............\n"
                     "hall  ............######......\n"
                     "      +-----------+-----------\n"
                     "      00:00       12:00\n"
                     "\n"
                     "1970-01-02\n"
                     "house ######..................\n"
                     "      +-----------+-----------\n"
                     "      00:00       12:00\n");
}

static void days_without_stays_are_left_out_and_the_window_cuts(void **state)
{
    static const struct plot_stay stays[] = {
        {"a", 0,            HOUR_US                    },
        {"b", 400 * DAY_US, 400 * DAY_US + 12 * HOUR_US},
    };
    struct drawing drawing;
    (void)state;

    begin(&drawing, true);
    plot_stays(&drawing.plot, stays, 2, DAY_US, 400 * DAY_US + HOUR_US);
    assert_int_equal(fclose(drawing.plot.stream), 0);
    assert_non_null(strstr(drawing.text, "1971-02-05\nb    ████"));
    assert_null(strstr(drawing.text, "1970"));
    assert_null(strstr(drawing.text, "·"));
    free(drawing.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_curve_fills_the_width_and_shows_its_highest),
        cmocka_unit_test(more_points_than_columns_show_the_highest_of_each),
        cmocka_unit_test(an_empty_zone_is_a_flat_line),
        cmocka_unit_test(a_path_has_a_lane_a_zone_and_a_picture_a_day),
        cmocka_unit_test(days_without_stays_are_left_out_and_the_window_cuts),
    };
    screen_begin();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
