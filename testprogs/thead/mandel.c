/* Masked code: the Mandelbrot set. Lanes that have escaped are masked off and keep
 * their count; a strip ends when no lane is left (vmfle, vcpop, masked operations,
 * vmerge). f32, LMUL 2. */
#include "../vector/kernel.h"

const struct kernel kernel = {"mandel", 120, 0xb9d6767b1e19ab7c};

#define W 250
#define H 64
#define MOST 48

static uint32_t out[H][W];

void setup(void) {}

static NOINLINE void line(float cy, uint32_t *out)
{
    const float left = -2.0f, step = 2.5f / W;
#ifdef __riscv_vector
    for (size_t j = 0, vl; j < W; j += vl) {
        vl = __riscv_vsetvl_e32m2(W - j);
        vuint32m2_t number = __riscv_vadd_vx_u32m2(__riscv_vid_v_u32m2(vl), (uint32_t)j, vl);
        vfloat32m2_t cx = __riscv_vfcvt_f_xu_v_f32m2(number, vl);
        cx = __riscv_vfadd_vf_f32m2(__riscv_vfmul_vf_f32m2(cx, step, vl), left, vl);
        vfloat32m2_t x = __riscv_vfmv_v_f_f32m2(0, vl), y = x;
        vuint32m2_t count = __riscv_vmv_v_x_u32m2(0, vl);
        for (int i = 0; i < MOST; i++) {
            vfloat32m2_t xx = __riscv_vfmul_vv_f32m2(x, x, vl), yy = __riscv_vfmul_vv_f32m2(y, y, vl);
            vbool16_t inside = __riscv_vmfle_vf_f32m2_b16(__riscv_vfadd_vv_f32m2(xx, yy, vl), 4, vl);
            if (__riscv_vcpop_m_b16(inside, vl) == 0)
                break;
            vfloat32m2_t xy = __riscv_vfmul_vv_f32m2(x, y, vl);
            count = __riscv_vadd_vx_u32m2_mu(inside, count, count, 1, vl);
            x = __riscv_vfadd_vv_f32m2_mu(inside, x, __riscv_vfsub_vv_f32m2(xx, yy, vl), cx, vl);
            y = __riscv_vfadd_vf_f32m2_mu(inside, y, __riscv_vfadd_vv_f32m2(xy, xy, vl), cy, vl);
        }
        /* Those that never escape are drawn as 0. */
        vbool16_t member = __riscv_vmseq_vx_u32m2_b16(count, MOST, vl);
        __riscv_vse32_v_u32m2(&out[j], __riscv_vmerge_vxm_u32m2(count, 0, member, vl), vl);
    }
#else
    for (int j = 0; j < W; j++) {
        float cx = (float)j * step + left, x = 0, y = 0;
        uint32_t count = 0;
        while (count < MOST && x * x + y * y <= 4) {
            float xx = x * x, yy = y * y, xy = x * y;
            x = xx - yy + cx;
            y = xy + xy + cy;
            count++;
        }
        out[j] = count == MOST ? 0 : count;
    }
#endif
}

void round(void)
{
    for (int i = 0; i < H; i++)
        line((float)(i - H / 2) * (2.5f / H), out[i]);
}

uint64_t check(void)
{
    return fold_words(0, out, W * H);
}
