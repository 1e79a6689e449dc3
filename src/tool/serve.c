/* whereabouts serve: the site's file over HTTP, for readers and people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/listen.h"
#include "server/server.h"
#include "tool/site.h"

#define PEM_BYTES_MAX    ((size_t)1 << 20)
#define CONNECTIONS      4096u
#define PER_ADDRESS      1024u
#define REQUEST_S        60u
#define IDLE_S           75u
#define CONNECTIONS_MOST 1000000u

/* Read a whole file; NULL: it was said. The caller's to free. */
static char *read_file(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = malloc(PEM_BYTES_MAX + 1);

    if (text == NULL) say_no_memory();
    size_t bytes = file != NULL ? fread(text, 1, PEM_BYTES_MAX, file) : 0;
    if (file != NULL) (void)fclose(file);
    text[bytes] = '\0';
    if (bytes > 0) return text;
    free(text);
    (void)say(SAY_NO, "%s cannot be read, or is empty", path);
    return NULL;
}

static int take_number(const struct call *call, const char *name, unsigned otherwise, unsigned *out)
{
    const char *text = call_value(call, name);
    char *end;

    *out = otherwise;
    if (text == NULL) return SAY_DONE;
    unsigned long number = strtoul(text, &end, 10);
    if (text[0] >= '1' && text[0] <= '9' && *end == '\0' && number <= CONNECTIONS_MOST) {
        *out = (unsigned)number;
        return SAY_DONE;
    }
    return say(SAY_WRONG_USE, "--%s '%s' is not a number from 1 to %u", name, text,
               CONNECTIONS_MOST);
}

static int take_options(const struct call *call, struct server_options *options)
{
    const char *cert = call_value(call, "tls-cert");
    const char *key = call_value(call, "tls-key");

    options->data = call->data;
    options->listen = call_has(call, "listen") ? call_value(call, "listen") : "127.0.0.1:8080";
    options->plain_http = call_has(call, "plain-http");
    if ((cert == NULL) != (key == NULL)) {
        return say(SAY_WRONG_USE, "--tls-cert and --tls-key belong together; one is missing");
    }
    if (cert != NULL && options->plain_http) {
        return say(SAY_WRONG_USE, "--plain-http and --tls-cert do not go together");
    }
    if (cert == NULL && !options->plain_http && !listen_is_loopback(options->listen)) {
        return say(SAY_WRONG_USE,
                   "%s is not this machine's own address: give --tls-cert FILE and --tls-key FILE, "
                   "or say --plain-http if the network is trusted",
                   options->listen);
    }
    int status = take_number(call, "connections", CONNECTIONS, &options->connections);
    if (status == SAY_DONE) {
        status = take_number(call, "per-address", PER_ADDRESS, &options->per_address);
    }
    if (status == SAY_DONE) {
        status = take_number(call, "request-seconds", REQUEST_S, &options->request_s);
    }
    if (status == SAY_DONE) status = take_number(call, "idle-seconds", IDLE_S, &options->idle_s);
    return status;
}

static int serve(const struct site *site, const struct server_options *options)
{
    char why[400] = "";

    switch (server_run(site->wb, site->clock, options, why, sizeof why)) {
    case SERVER_STOPPED:
        return SAY_DONE;
    case SERVER_CANNOT:
        return say(SAY_NO, "%s", why);
    case SERVER_DISK_FAILED:
        /* What the disk has is not known: no more is written, the next start reads the journal. */
        (void)say(SAY_NO_FILE, "%s: a commit failed; the server ends", site->path);
        _exit(SAY_NO_FILE);
    }
    return SAY_NO;
}

int serve_run(const struct call *call)
{
    struct server_options options = {0};
    struct site site = {0};
    char *cert = NULL;
    char *key = NULL;

    int status = take_options(call, &options);
    if (status == SAY_DONE && call_has(call, "tls-cert")) {
        cert = read_file(call_value(call, "tls-cert"));
        key = cert != NULL ? read_file(call_value(call, "tls-key")) : NULL;
        options.tls_cert = cert;
        options.tls_key = key;
        if (key == NULL) status = SAY_NO;
    }
    if (status == SAY_DONE) {
        status = site_open(&site, call, WB_WRITE | SITE_SERVED);
        if (status == SAY_DONE) status = serve(&site, &options);
        status = site_close(&site, status);
    }
    free(cert);
    free(key);
    return status;
}
