/* Fixed-point arithmetic: every instruction, for each element width and in the four
 * rounding modes of vxrm, with vxsat read back. Assembly, because with intrinsics
 * the compiler decides when vxrm is written. */
#include "rt.h"

#define N 16

static uint64_t a[N], b[N], rotated[N], wide[2 * N], out[N];

/* Puts the first operand into v16, the second into v24 and 1 into all elements of
 * v8, executes the instruction on `count` elements from the first of each operand
 * and of `mask`, stores v8 and returns vxsat. */
typedef unsigned operation(unsigned vxrm, size_t count, size_t first);

static const uint8_t mask[2] = {0xb7, 0x5d};

#define OP(name, text, width, wider, group, from)                                                                       \
    static NOINLINE unsigned name(unsigned vxrm, size_t count, size_t first)                                                                  \
    {                                                                                                                   \
        unsigned vxsat;                                                                                                 \
        __asm__ volatile("vsetvli zero, %[n], e" #wider ", m" #group ", ta, ma\n"                                       \
                         "vle" #wider ".v v16, (%[source])\n"                                                           \
                         "vsetvli zero, %[n], e" #width ", m%[lmul], ta, mu\n"                                          \
                         "vlm.v v0, (%[mask])\n"                                                                        \
                         "vle" #width ".v v24, (%[b])\n"                                                                \
                         "vmv.v.i v8, 1\n"                                                                              \
                         "csrw vxrm, %[vxrm]\n"                                                                         \
                         "csrw vxsat, zero\n" text "\n"                                                                 \
                         "csrr %[vxsat], vxsat\n"                                                                       \
                         "vse" #width ".v v8, (%[out])\n"                                                               \
                         : [vxsat] "=&r"(vxsat)                                                                         \
                         : [n] "r"(count), [source] "r"((uint8_t *)from + first * wider / 8), [mask] "r"(mask), [b] "r"((uint8_t *)rotated + first * width / 8), [out] "r"(out),        \
                           [vxrm] "r"(vxrm), [x] "r"(rotated[3]), [lmul] "i"(width / 8)                                 \
                         : "memory", "v0", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18",   \
                           "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31",   \
                           "vl", "vtype");                                                                              \
        return vxsat;                                                                                                   \
    }

/* Operands and result of one width. */
#define SAME(name, text) \
    OP(name##_8, text, 8, 8, 1, a) OP(name##_16, text, 16, 16, 2, a) OP(name##_32, text, 32, 32, 4, a) OP(name##_64, text, 64, 64, 8, a)
/* From twice the width. */
#define NARROW(name, text) OP(name##_8, text, 8, 16, 2, wide) OP(name##_16, text, 16, 32, 4, wide) OP(name##_32, text, 32, 64, 8, wide)

#define SAMES(X)                                \
    X(vsaddu, "vsaddu.vv v8, v16, v24")         \
    X(vsaddu_vi, "vsaddu.vi v8, v16, -3")       \
    X(vsadd, "vsadd.vv v8, v16, v24")           \
    X(vsadd_vx, "vsadd.vx v8, v16, %[x]")       \
    X(vssubu, "vssubu.vv v8, v16, v24")         \
    X(vssub, "vssub.vv v8, v16, v24")           \
    X(vssub_m, "vssub.vv v8, v16, v24, v0.t")   \
    X(vaaddu, "vaaddu.vv v8, v16, v24")         \
    X(vaadd, "vaadd.vv v8, v16, v24")           \
    X(vaadd_vx, "vaadd.vx v8, v16, %[x]")       \
    X(vasubu, "vasubu.vv v8, v16, v24")         \
    X(vasub, "vasub.vv v8, v16, v24")           \
    X(vasub_m, "vasub.vx v8, v16, %[x], v0.t")  \
    X(vsmul, "vsmul.vv v8, v16, v24")           \
    X(vsmul_m, "vsmul.vx v8, v16, %[x], v0.t")  \
    X(vssrl, "vssrl.vv v8, v16, v24")           \
    X(vssrl_vi, "vssrl.vi v8, v16, 3")          \
    X(vssra, "vssra.vv v8, v16, v24")           \
    X(vssra_m, "vssra.vx v8, v16, %[x], v0.t")
#define NARROWS(X)                              \
    X(vnclipu, "vnclipu.wv v8, v16, v24")       \
    X(vnclipu_wi, "vnclipu.wi v8, v16, 7")      \
    X(vnclip, "vnclip.wv v8, v16, v24")         \
    X(vnclip_m, "vnclip.wx v8, v16, %[x], v0.t")

SAMES(SAME)
NARROWS(NARROW)

/* Corners of this width, and random numbers. */
static void inputs(unsigned bits)
{
    const uint64_t least = 1ULL << (bits - 1);
    const uint64_t corners[] = {0, 1, ~0ULL, least, least - 1, least + 1, 3, bits};
    uint64_t seed = bits;
    uint8_t *pa = (uint8_t *)a, *pb = (uint8_t *)b;
    for (int i = 0; i < N; i++) {
        uint64_t x = i < 8 ? corners[i] : bench_random(&seed);
        uint64_t y = i % 2 ? corners[i / 2] : bench_random(&seed);
        for (unsigned k = 0; k < bits / 8; k++) {
            *pa++ = (uint8_t)(x >> 8 * k);
            *pb++ = (uint8_t)(y >> 8 * k);
        }
    }
    for (int i = 0; i < 2 * N; i++)
        wide[i] = i % 4 ? bench_random(&seed) >> (i % 3 * 24) : ~0ULL << (i % 64);
}

/* `rotated`: the second operand with its elements moved on by so many places. */
static void rotate(unsigned bits, unsigned places)
{
    const uint8_t *from = (const uint8_t *)b;
    uint8_t *to = (uint8_t *)rotated;
    unsigned bytes = bits / 8;
    for (unsigned i = 0; i < N * bytes; i++)
        to[i] = from[(i + places * bytes) % (N * bytes)];
}

/* Each rounding mode: the results of the first pairing, then a checksum of all 16
 * pairings, and which of 16 single pairs saturated. */
static void run(const char *name, unsigned bits, operation *operation)
{
    static const char *const modes[] = {" rnu", " rne", " rdn", " rod"};
    for (unsigned mode = 0; mode < 4; mode++) {
        uint64_t sum = 0, saturated = 0;
        put(name);
        put(modes[mode]);
        for (unsigned places = 0; places < N; places++) {
            rotate(bits, places);
            saturated |= (uint64_t)operation(mode, 1, places) << places;
            operation(mode, N, 0);
            sum = fold_words(sum, out, N * bits / 32);
            if (places == 0)
                show("", out, bits / 8, N);
        }
        put("  all ");
        put_hex_wide(sum, 16);
        put(" vxsat ");
        put_hex_wide(saturated, 4);
        put("\n");
    }
}

int vector_main(const char *argument)
{
#define RUN8(name, text) run(#name " 8", 8, name##_8);
#define RUN16(name, text) run(#name " 16", 16, name##_16);
#define RUN32(name, text) run(#name " 32", 32, name##_32);
#define RUN64(name, text) run(#name " 64", 64, name##_64);
    inputs(8);
    SAMES(RUN8)
    NARROWS(RUN8)
    inputs(16);
    SAMES(RUN16)
    NARROWS(RUN16)
    inputs(32);
    SAMES(RUN32)
    NARROWS(RUN32)
    inputs(64);
    SAMES(RUN64)
    return 0;
}
