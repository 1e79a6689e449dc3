#include "tool/command.h"

#include <assert.h>
#include <string.h>

#include "tool/say.h"
#include "tool/screen.h"

const struct command *command_find(const char *name)
{
    for (const struct command *c = command_table; c->name != NULL; c++) {
        if (strcmp(c->name, name) == 0) return c;
    }
    return NULL;
}

static size_t option_count(const struct command *command)
{
    size_t count = 0;
    while (count < COMMAND_OPTIONS_MAX && command->options[count].name != NULL)
        count++;
    return count;
}

/* The index of an option by the first bytes of a word; -1 without one. */
static int option_find(const struct command *command, const char *name, size_t bytes)
{
    for (size_t i = 0; i < option_count(command); i++) {
        const char *known = command->options[i].name;
        if (strlen(known) == bytes && memcmp(known, name, bytes) == 0) return (int)i;
    }
    return -1;
}

const char *call_value(const struct call *call, const char *name)
{
    int i = option_find(call->command, name, strlen(name));
    assert(i >= 0);
    return call->values[i];
}

const char *call_next(const struct call *call, const char *name, int *at)
{
    int option = option_find(call->command, name, strlen(name));
    assert(option >= 0);
    while (*at < call->many_count) {
        const struct call_value *value = &call->many[(*at)++];
        if (value->option == option) return value->text;
    }
    return NULL;
}

bool call_has(const struct call *call, const char *name)
{
    return call_value(call, name) != NULL;
}

int call_check_plot(const struct call *call)
{
    if (!call_has(call, "plot") || call->format == FORMAT_TABLE) return SAY_DONE;
    return say(SAY_WRONG_USE, "--plot draws for people and does not go with --json or --csv");
}

static int take_format(struct call *call, enum format format)
{
    const struct command *command = call->command;

    if (!command->formats) {
        return say(SAY_WRONG_USE, "%s prints neither --json nor --csv; leave that out",
                   command->name);
    }
    if (call->format != FORMAT_TABLE && call->format != format) {
        return say(SAY_WRONG_USE, "--json and --csv together; choose one");
    }
    call->format = format;
    return SAY_DONE;
}

const char **call_site_option(struct call *call, const char *name, size_t bytes)
{
    if (bytes == 4 && memcmp(name, "data", 4) == 0) return &call->data;
    if (bytes == 6 && memcmp(name, "server", 6) == 0) return &call->server;
    if (bytes == 6 && memcmp(name, "cacert", 6) == 0) return &call->cacert;
    return NULL;
}

/* The options that every command takes. Returns -1 when it is none of them. */
static int take_common(struct call *call, const char *name, size_t bytes, const char *value)
{
    const char **place = call_site_option(call, name, bytes);
    if (place != NULL) {
        *place = value;
        return SAY_DONE;
    }
    if (value != NULL) return -1;
    if (bytes == 4 && memcmp(name, "json", 4) == 0) return take_format(call, FORMAT_JSON);
    if (bytes == 3 && memcmp(name, "csv", 3) == 0) return take_format(call, FORMAT_CSV);
    return -1;
}

static int unknown_option(const struct call *call, const char *word, size_t bytes)
{
    return say(SAY_WRONG_USE, "%s has no option --%.*s; see: whereabouts help %s",
               call->command->name, (int)bytes, word, call->command->name);
}

static bool may_be_again(const struct option_row *option)
{
    size_t bytes = option->value != NULL ? strlen(option->value) : 0;
    return bytes > 3 && strcmp(option->value + bytes - 3, "...") == 0;
}

static int take_again(struct call *call, int option, const char *value)
{
    if (call->many_count >= COMMAND_VALUES_MAX) {
        return say(SAY_WRONG_USE, "--%s is given too often; at most %d times",
                   call->command->options[option].name, COMMAND_VALUES_MAX);
    }
    call->many[call->many_count++] = (struct call_value){option, value};
    call->values[option] = value;
    return SAY_DONE;
}

