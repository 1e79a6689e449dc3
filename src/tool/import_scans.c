/* whereabouts import scans: a reader saw a band, row by row. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/names.h"
#include "base/time.h"
#include "tool/import.h"
#include "tool/remote.h"

static const struct csv_column columns[] = {
    [INTAKE_SCAN_TIME] = {.name = "time",    .required = true},
    [INTAKE_SCAN_BAND] = {.name = "band",                 .required = true},
    [INTAKE_SCAN_READER] = {.name = "reader",.required = true},
    [INTAKE_SCAN_DIRECTION] = {.name = "direction" },
    [INTAKE_SCAN_LEARNT] = {.name = "learnt"                },
};

/* The last scan of each reader in the files, for --complete. */
struct lasts {
    bool wanted;
    struct names readers;
    int64_t *at; /* [count] by their place among the names */
    size_t count, capacity;
    uint32_t newest; /* of the scan before: a file has runs of one reader */
};

static void find_newest(struct lasts *lasts, const char *reader)
{
    if (lasts->count > 0 && strcmp(names_text(&lasts->readers, lasts->newest), reader) == 0) return;
    size_t bytes = strlen(reader);
    lasts->newest = names_find(&lasts->readers, reader, bytes);
    if (lasts->newest != NAMES_NONE) return;
    lasts->newest = names_add(&lasts->readers, reader, bytes);
    if (lasts->newest == NAMES_NONE || !LIST_PUSH(lasts, WB_NO_TIME)) say_no_memory();
}

static void note_last(struct import *import, const char *reader, int64_t at_us)
{
    struct lasts *lasts = import->own;

    if (!lasts->wanted) return;
    find_newest(lasts, reader);
    if (at_us > lasts->at[lasts->newest]) lasts->at[lasts->newest] = at_us;
}

/* A turn of its own, after all scans are in. */
static int declare_to_file(const struct site *site, const struct lasts *lasts)
{
    int status = lasts->count > 0 ? site_begin(site) : SAY_DONE;
    if (lasts->count == 0 || status != SAY_DONE) return status;
    for (size_t i = 0; i < lasts->count; i++) {
        const char *id = names_text(&lasts->readers, (uint32_t)i);
        wb_reader reader;
        wb_status found = wb_reader_find(site->wb, id, strlen(id), &reader);
        if (found == WB_OK) found = wb_complete(site->wb, reader, lasts->at[i]);
        if (found != WB_OK) return site_failed(site, found);
    }
    return site_commit(site);
}

static int declare_to_server(const struct site *site, const struct lasts *lasts)
{
    json_t *readers = json_object();

    for (size_t i = 0; i < lasts->count; i++) {
        char text[TIME_TEXT_MAX];
        const char *id = names_text(&lasts->readers, (uint32_t)i);
        (void)time_format(lasts->at[i], text);
        if (json_object_set_new(readers, id, json_string(text)) != 0) say_no_memory();
    }
    return remote_complete(site->remote, readers);
}

/* --complete: the exit status. */
static int declare_complete(struct import *import)
{
    const struct lasts *lasts = import->own;

    if (lasts->count == 0) return SAY_DONE;
    return import->site->remote != NULL ? declare_to_server(import->site, lasts)
                                        : declare_to_file(import->site, lasts);
}

int import_scans_run(const struct call *call)
{
    static const struct import_kind kind = {
        .what = "scans",
        .path = "/v1/scans",
        .columns = columns,
        .column_count = sizeof columns / sizeof columns[0],
        .takes_ndjson = true,
        .takes_learnt = true,
        .intake = intake_scan,
        .took = note_last,
    };
    struct lasts lasts = {.wanted = call_has(call, "complete")};

    randombytes_buf(lasts.readers.key, sizeof lasts.readers.key);
    int status = import_run(call, &kind, &lasts, declare_complete);
    names_done(&lasts.readers);
    LIST_DONE(&lasts);
    return status;
}
