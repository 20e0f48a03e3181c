/* What the matrix programs share: the kernels that each of the three versions has
 * (0p6/, 0p3/, v1/), and how operands lie in memory.
 *
 * The programs make inputs, call a kernel, compare with plain C and print a line for
 * each case. What they print depends neither on the version nor on the lengths of the
 * unit, which the kernels read from its CSRs. */
#ifndef MATRIX_H
#define MATRIX_H

#include "../vector/rt.h"

typedef _Float16 f16;
typedef uint16_t bf16; /* its bits */
typedef uint8_t fp8;   /* its bits: e4m3 or e5m2 */

/* C = A B, M x K times K x N. `lda`, `ldb`, `ldc`: elements from one row in memory to
 * the next. A has M rows of K elements and C has M rows of N. B has N rows of K
 * elements, as matrix units want it (one row for each output, as weights are stored),
 * and K rows of N elements for vectors. */
struct gemm {
    size_t m, n, k, lda, ldb, ldc;
};

#ifdef V1
#define B_IS_K_BY_N 1
#else
#define B_IS_K_BY_N 0
#endif

/* Where B's element (k, j) is. */
static inline size_t b_at(const struct gemm *g, size_t k, size_t j)
{
    return B_IS_K_BY_N ? k * g->ldb + j : j * g->ldb + k;
}

/* All operands without gaps. */
static inline struct gemm dense(size_t m, size_t n, size_t k)
{
    return (struct gemm){m, n, k, k, B_IS_K_BY_N ? n : k, n};
}

/* Requantisation of 32-bit sums, with an own factor and shift for each column j:
 * clip(round(((sum + bias) * factor >> 32) >> shift) + zero), ties up. With a zero
 * point of -128 the clip is a ReLU as well. */
struct requant {
    const int32_t *bias, *factor, *shift; /* N each; 1 <= shift < 24 */
    const int32_t *zero_shifted;          /* zero << shift, N of them */
    int32_t zero;
};

void gemm_i8_i32(const struct gemm *g, const int8_t *a, const int8_t *b, int32_t *c);
void gemm_i8_i8(const struct gemm *g, const int8_t *a, const int8_t *b, const struct requant *q, int8_t *c);
void gemm_f16_f16(const struct gemm *g, const f16 *a, const f16 *b, f16 *c);
void gemm_f16_f32(const struct gemm *g, const f16 *a, const f16 *b, float *c);
void gemm_bf16_f32(const struct gemm *g, const bf16 *a, const bf16 *b, float *c);
void gemm_f32_f32(const struct gemm *g, const float *a, const float *b, float *c);
void gemm_e4m3_f32(const struct gemm *g, const fp8 *a, const fp8 *b, float *c);
void gemm_e5m2_f32(const struct gemm *g, const fp8 *a, const fp8 *b, float *c);
void gemm_e4m3_f16(const struct gemm *g, const fp8 *a, const fp8 *b, f16 *c);

/* 3x3 convolution of `height` x `width` pixels of `in` channels (NHWC, with a border of
 * one pixel all around, which `image` begins with) into `out` channels. Weights: for
 * each output, three rows of three pixels; for vectors, outputs come last. */
struct conv {
    size_t height, width, in, out;
};
void conv3x3_i8(const struct conv *s, const int8_t *image, const int8_t *weights, const struct requant *q, int8_t *result);

/* One head: out = softmax(q k^T / sqrt(dim)) v, all with `length` rows of `dim`.
 * `scores` and `weights` are scratch of length x length, `other` of length x dim. */
struct attention {
    size_t length, dim;
    float scale;
    float *scores;
    f16 *weights, *other;
};
void attention(const struct attention *s, const f16 *q, const f16 *k, const f16 *v, float *out);

/* Softmax of a row, for all three versions by vectors (softmax.c). */
void softmax_row(const float *in, float scale, f16 *out, size_t n);

/* c = max(c + bias of the column, 0), in place. */
void bias_relu_i32(size_t m, size_t n, int32_t *c, const int32_t *bias);
void bias_relu_f32(size_t m, size_t n, float *c, const float *bias);

static inline size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Numbers of all formats as f32 and back; `to_bf16` cuts off. */
static inline float of_bits(uint32_t bits)
{
    union { uint32_t bits; float value; } u = {bits};
    return u.value;
}
static inline uint32_t to_bits(float value)
{
    union { float value; uint32_t bits; } u = {value};
    return u.bits;
}
static inline float of_bf16(bf16 x) { return of_bits((uint32_t)x << 16); }
static inline bf16 to_bf16(float x) { return (bf16)(to_bits(x) >> 16); }
float of_e4m3(fp8 x);
float of_e5m2(fp8 x);

/* "NAME MxNxK: " */
void put_case(const char *name, size_t m, size_t n, size_t k);
/* "checksum 0x..., ok\n" or WRONG; gives `good`. */
int put_checksum(uint64_t sum, int good);
uint64_t fold_bytes(const void *bytes, size_t n);

#endif
