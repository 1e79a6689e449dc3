#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model_answer.h"
#include "room.h"
#include "site_text.h"
#include "story.h"

struct play {
    const struct story *story;
    const char *path;
    struct chance chance; /* the library's random bytes */
    struct wb *wb;
    struct wb *beside; /* reads the same file; NULL: none */
    struct model *m;
    int64_t now_us;       /* of the next turn */
    int64_t turn_us;      /* when the open turn is learnt */
    int64_t committed_us; /* when the last commit was learnt */
    bool turn_is_open, turn_is_synced, turn_has_news;
    struct wb_summary tally; /* of the open turn, by wb_observe */
    size_t told;
    size_t looks, looks_back;
    bool idles;      /* a changed description is folded in idle pieces */
    size_t unfolded; /* descriptions that are not folded by yet */
};

__attribute__((format(printf, 1, 2))) static char *complaint(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int bytes = vasprintf(&text, format, arguments);
    va_end(arguments);
    assert(bytes >= 0);
    return text;
}

/* NULL if the status is the expected one. */
static char *expect(const struct play *p, const char *what, wb_status expected, wb_status status,
                    const struct wb_fault *why)
{
    if (status == expected) return NULL;
    return complaint("%s: status %d where %d is expected; %s; %s\n", what, (int)status,
                     (int)expected, why && status != WB_OK ? why->text : "", wb_last_error(p->wb));
}

/* ---- Answers ---- */

/* A zone that was left out without facts may be gone, or there with nobody in it: both are
 * right. */
static bool speaks_of_gone_zone(const struct play *p, const struct question *q, const char *library,
                                const char *model)
{
    int zone = texts_find(&p->m->zones, q->zone);
    if (strcmp(library, "no such zone\n") != 0 || zone == MODEL_NONE) return false;
    const struct model_description *newest = model_description_at(p->m, WB_EVERYTHING);
    bool left_out = zone >= (int)newest->place_count || !newest->places[zone].described;
    return left_out && question_names_nobody(q, model);
}

/* Whether the past is folded anew: meanwhile the model holds on to how it was. */
static void look_at_fold(struct play *p)
{
    double done;
    if (p->unfolded == 0 || wb_is_folding(p->wb, &done)) return;
    p->unfolded = 0;
    model_let_go(p->m);
}

static char *compare_answers(struct play *p, const struct question *q, struct lines *heard)
{
    /* Of a moment between two descriptions that are both not folded by yet nothing is said. */
    if (p->unfolded > 1 && q->known_us != WB_EVERYTHING) return NULL;
    p->told++;
    char *library = question_ask_library(p->beside ? p->beside : p->wb, q);
    char *model = question_ask_model(p->m, q);
    char *wrong = NULL;
    if (strcmp(library, model) != 0 && !speaks_of_gone_zone(p, q, library, model)) {
        char *more = lines_only_in(library, model);
        char *less = lines_only_in(model, library);
        wrong = complaint("%sonly the library%s says:\n%.4000s\nonly the model says:\n%.4000s\n",
                          p->turn_is_open ? "(a turn is open) " : "", p->beside ? " beside" : "",
                          more, less);
        free(more);
        free(less);
    }
    if (heard) lines_add(heard, "%s", library);
    free(library);
    free(model);
    return wrong;
}

/* After every second turn: who is where now. The first question after a turn finds scans that are
 * in no block yet. */
static char *look_at_present(struct play *p)
{
    static const enum question_kind kinds[] = {ASK_INSIDE, ASK_EVERYBODY, ASK_WHERE, ASK_HEAD_COUNT,
                                               ASK_AT};

    size_t look = p->looks++;
    if (look % 2 != 0 || p->m->description_count == 0) return NULL;
    const struct model_site *site = &p->story->sites[0];
    int64_t as_of_us = p->committed_us + (look % 3 == 0 ? 0 : INT64_C(600000000));
    struct question q = {
        .kind = kinds[look / 2 % (sizeof kinds / sizeof *kinds)],
        .zone = site->zone_count > 0 ? site->zones[look % site->zone_count].id : "outside",
        .as_of_us = as_of_us,
        .known_us = WB_EVERYTHING,
        .asked_us = as_of_us,
    };
    if (p->m->people.count == 0) return NULL;
    q.person = p->m->people.text[look % p->m->people.count];
    return compare_answers(p, &q, NULL);
}

