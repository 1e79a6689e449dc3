#include "tool/remote.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/list.h"
#include "base/time.h"
#include "tool/say.h"
#include "tool/screen.h"
#include "whereabouts/types.h"

#define TRIES            6 /* while the server is busy */
#define WAIT_S_MAX       10
#define CONNECT_S        10L
#define ANSWER_BYTES_MAX ((size_t)1 << 30)
#define TOKEN_BYTES_MAX  512

struct remote {
    CURL *curl;
    const char *url; /* without a slash at its end */
    int url_bytes;   /* of it */
    bool has_token;
    const char *accept;         /* the type of answer that is asked for */
    struct curl_slist *headers; /* of every request */
    char reason[CURL_ERROR_SIZE];
    remote_take take; /* hands good answers on; NULL: they are kept as text */
    void *context;

    struct remote_text {
        char *at;
        size_t count, capacity;
    } text; /* of the answer at hand */
};

/* ---- Opening ---- */

static int take_url(struct remote *remote, const char *url)
{
    size_t bytes = strlen(url);

    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0) {
        return say(SAY_WRONG_USE,
                   "'%s' is no server; write it like http://127.0.0.1:8080 or "
                   "https://whereabouts.example",
                   url);
    }
    while (bytes > 0 && url[bytes - 1] == '/')
        bytes--;
    remote->url = url;
    remote->url_bytes = (int)bytes;
    return SAY_DONE;
}

static void add_header(struct remote *remote, const char *header)
{
    struct curl_slist *headers = curl_slist_append(remote->headers, header);
    if (headers == NULL) say_no_memory();
    remote->headers = headers;
}

static int take_token(struct remote *remote)
{
    const char *token = screen_environment("WHEREABOUTS_TOKEN");
    char header[TOKEN_BYTES_MAX + 32];

    if (token == NULL) return SAY_DONE;
    for (const char *c = token; *c != '\0'; c++) {
        if (*c > ' ' && *c < 0x7f && c - token < TOKEN_BYTES_MAX) continue;
        return say(SAY_WRONG_USE, "WHEREABOUTS_TOKEN is no token; copy what token add printed, "
                                  "without blanks or line breaks");
    }
    (void)snprintf(header, sizeof header, "Authorization: Bearer %s", token);
    add_header(remote, header);
    remote->has_token = true;
    return SAY_DONE;
}

static size_t take_text(char *piece, size_t size, size_t count, void *context)
{
    struct remote *remote = context;
    struct remote_text *text = &remote->text;
    size_t bytes = size * count;
    long answered = 0;

    (void)curl_easy_getinfo(remote->curl, CURLINFO_RESPONSE_CODE, &answered);
    if (remote->take != NULL && answered == 200) {
        return remote->take(remote->context, piece, bytes) ? bytes : 0;
    }
    if (bytes > ANSWER_BYTES_MAX - text->count) return 0;
    if (!LIST_ROOM(text, bytes)) say_no_memory();
    memcpy(text->at + text->count, piece, bytes);
    text->count += bytes;
    return bytes;
}

/* The connection stays open from request to request. */
static void set_up(struct remote *remote, const char *authorities)
{
    CURL *curl = remote->curl;

    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
    (void)curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, remote->reason);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_text);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, remote);
    if (authorities == NULL) authorities = screen_environment("SSL_CERT_FILE");
    if (authorities != NULL) (void)curl_easy_setopt(curl, CURLOPT_CAINFO, authorities);
}

int remote_open(const struct call *call, struct remote **out)
{
    struct remote *remote = calloc(1, sizeof *remote);

    *out = remote;
    if (remote != NULL) remote->accept = "application/json";
    if (remote == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != 0) say_no_memory();
    remote->curl = curl_easy_init();
    if (remote->curl == NULL) say_no_memory();
    int status = take_url(remote, call->server);
    if (status == SAY_DONE) status = take_token(remote);
    if (status != SAY_DONE) return status;
    add_header(remote, "Expect:");
    set_up(remote, call->cacert);
    return SAY_DONE;
}

void remote_close(struct remote *remote)
{
    if (remote == NULL) return;
    curl_easy_cleanup(remote->curl);
    curl_slist_free_all(remote->headers);
    curl_global_cleanup();
    LIST_DONE(&remote->text);
    free(remote);
}

/* ---- What goes wrong ---- */

/* curl ends some of its reasons with a full stop or a line break. */
static const char *reason_of(struct remote *remote, CURLcode code)
{
    size_t bytes = strlen(remote->reason);

    while (bytes > 0 && strchr(".\n\r ", remote->reason[bytes - 1]) != NULL)
        remote->reason[--bytes] = '\0';
    return bytes > 0 ? remote->reason : curl_easy_strerror(code);
}

