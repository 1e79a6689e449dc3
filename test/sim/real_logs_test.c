/* Two real logs, read from the shared folder: the library against the model.
 *
 * Scans go in by turns of 1,000 in the order of the file; when each was learnt is invented
 * (soon after it happened; of one in a hundred a day later). Skipped when the logs are absent. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zstd.h>

#include "chance.h"
#include "grow.h"
#include "question.h"
#include "room.h"
#include "site_text.h"

#define SECOND_US  INT64_C(1000000)
#define MINUTE_US  (60 * SECOND_US)
#define DAY_US     (86400 * SECOND_US)
#define BATCH      1000
#define QUESTIONS  160 /* about all facts */
#define MOMENTS    6   /* K, with as many questions each: */
#define PER_MOMENT 16

struct log {
    const char *folder, *time_column, *band_column, *reader_column;
};

struct run {
    const struct log *log;
    struct wb *wb;
    struct model *m;
    struct chance chance;
    int64_t first_us, last_us, now_us;
    int fields[3]; /* which fields are time, band and reader */
    size_t scans;
};

/* ---- Reading ---- */

static char *read_file(const char *path, size_t *bytes)
{
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    char *text = NULL;
    size_t count = 0;
    size_t capacity = 0;
    size_t read = 1;
    while (read > 0) {
        text = make_room(text, &capacity, count + 65536, 1);
        read = fread(text + count, 1, 65536, file);
        count += read;
    }
    if (fclose(file) != 0) perror(path);
    *bytes = count;
    return text;
}

/* The text of a compressed file, with a NUL at its end. NULL if it is not there. */
static char *read_compressed(const char *path)
{
    size_t packed_bytes;
    char *packed = read_file(path, &packed_bytes);
    if (!packed) return NULL;
    ZSTD_DStream *stream = ZSTD_createDStream();
    assert(stream);
    ZSTD_inBuffer in = {packed, packed_bytes, 0};
    char *text = NULL;
    size_t capacity = 0;
    ZSTD_outBuffer out = {NULL, 0, 0};
    size_t left = 1;
    while (left != 0 && (in.pos < in.size || out.pos == out.size)) {
        text = make_room(text, &capacity, out.pos + (1u << 20), 1);
        out.dst = text;
        out.size = capacity - 1;
        left = ZSTD_decompressStream(stream, &out, &in);
        assert(!ZSTD_isError(left));
    }
    assert(text != NULL);
    text[out.pos] = '\0';
    ZSTD_freeDStream(stream);
    free(packed);
    return text;
}

/* Days since 1970-01-01 (Howard Hinnant, chrono-compatible low-level date algorithms). */
static int64_t days_of(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year;
    int era = y / 400;
    int year_of_era = y - era * 400;
    int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (int64_t)era * 146097 + day_of_era - 719468;
}

/* "2023-10-08T07:44:28-05:00" */
static int64_t read_time(const char *text)
{
    int64_t part[8];
    const char *at = text;
    for (int i = 0; i < 8; i++) {
        char *end;
        part[i] = strtol(at, &end, 10);
        assert(end > at);
        at = end + 1; /* past the separator, which for the offset is its sign */
    }
    int64_t offset_s = (part[6] * 60 + part[7]) * 60;
    int64_t local_s = days_of((int)part[0], (int)part[1], (int)part[2]) * 86400 +
                      (part[3] * 60 + part[4]) * 60 + part[5];
    return (text[19] == '-' ? local_s + offset_s : local_s - offset_s) * SECOND_US;
}

/* ---- Feeding ---- */

static bool is_ok(struct run *r, wb_status status, const char *what)
{
    if (status != WB_OK)
        printf("%s: %s: status %d; %s\n", r->log->folder, what, (int)status, wb_last_error(r->wb));
    return status == WB_OK;
}

