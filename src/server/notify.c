#include "server/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void notify_send(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET"); /* NOLINT(concurrency-mt-unsafe): nobody sets it */
    struct sockaddr_un to = {.sun_family = AF_UNIX};

    if (path == NULL || (path[0] != '/' && path[0] != '@')) return;
    size_t bytes = strlen(path);
    if (bytes >= sizeof to.sun_path) return;
    memcpy(to.sun_path, path, bytes);
    if (path[0] == '@') to.sun_path[0] = '\0'; /* a name that is no file (unix(7)) */

    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + bytes));
    (void)close(fd);
}

/* A number of the environment; 0 where there is none. */
static uint64_t number_of(const char *name)
{
    const char *text = getenv(name); /* NOLINT(concurrency-mt-unsafe): nobody sets it */
    char *end;

    if (text == NULL || text[0] < '1' || text[0] > '9') return 0;
    uint64_t number = strtoull(text, &end, 10);
    return *end == '\0' ? number : 0;
}

uint64_t notify_watchdog_ms(void)
{
    uint64_t process = number_of("WATCHDOG_PID");
    uint64_t every_ms = number_of("WATCHDOG_USEC") / 2000;

    return process == 0 || process == (uint64_t)getpid() ? every_ms : 0;
}
