/* Search as one types: folding, ranking, and fifty thousand people in time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "api/search.h"

#define MANY 50000

static const char site[] = "{\"id\":\"s\",\"timezone\":\"UTC\",\"zones\":[{\"id\":\"z\"}],"
                           "\"readers\":[{\"id\":\"r\",\"enter\":\"z\"}]}";

static char path[64];

static bool random_bytes(void *context, void *out, size_t bytes)
{
    (void)context;
    memset(out, 7, bytes);
    return true;
}

static void put(struct wb *wb, const char *id, const char *name)
{
    struct wb_person_row row = {.id = id, .name = name, .groups = "", .notes = ""};
    assert_int_equal(wb_person_put(wb, &row, NULL, NULL), WB_OK);
}

static int open_site(void **state)
{
    struct wb_options options = {.mode = WB_CREATE, .random = random_bytes};
    struct wb *wb = NULL;

    (void)snprintf(path, sizeof path, "/tmp/whereabouts-search-%d.db", (int)getpid());
    assert_int_equal(wb_open(path, &options, &wb, NULL), WB_OK);
    assert_int_equal(wb_describe(wb, site, sizeof site - 1, 1000000, NULL), WB_OK);
    assert_int_equal(wb_begin(wb, 2000000), WB_OK);
    put(wb, "amelie", "Am\xC3\xA9lie Dupont");
    put(wb, "b7", "Anne Amel");
    put(wb, "c9", "Jo Amelung-Berg");
    put(wb, "d1", "\xC3\x93v\xC3\xA1ri B\xC3\xA9la");
    put(wb, "amel", "Somebody Else");
    for (int i = 0; i < MANY; i++) {
        char id[16];
        char name[64];
        (void)snprintf(id, sizeof id, "p%05d", i);
        (void)snprintf(name, sizeof name, "First%03d Last%03d", i % 400, i / 400);
        put(wb, id, name);
    }
    assert_int_equal(wb_turn(wb, NULL), WB_OK);
    *state = wb;
    return 0;
}

static int close_site(void **state)
{
    char beside[80];

    assert_int_equal(wb_close(*state), WB_OK);
    (void)unlink(path);
    (void)snprintf(beside, sizeof beside, "%s-lock", path);
    (void)unlink(beside);
    return 0;
}

/* The ids that are found, parted by blanks. */
static const char *found(struct wb *wb, struct people_index **index, const char *text, size_t most)
{
    static char ids[1024];
    struct search_question question = {text, strlen(text), most, NULL, NULL};
    struct wb_people people = {0};
    size_t bytes = 0;

    assert_int_equal(search_people(wb, index, &question, &people), WB_OK);
    ids[0] = '\0';
    for (size_t i = 0; i < people.count && bytes < sizeof ids - 40; i++) {
        bytes += (size_t)snprintf(ids + bytes, sizeof ids - bytes, "%s%s", i > 0 ? " " : "",
                                  wb_person_id(wb, people.at[i]));
    }
    wb_list_done(&people);
    return ids;
}

static void the_best_comes_first(void **state)
{
    struct people_index *index = NULL;

    assert_string_equal(found(*state, &index, "amel", 10), "amel b7 amelie c9");
    search_forget(&index);
}

static void every_word_must_fit_in_any_order(void **state)
{
    struct people_index *index = NULL;

    assert_string_equal(found(*state, &index, "amel jo", 10), "c9");
    assert_string_equal(found(*state, &index, "Berg amelu", 10), "c9");
    assert_string_equal(found(*state, &index, "amel zoe", 10), "");
    search_forget(&index);
}

static void capitals_count_as_small_letters(void **state)
{
    struct people_index *index = NULL;

    assert_string_equal(found(*state, &index, "\xC3\x93V\xC3\x81", 10), "d1");
    assert_string_equal(found(*state, &index, "AM\xC3\x89", 10), "amelie");
    search_forget(&index);
}

static void who_is_new_is_found(void **state)
{
    struct people_index *index = NULL;

    assert_string_equal(found(*state, &index, "zacharias", 10), "");
    assert_int_equal(wb_begin(*state, 3000000), WB_OK);
    put(*state, "z1", "Zacharias");
    assert_int_equal(wb_turn(*state, NULL), WB_OK);
    assert_string_equal(found(*state, &index, "zacharias", 10), "z1");
    search_forget(&index);
}

/* Fifty milliseconds are the bound; a test beside others gets some air. */
static void fifty_thousand_are_searched_in_time(void **state)
{
    struct people_index *index = NULL;
    static const char *const typed[] = {"f",  "fi", "first0", "last1", "p0", "first001 last01",
                                        "l f"};
    uint64_t worst_us = 0;

    (void)found(*state, &index, "warm", 8);
    for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
        struct timespec a;
        struct timespec b;
        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
        (void)found(*state, &index, typed[i], 8);
        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
        uint64_t us = (uint64_t)(b.tv_sec - a.tv_sec) * 1000000 + (uint64_t)(b.tv_nsec / 1000) -
                      (uint64_t)(a.tv_nsec / 1000);
        if (us > worst_us) worst_us = us;
    }
    print_message("the slowest search took %lu us\n", (unsigned long)worst_us);
    assert_true(worst_us < 400000);
    search_forget(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_comes_first),
        cmocka_unit_test(every_word_must_fit_in_any_order),
        cmocka_unit_test(capitals_count_as_small_letters),
        cmocka_unit_test(who_is_new_is_found),
        cmocka_unit_test(fifty_thousand_are_searched_in_time),
    };
    return cmocka_run_group_tests(tests, open_site, close_site);
}
