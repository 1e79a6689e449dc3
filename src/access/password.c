#include "access/password.h"

#include <sodium.h>
#include <stdio.h>

_Static_assert(PASSWORD_HASH_BYTES == crypto_pwhash_STRBYTES, "as long as libsodium's");

/* Nobody's: 16 bytes of salt and 32 of hash that no password is known for, at the same cost. */
static const char NOBODY[PASSWORD_HASH_BYTES] =
    "$argon2id$v=19$m=65536,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

wb_status password_check(const char *password, size_t bytes, struct wb_fault *why)
{
    (void)password;
    if (bytes >= PASSWORD_BYTES_MIN && bytes <= PASSWORD_BYTES_MAX) return WB_OK;
    if (why != NULL) {
        *why = (struct wb_fault){0};
        (void)snprintf(why->text, sizeof why->text, "a password has at least %u bytes%s",
                       PASSWORD_BYTES_MIN,
                       bytes > PASSWORD_BYTES_MAX ? " and at most 1024" : "; a few words make one");
    }
    return WB_EREFUSED;
}

wb_status password_hash(const char *password, size_t bytes, char out[PASSWORD_HASH_BYTES])
{
    return crypto_pwhash_str(out, password, bytes, PASSWORD_PASSES, PASSWORD_MEMORY_BYTES) == 0
               ? WB_OK
               : WB_ENOMEM;
}

bool password_is(const char *hash, const char *password, size_t bytes)
{
    if (bytes > PASSWORD_BYTES_MAX) return false;
    char known[PASSWORD_HASH_BYTES] = "";
    (void)snprintf(known, sizeof known, "%s", hash != NULL ? hash : NOBODY);
    int wrong = crypto_pwhash_str_verify(known, password, bytes);
    return hash != NULL && wrong == 0;
}
