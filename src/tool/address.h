/* address: the path and query of a question to a server, percent-encoded as it grows. */
#ifndef TOOL_ADDRESS_H
#define TOOL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address {
    char *at; /* [count] */
    size_t count, capacity;
    bool has_query;
};

/* Begin with a path, taken as it is. Memory used up ends the program. */
void address_begin(struct address *address, const char *path);

/* Add "/" and a word, encoded; or a piece of path as it is. Before any query. */
void address_part(struct address *address, const char *word);
void address_path(struct address *address, const char *piece);

/* Add a parameter; without a value (NULL) nothing is added. */
void address_query(struct address *address, const char *name, const char *value);

/* The same with a time; nothing for WB_NO_TIME and WB_STILL_THERE. */
void address_time(struct address *address, const char *name, int64_t us);

/* The whole, NUL-terminated. Borrowed. */
const char *address_text(struct address *address);

void address_done(struct address *address);

#endif
