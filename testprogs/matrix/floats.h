/* Cases of floating-point GEMM.
 *
 * Each size twice: small whole numbers, whose sums are exact in any order, so that
 * every bit must be right and there is a checksum; and fractions, for which any order
 * of additions stays within (K + 2) eps sum |a b| of the sum in f64, eps being half an
 * ulp of 1 in the result's format. */
#ifndef FLOATS_H
#define FLOATS_H

#include "matrix.h"

#define MOST (80 * 200)

static uint32_t a[MOST / 2], b[MOST / 2], c[MOST];
static float of_a[MOST], of_b[MOST];

/* A whole number from -3 to 3, or one of so many bits times a power of two. */
static float number(uint64_t *seed, int whole, int bits)
{
    int32_t value = (int32_t)(bench_random(seed) >> 40) % (1 << bits);
    if (bench_random(seed) >> 63)
        value = -value;
    float scale = (float)(1 << (bench_random(seed) >> 62)) / (float)(2 << bits);
    return whole ? (float)(value % 4) : (float)value * scale;
}

/* TA, TC: types of elements; TO, OF_A, OF_C: conversions; BITS of fractions that TA can
 * hold; EPS of TC. */
#define TRY(function, name, kernel, TA, TC, TO, OF_A, OF_C, BITS, EPS)                              \
    static int function##_once(size_t m, size_t n, size_t k, int whole)                             \
    {                                                                                               \
        uint64_t seed = m + 1000 * n + 1000000 * k;                                                 \
        struct gemm g = dense(m, n, k);                                                             \
        TA *to_a = (TA *)a, *to_b = (TA *)b;                                                        \
        TC *result = (TC *)c;                                                                       \
        for (size_t i = 0; i < m * k; i++) {                                                        \
            to_a[i] = TO(number(&seed, whole, BITS));                                               \
            of_a[i] = OF_A(to_a[i]);                                                                \
        }                                                                                           \
        for (size_t j = 0; j < n; j++)                                                              \
            for (size_t l = 0; l < k; l++) {                                                        \
                to_b[b_at(&g, l, j)] = TO(number(&seed, whole, BITS));                              \
                of_b[j * k + l] = OF_A(to_b[b_at(&g, l, j)]);                                       \
            }                                                                                       \
        memset(c, 0x55, sizeof c);                                                                  \
        TC untouched = result[0];                                                                   \
        kernel(&g, to_a, to_b, result);                                                             \
        int good = OF_C(result[m * n]) == OF_C(untouched);                                          \
        for (size_t i = 0; i < m; i++)                                                              \
            for (size_t j = 0; j < n; j++) {                                                        \
                double sum = 0, size = 0;                                                           \
                for (size_t l = 0; l < k; l++) {                                                    \
                    double product = (double)of_a[i * k + l] * (double)of_b[j * k + l];             \
                    sum += product;                                                                 \
                    size += product < 0 ? -product : product;                                       \
                }                                                                                   \
                double error = (double)OF_C(result[i * n + j]) - sum;                               \
                good &= whole ? error == 0 : __builtin_fabs(error) <= (double)(k + 2) * EPS * size; \
            }                                                                                       \
        put_case(name, m, n, k);                                                                    \
        if (whole)                                                                                  \
            return put_checksum(fold_bytes(result, m * n * sizeof *result), good);                  \
        put(good ? "within (K + 2) eps, ok\n" : "beyond (K + 2) eps, WRONG\n");                     \
        return good;                                                                                \
    }                                                                                               \
                                                                                                    \
    static int function(size_t m, size_t n, size_t k)                                               \
    {                                                                                               \
        int good = function##_once(m, n, k, 1);                                                     \
        return good & function##_once(m, n, k, 0);                                                  \
    }

static int every_size(int (*try)(size_t m, size_t n, size_t k))
{
    static const uint8_t sizes[][3] = {
        {1, 1, 1}, {4, 4, 8}, {3, 5, 2}, {1, 40, 33}, {40, 1, 31}, {17, 9, 35}, {32, 32, 32}, {37, 45, 70},
    };
    int good = 1;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        good &= try(sizes[i][0], sizes[i][1], sizes[i][2]);
    return good;
}

#define EPS_F16 0x1p-11
#define EPS_F32 0x1p-24

#endif
