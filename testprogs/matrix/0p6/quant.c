/* int8 GEMM and 3x3 convolution with requantisation on 0.6. A block of C is two
 * accumulators, one below the other, so that they share a tile of B and the factors of
 * their columns; the two others hold those. */
#include "unit.h"

/* Sums += rows of A times columns of B, along k. */
static inline void accumulate(const int8_t *a0, const int8_t *a1, const int8_t *b, size_t lda, size_t ldb, size_t k, size_t m0,
                              size_t m1, size_t n)
{
    th_msettilen(n);
    for (size_t step = unit_k(1); k; a0 += step, a1 += step, b += step, k -= step) {
        step = min_size(step, k);
        th_msettilek(step);
        th_mlbe8(TR2, b, ldb);
        th_msettilem(m1);
        th_mlae8(TR1, a1, lda);
        th_msettilem(m0);
        th_mlae8(TR0, a0, lda);
        /* m0 >= m1: the rows of the second tile behind m1 are zero. */
        th_mmacc_w_b(ACC0, TR2, TR0);
        th_mmacc_w_b(ACC1, TR2, TR1);
    }
}

/* Both sums begin as the bias of their columns: a stride of 0 loads it into each row. */
static inline void start(const struct requant *q, size_t j, size_t m0, size_t n)
{
    th_msettilem(m0), th_msettilen(n);
    th_mlce32(ACC0, q->bias + j, 0);
    th_mmov_mm(ACC1, ACC0);
}

/* One row of factors is enough: `.mv.i` takes row 0 for all. Rounding while it shifts,
 * mn4clip comes last, and so the zero point is added as zero << shift before it. */
static inline void finish_block(const struct requant *q, size_t j, int8_t *c0, int8_t *c1, size_t ldc, size_t m0, size_t m1, size_t n)
{
    th_msettilem(1);
    th_mlce32(ACC2, q->factor + j, 0);
    th_mlce32(ACC3, q->zero_shifted + j, 0);
    th_msettilem(m0);
    th_mmulh_w_mv_i(ACC0, ACC0, ACC2, 0);
    th_mmulh_w_mv_i(ACC1, ACC1, ACC2, 0);
    th_madd_w_mv_i(ACC0, ACC0, ACC3, 0);
    th_madd_w_mv_i(ACC1, ACC1, ACC3, 0);
    th_msettilem(1);
    th_mlce32(ACC2, q->shift + j, 0);
    th_mn4clipl_w_mv_i(ACC0, ACC0, ACC2, 0);
    th_mn4clipl_w_mv_i(ACC1, ACC1, ACC2, 0);
    th_msettilem(m0);
    th_msce8(ACC0, c0, ldc);
    th_msettilem(m1);
    th_msce8(ACC1, c1, ldc);
}

void gemm_i8_i8(const struct gemm *g, const int8_t *a, const int8_t *b, const struct requant *q, int8_t *c)
{
    size_t rows = unit_rows();
    th_xmxrm_write(XM_RNU);
    for (size_t j = 0; j < g->n; j += rows)
        for (size_t i = 0; i < g->m; i += 2 * rows) {
            size_t m0 = min_size(rows, g->m - i), m1 = min_size(rows, g->m - i - m0), n = min_size(rows, g->n - j);
            const int8_t *from = a + i * g->lda;
            int8_t *to = c + i * g->ldc + j;
            start(q, j, m0, n);
            accumulate(from, from + m0 * g->lda, b + j * g->ldb, g->lda, g->ldb, g->k, m0, m1, n);
            finish_block(q, j, to, to + m0 * g->ldc, g->ldc, m0, m1, n);
        }
}

/* Rows of A are neighbouring pixels of a line: for each of the nine taps they begin
 * elsewhere in the image, and no matrix of patches is made. */
void conv3x3_i8(const struct conv *s, const int8_t *image, const int8_t *weights, const struct requant *q, int8_t *result)
{
    size_t rows = unit_rows(), line = (s->width + 2) * s->in;
    th_xmxrm_write(XM_RNU);
    for (size_t j = 0; j < s->out; j += rows)
        for (size_t y = 0; y < s->height; y++)
            for (size_t x = 0; x < s->width; x += 2 * rows) {
                size_t m0 = min_size(rows, s->width - x), m1 = min_size(rows, s->width - x - m0), n = min_size(rows, s->out - j);
                int8_t *to = result + (y * s->width + x) * s->out + j;
                start(q, j, m0, n);
                for (size_t tap = 0; tap < 9; tap++) {
                    const int8_t *from = image + (y + tap / 3) * line + (x + tap % 3) * s->in;
                    accumulate(from, from + m0 * s->in, weights + (j * 9 + tap) * s->in, s->in, 9 * s->in, s->in, m0, m1, n);
                }
                finish_block(q, j, to, to + m0 * s->out, s->out, m0, m1, n);
            }
}
