#include "api/exchange.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/password_work.h"
#include "base/text.h"

static void set(struct exchange *x, unsigned status)
{
    assert(x->status == 0 && status != 0);
    x->status = status;
}

void exchange_json(struct exchange *x, unsigned status, struct answer *document)
{
    set(x, status);
    x->document = *document;
    *document = (struct answer){0};
}

void exchange_text(struct exchange *x, unsigned status, const char *type, const char *text,
                   size_t bytes)
{
    set(x, status);
    x->response = response_text(type, text, bytes, false);
}

void exchange_problem(struct exchange *x, unsigned status, const char *word, const char *detail)
{
    set(x, status);
    x->response = response_problem(status, word, detail);
}

void exchange_refuse(struct exchange *x, unsigned status, const char *word, const char *format, ...)
{
    char detail[600];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    /* A long name may have been cut in the middle of a character. */
    while (!text_is_utf8(detail, strlen(detail)))
        detail[strlen(detail) - 1] = '\0';
    exchange_problem(x, status, word, detail);
}

void exchange_busy(struct exchange *x, const char *detail)
{
    exchange_problem(x, 503, "busy", detail);
    response_header(x->response, "Retry-After", "1");
}

void exchange_nothing(struct exchange *x)
{
    set(x, 204);
    x->response = response_nothing();
}

void exchange_failed(struct exchange *x, wb_status status, const struct wb_fault *why)
{
    const char *text = why != NULL && why->text[0] != '\0' ? why->text : wb_last_error(x->wb);

    switch (status) {
    case WB_EREFUSED:
        exchange_problem(x, 409, "refused", text);
        return;
    case WB_ENOENT:
        exchange_problem(x, 404, "not-found", "there is nobody and nothing of that name");
        return;
    case WB_EINVAL:
        exchange_problem(x, 400, "bad-request", "that cannot be taken as it is");
        return;
    case WB_EFULL:
        exchange_problem(x, 400, "too-much", "that is more than one answer or one turn holds");
        return;
    case WB_ENOMEM:
        exchange_problem(x, 503, "busy", "memory is used up; ask for less at a time");
        return;
    case WB_OK:
    case WB_EIO:
    case WB_EBUSY:
    case WB_EDAMAGED:
    case WB_ESTOPPED:
        break;
    }
    exchange_problem(x, 500, "storage", "the site's file cannot be read or written");
}

void exchange_answer(struct exchange *x, wb_status status, struct answer *document)
{
    if (status == WB_OK) {
        exchange_json(x, 200, document);
    } else {
        exchange_failed(x, status, NULL);
    }
}

void exchange_document(struct exchange *x, unsigned status, struct document *document)
{
    struct answer answer = {0};

    if (document_end(document, WB_OK, &answer) != WB_OK) response_no_memory();
    exchange_json(x, status, &answer);
}

void exchange_finish(struct exchange *x)
{
    assert(x->status != 0);
    if (x->response != NULL) return;

    x->response = response_text(RESPONSE_JSON, x->document.text, x->document.bytes, true);
    x->document.text = NULL;
    answer_done(&x->document);
}

void exchange_drop(struct exchange *x)
{
    if (x->response != NULL && !x->is_shared) MHD_destroy_response(x->response);
    answer_done(&x->document);
    x->response = NULL;
    x->status = 0;
    x->is_shared = x->has_cookie = false;
}

void exchange_done(struct exchange *x)
{
    exchange_drop(x);
    if (x->reach_is_open) reach_close(&x->reach);
    x->reach_is_open = false;
    caller_done(&x->caller);
    password_work_free(x->password);
    x->password = NULL;
}

char *exchange_question(const struct exchange *x)
{
    char *text = NULL;
    size_t bytes = 0;
    size_t part = 0;
    FILE *out = open_memstream(&text, &bytes);

    if (out == NULL) response_no_memory();
    for (const char *at = x->right->pattern; *at != '\0';) {
        if (*at != '{') {
            (void)fputc(*at++, out);
            continue;
        }
        (void)fputs(x->part[part++].at, out);
        at = strchr(at, '}') + 1;
    }
    for (unsigned i = 0; i < x->request->parameter_count; i++) {
        const struct request_parameter *parameter = &x->request->parameter[i];
        (void)fprintf(out, "%c%s=%s", i == 0 ? '?' : '&', parameter->name, parameter->value);
    }
    if (fclose(out) != 0) response_no_memory();
    return text;
}
