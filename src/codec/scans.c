#include "codec/scans.h"

#include <string.h>

#include "base/list.h"

#define FAULT_NO_OBJECT "the body is not a JSON object: it should begin with {"
#define FAULT_NO_LIST   "\"scans\" should be a list of objects"
#define FAULT_NO_MAP    "\"complete_until\" should be an object of readers and times"
#define FAULT_NO_TIME   "the value of a reader in \"complete_until\" should be a time, a text"
#define FAULT_TWICE     "a key stands here for the second time"
#define FAULT_AFTER     "text follows the JSON object"
#define FAULT_MEMORY    "memory is used up"

void scans_done(struct scans *scans)
{
    LIST_DONE(scans);
    LIST_DONE(&scans->complete);
}

/* After a value: whether another follows. The bracket that closes is stepped over. */
static bool more_follow(struct pull *pull, char closing)
{
    char next = pull_next(pull);

    if (next != ',' && next != closing) {
        return pull_refuse(pull, pull->at, PULL_FAULT_COMMA);
    }
    pull->at++;
    return next == ',';
}

/* Step over the bracket that opens; whether there is anything inside. */
static bool opens(struct pull *pull, char opening, char closing, const char *otherwise)
{
    if (pull_next(pull) != opening) return pull_refuse(pull, pull->at, otherwise);
    pull->at++;
    if (pull_next(pull) != closing) return true;
    pull->at++;
    return false;
}

static bool list_read(struct scans *scans, struct pull *pull)
{
    if (!opens(pull, '[', ']', FAULT_NO_LIST)) return pull->fault == NULL;
    do {
        struct ndjson_scan scan = {0};
        if (!ndjson_take(pull, &scan)) return false;
        if (!LIST_PUSH(scans, scan)) return pull_refuse(pull, pull->at, FAULT_MEMORY);
    } while (more_follow(pull, ']'));
    return pull->fault == NULL;
}

static bool map_read(struct scans *scans, struct pull *pull)
{
    if (!opens(pull, '{', '}', FAULT_NO_MAP)) return pull->fault == NULL;
    do {
        struct scans_complete row = {0};
        if (!pull_key(pull, &row.reader)) return false;
        if (pull_next(pull) != '"') return pull_refuse(pull, pull->at, FAULT_NO_TIME);
        if (!pull_text(pull, &row.time)) return false;
        if (!LIST_PUSH(&scans->complete, row)) return pull_refuse(pull, pull->at, FAULT_MEMORY);
    } while (more_follow(pull, '}'));
    return pull->fault == NULL;
}

static bool is_key(const struct pull_string *key, const char *name)
{
    return key->bytes == strlen(name) && memcmp(key->at, name, key->bytes) == 0;
}

static bool null_or(struct scans *scans, struct pull *pull,
                    bool (*read)(struct scans *scans, struct pull *pull))
{
    return pull_next(pull) == 'n' ? pull_word(pull, "null") : read(scans, pull);
}

static bool body_read(struct scans *scans, struct pull *pull)
{
    bool has_scans = false;
    bool has_complete = false;

    if (!opens(pull, '{', '}', FAULT_NO_OBJECT)) return pull->fault == NULL;
    do {
        struct pull_string key;
        pull_blanks(pull);
        const char *at = pull->at;
        if (!pull_key(pull, &key)) return false;
        bool is_scans = is_key(&key, "scans");
        bool is_complete = is_key(&key, "complete_until");
        if ((is_scans && has_scans) || (is_complete && has_complete)) {
            return pull_refuse(pull, at, FAULT_TWICE);
        }
        has_scans = has_scans || is_scans;
        has_complete = has_complete || is_complete;
        bool taken = is_scans      ? null_or(scans, pull, list_read)
                     : is_complete ? null_or(scans, pull, map_read)
                                   : pull_pass(pull);
        if (!taken) return false;
    } while (more_follow(pull, '}'));
    return pull->fault == NULL;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): it is written to, through struct pull */
bool scans_read(struct scans *scans, char *body, size_t bytes)
{
    struct pull pull = {.begin = body, .at = body, .end = body + bytes};

    scans->count = scans->complete.count = 0;
    if (body_read(scans, &pull)) {
        pull_blanks(&pull);
        if (pull.at < pull.end) (void)pull_refuse(&pull, pull.at, FAULT_AFTER);
    }
    scans->fault = pull.fault;
    scans->column = pull.column;
    if (pull.fault == NULL) return true;
    scans->count = scans->complete.count = 0;
    return false;
}
