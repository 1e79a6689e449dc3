/* whereabouts import bands: whose band it is, row by row. */
#include "tool/import.h"

static const struct csv_column columns[] = {
    [INTAKE_BAND_BAND] = {.name = "band",    .required = true},
    [INTAKE_BAND_PERSON] = {.name = "person",                 .required = true},
    [INTAKE_BAND_FROM] = {.name = "from"},
    [INTAKE_BAND_UNTIL] = {.name = "until"   },
    [INTAKE_BAND_LEARNT] = {.name = "learnt"  },
};

int import_bands_run(const struct call *call)
{
    static const struct import_kind kind = {
        .what = "bands",
        .path = "/v1/pairings",
        .columns = columns,
        .column_count = sizeof columns / sizeof columns[0],
        .together = true,
        .takes_learnt = true,
        .intake = intake_band,
    };
    return import_run(call, &kind, NULL, NULL);
}
