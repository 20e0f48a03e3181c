/* GEMM by vectors: strips of four rows of C stay in registers while k runs; each
 * element of A times a strip of a row of B. Widening multiply-adds where C is wider. */
#include "../matrix.h"
#include <riscv_vector.h>

/* STRIP loads B's strip of row k, SCALAR makes A's element fit for MACC(sum, scalar, strip, vl). */
#define GEMM(name, TA, TC, VSUM, VSTRIP, SETVL, ZERO, STRIP, SCALAR, MACC, STORE)                       \
    void name(const struct gemm *g, const TA *a, const TA *b, TC *c)                                    \
    {                                                                                                   \
        for (size_t j = 0, vl; j < g->n; j += vl) {                                                     \
            vl = SETVL(g->n - j);                                                                       \
            size_t i = 0;                                                                               \
            for (; i + 4 <= g->m; i += 4) {                                                             \
                VSUM s0 = ZERO(0, vl), s1 = s0, s2 = s0, s3 = s0;                                       \
                const TA *a0 = a + i * g->lda, *a1 = a0 + g->lda, *a2 = a1 + g->lda, *a3 = a2 + g->lda; \
                const TA *from = b + j;                                                                 \
                for (size_t k = 0; k < g->k; k++, from += g->ldb) {                                     \
                    VSTRIP strip = STRIP(from, vl);                                                     \
                    s0 = MACC(s0, SCALAR(a0[k]), strip, vl);                                            \
                    s1 = MACC(s1, SCALAR(a1[k]), strip, vl);                                            \
                    s2 = MACC(s2, SCALAR(a2[k]), strip, vl);                                            \
                    s3 = MACC(s3, SCALAR(a3[k]), strip, vl);                                            \
                }                                                                                       \
                TC *to = c + i * g->ldc + j;                                                            \
                STORE(to, s0, vl);                                                                      \
                STORE(to + g->ldc, s1, vl);                                                             \
                STORE(to + 2 * g->ldc, s2, vl);                                                         \
                STORE(to + 3 * g->ldc, s3, vl);                                                         \
            }                                                                                           \
            for (; i < g->m; i++) {                                                                     \
                VSUM sum = ZERO(0, vl);                                                                 \
                const TA *row = a + i * g->lda, *from = b + j;                                          \
                for (size_t k = 0; k < g->k; k++, from += g->ldb)                                       \
                    sum = MACC(sum, SCALAR(row[k]), STRIP(from, vl), vl);                               \
                STORE(c + i * g->ldc + j, sum, vl);                                                     \
            }                                                                                           \
        }                                                                                               \
    }

#define SAME(x) (x)

static inline vint16m2_t strip_i8(const int8_t *b, size_t vl)
{
    return __riscv_vsext_vf2_i16m2(__riscv_vle8_v_i8m1(b, vl), vl);
}
GEMM(gemm_i8_i32, int8_t, int32_t, vint32m4_t, vint16m2_t, __riscv_vsetvl_e32m4, __riscv_vmv_v_x_i32m4, strip_i8, SAME,
     __riscv_vwmacc_vx_i32m4, __riscv_vse32_v_i32m4)

GEMM(gemm_f16_f16, f16, f16, vfloat16m4_t, vfloat16m4_t, __riscv_vsetvl_e16m4, __riscv_vfmv_v_f_f16m4, __riscv_vle16_v_f16m4,
     SAME, __riscv_vfmacc_vf_f16m4, __riscv_vse16_v_f16m4)

GEMM(gemm_f16_f32, f16, float, vfloat32m4_t, vfloat16m2_t, __riscv_vsetvl_e32m4, __riscv_vfmv_v_f_f32m4, __riscv_vle16_v_f16m2,
     SAME, __riscv_vfwmacc_vf_f32m4, __riscv_vse32_v_f32m4)

GEMM(gemm_f32_f32, float, float, vfloat32m4_t, vfloat32m4_t, __riscv_vsetvl_e32m4, __riscv_vfmv_v_f_f32m4, __riscv_vle32_v_f32m4,
     SAME, __riscv_vfmacc_vf_f32m4, __riscv_vse32_v_f32m4)

static inline vfloat32m4_t strip_bf16(const bf16 *b, size_t vl)
{
    vuint32m4_t wide = __riscv_vzext_vf2_u32m4(__riscv_vle16_v_u16m2(b, vl), vl);
    return __riscv_vreinterpret_v_u32m4_f32m4(__riscv_vsll_vx_u32m4(wide, 16, vl));
}
GEMM(gemm_bf16_f32, bf16, float, vfloat32m4_t, vfloat32m4_t, __riscv_vsetvl_e32m4, __riscv_vfmv_v_f_f32m4, strip_bf16, of_bf16,
     __riscv_vfmacc_vf_f32m4, __riscv_vse32_v_f32m4)

/* e5m2 is the upper half of an f16. */
static inline vfloat16m2_t strip_e5m2(const fp8 *b, size_t vl)
{
    vuint16m2_t wide = __riscv_vzext_vf2_u16m2(__riscv_vle8_v_u8m1(b, vl), vl);
    return __riscv_vreinterpret_v_u16m2_f16m2(__riscv_vsll_vx_u16m2(wide, 8, vl));
}
static inline f16 scalar_e5m2(fp8 x)
{
    union { uint16_t bits; f16 value; } u = {(uint16_t)(x << 8)};
    return u.value;
}
GEMM(gemm_e5m2_f32, fp8, float, vfloat32m4_t, vfloat16m2_t, __riscv_vsetvl_e32m4, __riscv_vfmv_v_f_f32m4, strip_e5m2, scalar_e5m2,
     __riscv_vfwmacc_vf_f32m4, __riscv_vse32_v_f32m4)

/* Exponent and fraction of e4m3 in their places in f16, and 2^8 for the difference of
 * the biases. (The NaN becomes 480: these programs have none.) */
static inline vfloat16m2_t strip_e4m3(const fp8 *b, size_t vl)
{
    vint16m2_t wide = __riscv_vsext_vf2_i16m2(__riscv_vreinterpret_v_u8m1_i8m1(__riscv_vle8_v_u8m1(b, vl)), vl);
    vint16m2_t bits = __riscv_vand_vx_i16m2(__riscv_vsll_vx_i16m2(wide, 7, vl), (int16_t)0xbf80, vl);
    return __riscv_vfmul_vf_f16m2(__riscv_vreinterpret_v_i16m2_f16m2(bits), (f16)256, vl);
}
static inline f16 scalar_e4m3(fp8 x)
{
    union { uint16_t bits; f16 value; } u = {(uint16_t)((x & 0x80) << 8 | (x & 0x7f) << 7)};
    return u.value * (f16)256;
}
GEMM(gemm_e4m3_f32, fp8, float, vfloat32m4_t, vfloat16m2_t, __riscv_vsetvl_e32m4, __riscv_vfmv_v_f_f32m4, strip_e4m3, scalar_e4m3,
     __riscv_vfwmacc_vf_f32m4, __riscv_vse32_v_f32m4)
GEMM(gemm_e4m3_f16, fp8, f16, vfloat16m2_t, vfloat16m2_t, __riscv_vsetvl_e16m2, __riscv_vfmv_v_f_f16m2, strip_e4m3, scalar_e4m3,
     __riscv_vfmacc_vf_f16m2, __riscv_vse16_v_f16m2)
