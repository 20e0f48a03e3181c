/* Vector cryptography on the examples of the standards: SHA-256 and SHA-512 (FIPS
 * 180), AES (FIPS 197), GHASH (the GCM specification), SM3 and SM4 (GB/T 32905 and
 * 32907), and carry-less products. */
#include "rt.h"
#include <riscv_vector.h>

/* clang 19 makes vsha2ch of the intrinsic for vsha2cl. */
#define VSHA2CL(type, state, other, words)                                                                               \
    __asm__("vsetivli zero, " type ", ta, ma\n vsha2cl.vv %0, %1, %2" : "+vr"(state) : "vr"(other), "vr"(words) : "vl", "vtype")

static int wrong;

static void check(const char *what, const void *result, const void *expected, size_t n)
{
    show(what, result, 1, n);
    for (size_t i = 0; i < n; i++)
        if (((const uint8_t *)result)[i] != ((const uint8_t *)expected)[i]) {
            show("  expected", expected, 1, n);
            wrong = 1;
            return;
        }
}

static const uint32_t k256[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/* The words of the message of one block are W0 to W3, four each. The state is
 * {f, e, b, a} and {h, g, d, c}, lowest element first. */
static NOINLINE void sha256(void)
{
    static const uint8_t expected[32] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
                                         0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    static const uint32_t abef[4] = {0x9b05688c, 0x510e527f, 0xbb67ae85, 0x6a09e667}, cdgh[4] = {0x5be0cd19, 0x1f83d9ab, 0xa54ff53a, 0x3c6ef372};
    uint32_t block[16] = {0x61626380, [15] = 24};
    vuint32m1_t s0 = __riscv_vle32_v_u32m1(abef, 4), s1 = __riscv_vle32_v_u32m1(cdgh, 4), begin0 = s0, begin1 = s1;
    vuint32m1_t w0 = __riscv_vle32_v_u32m1(block, 4), w1 = __riscv_vle32_v_u32m1(block + 4, 4);
    vuint32m1_t w2 = __riscv_vle32_v_u32m1(block + 8, 4), w3 = __riscv_vle32_v_u32m1(block + 12, 4);
    vbool32_t lowest = __riscv_vmsltu_vx_u32m1_b32(__riscv_vid_v_u32m1(4), 1, 4);
    for (int i = 0; i < 64; i += 4) {
        vuint32m1_t wk = __riscv_vadd_vv_u32m1(w0, __riscv_vle32_v_u32m1(k256 + i, 4), 4);
        VSHA2CL("4, e32, m1", s1, s0, wk);
        s0 = __riscv_vsha2ch_vv_u32m1(s0, s1, wk, 4);
        vuint32m1_t next = __riscv_vsha2ms_vv_u32m1(w0, __riscv_vmerge_vvm_u32m1(w2, w1, lowest, 4), w3, 4);
        w0 = w1, w1 = w2, w2 = w3, w3 = next;
    }
    uint32_t state[2][4], digest[8];
    __riscv_vse32_v_u32m1(state[0], __riscv_vrev8_v_u32m1(__riscv_vadd_vv_u32m1(s0, begin0, 4), 4), 4);
    __riscv_vse32_v_u32m1(state[1], __riscv_vrev8_v_u32m1(__riscv_vadd_vv_u32m1(s1, begin1, 4), 4), 4);
    static const uint8_t half[8] = {0, 0, 1, 1, 0, 0, 1, 1}, word[8] = {3, 2, 3, 2, 1, 0, 1, 0};
    for (int i = 0; i < 8; i++)
        digest[i] = state[half[i]][word[i]];
    check("sha256 of abc", digest, expected, 32);
}

/* A few steps of SHA-512 on groups of two registers, and its schedule. */
static NOINLINE void sha512(void)
{
    uint64_t seed = 5, in[3][8], out[8];
    for (int i = 0; i < 24; i++)
        in[i / 8][i % 8] = bench_random(&seed);
    vuint64m4_t x = __riscv_vle64_v_u64m4(in[0], 8), y = __riscv_vle64_v_u64m4(in[1], 8), z = __riscv_vle64_v_u64m4(in[2], 8);
    for (int i = 0; i < 20; i++) {
        VSHA2CL("8, e64, m4", x, y, z);
        y = __riscv_vsha2ch_vv_u64m4(y, x, z, 8);
        z = __riscv_vsha2ms_vv_u64m4(z, y, x, 8);
    }
    __riscv_vse64_v_u64m4(out, x, 8);
    show("sha512 steps", out, 8, 8);
    __riscv_vse64_v_u64m4(out, z, 8);
    show("sha512 schedule", out, 8, 8);
}

static const uint8_t key[32] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
static const uint8_t plain[32] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
                                  0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};