/* What was known just before a turn was learnt, while its scans were on their way, or while those
 * of the turn before were: who was inside, and how many of some people. */
static char *look_at_past(struct play *p, int64_t known_us)
{
    static const int64_t back_us[] = {0, 1000000, 3000000, 10000000, 45000000, 70000000};

    static const enum question_kind kinds[] = {ASK_INSIDE, ASK_AT, ASK_HEAD_COUNT, ASK_OCCUPANCY,
                                               ASK_WITH};

    if (p->m->description_count == 0 || p->m->people.count == 0) return NULL;
    size_t look = p->looks_back++;
    const struct model_site *site = &p->story->sites[look % p->story->site_count];
    const struct texts *people = &p->m->people;
    if (site->zone_count == 0) return NULL;
    for (size_t i = 0; i < 6 + site->zone_count; i++) {
        int64_t as_of_us = known_us - back_us[(look + i) % 6];
        struct question q = {
            .kind = i < 6 + site->zone_count - 4 ? ASK_INSIDE : kinds[(look + i) % 5],
            .person = people->text[(look + i) % people->count],
            .zone = site->zones[(look / 3 + i) % site->zone_count].id,
            .as_of_us = as_of_us,
            .known_us = known_us,
            .asked_us = known_us,
            .window = {as_of_us - 60000000, known_us, known_us, known_us},
            .every_us = 7000000,
            .only = (const char *const *)people->text,
            .only_count = (look + i) % people->count,
            .zones_salt = (look + i) % 4 == 0 ? (uint32_t)(look + i) : 0,
        };
        char *wrong = compare_answers(p, &q, NULL);
        if (wrong) return wrong;
    }
    return NULL;
}

/* ---- The file and its turns ---- */

static char *open_file(struct play *p, uint32_t mode, struct wb **out)
{
    struct wb_fault why = {0};
    struct wb_options options = {
        .mode = mode,
        .random = chance_fill,
        .random_context = &p->chance,
        .idles = p->idles,
    };
    wb_status status = wb_open(p->path, &options, out, &why);
    if (status == WB_OK) return NULL;
    *out = NULL;
    return complaint("wb_open: status %d; %s\n", (int)status, why.text);
}

static char *close_beside(struct play *p)
{
    wb_status status = p->beside ? wb_close(p->beside) : WB_OK;
    p->beside = NULL;
    return status == WB_OK ? NULL : complaint("closing a reader: status %d\n", (int)status);
}

/* A commit is learnt now, or a microsecond after the last one. */
static int64_t next_commit_us(const struct play *p, int64_t now_us)
{
    return now_us > p->committed_us ? now_us : p->committed_us + 1;
}

/* After a turn: when was it learnt? A turn without news may have made no commit. */
static char *look_at_clock(struct play *p, int64_t expected_us, bool has_news)
{
    struct wb_numbers numbers;
    char *wrong = expect(p, "wb_numbers", WB_OK, wb_numbers(p->wb, &numbers), NULL);
    if (wrong) return wrong;
    bool stands = !has_news && numbers.learnt_us == p->committed_us;
    if (numbers.learnt_us != expected_us && !stands) {
        return complaint("the newest commit is learnt at %" PRId64 ", expected %" PRId64 "\n",
                         numbers.learnt_us, expected_us);
    }
    p->committed_us = numbers.learnt_us;
    return NULL;
}

static bool is_told(const struct wb_news *news, wb_person person)
{
    for (size_t i = 0; i < news->moved_count; i++) {
        if (news->moved[i].n == person.n) return true;
    }
    for (size_t i = 0; i < news->changed_count; i++) {
        if (news->changed[i].n == person.n) return true;
    }
    return false;
}