static int cannot_reach(struct remote *remote, CURLcode code, const char *method)
{
    const char *reason = reason_of(remote, code);

    switch ((int)code) {
    case CURLE_OUT_OF_MEMORY:
        say_no_memory();
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return say(SAY_WRONG_USE, "'%s' is no server: %s", remote->url, reason);
    case CURLE_PEER_FAILED_VERIFICATION:
        return say(SAY_NO_FILE,
                   "%s: its certificate is not trusted here: %s; name who signed it with --cacert "
                   "FILE or $SSL_CERT_FILE",
                   remote->url, reason);
    case CURLE_SSL_CACERT_BADFILE:
        return say(SAY_NO_FILE, "the certificates of --cacert or $SSL_CERT_FILE cannot be read: %s",
                   reason);
    case CURLE_SSL_CONNECT_ERROR:
        return say(SAY_NO_FILE, "%s: no TLS can be spoken with it: %s; does it serve plain HTTP?",
                   remote->url, reason);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
        return say(SAY_NO_FILE, "%s cannot be reached: %s; is whereabouts serve running there?",
                   remote->url, reason);
    default:
        break;
    }
    return say(SAY_NO_FILE, "%s went away before it answered: %s; %s", remote->url, reason,
               strcmp(method, "GET") == 0
                   ? "ask again"
                   : "whether it took what it was told is not known, the same again does no harm");
}

static void read_problem(const struct remote *remote, long status, struct remote_problem *out)
{
    json_t *answer = json_loadb(remote->text.at != NULL ? remote->text.at : "", remote->text.count,
                                JSON_REJECT_DUPLICATES, NULL);
    const char *type = json_string_value(json_object_get(answer, "type"));
    const char *detail = json_string_value(json_object_get(answer, "detail"));
    const char *word = type != NULL ? strrchr(type, ':') : NULL;

    *out = (struct remote_problem){.status = status};
    (void)snprintf(out->word, sizeof out->word, "%s", word != NULL ? word + 1 : "");
    (void)snprintf(out->detail, sizeof out->detail, "%s", detail != NULL ? detail : "");
    json_decref(answer);
}

/* What no caller can make anything of. SAY_DONE: the caller may. */
static int refused(const struct remote *remote, const struct remote_problem *problem)
{
    switch (problem->status) {
    case 401:
        if (!remote->has_token) {
            return say(SAY_NO, "%s answers nobody without a token; put one into WHEREABOUTS_TOKEN",
                       remote->url);
        }
        return say(SAY_NO,
                   "%s does not know the token in WHEREABOUTS_TOKEN: it was revoked, has expired, "
                   "or is another server's",
                   remote->url);
    case 429:
    case 503:
        return say(SAY_NO_FILE, "%s has no time for this now (%s); try again later", remote->url,
                   problem->detail[0] != '\0' ? problem->detail : "it is busy");
    default:
        break;
    }
    if (problem->status >= 500 && problem->status != 501) {
        return say(SAY_NO_FILE, "%s: %s", remote->url,
                   problem->detail[0] != '\0' ? problem->detail : "the server failed");
    }
    if (problem->word[0] != '\0') return SAY_DONE;
    return say(SAY_NO_FILE, "%s answers, but not as a whereabouts server does", remote->url);
}

int remote_say(const struct remote *remote, const struct remote_problem *problem)
{
    if (problem->status == 403) {
        return say(SAY_NO, "%s: the token in WHEREABOUTS_TOKEN has no right to that", remote->url);
    }
    bool is_use = problem->status == 400 && strcmp(problem->word, "bad-site") != 0;
    return say(is_use ? SAY_WRONG_USE : SAY_NO, "%s", problem->detail);
}

/* ---- Asking ---- */

static void set_request(struct remote *remote, const char *method, const struct remote_body *body)
{
    CURL *curl = remote->curl;

    (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body != NULL ? body->at : "");
    (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                           body != NULL ? (curl_off_t)body->bytes : (curl_off_t)0);
    if (body == NULL) (void)curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
}

