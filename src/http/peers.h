/* peers: the connections that are open, how many come from one address, who is too slow, and who
 * has to go when there is no room.
 *
 * A site's readers and pages may all come from one address (a router, a proxy), and so may whoever
 * wants to keep them out. So nobody who comes is turned away while there is somebody who can go
 * instead: a connection is somebody's once a request on it came with a right, and who is nobody's
 * goes first, the oldest before the others. A client that sends its request at once is somebody
 * long before as many others have come as there is room for. */
#ifndef HTTP_PEERS_H
#define HTTP_PEERS_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "http/http.h"

#define PEERS_BUCKETS 4096u

enum peer_rank {
    PEER_NEW,     /* has not asked for anything yet */
    PEER_NOBODY,  /* has, without a right to anything that is not open to all */
    PEER_RESTING, /* is somebody, and no request is under way */
    PEER_BUSY,    /* is somebody, and one is */
    PEER_RANKS
};

struct peer_ring {
    struct peer_ring *next, *previous;
};

/* The connections of one address; it goes with the last of them. */
struct peer_address {
    struct peer_address *next; /* addresses that hash alike */
    struct peer_ring of_rank[PEER_RANKS];
    unsigned count[PEER_RANKS]; /* those that are not cut */
    unsigned peers, streams;
    uint64_t bucket;
    uint8_t key[16]; /* IPv4 mapped into IPv6 */
};

struct peer {
    struct peer_ring in_all, in_address; /* both of its rank, the oldest first */
    struct peer_address *address;
    struct request *request; /* that is under way */
    uint64_t since_ms;       /* when it opened, or the last request ended, or this began */
    uint64_t number;         /* in the order in which they came */
    enum peer_rank rank;
    int fd;
    bool is_cut, is_known, is_stream;
    char text[INET6_ADDRSTRLEN]; /* the address */
};

struct peers {
    struct peer_ring of_rank[PEER_RANKS];
    unsigned count[PEER_RANKS]; /* those that are not cut */
    struct peer_address *bucket[PEERS_BUCKETS];
    uint8_t secret[16];
    uint64_t numbered;
    unsigned peers, streams; /* peers: with those that are cut, and not closed yet */
};

/* NULL: no memory. */
struct peers *peers_new(void);
void peers_free(struct peers *peers);

/* What is said to who finds no room: a whole answer. */
extern const char peers_no_room[];

/* Make room for one more connection from an address, where need be by cutting off another. false:
 * there is none. */
bool peers_make_room(struct http *http, const struct sockaddr *address);

/* A connection opened or closed. NULL: no memory. */
struct peer *peers_add(struct peers *peers, const struct sockaddr *address, int fd,
                       uint64_t now_ms);
void peers_remove(struct peers *peers, struct peer *peer);

/* A request began or ended on it; or it is somebody's now, or nobody's any more. */
void peers_begin(struct peers *peers, struct peer *peer, struct request *request, uint64_t now_ms);
void peers_end(struct peers *peers, struct peer *peer, uint64_t now_ms);
void peers_know(struct peers *peers, struct peer *peer, bool is_known);

/* Count it among the streams, which never make room. false: there are too many of them. */
bool peers_stream(struct http *http, struct peer *peer);

/* Whether an answer is still being sent to anybody. */
bool peers_any_waits(const struct peers *peers);

/* Cut off who has been too slow: to begin a request, to send it, to take its answer. */
void peers_sweep(struct http *http);

#endif
