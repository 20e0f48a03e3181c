/* The host interface of Spike and riscv-tests: exit and system calls through the
 * words `tohost` and `fromhost`, and a little printing on top. */
#ifndef HTIF_H
#define HTIF_H

#include <stdint.h>

extern volatile uint64_t tohost, fromhost;

/* A system call that the host carries out (numbers and arguments as on Linux). */
static inline int64_t htif_call(uint64_t number, uint64_t a, uint64_t b, uint64_t c)
{
    static volatile uint64_t block[8] __attribute__((aligned(64)));
    block[0] = number;
    block[1] = a;
    block[2] = b;
    block[3] = c;
    __sync_synchronize();
    tohost = (uintptr_t)block;
    while (fromhost == 0)
        ;
    fromhost = 0;
    __sync_synchronize();
    return (int64_t)block[0];
}

static inline void put_char(char c)
{
    static volatile char cell;
    cell = c;
    htif_call(64, 1, (uintptr_t)&cell, 1);
}

static inline void put(const char *text)
{
    while (*text)
        put_char(*text++);
}

static inline void put_hex(uint64_t value)
{
    int shift = 60;
    put("0x");
    while (shift > 0 && value >> shift == 0)
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        put_char("0123456789abcdef"[value >> shift & 15]);
}

static inline void show(const char *what, uint64_t value)
{
    put(what);
    put(" = ");
    put_hex(value);
    put("\n");
}

#endif
