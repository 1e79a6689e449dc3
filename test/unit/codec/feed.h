/* feed: bytes for a reader, in pieces as small as a test likes. */
#ifndef TEST_UNIT_CODEC_FEED_H
#define TEST_UNIT_CODEC_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct feed {
    const char *at;
    size_t left;
    size_t piece_bytes; /* at most this many at a time; 0: as many as are asked for */
    bool breaks;        /* at the end it fails */
};

static inline ptrdiff_t feed_fill(void *context, char *out, size_t out_bytes)
{
    struct feed *feed = context;
    size_t bytes = feed->left < out_bytes ? feed->left : out_bytes;
    if (feed->piece_bytes != 0 && bytes > feed->piece_bytes) bytes = feed->piece_bytes;
    if (bytes == 0 && feed->breaks) return -1;
    memcpy(out, feed->at, bytes);
    feed->at += bytes;
    feed->left -= bytes;
    return (ptrdiff_t)bytes;
}

/* Endless text: the same byte again and again, then a tail. */
struct flood {
    uint64_t left;
    char byte;
    struct feed tail;
};

static inline ptrdiff_t flood_fill(void *context, char *out, size_t out_bytes)
{
    struct flood *flood = context;
    if (flood->left == 0) return feed_fill(&flood->tail, out, out_bytes);
    size_t bytes = flood->left < out_bytes ? (size_t)flood->left : out_bytes;
    memset(out, flood->byte, bytes);
    flood->left -= bytes;
    return (ptrdiff_t)bytes;
}

/* The same numbers on every run (splitmix64). */
static inline uint64_t feed_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

#endif
