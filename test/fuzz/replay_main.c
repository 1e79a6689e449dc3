/* Run a fuzz target without a fuzzer, as an ordinary test.
 *
 * Every file of test/fuzz/seeds/NAME is handed to the target, then a few thousand mutations of
 * them, the same ones on every run. Old crashes are kept among the seeds. With arguments, only
 * the named files are handed over, unchanged. */
#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#define SEEDS_MAX      512u
#define INPUT_MAX      (1u << 20)
#define MUTATED_MAX    4096u /* mutations of longer seeds take their first bytes */
#define MUTATION_COUNT 4000u

struct seed {
    uint8_t *data;
    size_t bytes;
};

static struct seed seeds[SEEDS_MAX];
static size_t seed_count;

/* SplitMix64, https://prng.di.unimi.it/splitmix64.c: the same numbers everywhere. */
static uint64_t next_number(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t limit)
{
    return (size_t)(next_number(state) % limit);
}

static bool seed_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return false;
    }
    uint8_t *data = malloc(INPUT_MAX);
    if (data == NULL || seed_count == SEEDS_MAX) {
        (void)fprintf(stderr, "%s: no room for another seed\n", path);
        free(data);
        (void)fclose(file);
        return false;
    }
    struct seed *seed = &seeds[seed_count++];
    seed->data = data;
    seed->bytes = fread(data, 1, INPUT_MAX, file);
    (void)fclose(file);
    return true;
}

static bool seeds_read(const char *directory)
{
    struct dirent **entries = NULL;
    int count = scandir(directory, &entries, NULL, alphasort);
    bool good = true;
    for (int i = 0; i < count; i++) {
        char path[4096];
        struct stat what;
        int length = snprintf(path, sizeof path, "%s/%s", directory, entries[i]->d_name);
        if (length > 0 && (size_t)length < sizeof path && stat(path, &what) == 0 &&
            S_ISREG(what.st_mode)) {
            good = seed_read(path) && good;
        }
        free(entries[i]);
    }
    free(entries);
    return good;
}

/* The target gets a copy of the exact size, so that a read past the end is seen. */
static void hand_over(const uint8_t *data, size_t bytes)
{
    uint8_t *copy = malloc(bytes > 0 ? bytes : 1);
    if (copy == NULL) {
        (void)fputs("out of memory\n", stderr);
        abort();
    }
    if (bytes > 0) memcpy(copy, data, bytes);
    (void)LLVMFuzzerTestOneInput(copy, bytes);
    free(copy);
}

static const uint8_t telling[] = "\0\xff\x7f\x80\n\r\t\",;:{}[]0-+9Zez\\";

/* One change in place; returns the new length. */
static size_t mutate_once(uint8_t *data, size_t bytes, uint64_t *state)
{
    if (bytes == 0) {
        data[0] = (uint8_t)next_number(state);
        return 1;
    }
    size_t at = below(state, bytes);
    switch (below(state, 6)) {
    case 0: /* a bit */
        data[at] ^= (uint8_t)(1u << below(state, 8));
        return bytes;
    case 1: /* a telling byte */
        data[at] = telling[below(state, sizeof telling)];
        return bytes;
    case 2: /* cut off */
        return at;
    case 3: { /* a piece goes */
        size_t length = 1 + below(state, bytes - at < 16 ? bytes - at : 16);
        memmove(data + at, data + at + length, bytes - at - length);
        return bytes - length;
    }
    case 4: { /* a piece comes twice */
        size_t length = 1 + below(state, bytes - at < 64 ? bytes - at : 64);
        if (bytes + length > MUTATED_MAX) return bytes;
        memmove(data + at + length, data + at, bytes - at);
        return bytes + length;
    }
    default: { /* a piece of another seed */
        const struct seed *other = &seeds[below(state, seed_count)];
        if (other->bytes == 0) return bytes;
        size_t from = below(state, other->bytes);
        size_t length = 1 + below(state, other->bytes - from);
        if (length > bytes - at) length = bytes - at;
        memcpy(data + at, other->data + from, length);
        return bytes;
    }
    }
}

static void replay_mutations(void)
{
    static uint8_t data[MUTATED_MAX];
    uint64_t state = 1;
    for (size_t i = 0; i < MUTATION_COUNT; i++) {
        const struct seed *seed = &seeds[below(&state, seed_count)];
        size_t bytes = seed->bytes < sizeof data ? seed->bytes : sizeof data;
        memcpy(data, seed->data, bytes);
        for (size_t changes = 1 + below(&state, 4); changes > 0; changes--)
            bytes = mutate_once(data, bytes, &state);
        hand_over(data, bytes);
    }
}

int main(int argc, char **argv)
{
    static uint8_t nothing[1];
    bool good = true;
    for (int i = 1; i < argc; i++)
        good = seed_read(argv[i]) && good;
    if (argc == 1) good = seeds_read(WB_SOURCE_DIR "/test/fuzz/seeds/" WB_FUZZ_NAME);

    hand_over(nothing, 0);
    for (size_t i = 0; i < seed_count; i++)
        hand_over(seeds[i].data, seeds[i].bytes);
    if (argc == 1) {
        if (seed_count == 0) seeds[seed_count++] = (struct seed){calloc(1, 1), 0};
        if (seeds[0].data == NULL) return 1;
        replay_mutations();
        printf("%s: %zu seeds and %u mutations replayed\n", WB_FUZZ_NAME, seed_count,
               MUTATION_COUNT);
    }
    for (size_t i = 0; i < seed_count; i++)
        free(seeds[i].data);
    return good ? 0 : 1;
}
