/* Every cell of src/access/rights.def, over HTTP: each endpoint asked by each role, by token and by
 * cookie; and what a limited caller asks inside and outside of the limits. Each answer that names
 * people is held against the log of look-ups. A new row fails until `requests` says how to ask. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <jansson.h>
#include <sodium.h>

#include "access/callers.h"
#include "access/password.h"
#include "base/time.h"
#include "room.h"
#include "served.h"

#define PASSWORD "a few good words"

static const char SITE[] =
    "{\"id\":\"s\",\"name\":\"S\",\"timezone\":\"UTC\",\"zones\":[{\"id\":\"house\"},"
    "{\"id\":\"hall\",\"in\":\"house\"},{\"id\":\"nook\",\"in\":\"hall\"},{\"id\":\"shed\"}],"
    "\"readers\":[{\"id\":\"hall-door\",\"enter\":\"hall\"},{\"id\":\"shed-door\",\"enter\":"
    "\"shed\"},{\"id\":\"nook-door\",\"enter\":\"nook\"}]}";

/* How to ask an endpoint. NOW stands for the present moment, AGO for an hour before it. */
static const struct request {
    const char *handler;
    const char *part;  /* for {..} */
    const char *query; /* NULL: none */
    const char *body;  /* NULL: none */
    const char *type;  /* of the body; NULL: JSON */
    bool done;         /* who may is answered 2xx; else anything but 401, 403 and 5xx */
} requests[] = {
    {"health_get",          NULL,          NULL,                          NULL,                                            NULL,            true },
    {"openapi_get",         NULL,          NULL,                          NULL,                                            NULL,            true },
    {"page_get",            "favicon.svg", NULL,                          NULL,                                            NULL,            false},
    {"metrics_get",         NULL,          NULL,                          NULL,                                            NULL,            true },
    {"session_post",        NULL,          NULL,
     "{\"operator\":\"signer\",\"password\":\"" PASSWORD "\",\"purpose\":\"\"}",                                           NULL,            true },
    {"session_get",         NULL,          NULL,                          NULL,                                            NULL,            false},
    {"session_put",         NULL,          NULL,                          "{\"purpose\":\"\"}",                            NULL,            false},
    {"session_delete",      NULL,          NULL,                          NULL,                                            NULL,            false},
    {"first_operator_post", NULL,          NULL,                          NULL,                                            NULL,            false}, /* has a test of its own */
    {"operators_get",       NULL,          NULL,                          NULL,                                            NULL,            true },
    {"operators_post",      NULL,          NULL,
     "{\"name\":\"newcomer\",\"role\":\"viewer\",\"password\":\"" PASSWORD "\"}",                                          NULL,            false},
    {"operator_delete",     "newcomer",    NULL,                          NULL,                                            NULL,            false},
    {"tokens_get",          NULL,          NULL,                          NULL,                                            NULL,            true },
    {"tokens_post",         NULL,          NULL,                          "{\"role\":\"viewer\",\"zones\":[\"hall\"]}",    NULL,            true },
    {"token_delete",        "t-00000000",  NULL,                          NULL,                                            NULL,            false},
    {"scans_post",          NULL,          NULL,
     "{\"scans\":[{\"reader\":\"hall-door\",\"band\":\"b-ann\",\"time\":\"NOW\"}]}",                                       NULL,            true },
    {"scans_get",           NULL,          NULL,                          NULL,                                            NULL,            true },
    {"heartbeat_post",      "hall-door",   NULL,                          "{\"time\":\"NOW\"}",                            NULL,            true },
    {"now_get",             NULL,          NULL,                          NULL,                                            NULL,            true },
    {"at_get",              NULL,          "time=NOW",                    NULL,                                            NULL,            true },
    {"people_get",          NULL,          NULL,                          NULL,                                            NULL,            true },
    {"person_get",          "ann",         NULL,                          NULL,                                            NULL,            true },
    {"path_get",            "ann",         NULL,                          NULL,                                            NULL,            true },
    {"with_get",            "ann",         "min=0s",                      NULL,                                            NULL,            true },
    {"lookups_get",         "ann",         NULL,                          NULL,                                            NULL,            true },
    {"occupancy_get",       "hall",        "from=AGO&until=NOW&every=5m", NULL,                                            NULL,            true },
    {"band_get",            "b-ann",       NULL,                          NULL,                                            NULL,            true },
    {"bands_get",           NULL,          NULL,                          NULL,                                            NULL,            true },
    {"withdrawn_get",       NULL,          NULL,                          NULL,                                            NULL,            true },
    {"unseen_get",          NULL,          NULL,                          NULL,                                            NULL,            true },
    {"held_get",            NULL,          NULL,                          NULL,                                            NULL,            true },
    {"quarantined_get",     NULL,          NULL,                          NULL,                                            NULL,            true },
    {"stream_get",          NULL,          NULL,                          NULL,                                            NULL,            true },
    {"people_post",         NULL,          "details=true",                "id,name,groups\ndora,Dora,staff\n",             "text/csv",      true },
    {"person_put",          "dora",        NULL,                          "{\"name\":\"Dora\",\"groups\":[\"staff\"]}",    NULL,            true },
    {"person_delete",       "gone",        NULL,                          NULL,                                            NULL,            false},
    {"pairings_post",       NULL,          NULL,                          "{\"band\":\"b-new\",\"person\":\"ann\"}",       NULL,            true },
    {"withdrawals_post",    NULL,          NULL,
     "{\"reader\":\"shed-door\",\"band\":\"b-zed\",\"time\":\"AGO\",\"why\":\"a test\"}",                                  NULL,
     false                                                                                                                                       },
    {"releases_post",       NULL,          NULL,                          "{\"reader\":\"shed-door\",\"why\":\"a test\"}", NULL,            false},
    {"site_get",            NULL,          NULL,                          NULL,                                            NULL,            true },
    {"site_put",            NULL,          NULL,                          SITE,                                            NULL,            true },
    {"zones_get",           NULL,          NULL,                          NULL,                                            NULL,            true },
    {"readers_get",         NULL,          NULL,                          NULL,                                            NULL,            true },
    {"plan_get",            NULL,          NULL,                          NULL,                                            NULL,            false},
    {"plan_put",            NULL,          NULL,                          "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",   "image/svg+xml", true },
    {"places_get",          NULL,          NULL,                          NULL,                                            NULL,            true },
    {"places_put",          NULL,          NULL,
     "{\"places\":[{\"zone\":\"hall\",\"x\":1,\"y\":1,\"w\":2,\"h\":2},"
     "{\"zone\":\"shed\",\"x\":5,\"y\":1,\"w\":2,\"h\":2}]}",                                                              NULL,            true },
    {"purposes_get",        NULL,          NULL,                          NULL,                                            NULL,            true },
    {"purposes_put",        NULL,          NULL,                          "{\"purposes\":[]}",                             NULL,            true },
};

