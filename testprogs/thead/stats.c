/* Reductions over 16-bit numbers: least, greatest, exclusive or, sum in 32 bits, and
 * the sum of the positive ones, which are masked. LMUL 4. */
#include "../vector/kernel.h"

const struct kernel kernel = {"stats", 10000, 0xed7a157c8208a4b3};

#define N 16379
#define BLOCK 1000

static int16_t data[N];
static int32_t out[N / BLOCK + 1][6];

void setup(void)
{
    uint64_t seed = 14;
    for (int i = 0; i < N; i++)
        data[i] = (int16_t)((int16_t)(bench_random(&seed) >> 48) >> i % 7);
}

#ifdef __riscv_vector
/* Element 0. gcc 14 takes it to be sign-extended, as V 1.0 has it; XTheadVector
 * extends it with zeros. */
static inline int16_t first(vint16m1_t v)
{
    uint64_t x = (uint64_t)__riscv_vmv_x_s_i16m1_i16(v);
    __asm__("" : "+r"(x));
    return (int16_t)x;
}
#endif

static NOINLINE void block(const int16_t *data, size_t n, int32_t *out)
{
#ifdef __riscv_vector
    size_t all = __riscv_vsetvlmax_e16m1(), wide = __riscv_vsetvlmax_e32m1();
    vint16m1_t least = __riscv_vmv_v_x_i16m1(INT16_MAX, all), greatest = __riscv_vmv_v_x_i16m1(INT16_MIN, all);
    vint16m1_t odd = __riscv_vmv_v_x_i16m1(0, all);
    vint32m1_t sum = __riscv_vmv_v_x_i32m1(0, wide), positive = sum;
    uint32_t count = 0;
    for (size_t vl; n > 0; n -= vl, data += vl) {
        vl = __riscv_vsetvl_e16m4(n);
        vint16m4_t x = __riscv_vle16_v_i16m4(data, vl);
        least = __riscv_vredmin_vs_i16m4_i16m1(x, least, vl);
        greatest = __riscv_vredmax_vs_i16m4_i16m1(x, greatest, vl);
        odd = __riscv_vredxor_vs_i16m4_i16m1(x, odd, vl);
        sum = __riscv_vwredsum_vs_i16m4_i32m1(x, sum, vl);
        vbool4_t above = __riscv_vmsgt_vx_i16m4_b4(x, 0, vl);
        positive = __riscv_vwredsum_vs_i16m4_i32m1_m(above, x, positive, vl);
        count += (uint32_t)__riscv_vcpop_m_b4(above, vl);
    }
    out[0] = first(least);
    out[1] = first(greatest);
    out[2] = first(odd);
    __riscv_vse32_v_i32m1(&out[3], sum, same_vl(1));
    __riscv_vse32_v_i32m1(&out[4], positive, same_vl(1));
    out[5] = (int32_t)count;
#else
    int32_t least = INT16_MAX, greatest = INT16_MIN, odd = 0, sum = 0, positive = 0, count = 0;
    for (size_t i = 0; i < n; i++) {
        least = data[i] < least ? data[i] : least;
        greatest = data[i] > greatest ? data[i] : greatest;
        odd ^= data[i];
        sum += data[i];
        positive += data[i] > 0 ? data[i] : 0;
        count += data[i] > 0;
    }
    out[0] = least, out[1] = greatest, out[2] = odd, out[3] = sum, out[4] = positive, out[5] = count;
#endif
}

void round(void)
{
    for (size_t i = 0; i < N; i += BLOCK)
        block(&data[i], N - i < BLOCK ? N - i : BLOCK, out[i / BLOCK]);
}

uint64_t check(void)
{
    return fold_words(0, out, sizeof out / 4);
}
