#include "server/log.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "io/loop.h"

static void write_line(enum log_level level, const char *event, const char *name, json_t *value)
{
    static const char *const word[] = {"info", "warning", "error"};
    char time[TIME_TEXT_MAX];

    (void)time_format(clock_now_us(), time);
    json_t *line = json_pack("{s:s, s:s, s:s}", "time", time, "level", word[level], "event", event);
    if (name != NULL) (void)json_object_set(line, name, value);
    json_decref(value);
    char *text = json_dumps(line, JSON_COMPACT);
    json_decref(line);
    if (text != NULL) (void)fprintf(stderr, "%s\n", text);
    free(text);
}

void log_event(enum log_level level, const char *event, const char *name, int64_t number)
{
    write_line(level, event, name, json_integer(number));
}

void log_text(enum log_level level, const char *event, const char *name, const char *text)
{
    write_line(level, event, name, json_string(text));
}
