/* Runtime and main loop of the benchmark programs; see bench.h. Compiled with
 * -fno-tree-loop-distribute-patterns, or GCC would turn memcpy into a call of
 * itself. Also compiles for the host (with its libc) to cross-check results. */
#include "bench.h"

#ifdef __riscv
static long call3(long number, long a, long b, long c)
{
    register long a0 __asm__("a0") = a;
    register long a1 __asm__("a1") = b;
    register long a2 __asm__("a2") = c;
    register long a7 __asm__("a7") = number;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
    return a0;
}

static void sys_write(const char *text, size_t n)
{
    call3(64, 1, (long)text, (long)n);
}

static _Noreturn void sys_exit(int status)
{
    for (;;)
        call3(93, status, 0, 0);
}

__asm__(".globl _start\n"
        "_start:\n"
        ".option push\n"
        ".option norelax\n"
        "   la gp, __global_pointer$\n"
        ".option pop\n"
        "   mv a0, sp\n"
        "   li ra, 0\n"
        "   call bench_start\n");

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    unsigned char *d = to;
    const unsigned char *s = from;
    if ((((uintptr_t)d | (uintptr_t)s) & 7) == 0)
        for (; n >= 8; n -= 8, d += 8, s += 8)
            *(uint64_t *)d = *(const uint64_t *)s;
    while (n--)
        *d++ = *s++;
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    unsigned char *d = to;
    const unsigned char *s = from;
    if ((uintptr_t)d - (uintptr_t)s >= n)
        return memcpy(to, from, n);
    while (n--)
        d[n] = s[n];
    return to;
}

void *memset(void *to, int byte, size_t n)
{
    unsigned char *d = to;
    while (n--)
        *d++ = (unsigned char)byte;
    return to;
}

size_t strlen(const char *s)
{
    const char *end = s;
    while (*end)
        end++;
    return (size_t)(end - s);
}
#else
#include <stdlib.h>
#include <unistd.h>
static void sys_write(const char *text, size_t n)
{
    if (write(1, text, n) < 0)
        _exit(2);
}
#define sys_exit _exit
#endif

static char line[160];
static size_t used;

static void put(const char *text)
{
    while (*text && used < sizeof line)
        line[used++] = *text++;
}

static void put_number(uint64_t value, unsigned base)
{
    char digits[24];
    size_t at = sizeof digits;
    digits[--at] = 0;
    do
        digits[--at] = "0123456789abcdef"[value % base];
    while (value /= base);
    put(&digits[at]);
}

static _Noreturn void run(const char *argument)
{
    uint64_t rounds = bench.rounds, sum = 0;
    int good = 1;
    if (argument) {
        rounds = 0;
        while (*argument >= '0' && *argument <= '9')
            rounds = rounds * 10 + (uint64_t)(*argument++ - '0');
    }
    bench_setup();
    for (uint64_t i = 0; i < rounds; i++) {
        sum = bench_kernel();
        good &= sum == bench.expected;
    }
    put(bench.name);
    put(": ");
    put_number(rounds, 10);
    put(" rounds, checksum 0x");
    put_number(sum, 16);
    put(good ? ", ok\n" : ", WRONG\n");
    sys_write(line, used);
    sys_exit(!good);
}

#ifdef __riscv
__attribute__((used)) static _Noreturn void bench_start(long *stack)
{
    run(stack[0] > 1 ? (const char *)stack[2] : 0);
}
#else
int main(int argc, char **argv)
{
    run(argc > 1 ? argv[1] : 0);
}
#endif
