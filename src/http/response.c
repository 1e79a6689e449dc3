#include "http/response.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void response_no_memory(void)
{
    (void)fputs("{\"level\":\"error\",\"event\":\"memory is used up\"}\n", stderr);
    abort();
}

void response_header(struct MHD_Response *response, const char *name, const char *value)
{
    if (MHD_add_response_header(response, name, value) != MHD_YES) response_no_memory();
}

void response_api_headers(struct MHD_Response *response)
{
    response_header(response, "Cache-Control", "no-store");
    response_header(response, "X-Content-Type-Options", "nosniff");
    response_header(response, "Content-Security-Policy",
                    "default-src 'none'; frame-ancestors 'none'");
}

static struct MHD_Response *finish(struct MHD_Response *response, const char *type)
{
    if (response == NULL) response_no_memory();
    response_header(response, "Content-Type", type);
    response_api_headers(response);
    return response;
}

struct MHD_Response *response_text(const char *type, const char *text, size_t bytes, bool take)
{
    return finish(MHD_create_response_from_buffer(
                      bytes, (void *)text, take ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_MUST_COPY),
                  type);
}

struct MHD_Response *response_nothing(void)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);

    if (response == NULL) response_no_memory();
    response_api_headers(response);
    return response;
}

struct MHD_Response *response_text_only(const char *type, const char *text, size_t bytes)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(bytes, (void *)text, MHD_RESPMEM_MUST_COPY);

    if (response == NULL) response_no_memory();
    response_header(response, "Content-Type", type);
    return response;
}

struct MHD_Response *response_static(const char *type, const void *bytes, size_t count)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(count, (void *)bytes, MHD_RESPMEM_PERSISTENT);

    if (response == NULL) response_no_memory();
    response_header(response, "Content-Type", type);
    return response;
}

const char *response_title(unsigned status)
{
    const char *title = MHD_get_reason_phrase_for(status);
    return title != NULL ? title : "Problem";
}

struct MHD_Response *response_problem(unsigned status, const char *word, const char *detail)
{
    char type[128];

    (void)snprintf(type, sizeof type, "urn:whereabouts:problem:%s", word);
    json_t *document = json_pack("{s:s, s:s, s:i, s:s}", "type", type, "title",
                                 response_title(status), "status", (int)status, "detail", detail);
    char *text = document != NULL ? json_dumps(document, JSON_COMPACT) : NULL;
    json_decref(document);
    if (text == NULL) response_no_memory();
    return response_text(RESPONSE_PROBLEM, text, strlen(text), true);
}
