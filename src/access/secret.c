#include "access/secret.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static const char PREFIX[] = "wb_";

#define PREFIX_BYTES (sizeof PREFIX - 1)
#define BASE64       sodium_base64_VARIANT_URLSAFE_NO_PADDING

void secret_make(const uint8_t random[SECRET_BYTES], struct secret *out)
{
    memcpy(out->text, PREFIX, PREFIX_BYTES);
    (void)sodium_bin2base64(out->text + PREFIX_BYTES, sizeof out->text - PREFIX_BYTES, random,
                            SECRET_BYTES, BASE64);
    assert(strlen(out->text) == SECRET_TEXT_BYTES);
}

void secret_hash(const struct secret *secret, struct secret_hash *out)
{
    uint8_t hash[SECRET_HASH_BYTES / 2];
    (void)crypto_generichash(hash, sizeof hash, (const uint8_t *)secret->text, SECRET_TEXT_BYTES,
                             NULL, 0);
    (void)sodium_bin2hex(out->hex, sizeof out->hex, hash, sizeof hash);
}

bool secret_hash_equal(const char *a, const char *b)
{
    if (strlen(a) != SECRET_HASH_BYTES || strlen(b) != SECRET_HASH_BYTES) return false;
    return sodium_memcmp(a, b, SECRET_HASH_BYTES) == 0;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

/* Every request shows one, and the hash decides; so its letters are looked at, not decoded. The
 * last has only four bits of the 256: in base64 the other two are zero (RFC 4648, 3.5). */
bool secret_read(const char *text, size_t bytes, struct secret *out)
{
    static const char last[] = "AEIMQUYcgkosw048";

    if (bytes != SECRET_TEXT_BYTES || memcmp(text, PREFIX, PREFIX_BYTES) != 0) return false;
    for (size_t i = PREFIX_BYTES; i < bytes; i++) {
        if (!is_letter(text[i])) return false;
    }
    if (strchr(last, text[bytes - 1]) == NULL) return false;
    memcpy(out->text, text, bytes);
    out->text[bytes] = '\0';
    return true;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool secret_from_bearer(const char *header, size_t bytes, struct secret *out)
{
    static const char scheme[] = "bearer";
    const size_t scheme_bytes = sizeof scheme - 1;
    if (bytes <= scheme_bytes) return false;
    for (size_t i = 0; i < scheme_bytes; i++) {
        if (lower(header[i]) != scheme[i]) return false;
    }
    size_t at = scheme_bytes;
    while (at < bytes && header[at] == ' ')
        at++;
    while (bytes > at && header[bytes - 1] == ' ')
        bytes--;
    return at > scheme_bytes && secret_read(header + at, bytes - at, out);
}

/* One pair of the header, "name=value", without the spaces around it. */
static bool is_named(const char *pair, size_t bytes, const char *name, size_t name_bytes)
{
    return bytes > name_bytes && pair[name_bytes] == '=' && memcmp(pair, name, name_bytes) == 0;
}

bool secret_from_cookie(const char *header, size_t bytes, const char *name, struct secret *out)
{
    size_t name_bytes = strlen(name);
    const char *value = NULL;
    size_t value_bytes = 0;
    for (size_t at = 0; at < bytes; at++) {
        while (at < bytes && (header[at] == ' ' || header[at] == '\t'))
            at++;
        size_t end = at;
        while (end < bytes && header[end] != ';')
            end++;
        size_t last = end;
        while (last > at && (header[last - 1] == ' ' || header[last - 1] == '\t'))
            last--;
        if (is_named(header + at, last - at, name, name_bytes)) {
            if (value != NULL) return false;
            value = header + at + name_bytes + 1;
            value_bytes = last - at - name_bytes - 1;
        }
        at = end;
    }
    return value != NULL && secret_read(value, value_bytes, out);
}
