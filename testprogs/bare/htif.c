/* Proxied system calls with whole buffers, the signature region, and code that
 * shares its page with data. QEMU's HTIF writes single bytes only, so the
 * expected output of this program was written by hand. */
#include "htif.h"

static uint32_t signature[8] __attribute__((section(".signature")));

static long length(const char *s)
{
    long n = 0;
    while (s[n])
        n++;
    return n;
}

static long say(const char *text)
{
    return htif_call(64, 1, (uintptr_t)text, (uint64_t)length(text));
}

void trap(uint64_t *frame)
{
    show("unexpected trap", frame[0]);
}

/* A function that counts on its own page. */
__attribute__((naked, section(".text.counting"))) static long counting(void)
{
    __asm__("la a5, 1f\n ld a0, 0(a5)\n addi a0, a0, 1\n sd a0, 0(a5)\n ret\n .balign 8\n1: .dword 100");
}

int main(void)
{
    long written = say("a whole line through one proxied call\n");
    show("written", (uint64_t)written);
    show("bad descriptor", (uint64_t)-htif_call(64, 77, (uintptr_t)"x", 1));
    __asm__ volatile("csrw mepc, %0" :: "r"(0x80000003));
    uint64_t mepc;
    __asm__ volatile("csrr %0, mepc" : "=r"(mepc));
    show("bit 0 of mepc", mepc & 1);
    long sum = 0;
    for (int i = 0; i < 1000; i++)
        sum += counting();
    show("sum", (uint64_t)sum);
    for (uint32_t i = 0; i < 8; i++)
        signature[i] = 0x01010101u * i;
    return 42;
}
