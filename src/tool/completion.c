/* whereabouts completion: scripts for the shells, made from the table of commands. */
#include <stdio.h>
#include <string.h>

#include "tool/command.h"
#include "tool/say.h"

static size_t option_count(const struct command *command)
{
    size_t count = 0;
    while (count < COMMAND_OPTIONS_MAX && command->options[count].name != NULL)
        count++;
    return count;
}

/* The words that a choice allows, parted by blanks; "" for what is no choice. */
static void print_choice(const char *choice)
{
    for (; *choice != '\0'; choice++)
        (void)putchar(*choice == '|' ? ' ' : *choice);
}

static void print_first_words(const char *between)
{
    const char *before = "";
    char last[32] = "";

    for (const struct command *c = command_table; c->name != NULL; c++) {
        size_t bytes = strcspn(c->name, " ");
        if (strlen(last) == bytes && strncmp(last, c->name, bytes) == 0) continue;
        (void)snprintf(last, sizeof last, "%.*s", (int)bytes, c->name);
        (void)printf("%s%s", before, last);
        before = between;
    }
}

/* ---- Commands of two words ---- */

/* The first words of them, and what fish says of each. */
static const struct family {
    const char *word, *line;
} families[] = {
    {"import",   "take in scans, people or bands"                   },
    {"operator", "who signs in: add, list, remove"                  },
    {"token",    "what programs and readers show: add, list, revoke"},
};

#define FAMILIES (sizeof families / sizeof families[0])

static void print_second_words(const char *family)
{
    size_t bytes = strlen(family);
    const char *before = "";

    for (const struct command *c = command_table; c->name != NULL; c++) {
        if (strncmp(c->name, family, bytes) != 0 || c->name[bytes] != ' ') continue;
        (void)printf("%s%s", before, c->name + bytes + 1);
        before = " ";
    }
}

/* ---- bash ---- */

/* What the shell offers for a kind of word, as a line of bash. */
static void print_bash_words(enum word word, const char *choice)
{
    switch (word) {
    case WORD_ZONE:
        (void)fputs("_whereabouts_ids zones outside unknown", stdout);
        return;
    case WORD_PERSON:
        (void)fputs("_whereabouts_ids people", stdout);
        return;
    case WORD_READER:
        (void)fputs("_whereabouts_ids readers", stdout);
        return;
    case WORD_FILE:
        (void)fputs("COMPREPLY=($(compgen -f -- \"$word\"))", stdout);
        return;
    case WORD_DIRECTORY:
        (void)fputs("COMPREPLY=($(compgen -d -- \"$word\"))", stdout);
        return;
    case WORD_CHOICE:
        (void)fputs("_whereabouts_words ", stdout);
        print_choice(choice);
        return;
    case WORD_NONE:
    case WORD_TEXT:
    case WORD_TIME:
    case WORD_DURATION:
    case WORD_NUMBER:
        (void)fputs(":", stdout);
        return;
    }
}

static void print_bash_command(const struct command *command)
{
    (void)printf("    '%s')\n        case $before in\n", command->name);
    for (size_t i = 0; i < option_count(command); i++) {
        const struct option_row *option = &command->options[i];
        if (option->value == NULL) continue;
        (void)printf("        --%s) ", option->name);
        print_bash_words(option->word, option->value);
        (void)fputs("; return ;;\n", stdout);
    }
    (void)fputs("        esac\n        case $word in\n        -*) _whereabouts_words", stdout);
    for (size_t i = 0; i < option_count(command); i++)
        (void)printf(" --%s", command->options[i].name);
    (void)printf("%s --data --server --cacert --help ;;\n        *) ",
                 command->formats ? " --json --csv" : "");
    if (strcmp(command->name, "help") == 0) {
        (void)fputs("_whereabouts_words ", stdout);
        print_first_words(" ");
    } else {
        print_bash_words(command->word, command->arguments);
    }
    (void)fputs(" ;;\n        esac\n        ;;\n", stdout);
}

