/* The table of commands: everything that help, completion and the command line know of them. */
#include "tool/command.h"

#define OPTION_KNOWN                                                               \
    {                                                                              \
        "known", "TIME", "use only what had been learnt by then", WORD_TIME, false \
    }
#define OPTION_FROM                                                                   \
    {                                                                                 \
        "from", "TIME", "begin here (default: with the first scan)", WORD_TIME, false \
    }
#define OPTION_UNTIL                                                                  \
    {                                                                                 \
        "until", "TIME", "end here, not included (default: no end)", WORD_TIME, false \
    }
#define OPTION_PLOT                                            \
    {                                                          \
        "plot", NULL, "draw in the terminal", WORD_NONE, false \
    }
#define OPTIONS_WHO                                                                        \
    {"zone", "ZONE", "in this zone or below it; also outside, unknown", WORD_ZONE, false}, \
        {"person", "PERSON", "this person only", WORD_PERSON, false},                      \
        {"group", "GROUP", "people of this group only", WORD_TEXT, false},                 \
    {                                                                                      \
        "counts", NULL, "head counts of the zones instead of people", WORD_NONE, false     \
    }
#define OPTIONS_LIMITS                                                      \
    {"zone", "ZONE...", "only in this zone or below it", WORD_ZONE, false}, \
    {                                                                       \
        "group", "GROUP...", "only people of this group", WORD_TEXT, false  \
    }
#define OPTION_WHY                                                             \
    {                                                                          \
        "why", "TEXT", "the reason, kept with the correction", WORD_TEXT, true \
    }

