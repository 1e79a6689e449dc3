#include "tool/address.h"

#include <string.h>

#include "base/list.h"
#include "base/time.h"
#include "tool/say.h"
#include "whereabouts/types.h"

static void put(struct address *address, const char *text, size_t bytes)
{
    if (!LIST_ROOM(address, bytes)) say_no_memory();
    memcpy(address->at + address->count, text, bytes);
    address->count += bytes;
}

/* RFC 3986, 2.3: all that is not unreserved; a dot too, so that ".." stays a name. */
static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '~';
}

static void put_encoded(struct address *address, const char *word)
{
    static const char hex[] = "0123456789ABCDEF";

    for (; *word != '\0'; word++) {
        const char code[] = {'%', hex[(unsigned char)*word >> 4], hex[*word & 15]};
        if (is_plain(*word)) {
            put(address, word, 1);
        } else {
            put(address, code, sizeof code);
        }
    }
}

void address_begin(struct address *address, const char *path)
{
    *address = (struct address){0};
    put(address, path, strlen(path));
}

void address_path(struct address *address, const char *piece)
{
    put(address, piece, strlen(piece));
}

void address_part(struct address *address, const char *word)
{
    put(address, "/", 1);
    put_encoded(address, word);
}

void address_query(struct address *address, const char *name, const char *value)
{
    if (value == NULL) return;
    put(address, address->has_query ? "&" : "?", 1);
    put(address, name, strlen(name));
    put(address, "=", 1);
    put_encoded(address, value);
    address->has_query = true;
}

void address_time(struct address *address, const char *name, int64_t us)
{
    char text[TIME_TEXT_MAX];

    if (us == WB_NO_TIME || us == WB_STILL_THERE) return;
    (void)time_format(us, text);
    address_query(address, name, text);
}

const char *address_text(struct address *address)
{
    if (!LIST_ROOM(address, 1)) say_no_memory();
    address->at[address->count] = '\0';
    return address->at;
}

void address_done(struct address *address)
{
    LIST_DONE(address);
}
