/* site: the site that a command works on, a file or a running server, the present moment, and the
 * words on the command line that mean something there: people, zones, readers, bands, times.
 *
 * Functions that return int return an exit status; what is not SAY_DONE has been said. */
#ifndef TOOL_SITE_H
#define TOOL_SITE_H

#include <jansson.h>

#include "tool/command.h"
#include "tool/say.h"
#include "whereabouts.h"

struct time_zone; /* base/time_zone.h */
struct remote;    /* tool/remote.h */
struct address;   /* tool/address.h */

struct site {
    struct wb *wb;           /* NULL: a server is asked */
    struct remote *remote;   /* NULL: the file is asked */
    const char *path;        /* of the file, or the server's URL */
    const char *id;          /* of the site; "" where the server does not tell */
    json_t *description;     /* that a server gave; NULL */
    struct time_zone *clock; /* of the site; NULL where the system does not know it */
    int64_t now_us;          /* when the command was given */
};

/* The present moment. The only clock that the program reads, but for its progress bars. */
int64_t site_now_us(void);

/* With WB_WRITE: the caller brings blocks to the disk in pieces (wb_options.idles). */
#define SITE_SERVED 0x100u

/* Open the file of a call, or ask its server for the site. mode: WB_READ, WB_WRITE or WB_CREATE.
 * The file must have a description, but for WB_CREATE. site_close is welcome after a failure. */
int site_open(struct site *site, const struct call *call, uint32_t mode);

/* Close it. Returns status, or worse when closing fails. */
int site_close(struct site *site, int status);

/* Say why a call of the library failed, by the file's last error. status is not WB_OK. */
int site_failed(const struct site *site, wb_status status);

/* The same where the library filled a fault. what: what was tried, such as "pair". */
int site_refused(const struct site *site, wb_status status, const struct wb_fault *why);

/* One turn around one fact: begin; then either commit or, on a failure, abandon. */
int site_begin(const struct site *site);
int site_commit(const struct site *site);

/* Words of the command line; of a site in a file, but for times. */
int site_person(const struct site *site, const char *word, wb_person *out);
int site_zone(const struct site *site, const char *word, wb_zone *out);
int site_reader(const struct site *site, const char *word, wb_reader *out);
int site_band(const struct site *site, const char *word, wb_band *out);     /* must be there */
int site_new_band(const struct site *site, const char *word, wb_band *out); /* may be new */

/* A time; without an offset it is in the site's time zone. what: how the sentence calls it,
 * such as "--from". At a change of clocks the choice that was made is noted. */
int site_time(const struct site *site, const char *what, const char *word, int64_t *us);

/* The options --from, --until and --known of a call, and what they leave open. */
int site_window(const struct site *site, const struct call *call, struct wb_window *out);

/* Put a window into a question to a server. */
void site_put_window(struct address *address, const struct wb_window *window);

#endif
