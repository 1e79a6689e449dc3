/* stream: one live page: a place in the ring of its channel. */
#ifndef API_STREAM_H
#define API_STREAM_H

#include "api/channels.h"
#include "api/exchange.h"

/* Numbers of look-up records of watches. */
struct stream_ended {
    int64_t *at;
    size_t count, capacity;
};

struct stream {
    struct stream *next, *previous; /* of the channel */
    struct channel *channel;
    struct channels *channels;
    struct service *service;
    struct MHD_Connection *connection;
    struct access_caller caller; /* its own copy, to see whether they still may */
    uint64_t at;                 /* the frame that is sent, by count */
    size_t offset;               /* in it */
    char first[160];             /* what is said before the frames: hello, perhaps reset */
    size_t first_bytes, first_sent;
    struct stream_ended watches; /* numbers of its look-up records */
    bool sleeps, ends;
};

/* In the turn: record who stopped watching. */
wb_status stream_record_ended(struct service *service, int64_t now_us);

/* End the streams of whoever may not any more; of everybody: the server stops. */
void stream_check(struct service *service, int64_t now_us);
void stream_end_all(struct service *service);

#endif