static bool feed_row(struct run *r, char *row)
{
    char *field[8] = {0};
    for (int i = 0; i < 8 && row; i++)
        field[i] = strsep(&row, ",");
    const char *band = field[r->fields[1]];
    const char *reader = field[r->fields[2]];
    int64_t at_us = read_time(field[r->fields[0]]);
    int64_t late_us = chance_percent(&r->chance, 1) ? DAY_US : 90 * SECOND_US;
    int64_t learnt_us = at_us + chance_between(&r->chance, 0, late_us);

    char text[WB_ID_BYTES_MAX + 1];
    model_band_text(band, text);
    struct model_scan scan = {
        .reader = texts_find(&r->m->readers, reader),
        .band = texts_add(&r->m->bands, text),
        .at_us = at_us,
        .learnt_us = learnt_us,
    };
    struct wb_scan taken = {.at_us = at_us, .learnt_us = learnt_us};
    bool ok = is_ok(r, wb_reader_find(r->wb, reader, strlen(reader), &taken.reader), reader) &&
              is_ok(r, wb_band_intern(r->wb, band, strlen(band), &taken.band), band) &&
              is_ok(r, wb_observe(r->wb, &taken, NULL, NULL), "wb_observe");
    model_take_scan(r->m, &scan);
    if (r->scans++ == 0 || at_us < r->first_us) r->first_us = at_us;
    if (at_us > r->last_us) r->last_us = at_us;
    return ok;
}

static void find_fields(struct run *r, char *header)
{
    for (int i = 0; header; i++) {
        const char *name = strsep(&header, ",");
        if (strcmp(name, r->log->time_column) == 0) r->fields[0] = i;
        if (strcmp(name, r->log->band_column) == 0) r->fields[1] = i;
        if (strcmp(name, r->log->reader_column) == 0) r->fields[2] = i;
    }
}

static bool feed(struct run *r, char *text)
{
    find_fields(r, strsep(&text, "\n"));
    bool ok = true;
    size_t in_turn = 0;
    for (char *row = strsep(&text, "\n"); ok && row; row = strsep(&text, "\n")) {
        if (!*row) continue;
        if (in_turn == 0) ok = is_ok(r, wb_begin(r->wb, ++r->now_us), "wb_begin");
        ok = ok && feed_row(r, row);
        if (++in_turn < BATCH) continue;
        ok = ok && is_ok(r, wb_turn(r->wb, NULL), "wb_turn");
        in_turn = 0;
    }
    if (ok && in_turn) ok = is_ok(r, wb_turn(r->wb, NULL), "wb_turn");
    model_commit(r->m);
    return ok;
}

/* ---- Asking ---- */

static int64_t any_time(struct run *r)
{
    if (chance_percent(&r->chance, 70)) {
        /* On or beside an event. */
        const struct model_scan *scan = &r->m->scans.at[chance_below(&r->chance, (int)r->scans)];
        return scan->at_us + chance_below(&r->chance, 3) - 1;
    }
    return chance_between(&r->chance, r->first_us - DAY_US, r->last_us + DAY_US);
}

static void draw_question(struct run *r, int64_t known_us, struct question *q)
{
    static const enum question_kind kinds[] = {
        ASK_INSIDE,     ASK_AT,   ASK_WHERE, ASK_WHERE,     ASK_PATH,      ASK_PATH,
        ASK_HEAD_COUNT, ASK_WITH, ASK_WITH,  ASK_OCCUPANCY, ASK_OCCUPANCY, ASK_COULD_CHANGE,
    };

    *q = (struct question){
        .kind = kinds[chance_below(&r->chance, 12)],
        .known_us = known_us,
        .asked_us = known_us == WB_EVERYTHING ? r->now_us : known_us,
        .as_of_us = any_time(r),
        .person = r->m->bands.text[chance_below(&r->chance, (int)r->m->bands.count)],
        .zone = r->m->zones.text[chance_below(&r->chance, (int)r->m->zones.count)],
        .least_us = chance_percent(&r->chance, 50) ? 5 * MINUTE_US : 0,
    };
    if (q->kind == ASK_OCCUPANCY)
        q->zone = r->m->zones.text[2 + chance_below(&r->chance, (int)r->m->zones.count - 2)];
    int64_t span_us =
        chance_between(&r->chance, 1, chance_percent(&r->chance, 80) ? DAY_US : 30 * DAY_US);
    q->window = (struct wb_window){q->as_of_us, q->as_of_us + span_us, known_us, q->asked_us};
    q->every_us = span_us / 200 + 1;
    if (chance_percent(&r->chance, 25))
        q->zones_salt = 1 + (uint32_t)chance_below(&r->chance, 1000);
    if (chance_percent(&r->chance, 25)) {
        q->only = (const char *const *)r->m->bands.text;
        q->only_count = r->m->bands.count < 50 ? r->m->bands.count : 50;
    }
    if (q->kind == ASK_PATH && chance_percent(&r->chance, 50)) q->window.from_us = WB_NO_TIME;
    if (q->kind == ASK_PATH && chance_percent(&r->chance, 50)) q->window.until_us = WB_STILL_THERE;
}

