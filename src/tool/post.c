#include "tool/post.h"

#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "tool/say.h"
#include "tool/sheet.h"

#define BODY_BYTES_MAX     ((size_t)4 << 20) /* the server takes twice as much */
#define ROWS_MAX           50000u
#define TOGETHER_BYTES_MAX ((size_t)7 << 20) /* what has to be checked together */
#define TOGETHER_ROWS_MAX  99000u

struct post {
    struct remote *remote;
    const struct import_kind *kind;
    bool trust_learnt;

    struct post_body {
        char *at;
        size_t count, capacity;
    } body;

    struct post_lines { /* of the waiting rows */
        uint64_t *at;
        size_t count, capacity;
    } lines;

    struct post_refusals {
        struct post_refusal {
            uint64_t line;
            char *why;
        } * at;

        size_t count, capacity;
    } refusals;
};

struct post *post_new(struct remote *remote, const struct import_kind *kind, bool trust_learnt)
{
    struct post *post = calloc(1, sizeof *post);
    if (post == NULL) say_no_memory();
    post->remote = remote;
    post->kind = kind;
    post->trust_learnt = trust_learnt;
    return post;
}

static void empty(struct post *post)
{
    for (size_t i = 0; i < post->refusals.count; i++)
        free(post->refusals.at[i].why);
    post->body.count = post->lines.count = post->refusals.count = 0;
}

void post_free(struct post *post)
{
    if (post == NULL) return;
    empty(post);
    LIST_DONE(&post->body);
    LIST_DONE(&post->lines);
    LIST_DONE(&post->refusals);
    free(post);
}

/* ---- Rows ---- */

static void put(struct post *post, const char *text, size_t bytes)
{
    struct post_body *body = &post->body;

    if (bytes == 0) return;
    if (!LIST_ROOM(body, bytes)) say_no_memory();
    memcpy(body->at + body->count, text, bytes);
    body->count += bytes;
}

/* In quotes whatever it is: nothing has to be looked for but quotes. */
static void put_value(struct post *post, const char *text, size_t bytes)
{
    put(post, "\"", 1);
    while (bytes > 0) {
        const char *quote = memchr(text, '"', bytes);
        size_t piece = quote != NULL ? (size_t)(quote - text) + 1 : bytes;
        put(post, text, piece);
        if (quote != NULL) put(post, "\"", 1);
        text += piece;
        bytes -= piece;
    }
    put(post, "\"", 1);
}

/* The first line of a body: the columns that its rows have. */
static void put_header(struct post *post, const struct intake_row *values)
{
    const struct import_kind *kind = post->kind;
    const char *between = "";

    for (size_t i = 0; i < INTAKE_COLUMNS_MAX; i++) {
        if (values->at[i] == NULL) continue;
        const char *name = i < kind->column_count ? kind->columns[i].name : "notes";
        put(post, between, strlen(between));
        put(post, name, strlen(name));
        between = ",";
    }
    put(post, "\n", 1);
}

void post_row(struct post *post, uint64_t line, const struct intake_row *values)
{
    const char *between = "";

    if (post->body.count == 0) put_header(post, values);
    for (size_t i = 0; i < INTAKE_COLUMNS_MAX; i++) {
        if (values->at[i] == NULL) continue;
        put(post, between, strlen(between));
        put_value(post, values->at[i], values->bytes[i]);
        between = ",";
    }
    put(post, "\n", 1);
    if (!LIST_PUSH(&post->lines, line)) say_no_memory();
}

void post_refused(struct post *post, uint64_t line, const char *why)
{
    struct post_refusal refusal = {line, strdup(why)};
    if (refusal.why == NULL || !LIST_PUSH(&post->refusals, refusal)) say_no_memory();
}

/* Rows that are held against each other are checked together; all others go when they are many. */
static bool is_together(const struct post *post, const struct import *import)
{
    return import->checking && post->kind->together;
}

bool post_is_full(const struct post *post, const struct import *import)
{
    if (is_together(post, import)) return false;
    return post->lines.count >= import->batch || post->lines.count >= ROWS_MAX ||
           post->body.count >= BODY_BYTES_MAX;
}

/* ---- Answers ---- */

static uint64_t number_of(const json_t *answer, const char *key)
{
    json_int_t number = json_integer_value(json_object_get(answer, key));
    return number > 0 ? (uint64_t)number : 0;
}

static int by_line(const void *a, const void *b)
{
    const struct post_refusal *one = a;
    const struct post_refusal *other = b;
    return one->line < other->line ? -1 : one->line > other->line;
}

/* What the server refused stands among what was refused here, by the lines of the file. */
static void tell_refused(struct post *post, struct import *import, const json_t *answer)
{
    const json_t *refusals = json_object_get(answer, "refusals");
    uint64_t told = 0;
    size_t index;
    json_t *refusal;

    json_array_foreach(refusals, index, refusal)
    {
        uint64_t row = number_of(refusal, "row");
        const char *why = json_string_value(json_object_get(refusal, "why"));
        if (row == 0 || row > post->lines.count || why == NULL) continue;
        post_refused(post, post->lines.at[row - 1], why);
        told++;
    }
    if (post->refusals.count > 0) {
        qsort(post->refusals.at, post->refusals.count, sizeof *post->refusals.at, by_line);
    }
    for (size_t i = 0; i < post->refusals.count; i++)
        import_say_refused(import, post->refusals.at[i].line, post->refusals.at[i].why);
    uint64_t refused = number_of(answer, "refused");
    if (refused > told) import_count_refused(import, refused - told);
}

static void count(struct import *import, const json_t *answer)
{
    struct wb_summary *summary = &import->summary;

    if (import->checking) return;
    summary->accepted += number_of(answer, "accepted");
    summary->duplicates += number_of(answer, "duplicates");
    summary->held += number_of(answer, "held");
    summary->quarantined += number_of(answer, "quarantined");
    import->ambiguous_times += number_of(answer, "ambiguous_times");
}

/* The last scan of each reader, for --complete. */
static void tell_last(const struct post *post, struct import *import, const json_t *answer)
{
    size_t index;
    json_t *last;

    if (post->kind->took == NULL || import->checking) return;
    json_array_foreach(json_object_get(answer, "last"), index, last)
    {
        int64_t us;
        if (!sheet_time(json_object_get(last, "time"), &us)) continue;
        post->kind->took(import, remote_text(last, "reader"), us);
    }
}

/* ---- Sending ---- */

static int send_rows(const struct post *post, const struct import *import, json_t **answer)
{
    struct address address;

    address_begin(&address, post->kind->path);
    address_query(&address, "details", "true");
    if (post->trust_learnt) address_query(&address, "trust-learnt", "true");
    if (import->checking) address_query(&address, "check", "true");
    struct remote_body body = {"text/csv", post->body.at, post->body.count};
    return remote_ask(post->remote, "POST", &address, &body, answer);
}

int post_send(struct post *post, struct import *import)
{
    json_t *answer = NULL;

    if (is_together(post, import) &&
        (post->body.count > TOGETHER_BYTES_MAX || post->lines.count > TOGETHER_ROWS_MAX)) {
        empty(post);
        return say(SAY_NO,
                   "%s is too large for --strict with a server, which checks at most %u rows and "
                   "7 MiB together; leave --strict out, or import it into the site's file",
                   import->file, TOGETHER_ROWS_MAX);
    }
    int status = send_rows(post, import, &answer);
    if (status == SAY_DONE) {
        tell_refused(post, import, answer);
        count(import, answer);
        tell_last(post, import, answer);
    }
    json_decref(answer);
    empty(post);
    return status;
}
