/* help: what the program can do, printed from the table of commands. */
#ifndef TOOL_HELP_H
#define TOOL_HELP_H

#include <stdio.h>

#include "tool/command.h"

/* All commands, a line each, and how to begin. */
void help_print_all(FILE *stream);

/* One command: its use, options and examples. */
void help_print_command(const struct command *command, FILE *stream);

#endif
