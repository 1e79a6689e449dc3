#include "api/asking.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/caller.h"
#include "base/duration.h"
#include "base/time.h"

static int shown(size_t bytes)
{
    return (int)(bytes < 60 ? bytes : 60);
}

/* ---- Parameters ---- */

static bool is_among(const char *name, const char *known)
{
    size_t bytes = strlen(name);

    while (*known != '\0') {
        size_t word = strcspn(known, " ");
        if (word == bytes && memcmp(known, name, bytes) == 0) return true;
        known += word;
        if (*known == ' ') known++;
    }
    return false;
}

bool asking_knows(struct exchange *x, const char *known)
{
    const struct request *request = x->request;

    for (unsigned i = 0; i < request->parameter_count; i++) {
        const char *name = request->parameter[i].name;
        if (!is_among(name, known)) {
            exchange_refuse(x, 400, "bad-parameter", "there is no parameter '%.60s' here%s%s", name,
                            *known != '\0' ? "; there are: " : "", known);
            return false;
        }
        for (unsigned j = 0; j < i; j++) {
            if (strcmp(name, request->parameter[j].name) != 0) continue;
            exchange_refuse(x, 400, "bad-parameter", "the parameter '%.60s' is there twice", name);
            return false;
        }
    }
    return true;
}

/* A '+' in a query is a blank to those who follow the forms of HTML, and an offset to those who
 * write times by hand. No time has a blank before its offset, so both are understood. */
static enum time_result read_time(const struct exchange *x, const char *text, size_t bytes,
                                  int64_t *us)
{
    char mended[2 * TIME_TEXT_MAX];
    enum time_result result = time_parse(text, bytes, x->clock, us);
    const char *blank = memrchr(text, ' ', bytes);

    if (result != TIME_BAD || blank == NULL || bytes >= sizeof mended) return result;
    memcpy(mended, text, bytes);
    mended[blank - text] = '+';
    return time_parse(mended, bytes, x->clock, us);
}

static bool take_time(struct exchange *x, const char *name, const char *text, size_t bytes,
                      int64_t *us)
{
    if (read_time(x, text, bytes, us) != TIME_BAD) return true;
    exchange_refuse(x, 400, "bad-time",
                    "%s '%.*s' is not a time; write it like 2016-07-15T08:30:00Z", name,
                    shown(bytes), text);
    return false;
}

bool asking_time(struct exchange *x, const char *name, int64_t *us)
{
    size_t bytes;
    const char *text = request_parameter(x->request, name, &bytes);

    return text == NULL || take_time(x, name, text, bytes, us);
}

bool asking_window(struct exchange *x, struct wb_window *out)
{
    struct wb_window window = {WB_NO_TIME, WB_STILL_THERE, WB_EVERYTHING, x->now_us};

    if (!asking_time(x, "from", &window.from_us) || !asking_time(x, "until", &window.until_us) ||
        !asking_time(x, "known", &window.known_us)) {
        return false;
    }
    if (window.known_us != WB_EVERYTHING) window.asked_us = window.known_us;
    if (window.until_us <= window.from_us) {
        exchange_problem(x, 400, "bad-window", "until is not after from");
        return false;
    }
    *out = window;
    return true;
}

bool asking_known(struct exchange *x, struct wb_moment *moment)
{
    moment->known_us = WB_EVERYTHING;
    moment->asked_us = x->now_us;
    if (!asking_time(x, "known", &moment->known_us)) return false;
    if (moment->known_us != WB_EVERYTHING) moment->asked_us = moment->known_us;
    return true;
}

bool asking_switch(struct exchange *x, const char *name, bool *out)
{
    const char *text = request_parameter(x->request, name, NULL);

    *out = text != NULL && strcmp(text, "true") == 0;
    if (text == NULL || *out || strcmp(text, "false") == 0) return true;
    exchange_refuse(x, 400, "bad-parameter", "%s is true or false", name);
    return false;
}

bool asking_duration(struct exchange *x, const char *name, int64_t *us)
{
    size_t bytes;
    const char *text = request_parameter(x->request, name, &bytes);

    if (text == NULL || duration_parse(text, bytes, us)) return true;
    exchange_refuse(x, 400, "bad-parameter",
                    "%s '%.*s' is not a duration; write it like 90s, 5m, 18h or 30d", name,
                    shown(bytes), text);
    return false;
}

