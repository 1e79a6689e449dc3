/* GET and PUT /v1/purposes: {"purposes":["care","safety"]}. */
#include "api/purposes.h"

#include <stdlib.h>
#include <string.h>

#include "api/asking.h"
#include "api/resources.h"

#define PURPOSES_MAX 64u

/* The list as JSON; an empty one where the site has none. The caller's to json_decref. */
static json_t *read_list(struct exchange *x)
{
    char *text = NULL;
    size_t bytes = 0;
    json_t *list = NULL;

    if (wb_document(x->wb, "purposes", &text, &bytes) == WB_OK) {
        list = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, NULL);
    }
    wb_release_memory(text);
    if (!json_is_array(list)) {
        json_decref(list);
        list = json_array();
    }
    if (list == NULL) response_no_memory();
    return list;
}

void purposes_put_list(struct exchange *x, struct document *document)
{
    json_t *list = read_list(x);

    document_array(document, "purposes");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *text = json_array_get(list, i);
        if (json_is_string(text)) document_text(document, NULL, json_string_value(text));
    }
    document_array_end(document);
    json_decref(list);
}

bool purposes_has(struct exchange *x, const char *purpose)
{
    json_t *list = read_list(x);
    bool found = json_array_size(list) == 0;

    for (size_t i = 0; i < json_array_size(list) && !found; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        found = text != NULL && strcmp(text, purpose) == 0;
    }
    json_decref(list);
    return found;
}

static void answer_list(struct exchange *x)
{
    struct document document;

    document_begin(&document);
    purposes_put_list(x, &document);
    exchange_document(x, 200, &document);
}

void purposes_get(struct exchange *x)
{
    if (asking_knows(x, "")) answer_list(x);
}

static bool is_list(struct exchange *x, const json_t *list)
{
    bool right = json_is_array(list) && json_array_size(list) <= PURPOSES_MAX;

    for (size_t i = 0; right && i < json_array_size(list); i++) {
        const json_t *text = json_array_get(list, i);
        right = json_is_string(text) && json_string_length(text) > 0 &&
                json_string_length(text) <= ACCESS_TEXT_BYTES_MAX;
    }
    if (!right) {
        exchange_refuse(x, 400, "bad-body",
                        "\"purposes\" is a list of at most %u texts of 1 to %u bytes", PURPOSES_MAX,
                        ACCESS_TEXT_BYTES_MAX);
    }
    return right;
}

/* What is put is durable, and read again, only after this turn: the answer is made of it. */
static void put_list(struct exchange *x, const json_t *list)
{
    struct document document;

    char *text = json_dumps(list, JSON_COMPACT);
    if (text == NULL) response_no_memory();
    wb_status status = wb_document_put(x->wb, "purposes", text, strlen(text));
    free(text);
    if (status != WB_OK) {
        exchange_failed(x, status, NULL);
        return;
    }
    document_begin(&document);
    document_array(&document, "purposes");
    for (size_t i = 0; i < json_array_size(list); i++)
        document_text(&document, NULL, json_string_value(json_array_get(list, i)));
    document_array_end(&document);
    exchange_document(x, 200, &document);
}

void purposes_put(struct exchange *x)
{
    json_t *body;

    if (!asking_knows(x, "") || !asking_object(x, "purposes", &body)) return;
    const json_t *list = json_object_get(body, "purposes");
    if (is_list(x, list)) put_list(x, list);
    json_decref(body);
}
