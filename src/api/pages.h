/* pages: the files of the pages, built into the program (cmake/pages.cmake). */
#ifndef API_PAGES_H
#define API_PAGES_H

#include <stdbool.h>
#include <stddef.h>

struct page_file {
    const char *path; /* "/assets/index-1a2b.js" */
    const char *type;
    const char *etag;                               /* in quotes */
    const unsigned char *begin, *end;               /* as it is */
    const unsigned char *packed_begin, *packed_end; /* gzip */
    bool is_hashed;                                 /* its name changes with its bytes */
};

/* Ends with a row without a path; empty where the program was built without pages. */
extern const struct page_file page_files[];

#endif