/* ---- The site ---- */

/* Who is there since ten minutes ago: in the hall and of the staff, and whoever is one of both, or
 * neither. Max went on after half of the time. */
static const struct {
    const char *id, *groups, *band, *reader, *later;
} people[] = {
    {"ann",  "staff",  "b-ann",  "hall-door", NULL       },
    {"nora", "staff",  "b-nora", "nook-door", NULL       },
    {"ben",  "guests", "b-ben",  "shed-door", NULL       },
    {"cat",  "staff",  "b-cat",  "shed-door", NULL       },
    {"dan",  "guests", "b-dan",  "hall-door", NULL       },
    {"zed",  "",       "b-zed",  "shed-door", NULL       },
    {"eve",  "staff",  "b-eve",  "hall-door", NULL       },
    {"dora", "staff",  NULL,     NULL,        NULL       },
    {"gone", "",       NULL,     NULL,        NULL       },
    {"max",  "staff",  "b-max",  "hall-door", "shed-door"},
};

#define HERE_S 600 /* how long they have been there */

#define PEOPLE (sizeof people / sizeof *people)

/* Who asks. */
enum asker {
    ANONYMOUS,
    READER,
    VIEWER,
    WARDEN,
    ADMIN,
    VIEWER_COOKIE,
    WARDEN_COOKIE,
    ADMIN_COOKIE,
    OWN_READER,   /* of hall-door */
    HALL_STAFF,   /* viewer of the hall and of the staff */
    HALL_STAFF_W, /* warden of them */
    HALL_COOKIE,  /* the viewer by a session */
    HALL,         /* viewer of the hall only */
    STAFF,        /* viewer of the staff only */
    NOWHERE,      /* viewer of a zone that is not there */
    ASKERS
};

static const struct {
    const char *name; /* of an operator; NULL: a token */
    enum access_role role;
    const char *scope;
} askers[ASKERS] = {
    [ANONYMOUS] = {NULL,    ACCESS_ANONYMOUS, ""                                             },
    [READER] = {NULL,    ACCESS_READER,    ""                                             },
    [VIEWER] = {NULL,    ACCESS_VIEWER,    ""                                             },
    [WARDEN] = {NULL,    ACCESS_WARDEN,    ""                                             },
    [ADMIN] = {NULL,    ACCESS_ADMIN,     ""                                             },
    [VIEWER_COOKIE] = {"vera",  ACCESS_VIEWER,    ""                                             },
    [WARDEN_COOKIE] = {"wanda", ACCESS_WARDEN,    ""                                             },
    [ADMIN_COOKIE] = {"ada",   ACCESS_ADMIN,     ""                                             },
    [OWN_READER] = {NULL,    ACCESS_READER,    "{\"readers\":[\"hall-door\"]}"                },
    [HALL_STAFF] = {NULL,    ACCESS_VIEWER,    "{\"zones\":[\"hall\"],\"groups\":[\"staff\"]}"},
    [HALL_STAFF_W] = {NULL,    ACCESS_WARDEN,    "{\"zones\":[\"hall\"],\"groups\":[\"staff\"]}"},
    [HALL_COOKIE] = {"hal",   ACCESS_VIEWER,    "{\"zones\":[\"hall\"],\"groups\":[\"staff\"]}"},
    [HALL] = {NULL,    ACCESS_VIEWER,    "{\"zones\":[\"hall\"]}"                       },
    [STAFF] = {NULL,    ACCESS_VIEWER,    "{\"groups\":[\"staff\"]}"                     },
    [NOWHERE] = {NULL,    ACCESS_VIEWER,    "{\"zones\":[\"cellar\"]}"                     },
};

static struct {
    char path[ROOM_PATH_BYTES];
    struct served served;
    struct secret secret[ASKERS];
    struct secret second[ASKERS]; /* of another session, for the row that ends one */
    char now[TIME_TEXT_MAX], ago[TIME_TEXT_MAX];
    uint64_t named[PEOPLE]; /* in how many answers */
    int failures, cells, not_there;
    bool has_stream;
    uint64_t exports;
} world;

static bool random_bytes(void *context, void *out, size_t bytes)
{
    (void)context;
    randombytes_buf(out, bytes);
    return true;
}

