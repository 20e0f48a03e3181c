/* Machine-mode traps and interrupts: what the CSRs hold after each. */
#include "htif.h"

#define CSR_READ(csr) ({ uint64_t v_; __asm__ volatile("csrr %0, " #csr : "=r"(v_)); v_; })
#define CSR_WRITE(csr, v) __asm__ volatile("csrw " #csr ", %0" :: "r"((uint64_t)(v)) : "memory")
#define CSR_SET(csr, v) __asm__ volatile("csrs " #csr ", %0" :: "r"((uint64_t)(v)) : "memory")
#define CSR_CLEAR(csr, v) __asm__ volatile("csrc " #csr ", %0" :: "r"((uint64_t)(v)) : "memory")

#define MIE (1ul << 3)
#define MPIE (1ul << 7)
#define MPP (3ul << 11)
#define FS (3ul << 13)
#define MSI (1ul << 3)
#define MTI (1ul << 7)
#define INTERRUPT (1ul << 63)

#define MSIP (*(volatile uint32_t *)0x2000000)
#define MTIMECMP (*(volatile uint64_t *)0x2004000)
#define MTIME (*(volatile uint64_t *)0x200bff8)

static volatile uint64_t cause, epc, tval, status, taken, vectored;
static void *volatile resume; /* where a trap from U mode goes on in M mode, if anywhere */

void trap(uint64_t *frame)
{
    cause = CSR_READ(mcause);
    epc = CSR_READ(mepc);
    tval = CSR_READ(mtval);
    status = CSR_READ(mstatus) & (MIE | MPIE | MPP);
    taken++;
    if (cause & INTERRUPT) {
        if ((cause & 63) == 7)
            MTIMECMP = -1ul;
        else
            MSIP = 0;
        return;
    }
    if (resume) {
        CSR_WRITE(mepc, resume);
        CSR_SET(mstatus, MPP);
        resume = 0;
    } else if (cause == 1 || (cause == 2 && epc == 0)) {
        CSR_WRITE(mepc, frame[1]); /* a jump into nowhere: return to the caller */
    } else {
        CSR_WRITE(mepc, epc + ((*(uint16_t *)epc & 3) == 3 ? 4 : 2));
    }
}

/* Runs one instruction at a known address; says what it did. */
#define RUN(text, ...)                                                                               \
    do {                                                                                             \
        uint64_t where_;                                                                             \
        taken = 0;                                                                                   \
        __asm__ volatile("la %0, 1f\n .option push\n .option norvc\n1: " text "\n .option pop"       \
                         : "=&r"(where_) : __VA_ARGS__ : "ra", "a0", "memory");                      \
        report(text, where_);                                                                        \
    } while (0)

static void report(const char *what, uint64_t where)
{
    put(what);
    if (!taken) {
        put(": no trap\n");
        return;
    }
    put(": cause ");
    put_hex(cause);
    put(", tval ");
    put_hex(tval);
    put(epc == where ? ", epc right" : epc == tval ? ", epc = tval" : ", epc WRONG");
    show(", status", status);
}

/* Calls `code` in U mode; the next trap comes back. */
static __attribute__((noinline)) void in_user_mode(void (*code)(void))
{
    taken = 0;
    CSR_CLEAR(mstatus, MPP);
    __asm__ volatile("la t0, 1f\n sd t0, %0\n csrw mepc, %1\n mv s2, sp\n la sp, user_stack_top\n mret\n"
                     "1: mv sp, s2"
                     : "=m"(resume) : "r"(code)
                     : "ra", "t0", "t1", "t2", "s2", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t3", "t4", "t5",
                       "t6", "memory");
    CSR_CLEAR(mstatus, MIE);
}

static void user_ecall(void) { __asm__ volatile("ecall"); }
static void user_csr(void) { __asm__ volatile("csrr a0, mscratch" ::: "a0"); }
static void user_mret(void) { __asm__ volatile("mret"); }
static void user_cycle(void) { __asm__ volatile("rdcycle a0\n ecall" ::: "a0"); }
static void user_break(void) { __asm__ volatile("ebreak"); }
static void user_load(void) { *(volatile int *)0x40000000; }

static void from_user(const char *what, void (*code)(void))
{
    in_user_mode(code);
    put(what);
    show(": cause", cause);
    show("  status", status);
}

/* An interrupt table: each entry says which one was taken. */
__asm__(".align 8\n"
        ".option push\n .option norvc\n"
        "table: j trap_entry\n"
        ".rept 2\n j .\n .endr\n"
        "j vector_software\n"
        ".rept 3\n j .\n .endr\n"
        "j vector_timer\n"
        ".option pop\n"
        "vector_software: csrw 0x340, t0\n la t0, vectored\n sd t0, 0(t0)\n j 1f\n"
        "vector_timer: csrw 0x340, t0\n la t0, vectored\n sd gp, 0(t0)\n"
        "1: la t0, trap_stack_top\n csrrw t0, mscratch, t0\n j trap_entry\n");
extern char table[], trap_entry[];

static void wait_for(const char *what)
{
    put(what);
    show(": cause", cause);
    show("  status", status);
}

