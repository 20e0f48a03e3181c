/* int8 matrix times vector: XTheadVdot's multiply-accumulate adds the products of
 * four bytes to each 32-bit sum. Signed bytes, unsigned ones and mixed ones in turn;
 * one matrix of three has its rows scaled by four bytes in an integer register.
 *
 * clang knows the instructions; gcc 14 and binutils 2.44 do not, so that the words are
 * put together here. */
#include "../vector/kernel.h"

const struct kernel kernel = {"dot", 2000, 0x6e531be36fc9253e};

#define ROWS 64
#define N 1372 /* bytes in a row: 343 elements, an odd number */

static uint8_t a[ROWS][N] __attribute__((aligned(4))), b[N] __attribute__((aligned(4)));
static int32_t out[4][ROWS];

#define SCALE 0x81037ff5u /* -11, 127, 3, -127 */

void setup(void)
{
    uint64_t seed = 11;
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < N; j++)
            a[i][j] = (uint8_t)(bench_random(&seed) >> 56);
    for (int j = 0; j < N; j++)
        b[j] = (uint8_t)(bench_random(&seed) >> 56);
}

#ifdef __riscv_vector
#ifdef __clang__
#define WORD(name, funct6) #name " %[sum], %[one], %[two]"
#else
#define WORD(name, funct6) \
    ".word 0x0200600b | " #funct6 " << 26 | number_%[two] << 20 | number_%[one] << 15 | number_%[sum] << 7"
#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) \
    X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31)
#define NUMBER(n) ".set number_v" #n ", " #n "\n"
__asm__(EACH(NUMBER)
        ".set number_a0, 10\n.set number_a1, 11\n.set number_a2, 12\n.set number_a3, 13\n.set number_a4, 14\n"
        ".set number_a5, 15\n.set number_a6, 16\n.set number_a7, 17\n.set number_t0, 5\n.set number_t1, 6\n"
        ".set number_t2, 7\n.set number_t3, 28\n.set number_t4, 29\n.set number_t5, 30\n.set number_t6, 31\n");
#endif

#ifdef __riscv_xtheadvector
#define SETTING "th.vsetvli zero, %[vl], e32, m4\n"
#else
#define SETTING "vsetvli zero, %[vl], e32, m4, tu, ma\n"
#endif

/* Not masked; the sum apart from the sources. */
#define VMAQA(function, name, funct6, type, constraint)                                        \
    static inline vint32m4_t function(vint32m4_t sum, type one, vint32m4_t two, size_t vl)     \
    {                                                                                          \
        __asm__(SETTING WORD(name, funct6)                                                     \
                : [sum] "+&vr"(sum) : [one] constraint(one), [two] "vr"(two), [vl] "r"(vl)     \
                : "vl", "vtype");                                                              \
        return sum;                                                                            \
    }
VMAQA(vmaqa_vv, th.vmaqa.vv, 0x20, vint32m4_t, "vr")
VMAQA(vmaqau_vv, th.vmaqau.vv, 0x22, vint32m4_t, "vr")
VMAQA(vmaqasu_vv, th.vmaqasu.vv, 0x24, vint32m4_t, "vr")
VMAQA(vmaqa_vx, th.vmaqa.vx, 0x21, uint32_t, "r")

static NOINLINE void dot(const uint8_t *row, int32_t *results)
{
    size_t all = __riscv_vsetvl_e32m4(N / 4), vl = N / 4 % all ? N / 4 % all : all;
    vint32m4_t zero = __riscv_vmv_v_x_i32m4(0, all);
    vint32m4_t s = zero, u = zero, su = zero, sx = zero;
    const int32_t *x = (const int32_t *)row, *y = (const int32_t *)b;
    /* The short strip first: its tail may become zero. */
    for (size_t j = 0; j < N / 4; j += vl, vl = all) {
        vint32m4_t vx = __riscv_vle32_v_i32m4(&x[j], vl), vy = __riscv_vle32_v_i32m4(&y[j], vl);
        s = vmaqa_vv(s, vx, vy, vl);
        u = vmaqau_vv(u, vx, vy, vl);
        su = vmaqasu_vv(su, vx, vy, vl);
        sx = vmaqa_vx(sx, SCALE, vx, vl);
    }
    vint32m1_t none = __riscv_vmv_v_x_i32m1(0, __riscv_vsetvlmax_e32m1());
    results[0] = __riscv_vmv_x_s_i32m1_i32(__riscv_vredsum_vs_i32m4_i32m1(s, none, same_vl(all)));
    results[ROWS] = __riscv_vmv_x_s_i32m1_i32(__riscv_vredsum_vs_i32m4_i32m1(u, none, same_vl(all)));
    results[2 * ROWS] = __riscv_vmv_x_s_i32m1_i32(__riscv_vredsum_vs_i32m4_i32m1(su, none, same_vl(all)));
    results[3 * ROWS] = __riscv_vmv_x_s_i32m1_i32(__riscv_vredsum_vs_i32m4_i32m1(sx, none, same_vl(all)));
}
#else
static NOINLINE void dot(const uint8_t *row, int32_t *results)
{
    int32_t s = 0, u = 0, su = 0, sx = 0;
    for (int j = 0; j < N; j++) {
        s += (int8_t)row[j] * (int8_t)b[j];
        u += row[j] * b[j];
        su += (int8_t)row[j] * b[j];
        sx += (int8_t)(SCALE >> j % 4 * 8) * (int8_t)row[j];
    }
    results[0] = s;
    results[ROWS] = u;
    results[2 * ROWS] = su;
    results[3 * ROWS] = sx;
}
#endif

void round(void)
{
    for (int i = 0; i < ROWS; i++)
        dot(a[i], &out[0][i]);
}

uint64_t check(void)
{
    return fold_words(0, out, 4 * ROWS);
}
