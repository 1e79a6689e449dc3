/* whereabouts: the command line. Finds the command in the table and calls it. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/command.h"
#include "tool/help.h"
#include "tool/say.h"
#include "tool/screen.h"
#include "whereabouts.h"

/* Words that the contract knows and this version does not. */
static bool is_of_later(const char *word)
{
    static const char *const later[] = {"muster"};

    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++) {
        if (strcmp(word, later[i]) == 0) return true;
    }
    return false;
}

/* Options before the command: which site. Returns how many words they take; -1: wrong use. */
static int take_leading(int count, const char **words, struct call *call)
{
    int taken = 0;

    while (taken < count && strncmp(words[taken], "--", 2) == 0) {
        const char *word = words[taken];
        size_t bytes = strcspn(word, "=");
        const char **place = call_site_option(call, word + 2, bytes - 2);
        if (place != NULL && word[bytes] == '=') {
            *place = word + bytes + 1;
            taken += 1;
        } else if (place != NULL && taken + 1 < count) {
            *place = words[taken + 1];
            taken += 2;
        } else if (place != NULL) {
            (void)say(SAY_WRONG_USE, "%s wants a value after it", word);
            return -1;
        } else {
            (void)say(SAY_WRONG_USE,
                      "%s cannot stand before the command; options go after it; see: whereabouts "
                      "help",
                      word);
            return -1;
        }
    }
    return taken;
}

/* The command that the first words name, of two words or one; *taken says how many. */
static const struct command *find_command(int count, const char **words, int *taken)
{
    char two[64];

    *taken = 2;
    if (count >= 2) {
        (void)snprintf(two, sizeof two, "%s %s", words[0], words[1]);
        const struct command *command = command_find(two);
        if (command != NULL) return command;
    }
    *taken = 1;
    return command_find(words[0]);
}

static int no_command(const char *word)
{
    if (is_of_later(word)) {
        return say(SAY_WRONG_USE, "%s is not in this version; see: whereabouts help", word);
    }
    if (strcmp(word, "import") == 0) {
        return say(SAY_WRONG_USE, "import wants to know what: import scans FILE..., "
                                  "import people FILE or import bands FILE");
    }
    if (strcmp(word, "export") == 0) {
        return say(SAY_WRONG_USE, "export wants to know what: export scans");
    }
    if (strcmp(word, "operator") == 0) {
        return say(SAY_WRONG_USE, "operator wants to know what: operator add NAME --role ROLE, "
                                  "operator list or operator remove NAME");
    }
    if (strcmp(word, "token") == 0) {
        return say(SAY_WRONG_USE, "token wants to know what: token add --role ROLE, token list "
                                  "or token revoke ID");
    }
    return say(SAY_WRONG_USE, "there is no command '%s'; see: whereabouts help", word);
}

static bool asks_help(int count, const char **words)
{
    for (int i = 0; i < count && strcmp(words[i], "--") != 0; i++) {
        if (strcmp(words[i], "--help") == 0 || strcmp(words[i], "-h") == 0) return true;
    }
    return false;
}

static int run(int count, const char **words)
{
    struct call call = {0};

    if (count == 0) {
        help_print_all(stderr);
        return SAY_WRONG_USE;
    }
    if (strcmp(words[0], "--version") == 0 || strcmp(words[0], "-V") == 0) {
        (void)printf("whereabouts %s\n", wb_version());
        return SAY_DONE;
    }
    if (strcmp(words[0], "--help") == 0 || strcmp(words[0], "-h") == 0) {
        help_print_all(stdout);
        return SAY_DONE;
    }
    int leading = take_leading(count, words, &call);
    if (leading < 0) return SAY_WRONG_USE;
    count -= leading;
    words += leading;
    if (count == 0) return say(SAY_WRONG_USE, "which command? see: whereabouts help");

    int taken;
    call.command = find_command(count, words, &taken);
    if (call.command == NULL) return no_command(words[0]);
    if (asks_help(count - taken, words + taken)) {
        help_print_command(call.command, stdout);
        return SAY_DONE;
    }
    return call_run(&call, count - taken, words + taken);
}

int main(int argc, char **argv)
{
    screen_begin();
    if (sodium_init() < 0) return say(SAY_NO_FILE, "this system gives no random bytes");

    const char **words = calloc((size_t)argc + 1, sizeof *words);
    if (words == NULL) say_no_memory();
    for (int i = 1; i < argc; i++)
        words[i - 1] = argv[i];

    int status = run(argc > 0 ? argc - 1 : 0, words);
    free(words);

    /* An answer that did not reach its reader (a full disk, say) is no answer. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        return say(SAY_NO_FILE, "the answer could not be written to standard output");
    }
    return status;
}
