/* int8 GEMM and 3x3 convolution with requantisation, by vectors: sums of a strip of
 * four rows (pixels) in registers, then vmulh, a rounding shift and a narrowing clip. */
#include "../matrix.h"
#include <riscv_vector.h>

static inline vint32m4_t bias_of(const struct requant *q, size_t j, size_t vl)
{
    return __riscv_vle32_v_i32m4(q->bias + j, vl);
}

static inline void requantise(int8_t *to, vint32m4_t sum, const struct requant *q, size_t j, size_t vl)
{
    sum = __riscv_vmulh_vv_i32m4(sum, __riscv_vle32_v_i32m4(q->factor + j, vl), vl);
    vuint32m4_t shift = __riscv_vreinterpret_v_i32m4_u32m4(__riscv_vle32_v_i32m4(q->shift + j, vl));
    sum = __riscv_vssra_vv_i32m4(sum, shift, __RISCV_VXRM_RNU, vl);
    sum = __riscv_vadd_vx_i32m4(sum, q->zero, vl);
    vint16m2_t half = __riscv_vnclip_wx_i16m2(sum, 0, __RISCV_VXRM_RNU, vl);
    __riscv_vse8_v_i8m1(to, __riscv_vnclip_wx_i8m1(half, 0, __RISCV_VXRM_RNU, vl), vl);
}

static inline vint16m2_t strip(const int8_t *b, size_t vl)
{
    return __riscv_vsext_vf2_i16m2(__riscv_vle8_v_i8m1(b, vl), vl);
}

void gemm_i8_i8(const struct gemm *g, const int8_t *a, const int8_t *b, const struct requant *q, int8_t *c)
{
    for (size_t j = 0, vl; j < g->n; j += vl) {
        vl = __riscv_vsetvl_e32m4(g->n - j);
        size_t i = 0;
        for (; i + 4 <= g->m; i += 4) {
            vint32m4_t s0 = bias_of(q, j, vl), s1 = s0, s2 = s0, s3 = s0;
            const int8_t *a0 = a + i * g->lda, *a1 = a0 + g->lda, *a2 = a1 + g->lda, *a3 = a2 + g->lda, *from = b + j;
            for (size_t k = 0; k < g->k; k++, from += g->ldb) {
                vint16m2_t row = strip(from, vl);
                s0 = __riscv_vwmacc_vx_i32m4(s0, a0[k], row, vl);
                s1 = __riscv_vwmacc_vx_i32m4(s1, a1[k], row, vl);
                s2 = __riscv_vwmacc_vx_i32m4(s2, a2[k], row, vl);
                s3 = __riscv_vwmacc_vx_i32m4(s3, a3[k], row, vl);
            }
            int8_t *to = c + i * g->ldc + j;
            requantise(to, s0, q, j, vl);
            requantise(to + g->ldc, s1, q, j, vl);
            requantise(to + 2 * g->ldc, s2, q, j, vl);
            requantise(to + 3 * g->ldc, s3, q, j, vl);
        }
        for (; i < g->m; i++) {
            vint32m4_t sum = bias_of(q, j, vl);
            const int8_t *row = a + i * g->lda, *from = b + j;
            for (size_t k = 0; k < g->k; k++, from += g->ldb)
                sum = __riscv_vwmacc_vx_i32m4(sum, row[k], strip(from, vl), vl);
            requantise(c + i * g->ldc + j, sum, q, j, vl);
        }
    }
}

void conv3x3_i8(const struct conv *s, const int8_t *image, const int8_t *weights, const struct requant *q, int8_t *result)
{
    size_t line = (s->width + 2) * s->in;
    for (size_t j = 0, vl; j < s->out; j += vl) {
        vl = __riscv_vsetvl_e32m4(s->out - j);
        for (size_t y = 0; y < s->height; y++)
            for (size_t x = 0; x < s->width; x += 4) {
                /* The last pixels of a line may be done twice. */
                size_t at = s->width >= 4 ? min_size(x, s->width - 4) : 0, pixels = min_size(4, s->width);
                size_t d1 = pixels > 1 ? s->in : 0, d2 = pixels > 2 ? 2 * s->in : 0, d3 = pixels > 3 ? 3 * s->in : 0;
                vint32m4_t s0 = bias_of(q, j, vl), s1 = s0, s2 = s0, s3 = s0;
                const int8_t *from = weights + j;
                for (size_t ky = 0; ky < 3; ky++) {
                    const int8_t *a = image + (y + ky) * line + at * s->in;
                    for (size_t k = 0; k < 3 * s->in; k++, from += s->out) {
                        vint16m2_t row = strip(from, vl);
                        s0 = __riscv_vwmacc_vx_i32m4(s0, a[k], row, vl);
                        s1 = __riscv_vwmacc_vx_i32m4(s1, a[k + d1], row, vl);
                        s2 = __riscv_vwmacc_vx_i32m4(s2, a[k + d2], row, vl);
                        s3 = __riscv_vwmacc_vx_i32m4(s3, a[k + d3], row, vl);
                    }
                }
                int8_t *to = result + (y * s->width + at) * s->out + j;
                requantise(to, s0, q, j, vl);
                if (pixels > 1)
                    requantise(to + s->out, s1, q, j, vl);
                if (pixels > 2)
                    requantise(to + 2 * s->out, s2, q, j, vl);
                if (pixels > 3)
                    requantise(to + 3 * s->out, s3, q, j, vl);
            }
    }
}
