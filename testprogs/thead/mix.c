/* Fixed point: two voices of 16 bits are scaled and added with saturation, averaged,
 * and brought down to 8 bits, each in a rounding mode of its own (vsmul, vsadd,
 * vaadd, vssra, vwmacc, vnclip). LMUL 2. */
#include "../vector/kernel.h"

const struct kernel kernel = {"mix", 10000, 0xf2d6d7c555e70630};

#define N 8190

static int16_t a[N], b[N], sum[N], mean[N];
static int8_t low[N + 2];

void setup(void)
{
    uint64_t seed = 13;
    for (int i = 0; i < N; i++) {
        a[i] = (int16_t)(bench_random(&seed) >> 48);
        b[i] = (int16_t)(bench_random(&seed) >> 48);
    }
    a[0] = a[1] = b[1] = -32768;
}

#define GAIN_A 29491  /* 0.9 */
#define GAIN_B -21627 /* -0.66 */

#ifndef __riscv_vector
/* v / 2^bits, rounded to nearest, ties up (0), to even (1), down (2), to odd (3). */
static int32_t rounded(int32_t v, int bits, int mode)
{
    int32_t lost = v & ((1 << bits) - 1), half = 1 << (bits - 1), down = v >> bits;
    switch (mode) {
    case 0: return down + (lost >= half);
    case 1: return down + (lost > half || (lost == half && (down & 1)));
    case 2: return down;
    default: return lost ? down | 1 : down;
    }
}

static int32_t saturated(int32_t v, int32_t most)
{
    return v > most ? most : v < -most - 1 ? -most - 1 : v;
}
#endif

static NOINLINE void mix(void)
{
#ifdef __riscv_vector
    for (size_t i = 0, vl; i < N; i += vl) {
        vl = __riscv_vsetvl_e16m2(N - i);
        vint16m2_t x = __riscv_vle16_v_i16m2(&a[i], vl), y = __riscv_vle16_v_i16m2(&b[i], vl);
        vint16m2_t xs = __riscv_vsmul_vx_i16m2(x, GAIN_A, __RISCV_VXRM_RNU, vl);
        vint16m2_t ys = __riscv_vsmul_vx_i16m2(y, GAIN_B, __RISCV_VXRM_RNE, vl);
        vint16m2_t both = __riscv_vsadd_vv_i16m2(xs, ys, vl);
        __riscv_vse16_v_i16m2(&sum[i], both, vl);
        vint16m2_t middle = __riscv_vaadd_vv_i16m2(x, ys, __RISCV_VXRM_ROD, vl);
        middle = __riscv_vssub_vv_i16m2(middle, __riscv_vssra_vx_i16m2(y, 5, __RISCV_VXRM_RDN, vl), vl);
        __riscv_vse16_v_i16m2(&mean[i], middle, vl);
        vint32m4_t wide = __riscv_vwmul_vx_i32m4(both, 300, vl);
        wide = __riscv_vwmacc_vx_i32m4(wide, -77, middle, vl);
        vint16m2_t narrow = __riscv_vnclip_wx_i16m2(wide, 9, __RISCV_VXRM_RNE, vl);
        __riscv_vse8_v_i8m1(&low[i], __riscv_vnclip_wx_i8m1(narrow, 6, __RISCV_VXRM_RNU, same_vl(vl)), same_vl(vl));
    }
#else
    for (size_t i = 0; i < N; i++) {
        int32_t xs = rounded(a[i] * GAIN_A, 15, 0), ys = rounded(b[i] * GAIN_B, 15, 1);
        sum[i] = (int16_t)saturated(xs + ys, 32767);
        mean[i] = (int16_t)saturated(rounded(a[i] + ys, 1, 3) - rounded(b[i], 5, 2), 32767);
        int32_t narrow = saturated(rounded(sum[i] * 300 + mean[i] * -77, 9, 1), 32767);
        low[i] = (int8_t)saturated(rounded(narrow, 6, 0), 127);
    }
#endif
}

void round(void)
{
    mix();
}

uint64_t check(void)
{
    uint64_t s = fold_words(0, sum, N / 2 - 1);
    return fold_words(fold_words(s, mean, N / 2 - 1), low, (N + 2) / 4);
}
