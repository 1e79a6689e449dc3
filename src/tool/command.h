/* command: what the program can do, as one table, and one call of it.
 *
 * The table is what `help`, the completion of the shells and the reading of the command line
 * all read. A command is a row of it and a file of its name that holds its function. */
#ifndef TOOL_COMMAND_H
#define TOOL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#define COMMAND_OPTIONS_MAX 12
#define COMMAND_VALUES_MAX  64 /* of options that may be given more than once */

/* What stands in a place of the command line; the completion of the shells asks. */
enum word {
    WORD_NONE = 0, /* a switch */
    WORD_TEXT,
    WORD_FILE,
    WORD_DIRECTORY,
    WORD_TIME,
    WORD_DURATION,
    WORD_NUMBER,
    WORD_ZONE,
    WORD_PERSON,
    WORD_READER,
    WORD_CHOICE, /* one of the words of .value, parted by '|' */
};

struct option_row {
    const char *name;  /* without the dashes */
    const char *value; /* how help calls it; NULL: a switch; "ZONE...": may be given again */
    const char *line;  /* what it does, in one line */
    enum word word;
    bool needed;
};

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV };

struct call;

struct command {
    const char *name;      /* one word or two: "now", "import scans" */
    const char *arguments; /* how help calls them: "BAND PERSON" */
    const char *line;      /* what it does, in one line */
    const char *help;      /* paragraphs and examples, after the options */
    int (*run)(const struct call *call);
    int arguments_least, arguments_most;
    enum word word;                                 /* of the arguments */
    bool formats;                                   /* takes --json and --csv */
    bool alone;                                     /* asks no site */
    bool on_file;                                   /* works on the file, asks no server */
    struct option_row options[COMMAND_OPTIONS_MAX]; /* up to the first without a name */
};

struct call {
    const struct command *command;
    const char *data;   /* path of the site's file; NULL: a server is asked */
    const char *server; /* its URL; NULL: the file is asked */
    const char *cacert; /* who signs its certificate; NULL: whom the system trusts */
    enum format format;
    int argument_count;
    const char *const *arguments;
    const char *values[COMMAND_OPTIONS_MAX]; /* "" for a switch that is given; NULL: not given */

    struct call_value {
        int option;
        const char *text;
    } many[COMMAND_VALUES_MAX]; /* of options that may be given again, in their order */

    int many_count;
};

/* The whole table; ends with a row without a name. */
extern const struct command command_table[];

/* The row of that name; NULL without one. */
const struct command *command_find(const char *name);

/* The value of an option; NULL where it is not given. The name must be in the table. */
const char *call_value(const struct call *call, const char *name);

/* The value of an option that may be given again: the first with *at 0, and then the next; NULL
 * after the last. */
const char *call_next(const struct call *call, const char *name, int *at);

/* Whether an option is given. */
bool call_has(const struct call *call, const char *name);

/* Refuse --plot, which draws for people, together with --json or --csv. */
int call_check_plot(const struct call *call);

/* Read the words after the command's name into call (its command is set) and run it.
 * words: [count], put into order: the arguments come to stand first.
 * Returns the exit status; wrong use has been said. */
int call_run(struct call *call, int count, const char **words);

/* The place of an option that says which site is meant: --data, --server, --cacert; NULL for any
 * other. */
const char **call_site_option(struct call *call, const char *name, size_t bytes);

/* The functions of the table, one a file. Each returns the exit status. */
int at_run(const struct call *call);
int backup_run(const struct call *call);
int complete_run(const struct call *call);
int completion_run(const struct call *call);
int erase_run(const struct call *call);
int export_scans_run(const struct call *call);
int help_run(const struct call *call);
int import_bands_run(const struct call *call);
int import_people_run(const struct call *call);
int import_scans_run(const struct call *call);
int init_run(const struct call *call);
int list_run(const struct call *call);
int lookups_run(const struct call *call);
int now_run(const struct call *call);
int occupancy_run(const struct call *call);
int operator_add_run(const struct call *call);
int operator_list_run(const struct call *call);
int operator_remove_run(const struct call *call);
int pair_run(const struct call *call);
int path_run(const struct call *call);
int rebuild_run(const struct call *call);
int release_run(const struct call *call);
int replace_run(const struct call *call);
int serve_run(const struct call *call);
int simulate_run(const struct call *call);
int token_add_run(const struct call *call);
int token_list_run(const struct call *call);
int token_revoke_run(const struct call *call);
int unpair_run(const struct call *call);
int verify_run(const struct call *call);
int with_run(const struct call *call);
int withdraw_run(const struct call *call);

#endif
