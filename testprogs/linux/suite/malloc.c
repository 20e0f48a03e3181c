/* The heap: random allocation and release, growth through brk, mmap and mremap. */
#include <malloc.h>

#include "suite.h"

#define SLOTS 500

static unsigned char *blocks[SLOTS];
static size_t sizes[SLOTS];

static void fill(size_t slot)
{
    for (size_t i = 0; i < sizes[slot]; i++)
        blocks[slot][i] = (unsigned char)(slot * 7 + i);
}

static int intact(size_t slot, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (blocks[slot][i] != (unsigned char)(slot * 7 + i))
            return 0;
    return 1;
}

TEST(malloc)
{
    uint64_t seed = 12345;
    unsigned allocated = 0, moved = 0, broken = 0;
    for (int round = 0; round < 40000; round++) {
        uint64_t r = random64(&seed);
        size_t slot = (r >> 8) % SLOTS;
        size_t size = (r >> 20) % ((r & 15) == 0 ? 20000 : 300);
        if (!blocks[slot]) {
            sizes[slot] = size;
            blocks[slot] = malloc(size);
            allocated++;
            fill(slot);
        } else if (r & 16) {
            unsigned char *block = realloc(blocks[slot], size + 1);
            moved++;
            size_t keep = size < sizes[slot] ? size : sizes[slot];
            blocks[slot] = block;
            broken += !intact(slot, keep);
            sizes[slot] = size + 1;
            fill(slot);
        } else {
            broken += !intact(slot, sizes[slot]);
            free(blocks[slot]);
            blocks[slot] = 0;
        }
    }
    printf("%u allocated, %u reallocated, %u broken\n", allocated, moved, broken);
    for (size_t i = 0; i < SLOTS; i++)
        free(blocks[i]);
    malloc_trim(0);

    /* Above the mmap threshold realloc becomes mremap. */
    size_t size = 300000;
    uint32_t *large = malloc(size);
    for (size_t i = 0; i < size / 4; i++)
        large[i] = (uint32_t)i;
    for (int i = 0; i < 8; i++) {
        size_t more = size * 3 / 2;
        large = realloc(large, more);
        for (size_t j = size / 4; j < more / 4; j++)
            large[j] = (uint32_t)j;
        size = more;
    }
    uint64_t sum = 0;
    for (size_t i = 0; i < size / 4; i++)
        sum += large[i] == i;
    printf("%zu words, %llu right\n", size / 4, (unsigned long long)sum);
    large = realloc(large, 200000);
    for (size_t i = sum = 0; i < 50000; i++)
        sum += large[i] == i;
    printf("shrunk, %llu right\n", (unsigned long long)sum);
    free(large);

    unsigned char *zero = calloc(1000, 3000);
    for (size_t i = sum = 0; i < 3000000; i++)
        sum += zero[i];
    printf("calloc: sum %llu\n", (unsigned long long)sum);
    free(zero);
    for (size_t align = 16; align <= 1 << 20; align *= 16) {
        void *p = aligned_alloc(align, align * 2);
        printf("aligned to %zu: %d\n", align, (uintptr_t)p % align == 0);
        free(p);
    }
    SHOW_ERROR(malloc(SIZE_MAX / 4) == 0);
    SHOW_ERROR(realloc(0, (size_t)1 << 50) == 0);
    printf("free of null\n");
    free(0);
    return 0;
}