/* The first row of a list that the other does not have and that is not in the news; NULL. */
static const struct wb_whereabouts *untold(const struct wb_news *news,
                                           const struct wb_whereabouts_list *list,
                                           const struct wb_whereabouts_list *other)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct wb_whereabouts *row = &list->at[i];
        bool same = false;
        for (size_t k = 0; k < other->count && !same; k++) {
            const struct wb_whereabouts *o = &other->at[k];
            same = row->person.n == o->person.n && row->zone.n == o->zone.n &&
                   row->since_us == o->since_us && row->last_seen_us == o->last_seen_us &&
                   row->reader.n == o->reader.n;
        }
        if (!same && !is_told(news, row->person)) return row;
    }
    return NULL;
}

/* End the turn; whose place it changes must be in the news. */
static char *end_with_news(struct play *p, struct wb_summary *summary)
{
    int64_t as_of_us = p->turn_us + INT64_C(600000000);
    struct wb_moment moment = {as_of_us, WB_EVERYTHING, as_of_us};
    struct wb_whereabouts_list before = {0};
    struct wb_whereabouts_list after = {0};
    wb_status status = wb_everybody(p->wb, &moment, &before);
    if (status == WB_OK) status = p->turn_is_synced ? WB_OK : wb_sync(p->wb);
    if (status == WB_OK) status = wb_end(p->wb, summary);
    struct wb_news news;
    wb_news(p->wb, &news);
    if (status == WB_OK) status = wb_everybody(p->wb, &moment, &after);
    char *wrong = expect(p, "ending a turn", WB_OK, status, NULL);
    const struct wb_whereabouts *row = wrong ? NULL : untold(&news, &after, &before);
    if (!wrong && row == NULL) row = untold(&news, &before, &after);
    if (row)
        wrong = complaint("person %s moved and is not news\n", wb_person_id(p->wb, row->person));
    wb_list_done(&before);
    wb_list_done(&after);
    return wrong;
}

static char *just_end(struct play *p, struct wb_summary *summary)
{
    wb_status status = p->turn_is_synced ? wb_end(p->wb, summary) : wb_turn(p->wb, summary);
    return expect(p, "ending a turn", WB_OK, status, NULL);
}

/* Some pieces of idle work; what they begin is finished by whoever needs it. */
static char *idle_some(struct play *p, size_t pieces)
{
    enum wb_idle_next next = WB_IDLE_MORE;
    wb_status status = WB_OK;
    for (size_t i = 0; status == WB_OK && next != WB_IDLE_DONE && i < pieces; i++) {
        status = wb_idle_step(p->wb, &next);
        if (status != WB_OK || next != WB_IDLE_SYNC) continue;
        status = wb_idle_sync(p->wb);
        if (status == WB_OK && i % 2 == 0) {
            /* A question meanwhile may change the very blocks that are being written. */
            struct wb_whereabouts_list list = {0};
            struct wb_moment moment = {p->turn_us, WB_EVERYTHING, p->turn_us};
            status = wb_everybody(p->wb, &moment, &list);
            wb_list_done(&list);
        }
        if (status == WB_OK) status = wb_idle_end(p->wb);
    }
    look_at_fold(p);
    return expect(p, "idle pieces", WB_OK, status, NULL);
}

static char *end_turn(struct play *p)
{
    if (!p->turn_is_open) return NULL;
    char *idle = p->looks % 3 == 2 ? idle_some(p, 1) : NULL;
    if (idle) return idle;
    struct wb_summary summary = {0};
    char *wrong = p->looks % 4 == 1 ? end_with_news(p, &summary) : just_end(p, &summary);
    p->turn_is_open = false;
    p->turn_is_synced = false;
    if (wrong) return wrong;
    model_commit(p->m);
    if (summary.accepted != p->tally.accepted || summary.duplicates != p->tally.duplicates ||
        summary.held != p->tally.held || summary.quarantined != p->tally.quarantined) {
        return complaint("summary %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
                         ", verdicts were %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
                         summary.accepted, summary.duplicates, summary.held, summary.quarantined,
                         p->tally.accepted, p->tally.duplicates, p->tally.held,
                         p->tally.quarantined);
    }
    int64_t before_us = p->committed_us;
    wrong = look_at_clock(p, p->turn_us, p->turn_has_news);
    if (!wrong) wrong = look_at_present(p);
    bool committed = p->committed_us != before_us;
    if (!wrong && committed)
        wrong = look_at_past(p, p->committed_us - (p->looks_back % 3 == 0 ? 1000000 : 1));
    /* A fold of the past takes many pieces: mostly there are turns between them. */
    bool all = p->unfolded > 0 && p->looks % 7 == 3;
    return wrong ? wrong : idle_some(p, all ? 1000 : p->looks % 4);
}

