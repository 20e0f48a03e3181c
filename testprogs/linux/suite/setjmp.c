/* Non-local jumps: registers, signal masks, and contexts of one's own stack. */
#include <setjmp.h>
#include <signal.h>
#include <ucontext.h>

#include "suite.h"

static jmp_buf outer;
static sigjmp_buf from_signal;

static void __attribute__((noinline)) deep(int n)
{
    if (n == 0)
        longjmp(outer, 42);
    deep(n - 1);
    __asm__ volatile("" ::: "memory"); /* no tail call */
}

/* Values kept in callee-saved registers across the jump. */
static void registers(void)
{
    register long a __asm__("s3") = 1111;
    register long b __asm__("s11") = 2222;
    register double x __asm__("fs2") = 0.5;
    register double y __asm__("fs11") = -3.25;
    __asm__ volatile("" : "+r"(a), "+r"(b), "+f"(x), "+f"(y));
    int value = setjmp(outer);
    __asm__ volatile("" : "+r"(a), "+r"(b), "+f"(x), "+f"(y));
    printf("setjmp %d: %ld %ld %g %g\n", value, a, b, x, y);
    if (value == 0)
        deep(200);
}

static void on_signal(int number)
{
    siglongjmp(from_signal, number);
}

static ucontext_t main_context, coroutine;
static char coroutine_stack[32768];

static void generate(int first, int step)
{
    for (int i = 0; i < 4; i++) {
        printf("coroutine yields %d\n", first + i * step);
        swapcontext(&coroutine, &main_context);
    }
}

TEST(setjmp)
{
    registers();
    volatile int count = 0;
    if (setjmp(outer) < 3 && count < 3) {
        count++;
        longjmp(outer, count == 2 ? 0 : count);
    }
    SHOW(count);

    sigset_t now;
    signal(SIGUSR1, on_signal);
    for (volatile int save = 0; save < 2; save++) {
        sigemptyset(&now);
        sigprocmask(SIG_SETMASK, &now, 0);
        int value = sigsetjmp(from_signal, save);
        if (value == 0)
            raise(SIGUSR1);
        sigprocmask(SIG_SETMASK, 0, &now);
        printf("sigsetjmp(%d): %d, SIGUSR1 blocked: %d\n", save, value, sigismember(&now, SIGUSR1));
    }

    getcontext(&coroutine);
    coroutine.uc_stack.ss_sp = coroutine_stack;
    coroutine.uc_stack.ss_size = sizeof coroutine_stack;
    coroutine.uc_link = &main_context;
    makecontext(&coroutine, (void (*)(void))generate, 2, 10, 5);
    for (int i = 0; i < 5; i++) {
        swapcontext(&main_context, &coroutine);
        printf("back in main\n");
    }
    return 0;
}
