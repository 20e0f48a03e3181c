/* Matrix multiply in f64, plain triple loop with fused multiply-add. The `fma`
 * is explicit so that every compiler gives the same bits. */
#include "bench.h"

const struct bench bench = {"matmul", 90, 0xdc86a8a4aed839df};

#define N 128

static double a[N][N], b[N][N], c[N][N];

void bench_setup(void)
{
    uint64_t seed = 1;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = (double)(int32_t)bench_random(&seed) * 0x1p-31;
            b[i][j] = (double)(int32_t)bench_random(&seed) * 0x1p-31;
        }
}

uint64_t bench_kernel(void)
{
    uint64_t sum = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double cell = 0;
            for (int k = 0; k < N; k++)
                cell = __builtin_fma(a[i][k], b[k][j], cell);
            c[i][j] = cell;
        }
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            uint64_t bits;
            memcpy(&bits, &c[i][j], sizeof bits);
            sum = bench_fold(sum, bits);
        }
    return sum;
}