static int64_t clock_us(void)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_REALTIME, &now), 0);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void put_person(struct wb *wb, size_t i, int64_t at_us)
{
    struct wb_person_row row = {
        .id = people[i].id, .name = people[i].id, .groups = people[i].groups, .notes = ""};
    assert_int_equal(wb_person_put(wb, &row, NULL, NULL), WB_OK);
    if (people[i].band == NULL) return;
    struct wb_pairing pairing = {
        .from_us = WB_NO_TIME, .until_us = WB_STILL_THERE, .learnt_us = WB_NO_TIME};
    struct wb_scan scan = {.at_us = at_us, .learnt_us = WB_NO_TIME};
    const char *readers[] = {people[i].reader, people[i].later};
    assert_int_equal(wb_person_find(wb, row.id, strlen(row.id), &pairing.person), WB_OK);
    assert_int_equal(wb_band_intern(wb, people[i].band, strlen(people[i].band), &pairing.band),
                     WB_OK);
    assert_int_equal(wb_pair(wb, &pairing, NULL, NULL), WB_OK);
    scan.band = pairing.band;
    for (int k = 0; k < 2 && readers[k] != NULL; k++) {
        assert_int_equal(wb_reader_find(wb, readers[k], strlen(readers[k]), &scan.reader), WB_OK);
        assert_int_equal(wb_observe(wb, &scan, NULL, NULL), WB_OK);
        scan.at_us += HERE_S / 2 * TIME_SECOND_US;
    }
}

static void put_session(struct wb *wb, const char *name, int64_t now_us, struct secret *out)
{
    uint8_t random[SESSION_RANDOM_BYTES];
    struct session session;
    randombytes_buf(random, sizeof random);
    session_begin(random, now_us, &session, out);
    assert_int_equal(issue_session(wb, &session, name, "the round"), WB_OK);
}

static void put_asker(struct wb *wb, int i, const char *hash, int64_t now_us)
{
    struct account account = {.name = (char *)askers[i].name,
                              .secret = (char *)hash,
                              .role = askers[i].role,
                              .purpose = (char *)"a screen",
                              .made_us = now_us,
                              .expires_us = WB_STILL_THERE};
    const char *scope = askers[i].scope;
    assert_int_equal(scope_read(scope, strlen(scope), &account.scope, NULL), WB_OK);
    if (account.name != NULL) {
        account.purpose = NULL;
        assert_int_equal(issue_operator(wb, &account, NULL), WB_OK);
        put_session(wb, account.name, now_us, &world.secret[i]);
        put_session(wb, account.name, now_us, &world.second[i]);
    } else if (account.role != ACCESS_ANONYMOUS) {
        uint8_t random[ACCESS_TOKEN_RANDOM_BYTES];
        char id[16];
        randombytes_buf(random, sizeof random);
        assert_int_equal(issue_token(wb, &account, random, id, &world.secret[i], NULL), WB_OK);
        world.second[i] = world.secret[i];
    }
    scope_done(&account.scope);
}

static void put_everything(struct wb *wb, int64_t now_us)
{
    char hash[PASSWORD_HASH_BYTES];
    assert_int_equal(password_hash(PASSWORD, strlen(PASSWORD), hash), WB_OK);
    assert_int_equal(wb_describe(wb, SITE, sizeof SITE - 1, now_us, NULL), WB_OK);
    assert_int_equal(wb_begin(wb, now_us), WB_OK);
    for (size_t i = 0; i < PEOPLE; i++) {
        put_person(wb, i, now_us - HERE_S * TIME_SECOND_US);
    }
    for (int i = 0; i < ASKERS; i++) {
        put_asker(wb, i, hash, now_us);
    }
    struct account signer = {.name = (char *)"signer",
                             .secret = hash,
                             .role = ACCESS_VIEWER,
                             .made_us = now_us,
                             .expires_us = WB_STILL_THERE};
    assert_int_equal(issue_operator(wb, &signer, NULL), WB_OK);
    assert_int_equal(wb_turn(wb, NULL), WB_OK);
}

static int open_world(void **state)
{
    (void)state;
    int64_t now_us = clock_us();
    struct wb *wb = NULL;
    assert_true(sodium_init() >= 0);
    memset(&world, 0, sizeof world);
    room_make("site.db", world.path);
    struct wb_options options = {.mode = WB_CREATE, .random = random_bytes};
    assert_int_equal(wb_open(world.path, &options, &wb, NULL), WB_OK);
    put_everything(wb, now_us);
    assert_int_equal(wb_close(wb), WB_OK);
    (void)time_format(now_us, world.now);
    (void)time_format(now_us - 3600 * TIME_SECOND_US, world.ago);
    served_start(&world.served, world.path);
    return 0;
}

/* ---- Whom answers name ---- */

static void count_id(const json_t *id, bool *named)
{
    for (size_t i = 0; json_is_string(id) && i < PEOPLE; i++) {
        if (strcmp(json_string_value(id), people[i].id) == 0) named[i] = true;
    }
}

/* An object that names somebody: by "person", or as a row of the register. */
static void count_object(const json_t *object, bool *named)
{
    bool row = json_object_get(object, "needs_help") != NULL;
    bool put = json_is_boolean(json_object_get(object, "known"));
    count_id(json_object_get(object, "person"), named);
    if (row || put) count_id(json_object_get(object, "id"), named);
}

/* Every object of the document, however deep; a stack in place of recursion. */
static void count_named(const json_t *document)
{
    const json_t *stack[4096] = {document};
    size_t depth = 1;
    bool named[PEOPLE] = {false};
    while (depth > 0) {
        const json_t *at = stack[--depth];
        const char *key;
        json_t *value;
        size_t index;
        if (json_is_object(at)) count_object(at, named);
        json_object_foreach((json_t *)at, key, value)
        {
            assert_true(depth < 4096);
            stack[depth++] = value;
        }
        json_array_foreach(at, index, value)
        {
            assert_true(depth < 4096);
            stack[depth++] = value;
        }
    }
    for (size_t i = 0; i < PEOPLE; i++) {
        world.named[i] += named[i];
    }
}

/* ---- Asking ---- */

/* The text with NOW and AGO replaced; the caller's to free. */
static char *with_times(const char *text)
{
    char *out = NULL;
    size_t bytes = 0;
    FILE *stream = open_memstream(&out, &bytes);
    assert_non_null(stream);
    while (*text != '\0') {
        bool now = strncmp(text, "NOW", 3) == 0;
        bool ago = strncmp(text, "AGO", 3) == 0;
        if (now || ago) {
            (void)fputs(now ? world.now : world.ago, stream);
            text += 3;
        } else {
            (void)fputc(*text++, stream);
        }
    }
    (void)fclose(stream);
    return out;
}

