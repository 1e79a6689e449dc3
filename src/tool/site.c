#include "tool/site.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "base/time_zone.h"
#include "base/zoneinfo.h"
#include "tool/remote.h"

int64_t site_now_us(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * TIME_SECOND_US + now.tv_nsec / 1000;
}

static bool random_bytes(void *context, void *out, size_t bytes)
{
    (void)context;
    randombytes_buf(out, bytes);
    return true;
}

/* Say what is wrong with the file. The library's sentences often name it already. */
static int say_of_file(const char *path, int status, const char *text)
{
    size_t bytes = strlen(path);

    if (strncmp(text, path, bytes) == 0 && text[bytes] == ':') return say(status, "%s", text);
    return say(status, "%s: %s", path, text);
}

static int cannot_open(const char *path, wb_status status, const struct wb_fault *why)
{
    return say_of_file(path, say_status(status),
                       why->text[0] != '\0' ? why->text : "the site's file cannot be opened");
}

/* Whether there is a file to ask. The library says so too, but not how to begin. */
static int look_for_file(const char *path)
{
    if (access(path, F_OK) == 0 || errno != ENOENT) return SAY_DONE;
    return say(SAY_NO_FILE,
               "%s: there is no such file; make it with: whereabouts init --site site.json, or "
               "name another with --data FILE",
               path);
}

static void load_clock(struct site *site, const char *name)
{
    if (zoneinfo_load(name, &site->clock) != ZONEINFO_OK) {
        site->clock = NULL;
        say_note("note: this system does not know the time zone %s; times are shown in UTC and "
                 "must be given with an offset",
                 name);
    }
}

/* ---- A server ---- */

/* Who may not read the site may still send: without its clock. */
static int ask_for_site(struct site *site)
{
    struct remote_problem problem;
    struct address address;

    address_begin(&address, "/v1/site");
    int status = remote_try(site->remote, "GET", &address, NULL, &problem, &site->description);
    if (status != SAY_DONE) return status;
    if (problem.status == 403) return SAY_DONE;
    if (problem.status != 0) return remote_say(site->remote, &problem);
    const char *id = json_string_value(json_object_get(site->description, "id"));
    const char *clock = json_string_value(json_object_get(site->description, "timezone"));
    if (id != NULL) site->id = id;
    if (clock != NULL) load_clock(site, clock);
    return SAY_DONE;
}

static int open_remote(struct site *site, const struct call *call)
{
    int status = remote_open(call, &site->remote);
    return status == SAY_DONE ? ask_for_site(site) : status;
}

/* ---- A file ---- */

int site_open(struct site *site, const struct call *call, uint32_t mode)
{
    *site = (struct site){.path = call->data, .id = "", .now_us = site_now_us()};

    if (call->server != NULL) {
        site->path = call->server;
        return open_remote(site, call);
    }
    if ((mode & ~SITE_SERVED) != WB_CREATE) {
        int status = look_for_file(call->data);
        if (status != SAY_DONE) return status;
    }
    struct wb_options options = {
        .mode = mode & ~SITE_SERVED, .random = random_bytes, .idles = (mode & SITE_SERVED) != 0};
    struct wb_fault why = {0};
    wb_status status = wb_open(call->data, &options, &site->wb, &why);
    if (status != WB_OK) {
        site->wb = NULL;
        return cannot_open(call->data, status, &why);
    }
    if (wb_is_described(site->wb)) {
        load_clock(site, wb_site_timezone(site->wb));
        site->id = wb_site_id(site->wb);
        return SAY_DONE;
    }
    if ((mode & ~SITE_SERVED) == WB_CREATE) return SAY_DONE;
    return say(SAY_NO_FILE,
               "%s: there is no description of the site in it yet; give it one with: "
               "whereabouts init --site site.json",
               call->data);
}

int site_close(struct site *site, int status)
{
    wb_status closed = wb_close(site->wb);
    site->wb = NULL;
    remote_close(site->remote);
    site->remote = NULL;
    json_decref(site->description);
    site->description = NULL;
    time_zone_free(site->clock);
    site->clock = NULL;

    if (closed != WB_OK && status == SAY_DONE) {
        return say(SAY_NO_FILE,
                   "%s: the history blocks could not be written; no fact is lost, they are made "
                   "again when the file is opened",
                   site->path);
    }
    return status;
}

int site_failed(const struct site *site, wb_status status)
{
    const char *text = wb_last_error(site->wb);

    if (text[0] == '\0' && status == WB_ENOMEM) {
        text = "memory is used up; ask for less at a time";
    } else if (text[0] == '\0' && status == WB_ENOENT) {
        text = "there is nobody and nothing of that name";
    } else if (text[0] == '\0') {
        text = "the library refused that without a word";
    }
    return say_of_file(site->path, say_status(status), text);
}

