#include "http/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/peers.h"

#define BACKLOG     4096 /* the system takes less where it is told so */
#define KEEP_IDLE_S 30
#define LOST_MS     60000 /* what was sent is not acknowledged: nobody is there */

/* Part "[::1]:8080" or "127.0.0.1:8080". */
static struct addrinfo *resolve(const char *address)
{
    char host[128];
    const char *colon = strrchr(address, ':');
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;

    if (colon == NULL || colon == address) return NULL;
    size_t bytes = (size_t)(colon - address);
    if (address[0] == '[' && address[bytes - 1] == ']') {
        address++;
        bytes -= 2;
    }
    if (bytes == 0 || bytes >= sizeof host) return NULL;
    memcpy(host, address, bytes);
    host[bytes] = '\0';
    return getaddrinfo(host, colon + 1, &wanted, &found) == 0 ? found : NULL;
}

bool listen_is_loopback(const char *address)
{
    struct addrinfo *found = resolve(address);
    bool loopback = false;

    if (found == NULL) return false;
    if (found->ai_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)found->ai_addr;
        loopback = ntohl(in->sin_addr.s_addr) >> 24 == 127;
    } else if (found->ai_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)(const void *)found->ai_addr;
        loopback = IN6_IS_ADDR_LOOPBACK(&in->sin6_addr);
    }
    freeaddrinfo(found);
    return loopback;
}

/* What each connection has from the socket that it came to: answers leave at once, and whoever
 * was switched off without a word is noticed. */
static void set_options(int fd)
{
    int on = 1;
    int idle_s = KEEP_IDLE_S;
    int lost_ms = LOST_MS;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &lost_ms, sizeof lost_ms);
}

static bool bind_and_listen(int fd, const struct addrinfo *found, uint16_t *port)
{
    struct sockaddr_storage bound = {0};
    socklen_t bytes = sizeof bound;
    int on = 1;

    set_options(fd);
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&bound, &bytes) != 0) {
        return false;
    }
    /* Both families have their port at the same place (RFC 3493, 3.3). NOLINTNEXTLINE */
    *port = ntohs(((struct sockaddr_in *)&bound)->sin_port);
    return true;
}

int listen_open(const char *address, uint16_t *port, char *why, size_t why_bytes)
{
    struct addrinfo *found = resolve(address);

    if (found == NULL) {
        (void)snprintf(why, why_bytes,
                       "--listen '%s' is not an address and a port; write it like 127.0.0.1:8080 "
                       "or [::1]:8080",
                       address);
        return -1;
    }
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || !bind_and_listen(fd, found, port)) {
        (void)snprintf(why, why_bytes, "cannot listen on %s: %s", address, strerrordesc_np(errno));
        if (fd >= 0) (void)close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    return fd;
}

/* Say that there is no room, and close. Under TLS nothing can be said. */
static void turn_away(struct http *http, int fd)
{
    if (http->options.tls_cert == NULL) {
        (void)send(fd, peers_no_room, strlen(peers_no_room), MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    (void)close(fd);
    http->numbers.refused_connections++;
}

void listen_accept(struct http *http)
{
    for (unsigned i = 0; i < HTTP_ACCEPT_MOST; i++) {
        struct sockaddr_storage from;
        socklen_t bytes = sizeof from;
        int fd = accept4(http->listen_fd, (struct sockaddr *)&from, &bytes,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;

        if (!peers_make_room(http, (struct sockaddr *)&from)) {
            turn_away(http, fd);
            continue;
        }
        /* On failure the library has closed it. */
        (void)MHD_add_connection(http->daemon, fd, (struct sockaddr *)&from, bytes);
    }
}
