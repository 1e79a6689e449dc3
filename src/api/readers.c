/* GET /v1/readers: what they do, and how they are. */
#include <stdio.h>
#include <string.h>

#include "answer/answer.h"
#include "api/asking.h"
#include "api/caller.h"
#include "api/health.h"
#include "api/resources.h"

static const char *kind_word(char kind)
{
    switch (kind) {
    case 'e':
        return "enter";
    case 'l':
        return "leave";
    default:
        return "between";
    }
}

static int64_t later(int64_t a_us, int64_t b_us)
{
    return a_us > b_us ? a_us : b_us;
}

static void put_health(struct exchange *x, struct document *document, wb_reader reader,
                       const struct wb_reader_row *row)
{
    const struct reader_health *health = health_of(x->service, reader);

    document_time(document, "last_heard",
                  health != NULL ? later(health->heard_us, row->last_heard_us)
                                 : row->last_heard_us);
    document_time(document, "complete_until", row->complete_us);
    if (health != NULL && health->has_offset) {
        document_seconds(document, "clock_offset_s", health->offset_us);
    } else {
        document_null(document, "clock_offset_s");
    }
    if (health != NULL) {
        document_number(document, "scans_last_hour", health_rate(health, x->now_us));
    } else {
        document_null(document, "scans_last_hour");
    }
}

static void put_reader(struct exchange *x, struct document *document, wb_reader reader,
                       const struct wb_reader_row *row)
{
    document_row(document);
    document_id(document, "id", row->id);
    document_text(document, "name", row->name);
    document_text(document, "kind", kind_word(row->kind));
    document_array(document, "zones");
    document_text(document, NULL, wb_zone_id(x->wb, row->a));
    if (row->kind == 'b') document_text(document, NULL, wb_zone_id(x->wb, row->b));
    document_array_end(document);
    document_text(document, "purpose", row->purpose);
    document_true(document, "retired", row->retired_us != WB_STILL_THERE);
    put_health(x, document, reader, row);
    document_row_end(document);
}

/* As the command line lists them: all there were, and when they were retired. */
static void list(struct exchange *x)
{
    struct answer document = {0};

    const struct reach *reach = caller_reach(x);
    if (reach == NULL) return;
    struct wb_limit limit = reach_limit(reach);
    exchange_answer(x, answer_readers(x->wb, &limit, &document), &document);
}

void readers_get(struct exchange *x)
{
    bool as_list;
    struct wb_readers readers = {0};
    struct document document;

    if (!asking_knows(x, "list") || !asking_switch(x, "list", &as_list)) return;
    if (as_list) {
        list(x);
        return;
    }
    if (caller_reach(x) == NULL) return;
    wb_status status = wb_readers_all(x->wb, &readers);
    document_begin(&document);
    document_array(&document, "readers");
    for (size_t i = 0; status == WB_OK && i < readers.count; i++) {
        struct wb_reader_row row;
        status = wb_reader_row(x->wb, readers.at[i], &row);
        if (status != WB_OK) break;
        if (reach_leads(&x->reach, &row)) put_reader(x, &document, readers.at[i], &row);
    }
    document_array_end(&document);
    wb_list_done(&readers);
    struct answer answer = {0};
    status = document_end(&document, status, &answer);
    exchange_answer(x, status, &answer);
}
