/* Byte histogram by vector AMOs (XTheadZvamo): lanes that meet at a count do not
 * hinder each other. V 1.0 has no such instructions. LMUL 4.
 *
 * gcc 14 has no intrinsics for them; the assembler knows them. */
#include "../vector/kernel.h"

const struct kernel kernel = {"amo", 5000, 0x7a09061c931dc60e};

#define N 32768

static uint8_t data[N];
static uint32_t counts[256];
static uint64_t latest[256];

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
#ifdef __riscv_xtheadvector
    for (size_t vl; n > 0; n -= vl, data += vl) {
        vl = __riscv_vsetvl_e32m4(n);
        vuint32m4_t at = __riscv_vsll_vx_u32m4(__riscv_th_vlbu_v_u32m4((const uint32_t *)data, vl), 2, vl);
        vuint32m4_t one = __riscv_vmv_v_x_u32m4(1, vl);
        __asm__ volatile(".option push\n .option arch, +xtheadvector, +xtheadzvamo\n"
                         "th.vsetvli zero, %[vl], e32, m4\n"
                         "th.vamoaddw.v x0, %[at], (%[counts]), %[one]\n"
                         ".option pop"
                         : : [at] "vr"(at), [one] "vr"(one), [counts] "r"(counts), [vl] "r"(vl)
                         : "memory", "vl", "vtype");
    }
#else
    for (size_t i = 0; i < n; i++)
        counts[data[i]]++;
#endif
}

/* The last place of each byte: the greatest number, and the sum of what was there
 * before, which AMOs give back. 64-bit. */
static NOINLINE uint64_t places(const uint8_t *data, size_t n)
{
    uint64_t sum = 0;
#ifdef __riscv_xtheadvector
    for (size_t i = 0, vl; i < n; i += vl) {
        vl = __riscv_vsetvl_e64m4(n - i);
        vuint64m4_t at = __riscv_vsll_vx_u64m4(__riscv_th_vlbu_v_u64m4((const uint64_t *)&data[i], vl), 3, vl);
        vuint64m4_t place = __riscv_vadd_vx_u64m4(__riscv_vid_v_u64m4(vl), i, vl);
        __asm__ volatile(".option push\n .option arch, +xtheadvector, +xtheadzvamo\n"
                         "th.vsetvli zero, %[vl], e64, m4\n"
                         "th.vamomaxud.v %[place], %[at], (%[latest]), %[place]\n"
                         ".option pop"
                         : [place] "+vr"(place) : [at] "vr"(at), [latest] "r"(latest), [vl] "r"(vl)
                         : "memory", "vl", "vtype");
        vuint64m1_t start = __riscv_vmv_v_x_u64m1(sum, __riscv_vsetvlmax_e64m1());
        sum = __riscv_vmv_x_s_u64m1_u64(__riscv_vredsum_vs_u64m4_u64m1(place, start, same_vl(vl)));
    }
#else
    for (size_t i = 0; i < n; i++) {
        sum += latest[data[i]];
        latest[data[i]] = i;
    }
#endif
    return sum;
}

static uint64_t before;

void round(void)
{
    memset(counts, 0, sizeof counts);
    memset(latest, 0, sizeof latest);
    histogram(data, N);
    before = places(data, N);
}

uint64_t check(void)
{
    return fold_words(fold_words(before, counts, 256), latest, 512);
}
