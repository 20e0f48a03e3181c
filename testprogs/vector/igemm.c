/* C = A B of int8 with 32-bit sums: products of two rows at a time in 16 bits
 * (vwmul, vwmacc), which are then added to sums of 32 bits (vwadd.wv). */
#include "kernel.h"

const struct kernel kernel = {"igemm", 100, 0x6c2f79b536fd91cf};

/* Even, because k goes in steps of two. */
#define N 320

static int8_t a[N][N], b[N][N];
static int32_t c[N][N];

/* Without -128, two products fit into 16 bits. */
static int8_t number(uint64_t *seed)
{
    int8_t value = (int8_t)(bench_random(seed) >> 56);
    return value == -128 ? 0 : value;
}

void setup(void)
{
    uint64_t seed = 3;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = number(&seed);
            b[i][j] = number(&seed);
        }
}

void round(void)
{
#ifdef __riscv_vector
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0, vl; j < N; j += vl) {
            vl = __riscv_vsetvl_e8m2(N - j);
            vint32m8_t sum = __riscv_vmv_v_x_i32m8(0, vl);
            for (size_t k = 0; k < N; k += 2) {
                vint16m4_t two = __riscv_vwmul_vx_i16m4(__riscv_vle8_v_i8m2(&b[k][j], vl), a[i][k], vl);
                two = __riscv_vwmacc_vx_i16m4(two, a[i][k + 1], __riscv_vle8_v_i8m2(&b[k + 1][j], vl), vl);
                sum = __riscv_vwadd_wv_i32m8(sum, two, same_vl(vl));
            }
            __riscv_vse32_v_i32m8(&c[i][j], sum, vl);
        }
#else
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            int32_t sum = 0;
            for (size_t k = 0; k < N; k++)
                sum += a[i][k] * b[k][j];
            c[i][j] = sum;
        }
#endif
}

uint64_t check(void)
{
    return fold_words(0, c, N * N);
}
