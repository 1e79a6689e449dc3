/* refusal: documents as tests write them, with ' for " and ^ where the fault is.
 *
 *   assert_refused("{'id':'larch','timezone':^7}", "must be a text", "Europe/London") */
#ifndef UNIT_SITE_REFUSAL_H
#define UNIT_SITE_REFUSAL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "site/description.h"

/* A document of its own size on the heap, so that a byte read beyond it is found. */
struct written {
    char *json;
    size_t bytes;
    int line;
    int column;
};

static inline struct written written(const char *text)
{
    struct written document = {malloc(strlen(text) + 1), 0, 0, 0};
    int line = 1;
    int column = 1;
    assert_non_null(document.json);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '^') {
            document.line = line;
            document.column = column;
            continue;
        }
        document.json[document.bytes++] = *c == '\'' ? '"' : *c;
        column++;
        if (*c == '\n') {
            line++;
            column = 1;
        }
    }
    document.json = realloc(document.json, document.bytes + 1);
    assert_non_null(document.json);
    return document;
}

static inline void assert_read(const char *text, struct description *out)
{
    struct written document = written(text);
    struct wb_fault why = {0};
    wb_status status = description_read(document.json, document.bytes, out, &why);
    memset(document.json, '#', document.bytes); /* what was read must not point there */
    free(document.json);
    assert_string_equal(why.text, "");
    assert_int_equal(status, WB_OK);
}

/* Refused where the ^ stands, with a sentence that holds both words. */
static inline void assert_refused(const char *text, const char *what, const char *way_out)
{
    struct written document = written(text);
    struct description untouched = {.zone_count = 77};
    struct wb_fault why = {0};
    wb_status status = description_read(document.json, document.bytes, &untouched, &why);
    free(document.json);
    assert_int_equal(status, WB_EREFUSED);
    assert_int_equal(untouched.zone_count, 77);
    if (strstr(why.text, what) == NULL || strstr(why.text, way_out) == NULL)
        fail_msg("\"%s\" and \"%s\" are not in: %s", what, way_out, why.text);
    assert_int_equal(why.line, document.line);
    assert_int_equal(why.column, document.column);
    assert_null(strpbrk(why.text, "\r\n\t\x1b"));
}

/* The members of a small site around zones and readers. */
#define SITE(more)      "{'id':'larch','timezone':'UTC'," more "}"
#define ZONES(zones)    SITE("'zones':[" zones "]")
#define READERS(reader) SITE(TREE ",'readers':[" reader "]")
#define TREE            "'zones':[{'id':'house'},{'id':'hall','in':'house'},{'id':'yard'}]"

#endif
