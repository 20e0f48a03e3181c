/* Signals that come from faults: what the handler is told, and going on after
 * it has changed registers, memory or the program counter. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "suite.h"

static char *wanted;                /* the address that should fault */
static void *instruction;           /* the instruction that should fault */
static volatile int skip, opened;   /* what the handler does about it */
static int no_code;                 /* do not print si_code */
static sigjmp_buf escape;

static void on_fault(int number, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    unsigned long pc = uc->uc_mcontext.__gregs[REG_PC];
    printf("signal %d, code %d", number, no_code ? 0 : info->si_code);
    if (wanted)
        printf(", address right %d", info->si_addr == (void *)wanted);
    if (instruction)
        printf(", pc right %d", pc == (unsigned long)instruction);
    printf("\n");
    if (opened) {
        opened = 0;
        mprotect((void *)((unsigned long)wanted & ~4095UL), 4096, PROT_READ | PROT_WRITE);
    } else if (skip) {
        uc->uc_mcontext.__gregs[REG_PC] = pc + 4;
        uc->uc_mcontext.__gregs[REG_A0] = 12345;
        uc->uc_mcontext.__gregs[REG_A0 + 1] += 1;
        double value = -2.5;
        memcpy(&uc->uc_mcontext.__fpregs.__d.__f[10], &value, 8);
    } else {
        siglongjmp(escape, number);
    }
}

/* A 4-byte instruction with a known address. */
#define FAULTING(text)                                                                                  \
    __asm__ volatile("la %0, 1f\n sd %0, %4\n .option push\n .option norvc\n1: " text "\n .option pop"  \
                     : "=&r"(scratch), "+r"(a0), "+r"(a1), "+f"(fa0), "=m"(instruction)                 \
                     :: "memory")

static void try_escape(const char *what, void (*action)(void))
{
    printf("%s: ", what);
    if (sigsetjmp(escape, 1) == 0) {
        action();
        printf("no fault\n");
    }
}

static void load_null(void) { *(volatile int *)wanted; }
static void jump_null(void) { ((void (*)(void))wanted)(); }

static int recursion(int n)
{
    volatile char area[4096];
    area[0] = (char)n;
    return recursion(n + 1) + area[0];
}

static void overflow(void) { recursion(0); }

TEST(faults)
{
    static char stack_memory[65536];
    stack_t stack = {.ss_sp = stack_memory, .ss_size = sizeof stack_memory};
    sigaltstack(&stack, 0);
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    for (int i = 0; i < 4; i++)
        sigaction((int[]){SIGSEGV, SIGILL, SIGTRAP, SIGBUS}[i], &action, 0);
    register long a0 __asm__("a0") = 0;
    register long a1 __asm__("a1") = 0;
    register double fa0 __asm__("fa0") = 0;
    long scratch;
    char *pages = mmap(0, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    /* skip the faulting instruction, set its result */
    skip = 1;
    wanted = (char *)0x18;
    a1 = (long)wanted;
    FAULTING("ld a0, 0(a1)");
    printf("a0 %ld, a1 %ld, fa0 %g\n", a0, a1, fa0);
    munmap(pages + 4096, 4096);
    wanted = pages + 4096;
    a1 = (long)wanted;
    FAULTING("sd a0, 0(a1)");
    SHOW(a1 - (long)wanted);
    a1 = (long)wanted - 4; /* the second half of a misaligned load */
    FAULTING("ld a0, 0(a1)");
    SHOW(a0);
    wanted = 0;
    a0 = 0;
    FAULTING(".4byte 0xffffffff");
    SHOW(a0);
    a0 = 0;
    FAULTING("csrr a0, mstatus");
    SHOW(a0);
    a0 = 0;
    FAULTING("ebreak");
    SHOW(a0);

    /* open the page, then run the instruction again */
    skip = 0;
    opened = 1;
    wanted = pages + 8192 + 40;
    mprotect(pages + 8192, 4096, PROT_READ);
    a0 = 77;
    a1 = (long)wanted;
    FAULTING("sd a0, 0(a1)");
    SHOW(*(long *)wanted);
    opened = 1;
    mprotect(pages + 8192, 4096, PROT_NONE);
    a1 = (long)wanted;
    a0 = 0;
    FAULTING("ld a0, 0(a1)");
    SHOW(a0);

    /* leave by a jump */
    instruction = 0;
    wanted = (char *)0x1234560;
    try_escape("load", load_null);
    try_escape("jump", jump_null);
    mprotect(pages + 12288, 4096, PROT_READ | PROT_WRITE);
    wanted = pages + 12288;
    try_escape("jump to data", jump_null);
    wanted = (char *)-64L;
    try_escape("high address", load_null);
    wanted = 0;
    no_code = 1; /* QEMU's stack ends in a guard page, Linux's in nothing */
    try_escape("stack overflow", overflow);
    no_code = 0;

    /* behind the end of a file */
    if (argc > 1 && chdir(argv[1]) == 0) {
        int fd = open("short", O_CREAT | O_RDWR | O_TRUNC, 0600);
        SHOW(write(fd, "abc", 3));
        char *map = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        printf("%c %d\n", map[2], map[100]);
        wanted = map + 4096;
        try_escape("behind the end of the file", load_null);
        SHOW(unlink("short"));
    }
    return 0;
}
