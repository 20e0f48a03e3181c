/* Bias and ReLU by vectors. */
#include "../matrix.h"
#include <riscv_vector.h>

void bias_relu_i32(size_t m, size_t n, int32_t *c, const int32_t *bias)
{
    for (size_t j = 0, vl; j < n; j += vl) {
        vl = __riscv_vsetvl_e32m8(n - j);
        vint32m8_t row = __riscv_vle32_v_i32m8(bias + j, vl);
        for (size_t i = 0; i < m; i++) {
            vint32m8_t sum = __riscv_vadd_vv_i32m8(__riscv_vle32_v_i32m8(c + i * n + j, vl), row, vl);
            __riscv_vse32_v_i32m8(c + i * n + j, __riscv_vmax_vx_i32m8(sum, 0, vl), vl);
        }
    }
}

void bias_relu_f32(size_t m, size_t n, float *c, const float *bias)
{
    for (size_t j = 0, vl; j < n; j += vl) {
        vl = __riscv_vsetvl_e32m8(n - j);
        vfloat32m8_t row = __riscv_vle32_v_f32m8(bias + j, vl);
        for (size_t i = 0; i < m; i++) {
            vfloat32m8_t sum = __riscv_vfadd_vv_f32m8(__riscv_vle32_v_f32m8(c + i * n + j, vl), row, vl);
            __riscv_vse32_v_f32m8(c + i * n + j, __riscv_vfmax_vf_f32m8(sum, 0, vl), vl);
        }
    }
}