static char *begin_turn(struct play *p, int64_t now_us)
{
    char *wrong = close_beside(p);
    if (!wrong) wrong = end_turn(p);
    if (wrong) return wrong;
    p->now_us = now_us;
    p->turn_us = next_commit_us(p, now_us);
    p->tally = (struct wb_summary){0};
    p->turn_has_news = false;
    wrong = expect(p, "wb_begin", WB_OK, wb_begin(p->wb, now_us), NULL);
    if (!wrong) p->turn_is_open = true;
    return wrong;
}

/* ---- Names ---- */

/* What both sides call a fact's reader and band. skip: the fact cannot be told, or the contract
 * does not say what becomes of it. */
struct named {
    wb_reader reader;
    wb_band band;
    int model_reader, model_band;
    bool skip;
};

static char *find_reader(struct play *p, const char *id, struct named *out)
{
    out->model_reader = texts_find(&p->m->readers, id);
    bool known = out->model_reader >= 0 && model_knows_reader(p->m, out->model_reader);
    out->skip = !known;
    if (out->model_reader >= 0 && !known) return NULL; /* left out without a fact */
    wb_status status = wb_reader_find(p->wb, id, strlen(id), &out->reader);
    return expect(p, id, known ? WB_OK : WB_ENOENT, status, NULL);
}

static char *find_band(struct play *p, const char *id, struct named *out)
{
    const char *person = model_person_of_reserved_band(id);
    bool refused = person && !model_is_registered(p->m, texts_find(&p->m->people, person));
    wb_status status = wb_band_intern(p->wb, id, strlen(id), &out->band);
    char *wrong = expect(p, id, refused ? WB_EREFUSED : WB_OK, status, NULL);
    out->skip = out->skip || refused;
    if (wrong || refused) return wrong;

    char text[WB_ID_BYTES_MAX + 1];
    model_band_text(id, text);
    out->model_band = texts_add(&p->m->bands, text);
    const char *kept = wb_band_id(p->wb, out->band);
    return strcmp(kept, text) == 0 ? NULL : complaint("band %s is kept as %s\n", id, kept);
}

/* WB_OK when the person exists on both sides. */
static char *find_person(struct play *p, const char *id, wb_person *out, int *model_person)
{
    *model_person = texts_find(&p->m->people, id);
    bool known = model_is_registered(p->m, *model_person);
    if (!known) {
        *model_person = MODEL_NONE;
        return NULL;
    }
    return expect(p, id, WB_OK, wb_person_find(p->wb, id, strlen(id), out), NULL);
}

static int64_t learnt_of(const struct play *p, int64_t given_us)
{
    return given_us == WB_NO_TIME || given_us > p->turn_us ? p->turn_us : given_us;
}

/* ---- Facts ---- */

static char *tally_verdict(struct play *p, wb_verdict verdict)
{
    switch (verdict) {
    case WB_ACCEPTED:
        p->tally.accepted++;
        return NULL;
    case WB_DUPLICATE:
        p->tally.duplicates++;
        return NULL;
    case WB_HELD:
        p->tally.held++;
        return NULL;
    case WB_QUARANTINED:
        p->tally.quarantined++;
        return NULL;
    case WB_REFUSED:
        break;
    }
    return complaint("verdict %d of a scan that was taken\n", (int)verdict);
}

