/* Floating point: arithmetic, conversions and reductions of f16, f32 and f64, and
 * what there is of bf16, in all five rounding modes, with fflags read back. Assembly, because with intrinsics the
 * compiler decides when frm is written. */
#include "rt.h"

#define N 16

static uint64_t a[N], finite[N], b[N], c[N], rotated[N], out[2 * N];
/* The first operand: `a`, or `finite` for sums, which would all be NaN otherwise. */
static const uint64_t *first;
static const uint8_t mask[2] = {0xb7, 0x5d};

/* Loads v16 and v24 (operands), v8 (addend, or the old destination) and fa0 (the
 * scalar), executes the instruction on 16 elements, stores v8; returns fflags. */
typedef unsigned operation(unsigned frm);

/* `result` is the width stored, in groups of `group`; EMPTY: nothing between. */
#define OP(name, text, width, result, group, fload)                                                                     \
    static NOINLINE unsigned name(unsigned frm)                                                                         \
    {                                                                                                                   \
        unsigned fflags;                                                                                                \
        __asm__ volatile("vsetvli zero, %[n], e" #result ", m" #group ", ta, ma\n"                                      \
                         "vle" #result ".v v8, (%[c])\n"                                                                \
                         "vsetvli zero, %[n], e" #width ", m%[lmul], ta, mu\n"                                          \
                         "vlm.v v0, (%[mask])\n"                                                                        \
                         "vle" #width ".v v16, (%[a])\n"                                                                \
                         "vle" #width ".v v24, (%[b])\n"                                                                \
                         fload " fa0, %[offset](%[b])\n"                                                                \
                         "fsrm %[frm]\n"                                                                                \
                         "fsflags zero\n" text "\n"                                                                     \
                         "frflags %[fflags]\n"                                                                          \
                         "fsrm zero\n"                                                                                  \
                         "vsetvli zero, %[n], e" #result ", m" #group ", ta, ma\n"                                      \
                         "vse" #result ".v v8, (%[out])\n"                                                              \
                         : [fflags] "=&r"(fflags)                                                                       \
                         : [n] "r"(N), [a] "r"(first), [b] "r"(rotated), [c] "r"(c), [mask] "r"(mask), [out] "r"(out),      \
                           [frm] "r"(frm), [lmul] "i"(width / 8), [offset] "i"(3 * width / 8)                           \
                         : "memory", "fa0", "v0", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17",   \
                           "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30",   \
                           "v31", "vl", "vtype");                                                                       \
        return fflags;                                                                                                  \
    }

/* Result of the operands' width, of twice it, of half of it. */
#define SAME(name, text) OP(name##_16, text, 16, 16, 2, "flh") OP(name##_32, text, 32, 32, 4, "flw") OP(name##_64, text, 64, 64, 8, "fld")
#define WIDE(name, text) OP(name##_16, text, 16, 32, 4, "flh") OP(name##_32, text, 32, 64, 8, "flw")
/* vtype has the narrow width; the operand in v16 is read as wide, whatever v16 to v23 hold. */
#define NARROW(name, text)                                                                                       \
    OP(name##_16, "vsetvli zero, zero, e32, m4, ta, mu\n vle32.v v16, (%[a])\n"                                  \
                  "vsetvli zero, zero, e16, m2, ta, mu\n" text, 32, 16, 2, "flw")                                \
    OP(name##_32, "vsetvli zero, zero, e64, m8, ta, mu\n vle64.v v16, (%[a])\n"                                  \
                  "vsetvli zero, zero, e32, m4, ta, mu\n" text, 64, 32, 4, "fld")

#define SAMES(X)                                   \
    X(vfadd, "vfadd.vv v8, v16, v24")              \
    X(vfsub, "vfsub.vf v8, v16, fa0")              \
    X(vfrsub_m, "vfrsub.vf v8, v16, fa0, v0.t")    \
    X(vfmul, "vfmul.vv v8, v16, v24")              \
    X(vfdiv, "vfdiv.vv v8, v16, v24")              \
    X(vfrdiv, "vfrdiv.vf v8, v16, fa0")            \
    X(vfsqrt, "vfsqrt.v v8, v16")                  \
    X(vfmacc, "vfmacc.vv v8, v16, v24")            \
    X(vfnmacc, "vfnmacc.vf v8, fa0, v24")          \
    X(vfmsac_m, "vfmsac.vv v8, v16, v24, v0.t")    \
    X(vfnmsac, "vfnmsac.vv v8, v16, v24")          \
    X(vfmadd, "vfmadd.vv v8, v16, v24")            \
    X(vfnmadd, "vfnmadd.vv v8, v16, v24")          \
    X(vfmsub, "vfmsub.vf v8, fa0, v24")            \
    X(vfnmsub, "vfnmsub.vv v8, v16, v24")          \
    X(vfmin, "vfmin.vv v8, v16, v24")              \
    X(vfmax, "vfmax.vf v8, v16, fa0")              \
    X(vfsgnj, "vfsgnj.vv v8, v16, v24")            \
    X(vfsgnjn, "vfsgnjn.vv v8, v16, v24")          \
    X(vfsgnjx, "vfsgnjx.vf v8, v16, fa0")          \
    X(vfclass, "vfclass.v v8, v16")                \
    X(vfrec7, "vfrec7.v v8, v16")                  \
    X(vfrsqrt7, "vfrsqrt7.v v8, v16")              \
    X(vfmerge, "vfmerge.vfm v8, v16, fa0, v0")     \
    X(vfslide1up, "vfslide1up.vf v8, v16, fa0")    \
    X(vfslide1down, "vfslide1down.vf v8, v16, fa0") \
    X(vmfeq, "vmfeq.vv v8, v16, v24")              \
    X(vmfne, "vmfne.vf v8, v16, fa0")              \
    X(vmflt, "vmflt.vv v8, v16, v24")              \
    X(vmfle, "vmfle.vv v8, v16, v24")              \
    X(vmfgt, "vmfgt.vf v8, v16, fa0")              \
    X(vmfge_m, "vmfge.vf v8, v16, fa0, v0.t")      \
    X(vfcvt_xu, "vfcvt.xu.f.v v8, v16")            \
    X(vfcvt_x, "vfcvt.x.f.v v8, v16")              \
    X(vfcvt_rtz_x, "vfcvt.rtz.x.f.v v8, v16")      \
    X(vfcvt_f_xu, "vfcvt.f.xu.v v8, v16")          \
    X(vfcvt_f_x, "vfcvt.f.x.v v8, v16, v0.t")      \
    X(vfredosum, "vfredosum.vs v8, v16, v24")      \
    X(vfredosum_m, "vfredosum.vs v8, v16, v24, v0.t") \
    X(vfredusum, "vfredusum.vs v8, v16, v24")      \
    X(vfredmin, "vfredmin.vs v8, v16, v24")        \
    X(vfredmax_m, "vfredmax.vs v8, v16, v24, v0.t")
#define WIDES(X)                                   \
    X(vfwadd, "vfwadd.vv v8, v16, v24")            \
    X(vfwsub_wv, "vfwsub.wv v8, v8, v24")          \
    X(vfwmul, "vfwmul.vf v8, v16, fa0")            \
    X(vfwmacc, "vfwmacc.vv v8, v16, v24")          \
    X(vfwnmacc, "vfwnmacc.vf v8, fa0, v24")        \
    X(vfwmsac_m, "vfwmsac.vv v8, v16, v24, v0.t")  \
    X(vfwnmsac, "vfwnmsac.vv v8, v16, v24")        \
    X(vfwcvt_f_f, "vfwcvt.f.f.v v8, v16")          \
    X(vfwcvt_x, "vfwcvt.x.f.v v8, v16")            \
    X(vfwcvt_rtz_xu, "vfwcvt.rtz.xu.f.v v8, v16")  \
    X(vfwcvt_f_x, "vfwcvt.f.x.v v8, v16")          \
    X(vfwredosum, "vfwredosum.vs v8, v16, v8")     \
    X(vfwredusum_m, "vfwredusum.vs v8, v16, v8, v0.t")
#define NARROWS(X)                                 \
    X(vfncvt_f_f, "vfncvt.f.f.w v8, v16")          \
    X(vfncvt_rod, "vfncvt.rod.f.f.w v8, v16")      \
    X(vfncvt_x, "vfncvt.x.f.w v8, v16")            \
    X(vfncvt_rtz_xu, "vfncvt.rtz.xu.f.w v8, v16")  \
    X(vfncvt_f_xu, "vfncvt.f.xu.w v8, v16, v0.t")

/* bf16, whose numbers are the upper halves of f32. */
#define BF16(text) ".option push\n .option arch, +zvfbfwma\n" text "\n .option pop\n"

SAMES(SAME)
WIDES(WIDE)
NARROWS(NARROW)
OP(vfwcvtbf16, BF16("vfwcvtbf16.f.f.v v8, v16"), 16, 32, 4, "flh")
OP(vfwmaccbf16, BF16("vfwmaccbf16.vv v8, v16, v24"), 16, 32, 4, "flh")
OP(vfwmaccbf16_vf, BF16("vfwmaccbf16.vf v8, fa0, v24, v0.t"), 16, 32, 4, "flh")
OP(vfncvtbf16, "vsetvli zero, zero, e16, m2, ta, mu\n" BF16("vfncvtbf16.f.f.w v8, v16"), 32, 16, 2, "flw")

static void store(uint64_t *array, unsigned bits, unsigned at, uint64_t value)
{
    for (unsigned k = 0; k < bits / 8; k++)
        ((uint8_t *)array)[at * bits / 8 + k] = (uint8_t)(value >> 8 * k);
}

/* Zeros, subnormal and smallest normal numbers, ones, largest numbers, infinities,
 * NaNs, and numbers near one another so that sums and products get inexact. */
static uint64_t number(unsigned bits, unsigned which, uint64_t random)
{
    unsigned mantissa = bits == 16 ? 10 : bits == 32 ? 23 : 52;
    uint64_t sign = 1ULL << (bits - 1), infinity = ((1ULL << (bits - 1 - mantissa)) - 1) << mantissa;
    uint64_t one = (infinity >> 1) & infinity, quiet = infinity | 1ULL << (mantissa - 1);
    uint64_t fraction = random & ((1ULL << mantissa) - 1);
    switch (which) {
    case 0: return 0;
    case 1: return sign;
    case 2: return fraction | 1;
    case 3: return 1ULL << mantissa | sign;
    case 4: return infinity - 1;
    case 5: return infinity | (random & 1) * sign;
    case 6: return quiet;
    case 7: return infinity | 1;
    case 8: return one | sign;
    case 9: return (one + (((uint64_t)bits / 2) << mantissa)) | fraction;
    case 10: return (one - ((uint64_t)(mantissa + 2) << mantissa)) | fraction;
    default: return (one + ((random >> 60) << mantissa)) | fraction | (random >> 59 & 1) * sign;
    }
}

static uint64_t upper(uint64_t number)
{
    /* A NaN stays one. */
    return number >> 16 | ((number & 0x7fffffff) > 0x7f800000);
}

static void inputs_bf16(void)
{
    uint64_t seed = 3;
    for (unsigned i = 0; i < N; i++) {
        store(a, 16, i, upper(number(32, i, bench_random(&seed))));
        store(b, 16, i, upper(number(32, i * 7 % N, bench_random(&seed))));
        store(c, 32, i, number(32, i * 5 % N, bench_random(&seed)));
    }
}

static void inputs(unsigned bits)
{
    uint64_t seed = bits;
    for (unsigned i = 0; i < N; i++) {
        store(a, bits, i, number(bits, i, bench_random(&seed)));
        store(finite, bits, i, number(bits, 8 + i % 7, bench_random(&seed)));
        store(b, bits, i, number(bits, i * 7 % N, bench_random(&seed)));
        store(c, bits, i, number(bits, i * 5 % N, bench_random(&seed)));
    }
}

static void rotate(unsigned bits, unsigned places)
{
    const uint8_t *from = (const uint8_t *)b;
    uint8_t *to = (uint8_t *)rotated;
    unsigned bytes = bits / 8;
    for (unsigned i = 0; i < N * bytes; i++)
        to[i] = from[(i + places * bytes) % (N * bytes)];
}

static int is_reduction(const char *name)
{
    while (*name && !(name[0] == 'r' && name[1] == 'e' && name[2] == 'd'))
        name++;
    return *name;
}

/* A line for each operation: in each rounding mode a checksum of the results of all
 * pairings, and a checksum and the disjunction of the flags. `bits` is the width of
 * the operands, `result` that of the results. Of a reduction element 0 counts, of a
 * comparison two bytes of mask. */
static void run(const char *name, unsigned bits, unsigned result, operation *operation)
{
    unsigned count = is_reduction(name) ? result / 8 : name[1] == 'm' ? 2 : N * result / 8;
    first = is_reduction(name) ? finite : a;
    put(name);
    for (unsigned frm = 0; frm < 5; frm++) {
        uint64_t sum = 1, flags = 1;
        unsigned any = 0;
        for (unsigned places = 0; places < N; places++) {
            rotate(bits, places);
            unsigned fflags = operation(frm);
            any |= fflags;
            flags = flags * 31 + fflags;
            for (unsigned i = 0; i < count; i++)
                sum = bench_fold(sum, ((const uint8_t *)out)[i]);
        }
        put(" ");
        put_hex_wide(sum >> 16, 12);
        put(":");
        put_hex_wide(flags >> 4, 4);
        put(":");
        put_hex_wide(any, 2);
    }
    put("\n");
}

int vector_main(const char *argument)
{
#define RUN16(name, text) run(#name " f16", 16, 16, name##_16);
#define RUN32(name, text) run(#name " f32", 32, 32, name##_32);
#define RUN64(name, text) run(#name " f64", 64, 64, name##_64);
#define WIDE16(name, text) run(#name " f16", 16, 32, name##_16);
#define WIDE32(name, text) run(#name " f32", 32, 64, name##_32);
#define NARROW16(name, text) run(#name " f32", 32, 16, name##_16);
#define BF16_RUN(name, bits, result) run(#name, bits, result, name);
#define NARROW32(name, text) run(#name " f64", 64, 32, name##_32);
    inputs(16);
    SAMES(RUN16)
    inputs(32);
    SAMES(RUN32)
    NARROWS(NARROW16)
    inputs(64);
    SAMES(RUN64)
    NARROWS(NARROW32)
    /* Addends of twice the width. */
    inputs(32);
    for (unsigned i = 0; i < N; i++)
        ((uint32_t *)out)[i] = ((uint32_t *)c)[i];
    inputs(16);
    for (unsigned i = 0; i < N; i++)
        ((uint32_t *)c)[i] = ((uint32_t *)out)[i];
    WIDES(WIDE16)
    inputs(64);
    for (unsigned i = 0; i < N; i++)
        out[i] = c[i];
    inputs(32);
    for (unsigned i = 0; i < N; i++)
        c[i] = out[i];
    WIDES(WIDE32)
    BF16_RUN(vfncvtbf16, 32, 16)
    inputs_bf16();
    BF16_RUN(vfwcvtbf16, 16, 32)
    BF16_RUN(vfwmaccbf16, 16, 32)
    BF16_RUN(vfwmaccbf16_vf, 16, 32)
    return 0;
}
