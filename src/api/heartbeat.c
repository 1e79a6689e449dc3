/* POST /v1/readers/{R}/heartbeat: a reader is alive, and perhaps complete. */
#include "answer/document.h"
#include "api/asking.h"
#include "api/health.h"
#include "api/resources.h"

static void take(struct exchange *x, const json_t *body)
{
    int64_t time_us = WB_NO_TIME;
    int64_t complete_us = WB_NO_TIME;
    wb_reader reader;

    if (!asking_reader(x, x->part[0].at, x->part[0].bytes, &reader) ||
        !asking_moment(x, body, "time", true, &time_us) ||
        !asking_moment(x, body, "complete_until", false, &complete_us)) {
        return;
    }
    if (complete_us != WB_NO_TIME) {
        wb_status status = wb_complete(x->wb, reader, complete_us);
        if (status != WB_OK) {
            exchange_failed(x, status, NULL);
            return;
        }
    }
    health_heartbeat(x->service, reader, time_us, x->now_us);

    struct document document;
    document_begin(&document);
    document_id(&document, "reader", wb_reader_id(x->wb, reader));
    document_time(&document, "time", time_us);
    document_time(&document, "complete_until", complete_us);
    exchange_document(x, 200, &document);
}

void heartbeat_post(struct exchange *x)
{
    json_t *body;

    if (!asking_knows(x, "") || !asking_object(x, "time complete_until", &body)) return;
    take(x, body);
    json_decref(body);
}
