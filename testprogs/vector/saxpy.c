/* y += a x in f32, LMUL 8. A round adds and then subtracts a x: with a x and y in
 * [1, 2) the sum is in [2, 4), and from the first round on each step only undoes
 * the other's rounding, so that the result is the same after any number of rounds. */
#include "kernel.h"

const struct kernel kernel = {"saxpy", 130000, 0xe108632582ed13f7};

#define N 16384

static float x[N], y[N];

void setup(void)
{
    uint64_t seed = 1;
    for (int i = 0; i < N; i++) {
        x[i] = 1 + 0.75f * random_unit(&seed);
        y[i] = 1 + random_unit(&seed);
    }
}

static NOINLINE void saxpy(size_t n, float a, const float *x, float *y)
{
#ifdef __riscv_vector
    for (size_t vl; n > 0; n -= vl, x += vl, y += vl) {
        vl = __riscv_vsetvl_e32m8(n);
        vfloat32m8_t vx = __riscv_vle32_v_f32m8(x, vl);
        vfloat32m8_t vy = __riscv_vle32_v_f32m8(y, vl);
        __riscv_vse32_v_f32m8(y, __riscv_vfmacc_vf_f32m8(vy, a, vx, vl), vl);
    }
#else
    for (size_t i = 0; i < n; i++)
        y[i] = __builtin_fmaf(a, x[i], y[i]);
#endif
}

void round(void)
{
    saxpy(N, 1.1f, x, y);
    saxpy(N, -1.1f, x, y);
}

uint64_t check(void)
{
    return fold_words(0, y, N);
}
