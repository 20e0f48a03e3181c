/* Masks, permutations, integer arithmetic, and loads and stores of every shape, on
 * small groups that exist at every VLEN from 128. Where a policy leaves open what
 * an element becomes, it is undisturbed here or not shown. */
#include "rt.h"
#include <riscv_vector.h>

#define N 16

static uint64_t raw_a[64], raw_b[64];
static uint8_t bytes_a[N], bytes_b[N], indices[N];
static uint64_t out64[64];

/* Elements of this many bits: corners and random ones. */
static void inputs(unsigned bits)
{
    uint64_t seed = 77, least = 1ULL << (bits - 1);
    const uint64_t corners[] = {0, 1, ~0ULL, least, least - 1, 2, bits, bits - 1};
    uint8_t *a = (uint8_t *)raw_a, *b = (uint8_t *)raw_b;
    for (unsigned i = 0; i < 512 / bits * 8; i++) {
        uint64_t x = i % 3 ? bench_random(&seed) : corners[i / 3 % 8];
        uint64_t y = i % 5 ? bench_random(&seed) : corners[i / 5 % 8];
        for (unsigned k = 0; k < bits / 8; k++) {
            *a++ = (uint8_t)(x >> 8 * k);
            *b++ = (uint8_t)(y >> 8 * k);
        }
    }
    for (int i = 0; i < N; i++) {
        bytes_a[i] = (uint8_t)raw_a[i];
        bytes_b[i] = (uint8_t)(raw_b[i] >> 8);
        indices[i] = (uint8_t)(bench_random(&seed) % (N + 4));
    }
}

/* One operation of one width: keeps the destination's old value where it must. */
#define PUT(W, LM, name, value)                                          \
    do {                                                                 \
        __riscv_vse##W##_v_u##W##m##LM((uint##W##_t *)out64, value, N); \
        show(name, out64, W / 8, N);                                     \
    } while (0)

