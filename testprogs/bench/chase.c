/* Pointer chase through 32 MiB in random order: bound by memory latency. */
#include "bench.h"

const struct bench bench = {"chase", 2, 0x8000a485fc0};

#define N (1u << 19)
#define STEPS (1u << 22)

struct cell {
    struct cell *next;
    uint64_t value[7]; /* a cache line */
};

static struct cell cells[N];

/* One random cycle through all cells (Sattolo's shuffle). */
void bench_setup(void)
{
    uint64_t seed = 3;
    for (uint32_t i = 0; i < N; i++) {
        cells[i].next = &cells[i];
        cells[i].value[0] = i;
    }
    for (uint32_t i = N - 1; i > 0; i--) {
        uint32_t j = (uint32_t)(bench_random(&seed) % i);
        struct cell *t = cells[i].next;
        cells[i].next = cells[j].next;
        cells[j].next = t;
    }
}

uint64_t bench_kernel(void)
{
    const struct cell *at = cells;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < STEPS; i++) {
        sum += at->value[0] ^ i;
        at = at->next;
    }
    return sum;
}
