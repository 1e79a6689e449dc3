#include "api/dispatch.h"

#include <stdio.h>
#include <string.h>

#include "api/resources.h"

#define BODY_SCANS_BYTES ((size_t)8 << 20)
#define BODY_BYTES       ((size_t)64 << 10)

/* The functions of the rows of rights[], in their order. */
static const exchange_handler handlers[] = {
#define RIGHT(method, pattern, handler, kind, anonymous, reader, viewer, warden, admin) handler,
#include "access/rights.def"
#undef RIGHT
};

/* Whether a path has the pattern's form; what stands for its {..} begins at part[i]. */
static bool fits(const char *pattern, const char *path, struct text part[EXCHANGE_PARTS_MAX])
{
    size_t parts = 0;

    while (*pattern != '\0') {
        if (*pattern != '{') {
            if (*pattern++ != *path++) return false;
            continue;
        }
        size_t bytes = strcspn(path, "/");
        if (bytes == 0 || parts == EXCHANGE_PARTS_MAX) return false;
        part[parts++] = (struct text){path, bytes};
        path += bytes;
        pattern = strchr(pattern, '}') + 1;
    }
    return *path == '\0';
}

/* The parts lie in the request's own copy of the path: what ends each is overwritten with NUL. */
static bool decode(struct exchange *x, const struct text part[EXCHANGE_PARTS_MAX])
{
    for (size_t i = 0; i < EXCHANGE_PARTS_MAX && part[i].at != NULL; i++) {
        char *at = x->request->path + (part[i].at - x->request->path);
        at[part[i].bytes] = '\0';
        if (!request_decode(at, &x->part[i].bytes, false)) {
            exchange_problem(x, 400, "bad-request", "the path is malformed");
            return false;
        }
        x->part[i].at = at;
    }
    return true;
}

/* The methods that a path has, as Allow wants them. */
static void answer_method(struct exchange *x, const char *path)
{
    char allowed[64] = "";

    for (size_t i = 0; i < right_count; i++) {
        struct text part[EXCHANGE_PARTS_MAX] = {0};
        size_t bytes = strlen(allowed);
        const char *method = rights[i].method;
        if (!fits(rights[i].pattern, path, part) || bytes + strlen(method) + 3 > sizeof allowed) {
            continue;
        }
        (void)snprintf(allowed + bytes, sizeof allowed - bytes, "%s%s", bytes > 0 ? ", " : "",
                       method);
    }
    exchange_problem(x, 405, "method-not-allowed", "this path does not take that method");
    response_header(x->response, "Allow", allowed);
}

/* Any other path is a page's own: the row of "/" answers. */
static bool find_page(struct exchange *x)
{
    for (size_t i = 0; i < right_count; i++) {
        if (strcmp(rights[i].pattern, "/") != 0) continue;
        x->right = &rights[i];
        x->handler = handlers[i];
        return true;
    }
    return false;
}

/* The row of a path and a method; one without {..} before one with. known: some method has it. */
static size_t find_row(const char *method, const char *path, bool *known)
{
    size_t found = right_count;

    *known = false;
    for (size_t i = 0; i < right_count; i++) {
        struct text part[EXCHANGE_PARTS_MAX] = {0};
        if (!fits(rights[i].pattern, path, part)) continue;
        bool is_literal = part[0].at == NULL;
        if (strcmp(rights[i].method, method) == 0 && (is_literal || found == right_count)) {
            found = i;
            if (is_literal) break;
        }
        *known = true;
    }
    return found;
}

bool dispatch_find(struct exchange *x)
{
    struct text part[EXCHANGE_PARTS_MAX] = {0};
    const char *path = x->request->path;
    const char *method = x->request->method;
    bool known;

    if (strcmp(method, "HEAD") == 0) method = "GET"; /* the library leaves the body out */
    size_t row = find_row(method, path, &known);
    if (row < right_count) {
        (void)fits(rights[row].pattern, path, part);
        x->right = &rights[row];
        x->handler = handlers[row];
        return decode(x, part);
    }
    if (known) {
        answer_method(x, path);
    } else if (strcmp(method, "GET") == 0 && strncmp(path, "/v1/", 4) != 0) {
        return find_page(x);
    } else {
        exchange_problem(x, 404, "not-found", "there is nothing at this path");
    }
    return false;
}

size_t dispatch_body_limit(const struct exchange *x)
{
    if (x->handler == scans_post || x->handler == people_post || x->handler == pairings_post ||
        x->handler == plan_put || x->handler == site_put) {
        return BODY_SCANS_BYTES;
    }
    return BODY_BYTES;
}