static void target_of(const char *pattern, const char *part, const char *query, char out[600])
{
    const char *brace = strchr(pattern, '{');
    char *times = with_times(query != NULL ? query : "");
    (void)snprintf(out, 600, "%.*s%s%s%s%s",
                   (int)(brace != NULL ? brace - pattern : (long)strlen(pattern)), pattern,
                   brace != NULL ? part : "", brace != NULL ? strchr(brace, '}') + 1 : "",
                   times[0] != '\0' ? "?" : "", times);
    free(times);
}

static void headers_of(int asker, bool second, bool same_origin, char out[300])
{
    const struct secret *secret = second ? &world.second[asker] : &world.secret[asker];
    out[0] = '\0';
    if (asker == ANONYMOUS) return;
    if (askers[asker].name != NULL) {
        (void)snprintf(out, 300, "Cookie: " ACCESS_COOKIE "=%s\r\n%s", secret->text,
                       same_origin ? "Sec-Fetch-Site: same-origin\r\n" : "");
    } else {
        (void)snprintf(out, 300, "Authorization: Bearer %s\r\n", secret->text);
    }
}

struct question {
    const char *method, *target, *body, *type;
    int asker;
    bool second, other_origin;
};

static void ask(const struct question *question, struct served_answer *out)
{
    char headers[300];
    headers_of(question->asker, question->second, !question->other_origin, headers);
    char *body = question->body != NULL ? with_times(question->body) : NULL;
    struct served_question q = {question->method, question->target, headers, body, question->type};
    served_ask(&world.served, &q, out);
    free(body);
    /* A problem names nobody; a stream is a watch. */
    bool stream = strcasestr(out->head, "text/event-stream") != NULL;
    world.has_stream = world.has_stream || stream;
    if (out->status < 200 || out->status > 299 || stream) return;
    if (strstr(out->head, "filename=\"scans.csv\"") != NULL) world.exports++;
    json_t *document = json_loadb(out->body, out->body_bytes, 0, NULL);
    if (document != NULL) count_named(document);
    json_decref(document);
}

static void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void complain(const char *format, ...)
{
    char text[2000];
    va_list arguments;
    va_start(arguments, format);
    /* It is initialized the line before. NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized) */
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)fprintf(stderr, "FAILED: %s\n", text);
    world.failures++;
}

static const struct request *request_of(const struct right *right)
{
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        if (strcmp(requests[i].handler, right->handler) == 0) return &requests[i];
    }
    fail_msg("%s %s: tell this test how to ask it", right->method, right->pattern);
    return NULL;
}

static const char *asker_word(int asker)
{
    static char text[100];
    (void)snprintf(text, sizeof text, "%s%s%s", access_role_word(askers[asker].role),
                   askers[asker].name != NULL ? " by cookie" : "",
                   askers[asker].scope[0] != '\0' ? ", limited" : "");
    return text;
}

/* ---- Cells ---- */

static void check_cell(const struct right *right, int asker)
{
    const struct request *request = request_of(right);
    struct served_answer answer;
    char target[600];
    enum access_answer wanted = access_decide(askers[asker].role, right);
    target_of(right->pattern, request->part, request->query, target);
    struct question question = {right->method, target,
                                request->body, request->type,
                                asker,         strcmp(right->handler, "session_delete") == 0,
                                false};
    ask(&question, &answer);
    world.cells++;
    bool refused = answer.status == 401 || answer.status == 403;
    if (answer.status == 501) {
        world.not_there++;
    } else if (wanted == ACCESS_SIGN_IN || wanted == ACCESS_REFUSED) {
        int status = wanted == ACCESS_SIGN_IN ? 401 : 403;
        if (answer.status != status) {
            complain("%s %s by %s: %d, wanted %d", right->method, target, asker_word(asker),
                     answer.status, status);
        }
    } else if (refused || answer.status >= 500 || answer.status == 0 ||
               (request->done && answer.status >= 300)) {
        complain("%s %s by %s: %d, but the table lets them: %.300s", right->method, target,
                 asker_word(asker), answer.status, answer.body);
    }
    served_answer_done(&answer);
}

static void each_role_may_what_its_cell_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < right_count; i++) {
        if (strcmp(rights[i].handler, "first_operator_post") == 0) continue;
        for (int asker = ANONYMOUS; asker <= ADMIN_COOKIE; asker++) {
            check_cell(&rights[i], asker);
        }
    }
    print_message("%d cells, %d of endpoints that are not there yet\n", world.cells,
                  world.not_there);
    assert_int_equal(world.failures, 0);
}

static void a_change_by_cookie_must_come_from_our_own_pages(void **state)
{
    (void)state;
    for (size_t i = 0; i < right_count; i++) {
        if (rights[i].kind != ACCESS_CHANGE || rights[i].cell[ACCESS_ADMIN] != ACCESS_YES) continue;
        const struct request *request = request_of(&rights[i]);
        struct served_answer answer;
        char target[600];
        target_of(rights[i].pattern, request->part, request->query, target);
        struct question question = {rights[i].method, target, request->body, request->type,
                                    ADMIN_COOKIE,     false,  true};
        ask(&question, &answer);
        if (answer.status != 403 && answer.status != 501) {
            complain("%s %s from anywhere: %d", rights[i].method, target, answer.status);
        }
        served_answer_done(&answer);
    }
    assert_int_equal(world.failures, 0);
}

