/* whereabouts erase: a person goes for good. */
#include <stdio.h>
#include <unistd.h>

#include "tool/remote.h"
#include "tool/site.h"

/* What cannot be undone is asked for twice. */
static int confirm(const struct call *call, const char *id)
{
    char line[8] = "";

    if (call_has(call, "yes")) return SAY_DONE;
    if (!isatty(STDIN_FILENO)) {
        return say(SAY_WRONG_USE, "what is erased does not come back; say so with --yes");
    }
    (void)printf("Erase %s for good? It cannot be undone. [y/N] ", id);
    (void)fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL) (void)putchar('\n');
    if ((line[0] == 'y' || line[0] == 'Y') && line[1] == '\n') return SAY_DONE;
    return say(SAY_NO, "nothing was erased");
}

static void print(const char *id)
{
    (void)printf(
        "%s is erased: entry, bands that nobody else wore, reasons and look-ups are gone;\n"
        "the scans are nobody's. Copies made before still have all of it.\n",
        id);
}

static int erase_in_file(const struct call *call, const struct site *site)
{
    const char *id = call->arguments[0];
    struct wb_erasure erased;
    wb_person person;

    int status = site_person(site, id, &person);
    if (status == SAY_DONE) status = confirm(call, id);
    if (status != SAY_DONE) return status;
    wb_status done = wb_erase_person(site->wb, person, site->now_us, &erased);
    if (done != WB_OK) return site_failed(site, done);
    print(id);
    if (!erased.log_is_empty) {
        say_note("another program reads the file: the log beside it is emptied when it has done");
    }
    return SAY_DONE;
}

/* Somebody has to be there before it is asked whether they should go. */
static int erase_at_server(const struct call *call, const struct site *site)
{
    const char *id = call->arguments[0];
    struct address address;
    json_t *answer;

    address_begin(&address, "/v1/people");
    address_part(&address, id);
    int status = remote_get(site->remote, &address, &answer);
    json_decref(answer);
    if (status == SAY_DONE) status = confirm(call, id);
    if (status != SAY_DONE) return status;
    address_begin(&address, "/v1/people");
    address_part(&address, id);
    status = remote_ask(site->remote, "DELETE", &address, NULL, &answer);
    json_decref(answer);
    if (status == SAY_DONE) print(id);
    return status;
}

int erase_run(const struct call *call)
{
    struct site site;

    int status = site_open(&site, call, WB_WRITE);
    if (status == SAY_DONE) {
        status = site.remote != NULL ? erase_at_server(call, &site) : erase_in_file(call, &site);
    }
    return site_close(&site, status);
}
