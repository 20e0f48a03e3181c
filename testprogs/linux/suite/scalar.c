/* Every scalar instruction that has a result, on operands biased to corners: the
 * first results in full, a checksum over all. Extensions beyond RV64GC come in
 * through `.option arch`. */
#include <stdatomic.h>

#include "suite.h"

#define ARCH                                                                                                     \
    ".option push\n .option arch, +zba, +zbb, +zbs, +zbc, +zbkb, +zbkx, +zicond, +zfa, +zfh, +zfbfmin, +zacas, " \
    "+zabha, +zcb, +zimop, +zcmop, +zicboz, +zicbom, +zicbop, +zawrs, +zihintpause, +zihintntl, +zfhmin\n"
#define END "\n .option pop"

static const uint64_t corners[] = {
    0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
    0x7fffffffffffffff, 0x8000000000000000, 0xfffffffffffffffe, 0xffffffffffffffff,
    0x0123456789abcdef, 0xfedcba9876543210, 0xaaaaaaaa55555555, 0x00ff00ff00ff00ff,
};
#define CORNERS (sizeof corners / sizeof *corners)

static uint64_t sum;
static int shown;

static void begin(const char *name)
{
    printf("%-18s", name);
    sum = 0;
    shown = 0;
}

static void add(uint64_t value)
{
    sum = (sum ^ value) * 0x100000001b3;
    if (shown++ % 37 == 5 && shown < 150)
        printf(" %llx", (unsigned long long)value);
}

static void finish(void)
{
    printf(" : %016llx\n", (unsigned long long)sum);
}

/* rd, rs1, rs2 */
#define R2(op)                                                                                         \
    do {                                                                                               \
        begin(op);                                                                                     \
        for (size_t i = 0; i < CORNERS; i++)                                                           \
            for (size_t j = 0; j < CORNERS; j++) {                                                     \
                uint64_t r;                                                                            \
                __asm__ volatile(ARCH op " %0, %1, %2" END : "=r"(r) : "r"(corners[i]), "r"(corners[j])); \
                add(r);                                                                                \
            }                                                                                          \
        finish();                                                                                      \
    } while (0)

/* rd, rs1, and perhaps an immediate in `more` */
#define R1(op, more)                                                                                   \
    do {                                                                                               \
        begin(op more);                                                                                \
        for (size_t i = 0; i < CORNERS; i++) {                                                         \
            uint64_t r;                                                                                \
            __asm__ volatile(ARCH op " %0, %1" more END : "=r"(r) : "r"(corners[i]));                  \
            add(r);                                                                                    \
        }                                                                                              \
        finish();                                                                                      \
    } while (0)

/* compressed: rd is rs1, in x8..x15 */
#define C1(op)                                                                                         \
    do {                                                                                               \
        begin(op);                                                                                     \
        for (size_t i = 0; i < CORNERS; i++) {                                                         \
            register uint64_t r __asm__("a5") = corners[i];                                            \
            __asm__ volatile(ARCH op END : "+r"(r));                                                   \
            add(r);                                                                                    \
        }                                                                                              \
        finish();                                                                                      \
    } while (0)

#define C2(op)                                                                                         \
    do {                                                                                               \
        begin(op);                                                                                     \
        for (size_t i = 0; i < CORNERS; i++)                                                           \
            for (size_t j = 0; j < CORNERS; j++) {                                                     \
                register uint64_t r __asm__("a5") = corners[i];                                        \
                register uint64_t s __asm__("a4") = corners[j];                                        \
                __asm__ volatile(ARCH op END : "+r"(r) : "r"(s));                                      \
                add(r);                                                                                \
            }                                                                                          \
        finish();                                                                                      \
    } while (0)

