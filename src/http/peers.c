#include "http/peers.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "http/request.h"

/* Under TLS whoever comes may have us shake hands, some tenths of a millisecond each, and all at
 * once: no more of them than fit into a blink are kept. */
#define SHAKING_MOST 256u
#define LONG_MS      5000u

/* ---- Rings ---- */

static void ring_init(struct peer_ring *ring)
{
    ring->next = ring->previous = ring;
}

static void ring_put(struct peer_ring *ring, struct peer_ring *link)
{
    link->previous = ring->previous;
    link->next = ring;
    link->previous->next = link->next->previous = link;
}

static void ring_take(struct peer_ring *link)
{
    link->previous->next = link->next;
    link->next->previous = link->previous;
}

static struct peer *of_all(struct peer_ring *link)
{
    return (struct peer *)(void *)((char *)link - offsetof(struct peer, in_all));
}

static struct peer *of_address(struct peer_ring *link)
{
    return (struct peer *)(void *)((char *)link - offsetof(struct peer, in_address));
}

struct peers *peers_new(void)
{
    struct peers *peers = calloc(1, sizeof *peers);

    if (peers == NULL) return NULL;
    for (int rank = 0; rank < PEER_RANKS; rank++)
        ring_init(&peers->of_rank[rank]);
    randombytes_buf(peers->secret, sizeof peers->secret);
    return peers;
}

void peers_free(struct peers *peers)
{
    free(peers);
}

/* ---- Addresses ---- */

