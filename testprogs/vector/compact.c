/* Compaction: keeps the positive ones of a list of 32-bit numbers (vmsgt, vcpop,
 * vcompress), LMUL 4. Half of them are, in no order. */
#include "kernel.h"

const struct kernel kernel = {"compact", 40000, 0xd61157691b6820a5};

#define N 32768

static int32_t in[N], out[N];
static size_t kept;

void setup(void)
{
    uint64_t seed = 8;
    for (int i = 0; i < N; i++)
        in[i] = (int32_t)(bench_random(&seed) >> 32);
}

static NOINLINE size_t compact(const int32_t *in, int32_t *out, size_t n)
{
    int32_t *at = out;
#ifdef __riscv_vector
    for (size_t vl; n > 0; n -= vl, in += vl) {
        vl = __riscv_vsetvl_e32m4(n);
        vint32m4_t all = __riscv_vle32_v_i32m4(in, vl);
        vbool8_t mask = __riscv_vmsgt_vx_i32m4_b8(all, 0, vl);
        size_t count = __riscv_vcpop_m_b8(mask, vl);
        __riscv_vse32_v_i32m4(at, __riscv_vcompress_vm_i32m4(all, mask, vl), count);
        at += count;
    }
#else
    for (size_t i = 0; i < n; i++)
        if (in[i] > 0)
            *at++ = in[i];
#endif
    return (size_t)(at - out);
}

void round(void)
{
    kept = compact(in, out, N);
}

uint64_t check(void)
{
    return fold_words(kept, out, kept & ~(size_t)1);
}
