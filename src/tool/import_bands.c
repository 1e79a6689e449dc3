/* whereabouts import bands: whose band it is, row by row. */
#include <string.h>

#include "tool/import.h"

enum { BAND, PERSON, FROM, UNTIL, LEARNT };

static const struct csv_column columns[] = {
    [BAND] = {.name = "band",    .required = true},
    [PERSON] = {.name = "person",                 .required = true},
    [FROM] = {.name = "from"},
    [UNTIL] = {.name = "until"   },
    [LEARNT] = {.name = "learnt"  },
};

static int shown(size_t bytes)
{
    return (int)(bytes < 60 ? bytes : 60);
}

/* Everything of the row but the band. false: refused. */
static bool read_row(struct import *import, const struct import_row *row,
                     struct wb_pairing *pairing, uint64_t *ambiguous)
{
    if (!import_time(import, row, FROM, &pairing->from_us, ambiguous)) return false;
    if (!import_time(import, row, UNTIL, &pairing->until_us, ambiguous)) return false;
    if (call_has(import->call, "trust-learnt") &&
        !import_time(import, row, LEARNT, &pairing->learnt_us, ambiguous)) {
        return false;
    }
    if (pairing->until_us <= pairing->from_us) {
        (void)import_refuse(import, row, "until '%.*s' is not after from '%.*s'",
                            shown(row->bytes[UNTIL]), row->at[UNTIL], shown(row->bytes[FROM]),
                            row->at[FROM]);
        return false;
    }
    if (wb_person_find(import->site->wb, row->at[PERSON], row->bytes[PERSON], &pairing->person) !=
        WB_OK) {
        (void)import_refuse(import, row, "there is no person '%.*s' in the register",
                            shown(row->bytes[PERSON]), row->at[PERSON]);
        return false;
    }
    return true;
}

static int take(struct import *import, const struct import_row *row)
{
    struct wb_pairing pairing = {
        .from_us = WB_NO_TIME, .until_us = WB_STILL_THERE, .learnt_us = WB_NO_TIME};
    struct wb_fault why = {0};
    uint64_t ambiguous = 0;
    bool changed = true;

    if (!read_row(import, row, &pairing, &ambiguous)) return SAY_DONE;
    int status = import_turn(import);
    if (status != SAY_DONE) return status;

    wb_status taken =
        wb_band_intern(import->site->wb, row->at[BAND], row->bytes[BAND], &pairing.band);
    if (taken == WB_EINVAL || taken == WB_EREFUSED) {
        return import_refuse(import, row, "'%.*s' cannot be a band", shown(row->bytes[BAND]),
                             row->at[BAND]);
    }
    if (taken == WB_OK) taken = wb_pair(import->site->wb, &pairing, &changed, &why);
    if (taken == WB_EFULL && !import->checking) {
        status = import_commit(import);
        if (status == SAY_DONE) status = import_turn(import);
        if (status != SAY_DONE) return status;
        taken = wb_pair(import->site->wb, &pairing, &changed, &why);
    }
    if (taken == WB_EREFUSED) return import_refuse(import, row, "%s", why.text);
    if (taken != WB_OK) return site_failed(import->site, taken);

    if (!import->checking) import->ambiguous_times += ambiguous;
    return import_took(import, changed ? WB_ACCEPTED : WB_DUPLICATE);
}

int import_bands_run(const struct call *call)
{
    static const struct import_kind kind = {
        .what = "bands",
        .columns = columns,
        .column_count = sizeof columns / sizeof columns[0],
        .takes_learnt = true,
        .take = take,
    };
    return import_run(call, &kind, NULL, NULL);
}
