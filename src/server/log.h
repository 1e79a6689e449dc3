/* log: one JSON object a line on standard error. Nobody's name, whereabouts, token or query is
 * ever in it: events and fixed words, addresses of machines, numbers. */
#ifndef SERVER_LOG_H
#define SERVER_LOG_H

#include <stdint.h>

enum log_level { LOG_INFO, LOG_WARNING, LOG_ERROR };

/* Write {"time","level","event", NAME: number}. name may be NULL. */
void log_event(enum log_level level, const char *event, const char *name, int64_t number);

/* The same with a text. */
void log_text(enum log_level level, const char *event, const char *name, const char *text);

#endif
