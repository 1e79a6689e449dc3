/* The model against cases worked out by hand from the contract. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "question.h"

#define SECOND INT64_C(1000000)
#define T(s)   (INT64_C(1700000000) * SECOND + (s)*SECOND)
#define LEARNT T(100000)

static struct model_zone zones[] = {
    {"house",   NULL,    MODEL_AS_POLICY},
    {"hall",    "house", 60 * SECOND    },
    {"nook",    "hall",  MODEL_NEVER    },
    {"grounds", NULL,    MODEL_AS_POLICY},
};

static struct model_reader readers[] = {
    {"gate",      'b', "outside", "grounds"},
    {"hall-door", 'b', "house",   "hall"   },
    {"hall-in",   'e', "hall",    NULL     },
    {"hall-out",  'l', "hall",    NULL     },
    {"house-in",  'e', "house",   NULL     },
    {"house-out", 'l', "house",   NULL     },
    {"nook-in",   'e', "nook",    NULL     },
    {"nook-out",  'l', "nook",    NULL     },
};

static const struct model_site larch = {
    .policy = {.forget_us = 600 * SECOND, .debounce_us = 2 * SECOND, .max_ahead_us = 120 * SECOND},
    .zones = zones,
    .zone_count = 4,
    .readers = readers,
    .reader_count = 8,
};

static void scan_as(struct model *m, const char *band, const char *reader, int64_t at_us,
                    int direction)
{
    struct model_scan scan = {
        .reader = texts_find(&m->readers, reader),
        .band = texts_add(&m->bands, band),
        .direction = direction,
        .at_us = at_us,
        .learnt_us = LEARNT,
    };
    assert_true(scan.reader >= 0);
    model_take_scan(m, &scan);
}

static void scan(struct model *m, const char *reader, int64_t at_us)
{
    scan_as(m, "person:ann", reader, at_us, WB_NO_DIRECTION);
}

static struct model *a_site(void)
{
    struct model *m = model_new();
    model_describe(m, &larch, T(-1000));
    model_person_put(m, "ann");
    return m;
}

/* Commit, ask for Ann's whole path and hold it against lines "zone from until last scans flags"
 * with times in seconds. */
static void path_is(struct model *m, const char *expected)
{
    model_commit(m);
    struct question q = {
        .kind = ASK_PATH,
        .person = "ann",
        .known_us = WB_EVERYTHING,
        .asked_us = LEARNT,
        .window = {WB_NO_TIME, WB_STILL_THERE, WB_EVERYTHING, LEARNT},
    };
    char *answer = question_ask_model(m, &q);
    assert_string_equal(answer, expected);
    free(answer);
    model_free(m);
}

#define SEC(s) "1700000" s "000000"

static void entering_one_place_leaves_the_other(void **state)
{
    (void)state;
    struct model *m = a_site();
    scan(m, "hall-in", T(10));
    scan(m, "gate", T(40));
    scan(m, "gate", T(50));
    path_is(m, "grounds from=" SEC("040") " until=" SEC("050") " last_seen=" SEC(
                   "040") " scans=1\n"
                          "hall from=" SEC("010") " until=" SEC("040") " last_seen=" SEC(
                              "010") " scans=1\n");
}

static void a_leave_puts_into_the_parent_and_a_root_outside(void **state)
{
    (void)state;
    struct model *m = a_site();
    scan(m, "nook-in", T(10));
    scan(m, "hall-out", T(20)); /* from nook, inside the hall, into the house */
    scan(m, "house-out", T(30));
    path_is(m, "house from=" SEC("020") " until=" SEC("030") " last_seen=" SEC(
                   "020") " scans=1\n"
                          "nook from=" SEC("010") " until=" SEC("020") " last_seen=" SEC(
                              "010") " scans=1\n");
}

static void an_unseen_entry_is_flagged_where_it_leads(void **state)
{
    (void)state;
    struct model *m = a_site();
    scan(m, "hall-out", T(10));
    scan(m, "gate", T(20));
    path_is(m, "grounds from=" SEC("020") " until=" SEC("620") " last_seen=" SEC(
                   "020") " scans=1\n"
                          "house from=" SEC("010") " until=" SEC("020") " last_seen=" SEC(
                              "010") " scans=1 unseen_entry\n");
}

static void a_debounced_scan_refreshes_and_moves_nobody(void **state)
{
    (void)state;
    struct model *m = a_site();
    scan(m, "hall-door", T(10)); /* in */
    scan(m, "hall-door", T(11)); /* debounced */
    scan(m, "hall-door", T(12)); /* two seconds after the counted one: out */
    scan(m, "gate", T(20));
    scan(m, "gate", T(22) - 1); /* one microsecond short */
    path_is(m, "grounds from=" SEC(
                   "020") " until=1700000621999999 last_seen=1700000021999999 scans=1\n"
                          "hall from=" SEC("010") " until=" SEC("012") " last_seen=" SEC(
                              "011") " scans=1\n"
                                     "house from=" SEC("012") " until=" SEC(
                                         "020") " last_seen=" SEC("012") " scans=1\n");
}

