/* See rt.h. Compiled without the vector extension, with -fno-builtin, or the
 * compiler would turn memcpy into a call of itself. */
#include "rt.h"

#ifdef __riscv

/* Linux takes vector state away at system calls and leaves vill behind; so does a
 * reset. clang 19 does not expect that where it moves whole registers, for which it
 * sees no need of a vsetvli. */
#ifdef THEAD
#define VALID_VTYPE ""
#else
#define VALID_VTYPE ".option push\n .option arch, +v\n vsetivli zero, 0, e8, m1, ta, ma\n .option pop\n"
#endif

#ifdef BARE
/* Names that htif.h has for its own printing. */
#define put htif_put
#define put_hex htif_put_hex
#define show htif_show
#include "../bare/htif.h"
#undef put
#undef put_hex
#undef show

__asm__(".section .text.init, \"ax\"\n"
        ".globl _start\n"
        "_start:\n"
        "   csrr a0, mhartid\n"
        "   bnez a0, .\n"
        "   la t0, trap\n"
        "   csrw mtvec, t0\n"
        "   li t0, 0x2200\n" /* mstatus: FS and VS = Initial */
        "   csrs mstatus, t0\n"
        "   la sp, stack_top\n"
        "   la t0, bss_start\n"
        "   la t1, bss_end\n"
        "1: bgeu t0, t1, 2f\n"
        "   sd zero, 0(t0)\n"
        "   addi t0, t0, 8\n"
        "   j 1b\n"
        "2:\n" VALID_VTYPE
        "   call start\n"
        "   .align 2\n"
        "trap: li a0, 3\n"
        "   call finish\n"
        "   .text\n"
        "   .section .tohost, \"aw\", @progbits\n"
        "   .align 6\n"
        "   .globl tohost\n"
        "tohost: .dword 0\n"
        "   .align 6\n"
        "   .globl fromhost\n"
        "fromhost: .dword 0\n"
        "   .text\n");

_Noreturn void finish(int status)
{
    for (;;)
        tohost = (uint64_t)status << 1 | 1;
}

static void sys_write(const char *text, size_t n)
{
    htif_call(64, 1, (uintptr_t)text, n);
}

/* The arguments after the program's name on Spike's command line come through the
 * proxied call `getmainvars`: argc, then argv. */
__attribute__((used)) static _Noreturn void start(void)
{
    static uint64_t block[64];
    const char *argument = 0;
    if (htif_call(2011, (uintptr_t)block, sizeof block, 0) == 0 && block[0] > 1)
        argument = (const char *)block[2];
    finish(vector_main(argument));
}

#else

__asm__(".globl _start\n"
        "_start:\n"
        "   mv a0, sp\n"
        "   li ra, 0\n" VALID_VTYPE
        "   call start\n");

long call6(long number, long a, long b, long c, long d, long e, long f)
{
    register long a0 __asm__("a0") = a;
    register long a1 __asm__("a1") = b;
    register long a2 __asm__("a2") = c;
    register long a3 __asm__("a3") = d;
    register long a4 __asm__("a4") = e;
    register long a5 __asm__("a5") = f;
    register long a7 __asm__("a7") = number;
    __asm__ volatile("ecall\n" VALID_VTYPE : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7) : "memory");
    return a0;
}

_Noreturn void finish(int status)
{
    for (;;)
        call6(93, status, 0, 0, 0, 0, 0);
}

static void sys_write(const char *text, size_t n)
{
    call6(64, 1, (long)text, (long)n, 0, 0, 0);
}

__attribute__((used)) static _Noreturn void start(long *stack)
{
    finish(vector_main(stack[0] > 1 ? (const char *)stack[2] : 0));
}
#endif

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    unsigned char *d = to;
    const unsigned char *s = from;
    while (n--)
        *d++ = *s++;
    return to;
}

void *memset(void *to, int byte, size_t n)
{
    unsigned char *d = to;
    while (n--)
        *d++ = (unsigned char)byte;
    return to;
}

#else
#include <unistd.h>
static void sys_write(const char *text, size_t n)
{
    if (write(1, text, n) < 0)
        _exit(2);
}

int main(int argc, char **argv)
{
    return vector_main(argc > 1 ? argv[1] : 0);
}
#endif

static char line[512];
static size_t used;

void put(const char *text)
{
    for (; *text; text++) {
        line[used++] = *text;
        if (*text == '\n' || used == sizeof line) {
            sys_write(line, used);
            used = 0;
        }
    }
}

void put_dec(uint64_t value)
{
    char digits[24];
    size_t at = sizeof digits;
    digits[--at] = 0;
    do
        digits[--at] = (char)('0' + value % 10);
    while (value /= 10);
    put(&digits[at]);
}

void put_hex_wide(uint64_t value, unsigned digits)
{
    char text[17];
    text[digits] = 0;
    for (; digits; value >>= 4)
        text[--digits] = "0123456789abcdef"[value & 15];
    put(text);
}

void put_hex(uint64_t value)
{
    unsigned digits = 1;
    while (digits < 16 && value >> 4 * digits)
        digits++;
    put("0x");
    put_hex_wide(value, digits);
}

void show(const char *what, const void *elements, size_t size, size_t count)
{
    const unsigned char *bytes = elements;
    put(what);
    put(":");
    for (size_t i = 0; i < count; i++) {
        put(" ");
        for (size_t k = size; k--;)
            put_hex_wide(bytes[i * size + k], 2);
    }
    put("\n");
}

uint64_t fold_words(uint64_t sum, const void *words, size_t n)
{
    const uint32_t *w = words;
    for (size_t i = 0; i < n; i += 2)
        sum = bench_fold(sum, w[i] | (uint64_t)w[i + 1] << 32);
    return sum;
}