int site_refused(const struct site *site, wb_status status, const struct wb_fault *why)
{
    if (why->text[0] == '\0') return site_failed(site, status);
    return say(say_status(status), "%s", why->text);
}

int site_begin(const struct site *site)
{
    wb_status status = wb_begin(site->wb, site->now_us);
    return status == WB_OK ? SAY_DONE : site_failed(site, status);
}

int site_commit(const struct site *site)
{
    wb_status status = wb_turn(site->wb, NULL);
    return status == WB_OK ? SAY_DONE : site_failed(site, status);
}

/* ---- Words of the command line ---- */

int site_person(const struct site *site, const char *word, wb_person *out)
{
    wb_status status = wb_person_find(site->wb, word, strlen(word), out);
    if (status == WB_OK) return SAY_DONE;
    if (status != WB_ENOENT && status != WB_EINVAL) return site_failed(site, status);
    return say(SAY_NO, "there is no person '%s' in %s; see: whereabouts list people", word,
               site->path);
}

int site_zone(const struct site *site, const char *word, wb_zone *out)
{
    wb_status status = wb_zone_find(site->wb, word, strlen(word), out);
    if (status == WB_OK) return SAY_DONE;
    return say(SAY_NO, "there is no zone '%s' in %s; see: whereabouts list zones", word,
               site->path);
}

int site_reader(const struct site *site, const char *word, wb_reader *out)
{
    wb_status status = wb_reader_find(site->wb, word, strlen(word), out);
    if (status == WB_OK) return SAY_DONE;
    return say(SAY_NO, "there is no reader '%s' in %s; see: whereabouts list readers", word,
               site->path);
}

int site_band(const struct site *site, const char *word, wb_band *out)
{
    wb_status status = wb_band_find(site->wb, word, strlen(word), out);
    if (status == WB_OK) return SAY_DONE;
    return say(SAY_NO, "there is no band '%s' in %s; see: whereabouts list bands", word,
               site->path);
}

int site_new_band(const struct site *site, const char *word, wb_band *out)
{
    wb_status status = wb_band_intern(site->wb, word, strlen(word), out);
    if (status == WB_OK) return SAY_DONE;
    if (status == WB_EINVAL) {
        return say(SAY_WRONG_USE,
                   "'%s' cannot be a band: an id is 1 to %u bytes of UTF-8 without control "
                   "characters",
                   word, WB_ID_BYTES_MAX);
    }
    if (status == WB_EREFUSED) {
        return say(SAY_NO, "%s: nobody of that id is in the register; see: whereabouts list people",
                   word);
    }
    return site_failed(site, status);
}

int site_time(const struct site *site, const char *what, const char *word, int64_t *us)
{
    switch (time_parse(word, strlen(word), site->clock, us)) {
    case TIME_OK:
        return SAY_DONE;
    case TIME_AMBIGUOUS: {
        char text[TIME_TEXT_MAX];
        (void)time_format(*us, text);
        say_note("note: %s %s falls on a change of clocks; it was taken as %s", what, word, text);
        return SAY_DONE;
    }
    case TIME_BAD:
        break;
    }
    if (site->remote != NULL && site->clock == NULL) {
        return say(
            SAY_WRONG_USE,
            "%s '%s' is not a time with an offset, like 2016-07-15T08:30:00-04:00; the site's "
            "own clock is not known here",
            what, word);
    }
    return say(SAY_WRONG_USE,
               "%s '%s' is not a time; write it like 2016-07-15T08:30:00-04:00, or without the "
               "offset to mean the site's own clock",
               what, word);
}

int site_window(const struct site *site, const struct call *call, struct wb_window *out)
{
    struct wb_window window = {WB_NO_TIME, WB_STILL_THERE, WB_EVERYTHING, site->now_us};
    const char *from = call_value(call, "from");
    const char *until = call_value(call, "until");
    const char *known = call_value(call, "known");
    int status = SAY_DONE;

    if (from != NULL) status = site_time(site, "--from", from, &window.from_us);
    if (status == SAY_DONE && until != NULL) {
        status = site_time(site, "--until", until, &window.until_us);
    }
    if (status == SAY_DONE && known != NULL) {
        status = site_time(site, "--known", known, &window.known_us);
        window.asked_us = window.known_us;
    }
    if (status != SAY_DONE) return status;
    if (window.until_us <= window.from_us) {
        return say(SAY_WRONG_USE, "--until %s is not after --from %s", until, from);
    }
    *out = window;
    return SAY_DONE;
}

void site_put_window(struct address *address, const struct wb_window *window)
{
    address_time(address, "from", window->from_us);
    address_time(address, "until", window->until_us);
    address_time(address, "known", window->known_us);
}