/* Two blocks at once, the round keys for both in .vs form. */
static NOINLINE void aes128(void)
{
    static const uint8_t expected[16] = {0x69, 0xc4, 0xe0, 0xd8, 0x6a, 0x7b, 0x04, 0x30, 0xd8, 0xcd, 0xb7, 0x80, 0x70, 0xb4, 0xc5, 0x5a};
    uint32_t out[8];
#define NEXT(i) vuint32m1_t k##i = __riscv_vaeskf1_vi_u32m1(K(i), i, 4)
#define K(i) K_##i
#define K_1 k0
#define K_2 k1
#define K_3 k2
#define K_4 k3
#define K_5 k4
#define K_6 k5
#define K_7 k6
#define K_8 k7
#define K_9 k8
#define K_10 k9
    vuint32m1_t k0 = __riscv_vle32_v_u32m1((const uint32_t *)key, 4);
    NEXT(1); NEXT(2); NEXT(3); NEXT(4); NEXT(5); NEXT(6); NEXT(7); NEXT(8); NEXT(9); NEXT(10);
    vuint32m2_t s = __riscv_vle32_v_u32m2((const uint32_t *)plain, 8);
    s = __riscv_vaesz_vs_u32m1_u32m2(s, k0, 8);
#define EM(i) s = __riscv_vaesem_vs_u32m1_u32m2(s, k##i, 8)
    EM(1); EM(2); EM(3); EM(4); EM(5); EM(6); EM(7); EM(8); EM(9);
    s = __riscv_vaesef_vs_u32m1_u32m2(s, k10, 8);
    __riscv_vse32_v_u32m2(out, s, 8);
    check("aes128", out, expected, 16);
    check("aes128, second block", out + 4, expected, 16);
    s = __riscv_vaesz_vs_u32m1_u32m2(s, k10, 8);
#define DM(i) s = __riscv_vaesdm_vs_u32m1_u32m2(s, k##i, 8)
    DM(9); DM(8); DM(7); DM(6); DM(5); DM(4); DM(3); DM(2); DM(1);
    s = __riscv_vaesdf_vs_u32m1_u32m2(s, k0, 8);
    __riscv_vse32_v_u32m2(out, s, 8);
    check("back", out, plain, 32);
    uint32_t last[4];
    __riscv_vse32_v_u32m1(last, k10, 4);
    show("last round key", last, 4, 4);
}

static NOINLINE void aes256(void)
{
    static const uint8_t expected[16] = {0x8e, 0xa2, 0xb7, 0xca, 0x51, 0x67, 0x45, 0xbf, 0xea, 0xfc, 0x49, 0x90, 0x4b, 0x49, 0x60, 0x89};
    uint32_t out[4];
    vuint32m1_t even = __riscv_vle32_v_u32m1((const uint32_t *)key, 4), odd = __riscv_vle32_v_u32m1((const uint32_t *)key + 4, 4);
    vuint32m1_t s = __riscv_vle32_v_u32m1((const uint32_t *)plain, 4);
    s = __riscv_vxor_vv_u32m1(s, even, 4);
    s = __riscv_vaesem_vv_u32m1(s, odd, 4);
#define STEP(i)                                          \
    even = __riscv_vaeskf2_vi_u32m1(even, odd, i, 4);    \
    s = __riscv_vaesem_vv_u32m1(s, even, 4);             \
    odd = __riscv_vaeskf2_vi_u32m1(odd, even, i + 1, 4); \
    s = __riscv_vaesem_vv_u32m1(s, odd, 4)
    STEP(2); STEP(4); STEP(6); STEP(8); STEP(10); STEP(12);
    even = __riscv_vaeskf2_vi_u32m1(even, odd, 14, 4);
    s = __riscv_vaesef_vv_u32m1(s, even, 4);
    __riscv_vse32_v_u32m1(out, s, 4);
    check("aes256", out, expected, 16);
}

/* Test case 2 of the GCM specification: the hash of one block and the lengths. */
static NOINLINE void ghash(void)
{
    static const uint8_t h[16] = {0x66, 0xe9, 0x4b, 0xd4, 0xef, 0x8a, 0x2c, 0x3b, 0x88, 0x4c, 0xfa, 0x59, 0xca, 0x34, 0x2b, 0x2e};
    static const uint8_t c[16] = {0x03, 0x88, 0xda, 0xce, 0x60, 0xb6, 0xa3, 0x92, 0xf3, 0x28, 0xc2, 0xb9, 0x71, 0xb2, 0xfe, 0x78};
    static const uint8_t lengths[16] = {[15] = 0x80};
    static const uint8_t expected[16] = {0xf3, 0x8c, 0xbb, 0x1a, 0xd6, 0x92, 0x23, 0xdc, 0xc3, 0x45, 0x7a, 0xe5, 0xb6, 0xb0, 0xf8, 0x85};
    static const uint8_t first[16] = {0x5e, 0x2e, 0xc7, 0x46, 0x91, 0x70, 0x62, 0x88, 0x2c, 0x85, 0xb0, 0x68, 0x53, 0x53, 0xde, 0xb7};
    uint32_t out[4];
    vuint32m1_t vh = __riscv_vle32_v_u32m1((const uint32_t *)h, 4), sum = __riscv_vmv_v_x_u32m1(0, 4);
    sum = __riscv_vghsh_vv_u32m1(sum, vh, __riscv_vle32_v_u32m1((const uint32_t *)c, 4), 4);
    __riscv_vse32_v_u32m1(out, sum, 4);
    check("ghash, first block", out, first, 16);
    sum = __riscv_vghsh_vv_u32m1(sum, vh, __riscv_vle32_v_u32m1((const uint32_t *)lengths, 4), 4);
    __riscv_vse32_v_u32m1(out, sum, 4);
    check("ghash", out, expected, 16);
    sum = __riscv_vgmul_vv_u32m1(__riscv_vle32_v_u32m1((const uint32_t *)c, 4), vh, 4);
    __riscv_vse32_v_u32m1(out, sum, 4);
    check("vgmul", out, first, 16);
}

