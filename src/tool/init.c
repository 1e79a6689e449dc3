/* whereabouts init: make a site's file, or change the description of the site. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/progress.h"
#include "tool/remote.h"
#include "tool/site.h"

#define DESCRIPTION_BYTES_MAX ((size_t)16 << 20)

/* Read a whole file; *text is the caller's to free. */
static int read_description(const char *path, char **text, size_t *bytes)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return say(SAY_NO_FILE, "%s: the description cannot be read: %s", path,
                   strerrordesc_np(errno));
    }
    char *room = malloc(DESCRIPTION_BYTES_MAX + 1);
    if (room == NULL) say_no_memory();

    errno = 0;
    *bytes = fread(room, 1, DESCRIPTION_BYTES_MAX + 1, file);
    int status = SAY_DONE;
    if (ferror(file)) {
        status = say(SAY_NO_FILE, "%s: the description cannot be read: %s", path,
                     strerrordesc_np(errno));
    } else if (*bytes > DESCRIPTION_BYTES_MAX) {
        status =
            say(SAY_NO, "%s is larger than 16 MiB; it is hardly the description of a site", path);
    }
    (void)fclose(file); /* it was only read */
    if (status != SAY_DONE) {
        free(room);
        return status;
    }
    *text = room;
    return SAY_DONE;
}

/* A file that a refused description would leave behind empty. */
static void take_back(const char *path)
{
    static const char *const parts[] = {"", "-wal", "-shm", "-lock", "-journal"};
    char name[4096];

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        int bytes = snprintf(name, sizeof name, "%s%s", path, parts[i]);
        if (bytes > 0 && (size_t)bytes < sizeof name) (void)unlink(name);
    }
}

static int refuse_place(const char *path, int status, const struct wb_fault *why)
{
    if (why->line == 0) return say(status, "%s: %s", path, why->text);
    return say(status, "%s:%d:%d: %s", path, why->line, why->column, why->text);
}

static void print(const struct call *call, const char *id, const char *done, size_t zones,
                  size_t readers)
{
    (void)printf("%s: site %s %s, %zu %s and %zu %s\n",
                 call->server != NULL ? call->server : call->data, id, done, zones,
                 zones == 1 ? "zone" : "zones", readers, readers == 1 ? "reader" : "readers");
}

/* The past, where the description folds it otherwise. */
static wb_status fold_anew(const struct site *site)
{
    struct progress progress;

    progress_begin(&progress, "commits");
    wb_status status = wb_refold(site->wb, progress_told, &progress);
    progress_end(&progress);
    return status;
}

static int describe(const struct call *call, const struct site *site, const char *text,
                    size_t bytes)
{
    const char *path = call_value(call, "site");
    struct wb_fault why = {0};
    bool is_new = !wb_is_described(site->wb);

    wb_status status = wb_describe(site->wb, text, bytes, site->now_us, &why);
    if (status != WB_OK && why.text[0] == '\0') return site_failed(site, status);
    if (status != WB_OK) return refuse_place(path, say_status(status), &why);

    status = fold_anew(site);
    if (status != WB_OK) return site_failed(site, status);

    struct wb_zones zones = {0};
    struct wb_readers readers = {0};
    status = wb_zones_all(site->wb, &zones);
    if (status == WB_OK) status = wb_readers_all(site->wb, &readers);
    if (status == WB_OK) {
        print(call, wb_site_id(site->wb), is_new ? "made" : "changed", zones.count, readers.count);
    }
    wb_list_done(&zones);
    wb_list_done(&readers);
    return status == WB_OK ? SAY_DONE : site_failed(site, status);
}

/* How many rows a list of the server has. */
static int count_list(struct remote *remote, const char *path, const char *key, size_t *count)
{
    struct address address;
    json_t *list;

    address_begin(&address, path);
    int status = remote_get(remote, &address, &list);
    *count = json_array_size(json_object_get(list, key));
    json_decref(list);
    return status;
}

/* A number between two words; *text comes to stand behind them. */
static bool take_place(const char **text, const char *before, const char *behind, int *out)
{
    size_t bytes = strlen(before);
    char *end = NULL;

    if (strncmp(*text, before, bytes) != 0) return false;
    long number = strtol(*text + bytes, &end, 10);
    if (number < 1 || number > INT_MAX || strncmp(end, behind, strlen(behind)) != 0) return false;
    *out = (int)number;
    *text = end + strlen(behind);
    return true;
}

/* The server's "line 3, column 5: ..." by the name of the file. */
static int refuse_remote(const struct call *call, const struct remote *remote,
                         const struct remote_problem *problem)
{
    struct wb_fault why = {0};
    const char *text = problem->detail;

    if (strcmp(problem->word, "bad-site") != 0) return remote_say(remote, problem);
    if (!take_place(&text, "line ", ", ", &why.line) ||
        !take_place(&text, "column ", ": ", &why.column)) {
        why.line = 0;
        text = problem->detail;
    }
    (void)snprintf(why.text, sizeof why.text, "%.*s", (int)sizeof why.text - 1, text);
    return refuse_place(call_value(call, "site"), SAY_NO, &why);
}

static int put(const struct call *call, const struct site *site, const struct remote_body *body)
{
    struct remote_problem problem;
    struct address address;
    json_t *described;
    size_t zones;
    size_t readers;

    address_begin(&address, "/v1/site");
    int status = remote_try(site->remote, "PUT", &address, body, &problem, &described);
    if (status == SAY_DONE && problem.status != 0) {
        status = refuse_remote(call, site->remote, &problem);
    }
    if (status == SAY_DONE) status = count_list(site->remote, "/v1/zones", "zones", &zones);
    if (status == SAY_DONE) status = count_list(site->remote, "/v1/readers", "readers", &readers);
    if (status == SAY_DONE) print(call, remote_text(described, "id"), "changed", zones, readers);
    json_decref(described);
    return status;
}

static int init_server(const struct call *call, const char *text, size_t bytes)
{
    struct remote_body body = {"application/json", text, bytes};
    struct site site;

    int status = site_open(&site, call, WB_WRITE);
    if (status == SAY_DONE) status = put(call, &site, &body);
    return site_close(&site, status);
}

static int init_file(const struct call *call, const char *text, size_t bytes)
{
    struct site site;
    bool was_there = access(call->data, F_OK) == 0;

    /* What folds otherwise is folded here with a bar, not within wb_describe. */
    int status = site_open(&site, call, WB_CREATE | SITE_SERVED);
    if (status == SAY_DONE) status = describe(call, &site, text, bytes);
    bool left_empty = !was_there && site.wb != NULL && !wb_is_described(site.wb);
    status = site_close(&site, status);
    if (left_empty) take_back(call->data);
    return status;
}

int init_run(const struct call *call)
{
    char *text = NULL;
    size_t bytes = 0;

    int status = read_description(call_value(call, "site"), &text, &bytes);
    if (status != SAY_DONE) return status;

    status = call->server != NULL ? init_server(call, text, bytes) : init_file(call, text, bytes);
    free(text);
    return status;
}
