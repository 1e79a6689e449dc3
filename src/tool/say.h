/* say: what the program tells on standard error, and how it ends. */
#ifndef TOOL_SAY_H
#define TOOL_SAY_H

#include "whereabouts/types.h"

/* The exit statuses of the contract. */
enum {
    SAY_DONE = 0,
    SAY_NO = 1,        /* the answer is no, or something was refused (and what was said) */
    SAY_WRONG_USE = 2, /* the command line makes no sense */
    SAY_NO_FILE = 3,   /* the site file cannot be read or written */
};

/* Print "whereabouts: SENTENCE" and a line break on standard error. Returns status, so that
 * a command can say `return say(SAY_NO, ...)`. Control characters are shown as '?'. */
__attribute__((format(printf, 2, 3))) int say(int status, const char *format, ...);

/* The same without the program's name: a note beside the result. */
__attribute__((format(printf, 1, 2))) void say_note(const char *format, ...);

/* Memory is used up: say so and end at once. What was not committed is as if never asked. */
_Noreturn void say_no_memory(void);

/* The exit status that a failure of the library means. */
int say_status(wb_status status);

#endif
