#include "http/peers.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "http/request.h"

struct peers *peers_new(void)
{
    struct peers *peers = calloc(1, sizeof *peers);

    if (peers == NULL) return NULL;
    peers->all.next = peers->all.previous = &peers->all;
    randombytes_buf(peers->secret, sizeof peers->secret);
    return peers;
}

void peers_free(struct peers *peers)
{
    free(peers);
}

static void key_of(const struct sockaddr *address, uint8_t key[16])
{
    memset(key, 0, 16);
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

bool peers_has_room(const struct peers *peers, const struct sockaddr *address,
                    const struct http_limits *limits)
{
    uint8_t key[16];
    unsigned same = 0;

    if (peers->count >= limits->connections) return false;
    key_of(address, key);
    for (const struct peer *peer = peers->bucket[bucket_of(peers, key)]; peer != NULL;
         peer = peer->next_of_bucket)
        same += memcmp(peer->key, key, sizeof key) == 0;
    return same < limits->per_address;
}

struct peer *peers_add(struct peers *peers, const struct sockaddr *address, int fd, uint64_t now_ms)
{
    struct peer *peer = calloc(1, sizeof *peer);

    if (peer == NULL) return NULL;
    peer->fd = fd;
    peer->since_ms = now_ms;
    if (address != NULL) {
        key_of(address, peer->key);
        bool mapped = memcmp(peer->key, "\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12) == 0;
        (void)inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? peer->key + 12 : peer->key,
                        peer->address, sizeof peer->address);
    }
    peer->bucket = bucket_of(peers, peer->key);
    peer->next_of_bucket = peers->bucket[peer->bucket];
    peers->bucket[peer->bucket] = peer;
    peer->previous = peers->all.previous;
    peer->next = &peers->all;
    peer->previous->next = peer->next->previous = peer;
    peers->count++;
    return peer;
}

void peers_remove(struct peers *peers, struct peer *peer)
{
    struct peer **link = &peers->bucket[peer->bucket];

    while (*link != peer)
        link = &(*link)->next_of_bucket;
    *link = peer->next_of_bucket;
    peer->previous->next = peer->next;
    peer->next->previous = peer->previous;
    peers->count--;
    free(peer);
}

/* ---- Too slow ---- */

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

/* libmicrohttpd sees the end of the socket and frees what it has. Who is still sending is told
 * why; under TLS there is no telling from here, and in the middle of an answer neither. */
static void cut(struct http *http, struct peer *peer)
{
    static const char answer[] =
        "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n"
        "Content-Type: application/problem+json\r\nContent-Length: 119\r\n\r\n"
        "{\"type\":\"urn:whereabouts:problem:too-slow\",\"title\":\"Request "
        "Timeout\",\"status\":408,"
        "\"detail\":\"the request took too long\"}";
    bool is_sending = peer->request == NULL || peer->request->phase <= REQUEST_BODY;

    if (is_sending && http->options.tls_cert == NULL) {
        (void)send(peer->fd, answer, sizeof answer - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    (void)shutdown(peer->fd, SHUT_RDWR);
    peer->is_cut = true;
    http->numbers.timeouts++;
}

void peers_sweep(struct http *http)
{
    uint64_t now_ms = clock_ticks_ms(http->loop);

    for (struct peer *peer = http->peers->all.next; peer != &http->peers->all; peer = peer->next) {
        if (!peer->is_cut && is_too_slow(http, peer, now_ms)) cut(http, peer);
    }
}
