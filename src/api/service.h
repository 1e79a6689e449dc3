/* service: what all exchanges share: the site's file, its clock, and what is kept ready. */
#ifndef API_SERVICE_H
#define API_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "access/callers.h"
#include "access/limiter.h"
#include "codec/scans.h"
#include "whereabouts.h"

struct MHD_Response;
struct time_zone;
struct http;
struct reading;
struct exports;
struct metrics;
struct people_index;
struct channels;
struct stream_ended;
struct reader_health;

/* What a reader said of itself since the start; by its number. */
struct readers_health {
    struct reader_health *at;
    size_t count, capacity;
};

struct service {
    struct wb *wb;
    struct time_zone *clock;           /* of the site; NULL where the system does not know it */
    struct scans scans;                /* memory for the body at hand */
    struct MHD_Response *one_accepted; /* the answer to one scan that was accepted */
    char *openapi;                     /* the document; NULL until somebody asks for it */
    struct readers_health health;
    struct callers callers;      /* everybody who may call */
    struct limiter limiter;      /* of sign-ins */
    bool callers_changed;        /* in this turn: they are read anew when it is durable */
    bool operators_changed;      /* of them, operators */
    bool register_changed;       /* people: the search has to be made anew */
    bool site_changed;           /* the description: everything may be otherwise */
    bool person_erased;          /* whatever names people is made anew */
    struct time_zone *own_clock; /* where the description named another */

    struct old_clocks {
        struct time_zone **at; /* that were replaced and may be in use still */
        size_t count, capacity;
    } old_clocks;

    struct reading *reading;     /* the thread for heavy questions */
    struct exports *exports;     /* under way */
    struct people_index *people; /* for the search; NULL until somebody searches */
    struct channels *channels;   /* of the live pages */
    struct stream_ended *watches_ended;
    struct http *http;
    struct metrics *metrics;
};

/* Free the clocks that were replaced. */
void service_forget_clocks(struct service *service);

#endif