static char *play_scan(struct play *p, const struct step *step)
{
    struct named named = {0};
    char *wrong = find_reader(p, step->reader, &named);
    if (!wrong && !named.skip) wrong = find_band(p, step->band, &named);
    if (wrong || named.skip) return wrong;

    struct model_scan scan = {
        .reader = named.model_reader,
        .band = named.model_band,
        .direction = step->direction,
        .at_us = step->at_us,
        .learnt_us = learnt_of(p, step->learnt_us),
    };
    bool is_known = model_is_known_scan(p->m, &scan);
    bool refused = step->at_us >= model_retired_us(p->m, scan.reader, WB_EVERYTHING);
    if (refused && is_known) return NULL; /* duplicate or refused: left open */

    int expected = model_verdict(p->m, &scan);
    wb_verdict verdict = WB_REFUSED;
    struct wb_fault why = {0};
    wb_status status = wb_observe(p->wb,
                                  &(struct wb_scan){
                                      .reader = named.reader,
                                      .band = named.band,
                                      .at_us = step->at_us,
                                      .learnt_us = step->learnt_us,
                                      .direction = (wb_direction)step->direction,
                                  },
                                  &verdict, &why);
    wrong = expect(p, "wb_observe", refused ? WB_EREFUSED : WB_OK, status, &why);
    if (wrong || refused) return wrong;
    if (expected >= 0 && (int)verdict != expected)
        return complaint("verdict %d, expected %d\n", (int)verdict, expected);
    if (!is_known) p->turn_has_news = true;
    model_take_scan(p->m, &scan);
    return tally_verdict(p, verdict);
}

static char *play_pair(struct play *p, const struct step *step)
{
    struct named named = {0};
    wb_person person = {WB_NONE};
    struct model_pairing row = {
        .from_us = step->from_us,
        .until_us = step->until_us,
        .learnt_us = learnt_of(p, step->learnt_us),
    };
    char *wrong = find_band(p, step->band, &named);
    if (!wrong) wrong = find_person(p, step->person, &person, &row.person);
    if (wrong || named.skip || row.person == MODEL_NONE) return wrong;
    row.band = named.model_band;
    enum model_opinion opinion = model_pairing_opinion(p->m, &row);
    if (opinion == MODEL_UNCLEAR) return NULL;

    struct wb_fault why = {0};
    struct wb_pairing pairing = {named.band, person, step->from_us, step->until_us,
                                 step->learnt_us};
    wb_status status = wb_pair(p->wb, &pairing, NULL, &why);
    wrong = expect(p, "wb_pair", opinion == MODEL_REFUSED ? WB_EREFUSED : WB_OK, status, &why);
    if (!wrong && status == WB_OK) model_take_pairing(p->m, &row);
    return wrong;
}

/* The pairing that a band has at a moment strictly inside it; skip when there are several or
 * the pairing begins just then. */
static enum model_opinion pairing_to_end(const struct play *p, int band, int64_t at_us,
                                         struct model_pairing *row)
{
    enum model_opinion covering = model_covering(p->m, band, at_us, row);
    if (covering == MODEL_FINE && row->from_us == at_us) return MODEL_UNCLEAR;
    return covering;
}

/* Ending a pairing is a row with the same beginning and that moment as its until. */
static void take_end(struct play *p, struct model_pairing row, int64_t at_us)
{
    row.until_us = at_us;
    row.learnt_us = p->turn_us;
    model_take_pairing(p->m, &row);
}

static char *play_unpair(struct play *p, const struct step *step)
{
    struct named named = {0};
    char *wrong = find_band(p, step->band, &named);
    if (wrong || named.skip) return wrong;
    struct model_pairing row;
    enum model_opinion opinion = pairing_to_end(p, named.model_band, step->at_us, &row);
    if (opinion == MODEL_UNCLEAR) return NULL;

    struct wb_fault why = {0};
    wb_status status = wb_unpair(p->wb, named.band, step->at_us, &why);
    wrong = expect(p, "wb_unpair", opinion == MODEL_REFUSED ? WB_EREFUSED : WB_OK, status, &why);
    if (!wrong && status == WB_OK) take_end(p, row, step->at_us);
    return wrong;
}

