#include "faulty_disk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct content {
    unsigned char *at;
    size_t bytes, capacity;
};

/* One write, or one truncation: then data is NULL and offset the new length. */
struct change {
    size_t offset, bytes;
    unsigned char *data;
};

struct disk_file {
    struct content live, durable;
    struct change *changes;
    size_t change_count, change_capacity;
};

/* One state that a name had; file NULL: it was not there. */
struct name_state {
    char *name;
    struct disk_file *file;
};

struct disk {
    struct disk_file **files;
    size_t file_count, file_capacity;
    /* The durable folder first, then every change since; the newest row of a name is live. */
    struct name_state *names;
    size_t name_count, name_capacity;
    size_t durable_names;
};

uint64_t seeded_next(uint64_t *state)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* The model itself must not be what runs out of memory: tests that fail the n-th allocation
 * wrap malloc, calloc and realloc when they are linked, and not this one. */
static void *resized(void *memory, size_t bytes)
{
    void *more = reallocarray(memory, 1, bytes);
    assert(more);
    return more;
}

static void *zeroed(size_t bytes)
{
    return memset(resized(NULL, bytes), 0, bytes);
}

static void *grown(void *memory, size_t count, size_t *capacity, size_t each)
{
    if (count < *capacity) return memory;
    *capacity = *capacity == 0 ? 16 : *capacity * 2;
    return resized(memory, *capacity * each);
}

static void content_resize(struct content *content, size_t bytes)
{
    if (bytes > content->capacity) {
        content->capacity = bytes + bytes / 2 + 4096;
        content->at = resized(content->at, content->capacity);
    }
    if (bytes > content->bytes) memset(content->at + content->bytes, 0, bytes - content->bytes);
    content->bytes = bytes;
}

static void content_write(struct content *content, size_t offset, const void *data, size_t bytes)
{
    if (bytes == 0) return;
    if (offset + bytes > content->bytes) content_resize(content, offset + bytes);
    memcpy(content->at + offset, data, bytes);
}

static void content_copy(struct content *to, const struct content *from)
{
    to->bytes = 0;
    content_write(to, 0, from->at, from->bytes);
}

static void content_apply(struct content *content, const struct change *change)
{
    if (change->data) {
        content_write(content, change->offset, change->data, change->bytes);
    } else {
        content_resize(content, change->offset);
    }
}

static void changes_clear(struct disk_file *file)
{
    for (size_t i = 0; i < file->change_count; i++)
        free(file->changes[i].data);
    file->change_count = 0;
}

static struct disk_file *file_new(struct disk *disk)
{
    disk->files =
        grown(disk->files, disk->file_count, &disk->file_capacity, sizeof(struct disk_file *));
    struct disk_file *file = zeroed(sizeof *file);
    disk->files[disk->file_count] = file;
    disk->file_count++;
    return file;
}

static void name_add(struct disk *disk, const char *name, struct disk_file *file)
{
    disk->names = grown(disk->names, disk->name_count, &disk->name_capacity, sizeof disk->names[0]);
    char *copy = strdup(name);
    assert(copy);
    disk->names[disk->name_count] = (struct name_state){.name = copy, .file = file};
    disk->name_count++;
}

struct disk *disk_new(void)
{
    return zeroed(sizeof(struct disk));
}

void disk_free(struct disk *disk)
{
    if (!disk) return;
    for (size_t i = 0; i < disk->file_count; i++) {
        struct disk_file *file = disk->files[i];
        changes_clear(file);
        free(file->changes);
        free(file->live.at);
        free(file->durable.at);
        free(file);
    }
    for (size_t i = 0; i < disk->name_count; i++)
        free(disk->names[i].name);
    free(disk->files);
    free(disk->names);
    free(disk);
}

struct disk_file *disk_find(struct disk *disk, const char *name)
{
    for (size_t i = disk->name_count; i-- > 0;) {
        if (strcmp(disk->names[i].name, name) == 0) return disk->names[i].file;
    }
    return NULL;
}

struct disk_file *disk_make(struct disk *disk, const char *name)
{
    struct disk_file *file = file_new(disk);
    if (name) name_add(disk, name, file);
    return file;
}

bool disk_unlink(struct disk *disk, const char *name)
{
    if (!disk_find(disk, name)) return false;
    name_add(disk, name, NULL);
    return true;
}