static void integer(void)
{
    R2("add"); R2("sub"); R2("sll"); R2("slt"); R2("sltu"); R2("xor"); R2("srl"); R2("sra"); R2("or"); R2("and");
    R2("addw"); R2("subw"); R2("sllw"); R2("srlw"); R2("sraw");
    R2("mul"); R2("mulh"); R2("mulhsu"); R2("mulhu"); R2("div"); R2("divu"); R2("rem"); R2("remu");
    R2("mulw"); R2("divw"); R2("divuw"); R2("remw"); R2("remuw");
    R1("addi", ", -2048"); R1("slti", ", -1"); R1("sltiu", ", -1"); R1("xori", ", 0x555"); R1("ori", ", -1000");
    R1("andi", ", 0x7f0"); R1("slli", ", 63"); R1("srli", ", 33"); R1("srai", ", 40"); R1("addiw", ", 2047");
    R1("slliw", ", 31"); R1("srliw", ", 7"); R1("sraiw", ", 19");
}

static void bits(void)
{
    R2("sh1add"); R2("sh2add"); R2("sh3add"); R2("add.uw"); R2("sh1add.uw"); R2("sh2add.uw"); R2("sh3add.uw");
    R1("slli.uw", ", 17"); R2("andn"); R2("orn"); R2("xnor"); R1("clz", ""); R1("ctz", ""); R1("cpop", "");
    R1("clzw", ""); R1("ctzw", ""); R1("cpopw", ""); R2("max"); R2("maxu"); R2("min"); R2("minu");
    R1("sext.b", ""); R1("sext.h", ""); R1("zext.h", ""); R2("rol"); R2("ror"); R1("rori", ", 45"); R2("rolw");
    R2("rorw"); R1("roriw", ", 13"); R1("orc.b", ""); R1("rev8", ""); R2("bclr"); R2("bext"); R2("binv"); R2("bset");
    R1("bclri", ", 63"); R1("bexti", ", 31"); R1("binvi", ", 32"); R1("bseti", ", 5"); R2("clmul"); R2("clmulh");
    R2("clmulr"); R2("pack"); R2("packh"); R2("packw"); R1("brev8", ""); R2("xperm4"); R2("xperm8");
    R2("czero.eqz"); R2("czero.nez"); R1("mop.r.0", ""); R1("mop.r.31", ""); R2("mop.rr.0"); R2("mop.rr.7");
}

static void compressed(void)
{
    C1("c.addi %0, -32"); C1("c.addiw %0, 31"); C1("c.li %0, -32"); C1("c.lui %0, 0xfffe0"); C1("c.srli %0, 63");
    C1("c.srai %0, 40"); C1("c.andi %0, -5"); C1("c.slli %0, 33"); C2("c.mv %0, %1"); C2("c.add %0, %1");
    C2("c.sub %0, %1"); C2("c.xor %0, %1"); C2("c.or %0, %1"); C2("c.and %0, %1"); C2("c.subw %0, %1");
    C2("c.addw %0, %1"); C1("c.zext.b %0"); C1("c.sext.b %0"); C1("c.zext.h %0"); C1("c.sext.h %0"); C1("c.zext.w %0");
    C1("c.not %0"); C2("c.mul %0, %1"); C1("c.mop.1"); C1("c.mop.15");
    static uint8_t memory[16] = {0x80, 0x7f, 0xff, 0x81, 1, 2, 3, 0xfe};
#define LOAD(op)                                                                                       \
    do {                                                                                               \
        uint64_t r;                                                                                    \
        begin(op);                                                                                     \
        __asm__ volatile(ARCH "mv a3, %1\n" op "\n mv %0, a5" END : "=r"(r) : "r"(memory) : "a3", "a5"); \
        shown = 5;                                                                                     \
        add(r);                                                                                        \
        finish();                                                                                      \
    } while (0)
    LOAD("c.lbu a5, 3(a3)"); LOAD("c.lhu a5, 2(a3)"); LOAD("c.lh a5, 2(a3)"); LOAD("c.lw a5, 4(a3)");
    LOAD("c.ld a5, 0(a3)"); LOAD("lb a5, 2(a3)"); LOAD("lbu a5, 2(a3)"); LOAD("lh a5, 1(a3)"); LOAD("lhu a5, 1(a3)");
    LOAD("lw a5, 0(a3)"); LOAD("lwu a5, 0(a3)"); LOAD("lw a5, 1(a3)"); LOAD("ld a5, 3(a3)");
}

