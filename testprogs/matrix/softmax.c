/* Softmax of a row by vectors: f32 in, f16 out. */
#include "matrix.h"
#include <riscv_vector.h>

/* e^x = 2^n e^r with |r| <= ln 2 / 2; the polynomial is that of Cephes' expf. */
static inline vfloat32m2_t exponential(vfloat32m2_t x, size_t vl)
{
    x = __riscv_vfmax_vf_f32m2(x, -87.0f, vl);
    vint32m2_t n = __riscv_vfcvt_x_f_v_i32m2(__riscv_vfmul_vf_f32m2(x, 1.44269504f, vl), vl);
    vfloat32m2_t whole = __riscv_vfcvt_f_x_v_f32m2(n, vl);
    vfloat32m2_t r = __riscv_vfnmsac_vf_f32m2(x, 0.693359375f, whole, vl);
    r = __riscv_vfnmsac_vf_f32m2(r, -2.12194440e-4f, whole, vl);
    vfloat32m2_t p = __riscv_vfmv_v_f_f32m2(1.9875691500e-4f, vl);
    p = __riscv_vfmadd_vv_f32m2(p, r, __riscv_vfmv_v_f_f32m2(1.3981999507e-3f, vl), vl);
    p = __riscv_vfmadd_vv_f32m2(p, r, __riscv_vfmv_v_f_f32m2(8.3334519073e-3f, vl), vl);
    p = __riscv_vfmadd_vv_f32m2(p, r, __riscv_vfmv_v_f_f32m2(4.1665795894e-2f, vl), vl);
    p = __riscv_vfmadd_vv_f32m2(p, r, __riscv_vfmv_v_f_f32m2(1.6666665459e-1f, vl), vl);
    p = __riscv_vfmadd_vv_f32m2(p, r, __riscv_vfmv_v_f_f32m2(5.0000001201e-1f, vl), vl);
    p = __riscv_vfmadd_vv_f32m2(p, __riscv_vfmul_vv_f32m2(r, r, vl), r, vl);
    p = __riscv_vfadd_vf_f32m2(p, 1, vl);
    vint32m2_t power = __riscv_vsll_vx_i32m2(__riscv_vadd_vx_i32m2(n, 127, vl), 23, vl);
    return __riscv_vfmul_vv_f32m2(p, __riscv_vreinterpret_v_i32m2_f32m2(power), vl);
}

void softmax_row(const float *in, float scale, f16 *out, size_t n)
{
    size_t vl;
    vfloat32m1_t one = __riscv_vfmv_s_f_f32m1(in[0], 1);
    for (size_t j = 0; j < n; j += vl) {
        vl = __riscv_vsetvl_e32m2(n - j);
        one = __riscv_vfredmax_vs_f32m2_f32m1(__riscv_vle32_v_f32m2(in + j, vl), one, vl);
    }
    float max = __riscv_vfmv_f_s_f32m1_f32(one), sum = 0;
    /* Twice: what f16 is made of needs the sum first. */
    for (size_t j = 0; j < n; j += vl) {
        vl = __riscv_vsetvl_e32m2(n - j);
        vfloat32m2_t x = __riscv_vfsub_vf_f32m2(__riscv_vle32_v_f32m2(in + j, vl), max, vl);
        vfloat32m2_t e = exponential(__riscv_vfmul_vf_f32m2(x, scale, vl), vl);
        sum = __riscv_vfmv_f_s_f32m1_f32(__riscv_vfredusum_vs_f32m2_f32m1(e, __riscv_vfmv_s_f_f32m1(sum, 1), vl));
    }
    for (size_t j = 0; j < n; j += vl) {
        vl = __riscv_vsetvl_e32m2(n - j);
        vfloat32m2_t x = __riscv_vfsub_vf_f32m2(__riscv_vle32_v_f32m2(in + j, vl), max, vl);
        vfloat32m2_t e = exponential(__riscv_vfmul_vf_f32m2(x, scale, vl), vl);
        e = __riscv_vfmul_vf_f32m2(e, 1 / sum, vl);
        __riscv_vse16_v_f16m1(out + j, __riscv_vfncvt_f_f_w_f16m1(e, vl), vl);
    }
}
