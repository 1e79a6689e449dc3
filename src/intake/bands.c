/* A row of bands: whose band it is, from when until when. */
#include "intake/intake.h"

enum {
    BAND = INTAKE_BAND_BAND,
    PERSON = INTAKE_BAND_PERSON,
    FROM = INTAKE_BAND_FROM,
    UNTIL = INTAKE_BAND_UNTIL,
    LEARNT = INTAKE_BAND_LEARNT,
};

/* Everything of the row but the band, which must not be made for a row that is refused. */
static wb_status read_row(const struct intake *intake, const struct intake_row *row,
                          struct wb_pairing *pairing, struct intake_taken *taken)
{
    wb_status status = intake_time(intake, row, FROM, "from", taken, &pairing->from_us);
    if (status == WB_OK) {
        status = intake_time(intake, row, UNTIL, "until", taken, &pairing->until_us);
    }
    if (status == WB_OK && intake->trust_learnt) {
        status = intake_time(intake, row, LEARNT, "learnt", taken, &pairing->learnt_us);
    }
    if (status != WB_OK) return status;
    if (pairing->until_us <= pairing->from_us) {
        return intake_refuse(taken, "until '%.*s' is not after from '%.*s'",
                             intake_shown(row, UNTIL), row->at[UNTIL], intake_shown(row, FROM),
                             row->at[FROM]);
    }
    if (wb_person_find(intake->wb, row->at[PERSON], row->bytes[PERSON], &pairing->person) !=
        WB_OK) {
        return intake_refuse(taken, "there is no person '%.*s' in the register",
                             intake_shown(row, PERSON), row->at[PERSON]);
    }
    return WB_OK;
}

wb_status intake_band(const struct intake *intake, const struct intake_row *row,
                      struct intake_taken *taken)
{
    struct wb_pairing pairing = {
        .from_us = WB_NO_TIME, .until_us = WB_STILL_THERE, .learnt_us = WB_NO_TIME};
    struct wb_fault why = {0};
    bool changed = true;

    taken->ambiguous_times = 0;
    wb_status status = read_row(intake, row, &pairing, taken);
    if (status != WB_OK) return status;
    status = wb_band_intern(intake->wb, row->at[BAND], row->bytes[BAND], &pairing.band);
    if (status == WB_EINVAL || status == WB_EREFUSED) {
        return intake_refuse(taken, "'%.*s' cannot be a band", intake_shown(row, BAND),
                             row->at[BAND]);
    }
    if (status == WB_OK) status = wb_pair(intake->wb, &pairing, &changed, &why);
    if (status == WB_EREFUSED) return intake_refuse(taken, "%s", why.text);
    taken->verdict = changed ? WB_ACCEPTED : WB_DUPLICATE;
    return status;
}