static char *play_replace(struct play *p, const struct step *step)
{
    struct named old_band = {0};
    struct named new_band = {0};
    char *wrong = find_band(p, step->band, &old_band);
    if (!wrong) wrong = find_band(p, step->to, &new_band);
    if (wrong || old_band.model_band == new_band.model_band) return wrong;

    struct model_pairing row = {0};
    enum model_opinion opinion = pairing_to_end(p, old_band.model_band, step->at_us, &row);
    if (opinion == MODEL_FINE && row.until_us != WB_STILL_THERE) opinion = MODEL_UNCLEAR;
    struct model_pairing given = {
        .band = new_band.model_band,
        .person = row.person,
        .from_us = step->at_us,
        .until_us = WB_STILL_THERE,
        .learnt_us = p->turn_us,
    };
    if (opinion == MODEL_FINE) opinion = model_pairing_opinion(p->m, &given);
    if (opinion == MODEL_UNCLEAR) return NULL;

    struct wb_fault why = {0};
    wb_status status = wb_replace(p->wb, old_band.band, new_band.band, step->at_us, &why);
    wrong = expect(p, "wb_replace", opinion == MODEL_REFUSED ? WB_EREFUSED : WB_OK, status, &why);
    if (wrong || status != WB_OK) return wrong;
    take_end(p, row, step->at_us);
    model_take_pairing(p->m, &given);
    return NULL;
}

static char *play_withdrawal(struct play *p, const struct step *step)
{
    struct named named = {0};
    char *wrong = find_reader(p, step->reader, &named);
    if (!wrong && !named.skip) wrong = find_band(p, step->band, &named);
    if (wrong || named.skip) return wrong;

    struct model_withdrawal withdrawal = {
        .reader = named.model_reader,
        .band = named.model_band,
        .direction = step->direction,
        .at_us = step->at_us,
        .learnt_us = p->turn_us,
    };
    struct wb_fault why = {0};
    wb_status status = wb_withdraw(p->wb, named.reader, named.band, step->at_us,
                                   (wb_direction)step->direction, "an error", &why);
    /* Whether one that is in force may be sent again is left open; it changes nothing. */
    if (status == WB_EREFUSED && model_is_withdrawn(p->m, &withdrawal)) return NULL;
    wrong = expect(p, "wb_withdraw", WB_OK, status, &why);
    if (!wrong) model_take_withdrawal(p->m, &withdrawal);
    return wrong;
}

/* How many scans a release takes. Whether the scans and releases of the very turn are looked at is
 * left open, and a copy that was learnt earlier may take a scan out of it as well as in. */
static void release_bounds(const struct model *m, const struct model_release *release,
                           size_t *least, size_t *most)
{
    *least = SIZE_MAX;
    *most = 0;
    for (int way = 0; way < 4; way++) {
        size_t scans = way & 1 ? m->count.scans : m->believed.scans;
        size_t releases = way & 2 ? m->count.releases : m->believed.releases;
        size_t count = model_release_count(m, release, scans, releases);
        if (count < *least) *least = count;
        if (count > *most) *most = count;
    }
}

static char *play_release(struct play *p, const struct step *step)
{
    struct named named = {0};
    char *wrong = find_reader(p, step->reader, &named);
    if (wrong || named.skip) return wrong;

    struct model_release release = {
        .reader = named.model_reader,
        .from_us = step->from_us,
        .until_us = step->until_us,
        .shift_us = step->shift_us,
        .learnt_us = p->turn_us,
    };
    size_t least;
    size_t most;
    release_bounds(p->m, &release, &least, &most);
    uint64_t count = 0;
    struct wb_fault why = {0};
    wb_status status = wb_release(p->wb, named.reader, step->from_us, step->until_us,
                                  step->shift_us, "a wrong clock", &count, &why);
    if (status != WB_EREFUSED || least > 0)
        wrong = expect(p, "wb_release", most == 0 ? WB_EREFUSED : WB_OK, status, &why);
    if (wrong || status != WB_OK) return wrong;
    model_take_release(p->m, &release);
    if (count < least || count > most)
        return complaint("released %" PRIu64 " scans, expected %zu to %zu\n", count, least, most);
    return NULL;
}

static char *play_completeness(struct play *p, const struct step *step)
{
    struct named named = {0};
    char *wrong = find_reader(p, step->reader, &named);
    if (wrong || named.skip) return wrong;
    if (model_retired_us(p->m, named.model_reader, WB_EVERYTHING) != WB_STILL_THERE) return NULL;
    wrong = expect(p, "wb_complete", WB_OK, wb_complete(p->wb, named.reader, step->at_us), NULL);
    if (wrong) return wrong;
    model_take_completeness(p->m, &(struct model_completeness){
                                      .reader = named.model_reader,
                                      .until_us = step->at_us,
                                      .learnt_us = p->turn_us,
                                  });
    return NULL;
}

