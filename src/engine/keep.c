/* Keeping the file: blocks anew, a copy. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

/* ---- Rebuild ---- */

static wb_status clear_blocks(struct wb *wb)
{
    TRY(engine_store(wb, store_begin(wb->store)));
    TRY(engine_store(wb, store_put(wb->store, PERSON_BLOCK_CLEAR, NULL, 0)));
    TRY(engine_store(wb, store_put(wb->store, ZONE_BLOCK_CLEAR, NULL, 0)));
    struct cell cells[] = {CELL_OF_TEXT("blocks_seq", 10), CELL_OF(0)};
    TRY(engine_store(wb, store_put(wb->store, META_PUT, cells, 2)));
    return engine_store(wb, store_commit(wb->store));
}

static void forget_presence(struct wb *wb)
{
    wb->tail.believed = 0;
    tail_shrink(&wb->tail, 0);
    wb->changes.count = 0;
    edits_clear(wb);
    wb->groups_damaged.count = 0;
    wb->mores.count = 0;
    wb->free_mores.count = 0;
    for (size_t o = 0; o < wb->owners.count; o++) {
        struct owner *owner = &wb->owners.at[o];
        *owner = (struct owner){.since_us = WB_NO_TIME,
                                .last_seen_us = WB_NO_TIME,
                                .reader = WB_NONE,
                                .what = owner->what,
                                .kind = owner->kind};
    }
}

wb_status wb_rebuild(struct wb *wb, wb_progress progress, void *context)
{
    if (wb->failed != WB_OK) return wb->failed;
    if (!wb->writes || wb->turn.open || !wb->described) return WB_EINVAL;
    if (wb->errand.kind != ERRAND_NONE) return WB_EINVAL;
    refold_drop(wb);
    TRY(plan_over(wb, wb->versions.count - 1));
    applying_free(wb->applying);
    wb->applying = NULL;
    TRY(clear_blocks(wb));
    wb->sweeps = false;
    shelf_clear(wb);
    forget_presence(wb);
    wb->believed_seq = 0;
    wb->applied_seq = 0;
    wb->written_seq = 0;
    wb->scan_count = 0;
    wb->replay_progress = progress;
    wb->replay_context = context;
    wb->replay_writes = true;
    wb_status status = replay_tail(wb);
    wb->replay_progress = NULL;
    wb->replay_writes = false;
    if (status == WB_OK) status = write_blocks(wb);
    if (status != WB_OK) {
        wb->failed = status;
        return status;
    }
    TRY(plan_refresh(wb));
    return engine_store(wb, store_checkpoint(wb->store, false));
}

/* ---- Backup ---- */

struct copying {
    wb_progress progress;
    void *context;
};

static bool tell_copying(void *context, uint64_t done, uint64_t total)
{
    struct copying *copying = context;
    return copying->progress == NULL || copying->progress(copying->context, "copying", done, total);
}

wb_status wb_backup(struct wb *wb, const char *path, wb_progress progress, void *context,
                    struct wb_fault *why)
{
    if (wb->failed != WB_OK) return wb->failed;
    FILE *there = fopen(path, "r");
    if (there != NULL) {
        (void)fclose(there);
        return refuse(why, "%.200s exists already; name a new file", path);
    }
    struct copying copying = {progress, context};
    return store_backup(wb->store, path, tell_copying, &copying, why);
}