static void print_bash(void)
{
    (void)fputs(
        "# bash completion of whereabouts; made by: whereabouts completion bash\n"
        "_whereabouts_words()\n"
        "{\n"
        "    COMPREPLY=($(compgen -W \"$*\" -- \"$word\"))\n"
        "}\n"
        "\n"
        "# Ids of the site: the first column of a list. A file that is not there has none.\n"
        "_whereabouts_ids()\n"
        "{\n"
        "    local ids IFS=$'\\n'\n"
        "    ids=$(\"${COMP_WORDS[0]}\" list \"$1\" --csv 2>/dev/null | tail -n +2 |\n"
        "        cut -d, -f1)\n"
        "    shift\n"
        "    COMPREPLY=($(compgen -W \"$ids\"$'\\n'\"${*// /$'\\n'}\" -- \"$word\"))\n"
        "}\n"
        "\n"
        "_whereabouts()\n"
        "{\n"
        "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
        "    local command=${COMP_WORDS[1]} first=1\n"
        "    COMPREPLY=()\n"
        "    if [[ $command == --data || $command == --server || $command == --cacert ]]; then\n"
        "        first=3 command=${COMP_WORDS[3]}\n"
        "    fi\n"
        "    if [[ $before == --data || $before == --cacert ]]; then\n"
        "        COMPREPLY=($(compgen -f -- \"$word\"))\n"
        "        return\n"
        "    fi\n"
        "    if ((COMP_CWORD == first)); then\n"
        "        _whereabouts_words ",
        stdout);
    print_first_words(" ");
    (void)fputs(" --data --server --help --version\n"
                "        return\n"
                "    fi\n",
                stdout);
    for (size_t i = 0; i < FAMILIES; i++) {
        (void)printf("    if [[ $command == %s ]]; then\n"
                     "        if ((COMP_CWORD == first + 1)); then\n"
                     "            _whereabouts_words ",
                     families[i].word);
        print_second_words(families[i].word);
        (void)printf("\n            return\n"
                     "        fi\n"
                     "        command=\"%s ${COMP_WORDS[first+1]}\"\n"
                     "    fi\n",
                     families[i].word);
    }
    (void)fputs("    case $command in\n", stdout);
    for (const struct command *c = command_table; c->name != NULL; c++)
        print_bash_command(c);
    (void)fputs("    esac\n"
                "}\n"
                "complete -o filenames -F _whereabouts whereabouts\n",
                stdout);
}

/* ---- zsh ---- */

static void print_zsh_words(enum word word, const char *choice)
{
    switch (word) {
    case WORD_ZONE:
        (void)fputs("zone:_whereabouts_ids zones", stdout);
        return;
    case WORD_PERSON:
        (void)fputs("person:_whereabouts_ids people", stdout);
        return;
    case WORD_READER:
        (void)fputs("reader:_whereabouts_ids readers", stdout);
        return;
    case WORD_FILE:
        (void)fputs("file:_files", stdout);
        return;
    case WORD_DIRECTORY:
        (void)fputs("directory:_files -/", stdout);
        return;
    case WORD_CHOICE:
        (void)fputs("word:(", stdout);
        print_choice(choice);
        (void)fputs(")", stdout);
        return;
    case WORD_NONE:
    case WORD_TEXT:
    case WORD_TIME:
    case WORD_DURATION:
    case WORD_NUMBER:
        (void)fputs("word: ", stdout);
        return;
    }
}

/* A text inside '...[...]' of _arguments: brackets, colons and quotes would end it. */
static void print_zsh_line(const char *line)
{
    for (; *line != '\0'; line++) {
        if (strchr("[]:", *line) != NULL) (void)putchar('\\');
        if (*line == '\'') {
            (void)fputs("'\\''", stdout);
        } else {
            (void)putchar(*line);
        }
    }
}

static void print_zsh_command(const struct command *command)
{
    (void)printf("    '%s')\n        _arguments \\\n", command->name);
    for (size_t i = 0; i < option_count(command); i++) {
        const struct option_row *option = &command->options[i];
        (void)printf("            '--%s[", option->name);
        print_zsh_line(option->line);
        (void)putchar(']');
        if (option->value != NULL) {
            (void)putchar(':');
            print_zsh_words(option->word, option->value);
        }
        (void)fputs("' \\\n", stdout);
    }
    if (command->formats) {
        (void)fputs("            '--json[print one JSON document]' \\\n"
                    "            '--csv[print CSV with a header]' \\\n",
                    stdout);
    }
    (void)fputs("            '--data[the site'\\''s file]:file:_files' \\\n"
                "            '--server[a running server]:url: ' \\\n"
                "            '--cacert[who signs its certificate]:file:_files' \\\n            '*:",
                stdout);
    print_zsh_words(command->word, command->arguments);
    (void)fputs("'\n        ;;\n", stdout);
}

static void print_zsh(void)
{
    (void)fputs("#compdef whereabouts\n"
                "# zsh completion of whereabouts; made by: whereabouts completion zsh\n"
                "_whereabouts_ids()\n"
                "{\n"
                "    local -a ids\n"
                "    ids=(${(f)\"$(whereabouts list $1 --csv 2>/dev/null | tail -n +2 | "
                "cut -d, -f1)\"})\n"
                "    compadd -a ids\n"
                "}\n"
                "\n"
                "_whereabouts()\n"
                "{\n"
                "    local command=$words[2]\n"
                "    if ((CURRENT == 2)); then\n"
                "        compadd ",
                stdout);
    print_first_words(" ");
    (void)fputs("\n"
                "        return\n"
                "    fi\n",
                stdout);
    for (size_t i = 0; i < FAMILIES; i++) {
        (void)printf("    if [[ $command == %s ]]; then\n"
                     "        if ((CURRENT == 3)); then\n"
                     "            compadd ",
                     families[i].word);
        print_second_words(families[i].word);
        (void)printf("\n            return\n"
                     "        fi\n"
                     "        command=\"%s $words[3]\"\n"
                     "        shift words\n"
                     "        ((CURRENT--))\n"
                     "    fi\n",
                     families[i].word);
    }
    (void)fputs("    shift words\n"
                "    ((CURRENT--))\n"
                "    case $command in\n",
                stdout);
    for (const struct command *c = command_table; c->name != NULL; c++)
        print_zsh_command(c);
    (void)fputs("    esac\n"
                "}\n"
                "\n"
                "_whereabouts \"$@\"\n",
                stdout);
}

