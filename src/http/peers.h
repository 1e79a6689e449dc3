/* peers: the connections that are open, how many come from one address, and who is too slow. */
#ifndef HTTP_PEERS_H
#define HTTP_PEERS_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "http/http.h"

#define PEERS_BUCKETS 4096u

struct peer {
    struct peer *next, *previous; /* all of them */
    struct peer *next_of_bucket;  /* addresses that hash alike */
    struct request *request;      /* that is under way */
    uint64_t since_ms;            /* when it opened, or the last request ended, or this began */
    uint64_t bucket;
    int fd;
    uint8_t key[16]; /* the address; IPv4 mapped into IPv6 */
    char address[INET6_ADDRSTRLEN];
    bool is_cut;
};

struct peers {
    struct peer all; /* the head of the ring */
    struct peer *bucket[PEERS_BUCKETS];
    uint8_t secret[16];
    unsigned count;
};

/* NULL: no memory. */
struct peers *peers_new(void);
void peers_free(struct peers *peers);

/* Whether one more connection from an address may be taken. */
bool peers_has_room(const struct peers *peers, const struct sockaddr *address,
                    const struct http_limits *limits);

/* A connection opened or closed. NULL: no memory. */
struct peer *peers_add(struct peers *peers, const struct sockaddr *address, int fd,
                       uint64_t now_ms);
void peers_remove(struct peers *peers, struct peer *peer);

/* Cut off who has been too slow: to begin a request, to send it, to take its answer. */
void peers_sweep(struct http *http);

#endif
