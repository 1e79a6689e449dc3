/* whereabouts init: make a site's file, or change the description of the site. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static int describe(const struct call *call, const struct site *site, const char *text,
                    size_t bytes)
{
    const char *path = call_value(call, "site");
    struct wb_fault why = {0};
    bool is_new = !wb_is_described(site->wb);

    wb_status status = wb_describe(site->wb, text, bytes, site->now_us, &why);
    if (status != WB_OK && why.text[0] == '\0') return site_failed(site, status);
    if (status != WB_OK && why.line > 0) {
        return say(say_status(status), "%s:%d:%d: %s", path, why.line, why.column, why.text);
    }
    if (status != WB_OK) return say(say_status(status), "%s: %s", path, why.text);

    struct wb_zones zones = {0};
    struct wb_readers readers = {0};
    status = wb_zones_all(site->wb, &zones);
    if (status == WB_OK) status = wb_readers_all(site->wb, &readers);
    if (status == WB_OK) {
        (void)printf("%s: site %s %s, %zu %s and %zu %s\n", call->data, wb_site_id(site->wb),
                     is_new ? "made" : "changed", zones.count, zones.count == 1 ? "zone" : "zones",
                     readers.count, readers.count == 1 ? "reader" : "readers");
    }
    wb_list_done(&zones);
    wb_list_done(&readers);
    return status == WB_OK ? SAY_DONE : site_failed(site, status);
}

int init_run(const struct call *call)
{
    struct site site;
    char *text = NULL;
    size_t bytes = 0;

    int status = read_description(call_value(call, "site"), &text, &bytes);
    if (status != SAY_DONE) return status;

    bool was_there = access(call->data, F_OK) == 0;
    status = site_open(&site, call, WB_CREATE);
    if (status == SAY_DONE) status = describe(call, &site, text, bytes);
    bool left_empty = !was_there && site.wb != NULL && !wb_is_described(site.wb);
    status = site_close(&site, status);
    if (left_empty) take_back(call->data);
    free(text);
    return status;
}
