/* post: rows of an import on their way to a server, batch by batch.
 *
 * Rows wait as CSV until the batch is sent; the answer names the refused ones by their place in
 * it, and they are told by the lines of their file. */
#ifndef TOOL_POST_H
#define TOOL_POST_H

#include "tool/import.h"
#include "tool/remote.h"

struct post;

struct post *post_new(struct remote *remote, const struct import_kind *kind, bool trust_learnt);
void post_free(struct post *post);

/* Let a row wait. Copies it. */
void post_row(struct post *post, uint64_t line, const struct intake_row *values);

/* Let a refusal wait for those of the rows before it. */
void post_refused(struct post *post, uint64_t line, const char *why);

/* Whether it is time to send. */
bool post_is_full(const struct post *post, const struct import *import);

/* Send what waits, tell what was refused and count. Returns an exit status. */
int post_send(struct post *post, struct import *import);

#endif
