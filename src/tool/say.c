#include "tool/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* One write for one sentence, so that two programs on one terminal do not mix theirs. */
static void sentence(const char *before, const char *format, va_list arguments)
{
    char text[2048];
    int bytes = vsnprintf(text, sizeof text, format, arguments);
    if (bytes < 0) return;

    for (char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = '?';
    }
    (void)fprintf(stderr, "%s%s\n", before, text);
}

int say(int status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    sentence("whereabouts: ", format, arguments);
    va_end(arguments);
    return status;
}

void say_note(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    sentence("", format, arguments);
    va_end(arguments);
}

_Noreturn void say_no_memory(void)
{
    static const char text[] = "whereabouts: memory is used up; ask for less at a time\n";

    ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
    (void)written; /* there is nowhere left to say it */
    _exit(SAY_NO_FILE);
}

int say_status(wb_status status)
{
    switch (status) {
    case WB_OK:
        return SAY_DONE;
    case WB_EFULL:
    case WB_ENOENT:
    case WB_EREFUSED:
    case WB_ESTOPPED:
        return SAY_NO;
    case WB_EINVAL:
        return SAY_WRONG_USE;
    case WB_EIO:
    case WB_EBUSY:
    case WB_EDAMAGED:
    case WB_ENOMEM:
        return SAY_NO_FILE;
    }
    return SAY_NO_FILE;
}
