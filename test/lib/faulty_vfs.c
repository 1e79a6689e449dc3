#include "faulty_vfs.h"

#include <assert.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define PATH_BYTES         512
#define REGION_COUNT       64
#define SHM_LOCK_COUNT     SQLITE_SHM_NLOCK
#define CLOCK_START_MS     INT64_C(212630486400000) /* a day in 2026, as SQLite counts */
#define SQLITE_UNIX_SECTOR 4096

/* What all connections of one file share: its wal-index. */
struct shared_memory {
    struct disk_file *file;
    void *regions[REGION_COUNT];
    struct shared_memory *next;
};

struct handle {
    sqlite3_file base;
    struct disk_file *file;
    struct shared_memory *memory; /* NULL: not mapped */
    uint32_t held_shared, held_exclusive;
    int lock;
    bool sync_folder; /* a new journal: its first sync makes its name durable too */
    bool delete_on_close, persist_wal;
    char name[PATH_BYTES];
    struct handle *next;
};

static struct {
    pthread_mutex_t mutex;
    struct disk *disk, *image;
    struct handle *handles;
    struct shared_memory *memories;
    struct faulty_plan plan;
    uint64_t boundaries, reads, random;
    bool fired, crashed;
} world = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void world_lock(void)
{
    int failed = pthread_mutex_lock(&world.mutex);
    assert(!failed);
}

static void world_unlock(void)
{
    int failed = pthread_mutex_unlock(&world.mutex);
    assert(!failed);
}

/* ---- The plan ----------------------------------------------------------------------- */

enum kind { KIND_WRITE, KIND_TRUNCATE, KIND_SYNC, KIND_DELETE, KIND_MAKE };

enum verdict { GOES_WELL, FAILS, FAILS_FULL, FAILS_AND_FORGETS };

static bool plan_is_due(enum kind kind)
{
    const struct faulty_plan *plan = &world.plan;
    if (world.fired && !plan->sticky) return false;
    switch (plan->mode) {
    case FAULTY_NOTHING:
    case FAULTY_READ:
        return false;
    case FAULTY_CRASH:
    case FAULTY_IO_ERROR:
        return plan->sticky ? world.boundaries >= plan->boundary
                            : world.boundaries == plan->boundary;
    case FAULTY_DISK_FULL:
        return world.boundaries >= plan->boundary && (kind == KIND_WRITE || kind == KIND_MAKE);
    case FAULTY_SYNC_LIES:
        return world.boundaries >= plan->boundary && kind == KIND_SYNC;
    }
    return false;
}

/* Count a boundary and say what becomes of it. */
static enum verdict boundary_pass(enum kind kind)
{
    if (world.crashed) return FAILS;
    world.boundaries++;
    if (!plan_is_due(kind)) return GOES_WELL;
    world.fired = true;
    if (world.plan.mode == FAULTY_CRASH) world.crashed = true;
    if (world.plan.mode == FAULTY_DISK_FULL) return FAILS_FULL;
    return world.plan.mode == FAULTY_SYNC_LIES ? FAILS_AND_FORGETS : FAILS;
}

static bool read_fails(void)
{
    if (world.crashed) return true;
    world.reads++;
    if (world.plan.mode != FAULTY_READ || world.reads < world.plan.boundary) return false;
    if (world.fired && !world.plan.sticky) return false;
    world.fired = true;
    return true;
}

/* ---- Bytes -------------------------------------------------------------------------- */

static int file_read(sqlite3_file *base, void *out, int bytes, sqlite3_int64 offset)
{
    struct handle *handle = (struct handle *)base;
    world_lock();
    int status = SQLITE_OK;
    size_t size = disk_size(handle->file);
    size_t start = (size_t)offset;
    size_t wanted = (size_t)bytes;
    size_t there = start >= size ? 0 : size - start;
    if (there > wanted) there = wanted;
    if (read_fails()) {
        status = SQLITE_IOERR_READ;
    } else {
        if (there > 0) memcpy(out, disk_bytes(handle->file) + start, there);
        memset((char *)out + there, 0, wanted - there);
        if (there < wanted) status = SQLITE_IOERR_SHORT_READ;
    }
    world_unlock();
    return status;
}

