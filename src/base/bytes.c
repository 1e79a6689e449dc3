#include "base/bytes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"

static bool room(struct bytes_out *out, size_t more)
{
    if (out->failed) return false;
    if (LIST_ROOM(out, more)) return true;
    out->failed = true;
    return false;
}

void bytes_out_done(struct bytes_out *out)
{
    free(out->at);
    *out = (struct bytes_out){0};
}

void bytes_put(struct bytes_out *out, const void *data, size_t bytes)
{
    if (bytes == 0 || !room(out, bytes)) return;
    memcpy(out->at + out->count, data, bytes);
    out->count += bytes;
}

void bytes_put_u8(struct bytes_out *out, uint8_t value)
{
    if (!room(out, 1)) return;
    out->at[out->count++] = value;
}

void bytes_put_u32(struct bytes_out *out, uint32_t value)
{
    if (!room(out, 4)) return;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap32(value);
#endif
    memcpy(out->at + out->count, &value, sizeof value);
    out->count += sizeof value;
}

void bytes_put_varint(struct bytes_out *out, uint64_t value)
{
    if (!room(out, 10)) return;
    while (value >= 0x80) {
        out->at[out->count++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    out->at[out->count++] = (uint8_t)value;
}

void bytes_put_signed(struct bytes_out *out, int64_t value)
{
    bytes_put_varint(out, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

void bytes_put_pending(struct bytes_out *out)
{
    bytes_put_u32(out, (uint32_t)out->pending);
    out->pending >>= 32;
    out->pending_bits -= 32;
}

void bytes_put_align(struct bytes_out *out)
{
    while (out->pending_bits > 0) {
        bytes_put_u8(out, (uint8_t)out->pending);
        out->pending >>= 8;
        out->pending_bits -= out->pending_bits < 8 ? out->pending_bits : 8;
    }
    out->pending = 0;
}

uint8_t bytes_get_u8(struct bytes_in *in)
{
    if (in->left < 1) {
        in->bad = true;
        return 0;
    }
    in->left--;
    return *in->at++;
}

uint32_t bytes_get_u32(struct bytes_in *in)
{
    const uint8_t *four = bytes_get(in, 4);
    if (four == NULL) return 0;
    return four[0] | (uint32_t)four[1] << 8 | (uint32_t)four[2] << 16 | (uint32_t)four[3] << 24;
}

uint64_t bytes_get_varint(struct bytes_in *in)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = bytes_get_u8(in);
        if (in->bad) return 0;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            if (shift == 63 && byte > 1) break;
            return value;
        }
    }
    in->bad = true;
    return 0;
}

int64_t bytes_get_signed(struct bytes_in *in)
{
    uint64_t coded = bytes_get_varint(in);
    return (int64_t)(coded >> 1 ^ (coded & 1 ? UINT64_MAX : 0));
}

uint64_t bytes_get_bounded(struct bytes_in *in, uint64_t max)
{
    uint64_t value = bytes_get_varint(in);
    if (value <= max) return value;
    in->bad = true;
    return 0;
}

const uint8_t *bytes_get(struct bytes_in *in, size_t bytes)
{
    if (in->bad || in->left < bytes) {
        in->bad = true;
        return NULL;
    }
    const uint8_t *here = in->at;
    in->at += bytes;
    in->left -= bytes;
    return here;
}

bool bits_open(struct bytes_in *in, uint64_t bits, struct bits_in *out)
{
    if (bits > UINT32_MAX * UINT64_C(64)) in->bad = true;
    const uint8_t *region = bytes_get(in, (size_t)((bits + 7) / 8));
    if (region == NULL) return false;
    *out = (struct bits_in){.at = region};
    return true;
}
