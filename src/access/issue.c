/* Credentials into the open turn. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access/callers.h"
#include "base/chip.h"

#define INVITATION "first"

static wb_status refuse(struct wb_fault *why, const char *sentence)
{
    if (why != NULL) {
        *why = (struct wb_fault){0};
        (void)snprintf(why->text, sizeof why->text, "%s", sentence);
    }
    return WB_EREFUSED;
}

static bool text_fits(const char *text)
{
    return text == NULL || strlen(text) <= ACCESS_TEXT_BYTES_MAX;
}

/* The credential's fields that an account has; its limits as text. */
static wb_status put_account(struct wb *wb, const struct account *account)
{
    char *scope = scope_text(&account->scope);
    if (scope == NULL) return WB_ENOMEM;
    struct wb_credential credential = {.kind = account->kind,
                                       .name = account->name,
                                       .role = access_role_word(account->role),
                                       .secret = account->secret,
                                       .scope = scope,
                                       .holder = account->holder != NULL ? account->holder : "",
                                       .purpose = account->purpose != NULL ? account->purpose : "",
                                       .made_us = account->made_us,
                                       .expires_us = account->expires_us};
    wb_status status = wb_credential_put(wb, &credential);
    free(scope);
    return status;
}

wb_status issue_operator(struct wb *wb, const struct account *given, struct wb_fault *why)
{
    const char *name = given->name;
    if (name == NULL || strlen(name) > ACCESS_NAME_BYTES_MAX || !id_is_valid(name, strlen(name))) {
        return refuse(why, "an operator's name is 1 to 64 bytes without control characters");
    }
    if (given->role < ACCESS_VIEWER) {
        return refuse(why, "an operator's role is admin, warden or viewer");
    }
    if (given->role == ACCESS_ADMIN && !scope_is_empty(&given->scope)) {
        return refuse(why, "an admin has no limits; make a warden or a viewer");
    }
    if (given->scope.list[SCOPE_READERS].count > 0) {
        return refuse(why, "readers limit tokens of the role reader only");
    }
    if (given->secret == NULL || given->secret[0] == '\0') {
        return refuse(why, "an operator needs a password");
    }
    struct account account = *given;
    account.kind = WB_OPERATOR;
    account.expires_us = WB_STILL_THERE;
    return put_account(wb, &account);
}

static wb_status check_token(const struct account *token, struct wb_fault *why)
{
    const struct scope_ids *list = token->scope.list;
    if (token->role == ACCESS_ANONYMOUS) {
        return refuse(why, "a token's role is admin, warden, viewer or reader");
    }
    if (token->role != ACCESS_READER && list[SCOPE_READERS].count > 0) {
        return refuse(why, "readers limit tokens of the role reader only");
    }
    if (token->role == ACCESS_READER && list[SCOPE_ZONES].count + list[SCOPE_GROUPS].count > 0) {
        return refuse(why, "a token of the role reader sees nobody; limit it to readers instead");
    }
    if (token->role == ACCESS_ADMIN && !scope_is_empty(&token->scope)) {
        return refuse(why, "an admin has no limits; make a warden or a viewer");
    }
    if (!text_fits(token->purpose)) return refuse(why, "a purpose has at most 500 bytes");
    return WB_OK;
}

wb_status issue_token(struct wb *wb, const struct account *token,
                      const uint8_t random[ACCESS_TOKEN_RANDOM_BYTES], char id[16],
                      struct secret *secret, struct wb_fault *why)
{
    wb_status status = check_token(token, why);
    if (status != WB_OK) return status;
    struct secret_hash hash;
    char hex[2 * ACCESS_TOKEN_ID_BYTES + 1];
    (void)sodium_bin2hex(hex, sizeof hex, random + SECRET_BYTES, ACCESS_TOKEN_ID_BYTES);
    (void)snprintf(id, 16, "t-%s", hex);
    secret_make(random, secret);
    secret_hash(secret, &hash);
    struct account account = *token;
    account.kind = WB_TOKEN;
    account.name = id;
    account.secret = hash.hex;
    return put_account(wb, &account);
}

wb_status issue_invitation(struct wb *wb, const uint8_t random[SECRET_BYTES], int64_t now_us,
                           struct secret *code)
{
    struct secret_hash hash;
    secret_make(random, code);
    secret_hash(code, &hash);
    struct wb_credential credential = {.kind = WB_INVITATION,
                                       .name = INVITATION,
                                       .role = access_role_word(ACCESS_ADMIN),
                                       .secret = hash.hex,
                                       .scope = "",
                                       .holder = "",
                                       .purpose = "",
                                       .made_us = now_us,
                                       .expires_us = now_us + ACCESS_INVITATION_US};
    return wb_credential_put(wb, &credential);
}

wb_status issue_session(struct wb *wb, const struct session *session, const char *operator_name,
                        const char *purpose)
{
    char text[SESSION_TEXT_BYTES];
    if (strlen(purpose) > ACCESS_TEXT_BYTES_MAX) return WB_EINVAL;
    session_write(session, text);
    struct wb_credential credential = {.kind = WB_SESSION,
                                       .name = session->id,
                                       .role = "",
                                       .secret = session->hash.hex,
                                       .scope = text,
                                       .holder = operator_name,
                                       .purpose = purpose,
                                       .made_us = session->made_us,
                                       .expires_us = session_expires_us(session)};
    return wb_credential_put(wb, &credential);
}

wb_status revoke_operator(struct wb *wb, const char *name)
{
    wb_status status = wb_credentials_remove_held(wb, WB_SESSION, name);
    return status == WB_OK ? wb_credential_remove(wb, WB_OPERATOR, name) : status;
}
