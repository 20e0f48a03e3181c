/* XTheadVector's instructions, above all what V 1.0 has in another way or not at all:
 * masks of MLEN bits, tails that become zero, loads that extend, signed indices of
 * SEW bits, vext, vmford, vwsmacc, signed averages, AMOs, fcsr, and how vsetvl
 * answers. Assembly; 16 elements, of which 13 are within vl. */
#include "../vector/rt.h"

#define N 16

static uint64_t a[N], b[N], old[N], out[2 * N], area[40];
static uint8_t masked[N] = {1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1, 0};
static const uint8_t indices[N] = {4, 252, 8, 0, 32, 248, 16, 60, 12, 20, 196, 40, 24, 56, 224, 28};

#define REGISTERS \
    "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16", \
        "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", \
        "vl", "vtype", "memory"

/* v8 to v15 hold old elements, v16 and v24 the operands, v0 and v1 masks: v0 as
 * `masked` says, v1 where v24 is less than v16. vl = 13 then. */
#define BEFORE(W, M) \
    "th.vsetvli zero, %[n], e8, m1\n" \
    "th.vle.v v2, (%[masked])\n" \
    "th.vmsne.vi v0, v2, 0\n" \
    "th.vsetvli zero, %[n], e" #W ", m" #M "\n" \
    "th.vle.v v8, (%[old])\n" \
    "th.vle.v v16, (%[a])\n" \
    "th.vle.v v24, (%[b])\n" \
    "th.vmslt.vv v1, v24, v16\n" \
    "th.vsetvli zero, %[less], e" #W ", m" #M "\n"

#define INPUTS \
    [n] "r"(N), [less] "r"(13), [masked] "r"(masked), [old] "r"(old), [a] "r"(a), [b] "r"(b), [out] "r"(out), \
        [x] "r"(0x1234567890abcdefULL), [five] "r"(5), [back] "r"(-3L), [far] "r"(1L << 40), [area] "r"(area + 16), [step] "r"(12L)

/* For instructions that read elements of twice the width, R, from v8 or v16. */
#define READ_WIDE(W, M, R, G, v, from) \
    "th.vsetvli zero, %[n], e" #R ", m" #G "\nth.vle.v " v ", (%[" from "])\nth.vsetvli zero, %[less], e" #W ", m" #M "\n"

/* The result in v8 to v15, elements of width R in groups of G registers: all, or those
 * of the one register that VLEN 128 has, too. */
#define RESULT(W, M, R, G, name, text) \
    do { \
        __asm__ volatile(BEFORE(W, M) text "\nth.vsetvli zero, %[n], e" #R ", m" #G "\nth.vse.v v8, (%[out])" \
                         : : INPUTS : REGISTERS); \
        show(name, out, R / 8, G == 1 ? 128 / R : N); \
    } while (0)

/* The result in an integer register, a0. */
#define SCALAR(W, M, name, text) \
    do { \
        uint64_t result; \
        __asm__ volatile(BEFORE(W, M) text "\nmv %[result], a0" : [result] "=r"(result) : INPUTS : "a0", REGISTERS); \
        put(name ": "); \
        put_hex(result); \
        put("\n"); \
    } while (0)

static NOINLINE void clear(void)
{
    for (int i = 0; i < 40; i++)
        area[i] = 0;
}

static NOINLINE void inputs(unsigned bits)
{
    uint64_t seed = bits;
    uint8_t *pa = (uint8_t *)a, *pb = (uint8_t *)b, *po = (uint8_t *)old;
    for (int i = 0; i < (int)(8 * sizeof a / bits); i++) {
        uint64_t x = i == 3 ? ~0ULL : i == 5 ? 1ULL << (bits - 1) : i == 7 ? 0 : bench_random(&seed);
        uint64_t y = i == 5 ? 3 : i == 9 ? (1ULL << (bits - 1)) - 1 : bench_random(&seed);
        for (unsigned k = 0; k < bits / 8; k++) {
            *pa++ = (uint8_t)(x >> 8 * k);
            *pb++ = (uint8_t)(y >> 8 * k);
            *po++ = (uint8_t)(0xe0 + i);
        }
    }
}

