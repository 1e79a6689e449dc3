/* remote: a running server that is asked in place of the site's file.
 *
 * The one file of the program that sees libcurl. Functions that return int return an exit status;
 * what is not SAY_DONE has been said, in one sentence. */
#ifndef TOOL_REMOTE_H
#define TOOL_REMOTE_H

#include <jansson.h>

#include "tool/address.h"
#include "tool/command.h"

struct remote;

/* The server of a call, by --server, --cacert, and the token in $WHEREABOUTS_TOKEN. Nothing is
 * asked yet. remote_close is welcome after a failure, and of NULL. */
int remote_open(const struct call *call, struct remote **out);
void remote_close(struct remote *remote);

struct remote_body {
    const char *type; /* "text/csv" */
    const char *at;
    size_t bytes;
};

/* A problem that the server answered with. */
struct remote_problem {
    long status;      /* of HTTP */
    char word[40];    /* the last of its type: "not-found" */
    char detail[700]; /* a sentence */
};

/* Ask, and take the JSON document of the answer; NULL where it has none.
 *
 *   address   ended, whatever comes
 *   body      NULL: none
 *   out       the caller's to json_decref; NULL on failure
 *   errors    1 the server refused; 2 it could not make sense of it; 3 it cannot be reached */
int remote_ask(struct remote *remote, const char *method, struct address *address,
               const struct remote_body *body, json_t **out);
int remote_get(struct remote *remote, struct address *address, json_t **out);

/* The same with a JSON body, which is ended. */
int remote_tell(struct remote *remote, const char *method, struct address *address, json_t *body,
                json_t **out);

/* The same, but a problem that the request has, and not the server, is left to the caller:
 * SAY_DONE, and problem->status is not 0. */
int remote_try(struct remote *remote, const char *method, struct address *address,
               const struct remote_body *body, struct remote_problem *problem, json_t **out);

/* Ask, and hand a good answer on, piece by piece, as it comes. accept: its type. take: false stops.
 * After a failure, some of it may have been handed on. */
typedef bool (*remote_take)(void *context, const char *piece, size_t bytes);
int remote_stream(struct remote *remote, struct address *address, const char *accept,
                  remote_take take, void *context);

/* Say a problem in the server's words. Returns the exit status. */
int remote_say(const struct remote *remote, const struct remote_problem *problem);

/* Put a text or a moment into a body; nothing for NULL, WB_NO_TIME and WB_STILL_THERE. */
void remote_put(json_t *body, const char *key, const char *text);
void remote_put_time(json_t *body, const char *key, int64_t us);

/* A text of an answer; "" where there is none. */
const char *remote_text(const json_t *answer, const char *key);

/* Declare readers complete: {"reader": time}, ended. */
int remote_complete(struct remote *remote, json_t *readers);

#endif
