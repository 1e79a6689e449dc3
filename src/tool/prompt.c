#include "tool/prompt.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "tool/say.h"

void prompt_wipe(struct prompt_password *password)
{
    sodium_memzero(password, sizeof *password);
}

/* One line of standard input, without its end. Byte by byte: a buffer would keep a copy. */
static int read_line(struct prompt_password *out)
{
    out->bytes = 0;
    for (;;) {
        char c;
        ssize_t got = read(STDIN_FILENO, &c, 1);
        if (got < 0) return say(SAY_NO, "the password could not be read");
        if (got == 0 || c == '\n') break;
        if (out->bytes < sizeof out->text - 1) out->text[out->bytes++] = c;
    }
    if (out->bytes > 0 && out->text[out->bytes - 1] == '\r') out->bytes--;
    out->text[out->bytes] = '\0';
    return SAY_DONE;
}

static int ask(const char *what, const char *name, struct prompt_password *out)
{
    (void)fprintf(stderr, "%s %s: ", what, name);
    int status = read_line(out);
    (void)fputc('\n', stderr);
    return status;
}

static int ask_twice(const char *name, struct prompt_password *out)
{
    struct prompt_password again = {0};
    int status = ask("password of", name, out);
    if (status == SAY_DONE) status = ask("once more, password of", name, &again);
    bool same = status == SAY_DONE && again.bytes == out->bytes &&
                sodium_memcmp(again.text, out->text, out->bytes) == 0;
    prompt_wipe(&again);
    if (status != SAY_DONE || same) return status;
    return say(SAY_NO, "the two are not the same; nothing was changed");
}

/* The terminal shows nothing meanwhile. */
static int ask_unseen(const char *name, struct prompt_password *out)
{
    struct termios was;
    if (tcgetattr(STDIN_FILENO, &was) != 0) return say(SAY_NO, "the terminal cannot be asked");
    struct termios unseen = was;
    unseen.c_lflag &= ~(tcflag_t)ECHO;
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen) != 0) {
        return say(SAY_NO, "the terminal cannot be kept from showing the password");
    }
    int status = ask_twice(name, out);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
    return status;
}

int prompt_new_password(const char *name, struct prompt_password *out)
{
    struct wb_fault why = {0};
    int status = isatty(STDIN_FILENO) ? ask_unseen(name, out) : read_line(out);
    if (status != SAY_DONE) return status;
    if (password_check(out->text, out->bytes, &why) == WB_OK) return SAY_DONE;
    return say(SAY_NO, "%s; nothing was changed", why.text);
}
