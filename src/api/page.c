/* GET /, /{F}, /assets/{F}: the pages. */
#include <string.h>

#include "api/asking.h"
#include "api/pages.h"
#include "api/resources.h"

/* No inline script, nothing from elsewhere. The kiosk's reader of printed codes is WebAssembly and
 * its camera a blob; pictures may be data. */
#define PAGE_POLICY                                                                          \
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "           \
    "img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; " \
    "media-src 'self' blob:; worker-src 'self' blob:; base-uri 'none'; form-action 'self'; " \
    "frame-ancestors 'none'"

static const struct page_file *find(const char *path)
{
    for (const struct page_file *file = page_files; file->path != NULL; file++) {
        if (strcmp(file->path, path) == 0) return file;
    }
    return NULL;
}

static bool takes_gzip(struct exchange *x)
{
    const char *takes = request_header(x->request, "Accept-Encoding");
    return takes != NULL && strstr(takes, "gzip") != NULL && strstr(takes, "gzip;q=0") == NULL;
}

static void put_headers(struct exchange *x, const struct page_file *file)
{
    struct MHD_Response *response = x->response;

    response_header(response, "ETag", file->etag);
    response_header(response, "Vary", "Accept-Encoding");
    response_header(response, "Cache-Control",
                    file->is_hashed ? "public, max-age=31536000, immutable" : "no-cache");
    response_header(response, "X-Content-Type-Options", "nosniff");
    response_header(response, "Content-Security-Policy", PAGE_POLICY);
    response_header(response, "Referrer-Policy", "no-referrer");
    response_header(response, "X-Frame-Options", "DENY");
    response_header(response, "Cross-Origin-Opener-Policy", "same-origin");
    response_header(response, "Cross-Origin-Resource-Policy", "same-origin");
    response_header(response, "Permissions-Policy",
                    "camera=(self), microphone=(), geolocation=(), payment=()");
}

static void give(struct exchange *x, const struct page_file *file)
{
    const char *known = request_header(x->request, "If-None-Match");
    bool packed = file->packed_begin != NULL && takes_gzip(x);
    bool is_known = known != NULL && strcmp(known, file->etag) == 0;
    const unsigned char *begin = packed ? file->packed_begin : file->begin;
    const unsigned char *end = packed ? file->packed_end : file->end;

    x->status = is_known ? 304 : 200;
    x->response = response_static(file->type, begin, is_known ? 0 : (size_t)(end - begin));
    if (packed && !is_known) response_header(x->response, "Content-Encoding", "gzip");
    put_headers(x, file);
}

/* A path of the pages' own, such as /person/amelie, is the one page, which reads its address. */
static bool wants_page(struct exchange *x)
{
    const char *takes = request_header(x->request, "Accept");
    return takes != NULL && strstr(takes, "text/html") != NULL;
}

void page_get(struct exchange *x)
{
    const struct page_file *file = find(x->request->path);

    if (file == NULL && (strcmp(x->request->path, "/") == 0 || wants_page(x))) {
        file = find("/index.html");
    }
    if (file != NULL) {
        give(x, file);
    } else {
        exchange_problem(x, 404, "not-found", "there is nothing at this path");
    }
}