static void what_was_shown_and_is_not_good_is_refused_everywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < right_count; i++) {
        if (rights[i].cell[ACCESS_ANONYMOUS] != ACCESS_NO) continue;
        const struct request *request = request_of(&rights[i]);
        struct served_answer answer;
        char target[600];
        char *body = request->body != NULL ? with_times(request->body) : NULL;
        target_of(rights[i].pattern, request->part, request->query, target);
        struct served_question question = {
            rights[i].method, target,
            "Authorization: Bearer wb_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\r\n", body,
            request->type};
        served_ask(&world.served, &question, &answer);
        if (answer.status != 401 && answer.status != 501) {
            complain("%s %s with a made-up token: %d", rights[i].method, target, answer.status);
        }
        served_answer_done(&answer);
        free(body);
    }
    assert_int_equal(world.failures, 0);
}

/* ---- Limits ---- */

static void ask_part(const struct right *right, const char *part, int asker,
                     struct served_answer *out)
{
    const struct request *request = request_of(right);
    char target[600];
    target_of(right->pattern, part, request->query, target);
    struct question question = {right->method, target, request->body, request->type,
                                asker,         false,  false};
    ask(&question, out);
}

/* What is outside is refused exactly as what is not there. */
static void check_part(const struct right *right, const char *part, const char *missing, int asker)
{
    struct served_answer outside;
    struct served_answer nothing;
    ask_part(right, part, asker, &outside);
    ask_part(right, missing, asker, &nothing);
    world.cells++;
    bool same = outside.status == nothing.status && outside.body_bytes == nothing.body_bytes &&
                memcmp(outside.body, nothing.body, outside.body_bytes) == 0;
    if (outside.status != 501 && (outside.status != 403 || !same)) {
        complain("%s %s of %s by %s: %d %.200s; of nobody: %d %.200s", right->method,
                 right->pattern, part, asker_word(asker), outside.status, outside.body,
                 nothing.status, nothing.body);
    }
    served_answer_done(&outside);
    served_answer_done(&nothing);
}

static void check_inside(const struct right *right, const char *part, int asker)
{
    struct served_answer answer;
    ask_part(right, part, asker, &answer);
    world.cells++;
    if (answer.status != 501 && answer.status != 200) {
        complain("%s %s of %s by %s: %d %.200s", right->method, right->pattern, part,
                 asker_word(asker), answer.status, answer.body);
    }
    served_answer_done(&answer);
}

/* What the limits of an asker have. */
static bool has_limit(int asker, const char *list)
{
    return strstr(askers[asker].scope, list) != NULL;
}

static bool sees_zone(int asker, const char *zone)
{
    if (!has_limit(asker, "zones")) return true;
    return has_limit(asker, "hall") && (strcmp(zone, "hall") == 0 || strcmp(zone, "nook") == 0);
}

static bool sees_person(int asker, size_t i)
{
    if (has_limit(asker, "groups") && strcmp(people[i].groups, "staff") != 0) return false;
    return strcmp(people[i].reader, "shed-door") == 0 ? sees_zone(asker, "shed")
                                                      : sees_zone(asker, "hall");
}

static void check_one(const struct right *right, const char *part, bool inside, const char *missing,
                      int asker)
{
    if (inside) {
        check_inside(right, part, asker);
    } else {
        check_part(right, part, missing, asker);
    }
}

static void check_limits(const struct right *right, int asker)
{
    static const char *const zones[] = {"house", "hall", "nook", "shed", "outside"};
    bool person = strstr(right->pattern, "{P}") != NULL;
    bool band = strstr(right->pattern, "{B}") != NULL;
    for (size_t i = 0; (person || band) && i < PEOPLE && people[i].reader != NULL; i++) {
        check_one(right, person ? people[i].id : people[i].band, sees_person(asker, i),
                  person ? "nobody" : "b-none", asker);
    }
    if (strstr(right->pattern, "{Z}") == NULL) return;
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        check_one(right, zones[i], sees_zone(asker, zones[i]), "cellar", asker);
    }
}

static void outside_of_the_limits_is_as_what_is_not_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < right_count; i++) {
        for (int asker = HALL_STAFF; asker < ASKERS; asker++) {
            if (rights[i].cell[askers[asker].role] != ACCESS_SCOPED) continue;
            check_limits(&rights[i], asker);
        }
    }
    print_message("%d cells\n", world.cells);
    assert_int_equal(world.failures, 0);
}