/* ---- floating point: values as bits; the flags are part of the result ---- */

static const uint64_t doubles[] = {
    0, 0x8000000000000000, 0x3ff0000000000000, 0xbff8000000000000, 0x3fb999999999999a, 0x7ff0000000000000,
    0xfff0000000000000, 0x7ff8000000000000, 0x7ff0000000000001, 0xfff8000000000123, 1, 0x000fffffffffffff,
    0x0010000000000000, 0x7fefffffffffffff, 0x43e0000000000000, 0xc3e0000000000001, 0x41dfffffffc00000, 0x40a0000000000001,
};
static const uint64_t singles[] = {
    0xffffffff00000000, 0xffffffff80000000, 0xffffffff3f800000, 0xffffffffbfc00000, 0xffffffff3dcccccd,
    0xffffffff7f800000, 0xffffffffff800000, 0xffffffff7fc00000, 0xffffffff7f800001, 0xffffffff00000001,
    0xffffffff007fffff, 0xffffffff00800000, 0xffffffff7f7fffff, 0xffffffff5f000000, 0xffffffff4b7fffff,
    0x000000003f800000, 0xffffffffc2480000, 0xffffffff477ff000,
};
static const uint64_t halves[] = {
    0xffffffffffff0000, 0xffffffffffff8000, 0xffffffffffff3c00, 0xffffffffffffbe00, 0xffffffffffff2e66,
    0xffffffffffff7c00, 0xfffffffffffffc00, 0xffffffffffff7e00, 0xffffffffffff7c01, 0xffffffffffff0001,
    0xffffffffffff03ff, 0xffffffffffff0400, 0xffffffffffff7bff, 0xffffffffffff6bff, 0xffffffff3f803c00,
    0x0000000000003c00, 0xffffffffffffd640, 0xffffffffffff4248,
};
/* bf16; all boxed: QEMU 10 takes others for the canonical NaN of f16, not of bf16 */
static const uint64_t brains[] = {
    0xffffffffffff0000, 0xffffffffffff8000, 0xffffffffffff3f80, 0xffffffffffffbfc0, 0xffffffffffff3dcc,
    0xffffffffffff7f80, 0xffffffffffffff80, 0xffffffffffff7fc0, 0xffffffffffff7f81, 0xffffffffffff0001,
    0xffffffffffff007f, 0xffffffffffff0080, 0xffffffffffff7f7f, 0xffffffffffff4b7f, 0xffffffffffffffc1,
    0xffffffffffffc248, 0xffffffffffff477f, 0xffffffffffff8001,
};
#define VALUES 18

static const uint64_t *const tables[] = {doubles, singles, halves, brains};
enum { D, S, H, B };

static uint64_t flags(void)
{
    uint64_t f;
    __asm__ volatile("fsflags %0, zero" : "=r"(f));
    return f;
}

#define FLOAT3(op, table, mode)                                                                                      \
    do {                                                                                                             \
        begin(op);                                                                                                   \
        const uint64_t *t = tables[table];                                                                           \
        for (size_t i = 0; i < VALUES; i++)                                                                          \
            for (size_t j = 0; j < VALUES; j++)                                                                      \
                for (size_t k = 0; k < VALUES; k += 4) {                                                             \
                    uint64_t r;                                                                                      \
                    __asm__ volatile(ARCH "fmv.d.x fa0, %1\n fmv.d.x fa1, %2\n fmv.d.x fa2, %3\n" op                 \
                                          " fa0, fa0, fa1, fa2" mode "\n fmv.x.d %0, fa0" END                        \
                                     : "=r"(r) : "r"(t[i]), "r"(t[j]), "r"(t[k]) : "fa0", "fa1", "fa2");             \
                    add(r), add(flags());                                                                            \
                }                                                                                                    \
        finish();                                                                                                    \
    } while (0)