const struct command command_table[] = {
    {
     .name = "init",
     .arguments = "",
     .line = "make the site's file, or change the site's description",
     .run = init_run,
     .options = {{"site", "FILE", "the description, a JSON document", WORD_FILE, true}},
     .help =
            "The description names the zones (a tree) and the readers, and what each reader\n"
            "does: enter a zone, leave it, or stand between two.\n"
            "\n"
            "  whereabouts init --site site.json\n"
            "\n"
            "A small site.json to begin with:\n"
            "\n"
            "  { \"id\": \"larch\", \"name\": \"Larch House\", \"timezone\": \"Europe/London\",\n"
            "    \"policy\": { \"forget_after\": \"18h\" },\n"
            "    \"zones\": [ { \"id\": \"house\" }, { \"id\": \"hall\", \"in\": \"house\" } ],\n"
            "    \"readers\": [ { \"id\": \"hall-door\", \"between\": [\"house\", \"hall\"] },\n"
            "                 { \"id\": \"front-in\", \"enter\": \"house\" },\n"
            "                 { \"id\": \"front-out\", \"leave\": \"house\" } ] }\n"
            "\n"
            "The newest description applies to all times. What is left out of it and has\n"
            "facts is retired, never lost.\n", },
    {
     .name = "import scans",
     .arguments = "FILE...",
     .line = "take in scans, csv or ndjson; - is standard input",
     .run = import_scans_run,
     .arguments_least = 1,
     .arguments_most = -1,
     .word = WORD_FILE,
     .formats = true,
     .options =
            {
                {"columns", "MAP", "the file's names: time=starttime,band=bikeid,reader=dock",
                 WORD_TEXT, false},
                {"complete", NULL, "every reader is complete up to its last scan in the file",
                 WORD_NONE, false},
                {"trust-learnt", NULL, "honour a learnt column (moving from another system)",
                 WORD_NONE, false},
                {"strict", NULL, "refuse the file whole if one row is bad", WORD_NONE, false},
                {"batch", "N", "rows in a commit (default 10000)", WORD_NUMBER, false},
            }, .help =
            "Columns: time, band, reader; also direction (in, out) and learnt. Others are\n"
            "passed over. The same scan again is a duplicate and does no harm, so an import\n"
            "that was broken off is simply repeated. A bad row is refused with its line and\n"
            "reason and the rest goes on. Times without an offset are by the site's clock.\n"
            "\n"
            "  whereabouts import scans gate.csv\n"
            "  whereabouts import scans --columns time=starttime,band=bikeid,reader=dock t.csv\n"
            "  zstdcat scans.csv.zst | whereabouts import scans --complete -\n"
            "\n"
            "A line of ndjson: {\"time\":\"2016-07-15T08:30:00Z\",\"band\":\"04A22B\",\n"
            "\"reader\":\"hall-door\",\"direction\":\"in\"}\n", },
    {
     .name = "import people",
     .arguments = "FILE",
     .line = "take people into the register, or change them",
     .run = import_people_run,
     .arguments_least = 1,
     .arguments_most = 1,
     .word = WORD_FILE,
     .formats = true,
     .options =
            {
                {"columns", "MAP", "the file's names: id=number,name=full_name", WORD_TEXT, false},
                {"strict", NULL, "refuse the file whole if one row is bad", WORD_NONE, false},
            }, .help = "Columns: id, name, groups (parted by ;), needs_help (yes). Other columns become\n"
                "notes. What the file has no column for stays as it is.\n"
                "\n"
                "  whereabouts import people people.csv\n", },
    {
     .name = "import bands",
     .arguments = "FILE",
     .line = "take in whose band it is, from when until when",
     .run = import_bands_run,
     .arguments_least = 1,
     .arguments_most = 1,
     .word = WORD_FILE,
     .formats = true,
     .options =
            {
                {"columns", "MAP", "the file's names: band=chip,person=pupil", WORD_TEXT, false},
                {"trust-learnt", NULL, "honour a learnt column (moving from another system)",
                 WORD_NONE, false},
                {"strict", NULL, "refuse the file whole if one row is bad", WORD_NONE, false},
            }, .help = "Columns: band, person; also from, until and learnt. Empty from or until: always.\n"
                "The same band, person and from again sets the until.\n"
                "\n"
                "  whereabouts import bands bands.csv\n", },
    {
     .name = "export scans",
     .arguments = "",
     .line = "print all scans, to be taken in again; csv, with --json ndjson",
     .run = export_scans_run,
     .formats = true,
     .options = {OPTION_FROM, OPTION_UNTIL},
     .help = "Columns: time, band, reader, direction, learnt, in the order in which they were\n"
                "learnt; also scans that are held, quarantined or withdrawn. import scans\n"
                "--trust-learnt takes them back. A server keeps a record of it that everybody's\n"
                "lookups show.\n"
                "\n"
                "  whereabouts export scans > scans.csv\n"
                "  whereabouts export scans --from 2016-07-01T00:00:00 --json | zstd > july.zst\n", },
    {
     .name = "pair",
     .arguments = "BAND PERSON",
     .line = "say whose band it is",
     .run = pair_run,
     .arguments_least = 2,
     .arguments_most = 2,
     .word = WORD_PERSON,
     .options = {{"from", "TIME", "from then on (default: always was)", WORD_TIME, false},
                    {"until", "TIME", "until then (default: no end)", WORD_TIME, false}},
     .help = "Scans of the band that were held before fold in at their place.\n"
                "\n"
                "  whereabouts pair 04:a2:2b:3c amelie\n"
                "  whereabouts pair 04A22B3C amelie --from 2016-07-15T08:00:00\n", },
    {
     .name = "unpair",
     .arguments = "BAND",
     .line = "end whose band it is",
     .run = unpair_run,
     .arguments_least = 1,
     .arguments_most = 1,
     .word = WORD_TEXT,
     .options = {{"at", "TIME", "at that moment (default: now)", WORD_TIME, false}},
     .help = "  whereabouts unpair 04A22B3C --at 2016-07-15T17:00:00\n",
     },
    {
     .name = "replace",
     .arguments = "OLD NEW",
     .line = "give the wearer of one band another, in one step",
     .run = replace_run,
     .arguments_least = 2,
     .arguments_most = 2,
     .word = WORD_TEXT,
     .options = {{"at", "TIME", "at that moment (default: now)", WORD_TIME, false}},
     .help = "  whereabouts replace 04A22B3C 04D1990A\n",
     },
    {
     .name = "now",
     .arguments = "",
     .line = "who is where at this moment",
     .run = now_run,
     .formats = true,
     .options = {OPTIONS_WHO},
     .help = "The last line names the readers that have not told everything yet and could\n"
                "still change the answer.\n"
                "\n"
                "  whereabouts now\n"
                "  whereabouts now --zone hall\n"
                "  whereabouts now --person amelie --json\n"
                "  whereabouts now --counts\n", },
    {
     .name = "at",
     .arguments = "TIME",
     .line = "who was where at a moment, by what is known or was known",
     .run = at_run,
     .arguments_least = 1,
     .arguments_most = 1,
     .word = WORD_TIME,
     .formats = true,
     .options = {OPTIONS_WHO, OPTION_KNOWN},
     .help = "With --known the answer uses only the facts that had been learnt by then: what\n"
                "the board showed, and not what turned out to be true.\n"
                "\n"
                "  whereabouts at 2016-07-15T14:03:00\n"
                "  whereabouts at 2016-07-15T14:03:00 --known 2016-07-15T14:03:00 --zone hall\n"
                "  whereabouts at 2016-07-15T14:03:00 --counts --csv\n", },
    {
     .name = "path",
     .arguments = "PERSON",
     .line = "where one person went",
     .run = path_run,
     .arguments_least = 1,
     .arguments_most = 1,
     .word = WORD_PERSON,
     .formats = true,
     .options = {OPTION_FROM, OPTION_UNTIL, OPTION_KNOWN, OPTION_PLOT},
     .help = "The stays in zones that touch the time, whole.\n"
                "\n"
                "  whereabouts path amelie --from 2016-07-15T00:00:00 --until 2016-07-16T00:00:00\n"
                "  whereabouts path amelie --plot\n", },
    {
     .name = "with",
     .arguments = "PERSON",
     .line = "who was in the same places as one person, and how long",
     .run = with_run,
     .arguments_least = 1,
     .arguments_most = 1,
     .word = WORD_PERSON,
     .formats = true,
     .options = {OPTION_FROM,
                    OPTION_UNTIL,
                    {"min", "DURATION", "at least so long together (default 5m)", WORD_DURATION,
                     false},
                    OPTION_KNOWN},
     .help = "  whereabouts with amelie --from 2016-07-15T00:00:00 --min 15m\n",
     },
    {
     .name = "occupancy",
     .arguments = "ZONE",
     .line = "how many were in a zone, over time",
     .run = occupancy_run,
     .arguments_least = 1,
     .arguments_most = 1,
     .word = WORD_ZONE,
     .formats = true,
     .options = {{"from", "TIME", "the first point", WORD_TIME, true},
                    {"until", "TIME", "end here, not included", WORD_TIME, true},
                    {"every", "DURATION", "from point to point, such as 1m", WORD_DURATION, true},
                    OPTION_KNOWN,
                    OPTION_PLOT},
     .help = "  whereabouts occupancy hall --from 2016-07-15T06:00:00 --until "
                "2016-07-15T23:00:00 \\\n"
                "              --every 10m --plot\n", },
    {
     .name = "list",
     .arguments = "people|bands|zones|readers|held|quarantined|withdrawn|unseen",
     .line = "the register, the site, and what is kept aside",
     .run = list_run,
     .arguments_least = 1,
     .arguments_most = 1,
     .word = WORD_CHOICE,
     .formats = true,
     .help = "held         scans of bands that are nobody's yet\n"
                "quarantined  scans whose clock cannot be right; see: whereabouts help release\n"
                "withdrawn    scans that were made in error\n"
                "unseen       people who were never scanned\n"
                "\n"
                "  whereabouts list readers\n"
                "  whereabouts list held --csv\n", },
    {
     .name = "withdraw",
     .arguments = "READER BAND TIME",
     .line = "a scan was made in error: it did not happen",
     .run = withdraw_run,
     .arguments_least = 3,
     .arguments_most = 3,
     .word = WORD_READER,
     .options = {{"direction", "in|out|none", "this direction only (default: any)", WORD_CHOICE,
                     false},
                    OPTION_WHY},
     .help =
            "TIME is the scan's own, to the microsecond: path --csv shows it. What was\n"
            "believed before stays answerable with --known. A withdrawal may be there before\n"
            "its scan; whereabouts list withdrawn shows it.\n"
            "\n"
            "  whereabouts withdraw hall-door 04A22B3C 2016-07-15T08:30:00 --why 'wrong child'\n", },
    {
     .name = "release",
     .arguments = "READER",
     .line = "fold in quarantined scans of a reader, their clock corrected",
     .run = release_run,
     .arguments_least = 1,
     .arguments_most = 1,
     .word = WORD_READER,
     .options = {{"from", "TIME", "scans with times from here on, as the reader told them",
                     WORD_TIME, false},
                    {"until", "TIME", "scans with times before this", WORD_TIME, false},
                    {"shift", "DURATION", "what the clock was wrong by, such as -3h", WORD_DURATION,
                     false},
                    OPTION_WHY},
     .help = "  whereabouts list quarantined\n"
                "  whereabouts release gate-in --shift -3h --why 'clock was three hours fast'\n", },
    {
     .name = "complete",
     .arguments = "READER TIME",
     .line = "declare that all of a reader's scans up to a time are in",
     .run = complete_run,
     .arguments_least = 2,
     .arguments_most = 2,
     .word = WORD_READER,
     .help = "  whereabouts complete gate-in 2016-07-15T18:00:00\n",
     },
    {
     .name = "operator add",
     .arguments = "NAME",
     .line = "let somebody sign in; reads the password",
     .run = operator_add_run,
     .arguments_least = 1,
     .arguments_most = 1,
     .options = {{"role", "admin|warden|viewer", "what they may do", WORD_CHOICE, true},
                    OPTIONS_LIMITS},
     .help =
            "The password is read from the terminal without being shown, or as one line of\n"
            "standard input. An admin may do everything. A warden and a viewer see who is\n"
            "where, in these zones (and below) and of these groups only, where any are given.\n"
            "\n"
            "  whereabouts operator add ann --role admin\n"
            "  whereabouts operator add night-desk --role viewer --zone house --group boarders\n", },
    {
     .name = "operator list",
     .arguments = "",
     .line = "who may sign in",
     .run = operator_list_run,
     .formats = true,
     .help = "  whereabouts operator list\n",
     },
    {
     .name = "operator remove",
     .arguments = "NAME",
     .line = "let somebody sign in no more; ends their sessions",
     .run = operator_remove_run,
     .arguments_least = 1,
     .arguments_most = 1,
     .help = "  whereabouts operator remove ann\n",
     },
    {
     .name = "token add",
     .arguments = "",
     .line = "make a token for a reader or a program; printed once",
     .run = token_add_run,
     .options = {{"role", "reader|viewer|warden|admin", "what its holder may do", WORD_CHOICE,
                     true},
                    {"reader", "READER...", "of role reader: sends scans of this reader only",
                     WORD_READER, false},
                    OPTIONS_LIMITS,
                    {"expires", "DURATION", "good for so long (default: until it is revoked)",
                     WORD_DURATION, false},
                    {"purpose", "TEXT", "what it is for; stands in the log of look-ups", WORD_TEXT,
                     false}},
     .help = "The file keeps a hash of it only: what is lost cannot be shown again.\n"
                "\n"
                "  whereabouts token add --role reader --reader gate-in --reader gate-out\n"
                "  whereabouts token add --role viewer --zone hall --expires 30d --purpose 'hall "
                "screen'\n", },
    {
     .name = "token list",
     .arguments = "",
     .line = "which tokens there are",
     .run = token_list_run,
     .formats = true,
     .help = "  whereabouts token list\n",
     },
    {
     .name = "token revoke",
     .arguments = "ID",
     .line = "make a token worth nothing",
     .run = token_revoke_run,
     .arguments_least = 1,
     .arguments_most = 1,
     .help = "  whereabouts token revoke t-1a2b3c4d\n",
     },
    {
     .name = "erase",
     .arguments = "PERSON",
     .line = "erase a person for good",
     .run = erase_run,
     .arguments_least = 1,
     .arguments_most = 1,
     .word = WORD_PERSON,
     .options = {{"yes", NULL, "do not ask whether that is meant", WORD_NONE, false}},
     .help =
            "Nothing names them afterwards, at any moment and as known at any: their entry, the\n"
            "ids of bands that nobody else wore, reasons of corrections and look-ups are\n"
            "gone, also from the file's free space. Their scans stay as numbers and are\n"
            "nobody's. Copies that were made before still have all of it.\n"
            "\n"
            "  whereabouts erase p0017\n", },
    {
     .name = "lookups",
     .arguments = "PERSON",
     .line = "who looked at somebody, newest first",
     .run = lookups_run,
     .arguments_least = 1,
     .arguments_most = 1,
     .word = WORD_PERSON,
     .formats = true,
     .options = {{"most", "N", "so many (default: all)", WORD_NUMBER, false}},
     .help = "Every answer of the server that names people is kept before it is given: who\n"
                "asked, when, what, and for what purpose. Who has the file itself can ask it\n"
                "without leaving a trace here.\n"
                "\n"
                "  whereabouts lookups p0017\n", },
    {
     .name = "serve",
     .arguments = "",
     .line = "serve the site over HTTP, to readers and to people",
     .run = serve_run,
     .on_file = true,
     .options =
            {
                {"listen", "ADDRESS:PORT", "where (default: 127.0.0.1:8080)", WORD_TEXT, false},
                {"tls-cert", "FILE", "the certificate chain, PEM", WORD_FILE, false},
                {"tls-key", "FILE", "its key, PEM", WORD_FILE, false},
                {"plain-http", NULL, "no TLS, on an address other than this machine's own",
                 WORD_NONE, false},
                {"connections", "N", "open at once (default: 4096)", WORD_NUMBER, false},
                {"per-address", "N", "of them from one address (default: 1024)", WORD_NUMBER,
                 false},
                {"request-seconds", "N", "a request must be in by then (default: 60)", WORD_NUMBER,
                 false},
                {"idle-seconds", "N", "a connection may rest so long (default: 75)", WORD_NUMBER,
                 false},
            }, .help =
            "Readers post scans and are answered when they are on the disk; everybody else\n"
            "asks as the command line does. Only who has a token or signs in is answered.\n"
            "SIGTERM ends it: what was committed is answered, the rest refused.\n"
            "\n"
            "  whereabouts serve\n"
            "  whereabouts serve --listen 0.0.0.0:8443 --tls-cert site.pem --tls-key site.key\n", },
    {
     .name = "simulate",
     .arguments = "",
     .line = "invent a site to try things on: a boarding school",
     .run = simulate_run,
     .alone = true,
     .options = {{"people", "N", "how many people", WORD_NUMBER, true},
                    {"days", "D", "how many days", WORD_NUMBER, true},
                    {"seed", "S", "the same seed gives the same bytes", WORD_NUMBER, true},
                    {"out", "DIR", "write the files here", WORD_DIRECTORY, true},
                    {"until", "DATE", "the last day (default 2025-04-06)", WORD_TEXT, false}},
     .help =
            "Writes site.json, people.csv, bands.csv and scans.csv. Scans have a learnt column:\n"
            "one reader is offline by day and tells everything in the evening, so what was\n"
            "believed differs from what was true.\n"
            "\n"
            "  whereabouts simulate --people 300 --days 14 --seed 1 --out school\n"
            "  cd school && whereabouts init --site site.json\n"
            "  whereabouts import people people.csv\n"
            "  whereabouts import bands --trust-learnt bands.csv\n"
            "  whereabouts import scans --trust-learnt --complete scans.csv\n", },
    {
     .name = "verify",
     .arguments = "",
     .line = "check everything: the hash chain, the blocks against the journal",
     .run = verify_run,
     .on_file = true,
     .help = "  whereabouts verify\n",
     },
    {
     .name = "rebuild",
     .arguments = "",
     .line = "make the history blocks again from the journal",
     .run = rebuild_run,
     .on_file = true,
     .help = "  whereabouts rebuild\n",
     },
    {
     .name = "backup",
     .arguments = "FILE",
     .line = "write a consistent copy of a live site",
     .run = backup_run,
     .on_file = true,
     .arguments_least = 1,
     .arguments_most = 1,
     .word = WORD_FILE,
     .help = "  whereabouts backup /mnt/stick/larch.db\n",
     },
    {
     .name = "help",
     .arguments = "[COMMAND]",
     .line = "what a command does, with examples",
     .run = help_run,
     .alone = true,
     .arguments_most = 2,
     .word = WORD_TEXT,
     .help = "  whereabouts help import scans\n",
     },
    {
     .name = "completion",
     .arguments = "bash|zsh|fish",
     .line = "print the completion script for a shell",
     .run = completion_run,
     .alone = true,
     .arguments_least = 1,
     .arguments_most = 1,
     .word = WORD_CHOICE,
     .help = "  source <(whereabouts completion bash)\n"
                "  whereabouts completion zsh > ~/.zfunc/_whereabouts\n"
                "  whereabouts completion fish > ~/.config/fish/completions/whereabouts.fish\n", },
    {.name = NULL                                                                              },
};