/* ---- fish ---- */

static void print_fish_words(enum word word, const char *choice)
{
    switch (word) {
    case WORD_ZONE:
        (void)fputs(" -x -a '(__whereabouts_ids zones) outside unknown'", stdout);
        return;
    case WORD_PERSON:
        (void)fputs(" -x -a '(__whereabouts_ids people)'", stdout);
        return;
    case WORD_READER:
        (void)fputs(" -x -a '(__whereabouts_ids readers)'", stdout);
        return;
    case WORD_FILE:
    case WORD_DIRECTORY:
        (void)fputs(" -r -F", stdout);
        return;
    case WORD_CHOICE:
        (void)fputs(" -x -a '", stdout);
        print_choice(choice);
        (void)fputs("'", stdout);
        return;
    case WORD_TEXT:
    case WORD_TIME:
    case WORD_DURATION:
    case WORD_NUMBER:
        (void)fputs(" -x", stdout);
        return;
    case WORD_NONE:
        return;
    }
}

static void print_fish_line(const char *line)
{
    (void)fputs(" -d '", stdout);
    for (; *line != '\0'; line++) {
        if (*line == '\'') (void)putchar('\\');
        (void)putchar(*line);
    }
    (void)fputs("'\n", stdout);
}

/* Whether the command line is one of this command, as fish asks it. */
static void print_fish_condition(const struct command *command)
{
    const char *second = strchr(command->name, ' ');
    size_t first_bytes = strcspn(command->name, " ");

    (void)printf("complete -c whereabouts -n '__fish_seen_subcommand_from %.*s", (int)first_bytes,
                 command->name);
    if (second != NULL) (void)printf("; and __fish_seen_subcommand_from %s", second + 1);
    (void)fputs("'", stdout);
}

static void print_fish_command(const struct command *command)
{
    for (size_t i = 0; i < option_count(command); i++) {
        const struct option_row *option = &command->options[i];
        print_fish_condition(command);
        (void)printf(" -l %s", option->name);
        print_fish_words(option->value != NULL ? option->word : WORD_NONE, option->value);
        print_fish_line(option->line);
    }
    if (command->formats) {
        print_fish_condition(command);
        (void)fputs(" -l json", stdout);
        print_fish_line("print one JSON document");
        print_fish_condition(command);
        (void)fputs(" -l csv", stdout);
        print_fish_line("print CSV with a header");
    }
    if (command->arguments_most == 0 || command->word == WORD_TEXT) return;
    print_fish_condition(command);
    print_fish_words(command->word, command->arguments);
    (void)fputs("\n", stdout);
}

static void print_fish(void)
{
    (void)fputs("# fish completion of whereabouts; made by: whereabouts completion fish\n"
                "function __whereabouts_ids\n"
                "    whereabouts list $argv[1] --csv 2>/dev/null | tail -n +2 | cut -d, -f1\n"
                "end\n"
                "\n"
                "complete -c whereabouts -f\n"
                "complete -c whereabouts -l data -r -F -d 'the site\\'s file'\n"
                "complete -c whereabouts -l server -x -d 'a running server'\n"
                "complete -c whereabouts -l cacert -r -F -d 'who signs its certificate'\n",
                stdout);
    for (const struct command *c = command_table; c->name != NULL; c++) {
        if (strchr(c->name, ' ') != NULL) continue;
        (void)printf("complete -c whereabouts -n __fish_use_subcommand -a %s", c->name);
        print_fish_line(c->line);
    }
    for (size_t i = 0; i < FAMILIES; i++) {
        (void)printf("complete -c whereabouts -n __fish_use_subcommand -a %s", families[i].word);
        print_fish_line(families[i].line);
        (void)printf("complete -c whereabouts -n '__fish_seen_subcommand_from %s; and not "
                     "__fish_seen_subcommand_from ",
                     families[i].word);
        print_second_words(families[i].word);
        (void)fputs("' -a '", stdout);
        print_second_words(families[i].word);
        (void)fputs("'\n", stdout);
    }
    for (const struct command *c = command_table; c->name != NULL; c++)
        print_fish_command(c);
}

int completion_run(const struct call *call)
{
    const char *shell = call->arguments[0];

    if (strcmp(shell, "bash") == 0) {
        print_bash();
    } else if (strcmp(shell, "zsh") == 0) {
        print_zsh();
    } else if (strcmp(shell, "fish") == 0) {
        print_fish();
    } else {
        return say(SAY_WRONG_USE, "there is no completion for '%s'; there is bash, zsh and fish",
                   shell);
    }
    return SAY_DONE;
}
