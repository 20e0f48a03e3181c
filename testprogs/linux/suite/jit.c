/* Code written at run time: into fresh memory, over old code, on a page that
 * holds data too. */
#include <sys/mman.h>

#include "suite.h"

typedef long function(long);

static uint32_t addi_a0(int immediate) /* addi a0, a0, immediate */
{
    return (uint32_t)immediate << 20 | 10 << 15 | 10 << 7 | 0x13;
}

#define RET 0x00008067u

static void flush(void *from, void *to)
{
    __builtin___clear_cache(from, to);
}

TEST(jit)
{
    uint32_t *code = mmap(0, 16384, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    function *run = (function *)code;
    code[0] = addi_a0(1);
    code[1] = RET;
    flush(code, code + 2);
    SHOW(run(41));
    long sum = 0;
    for (int i = 0; i < 1000; i++) {
        code[0] = addi_a0(i);
        flush(code, code + 1);
        sum += run(1);
    }
    SHOW(sum);

    /* fence.i in place of the system call */
    code[0] = addi_a0(-5);
    __asm__ volatile("fence.i" ::: "memory");
    SHOW(run(5));

    /* a counter on the code's own page */
    volatile uint32_t *counter = code + 100;
    *counter = 0;
    for (int i = 0; i < 2000; i++) {
        *counter += (uint32_t)run(7);
        if (i == 1000) {
            code[0] = addi_a0(3);
            flush(code, code + 1);
        }
    }
    SHOW(*counter);

    /* a function that patches its successor: the page boundary between them */
    uint32_t *last = code + 1023;
    last[0] = addi_a0(10);
    last[1] = addi_a0(20);
    last[2] = RET;
    flush(last, last + 3);
    SHOW(((function *)last)(0));
    last[1] = addi_a0(200);
    flush(last + 1, last + 2);
    SHOW(((function *)last)(0));

    /* write, then protect, then run; unmap and map again at the same place */
    uint32_t *other = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 1; i <= 3; i++) {
        mprotect(other, 4096, PROT_READ | PROT_WRITE);
        other[0] = addi_a0(i * 100);
        other[1] = RET;
        mprotect(other, 4096, PROT_READ | PROT_EXEC);
        flush(other, other + 2);
        SHOW(((function *)other)(i));
    }
    SHOW(munmap(other, 4096));
    SHOW(mmap(other, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == other);
    other[0] = addi_a0(9);
    other[1] = RET;
    flush(other, other + 2);
    SHOW(((function *)other)(1));
    return 0;
}