size_t disk_size(const struct disk_file *file)
{
    return file->live.bytes;
}

const unsigned char *disk_bytes(const struct disk_file *file)
{
    return file->live.at;
}

static void change_add(struct disk_file *file, struct change change)
{
    file->changes =
        grown(file->changes, file->change_count, &file->change_capacity, sizeof file->changes[0]);
    file->changes[file->change_count] = change;
    file->change_count++;
    content_apply(&file->live, &change);
}

void disk_write(struct disk_file *file, size_t offset, const void *data, size_t bytes)
{
    if (bytes == 0) return;
    unsigned char *copy = resized(NULL, bytes);
    memcpy(copy, data, bytes);
    change_add(file, (struct change){.offset = offset, .bytes = bytes, .data = copy});
}

void disk_truncate(struct disk_file *file, size_t bytes)
{
    change_add(file, (struct change){.offset = bytes});
}

void disk_sync(struct disk_file *file)
{
    for (size_t i = 0; i < file->change_count; i++) {
        content_apply(&file->durable, &file->changes[i]);
    }
    changes_clear(file);
}

void disk_forget_changes(struct disk_file *file)
{
    changes_clear(file);
}

void disk_sync_folder(struct disk *disk)
{
    size_t kept = 0;
    for (size_t i = 0; i < disk->name_count; i++) {
        struct name_state state = disk->names[i];
        bool is_newest = true;
        for (size_t j = i + 1; j < disk->name_count && is_newest; j++) {
            is_newest = strcmp(state.name, disk->names[j].name) != 0;
        }
        if (is_newest && state.file) {
            disk->names[kept] = state;
            kept++;
        } else {
            free(state.name);
        }
    }
    disk->name_count = kept;
    disk->durable_names = kept;
}

/* Apply a write sector by sector, each by the toss of a coin. Sectors are those of the disk,
 * not of the write. */
static void content_apply_torn(struct content *content, const struct change *change,
                               uint64_t *random)
{
    for (size_t done = 0; done < change->bytes;) {
        size_t offset = change->offset + done;
        size_t bytes = DISK_SECTOR_BYTES - offset % DISK_SECTOR_BYTES;
        if (bytes > change->bytes - done) bytes = change->bytes - done;
        if (seeded_next(random) & 1) content_write(content, offset, change->data + done, bytes);
        done += bytes;
    }
}

static void file_power_cut(const struct disk_file *file, enum disk_policy policy, uint64_t *random,
                           struct disk_file *out)
{
    struct content *left = &out->durable;
    content_copy(left, &file->durable);
    for (size_t i = 0; i < file->change_count && policy != DISK_LOSE; i++) {
        const struct change *change = &file->changes[i];
        if (policy == DISK_TORN && change->data) {
            content_apply_torn(left, change, random);
        } else if (policy == DISK_KEEP || (seeded_next(random) & 1)) {
            content_apply(left, change);
        }
    }
    content_copy(&out->live, left);
}

/* Which row of disk->names a name has after the power cut: its durable one or a later one. */
static size_t name_after_power_cut(const struct disk *disk, size_t first, enum disk_policy policy,
                                   uint64_t *random)
{
    size_t chosen = first < disk->durable_names ? first : SIZE_MAX;
    if (policy == DISK_LOSE) return chosen;
    for (size_t i = disk->durable_names; i < disk->name_count; i++) {
        if (strcmp(disk->names[i].name, disk->names[first].name) != 0) continue;
        if (policy == DISK_KEEP || (seeded_next(random) & 1)) chosen = i;
    }
    return chosen;
}

static bool is_first_of_its_name(const struct disk *disk, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(disk->names[i].name, disk->names[index].name) == 0) return false;
    }
    return true;
}

struct disk *disk_after_power_cut(const struct disk *disk, enum disk_policy policy, uint64_t seed)
{
    uint64_t random = seed;
    struct disk *out = disk_new();
    for (size_t i = 0; i < disk->name_count; i++) {
        if (!is_first_of_its_name(disk, i)) continue;
        size_t chosen = name_after_power_cut(disk, i, policy, &random);
        if (chosen == SIZE_MAX || !disk->names[chosen].file) continue;
        struct disk_file *file = disk_make(out, disk->names[chosen].name);
        file_power_cut(disk->names[chosen].file, policy, &random, file);
    }
    out->durable_names = out->name_count;
    return out;
}
