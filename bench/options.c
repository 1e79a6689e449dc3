#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "measure.h"
#include "workload.h"

enum {
    OPTION_WORKLOAD = 1,
    OPTION_FILE,
    OPTION_WAY,
    OPTION_ANSWERS,
    OPTION_BATCH,
    OPTION_SCANS,
    OPTION_CACHE,
    OPTION_LATE,
    OPTION_WAIT,
    OPTION_FIGURE,
    OPTION_PEOPLE,
    OPTION_DAYS,
    OPTION_SETS,
    OPTION_SECONDS,
    OPTION_SAMPLES,
    OPTION_ASK,
};

static const struct option options_known[] = {
    {"workload",  required_argument, NULL, OPTION_WORKLOAD},
    {"file",      required_argument, NULL, OPTION_FILE    },
    {"way",       required_argument, NULL, OPTION_WAY     },
    {"answers",   required_argument, NULL, OPTION_ANSWERS },
    {"batch",     required_argument, NULL, OPTION_BATCH   },
    {"scans",     required_argument, NULL, OPTION_SCANS   },
    {"cache-mib", required_argument, NULL, OPTION_CACHE   },
    {"late",      required_argument, NULL, OPTION_LATE    },
    {"wait",      required_argument, NULL, OPTION_WAIT    },
    {"figure",    required_argument, NULL, OPTION_FIGURE  },
    {"people",    required_argument, NULL, OPTION_PEOPLE  },
    {"days",      required_argument, NULL, OPTION_DAYS    },
    {"sets",      required_argument, NULL, OPTION_SETS    },
    {"seconds",   required_argument, NULL, OPTION_SECONDS },
    {"samples",   required_argument, NULL, OPTION_SAMPLES },
    {"ask",       required_argument, NULL, OPTION_ASK     },
    {NULL,        0,                 NULL, 0              },
};

static unsigned question_bit(const char *name)
{
    for (int q = 0; q < QUESTION_COUNT; q++)
        if (strcmp(name, question_name((enum question)q)) == 0) return 1u << q;
    die("%s is no question: inside, path, with or curve", name);
}

static void asking_set(struct asking *asking, int option, const char *value, const char *usage)
{
    switch (option) {
    case OPTION_FIGURE:
        asking->figure = value;
        return;
    case OPTION_PEOPLE:
        asking->people = (uint32_t)number_of(value);
        return;
    case OPTION_DAYS:
        asking->days = (uint32_t)number_of(value);
        return;
    case OPTION_SETS:
        asking->sets = (size_t)number_of(value);
        return;
    case OPTION_SECONDS:
        asking->seconds = fraction_of(value);
        return;
    case OPTION_SAMPLES:
        asking->samples = value;
        return;
    case OPTION_ASK:
        asking->questions |= question_bit(value);
        return;
    default:
        die("usage: %s", usage);
    }
}

static void option_set(struct options *out, int option, const char *value, const char *usage)
{
    switch (option) {
    case OPTION_WORKLOAD:
        out->workload = value;
        return;
    case OPTION_FILE:
        out->file = value;
        return;
    case OPTION_WAY:
        out->way = value;
        return;
    case OPTION_ANSWERS:
        out->answers = value;
        return;
    case OPTION_BATCH:
        out->batch = (size_t)number_of(value);
        return;
    case OPTION_SCANS:
        out->scans = (size_t)number_of(value);
        return;
    case OPTION_CACHE:
        out->cache_bytes = (size_t)number_of(value) << 20;
        return;
    case OPTION_LATE:
        out->late = fraction_of(value);
        return;
    case OPTION_WAIT:
        out->wait_seconds = fraction_of(value);
        return;
    default:
        asking_set(&out->asking, option, value, usage);
        return;
    }
}

void options_read(struct options *out, int count, char **words, const char *usage)
{
    if (count < 2) die("usage: %s", usage);
    *out = (struct options){
        .command = words[1],
        .batch = 1000,
        .scans = SIZE_MAX,
        .wait_seconds = 1e9,
        .asking = {.people = 25000, .days = 10, .sets = 50, .seconds = 1},
    };
    int option;
    optind = 2;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
    while ((option = getopt_long(count, words, "", options_known, NULL)) != -1)
        option_set(out, option, optarg, usage);
    if (optind != count || out->file == NULL || out->batch == 0) die("usage: %s", usage);
    if (out->asking.figure == NULL) out->asking.figure = out->command;
}

const struct workload_scan *options_scans(const struct options *options, size_t *count)
{
    char path[4096];
    size_t bytes;
    if (options->workload == NULL) die("--workload PREFIX is missing");
    int length = snprintf(path, sizeof path, "%s.scans", options->workload);
    if (length < 0 || length >= (int)sizeof path) die("%s: too long a path", options->workload);
    const struct workload_scan *scans = file_map(path, &bytes);
    *count = bytes / sizeof *scans;
    if (*count > options->scans) *count = options->scans;
    if (*count == 0) die("%s has no scans", path);
    return scans;
}

void options_ask(const struct options *options, const struct asker *asker)
{
    if (strcmp(options->command, "hot") == 0) {
        ask_again_and_again(asker, &options->asking);
    } else if (strcmp(options->command, "cold") == 0) {
        ask_different(asker, &options->asking);
    } else if (strcmp(options->command, "answers") == 0 && options->answers != NULL) {
        ask_for_answers(asker, &options->asking, options->answers);
    } else {
        die("%s: no such command, or --answers FILE is missing", options->command);
    }
}
