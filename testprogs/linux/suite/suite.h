/* One program, many tests: `suite NAME [ARGS]` runs one of them. A static glibc
 * costs half a megabyte, so the tests share it. Every test prints what it
 * observed; the expected output is QEMU's. */
#ifndef SUITE_H
#define SUITE_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) int test_##name(int argc, char **argv)

/* Prints an expression and its value, as a number or with the error's name. */
#define SHOW(expression) printf("%s = %lld\n", #expression, (long long)(expression))
#define SHOWX(expression) printf("%s = %#llx\n", #expression, (unsigned long long)(expression))
#define SHOW_ERROR(expression)                                                   \
    do {                                                                         \
        errno = 0;                                                               \
        long long result_ = (long long)(expression);                             \
        printf("%s = %lld %s\n", #expression, result_, errno ? strerrorname_np(errno) : "ok"); \
    } while (0)

static inline uint64_t random64(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * 0x2545f4914f6cdd1dULL;
}

#endif
