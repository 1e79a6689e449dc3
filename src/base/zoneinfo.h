/* zoneinfo: time zones by IANA name, from the system's TZif files (RFC 9636).
 *
 * Files are read whole, at most ZONEINFO_BYTES_MAX, and parsed by a bounds-checked cursor:
 * a damaged file is refused, never believed. "UTC" and "Etc/UTC" need no file. */
#ifndef BASE_ZONEINFO_H
#define BASE_ZONEINFO_H

#include <stddef.h>

struct time_zone; /* base/time_zone.h */

#define ZONEINFO_BYTES_MAX 65536u /* the largest of tzdata has some 4,000 */

enum zoneinfo_result {
    ZONEINFO_OK = 0,
    ZONEINFO_NOT_FOUND = 1, /* no such name, or not a name at all */
    ZONEINFO_DAMAGED = 2,   /* there is a file, and it is no TZif file that can be understood */
    ZONEINFO_NO_MEMORY = 3,
};

/* Load a zone.
 *
 *   name   ends with NUL, such as Europe/London; letters, digits, _ + - and / only
 *   out    the caller's; time_zone_free. Untouched on failure
 *   cost   one small file and some 30 KiB of memory */
enum zoneinfo_result zoneinfo_load(const char *name, struct time_zone **out);

/* Load from the bytes of a TZif file, version 1 to 4. Files that count leap seconds
 * ("right/...") are refused: ZONEINFO_DAMAGED. */
enum zoneinfo_result zoneinfo_parse(const unsigned char *content, size_t bytes,
                                    struct time_zone **out);

#endif
