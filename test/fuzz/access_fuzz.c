/* Headers that carry a secret, a scope and a session's text, from strangers. The first byte says
 * which. What is taken must come out again as it went in. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "access/callers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void try_headers(const char *text, size_t bytes)
{
    struct secret secret;
    if (secret_from_bearer(text, bytes, &secret)) {
        assert(strlen(secret.text) == SECRET_TEXT_BYTES);
    }
    if (secret_from_cookie(text, bytes, ACCESS_COOKIE, &secret)) {
        struct secret again;
        assert(secret_read(secret.text, strlen(secret.text), &again));
        assert(memcmp(&again, &secret, sizeof secret) == 0);
    }
}

static void try_scope(const char *text, size_t bytes)
{
    struct scope scope = {0};
    struct scope again = {0};
    if (scope_read(text, bytes, &scope, NULL) != WB_OK) {
        assert(scope_is_empty(&scope));
        return;
    }
    char *written = scope_text(&scope);
    assert(written != NULL && scope_read(written, strlen(written), &again, NULL) == WB_OK);
    char *twice = scope_text(&again);
    assert(twice != NULL && strcmp(written, twice) == 0);
    free(written);
    free(twice);
    scope_done(&scope);
    scope_done(&again);
}

static void try_session(const char *text)
{
    struct session session = {.made_us = 1};
    struct session again = session;
    char written[SESSION_TEXT_BYTES];
    if (!session_read(text, &session)) return;
    session_write(&session, written);
    assert(session_read(written, &again));
    assert(again.rotated_us == session.rotated_us && again.old_until_us == session.old_until_us);
    assert(strcmp(again.old.hex, session.old.hex) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes == 0) return 0;
    char *text = malloc(bytes);
    assert(text != NULL);
    memcpy(text, data + 1, bytes - 1);
    text[bytes - 1] = '\0';
    switch (data[0] % 3) {
    case 0:
        try_headers(text, bytes - 1);
        break;
    case 1:
        try_scope(text, bytes - 1);
        break;
    default:
        try_session(text);
    }
    free(text);
    return 0;
}
