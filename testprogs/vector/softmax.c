/* Softmax of rows in f32: maximum, exponentials by a polynomial, their sum in f64
 * (vfwadd.wv and one reduction: the order of the additions depends on VLEN, but it
 * takes a sum within 2^-50 of the middle of two f32 to make a difference), and a
 * scaling. */
#include "kernel.h"

const struct kernel kernel = {"softmax", 3000, 0xab75ae5c4e8a26f4};

#define ROWS 64
#define N 1000

static float in[ROWS][N], out[ROWS][N];

void setup(void)
{
    uint64_t seed = 4;
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < N; j++)
            in[i][j] = 20 * (random_unit(&seed) + random_unit(&seed)) - 20;
}

/* e^x = 2^n e^r with |r| <= ln 2 / 2; the polynomial is that of Cephes' expf. */
#define LOG2_E 1.44269504f
#define LN2_HIGH 0.693359375f
#define LN2_LOW -2.12194440e-4f
#define SMALLEST -87.0f
#define P5 1.9875691500e-4f
#define P4 1.3981999507e-3f
#define P3 8.3334519073e-3f
#define P2 4.1665795894e-2f
#define P1 1.6666665459e-1f
#define P0 5.0000001201e-1f

#ifdef __riscv_vector
static inline vfloat32m2_t exponential(vfloat32m2_t x, size_t vl)
{
    x = __riscv_vfmax_vf_f32m2(x, SMALLEST, vl);
    vint32m2_t n = __riscv_vfcvt_x_f_v_i32m2(__riscv_vfmul_vf_f32m2(x, LOG2_E, vl), vl);
    vfloat32m2_t whole = __riscv_vfcvt_f_x_v_f32m2(n, vl);
    vfloat32m2_t r = __riscv_vfnmsac_vf_f32m2(x, LN2_HIGH, whole, vl);
    r = __riscv_vfnmsac_vf_f32m2(r, LN2_LOW, whole, vl);
    vfloat32m2_t p = __riscv_vfmv_v_f_f32m2(P5, vl);
    p = __riscv_vfmadd_vv_f32m2(p, r, __riscv_vfmv_v_f_f32m2(P4, vl), vl);
    p = __riscv_vfmadd_vv_f32m2(p, r, __riscv_vfmv_v_f_f32m2(P3, vl), vl);
    p = __riscv_vfmadd_vv_f32m2(p, r, __riscv_vfmv_v_f_f32m2(P2, vl), vl);
    p = __riscv_vfmadd_vv_f32m2(p, r, __riscv_vfmv_v_f_f32m2(P1, vl), vl);
    p = __riscv_vfmadd_vv_f32m2(p, r, __riscv_vfmv_v_f_f32m2(P0, vl), vl);
    p = __riscv_vfmadd_vv_f32m2(p, __riscv_vfmul_vv_f32m2(r, r, vl), r, vl);
    p = __riscv_vfadd_vf_f32m2(p, 1, vl);
    vint32m2_t power = __riscv_vsll_vx_i32m2(__riscv_vadd_vx_i32m2(n, 127, vl), 23, vl);
    return __riscv_vfmul_vv_f32m2(p, __riscv_vreinterpret_v_i32m2_f32m2(power), vl);
}

static NOINLINE void softmax(const float *in, float *out)
{
    /* Full strips, so that no tail is left in the middle: the last one of the maxima
     * begins earlier, and the first one of the sums is short. */
    size_t vl, all = __riscv_vsetvl_e32m2(N);
    vfloat32m2_t greatest = __riscv_vle32_v_f32m2(in, all);
    for (size_t j = all; j < N; j += all) {
        if (j > N - all)
            j = N - all;
        greatest = __riscv_vfmax_vv_f32m2(greatest, __riscv_vle32_v_f32m2(&in[j], all), all);
    }
    vfloat32m1_t first = __riscv_vfmv_v_f_f32m1(in[0], __riscv_vsetvlmax_e32m1());
    float max = __riscv_vfmv_f_s_f32m1_f32(__riscv_vfredmax_vs_f32m2_f32m1(greatest, first, all));

    vfloat64m4_t sums = __riscv_vfmv_v_f_f64m4(0, same_vl(all));
    vl = N % all ? N % all : all;
    for (size_t j = 0; j < N; j += vl, vl = all) {
        vfloat32m2_t e = exponential(__riscv_vfsub_vf_f32m2(__riscv_vle32_v_f32m2(&in[j], vl), max, vl), vl);
        __riscv_vse32_v_f32m2(&out[j], e, vl);
        sums = __riscv_vfwadd_wv_f64m4_tu(sums, sums, e, same_vl(vl));
    }
    vfloat64m1_t zero = __riscv_vfmv_v_f_f64m1(0, __riscv_vsetvlmax_e64m1());
    double sum = __riscv_vfmv_f_s_f64m1_f64(__riscv_vfredusum_vs_f64m4_f64m1(sums, zero, all));

    float scale = (float)(1 / sum);
    for (size_t j = 0; j < N; j += vl) {
        vl = __riscv_vsetvl_e32m2(N - j);
        __riscv_vse32_v_f32m2(&out[j], __riscv_vfmul_vf_f32m2(__riscv_vle32_v_f32m2(&out[j], vl), scale, vl), vl);
    }
}
#else
static float exponential(float x)
{
    x = x > SMALLEST ? x : SMALLEST;
    float whole = __builtin_rintf(x * LOG2_E);
    float r = __builtin_fmaf(-LN2_HIGH, whole, x);
    r = __builtin_fmaf(-LN2_LOW, whole, r);
    float p = __builtin_fmaf(P5, r, P4);
    p = __builtin_fmaf(p, r, P3);
    p = __builtin_fmaf(p, r, P2);
    p = __builtin_fmaf(p, r, P1);
    p = __builtin_fmaf(p, r, P0);
    p = __builtin_fmaf(p, r * r, r) + 1;
    union { uint32_t bits; float value; } power = {(uint32_t)((int32_t)whole + 127) << 23};
    return p * power.value;
}

static NOINLINE void softmax(const float *in, float *out)
{
    float max = in[0];
    for (int j = 1; j < N; j++)
        max = in[j] > max ? in[j] : max;
    double sum = 0;
    for (int j = 0; j < N; j++) {
        out[j] = exponential(in[j] - max);
        sum += out[j];
    }
    float scale = (float)(1 / sum);
    for (int j = 0; j < N; j++)
        out[j] *= scale;
}
#endif

void round(void)
{
    for (int i = 0; i < ROWS; i++)
        softmax(in[i], out[i]);
}

uint64_t check(void)
{
    return fold_words(0, out, ROWS * N);
}
