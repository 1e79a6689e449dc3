/* who: the answer that `now` and `at` share: people, head counts or one person at a moment. */
#ifndef TOOL_WHO_H
#define TOOL_WHO_H

#include "tool/command.h"
#include "tool/site.h"

/* Refuse options that make no sense together, before any file is opened. */
int who_check(const struct call *call);

/* Answer a call with --zone, --person, --group, --counts as of a moment and print it.
 * evidence_us: could_change is as of this. */
int who_answer(const struct call *call, const struct site *site, const struct wb_moment *moment,
               int64_t evidence_us);

/* The same of a server; as of NULL: now, by its clock. */
int who_ask_server(const struct call *call, const struct site *site,
                   const struct wb_moment *moment);

#endif