#define FLOAT2(op, table, mode)                                                                                      \
    do {                                                                                                             \
        begin(op mode);                                                                                              \
        const uint64_t *t = tables[table];                                                                           \
        for (size_t i = 0; i < VALUES; i++)                                                                          \
            for (size_t j = 0; j < VALUES; j++) {                                                                    \
                uint64_t r;                                                                                          \
                __asm__ volatile(ARCH "fmv.d.x fa0, %1\n fmv.d.x fa1, %2\n" op " fa0, fa0, fa1" mode                 \
                                      "\n fmv.x.d %0, fa0" END                                                       \
                                 : "=r"(r) : "r"(t[i]), "r"(t[j]) : "fa0", "fa1");                                   \
                add(r), add(flags());                                                                                \
            }                                                                                                        \
        finish();                                                                                                    \
    } while (0)

#define COMPARE(op, table)                                                                                           \
    do {                                                                                                             \
        begin(op);                                                                                                   \
        const uint64_t *t = tables[table];                                                                           \
        for (size_t i = 0; i < VALUES; i++)                                                                          \
            for (size_t j = 0; j < VALUES; j++) {                                                                    \
                uint64_t r;                                                                                          \
                __asm__ volatile(ARCH "fmv.d.x fa0, %1\n fmv.d.x fa1, %2\n" op " %0, fa0, fa1" END                   \
                                 : "=r"(r) : "r"(t[i]), "r"(t[j]) : "fa0", "fa1");                                   \
                add(r), add(flags());                                                                                \
            }                                                                                                        \
        finish();                                                                                                    \
    } while (0)

#define FLOAT1(op, table, mode)                                                                                      \
    do {                                                                                                             \
        begin(op mode);                                                                                              \
        const uint64_t *t = tables[table];                                                                           \
        for (size_t i = 0; i < VALUES; i++) {                                                                        \
            uint64_t r;                                                                                              \
            __asm__ volatile(ARCH "fmv.d.x fa0, %1\n" op " fa0, fa0" mode "\n fmv.x.d %0, fa0" END                   \
                             : "=r"(r) : "r"(t[i]) : "fa0");                                                         \
            add(r), add(flags());                                                                                    \
        }                                                                                                            \
        finish();                                                                                                    \
    } while (0)

#define TO_INT(op, table, mode)                                                                                      \
    do {                                                                                                             \
        begin(op mode);                                                                                              \
        const uint64_t *t = tables[table];                                                                           \
        for (size_t i = 0; i < VALUES; i++) {                                                                        \
            uint64_t r;                                                                                              \
            __asm__ volatile(ARCH "fmv.d.x fa0, %1\n" op " %0, fa0" mode END : "=r"(r) : "r"(t[i]) : "fa0");         \
            add(r), add(flags());                                                                                    \
        }                                                                                                            \
        finish();                                                                                                    \
    } while (0)

#define FROM_INT(op, mode)                                                                                           \
    do {                                                                                                             \
        begin(op mode);                                                                                              \
        for (size_t i = 0; i < CORNERS; i++) {                                                                       \
            uint64_t r;                                                                                              \
            __asm__ volatile(ARCH op " fa0, %1" mode "\n fmv.x.d %0, fa0" END : "=r"(r) : "r"(corners[i]) : "fa0");  \
            add(r), add(flags());                                                                                    \
        }                                                                                                            \
        finish();                                                                                                    \
    } while (0)

#define MODES1(what, op, table) \
    what(op, table, ", rne"); what(op, table, ", rtz"); what(op, table, ", rdn"); what(op, table, ", rup"); \
    what(op, table, ", rmm")
#define MODES_FROM(op) \
    FROM_INT(op, ", rne"); FROM_INT(op, ", rtz"); FROM_INT(op, ", rdn"); FROM_INT(op, ", rup"); FROM_INT(op, ", rmm")
