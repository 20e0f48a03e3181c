/* The runtime of the vector programs: start-up, two system calls, printing, and
 * nothing of a C library. Programs define `main`, which gets the first argument
 * or a null pointer.
 *
 * With -DBARE it starts on bare metal and writes through HTIF, as Spike has it.
 * Without RISC-V it is a layer over the host's libc, for scalar cross-checks. */
#ifndef RT_H
#define RT_H

#include "../bench/bench.h"

int vector_main(const char *argument);

/* Text to standard output; a line is written when it is complete. */
void put(const char *text);
void put_dec(uint64_t value);
void put_hex(uint64_t value);
/* Exactly `digits` hexadecimal digits. */
void put_hex_wide(uint64_t value, unsigned digits);
/* "what: " and the bytes of an array as hexadecimal, elements of `size` bytes. */
void show(const char *what, const void *elements, size_t size, size_t count);

/* Folds the bits of f32 and i32 arrays, eight bytes at a time (n even). */
uint64_t fold_words(uint64_t sum, const void *words, size_t n);

#ifdef __riscv
long call6(long number, long a, long b, long c, long d, long e, long f);
_Noreturn void finish(int status);
#endif

#endif
