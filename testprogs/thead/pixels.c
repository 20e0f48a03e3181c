/* Segment loads and stores: RGB to BGRA, three fields to four, where A is the
 * greatest of the three (vlseg3e8, vmaxu, vsseg4e8), and the four planes of that
 * by strided segment loads (vlsseg4e8). LMUL 2. */
#include "../vector/kernel.h"

const struct kernel kernel = {"pixels", 8000, 0x463d67095b56ba85};

#define N 8190 /* pixels */

static uint8_t rgb[3 * N], bgra[4 * N], half[4][N / 2 + 1];

void setup(void)
{
    uint64_t seed = 12;
    for (int i = 0; i < 3 * N; i++)
        rgb[i] = (uint8_t)(bench_random(&seed) >> 56);
}

static NOINLINE void convert(const uint8_t *rgb, uint8_t *bgra, size_t n)
{
#ifdef __riscv_vector
    for (size_t vl; n > 0; n -= vl, rgb += 3 * vl, bgra += 4 * vl) {
        vl = __riscv_vsetvl_e8m2(n);
        vuint8m2x3_t pixel = __riscv_vlseg3e8_v_u8m2x3(rgb, vl);
        vuint8m2_t r = __riscv_vget_v_u8m2x3_u8m2(pixel, 0), g = __riscv_vget_v_u8m2x3_u8m2(pixel, 1);
        vuint8m2_t b = __riscv_vget_v_u8m2x3_u8m2(pixel, 2);
        vuint8m2_t a = __riscv_vmaxu_vv_u8m2(__riscv_vmaxu_vv_u8m2(r, g, vl), b, vl);
        __riscv_vsseg4e8_v_u8m2x4(bgra, __riscv_vcreate_v_u8m2x4(b, g, r, a), vl);
    }
#else
    for (size_t i = 0; i < n; i++, rgb += 3, bgra += 4) {
        uint8_t most = rgb[0] > rgb[1] ? rgb[0] : rgb[1];
        bgra[0] = rgb[2];
        bgra[1] = rgb[1];
        bgra[2] = rgb[0];
        bgra[3] = most > rgb[2] ? most : rgb[2];
    }
#endif
}

/* The planes of every second pixel. */
static NOINLINE void split(const uint8_t *bgra, size_t n)
{
#ifdef __riscv_vector
    for (size_t i = 0, vl; i < n; i += vl) {
        vl = __riscv_vsetvl_e8m2(n - i);
        vuint8m2x4_t pixel = __riscv_vlsseg4e8_v_u8m2x4(bgra + 8 * i, 8, vl);
        __riscv_vse8_v_u8m2(&half[0][i], __riscv_vget_v_u8m2x4_u8m2(pixel, 0), vl);
        __riscv_vse8_v_u8m2(&half[1][i], __riscv_vget_v_u8m2x4_u8m2(pixel, 1), vl);
        __riscv_vse8_v_u8m2(&half[2][i], __riscv_vget_v_u8m2x4_u8m2(pixel, 2), vl);
        __riscv_vse8_v_u8m2(&half[3][i], __riscv_vget_v_u8m2x4_u8m2(pixel, 3), vl);
    }
#else
    for (size_t i = 0; i < n; i++)
        for (int field = 0; field < 4; field++)
            half[field][i] = bgra[8 * i + field];
#endif
}

void round(void)
{
    convert(rgb, bgra, N);
    split(bgra, N / 2);
}

uint64_t check(void)
{
    return fold_words(fold_words(0, bgra, N), half, sizeof half / 8 * 2);
}