/* Each element width with groups that give 16 elements at VLEN 128; MLEN is 8. */
#define SAME(W, M) \
    static NOINLINE void same##W(void) \
    { \
        put("-- e" #W "\n"); \
        inputs(W); \
        RESULT(W, M, W, M, "vadd", "th.vadd.vv v8, v16, v24"); \
        RESULT(W, M, W, M, "vadd masked", "th.vadd.vi v8, v16, -3, v0.t"); \
        RESULT(W, M, W, M, "vsub", "th.vsub.vx v8, v16, %[x]"); \
        RESULT(W, M, W, M, "vrsub", "th.vrsub.vi v8, v16, 7"); \
        RESULT(W, M, W, M, "vminu", "th.vminu.vv v8, v16, v24, v0.t"); \
        RESULT(W, M, W, M, "vmax", "th.vmax.vx v8, v16, %[x]"); \
        RESULT(W, M, W, M, "vand", "th.vand.vv v8, v16, v24"); \
        RESULT(W, M, W, M, "vxor", "th.vxor.vi v8, v16, -9"); \
        RESULT(W, M, W, M, "vsll", "th.vsll.vv v8, v16, v24"); \
        RESULT(W, M, W, M, "vsra", "th.vsra.vi v8, v16, 5"); \
        RESULT(W, M, W, M, "vmul", "th.vmul.vv v8, v16, v24"); \
        RESULT(W, M, W, M, "vmulhsu", "th.vmulhsu.vv v8, v16, v24"); \
        RESULT(W, M, W, M, "vdiv", "th.vdiv.vv v8, v24, v16"); \
        RESULT(W, M, W, M, "vremu", "th.vremu.vv v8, v24, v16, v0.t"); \
        RESULT(W, M, W, M, "vmacc", "th.vmacc.vx v8, %[x], v24"); \
        RESULT(W, M, W, M, "vnmsub", "th.vnmsub.vv v8, v16, v24, v0.t"); \
        RESULT(W, M, W, M, "vmerge", "th.vmerge.vim v8, v16, 11, v0"); \
        RESULT(W, M, W, M, "vmv", "th.vmv.v.x v8, %[x]"); \
        RESULT(W, M, W, M, "vsaddu.vi", "th.vsaddu.vi v8, v16, 15"); \
        RESULT(W, M, W, M, "vsadd", "th.vsadd.vv v8, v16, v24"); \
        RESULT(W, M, W, M, "vssubu", "th.vssubu.vv v8, v16, v24"); \
        RESULT(W, M, W, M, "vaadd", "csrwi vxrm, 0\nth.vaadd.vv v8, v16, v24"); \
        RESULT(W, M, W, M, "vaadd.vi", "csrwi vxrm, 3\nth.vaadd.vi v8, v16, -6"); \
        RESULT(W, M, W, M, "vasub", "csrwi vxrm, 1\nth.vasub.vx v8, v16, %[x]"); \
        RESULT(W, M, W, M, "vsmul", "csrwi vxrm, 2\nth.vsmul.vv v8, v16, v24"); \
        RESULT(W, M, W, M, "vssra", "csrwi vxrm, 1\nth.vssra.vi v8, v16, 3"); \
        RESULT(W, M, W, M, "vslideup", "th.vslideup.vi v8, v16, 3"); \
        RESULT(W, M, W, M, "vslideup masked", "th.vslideup.vx v8, v16, %[five], v0.t"); \
        RESULT(W, M, W, M, "vslidedown", "th.vslidedown.vx v8, v16, %[five]"); \
        RESULT(W, M, W, M, "vslidedown far", "th.vslidedown.vx v8, v16, %[far]"); \
        RESULT(W, M, W, M, "vslide1up", "th.vslide1up.vx v8, v16, %[x]"); \
        RESULT(W, M, W, M, "vslide1down", "th.vslide1down.vx v8, v16, %[x]"); \
        RESULT(W, M, W, M, "vrgather", "th.vand.vi v24, v24, 15\nth.vrgather.vv v8, v16, v24, v0.t"); \
        RESULT(W, M, W, M, "vrgather.vx", "th.vrgather.vx v8, v16, %[five]"); \
        RESULT(W, M, W, M, "vcompress", "th.vcompress.vm v8, v16, v0"); \
        RESULT(W, M, W, M, "viota", "th.viota.m v8, v0"); \
        RESULT(W, M, W, M, "viota masked", "th.viota.m v8, v1, v0.t"); \
        RESULT(W, M, W, M, "vid masked", "th.vid.v v8, v0.t"); \
        RESULT(W, M, W, 1, "vmv.s.x", "th.vmv.s.x v8, %[x]"); \
        RESULT(W, M, W, 1, "vredsum", "th.vredsum.vs v8, v16, v24"); \
        RESULT(W, M, W, 1, "vredmaxu masked", "th.vredmaxu.vs v8, v16, v24, v0.t"); \
        RESULT(W, M, W, M, "vadc", "th.vadc.vvm v8, v16, v24, v0"); \
        RESULT(W, M, W, M, "vsbc", "th.vsbc.vxm v8, v16, %[x], v0"); \
        SCALAR(W, M, "vmv.x.s", "th.vmv.x.s a0, v16"); \
        SCALAR(W, M, "vext", "li a0, 1\nth.vext.x.v a0, v16, a0"); \
        SCALAR(W, M, "vext far", "li a0, 8192\nth.vext.x.v a0, v16, a0"); \
        SCALAR(W, M, "vmpopc", "th.vmpopc.m a0, v0"); \
        SCALAR(W, M, "vmpopc masked", "th.vmpopc.m a0, v1, v0.t"); \
        SCALAR(W, M, "vmfirst", "th.vmfirst.m a0, v1, v0.t"); \
        SCALAR(W, M, "vxsat", "csrw fcsr, zero\nth.vsadd.vv v8, v16, v16\ncsrr a0, fcsr"); \
    }
SAME(8, 1)
SAME(16, 2)
SAME(32, 4)
SAME(64, 8)

/* To twice the width and back. */
#define WIDE(W, M, R, G) \
    static NOINLINE void wide##W(void) \
    { \
        put("-- e" #W " and e" #R "\n"); \
        inputs(W); \
        RESULT(W, M, R, G, "vwaddu", "th.vwaddu.vv v8, v16, v24"); \
        RESULT(W, M, R, G, "vwsub.wx", READ_WIDE(W, M, R, G, "v8", "old") "th.vwsub.wx v8, v8, %[x]"); \
        RESULT(W, M, R, G, "vwmulsu", "th.vwmulsu.vv v8, v16, v24"); \
        RESULT(W, M, R, G, "vwmacc", READ_WIDE(W, M, R, G, "v8", "old") "th.vwmacc.vv v8, v16, v24"); \
        RESULT(W, M, R, G, "vwmaccus", READ_WIDE(W, M, R, G, "v8", "old") "th.vwmaccus.vx v8, %[x], v24"); \
        RESULT(W, M, R, G, "vwsmaccu", READ_WIDE(W, M, R, G, "v8", "old") "csrwi vxrm, 0\nth.vwsmaccu.vv v8, v16, v24"); \
        RESULT(W, M, R, G, "vwsmacc", READ_WIDE(W, M, R, G, "v8", "old") "csrwi vxrm, 1\nth.vwsmacc.vv v8, v16, v24"); \
        RESULT(W, M, R, G, "vwsmaccsu", READ_WIDE(W, M, R, G, "v8", "old") "csrwi vxrm, 2\nth.vwsmaccsu.vv v8, v16, v24"); \
        RESULT(W, M, R, G, "vwsmaccus", READ_WIDE(W, M, R, G, "v8", "old") "csrwi vxrm, 3\nth.vwsmaccus.vx v8, %[x], v24"); \
        RESULT(W, M, W, M, "vnsrl", READ_WIDE(W, M, R, G, "v16", "a") "th.vnsrl.vi v4, v16, 3\nth.vmv.v.v v8, v4"); \
        RESULT(W, M, W, M, "vnclip", READ_WIDE(W, M, R, G, "v16", "a") "csrwi vxrm, 0\nth.vnclip.vx v4, v16, %[five]\nth.vmv.v.v v8, v4"); \
        RESULT(W, M, R, 1, "vwredsum", READ_WIDE(W, M, R, G, "v8", "old") "th.vwredsum.vs v8, v16, v8, v0.t"); \
    }
WIDE(8, 1, 16, 2)
WIDE(16, 2, 32, 4)
WIDE(32, 4, 64, 8)

/* A mask register as it is: the first 16 bytes, all of it at VLEN 128. */
#define MASK(W, M, name, text) RESULT(W, M, 8, 1, name, text)
static NOINLINE void masks(void)
{
    put("-- masks\n");
    inputs(8);
    MASK(8, 1, "vmseq", "th.vmseq.vv v8, v16, v24");
    MASK(8, 1, "vmsltu masked", "th.vmsltu.vv v8, v16, v24, v0.t");
    MASK(8, 1, "vmsleu.vi", "th.vmsleu.vi v8, v16, -1");
    MASK(8, 1, "vmsgt.vx", "th.vmsgt.vx v8, v16, %[x]");
    MASK(8, 1, "vmadc", "th.vmadc.vvm v8, v16, v24, v0");
    MASK(8, 1, "vmsbc", "th.vmsbc.vvm v8, v16, v24, v0");
    MASK(8, 1, "vmand", "th.vmand.mm v8, v1, v0");
    MASK(8, 1, "vmandnot", "th.vmandnot.mm v8, v1, v0");
    MASK(8, 1, "vmornot", "th.vmornot.mm v8, v1, v0");
    MASK(8, 1, "vmxnor", "th.vmxnor.mm v8, v1, v0");
    MASK(8, 1, "vmnot", "th.vmnot.m v8, v0");
    MASK(8, 1, "vmcpy", "th.vmcpy.m v8, v16");
    MASK(8, 1, "vmsbf", "th.vmsbf.m v8, v1");
    MASK(8, 1, "vmsif masked", "th.vmsif.m v8, v1, v0.t");
    MASK(8, 1, "vmsof", "th.vmsof.m v8, v1");
    inputs(16);
    MASK(16, 2, "e16 vmslt", "th.vmslt.vv v6, v16, v24\nth.vsetvli zero, %[n], e8, m1\nth.vmv.v.v v8, v6");
    inputs(64);
    MASK(64, 8, "e64 vmslt", "th.vmslt.vv v6, v16, v24\nth.vsetvli zero, %[n], e8, m1\nth.vmv.v.v v8, v6");
    /* Other MLENs: 4, 2, 1 bits; the rest of the register is zero up to VLMAX. */
    inputs(8);
    MASK(8, 1, "MLEN 4", "th.vsetvli zero, %[less], e8, m2\nth.vmsltu.vv v6, v16, v24\n"
         "th.vsetvli zero, %[n], e8, m1\nth.vmv.v.v v8, v6");
    MASK(8, 1, "MLEN 2", "th.vsetvli zero, %[less], e8, m4\nth.vmsltu.vv v6, v16, v24\n"
         "th.vsetvli zero, %[n], e8, m1\nth.vmv.v.v v8, v6");
    MASK(8, 1, "MLEN 1", "th.vsetvli zero, %[less], e8, m8\nth.vmsltu.vv v6, v16, v24\n"
         "th.vsetvli zero, %[n], e8, m1\nth.vmv.v.v v8, v6");
    /* 32 and 64 bits: 4 and 2 elements. */
    MASK(8, 1, "MLEN 32", "li a0, 4\nth.vsetvli zero, a0, e32, m1\nth.vmsltu.vv v6, v16, v24\n"
         "th.vsetvli zero, %[n], e8, m1\nth.vmv.v.v v8, v6");
    MASK(8, 1, "MLEN 64", "li a0, 2\nth.vsetvli zero, a0, e64, m1\nth.vmsne.vv v6, v16, v24\n"
         "th.vsetvli zero, %[n], e8, m1\nth.vmv.v.v v8, v6");
}

#define LOAD(W, M, name, text) RESULT(W, M, W, M, name, text)
#define STORE(W, M, name, text) \
    do { \
        clear(); \
        __asm__ volatile(BEFORE(W, M) text : : INPUTS : "a0", REGISTERS); \
        show(name, area, 8, 40); \
    } while (0)

/* `area` filled, and indices of the element width in b: signed, in bytes. */
static NOINLINE void fill(unsigned bits)
{
    uint64_t seed = 99;
    inputs(bits);
    for (int i = 0; i < 40; i++)
        area[i] = bench_random(&seed);
    uint8_t *pb = (uint8_t *)b;
    for (int i = 0; i < N; i++)
        for (unsigned k = 0; k < bits / 8; k++)
            *pb++ = (uint8_t)((int64_t)(int8_t)indices[i] >> 8 * k);
}

#define MEMORY(W, M) \
    static NOINLINE void memory##W(void) \
    { \
        put("-- memory, e" #W "\n"); \
        fill(W); \
        LOAD(W, M, "vle", "th.vle.v v8, (%[area])"); \
        LOAD(W, M, "vlb masked", "th.vlb.v v8, (%[area]), v0.t"); \
        LOAD(W, M, "vlbu", "th.vlbu.v v8, (%[area])"); \
        LOAD(W, M, "vlsb", "th.vlsb.v v8, (%[area]), %[back]"); \
        LOAD(W, M, "vlse", "th.vlse.v v8, (%[area]), %[step]"); \
        LOAD(W, M, "vlxbu", "th.vlxbu.v v8, (%[area]), v24"); \
        LOAD(W, M, "vlxe masked", "th.vlxe.v v8, (%[area]), v24, v0.t"); \
        LOAD(W, M, "vlbuff", "th.vlbuff.v v8, (%[area])"); \
        STORE(W, M, "vsb", "th.vsb.v v16, (%[area])"); \
        STORE(W, M, "vse masked", "th.vse.v v16, (%[area]), v0.t"); \
        STORE(W, M, "vssb", "th.vssb.v v16, (%[area]), %[five]"); \
        STORE(W, M, "vsxe", "th.vsxe.v v16, (%[area]), v24"); \
        STORE(W, M, "vsuxb masked", "th.vsuxb.v v16, (%[area]), v24, v0.t"); \
    }
MEMORY(8, 1)
MEMORY(16, 2)
MEMORY(32, 4)
MEMORY(64, 8)

/* Halfwords and words into wider elements, and segments, with one register a field. */
static NOINLINE void segments(void)
{
    put("-- widths and segments\n");
    fill(64);
    LOAD(64, 8, "vlh", "th.vlh.v v8, (%[area])");
    LOAD(64, 8, "vlhu", "th.vlhu.v v8, (%[area])");
    LOAD(64, 8, "vlw", "th.vlw.v v8, (%[area])");
    LOAD(64, 8, "vlswu", "th.vlswu.v v8, (%[area]), %[step]");
    LOAD(64, 8, "vlxw", "th.vlxw.v v8, (%[area]), v24, v0.t");
    STORE(64, 8, "vsw", "th.vsw.v v16, (%[area])");
    STORE(64, 8, "vssh", "th.vssh.v v16, (%[area]), %[step]");
    fill(32);
    LOAD(32, 4, "vlhuff", "th.vlhuff.v v8, (%[area]), v0.t");
    LOAD(32, 4, "vlseg2e field 0", "th.vlseg2e.v v8, (%[area])");
    LOAD(32, 4, "vlseg2h field 1", "th.vmv.v.v v12, v24\nth.vlseg2h.v v8, (%[area]), v0.t\nth.vmv.v.v v8, v12");
    LOAD(32, 4, "vlsseg2bu field 1", "th.vlsseg2bu.v v8, (%[area]), %[step]\nth.vmv.v.v v8, v12");
    STORE(32, 4, "vsseg2e", "th.vmv.v.v v20, v24\nth.vsseg2e.v v16, (%[area])");
    fill(8);
    LOAD(8, 1, "vlseg8e field 7", "th.vlseg8e.v v8, (%[area])\nth.vmv.v.v v8, v15");
    LOAD(8, 1, "vlseg3bff field 2", "th.vlseg3bff.v v8, (%[area])\nth.vmv.v.v v8, v10");
    LOAD(8, 1, "vlxseg4b field 3", "th.vmv.v.v v11, v16\nth.vlxseg4b.v v8, (%[area]), v24, v0.t\nth.vmv.v.v v8, v11");
    STORE(8, 1, "vssseg5b", "th.vlseg5bu.v v8, (%[a])\nth.vssseg5b.v v8, (%[area]), %[step], v0.t");
    STORE(8, 1, "vsxseg2e", "th.vmv.v.v v9, v16\nth.vsxseg2e.v v8, (%[area]), v24");
}

#define AMO(W, M, name, text) \
    do { \
        clear(); \
        for (int i = 0; i < 40; i++) \
            area[i] = 0x8000000000000001ULL * (uint64_t)i; \
        __asm__ volatile(".option push\n.option arch, +xtheadzvamo\n" BEFORE(W, M) text \
                         "\n.option pop\nth.vsetvli zero, %[n], e" #W ", m" #M "\nth.vse.v v16, (%[out])" \
                         : : INPUTS : "a0", REGISTERS); \
        show(name, out, W / 8, N); \
        show("  memory", area, 8, 40); \
    } while (0)

static NOINLINE void amos(void)
{
    put("-- AMOs\n");
    fill(32);
    AMO(32, 4, "vamoaddw", "th.vamoaddw.v v16, v24, (%[area]), v16");
    AMO(32, 4, "vamoswapw masked", "th.vamoswapw.v v16, v24, (%[area]), v16, v0.t");
    AMO(32, 4, "vamomaxw", "th.vamomaxw.v v16, v24, (%[area]), v16");
    AMO(32, 4, "vamominuw", "th.vamominuw.v v16, v24, (%[area]), v16");
    fill(64);
    for (int i = 0; i < N; i++)
        b[i] *= 2;
    AMO(64, 8, "vamoxord", "th.vamoxord.v v16, v24, (%[area]), v16");
    AMO(64, 8, "vamoandd masked", "th.vamoandd.v v16, v24, (%[area]), v16, v0.t");
    AMO(64, 8, "vamoord", "th.vamoord.v v16, v24, (%[area]), v16");
    AMO(64, 8, "vamomind", "th.vamomind.v v16, v24, (%[area]), v16");
    AMO(64, 8, "vamomaxud", "th.vamomaxud.v v16, v24, (%[area]), v16");
}

/* f32 or f64 from small numbers, with a zero, an infinity and a quiet NaN. */
static NOINLINE void floats(int bits)
{
    static const double values[2][N] = {
        {1.5, -2.25, 1e10, 0.1, -0.0, 3, 1e-30, -7, 0.75, 100, 2, -1e20, 5, 6, 7, 8},
        {2.5, 4, -1e10, 0.3, 0.0, 3, 1e-20, 9, -0.5, 0.01, 2, 1e-5, 9, 10, 11, 12},
    };
    uint64_t infinity = 0x7ff0000000000000ULL, nan = 0x7ff8000000000000ULL;
    for (int i = 0; i < N; i++) {
        if (bits == 32) {
            ((float *)a)[i] = (float)values[0][i];
            ((float *)b)[i] = (float)values[1][i];
            ((float *)old)[i] = (float)(i - 4);
        } else {
            ((double *)a)[i] = values[0][i];
            ((double *)b)[i] = values[1][i];
            ((double *)old)[i] = i - 4;
        }
    }
    if (bits == 32) {
        ((uint32_t *)a)[10] = 0x7f800000;
        ((uint32_t *)b)[11] = 0x7fc00000;
    } else {
        a[10] = infinity;
        b[11] = nan;
    }
}

#define FLOAT(W, M) \
    static NOINLINE void float##W(void) \
    { \
        put("-- f" #W "\n"); \
        floats(W); \
        RESULT(W, M, W, M, "vfadd", "th.vfadd.vv v8, v16, v24"); \
        RESULT(W, M, W, M, "vfsub masked", "th.vfsub.vv v8, v16, v24, v0.t"); \
        RESULT(W, M, W, M, "vfdiv", "th.vfdiv.vv v8, v16, v24"); \
        RESULT(W, M, W, M, "vfsqrt", "th.vfsqrt.v v8, v16"); \
        RESULT(W, M, W, M, "vfmacc", "th.vfmacc.vv v8, v16, v24"); \
        RESULT(W, M, W, M, "vfnmsub masked", "th.vfnmsub.vv v8, v16, v24, v0.t"); \
        RESULT(W, M, W, M, "vfmax", "th.vfmax.vv v8, v16, v24"); \
        RESULT(W, M, W, M, "vfsgnjx", "th.vfsgnjx.vv v8, v16, v24"); \
        RESULT(W, M, W, M, "vfclass", "th.vfclass.v v8, v16"); \
        RESULT(W, M, W, M, "vfcvt.x.f", "th.vfcvt.x.f.v v8, v16"); \
        RESULT(W, M, W, M, "vfcvt.f.xu", "th.vfcvt.f.xu.v v8, v16"); \
        RESULT(W, M, W, 1, "vfredosum", "li a0, 9\nth.vsetvli zero, a0, e" #W ", m" #M "\nth.vfredosum.vs v8, v16, v24"); \
        RESULT(W, M, W, 1, "vfredmin", "th.vfredmin.vs v8, v16, v24, v0.t"); \
        MASK(W, M, "vmford", "th.vmford.vv v6, v16, v24\nth.vsetvli zero, %[n], e8, m1\nth.vmv.v.v v8, v6"); \
        MASK(W, M, "vmflt", "th.vmflt.vv v6, v16, v24\nth.vsetvli zero, %[n], e8, m1\nth.vmv.v.v v8, v6"); \
        SCALAR(W, M, "flags", "fsflags zero\nth.vfmul.vv v8, v16, v24\nth.vmflt.vv v6, v16, v24\nfrflags a0"); \
        SCALAR(W, M, "vfmv.f.s", "th.vfmv.f.s fa0, v16\nfmv.x.d a0, fa0"); \
    }
FLOAT(32, 4)
FLOAT(64, 8)

static NOINLINE void float_widths(void)
{
    put("-- f32 and f64\n");
    floats(32);
    RESULT(32, 4, 64, 8, "vfwadd", "th.vfwadd.vv v8, v16, v24");
    RESULT(32, 4, 64, 8, "vfwmul masked", READ_WIDE(32, 4, 64, 8, "v8", "old") "th.vfwmul.vv v8, v16, v24, v0.t");
    RESULT(32, 4, 64, 8, "vfwcvt", "th.vfwcvt.f.f.v v8, v16");
    floats(64);
    RESULT(32, 4, 32, 4, "vfncvt", READ_WIDE(32, 4, 64, 8, "v16", "a") "th.vfncvt.f.f.v v4, v16\nth.vmv.v.v v8, v4");
}

/* vxrm and vxsat in fcsr. */
static NOINLINE void mirrors(void)
{
    uint64_t fcsr, vxrm, vxsat, frm;
    __asm__ volatile("csrw fcsr, zero\ncsrwi vxrm, 3\ncsrwi vxsat, 1\ncsrr %0, fcsr\n" : "=r"(fcsr));
    put("-- fcsr ");
    put_hex(fcsr);
    __asm__ volatile("csrw fcsr, %4\ncsrr %0, fcsr\ncsrr %1, vxrm\ncsrr %2, vxsat\ncsrr %3, frm\ncsrw fcsr, zero"
                     : "=&r"(fcsr), "=&r"(vxrm), "=&r"(vxsat), "=&r"(frm) : "r"(0x57fUL));
    put(" ");
    put_hex(fcsr);
    put(", vxrm ");
    put_dec(vxrm);
    put(", vxsat ");
    put_dec(vxsat);
    put(", frm ");
    put_dec(frm);
    put("\n");
}

/* How vsetvl answers for all types, against what the manual says. */
static NOINLINE void lengths(void)
{
    uint64_t bytes, wrong = 0, vills = 0;
    __asm__ volatile("th.vsetvli %0, zero, e8, m1" : "=r"(bytes) : : "vl", "vtype");
    for (uint64_t type = 0; type < 256; type++) {
        uint64_t log = type & 3, sew = type >> 2 & 7, most, vl, got;
        __asm__ volatile("th.vsetvl %0, zero, %2\n csrr %1, vtype" : "=r"(most), "=r"(got) : "r"(type) : "vl", "vtype");
        if (sew > 3 || type >> 5) {
            vills++;
            wrong += most != 0 || got != 1ULL << 63;
            continue;
        }
        uint64_t expected = (bytes >> sew) << log;
        wrong += most != expected || got != type;
        for (uint64_t avl = 0; avl <= expected; avl++) {
            __asm__ volatile("th.vsetvl %0, %1, %2" : "=r"(vl) : "r"(avl), "r"(type) : "vl", "vtype");
            wrong += vl != avl;
        }
        __asm__ volatile("th.vsetvl %0, %1, %2" : "=r"(vl) : "r"(2 * most), "r"(type) : "vl", "vtype");
        wrong += vl != most;
        /* Not "keep vl", as in V 1.0. */
        __asm__ volatile("th.vsetvl zero, %1, %2\nth.vsetvl zero, zero, %2\ncsrr %0, vl"
                         : "=&r"(vl) : "r"(1), "r"(type) : "vl", "vtype");
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
    same8();
    same16();
    same32();
    same64();
    wide8();
    wide16();
    wide32();
    masks();
    memory8();
    memory16();
    memory32();
    memory64();
    segments();
    amos();
    float32();
    float64();
    float_widths();
    mirrors();
    lengths();
    return 0;
}
