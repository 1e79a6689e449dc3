/* channels: what live pages are told, written once for all that may see the same.
 *
 * A channel is a scope and a zone, or the head counts alone. It has a ring of finished frames; a
 * stream is a place in it. Who falls out of the ring is told to load anew. What happened between
 * two frames is joined: at most ten a second. */
#ifndef API_CHANNELS_H
#define API_CHANNELS_H

#include "access/callers.h"
#include "base/names.h"
#include "whereabouts.h"

#define CHANNELS_FRAMES   256u /* of a ring: 25 s of a busy site */
#define CHANNELS_FRAME_MS 100u
#define CHANNELS_KEPT_US  INT64_C(60000000) /* without a stream, for who comes back */

struct channels_frame {
    char *text;
    size_t bytes;
    uint64_t number; /* counts over all channels */
};

struct stream;

struct channel {
    struct channel *next;
    char *key;
    wb_zone zone;      /* WB_ZONE_EVERY: all */
    bool counts_alone; /* no people: head counts and readers */
    struct scope scope;
    struct reach reach;
    struct channels_frame frame[CHANNELS_FRAMES]; /* by count % CHANNELS_FRAMES */
    uint64_t first, count;                        /* frames[first, count) are there */
    uint64_t began; /* number of the newest frame of all when it was made */
    uint32_t *was;  /* [people]: the zone in which each was shown; WB_NONE: not shown */
    size_t people;
    struct wb_head_counts counts; /* as told last */
    struct wb_people moved;       /* since the last frame; some twice */
    struct wb_people changed;     /* of the channel's groups */
    int64_t changed_from_us;
    bool looks_at_all;     /* the next frame compares everybody: time alone moves people too */
    uint64_t readers_hash; /* of what was told of them last */
    struct stream *streams;
    int64_t left_us; /* when the last stream went; 0: there are some */
};

struct channels {
    struct wb *wb;
    struct channel *all;
    uint64_t numbers;
    char boot[9]; /* of this start: numbers of another mean nothing */
    int64_t last_sweep_us, last_comment_us, last_readers_us;
};

/* Find or make the channel of a scope and a zone, or of its counts alone. NULL: status says why. */
struct channel *channels_join(struct channels *channels, const struct scope *scope, wb_zone zone,
                              bool counts, int64_t now_us, wb_status *status);

/* A turn has ended: whom it says something about. */
void channels_hear(struct channels *channels, const struct wb_news *news);

/* The register of people is another: somebody may be of a group, or of one no more. */
void channels_register(struct channels *channels);

/* The site's description is another: everybody loads anew. */
void channels_reset(struct channels *channels);

/* Forget what was written so far: who is not up to date loads anew. */
void channels_forget(struct channels *channels);

/* Write the frames that are due. Whoever waits for one is woken (stream_wake). */
void channels_tell(struct channels *channels, int64_t now_us);

struct document;

/* Put a document as the next frame; it is ended by that. */
void channels_put(struct channels *channels, struct channel *channel, const char *event,
                  struct document *document);

void channels_done(struct channels *channels);

/* In stream.c: its channel has something new. */
void stream_wake(struct stream *streams);

#endif
