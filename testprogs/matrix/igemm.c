/* int8 GEMM of all sizes, with 32-bit results and with int8 ones by requantisation, an
 * own factor for each column. Compared with plain C; every bit counts. */
#include "matrix.h"

#define MOST (80 * 200)

static int8_t a[MOST], b[MOST], result8[MOST];
static int32_t expected[MOST], result32[MOST], bias[256], factor[256], shift[256], zero_shifted[256];

static void fill(int8_t *to, size_t n, uint64_t *seed)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (int8_t)(bench_random(seed) >> 56);
}

static void fill_factors(size_t n, int32_t zero, uint64_t *seed)
{
    for (size_t j = 0; j < n; j++) {
        bias[j] = (int32_t)(bench_random(seed) >> 44) - (1 << 19);
        factor[j] = (int32_t)(bench_random(seed) >> 34) + (1 << 30);
        shift[j] = 7 + (int32_t)(bench_random(seed) >> 62);
        zero_shifted[j] = zero * (1 << shift[j]);
    }
}

static int8_t requantised(int32_t sum, const struct requant *q, size_t j)
{
    int32_t high = (int32_t)((int64_t)(sum + q->bias[j]) * q->factor[j] >> 32);
    int32_t value = (high >> q->shift[j]) + (high >> (q->shift[j] - 1) & 1) + q->zero;
    return (int8_t)(value < -128 ? -128 : value > 127 ? 127 : value);
}

static int try(size_t m, size_t n, size_t k)
{
    uint64_t seed = m + 1000 * n + 1000000 * k;
    int32_t zero = (int32_t)(m % 7) * 10 - 30;
    struct gemm g = dense(m, n, k);
    struct requant q = {bias, factor, shift, zero_shifted, zero};
    fill(a, m * k, &seed);
    /* The same matrix however it lies in memory. */
    for (size_t l = 0; l < k; l++)
        for (size_t j = 0; j < n; j++)
            fill(b + b_at(&g, l, j), 1, &seed);
    fill_factors(n, zero, &seed);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            int32_t sum = 0;
            const int8_t *row = a + i * g.lda, *column = b + b_at(&g, 0, j);
            for (size_t l = 0; l < k; l++, column += B_IS_K_BY_N ? g.ldb : 1)
                sum += row[l] * *column;
            expected[i * n + j] = sum;
        }
    memset(result32, 0x55, sizeof result32);
    memset(result8, 0x55, sizeof result8);
    gemm_i8_i32(&g, a, b, result32);
    gemm_i8_i8(&g, a, b, &q, result8);

    int good = 1;
    for (size_t i = 0; i < m * n; i++)
        good &= result32[i] == expected[i] && result8[i] == requantised(expected[i], &q, i % n);
    /* Nothing behind the matrix has been touched. */
    good &= result32[m * n] == 0x55555555 && result8[m * n] == 0x55;
    put_case("int8", m, n, k);
    return put_checksum(fold_bytes(result32, 4 * m * n) ^ fold_bytes(result8, m * n), good);
}

int vector_main(const char *argument)
{
    int good = try(1, 1, 1);
    good &= try(4, 4, 16);
    good &= try(3, 5, 2);
    good &= try(1, 70, 33);
    good &= try(70, 1, 31);
    good &= try(17, 9, 65);
    good &= try(32, 32, 64);
    good &= try(33, 35, 67);
    good &= try(64, 40, 32);
    good &= try(45, 61, 150);
    return !good;
}
