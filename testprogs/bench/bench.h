/* What every benchmark program shares: a runtime of two system calls.
 *
 * A program defines `bench`, `bench_setup` (untimed input) and `bench_kernel`.
 * bench.c runs the kernel `rounds` times (or argv[1] times), compares every
 * result with `bench.expected` and prints one line. Kernels do the same work in
 * each round, so that the check holds for any number of rounds. */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

struct bench {
    const char *name;
    uint64_t rounds;   /* default number of rounds */
    uint64_t expected; /* what bench_kernel must return */
};

extern const struct bench bench;
void bench_setup(void);
uint64_t bench_kernel(void);

/* xorshift64*: the inputs of all programs come from here. */
static inline uint64_t bench_random(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * 0x2545f4914f6cdd1dULL;
}

/* Folds a value into a checksum (FNV-1a over 64-bit words). */
static inline uint64_t bench_fold(uint64_t sum, uint64_t value)
{
    return (sum ^ value) * 0x100000001b3ULL;
}

#define NOINLINE __attribute__((noinline))

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
size_t strlen(const char *s);

#endif
