/* Attention by vectors. The first product wants k transposed, which strided loads do. */
#include "../matrix.h"
#include <riscv_vector.h>

void attention(const struct attention *s, const f16 *q, const f16 *k, const f16 *v, float *out)
{
    for (size_t d = 0; d < s->dim; d++)
        for (size_t j = 0, vl; j < s->length; j += vl) {
            vl = __riscv_vsetvl_e16m4(s->length - j);
            vfloat16m4_t column = __riscv_vlse16_v_f16m4(k + j * s->dim + d, (ptrdiff_t)(s->dim * sizeof *k), vl);
            __riscv_vse16_v_f16m4(s->other + d * s->length + j, column, vl);
        }
    struct gemm first = {s->length, s->length, s->dim, s->dim, s->length, s->length};
    gemm_f16_f32(&first, q, s->other, s->scores);
    for (size_t i = 0; i < s->length; i++)
        softmax_row(s->scores + i * s->length, s->scale, s->weights + i * s->length, s->length);
    struct gemm second = {s->length, s->dim, s->length, s->length, s->dim, s->dim};
    gemm_f16_f32(&second, s->weights, v, out);
}
