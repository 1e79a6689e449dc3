/* load: many clients of the server in one process: posts, questions, live pages.
 *
 *   load post  --port P --token T --connections N --seconds S --batch B --readers a,b --people N
 *   load get   --port P --token T --connections N --seconds S --path /v1/...  (more than one by '
 * ') load board --port P --token T --connections N --seconds S --rate R --readers a,b --people N
 *
 * Bands are those of `simulate` or of the workload: person K, from 1, wears the band --bands, a
 * format. Each connection has one request under way. One line goes to standard output: requests a
 * second, and of their times in microseconds: median, 99 %, longest; the server's share of one
 * processor in percent (--pid). */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SAMPLES_MAX  ((size_t)16 << 20)
#define BUFFER_BYTES ((size_t)1 << 18)
#define WORDS_MAX    4096

struct client {
    int fd;
    char *out, *in;
    size_t out_bytes, out_sent, in_bytes;
    uint64_t sent_us;
    int is_board;
};

struct piece {
    char *at;
    size_t bytes;
};

static struct {
    const char *mode, *token, *bands;
    int port, connections, seconds, batch, people, rate, pid;
    const char *word[WORDS_MAX]; /* readers, or paths */
    int words;
    struct piece head, *reader, *band; /* of a post */
    struct client *client;
    uint32_t *sample;
    size_t samples;
    uint64_t requests, failures, bytes;
    uint32_t turn;
    int epoll;
} load = {.connections = 64, .seconds = 5, .batch = 1, .people = 1000, .rate = 100, .bands = "B%u"};

static _Noreturn void fail(const char *what)
{
    (void)fprintf(stderr, "load: %s: %s\n", what, strerrordesc_np(errno));
    exit(1); /* NOLINT(concurrency-mt-unsafe): there is one thread */
}

