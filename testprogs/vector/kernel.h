/* What every kernel shares.
 *
 * A kernel defines `kernel`, `setup` (its inputs), `round` (the work) and `check`
 * (folds the results into a checksum, which depends on neither the number of
 * rounds nor VLEN). kernel.c runs `round` as often as the first argument says,
 * then compares the checksum and prints one line; exit status 1 when it is wrong.
 * With 0 rounds nothing is compared: what such a run costs is start-up and setup.
 *
 * One source serves V 1.0 and XTheadVector (vector 0.7.1; see thead/): what has a
 * name in one of them only stands between #ifs. A tail is zeroed there, so that sums
 * over strips begin with the short one.
 *
 * Where there is no vector extension, `round` is the same loop in plain C: that is
 * how the checksums were found (build.sh compiles it for the host). */
#ifndef KERNEL_H
#define KERNEL_H

#include "rt.h"

#ifdef __riscv_xtheadvector
#include <riscv_th_vector.h>
#elif defined __riscv_vector
#include <riscv_vector.h>
#endif

/* `vl`, for the compiler a number that has nothing to do with it. gcc 14 changes
 * the element type at the same vl by `th.vsetvli zero, zero`, as V 1.0 has it; in
 * XTheadVector that sets vl to VLMAX. */
static inline size_t same_vl(size_t vl)
{
#ifdef __riscv_xtheadvector
    __asm__("" : "+r"(vl));
#endif
    return vl;
}

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
