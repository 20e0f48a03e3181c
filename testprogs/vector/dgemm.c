/* C = A B in f64, LMUL 4: a strip of a row of C stays in registers while vfmacc.vf
 * adds the rows of B to it. */
#include "kernel.h"

const struct kernel kernel = {"dgemm", 300, 0xe258854a2f94d140};

/* Rows of 1280 bytes: not a power of two, which would map a column of B to a few
 * sets of the host's caches. */
#define N 160

static double a[N][N], b[N][N], c[N][N];

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
            vl = __riscv_vsetvl_e64m4(N - j);
            vfloat64m4_t sum = __riscv_vfmv_v_f_f64m4(0, vl);
            for (size_t k = 0; k < N; k++)
                sum = __riscv_vfmacc_vf_f64m4(sum, a[i][k], __riscv_vle64_v_f64m4(&b[k][j], vl), vl);
            __riscv_vse64_v_f64m4(&c[i][j], sum, vl);
        }
#else
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            double sum = 0;
            for (size_t k = 0; k < N; k++)
                sum = __builtin_fma(a[i][k], b[k][j], sum);
            c[i][j] = sum;
        }
#endif
}

uint64_t check(void)
{
    return fold_words(0, c, sizeof c / 4);
}
