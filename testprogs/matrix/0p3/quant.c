/* int8 GEMM and 3x3 convolution with requantisation on 0.3. A block of C is two by two
 * registers, m4 to m7; the factors of their columns are loaded into those of A and B
 * when the sums are done. */
#include "unit.h"

struct block {
    size_t m0, m1, n0, n1;
};

/* Sums += rows of A times columns of B, along k. */
static inline void accumulate(const struct block *s, const int8_t *a, const int8_t *b, size_t lda, size_t ldb, size_t k)
{
    size_t rows = unit_rows(), step = unit_k(1);
    const int8_t *a1 = a + s->m0 * lda, *b1 = b + s->n0 * ldb;
    th_mcfgn(rows);
    for (; k; a += step, a1 += step, b += step, b1 += step, k -= step) {
        step = min_size(step, k);
        unit_sizes(s->m0, rows, step);
        th_mldb(M0, lda, a);
        th_mcfgm(s->m1);
        th_mldb(M1, lda, a1);
        th_mcfgm(s->n0);
        th_mldb(M2, ldb, b);
        th_mcfgm(s->n1);
        th_mldb(M3, ldb, b1);
        /* Rows behind those that were loaded are zero. */
        th_mcfgm(rows);
        th_mmaqa_b(M4, M2, M0);
        th_mmaqa_b(M5, M3, M0);
        th_mmaqa_b(M6, M2, M1);
        th_mmaqa_b(M7, M3, M1);
    }
}

/* Sums begin as the bias of their columns: a stride of 0 loads it into each row. */
static inline void start(const struct block *s, const struct requant *q, size_t j)
{
    size_t rows = unit_rows();
    unit_sizes(rows, rows, s->n0 * 4);
    th_mldw(M4, 0, q->bias + j);
    th_mmov_mm(M6, M4);
    th_mcfgk(s->n1 * 4);
    th_mldw(M5, 0, q->bias + j + s->n0);
    th_mmov_mm(M7, M5);
}

/* sizeM and sizeK (the columns, as words) are set. */
#define REQUANTISE(sum, zero)             \
    do {                                  \
        th_mmulh_s_mv_i(sum, sum, M0, 0); \
        th_msra_s_mv_i(sum, sum, M1, 0);  \
        th_madd_s_mx(sum, sum, zero);     \
        th_mn4clip_s_mx(sum, sum, 0);     \
    } while (0)

static inline void finish_block(const struct block *s, const struct requant *q, size_t j, int8_t *c, size_t ldc)
{
    size_t rows = unit_rows();
    unit_sizes(1, rows, s->n0 * 4);
    th_mldw(M0, 0, q->factor + j);
    th_mldw(M1, 0, q->shift + j);
    th_mcfgm(rows);
    REQUANTISE(M4, q->zero);
    REQUANTISE(M6, q->zero);
    unit_sizes(1, rows, s->n1 * 4);
    th_mldw(M0, 0, q->factor + j + s->n0);
    th_mldw(M1, 0, q->shift + j + s->n0);
    th_mcfgm(rows);
    REQUANTISE(M5, q->zero);
    REQUANTISE(M7, q->zero);
    unit_sizes(s->m0, rows, s->n0);
    th_mstb(M4, ldc, c);
    th_mcfgm(s->m1);
    th_mstb(M6, ldc, c + s->m0 * ldc);
    th_mcfgk(s->n1);
    th_mstb(M7, ldc, c + s->m0 * ldc + s->n0);
    th_mcfgm(s->m0);
    th_mstb(M5, ldc, c + s->n0);
}

static inline struct block block_of(size_t m, size_t n)
{
    size_t rows = unit_rows(), m0 = min_size(rows, m), n0 = min_size(rows, n);
    return (struct block){m0, min_size(rows, m - m0), n0, min_size(rows, n - n0)};
}

void gemm_i8_i8(const struct gemm *g, const int8_t *a, const int8_t *b, const struct requant *q, int8_t *c)
{
    size_t rows = unit_rows();
    th_xmcsr_write(XM_RNU);
    for (size_t i = 0; i < g->m; i += 2 * rows)
        for (size_t j = 0; j < g->n; j += 2 * rows) {
            struct block s = block_of(g->m - i, g->n - j);
            start(&s, q, j);
            accumulate(&s, a + i * g->lda, b + j * g->ldb, g->lda, g->ldb, g->k);
            finish_block(&s, q, j, c + i * g->ldc + j, g->ldc);
        }
}

/* Rows of A are neighbouring pixels of a line: for each of the nine taps they begin
 * elsewhere in the image, and no matrix of patches is made. */
void conv3x3_i8(const struct conv *s, const int8_t *image, const int8_t *weights, const struct requant *q, int8_t *result)
{
    size_t rows = unit_rows(), line = (s->width + 2) * s->in;
    th_xmcsr_write(XM_RNU);
    for (size_t y = 0; y < s->height; y++)
        for (size_t x = 0; x < s->width; x += 2 * rows)
            for (size_t j = 0; j < s->out; j += 2 * rows) {
                struct block block = block_of(s->width - x, s->out - j);
                start(&block, q, j);
                for (size_t tap = 0; tap < 9; tap++) {
                    const int8_t *from = image + (y + tap / 3) * line + (x + tap % 3) * s->in;
                    accumulate(&block, from, weights + (j * 9 + tap) * s->in, s->in, 9 * s->in, s->in);
                }
                finish_block(&block, q, j, result + (y * s->width + x) * s->out + j, s->out);
            }
}
