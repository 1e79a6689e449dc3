/* served: the program serving a site to a test, and plain requests to it. */
#ifndef TEST_LIB_SERVED_H
#define TEST_LIB_SERVED_H

#include <stddef.h>
#include <sys/types.h>

struct served {
    pid_t pid;
    int port;
    int out;         /* its standard output */
    char said[2000]; /* what it said there when it came up */
};

/* Start $WHEREABOUTS serve on a free port of 127.0.0.1; fails the test when it does not come up. */
void served_start(struct served *served, const char *data);

/* SIGTERM, and wait; fails the test when it does not end well. */
void served_stop(struct served *served);

struct served_question {
    const char *method, *target;
    const char *headers; /* lines, each ended by CRLF; "" */
    const char *body;    /* NULL: none; JSON, or what a header of .headers says */
    const char *type;    /* of the body; NULL: application/json */
};

struct served_answer {
    int status; /* 0: no answer */
    char *head; /* what came, NUL-terminated */
    const char *body;
    size_t body_bytes;
};

/* Ask on a connection of its own. What streams is read until something of its body came. */
void served_ask(const struct served *served, const struct served_question *question,
                struct served_answer *out);
void served_answer_done(struct served_answer *answer);

#endif
