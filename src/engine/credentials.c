/* Operators, tokens, sessions, invitations: the host's rows, kept as they are given. */
#include <string.h>

#include "engine/kept.h"

/* ---- For all of them ---- */

wb_status kept_put(struct wb *wb, enum statement statement, const struct cell *cells, size_t count)
{
    TRY(turn_transaction(wb));
    return engine_store(wb, store_put(wb->store, statement, cells, count));
}

wb_status kept_each(struct wb *wb, enum statement statement, const struct cell *cells, size_t count,
                    store_row row, void *context)
{
    if (wb->failed != WB_OK) return wb->failed;
    if (!wb->writes) TRY(engine_refresh(wb));
    return engine_store(wb, store_each(wb->store, statement, cells, count, row, context));
}

bool kept_text_fits(const char *text, size_t least, size_t most)
{
    if (text == NULL) return false;
    size_t bytes = strlen(text);
    return bytes >= least && bytes <= most;
}

/* ---- Credentials ---- */

static struct cell text_cell(const char *text)
{
    return CELL_OF_TEXT(text, strlen(text));
}

static bool is_kind(wb_credential_kind kind)
{
    return kind <= WB_INVITATION;
}

wb_status wb_credential_put(struct wb *wb, const struct wb_credential *credential)
{
    const struct wb_credential *c = credential;
    const char *const texts[] = {c->role, c->secret, c->scope, c->holder, c->purpose};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (!kept_text_fits(texts[i], 0, WB_CREDENTIAL_BYTES_MAX)) return WB_EINVAL;
    }
    if (!is_kind(c->kind) || !kept_text_fits(c->name, 1, KEPT_NAME_BYTES_MAX)) return WB_EINVAL;
    struct cell cells[] = {CELL_OF(c->kind),      text_cell(c->name),  text_cell(c->role),
                           text_cell(c->secret),  text_cell(c->scope), text_cell(c->holder),
                           text_cell(c->purpose), CELL_OF(c->made_us), CELL_OF(c->expires_us)};
    return kept_put(wb, CREDENTIAL_PUT, cells, sizeof cells / sizeof *cells);
}

wb_status wb_credential_remove(struct wb *wb, wb_credential_kind kind, const char *name)
{
    if (!is_kind(kind) || !kept_text_fits(name, 1, KEPT_NAME_BYTES_MAX)) return WB_EINVAL;
    struct cell cells[] = {CELL_OF(kind), text_cell(name)};
    return kept_put(wb, CREDENTIAL_DROP, cells, 2);
}

wb_status wb_credentials_remove_held(struct wb *wb, wb_credential_kind kind, const char *holder)
{
    if (!is_kind(kind) || !kept_text_fits(holder, 1, KEPT_NAME_BYTES_MAX)) return WB_EINVAL;
    struct cell cells[] = {CELL_OF(kind), text_cell(holder)};
    return kept_put(wb, CREDENTIAL_DROP_HELD, cells, 2);
}

struct credential_reader {
    wb_credential_each each;
    void *context;
};

/* WB_ESTOPPED: the caller wants no more. */
static wb_status take_credential(void *context, const struct cell *cells)
{
    const struct credential_reader *reader = context;
    struct wb_credential credential = {.kind = (wb_credential_kind)cells[0].number,
                                       .name = cells[1].data,
                                       .role = cells[2].data,
                                       .secret = cells[3].data,
                                       .scope = cells[4].data,
                                       .holder = cells[5].data,
                                       .purpose = cells[6].data,
                                       .made_us = cells[7].number,
                                       .expires_us = cells[8].number};
    return reader->each(reader->context, &credential) ? WB_OK : WB_ESTOPPED;
}

wb_status wb_credentials_all(struct wb *wb, wb_credential_each each, void *context)
{
    struct credential_reader reader = {each, context};
    wb_status status = kept_each(wb, CREDENTIAL_ALL, NULL, 0, take_credential, &reader);
    return status == WB_ESTOPPED ? WB_OK : status;
}