/* Queries that name somebody or something. */
static void a_query_is_limited_as_a_path_is(void **state)
{
    static const struct {
        const char *target, *inside, *outside[5], *missing;
    } queries[] = {
        {"/v1/now?person=",                   "ann",   {"ben", "cat", "dan"},                   "nobody"},
        {"/v1/now?zone=",                     "hall",  {"shed", "house", "outside", "unknown"}, "cellar"},
        {"/v1/now?group=",                    "staff", {NULL},                                  NULL    },
        {"/v1/at?time=NOW&person=",           "nora",  {"ben", "cat", "dan"},                   "nobody"},
        {"/v1/at?time=NOW&zone=",             "nook",  {"shed", "house"},                       "cellar"},
        {"/v1/at?time=NOW&counts=true&zone=", "hall",  {"shed", "house"},                       "cellar"},
        {"/v1/stream?zone=",                  "hall",  {"shed", "house"},                       "cellar"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        char target[200];
        struct served_answer first;
        struct served_answer answer;
        char *prefix = with_times(queries[i].target);
        struct question question = {.method = "GET", .target = target, .asker = HALL_STAFF};
        (void)snprintf(target, sizeof target, "%s%s", prefix, queries[i].inside);
        ask(&question, &answer);
        if (answer.status != 200 && answer.status != 501) {
            complain("%s: %d %.200s", target, answer.status, answer.body);
        }
        served_answer_done(&answer);
        for (size_t k = 0; k < 5 && queries[i].outside[k] != NULL; k++) {
            (void)snprintf(target, sizeof target, "%s%s", prefix, queries[i].missing);
            ask(&question, &first);
            (void)snprintf(target, sizeof target, "%s%s", prefix, queries[i].outside[k]);
            ask(&question, &answer);
            bool same = answer.status == first.status && answer.body_bytes == first.body_bytes &&
                        memcmp(answer.body, first.body, answer.body_bytes) == 0;
            if (answer.status != 501 && (answer.status != 403 || !same)) {
                complain("%s: %d %.200s; of nobody: %d %.200s", target, answer.status, answer.body,
                         first.status, first.body);
            }
            served_answer_done(&first);
            served_answer_done(&answer);
        }
        free(prefix);
    }
    assert_int_equal(world.failures, 0);
}

/* Lists have what is inside and no word of what is not. */
static void a_list_shows_what_is_inside_only(void **state)
{
    static const struct {
        const char *target, *shows;
    } lists[] = {
        {"/v1/now",                     "\"ann\""      },
        {"/v1/now?counts=true",         "\"hall\""     },
        {"/v1/now?group=staff",         "\"ann\""      },
        {"/v1/at?time=NOW",             "\"nora\""     },
        {"/v1/at?time=NOW&counts=true", "\"nook\""     },
        {"/v1/people",                  "\"ann\""      },
        {"/v1/people?q=a",              "\"ann\""      },
        {"/v1/people?group=staff",      "\"nora\""     },
        {"/v1/people/ann/path",         "\"hall\""     },
        {"/v1/people/ann/with?min=0s",  "\"eve\""      },
        {"/v1/zones",                   "\"nook\""     },
        {"/v1/readers?list=true",       "\"nook-door\""},
        {"/v1/site",                    "\"hall\""     },
        {"/v1/plan/places",             "\"hall\""     },
        {"/v1/stream",                  "hello"        },
    };

    static const char *const hidden[] = {"\"ben\"", "\"cat\"",  "\"dan\"",
                                         "\"zed\"", "\"shed\"", "\"house\""};
    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct served_answer answer;
        char *target = with_times(lists[i].target);
        struct question question = {.method = "GET", .target = target, .asker = HALL_STAFF};
        ask(&question, &answer);
        bool there = answer.status != 501;
        if (there && (answer.status != 200 || strstr(answer.body, lists[i].shows) == NULL)) {
            complain("%s does not show %s: %d %.600s", target, lists[i].shows, answer.status,
                     answer.body);
        }
        for (size_t k = 0; there && k < sizeof hidden / sizeof *hidden; k++) {
            /* A tree of zones needs those above it by name. */
            bool tree = strcmp(target, "/v1/site") == 0 || strcmp(target, "/v1/zones") == 0;
            if (tree && strcmp(hidden[k], "\"house\"") == 0) continue;
            if (strstr(answer.body, hidden[k]) != NULL) {
                complain("%s shows %s: %.600s", target, hidden[k], answer.body);
            }
        }
        served_answer_done(&answer);
        free(target);
    }
    assert_int_equal(world.failures, 0);
}

/* ---- Answers in part ---- */

static json_t *ask_json(int asker, const char *question)
{
    struct served_answer answer;
    char *target = with_times(question);
    struct question q = {.method = "GET", .target = target, .asker = asker};
    ask(&q, &answer);
    json_t *document = json_loadb(answer.body, answer.body_bytes, 0, NULL);
    if (answer.status != 200 || document == NULL) {
        fail_msg("%s by %s: %d %.300s", target, asker_word(asker), answer.status, answer.body);
    }
    served_answer_done(&answer);
    free(target);
    return document;
}

/* With whom: "eve 600 hall, max 300 hall". */
static void check_with(int asker, const char *question, const char *wanted)
{
    char got[500] = "";
    size_t bytes = 0;
    size_t i;
    json_t *row;
    json_t *document = ask_json(asker, question);
    json_array_foreach(json_object_get(document, "people"), i, row)
    {
        const char *person;
        const char *zone;
        json_int_t seconds;
        assert_int_equal(json_unpack(row, "{s:s, s:I, s:[s!]}", "person", &person, "seconds",
                                     &seconds, "zones", &zone),
                         0);
        /* The question comes a little after the world was made. */
        json_int_t half = HERE_S / 2;
        bytes += (size_t)snprintf(got + bytes, sizeof got - bytes, "%s%s %d %s", i > 0 ? ", " : "",
                                  person, (int)(seconds / half * half), zone);
    }
    if (strcmp(got, wanted) != 0) {
        complain("%s by %s: %s; wanted %s", question, asker_word(asker), got, wanted);
    }
    json_decref(document);
}

