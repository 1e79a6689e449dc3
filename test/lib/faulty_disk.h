/* A disk that forgets what was not synced: the model under the faulty VFS.
 *
 * It holds files in memory. Each file has its live bytes, which every reader sees, and its
 * durable bytes, which a power cut leaves; between them stand the changes since the last
 * sync, in order. The one folder works the same way: a name that was made or deleted is
 * durable when the folder was synced. A power cut takes the durable state and any subset of
 * the changes, torn at sectors of 512 bytes.
 *
 * What disks and file systems do after a power cut, and after a failed fsync: Pillai and
 * others, "All File Systems Are Not Created Equal", OSDI 2014; Rebello and others, "Can
 * Applications Recover from fsync Failures?", USENIX ATC 2020. */
#ifndef WHEREABOUTS_TEST_FAULTY_DISK_H
#define WHEREABOUTS_TEST_FAULTY_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISK_SECTOR_BYTES 512u

/* What a power cut leaves of the changes that were not synced. */
enum disk_policy {
    DISK_LOSE, /* nothing of them */
    DISK_KEEP, /* all of them */
    DISK_SOME, /* each write whole or not at all, by the seed; so they come reordered */
    DISK_TORN, /* each sector of each write by itself, by the seed */
    DISK_POLICY_COUNT,
};

struct disk;
struct disk_file;

struct disk *disk_new(void);
void disk_free(struct disk *disk); /* accepts NULL */

/* A file by its live name; NULL without one. Borrowed until the disk is freed. */
struct disk_file *disk_find(struct disk *disk, const char *name);

/* Make an empty file. name: NULL makes one that no folder lists. */
struct disk_file *disk_make(struct disk *disk, const char *name);

/* Take a name out of the folder; the file stays for who has it open. */
bool disk_unlink(struct disk *disk, const char *name);

size_t disk_size(const struct disk_file *file);
const unsigned char *disk_bytes(const struct disk_file *file); /* [disk_size] live bytes */
void disk_write(struct disk_file *file, size_t offset, const void *data, size_t bytes);
void disk_truncate(struct disk_file *file, size_t bytes);

/* All changes of the file so far are durable. */
void disk_sync(struct disk_file *file);

/* A failed fsync: the changes so far stay live and never become durable. */
void disk_forget_changes(struct disk_file *file);

/* All names made and deleted so far are durable. */
void disk_sync_folder(struct disk *disk);

/* The disk as a power cut now would leave it; yours to free. disk itself is untouched, so
 * several seeds can be tried. */
struct disk *disk_after_power_cut(const struct disk *disk, enum disk_policy policy, uint64_t seed);

/* A seeded sequence of numbers (splitmix64). */
uint64_t seeded_next(uint64_t *state);

#endif
