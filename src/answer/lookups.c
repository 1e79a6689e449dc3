/* Who looked at whom. */
#include "answer/answer.h"
#include "answer/document.h"

struct writer {
    struct wb *wb;
    struct document document;
    uint64_t left;
    int64_t next; /* where to go on; 0: that was all */
    int64_t last;
};

static bool write_row(void *context, int64_t number, const struct wb_lookup *lookup)
{
    struct writer *writer = context;
    struct document *document = &writer->document;
    bool watch = lookup->kind == WB_LOOKUP_WATCH;
    if (writer->left == 0) {
        writer->next = writer->last;
        return false;
    }
    writer->left--;
    writer->last = number;
    document_row(document);
    document_number(document, "lookup", number);
    document_time(document, "at", lookup->at_us);
    document_text(document, "who", lookup->who);
    document_text(document, "purpose", lookup->purpose);
    document_text(document, "question", lookup->question);
    document_text(document, "kind", watch ? "watch" : "answer");
    if (watch && lookup->zone.n != WB_ZONE_EVERY) {
        document_id(document, "zone", wb_zone_id(writer->wb, lookup->zone));
    } else {
        document_null(document, "zone");
    }
    document_time(document, "from", watch ? lookup->at_us : lookup->as_of_us);
    document_time(document, "until", lookup->until_us);
    if (watch) {
        document_null(document, "people");
    } else {
        document_number(document, "people", (int64_t)lookup->count);
    }
    document_row_end(document);
    return !document->failed;
}

wb_status answer_lookups(struct wb *wb, wb_person person, const struct answer_log *log,
                         struct answer *out)
{
    struct writer writer = {.wb = wb, .left = log->most > 0 ? log->most : UINT64_MAX};
    document_begin(&writer.document);
    document_person(&writer.document, "person", wb, person);
    document_array(&writer.document, "lookups");
    wb_status status = wb_lookups_of(wb, person, log->below, log->now_us, write_row, &writer);
    document_array_end(&writer.document);
    if (writer.next > 0) {
        document_number(&writer.document, "next", writer.next);
    } else {
        document_null(&writer.document, "next");
    }
    return document_end(&writer.document, status, out);
}
