/* prompt: a password from whoever sits at the terminal, or from standard input. */
#ifndef TOOL_PROMPT_H
#define TOOL_PROMPT_H

#include <stddef.h>

#include "access/password.h"

struct prompt_password {
    char text[PASSWORD_BYTES_MAX + 2];
    size_t bytes;
};

/* Ask for a new password of somebody: twice and without showing it on a terminal, else one line of
 * standard input. Refuses what cannot be one. Returns an exit status; wipe it with prompt_wipe. */
int prompt_new_password(const char *name, struct prompt_password *out);
void prompt_wipe(struct prompt_password *password);

#endif
