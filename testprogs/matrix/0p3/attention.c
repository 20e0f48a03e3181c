/* Attention on 0.3: rows of k are B's rows as they are; v is transposed for the second
 * product, by stores of vectors, since 0.3 loads do not do it. */
#include "unit.h"
#include <riscv_vector.h>

void attention(const struct attention *s, const f16 *q, const f16 *k, const f16 *v, float *out)
{
    struct gemm first = {s->length, s->length, s->dim, s->dim, s->dim, s->length};
    gemm_f16_f32(&first, q, k, s->scores);
    for (size_t i = 0; i < s->length; i++)
        softmax_row(s->scores + i * s->length, s->scale, s->weights + i * s->length, s->length);
    for (size_t i = 0; i < s->length; i++)
        for (size_t d = 0, vl; d < s->dim; d += vl) {
            vl = __riscv_vsetvl_e16m4(s->dim - d);
            vfloat16m4_t row = __riscv_vle16_v_f16m4(v + i * s->dim + d, vl);
            __riscv_vsse16_v_f16m4(s->other + d * s->length + i, (ptrdiff_t)(s->length * sizeof *v), row, vl);
        }
    struct gemm second = {s->length, s->dim, s->length, s->length, s->length, s->dim};
    gemm_f16_f32(&second, s->weights, s->other, out);
}
