/* /v1/plan and /v1/plan/places: the site's drawing, and where its zones are on it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/asking.h"
#include "api/caller.h"
#include "api/resources.h"
#include "base/text.h"

#define PLACES_MAX     20000u
#define COORDINATE_MAX 1e9

/* ---- The drawing ---- */

/* It is shown as an image, where nothing in it runs; the header holds for who opens it by itself.
 */
void plan_get(struct exchange *x)
{
    char *text = NULL;
    size_t bytes = 0;

    if (!asking_knows(x, "v")) return;
    wb_status status = wb_document(x->wb, "plan", &text, &bytes);
    if (status == WB_ENOENT) {
        exchange_problem(x, 404, "not-found", "the site has no plan");
    } else if (status != WB_OK) {
        exchange_failed(x, status, NULL);
    } else {
        x->status = 200;
        x->response = response_text_only("image/svg+xml", text, bytes);
        response_header(x->response, "Cache-Control", "no-cache");
        response_header(x->response, "X-Content-Type-Options", "nosniff");
        response_header(x->response, "Content-Security-Policy",
                        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; "
                        "frame-ancestors 'none'");
    }
    wb_release_memory(text);
}

void plan_put(struct exchange *x)
{
    const char *body = x->request->body;
    size_t bytes = x->request->body_bytes;

    if (!asking_knows(x, "")) return;
    if (!asking_type_is(x, "image/svg+xml", false)) {
        exchange_problem(x, 415, "bad-media-type", "a plan is sent as image/svg+xml");
        return;
    }
    if (bytes > 0 && (!text_is_utf8(body, bytes) || memchr(body, '\0', bytes) != NULL ||
                      memmem(body, bytes, "<svg", 4) == NULL)) {
        exchange_problem(x, 400, "bad-body", "the plan is not an SVG drawing in UTF-8");
        return;
    }
    wb_status status = wb_document_put(x->wb, "plan", body, bytes);
    if (status != WB_OK) {
        exchange_failed(x, status, NULL);
    } else {
        exchange_nothing(x);
    }
}

/* ---- The places ---- */

static json_t *read_places(struct exchange *x)
{
    char *text = NULL;
    size_t bytes = 0;
    json_t *document = NULL;

    if (wb_document(x->wb, "places", &text, &bytes) == WB_OK) {
        document = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, NULL);
    }
    wb_release_memory(text);
    if (json_is_array(json_object_get(document, "places"))) return document;
    json_decref(document);
    document = json_pack("{s:[]}", "places");
    if (document == NULL) response_no_memory();
    return document;
}

static void answer_places(struct exchange *x, const json_t *document)
{
    char *text = json_dumps(document, JSON_COMPACT);

    if (text == NULL) response_no_memory();
    exchange_text(x, 200, RESPONSE_JSON, text, strlen(text));
    free(text);
}

void places_get(struct exchange *x)
{
    if (!asking_knows(x, "") || caller_reach(x) == NULL) return;
    json_t *document = read_places(x);
    json_t *places = json_object_get(document, "places");
    for (size_t i = json_array_size(places); caller_has_zones(x) && i-- > 0;) {
        const char *id = json_string_value(json_object_get(json_array_get(places, i), "zone"));
        wb_zone zone;
        if (id == NULL || wb_zone_find(x->wb, id, strlen(id), &zone) != WB_OK ||
            !reach_zone(&x->reach, zone)) {
            (void)json_array_remove(places, i);
        }
    }
    answer_places(x, document);
    json_decref(document);
}

static bool is_place(struct exchange *x, const json_t *place)
{
    static const char *const sides[] = {"x", "y", "w", "h"};
    const json_t *id = json_object_get(place, "zone");
    wb_zone zone;

    if (!json_is_string(id) || json_object_size(place) != 5 ||
        wb_zone_find(x->wb, json_string_value(id), json_string_length(id), &zone) != WB_OK) {
        return false;
    }
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
        const json_t *side = json_object_get(place, sides[i]);
        if (!json_is_number(side) || fabs(json_number_value(side)) > COORDINATE_MAX) return false;
    }
    return true;
}

static void put_places(struct exchange *x, const json_t *body)
{
    const json_t *places = json_object_get(body, "places");
    bool right = json_is_array(places) && json_array_size(places) <= PLACES_MAX &&
                 json_object_size(body) == 1;

    for (size_t i = 0; right && i < json_array_size(places); i++)
        right = is_place(x, json_array_get(places, i));
    if (!right) {
        exchange_problem(
            x, 400, "bad-body",
            "\"places\" is a list of {\"zone\",\"x\",\"y\",\"w\",\"h\"}: a zone of the "
            "site and numbers up to a thousand million");
        return;
    }
    char *text = json_dumps(body, JSON_COMPACT);
    if (text == NULL) response_no_memory();
    wb_status status = wb_document_put(x->wb, "places", text, strlen(text));
    free(text);
    if (status != WB_OK) {
        exchange_failed(x, status, NULL);
    } else {
        answer_places(x, body);
    }
}

void places_put(struct exchange *x)
{
    json_t *body;

    if (!asking_knows(x, "") || !asking_object(x, "places", &body)) return;
    put_places(x, body);
    json_decref(body);
}
