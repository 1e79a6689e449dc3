/* listen: the socket that connections come to. */
#ifndef HTTP_LISTEN_H
#define HTTP_LISTEN_H

#include "http/http.h"

/* Bind "ADDRESS:PORT" and listen. Returns the descriptor, -1 with a sentence in why. */
int listen_open(const char *address, uint16_t *port, char *why, size_t why_bytes);

/* Whether "ADDRESS:PORT" is this machine's own. false also where it is no address. */
bool listen_is_loopback(const char *address);

/* Take the connections that wait, a bounded number of them, and hand them to the daemon. */
void listen_accept(struct http *http);

#endif
