/* screen: what the place that we print to can show.
 *
 * Colour and progress only on a terminal; characters beyond ASCII only where the locale is
 * UTF-8. The only file of the program that reads the environment and the locale. */
#ifndef TOOL_SCREEN_H
#define TOOL_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct screen {
    bool terminal;
    bool utf8;
    bool colour; /* a terminal that knows colours, and NO_COLOR is not set */
    int columns; /* of the terminal; else of $COLUMNS; else 80 */
};

/* Take the locale of the user. Once, at the start of the program, before any thread. */
void screen_begin(void);

/* What a stream can show. */
struct screen screen_of(FILE *stream);

/* The value of an environment variable; NULL when it is not set or empty. Borrowed. */
const char *screen_environment(const char *name);

/* How many columns a text takes. Bytes that are no UTF-8 take one each. */
size_t screen_width(const char *text);

/* Print a text as it may stand on a terminal: control characters (also those of C1) and
 * broken bytes become '?'. */
void screen_print(const char *text, FILE *stream);

#endif
