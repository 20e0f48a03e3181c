/* memcpy, LMUL 8, between addresses that are not aligned to more than a byte. */
#include "kernel.h"

const struct kernel kernel = {"memcpy", 600000, 0x2a0897833b6c377a};

#define N 65531

static uint8_t from[65536] __attribute__((aligned(64))), to[65536] __attribute__((aligned(64)));

void setup(void)
{
    uint64_t seed = 5;
    for (int i = 0; i < 65536; i++)
        from[i] = (uint8_t)(bench_random(&seed) >> 56);
}

static NOINLINE void copy(uint8_t *to, const uint8_t *from, size_t n)
{
#ifdef __riscv_vector
    for (size_t vl; n > 0; n -= vl, to += vl, from += vl) {
        vl = __riscv_vsetvl_e8m8(n);
        __riscv_vse8_v_u8m8(to, __riscv_vle8_v_u8m8(from, vl), vl);
    }
#else
    while (n--)
        *to++ = *from++;
#endif
}

void round(void)
{
    copy(to + 3, from + 1, N);
}

uint64_t check(void)
{
    return fold_words(0, to, sizeof to / 4);
}
