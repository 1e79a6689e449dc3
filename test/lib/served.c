#include "served.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_S      20
#define ANSWER_MOST ((size_t)4 << 20)

/* ---- The server ---- */

static void run_server(const char *data, int out)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment */
    const char *program = getenv("WHEREABOUTS");
    if (program == NULL || dup2(out, STDOUT_FILENO) < 0) _exit(126);
    (void)execl(program, program, "--data", data, "serve", "--listen", "127.0.0.1:0", (char *)NULL);
    _exit(127);
}

static int read_port(int out, char *text, size_t most)
{
    size_t bytes = 0;
    const char *port = NULL;
    while (bytes < most - 1) {
        ssize_t got = read(out, text + bytes, most - 1 - bytes);
        if (got <= 0) break;
        bytes += (size_t)got;
        text[bytes] = '\0';
        port = strstr(text, "listening on http://127.0.0.1:");
        if (port != NULL && strchr(port, '\n') != NULL) break;
    }
    return port == NULL ? 0
                        : (int)strtol(port + strlen("listening on http://127.0.0.1:"), NULL, 10);
}

void served_start(struct served *served, const char *data)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    served->pid = fork();
    assert_true(served->pid >= 0);
    if (served->pid == 0) {
        (void)close(pipes[0]);
        run_server(data, pipes[1]);
    }
    (void)close(pipes[1]);
    served->out = pipes[0];
    served->said[0] = '\0';
    served->port = read_port(served->out, served->said, sizeof served->said);
    if (served->port == 0) fail_msg("the server does not come up");
}

void served_stop(struct served *served)
{
    int status = -1;
    assert_int_equal(kill(served->pid, SIGTERM), 0);
    assert_int_equal(waitpid(served->pid, &status, 0), served->pid);
    (void)close(served->out);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("the server ended with %d", status);
}

/* ---- Requests ---- */

static int connect_to(const struct served *served)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)served->port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct timeval wait = {.tv_sec = WAIT_S};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void send_question(int fd, int port, const struct served_question *q)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    assert_non_null(out);
    (void)fprintf(out, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n%s", q->method,
                  q->target, port, q->headers);
    if (q->body != NULL) {
        (void)fprintf(out, "Content-Type: %s\r\nContent-Length: %zu\r\n",
                      q->type != NULL ? q->type : "application/json", strlen(q->body));
    }
    (void)fprintf(out, "\r\n%s", q->body != NULL ? q->body : "");
    (void)fclose(out);
    assert_int_equal(send(fd, text, bytes, MSG_NOSIGNAL), bytes);
    free(text);
}

/* Whether enough is there: the whole of Content-Length, or anything of a stream. */
static bool is_whole(const char *text, size_t bytes)
{
    const char *body = strstr(text, "\r\n\r\n");
    if (body == NULL) return false;
    size_t body_bytes = bytes - (size_t)(body + 4 - text);
    if (strcasestr(text, "text/event-stream") != NULL) return body_bytes > 0;
    const char *length = strcasestr(text, "\r\nContent-Length:");
    return length != NULL && length < body && body_bytes >= strtoul(length + 17, NULL, 10);
}

void served_ask(const struct served *served, const struct served_question *question,
                struct served_answer *out)
{
    int fd = connect_to(served);
    send_question(fd, served->port, question);
    char *text = calloc(1, ANSWER_MOST + 1);
    assert_non_null(text);
    size_t bytes = 0;
    while (bytes < ANSWER_MOST && !is_whole(text, bytes)) {
        ssize_t got = recv(fd, text + bytes, ANSWER_MOST - bytes, 0);
        if (got <= 0) break;
        bytes += (size_t)got;
    }
    (void)close(fd);
    *out = (struct served_answer){.head = text, .body = ""};
    if (strncmp(text, "HTTP/1.1 ", 9) == 0) out->status = (int)strtol(text + 9, NULL, 10);
    char *body = strstr(text, "\r\n\r\n");
    if (body == NULL) return;
    out->body = body + 4;
    out->body_bytes = bytes - (size_t)(out->body - text);
}

void served_answer_done(struct served_answer *answer)
{
    free(answer->head);
    *answer = (struct served_answer){0};
}