#define EACH2(op, table) \
    FLOAT2(op, table, ", rne"); FLOAT2(op, table, ", rtz"); FLOAT2(op, table, ", rdn"); FLOAT2(op, table, ", rup"); \
    FLOAT2(op, table, ", rmm")

#define EXACT_FROM(op) FROM_INT(op, "")
/* `from_w`: conversions of words are exact in binary64 and take no rounding mode */
#define FORMAT(x, table, from_w)                                                                                    \
    do {                                                                                                    \
        EACH2("fadd." x, table); EACH2("fsub." x, table); EACH2("fmul." x, table); EACH2("fdiv." x, table); \
        MODES1(FLOAT1, "fsqrt." x, table);                                                                  \
        MODES1(FLOAT3_, "fmadd." x, table); MODES1(FLOAT3_, "fmsub." x, table);                             \
        MODES1(FLOAT3_, "fnmadd." x, table); MODES1(FLOAT3_, "fnmsub." x, table);                           \
        FLOAT2("fsgnj." x, table, ""); FLOAT2("fsgnjn." x, table, ""); FLOAT2("fsgnjx." x, table, "");      \
        FLOAT2("fmin." x, table, ""); FLOAT2("fmax." x, table, "");                                         \
        FLOAT2("fminm." x, table, ""); FLOAT2("fmaxm." x, table, "");                                       \
        COMPARE("feq." x, table); COMPARE("flt." x, table); COMPARE("fle." x, table);                       \
        COMPARE("fltq." x, table); COMPARE("fleq." x, table); TO_INT("fclass." x, table, "");               \
        MODES1(TO_INT, "fcvt.w." x, table); MODES1(TO_INT, "fcvt.wu." x, table);                            \
        MODES1(TO_INT, "fcvt.l." x, table); MODES1(TO_INT, "fcvt.lu." x, table);                            \
        from_w("fcvt." x ".w"); from_w("fcvt." x ".wu");                                                    \
        MODES_FROM("fcvt." x ".l"); MODES_FROM("fcvt." x ".lu");                                            \
        MODES1(FLOAT1, "fround." x, table); MODES1(FLOAT1, "froundnx." x, table);                           \
    } while (0)
#define FLOAT3_(op, table, mode) FLOAT3(op, table, mode)

#define FLI(x, n)                                                                                    \
    ({                                                                                               \
        uint64_t r;                                                                                  \
        __asm__ volatile(ARCH "fli." x " fa0, " n "\n fmv.x.d %0, fa0" END : "=r"(r) :: "fa0");      \
        add(r);                                                                                      \
    })
#define FLI_ALL(x)                                                                                             \
    begin("fli." x), FLI(x, "-1.0"), FLI(x, "min"), FLI(x, "0x1p-16"), FLI(x, "0x1p-15"), FLI(x, "0x1p-8"),    \
        FLI(x, "0.0625"), FLI(x, "0.3125"), FLI(x, "0.625"), FLI(x, "0.875"), FLI(x, "1.75"), FLI(x, "2.5"),   \
        FLI(x, "3"), FLI(x, "16"), FLI(x, "256"), FLI(x, "0x1p15"), FLI(x, "inf"), FLI(x, "nan"), finish()

static void floats(void)
{
    FORMAT("d", D, EXACT_FROM);
    FORMAT("s", S, MODES_FROM);
    FORMAT("h", H, MODES_FROM);
    MODES1(FLOAT1, "fcvt.s.d", D);
    MODES1(FLOAT1, "fcvt.h.d", D);
    MODES1(FLOAT1, "fcvt.h.s", S);
    FLOAT1("fcvt.d.s", S, ""); FLOAT1("fcvt.d.h", H, ""); FLOAT1("fcvt.s.h", H, "");
    MODES1(FLOAT1, "fcvt.bf16.s", S);
    FLOAT1("fcvt.s.bf16", B, "");
    TO_INT("fcvtmod.w.d", D, ", rtz");
    TO_INT("fmv.x.w", D, ""); TO_INT("fmv.x.h", D, "");
    FROM_INT("fmv.w.x", ""); FROM_INT("fmv.h.x", "");
    FLI_ALL("d");
    FLI_ALL("s");
    FLI_ALL("h");
}

