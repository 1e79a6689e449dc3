/* An SQLite VFS named "faulty" over a disk in memory that fails where it is told to.
 *
 * Every operation that changes the disk (write, truncate, sync, delete, make a file) is a
 * boundary; they are numbered from 1 since faulty_vfs_reset or faulty_vfs_plan. Run the
 * workload once without a plan to count them, then once for each number.
 *
 * One disk for the whole process. The folder is made durable where SQLite's unix VFS does
 * it: at the first sync of a new journal or WAL, and at a delete that asks for it. */
#ifndef WHEREABOUTS_TEST_FAULTY_VFS_H
#define WHEREABOUTS_TEST_FAULTY_VFS_H

#include "faulty_disk.h"

#define FAULTY_VFS_NAME "faulty"

enum faulty_mode {
    FAULTY_NOTHING,
    FAULTY_CRASH,     /* the boundary is under way when the power goes; all fails from there */
    FAULTY_IO_ERROR,  /* the boundary fails; a write may be half done */
    FAULTY_DISK_FULL, /* the first write or new file at or after the boundary finds no room */
    FAULTY_SYNC_LIES, /* the first sync at or after the boundary fails and drops its data;
                         later ones succeed without it */
    FAULTY_READ,      /* the read fails; reads are counted by themselves, from 1 */
};

struct faulty_plan {
    enum faulty_mode mode;
    uint64_t boundary; /* from 1 */
    bool sticky;       /* every later one fails too */
};

/* Register the VFS; once is enough, more does no harm. */
void faulty_vfs_register(void);

/* An empty disk, no plan, all counts 0. All files must be closed. */
void faulty_vfs_reset(void);

/* What is to fail from here on; counts start again at 0. */
void faulty_vfs_plan(struct faulty_plan plan);

uint64_t faulty_vfs_boundaries(void); /* passed since the plan */
uint64_t faulty_vfs_reads(void);      /* done since the plan */
bool faulty_vfs_fired(void);          /* the plan has come true */

/* Cut the power: what is on the disk now is kept as the image that recovery starts from.
 * All files must be closed (closing works after a crash). */
void faulty_vfs_power_cut(void);

/* The disk as the last power cut may have left it. Can be called again with another seed.
 * No plan afterwards. All files must be closed. */
void faulty_vfs_recover(enum disk_policy policy, uint64_t seed);

/* Overwrite bytes of a file, durably, as damage does; false if there is no such place. */
bool faulty_vfs_damage(const char *name, size_t offset, const void *data, size_t bytes);

#endif
