/* GET /v1/bands, GET /v1/bands/{B} and POST /v1/pairings: whose band it is. */
#include <stdlib.h>

#include "answer/answer.h"
#include "api/asking.h"
#include "api/caller.h"
#include "api/resources.h"
#include "api/rows.h"

static int by_from(const void *a, const void *b)
{
    const struct wb_pairing *one = a;
    const struct wb_pairing *other = b;
    return one->from_us < other->from_us ? -1 : one->from_us > other->from_us;
}

static bool all_in_reach(struct exchange *x, const struct wb_pairings *pairings)
{
    for (size_t i = 0; i < pairings->count; i++) {
        if (!caller_may_see_person(x, pairings->at[i].person)) return false;
    }
    return pairings->count > 0 || caller_sees_all(x) || caller_forbidden(x);
}

/* {"band","person": whose it is now or null,"pairings":[{"person","from","until","learnt"}]} */
static void put_band(struct exchange *x, wb_band band, const struct wb_pairings *pairings)
{
    struct document document;
    wb_person now = {WB_NONE};

    for (size_t i = 0; i < pairings->count; i++) {
        const struct wb_pairing *pairing = &pairings->at[i];
        if (pairing->from_us <= x->now_us && x->now_us < pairing->until_us) now = pairing->person;
    }
    document_begin(&document);
    document_id(&document, "band", wb_band_id(x->wb, band));
    if (now.n != WB_NONE) {
        document_person(&document, "person", x->wb, now);
    } else {
        document_null(&document, "person");
    }
    document_array(&document, "pairings");
    for (size_t i = 0; i < pairings->count; i++) {
        const struct wb_pairing *pairing = &pairings->at[i];
        document_row(&document);
        document_person(&document, "person", x->wb, pairing->person);
        document_time(&document, "from", pairing->from_us);
        document_time(&document, "until", pairing->until_us);
        document_time(&document, "learnt", pairing->learnt_us);
        document_row_end(&document);
    }
    document_array_end(&document);
    exchange_document(x, 200, &document);
}

void band_get(struct exchange *x)
{
    struct wb_pairings pairings = {0};
    size_t kept = 0;
    wb_band band;

    if (!asking_knows(x, "")) return;
    if (wb_band_find(x->wb, x->part[0].at, x->part[0].bytes, &band) != WB_OK) {
        if (!caller_sees_all(x)) {
            (void)caller_forbidden(x);
        } else {
            exchange_problem(x, 404, "not-found", "nobody has heard of that band");
        }
        return;
    }
    wb_status status = wb_pairings(x->wb, &pairings);
    for (size_t i = 0; i < pairings.count; i++) {
        if (pairings.at[i].band.n == band.n) pairings.at[kept++] = pairings.at[i];
    }
    pairings.count = kept;
    if (status != WB_OK) {
        exchange_failed(x, status, NULL);
    } else if (all_in_reach(x, &pairings)) {
        if (kept > 0) qsort(pairings.at, kept, sizeof *pairings.at, by_from);
        put_band(x, band, &pairings);
    }
    wb_list_done(&pairings);
}

/* {"band","person","from"?,"until"?}: pair; with "person":null: unpair at "from", or now */
static void unpair(struct exchange *x, const struct text *band_id, int64_t at_us)
{
    struct wb_fault fault = {0};
    struct document document;
    wb_band band;

    if (at_us == WB_NO_TIME) at_us = x->now_us;
    if (wb_band_find(x->wb, band_id->at, band_id->bytes, &band) != WB_OK) {
        exchange_problem(x, 404, "not-found", "nobody has heard of that band");
        return;
    }
    wb_status status = wb_unpair(x->wb, band, at_us, &fault);
    if (status != WB_OK) {
        exchange_failed(x, status, &fault);
        return;
    }
    document_begin(&document);
    document_id(&document, "band", wb_band_id(x->wb, band));
    document_null(&document, "person");
    document_time(&document, "until", at_us);
    exchange_document(x, 200, &document);
}