static void with_whom_is_told_of_what_is_inside(void **state)
{
    static const struct {
        int asker;
        const char *question, *wanted;
    } cells[] = {
        {VIEWER,     "/v1/people/ann/with",         "dan 600 hall, eve 600 hall, max 300 hall"},
        {HALL,       "/v1/people/ann/with",         "dan 600 hall, eve 600 hall, max 300 hall"},
        {STAFF,      "/v1/people/ann/with",         "eve 600 hall, max 300 hall"              },
        {HALL_STAFF, "/v1/people/ann/with",         "eve 600 hall, max 300 hall"              },
        {HALL_STAFF, "/v1/people/ann/with?min=6m",  "eve 600 hall"                            },
        {VIEWER,     "/v1/people/max/with?min=0s",
         "ann 300 hall, ben 300 shed, cat 300 shed, dan 300 hall, eve 300 hall, zed 300 shed" },
        {HALL,       "/v1/people/max/with?min=0s",  "ann 300 hall, dan 300 hall, eve 300 hall"},
        {STAFF,      "/v1/people/max/with?min=0s",  "ann 300 hall, cat 300 shed, eve 300 hall"},
        {HALL_STAFF, "/v1/people/max/with?min=0s",  "ann 300 hall, eve 300 hall"              },
        {HALL_STAFF, "/v1/people/max/with?min=10m", ""                                        },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        check_with(cells[i].asker, cells[i].question, cells[i].wanted);
    assert_int_equal(world.failures, 0);
}

/* Of now and of before: the last points of a curve, ten minutes ago and now. */
static void check_curve(int asker, const char *zone, int before, int now)
{
    char question[200];
    (void)snprintf(question, sizeof question, "/v1/zones/%s/occupancy?from=AGO&until=NOW&every=51m",
                   zone);
    json_t *document = ask_json(asker, question);
    const json_t *points = json_object_get(document, "points");
    json_int_t got[2];
    for (size_t i = 0; i < 2; i++)
        got[i] = json_integer_value(json_object_get(json_array_get(points, i), "count"));
    if (json_array_size(points) != 2 || got[0] != 0 || got[1] != before) {
        complain("%s by %s: %d %d, wanted 0 %d", question, asker_word(asker), (int)got[0],
                 (int)got[1], before);
    }
    json_decref(document);
    (void)snprintf(question, sizeof question, "/v1/now?counts=true&zone=%s", zone);
    document = ask_json(asker, question);
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(document, "zones"), i, row)
    {
        json_int_t count = json_integer_value(json_object_get(row, "count"));
        if (strcmp(json_string_value(json_object_get(row, "zone")), zone) == 0 && count != now) {
            complain("%s by %s: %d, wanted %d", question, asker_word(asker), (int)count, now);
        }
    }
    json_decref(document);
}

static void a_curve_and_a_count_are_of_those_inside(void **state)
{
    (void)state;
    check_curve(VIEWER, "hall", 5, 4); /* ann, nora, dan, eve, and max at first */
    check_curve(VIEWER, "shed", 3, 4);
    check_curve(HALL, "hall", 5, 4);
    check_curve(STAFF, "hall", 4, 3);
    check_curve(STAFF, "shed", 1, 2);
    check_curve(STAFF, "house", 4, 3);
    check_curve(HALL_STAFF, "hall", 4, 3);
    check_curve(HALL_STAFF, "nook", 1, 1);
    assert_int_equal(world.failures, 0);
}

/* Dora was never seen. Who is limited to zones is not told of those in none. */
static void who_is_in_no_zone_is_not_counted_for_zones(void **state)
{
    static const int askers_of[] = {VIEWER, STAFF, HALL, HALL_STAFF, NOWHERE};
    (void)state;
    for (size_t i = 0; i < sizeof askers_of / sizeof *askers_of; i++) {
        int asker = askers_of[i];
        json_t *document = ask_json(asker, "/v1/now?counts=true");
        const json_t *unknown = json_object_get(document, "unknown");
        const json_t *outside = json_object_get(document, "outside");
        bool told = json_integer_value(unknown) > 0 && json_is_integer(outside);
        bool kept = json_is_null(unknown) && json_is_null(outside);
        if (has_limit(asker, "zones") ? !kept : !told) {
            complain("counts of %s: outside or unknown is wrong", asker_word(asker));
        }
        json_decref(document);
    }
    assert_int_equal(world.failures, 0);
}

static const char *text_of(const json_t *document, const char *key)
{
    const json_t *value = json_object_get(document, key);
    return json_is_string(value) ? json_string_value(value) : "null";
}

/* A moment when max was still in the hall. */
static void put_then(char then[TIME_TEXT_MAX])
{
    int64_t now_us;
    assert_int_equal(time_parse(world.now, strlen(world.now), NULL, &now_us), TIME_OK);
    (void)time_format(now_us - HERE_S * 3 / 4 * TIME_SECOND_US, then);
}

/* Max was in the hall and is not any more. */
static void a_moment_is_judged_by_where_they_were_then(void **state)
{
    (void)state;
    char target[200];
    char then[TIME_TEXT_MAX];
    put_then(then);
    (void)snprintf(target, sizeof target, "/v1/at?time=%s&person=max", then);
    json_t *was = ask_json(HALL_STAFF, target);
    assert_string_equal(text_of(was, "zone"), "hall");
    json_t *is = ask_json(HALL_STAFF, "/v1/now?person=max");
    static const char *const kept[] = {"zone", "since", "last_seen", "reader", "last_zone"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        assert_true(json_is_null(json_object_get(is, kept[i])));
    }
    json_t *path = ask_json(HALL_STAFF, "/v1/people/max/path");
    const json_t *stays = json_object_get(path, "stays");
    assert_int_equal(json_array_size(stays), 1);
    assert_string_equal(text_of(json_array_get(stays, 0), "zone"), "hall");
    json_decref(was);
    json_decref(is);
    json_decref(path);
}

/* How many rows of max's log have a question; none of them may have a word. */
static int count_lookups(int asker, const char *question, const char *hidden)
{
    int count = 0;
    size_t i;
    json_t *row;
    json_t *log = ask_json(asker, "/v1/people/max/lookups?limit=10000");
    json_array_foreach(json_object_get(log, "lookups"), i, row)
    {
        const char *text = text_of(row, "question");
        count += strcmp(text, question) == 0;
        if (hidden != NULL && strstr(text, hidden) != NULL) {
            complain("the log of max shows %s to %s", text, asker_word(asker));
        }
    }
    json_decref(log);
    return count;
}

