/* GEMM to be measured, N x N x N, one program for each pair of types (build.sh). The
 * argument: N, or NxROUNDS; with 0 rounds only what lies around the products is done.
 * 64 elements are compared with plain C: exactly for integers, within (N + 2) eps for
 * floating point; exit status 1 when one is wrong. */
#include "matrix.h"

#define MOST 2048

#if defined I8
#define NAME "int8 to int32"
#define KERNEL gemm_i8_i32
typedef int8_t source;
typedef int32_t sum;
#define OF(x) (x)
#define EPS 0
#elif defined F16_F32
#define NAME "fp16 to fp32"
#define KERNEL gemm_f16_f32
typedef f16 source;
typedef float sum;
#define TO(x) ((f16)(x))
#define OF(x) ((float)(x))
#define EPS 0x1p-24
#elif defined F16
#define NAME "fp16"
#define KERNEL gemm_f16_f16
typedef f16 source;
typedef f16 sum;
#define TO(x) ((f16)(x))
#define OF(x) ((float)(x))
#define EPS 0x1p-11
#elif defined BF16
#define NAME "bf16 to fp32"
#define KERNEL gemm_bf16_f32
typedef bf16 source;
typedef float sum;
#define TO(x) to_bf16(x)
#define OF(x) of_bf16(x)
#define EPS 0x1p-24
#else
#define NAME "fp32"
#define KERNEL gemm_f32_f32
typedef float source;
typedef float sum;
#define TO(x) (x)
#define OF(x) (x)
#define EPS 0x1p-24
#endif

static source a[MOST * MOST] __attribute__((aligned(64))), b[MOST * MOST] __attribute__((aligned(64)));
static sum c[MOST * MOST] __attribute__((aligned(64)));

/* The next of many bytes: for floating point times 0.0079, which keeps sums from being exact. */
static inline source next(uint64_t *seed, uint64_t *bytes, size_t i)
{
    *bytes = i % 8 ? *bytes >> 8 : bench_random(seed);
    int8_t byte = (int8_t)*bytes;
#ifdef I8
    return byte;
#else
    return TO((float)byte * 0.0079f);
#endif
}

/* The same matrices however B lies in memory. */
static void fill(const struct gemm *g)
{
    uint64_t seed = 1, bytes = 0;
    for (size_t i = 0; i < g->m * g->k; i++)
        a[i] = next(&seed, &bytes, i);
    for (size_t k = 0; k < g->k; k++)
        for (size_t j = 0; j < g->n; j++)
            b[b_at(g, k, j)] = next(&seed, &bytes, k * g->n + j);
}

static int right(const struct gemm *g, size_t i, size_t j)
{
#ifdef I8
    int32_t expected = 0;
    for (size_t k = 0; k < g->k; k++)
        expected += a[i * g->lda + k] * b[b_at(g, k, j)];
    return c[i * g->ldc + j] == expected;
#else
    double expected = 0, size = 0;
    for (size_t k = 0; k < g->k; k++) {
        double product = (double)OF(a[i * g->lda + k]) * (double)OF(b[b_at(g, k, j)]);
        expected += product;
        size += __builtin_fabs(product);
    }
    return __builtin_fabs((double)(float)c[i * g->ldc + j] - expected) <= (double)(g->k + 2) * EPS * size;
#endif
}

static size_t digits(const char **text)
{
    size_t value = 0;
    for (; **text >= '0' && **text <= '9'; ++*text)
        value = value * 10 + (size_t)(**text - '0');
    return value;
}

int vector_main(const char *argument)
{
    size_t n = 256, rounds = 1;
    if (argument) {
        n = digits(&argument);
        if (*argument == 'x') {
            argument++;
            rounds = digits(&argument);
        }
        if (*argument || n < 1 || n > MOST) {
            put("usage: N or NxROUNDS, N from 1 to 2048\n");
            return 2;
        }
    }
    struct gemm g = dense(n, n, n);
    fill(&g);
    for (size_t i = 0; i < rounds; i++)
        KERNEL(&g, a, b, c);

    int good = 1;
    uint64_t seed = 3;
    for (int i = 0; i < 64; i++) {
        size_t row = bench_random(&seed) % n;
        good &= right(&g, row, bench_random(&seed) % n);
    }
    put_case(NAME, n, n, n);
    return !put_checksum(fold_words(0, c, n * n * sizeof *c / 8 * 2), good || !rounds);
}