static uint64_t ticks_us(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static void keep_sample(uint64_t us)
{
    if (load.samples < SAMPLES_MAX) load.sample[load.samples++] = (uint32_t)us;
}

/* ---- Requests: what can be is prepared, for this process shares the machine with the server ----
 */

static struct piece piece_new(const char *text)
{
    struct piece piece = {strdup(text), strlen(text)};
    if (piece.at == NULL) fail("memory");
    return piece;
}

static char *put(char *out, const void *text, size_t bytes)
{
    memcpy(out, text, bytes);
    return out + bytes;
}

#define PUT_TEXT(out, text) put(out, text, sizeof(text) - 1)

static char *put_digits(char *out, uint64_t number, unsigned width)
{
    for (unsigned i = width; i-- > 0; number /= 10)
        out[i] = (char)('0' + number % 10);
    return out + width;
}

/* "2026-03-01T12:00:00.123456Z"; all but the part of the second is kept from one to the next. */
static char *put_time(char *out)
{
    static char kept[32];
    static size_t kept_bytes;
    static time_t kept_second;
    uint64_t now_us = ticks_us(CLOCK_REALTIME);
    time_t second = (time_t)(now_us / 1000000u);

    if (second != kept_second) {
        struct tm tm;
        (void)gmtime_r(&second, &tm);
        kept_bytes = strftime(kept, sizeof kept, "%Y-%m-%dT%H:%M:%S.", &tm);
        kept_second = second;
    }
    out = put(out, kept, kept_bytes);
    out = put_digits(out, now_us % 1000000u, 6);
    return PUT_TEXT(out, "Z");
}

static char *put_scans(char *out)
{
    char time[40];
    size_t time_bytes = (size_t)(put_time(time) - time);

    out = PUT_TEXT(out, "{\"scans\":[");
    for (int i = 0; i < load.batch; i++) {
        uint32_t n = load.turn++;
        uint32_t reader = (n / (uint32_t)load.people + n) % (uint32_t)load.words;
        const struct piece *band = &load.band[n % (uint32_t)load.people];
        if (i % 50 == 49) time_bytes = (size_t)(put_time(time) - time);
        out = i > 0 ? PUT_TEXT(out, ",{\"reader\":\"") : PUT_TEXT(out, "{\"reader\":\"");
        out = put(out, load.reader[reader].at, load.reader[reader].bytes);
        out = PUT_TEXT(out, "\",\"band\":\"");
        out = put(out, band->at, band->bytes);
        out = PUT_TEXT(out, "\",\"time\":\"");
        out = put(out, time, time_bytes);
        out = PUT_TEXT(out, "\"}");
    }
    return PUT_TEXT(out, "]}");
}

#define LENGTH_DIGITS 8u

static void prepare_pieces(void)
{
    char text[512];

    (void)snprintf(text, sizeof text,
                   "POST /v1/scans HTTP/1.1\r\nHost: load\r\nAuthorization: Bearer "
                   "%s\r\nContent-Type: application/json\r\nContent-Length: ",
                   load.token);
    load.head = piece_new(text);
    load.band = calloc((size_t)load.people, sizeof *load.band);
    load.reader = calloc((size_t)load.words, sizeof *load.reader);
    if (load.band == NULL || load.reader == NULL) fail("memory");
    for (int i = 0; i < load.people; i++) {
        /* A format that whoever calls the bench gives. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        (void)snprintf(text, sizeof text, load.bands, (unsigned)i + 1);
#pragma GCC diagnostic pop
        load.band[i] = piece_new(text);
    }
    for (int i = 0; i < load.words; i++)
        load.reader[i] = piece_new(load.word[i]);
}

static void prepare(struct client *client)
{
    client->out_sent = 0;
    if (client->is_board || strcmp(load.mode, "get") == 0) {
        const char *path =
            client->is_board ? "/v1/stream" : load.word[load.turn++ % (uint32_t)load.words];
        client->out_bytes = (size_t)snprintf(
            client->out, BUFFER_BYTES,
            "GET %s HTTP/1.1\r\nHost: load\r\nAuthorization: Bearer %s\r\n\r\n", path, load.token);
        return;
    }
    char *length = put(client->out, load.head.at, load.head.bytes);
    char *body = PUT_TEXT(length + LENGTH_DIGITS, "\r\n\r\n");
    char *end = put_scans(body);
    (void)put_digits(length, (uint64_t)(end - body), LENGTH_DIGITS);
    client->out_bytes = (size_t)(end - client->out);
}

static void push_out(struct client *client)
{
    while (client->out_sent < client->out_bytes) {
        ssize_t sent = send(client->fd, client->out + client->out_sent,
                            client->out_bytes - client->out_sent, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) return;
        if (sent < 0) fail("send");
        client->out_sent += (size_t)sent;
    }
}

static void begin(struct client *client)
{
    prepare(client);
    client->in_bytes = 0;
    client->sent_us = ticks_us(CLOCK_MONOTONIC);
    push_out(client);
}

static void open_client(struct client *client, int is_board)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)load.port)};
    int on = 1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client->is_board = is_board;
    client->out = malloc(is_board ? 4096 : BUFFER_BYTES);
    client->in = malloc(BUFFER_BYTES);
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->fd < 0 || client->out == NULL || client->in == NULL) fail("socket");
    if (connect(client->fd, (struct sockaddr *)&to, sizeof to) != 0) fail("connect");
    (void)setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, client->fd, &event) != 0) fail("epoll");
}

/* ---- Answers ---- */

/* The length that a head gives; its last line is empty. */
static size_t content_length(const char *head)
{
    for (const char *line = head; *line != '\r'; line = strchr(line, '\n') + 1) {
        if (strncasecmp(line, "Content-Length:", 15) == 0) return strtoull(line + 15, NULL, 10);
    }
    return 0;
}

/* Whether a whole answer is in. */
static int is_whole(struct client *client)
{
    client->in[client->in_bytes] = '\0';
    char *end = strstr(client->in, "\r\n\r\n");
    if (end == NULL) return 0;
    size_t body = content_length(client->in);
    size_t have = client->in_bytes - (size_t)(end + 4 - client->in);
    if (have < body) {
        /* A long body is counted, not kept. */
        if (client->in_bytes > BUFFER_BYTES / 2) {
            load.bytes += have;
            fail("an answer is longer than this program keeps");
        }
        return 0;
    }
    if (strncmp(client->in + 9, "200", 3) != 0 && load.failures++ == 0) {
        (void)fprintf(stderr, "load: %.*s\n", 400, client->in);
    }
    return 1;
}

/* Each "last_seen" of a frame is when its scan was made; now it is here. */
static void look_at_frames(struct client *client)
{
    uint64_t now_us = ticks_us(CLOCK_REALTIME);
    client->in[client->in_bytes] = '\0';
    char *rest = client->in;
    for (char *end; (end = strstr(rest, "\n\n")) != NULL; rest = end + 2) {
        *end = '\0';
        if (strstr(rest, "event: moves") == NULL) continue;
        for (char *at = rest; (at = strstr(at, "\"last_seen\":\"")) != NULL; at += 13) {
            char *stop;
            unsigned hour = (unsigned)strtoul(at + 24, NULL, 10);
            unsigned minute = (unsigned)strtoul(at + 27, NULL, 10);
            double second = strtod(at + 30, &stop);
            uint64_t of_day =
                (hour * 3600ull + minute * 60ull) * 1000000ull + (uint64_t)(second * 1e6);
            uint64_t today = now_us % 86400000000ull;
            if (today >= of_day && today - of_day < 20000000ull) keep_sample(today - of_day);
        }
    }
    client->in_bytes -= (size_t)(rest - client->in);
    memmove(client->in, rest, client->in_bytes);
}

static void take_in(struct client *client)
{
    ssize_t got = recv(client->fd, client->in + client->in_bytes,
                       BUFFER_BYTES - 1 - client->in_bytes, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) fail("recv: the server closed");
    client->in_bytes += (size_t)got;
    if (client->is_board) {
        look_at_frames(client);
        return;
    }
    if (!is_whole(client)) return;
    load.requests++;
    if (strcmp(load.mode, "board") == 0) {
        client->sent_us = 0; /* the next goes when it is due */
        client->in_bytes = 0;
        return;
    }
    keep_sample(ticks_us(CLOCK_MONOTONIC) - client->sent_us);
    begin(client);
}

/* ---- The run ---- */

static uint64_t processor_ticks(void)
{
    char path[64];
    char line[1024];
    (void)snprintf(path, sizeof path, "/proc/%d/stat", load.pid);
    FILE *file = load.pid > 0 ? fopen(path, "re") : NULL;
    if (file == NULL) return 0;
    char *got = fgets(line, sizeof line, file);
    (void)fclose(file);
    if (got == NULL) return 0;
    char *at = strrchr(line, ')') + 2;
    uint64_t sum = 0;
    for (int field = 3; field <= 15; field++) {
        char *end = strchr(at, ' ');
        if (field >= 14) sum += strtoull(at, NULL, 10);
        at = end + 1;
    }
    return sum;
}

static int compare(const void *a, const void *b)
{
    const uint32_t *one = a;
    const uint32_t *other = b;
    return *one < *other ? -1 : *one > *other;
}

static void run(uint64_t until_us)
{
    struct epoll_event events[256];
    int posters = strcmp(load.mode, "board") == 0;
    uint64_t due_us = ticks_us(CLOCK_MONOTONIC);
    while (ticks_us(CLOCK_MONOTONIC) < until_us) {
        int count = epoll_wait(load.epoll, events, 256, posters ? 2 : 100);
        for (int i = 0; i < count; i++) {
            struct client *client = events[i].data.ptr;
            if (client->out_sent < client->out_bytes) push_out(client);
            take_in(client);
        }
        struct client *poster = &load.client[load.connections];
        uint64_t now_us = ticks_us(CLOCK_MONOTONIC);
        if (posters && now_us >= due_us && poster->sent_us == 0) {
            due_us += 1000000u / (uint64_t)load.rate;
            begin(poster);
        }
    }
}

static void read_options(int argc, char **argv)
{
    static const struct option options[] = {
        {"port",        1, NULL, 'p'},
        {"token",       1, NULL, 't'},
        {"connections", 1, NULL, 'c'},
        {"seconds",     1, NULL, 's'},
        {"batch",       1, NULL, 'b'},
        {"people",      1, NULL, 'n'},
        {"readers",     1, NULL, 'r'},
        {"path",        1, NULL, 'g'},
        {"rate",        1, NULL, 'R'},
        {"pid",         1, NULL, 'P'},
        {"bands",       1, NULL, 'B'},
        {NULL,          0, NULL, 0  },
    };
    load.mode = argc > 1 ? argv[1] : "";
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
    for (int letter; (letter = getopt_long(argc, argv, "", options, NULL)) !=
                     -1;) { /* NOLINT(concurrency-mt-unsafe) */
        int number = (int)strtol(optarg != NULL ? optarg : "0", NULL, 10);
        char *rest = optarg;
        switch (letter) {
        case 'p':
            load.port = number;
            break;
        case 't':
            load.token = optarg;
            break;
        case 'c':
            load.connections = number;
            break;
        case 's':
            load.seconds = number;
            break;
        case 'b':
            load.batch = number;
            break;
        case 'n':
            load.people = number;
            break;
        case 'R':
            load.rate = number;
            break;
        case 'P':
            load.pid = number;
            break;
        case 'B':
            load.bands = optarg;
            break;
        case 'r':
        case 'g':
            for (char *word; (word = strsep(&rest, letter == 'r' ? "," : " ")) != NULL &&
                             load.words < WORDS_MAX;)
                load.word[load.words++] = word;
            break;
        default:
            exit(2); /* NOLINT(concurrency-mt-unsafe) */
        }
    }
    if (load.port == 0 || load.token == NULL || load.words == 0 || load.people < 1 || load.rate < 1)
        exit(2); /* NOLINT(concurrency-mt-unsafe) */
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    const char *mode = load.mode;
    if (mode == NULL || load.connections < 1) return 2;
    int boards = strcmp(mode, "board") == 0;
    if (strcmp(mode, "get") != 0) prepare_pieces();
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    load.client = calloc((size_t)load.connections + 1, sizeof *load.client);
    load.sample = malloc(SAMPLES_MAX * sizeof *load.sample);
    if (load.client == NULL || load.sample == NULL) fail("memory");
    for (int i = 0; i < load.connections; i++) {
        open_client(&load.client[i], boards);
        begin(&load.client[i]);
    }
    if (boards) {
        open_client(&load.client[load.connections], 0);
        run(ticks_us(CLOCK_MONOTONIC) + 2000000u); /* all are there, and warm */
        load.samples = load.requests = 0;
    }
    uint64_t began_us = ticks_us(CLOCK_MONOTONIC);
    uint64_t ticks = processor_ticks();
    run(began_us + (uint64_t)load.seconds * 1000000u);
    double seconds = (double)(ticks_us(CLOCK_MONOTONIC) - began_us) / 1e6;
    double share =
        (double)(processor_ticks() - ticks) / (double)sysconf(_SC_CLK_TCK) / seconds * 100;
    if (load.samples == 0) fail("nothing was answered");
    qsort(load.sample, load.samples, sizeof *load.sample, compare);
    uint32_t half = load.samples > 0 ? load.sample[load.samples / 2] : 0;
    uint32_t late = load.samples > 0 ? load.sample[load.samples * 99 / 100] : 0;
    uint32_t last = load.samples > 0 ? load.sample[load.samples - 1] : 0;
    (void)printf("%.0f\t%u\t%u\t%u\t%.0f\n", (double)load.requests / seconds, half, late, last,
                 share);
    if (load.failures > 0) {
        (void)fprintf(stderr, "load: %" PRIu64 " answers were not 200\n", load.failures);
        return 1;
    }
    return load.samples > 0 ? 0 : 1;
}