/* Who looked at max while he was in the hall, and not where he went then, nor with whom. */
static void the_log_says_nothing_of_elsewhere(void **state)
{
    (void)state;
    char then[TIME_TEXT_MAX];
    char in_hall[200];
    char in_shed[200];
    put_then(then);
    (void)snprintf(in_hall, sizeof in_hall, "/v1/at?time=%s&zone=hall", then);
    (void)snprintf(in_shed, sizeof in_shed, "/v1/at?time=%s&zone=shed", world.now);
    int at = count_lookups(HALL_STAFF_W, "/v1/at", NULL);
    int with = count_lookups(HALL_STAFF_W, "/v1/people/{P}/with", NULL);
    int path = count_lookups(HALL_STAFF_W, "/v1/people/max/path", NULL);
    json_decref(ask_json(VIEWER, in_hall));
    json_decref(ask_json(VIEWER, in_shed));
    json_decref(ask_json(VIEWER, "/v1/people/cat/with?min=0s"));
    json_decref(ask_json(VIEWER, "/v1/people/max/path"));
    assert_int_equal(count_lookups(HALL_STAFF_W, "/v1/at", "shed"), at + 1);
    assert_int_equal(count_lookups(HALL_STAFF_W, "/v1/people/{P}/with", "cat"), with + 1);
    assert_int_equal(count_lookups(HALL_STAFF_W, "/v1/people/max/path", NULL), path + 1);
    assert_int_equal(count_lookups(ADMIN, in_hall, NULL), 1);
    assert_int_equal(count_lookups(ADMIN, in_shed, NULL), 1);
    assert_int_equal(world.failures, 0);
}

static void a_reader_sends_for_its_own_readers_only(void **state)
{
    static const char form[] =
        "{\"scans\":[{\"reader\":\"%s\",\"band\":\"b-ann\",\"time\":\"%s\"}]}";
    static const char *const readers[] = {"attic", "shed-door", "hall-door"};
    struct served_answer first = {0};
    (void)state;
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        struct served_answer answer;
        char body[300];
        char target[100];
        int wanted = i == 2 ? 200 : 403;
        (void)snprintf(body, sizeof body, form, readers[i], world.now);
        struct question scans = {
            .method = "POST", .target = "/v1/scans", .body = body, .asker = OWN_READER};
        ask(&scans, &answer);
        if (answer.status != wanted) complain("a scan of %s: %d", readers[i], answer.status);
        if (i == 0) first = answer;
        if (i == 1) assert_string_equal(answer.body, first.body);
        if (i > 0) served_answer_done(&answer);
        (void)snprintf(target, sizeof target, "/v1/readers/%s/heartbeat", readers[i]);
        struct question beat = {
            .method = "POST", .target = target, .body = "{\"time\":\"NOW\"}", .asker = OWN_READER};
        ask(&beat, &answer);
        if (answer.status / 100 != wanted / 100) {
            complain("a heartbeat of %s: %d", readers[i], answer.status);
        }
        served_answer_done(&answer);
    }
    served_answer_done(&first);
    assert_int_equal(world.failures, 0);
}

/* ---- The log ---- */

struct records {
    uint64_t answers, watches, exports;
};

static bool count_record(void *context, int64_t number, const struct wb_lookup *lookup)
{
    struct records *records = context;
    (void)number;
    bool watch = lookup->kind == WB_LOOKUP_WATCH;
    bool export = lookup->kind == WB_LOOKUP_EXPORT;
    *(watch ? &records->watches : export ? &records->exports : &records->answers) += 1;
    assert_true(lookup->who[0] != '\0');
    assert_true(lookup->question[0] == '/');
    if (watch) assert_true(lookup->until_us != WB_STILL_THERE);
    return true;
}

/* Last: the server is stopped. */
static void whoever_was_named_stands_in_the_log_and_nobody_else(void **state)
{
    (void)state;
    served_stop(&world.served);
    struct wb *wb = NULL;
    struct wb_options options = {.mode = WB_WRITE, .random = random_bytes};
    assert_int_equal(wb_open(world.path, &options, &wb, NULL), WB_OK);
    uint64_t all = 0;
    for (size_t i = 0; i < PEOPLE; i++) {
        wb_person person;
        struct records records = {0};
        if (wb_person_find(wb, people[i].id, strlen(people[i].id), &person) != WB_OK) continue;
        assert_int_equal(wb_lookups_of(wb, person, 0, clock_us(), count_record, &records), WB_OK);
        if (records.answers != world.named[i]) {
            complain("%s: %" PRIu64 " records, %" PRIu64 " answers", people[i].id, records.answers,
                     world.named[i]);
        }
        /* An export names everybody, seen or not. */
        if (records.exports != world.exports) {
            complain("%s: %" PRIu64 " exports, %" PRIu64 " were given", people[i].id,
                     records.exports, world.exports);
        }
        /* Open pages showed who was in a zone; dora never was. */
        if ((records.watches > 0) != (world.has_stream && people[i].reader != NULL)) {
            complain("%s: %" PRIu64 " watches", people[i].id, records.watches);
        }
        all += records.answers;
    }
    print_message("%" PRIu64 " records of a person in an answer\n", all);
    assert_true(all > 0 && world.exports > 0);
    assert_int_equal(wb_close(wb), WB_OK);
    room_remove(world.path);
    assert_int_equal(world.failures, 0);
}

static int begin_again(void **state)
{
    (void)state;
    world.failures = world.cells = world.not_there = 0;
    return 0;
}

#define FRESH(test) cmocka_unit_test_setup(test, begin_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(each_role_may_what_its_cell_says),
        FRESH(a_change_by_cookie_must_come_from_our_own_pages),
        FRESH(what_was_shown_and_is_not_good_is_refused_everywhere),
        FRESH(outside_of_the_limits_is_as_what_is_not_there),
        FRESH(a_query_is_limited_as_a_path_is),
        FRESH(a_list_shows_what_is_inside_only),
        FRESH(with_whom_is_told_of_what_is_inside),
        FRESH(a_curve_and_a_count_are_of_those_inside),
        FRESH(who_is_in_no_zone_is_not_counted_for_zones),
        FRESH(a_moment_is_judged_by_where_they_were_then),
        FRESH(the_log_says_nothing_of_elsewhere),
        FRESH(a_reader_sends_for_its_own_readers_only),
        FRESH(whoever_was_named_stands_in_the_log_and_nobody_else),
    };
    return cmocka_run_group_tests(tests, open_world, NULL);
}