/* Everything that exists for each element width. LM: 16 elements fit at VLEN 128; B: the mask type's ratio. */
#define ZOO(W, LM, B)                                                                                              \
    static NOINLINE void zoo##W(void)                                                                              \
    {                                                                                                              \
        typedef vuint##W##m##LM##_t V;                                                                             \
        inputs(W);                                                                                                 \
        size_t vl = N;                                                                                             \
        V a = __riscv_vle##W##_v_u##W##m##LM((const uint##W##_t *)raw_a, vl);                                      \
        V b = __riscv_vle##W##_v_u##W##m##LM((const uint##W##_t *)raw_b, vl);                                      \
        V old = __riscv_vmv_v_x_u##W##m##LM(0x55, vl);                                                             \
        vint##W##m##LM##_t sa = __riscv_vreinterpret_v_u##W##m##LM##_i##W##m##LM(a);                               \
        vint##W##m##LM##_t sb = __riscv_vreinterpret_v_u##W##m##LM##_i##W##m##LM(b);                               \
        vbool##B##_t m = __riscv_vmsltu_vv_u##W##m##LM##_b##B(a, b, vl);                                           \
        V id = __riscv_vid_v_u##W##m##LM(vl);                                                                      \
        V index = __riscv_vand_vx_u##W##m##LM(b, 31, vl);                                                          \
        put("-- " #W " bits\n");                                                                                   \
        MASK("vmsltu", W, LM, B, m);                                                                               \
        MASK("vmslt", W, LM, B, __riscv_vmslt_vv_i##W##m##LM##_b##B(sa, sb, vl));                                  \
        MASK("vmsle.vx", W, LM, B, __riscv_vmsle_vx_i##W##m##LM##_b##B(sa, 1, vl));                                \
        MASK("vmsgtu.vx", W, LM, B, __riscv_vmsgtu_vx_u##W##m##LM##_b##B(a, 7, vl));                               \
        MASK("vmseq.vi", W, LM, B, __riscv_vmseq_vx_u##W##m##LM##_b##B(a, 0, vl));                                 \
        MASK("vmsne masked", W, LM, B, __riscv_vmsne_vv_u##W##m##LM##_b##B##_mu(m, m, a, b, vl));                  \
        MASK("vmadc.vvm", W, LM, B, __riscv_vmadc_vvm_u##W##m##LM##_b##B(a, b, m, vl));                            \
        MASK("vmsbc.vxm", W, LM, B, __riscv_vmsbc_vxm_u##W##m##LM##_b##B(a, 3, m, vl));                            \
        PUT(W, LM, "vadc", __riscv_vadc_vvm_u##W##m##LM(a, b, m, vl));                                             \
        PUT(W, LM, "vsbc", __riscv_vsbc_vxm_u##W##m##LM(a, 9, m, vl));                                             \
        PUT(W, LM, "vmerge", __riscv_vmerge_vvm_u##W##m##LM(a, b, m, vl));                                         \
        PUT(W, LM, "vadd masked", __riscv_vadd_vv_u##W##m##LM##_mu(m, old, a, b, vl));                             \
        PUT(W, LM, "vsub tail", __riscv_vsub_vv_u##W##m##LM##_tu(old, a, b, 5));                                   \
        PUT(W, LM, "vrsub", __riscv_vrsub_vx_u##W##m##LM(a, 11, vl));                                              \
        PUT(W, LM, "vminu", __riscv_vminu_vv_u##W##m##LM(a, b, vl));                                               \
        SPUT(W, LM, "vmax", __riscv_vmax_vv_i##W##m##LM(sa, sb, vl));                                              \
        PUT(W, LM, "vmul", __riscv_vmul_vv_u##W##m##LM(a, b, vl));                                                 \
        PUT(W, LM, "vmulhu", __riscv_vmulhu_vv_u##W##m##LM(a, b, vl));                                             \
        SPUT(W, LM, "vmulh", __riscv_vmulh_vv_i##W##m##LM(sa, sb, vl));                                            \
        SPUT(W, LM, "vmulhsu", __riscv_vmulhsu_vv_i##W##m##LM(sa, b, vl));                                         \
        PUT(W, LM, "vdivu", __riscv_vdivu_vv_u##W##m##LM(a, b, vl));                                               \
        SPUT(W, LM, "vdiv", __riscv_vdiv_vv_i##W##m##LM(sa, sb, vl));                                              \
        SPUT(W, LM, "vdiv -1", __riscv_vdiv_vx_i##W##m##LM(sa, -1, vl));                                           \
        PUT(W, LM, "vremu", __riscv_vremu_vx_u##W##m##LM(a, 0, vl));                                               \
        SPUT(W, LM, "vrem", __riscv_vrem_vv_i##W##m##LM(sb, sa, vl));                                              \
        PUT(W, LM, "vmacc", __riscv_vmacc_vv_u##W##m##LM(old, a, b, vl));                                          \
        PUT(W, LM, "vnmsub", __riscv_vnmsub_vv_u##W##m##LM(old, a, b, vl));                                        \
        PUT(W, LM, "vsll", __riscv_vsll_vv_u##W##m##LM(a, b, vl));                                                 \
        PUT(W, LM, "vsrl", __riscv_vsrl_vx_u##W##m##LM(a, 5, vl));                                                 \
        SPUT(W, LM, "vsra", __riscv_vsra_vv_i##W##m##LM(sa, b, vl));                                               \
        PUT(W, LM, "vxor masked", __riscv_vxor_vx_u##W##m##LM##_mu(m, old, a, 0x33, vl));                          \
        PUT(W, LM, "vandn", __riscv_vandn_vv_u##W##m##LM(a, b, vl));                                               \
        PUT(W, LM, "vbrev8", __riscv_vbrev8_v_u##W##m##LM(a, vl));                                                 \
        PUT(W, LM, "vrev8", __riscv_vrev8_v_u##W##m##LM(a, vl));                                                   \
        PUT(W, LM, "vbrev", __riscv_vbrev_v_u##W##m##LM(a, vl));                                                   \
        PUT(W, LM, "vclz", __riscv_vclz_v_u##W##m##LM(a, vl));                                                     \
        PUT(W, LM, "vctz", __riscv_vctz_v_u##W##m##LM(a, vl));                                                     \
        PUT(W, LM, "vcpop.v", __riscv_vcpop_v_u##W##m##LM(a, vl));                                                 \
        PUT(W, LM, "vrol", __riscv_vrol_vv_u##W##m##LM(a, b, vl));                                                 \
        PUT(W, LM, "vror.vi", __riscv_vror_vx_u##W##m##LM(a, 3, vl));                                              \
        PUT(W, LM, "vslideup 3", __riscv_vslideup_vx_u##W##m##LM##_tu(old, a, 3, vl));                             \
        PUT(W, LM, "vslideup masked", __riscv_vslideup_vx_u##W##m##LM##_mu(m, old, a, 2, vl));                     \
        PUT(W, LM, "vslideup far", __riscv_vslideup_vx_u##W##m##LM##_tu(old, a, 99, vl));                          \
        PUT(W, LM, "vslidedown 13", __riscv_vslidedown_vx_u##W##m##LM##_tu(old, a, 13, 3));                        \
        PUT(W, LM, "vslidedown far", __riscv_vslidedown_vx_u##W##m##LM(a, (size_t)-1, vl));                        \
        PUT(W, LM, "vslide1up", __riscv_vslide1up_vx_u##W##m##LM(a, 0x77, vl));                                    \
        PUT(W, LM, "vslide1down masked", __riscv_vslide1down_vx_u##W##m##LM##_mu(m, old, a, 0x77, vl));            \
        PUT(W, LM, "vrgather.vv", __riscv_vrgather_vv_u##W##m##LM(a, __riscv_vand_vx_u##W##m##LM(b, 15, vl), vl)); \
        PUT(W, LM, "vrgather masked", __riscv_vrgather_vv_u##W##m##LM##_mu(m, old, a, __riscv_vrsub_vx_u##W##m##LM(id, 15, vl), vl)); \
        PUT(W, LM, "vrgather.vi", __riscv_vrgather_vx_u##W##m##LM(a, 4, vl));                                      \
        PUT(W, LM, "vrgather far", __riscv_vrgather_vx_u##W##m##LM(a, (size_t)-1, vl));                            \
        PUT(W, LM, "vcompress", __riscv_vcompress_vm_u##W##m##LM##_tu(old, a, m, vl));                             \
        PUT(W, LM, "viota", __riscv_viota_m_u##W##m##LM(m, vl));                                                   \
        PUT(W, LM, "viota masked", __riscv_viota_m_u##W##m##LM##_mu(m, old, __riscv_vmseq_vx_u##W##m##LM##_b##B(__riscv_vand_vx_u##W##m##LM(index, 1, vl), 0, vl), vl)); \
        PUT(W, LM, "vid masked", __riscv_vid_v_u##W##m##LM##_mu(m, old, vl));                                      \
        PUT(W, LM, "vmv.s.x", __riscv_vmv_s_x_u##W##m##LM##_tu(old, 0x99, vl));                                    \
        put("vmv.x.s: ");                                                                                          \
        put_hex((uint64_t)(int64_t)__riscv_vmv_x_s_i##W##m##LM##_i##W(sb));                                        \
        put("\n");                                                                                                 \
        vuint##W##m1_t start = __riscv_vmv_v_x_u##W##m1(0x21, 1);                                                  \
        vint##W##m1_t sstart = __riscv_vmv_v_x_i##W##m1(0x21, 1);                                                  \
        REDUCED("vredsum", W, __riscv_vmv_x_s_u##W##m1_u##W(__riscv_vredsum_vs_u##W##m##LM##_u##W##m1(a, start, vl))); \
        REDUCED("vredsum masked", W, __riscv_vmv_x_s_u##W##m1_u##W(__riscv_vredsum_vs_u##W##m##LM##_u##W##m1_m(m, a, start, vl))); \
        REDUCED("vredand", W, __riscv_vmv_x_s_u##W##m1_u##W(__riscv_vredand_vs_u##W##m##LM##_u##W##m1_m(m, a, start, 3))); \
        REDUCED("vredxor", W, __riscv_vmv_x_s_u##W##m1_u##W(__riscv_vredxor_vs_u##W##m##LM##_u##W##m1(b, start, vl))); \
        REDUCED("vredmaxu", W, __riscv_vmv_x_s_u##W##m1_u##W(__riscv_vredmaxu_vs_u##W##m##LM##_u##W##m1(b, start, vl))); \
        REDUCED("vredmin", W, (uint##W##_t)__riscv_vmv_x_s_i##W##m1_i##W(__riscv_vredmin_vs_i##W##m##LM##_i##W##m1(sb, sstart, vl))); \
    }

#define SPUT(W, LM, name, value) PUT(W, LM, name, __riscv_vreinterpret_v_i##W##m##LM##_u##W##m##LM(value))

/* A mask as elements of 0 and 1. */
#define MASK(name, W, LM, B, mask) \
    PUT(W, LM, name, __riscv_vmerge_vxm_u##W##m##LM(__riscv_vmv_v_x_u##W##m##LM(0, N), 1, mask, N))

#define REDUCED(name, W, value)             \
    do {                                    \
        put(name ": ");                     \
        put_hex_wide(value, W / 4);         \
        put("\n");                          \
    } while (0)

ZOO(8, 1, 8)
ZOO(16, 2, 8)
ZOO(32, 4, 8)
ZOO(64, 8, 8)

/* A mask register as bits, for the 16 elements in use. */
static void put_mask(const char *name, vbool8_t mask)
{
    static uint8_t bits[8192];
    __riscv_vsm_v_b8(bits, mask, N);
    show(name, bits, 1, N / 8);
}

static NOINLINE void masks(void)
{
    vuint8m1_t a = __riscv_vle8_v_u8m1(bytes_a, N), b = __riscv_vle8_v_u8m1(bytes_b, N);
    vbool8_t x = __riscv_vmsgtu_vx_u8m1_b8(a, 127, N), y = __riscv_vmsgtu_vx_u8m1_b8(b, 100, N);
    vbool8_t none = __riscv_vmclr_m_b8(N), late = __riscv_vmsgtu_vx_u8m1_b8(__riscv_vid_v_u8m1(N), 9, N);
    put("-- masks\n");
    put_mask("x", x);
    put_mask("y", y);
    put_mask("vmand", __riscv_vmand_mm_b8(x, y, N));
    put_mask("vmnand", __riscv_vmnand_mm_b8(x, y, N));
    put_mask("vmandn", __riscv_vmandn_mm_b8(x, y, N));
    put_mask("vmor", __riscv_vmor_mm_b8(x, y, N));
    put_mask("vmnor", __riscv_vmnor_mm_b8(x, y, N));
    put_mask("vmorn", __riscv_vmorn_mm_b8(x, y, N));
    put_mask("vmxor", __riscv_vmxor_mm_b8(x, y, N));
    put_mask("vmxnor", __riscv_vmxnor_mm_b8(x, y, N));
    put_mask("vmset", __riscv_vmset_m_b8(N));
    put_mask("vmnot", __riscv_vmnot_m_b8(x, N));
    put_mask("vmsbf", __riscv_vmsbf_m_b8(late, N));
    put_mask("vmsif", __riscv_vmsif_m_b8(late, N));
    put_mask("vmsof", __riscv_vmsof_m_b8(late, N));
    put_mask("vmsbf none", __riscv_vmsbf_m_b8(none, N));
    put_mask("vmsif masked", __riscv_vmsif_m_b8_mu(y, x, late, N));
    put_mask("vmsof masked", __riscv_vmsof_m_b8_mu(y, x, late, N));
    put("vcpop ");
    put_dec(__riscv_vcpop_m_b8(x, N));
    put(" ");
    put_dec(__riscv_vcpop_m_b8_m(y, x, N));
    put(" ");
    put_dec(__riscv_vcpop_m_b8(x, 0));
    put(", vfirst ");
    put_dec((uint64_t)__riscv_vfirst_m_b8(late, N));
    put(" ");
    put_hex((uint64_t)__riscv_vfirst_m_b8(none, N));
    put(" ");
    put_dec((uint64_t)__riscv_vfirst_m_b8_m(y, late, N));
    put("\n");
}

/* Widening, narrowing, extension, fractional groups. */
static NOINLINE void widths(void)
{
    put("-- widths\n");
    vuint8mf2_t a = __riscv_vle8_v_u8mf2(bytes_a, 8), b = __riscv_vle8_v_u8mf2(bytes_b, 8);
    vint8mf2_t sa = __riscv_vreinterpret_v_u8mf2_i8mf2(a), sb = __riscv_vreinterpret_v_u8mf2_i8mf2(b);
    uint16_t w[8];
    int16_t s[8];
    uint8_t n[8];
    uint64_t d[8];
#define W16(name, value) __riscv_vse16_v_u16m1(w, value, 8), show(name, w, 2, 8)
#define S16(name, value) __riscv_vse16_v_i16m1(s, value, 8), show(name, s, 2, 8)
    W16("vwaddu.vv", __riscv_vwaddu_vv_u16m1(a, b, 8));
    S16("vwsub.vv", __riscv_vwsub_vv_i16m1(sa, sb, 8));
    W16("vwmulu", __riscv_vwmulu_vv_u16m1(a, b, 8));
    S16("vwmul", __riscv_vwmul_vv_i16m1(sa, sb, 8));
    S16("vwmulsu", __riscv_vwmulsu_vv_i16m1(sa, b, 8));
    vuint16m1_t wide = __riscv_vwaddu_vx_u16m1(a, 200, 8);
    vint16m1_t swide = __riscv_vwsub_vx_i16m1(sa, 100, 8);
    W16("vwaddu.wv", __riscv_vwaddu_wv_u16m1(wide, b, 8));
    S16("vwsub.wx", __riscv_vwsub_wx_i16m1(swide, -128, 8));
    W16("vwmaccu", __riscv_vwmaccu_vv_u16m1(wide, a, b, 8));
    S16("vwmacc", __riscv_vwmacc_vx_i16m1(swide, -7, sb, 8));
    S16("vwmaccsu", __riscv_vwmaccsu_vv_i16m1(swide, sa, b, 8));
    S16("vwmaccus", __riscv_vwmaccus_vx_i16m1(swide, 250, sb, 8));
    W16("vwsll", __riscv_vwsll_vv_u16m1(a, b, 8));
    __riscv_vse8_v_u8mf2(n, __riscv_vnsrl_wv_u8mf2(wide, b, 8), 8);
    show("vnsrl", n, 1, 8);
    __riscv_vse8_v_u8mf2(n, __riscv_vreinterpret_v_i8mf2_u8mf2(__riscv_vnsra_wx_i8mf2(swide, 3, 8)), 8);
    show("vnsra", n, 1, 8);
    __riscv_vse64_v_u64m4(d, __riscv_vzext_vf8_u64m4(a, 8), 8);
    show("vzext.vf8", d, 8, 8);
    __riscv_vse64_v_u64m4(d, __riscv_vreinterpret_v_i64m4_u64m4(__riscv_vsext_vf8_i64m4(sa, 8)), 8);
    show("vsext.vf8", d, 8, 8);
    vuint8mf8_t tiny = __riscv_vadd_vx_u8mf8(__riscv_vid_v_u8mf8(2), 250, 2);
    __riscv_vse8_v_u8mf8(n, __riscv_vmul_vv_u8mf8(tiny, tiny, 2), 2);
    show("mf8", n, 1, 2);
    vuint16m1_t sum = __riscv_vwredsumu_vs_u8mf2_u16m1(a, __riscv_vmv_s_x_u16m1(1000, 1), 8);
    put("vwredsumu: ");
    put_hex(__riscv_vmv_x_s_u16m1_u16(sum));
    vint16m1_t ssum = __riscv_vwredsum_vs_i8mf2_i16m1(sa, __riscv_vmv_s_x_i16m1(-1000, 1), 8);
    put(" vwredsum: ");
    put_hex((uint16_t)__riscv_vmv_x_s_i16m1_i16(ssum));
    put("\n");
    vuint16m2_t order = __riscv_vzext_vf2_u16m2(__riscv_vle8_v_u8m1(indices, N), N);
    order = __riscv_vand_vx_u16m2(order, 15, N);
    vuint8m1_t picked = __riscv_vrgatherei16_vv_u8m1(__riscv_vle8_v_u8m1(bytes_a, N), order, N);
    uint8_t p[N];
    __riscv_vse8_v_u8m1(p, picked, N);
    show("vrgatherei16", p, 1, N);
}

static uint8_t area[512];

static void clear(void)
{
    for (int i = 0; i < 512; i++)
        area[i] = 0;
}

/* Strides, indices, fields; masked. */
static NOINLINE void memory(void)
{
    put("-- memory\n");
    uint16_t h[N];
    uint32_t w[N];
    const uint8_t *base = (const uint8_t *)raw_a;
    vuint8m1_t index = __riscv_vsll_vx_u8m1(__riscv_vle8_v_u8m1(indices, N), 2, N);
    vbool8_t m = __riscv_vmsgtu_vx_u8m1_b8(__riscv_vle8_v_u8m1(bytes_a, N), 90, N);
    vuint16m2_t half = __riscv_vlse16_v_u16m2((const uint16_t *)base, 10, N);
    __riscv_vse16_v_u16m2(h, half, N);
    show("vlse16", h, 2, N);
    half = __riscv_vlse16_v_u16m2((const uint16_t *)(base + 100), -6, N);
    __riscv_vse16_v_u16m2(h, half, N);
    show("vlse16 back", h, 2, N);
    vuint32m4_t word = __riscv_vlse32_v_u32m4((const uint32_t *)base, 0, N);
    word = __riscv_vluxei8_v_u32m4_mu(m, word, (const uint32_t *)base, index, N);
    __riscv_vse32_v_u32m4(w, word, N);
    show("vluxei8 masked", w, 4, N);
    clear();
    __riscv_vsse16_v_u16m2_m(m, (uint16_t *)area, 6, half, N);
    show("vsse16 masked", area, 1, 96);
    clear();
    /* Ordered: where indices meet, the last element stays. */
    __riscv_vsoxei8_v_u32m4((uint32_t *)area, index, word, N);
    show("vsoxei8", area, 4, 20);
    vuint16m2x3_t three = __riscv_vlseg3e16_v_u16m2x3((const uint16_t *)base, N);
    __riscv_vse16_v_u16m2(h, __riscv_vget_v_u16m2x3_u16m2(three, 2), N);
    show("vlseg3e16 field 2", h, 2, N);
    clear();
    __riscv_vsseg3e16_v_u16m2x3_m(m, (uint16_t *)area, three, N);
    show("vsseg3e16 masked", area, 2, 48);
    vuint8m1x8_t eight = __riscv_vlsseg8e8_v_u8m1x8(base, 11, N);
    clear();
    __riscv_vsseg8e8_v_u8m1x8(area, eight, N);
    show("vlsseg8e8, vsseg8e8", area, 8, N);
    vuint32m2x4_t four = __riscv_vloxseg4ei16_v_u32m2x4((const uint32_t *)base, __riscv_vsll_vx_u16m1(__riscv_vid_v_u16m1(8), 4, 8), 8);
    clear();
    __riscv_vssseg4e32_v_u32m2x4((uint32_t *)area, 20, four, 8);
    show("vloxseg4ei16, vssseg4e32", area, 4, 40);
    clear();
    __riscv_vsuxseg4ei16_v_u32m2x4((uint32_t *)area, __riscv_vrsub_vx_u16m1(__riscv_vsll_vx_u16m1(__riscv_vid_v_u16m1(8), 4, 8), 112, 8), four, 8);
    show("vsuxseg4ei16", area, 4, 32);
    size_t vl;
    vuint16m2x2_t two = __riscv_vlseg2e16ff_v_u16m2x2((const uint16_t *)base, &vl, N);
    __riscv_vse16_v_u16m2(h, __riscv_vget_v_u16m2x2_u16m2(two, 1), N);
    show("vlseg2e16ff field 1", h, 2, N);
    /* Addresses that are not multiples of the element's size. */
    word = __riscv_vle32_v_u32m4((const uint32_t *)(base + 3), N);
    clear();
    __riscv_vsse32_v_u32m4((uint32_t *)(area + 1), 5, word, N);
    show("misaligned", area, 1, 81);
}

/* How vsetvl answers, for all types: compared with what the manual says. */
static NOINLINE void lengths(void)
{
    uint64_t bytes, wrong = 0, vills = 0;
    __asm__("csrr %0, vlenb" : "=r"(bytes));
    for (uint64_t type = 0; type < 256; type++) {
        uint64_t log = type & 7, sew = type >> 3 & 7, most, vl, got;
        __asm__ volatile("vsetvl %0, zero, %2\n csrr %1, vtype" : "=r"(most), "=r"(got) : "r"(type), "r"(0) : "vl", "vtype");
        int legal = sew <= 3 && log != 4 && !(log > 4 && sew > log - 5);
        if (!legal) {
            vills++;
            wrong += most != 0 || got != 1ULL << 63;
            continue;
        }
        uint64_t expected = log < 4 ? (bytes >> sew) << log : (bytes >> sew) >> (8 - log);
        wrong += most != expected || got != type;
        for (uint64_t avl = 0; avl <= expected; avl++) {
            __asm__ volatile("vsetvl %0, %1, %2" : "=r"(vl) : "r"(avl), "r"(type) : "vl", "vtype");
            wrong += vl != avl;
        }
        __asm__ volatile("vsetvl %0, %1, %2" : "=r"(vl) : "r"(2 * most), "r"(type) : "vl", "vtype");
        wrong += vl != most;
        __asm__ volatile("vsetvl %0, %1, %2" : "=r"(vl) : "r"(~0ULL >> 1), "r"(type) : "vl", "vtype");
        wrong += vl != most;
    }
    put("-- vsetvl: ");
    put_dec(wrong);
    put(" wrong answers, ");
    put_dec(vills);
    put(" types do not exist\n");
}

int vector_main(const char *argument)
{
    zoo8();
    zoo16();
    zoo32();
    zoo64();
    masks();
    widths();
    memory();
    lengths();
    return 0;
}
