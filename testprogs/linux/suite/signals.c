/* Signals that are sent: delivery, masks, queues, stacks. For signals that come
 * from faults see faults.c. */
#include <fenv.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "suite.h"

static volatile sig_atomic_t got;

static void count(int number)
{
    got++;
}

static void detail(int number, siginfo_t *info, void *context)
{
    printf("signal %d, code %d, value %d, own pid %d\n", info->si_signo, info->si_code, info->si_value.sival_int,
           info->si_pid == getpid());
}

static volatile int nesting, deepest, left;

static void nested(int number)
{
    if (++nesting > deepest)
        deepest = nesting;
    if (left-- > 0)
        raise(number);
    nesting--;
}

static char alternate[65536];

static void on_stack(int number)
{
    char here;
    stack_t now;
    sigaltstack(0, &now);
    printf("on the alternate stack: %d, flags %d\n", &here >= alternate && &here < alternate + sizeof alternate,
           now.ss_flags);
}

/* Ruins every caller-saved register that C may not touch. */
static void clobber(int number, siginfo_t *info, void *context)
{
    __asm__ volatile("li t0, -1\n li t1, -1\n li t5, -1\n fmv.d.x fa0, t0\n fmv.d.x ft3, t0\n fmv.d.x ft11, t0\n"
                     "fsflagsi 31\n fsrmi 3" ::: "t0", "t1", "t5", "fa0", "ft3", "ft11");
    got++;
}

static void install(int number, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, 0);
}

TEST(signals)
{
    sigset_t set, pending, old;
    install(SIGUSR1, count, 0);
    SHOW(raise(SIGUSR1));
    SHOW(kill(getpid(), SIGUSR1));
    SHOW(syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1));
    SHOW(got);

    /* blocked: one of the standard ones, all of the real-time ones, in order */
    struct sigaction action = {.sa_sigaction = detail, .sa_flags = SA_SIGINFO};
    sigfillset(&action.sa_mask);
    sigaction(SIGUSR2, &action, 0);
    sigaction(SIGRTMIN, &action, 0);
    sigaction(SIGRTMIN + 1, &action, 0);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigaddset(&set, SIGRTMIN);
    sigaddset(&set, SIGRTMIN + 1);
    SHOW(sigprocmask(SIG_BLOCK, &set, &old));
    SHOW(sigismember(&old, SIGUSR2));
    raise(SIGUSR2), raise(SIGUSR2);
    for (int i = 0; i < 3; i++) {
        sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 20 + i});
        sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 10 + i});
    }
    SHOW(sigpending(&pending));
    SHOW(sigismember(&pending, SIGUSR2) + 2 * sigismember(&pending, SIGUSR1));
    siginfo_t info;
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, SIGRTMIN + 1);
    SHOW(sigwaitinfo(&one, &info) == SIGRTMIN + 1);
    SHOW(info.si_value.sival_int);
    SHOW(sigprocmask(SIG_UNBLOCK, &set, 0));
    sigaddset(&one, SIGUSR2);
    SHOW_ERROR(sigtimedwait(&one, 0, &(struct timespec){0, 1000}));

    /* sigsuspend takes the signal with another mask and puts the old one back */
    got = 0;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, 0);
    raise(SIGUSR1);
    SHOW(got);
    sigemptyset(&one);
    SHOW_ERROR(sigsuspend(&one));
    SHOW(got);
    sigprocmask(SIG_SETMASK, 0, &old);
    SHOW(sigismember(&old, SIGUSR1));
    sigprocmask(SIG_UNBLOCK, &set, 0);

    /* nesting */
    install(SIGUSR1, nested, 0);
    deepest = 0, left = 3;
    raise(SIGUSR1);
    SHOW(deepest);
    install(SIGUSR1, nested, SA_NODEFER);
    deepest = 0, left = 3;
    raise(SIGUSR1);
    SHOW(deepest);
    install(SIGUSR1, count, SA_RESETHAND);
    raise(SIGUSR1);
    sigaction(SIGUSR1, 0, &action);
    SHOW(action.sa_handler == SIG_DFL);
    SHOW(signal(SIGUSR1, SIG_IGN) == SIG_DFL);
    raise(SIGUSR1);

    /* stacks */
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
    SHOW(sigaltstack(&stack, 0));
    install(SIGUSR1, on_stack, SA_ONSTACK);
    raise(SIGUSR1);
    install(SIGUSR1, on_stack, 0);
    raise(SIGUSR1);
    SHOW_ERROR(sigaltstack(&(stack_t){.ss_sp = alternate, .ss_size = 100}, 0));
    SHOW(sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, &stack));
    SHOW(stack.ss_sp == alternate && stack.ss_size == sizeof alternate);

    /* registers survive a handler */
    action.sa_sigaction = clobber;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGUSR1, &action, 0);
    long process = getpid(), thread = gettid();
    register long number __asm__("a7") = SYS_tgkill;
    register long a0 __asm__("a0") = process;
    register long a1 __asm__("a1") = thread;
    register long a2 __asm__("a2") = SIGUSR1;
    register long t0 __asm__("t0") = 1001;
    register long t5 __asm__("t5") = 1005;
    register double fa0 __asm__("fa0") = 0.75;
    register double ft11 __asm__("ft11") = -8;
    unsigned long csr = 0;
    __asm__ volatile("fsflagsi 4\n fsrmi 1\n ecall\n frcsr %0\n fscsr zero"
                     : "=&r"(csr), "+r"(a0), "+r"(t0), "+r"(t5), "+f"(fa0), "+f"(ft11)
                     : "r"(number), "r"(a1), "r"(a2) : "memory");
    printf("%ld %ld %ld %g %g fcsr %lx\n", a0, t0, t5, fa0, ft11, csr);
    return 0;
}
