/* What every kernel shares.
 *
 * A kernel defines `kernel`, `setup` (its inputs), `round` (the work) and `check`
 * (folds the results into a checksum, which depends on neither the number of
 * rounds nor VLEN). kernel.c runs `round` as often as the first argument says,
 * then compares the checksum and prints one line; exit status 1 when it is wrong.
 * With 0 rounds nothing is compared: what such a run costs is start-up and setup.
 *
 * Where there is no vector extension, `round` is the same loop in plain C: that is
 * how the checksums were found (build.sh compiles it for the host). */
#ifndef KERNEL_H
#define KERNEL_H

#include "rt.h"

#ifdef __riscv_vector
#include <riscv_vector.h>
#endif

struct kernel {
    const char *name;
    uint64_t rounds;   /* default number of rounds */
    uint64_t checksum; /* what check() must return */
};

extern const struct kernel kernel;
void setup(void);
void round(void);
uint64_t check(void);

/* A number in [0, 1), a multiple of 2^-24. */
static inline float random_unit(uint64_t *seed)
{
    return (float)(bench_random(seed) >> 40) * 0x1p-24f;
}

#endif