/* {"band","replaces","from"?}: whoever wears the old band wears this one from then on, or now */
static void replace(struct exchange *x, const struct text *old_id, const struct text *new_id,
                    int64_t at_us)
{
    struct wb_fault fault = {0};
    struct document document;
    wb_band old_band;
    wb_band new_band;

    if (wb_band_find(x->wb, old_id->at, old_id->bytes, &old_band) != WB_OK) {
        exchange_problem(x, 404, "not-found", "nobody has heard of that band");
        return;
    }
    if (!asking_band(x, new_id, &new_band)) return;
    if (at_us == WB_NO_TIME) at_us = x->now_us;
    wb_status status = wb_replace(x->wb, old_band, new_band, at_us, &fault);
    if (status != WB_OK) {
        exchange_failed(x, status, &fault);
        return;
    }
    document_begin(&document);
    document_id(&document, "band", wb_band_id(x->wb, new_band));
    document_id(&document, "replaces", wb_band_id(x->wb, old_band));
    exchange_document(x, 201, &document);
}

static void pair(struct exchange *x, const json_t *body)
{
    struct wb_pairing pairing = {
        .from_us = WB_NO_TIME, .until_us = WB_STILL_THERE, .learnt_us = WB_NO_TIME};
    struct wb_fault fault = {0};
    struct document document;
    struct text band_id;
    struct text person_id;
    struct text old_id;
    bool changed = true;

    if (!asking_text(x, body, "band", true, &band_id) ||
        !asking_text(x, body, "replaces", false, &old_id) ||
        !asking_text(x, body, "person", false, &person_id) ||
        !asking_moment(x, body, "from", false, &pairing.from_us) ||
        !asking_moment(x, body, "until", false, &pairing.until_us)) {
        return;
    }
    if (old_id.at != NULL) {
        replace(x, &old_id, &band_id, pairing.from_us);
        return;
    }
    if (person_id.at == NULL) {
        unpair(x, &band_id, pairing.from_us);
        return;
    }
    if (pairing.until_us <= pairing.from_us) {
        exchange_problem(x, 400, "bad-window", "until is not after from");
        return;
    }
    if (!asking_person(x, person_id.at, person_id.bytes, &pairing.person)) return;
    if (!asking_band(x, &band_id, &pairing.band)) return;
    wb_status status = wb_pair(x->wb, &pairing, &changed, &fault);
    if (status != WB_OK) {
        exchange_failed(x, status, &fault);
        return;
    }
    document_begin(&document);
    document_id(&document, "band", wb_band_id(x->wb, pairing.band));
    document_person(&document, "person", x->wb, pairing.person);
    document_time(&document, "from", pairing.from_us);
    document_time(&document, "until", pairing.until_us);
    document_true(&document, "changed", changed);
    exchange_document(x, 201, &document);
}

/* Many at a time, as rows of csv. */
static void take_csv(struct exchange *x)
{
    static const struct csv_column columns[] = {
        [INTAKE_BAND_BAND] = {.name = "band",    .required = true},
        [INTAKE_BAND_PERSON] = {.name = "person",                 .required = true},
        [INTAKE_BAND_FROM] = {.name = "from"},
        [INTAKE_BAND_UNTIL] = {.name = "until"   },
        [INTAKE_BAND_LEARNT] = {.name = "learnt"  },
    };
    static const struct rows_kind kind = {columns, INTAKE_BAND_COLUMNS, intake_band, NULL, NULL};
    struct wb_summary summary;

    rows_post(x, &kind, &summary);
}

void bands_get(struct exchange *x)
{
    struct answer document = {0};

    if (!asking_knows(x, "")) return;
    exchange_answer(x, answer_list_bands(x->wb, &document), &document);
}

void pairings_post(struct exchange *x)
{
    json_t *body;

    if (rows_are_csv(x)) {
        take_csv(x);
        return;
    }
    if (!asking_knows(x, "") || !asking_object(x, "band person from until replaces", &body)) return;
    pair(x, body);
    json_decref(body);
}
