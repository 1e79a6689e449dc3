/* exchange: one request and what is to be answered, as the resources see it.
 *
 * A handler is a function of one exchange. It reads the request, asks or tells the engine, and
 * sets the answer, once. When the answer leaves is not its business: a question's may wait until
 * its look-up is recorded, a change's waits until it is durable (src/server/turn.c). */
#ifndef API_EXCHANGE_H
#define API_EXCHANGE_H

#include "access/callers.h"
#include "answer/document.h"
#include "api/reading.h"
#include "api/service.h"
#include "http/request.h"
#include "http/response.h"
#include "whereabouts.h"

#define EXCHANGE_PARTS_MAX 2

struct text {
    const char *at; /* [bytes], NUL-terminated */
    size_t bytes;
};

struct exchange {
    struct request *request;
    struct service *service;
    struct wb *wb;                 /* the service's; of a heavy question the reading thread's */
    const struct time_zone *clock; /* of the site; NULL where the system does not know it */
    int64_t now_us;            /* when the request was whole; of a change, when its turn began */
    const struct right *right; /* the row of the table, and its function */
    void (*handler)(struct exchange *x);
    struct access_caller caller; /* who asks */
    enum access_answer allowed;  /* what the table says to them: ACCESS_MAY... */
    struct reach reach;          /* what a limited caller reaches; opened when it is needed */
    bool reach_is_open;
    struct text part[EXCHANGE_PARTS_MAX]; /* what stands for {P}, {Z}, ... in the path, decoded */
    size_t weight;                        /* of a change: at most so many facts */

    /* What the look-up record says that the answer is about. */
    int64_t as_of_us, until_us; /* WB_NO_TIME: no moment */

    /* The answer. */
    unsigned status;        /* 0: none yet */
    struct answer document; /* or a text; owned */
    struct MHD_Response *response;
    bool has_cookie;      /* give the caller this one with the answer */
    struct secret cookie; /* "": take it away */
    bool is_lookup;       /* it waits for its record only */
    struct password_work *password;
    struct reading_task task; /* of a heavy question */
    bool is_shared;           /* the response is the service's and is not freed with the request */

    struct exchange *next;  /* in the queue of the turn */
    uint64_t took_ticks_us; /* when it was queued */
};

typedef void (*exchange_handler)(struct exchange *x);

/* Set the answer: a document (taken over, the caller's is empty afterwards), a text (copied), or
 * a problem. */
void exchange_json(struct exchange *x, unsigned status, struct answer *document);
void exchange_text(struct exchange *x, unsigned status, const char *type, const char *text,
                   size_t bytes);
void exchange_problem(struct exchange *x, unsigned status, const char *word, const char *detail);
__attribute__((format(printf, 4, 5))) void exchange_refuse(struct exchange *x, unsigned status,
                                                           const char *word, const char *format,
                                                           ...);

/* 503: there is no room for it now; Retry-After says when to ask again. */
void exchange_busy(struct exchange *x, const char *detail);

/* 204, and nothing more to say. */
void exchange_nothing(struct exchange *x);

/* Set the answer to what a failure of the library means. why may be NULL. */
void exchange_failed(struct exchange *x, wb_status status, const struct wb_fault *why);

/* Set the answer to a document (taken over), or to what the failure of making it means. */
void exchange_answer(struct exchange *x, wb_status status, struct answer *document);

/* End a document that a resource wrote itself, and set the answer to it. */
void exchange_document(struct exchange *x, unsigned status, struct document *document);

/* Make the response out of what was set. There must be an answer. */
void exchange_finish(struct exchange *x);

/* Drop what was set. */
void exchange_drop(struct exchange *x);

/* Free what the exchange has. */
void exchange_done(struct exchange *x);

/* The question as text, decoded: path and query. Yours to free. */
char *exchange_question(const struct exchange *x);

#endif