static int file_write(sqlite3_file *base, const void *data, int bytes, sqlite3_int64 offset)
{
    struct handle *handle = (struct handle *)base;
    size_t length = (size_t)bytes;
    size_t start = (size_t)offset;
    world_lock();
    bool was_crashed = world.crashed;
    enum verdict verdict = boundary_pass(KIND_WRITE);
    if (verdict == GOES_WELL || (world.crashed && !was_crashed)) {
        /* The write that the crash interrupts is under way: any part of it may survive. */
        disk_write(handle->file, start, data, length);
    } else if (!was_crashed) {
        disk_write(handle->file, start, data, length / 2);
    }
    world_unlock();
    if (verdict == GOES_WELL) return SQLITE_OK;
    return verdict == FAILS_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 bytes)
{
    struct handle *handle = (struct handle *)base;
    world_lock();
    bool was_crashed = world.crashed;
    enum verdict verdict = boundary_pass(KIND_TRUNCATE);
    if (verdict == GOES_WELL || (world.crashed && !was_crashed)) {
        disk_truncate(handle->file, (size_t)bytes);
    }
    world_unlock();
    return verdict == GOES_WELL ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

static int file_sync(sqlite3_file *base, int flags)
{
    struct handle *handle = (struct handle *)base;
    (void)flags;
    world_lock();
    enum verdict verdict = boundary_pass(KIND_SYNC);
    if (verdict == GOES_WELL) {
        disk_sync(handle->file);
        if (handle->sync_folder) disk_sync_folder(world.disk);
        handle->sync_folder = false;
    } else if (verdict == FAILS_AND_FORGETS) {
        disk_forget_changes(handle->file);
    }
    world_unlock();
    return verdict == GOES_WELL ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *out)
{
    struct handle *handle = (struct handle *)base;
    world_lock();
    int status = world.crashed ? SQLITE_IOERR_FSTAT : SQLITE_OK;
    *out = (sqlite3_int64)disk_size(handle->file);
    world_unlock();
    return status;
}

/* ---- Locks of the file: SQLite's five levels --------------------------------------- */

static int highest_lock_of_others(const struct handle *self)
{
    int highest = SQLITE_LOCK_NONE;
    for (struct handle *other = world.handles; other; other = other->next) {
        if (other == self || other->file != self->file) continue;
        if (other->lock > highest) highest = other->lock;
    }
    return highest;
}

static int file_lock(sqlite3_file *base, int level)
{
    struct handle *handle = (struct handle *)base;
    world_lock();
    int others = highest_lock_of_others(handle);
    int status = SQLITE_OK;
    if (world.crashed) {
        status = SQLITE_IOERR_LOCK;
    } else if (handle->lock >= level) {
        status = SQLITE_OK;
    } else if (level == SQLITE_LOCK_SHARED) {
        if (others >= SQLITE_LOCK_PENDING) status = SQLITE_BUSY;
    } else if (others >= SQLITE_LOCK_RESERVED) {
        status = SQLITE_BUSY;
    } else if (level == SQLITE_LOCK_EXCLUSIVE && others == SQLITE_LOCK_SHARED) {
        handle->lock = SQLITE_LOCK_PENDING;
        status = SQLITE_BUSY;
    }
    if (status == SQLITE_OK && handle->lock < level) handle->lock = level;
    world_unlock();
    return status;
}

static int file_unlock(sqlite3_file *base, int level)
{
    struct handle *handle = (struct handle *)base;
    world_lock();
    if (handle->lock > level) handle->lock = level;
    world_unlock();
    return SQLITE_OK;
}

static int file_check_reserved(sqlite3_file *base, int *out)
{
    struct handle *handle = (struct handle *)base;
    world_lock();
    *out = handle->lock >= SQLITE_LOCK_RESERVED ||
           highest_lock_of_others(handle) >= SQLITE_LOCK_RESERVED;
    world_unlock();
    return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int operation, void *argument)
{
    struct handle *handle = (struct handle *)base;
    int *value = argument;
    switch (operation) {
    case SQLITE_FCNTL_LOCKSTATE:
        *value = handle->lock;
        return SQLITE_OK;
    case SQLITE_FCNTL_PERSIST_WAL:
        if (*value >= 0) handle->persist_wal = *value != 0;
        *value = handle->persist_wal;
        return SQLITE_OK;
    case SQLITE_FCNTL_HAS_MOVED:
        *value = 0;
        return SQLITE_OK;
    default:
        return SQLITE_NOTFOUND;
    }
}

static int file_sector_size(sqlite3_file *base)
{
    (void)base;
    return SQLITE_UNIX_SECTOR;
}

/* As the unix VFS says by default. Tearing keeps to it: bytes beside a write are safe. */
static int file_characteristics(sqlite3_file *base)
{
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* ---- The wal-index, on the heap ----------------------------------------------------- */

static struct shared_memory *memory_of(struct disk_file *file)
{
    for (struct shared_memory *memory = world.memories; memory; memory = memory->next) {
        if (memory->file == file) return memory;
    }
    struct shared_memory *memory = calloc(1, sizeof *memory);
    if (!memory) return NULL;
    memory->file = file;
    memory->next = world.memories;
    world.memories = memory;
    return memory;
}

static void memory_free(struct shared_memory *memory)
{
    struct shared_memory **link = &world.memories;
    while (*link != memory)
        link = &(*link)->next;
    *link = memory->next;
    for (int i = 0; i < REGION_COUNT; i++)
        free(memory->regions[i]);
    free(memory);
}

static int shm_map(sqlite3_file *base, int region, int bytes, int extend, volatile void **out)
{
    struct handle *handle = (struct handle *)base;
    assert(region < REGION_COUNT);
    world_lock();
    *out = NULL;
    int status = world.crashed ? SQLITE_IOERR_SHMMAP : SQLITE_OK;
    if (status == SQLITE_OK) {
        if (!handle->memory) handle->memory = memory_of(handle->file);
        void **place = handle->memory ? &handle->memory->regions[region] : NULL;
        if (place && !*place && extend) *place = calloc(1, (size_t)bytes);
        if (place) *out = *place;
        if (!place || (extend && !*place)) status = SQLITE_IOERR_NOMEM;
    }
    world_unlock();
    return status;
}

/* Whether another connection holds one of the locks in a way that forbids ours. */
static bool shm_is_held(const struct handle *self, uint32_t mask, bool exclusive)
{
    for (struct handle *other = world.handles; other; other = other->next) {
        if (other == self || other->file != self->file) continue;
        uint32_t held = other->held_exclusive | (exclusive ? other->held_shared : 0);
        if (held & mask) return true;
    }
    return false;
}

static int shm_lock(sqlite3_file *base, int offset, int count, int flags)
{
    struct handle *handle = (struct handle *)base;
    assert(offset >= 0 && count > 0 && offset + count <= SHM_LOCK_COUNT);
    uint32_t mask = ((1u << count) - 1u) << offset;
    bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    uint32_t *held = exclusive ? &handle->held_exclusive : &handle->held_shared;
    int status = SQLITE_OK;
    world_lock();
    if (flags & SQLITE_SHM_UNLOCK) {
        *held &= ~mask;
    } else if (world.crashed) {
        status = SQLITE_IOERR_SHMLOCK;
    } else if (shm_is_held(handle, mask, exclusive)) {
        status = SQLITE_BUSY;
    } else {
        *held |= mask;
    }
    world_unlock();
    return status;
}

static void shm_barrier(sqlite3_file *base)
{
    (void)base;
    world_lock();
    world_unlock();
}

/* The last one out takes the wal-index with it, as the unix VFS does in effect: the first
 * one in rebuilds it. */
static void handle_unmap(struct handle *handle)
{
    struct shared_memory *memory = handle->memory;
    if (!memory) return;
    handle->memory = NULL;
    handle->held_shared = handle->held_exclusive = 0;
    for (struct handle *other = world.handles; other; other = other->next) {
        if (other->memory == memory) return;
    }
    memory_free(memory);
}

static int shm_unmap(sqlite3_file *base, int delete_it)
{
    (void)delete_it;
    world_lock();
    handle_unmap((struct handle *)base);
    world_unlock();
    return SQLITE_OK;
}

/* ---- Opening and names -------------------------------------------------------------- */

static int file_close(sqlite3_file *base)
{
    struct handle *handle = (struct handle *)base;
    world_lock();
    handle_unmap(handle);
    if (handle->delete_on_close && handle->name[0] != '\0' && !world.crashed) {
        (void)disk_unlink(world.disk, handle->name);
    }
    struct handle **link = &world.handles;
    while (*link != handle)
        link = &(*link)->next;
    *link = handle->next;
    world_unlock();
    return SQLITE_OK;
}

static const sqlite3_io_methods file_methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

/* Find or make the file that xOpen asks for; NULL: it cannot be opened. */
static struct disk_file *file_for(const char *name, int flags, bool *made)
{
    *made = false;
    if (world.crashed) return NULL;
    struct disk_file *file = name ? disk_find(world.disk, name) : NULL;
    if (file) return (flags & SQLITE_OPEN_EXCLUSIVE) ? NULL : file;
    if (name && !(flags & SQLITE_OPEN_CREATE)) return NULL;
    enum verdict verdict = boundary_pass(KIND_MAKE);
    bool is_under_way = verdict != GOES_WELL && world.crashed;
    if (verdict == GOES_WELL || is_under_way) file = disk_make(world.disk, name);
    *made = true;
    return verdict == GOES_WELL ? file : NULL;
}

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
                    int *out_flags)
{
    (void)vfs;
    struct handle *handle = (struct handle *)base;
    *handle = (struct handle){0};
    if (name && strlen(name) >= PATH_BYTES) return SQLITE_CANTOPEN;
    world_lock();
    bool made = false;
    handle->file = file_for(name, flags, &made);
    int status = handle->file ? SQLITE_OK : SQLITE_CANTOPEN;
    if (status == SQLITE_OK) {
        const int journals = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
        handle->base.pMethods = &file_methods;
        handle->sync_folder = made && (flags & journals) != 0;
        handle->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
        if (name) memcpy(handle->name, name, strlen(name) + 1);
        handle->next = world.handles;
        world.handles = handle;
        if (out_flags) *out_flags = flags;
    }
    world_unlock();
    return status;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    (void)vfs;
    world_lock();
    int status = SQLITE_OK;
    if (!world.crashed && !disk_find(world.disk, name)) {
        status = SQLITE_IOERR_DELETE_NOENT;
    } else {
        bool was_crashed = world.crashed;
        enum verdict verdict = boundary_pass(KIND_DELETE);
        bool is_under_way = world.crashed && !was_crashed;
        if (verdict == GOES_WELL || is_under_way) (void)disk_unlink(world.disk, name);
        if (verdict == GOES_WELL && sync_folder) disk_sync_folder(world.disk);
        if (verdict != GOES_WELL) status = SQLITE_IOERR_DELETE;
    }
    world_unlock();
    return status;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    (void)vfs;
    world_lock();
    struct disk_file *file = disk_find(world.disk, name);
    /* As the unix VFS: an empty file does not count as there, but it can be written. */
    *out = file && (flags != SQLITE_ACCESS_EXISTS || disk_size(file) > 0);
    int status = world.crashed ? SQLITE_IOERR_ACCESS : SQLITE_OK;
    world_unlock();
    return status;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int out_bytes, char *out)
{
    (void)vfs;
    size_t bytes = strlen(name) + 1;
    if (bytes > (size_t)out_bytes) return SQLITE_CANTOPEN;
    memcpy(out, name, bytes);
    return SQLITE_OK;
}

/* Seeded, so that a run can be repeated to the byte. */
static int vfs_random(sqlite3_vfs *vfs, int bytes, char *out)
{
    (void)vfs;
    world_lock();
    for (int i = 0; i < bytes; i++)
        out[i] = (char)(seeded_next(&world.random) & 0xff);
    world_unlock();
    return bytes;
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    return microseconds; /* nobody else will run meanwhile */
}

static int vfs_time_ms(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
    (void)vfs;
    *out = CLOCK_START_MS;
    return SQLITE_OK;
}

static int vfs_time(sqlite3_vfs *vfs, double *out)
{
    (void)vfs;
    *out = (double)CLOCK_START_MS / 86400000.0;
    return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int bytes, char *out)
{
    (void)vfs;
    if (bytes > 0) out[0] = '\0';
    return 0;
}

static sqlite3_vfs faulty = {
    .iVersion = 2,
    .szOsFile = sizeof(struct handle),
    .mxPathname = PATH_BYTES - 1,
    .zName = FAULTY_VFS_NAME,
    .xOpen = vfs_open,
    .xDelete = vfs_delete,
    .xAccess = vfs_access,
    .xFullPathname = vfs_full_path,
    .xRandomness = vfs_random,
    .xSleep = vfs_sleep,
    .xCurrentTime = vfs_time,
    .xGetLastError = vfs_last_error,
    .xCurrentTimeInt64 = vfs_time_ms,
};

/* ---- The test's side ---------------------------------------------------------------- */

void faulty_vfs_register(void)
{
    int status = sqlite3_vfs_register(&faulty, 0);
    assert(status == SQLITE_OK);
    if (!world.disk) world.disk = disk_new();
}

static void world_begin(struct disk *disk)
{
    assert(!world.handles); /* somebody forgot to close a file */
    disk_free(world.disk);
    world.disk = disk;
    world.plan = (struct faulty_plan){0};
    world.boundaries = world.reads = 0;
    world.fired = world.crashed = false;
}

void faulty_vfs_reset(void)
{
    world_lock();
    world_begin(disk_new());
    disk_free(world.image);
    world.image = NULL;
    world.random = 0;
    world_unlock();
}

void faulty_vfs_plan(struct faulty_plan plan)
{
    world_lock();
    world.plan = plan;
    world.boundaries = world.reads = 0;
    world.fired = false;
    world_unlock();
}

uint64_t faulty_vfs_boundaries(void)
{
    return world.boundaries;
}

uint64_t faulty_vfs_reads(void)
{
    return world.reads;
}

bool faulty_vfs_fired(void)
{
    return world.fired;
}

void faulty_vfs_power_cut(void)
{
    world_lock();
    disk_free(world.image);
    world.image = world.disk;
    world.disk = NULL;
    world_begin(disk_new());
    world_unlock();
}

void faulty_vfs_recover(enum disk_policy policy, uint64_t seed)
{
    world_lock();
    assert(world.image);
    world_begin(disk_after_power_cut(world.image, policy, seed));
    world_unlock();
}

bool faulty_vfs_damage(const char *name, size_t offset, const void *data, size_t bytes)
{
    world_lock();
    struct disk_file *file = disk_find(world.disk, name);
    bool is_there = file && offset + bytes <= disk_size(file);
    if (is_there) {
        disk_write(file, offset, data, bytes);
        disk_sync(file);
    }
    world_unlock();
    return is_there;
}