/* The example of the standard: key and plain text are the same. */
static NOINLINE void sm4(void)
{
    static const uint8_t text[16] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10};
    static const uint8_t expected[16] = {0x68, 0x1e, 0xdf, 0x34, 0xd2, 0x06, 0x96, 0x5e, 0x86, 0xb3, 0xe9, 0x4f, 0x53, 0x6e, 0x42, 0x46};
    static const uint32_t fk[4] = {0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc};
    uint32_t out[4], turned[4];
    vuint32m1_t t = __riscv_vrev8_v_u32m1(__riscv_vle32_v_u32m1((const uint32_t *)text, 4), 4);
    vuint32m1_t k = __riscv_vxor_vv_u32m1(t, __riscv_vle32_v_u32m1(fk, 4), 4);
#define ROUND(i)                           \
    k = __riscv_vsm4k_vi_u32m1(k, i, 4);   \
    t = __riscv_vsm4r_vs_u32m1_u32m1(t, k, 4)
    ROUND(0); ROUND(1); ROUND(2); ROUND(3); ROUND(4); ROUND(5); ROUND(6); ROUND(7);
    __riscv_vse32_v_u32m1(out, __riscv_vrev8_v_u32m1(t, 4), 4);
    for (int i = 0; i < 4; i++)
        turned[i] = out[3 - i];
    check("sm4", turned, expected, 16);
}

static NOINLINE void sm3(void)
{
    static const uint8_t expected[32] = {0x66, 0xc7, 0xf0, 0xf4, 0x62, 0xee, 0xed, 0xd9, 0xd1, 0xf2, 0xd4, 0x6b, 0xdc, 0x10, 0xe4, 0xe2,
                                         0x41, 0x67, 0xc4, 0x87, 0x5c, 0xf2, 0xf7, 0xa2, 0x29, 0x7d, 0xa0, 0x2b, 0x8f, 0x4b, 0xa8, 0xe0};
    static const uint32_t iv[8] = {0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e};
    const uint8_t block[64] = {0x61, 0x62, 0x63, 0x80, [63] = 24};
    uint32_t out[8];
    vuint32m2_t start = __riscv_vrev8_v_u32m2(__riscv_vle32_v_u32m2(iv, 8), 8), s = start;
    vuint32m2_t w0 = __riscv_vle32_v_u32m2((const uint32_t *)block, 8), w8 = __riscv_vle32_v_u32m2((const uint32_t *)block + 8, 8), next;
    /* Four rounds use words 0 to 7 of a window; the next four are moved in. */
#define TWO(i, w) s = __riscv_vsm3c_vi_u32m2(s, w, i, 8)
#define DOWN4(w) __riscv_vslidedown_vx_u32m2(w, 4, 8)
#define DOWN2(w) __riscv_vslidedown_vx_u32m2(w, 2, 8)
#define EIGHT(i)                                                   \
    TWO(i, w0);                                                    \
    TWO(i + 1, DOWN2(w0));                                         \
    next = __riscv_vslideup_vx_u32m2_tu(DOWN4(w0), w8, 4, 8);      \
    TWO(i + 2, next);                                              \
    TWO(i + 3, DOWN2(next));                                       \
    next = __riscv_vsm3me_vv_u32m2(w8, w0, 8);                     \
    w0 = w8, w8 = next
    EIGHT(0); EIGHT(4); EIGHT(8); EIGHT(12); EIGHT(16); EIGHT(20); EIGHT(24); EIGHT(28);
    __riscv_vse32_v_u32m2(out, __riscv_vxor_vv_u32m2(s, start, 8), 8);
    check("sm3 of abc", out, expected, 32);
}

static NOINLINE void products(void)
{
    uint64_t seed = 6, in[2][4], out[4];
    for (int i = 0; i < 8; i++)
        in[i / 4][i % 4] = bench_random(&seed);
    vuint64m2_t a = __riscv_vle64_v_u64m2(in[0], 4), b = __riscv_vle64_v_u64m2(in[1], 4);
    __riscv_vse64_v_u64m2(out, __riscv_vclmul_vv_u64m2(a, b, 4), 4);
    show("vclmul", out, 8, 4);
    __riscv_vse64_v_u64m2(out, __riscv_vclmulh_vx_u64m2(a, in[1][2], 4), 4);
    show("vclmulh", out, 8, 4);
}

int vector_main(const char *argument)
{
    sha256();
    sha512();
    aes128();
    aes256();
    ghash();
    sm4();
    sm3();
    products();
    return wrong;
}
