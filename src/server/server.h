/* server: one site's file, served. Wires the loop, http, the turn and the resources together. */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "whereabouts.h"

struct time_zone;

struct server_options {
    const char *listen;             /* "127.0.0.1:8080" */
    const char *data;               /* path of the site's file, to be read beside */
    const char *tls_cert, *tls_key; /* PEM texts; NULL: none */
    bool plain_http;                /* said out loud: no TLS on an address other than loopback */
    unsigned connections, per_address;
    unsigned idle_s, request_s; /* struct http_limits */
};

enum server_result {
    SERVER_STOPPED,    /* as it was asked to */
    SERVER_CANNOT,     /* it could not begin; why says so */
    SERVER_DISK_FAILED /* a commit failed */
};

/* Serve until SIGTERM or SIGINT. "listening on http://ADDRESS:PORT" goes to standard output.
 *
 *   wb     opened for writing, described
 *   clock  of the site; NULL where the system does not know it
 *   why    [why_bytes], for SERVER_CANNOT */
enum server_result server_run(struct wb *wb, struct time_zone *clock,
                              const struct server_options *options, char *why, size_t why_bytes);

#endif
