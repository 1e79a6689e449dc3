/* password: what operators sign in with, kept as a hash by Argon2id.
 *
 * Hashing and checking take some tenths of a second and PASSWORD_MEMORY_BYTES of memory: call them
 * on a worker thread, one at a time. They touch nothing but their arguments. */
#ifndef ACCESS_PASSWORD_H
#define ACCESS_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#include "whereabouts/types.h"

/* RFC 9106, 4: the second recommended option, t=3 and 64 MiB (libsodium has one lane). */
#define PASSWORD_PASSES       3u
#define PASSWORD_MEMORY_BYTES ((size_t)64 << 20)

#define PASSWORD_BYTES_MIN  10u
#define PASSWORD_BYTES_MAX  1024u
#define PASSWORD_HASH_BYTES 128u /* with the NUL */

/* Whether it may be one. errors: WB_EREFUSED too short or too long; why says so */
wb_status password_check(const char *password, size_t bytes, struct wb_fault *why);

/* errors: WB_ENOMEM there is not the memory for it */
wb_status password_hash(const char *password, size_t bytes, char out[PASSWORD_HASH_BYTES]);

/* Whether it is the password of a hash. NULL, of an operator who is not there: false, after as
 * long a time. */
bool password_is(const char *hash, const char *password, size_t bytes);

#endif
