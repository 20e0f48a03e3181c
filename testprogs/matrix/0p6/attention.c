/* Attention on 0.6: rows of k are B's rows as they are; v has a row for each k of the
 * second product, which transposing loads put upright. */
#include "unit.h"

/* out = weights v, one accumulator at a time. */
static void times_v(const struct attention *s, const f16 *v, float *out)
{
    size_t rows = unit_rows(), step = unit_k(sizeof *v);
    for (size_t i = 0; i < s->length; i += rows)
        for (size_t j = 0; j < s->dim; j += rows) {
            th_msettilem(min_size(rows, s->length - i));
            th_msettilen(min_size(rows, s->dim - j));
            th_mzero(ACC0);
            for (size_t k = 0; k < s->length; k += step) {
                th_msettilek(min_size(step, s->length - k));
                th_mlae16(TR0, s->weights + i * s->length + k, s->length * sizeof *v);
                th_mlbte16(TR1, v + k * s->dim + j, s->dim * sizeof *v);
                th_mfmacc_s_h(ACC0, TR1, TR0);
            }
            th_msce32(ACC0, out + i * s->dim + j, s->dim * sizeof *out);
        }
}

void attention(const struct attention *s, const f16 *q, const f16 *k, const f16 *v, float *out)
{
    struct gemm first = {s->length, s->length, s->dim, s->dim, s->dim, s->length};
    gemm_f16_f32(&first, q, k, s->scores);
    for (size_t i = 0; i < s->length; i++)
        softmax_row(s->scores + i * s->length, s->scale, s->weights + i * s->length, s->length);
    times_v(s, v, out);
}
