/* GEMM on 0.3. A block of C is two by two registers, m4 to m7: each step of k loads two
 * of A and two of B and uses each of them twice. Whole blocks keep one setting of the
 * sizes; at the edges each register is loaded with its own, and the rest of it is
 * zeroed by the load, so that products may run over all of it. Loads know sizeM only.
 *
 * The int8 GEMM into 32 bits is in assembly, gemm.S; the f16 GEMM below has its own
 * shape, since B takes pairs of registers there. */
#include "unit.h"

static inline void zero_sums(void)
{
    th_mzero(M4);
    th_mzero(M5);
    th_mzero(M6);
    th_mzero(M7);
}

#define BLOCK(name, TA, TC, LOAD, MACC)                                                                              \
    static inline __attribute__((always_inline)) void name##_step(const TA *a0, const TA *a1, const TA *b0,          \
        const TA *b1, size_t lda, size_t ldb, size_t m0, size_t m1, size_t n0, size_t n1, size_t rows, int edge)     \
    {                                                                                                                \
        if (edge)                                                                                                    \
            th_mcfgm(m0);                                                                                            \
        LOAD(M0, lda, a0);                                                                                           \
        if (edge)                                                                                                    \
            th_mcfgm(m1);                                                                                            \
        LOAD(M1, lda, a1);                                                                                           \
        if (edge)                                                                                                    \
            th_mcfgm(n0);                                                                                            \
        LOAD(M2, ldb, b0);                                                                                           \
        if (edge)                                                                                                    \
            th_mcfgm(n1);                                                                                            \
        LOAD(M3, ldb, b1);                                                                                           \
        if (edge)                                                                                                    \
            th_mcfgm(rows);                                                                                          \
        MACC(M4, M2, M0);                                                                                            \
        MACC(M5, M3, M0);                                                                                            \
        MACC(M6, M2, M1);                                                                                            \
        MACC(M7, M3, M1);                                                                                            \
    }                                                                                                                \
                                                                                                                     \
    static inline __attribute__((always_inline)) void name##_block(const struct gemm *g, const TA *a0, const TA *b0, \
        TC *c, size_t m0, size_t m1, size_t n0, size_t n1, size_t rows, int edge)                                    \
    {                                                                                                                \
        const TA *a1 = a0 + m0 * g->lda, *b1 = b0 + n0 * g->ldb;                                                     \
        size_t lda = g->lda * sizeof *a0, ldb = g->ldb * sizeof *b0, ldc = g->ldc * sizeof *c;                       \
        size_t step = unit_k(sizeof *a0), k = g->k;                                                                  \
        zero_sums();                                                                                                 \
        unit_sizes(rows, rows, step * sizeof *a0);                                                                   \
        for (; k >= step; k -= step) {                                                                               \
            name##_step(a0, a1, b0, b1, lda, ldb, m0, m1, n0, n1, rows, edge);                                       \
            a0 += step, a1 += step, b0 += step, b1 += step;                                                          \
        }                                                                                                            \
        if (k) {                                                                                                     \
            th_mcfgk(k * sizeof *a0);                                                                                \
            name##_step(a0, a1, b0, b1, lda, ldb, m0, m1, n0, n1, rows, edge);                                       \
        }                                                                                                            \
        unit_sizes(m0, 0, n0 * sizeof *c);                                                                           \
        th_mstw(M4, ldc, c);                                                                                         \
        if (edge)                                                                                                    \
            th_mcfgm(m1);                                                                                            \
        th_mstw(M6, ldc, c + m0 * g->ldc);                                                                           \
        if (edge)                                                                                                    \
            th_mcfgk(n1 * sizeof *c);                                                                                \
        th_mstw(M7, ldc, c + m0 * g->ldc + n0);                                                                      \
        if (edge)                                                                                                    \
            th_mcfgm(m0);                                                                                            \
        th_mstw(M5, ldc, c + n0);                                                                                    \
    }                                                                                                                \
                                                                                                                     \
    void name(const struct gemm *g, const TA *a, const TA *b, TC *c)                                                 \
    {                                                                                                                \
        size_t rows = unit_rows();                                                                                   \
        for (size_t i = 0; i < g->m; i += 2 * rows)                                                                  \
            for (size_t j = 0; j < g->n; j += 2 * rows) {                                                            \
                size_t m0 = min_size(rows, g->m - i), m1 = min_size(rows, g->m - i - m0);                            \
                size_t n0 = min_size(rows, g->n - j), n1 = min_size(rows, g->n - j - n0);                            \
                const TA *from_a = a + i * g->lda, *from_b = b + j * g->ldb;                                         \
                TC *to = c + i * g->ldc + j;                                                                         \
                if (m1 == rows && n1 == rows)                                                                        \
                    name##_block(g, from_a, from_b, to, rows, rows, rows, rows, rows, 0);                            \
                else                                                                                                 \
                    name##_block(g, from_a, from_b, to, m0, m1, n0, n1, rows, 1);                                    \
            }                                                                                                        \
    }

