/* C = A B in f32, LMUL 4: a strip of a row of C stays in registers while vfmacc.vf
 * adds the rows of B to it. */
#include "kernel.h"

const struct kernel kernel = {"sgemm", 320, 0x5982be582969196d};

/* Rows of 960 bytes: not a power of two, which would map a column of B to a few
 * sets of the host's caches. */
#define N 240

static float a[N][N], b[N][N], c[N][N];

void setup(void)
{
    uint64_t seed = 2;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = random_unit(&seed) - 0.5f;
            b[i][j] = random_unit(&seed) - 0.5f;
        }
}

void round(void)
{
#ifdef __riscv_vector
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0, vl; j < N; j += vl) {
            vl = __riscv_vsetvl_e32m4(N - j);
            vfloat32m4_t sum = __riscv_vfmv_v_f_f32m4(0, vl);
            for (size_t k = 0; k < N; k++)
                sum = __riscv_vfmacc_vf_f32m4(sum, a[i][k], __riscv_vle32_v_f32m4(&b[k][j], vl), vl);
            __riscv_vse32_v_f32m4(&c[i][j], sum, vl);
        }
#else
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            float sum = 0;
            for (size_t k = 0; k < N; k++)
                sum = __builtin_fmaf(a[i][k], b[k][j], sum);
            c[i][j] = sum;
        }
#endif
}

uint64_t check(void)
{
    return fold_words(0, c, sizeof c / 4);
}