int main(void)
{
    /* Let U mode reach all memory, where there is a PMP. */
    CSR_WRITE(pmpaddr0, -1ul);
    CSR_WRITE(pmpcfg0, 0x1f);

    show("mhartid", CSR_READ(mhartid));
    show("misa & (MXL, IMAFDC, U)", CSR_READ(misa) & (3ul << 62 | 0x10112d));
    CSR_WRITE(mtvec, (uint64_t)table | 1);
    show("mtvec", CSR_READ(mtvec) - (uint64_t)table);
    CSR_WRITE(mtvec, trap_entry);

    RUN(".4byte 0xffffffff", "r"(0));
    RUN(".2byte 0", "r"(0));
    RUN("ecall", "r"(0));
    RUN("csrr a0, 0x123", "r"(0));
    RUN("csrw mhartid, a0", "r"(0));
    RUN("csrw cycle, a0", "r"(0));
    RUN("csrr a0, mhartid", "r"(0));
    RUN("lw a0, 0(%1)", "r"(0x40000000));
    RUN("sd a0, 8(%1)", "r"(0x40000000));
    RUN("amoadd.w a0, a0, (%1)", "r"(0x40000000));
    RUN("lr.d a0, (%1)", "r"(0x40000000));
    RUN("jalr %1", "r"(0x40000000));
    taken = 0;
    __asm__ volatile("ebreak");
    show("ebreak: cause", cause);
    static uint64_t cells[3] = {0x1122334455667788, 0x99aabbccddeeff00, 0};
    uint64_t value;
    taken = 0;
    __asm__ volatile("ld %0, 3(%1)\n sd %0, 13(%1)" : "=&r"(value) : "r"(cells) : "memory");
    show("misaligned load", value);
    show("misaligned store", cells[2]);
    show("traps", taken);

    /* floating point is off until mstatus.FS allows it */
    CSR_CLEAR(mstatus, FS);
    RUN("fadd.d fa0, fa0, fa0", "r"(0));
    RUN("csrr a0, fcsr", "r"(0));
    CSR_SET(mstatus, 1ul << 13);
    RUN("fmv.d.x fa0, zero", "r"(0));
    show("FS after a write", (CSR_READ(mstatus) & FS) >> 13);
    show("SD", CSR_READ(mstatus) >> 63);

    from_user("ecall from U", user_ecall);
    from_user("CSR from U", user_csr);
    from_user("mret from U", user_mret);
    from_user("ebreak from U", user_break);
    from_user("bad load from U", user_load);
    CSR_WRITE(mcounteren, 0);
    from_user("rdcycle from U, not enabled", user_cycle);
    CSR_WRITE(mcounteren, 1);
    CSR_WRITE(0x106, 1); /* scounteren, where there is an S mode; else this traps */
    from_user("rdcycle from U, enabled", user_cycle);

    /* counters */
    CSR_WRITE(minstret, 0x100000000);
    CSR_WRITE(mcycle, 0x200000000);
    show("minstret counts on", CSR_READ(minstret) >= 0x100000000 && CSR_READ(minstret) < 0x180000000);
    show("mcycle counts on", CSR_READ(mcycle) >= 0x200000000 && CSR_READ(mcycle) < 0x280000000);

    /* timer: taken while working */
    MTIMECMP = -1ul;
    CSR_WRITE(mie, MTI);
    CSR_SET(mstatus, MIE);
    taken = 0;
    MTIMECMP = MTIME + 2000;
    while (!taken)
        ;
    wait_for("timer while working");
    /* while waiting */
    taken = 0;
    MTIMECMP = MTIME + 20000;
    while (!taken)
        __asm__ volatile("wfi");
    wait_for("timer in wfi");
    show("mip", CSR_READ(mip) & (MTI | MSI));
    /* wfi wakes for an enabled interrupt even when mstatus.MIE is clear */
    CSR_CLEAR(mstatus, MIE);
    taken = 0;
    MTIMECMP = MTIME + 20000;
    while (!(CSR_READ(mip) & MTI))
        __asm__ volatile("wfi");
    show("taken", taken);
    show("mip", CSR_READ(mip) & (MTI | MSI));
    show("mtime reached", MTIME >= MTIMECMP);

    /* software before timer */
    CSR_WRITE(mie, MTI | MSI);
    MSIP = 1;
    show("mip", CSR_READ(mip) & (MTI | MSI));
    CSR_SET(mstatus, MIE);
    while (taken < 1)
        ;
    CSR_CLEAR(mstatus, MIE);
    show("taken", taken);
    wait_for("last taken");

    /* from U mode interrupts are taken whatever mstatus.MIE says */
    MSIP = 1;
    in_user_mode(user_ecall);
    show("software, then ecall", taken);
    wait_for("last taken");

    /* vectored */
    CSR_WRITE(mtvec, (uint64_t)table | 1);
    MSIP = 1;
    taken = 0;
    CSR_SET(mstatus, MIE);
    while (!taken)
        ;
    CSR_CLEAR(mstatus, MIE);
    show("vectored software", vectored == (uint64_t)&vectored);
    wait_for("vectored");
    RUN("ecall", "r"(0));
    CSR_WRITE(mtvec, trap_entry);

    /* new code needs fence.i */
    static uint32_t code[2] = {0x00100513, 0x00008067}; /* li a0, 1; ret */
    show("code", (uint64_t)((long (*)(void))code)());
    code[0] = 0x00200513;
    __asm__ volatile("fence.i" ::: "memory");
    show("code", (uint64_t)((long (*)(void))code)());
    return 0;
}