bool asking_number(struct exchange *x, const char *name, int64_t least, int64_t most, int64_t *out)
{
    const char *text = request_parameter(x->request, name, NULL);
    char *end;

    if (text == NULL) return true;
    long long number = strtoll(text, &end, 10);
    if (*text != '\0' && *text != ' ' && *end == '\0' && number >= least && number <= most) {
        *out = number;
        return true;
    }
    exchange_refuse(x, 400, "bad-parameter", "%s is not a whole number from %lld to %lld", name,
                    (long long)least, (long long)most);
    return false;
}

/* ---- Names ---- */

/* To who may see everything it is not there; to everybody else it looks as what they may not. */
static bool not_there(struct exchange *x, const char *what, const char *id, size_t bytes)
{
    if (!caller_sees_all(x)) {
        caller_forbidden(x);
    } else {
        exchange_refuse(x, 404, "not-found", "there is no %s '%.*s' at this site", what,
                        shown(bytes), id);
    }
    return false;
}

bool asking_person(struct exchange *x, const char *id, size_t bytes, wb_person *out)
{
    if (wb_person_find(x->wb, id, bytes, out) != WB_OK) return not_there(x, "person", id, bytes);
    return caller_may_see_person(x, *out);
}

bool asking_zone(struct exchange *x, const char *id, size_t bytes, wb_zone *out)
{
    if (wb_zone_find(x->wb, id, bytes, out) != WB_OK) return not_there(x, "zone", id, bytes);
    return caller_may_see_zone(x, *out);
}

bool asking_reader(struct exchange *x, const char *id, size_t bytes, wb_reader *out)
{
    if (!caller_may_use_reader(x, id, bytes)) return false;
    if (wb_reader_find(x->wb, id, bytes, out) != WB_OK) return not_there(x, "reader", id, bytes);
    return true;
}

bool asking_band(struct exchange *x, const struct text *id, wb_band *out)
{
    wb_status status = wb_band_intern(x->wb, id->at, id->bytes, out);

    if (status == WB_OK) return true;
    if (status == WB_EREFUSED) {
        exchange_refuse(x, 409, "refused", "the band '%.*s' names nobody of the register",
                        shown(id->bytes), id->at);
    } else {
        exchange_failed(x, status, NULL);
    }
    return false;
}

/* ---- Bodies ---- */

bool asking_type_is(const struct exchange *x, const char *type, bool otherwise)
{
    const char *given = request_header(x->request, "Content-Type");

    if (given == NULL) return otherwise;
    size_t bytes = strcspn(given, "; \t");
    return bytes == strlen(type) && strncasecmp(given, type, bytes) == 0;
}

static bool has_known_members(struct exchange *x, json_t *object, const char *known)
{
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        if (is_among(key, known)) continue;
        exchange_refuse(x, 400, "bad-body", "there is no member \"%.60s\" here; there are: %s", key,
                        known);
        return false;
    }
    return true;
}

bool asking_object(struct exchange *x, const char *known, json_t **out)
{
    json_error_t error;

    if (!asking_type_is(x, RESPONSE_JSON, true)) {
        exchange_problem(x, 415, "bad-media-type", "the body is sent as application/json");
        return false;
    }
    json_t *body = json_loadb(x->request->body != NULL ? x->request->body : "",
                              x->request->body_bytes, JSON_REJECT_DUPLICATES, &error);
    if (body == NULL) {
        exchange_refuse(x, 400, "bad-json", "line %d, column %d: the body is not JSON: %s",
                        error.line, error.column, error.text);
        return false;
    }
    if (!json_is_object(body)) {
        exchange_problem(x, 400, "bad-json", "the body is not a JSON object");
        json_decref(body);
        return false;
    }
    if (!has_known_members(x, body, known)) {
        json_decref(body);
        return false;
    }
    *out = body;
    return true;
}

bool asking_text(struct exchange *x, const json_t *object, const char *key, bool needed,
                 struct text *out)
{
    const json_t *value = json_object_get(object, key);

    *out = (struct text){0};
    if (value == NULL || json_is_null(value)) {
        if (!needed) return true;
        exchange_refuse(x, 400, "bad-body", "\"%s\" is missing", key);
        return false;
    }
    if (!json_is_string(value)) {
        exchange_refuse(x, 400, "bad-body", "\"%s\" should be a text", key);
        return false;
    }
    *out = (struct text){json_string_value(value), json_string_length(value)};
    return true;
}

bool asking_moment(struct exchange *x, const json_t *object, const char *key, bool needed,
                   int64_t *us)
{
    struct text text;

    if (!asking_text(x, object, key, needed, &text)) return false;
    return text.at == NULL || take_time(x, key, text.at, text.bytes, us);
}