static CURLcode perform(struct remote *remote, struct address *address, const char *type)
{
    char accepted[64];
    char content[64];
    struct curl_slist accept = {accepted, remote->headers}; /* before those of every request */
    struct curl_slist last = {content, &accept};
    char *url = NULL;

    if (asprintf(&url, "%.*s%s", remote->url_bytes, remote->url, address_text(address)) < 0) {
        say_no_memory();
    }
    (void)snprintf(accepted, sizeof accepted, "Accept: %s", remote->accept);
    (void)snprintf(content, sizeof content, "Content-Type: %s", type != NULL ? type : "");
    (void)curl_easy_setopt(remote->curl, CURLOPT_HTTPHEADER, type != NULL ? &last : &accept);
    (void)curl_easy_setopt(remote->curl, CURLOPT_URL, url);
    remote->text.count = 0;
    remote->reason[0] = '\0';
    CURLcode code = curl_easy_perform(remote->curl);
    free(url);
    return code;
}

static void wait_as_told(const struct remote *remote, int tried)
{
    curl_off_t seconds = 0;

    (void)curl_easy_getinfo(remote->curl, CURLINFO_RETRY_AFTER, &seconds);
    if (seconds < 1) seconds = tried < 3 ? 1 : 2;
    if (seconds > WAIT_S_MAX) seconds = WAIT_S_MAX;
    struct timespec time = {.tv_sec = (time_t)seconds};
    (void)nanosleep(&time, NULL);
}

static int take_document(const struct remote *remote, json_t **out)
{
    if (remote->text.count == 0) return SAY_DONE; /* 204 */
    *out = json_loadb(remote->text.at, remote->text.count, JSON_REJECT_DUPLICATES, NULL);
    if (*out != NULL) return SAY_DONE;
    return say(SAY_NO_FILE, "%s answers, but not as a whereabouts server does", remote->url);
}

int remote_try(struct remote *remote, const char *method, struct address *address,
               const struct remote_body *body, struct remote_problem *problem, json_t **out)
{
    long answered = 0;
    CURLcode code = CURLE_OK;

    *out = NULL;
    *problem = (struct remote_problem){0};
    set_request(remote, method, body);
    for (int tried = 1; tried <= TRIES; tried++) {
        code = perform(remote, address, body != NULL ? body->type : NULL);
        if (code != CURLE_OK) break;
        (void)curl_easy_getinfo(remote->curl, CURLINFO_RESPONSE_CODE, &answered);
        if (answered != 503 || tried == TRIES) break;
        wait_as_told(remote, tried);
    }
    address_done(address);
    if (code != CURLE_OK) return cannot_reach(remote, code, method);
    if (answered >= 200 && answered < 300) return take_document(remote, out);
    read_problem(remote, answered, problem);
    return refused(remote, problem);
}

int remote_ask(struct remote *remote, const char *method, struct address *address,
               const struct remote_body *body, json_t **out)
{
    struct remote_problem problem;

    int status = remote_try(remote, method, address, body, &problem, out);
    return status == SAY_DONE && problem.status != 0 ? remote_say(remote, &problem) : status;
}

int remote_get(struct remote *remote, struct address *address, json_t **out)
{
    return remote_ask(remote, "GET", address, NULL, out);
}

int remote_stream(struct remote *remote, struct address *address, const char *accept,
                  remote_take take, void *context)
{
    json_t *none = NULL;

    remote->accept = accept;
    remote->take = take;
    remote->context = context;
    int status = remote_get(remote, address, &none);
    json_decref(none);
    remote->take = NULL;
    remote->accept = "application/json";
    return status;
}

int remote_tell(struct remote *remote, const char *method, struct address *address, json_t *body,
                json_t **out)
{
    char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;

    if (text == NULL) say_no_memory();
    json_decref(body);
    struct remote_body sent = {"application/json", text, strlen(text)};
    int status = remote_ask(remote, method, address, &sent, out);
    free(text);
    return status;
}

void remote_put(json_t *body, const char *key, const char *text)
{
    json_t *value = text != NULL ? json_string(text) : NULL;

    /* What is no UTF-8 is sent as nothing, and refused. */
    if (text == NULL) return;
    if (value == NULL) value = json_string("");
    if (json_object_set_new(body, key, value) != 0) say_no_memory();
}

void remote_put_time(json_t *body, const char *key, int64_t us)
{
    char text[TIME_TEXT_MAX];

    if (us == WB_NO_TIME || us == WB_STILL_THERE) return;
    (void)time_format(us, text);
    remote_put(body, key, text);
}

const char *remote_text(const json_t *answer, const char *key)
{
    const char *text = json_string_value(json_object_get(answer, key));
    return text != NULL ? text : "";
}

int remote_complete(struct remote *remote, json_t *readers)
{
    struct address address;
    json_t *answer;

    address_begin(&address, "/v1/scans");
    json_t *body = json_pack("{s:[], s:o}", "scans", "complete_until", readers);
    int status = remote_tell(remote, "POST", &address, body, &answer);
    json_decref(answer);
    return status;
}
