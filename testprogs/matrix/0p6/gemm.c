/* GEMM on 0.6. A block of C is two by two accumulators: each step of k loads two tiles
 * of A and two of B and uses each of them twice. Whole blocks keep one setting of the
 * sizes; at the edges each tile is loaded with its own, and the rest of it is zeroed
 * by the load, so that products may run over all of it.
 *
 * The int8 GEMM into 32 bits is in assembly, gemm.S. */
#include "unit.h"

#define BLOCK(name, TA, TC, BITS, MACC, CBITS)                                                                       \
    static inline __attribute__((always_inline)) void name##_step(const TA *a0, const TA *a1, const TA *b0,          \
        const TA *b1, size_t lda, size_t ldb, size_t m0, size_t m1, size_t n0, size_t n1, size_t rows, int edge)     \
    {                                                                                                                \
        if (edge)                                                                                                    \
            th_msettilem(m0), th_msettilen(n0);                                                                      \
        th_mlae##BITS(TR0, a0, lda);                                                                                 \
        th_mlbe##BITS(TR2, b0, ldb);                                                                                 \
        if (edge)                                                                                                    \
            th_msettilem(m1), th_msettilen(n1);                                                                      \
        th_mlae##BITS(TR1, a1, lda);                                                                                 \
        th_mlbe##BITS(TR3, b1, ldb);                                                                                 \
        if (edge)                                                                                                    \
            th_msettilem(rows), th_msettilen(rows);                                                                  \
        MACC(ACC0, TR2, TR0);                                                                                        \
        MACC(ACC1, TR3, TR0);                                                                                        \
        MACC(ACC2, TR2, TR1);                                                                                        \
        MACC(ACC3, TR3, TR1);                                                                                        \
    }                                                                                                                \
                                                                                                                     \
    static inline __attribute__((always_inline)) void name##_block(const struct gemm *g, const TA *a0, const TA *b0, \
        TC *c, size_t m0, size_t m1, size_t n0, size_t n1, size_t rows, int edge)                                    \
    {                                                                                                                \
        const TA *a1 = a0 + m0 * g->lda, *b1 = b0 + n0 * g->ldb;                                                     \
        size_t lda = g->lda * sizeof *a0, ldb = g->ldb * sizeof *b0, ldc = g->ldc * sizeof *c;                       \
        size_t step = unit_k(sizeof *a0), k = g->k;                                                                  \
        th_mzero4r(ACC0);                                                                                            \
        th_msettilek(step);                                                                                          \
        for (; k >= step; k -= step) {                                                                               \
            name##_step(a0, a1, b0, b1, lda, ldb, m0, m1, n0, n1, rows, edge);                                       \
            a0 += step, a1 += step, b0 += step, b1 += step;                                                          \
        }                                                                                                            \
        if (k) {                                                                                                     \
            th_msettilek(k);                                                                                         \
            name##_step(a0, a1, b0, b1, lda, ldb, m0, m1, n0, n1, rows, edge);                                       \
        }                                                                                                            \
        if (edge)                                                                                                    \
            th_msettilem(m0), th_msettilen(n0);                                                                      \
        th_msce##CBITS(ACC0, c, ldc);                                                                                \
        if (edge)                                                                                                    \
            th_msettilen(n1);                                                                                        \
        th_msce##CBITS(ACC1, c + n0, ldc);                                                                           \
        if (edge)                                                                                                    \
            th_msettilem(m1);                                                                                        \
        th_msce##CBITS(ACC3, c + m0 * g->ldc + n0, ldc);                                                             \
        if (edge)                                                                                                    \
            th_msettilen(n0);                                                                                        \
        th_msce##CBITS(ACC2, c + m0 * g->ldc, ldc);                                                                  \
    }                                                                                                                \
                                                                                                                     \
    void name(const struct gemm *g, const TA *a, const TA *b, TC *c)                                                 \
    {                                                                                                                \
        size_t rows = unit_rows();                                                                                   \
        th_msettilem(rows), th_msettilen(rows);                                                                      \
        for (size_t i = 0; i < g->m; i += 2 * rows)                                                                  \
            for (size_t j = 0; j < g->n; j += 2 * rows) {                                                            \
                size_t m0 = min_size(rows, g->m - i), m1 = min_size(rows, g->m - i - m0);                            \
                size_t n0 = min_size(rows, g->n - j), n1 = min_size(rows, g->n - j - n0);                            \
                const TA *from_a = a + i * g->lda, *from_b = b + j * g->ldb;                                         \
                TC *to = c + i * g->ldc + j;                                                                         \
                if (m1 == rows && n1 == rows) {                                                                      \
                    name##_block(g, from_a, from_b, to, rows, rows, rows, rows, rows, 0);                            \
                } else {                                                                                             \
                    name##_block(g, from_a, from_b, to, m0, m1, n0, n1, rows, 1);                                    \
                    th_msettilem(rows), th_msettilen(rows);                                                          \
                }                                                                                                    \
            }                                                                                                        \
    }

BLOCK(gemm_f16_f16, f16, f16, 16, th_mfmacc_h, 16)
BLOCK(gemm_f16_f32, f16, float, 16, th_mfmacc_s_h, 32)
BLOCK(gemm_bf16_f32, bf16, float, 16, th_mfmacc_s_bf16, 32)
BLOCK(gemm_f32_f32, float, float, 32, th_mfmacc_s, 32)
BLOCK(gemm_e4m3_f32, fp8, float, 8, th_mfmacc_s_e4, 32)
BLOCK(gemm_e5m2_f32, fp8, float, 8, th_mfmacc_s_e5, 32)
BLOCK(gemm_e4m3_f16, fp8, f16, 8, th_mfmacc_h_e4, 16)

/* One block of 2 x 2 accumulators: m0 + m1 rows and n0 + n1 columns (gemm.S). */
void block_i8_i32(const struct gemm *g, const int8_t *a, const int8_t *b, int32_t *c, size_t m0, size_t m1, size_t n0, size_t n1);

void gemm_i8_i32(const struct gemm *g, const int8_t *a, const int8_t *b, int32_t *c)
{
    size_t rows = unit_rows();
    for (size_t i = 0; i < g->m; i += 2 * rows)
        for (size_t j = 0; j < g->n; j += 2 * rows) {
            size_t m0 = min_size(rows, g->m - i), n0 = min_size(rows, g->n - j);
            block_i8_i32(g, a + i * g->lda, b + j * g->ldb, c + i * g->ldc + j, m0, min_size(rows, g->m - i - m0), n0,
                         min_size(rows, g->n - j - n0));
        }
}