/* ---- atomics of Zabha and Zacas; the reservation, cache blocks and hints ---- */

#define AMO(op, size)                                                                                              \
    do {                                                                                                           \
        begin(op);                                                                                                 \
        for (size_t i = 0; i < CORNERS; i++)                                                                       \
            for (size_t j = 0; j < CORNERS; j++) {                                                                 \
                uint64_t cell = corners[i], old;                                                                   \
                __asm__ volatile(ARCH op " %0, %2, (%1)" END : "=&r"(old)                                          \
                                 : "r"((char *)&cell + (8 - size)), "r"(corners[j]) : "memory");                   \
                add(cell), add(old);                                                                               \
            }                                                                                                      \
        finish();                                                                                                  \
    } while (0)
#define AMO_SIZE(x, size)                                                                                          \
    AMO("amoswap." x, size); AMO("amoadd." x, size); AMO("amoxor." x, size); AMO("amoand." x, size);               \
    AMO("amoor." x, size); AMO("amomin." x, size); AMO("amomax." x, size); AMO("amominu." x, size);                \
    AMO("amomaxu." x, size)
#define CAS(x, size)                                                                                               \
    do {                                                                                                           \
        begin("amocas." x);                                                                                        \
        for (size_t i = 0; i < CORNERS; i++)                                                                       \
            for (size_t j = 0; j < CORNERS; j++) {                                                                 \
                uint64_t cell = corners[i], old = corners[j];                                                      \
                __asm__ volatile(ARCH "amocas." x " %0, %2, (%1)" END : "+r"(old)                                  \
                                 : "r"(&cell), "r"(corners[(i + j) % CORNERS]) : "memory");                        \
                add(cell), add(old);                                                                               \
            }                                                                                                      \
        finish();                                                                                                  \
    } while (0)

static void memory(void)
{
    AMO_SIZE("b", 1);
    AMO_SIZE("h", 2);
    AMO_SIZE("w", 4);
    AMO_SIZE("d", 8);
    CAS("b", 1);
    CAS("h", 2);
    CAS("w", 4);
    CAS("d", 8);
    begin("amocas.q");
    static _Alignas(16) uint64_t pair[2] = {1, 2};
    for (int i = 0; i < 3; i++) {
        register uint64_t low __asm__("a2") = 1, high __asm__("a3") = 2, new_low __asm__("a4") = 30,
                               new_high __asm__("a5") = 40;
        __asm__ volatile(ARCH "amocas.q a2, a4, (%2)" END : "+r"(low), "+r"(high)
                         : "r"(pair), "r"(new_low), "r"(new_high) : "memory");
        add(low), add(high), add(pair[0]), add(pair[1]);
    }
    finish();

    static _Alignas(64) char block[192];
    memset(block, 1, sizeof block);
    __asm__ volatile(ARCH "cbo.zero (%0)" END :: "r"(block + 64 + 17) : "memory");
    int ones = 0;
    for (size_t i = 0; i < sizeof block; i++)
        ones += block[i] == 1 && (i < 64 || i >= 128);
    printf("cbo.zero: %d bytes left, first %d, last %d\n", ones, block[64], block[127]);
    __asm__ volatile(ARCH "prefetch.i 0(%0)\n prefetch.r 32(%0)\n prefetch.w 64(%0)\n pause\n ntl.all\n ld zero, 0(%0)\n"
                          "c.ntl.p1\n ld zero, 0(%0)\n fence\n fence.tso\n fence rw, w" END :: "r"(block) : "memory");
    printf("hints done\n");
}

TEST(scalar)
{
    const char *part = argc > 1 ? argv[1] : "";
    if (strcmp(part, "integer") == 0)
        integer(), bits(), compressed();
    else if (strcmp(part, "float") == 0)
        floats();
    else if (strcmp(part, "memory") == 0)
        memory();
    else
        return 2;
    return 0;
}
