#include "unit/site/refusal.h"

static const char plain[] =
    SITE("'policy':{'forget_after':'1h','debounce':'3s'},"
         "'zones':[{'id':'house','name':'House'},{'id':'hall','in':'house'},{'id':'yard'}],"
         "'readers':[{'id':'door','between':['house','hall']},{'id':'in','enter':'yard'},"
         "{'id':'out','leave':'yard'}]");

static bool same(const char *left, const char *right)
{
    struct description a;
    struct description b;
    assert_read(left, &a);
    assert_read(right, &b);
    bool there = description_same_shape(&a, &b);
    assert_int_equal(there, description_same_shape(&b, &a));
    description_done(&a);
    description_done(&b);
    return there;
}

static void order_and_names_and_the_heartbeat_do_not_matter(void **state)
{
    (void)state;
    assert_true(same(plain, plain));
    assert_true(same(plain, "{'id':'other','timezone':'Europe/London','name':'Larch',"
                            "'policy':{'debounce':'3s','forget_after':'60m','heartbeat':'1m',"
                            "'max_clock_ahead':'120s','unknown_bands':'hold'},"
                            "'readers':[{'id':'out','leave':'yard','name':'Gate'},"
                            "{'id':'door','between':['house','hall'],'purpose':'alarm'},"
                            "{'id':'in','enter':'yard'}],"
                            "'zones':[{'id':'yard','capacity':9},{'id':'hall','in':'house',"
                            "'muster':true},{'id':'house','forget_after':'1h'}]}"));
}

static void every_part_that_folds_matters(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {SITE("'policy':{}"),                                SITE("'policy':{'debounce':'3s'}")        },
        {SITE("'policy':{}"),                                SITE("'policy':{'forget_after':'3s'}")    },
        {SITE("'policy':{}"),                                SITE("'policy':{'max_clock_ahead':'3s'}") },
        {SITE("'policy':{}"),                                SITE("'policy':{'unknown_bands':'adopt'}")},
        {ZONES("{'id':'a'}"),                                ZONES("{'id':'b'}")                       },
        {ZONES("{'id':'a'}"),                                ZONES("{'id':'a'},{'id':'b'}")            },
        {ZONES("{'id':'a'},{'id':'b'}"),                     ZONES("{'id':'a'},{'id':'b','in':'a'}")   },
        {ZONES("{'id':'a'}"),                                ZONES("{'id':'a','forget_after':'1h'}")   },
        {READERS("{'id':'r','enter':'hall'}"),               READERS("{'id':'r','leave':'hall'}")      },
        {READERS("{'id':'r','enter':'hall'}"),               READERS("{'id':'r','enter':'yard'}")      },
        {READERS("{'id':'r','enter':'hall'}"),               READERS("{'id':'s','enter':'hall'}")      },
        {READERS("{'id':'r','enter':'hall'}"),               READERS("")                               },
        {READERS("{'id':'r','between':['house','hall']}"),
         READERS("{'id':'r','between':['outside','hall']}")                                            },
        {READERS("{'id':'r','between':['house','hall']}"),
         READERS("{'id':'r','between':['house','yard']}")                                              },
        {READERS("{'id':'r','between':['outside','hall']}"), READERS("{'id':'r','enter':'hall'}")      },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (same(pairs[i][0], pairs[i][1])) fail_msg("pair %zu was taken as the same", i);
}

static void never_is_the_same_as_a_policy_that_never_forgets(void **state)
{
    (void)state;
    assert_true(same(ZONES("{'id':'a'}"), ZONES("{'id':'a','forget_after':'never'}")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_and_names_and_the_heartbeat_do_not_matter),
        cmocka_unit_test(every_part_that_folds_matters),
        cmocka_unit_test(never_is_the_same_as_a_policy_that_never_forgets),
    };
    return cmocka_run_group_tests_name("site/shape", tests, NULL, NULL);
}