static char *play_fact(struct play *p, const struct step *step)
{
    char *wrong = NULL;
    if (p->turn_is_synced || !p->turn_is_open) wrong = begin_turn(p, p->now_us);
    if (wrong) return wrong;
    switch (step->kind) {
    case STEP_SCAN:
        return play_scan(p, step);
    case STEP_PAIR:
        return play_pair(p, step);
    case STEP_UNPAIR:
        return play_unpair(p, step);
    case STEP_REPLACE:
        return play_replace(p, step);
    case STEP_WITHDRAW:
        return play_withdrawal(p, step);
    case STEP_RELEASE:
        return play_release(p, step);
    case STEP_COMPLETE:
        return play_completeness(p, step);
    default:
        assert(false && "a fact of no kind");
        return NULL;
    }
}

static char *play_person(struct play *p, const struct step *step)
{
    char *wrong = begin_turn(p, step->now_us);
    if (wrong) return wrong;
    struct wb_fault why = {0};
    struct wb_person_row row = {.id = step->person, .name = "N. N.", .groups = "", .notes = ""};
    wb_status status = wb_person_put(p->wb, &row, NULL, &why);
    wrong = expect(p, "wb_person_put", WB_OK, status, &why);
    if (wrong) return wrong;
    model_person_put(p->m, step->person);
    return end_turn(p);
}

static char *play_verify(struct play *p)
{
    struct wb_verification found = {0};
    wb_status status = wb_verify(p->wb, NULL, NULL, &found);
    if (status == WB_OK && found.faults == 0) return NULL;
    return complaint("wb_verify: status %d, %" PRIu64 " faults: %s\n", (int)status, found.faults,
                     found.first_fault);
}

/* Whoever does not exist cannot be erased. */
static char *play_erasure(struct play *p, const struct step *step)
{
    char *wrong = close_beside(p);
    if (!wrong) wrong = end_turn(p);
    if (wrong) return wrong;
    /* By which description they exist: by the newest, which is folded first. */
    wrong = expect(p, "wb_refold", WB_OK, wb_refold(p->wb, NULL, NULL), NULL);
    if (wrong) return wrong;
    look_at_fold(p);
    int person = texts_find(&p->m->people, step->person);
    bool exists = model_exists(model_view_at(p->m, WB_EVERYTHING), person);
    wb_person found = {WB_NONE};
    wb_status status = wb_person_find(p->wb, step->person, strlen(step->person), &found);
    wrong = expect(p, step->person, exists ? WB_OK : WB_ENOENT, status, NULL);
    if (wrong || !exists) return wrong;
    struct wb_erasure erasure;
    status = wb_erase_person(p->wb, found, step->now_us, &erasure);
    wrong = expect(p, "wb_erase_person", WB_OK, status, NULL);
    if (wrong) return wrong;
    if (!erasure.log_is_empty) return complaint("the log is not empty\n");
    model_erase(p->m, person, step->now_us);
    return p->looks++ % 2 == 0 ? play_verify(p) : NULL;
}

static char *play_describe(struct play *p, const struct step *step)
{
    char *wrong = close_beside(p);
    if (!wrong) wrong = end_turn(p);
    if (wrong) return wrong;
    const struct model_site *site = &p->story->sites[step->site];
    char *text = site_text(site);
    struct wb_fault why = {0};
    wb_status status = wb_describe(p->wb, text, strlen(text), step->now_us, &why);
    free(text);
    wrong = expect(p, "wb_describe", WB_OK, status, &why);
    if (wrong) return wrong;
    int64_t learnt_us = next_commit_us(p, step->now_us);
    double done;
    if (wb_is_folding(p->wb, &done)) {
        if (!p->idles) return complaint("the past waits to be folded anew\n");
        model_describe_only(p->m, site, learnt_us);
        p->unfolded++;
    } else {
        model_let_go(p->m);
        p->unfolded = 0;
        model_describe(p->m, site, learnt_us);
    }
    if (wb_site_heartbeat_us(p->wb) != site->policy.heartbeat_us)
        return complaint("heartbeat %" PRId64 "\n", wb_site_heartbeat_us(p->wb));
    return look_at_clock(p, learnt_us, true);
}