static void in_after_out_is_not_debounced(void **state)
{
    (void)state;
    struct model *m = a_site();
    scan_as(m, "person:ann", "hall-door", T(10), WB_IN);
    scan_as(m, "person:ann", "hall-door", T(11), WB_OUT);
    scan_as(m, "person:ann", "hall-door", T(12), WB_OUT); /* debounced */
    scan_as(m, "person:ann", "hall-door", T(12) + 1, WB_IN);
    scan_as(m, "person:ann", "house-out", T(13), WB_NO_DIRECTION);
    path_is(m,
            "hall from=" SEC("010") " until=" SEC("011") " last_seen=" SEC(
                "010") " scans=1\n"
                       "hall from=1700000012000001 until=" SEC(
                           "013") " last_seen=1700000012000001 scans=1\n"
                                  "house from=" SEC("011") " until=1700000012000001 last_seen=" SEC(
                                      "012") " scans=1\n");
}

static void forgetting_ends_a_stay_and_the_same_moment_begins_another(void **state)
{
    (void)state;
    struct model *m = a_site();
    scan(m, "hall-in", T(10));
    scan(m, "hall-in", T(70)); /* exactly when it is forgotten */
    scan(m, "hall-in", T(129));
    path_is(m, "hall from=" SEC("010") " until=" SEC("070") " last_seen=" SEC(
                   "010") " scans=1\n"
                          "hall from=" SEC("070") " until=" SEC("189") " last_seen=" SEC(
                              "129") " scans=2\n");
}

static void the_scan_that_finds_them_forgotten_is_not_debounced(void **state)
{
    (void)state;
    struct model *m = model_new();
    struct model_site slow = larch;
    slow.policy.debounce_us = 300 * SECOND;
    model_describe(m, &slow, T(-1000));
    model_person_put(m, "ann");
    scan(m, "hall-door", T(10));
    scan(m, "hall-door", T(69));  /* debounced, refreshes */
    scan(m, "hall-door", T(129)); /* forgotten at 129: not debounced, and not in the hall: in */
    scan(m, "gate", T(130));
    scan(m, "house-out", T(131));
    path_is(m, "grounds from=" SEC("130") " until=" SEC("131") " last_seen=" SEC(
                   "130") " scans=1\n"
                          "hall from=" SEC("010") " until=" SEC("129") " last_seen=" SEC(
                              "069") " scans=1\n"
                                     "hall from=" SEC("129") " until=" SEC("130") " last_seen=" SEC(
                                         "129") " scans=1\n");
}

static void never_switches_forgetting_off(void **state)
{
    (void)state;
    struct model *m = a_site();
    scan(m, "nook-in", T(10));
    path_is(m, "nook from=" SEC("010") " until=open last_seen=" SEC("010") " scans=1\n");
}

/* In the nook; at one microsecond: leave nook (into hall), leave hall (into house), then enter
 * the nook again. Only the last has a length; and it is the same nook: one stay of two scans. */
static void leaves_come_first_deepest_zone_first(void **state)
{
    (void)state;
    struct model *m = a_site();
    scan(m, "nook-in", T(10));
    scan(m, "nook-in", T(20));
    scan(m, "hall-out", T(20));
    scan(m, "nook-out", T(20));
    scan(m, "house-out", T(30));
    path_is(m, "nook from=" SEC("010") " until=" SEC("030") " last_seen=" SEC("020") " scans=2\n");
}

/* In the grounds; at one microsecond enter hall, then leave hall, which was not a leave of where
 * they were: it comes after. */
static void other_leaves_come_last(void **state)
{
    (void)state;
    struct model *m = a_site();
    scan(m, "gate", T(10));
    scan(m, "hall-out", T(20));
    scan(m, "hall-in", T(20));
    scan(m, "house-out", T(30));
    path_is(m, "grounds from=" SEC("010") " until=" SEC("020") " last_seen=" SEC(
                   "010") " scans=1\n"
                          "house from=" SEC("020") " until=" SEC("030") " last_seen=" SEC(
                              "020") " scans=1\n");
}

static void an_interval_of_no_length_takes_its_flags_with_it(void **state)
{
    (void)state;
    struct model *m = a_site();
    scan(m, "gate", T(10));
    scan(m, "hall-out", T(20)); /* remaining leave: after the enters; unseen or not? */
    scan(m, "house-out", T(20));
    scan(m, "gate", T(30));
    /* At 20: no enter; leaves by id: hall-out (unseen, into house), house-out (seen) outside. */
    path_is(m, "grounds from=" SEC("010") " until=" SEC("020") " last_seen=" SEC(
                   "010") " scans=1\n"
                          "grounds from=" SEC("030") " until=" SEC("630") " last_seen=" SEC(
                              "030") " scans=1\n");
}

