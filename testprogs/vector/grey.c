/* RGB to grey: segment loads of three fields, widening multiply-accumulate, and a
 * rounding narrowing clip. grey = (77 r + 150 g + 29 b + 128) / 256. */
#include "kernel.h"

const struct kernel kernel = {"grey", 20000, 0x11bb2d0e9db06e06};

#define N 49152 /* 256 x 192 */

static uint8_t rgb[3 * N], out[N];

void setup(void)
{
    uint64_t seed = 7;
    for (int i = 0; i < 3 * N; i++)
        rgb[i] = (uint8_t)(bench_random(&seed) >> 56);
}

static NOINLINE void grey(const uint8_t *rgb, uint8_t *out, size_t n)
{
#ifdef __riscv_vector
    for (size_t vl; n > 0; n -= vl, rgb += 3 * vl, out += vl) {
        vl = __riscv_vsetvl_e8m2(n);
        vuint8m2x3_t pixel = __riscv_vlseg3e8_v_u8m2x3(rgb, vl);
        vuint16m4_t sum = __riscv_vwmulu_vx_u16m4(__riscv_vget_v_u8m2x3_u8m2(pixel, 0), 77, vl);
        sum = __riscv_vwmaccu_vx_u16m4(sum, 150, __riscv_vget_v_u8m2x3_u8m2(pixel, 1), vl);
        sum = __riscv_vwmaccu_vx_u16m4(sum, 29, __riscv_vget_v_u8m2x3_u8m2(pixel, 2), vl);
        __riscv_vse8_v_u8m2(out, __riscv_vnclipu_wx_u8m2(sum, 8, __RISCV_VXRM_RNU, vl), vl);
    }
#else
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)((77 * rgb[3 * i] + 150 * rgb[3 * i + 1] + 29 * rgb[3 * i + 2] + 128) >> 8);
#endif
}

void round(void)
{
    grey(rgb, out, N);
}

uint64_t check(void)
{
    return fold_words(0, out, N / 4);
}