static void key_of(const struct sockaddr *address, uint8_t key[16])
{
    memset(key, 0, 16);
    if (address == NULL) return;
    if (address->sa_family == AF_INET6) {
        memcpy(key, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
    } else if (address->sa_family == AF_INET) {
        key[10] = key[11] = 0xFF;
        memcpy(key + 12, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
    }
}

/* Strangers choose their addresses, so the hash has a secret. */
static uint64_t bucket_of(const struct peers *peers, const uint8_t key[16])
{
    uint64_t hash;

    (void)crypto_shorthash((unsigned char *)&hash, key, 16, peers->secret);
    return hash % PEERS_BUCKETS;
}

/* NULL: nobody of that address is here. */
static struct peer_address *find_address(const struct peers *peers, const uint8_t key[16])
{
    struct peer_address *address = peers->bucket[bucket_of(peers, key)];

    while (address != NULL && memcmp(address->key, key, sizeof address->key) != 0)
        address = address->next;
    return address;
}

static struct peer_address *make_address(struct peers *peers, const uint8_t key[16])
{
    struct peer_address *address = find_address(peers, key);

    if (address != NULL) return address;
    address = calloc(1, sizeof *address);
    if (address == NULL) return NULL;
    memcpy(address->key, key, sizeof address->key);
    for (int rank = 0; rank < PEER_RANKS; rank++)
        ring_init(&address->of_rank[rank]);
    address->bucket = bucket_of(peers, key);
    address->next = peers->bucket[address->bucket];
    peers->bucket[address->bucket] = address;
    return address;
}

static void drop_address(struct peers *peers, struct peer_address *address)
{
    struct peer_address **link = &peers->bucket[address->bucket];

    while (*link != address)
        link = &(*link)->next;
    *link = address->next;
    free(address);
}

/* ---- Ranks ---- */

/* A peer that is cut stays in its rings until it is closed, and is counted nowhere. */
static void enter(struct peers *peers, struct peer *peer, enum peer_rank rank)
{
    peer->rank = rank;
    ring_put(&peers->of_rank[rank], &peer->in_all);
    ring_put(&peer->address->of_rank[rank], &peer->in_address);
    if (peer->is_cut) return;
    peers->count[rank]++;
    peer->address->count[rank]++;
}

static void leave(struct peers *peers, struct peer *peer)
{
    ring_take(&peer->in_all);
    ring_take(&peer->in_address);
    if (peer->is_cut) return;
    peers->count[peer->rank]--;
    peer->address->count[peer->rank]--;
}

/* Nobody stays at the place where they came, whatever they ask for; who is somebody moves on. */
static void place(struct peers *peers, struct peer *peer)
{
    enum peer_rank rank = peer->request != NULL ? PEER_BUSY : PEER_RESTING;

    if (!peer->is_known) rank = PEER_NOBODY;
    if (rank == peer->rank) return;
    leave(peers, peer);
    enter(peers, peer, rank);
}

struct peer *peers_add(struct peers *peers, const struct sockaddr *address, int fd, uint64_t now_ms)
{
    struct peer *peer = calloc(1, sizeof *peer);
    uint8_t key[16];

    if (peer == NULL) return NULL;
    key_of(address, key);
    peer->address = make_address(peers, key);
    if (peer->address == NULL) {
        free(peer);
        return NULL;
    }
    peer->fd = fd;
    peer->since_ms = now_ms;
    peer->number = ++peers->numbered;
    if (address != NULL) {
        bool mapped = memcmp(key, "\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12) == 0;
        (void)inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? key + 12 : key, peer->text,
                        sizeof peer->text);
    }
    enter(peers, peer, PEER_NEW);
    peer->address->peers++;
    peers->peers++;
    return peer;
}

void peers_remove(struct peers *peers, struct peer *peer)
{
    struct peer_address *address = peer->address;

    leave(peers, peer);
    if (peer->is_stream) {
        peers->streams--;
        address->streams--;
    }
    peers->peers--;
    if (--address->peers == 0) drop_address(peers, address);
    free(peer);
}

void peers_begin(struct peers *peers, struct peer *peer, struct request *request, uint64_t now_ms)
{
    peer->request = request;
    peer->since_ms = now_ms;
    place(peers, peer);
}

void peers_end(struct peers *peers, struct peer *peer, uint64_t now_ms)
{
    peer->request = NULL;
    peer->since_ms = now_ms;
    place(peers, peer);
}

void peers_know(struct peers *peers, struct peer *peer, bool is_known)
{
    peer->is_known = is_known;
    place(peers, peer);
}

bool peers_stream(struct http *http, struct peer *peer)
{
    const struct http_limits *limits = &http->options.limits;
    struct peers *peers = http->peers;

    if (peer->is_stream) return true;
    if (peers->streams >= limits->connections - limits->connections / 4 ||
        peer->address->streams >= limits->per_address - limits->per_address / 4) {
        return false;
    }
    peer->is_stream = true;
    peers->streams++;
    peer->address->streams++;
    return true;
}

bool peers_any_waits(const struct peers *peers)
{
    for (int rank = 0; rank < PEER_RANKS; rank++) {
        const struct peer_ring *end = &peers->of_rank[rank];
        for (struct peer_ring *link = end->next; link != end; link = link->next) {
            const struct request *request = of_all(link)->request;
            if (request != NULL && request->phase == REQUEST_ANSWER) return true;
        }
    }
    return false;
}

/* ---- To be cut off ---- */

/* Nothing of an answer is on its way. */
static bool is_sending(const struct peer *peer)
{
    return peer->request == NULL || peer->request->phase <= REQUEST_BODY;
}

/* libmicrohttpd sees the end of the socket and frees what it has. Who is still sending is told
 * why; under TLS there is no telling from here, and in the middle of an answer neither. */
static void cut(struct http *http, struct peer *peer, const char *answer)
{
    if (answer != NULL && is_sending(peer) && http->options.tls_cert == NULL) {
        (void)send(peer->fd, answer, strlen(answer), MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    (void)shutdown(peer->fd, SHUT_RDWR);
    leave(http->peers, peer);
    peer->is_cut = true;
    enter(http->peers, peer, peer->rank);
}

static void cut_slow(struct http *http, struct peer *peer)
{
    static const char answer[] =
        "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n"
        "Content-Type: application/problem+json\r\nContent-Length: 119\r\n\r\n"
        "{\"type\":\"urn:whereabouts:problem:too-slow\",\"title\":\"Request "
        "Timeout\",\"status\":408,"
        "\"detail\":\"the request took too long\"}";

    cut(http, peer, answer);
    http->numbers.timeouts++;
}

/* ---- Room ---- */

/* What waits for us cannot be cut: the library does not look at it. Who is somebody and has not
 * rested goes only where they are long about sending. */
static bool can_go(const struct peer *peer, uint64_t now_ms)
{
    if (peer->is_cut) return false;
    if (peer->rank != PEER_BUSY) return is_sending(peer) || peer->request->phase != REQUEST_HELD;
    return is_sending(peer) && now_ms - peer->since_ms > LONG_MS;
}

/* The oldest of a rank, of one address or (NULL) of all. Behind it are those that are cut in this
 * round and those that wait for a password's hash: few. */
static struct peer *oldest(struct http *http, struct peer_address *address, enum peer_rank rank)
{
    struct peer_ring *end = address != NULL ? &address->of_rank[rank] : &http->peers->of_rank[rank];
    uint64_t now_ms = clock_ticks_ms(http->loop);

    for (struct peer_ring *link = end->next; link != end; link = link->next) {
        struct peer *peer = address != NULL ? of_address(link) : of_all(link);
        if (can_go(peer, now_ms)) return peer;
    }
    return NULL;
}

static unsigned sum(const unsigned count[PEER_RANKS])
{
    return count[PEER_NEW] + count[PEER_NOBODY] + count[PEER_RESTING] + count[PEER_BUSY];
}

/* Who goes, of one address or of all, so that there is room for one more: who is nobody's, as long
 * as those who come keep an eighth of the room; else who rests, and will not miss it. */
static struct peer *who_goes(struct http *http, struct peer_address *address, unsigned limit)
{
    const unsigned *count = address != NULL ? address->count : http->peers->count;
    struct peer *new = oldest(http, address, PEER_NEW);
    struct peer *nobody = oldest(http, address, PEER_NOBODY);
    struct peer *first = new;

    if (first == NULL || (nobody != NULL && nobody->number < first->number)) first = nobody;
    if (count[PEER_NEW] + count[PEER_NOBODY] >= limit / 8 && first != NULL) return first;
    struct peer *known = oldest(http, address, PEER_RESTING);
    if (known == NULL) known = oldest(http, address, PEER_BUSY);
    return known != NULL ? known : first;
}

const char peers_no_room[] =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\n"
    "Content-Type: application/problem+json\r\nContent-Length: 139\r\n\r\n"
    "{\"type\":\"urn:whereabouts:problem:too-many-connections\",\"title\":\"Service "
    "Unavailable\",\"status\":503,\"detail\":\"too many connections are open\"}";

/* NULL: there is nobody who can go. */
static bool let_go(struct http *http, struct peer *peer)
{
    if (peer == NULL) return false;
    cut(http, peer, peer->rank == PEER_RESTING ? NULL : peers_no_room);
    http->numbers.made_room++;
    return true;
}

bool peers_make_room(struct http *http, const struct sockaddr *from)
{
    const struct http_limits *limits = &http->options.limits;
    struct peers *peers = http->peers;
    uint8_t key[16];

    key_of(from, key);
    struct peer_address *address = find_address(peers, key);
    if (peers->peers >= limits->connections + HTTP_ACCEPT_MOST) return false;
    if (address != NULL && sum(address->count) >= limits->per_address &&
        !let_go(http, who_goes(http, address, limits->per_address))) {
        return false;
    }
    if (sum(peers->count) >= limits->connections &&
        !let_go(http, who_goes(http, NULL, limits->connections))) {
        return false;
    }
    if (http->options.tls_cert != NULL && peers->count[PEER_NEW] >= SHAKING_MOST) {
        (void)let_go(http, oldest(http, NULL, PEER_NEW));
    }
    return true;
}

/* ---- Too slow ---- */

/* Whether nothing more can come: it was said to be the end, and all that came was read. The
 * library waits to be told by its epoll, and is not where the end came together with the last
 * bytes. */
static bool has_gone(const struct peer *peer)
{
    struct pollfd poll_fd = {.fd = peer->fd, .events = POLLRDHUP};
    int bytes = 0;

    return is_sending(peer) && poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & POLLRDHUP) != 0 &&
           ioctl(peer->fd, FIONREAD, &bytes) == 0 && bytes == 0;
}

static bool is_too_slow(const struct http *http, const struct peer *peer, uint64_t now_ms)
{
    const struct request *request = peer->request;
    uint64_t waited_s = (now_ms - peer->since_ms) / 1000;

    if (request != NULL && request->is_stream) return false;
    if (request == NULL) return waited_s > http->options.limits.idle_s;
    switch (request->phase) {
    case REQUEST_HEAD:
    case REQUEST_BODY:
    case REQUEST_ANSWER:
        return waited_s > http->options.limits.request_s;
    case REQUEST_HELD:
        return false; /* that is our doing */
    }
    return false;
}

static void sweep_rank(struct http *http, enum peer_rank rank, uint64_t now_ms)
{
    struct peer_ring *end = &http->peers->of_rank[rank];
    struct peer_ring *next;

    for (struct peer_ring *link = end->next; link != end; link = next) {
        struct peer *peer = of_all(link);
        next = link->next; /* who is cut goes to the end */
        if (peer->is_cut) continue;
        if (has_gone(peer)) {
            cut(http, peer, NULL);
        } else if (is_too_slow(http, peer, now_ms)) {
            cut_slow(http, peer);
        }
    }
}

void peers_sweep(struct http *http)
{
    uint64_t now_ms = clock_ticks_ms(http->loop);

    for (int rank = 0; rank < PEER_RANKS; rank++)
        sweep_rank(http, (enum peer_rank)rank, now_ms);
}