static int take_option(struct call *call, const char *name, size_t bytes, const char *value)
{
    int common = take_common(call, name, bytes, value);
    if (common >= 0) return common;

    int i = option_find(call->command, name, bytes);
    if (i < 0) return unknown_option(call, name, bytes);
    if (may_be_again(&call->command->options[i])) return take_again(call, i, value);
    if (call->values[i] != NULL) {
        return say(SAY_WRONG_USE, "--%.*s is given twice; once is enough", (int)bytes, name);
    }
    if (call->command->options[i].value == NULL && value != NULL) {
        return say(SAY_WRONG_USE, "--%.*s takes no value", (int)bytes, name);
    }
    call->values[i] = value != NULL ? value : "";
    return SAY_DONE;
}

/* Whether the option of that name wants a value. */
static bool wants_value(struct call *call, const char *name, size_t bytes)
{
    assert(call != NULL && call->command != NULL);
    if (call_site_option(call, name, bytes) != NULL) return true;
    int i = option_find(call->command, name, bytes);
    return i >= 0 && call->command->options[i].value != NULL;
}

/* The option of words[*at] and its value; *at comes to stand on the last word taken. */
static int take_option_words(struct call *call, int count, const char **words, int *at)
{
    const char *name = words[*at] + 2;
    const char *equals = strchr(name, '=');
    size_t bytes = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const char *value = equals != NULL ? equals + 1 : NULL;

    if (value == NULL && wants_value(call, name, bytes)) {
        if (*at + 1 == count) return say(SAY_WRONG_USE, "--%s wants a value after it", name);
        value = words[++*at];
    }
    return take_option(call, name, bytes, value);
}

static int take_words(struct call *call, int count, const char **words)
{
    bool only_arguments = false;
    int kept = 0;

    for (int i = 0; i < count; i++) {
        const char *word = words[i];
        bool dashed = !only_arguments && word[0] == '-' && word[1] != '\0';
        if (!dashed) {
            words[kept++] = word;
        } else if (strcmp(word, "--") == 0) {
            only_arguments = true;
        } else if (word[1] != '-') {
            return say(SAY_WRONG_USE,
                       "there is no option %s; options have two dashes, and what begins with a "
                       "dash goes after --",
                       word);
        } else {
            int status = take_option_words(call, count, words, &i);
            if (status != SAY_DONE) return status;
        }
    }
    call->argument_count = kept;
    call->arguments = words;
    return SAY_DONE;
}

static int check_words(const struct call *call)
{
    const struct command *command = call->command;

    if (call->argument_count < command->arguments_least) {
        return say(SAY_WRONG_USE, "%s wants %s; see: whereabouts help %s", command->name,
                   command->arguments, command->name);
    }
    if (command->arguments_most >= 0 && call->argument_count > command->arguments_most) {
        return say(SAY_WRONG_USE, "%s has no place for '%s'; see: whereabouts help %s",
                   command->name, call->arguments[command->arguments_most], command->name);
    }
    for (size_t i = 0; i < option_count(command); i++) {
        if (command->options[i].needed && call->values[i] == NULL) {
            return say(SAY_WRONG_USE, "%s wants --%s %s; see: whereabouts help %s", command->name,
                       command->options[i].name, command->options[i].value, command->name);
        }
    }
    return SAY_DONE;
}

static int choose_server(const struct call *call)
{
    if (!call->command->on_file) return SAY_DONE;
    return say(SAY_WRONG_USE,
               "%s works on the site's file and asks no server; run it where the file is, with "
               "--data FILE",
               call->command->name);
}

/* The site: --data or --server, else the environment, else the file of the contract. */
static int choose_site(struct call *call)
{
    if (call->command->alone) return SAY_DONE;
    if (call->data != NULL && call->server != NULL) {
        return say(SAY_WRONG_USE, "--data names a file and --server a running server; choose one");
    }
    if (call->data != NULL) {
        if (call->data[0] == '\0') return say(SAY_WRONG_USE, "--data names no file");
        return SAY_DONE;
    }
    if (call->server == NULL) call->server = screen_environment("WHEREABOUTS_URL");
    if (call->server != NULL) return choose_server(call);
    const char *data = screen_environment("WHEREABOUTS_DATA");
    call->data = data != NULL ? data : "whereabouts.db";
    return SAY_DONE;
}

int call_run(struct call *call, int count, const char **words)
{
    int status = take_words(call, count, words);
    if (status == SAY_DONE) status = check_words(call);
    if (status == SAY_DONE) status = choose_site(call);
    if (status != SAY_DONE) return status;
    return call->command->run(call);
}