/* ---- What is no fact ---- */

/* A story with steps left out may have no description: then nothing can be asked. */
static char *play_question(struct play *p, const struct step *step)
{
    return compare_answers(p, &step->question, p->story->heard);
}

static char *play_abandon(struct play *p)
{
    if (!p->turn_is_open || p->turn_is_synced) return NULL;
    wb_abandon(p->wb);
    p->turn_is_open = false;
    model_abandon(p->m);
    return NULL;
}

static char *play_sync(struct play *p)
{
    if (!p->turn_is_open || p->turn_is_synced) return NULL;
    p->turn_is_synced = true;
    return expect(p, "wb_sync", WB_OK, wb_sync(p->wb), NULL);
}

static char *play_reopen(struct play *p)
{
    wb_status status = wb_close(p->wb);
    p->wb = NULL;
    if (status != WB_OK) return complaint("wb_close: status %d\n", (int)status);
    char *wrong = open_file(p, WB_WRITE, &p->wb);
    if (!wrong) look_at_fold(p);
    return wrong;
}

static char *play_rebuild(struct play *p)
{
    wb_status status = wb_rebuild(p->wb, NULL, NULL);
    look_at_fold(p);
    return expect(p, "wb_rebuild", WB_OK, status, NULL);
}

/* Steps that stand between turns. */
static char *play_pause(struct play *p, const struct step *step)
{
    char *wrong = end_turn(p);
    if (!wrong) wrong = close_beside(p);
    if (wrong) return wrong;
    switch (step->kind) {
    case STEP_BESIDE:
        return open_file(p, WB_READ, &p->beside);
    case STEP_IDLE:
        return expect(p, "wb_idle", WB_OK, wb_idle(p->wb), NULL);
    case STEP_REOPEN:
        return play_reopen(p);
    case STEP_REBUILD:
        return play_rebuild(p);
    case STEP_VERIFY:
        return play_verify(p);
    default:
        return NULL; /* STEP_END */
    }
}

static char *play_step(struct play *p, const struct step *step)
{
    if (step->kind != STEP_DESCRIBE && p->m->description_count == 0) return NULL;
    switch (step->kind) {
    case STEP_DESCRIBE:
        return play_describe(p, step);
    case STEP_PERSON:
        return play_person(p, step);
    case STEP_ERASE:
        return play_erasure(p, step);
    case STEP_BEGIN:
        return begin_turn(p, step->now_us);
    case STEP_SCAN:
    case STEP_PAIR:
    case STEP_UNPAIR:
    case STEP_REPLACE:
    case STEP_WITHDRAW:
    case STEP_RELEASE:
    case STEP_COMPLETE:
        return play_fact(p, step);
    case STEP_SYNC:
        return play_sync(p);
    case STEP_ABANDON:
        return play_abandon(p);
    case STEP_ASK:
        return play_question(p, step);
    case STEP_END:
    case STEP_BESIDE:
    case STEP_IDLE:
    case STEP_REOPEN:
    case STEP_REBUILD:
    case STEP_VERIFY:
        return play_pause(p, step);
    }
    return NULL;
}

char *story_play(const struct story *story, const char *path, size_t *told, size_t *failed)
{
    struct play p = {.story = story, .path = path, .chance = {1}, .m = model_new()};
    p.committed_us = WB_NO_TIME + 1;
    p.idles = story->heard == NULL && story->count % 2 == 0;
    room_remove_file(path);
    char *wrong = open_file(&p, WB_CREATE, &p.wb);
    for (size_t i = 0; i < story->count && !wrong; i++) {
        if (story->steps[i].left_out) continue;
        wrong = play_step(&p, &story->steps[i]);
        if (wrong && failed) *failed = i;
    }
    if (p.beside && wb_close(p.beside) != WB_OK && !wrong)
        wrong = complaint("a reader does not close\n");
    if (wb_close(p.wb) != WB_OK && !wrong) wrong = complaint("the file does not close\n");
    room_remove_file(path);
    model_free(p.m);
    if (told) *told += p.told;
    return wrong;
}