BLOCK(gemm_f16_f32, f16, float, th_mldh, th_fwmmacc_h)
BLOCK(gemm_f32_f32, float, float, th_mldw, th_fmmacc_s)

/* Columns of f16 sums. sizeN has 8 bits: at RLEN 4096 one column less than the register has. */
static inline size_t f16_columns(size_t rows)
{
    return min_size(2 * rows, 255);
}

/* f16 sums: a register of C has two columns for each row, and B is a pair of registers.
 * A block is four registers of C below each other; those of A take turns in m0 and m1. */
static inline __attribute__((always_inline)) void f16_step(const f16 *a, const f16 *b, size_t lda, size_t ldb, const size_t *m,
                                                           size_t n, size_t rows, int edge)
{
    size_t n0 = min_size(n, rows), n1 = n - n0;
    if (edge)
        th_mcfgm(n0);
    th_mldh(M2, ldb * 2, b);
    if (edge)
        th_mcfgm(n1);
    th_mldh(M3, ldb * 2, b + n0 * ldb);
    if (edge)
        th_mcfgm(m[0]);
    th_mldh(M0, lda * 2, a);
    if (edge)
        th_mcfgm(m[1]);
    th_mldh(M1, lda * 2, a + rows * lda);
    if (edge)
        th_mcfgm(rows);
    th_fmmacc_h(M4, M2, M0);
    th_fmmacc_h(M5, M2, M1);
    if (edge)
        th_mcfgm(m[2]);
    th_mldh(M0, lda * 2, a + 2 * rows * lda);
    if (edge)
        th_mcfgm(m[3]);
    th_mldh(M1, lda * 2, a + 3 * rows * lda);
    if (edge)
        th_mcfgm(rows);
    th_fmmacc_h(M6, M2, M0);
    th_fmmacc_h(M7, M2, M1);
}

static inline __attribute__((always_inline)) void f16_block(const struct gemm *g, const f16 *a, const f16 *b, f16 *c, const size_t *m,
                                                            size_t n, size_t rows, int edge)
{
    size_t step = unit_k(2), k = g->k;
    zero_sums();
    unit_sizes(rows, f16_columns(rows), step * 2);
    for (; k >= step; a += step, b += step, k -= step)
        f16_step(a, b, g->lda, g->ldb, m, n, rows, edge);
    if (k) {
        th_mcfgk(k * 2);
        f16_step(a, b, g->lda, g->ldb, m, n, rows, edge);
    }
    unit_sizes(m[0], 0, n * 2);
    th_msth(M4, g->ldc * 2, c);
    th_mcfgm(m[1]);
    th_msth(M5, g->ldc * 2, c + rows * g->ldc);
    th_mcfgm(m[2]);
    th_msth(M6, g->ldc * 2, c + 2 * rows * g->ldc);
    th_mcfgm(m[3]);
    th_msth(M7, g->ldc * 2, c + 3 * rows * g->ldc);
}

void gemm_f16_f16(const struct gemm *g, const f16 *a, const f16 *b, f16 *c)
{
    size_t rows = unit_rows(), columns = f16_columns(rows);
    for (size_t i = 0; i < g->m; i += 4 * rows) {
        size_t m[4], left = g->m - i;
        for (int r = 0; r < 4; r++) {
            m[r] = min_size(rows, left);
            left -= m[r];
        }
        for (size_t j = 0; j < g->n; j += columns) {
            size_t n = min_size(columns, g->n - j);
            const f16 *from_a = a + i * g->lda, *from_b = b + j * g->ldb;
            if (m[3] == rows && n == 2 * rows)
                f16_block(g, from_a, from_b, c + i * g->ldc + j, m, n, rows, 0);
            else
                f16_block(g, from_a, from_b, c + i * g->ldc + j, m, n, rows, 1);
        }
    }
}

/* One block of 2 x 2 registers: m0 + m1 rows and n0 + n1 columns (gemm.S). */
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
