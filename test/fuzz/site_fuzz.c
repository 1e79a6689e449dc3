/* Any bytes are a site's description or are refused, with a place inside them and one whole
 * sentence; whatever was read is a tree of zones and stays the same when it is read again. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "site/description.h"
#include "site/position.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#define MUST(holds) must((holds), #holds)

static void must(bool holds, const char *what)
{
    if (holds) return;

    (void)fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

static void check_refusal(const struct wb_fault *why, const char *json, size_t bytes)
{
    size_t sentence = strnlen(why->text, sizeof why->text);
    MUST(sentence > 0 && sentence < sizeof why->text);
    MUST(text_is_utf8(why->text, sentence));
    MUST(strpbrk(why->text, "\r\n\t\x1b\x7f") == NULL);

    int lines = 1;
    for (size_t i = 0; i < bytes; i++)
        lines += json[i] == '\n';
    MUST(why->line >= 1 && why->line <= lines);
    MUST(why->column >= 1 && (size_t)why->column <= bytes + 1);
}

static void check_tree(const struct description *site)
{
    for (size_t i = 0; i < site->zone_count; i++) {
        unsigned depth = 1;
        for (int32_t at = site->zones[i].in; at != DESCRIPTION_OUTSIDE; at = site->zones[at].in) {
            MUST(at >= 0 && (size_t)at < site->zone_count);
            MUST(++depth <= DESCRIPTION_DEPTH_MAX);
        }
        MUST(description_forget_us(site, i) >= 0);
    }
}

static void check_readers(const struct description *site)
{
    for (size_t i = 0; i < site->reader_count; i++) {
        const struct description_reader *reader = &site->readers[i];
        bool between = reader->kind == 'b';
        MUST(between || reader->kind == 'e' || reader->kind == 'l');
        MUST(reader->a >= (between ? DESCRIPTION_OUTSIDE : 0));
        MUST(reader->a < (int32_t)site->zone_count && reader->b < (int32_t)site->zone_count);
        MUST(between ? reader->b >= 0 : reader->b == DESCRIPTION_NO_ZONE);
    }
}

static void check_site(const struct description *site, const char *json, size_t bytes)
{
    struct description again;
    struct wb_fault why = {0};
    MUST(strlen(site->id) >= 1 && strlen(site->id) <= WB_ID_BYTES_MAX);
    check_tree(site);
    check_readers(site);
    MUST(description_locate(json, bytes, "timezone", &why) && why.line >= 1);
    MUST(description_locate(json, bytes, "zones[0].id", &why) == (site->zone_count > 0));
    MUST(description_read(json, bytes, &again, NULL) == WB_OK);
    MUST(description_same_shape(site, &again));
    description_done(&again);
}

/* The finder of places must hold on any bytes, not only on JSON. */
static void check_positions(const char *json, size_t bytes)
{
    static const uint32_t steps[] = {1, 0, 2, 1};
    for (size_t count = 0; count <= sizeof steps / sizeof steps[0]; count++) {
        MUST(position_of(json, bytes, steps, count, false) <= bytes);
        MUST(position_of(json, bytes, steps, count, true) <= bytes);
    }
    MUST(position_token(json, bytes, bytes / 2) <= bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const char *json = (const char *)data;
    struct description site = {0};
    struct wb_fault why = {0};
    wb_status status = description_read(json, bytes, &site, &why);
    MUST(status == WB_OK || status == WB_EREFUSED);
    if (status == WB_OK) {
        check_site(&site, json, bytes);
    } else {
        check_refusal(&why, json, bytes);
    }
    description_done(&site);
    check_positions(json, bytes);
    return 0;
}
