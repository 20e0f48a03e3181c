/* Ways to end: the exit status is the test. */
#include <signal.h>
#include <unistd.h>

#include "suite.h"

static void goodbye(void)
{
    printf("atexit\n");
}

__attribute__((destructor)) static void destructor(void)
{
    if (getenv("GUEST_DESTRUCTOR"))
        printf("destructor\n");
}

static int recurse(int n)
{
    volatile char area[1 << 12];
    area[0] = (char)n;
    return recurse(n + 1) + area[0];
}

TEST(die)
{
    const char *how = argc > 1 ? argv[1] : "";
    printf("before\n");
    fflush(stdout);
    if (strcmp(how, "exit") == 0) {
        atexit(goodbye);
        exit(atoi(argv[2]));
    }
    if (strcmp(how, "_exit") == 0) {
        printf("lost");
        _exit(300);
    }
    if (strcmp(how, "abort") == 0)
        abort();
    if (strcmp(how, "segv") == 0)
        *(volatile int *)0x10 = 1;
    if (strcmp(how, "jump") == 0)
        ((void (*)(void))0x2340)();
    if (strcmp(how, "illegal") == 0)
        __asm__ volatile(".4byte 0xffffffff");
    if (strcmp(how, "break") == 0)
        __asm__ volatile("ebreak");
    if (strcmp(how, "kill") == 0)
        kill(getpid(), SIGKILL);
    if (strcmp(how, "term") == 0)
        raise(SIGTERM);
    if (strcmp(how, "pipe") == 0) {
        int ends[2];
        if (pipe(ends) == 0 && close(ends[0]) == 0 && write(ends[1], "x", 1) < 0)
            printf("survived\n");
    }
    if (strcmp(how, "overflow") == 0)
        return recurse(0);
    if (strcmp(how, "check") == 0) {
        signal(SIGCHLD, SIG_DFL);
        raise(SIGCHLD); /* ignored by default */
        printf("still here\n");
    }
    return 3;
}
