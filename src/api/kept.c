/* GET /v1/held, /quarantined and /withdrawn, POST /v1/withdrawals, POST /v1/releases: scans that
 * are kept aside, and corrections. */
#include <string.h>

#include "answer/answer.h"
#include "api/asking.h"
#include "api/resources.h"
#include "base/duration.h"

#define WHY_BYTES_MAX 4000u

void held_get(struct exchange *x)
{
    struct answer document = {0};

    if (!asking_knows(x, "")) return;
    exchange_answer(x, answer_list_held(x->wb, &document), &document);
}

void quarantined_get(struct exchange *x)
{
    struct answer document = {0};

    if (!asking_knows(x, "")) return;
    exchange_answer(x, answer_list_quarantined(x->wb, &document), &document);
}

void withdrawn_get(struct exchange *x)
{
    struct answer document = {0};

    if (!asking_knows(x, "")) return;
    exchange_answer(x, answer_list_withdrawn(x->wb, &document), &document);
}

static bool take_why(struct exchange *x, const json_t *body, struct text *why)
{
    if (!asking_text(x, body, "why", true, why)) return false;
    if (why->bytes > 0 && why->bytes <= WHY_BYTES_MAX) return true;
    exchange_problem(x, 400, "bad-body", "\"why\" has 1 to 4000 bytes");
    return false;
}

static bool take_direction(struct exchange *x, const json_t *body, wb_direction *direction)
{
    struct text word;

    *direction = WB_EVERY_DIRECTION;
    if (!asking_text(x, body, "direction", false, &word)) return false;
    if (word.at == NULL) return true;
    if (strcmp(word.at, "in") == 0) {
        *direction = WB_IN;
    } else if (strcmp(word.at, "out") == 0) {
        *direction = WB_OUT;
    } else if (strcmp(word.at, "none") == 0) {
        *direction = WB_NO_DIRECTION;
    } else {
        exchange_problem(x, 400, "bad-body", "\"direction\" is in, out or none; without it, every");
        return false;
    }
    return true;
}

/* {"reader","band","time","direction"?,"why"} */
static void withdraw(struct exchange *x, const json_t *body)
{
    struct wb_fault fault = {0};
    struct document document;
    struct text reader_id;
    struct text band_id;
    struct text why;
    wb_direction direction;
    wb_reader reader;
    wb_band band;
    int64_t at_us = 0;

    if (!asking_text(x, body, "reader", true, &reader_id) ||
        !asking_text(x, body, "band", true, &band_id) ||
        !asking_moment(x, body, "time", true, &at_us) || !take_direction(x, body, &direction) ||
        !take_why(x, body, &why) || !asking_reader(x, reader_id.at, reader_id.bytes, &reader)) {
        return;
    }
    /* A scan may be withdrawn before it is learnt, so its band may be new too. */
    if (!asking_band(x, &band_id, &band)) return;
    wb_status status = wb_withdraw(x->wb, reader, band, at_us, direction, why.at, &fault);
    if (status != WB_OK) {
        exchange_failed(x, status, &fault);
        return;
    }
    document_begin(&document);
    document_id(&document, "reader", wb_reader_id(x->wb, reader));
    document_id(&document, "band", wb_band_id(x->wb, band));
    document_time(&document, "time", at_us);
    exchange_document(x, 201, &document);
}

void withdrawals_post(struct exchange *x)
{
    json_t *body;

    if (!asking_knows(x, "") || !asking_object(x, "reader band time direction why", &body)) return;
    withdraw(x, body);
    json_decref(body);
}

/* {"reader","from"?,"until"?,"shift"?,"why"} */
static void release(struct exchange *x, const json_t *body)
{
    struct wb_fault fault = {0};
    struct document document;
    struct text reader_id;
    struct text shift;
    struct text why;
    wb_reader reader;
    int64_t from_us = WB_NO_TIME;
    int64_t until_us = WB_STILL_THERE;
    int64_t shift_us = 0;
    uint64_t count = 0;

    if (!asking_text(x, body, "reader", true, &reader_id) ||
        !asking_text(x, body, "shift", false, &shift) ||
        !asking_moment(x, body, "from", false, &from_us) ||
        !asking_moment(x, body, "until", false, &until_us) || !take_why(x, body, &why)) {
        return;
    }
    if (shift.at != NULL && !duration_parse_signed(shift.at, shift.bytes, &shift_us)) {
        exchange_problem(x, 400, "bad-body", "\"shift\" is a duration like -3h or 90s");
        return;
    }
    if (until_us <= from_us) {
        exchange_problem(x, 400, "bad-window", "until is not after from");
        return;
    }
    if (!asking_reader(x, reader_id.at, reader_id.bytes, &reader)) return;
    wb_status status =
        wb_release(x->wb, reader, from_us, until_us, shift_us, why.at, &count, &fault);
    if (status != WB_OK) {
        exchange_failed(x, status, &fault);
        return;
    }
    document_begin(&document);
    document_id(&document, "reader", wb_reader_id(x->wb, reader));
    document_number(&document, "released", (int64_t)count);
    exchange_document(x, 201, &document);
}

void releases_post(struct exchange *x)
{
    json_t *body;

    if (!asking_knows(x, "") || !asking_object(x, "reader from until shift why", &body)) return;
    release(x, body);
    json_decref(body);
}
