/* strlen with fault-only-first loads, LMUL 8, on strings of 1 to 2,000 bytes. */
#include "kernel.h"

const struct kernel kernel = {"strlen", 25000, 0xb891110175ec4697};

#define SIZE 131072
#define MOST 512

/* Strings one behind the other, and the length found for each. */
static char text[SIZE] __attribute__((aligned(64)));
static uint32_t length[MOST];

void setup(void)
{
    uint64_t seed = 6;
    size_t left = 0;
    for (size_t i = 0; i < SIZE; i++) {
        if (left == 0)
            left = 1 + bench_random(&seed) % 2000;
        text[i] = --left == 0 ? 0 : (char)(1 + bench_random(&seed) % 255);
    }
    text[SIZE - 1] = 0;
}

static NOINLINE size_t length_of(const char *s)
{
    const char *at = s;
#ifdef __riscv_vector
    for (;;) {
        size_t vl = __riscv_vsetvlmax_e8m8();
        vuint8m8_t bytes = __riscv_vle8ff_v_u8m8((const uint8_t *)at, &vl, vl);
        long zero = __riscv_vfirst_m_b1(__riscv_vmseq_vx_u8m8_b1(bytes, 0, vl), vl);
        if (zero >= 0)
            return (size_t)(at - s) + (size_t)zero;
        at += vl;
    }
#else
    while (*at)
        at++;
    return (size_t)(at - s);
#endif
}

void round(void)
{
    size_t n = 0;
    for (size_t at = 0; at < SIZE; at += length[n++] + 1)
        length[n] = (uint32_t)length_of(&text[at]);
}

uint64_t check(void)
{
    return fold_words(0, length, MOST);
}