static bool ask(struct run *r, int64_t known_us, int count)
{
    for (int i = 0; i < count; i++) {
        struct question q;
        draw_question(r, known_us, &q);
        char *library = question_ask_library(r->wb, &q);
        char *model = question_ask_model(r->m, &q);
        bool same = strcmp(library, model) == 0;
        if (!same) {
            size_t from = 0;
            while (library[from] && library[from] == model[from])
                from++;
            from = from > 200 ? from - 200 : 0;
            printf("%s: ", r->log->folder);
            question_print(&q);
            printf("they part after byte %zu; the library says:\n%.1500s\nthe model says:\n"
                   "%.1500s\n",
                   from, library + from, model + from);
        }
        free(library);
        free(model);
        if (!same) return false;
    }
    return true;
}

static bool ask_all(struct run *r)
{
    if (!ask(r, WB_EVERYTHING, QUESTIONS)) return false;
    for (int i = 0; i < MOMENTS; i++) {
        int64_t known_us =
            r->m->scans.at[chance_below(&r->chance, (int)r->scans)].learnt_us - i % 2;
        if (!ask(r, known_us, PER_MOMENT)) return false;
    }
    return true;
}

/* ---- A log ---- */

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool open_file(struct run *r, const char *path, uint32_t mode)
{
    struct wb_fault why = {0};
    struct wb_options options = {.mode = mode, .random = chance_fill, .random_context = &r->chance};
    wb_status status = wb_open(path, &options, &r->wb, &why);
    if (status != WB_OK) printf("%s: %s\n", path, why.text);
    return status == WB_OK;
}

static bool play(struct run *r, const char *path, const struct model_site *site,
                 const char *document, char *text)
{
    double begun_s = now_s();
    struct wb_fault why = {0};
    if (!open_file(r, path, WB_CREATE)) return false;
    wb_status status = wb_describe(r->wb, document, strlen(document), r->now_us, &why);
    if (status != WB_OK) printf("%s: %s\n", r->log->folder, why.text);
    model_describe(r->m, site, r->now_us);
    if (status != WB_OK || !feed(r, text)) return false;
    double fed_s = now_s();
    if (!ask_all(r)) return false;
    bool ok = is_ok(r, wb_close(r->wb), "wb_close");
    r->wb = NULL;
    if (!ok || !open_file(r, path, WB_WRITE) || !ask(r, WB_EVERYTHING, PER_MOMENT)) return false;
    printf("%s: %zu scans fed in %.1f s; equal answers in %.1f s\n", r->log->folder, r->scans,
           fed_s - begun_s, now_s() - fed_s);
    return true;
}

/* Whether library and model agree; true, with a word, when the log is absent. */
static bool log_holds(const struct log *log)
{
    char path[ROOM_PATH_BYTES];
    int bytes = snprintf(path, sizeof path, "%s/data/%s/site.json", WB_SHARED_DIR, log->folder);
    assert(bytes > 0 && bytes < (int)sizeof path);
    struct model_site site;
    char *document = site_read(path, &site);
    bytes = snprintf(path, sizeof path, "%s/data/%s/scans.csv.zst", WB_SHARED_DIR, log->folder);
    assert(bytes > 0 && bytes < (int)sizeof path);
    char *text = document ? read_compressed(path) : NULL;
    if (!text) {
        printf("%s: skipped, it is not there\n", path);
        free(document);
        return true;
    }
    room_make("site.db", path);
    struct run run = {.log = log, .m = model_new(), .chance = {7}};
    run.now_us = 1767225600 * SECOND_US; /* 2026-01-01 */
    bool holds = play(&run, path, &site, document, text);
    if (run.wb && wb_close(run.wb) != WB_OK) holds = false;
    room_remove(path);
    model_free(run.m);
    free(site.zones);
    free(site.readers);
    free(text);
    free(document);
    return holds;
}

int main(void)
{
    static const struct log logs[] = {
        {"chicago-2023",   "time", "runner", "mat"   },
        {"bikeshare-2014", "time", "band",   "reader"},
    };
    bool hold = true;
    for (size_t i = 0; i < sizeof logs / sizeof *logs; i++)
        hold = log_holds(&logs[i]) && hold;
    return hold ? 0 : 1;
}
