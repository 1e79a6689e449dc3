/* secret: tokens, cookies and codes.
 *
 * A secret is 32 random bytes; as text "wb_" and 43 letters of base64url. Kept is its BLAKE2b hash
 * as hex, without key or salt: 256 random bits can neither be guessed nor looked up in a table, and
 * the hash finds its credential in one step. Who finds by a hash learns nothing from how long it
 * took: nobody can choose a secret for its hash. */
#ifndef ACCESS_SECRET_H
#define ACCESS_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECRET_BYTES      32u
#define SECRET_TEXT_BYTES 46u /* without the NUL */
#define SECRET_HASH_BYTES 64u /* hex, without the NUL */

struct secret {
    char text[SECRET_TEXT_BYTES + 1];
};

struct secret_hash {
    char hex[SECRET_HASH_BYTES + 1];
};

/* The text of 32 random bytes. */
void secret_make(const uint8_t random[SECRET_BYTES], struct secret *out);

/* What is kept of it. */
void secret_hash(const struct secret *secret, struct secret_hash *out);

/* Compare in a time that does not depend on where they differ. */
bool secret_hash_equal(const char *a, const char *b);

/* Read a text that is one secret and nothing else. */
bool secret_read(const char *text, size_t bytes, struct secret *out);

/* Read the header Authorization: "Bearer SECRET", the scheme in any case. */
bool secret_from_bearer(const char *header, size_t bytes, struct secret *out);

/* Read a cookie of the header Cookie. false: not there, there more than once, or not a secret. */
bool secret_from_cookie(const char *header, size_t bytes, const char *name, struct secret *out);

#endif
