/* Byte histogram: every lane counts in a table of its own (indexed loads and
 * stores, which therefore never meet), and the tables are added up at the end. */
#include "kernel.h"

const struct kernel kernel = {"histogram", 5000, 0xb33913a482435af0};

#define N 131072
#define LANES 64 /* most that are used: 64 KiB of tables */

static uint8_t data[N];
static uint32_t counts[256];
#ifdef __riscv_vector
static uint32_t table[LANES][256];
#endif

/* Bytes as they occur: small ones often. */
void setup(void)
{
    uint64_t seed = 9;
    for (int i = 0; i < N; i++) {
        uint64_t r = bench_random(&seed);
        data[i] = (uint8_t)((r >> 56) & ((r >> 48) | (r >> 40)));
    }
}

static NOINLINE void histogram(const uint8_t *data, size_t n)
{
#ifdef __riscv_vector
    size_t lanes = __riscv_vsetvl_e32m2(LANES);
    for (size_t lane = 0; lane < lanes; lane++)
        for (size_t i = 0, vl; i < 256; i += vl) {
            vl = __riscv_vsetvl_e32m8(256 - i);
            __riscv_vse32_v_u32m8(&table[lane][i], __riscv_vmv_v_x_u32m8(0, vl), vl);
        }
    vuint32m2_t base = __riscv_vsll_vx_u32m2(__riscv_vid_v_u32m2(lanes), 10, lanes);
    for (size_t vl; n > 0; n -= vl, data += vl) {
        vl = __riscv_vsetvl_e32m2(n < lanes ? n : lanes);
#ifdef __riscv_xtheadvector
        vuint32m2_t byte = __riscv_th_vlbu_v_u32m2((const uint32_t *)data, vl);
#else
        vuint32m2_t byte = __riscv_vzext_vf4_u32m2(__riscv_vle8_v_u8mf2(data, vl), vl);
#endif
        vuint32m2_t at = __riscv_vadd_vv_u32m2(base, __riscv_vsll_vx_u32m2(byte, 2, vl), vl);
        vuint32m2_t count = __riscv_vluxei32_v_u32m2(table[0], at, vl);
        __riscv_vsuxei32_v_u32m2(table[0], at, __riscv_vadd_vx_u32m2(count, 1, vl), vl);
    }
    for (size_t i = 0, vl; i < 256; i += vl) {
        vl = __riscv_vsetvl_e32m8(256 - i);
        vuint32m8_t sum = __riscv_vle32_v_u32m8(&table[0][i], vl);
        for (size_t lane = 1; lane < lanes; lane++)
            sum = __riscv_vadd_vv_u32m8(sum, __riscv_vle32_v_u32m8(&table[lane][i], vl), vl);
        __riscv_vse32_v_u32m8(&counts[i], sum, vl);
    }
#else
    memset(counts, 0, sizeof counts);
    for (size_t i = 0; i < n; i++)
        counts[data[i]]++;
#endif
}

void round(void)
{
    histogram(data, N);
}

uint64_t check(void)
{
    return fold_words(0, counts, 256);
}