static void no_length_never_joins_across_a_forgetting(void **state)
{
    (void)state;
    struct model *m = a_site();
    scan(m, "hall-in", T(10));
    scan(m, "gate", T(70));
    scan(m, "hall-in", T(70));
    scan(m, "house-out", T(80));
    /* Forgotten at 70. By reader id: gate (grounds, no length), then hall-in. */
    path_is(m, "hall from=" SEC("010") " until=" SEC("070") " last_seen=" SEC(
                   "010") " scans=1\n"
                          "hall from=" SEC("070") " until=" SEC("080") " last_seen=" SEC(
                              "070") " scans=1\n");
}

static void a_withdrawn_scan_did_not_happen_but_was_believed(void **state)
{
    (void)state;
    struct model *m = a_site();
    scan(m, "nook-in", T(10));
    scan(m, "gate", T(20));
    model_take_withdrawal(m, &(struct model_withdrawal){
                                 .reader = texts_find(&m->readers, "gate"),
                                 .band = texts_find(&m->bands, "person:ann"),
                                 .direction = WB_EVERY_DIRECTION,
                                 .at_us = T(20),
                                 .learnt_us = LEARNT + 1,
                             });
    model_commit(m);
    struct question q = {.kind = ASK_WHERE, .person = "ann", .as_of_us = T(30)};
    q.known_us = q.asked_us = LEARNT;
    char *answer = question_ask_model(m, &q);
    assert_non_null(strstr(answer, "zone=grounds since=" SEC("020")));
    free(answer);
    q.known_us = q.asked_us = LEARNT + 1;
    answer = question_ask_model(m, &q);
    assert_non_null(strstr(answer, "zone=nook since=" SEC("010")));
    free(answer);
    model_free(m);
}

static void a_released_scan_folds_in_shifted(void **state)
{
    (void)state;
    struct model *m = a_site();
    int64_t wrong_us = T(0) - INT64_C(800000000) * SECOND; /* 1998 */
    scan(m, "nook-in", wrong_us);
    model_take_release(m, &(struct model_release){
                              .reader = texts_find(&m->readers, "nook-in"),
                              .from_us = WB_NO_TIME,
                              .until_us = WB_STILL_THERE,
                              .shift_us = INT64_C(800000010) * SECOND,
                              .learnt_us = LEARNT,
                          });
    scan(m, "nook-in", T(10)); /* equal to the shifted one: they count once */
    path_is(m, "nook from=" SEC("010") " until=open last_seen=" SEC("010") " scans=1\n");
}

static void a_scan_after_complete_is_flagged(void **state)
{
    (void)state;
    struct model *m = a_site();
    model_take_completeness(m, &(struct model_completeness){
                                   .reader = texts_find(&m->readers, "nook-in"),
                                   .until_us = T(10),
                                   .learnt_us = LEARNT - 1,
                               });
    scan(m, "nook-in", T(10));
    scan(m, "gate", T(20));
    scan(m, "nook-in", T(30));
    path_is(m, "grounds from=" SEC("020") " until=" SEC("030") " last_seen=" SEC(
                   "020") " scans=1\n"
                          "nook from=" SEC("010") " until=" SEC("020") " last_seen=" SEC(
                              "010") " scans=1 after_complete\n"
                                     "nook from=" SEC("030") " until=open last_seen=" SEC(
                                         "030") " scans=1\n");
}

static void chips_have_one_spelling(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"04:a2:2b:33",          "04A22B33"      },
        {"04a22b33",             "04A22B33"      },
        {"04-a2-2b-33-44-55-66", "04A22B33445566"},
        {"04:a2:2b:33:",         "04:a2:2b:33:"  },
        {"04a22b",               "04a22b"        },
        {"0:4a:22:b3:3",         "0:4a:22:b3:3"  },
        {"bike-473",             "bike-473"      },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char text[WB_ID_BYTES_MAX + 1];
        model_band_text(pairs[i][0], text);
        assert_string_equal(text, pairs[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entering_one_place_leaves_the_other),
        cmocka_unit_test(a_leave_puts_into_the_parent_and_a_root_outside),
        cmocka_unit_test(an_unseen_entry_is_flagged_where_it_leads),
        cmocka_unit_test(a_debounced_scan_refreshes_and_moves_nobody),
        cmocka_unit_test(in_after_out_is_not_debounced),
        cmocka_unit_test(forgetting_ends_a_stay_and_the_same_moment_begins_another),
        cmocka_unit_test(the_scan_that_finds_them_forgotten_is_not_debounced),
        cmocka_unit_test(never_switches_forgetting_off),
        cmocka_unit_test(leaves_come_first_deepest_zone_first),
        cmocka_unit_test(other_leaves_come_last),
        cmocka_unit_test(an_interval_of_no_length_takes_its_flags_with_it),
        cmocka_unit_test(no_length_never_joins_across_a_forgetting),
        cmocka_unit_test(a_withdrawn_scan_did_not_happen_but_was_believed),
        cmocka_unit_test(a_released_scan_folds_in_shifted),
        cmocka_unit_test(a_scan_after_complete_is_flagged),
        cmocka_unit_test(chips_have_one_spelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
