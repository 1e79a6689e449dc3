#include "tool/help.h"

#include <string.h>

#include "tool/say.h"

static void print_use(const struct command *command, FILE *stream)
{
    (void)fprintf(stream, "usage: whereabouts [--data FILE] %s", command->name);
    for (size_t i = 0; i < COMMAND_OPTIONS_MAX && command->options[i].name != NULL; i++) {
        const struct option_row *option = &command->options[i];
        if (option->needed) (void)fprintf(stream, " --%s %s", option->name, option->value);
    }
    if (command->options[0].name != NULL) (void)fputs(" [OPTION...]", stream);
    if (command->arguments[0] != '\0') (void)fprintf(stream, " %s", command->arguments);
    (void)fputc('\n', stream);
}

static void print_option(const char *name, const char *value, const char *line, FILE *stream)
{
    char left[64];

    (void)snprintf(left, sizeof left, "--%s%s%s", name, value != NULL ? " " : "",
                   value != NULL ? value : "");
    (void)fprintf(stream, "  %-22s %s\n", left, line);
}

void help_print_command(const struct command *command, FILE *stream)
{
    print_use(command, stream);
    (void)fprintf(stream, "\n%s\n\n", command->line);
    for (size_t i = 0; i < COMMAND_OPTIONS_MAX && command->options[i].name != NULL; i++) {
        const struct option_row *option = &command->options[i];
        print_option(option->name, option->value, option->line, stream);
    }
    if (command->formats) {
        print_option("json", NULL, "print one JSON document", stream);
        print_option("csv", NULL, "print CSV with a header", stream);
    }
    print_option("data", "FILE", "the site's file (default whereabouts.db)", stream);
    if (!command->alone && !command->on_file) {
        print_option("server", "URL", "ask a running server instead of the file", stream);
        print_option("cacert", "FILE", "who signs its certificate (default: $SSL_CERT_FILE)",
                     stream);
    }
    (void)fprintf(stream, "\n%s", command->help);
}

void help_print_all(FILE *stream)
{
    (void)fputs(
        "whereabouts: who is where, who was where, and how sure that is\n"
        "\n"
        "usage: whereabouts [--data FILE | --server URL] COMMAND [OPTION...] [ARGUMENT...]\n"
        "\n",
        stream);
    for (const struct command *c = command_table; c->name != NULL; c++)
        (void)fprintf(stream, "  %-14s %s\n", c->name, c->line);
    (void)fputs("\n"
                "The site is one file: --data FILE, or $WHEREABOUTS_DATA, or whereabouts.db.\n"
                "A running server is asked with --server URL, or $WHEREABOUTS_URL; its token\n"
                "stands in $WHEREABOUTS_TOKEN.\n"
                "Times: 2016-07-15T08:30:00-04:00, or without the offset by the site's clock.\n"
                "Durations: 90s, 5m, 18h, 30d. More of one command: whereabouts help COMMAND\n"
                "\n"
                "To begin, on an invented boarding school:\n"
                "\n"
                "  whereabouts simulate --people 300 --days 14 --seed 1 --out school\n"
                "  cd school\n"
                "  whereabouts init --site site.json\n"
                "  whereabouts import people people.csv\n"
                "  whereabouts import bands --trust-learnt bands.csv\n"
                "  whereabouts import scans --trust-learnt --complete scans.csv\n"
                "  whereabouts at 2025-04-04T13:00:00 --counts\n"
                "\n"
                "Exit status: 0 done; 1 the answer is no, or something was refused; 2 wrong use;\n"
                "3 the site's file cannot be read or written, or its server be reached.\n",
                stream);
}

int help_run(const struct call *call)
{
    char name[128];

    if (call->argument_count == 0) {
        help_print_all(stdout);
        return SAY_DONE;
    }
    (void)snprintf(name, sizeof name, "%s%s%s", call->arguments[0],
                   call->argument_count > 1 ? " " : "",
                   call->argument_count > 1 ? call->arguments[1] : "");

    /* "help import" means all that begin with it. */
    size_t bytes = strlen(name);
    int found = 0;
    for (const struct command *c = command_table; c->name != NULL; c++) {
        if (strncmp(c->name, name, bytes) != 0) continue;
        if (c->name[bytes] != '\0' && c->name[bytes] != ' ') continue;
        if (found > 0) (void)fputc('\n', stdout);
        help_print_command(c, stdout);
        found++;
    }
    if (found > 0) return SAY_DONE;
    return say(SAY_WRONG_USE, "there is no command '%s'; see: whereabouts help", name);
}
